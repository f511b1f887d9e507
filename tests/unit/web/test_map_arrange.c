#include "unit.h"

#include "web/map.h"

#include <math.h>

static struct map_marker marker(double x, double y, double radius, double label_width)
{
    return (struct map_marker){.at_x = x, .at_y = y, .radius = radius, .label_width = label_width};
}

static void degrees_become_units_true_to_scale(void **state)
{
    struct map_frame frame = map_frame_of(139.0, 35.0, 141.0, 37.0);
    double width = map_x(&frame, 141.0) - map_x(&frame, 139.0);
    double height = map_y(&frame, 35.0) - map_y(&frame, 37.0);

    (void)state;
    assert_near(width / height, cos(36.0 * M_PI / 180.0), 1e-9);
    assert_near(map_x(&frame, 139.0), MAP_WIDTH - map_x(&frame, 141.0), 1e-9); /* the same margin on both sides */
    assert_near(map_y(&frame, 37.0), frame.height - map_y(&frame, 35.0), 1e-9);
}

static void what_is_far_apart_stays_where_it_is(void **state)
{
    struct map_marker markers[] = {marker(100, 100, 15, 0), marker(200, 300, 15, 0)};

    (void)state;
    map_arrange(markers, 2, 700);
    assert_near(markers[0].x, 100, 1e-9);
    assert_near(markers[1].y, 300, 1e-9);
}

static void neighbours_are_pushed_apart(void **state)
{
    struct map_marker markers[] = {marker(300, 300, 15, 0), marker(304, 302, 15, 0), marker(300, 300, 7, 0),
                                   marker(298, 305, 7, 0)};

    (void)state;
    map_arrange(markers, 4, 700);
    for (size_t i = 0; i < 4; i++) {
        for (size_t k = i + 1; k < 4; k++) {
            double distance = hypot(markers[i].x - markers[k].x, markers[i].y - markers[k].y);
            assert_true(distance >= markers[i].radius + markers[k].radius);
        }
        assert_true(hypot(markers[i].x - 300, markers[i].y - 300) < 60); /* still near its place */
    }
}

static void markers_stay_on_the_map(void **state)
{
    struct map_marker markers[] = {marker(2, 3, 15, 0), marker(MAP_WIDTH - 1, 699, 15, 0)};

    (void)state;
    map_arrange(markers, 2, 700);
    assert_near(markers[0].x, 15, 1e-9);
    assert_near(markers[1].y, 685, 1e-9);
}

static void labels_stand_where_there_is_room(void **state)
{
    struct map_marker alone[] = {marker(100, 100, 15, 80)};
    struct map_marker edge[] = {marker(600, 100, 15, 80)};
    struct map_marker between[] = {marker(300, 100, 15, 80), marker(350, 100, 15, 0), marker(250, 100, 15, 0)};
    struct map_marker below[] = {between[0], between[1], between[2], marker(300, 65, 15, 0)};
    struct map_marker nowhere[] = {below[0], below[1], below[2], below[3], marker(300, 135, 15, 0)};

    (void)state;
    map_arrange(alone, 1, 700);
    assert_true(alone[0].has_label && alone[0].label_x > 115);
    map_arrange(edge, 1, 700);
    assert_true(edge[0].has_label && edge[0].label_x + 80 < 585);
    map_arrange(between, 3, 700);
    assert_true(between[0].has_label && between[0].label_y < 85);
    assert_near(between[0].label_x + 40, 300, 1e-9);
    map_arrange(below, 4, 700);
    assert_true(below[0].has_label && below[0].label_y > 115);
    map_arrange(nowhere, 5, 700);
    assert_false(nowhere[0].has_label);
}

UNIT_TESTS(TEST(degrees_become_units_true_to_scale), TEST(what_is_far_apart_stays_where_it_is),
           TEST(neighbours_are_pushed_apart), TEST(markers_stay_on_the_map), TEST(labels_stand_where_there_is_room))
