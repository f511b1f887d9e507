/* Lists: order in two languages, paging, filters, dates, the past, totals. */
#include "fixture.h"

#include "store/list.h"

static struct fixture fixture;

static int set_up(void **state)
{
    (void)state;
    fixture_open(&fixture);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fixture_close(&fixture);
    return 0;
}

static struct str organisations(struct list_case list)
{
    list.register_name = "organisation";
    return list_ids(&fixture, &list);
}

static void orders_by_reading_and_by_language(void **state)
{
    (void)state;
    put(&fixture, "organisation", "{\"id\":\"x\",\"name\":{\"ja\":\"渡辺\",\"en\":\"apple\"},\"kana\":\"わたなべ\"}");
    put(&fixture, "organisation", "{\"id\":\"y\",\"name\":{\"ja\":\"青木\",\"en\":\"Banana\"},\"kana\":\"あおき\"}");
    put(&fixture, "organisation", "{\"id\":\"z\",\"name\":{\"ja\":\"カ行\"}}");
    assert_str(organisations((struct list_case){.lang = LANG_JA}), "y z x =3");
    assert_str(organisations((struct list_case){.lang = LANG_EN}), "x y z =3");
    assert_str(organisations((struct list_case){.lang = LANG_EN, .descending = true}), "z y x =3");
    assert_str(organisations((struct list_case){.lang = LANG_EN, .limit = 2}), "x y … =3");
}

static void pages_lose_and_repeat_nothing(void **state)
{
    (void)state;
    for (int i = 0; i < 40; i++) {
        char json[200];
        /* A third has no date: they come last, whichever way the list goes. */
        snprintf(json, sizeof json, "{\"id\":\"o%02d\",\"name\":{\"en\":\"Same\"}%s%d%s}", i,
                 i % 3 ? ",\"founded\":\"19" : ",\"kana\":\"", 10 + i * 7 % 20, "\"");
        put(&fixture, "organisation", json);
    }
    for (int descending = 0; descending <= 1; descending++)
        for (size_t limit = 1; limit < 50; limit += 6) {
            struct list_case all = {
                .register_name = "organisation", .sort = "founded", .limit = 100, .descending = descending};
            struct list_case paged = all;
            paged.limit = limit;
            struct str expected = walk_ids(&fixture, &all);
            assert_int_equal(expected.len, 40 * 4 - 1);
            assert_string_equal(walk_ids(&fixture, &paged).ptr, expected.ptr);
            assert_true(str_find(expected, STR("o00")) > 100); /* no date: in the last third */
        }
}

/* What is walked in pieces of any size is what is walked at once; how much text that is. */
static size_t count_at_any_bound(const struct list_case *list, size_t usual)
{
    list_walk_max = usual;
    struct str expected = walk_ids(&fixture, list);
    for (list_walk_max = 1; list_walk_max < 60; list_walk_max += 4)
        assert_string_equal(walk_ids(&fixture, list).ptr, expected.ptr);
    return expected.len;
}

/* What a walk of so many records at a time finds is what one of all finds. */
static void walks_in_pieces_lose_and_repeat_nothing(void **state)
{
    (void)state;
    for (int i = 0; i < 40; i++) {
        char json[200];
        snprintf(json, sizeof json, "{\"id\":\"o%02d\",\"name\":{\"en\":\"N%d\"},\"staff\":{\"value\":%d}%s%d\"%s}", i,
                 i * 7 % 10, i % 5, i % 3 ? ",\"founded\":\"19" : ",\"kana\":\"", 10 + i * 7 % 20,
                 i % 4 ? "" : ",\"visibility\":\"members\"");
        put(&fixture, "organisation", json);
    }
    static const char *const sorts[] = {NULL, "founded"};
    size_t usual = list_walk_max;
    for (int i = 0; i < 12; i++) {
        struct list_case list = {.register_name = "organisation",
                                 .filters = i % 3 ? "staff=2" : "staff=2&staff=3",
                                 .sort = sorts[i % 2],
                                 .sees = i / 6 ? VISIBILITY_SECRETARIAT : VISIBILITY_PUBLIC,
                                 .limit = i % 4 ? 100 : 2,
                                 .descending = i / 2 % 2};
        assert_int_equal(count_at_any_bound(&list, usual) > 0, i % 3 > 0);
    }
    list_walk_max = 10;
    assert_str(organisations((struct list_case){.filters = "staff=2", .limit = 3}), "o27 … >=1");
    list_walk_max = usual;
    assert_str(organisations((struct list_case){.filters = "staff=2", .limit = 3}), "o27 o02 o22 … =6");
}

/* The same of a state of the past, of which a third was renamed since and a third is gone, and whose filters by reference have no
 * index either. */
static void walks_of_the_past_lose_and_repeat_nothing(void **state)
{
    (void)state;
    char json[200];
    put(&fixture, "organisation", "{\"id\":\"host\",\"name\":{\"en\":\"Host\"}}");
    for (int i = 0; i < 40; i++) {
        snprintf(json, sizeof json, "{\"id\":\"o%02d\",\"name\":{\"en\":\"N%d\"},\"staff\":{\"value\":%d}%s%s}", i,
                 i * 7 % 10, i % 5, i % 2 ? ",\"parent\":\"host\"" : "", i % 4 ? "" : ",\"visibility\":\"members\"");
        put(&fixture, "organisation", json);
    }
    int64_t then = store_last_seq(fixture.store);
    for (int i = 0; i < 40; i += 3) {
        snprintf(json, sizeof json, "{\"id\":\"o%02d\",\"name\":{\"en\":\"M%d\"},\"staff\":{\"value\":2}}", i, i);
        put(&fixture, "organisation", json);
    }
    size_t usual = list_walk_max;
    for (int i = 0; i < 24; i++) {
        struct list_case list = {.register_name = "organisation",
                                 .filters = i % 3 ? (i % 3 == 1 ? "staff=2" : "parent=host") : "staff=2&staff=3",
                                 .sees = i / 6 % 2 ? VISIBILITY_SECRETARIAT : VISIBILITY_PUBLIC,
                                 .limit = i % 4 ? 100 : 2,
                                 .as_of = i / 12 ? then : store_last_seq(fixture.store) - 5,
                                 .descending = i / 2 % 2};
        assert_int_equal(count_at_any_bound(&list, usual) > 0, i % 3 > 0);
    }
    list_walk_max = 10;
    /* The ten first ones are those of the present that were renamed: no one of them held then. */
    assert_str(organisations((struct list_case){.as_of = then, .filters = "staff=2", .limit = 3}), " … >=0");
    list_walk_max = usual;
    assert_str(organisations((struct list_case){.as_of = then, .filters = "staff=2", .limit = 3}), "o02 o22 o07 … =6");
}

static void the_past_of_a_large_register_has_one_order(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++) {
        char json[200];
        snprintf(json, sizeof json, "{\"id\":\"a\",\"name\":{\"en\":\"N%d\"},\"founded\":\"19%02d\"}", i, 10 + i);
        put(&fixture, "organisation", json);
    }
    struct read_options options = {.viewer = {.sees = VISIBILITY_PUBLIC}, .as_of = 5};
    const struct reg *reg = model_register(fixture.model, STR("organisation"));
    struct list_query query = {.reg = reg, .sort = reg_field(reg, STR("founded")), .limit = 10};
    size_t usual = list_walk_max;
    for (list_walk_max = 10; list_walk_max <= 11; list_walk_max++) {
        struct reader *reader;
        struct page page;
        struct err err = {0};
        ARENA_AUTO arena;
        arena_init(&arena, (size_t)1 << 20);
        assert_int_equal(store_read(fixture.store, &options, &reader, &err), 0);
        bool refused = store_list(reader, &query, &arena, &page, &err) != 0;
        assert_int_equal(refused, list_walk_max == 10);
        assert_int_equal(err.code, refused ? ERR_LIMIT : ERR_NONE);
        if (refused)
            assert_non_null(strstr(err.message, "more than 10 former states"));
        reader_release(reader);
    }
    list_walk_max = usual;
}

static void filters_combine(void **state)
{
    (void)state;
    put(&fixture, "organisation",
        "{\"id\":\"a\",\"name\":{\"en\":\"A\"},\"kind\":\"firm\",\"domains\":[\"d1\",\"d2\"],\"listed\":true}");
    put(&fixture, "organisation",
        "{\"id\":\"b\",\"name\":{\"en\":\"B\"},\"kind\":\"firm\",\"domains\":[\"d2\"],\"founded\":\"1999-04\","
        "\"partners\":[{\"id\":\"a\"}]}");
    put(&fixture, "organisation",
        "{\"id\":\"c\",\"name\":{\"en\":\"C\"},\"kind\":\"city\",\"owner\":\"a\",\"staff\":{\"value\":7}}");
    assert_str(organisations((struct list_case){.filters = "kind=firm"}), "a b =2");
    assert_str(organisations((struct list_case){.filters = "domains=d2"}), "a b =2");
    assert_str(organisations((struct list_case){.filters = "domains=d2&domains=d1"}), "a =1");
    assert_str(organisations((struct list_case){.filters = "domains=d2&kind=city"}), " =0");
    assert_str(organisations((struct list_case){.filters = "listed=true"}), "a =1");
    assert_str(organisations((struct list_case){.filters = "founded=1999"}), "b =1");
    assert_str(organisations((struct list_case){.filters = "founded=1999-05"}), " =0");
    assert_str(organisations((struct list_case){.filters = "partners=a"}), "b =1");
    assert_str(organisations((struct list_case){.filters = "owner=a"}), "c =1");
    assert_str(organisations((struct list_case){.filters = "staff=7"}), "c =1");
    assert_str(organisations((struct list_case){.filters = "name=B"}), "b =1");
}

static void the_past_is_filtered_and_counted_like_the_present(void **state)
{
    (void)state;
    put(&fixture, "organisation", "{\"id\":\"a\",\"name\":{\"en\":\"A\"},\"kind\":\"firm\",\"domains\":[\"d1\"]}");
    put(&fixture, "organisation", "{\"id\":\"b\",\"name\":{\"en\":\"B\"},\"kind\":\"firm\"}");
    put(&fixture, "organisation", "{\"id\":\"a\",\"name\":{\"en\":\"Z\"},\"kind\":\"city\",\"domains\":[\"d2\"]}");
    put(&fixture, "organisation", "{\"id\":\"c\",\"name\":{\"en\":\"C\"},\"kind\":\"firm\"}");
    assert_str(organisations((struct list_case){0}), "b c a =3");
    assert_str(organisations((struct list_case){.as_of = 2}), "a b =2");
    assert_str(organisations((struct list_case){.as_of = 1}), "a =1");
    assert_str(organisations((struct list_case){.as_of = 2, .filters = "kind=firm"}), "a b =2");
    assert_str(organisations((struct list_case){.as_of = 2, .filters = "domains=d1"}), "a =1");
    assert_str(organisations((struct list_case){.as_of = 3, .filters = "domains=d1"}), " =0");
    assert_str(organisations((struct list_case){.filters = "kind=firm"}), "b c =2");
}

static void put_seat(const char *id, const char *dates)
{
    char json[300];
    snprintf(json, sizeof json, "{\"id\":\"%s\",\"member\":\"m\",\"post\":\"%s\"%s}", id, "chair", dates);
    put(&fixture, "seat", json);
}

static struct str seats_on(const char *on, int64_t as_of)
{
    return list_ids(&fixture, &(struct list_case){.register_name = "seat", .on = on, .as_of = as_of});
}

static void holds_on_a_day(void **state)
{
    (void)state;
    put(&fixture, "organisation", "{\"id\":\"m\",\"name\":{\"en\":\"M\"}}");
    put_seat("bounded", ",\"from\":\"2019\",\"to\":\"2020-06\"");
    assert_str(seats_on("2018-12-31", 0), " =0");
    assert_str(seats_on("2019-01-01", 0), "bounded =1");
    assert_str(seats_on("2020-06-30", 0), "bounded =1");
    assert_str(seats_on("2020-07-01", 0), " =0");
    assert_str(seats_on("2020", 0), "bounded =1");
    put_seat("seen", ",\"attested_on\":\"2022-02-21\"");
    assert_str(seats_on("2022-02-20", 0), " =0");
    assert_str(seats_on("2022-02-21", 0), "seen =1");
    assert_str(seats_on("2025-01-01", 0), "seen =1");
    int64_t before = store_last_seq(fixture.store);
    put_seat("next", ",\"from\":\"2023-04-01\"");
    assert_str(seats_on("2022-12-31", 0), "seen =1");
    assert_str(seats_on("2023-04-01", 0), "next =1");
    assert_str(seats_on("2023-04-01", before), "seen =1");
}

#define STORE_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

UNIT_TESTS(STORE_TEST(orders_by_reading_and_by_language), STORE_TEST(pages_lose_and_repeat_nothing),
           STORE_TEST(walks_in_pieces_lose_and_repeat_nothing), STORE_TEST(walks_of_the_past_lose_and_repeat_nothing),
           STORE_TEST(the_past_of_a_large_register_has_one_order), STORE_TEST(filters_combine),
           STORE_TEST(the_past_is_filtered_and_counted_like_the_present), STORE_TEST(holds_on_a_day))
