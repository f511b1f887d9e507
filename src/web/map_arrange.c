#include "web/map.h"

#include <math.h>

#define MARGIN 18.0       /* around what is shown */
#define LEFT_OF_IT 1      /* of the places for a label */
#define GAP 3.0           /* between two markers, and between a marker and its label */
#define ROUNDS 400        /* of pushing apart; a few dozen markers settle long before */
#define PULL 0.02         /* of the way back to its place, each round */
#define LABEL_HEIGHT 20.0 /* of one line */

struct map_frame map_frame_of(double west, double south, double east, double north)
{
    double middle = (south + north) / 2.0 * M_PI / 180.0;
    double squeeze = cos(middle);
    double scale = (MAP_WIDTH - 2 * MARGIN) / ((east - west) * squeeze);

    return (struct map_frame){
        .west = west - MARGIN / (scale * squeeze),
        .north = north + MARGIN / scale,
        .x_scale = scale * squeeze,
        .y_scale = scale,
        .height = (north - south) * scale + 2 * MARGIN,
    };
}

double map_x(const struct map_frame *frame, double lon)
{
    return (lon - frame->west) * frame->x_scale;
}

double map_y(const struct map_frame *frame, double lat)
{
    return (frame->north - lat) * frame->y_scale;
}

/* ---- room for markers ---- */

/* Moves both half of what they overlap; true when they did. Two at the very same place part sideways. */
static bool push_apart(struct map_marker *a, struct map_marker *b)
{
    double dx = b->x - a->x;
    double dy = b->y - a->y;
    double distance = hypot(dx, dy);
    double lacking = a->radius + b->radius + GAP - distance;

    if (lacking <= 0) {
        return false;
    }
    if (distance < 0.001) {
        dx = 1;
        dy = 0;
        distance = 1;
    }
    a->x -= dx / distance * lacking / 2;
    a->y -= dy / distance * lacking / 2;
    b->x += dx / distance * lacking / 2;
    b->y += dy / distance * lacking / 2;
    return true;
}

static void spread(struct map_marker *markers, size_t count)
{
    bool moved = true;

    for (int round = 0; moved && round < ROUNDS; round++) {
        moved = false;
        for (size_t i = 0; i < count && round < ROUNDS / 2; i++) {
            markers[i].x += (markers[i].at_x - markers[i].x) * PULL;
            markers[i].y += (markers[i].at_y - markers[i].y) * PULL;
        }
        for (size_t i = 0; i < count; i++) {
            for (size_t k = i + 1; k < count; k++) {
                moved = push_apart(&markers[i], &markers[k]) || moved;
            }
        }
    }
}

/* ---- room for labels ---- */

struct box {
    double left, top, right, bottom;
};

static bool boxes_meet(struct box a, struct box b)
{
    return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

static struct box marker_box(const struct map_marker *marker)
{
    return (struct box){marker->x - marker->radius, marker->y - marker->radius, marker->x + marker->radius,
                        marker->y + marker->radius};
}

static struct box label_box(const struct map_marker *marker, double left, double middle)
{
    return (struct box){left, middle - LABEL_HEIGHT / 2, left + marker->label_width, middle + LABEL_HEIGHT / 2};
}

static bool is_free(const struct map_marker *markers, size_t count, size_t own, struct box box)
{
    if (box.left < 0 || box.right > MAP_WIDTH) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        bool label = markers[i].has_label && i != own;
        if (i != own && boxes_meet(box, marker_box(&markers[i]))) {
            return false;
        }
        if (label && boxes_meet(box, label_box(&markers[i], markers[i].label_x, markers[i].label_y))) {
            return false;
        }
    }
    return true;
}

static void place_label(struct map_marker *markers, size_t count, size_t own)
{
    struct map_marker *marker = &markers[own];
    double away = marker->radius + GAP;
    double centred = marker->x - marker->label_width / 2;
    const double places[][2] = {
        {marker->x + away, marker->y},
        {marker->x - away - marker->label_width, marker->y},
        {centred, marker->y - away - LABEL_HEIGHT / 2},
        {centred, marker->y + away + LABEL_HEIGHT / 2},
    };

    for (size_t p = 0; marker->label_width > 0 && p < sizeof places / sizeof places[0]; p++) {
        if (is_free(markers, count, own, label_box(marker, places[p][0], places[p][1]))) {
            marker->label_x = places[p][0];
            marker->label_y = places[p][1];
            marker->has_label = true;
            marker->label_ends = p == LEFT_OF_IT;
            return;
        }
    }
}

void map_arrange(struct map_marker *markers, size_t count, double height)
{
    for (size_t i = 0; i < count; i++) {
        markers[i].x = markers[i].at_x;
        markers[i].y = markers[i].at_y;
        markers[i].has_label = false;
    }
    spread(markers, count);
    for (size_t i = 0; i < count; i++) {
        double radius = markers[i].radius;
        markers[i].x = fmin(fmax(markers[i].x, radius), MAP_WIDTH - radius);
        markers[i].y = fmin(fmax(markers[i].y, radius), height - radius);
    }
    for (size_t i = 0; i < count; i++) {
        place_label(markers, count, i);
    }
}
