#include "unit.h"

#include "web/query.h"

static const char register_json[] =
    "{\"name\":\"boat\",\"title\":{\"ja\":\"船\",\"en\":\"Boats\"},\"group\":\"g\",\"label\":[\"name\"],\"fields\":["
    "{\"name\":\"name\",\"type\":\"string\",\"bilingual\":true,\"sortable\":true,\"title\":{\"ja\":\"名\",\"en\":\"Name\"}},"
    "{\"name\":\"kind\",\"type\":\"string\",\"vocabulary\":\"kind\",\"facet\":true,\"title\":{\"ja\":\"種\",\"en\":\"Kind\"}},"
    "{\"name\":\"sister\",\"type\":\"string\",\"reference\":\"boat\",\"title\":{\"ja\":\"姉\",\"en\":\"Sister\"}},"
    "{\"name\":\"afloat\",\"type\":\"boolean\",\"facet\":true,\"title\":{\"ja\":\"浮\",\"en\":\"Afloat\"}},"
    "{\"name\":\"built\",\"type\":\"date\",\"sortable\":true,\"title\":{\"ja\":\"建\",\"en\":\"Built\"}},"
    "{\"name\":\"berth\",\"type\":\"integer\",\"title\":{\"ja\":\"泊\",\"en\":\"Berth\"}},"
    "{\"name\":\"secret\",\"type\":\"string\",\"visibility\":\"secretariat\",\"title\":{\"ja\":\"秘\",\"en\":\"Secret\"}}"
    "]}";
static const char kind_json[] = "{\"name\":\"kind\",\"title\":{\"ja\":\"種\",\"en\":\"Kind\"},\"terms\":["
                                "{\"code\":\"tug\",\"ja\":\"曳船\",\"en\":\"Tug\"},"
                                "{\"code\":\"ferry\",\"ja\":\"渡船\",\"en\":\"Ferry\"}]}";
static const char group_json[] = "{\"name\":\"register-group\",\"title\":{\"ja\":\"群\",\"en\":\"Groups\"},\"terms\":["
                                 "{\"code\":\"g\",\"ja\":\"群\",\"en\":\"Group\"}]}";

struct fixture {
    struct arena arena;
    struct model *model;
    struct query query;
    struct problem problem;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct model_file files[] = {
        {STR("boat.json"), str_from_cstr(register_json)},
        {STR("vocabulary/kind.json"), str_from_cstr(kind_json)},
        {STR("vocabulary/register-group.json"), str_from_cstr(group_json)},
    };
    struct problems problems;
    struct err err = {0};

    arena_init(&f->arena, 16 << 20);
    problems_init(&problems, &f->arena);
    if (model_read(files, 3, &problems, &f->model, &err) != 0) {
        fail_msg("%s: %.*s", err.message, STR_ARG(problems.lines[0]));
    }
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    model_free(f->model);
    arena_free(&f->arena);
    free(f);
    return 0;
}

static int ask(struct fixture *f, const char *text, unsigned parts, bool empty_is_absent)
{
    struct query_rules rules = {
        .parts = parts,
        .empty_is_absent = empty_is_absent,
        .lang = LANG_EN,
        .default_limit = 20,
        .max_limit = 50,
        .last_seq = 12,
    };
    struct http_pair *pairs = NULL;
    struct err err;
    size_t count = 0;

    f->problem = problem_of(PROBLEM_KINDS);
    assert_int_equal(http_form_read(&f->arena, str_from_cstr(text), 64, &pairs, &count, &err), 0);
    return query_read(model_register(f->model, STR("boat")), pairs, count, &rules, &f->arena, &f->query, &f->problem);
}

static void everything_that_is_known_is_read(void **state)
{
    struct fixture *f = *state;
    const char *text = "kind=tug&sister=old.tug&afloat=true&built=2022-02&berth=-3&owner=port&sort=-built&limit=50&"
                       "cursor=abc&on=2022-02-21&as_of=seq:12&lang=ja";

    assert_int_equal(ask(f, text, QUERY_LIST, false), 0);
    assert_int_equal(f->query.list.filter_count, 6);
    assert_ptr_equal(f->query.list.filters, f->query.filters);
    assert_true(f->query.list.descending);
    assert_true(str_eq(f->query.list.sort->name, STR("built")));
    assert_int_equal(f->query.list.limit, 50);
    assert_true(str_eq(f->query.list.cursor, STR("abc")));
    assert_int_equal(f->query.options.on.day, 21);
    assert_int_equal(f->query.options.as_of, 12);
    assert_int_equal(f->query.options.lang, LANG_JA);
    assert_null(f->query.filters[5].field);
    assert_int_equal(ask(f, "name=Nagia", QUERY_LIST, false), 0);
}

static void nothing_asked_is_the_default(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(ask(f, "", QUERY_LIST, false), 0);
    assert_int_equal(f->query.list.limit, 20);
    assert_int_equal(f->query.list.filter_count, 0);
    assert_int_equal(f->query.options.lang, LANG_EN);
    assert_int_equal(ask(f, "kind=&on=&sort=", QUERY_LIST, true), 0);
    assert_int_equal(f->query.list.filter_count, 0);
}

static void the_rest_is_refused(void **state)
{
    static const struct {
        const char *text;
        enum problem_kind kind;
        const char *field;
    } cases[] = {
        {"colour=red", PROBLEM_UNKNOWN_PARAMETER, "colour"},
        {"secret=x", PROBLEM_UNKNOWN_PARAMETER, "secret"},
        {"kind=submarine", PROBLEM_INVALID_VALUE, "kind"},
        {"kind=", PROBLEM_INVALID_VALUE, "kind"},
        {"sister=Old", PROBLEM_INVALID_VALUE, "sister"},
        {"afloat=yes", PROBLEM_INVALID_VALUE, "afloat"},
        {"built=2022-02-30", PROBLEM_INVALID_VALUE, "built"},
        {"berth=1.5", PROBLEM_INVALID_VALUE, "berth"},
        {"sort=kind", PROBLEM_INVALID_VALUE, "sort"},
        {"sort=-", PROBLEM_INVALID_VALUE, "sort"},
        {"limit=0", PROBLEM_INVALID_VALUE, "limit"},
        {"limit=51", PROBLEM_INVALID_VALUE, "limit"},
        {"limit=1&limit=1", PROBLEM_REPEATED_PARAMETER, "limit"},
        {"on=today", PROBLEM_INVALID_VALUE, "on"},
        {"as_of=12", PROBLEM_INVALID_VALUE, "as_of"},
        {"as_of=seq:0", PROBLEM_INVALID_VALUE, "as_of"},
        {"as_of=seq:13", PROBLEM_INVALID_VALUE, "as_of"},
        {"as_of=edition:2026", PROBLEM_INVALID_VALUE, "as_of"},
        {"lang=fr", PROBLEM_INVALID_VALUE, "lang"},
        {"kind=tug&kind=tug&kind=tug&kind=tug&kind=tug&kind=tug&kind=tug&kind=tug&kind=tug&kind=tug&kind=tug&kind=tug&"
         "kind=tug&kind=tug&kind=tug&kind=tug&kind=tug",
         PROBLEM_TOO_MANY_FILTERS, "kind"},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (ask(f, cases[i].text, QUERY_LIST, false) == 0) {
            fail_msg("%s was read", cases[i].text);
        }
        assert_int_equal(f->problem.kind, cases[i].kind);
        assert_true(str_eq(f->problem.field, str_from_cstr(cases[i].field)));
    }
}

static void an_address_knows_only_its_own(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(ask(f, "as_of=seq:1", QUERY_AS_OF, false), 0);
    assert_int_equal(ask(f, "on=2022", QUERY_AS_OF, false), -1);
    assert_int_equal(f->problem.kind, PROBLEM_UNKNOWN_PARAMETER);
    assert_int_equal(ask(f, "kind=tug", QUERY_AS_OF, false), -1);
    assert_int_equal(value_count(f->problem.values), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(everything_that_is_known_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_asked_is_the_default, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_rest_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_address_knows_only_its_own, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
