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

UNIT_TESTS(TEST(words_stand_for_themselves), TEST(languages_are_known_ones), TEST(registers_have_plain_names),
           TEST(ids_are_any_segment))
