/* Records as JSON straight from their rows, and the labels in it: nothing hidden shows, and no label outlives a change. */
#include "fixture.h"

static struct fixture fixture;

static int set_up(void **state)
{
    (void)state;
    fixture_open(&fixture);
    put(&fixture, "source", "{\"id\":\"s\",\"name\":{\"en\":\"Source\"}}");
    put(&fixture, "organisation", "{\"id\":\"a\",\"name\":{\"ja\":\"甲\",\"en\":\"A \\\"one\\\"\"},\"kind\":\"firm\"}");
    put(&fixture, "organisation", "{\"id\":\"hidden\",\"name\":{\"en\":\"Hidden\"},\"visibility\":\"members\"}");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fixture_close(&fixture);
    return 0;
}

/* The JSON, or the message of why there is none. */
static struct str json_as(const char *register_name, const char *id, enum visibility sees, int64_t as_of)
{
    struct read_options options = {.viewer = {.sees = sees}, .as_of = as_of};
    struct reader *reader;
    struct err err = {0};
    int64_t seq;
    BUF_AUTO out;
    buf_init(&out, 100000);
    if (store_read(fixture.store, &options, &reader, &err))
        fail_msg("%s", err.message);
    int result = store_get_json(reader, model_register(fixture.model, str_from_cstr(register_name)), str_from_cstr(id),
                                &fixture.arena, &out, &seq, NULL, &err);
    reader_release(reader);
    return arena_copy(&fixture.arena, result ? str_from_cstr(err.message) : buf_str(&out));
}

static struct str json_of(const char *register_name, const char *id)
{
    return json_as(register_name, id, VISIBILITY_PUBLIC, 0);
}

static void assert_json(struct str json, const char *expected)
{
    assert_string_equal(json.ptr, expected);
}

static void every_kind_of_field(void **state)
{
    (void)state;
    put(&fixture, "organisation",
        "{\"id\":\"b\",\"owner\":\"a\",\"from\":\"2020\",\"name\":{\"en\":\"B</script>\"},\"kind\":\"city\",\"parent\":\"a\","
        "\"domains\":[\"d2\",\"d1\"],\"partners\":[{\"id\":\"a\"},{\"name\":{\"en\":\"Somebody\"}}],\"founded\":\"2019-04\","
        "\"staff\":{\"low\":10,\"high\":12.5,\"qualifier\":\"about\"},\"place\":{\"lat\":35.6812,\"lon\":139.7671},"
        "\"listed\":false,\"checked\":\"2022-02-21T00:00:00Z\",\"sources\":[{\"source\":\"s\",\"locator\":\"p. 3\"}]}");
    assert_json(
        json_of("organisation", "b"),
        "{\"id\":\"b\",\"owner\":{\"id\":\"a\",\"label\":{\"ja\":\"甲\",\"en\":\"A \\\"one\\\"\"}},"
        "\"visibility\":\"public\",\"from\":\"2020\",\"name\":{\"en\":\"B<\\/script>\"},\"kind\":\"city\","
        "\"parent\":{\"id\":\"a\",\"label\":{\"ja\":\"甲\",\"en\":\"A \\\"one\\\"\"}},\"domains\":[\"d2\",\"d1\"],"
        "\"partners\":[{\"id\":\"a\",\"label\":{\"ja\":\"甲\",\"en\":\"A \\\"one\\\"\"}},"
        "{\"name\":{\"en\":\"Somebody\"}}],\"founded\":\"2019-04\",\"staff\":{\"low\":10,\"high\":12.5,"
        "\"qualifier\":\"about\",\"unit\":\"persons\"},\"place\":{\"lat\":35.6812,\"lon\":139.7671},"
        "\"listed\":false,\"checked\":\"2022-02-21T00:00:00.000Z\",\"sources\":[{\"source\":\"s\","
        "\"locator\":\"p. 3\"}]}");
}

static void nothing_hidden_shows(void **state)
{
    (void)state;
    put(&fixture, "organisation",
        "{\"id\":\"b\",\"name\":{\"en\":\"B\"},\"parent\":\"hidden\",\"partners\":[{\"id\":\"hidden\"},{\"id\":\"a\"}],"
        "\"secret\":\"word\",\"sources\":[{\"source\":\"s\",\"fields\":[\"secret\"]},"
        "{\"source\":\"s\",\"fields\":[\"name\",\"secret\"]}]}");
    put(&fixture, "organisation",
        "{\"id\":\"c\",\"owner\":\"hidden\",\"name\":{\"en\":\"C\"},\"partners\":[{\"id\":\"hidden\"}],"
        "\"sources\":[{\"source\":\"s\",\"fields\":[\"secret\"]}]}");
    assert_json(json_of("organisation", "b"),
                "{\"id\":\"b\",\"visibility\":\"public\",\"name\":{\"en\":\"B\"},\"partners\":[{\"id\":\"a\",\"label\":"
                "{\"ja\":\"甲\",\"en\":\"A \\\"one\\\"\"}}],\"sources\":[{\"fields\":[\"name\"],\"source\":\"s\"}]}");
    assert_json(json_of("organisation", "c"), "{\"id\":\"c\",\"visibility\":\"public\",\"name\":{\"en\":\"C\"}}");
    assert_json(json_of("organisation", "hidden"), "there is no organisation \"hidden\"");
    assert_json(json_as("organisation", "c", VISIBILITY_SECRETARIAT, 0),
                "{\"id\":\"c\",\"owner\":{\"id\":\"hidden\",\"label\":{\"en\":\"Hidden\"}},\"visibility\":\"public\","
                "\"name\":{\"en\":\"C\"},\"partners\":[{\"id\":\"hidden\",\"label\":{\"en\":\"Hidden\"}}],"
                "\"sources\":[{\"fields\":[\"secret\"],\"source\":\"s\"}]}");
    assert_json(json_of("organisation", "c"), "{\"id\":\"c\",\"visibility\":\"public\",\"name\":{\"en\":\"C\"}}");
}

/* What a seat is called is its member's name, two records away. */
static void labels_follow_changes(void **state)
{
    (void)state;
    static const char public_b[] =
        "{\"id\":\"b\",\"visibility\":\"public\",\"name\":{\"en\":\"B\"},\"parent\":{\"id\":\"a\","
        "\"label\":{\"en\":\"%s\"}}}";
    char expected[200];
    put(&fixture, "organisation", "{\"id\":\"b\",\"name\":{\"en\":\"B\"},\"parent\":\"a\"}");
    int64_t before = put(&fixture, "organisation", "{\"id\":\"a\",\"name\":{\"en\":\"First\"}}");
    snprintf(expected, sizeof expected, public_b, "First");
    assert_json(json_of("organisation", "b"), expected);
    put(&fixture, "person", "{\"id\":\"p\",\"note\":\"elsewhere\"}");
    assert_json(json_of("organisation", "b"), expected);
    put(&fixture, "organisation", "{\"id\":\"a\",\"name\":{\"en\":\"Second\"}}");
    assert_json(json_as("organisation", "b", VISIBILITY_PUBLIC, before), expected);
    snprintf(expected, sizeof expected, public_b, "Second");
    assert_json(json_of("organisation", "b"), expected);
    put(&fixture, "organisation", "{\"id\":\"a\",\"name\":{\"en\":\"Second\"},\"visibility\":\"members\"}");
    assert_json(json_of("organisation", "b"), "{\"id\":\"b\",\"visibility\":\"public\",\"name\":{\"en\":\"B\"}}");
    put(&fixture, "organisation", "{\"id\":\"a\",\"name\":{\"en\":\"Third\"}}");
    snprintf(expected, sizeof expected, public_b, "Third");
    assert_json(json_of("organisation", "b"), expected);
}

static struct bilingual label_of(const char *register_name, const char *id)
{
    struct read_options options = {.viewer = {.sees = VISIBILITY_PUBLIC}};
    struct reader *reader;
    struct bilingual label;
    struct err err = {0};
    if (store_read(fixture.store, &options, &reader, &err) ||
        store_label(reader, model_register(fixture.model, str_from_cstr(register_name)), str_from_cstr(id),
                    &fixture.arena, &label, &err))
        fail_msg("%s", err.message);
    reader_release(reader);
    return label;
}

static void labels_of_labels_follow_changes(void **state)
{
    (void)state;
    put(&fixture, "seat", "{\"id\":\"x\",\"member\":\"a\",\"post\":\"Chair\",\"position\":1}");
    assert_string_equal(label_of("seat", "x").in[LANG_JA].ptr, "甲");
    put(&fixture, "organisation", "{\"id\":\"a\",\"name\":{\"ja\":\"乙\"}}");
    assert_string_equal(label_of("seat", "x").in[LANG_JA].ptr, "乙");
    for (int i = 0; i < 2000; i++) { /* more than are kept */
        char id[16];
        snprintf(id, sizeof id, "none-%d", i);
        assert_string_equal(label_of("organisation", id).in[LANG_JA].ptr, "");
    }
    assert_string_equal(label_of("seat", "x").in[LANG_JA].ptr, "乙");
}

static struct str list_json(size_t limit, bool descending)
{
    struct read_options options = {.viewer = {.sees = VISIBILITY_PUBLIC}, .lang = LANG_EN};
    const struct reg *reg = model_register(fixture.model, STR("organisation"));
    struct list_query query = {.reg = reg, .limit = limit, .descending = descending};
    struct str all = STR("");
    struct reader *reader;
    struct page page;
    struct err err = {0};
    if (store_read(fixture.store, &options, &reader, &err))
        fail_msg("%s", err.message);
    do {
        BUF_AUTO out;
        buf_init(&out, 100000);
        if (store_list_json(reader, &query, &fixture.arena, &out, &page, &err))
            fail_msg("%s", err.message);
        all = arena_concat(&fixture.arena, 2, all, buf_str(&out));
        query.cursor = page.next;
    } while (page.next.len);
    reader_release(reader);
    return all;
}

static void lists_have_what_fits(void **state)
{
    (void)state;
    static const char first[] =
        "{\"id\":\"a\",\"visibility\":\"public\",\"name\":{\"ja\":\"甲\",\"en\":\"A \\\"one\\\"\"},"
        "\"kind\":\"firm\"}";
    static const char second[] = "{\"id\":\"b\",\"visibility\":\"public\",\"name\":{\"en\":\"B\"}}";
    char expected[400];
    put(&fixture, "organisation", "{\"id\":\"b\",\"name\":{\"en\":\"B\"}}");
    snprintf(expected, sizeof expected, "[%s,%s]", first, second);
    assert_json(list_json(10, false), expected);
    assert_json(list_json(2, false), expected);
    snprintf(expected, sizeof expected, "[%s][%s]", first, second);
    assert_json(list_json(1, false), expected);
    snprintf(expected, sizeof expected, "[%s][%s]", second, first);
    assert_json(list_json(1, true), expected);
}

#define STORE_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

UNIT_TESTS(STORE_TEST(every_kind_of_field), STORE_TEST(nothing_hidden_shows), STORE_TEST(labels_follow_changes),
           STORE_TEST(labels_of_labels_follow_changes), STORE_TEST(lists_have_what_fits))
