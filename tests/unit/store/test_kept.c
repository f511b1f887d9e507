/* What a reader keeps of what was made from its readings: made once, and again when something of it changes. */
#include "fixture.h"

static struct fixture fixture;
static int made;
static struct str from; /* the register of the record "a" whose name is made */

static int set_up(void **state)
{
    (void)state;
    fixture_open(&fixture);
    made = 0;
    from = STR("organisation");
    put(&fixture, "organisation", "{\"id\":\"a\",\"name\":{\"en\":\"First\"}}");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fixture_close(&fixture);
    return 0;
}

static int make_name(void *context, struct reader *reader, struct arena *arena, void **ret_value, struct err *err)
{
    struct bilingual label;
    made++;
    if (context)
        return err_set(err, ERR_INVALID, "%s", (const char *)context);
    if (store_label(reader, model_register(fixture.model, from), STR("a"), arena, &label, err))
        return -1;
    *ret_value = (void *)(uintptr_t)arena_copy(arena, label.in[LANG_EN]).ptr;
    return 0;
}

static const char *name_as_of(int64_t as_of)
{
    struct read_options options = {.viewer = {.sees = VISIBILITY_PUBLIC}, .as_of = as_of};
    struct reader *reader;
    struct err err = {0};
    void *value = NULL;
    if (store_read(fixture.store, &options, &reader, &err) ||
        reader_kept(reader, STR("name"), &fixture.arena, make_name, NULL, &value, &err))
        fail_msg("%s", err.message);
    const char *name = arena_copy(&fixture.arena, str_from_cstr(value)).ptr;
    reader_release(reader);
    return name;
}

static void made_once_until_it_changes(void **state)
{
    (void)state;
    assert_string_equal(name_as_of(0), "First");
    assert_string_equal(name_as_of(0), "First");
    assert_int_equal(made, 1);
    put(&fixture, "person", "{\"id\":\"p\",\"note\":\"elsewhere\"}");
    assert_string_equal(name_as_of(0), "First");
    assert_int_equal(made, 1);
    int64_t second = put(&fixture, "organisation", "{\"id\":\"a\",\"name\":{\"en\":\"Second\"}}");
    assert_string_equal(name_as_of(0), "Second");
    assert_string_equal(name_as_of(second - 1), "First");
    assert_string_equal(name_as_of(second - 1), "First");
    assert_int_equal(made, 3);
    assert_string_equal(name_as_of(0), "Second");
    assert_int_equal(made, 3);
}

static int redact_person(void *context, struct change_set *changes, struct err *err)
{
    struct fixture *f = context;
    return change_redact(changes, model_register(f->model, STR("person")), STR("a"), NULL, 0, err);
}

/* The past is kept too: it does not change but by a redaction. */
static void of_the_past_it_is_made_once_until_a_redaction(void **state)
{
    (void)state;
    from = STR("person");
    int64_t first = put(&fixture, "person", "{\"id\":\"a\",\"name\":{\"en\":\"First\"},\"note\":\"n\"}");
    put(&fixture, "person", "{\"id\":\"a\",\"name\":{\"en\":\"Second\"},\"note\":\"n\"}");
    struct err err = {0};
    assert_string_equal(name_as_of(first), "First");
    put(&fixture, "organisation", "{\"id\":\"b\",\"name\":{\"en\":\"Other\"}}");
    assert_string_equal(name_as_of(first), "First");
    assert_int_equal(made, 1);
    assert_int_equal(fill_set(&fixture, redact_person, &fixture, NULL, &err), 0);
    assert_string_not_equal(name_as_of(first), "First");
    assert_int_equal(made, 2);
}

static int rename_person(void *context, struct change_set *changes, struct err *err)
{
    struct fixture *f = context;
    return change_rename(changes, model_register(f->model, STR("person")), STR("a"), STR("z"), err);
}

static int redact_renamed(void *context, struct change_set *changes, struct err *err)
{
    struct fixture *f = context;
    return change_redact(changes, model_register(f->model, STR("person")), STR("z"), NULL, 0, err);
}

static void a_redaction_reaches_what_was_made_under_a_former_id(void **state)
{
    (void)state;
    from = STR("person");
    int64_t first = put(&fixture, "person", "{\"id\":\"a\",\"name\":{\"en\":\"First\"},\"note\":\"n\"}");
    struct err err = {0};
    assert_int_equal(fill_set(&fixture, rename_person, &fixture, NULL, &err), 0);
    assert_string_equal(name_as_of(first), "First");
    assert_int_equal(fill_set(&fixture, redact_renamed, &fixture, NULL, &err), 0);
    assert_string_not_equal(name_as_of(first), "First");
}

/* Whether a register has hidden records changes how others that name its records are read. */
static void the_first_hidden_record_of_a_register_ends_everything(void **state)
{
    (void)state;
    assert_string_equal(name_as_of(0), "First");
    put(&fixture, "person", "{\"id\":\"p\",\"note\":\"n\",\"visibility\":\"secretariat\"}");
    assert_string_equal(name_as_of(0), "First");
    assert_int_equal(made, 2);
    put(&fixture, "person", "{\"id\":\"q\",\"note\":\"n\",\"visibility\":\"secretariat\"}");
    assert_string_equal(name_as_of(0), "First");
    assert_int_equal(made, 2);
}

static void what_it_was_made_of_is_noted_each_time(void **state)
{
    (void)state;
    static struct notes notes;
    for (int i = 0; i < 2; i++) {
        struct read_options options = {.viewer = {.sees = VISIBILITY_PUBLIC}};
        struct reader *reader;
        struct err err = {0};
        void *value;
        if (store_read(fixture.store, &options, &reader, &err))
            fail_msg("%s", err.message);
        reader_note(reader, &notes);
        assert_int_equal(reader_kept(reader, STR("name"), &fixture.arena, make_name, NULL, &value, &err), 0);
        reader_release(reader);
        assert_int_equal(notes.count, 1);
    }
    assert_int_equal(made, 1);
}

static void a_failure_is_not_kept(void **state)
{
    (void)state;
    struct read_options options = {.viewer = {.sees = VISIBILITY_PUBLIC}};
    struct reader *reader;
    struct err err = {0};
    void *value = NULL;
    char reason[] = "not now";
    if (store_read(fixture.store, &options, &reader, &err))
        fail_msg("%s", err.message);
    assert_int_equal(reader_kept(reader, STR("name"), &fixture.arena, make_name, reason, &value, &err), -1);
    assert_string_equal(err.message, "not now");
    assert_null(value);
    reader_release(reader);
    assert_string_equal(name_as_of(0), "First");
    assert_int_equal(made, 2);
}

static int make_large(void *context, struct reader *reader, struct arena *arena, void **ret_value, struct err *err)
{
    (void)reader;
    (void)err;
    made++;
    char *large = arena_alloc(arena, 240000);
    *large = *(const char *)context;
    *ret_value = large;
    return 0;
}

static char large_of(const char *key)
{
    struct read_options options = {.viewer = {.sees = VISIBILITY_PUBLIC}};
    struct reader *reader;
    struct err err = {0};
    void *value = NULL;
    char name[] = {*key, 0};
    if (store_read(fixture.store, &options, &reader, &err) ||
        reader_kept(reader, str_from_cstr(key), &fixture.arena, make_large, name, &value, &err))
        fail_msg("%s", err.message);
    char first = '\0';
    if (value)
        first = *(const char *)value;
    reader_release(reader);
    return first;
}

static void what_was_wanted_longest_ago_goes_when_there_is_too_much(void **state)
{
    (void)state;
    for (const char *key = "abcabd"; *key; key++) { /* "b" is used again and "c" is not */
        char name[] = {*key, 0};
        assert_int_equal(large_of(name), *key);
    }
    assert_int_equal(made, 4);
    assert_int_equal(large_of("b"), 'b');
    assert_int_equal(large_of("d"), 'd');
    assert_int_equal(made, 4);
    assert_int_equal(large_of("c"), 'c');
    assert_int_equal(made, 5);
}

static int make_today(void *context, struct reader *reader, struct arena *arena, void **ret_value, struct err *err)
{
    (void)err;
    made++;
    struct date *today = ARENA_NEW(arena, struct date);
    *today = reader_today(reader, str_from_cstr(context));
    *ret_value = today;
    return 0;
}

static void a_day_that_was_taken_for_today_is_noted_each_time(void **state)
{
    (void)state;
    static struct notes notes;
    char zone[] = "Asia/Tokyo";
    for (int i = 0; i < 2; i++) {
        struct read_options options = {.viewer = {.sees = VISIBILITY_PUBLIC}};
        struct reader *reader;
        struct err err = {0};
        void *value = NULL;
        if (store_read(fixture.store, &options, &reader, &err))
            fail_msg("%s", err.message);
        reader_note(reader, &notes);
        assert_int_equal(reader_kept(reader, STR("today"), &fixture.arena, make_today, zone, &value, &err), 0);
        reader_release(reader);
        assert_true(value && date_cmp(notes.day, *(const struct date *)value) == 0);
        assert_int_equal(notes.zone.len, strlen(zone));
        assert_memory_equal(notes.zone.ptr, zone, strlen(zone));
    }
}

#define STORE_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

UNIT_TESTS(STORE_TEST(a_redaction_reaches_what_was_made_under_a_former_id),
           STORE_TEST(the_first_hidden_record_of_a_register_ends_everything), STORE_TEST(made_once_until_it_changes),
           STORE_TEST(of_the_past_it_is_made_once_until_a_redaction),
           STORE_TEST(what_it_was_made_of_is_noted_each_time), STORE_TEST(a_failure_is_not_kept),
           STORE_TEST(what_was_wanted_longest_ago_goes_when_there_is_too_much),
           STORE_TEST(a_day_that_was_taken_for_today_is_noted_each_time))
