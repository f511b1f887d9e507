#include "unit.h"

#include "base/value.h"

typedef void writer(struct buf *buf, const struct value *value);

static void assert_reads_as(const char *text, writer *write, const char *expected)
{
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)1024 * 1024);
    BUF_AUTO buf;
    buf_init(&buf, (size_t)1024 * 1024);
    struct value *value;
    struct err err;
    if (json_read(&arena, str_from_cstr(text), NULL, &value, &err) < 0) {
        fail_msg("%s: %s", text, err.message);
    }
    write(&buf, value);
    buf_add_byte(&buf, '\0');
    assert_string_equal(buf.ptr, expected);
}

static void reads_and_writes_compactly(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"null", "null"},
        {" true\r\n", "true"},
        {"\t false", "false"},
        {"-0.50e1", "-5"},
        {"[ ]", "[]"},
        {"{ }", "{}"},
        {"\xef\xbb\xbf[1 , 2]", "[1,2]"},
        {"{\"b\" : 1 , \"a\" : [ { } ] }", "{\"b\":1,\"a\":[{}]}"},
        {"\"\"", "\"\""},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\""},
        {"\"\\u0000\\u001f\\u007F\"", "\"\\u0000\\u001f\x7f\""},
        {"\"\\u3042\\u00e9\\uD83D\\uDE00\"", "\"あé😀\""},
        {"\"a < b </script> </ </\"", "\"a < b <\\/script> <\\/ <\\/\""},
        {"\"<\"", "\"<\""},
        {"{\"</\":1}", "{\"<\\/\":1}"},
        {"\"0123456789\\n0123456789abcdef\\\"\"", "\"0123456789\\n0123456789abcdef\\\"\""},
        {"123456789012345678", "123456789012345678"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_reads_as(cases[i][0], value_write_json, cases[i][1]);
    }
}

static void canonical_form_sorts_members(void **state)
{
    (void)state;
    assert_reads_as("{\"b\":{\"z\":1,\"y\":[{\"d\":1,\"c\":2}]},\"a\":1.0,\"ab\":0,\"B\":0}",
                    value_write_canonical_json, "{\"B\":0,\"a\":1,\"ab\":0,\"b\":{\"y\":[{\"c\":2,\"d\":1}],\"z\":1}}");
}

static void pretty_form_breaks_lines(void **state)
{
    (void)state;
    assert_reads_as("{\"b\":[1,{\"c\":null}],\"a\":{},\"d\":[]}", value_write_pretty_json,
                    "{\n"
                    "  \"b\": [\n"
                    "    1,\n"
                    "    {\n"
                    "      \"c\": null\n"
                    "    }\n"
                    "  ],\n"
                    "  \"a\": {},\n"
                    "  \"d\": []\n"
                    "}\n");
    assert_reads_as("1", value_write_pretty_json, "1\n");
}

static void refuses_with_line_and_column(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", "1:1: expected a value, found the end of the text"},
        {"  \n ", "2:2: expected a value, found the end of the text"},
        {"nul", "1:1: expected a value, found 'n'"},
        {"nulll", "1:5: expected nothing more after the document, found 'l'"},
        {"NaN", "1:1: expected a value, found 'N'"},
        {"{} {}", "1:4: expected nothing more after the document, found '{'"},
        {"[1,]", "1:4: expected a value, found ']'"},
        {"[1 2]", "1:4: expected ',' or ']' after an item, found '2'"},
        {"[1", "1:3: expected ',' or ']' after an item, found the end of the text"},
        {"{\"a\":1,}", "1:8: expected a key in double quotes, found '}'"},
        {"{\n  あ: 1}", "2:3: expected a key in double quotes, found 'あ'"},
        {"{'a':1}", "1:2: expected a key in double quotes, found '''"},
        {"{\"a\" 1}", "1:6: expected ':' after a key, found '1'"},
        {"{\"a\":1 \"b\":2}", "1:8: expected ',' or '}' after a member, found '\"'"},
        {"[1] // no comments", "1:5: expected nothing more after the document, found '/'"},
        {"\"abc", "1:5: expected a character of the text or its closing quote, found the end of the text"},
        {"\"あ\nb\"", "1:3: expected a character of the text or its closing quote, found the control character U+000A"},
        {"\"a\\n\x01\"",
         "1:5: expected a character of the text or its closing quote, found the control character U+0001"},
        {"\"\\x\"", "1:3: expected one of \" \\ / b f n r t u after a backslash, found 'x'"},
        {"\"\\", "1:3: expected one of \" \\ / b f n r t u after a backslash, found the end of the text"},
        {"\"\\u12g4\"", "1:6: expected four hexadecimal digits after \\u, found 'g'"},
        {"\"\\u\"aaa\"", "1:4: expected four hexadecimal digits after \\u, found '\"'"},
        {"\"a\\ud800\"", "1:3: a high surrogate without a low one after it"},
        {"\"\\ud800\\n\"", "1:2: a high surrogate without a low one after it"},
        {"\"\\ud800\\u0041\"", "1:2: a high surrogate without a low one after it"},
        {"\"\\udc00\"", "1:2: a low surrogate without a high one before it"},
        {"[01]", "1:2: '01' is no number of at most 18 digits"},
        {"[-]", "1:2: '-' is no number of at most 18 digits"},
        {"[1.]", "1:2: '1.' is no number of at most 18 digits"},
        {"1234567890123456789", "1:1: '1234567890123456789' is no number of at most 18 digits"},
        {"1e99", "1:1: '1e99' is no number of at most 18 digits"},
        {"\"\xff\"", "1:2: this is not UTF-8"},
        {"[\n\"あい\xed\xa0\x80\"]", "2:4: this is not UTF-8"},
        {"{\"a\":1,\n \"あ\":2, \"a\":3}", "2:9: the key \"a\" stands here twice"},
        {"{\"a\":1,\"\\u0061\":3}", "1:8: the key \"a\" stands here twice"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ARENA_AUTO arena;
        arena_init(&arena, (size_t)1024 * 1024);
        struct value *value = NULL;
        struct err err = {0};
        assert_int_equal(json_read(&arena, str_from_cstr(cases[i][0]), NULL, &value, &err), -1);
        assert_null(value);
        assert_string_equal(err.message, cases[i][1]);
        assert_int_equal(err.code, ERR_INVALID);
        assert_int_equal(json_read(&arena, str_from_cstr(cases[i][0]), NULL, &value, NULL), -1);
    }
}

static void finds_duplicates_among_many_keys(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)16 * 1024 * 1024);
    BUF_AUTO buf;
    buf_init(&buf, (size_t)1024 * 1024);
    buf_add_byte(&buf, '{');
    for (int i = 0; i < 1000; i++) {
        buf_add_format(&buf, "\"key-%d\":%d,\n", i, i);
    }
    size_t len = buf.len;
    buf_add_literal(&buf, "\"key\":0}");
    struct value *value;
    struct err err;
    assert_int_equal(json_read(&arena, buf_str(&buf), NULL, &value, &err), 0);
    assert_int_equal(value_count(value), 1001);
    buf.len = len;
    buf_add_literal(&buf, " \"key-500\":0}");
    assert_int_equal(json_read(&arena, buf_str(&buf), NULL, &value, &err), -1);
    assert_string_equal(err.message, "1001:2: the key \"key-500\" stands here twice");
}

static void values_and_keys_know_their_place(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)1024 * 1024);
    struct value *value;
    struct err err;
    assert_int_equal(json_read(&arena, STR("\xef\xbb\xbf{\n \"あい\": [1,\n\"x\"]}"), NULL, &value, &err), 0);
    assert_int_equal(value->line, 1);
    assert_int_equal(value->column, 1);
    const struct value_member *member = &value->object.members[0];
    assert_int_equal(member->line, 2);
    assert_int_equal(member->column, 2);
    assert_int_equal(member->value->column, 8);
    const struct value *item = value_at(member->value, 0);
    assert_int_equal(item->line, 2);
    assert_int_equal(item->column, 9);
    item = value_at(member->value, 1);
    assert_int_equal(item->line, 3);
    assert_int_equal(item->column, 1);
}

static int read_limited(const char *text, struct json_limits limits, struct err *err)
{
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)1024 * 1024);
    struct value *value;
    return json_read(&arena, str_from_cstr(text), &limits, &value, err);
}

static void keeps_limits(void **state)
{
    (void)state;
    struct err err;
    assert_int_equal(read_limited("[1,2]", (struct json_limits){.max_bytes = 5}, &err), 0);
    assert_int_equal(read_limited("[1,2]", (struct json_limits){.max_bytes = 4}, &err), -1);
    assert_int_equal(err.code, ERR_LIMIT);
    assert_string_equal(err.message, "1:1: the document has 5 bytes, at most 4 are allowed");
    assert_int_equal(read_limited("[[]]", (struct json_limits){.max_depth = 2}, &err), 0);
    assert_int_equal(read_limited("[{\"a\":[]}]", (struct json_limits){.max_depth = 2}, &err), -1);
    assert_int_equal(err.code, ERR_LIMIT);
    assert_string_equal(err.message, "1:7: nested more than 2 levels deep");
    assert_int_equal(read_limited("[1,2]", (struct json_limits){.max_nodes = 3}, &err), 0);
    assert_int_equal(read_limited("[1,2,3]", (struct json_limits){.max_nodes = 3}, &err), -1);
    assert_int_equal(err.code, ERR_LIMIT);
    assert_string_equal(err.message, "1:6: more than 3 values");
    /* The defaults. */
    char nested[66];
    memset(nested, '[', 65);
    nested[65] = '\0';
    assert_int_equal(read_limited(nested, (struct json_limits){0}, &err), -1);
    assert_string_equal(err.message, "1:65: nested more than 64 levels deep");
}

static void hostile_documents_do_not_use_up_the_arena(void **state)
{
    (void)state;
    static const char *const pieces[] = {"0,", "[],", "{\"a\":[0]},", "\"abc\",", "\"\\u0041\","};
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        BUF_AUTO buf;
        buf_init(&buf, (size_t)1024 * 1024);
        buf_add_byte(&buf, '[');
        for (int j = 0; j < 20000; j++) {
            buf_add(&buf, str_from_cstr(pieces[i]));
        }
        buf_add_literal(&buf, "1]");
        for (size_t max = 1024; max < (size_t)400 * 1024; max = max * 3 / 2) {
            ARENA_AUTO arena;
            arena_init(&arena, max);
            struct value *value = NULL;
            struct err err;
            assert_int_equal(json_read(&arena, buf_str(&buf), NULL, &value, &err), -1);
            assert_int_equal(err.code, ERR_LIMIT);
        }
    }
}

/* Every byte below 0x80 at every position of a word, against the rule written out. */
static void escapes_exactly_what_must_be(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 0x80; byte++) {
        for (size_t at = 0; at < 17; at++) {
            char text[17];
            memset(text, 'x', sizeof(text));
            text[at] = (char)byte;
            BUF_AUTO buf;
            buf_init(&buf, 100);
            json_write_text(&buf, str_make(text, sizeof(text)));
            bool is_short = byte == '"' || byte == '\\' || byte == '\b' || byte == '\t' || byte == '\n' ||
                            byte == '\f' || byte == '\r';
            size_t expected = is_short ? 2 : byte < 0x20 ? 6 : 1;
            assert_int_equal(buf.len, 2 + 16 + expected);
            assert_int_equal(buf.ptr[1 + at], expected == 1 ? (char)byte : '\\');
        }
    }
}

static void missing_values_are_written_as_null(void **state)
{
    (void)state;
    BUF_AUTO buf;
    buf_init(&buf, 100);
    value_write_json(&buf, NULL);
    assert_str(buf_str(&buf), "null");
}

UNIT_TESTS(TEST(reads_and_writes_compactly), TEST(canonical_form_sorts_members), TEST(pretty_form_breaks_lines),
           TEST(refuses_with_line_and_column), TEST(finds_duplicates_among_many_keys),
           TEST(values_and_keys_know_their_place), TEST(keeps_limits), TEST(hostile_documents_do_not_use_up_the_arena),
           TEST(escapes_exactly_what_must_be), TEST(missing_values_are_written_as_null))
