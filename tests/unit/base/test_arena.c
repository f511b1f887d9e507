#include "unit.h"

#include "base/arena.h"

static bool is_zero(const unsigned char *ptr, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (ptr[i] != 0) {
            return false;
        }
    }
    return true;
}

static void gives_zeroed_aligned_memory_of_any_size(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)64 * 1024 * 1024);
    for (int round = 0; round < 2; round++) {
        for (size_t size = 0; size < 70000; size = size * 3 / 2 + 1) {
            unsigned char *ptr = arena_alloc(&arena, size);
            assert_int_equal((uintptr_t)ptr % _Alignof(max_align_t), 0);
            assert_true(is_zero(ptr, size));
            memset(ptr, 0xab, size);
            arena_copy(&arena, STR("x")); /* leaves the next piece unaligned */
        }
        arena_reset(&arena);
        assert_int_equal(arena.used_bytes, 0);
    }
}

static void pieces_do_not_overlap(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)8 * 1024 * 1024);
    enum { PIECES = 500 };
    unsigned char *pieces[PIECES];
    for (size_t i = 0; i < PIECES; i++) {
        pieces[i] = arena_alloc(&arena, i * 7);
        memset(pieces[i], (int)(i % 251), i * 7);
    }
    for (size_t i = 0; i < PIECES; i++) {
        for (size_t j = 0; j < i * 7; j++) {
            assert_int_equal(pieces[i][j], i % 251);
        }
    }
}

static void empty_pieces_are_distinct(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, 1024);
    assert_ptr_not_equal(arena_alloc(&arena, 0), arena_alloc(&arena, 0));
}

static void copies_end_with_nul(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)1024 * 1024);
    struct str copy = arena_copy(&arena, STR("a\0b"));
    assert_int_equal(copy.len, 3);
    assert_memory_equal(copy.ptr, "a\0b", 4);
    copy = arena_copy(&arena, str_make(NULL, 0));
    assert_string_equal(copy.ptr, "");
    struct str whole = arena_concat(&arena, 4, STR("ab"), STR(""), str_make(NULL, 0), STR("cd"));
    assert_string_equal(whole.ptr, "abcd");
    assert_int_equal(whole.len, 4);
    assert_string_equal(arena_concat(&arena, 0).ptr, "");
}

static void formats_of_any_length(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)1024 * 1024);
    assert_str(arena_format(&arena, "%d-%s", 7, "x"), "7-x");
    for (int width = 250; width < 262; width++) {
        struct str text = arena_format(&arena, "%*d", width, 5);
        assert_int_equal(text.len, width);
        assert_int_equal(strlen(text.ptr), width);
        assert_int_equal(text.ptr[width - 1], '5');
    }
}

static void a_large_piece_does_not_waste_the_first_block(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)64 * 1024 * 1024);
    arena_alloc(&arena, 16);
    struct arena_block *first = arena.block;
    arena_alloc(&arena, (size_t)4 * 1024 * 1024);
    assert_ptr_equal(arena.block, first);
}

static void reset_keeps_one_block(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)64 * 1024 * 1024);
    void *large = arena_alloc(&arena, (size_t)4 * 1024 * 1024);
    arena_alloc(&arena, 100000);
    arena_reset(&arena);
    /* The largest block serves the next round. */
    assert_ptr_equal(arena_alloc(&arena, (size_t)4 * 1024 * 1024), large);
    arena_free(&arena);
    assert_null(arena.block);
    assert_non_null(arena_alloc(&arena, 1));
}

static void go_over_the_maximum(void)
{
    ARENA_AUTO arena;
    arena_init(&arena, 1000);
    arena_alloc(&arena, 600);
    arena_alloc(&arena, 401);
}

static void overflow_an_array(void)
{
    ARENA_AUTO arena;
    arena_init(&arena, SIZE_MAX);
    arena_alloc_array(&arena, SIZE_MAX / 2, 3);
}

static void ask_for_the_address_space(void)
{
    ARENA_AUTO arena;
    arena_init(&arena, SIZE_MAX);
    volatile size_t size = SIZE_MAX - 8; /* the compiler would see that nobody can have it */
    arena_alloc(&arena, size);
}

static void ends_the_process_beyond_its_maximum(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, 1000);
    arena_alloc(&arena, 600);
    arena_alloc(&arena, 400); /* exactly full */
    assert_int_equal(arena.used_bytes, 1000);
    assert_aborts(go_over_the_maximum);
    assert_aborts(overflow_an_array);
    assert_aborts(ask_for_the_address_space);
}

UNIT_TESTS(TEST(gives_zeroed_aligned_memory_of_any_size), TEST(pieces_do_not_overlap), TEST(empty_pieces_are_distinct),
           TEST(copies_end_with_nul), TEST(formats_of_any_length), TEST(a_large_piece_does_not_waste_the_first_block),
           TEST(reset_keeps_one_block), TEST(ends_the_process_beyond_its_maximum))
