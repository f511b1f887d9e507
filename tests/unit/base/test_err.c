#include "unit.h"

#include "base/err.h"

static void is_filled_and_returns_minus_one(void **state)
{
    (void)state;
    struct err err = {.field = "old"};
    assert_int_equal(err_set(&err, ERR_LIMIT, "%d is more than %d", 3, 2), -1);
    assert_int_equal(err.code, ERR_LIMIT);
    assert_string_equal(err.field, "");
    assert_string_equal(err.message, "3 is more than 2");
    assert_int_equal(err_set_field(&err, ERR_INVALID, STR("name_ja"), "is missing"), -1);
    assert_string_equal(err.field, "name_ja");
    assert_string_equal(err.message, "is missing");
}

static void prefixes_keep_code_and_field(void **state)
{
    (void)state;
    struct err err;
    err_set_field(&err, ERR_INVALID, STR("f"), "is wrong");
    assert_int_equal(err_prefix(&err, "a.csv:%d", 7), -1);
    assert_string_equal(err.message, "a.csv:7: is wrong");
    assert_string_equal(err.field, "f");
    assert_int_equal(err.code, ERR_INVALID);
}

static void may_be_made_of_itself(void **state)
{
    (void)state;
    struct err err;
    err_set_field(&err, ERR_IO, STR("x"), "inner");
    err_set_field(&err, ERR_IO, str_from_cstr(err.field), "outer (%s)", err.message);
    assert_string_equal(err.message, "outer (inner)");
    assert_string_equal(err.field, "x");
}

static void nowhere_to_put_it_is_fine(void **state)
{
    (void)state;
    assert_int_equal(err_set(NULL, ERR_IO, "x"), -1);
    assert_int_equal(err_set_field(NULL, ERR_IO, STR("f"), "x"), -1);
    assert_int_equal(err_prefix(NULL, "x"), -1);
}

static void is_cut_between_characters(void **state)
{
    (void)state;
    char text[3001];
    for (size_t i = 0; i < 3000; i += 3) {
        memcpy(text + i, "あ", 3);
    }
    text[3000] = '\0';
    for (int shift = 0; shift < 4; shift++) {
        struct err err;
        err_set_field(&err, ERR_INVALID, str_from_cstr(text), "%.*s%s", shift, "xyz", text);
        assert_true(str_is_utf8(str_from_cstr(err.message)));
        assert_true(strlen(err.message) >= sizeof(err.message) - 3);
        assert_true(str_is_utf8(str_from_cstr(err.field)));
        assert_int_equal(strlen(err.field), 63);
        err_prefix(&err, "%.*s", shift, "xyz");
        assert_true(str_is_utf8(str_from_cstr(err.message)));
    }
}

static void codes_have_stable_words(void **state)
{
    (void)state;
    static const char *const words[] = {
        "none", "invalid", "not-found", "conflict", "denied", "limit", "busy", "io", "internal",
    };
    for (int code = ERR_NONE; code <= ERR_INTERNAL; code++) {
        assert_string_equal(err_code_name((enum err_code)code), words[code]);
    }
}

UNIT_TESTS(TEST(is_filled_and_returns_minus_one), TEST(prefixes_keep_code_and_field), TEST(may_be_made_of_itself),
           TEST(nowhere_to_put_it_is_fine), TEST(is_cut_between_characters), TEST(codes_have_stable_words))
