/* A store whose model changes: what is kept, what is renamed, what is refused. */
#include "fixture.h"

#include <sqlite3.h>

static struct fixture fixture;

static int set_up(void **state)
{
    (void)state;
    fixture_open(&fixture);
    put(&fixture, "organisation",
        "{\"id\":\"a\",\"name\":{\"ja\":\"甲\",\"en\":\"A\"},\"kind\":\"firm\",\"number\":\"n1\","
        "\"domains\":[\"d1\",\"d2\"],\"staff\":{\"value\":5,\"unit\":\"persons\"}}");
    put(&fixture, "organisation",
        "{\"id\":\"a\",\"name\":{\"ja\":\"甲\",\"en\":\"AA\"},\"kind\":\"firm\",\"number\":\"n1\","
        "\"domains\":[\"d1\"],\"staff\":{\"value\":6,\"unit\":\"persons\"}}");
    put(&fixture, "organisation", "{\"id\":\"b\",\"name\":{\"en\":\"B\"},\"kind\":\"city\",\"parent\":\"a\"}");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fixture_close(&fixture);
    return 0;
}

/* The fixture's model with `from` replaced by `to` in one file. */
static const struct model_file *changed(const char *path, const char *from, const char *to)
{
    struct model_file *files = ARENA_NEW_ARRAY(&fixture.arena, fixture_model_count, struct model_file);
    bool found = false;
    for (size_t i = 0; i < fixture_model_count; i++) {
        files[i] = fixture_model[i];
        if (!str_eq(files[i].path, str_from_cstr(path)))
            continue;
        size_t at = str_find(files[i].content, str_from_cstr(from));
        assert_true(at != SIZE_MAX);
        files[i].content = arena_concat(&fixture.arena, 3, str_slice(files[i].content, 0, at), str_from_cstr(to),
                                        str_slice(files[i].content, at + strlen(from), files[i].content.len));
        found = true;
    }
    assert_true(found);
    return files;
}

static void reopen(const struct model_file *files)
{
    fixture_reopen(&fixture, files, fixture_model_count);
}

static void opens_again_as_it_was(void **state)
{
    (void)state;
    struct str before = get_json(&fixture, "organisation", "a", VISIBILITY_SECRETARIAT, 0);
    reopen(NULL);
    assert_string_equal(get_json(&fixture, "organisation", "a", VISIBILITY_SECRETARIAT, 0).ptr, before.ptr);
    assert_int_equal(store_last_seq(fixture.store), 3);
}

#define FIELD(name, rest) "{\"name\":\"" name "\",\"title\":{\"ja\":\"題\",\"en\":\"Title\"},\"type\":" rest "}"

static void adds_a_field(void **state)
{
    (void)state;
    reopen(changed("organisation.json", FIELD("kana", "\"string\""),
                   FIELD("kana", "\"string\"") "," FIELD("motto", "\"string\",\"bilingual\":true")));
    put(&fixture, "organisation", "{\"id\":\"b\",\"name\":{\"en\":\"B\"},\"motto\":{\"en\":\"Go\"}}");
    assert_non_null(strstr(get_json(&fixture, "organisation", "b", VISIBILITY_PUBLIC, 0).ptr, "\"Go\""));
    assert_str(list_ids(&fixture, &(struct list_case){.register_name = "organisation", .filters = "domains=d1"}),
               "a =1");
    assert_str(
        list_ids(&fixture, &(struct list_case){.register_name = "organisation", .filters = "domains=d2", .as_of = 1}),
        "a =1");
}

static void renames_a_field_with_its_past(void **state)
{
    (void)state;
    reopen(changed("organisation.json", "{\"name\":\"staff\",", "{\"name\":\"people\",\"was\":\"staff\","));
    assert_non_null(
        strstr(get_json(&fixture, "organisation", "a", VISIBILITY_PUBLIC, 0).ptr, "\"people\":{\"value\":6,"));
    assert_non_null(
        strstr(get_json(&fixture, "organisation", "a", VISIBILITY_PUBLIC, 1).ptr, "\"people\":{\"value\":5,"));
}

static void hides_a_field_and_shows_it_again(void **state)
{
    (void)state;
    const struct model_file *without =
        changed("organisation.json", FIELD("number", "\"string\",\"constraints\":{\"unique\":true}") ",", "");
    reopen(without);
    assert_null(strstr(get_json(&fixture, "organisation", "a", VISIBILITY_PUBLIC, 0).ptr, "n1"));
    put(&fixture, "organisation", "{\"id\":\"a\",\"name\":{\"en\":\"AAA\"}}");
    fixture_reopen(&fixture, fixture_model, fixture_model_count);
    assert_non_null(strstr(get_json(&fixture, "organisation", "a", VISIBILITY_PUBLIC, 0).ptr, "\"number\":\"n1\""));
    assert_non_null(strstr(get_json(&fixture, "organisation", "a", VISIBILITY_PUBLIC, 2).ptr, "\"number\":\"n1\""));
}

static void renames_a_register(void **state)
{
    (void)state;
    put(&fixture, "person", "{\"id\":\"p\",\"note\":\"n\"}");
    struct model_file *files = ARENA_NEW_ARRAY(&fixture.arena, fixture_model_count, struct model_file);
    memcpy(files, changed("person.json", "{\"name\":\"person\",", "{\"name\":\"human\",\"was\":\"person\","),
           fixture_model_count * sizeof *files);
    for (size_t i = 0; i < fixture_model_count; i++) {
        if (str_eq(files[i].path, STR("person.json")))
            files[i].path = STR("human.json");
        size_t at = str_find(files[i].content, STR("\"reference\":\"person\""));
        if (at != SIZE_MAX)
            files[i].content =
                arena_concat(&fixture.arena, 3, str_slice(files[i].content, 0, at), STR("\"reference\":\"human\""),
                             str_slice(files[i].content, at + 20, files[i].content.len));
    }
    reopen(files);
    assert_non_null(strstr(get_json(&fixture, "human", "p", VISIBILITY_PUBLIC, 0).ptr, "\"note\":\"n\""));
    assert_str(list_ids(&fixture, &(struct list_case){.register_name = "human"}), "p =1");
}

static void refuses_what_would_lose_values(void **state)
{
    (void)state;
    struct str message = fixture_reopen_fails(&fixture,
                                              changed("organisation.json",
                                                      FIELD("number", "\"string\",\"constraints\":{\"unique\":true}"),
                                                      FIELD("number", "\"integer\"")),
                                              fixture_model_count);
    assert_non_null(strstr(message.ptr, "register organisation: the field number was text and is now integer"));
    fixture_reopen(&fixture, fixture_model, fixture_model_count);
    assert_non_null(strstr(get_json(&fixture, "organisation", "a", VISIBILITY_PUBLIC, 0).ptr, "n1"));
}

static void changes_the_kind_of_an_empty_field(void **state)
{
    (void)state;
    reopen(changed("organisation.json", FIELD("place", "\"geopoint\""), FIELD("place", "\"string\"")));
    put(&fixture, "organisation", "{\"id\":\"b\",\"name\":{\"en\":\"B\"},\"place\":\"here\"}");
    assert_non_null(strstr(get_json(&fixture, "organisation", "b", VISIBILITY_PUBLIC, 0).ptr, "\"place\":\"here\""));
}

static void refuses_to_lose_a_code_that_is_used(void **state)
{
    (void)state;
    struct str message = fixture_reopen_fails(
        &fixture, changed("vocabulary/kind.json", ",{\"code\":\"firm\",\"ja\":\"会社\",\"en\":\"Firm\"}", ""),
        fixture_model_count);
    assert_non_null(strstr(message.ptr, "\"firm\""));
    fixture_reopen(&fixture, fixture_model, fixture_model_count);
}

static void makes_text_a_vocabulary_when_every_value_is_a_code(void **state)
{
    (void)state;
    const char *number = FIELD("number", "\"string\",\"constraints\":{\"unique\":true}");
    const char *code = FIELD("number", "\"string\",\"vocabulary\":\"domain\",\"facet\":true");
    struct str message =
        fixture_reopen_fails(&fixture, changed("organisation.json", number, code), fixture_model_count);
    assert_non_null(strstr(message.ptr, "\"n1\""));
    fixture_reopen(&fixture, fixture_model, fixture_model_count);
    put(&fixture, "organisation", "{\"id\":\"a\",\"name\":{\"en\":\"A\"},\"number\":\"d1\"}");
    reopen(changed("organisation.json", number, code));
    assert_str(list_ids(&fixture, &(struct list_case){.register_name = "organisation", .filters = "number=d1"}),
               "a =1");
}

/* A store that another version of the program left with an index of which its description knows nothing. */
static void drops_indexes_it_was_not_told_of(void **state)
{
    (void)state;
    store_close(fixture.store);
    fixture.store = NULL;
    char path[128];
    snprintf(path, sizeof path, "%s/store.db", fixture.folder);
    sqlite3 *handle;
    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    assert_int_equal(sqlite3_exec(handle, "CREATE INDEX stray ON p_organisation (founded__k,id)", NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(handle);
    struct store_config config = {.url = "sqlite:", .folder = fixture.folder, .model = fixture.model};
    struct err err = {0};
    assert_int_equal(store_open(&config, &fixture.store, &err), 0);
    reopen(changed("organisation.json", FIELD("kana", "\"string\""),
                   FIELD("kana", "\"string\"") "," FIELD("motto", "\"string\"")));
    assert_non_null(strstr(get_json(&fixture, "organisation", "a", VISIBILITY_PUBLIC, 0).ptr, "AA"));
}

#define STORE_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

UNIT_TESTS(STORE_TEST(opens_again_as_it_was), STORE_TEST(adds_a_field), STORE_TEST(drops_indexes_it_was_not_told_of),
           STORE_TEST(renames_a_field_with_its_past), STORE_TEST(hides_a_field_and_shows_it_again),
           STORE_TEST(renames_a_register), STORE_TEST(refuses_what_would_lose_values),
           STORE_TEST(changes_the_kind_of_an_empty_field), STORE_TEST(refuses_to_lose_a_code_that_is_used),
           STORE_TEST(makes_text_a_vocabulary_when_every_value_is_a_code))
