#include "unit.h"

#include "base/value.h"

static struct value *read_json(struct arena *arena, const char *text)
{
    struct value *value = NULL;
    struct err err;
    if (json_read(arena, str_from_cstr(text), NULL, &value, &err) < 0) {
        fail_msg("%s: %s", text, err.message);
    }
    return value;
}

static void objects_keep_their_order_and_each_key_once(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)1024 * 1024);
    struct value *object = value_object(&arena);
    for (int i = 0; i < 20; i++) {
        value_set(&arena, object, arena_format(&arena, "key-%d", i), value_int(&arena, i));
    }
    value_set_text(&arena, object, STR("key-3"), STR("three"));
    value_set(&arena, object, STR("key-5"), NULL);
    value_set(&arena, object, STR("no such key"), NULL);
    assert_int_equal(value_count(object), 19);
    assert_str(object->object.members[3].key, "key-3");
    assert_str(value_get_text(object, STR("key-3")), "three");
    assert_null(value_get(object, STR("key-5")));
    assert_str(object->object.members[5].key, "key-6");
    assert_str(object->object.members[18].key, "key-19");
}

static void look_ups_can_be_chained(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)1024 * 1024);
    const struct value *value = read_json(&arena, "{\"a\":{\"b\":[true,\"x\",null,1]}}");
    const struct value *list = value_get(value_get(value, STR("a")), STR("b"));
    assert_int_equal(value_count(list), 4);
    assert_str(value_text_of(value_at(list, 1)), "x");
    assert_str(value_text_of(value_at(list, 0)), "");
    assert_true(value_is_null(value_at(list, 2)));
    assert_null(value_at(list, 4));
    assert_null(value_get(list, STR("a")));
    assert_null(value_get(NULL, STR("a")));
    assert_null(value_at(value, 0));
    assert_null(value_at(NULL, 0));
    assert_int_equal(value_count(NULL), 0);
    assert_int_equal(value_count(value_at(list, 1)), 0);
    assert_true(value_is_null(NULL));
    assert_false(value_is_null(list));
    assert_false(value_get_bool(value, STR("a")));
    assert_str(value_get_text(value_get(value, STR("x")), STR("y")), "");
    assert_str(value_get_text(read_json(&arena, "{\"\":\"of the empty key\"}"), STR("")), "of the empty key");
}

static void booleans(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)1024 * 1024);
    const struct value *value = read_json(&arena, "{\"yes\":true,\"no\":false,\"text\":\"true\"}");
    assert_true(value_get_bool(value, STR("yes")));
    assert_false(value_get_bool(value, STR("no")));
    assert_false(value_get_bool(value, STR("text")));
    assert_false(value_get_bool(value, STR("missing")));
}

static void equality(void **state)
{
    (void)state;
    static const struct {
        const char *a;
        const char *b;
        bool equal;
    } cases[] = {
        {"null", "null", true},
        {"null", "false", false},
        {"1.50", "15e-1", true},
        {"1", "\"1\"", false},
        {"[1,2]", "[1,2]", true},
        {"[1,2]", "[2,1]", false},
        {"[1]", "[1,2]", false},
        {"{\"a\":1,\"b\":{\"c\":[]}}", "{\"b\":{\"c\":[]},\"a\":1}", true},
        {"{\"a\":1,\"b\":2}", "{\"a\":1,\"c\":2}", false},
        {"{\"a\":1}", "{\"a\":1,\"c\":2}", false},
        {"{\"a\":null}", "{}", false},
        {"[]", "{}", false},
    };
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)1024 * 1024);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct value *a = read_json(&arena, cases[i].a);
        const struct value *b = read_json(&arena, cases[i].b);
        assert_int_equal(value_equal(a, b), cases[i].equal);
        assert_int_equal(value_equal(b, a), cases[i].equal);
        assert_true(value_equal(a, a));
    }
    assert_true(value_equal(NULL, NULL));
    assert_false(value_equal(NULL, value_null(&arena)));
}

static void copies_share_nothing(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)1024 * 1024);
    ARENA_AUTO source;
    arena_init(&source, (size_t)1024 * 1024);
    const char *text = "{\"a\":[1,{\"b\":\"text\"},[]],\"c\":{},\"d\":null,\"e\":true}";
    const struct value *original = read_json(&source, text);
    struct value *copy = value_copy(&arena, original);
    assert_true(value_equal(copy, original));
    assert_int_equal(copy->object.members[1].column, original->object.members[1].column);
    arena_free(&source);
    assert_true(value_equal(copy, read_json(&arena, text)));
    value_append(&arena, (struct value *)value_get(copy, STR("a")), value_null(&arena)); /* copies can grow */
    assert_int_equal(value_count(value_get(copy, STR("a"))), 4);
    assert_null(value_copy(&arena, NULL));
}

static void kinds_have_words(void **state)
{
    (void)state;
    assert_string_equal(value_kind_words(VALUE_NULL), "null");
    assert_string_equal(value_kind_words(VALUE_BOOL), "a boolean");
    assert_string_equal(value_kind_words(VALUE_NUMBER), "a number");
    assert_string_equal(value_kind_words(VALUE_TEXT), "text");
    assert_string_equal(value_kind_words(VALUE_LIST), "a list");
    assert_string_equal(value_kind_words(VALUE_OBJECT), "an object");
}

UNIT_TESTS(TEST(objects_keep_their_order_and_each_key_once), TEST(look_ups_can_be_chained), TEST(booleans),
           TEST(equality), TEST(copies_share_nothing), TEST(kinds_have_words))
