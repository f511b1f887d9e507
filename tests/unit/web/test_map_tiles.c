#include "unit.h"

#include "web/map_tiles.h"

static void takes_the_origin_of_a_tile_server(void **state)
{
    (void)state;
    assert_str(map_tiles_origin(STR("https://tiles.example/xyz/{z}/{x}/{y}.png")), "https://tiles.example");
    assert_str(map_tiles_origin(STR("https://tiles.example:8443/{y}/{z}/{x}")), "https://tiles.example:8443");
}

/* Whatever could say more in a policy than one host is none. */
static void refuses_what_is_no_tile_server(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "http://tiles.example/{z}/{x}/{y}",
        "https://tiles.example/{z}/{x}",
        "https://a b/{z}/{x}/{y}",
        "https://a;script-src */{z}/{x}/{y}",
        "https://a,b/{z}/{x}/{y}",
        "javascript:alert(1)//{z}{x}{y}",
    };

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(map_tiles_origin(str_from_cstr(wrong[i])).len, 0);
    }
}

UNIT_TESTS(TEST(takes_the_origin_of_a_tile_server), TEST(refuses_what_is_no_tile_server))
