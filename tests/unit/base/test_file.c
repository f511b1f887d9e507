#include "unit.h"

#include "base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/resource.h>
#include <sys/stat.h>

static char root[] = "/tmp/musubi-unit-file.XXXXXX";

static const char *in_root(struct arena *arena, const char *path)
{
    return arena_format(arena, "%s/%s", root, path).ptr;
}

static size_t count_entries(const char *folder)
{
    size_t count = 0;
    DIR *stream = opendir(folder);
    while (stream && readdir(stream)) {
        count++;
    }
    if (stream) {
        closedir(stream);
    }
    return count - 2;
}

static void writes_and_reads(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)1024 * 1024);
    struct err err;
    struct str content;
    const char *folder = in_root(&arena, "a/b/c");
    assert_int_equal(file_make_folders(folder, &err), 0);
    assert_int_equal(file_make_folders(folder, &err), 0);
    const char *path = in_root(&arena, "a/b/c/file");
    assert_false(file_exists(path));
    assert_int_equal(file_write_atomically(path, STR("one\0two"), &err), 0);
    assert_true(file_exists(path));
    assert_int_equal(file_read(&arena, path, 7, &content, &err), 0);
    assert_str(content, "one\0two");
    assert_int_equal(content.ptr[content.len], 0);
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(file_write_atomically(path, STR(""), &err), 0);
    assert_int_equal(file_read(&arena, path, 7, &content, &err), 0);
    assert_str(content, "");
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(count_entries(folder), 1);
}

static void reading_fails_with_the_reason(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)1024 * 1024);
    struct err err;
    struct str content = STR("untouched");
    assert_int_equal(file_read(&arena, in_root(&arena, "missing"), 10, &content, &err), -1);
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_int_equal(file_read(&arena, root, 10, &content, &err), -1);
    assert_int_equal(err.code, ERR_INVALID);
    const char *path = in_root(&arena, "large");
    assert_int_equal(file_write_atomically(path, STR("12345"), &err), 0);
    assert_int_equal(file_read(&arena, path, 4, &content, &err), -1);
    assert_int_equal(err.code, ERR_LIMIT);
    assert_true(str_ends_with(str_from_cstr(err.message), STR("/large: has 5 bytes, at most 4 are allowed")));
    const char *pipe_path = in_root(&arena, "pipe");
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    assert_int_equal(file_read(&arena, pipe_path, 4, &content, &err), -1);
    assert_int_equal(err.code, ERR_INVALID);
    char path_too_long[6000];
    memset(path_too_long, 'x', sizeof(path_too_long));
    path_too_long[sizeof(path_too_long) - 1] = '\0';
    assert_int_equal(file_read(&arena, path_too_long, 4, &content, &err), -1);
    assert_int_equal(err.code, ERR_LIMIT);
    assert_int_equal(file_write_atomically(path_too_long, STR("x"), &err), -1);
    assert_int_equal(err.code, ERR_LIMIT);
    assert_int_equal(file_make_folders(path_too_long, &err), -1);
    assert_int_equal(err.code, ERR_INVALID);
    assert_str(content, "untouched");
}

static void failed_writes_leave_nothing_behind(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)1024 * 1024);
    struct err err;
    assert_int_equal(file_write_atomically(in_root(&arena, "no/such/folder"), STR("x"), &err), -1);
    assert_int_equal(err.code, ERR_NOT_FOUND);
    const char *folder = in_root(&arena, "w");
    assert_int_equal(file_make_folders(in_root(&arena, "w/in-the-way/full"), &err), 0);
    assert_int_equal(file_write_atomically(in_root(&arena, "w/in-the-way"), STR("x"), &err), -1);
    assert_int_equal(count_entries(folder), 1);
    assert_int_equal(file_make_folders(in_root(&arena, "large/x"), &err), -1);
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_int_equal(file_make_folders("", &err), -1);
    assert_int_equal(file_write_atomically("/proc/musubi-no-such", STR("x"), &err), -1);
}

/* A disk that is full, played by a limit on the size of files. */
static void a_write_that_stops_half_way_keeps_the_old_file(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)1024 * 1024);
    struct err err;
    assert_int_equal(file_make_folders(in_root(&arena, "full"), &err), 0);
    const char *path = in_root(&arena, "full/file");
    assert_int_equal(file_write_atomically(path, STR("old"), &err), 0);
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit small = {.rlim_cur = 1000, .rlim_max = before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    char content[5000];
    memset(content, 'x', sizeof(content));
    int result = file_write_atomically(path, str_make(content, sizeof(content)), &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(result, -1);
    assert_int_equal(err.code, ERR_IO);
    struct str kept;
    assert_int_equal(file_read(&arena, path, 10, &kept, &err), 0);
    assert_str(kept, "old");
    assert_int_equal(count_entries(in_root(&arena, "full")), 1);
}

static void a_name_is_given_but_once(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)1024 * 1024);
    struct err err = {0};
    struct str content;
    const char *part = in_root(&arena, "part"), *whole = in_root(&arena, "whole");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(file_write_atomically(part, i ? STR("second") : STR("first"), &err), 0);
        assert_int_equal(file_name_new(part, whole, &err), i ? -1 : 0);
        assert_int_equal(file_exists(part), i);
        assert_int_equal(file_read(&arena, whole, 10, &content, &err), 0);
        assert_str(content, "first");
    }
    assert_int_equal(file_name_new(part, whole, &err), -1);
    assert_int_equal(err.code, ERR_CONFLICT);
    assert_int_equal(file_name_new(in_root(&arena, "none"), in_root(&arena, "other"), &err), -1);
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_int_equal(unlink(part), 0);
    assert_int_equal(unlink(whole), 0);
}

static void joins(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)1024 * 1024);
    assert_string_equal(file_join(&arena, STR("a/b"), STR("c")).ptr, "a/b/c");
    assert_string_equal(file_join(&arena, STR("a/b/"), STR("c")).ptr, "a/b/c");
    assert_string_equal(file_join(&arena, STR("/"), STR("c")).ptr, "/c");
    assert_string_equal(file_join(&arena, STR("a"), STR("/c")).ptr, "/c");
    assert_string_equal(file_join(&arena, STR(""), STR("c")).ptr, "c");
}

static void lists_sorted(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)1024 * 1024);
    struct err err;
    assert_int_equal(file_make_folders(in_root(&arena, "list"), &err), 0);
    for (int i = 39; i >= 10; i--) {
        struct str name = arena_format(&arena, "%s/list/%d.%s", root, i, i % 2 ? "json" : "csv");
        assert_int_equal(file_write_atomically(name.ptr, STR(""), &err), 0);
    }
    struct str *names;
    size_t count;
    assert_int_equal(file_list(&arena, in_root(&arena, "list"), STR(".json"), &names, &count, &err), 0);
    assert_int_equal(count, 15);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(names[i].ptr, arena_format(&arena, "%zu.json", 11 + 2 * i).ptr);
    }
    assert_int_equal(file_list(&arena, in_root(&arena, "list"), STR(""), &names, &count, &err), 0);
    assert_int_equal(count, 30);
    assert_int_equal(file_list(&arena, in_root(&arena, "list"), STR(".x"), &names, &count, &err), 0);
    assert_int_equal(count, 0);
    assert_int_equal(file_list(&arena, in_root(&arena, "missing"), STR(""), &names, &count, &err), -1);
    assert_int_equal(err.code, ERR_NOT_FOUND);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    (void)status;
    (void)kind;
    (void)where;
    return remove(path);
}

static int remove_root(void)
{
    return nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void cleans_up(void **state)
{
    (void)state;
    assert_int_equal(remove_root(), 0);
}

static void makes_a_folder(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(root));
}

UNIT_TESTS(TEST(makes_a_folder), TEST(writes_and_reads), TEST(reading_fails_with_the_reason),
           TEST(failed_writes_leave_nothing_behind), TEST(a_write_that_stops_half_way_keeps_the_old_file),
           TEST(a_name_is_given_but_once), TEST(joins), TEST(lists_sorted), TEST(cleans_up))
