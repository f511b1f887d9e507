/* One record at a time: what goes in comes out, conflicts, references, renaming, merging, redaction, history. */
#include "fixture.h"

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

static const char everything[] =
    "{\"id\":\"alpha\",\"owner\":\"alpha\",\"visibility\":\"public\",\"from\":\"2020\",\"to\":\"2024-09-30\","
    "\"attested_on\":\"2022-02-21\",\"name\":{\"ja\":\"甲\",\"en\":\"Alpha\"},\"kana\":\"こう\",\"kind\":\"firm\","
    "\"number\":\"n1\",\"domains\":[\"d2\",\"d1\"],\"partners\":[{\"name\":{\"ja\":\"外\",\"en\":\"Outside\"}},"
    "{\"id\":\"alpha\"}],\"founded\":\"1999-04\",\"staff\":{\"low\":20,\"high\":30,\"qualifier\":\"about\","
    "\"estimated\":true,\"unit\":\"persons\",\"period\":\"2021\",\"precision\":1},\"place\":{\"lat\":35.5,\"lon\":"
    "139.75,\"approximate\":true},\"listed\":false,\"checked\":\"2022-02-21T01:02:03.000Z\"}";

static void gives_back_what_went_in(void **state)
{
    (void)state;
    put(&fixture, "organisation", everything);
    struct str json = get_json(&fixture, "organisation", "alpha", VISIBILITY_SECRETARIAT, 0);
    assert_string_equal(json.ptr, everything);
    assert_int_equal(put(&fixture, "organisation", everything), 0);
    assert_int_equal(store_last_seq(fixture.store), 1);
}

static void keeps_the_past(void **state)
{
    (void)state;
    int64_t first = put(&fixture, "organisation", "{\"id\":\"a\",\"name\":{\"en\":\"One\"}}");
    put(&fixture, "organisation", "{\"id\":\"a\",\"name\":{\"en\":\"Two\"}}");
    assert_non_null(strstr(get_json(&fixture, "organisation", "a", VISIBILITY_PUBLIC, 0).ptr, "Two"));
    assert_non_null(strstr(get_json(&fixture, "organisation", "a", VISIBILITY_PUBLIC, first).ptr, "One"));
}

static void refuses_what_somebody_else_changed(void **state)
{
    (void)state;
    int64_t seq = put(&fixture, "organisation", "{\"id\":\"a\",\"name\":{\"en\":\"One\"}}");
    put(&fixture, "organisation", "{\"id\":\"a\",\"name\":{\"en\":\"Two\"}}");
    struct err err = {0};
    assert_int_equal(put_json(&fixture, "organisation", "{\"id\":\"a\",\"name\":{\"en\":\"Three\"}}", seq, NULL, &err),
                     -1);
    assert_int_equal(err.code, ERR_CONFLICT);
    assert_int_equal(
        put_json(&fixture, "organisation", "{\"id\":\"a\",\"name\":{\"en\":\"Three\"}}", SEQ_NONE, NULL, &err), -1);
    assert_string_equal(err.field, "id");
}

static void refuses_a_reference_to_nothing(void **state)
{
    (void)state;
    struct err err = {0};
    assert_int_equal(put_json(&fixture, "organisation", "{\"id\":\"a\",\"name\":{\"en\":\"A\"},\"parent\":\"ghost\"}",
                              SEQ_ANY, NULL, &err),
                     -1);
    assert_int_equal(err.code, ERR_INVALID);
    assert_string_equal(err.field, "parent");
    assert_int_equal(store_last_seq(fixture.store), 0);
    assert_str(get_json(&fixture, "organisation", "a", VISIBILITY_PUBLIC, 0), "-");
}

static void refuses_the_same_unique_value_twice(void **state)
{
    (void)state;
    put(&fixture, "organisation", "{\"id\":\"a\",\"name\":{\"en\":\"A\"},\"number\":\"1\"}");
    struct err err = {0};
    assert_int_equal(put_json(&fixture, "organisation", "{\"id\":\"b\",\"name\":{\"en\":\"B\"},\"number\":\"1\"}",
                              SEQ_ANY, NULL, &err),
                     -1);
    assert_int_equal(err.code, ERR_CONFLICT);
    assert_string_equal(err.field, "number");
}

static int delete_a(void *context, struct change_set *changes, struct err *err)
{
    struct fixture *f = context;
    return change_delete(changes, model_register(f->model, STR("organisation")), STR("a"), SEQ_ANY, err);
}

static void keeps_what_others_refer_to(void **state)
{
    (void)state;
    put(&fixture, "organisation", "{\"id\":\"a\",\"name\":{\"en\":\"A\"}}");
    put(&fixture, "organisation", "{\"id\":\"b\",\"name\":{\"en\":\"B\"},\"parent\":\"a\"}");
    struct err err = {0};
    assert_int_equal(fill_set(&fixture, delete_a, &fixture, NULL, &err), -1);
    assert_non_null(strstr(err.message, "organisation \"b\""));
    put(&fixture, "organisation", "{\"id\":\"b\",\"name\":{\"en\":\"B\"}}");
    assert_int_equal(fill_set(&fixture, delete_a, &fixture, NULL, &err), 0);
    assert_str(get_json(&fixture, "organisation", "a", VISIBILITY_PUBLIC, 0), "-");
    assert_non_null(strstr(get_json(&fixture, "organisation", "a", VISIBILITY_PUBLIC, 2).ptr, "\"A\""));
}

static int rename_a(void *context, struct change_set *changes, struct err *err)
{
    struct fixture *f = context;
    return change_rename(changes, model_register(f->model, STR("organisation")), STR("a"), STR("z"), err);
}

static int merge_z_into_b(void *context, struct change_set *changes, struct err *err)
{
    struct fixture *f = context;
    return change_merge(changes, model_register(f->model, STR("organisation")), STR("z"), STR("b"), err);
}

static void leaves_a_redirect(void **state)
{
    (void)state;
    put(&fixture, "organisation", "{\"id\":\"a\",\"name\":{\"en\":\"A\"},\"parent\":\"a\"}");
    put(&fixture, "organisation", "{\"id\":\"b\",\"name\":{\"en\":\"B\"},\"parent\":\"a\",\"partners\":[\"a\"]}");
    struct err err = {0};
    assert_int_equal(fill_set(&fixture, rename_a, &fixture, NULL, &err), 0);
    assert_str(get_json(&fixture, "organisation", "a", VISIBILITY_PUBLIC, 0), "-> z");
    assert_non_null(strstr(get_json(&fixture, "organisation", "z", VISIBILITY_PUBLIC, 0).ptr, "\"parent\":\"z\""));
    struct str b = get_json(&fixture, "organisation", "b", VISIBILITY_PUBLIC, 0);
    assert_non_null(strstr(b.ptr, "\"parent\":\"z\""));
    assert_non_null(strstr(b.ptr, "{\"id\":\"z\"}"));
    assert_int_equal(
        put_json(&fixture, "organisation", "{\"id\":\"a\",\"name\":{\"en\":\"New\"}}", SEQ_ANY, NULL, &err), -1);
    assert_int_equal(fill_set(&fixture, merge_z_into_b, &fixture, NULL, &err), 0);
    assert_str(get_json(&fixture, "organisation", "a", VISIBILITY_PUBLIC, 0), "-> b");
    assert_str(get_json(&fixture, "organisation", "z", VISIBILITY_PUBLIC, 0), "-> b");
    put(&fixture, "organisation", "{\"id\":\"c\",\"name\":{\"en\":\"C\"},\"parent\":\"a\"}");
    assert_non_null(strstr(get_json(&fixture, "organisation", "c", VISIBILITY_PUBLIC, 0).ptr, "\"parent\":\"b\""));
}

static int redact_p(void *context, struct change_set *changes, struct err *err)
{
    struct fixture *f = context;
    return change_redact(changes, model_register(f->model, STR("person")), STR("p"), NULL, 0, err);
}

static void takes_personal_data_out_of_the_past(void **state)
{
    (void)state;
    int64_t first = put(&fixture, "person", "{\"id\":\"p\",\"name\":{\"en\":\"SATO Hana\"},\"note\":\"n\"}");
    put(&fixture, "person",
        "{\"id\":\"p\",\"name\":{\"en\":\"SATO Hanako\"},\"mail\":\"h@example.org\",\"note\":\"n\"}");
    struct err err = {0};
    assert_int_equal(fill_set(&fixture, redact_p, &fixture, NULL, &err), 0);
    for (int64_t seq = 0; seq <= 3; seq += first) {
        struct str json = get_json(&fixture, "person", "p", VISIBILITY_SECRETARIAT, seq);
        assert_null(strstr(json.ptr, "SATO"));
        assert_null(strstr(json.ptr, "example"));
        assert_non_null(strstr(json.ptr, "\"redacted\":[\"name\",\"mail\"]"));
        assert_non_null(strstr(json.ptr, "\"note\":\"n\""));
    }
    /* A file that still has it does not bring it back. */
    put(&fixture, "person", "{\"id\":\"p\",\"name\":{\"en\":\"SATO Hana\"},\"note\":\"m\"}");
    assert_null(strstr(get_json(&fixture, "person", "p", VISIBILITY_SECRETARIAT, 0).ptr, "SATO"));
}

static void hides_fields_records_and_references(void **state)
{
    (void)state;
    put(&fixture, "organisation",
        "{\"id\":\"h\",\"visibility\":\"secretariat\",\"name\":{\"en\":\"Hidden\"},\"kind\":\"firm\"}");
    put(&fixture, "organisation",
        "{\"id\":\"a\",\"name\":{\"en\":\"A\"},\"parent\":\"h\",\"partners\":[\"h\",\"a\"],\"secret\":\"s\","
        "\"kind\":\"firm\"}");
    assert_str(get_json(&fixture, "organisation", "h", VISIBILITY_MEMBERS, 0), "-");
    struct str json = get_json(&fixture, "organisation", "a", VISIBILITY_PUBLIC, 0);
    assert_null(strstr(json.ptr, "\"h\""));
    assert_null(strstr(json.ptr, "secret"));
    assert_non_null(strstr(json.ptr, "\"partners\":[{\"id\":\"a\"}]"));
    assert_non_null(strstr(get_json(&fixture, "organisation", "a", VISIBILITY_MEMBERS, 0).ptr, "\"secret\":\"s\""));
    assert_str(list_ids(&fixture, &(struct list_case){.register_name = "organisation"}), "a =1");
    assert_str(list_ids(&fixture, &(struct list_case){.register_name = "organisation", .filters = "kind=firm"}),
               "a =1");
    assert_str(list_ids(&fixture, &(struct list_case){.register_name = "organisation", .filters = "parent=h"}), " =0");
    assert_str(list_ids(&fixture, &(struct list_case){.register_name = "organisation",
                                                      .filters = "parent=h",
                                                      .sees = VISIBILITY_SECRETARIAT}),
               "a =1");
}

static void tells_who_changed_what_and_why(void **state)
{
    (void)state;
    put(&fixture, "organisation", "{\"id\":\"a\",\"name\":{\"en\":\"One\"}}");
    put(&fixture, "organisation", "{\"id\":\"a\",\"name\":{\"en\":\"Two\"}}");
    struct err err = {0};
    assert_int_equal(fill_set(&fixture, rename_a, &fixture, NULL, &err), 0);
    struct read_options options = {.viewer = {.sees = VISIBILITY_PUBLIC}};
    struct reader *reader;
    assert_int_equal(store_read(fixture.store, &options, &reader, &err), 0);
    struct revision *revisions;
    size_t count;
    assert_int_equal(store_history(reader, model_register(fixture.model, STR("organisation")), STR("z"), 10, 0,
                                   &fixture.arena, &revisions, &count, &err),
                     0);
    assert_int_equal(count, 3);
    assert_int_equal(revisions[0].kind, CHANGE_RENAME);
    assert_int_equal(revisions[1].kind, CHANGE_UPDATE);
    assert_int_equal(revisions[2].kind, CHANGE_CREATE);
    assert_str(revisions[1].author, "tester");
    assert_str(revisions[1].reason, "a test");
    assert_str(value_get_text(value_get(revisions[1].before, STR("name")), STR("en")), "One");
    assert_str(value_get_text(value_get(revisions[1].after, STR("name")), STR("en")), "Two");
    assert_null(revisions[2].before);
    reader_release(reader);
}

struct step {
    enum change_kind kind;
    const char *register_name, *id, *other;
};

static int fill_step(void *context, struct change_set *changes, struct err *err)
{
    const struct step *step = context;
    const struct reg *reg = model_register(fixture.model, str_from_cstr(step->register_name));
    struct str id = str_from_cstr(step->id), other = str_from_cstr(step->other);
    if (step->kind == CHANGE_DELETE)
        return change_delete(changes, reg, id, SEQ_ANY, err);
    if (step->kind == CHANGE_RENAME)
        return change_rename(changes, reg, id, other, err);
    if (step->kind == CHANGE_MERGE)
        return change_merge(changes, reg, id, other, err);
    return change_redact(changes, reg, id, NULL, 0, err);
}

static int take(enum change_kind kind, const char *register_name, const char *id, const char *other, struct err *err)
{
    struct step step = {kind, register_name, id, other};
    return fill_set(&fixture, fill_step, &step, NULL, err);
}

static void note_finding(void *context, struct str line)
{
    (void)context;
    print_message("%.*s\n", STR_ARG(line));
}

static void assert_sound(void)
{
    int64_t findings = 0;
    struct err err = {0};
    assert_int_equal(store_check(fixture.store, note_finding, NULL, &findings, &err), 0);
    assert_int_equal(findings, 0);
}

static void names_a_merged_record_once(void **state)
{
    (void)state;
    struct err err = {0};
    put(&fixture, "organisation", "{\"id\":\"a\",\"name\":{\"en\":\"A\"}}");
    put(&fixture, "organisation", "{\"id\":\"b\",\"name\":{\"en\":\"B\"}}");
    put(&fixture, "organisation",
        "{\"id\":\"c\",\"name\":{\"en\":\"C\"},\"partners\":[{\"id\":\"a\"},{\"name\":{\"en\":\"X\"}},{\"id\":\"b\"}]}");
    assert_int_equal(take(CHANGE_MERGE, "organisation", "a", "b", &err), 0);
    struct str json = get_json(&fixture, "organisation", "c", VISIBILITY_PUBLIC, 0);
    assert_non_null(strstr(json.ptr, "\"partners\":[{\"id\":\"b\"},{\"name\":{\"en\":\"X\"}}]"));
    assert_sound();
}

static size_t history_length(const char *id)
{
    struct read_options options = {.viewer = {.sees = VISIBILITY_PUBLIC}};
    struct reader *reader;
    struct revision *revisions;
    struct err err = {0};
    size_t count;
    assert_int_equal(store_read(fixture.store, &options, &reader, &err), 0);
    assert_int_equal(store_history(reader, model_register(fixture.model, STR("organisation")), str_from_cstr(id), 10, 0,
                                   &fixture.arena, &revisions, &count, &err),
                     0);
    reader_release(reader);
    return count;
}

static void keeps_histories_of_merged_records_apart(void **state)
{
    (void)state;
    struct err err = {0};
    put(&fixture, "organisation", "{\"id\":\"a\",\"name\":{\"en\":\"A\"}}");
    put(&fixture, "organisation", "{\"id\":\"c\",\"name\":{\"en\":\"C\"}}");
    assert_int_equal(take(CHANGE_RENAME, "organisation", "a", "b", &err), 0);
    assert_int_equal(history_length("b"), 2);
    assert_int_equal(take(CHANGE_MERGE, "organisation", "b", "c", &err), 0);
    assert_int_equal(history_length("c"), 1);
}

static void gives_no_id_of_the_past_to_another_record(void **state)
{
    (void)state;
    struct err err = {0};
    put(&fixture, "organisation", "{\"id\":\"a\",\"name\":{\"en\":\"A\"}}");
    put(&fixture, "organisation", "{\"id\":\"b\",\"name\":{\"en\":\"B\"}}");
    assert_int_equal(take(CHANGE_DELETE, "organisation", "a", "", &err), 0);
    assert_int_equal(take(CHANGE_RENAME, "organisation", "b", "a", &err), -1);
    assert_int_equal(err.code, ERR_CONFLICT);
}

static void refuses_a_reference_to_what_was_moved_and_deleted(void **state)
{
    (void)state;
    struct err err = {0};
    put(&fixture, "organisation", "{\"id\":\"a\",\"name\":{\"en\":\"A\"}}");
    assert_int_equal(take(CHANGE_RENAME, "organisation", "a", "b", &err), 0);
    assert_int_equal(take(CHANGE_DELETE, "organisation", "b", "", &err), 0);
    assert_int_equal(put_json(&fixture, "organisation", "{\"id\":\"c\",\"name\":{\"en\":\"C\"},\"parent\":\"a\"}",
                              SEQ_ANY, NULL, &err),
                     -1);
    assert_int_equal(err.code, ERR_INVALID);
}

static void assert_forgotten(const char *id, int64_t last_seq)
{
    for (int64_t seq = 1; seq <= last_seq; seq++) {
        struct str json = get_json(&fixture, "person", id, VISIBILITY_SECRETARIAT, seq);
        assert_null(strstr(json.ptr, "p@example.org"));
    }
}

static void forgets_under_every_name(void **state)
{
    (void)state;
    struct err err = {0};
    put(&fixture, "person", "{\"id\":\"p\",\"name\":{\"en\":\"P\"},\"mail\":\"p@example.org\"}");
    assert_int_equal(take(CHANGE_RENAME, "person", "p", "q", &err), 0);
    assert_int_equal(take(CHANGE_REDACT, "person", "q", "", &err), 0);
    assert_forgotten("p", 3);
    assert_forgotten("q", 3);
    assert_sound();
}

static void forgets_who_is_gone(void **state)
{
    (void)state;
    struct err err = {0};
    put(&fixture, "person", "{\"id\":\"p\",\"name\":{\"en\":\"P\"},\"mail\":\"p@example.org\"}");
    put(&fixture, "person", "{\"id\":\"r\",\"name\":{\"en\":\"P\"},\"mail\":\"p@example.org\"}");
    put(&fixture, "person", "{\"id\":\"s\",\"name\":{\"en\":\"S\"}}");
    assert_int_equal(take(CHANGE_DELETE, "person", "p", "", &err), 0);
    assert_int_equal(take(CHANGE_RENAME, "person", "r", "r2", &err), 0);
    assert_int_equal(take(CHANGE_MERGE, "person", "r2", "s", &err), 0);
    assert_int_equal(take(CHANGE_REDACT, "person", "p", "", &err), 0);
    assert_int_equal(take(CHANGE_REDACT, "person", "r", "", &err), 0);
    assert_forgotten("p", 9);
    assert_forgotten("r", 9);
    assert_forgotten("r2", 9);
    assert_sound();
    assert_int_equal(take(CHANGE_REDACT, "person", "nobody", "", &err), -1);
    assert_int_equal(err.code, ERR_NOT_FOUND);
}

/* Who came first among those a viewer sees; empty: nobody. */
static struct str eldest(enum visibility sees, int64_t as_of)
{
    struct read_options options = {.viewer = {.sees = sees}, .as_of = as_of};
    struct reader *reader;
    struct err err = {0};
    const struct found *found = NULL;
    if (store_read(fixture.store, &options, &reader, &err) ||
        store_eldest(reader, model_register(fixture.model, STR("organisation")), &fixture.arena, &found, &err))
        fail_msg("%s", err.message);
    reader_release(reader);
    return found ? value_get_text(found->record, STR("id")) : STR("");
}

static void knows_who_came_first(void **state)
{
    (void)state;
    assert_string_equal(eldest(VISIBILITY_PUBLIC, 0).ptr, "");
    put(&fixture, "organisation", "{\"id\":\"h\",\"visibility\":\"members\",\"name\":{\"en\":\"Hidden\"}}");
    assert_string_equal(eldest(VISIBILITY_PUBLIC, 0).ptr, "");
    put(&fixture, "organisation", "{\"id\":\"m\",\"name\":{\"en\":\"First\"}}");
    int64_t seq = put(&fixture, "organisation", "{\"id\":\"a\",\"name\":{\"en\":\"Second\"}}");
    put(&fixture, "organisation", "{\"id\":\"m\",\"name\":{\"en\":\"Zulu\"}}");
    assert_string_equal(eldest(VISIBILITY_PUBLIC, 0).ptr, "m");
    assert_string_equal(eldest(VISIBILITY_PUBLIC, seq).ptr, "m");
    assert_string_equal(eldest(VISIBILITY_MEMBERS, 0).ptr, "h");
    struct err err = {0};
    assert_int_equal(take(CHANGE_DELETE, "organisation", "m", "", &err), 0);
    assert_string_equal(eldest(VISIBILITY_PUBLIC, 0).ptr, "a");
    put(&fixture, "organisation", "{\"id\":\"m\",\"name\":{\"en\":\"Again\"}}");
    assert_string_equal(eldest(VISIBILITY_PUBLIC, 0).ptr, "m");
}

#define STORE_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

UNIT_TESTS(STORE_TEST(gives_back_what_went_in), STORE_TEST(keeps_the_past),
           STORE_TEST(refuses_what_somebody_else_changed), STORE_TEST(refuses_a_reference_to_nothing),
           STORE_TEST(refuses_the_same_unique_value_twice), STORE_TEST(keeps_what_others_refer_to),
           STORE_TEST(leaves_a_redirect), STORE_TEST(takes_personal_data_out_of_the_past),
           STORE_TEST(hides_fields_records_and_references), STORE_TEST(tells_who_changed_what_and_why),
           STORE_TEST(names_a_merged_record_once), STORE_TEST(keeps_histories_of_merged_records_apart),
           STORE_TEST(gives_no_id_of_the_past_to_another_record),
           STORE_TEST(refuses_a_reference_to_what_was_moved_and_deleted), STORE_TEST(forgets_under_every_name),
           STORE_TEST(forgets_who_is_gone), STORE_TEST(knows_who_came_first))
