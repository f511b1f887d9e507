/* What a view was made of: it holds while nothing of that changes, and ends when anything does. */
#include "fixture.h"

static struct fixture fixture;

static int set_up(void **state)
{
    (void)state;
    fixture_open(&fixture);
    put(&fixture, "organisation", "{\"id\":\"a\",\"name\":{\"en\":\"A\"},\"kind\":\"firm\"}");
    put(&fixture, "organisation", "{\"id\":\"b\",\"name\":{\"en\":\"B\"},\"parent\":\"a\"}");
    put(&fixture, "person", "{\"id\":\"p\",\"note\":\"n\"}");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fixture_close(&fixture);
    return 0;
}

enum view { VIEW_RECORD, VIEW_LABEL, VIEW_LIST, VIEW_COUNT, VIEW_INBOUND, VIEW_HISTORY, VIEW_MISSING, VIEW_FEED };

static void look(struct reader *reader, enum view view)
{
    const struct reg *organisations = model_register(fixture.model, STR("organisation"));
    struct found found;
    struct bilingual label;
    struct page page;
    struct inbound_group *groups;
    struct revision *revisions;
    struct feed_item *items;
    struct err err = {0};
    size_t count;
    int64_t total;
    struct list_query query = {.reg = organisations, .limit = 10};
    struct arena *arena = &fixture.arena;
    int results[] = {
        [VIEW_RECORD] = view == VIEW_RECORD ? store_get(reader, organisations, STR("a"), arena, &found, NULL, &err) : 0,
        [VIEW_LABEL] = view == VIEW_LABEL ? store_label(reader, organisations, STR("a"), arena, &label, &err) : 0,
        [VIEW_LIST] = view == VIEW_LIST ? store_list(reader, &query, arena, &page, &err) : 0,
        [VIEW_COUNT] = view == VIEW_COUNT ? store_count(reader, organisations, &total, &err) : 0,
        [VIEW_INBOUND] =
            view == VIEW_INBOUND ? store_inbound(reader, organisations, STR("a"), 5, arena, &groups, &count, &err) : 0,
        [VIEW_HISTORY] = view == VIEW_HISTORY
                             ? store_history(reader, organisations, STR("a"), 5, 0, arena, &revisions, &count, &err)
                             : 0,
        [VIEW_MISSING] =
            view == VIEW_MISSING ? store_get(reader, organisations, STR("new"), arena, &found, NULL, &err) + 1 : 0,
        [VIEW_FEED] = view == VIEW_FEED ? store_feed(reader, 0, 5, arena, &items, &count, &err) : 0,
    };
    assert_int_equal(results[view], 0);
}

/* Whether a view made now still holds after that record was put. */
static bool holds_after(enum view view, const char *register_name, const char *json)
{
    struct read_options options = {.viewer = {.sees = VISIBILITY_PUBLIC}};
    struct reader *reader;
    struct err err = {0};
    static struct notes notes;
    if (store_read(fixture.store, &options, &reader, &err))
        fail_msg("%s", err.message);
    reader_note(reader, &notes);
    look(reader, view);
    reader_release(reader);
    notes_compact(&notes);
    _Atomic int64_t checked = notes.seq;
    assert_true(notes_hold(fixture.store, &notes, &checked));
    assert_true(put(&fixture, register_name, json) > 0);
    return notes_hold(fixture.store, &notes, &checked);
}

static void holds_while_others_change(void **state)
{
    (void)state;
    assert_true(holds_after(VIEW_RECORD, "person", "{\"id\":\"q\",\"note\":\"1\"}"));
    assert_true(holds_after(VIEW_LABEL, "person", "{\"id\":\"q\",\"note\":\"2\"}"));
    assert_true(holds_after(VIEW_LIST, "person", "{\"id\":\"q\",\"note\":\"3\"}"));
    assert_true(holds_after(VIEW_COUNT, "person", "{\"id\":\"q\",\"note\":\"4\"}"));
    assert_true(holds_after(VIEW_INBOUND, "person", "{\"id\":\"q\",\"note\":\"5\"}"));
    assert_true(holds_after(VIEW_HISTORY, "person", "{\"id\":\"q\",\"note\":\"6\"}"));
    assert_true(holds_after(VIEW_MISSING, "person", "{\"id\":\"q\",\"note\":\"7\"}"));
    assert_true(holds_after(VIEW_RECORD, "organisation", "{\"id\":\"c\",\"name\":{\"en\":\"C\"}}"));
}

static void ends_when_what_it_shows_changes(void **state)
{
    (void)state;
    assert_false(holds_after(VIEW_RECORD, "organisation", "{\"id\":\"a\",\"name\":{\"en\":\"A1\"}}"));
    assert_false(holds_after(VIEW_LABEL, "organisation", "{\"id\":\"a\",\"name\":{\"en\":\"A2\"}}"));
    assert_false(holds_after(VIEW_HISTORY, "organisation", "{\"id\":\"a\",\"name\":{\"en\":\"A3\"}}"));
    assert_false(holds_after(VIEW_LIST, "organisation", "{\"id\":\"b\",\"name\":{\"en\":\"B1\"},\"parent\":\"a\"}"));
    assert_false(holds_after(VIEW_COUNT, "organisation", "{\"id\":\"d\",\"name\":{\"en\":\"D\"}}"));
    assert_false(holds_after(VIEW_FEED, "person", "{\"id\":\"q\",\"note\":\"8\"}"));
    assert_false(holds_after(VIEW_MISSING, "organisation", "{\"id\":\"new\",\"name\":{\"en\":\"N\"}}"));
}

static void ends_when_who_refers_changes(void **state)
{
    (void)state;
    assert_false(holds_after(VIEW_INBOUND, "organisation", "{\"id\":\"b\",\"name\":{\"en\":\"B2\"},\"parent\":\"a\"}"));
    assert_false(holds_after(VIEW_INBOUND, "organisation", "{\"id\":\"e\",\"name\":{\"en\":\"E\"},\"parent\":\"a\"}"));
    assert_false(holds_after(VIEW_INBOUND, "organisation", "{\"id\":\"b\",\"name\":{\"en\":\"B2\"}}"));
}

#define STORE_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

UNIT_TESTS(STORE_TEST(holds_while_others_change), STORE_TEST(ends_when_what_it_shows_changes),
           STORE_TEST(ends_when_who_refers_changes))
