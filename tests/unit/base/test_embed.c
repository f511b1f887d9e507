#include "unit.h"

#include "base/embed.h"

static void table_is_sorted_and_unique(void **state)
{
    (void)state;
    for (size_t i = 1; i < embedded_file_count; i++) {
        assert_true(strcmp(embedded_files[i - 1].path, embedded_files[i].path) < 0);
    }
}

static void every_file_is_found_by_its_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < embedded_file_count; i++) {
        assert_ptr_equal(embed_find(embedded_files[i].path), &embedded_files[i]);
        assert_int_equal(embedded_files[i].data[embedded_files[i].size], 0);
    }
}

static void unknown_paths_are_not_found(void **state)
{
    (void)state;
    assert_null(embed_find(""));
    assert_null(embed_find("model"));
    assert_null(embed_find("no/such/file"));
    assert_null(embed_next("no/such/folder", NULL));
}

static void walking_everything_meets_every_file_once(void **state)
{
    (void)state;
    size_t met = 0;
    for (const struct embedded_file *file = embed_next("", NULL); file; file = embed_next("", file)) {
        assert_ptr_equal(file, &embedded_files[met]);
        met++;
    }
    assert_int_equal(met, embedded_file_count);
}

static void walking_a_folder_meets_what_lies_in_it(void **state)
{
    (void)state;
    size_t expected = 0;
    for (size_t i = 0; i < embedded_file_count; i++) {
        expected += strncmp(embedded_files[i].path, "model/", 6) == 0;
    }
    size_t met = 0;
    for (const struct embedded_file *file = embed_next("model", NULL); file; file = embed_next("model", file)) {
        assert_true(strncmp(file->path, "model/", 6) == 0);
        met++;
    }
    assert_int_equal(met, expected);
}

UNIT_TESTS(TEST(table_is_sorted_and_unique), TEST(every_file_is_found_by_its_path), TEST(unknown_paths_are_not_found),
           TEST(walking_everything_meets_every_file_once), TEST(walking_a_folder_meets_what_lies_in_it))
