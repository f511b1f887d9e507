#include "unit.h"

#include "web/map_group.h"

static void near_ones_become_a_group(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, 1 << 20);
    struct map_spot spots[] = {{1, 1, 1, 0}, {9, 9, 1, 0}, {11, 1, 1, 0}, {5, 5, 2, 0}};
    struct map_group *groups;

    assert_int_equal(map_group(spots, 4, 10, 10, &arena, &groups), 3);
    assert_int_equal(groups[0].count, 2);
    assert_near(groups[0].x, 5, 1e-12);
    assert_near(groups[0].y, 5, 1e-12);
    assert_int_equal(spots[1].group, 0);
    assert_int_equal(spots[2].group, 1);
    assert_int_equal(spots[3].group, 2);
    assert_int_equal(groups[2].layer, 2);
}

/* However many there are, no more than `most` come out, and none is lost. */
static void squares_grow_until_there_are_few(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, 8 << 20);
    struct map_spot spots[400];
    struct map_group *groups;
    size_t sum = 0;

    for (size_t i = 0; i < 400; i++) {
        spots[i] = (struct map_spot){(double)(i % 20) * 30, (double)i / 20 * 30, 1, 0};
    }
    size_t count = map_group(spots, 400, 10, 25, &arena, &groups);
    assert_true(count > 1 && count <= 25);
    for (size_t g = 0; g < count; g++) {
        sum += groups[g].count;
    }
    assert_int_equal(sum, 400);
}

static void nothing_gives_nothing(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, 1 << 20);
    struct map_group *groups;

    assert_int_equal(map_group(NULL, 0, 10, 10, &arena, &groups), 0);
}

UNIT_TESTS(TEST(near_ones_become_a_group), TEST(squares_grow_until_there_are_few), TEST(nothing_gives_nothing))
