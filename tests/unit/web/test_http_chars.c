/* Every byte against the lists that the grammars give. */
#include "unit.h"

#include "web/http_internal.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

static void assert_set(const struct byte_set *set, const char *ascii, bool high)
{
    for (int byte = 0; byte < 256; byte++) {
        bool expected = byte >= 0x80 ? high : byte > 0 && strchr(ascii, byte) != NULL;
        if (byte_set_has(set, (char)byte) != expected) {
            fail_msg("byte 0x%02x is%s in the set", (unsigned)byte, expected ? " not" : "");
        }
    }
}

static void sets_are_those_of_the_grammars(void **state)
{
    (void)state;
    assert_set(&http_token_bytes, LETTERS DIGITS "!#$%&'*+-.^_`|~", false);
    assert_set(&http_value_bytes, LETTERS DIGITS "\t !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", true);
    assert_set(&http_host_bytes, LETTERS DIGITS "-._~%!$&'()*+,;=:[]", false);
    assert_set(&http_path_bytes, LETTERS DIGITS "-._~!$&'()*+,;=:@/%", true);
    assert_set(&http_query_bytes, LETTERS DIGITS "!$%&'()*+,-./:;=?@[\\]^_`{|}~", true);
    assert_set(&http_unreserved_bytes, LETTERS DIGITS "-._~", false);
}

static void hexadecimal_digits_are_read(void **state)
{
    (void)state;
    for (int byte = -128; byte < 128; byte++) {
        int expected = -1;
        if (byte >= '0' && byte <= '9') {
            expected = byte - '0';
        } else if (byte >= 'a' && byte <= 'f') {
            expected = byte - 'a' + 10;
        } else if (byte >= 'A' && byte <= 'F') {
            expected = byte - 'A' + 10;
        }
        assert_int_equal(hex_digit((char)byte), expected);
    }
}

UNIT_TESTS(TEST(sets_are_those_of_the_grammars), TEST(hexadecimal_digits_are_read))
