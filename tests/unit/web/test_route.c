#include "unit.h"

#include "web/route.h"

static void check(const char *pattern, const char *path, bool fits)
{
    struct route_params params;
    if (route_matches(pattern, str_from_cstr(path), &params) != fits) {
        fail_msg("%s %s %s", path, fits ? "should fit" : "should not fit", pattern);
    }
}

static void words_stand_for_themselves(void **state)
{
    (void)state;
    check("/healthz", "/healthz", true);
    check("/healthz", "/healthz/", false);
    check("/healthz", "/healthzz", false);
    check("/api/v1", "/api", false);
    check("/", "/", true);
    check("/", "/a", false);
}

static void languages_are_known_ones(void **state)
{
    (void)state;
    check("/{lang}/", "/ja/", true);
    check("/{lang}/", "/fr/", false);
    check("/{lang}/", "/ja", false);
    check("/{lang}/{register}", "/en/hub", true);
    check("/{lang}/{register}", "/en/", false);
}

static void registers_have_plain_names(void **state)
{
    (void)state;
    check("/api/v1/{register}", "/api/v1/hub-function", true);
    check("/api/v1/{register}", "/api/v1/hub.csv", false);
    check("/api/v1/{register}", "/api/v1/Hub", false);
    check("/api/v1/{register.form}", "/api/v1/hub.csv", true);
    check("/api/v1/{register.form}", "/api/v1/hub", false);
    check("/api/v1/{register.form}", "/api/v1/.csv", false);
}

static void ids_are_any_segment(void **state)
{
    struct route_params params;
    (void)state;
    assert_true(route_matches("/api/v1/{register}/{id}/history", STR("/api/v1/hub/a.b/history"), &params));
    assert_true(str_eq(params.reg, STR("hub")));
    assert_true(str_eq(params.id, STR("a.b")));
    check("/api/v1/{register}/{id}", "/api/v1/hub/", false);
    check("/api/v1/{register}/{id}", "/api/v1/hub/a/b", false);
}

static void methods_stand_before_their_path(void **state)
{
    const char *path;
    (void)state;
    assert_int_equal(route_method("/{lang}/contact", &path), HTTP_GET);
    assert_string_equal(path, "/{lang}/contact");
    assert_int_equal(route_method("POST /{lang}/contact", &path), HTTP_POST);
    assert_string_equal(path, "/{lang}/contact");
    assert_int_equal(route_method("DELETE /x", &path), HTTP_DELETE);
}

static void rows_are_found_by_method(void **state)
{
    struct route_match match = route_find(STR("/en/contact"), HTTP_POST);
    (void)state;
    assert_string_equal(match.route->pattern, "POST /{lang}/contact");
    assert_ptr_equal(route_find(STR("/en/contact"), HTTP_HEAD).route, route_find(STR("/en/contact"), HTTP_GET).route);
    match = route_find(STR("/en/contact"), HTTP_PUT);
    assert_null(match.route);
    assert_non_null(match.other);
    assert_true(str_eq(match.params.lang, STR("en")));
    assert_int_equal(match.methods, 1u << HTTP_GET | 1u << HTTP_POST);
    match = route_find(STR("/nowhere/at/all/in/here"), HTTP_GET);
    assert_true(match.route == NULL && match.other == NULL && match.methods == 0);
}

UNIT_TESTS(TEST(words_stand_for_themselves), TEST(languages_are_known_ones), TEST(registers_have_plain_names),
           TEST(ids_are_any_segment), TEST(methods_stand_before_their_path), TEST(rows_are_found_by_method))
