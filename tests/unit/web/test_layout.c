#include "unit.h"

#include "web/layout.h"

#include "base/embed.h"

static int read_layout(const char *site, struct arena *arena, struct layout *ret_layout, struct err *err)
{
    return layout_read(str_from_cstr(site), STR("{\"features\":[]}"), arena, ret_layout, err);
}

static void sections_are_found_by_name(void **state)
{
    ARENA_AUTO arena;
    struct layout layout;
    struct err err = {0};
    const char *site = "{\"home\":{\"ja\":[\"all\"],\"en\":[\"all\"]},"
                       "\"sections\":{\"all\":{\"kind\":\"registers\",\"limit\":7,\"title\":{\"en\":\"All\"}}}}";

    (void)state;
    arena_init(&arena, 1 << 20);
    assert_int_equal(read_layout(site, &arena, &layout, &err), 0);
    assert_non_null(layout_section(&layout, STR("all")));
    assert_null(layout_section(&layout, STR("none")));
    assert_int_equal(layout_number(layout_section(&layout, STR("all")), STR("limit"), 3), 7);
    assert_int_equal(layout_number(layout_section(&layout, STR("all")), STR("title"), 3), 3);
    assert_true(str_eq(layout_text(layout_section(&layout, STR("all")), STR("title")).in[LANG_EN], STR("All")));
}

static void refuses(const char *site, const char *message)
{
    ARENA_AUTO arena;
    struct layout layout;
    struct err err = {0};

    arena_init(&arena, 1 << 20);
    assert_int_equal(read_layout(site, &arena, &layout, &err), -1);
    assert_string_equal(err.message, message);
}

static void mistakes_are_told_with_their_place(void **state)
{
    (void)state;
    refuses("[]", "site/site.json: not an object");
    refuses("{\"home\":{\"ja\":[\"all\"]}}", "site/site.json:1:16: there is no section \"all\" of a known kind");
    refuses("{\"home\":{\"en\":[\"all\"]},\n\"sections\":{\"all\":{\"kind\":\"songs\"}}}",
            "site/site.json:1:16: there is no section \"all\" of a known kind");
}

static void the_built_in_one_is_sound(void **state)
{
    const struct embedded_file *site = embed_find("site/site.json");
    const struct embedded_file *outlines = embed_find("site/outlines.geojson");
    ARENA_AUTO arena;
    struct layout layout;
    struct err err = {0};

    (void)state;
    arena_init(&arena, 8 << 20);
    assert_non_null(site);
    assert_non_null(outlines);
    if (layout_read(str_make((const char *)site->data, site->size),
                    str_make((const char *)outlines->data, outlines->size), &arena, &layout, &err) != 0) {
        fail_msg("%s", err.message);
    }
    assert_true(value_count(layout.menu) > 0);
    assert_true(value_count(value_get(layout.outlines, STR("features"))) > 0);
}

UNIT_TESTS(TEST(sections_are_found_by_name), TEST(mistakes_are_told_with_their_place), TEST(the_built_in_one_is_sound))
