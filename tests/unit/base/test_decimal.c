#include "unit.h"

#include "base/decimal.h"

static struct decimal parsed(const char *text)
{
    struct decimal d = {.mantissa = 99, .scale = 9};
    if (!decimal_parse(str_from_cstr(text), &d)) {
        fail_msg("%s is refused", text);
    }
    return d;
}

static void reads_and_writes(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"0", "0"},
        {"-0", "0"},
        {"0.000", "0"},
        {"0e99999999999999999999", "0"},
        {"-12.50", "-12.5"},
        {"1e3", "1000"},
        {"1.5E+2", "150"},
        {"1234e-2", "12.34"},
        {"0.000000000000000001", "0.000000000000000001"},
        {"123456789012345678", "123456789012345678"},
        {"1234567890.12345678", "1234567890.12345678"},
        {"1.50000000000000000000000000", "1.5"},
        {"100000000000000000000e-20", "1"},
        {"0.00000000000000000000000000001e29", "1"},
        {"1000000000000000000", "1000000000000000000"},
        {"103000000000000", "103000000000000"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[DECIMAL_TEXT_MAX];
        size_t len = decimal_format(parsed(cases[i][0]), text);
        assert_string_equal(text, cases[i][1]);
        assert_int_equal(len, strlen(text));
    }
}

static void refuses_what_is_no_number_or_does_not_fit(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        "-",
        ".",
        "1.",
        ".5",
        "01",
        "-01",
        "+1",
        " 1",
        "1 ",
        "1e",
        "1e+",
        "1e5.",
        "0x10",
        "NaN",
        "inf",
        "1,5",
        "1_0",
        "1.2.3",
        "--1",
        "1e-19",
        "1e19",
        "99999999999999999999",
        "1234567890123456789",
        "0.1234567890123456789",
        "1e999999999999999999999",
        "1e-999999999999999999999",
        "１",
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct decimal d = {.mantissa = 7, .scale = 3};
        if (decimal_parse(str_from_cstr(cases[i]), &d)) {
            fail_msg("\"%s\" is accepted", cases[i]);
        }
        assert_int_equal(d.mantissa, 7);
        assert_int_equal(d.scale, 3);
    }
}

static void extremes_can_be_written(void **state)
{
    (void)state;
    char text[DECIMAL_TEXT_MAX];
    decimal_format((struct decimal){.mantissa = INT64_MIN, .scale = 18}, text);
    assert_string_equal(text, "-9.223372036854775808");
    decimal_format(decimal_from_int64(INT64_MIN), text);
    assert_string_equal(text, "-9223372036854775808");
}

static void doubles_come_back(void **state)
{
    (void)state;
    static const double numbers[] = {
        0.0,   0.1,       -0.1,  1.0 / 3.0,         35.6, 1e17, 123456789.123456789, 5e-7, 139.7671248,
        -0.25, 2.2250e-5, 1e-18, 9007199254740993.0};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct decimal d;
        assert_true(decimal_from_double(numbers[i], &d));
        assert_true(decimal_to_double(d) == numbers[i]);
    }
    struct decimal d;
    char text[DECIMAL_TEXT_MAX];
    assert_true(decimal_from_double(0.1, &d));
    decimal_format(d, text);
    assert_string_equal(text, "0.1");
    assert_false(decimal_from_double((double)NAN, &d));
    assert_false(decimal_from_double((double)INFINITY, &d));
    assert_false(decimal_from_double(1e300, &d));
    assert_false(decimal_from_double(1e-300, &d));
}

static void becomes_a_double_with_one_rounding(void **state)
{
    (void)state;
    assert_true(decimal_to_double(parsed("0.3")) == 0.3);
    assert_true(decimal_to_double(parsed("123456789012345678")) == 123456789012345678.0);
    assert_true(decimal_to_double(parsed("0.123456789012345678")) == 0.123456789012345678);
}

static void integers_are_told_from_fractions(void **state)
{
    (void)state;
    int64_t number = 99;
    assert_true(decimal_to_int64(parsed("1200"), &number));
    assert_int_equal(number, 1200);
    assert_false(decimal_to_int64(parsed("0.5"), &number));
    assert_int_equal(number, 1200);
    assert_true(decimal_to_int64(decimal_from_int64(INT64_MIN), &number));
    assert_true(number == INT64_MIN);
}

static void compares(void **state)
{
    (void)state;
    static const char *const ascending[] = {"-999999999999999999",  "-1.5", "-1.4999999",        "0",
                                            "0.000000000000000001", "1",    "1.000000000000001", "10",
                                            "999999999999999999"};
    size_t count = sizeof(ascending) / sizeof(ascending[0]);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            int order = decimal_cmp(parsed(ascending[i]), parsed(ascending[j]));
            assert_int_equal(order, (i > j) - (i < j));
        }
    }
}

static void shifts_and_multiplies(void **state)
{
    (void)state;
    struct decimal d;
    char text[DECIMAL_TEXT_MAX];
    assert_true(decimal_shift(parsed("103"), 12, &d));
    decimal_format(d, text);
    assert_string_equal(text, "103000000000000");
    assert_true(decimal_shift(parsed("1500"), -3, &d));
    decimal_format(d, text);
    assert_string_equal(text, "1.5");
    assert_true(decimal_shift(parsed("0"), 1000000, &d));
    assert_int_equal(d.mantissa, 0);
    assert_true(decimal_shift(decimal_from_int64(INT64_MAX), 0, &d));
    assert_false(decimal_shift(decimal_from_int64(INT64_MAX), 1, &d));
    assert_false(decimal_shift(parsed("1"), 19, &d));
    assert_false(decimal_shift(parsed("1"), -19, &d));
    assert_false(decimal_shift(parsed("1"), INT32_MAX, &d));
    assert_false(decimal_shift(parsed("1"), INT32_MIN, &d));
    assert_true(decimal_multiply_int(parsed("2.5"), 4, &d));
    assert_int_equal(d.mantissa, 10);
    assert_int_equal(d.scale, 0);
    assert_true(decimal_multiply_int(parsed("0.000000000000000001"), INT64_C(1000000000000000000), &d));
    assert_int_equal(d.mantissa, 1);
    assert_false(decimal_multiply_int(decimal_from_int64(INT64_MAX), 2, &d));
    assert_false(decimal_multiply_int(decimal_from_int64(INT64_MIN), -1, &d));
}

static void knows_how_precisely_a_number_is_written(void **state)
{
    (void)state;
    assert_int_equal(decimal_text_precision(STR("103")), 0);
    assert_int_equal(decimal_text_precision(STR("35.6")), -1);
    assert_int_equal(decimal_text_precision(STR("1.50")), -2);
    assert_int_equal(decimal_text_precision(STR("1.5e3")), 2);
    assert_int_equal(decimal_text_precision(STR("x")), 0);
}

UNIT_TESTS(TEST(reads_and_writes), TEST(refuses_what_is_no_number_or_does_not_fit), TEST(extremes_can_be_written),
           TEST(doubles_come_back), TEST(becomes_a_double_with_one_rounding), TEST(integers_are_told_from_fractions),
           TEST(compares), TEST(shifts_and_multiplies), TEST(knows_how_precisely_a_number_is_written))
