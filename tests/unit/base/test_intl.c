#include "unit.h"

#include "base/intl.h"

#include <pthread.h>

static struct decimal number(const char *text)
{
    struct decimal d;
    assert_true(decimal_parse(str_from_cstr(text), &d));
    return d;
}

static void expect(struct str got, const char *want)
{
    if (!str_eq(got, str_from_cstr(want))) {
        fail_msg("got \"%.*s\", expected \"%s\"", STR_ARG(got), want);
    }
}

static void check_amount(const char *low, const char *high, int precision, const char *ja, const char *en)
{
    ARENA_AUTO arena;
    struct intl_amount amount = {
        .low = number(low), .high = number(high), .has_precision = precision > -99, .precision = precision};

    arena_init(&arena, 1 << 20);
    expect(intl_amount(&arena, STR("ja"), amount), ja);
    expect(intl_amount(&arena, STR("en"), amount), en);
}
#define NONE (-99)

static void amounts_have_words_for_their_magnitude(void **state)
{
    (void)state;
    check_amount("103000000000000", "103000000000000", 12, "103兆", "103 trillion");
    check_amount("170000000000", "170000000000", NONE, "1,700億", "170 billion");
    check_amount("39800000", "39800000", 5, "3,980万", "39.8 million");
    check_amount("5000000000000", "5000000000000", 11, "5.0兆", "5.0 trillion");
    check_amount("-2500000000", "-2500000000", NONE, "-25億", "-2.5 billion");
    check_amount("2000000000", "3000000000", NONE, "20億～30億", "2–3 billion");
}

static void amounts_keep_every_digit(void **state)
{
    (void)state;
    check_amount("14047594", "14047594", 0, "14,047,594", "14,047,594");
    check_amount("2116", "2116", 0, "2,116", "2,116");
    check_amount("35.6", "35.6", -1, "35.6", "35.6");
    check_amount("4", "4", -1, "4.0", "4.0");
    check_amount("5", "10", NONE, "5～10", "5–10");
    check_amount("0", "0", NONE, "0", "0");
    check_amount("999999999999999999", "999999999999999999", NONE, "999,999,999,999,999,999",
                 "999,999,999,999,999,999");
}

static void numbers_are_grouped(void **state)
{
    ARENA_AUTO arena;
    (void)state;
    arena_init(&arena, 1 << 20);
    expect(intl_number(&arena, STR("en"), number("1234567.5"), 2), "1,234,567.50");
    expect(intl_integer(&arena, STR("ja"), 2020), "2020");
    expect(intl_integer(&arena, STR("en"), 12345), "12,345");
    expect(intl_integer(&arena, STR("fr"), -1), "-1");
}

static void currencies_have_names(void **state)
{
    ARENA_AUTO arena;
    (void)state;
    arena_init(&arena, 1 << 20);
    expect(intl_currency(&arena, STR("ja"), STR("USD")), "米ドル");
    expect(intl_currency(&arena, STR("en"), STR("USD")), "US dollars");
    expect(intl_currency(&arena, STR("en"), STR("no")), "no");
}

static void dates_are_as_precise_as_known(void **state)
{
    ARENA_AUTO arena;
    (void)state;
    arena_init(&arena, 1 << 20);
    expect(intl_date(&arena, STR("ja"), (struct date){2022, 2, 21}), "2022年2月21日");
    expect(intl_date(&arena, STR("en"), (struct date){2022, 2, 21}), "21 February 2022");
    expect(intl_date(&arena, STR("ja"), (struct date){2022, 2, 0}), "2022年2月");
    expect(intl_date(&arena, STR("en"), (struct date){2022, 2, 0}), "February 2022");
    expect(intl_date(&arena, STR("en"), (struct date){2022, 0, 0}), "2022");
    expect(intl_date(&arena, STR("ja"), (struct date){1300, 3, 1}), "1300年3月1日");
    expect(intl_date(&arena, STR("en"), (struct date){0, 0, 0}), "");
}

static void times_are_of_a_zone(void **state)
{
    ARENA_AUTO arena;
    int64_t ms = 0;
    (void)state;
    arena_init(&arena, 1 << 20);
    assert_true(time_parse(STR("2022-02-21T20:30:00Z"), &ms));
    expect(intl_time(&arena, STR("ja"), ms, STR("Asia/Tokyo")), "2022年2月22日 05:30");
    expect(intl_time(&arena, STR("en"), ms, STR("UTC")), "21 February 2022, 20:30");
    expect(intl_time(&arena, STR("en"), ms, STR("")), "21 February 2022, 20:30");
}

static void *format_in_thread(void *unused)
{
    ARENA_AUTO arena;
    arena_init(&arena, 1 << 20);
    expect(intl_integer(&arena, STR("en"), 12345), "12,345");
    expect(intl_date(&arena, STR("en"), (struct date){2022, 2, 21}), "21 February 2022");
    return unused;
}

static void threads_have_their_own(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, format_in_thread, NULL), 0);
        assert_int_equal(pthread_join(thread, NULL), 0);
    }
}

UNIT_TESTS(TEST(amounts_have_words_for_their_magnitude), TEST(amounts_keep_every_digit), TEST(numbers_are_grouped),
           TEST(currencies_have_names), TEST(dates_are_as_precise_as_known), TEST(times_are_of_a_zone),
           TEST(threads_have_their_own))
