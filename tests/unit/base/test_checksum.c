#include "unit.h"

#include "base/checksum.h"

static bool differ(struct str a, struct str b)
{
    struct checksum one = checksum_of(a), other = checksum_of(b);
    return one.high != other.high && one.low != other.low;
}

static void same_bytes_same_sum(void **state)
{
    (void)state;
    char copy[] = "xInvestors and partners";
    assert_false(differ(STR("Investors and partners"), str_make(copy + 1, sizeof copy - 2)));
}

static void every_bit_shows(void **state)
{
    (void)state;
    char text[67] = {0};
    for (size_t length = 1; length <= sizeof text; length++) {
        struct checksum plain = checksum_of(str_make(text, length));
        for (size_t bit = 0; bit < length * 8; bit++) {
            text[bit / 8] ^= (char)(1 << bit % 8);
            struct checksum turned = checksum_of(str_make(text, length));
            text[bit / 8] ^= (char)(1 << bit % 8);
            assert_true(turned.high != plain.high && turned.low != plain.low);
        }
    }
}

static void length_and_order_show(void **state)
{
    (void)state;
    assert_true(differ(str_make("\0\0", 1), str_make("\0\0", 2)));
    assert_true(differ(STR(""), str_make("\0", 1)));
    assert_true(differ(STR("0123456789abcdefFEDCBA9876543210"), STR("FEDCBA98765432100123456789abcdef")));
    assert_true(differ(STR("0123456789abcdef"), STR("89abcdef01234567")));
}

static void hex_has_every_digit(void **state)
{
    (void)state;
    char hex[CHECKSUM_HEX];
    checksum_hex((struct checksum){UINT64_C(0x0123456789abcdef), UINT64_C(0xfedcba9876543210)}, hex);
    assert_memory_equal(hex, "0123456789abcdeffedcba9876543210", CHECKSUM_HEX);
}

UNIT_TESTS(TEST(same_bytes_same_sum), TEST(every_bit_shows), TEST(length_and_order_show), TEST(hex_has_every_digit))
