/* What is small stays in memory, what is large goes through a file and comes back whole, and there is an end to both. */
#include "unit.h"

#include "base/spool.h"

#include <stdlib.h>
#include <unistd.h>

#define LINE "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\n"

static void add_lines(struct spool *spool, size_t count)
{
    struct err err = {0};
    for (size_t i = 0; i < count; i++) {
        buf_add_literal(&spool->buf, LINE);
        assert_int_equal(spool_drain(spool, &err), 0);
    }
}

static void check_lines(struct str bytes, size_t count)
{
    struct str line = STR(LINE);
    assert_int_equal(bytes.len, count * line.len);
    for (size_t i = 0; i < count; i++)
        assert_memory_equal(bytes.ptr + i * line.len, line.ptr, line.len);
}

static void small_stays_in_memory(void **state)
{
    (void)state;
    struct spool spool;
    struct str bytes;
    struct err err = {0};
    spool_init(&spool, 1u << 20);
    add_lines(&spool, 100);
    assert_int_equal(spool_end(&spool, &bytes, &err), 0);
    assert_true(spool_in_memory(&spool));
    check_lines(bytes, 100);
    spool_free(&spool);
}

static void large_goes_through_a_file(void **state)
{
    (void)state;
    struct spool spool;
    struct str bytes;
    struct err err = {0};
    size_t lines = 5 * SPOOL_MEMORY / (sizeof LINE - 1) + 7;
    spool_init(&spool, (uint64_t)1 << 30);
    add_lines(&spool, lines);
    assert_true(spool.buf.capacity <= 2 * SPOOL_MEMORY);
    assert_int_equal(spool_end(&spool, &bytes, &err), 0);
    assert_false(spool_in_memory(&spool));
    check_lines(bytes, lines);
    spool_free(&spool);
    spool_free(&spool);
}

static void a_file_of_somebody_else_is_taken_whole(void **state)
{
    (void)state;
    struct spool spool;
    struct str bytes;
    struct err err = {0};
    char path[] = "/tmp/spool-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    unlink(path);
    for (int i = 0; i < 10; i++)
        assert_int_equal(write(fd, LINE, sizeof LINE - 1), sizeof LINE - 1);
    spool_init(&spool, 1u << 20);
    assert_int_equal(spool_take_file(&spool, dup(fd), &err), 0);
    assert_int_equal(spool_end(&spool, &bytes, &err), 0);
    check_lines(bytes, 10);
    spool_free(&spool);
    spool_init(&spool, 100);
    assert_int_equal(spool_take_file(&spool, fd, &err), -1);
    assert_int_equal(err.code, ERR_LIMIT);
    spool_free(&spool);
}

static void too_much_is_refused(void **state)
{
    (void)state;
    struct spool spool;
    struct str bytes;
    struct err err = {0};
    spool_init(&spool, 2 * SPOOL_MEMORY);
    int failed = 0;
    for (size_t i = 0; i <= 2 * SPOOL_MEMORY / (sizeof LINE - 1) && !failed; i++) {
        buf_add_literal(&spool.buf, LINE);
        failed = spool_drain(&spool, &err);
    }
    assert_int_equal(failed, -1);
    assert_int_equal(err.code, ERR_LIMIT);
    assert_int_equal(spool_end(&spool, &bytes, &err), -1);
    spool_free(&spool);
}

static void a_folder_that_is_not_there_is_passed_over(void **state)
{
    (void)state;
    struct spool spool;
    struct str bytes;
    struct err err = {0};
    setenv("TMPDIR", "/there/is/no/such/folder", 1);
    spool_init(&spool, (uint64_t)1 << 30);
    size_t lines = 2 * SPOOL_MEMORY / (sizeof LINE - 1);
    add_lines(&spool, lines);
    assert_int_equal(spool_end(&spool, &bytes, &err), 0);
    check_lines(bytes, lines);
    spool_free(&spool);
    unsetenv("TMPDIR");
}

UNIT_TESTS(cmocka_unit_test(a_file_of_somebody_else_is_taken_whole), cmocka_unit_test(small_stays_in_memory),
           cmocka_unit_test(large_goes_through_a_file), cmocka_unit_test(too_much_is_refused),
           cmocka_unit_test(a_folder_that_is_not_there_is_passed_over))
