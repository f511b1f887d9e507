#include "unit.h"

#include "cli/handover.h"

#include <sys/un.h>
#include <unistd.h>

#define HEAD 12 /* magic and length */

static void a_request_survives_the_wire(void **state)
{
    (void)state;
    const char *argv[] = {"musubi", "load", "", "a pack", "組織"};
    BUF_AUTO bytes;
    ARENA_AUTO arena;
    struct str *texts;
    size_t count;
    buf_init(&bytes, HANDOVER_MAX_BYTES + HEAD);
    arena_init(&arena, (size_t)1 << 22);
    assert_int_equal(handover_pack(STR("/tmp"), STR("ja"), 5, argv, &bytes, NULL), 0);
    assert_memory_equal(bytes.ptr, HANDOVER_MAGIC, 8);
    assert_int_equal(handover_unpack(str_slice(buf_str(&bytes), HEAD, bytes.len), &arena, &texts, &count, NULL), 0);
    assert_int_equal(count, 7);
    assert_string_equal(texts[0].ptr, "/tmp");
    assert_string_equal(texts[1].ptr, "ja");
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(texts[i + 2].ptr, argv[i]);
    }
}

static void every_cut_and_every_excess_is_refused(void **state)
{
    (void)state;
    const char *argv[] = {"musubi", "check"};
    BUF_AUTO bytes;
    ARENA_AUTO arena;
    struct str *texts;
    size_t count;
    buf_init(&bytes, 1000);
    arena_init(&arena, (size_t)1 << 22);
    assert_int_equal(handover_pack(STR("/tmp"), STR(""), 2, argv, &bytes, NULL), 0);
    for (size_t len = HEAD; len < bytes.len; len++) {
        assert_int_equal(handover_unpack(str_slice(buf_str(&bytes), HEAD, len), &arena, &texts, &count, NULL), -1);
    }
    buf_add_byte(&bytes, 'x');
    assert_int_equal(handover_unpack(str_slice(buf_str(&bytes), HEAD, bytes.len), &arena, &texts, &count, NULL), -1);
}

static void what_is_too_large_or_odd_is_refused(void **state)
{
    (void)state;
    char *large = malloc(HANDOVER_MAX_BYTES + 1);
    memset(large, 'x', HANDOVER_MAX_BYTES);
    large[HANDOVER_MAX_BYTES] = '\0';
    const char *argv[] = {"musubi", large};
    BUF_AUTO bytes;
    ARENA_AUTO arena;
    struct str *texts;
    size_t count;
    struct err err = {0};
    buf_init(&bytes, 2 * HANDOVER_MAX_BYTES);
    arena_init(&arena, (size_t)1 << 22);
    assert_int_equal(handover_pack(STR("/tmp"), STR(""), 2, argv, &bytes, &err), -1);
    assert_int_equal(err.code, ERR_LIMIT);
    free(large);
    /* A working folder that is not absolute, and a text with a NUL. */
    assert_int_equal(handover_unpack(STR("\3\0\0\0\3\0\0\0tmp\0\0\0\0\1\0\0\0x"), &arena, &texts, &count, NULL), -1);
    assert_int_equal(handover_unpack(STR("\3\0\0\0\1\0\0\0/\0\0\0\0\1\0\0\0\0"), &arena, &texts, &count, NULL), -1);
    assert_int_equal(handover_unpack(STR("\3\0\0\0\1\0\0\0/\0\0\0\0\1\0\0\0x"), &arena, &texts, &count, NULL), 0);
}

static void a_long_folder_has_an_address(void **state)
{
    (void)state;
    struct sockaddr_un address;
    int fd;
    assert_int_equal(handover_address("/tmp", &address, &fd, NULL), 0);
    assert_true(strlen(address.sun_path) < sizeof(address.sun_path) - 1);
    close(fd);
    assert_int_equal(handover_address("/no/such/folder", &address, &fd, NULL), -1);
}

UNIT_TESTS(TEST(a_request_survives_the_wire), TEST(every_cut_and_every_excess_is_refused),
           TEST(what_is_too_large_or_odd_is_refused), TEST(a_long_folder_has_an_address))
