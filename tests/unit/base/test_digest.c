#include "unit.h"

#include "base/digest.h"

/* The empty message and "abc" under BLAKE2b with 16 bytes, as `b2sum -l 128` gives them. */
static void is_blake2b_with_16_bytes(void **state)
{
    (void)state;
    char hex[DIGEST_HEX_MAX];
    digest_hex(digest_of(STR("")), hex);
    assert_string_equal(hex, "cae66941d9efbd404e4d88758ea67670");
    digest_hex(digest_of(str_make(NULL, 0)), hex);
    assert_string_equal(hex, "cae66941d9efbd404e4d88758ea67670");
    digest_hex(digest_of(STR("abc")), hex);
    assert_string_equal(hex, "cf4ab791c62b8d2b2109c90275287816");
}

static void tells_contents_apart(void **state)
{
    (void)state;
    assert_true(digest_eq(digest_of(STR("abc")), digest_of(STR("abc"))));
    assert_false(digest_eq(digest_of(STR("abc")), digest_of(STR("abd"))));
}

UNIT_TESTS(TEST(is_blake2b_with_16_bytes), TEST(tells_contents_apart))
