#include "unit.h"

#include "search/plan.h"

struct parse_case {
    const char *query, *expected;
};

static struct str told(const struct parsed *parsed, struct arena *arena)
{
    struct str text = STR("");
    for (size_t i = 0; i < parsed->atom_count; i++) {
        const struct atom *atom = &parsed->atoms[i];
        text = arena_format(arena, "%.*s%s%s%s[%.*s]%s", STR_ARG(text), i > 0 ? " " : "",
                            atom->alternative_of != i ? "|" : "", atom->negative ? "-" : "", STR_ARG(atom->text),
                            atom->quoted   ? "\""
                            : atom->prefix ? "*"
                                           : "");
    }
    for (size_t i = 0; i < parsed->filter_count; i++) {
        text = arena_format(arena, "%.*s {%s%.*s=%.*s}", STR_ARG(text), parsed->filter_negative[i] ? "-" : "",
                            STR_ARG(parsed->filters[i].facet), STR_ARG(parsed->filters[i].value));
    }
    return text;
}

static void queries(void **state)
{
    static const struct parse_case cases[] = {
        {"antibody", "[antibody]"},
        {"  a　b\t", "[a] [b]"},
        {"\"drug discovery\" x", "[drug discovery]\" [x]"},
        {"「再生 医療」", "[再生 医療]\""},
        {"-a b", "-[a] [b]"},
        {"NOT a", "-[a]"},
        {"a OR b | c d", "[a] |[b] |[c] [d]"},
        {"regen*", "[regen]*"},
        {"hub:kawasaki x", "[x] {hub=kawasaki}"},
        {"-hub:\"a b\"", " {-hub=a b}"},
        {"covid:19", "[covid:19]"},
        {"http://a.b", "[http://a.b]"},
        {"\"not closed", "[not closed]\""},
        {"-", "[-]"},
        {"OR", ""},
        {"", ""},
    };
    struct arena arena;
    struct rules rules = {.facets = {{.name = STR("hub")}}, .facet_count = 1};
    (void)state;
    arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct parsed parsed;
        struct err err = {0};
        assert_int_equal(query_parse(&rules, str_from_cstr(cases[i].query), &arena, &parsed, &err), 0);
        struct str text = told(&parsed, &arena);
        if (!str_eq(text, str_from_cstr(cases[i].expected))) {
            fail_msg("%s: %.*s", cases[i].query, STR_ARG(text));
        }
    }
    arena_free(&arena);
}

static void refused(void **state)
{
    struct arena arena;
    struct rules rules = {.facets = {{.name = STR("hub")}}, .facet_count = 1};
    struct parsed parsed;
    struct err err = {0};
    char *longest = test_calloc(1, SEARCH_QUERY_BYTES_MAX + 2);
    (void)state;
    arena_init(&arena, 1 << 20);
    assert_int_equal(query_parse(&rules, STR("hub:"), &arena, &parsed, &err), -1);
    assert_string_equal(err.field, "q");
    for (size_t i = 0; i <= SEARCH_QUERY_BYTES_MAX; i++) {
        longest[i] = 'a';
    }
    assert_int_equal(query_parse(&rules, str_make(longest, SEARCH_QUERY_BYTES_MAX + 1), &arena, &parsed, &err), -1);
    test_free(longest);
    arena_free(&arena);
}

UNIT_TESTS(TEST(queries), TEST(refused))
