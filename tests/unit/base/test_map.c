#include "unit.h"

#include "base/map.h"

static void keeps_what_was_set(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)16 * 1024 * 1024);
    struct map map;
    map_init(&map, &arena);
    assert_null(map_get(&map, STR("a")));
    enum { ENTRIES = 10000 };
    static int values[ENTRIES];
    for (int i = 0; i < ENTRIES; i++) {
        map_set(&map, arena_format(&arena, "key-%d", i), &values[i]);
    }
    assert_int_equal(map.count, ENTRIES);
    for (int i = 0; i < ENTRIES; i++) {
        assert_ptr_equal(map_get(&map, arena_format(&arena, "key-%d", i)), &values[i]);
    }
    assert_null(map_get(&map, STR("key-10000")));
    assert_null(map_get(&map, STR("")));
}

static void replaces(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)1024 * 1024);
    struct map map;
    map_init(&map, &arena);
    int first;
    int second;
    map_set(&map, STR(""), &first);
    map_set(&map, STR(""), &second);
    map_set(&map, STR("a\0b"), &first);
    assert_int_equal(map.count, 2);
    assert_ptr_equal(map_get(&map, STR("")), &second);
    assert_ptr_equal(map_get(&map, STR("a\0b")), &first);
    assert_null(map_get(&map, STR("a\0c")));
}

UNIT_TESTS(TEST(keeps_what_was_set), TEST(replaces))
