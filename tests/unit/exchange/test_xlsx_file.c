/* A workbook's file goes out as what it is when it is large, from memory when it is small, and there is no trace of it in a folder. */
#include "unit.h"

#include "exchange/xlsx_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* By its path, as the library writes it. */
static void write_by_path(const struct xlsx_file *file, size_t bytes)
{
    int fd = open(file->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    char *text = calloc(1, bytes);
    assert_non_null(text);
    text[bytes - 1] = 'z';
    assert_int_equal(write(fd, text, bytes), bytes);
    free(text);
    close(fd);
}

static void hand_over(size_t bytes, bool expect_memory)
{
    struct xlsx_file file;
    struct spool spool;
    struct str out;
    struct err err = {0};
    spool_init(&spool, (uint64_t)1 << 30);
    assert_int_equal(xlsx_file_open(&file, &err), 0);
    struct stat status;
    assert_int_equal(fstat(file.fd, &status), 0);
    assert_int_equal(status.st_nlink, 0);
    write_by_path(&file, bytes);
    assert_int_equal(xlsx_file_hand_over(&file, &spool, &err), 0);
    assert_int_equal(spool_in_memory(&spool), expect_memory);
    assert_int_equal(spool_end(&spool, &out, &err), 0);
    assert_int_equal(out.len, bytes);
    assert_int_equal(out.ptr[bytes - 1], 'z');
    xlsx_file_close(&file);
    spool_free(&spool);
}

static void small_and_large(void **state)
{
    (void)state;
    hand_over(10, true);
    hand_over(SPOOL_MEMORY - 1, true);
    hand_over(SPOOL_MEMORY, false);
    hand_over(3 * SPOOL_MEMORY, false);
}

static void one_that_is_too_large_is_refused(void **state)
{
    (void)state;
    struct xlsx_file file;
    struct spool spool;
    struct err err = {0};
    spool_init(&spool, 2 * SPOOL_MEMORY);
    assert_int_equal(xlsx_file_open(&file, &err), 0);
    assert_int_equal(spool_check_room(&spool, file.fd, 2 * SPOOL_MEMORY, &err), 0);
    assert_int_equal(spool_check_room(&spool, file.fd, 2 * SPOOL_MEMORY + 1, &err), -1);
    assert_int_equal(err.code, ERR_LIMIT);
    err = (struct err){0};
    write_by_path(&file, 2 * SPOOL_MEMORY + 1);
    assert_int_equal(xlsx_file_hand_over(&file, &spool, &err), -1);
    assert_int_equal(err.code, ERR_LIMIT);
    xlsx_file_close(&file);
    spool_free(&spool);
}

UNIT_TESTS(TEST(small_and_large), TEST(one_that_is_too_large_is_refused))
