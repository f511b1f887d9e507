#include "unit.h"

#include "plan/cadence.h"

static struct date day(const char *text)
{
    struct date date = {0};
    date_parse(str_from_cstr(text), &date);
    return date;
}

#define OF(wanted, today, ...)                                                                                     \
    cadence_of((struct date[]){__VA_ARGS__}, sizeof((struct date[]){__VA_ARGS__}) / sizeof(struct date), (wanted), \
               day(today), 4)

static void a_year_begins_in_its_month(void **state)
{
    (void)state;
    struct cadence c = OF(2, "2023-03-31", day("2022-04-01"), day("2022-03-31"), day("2023-03-31"));
    assert_int_equal(c.year, 2022);
    assert_int_equal(c.held, 2);
    assert_int_equal(c.state, CADENCE_FULL);
    c = OF(2, "2023-04-01", day("2023-03-31"));
    assert_int_equal(c.year, 2023);
    assert_int_equal(c.held, 0);
    assert_int_equal(c.due, 0);
    assert_int_equal(c.state, CADENCE_IN_TIME);
    c = cadence_of(&(struct date){2024, 2, 29}, 1, 1, day("2024-12-31"), 1);
    assert_int_equal(c.ends.day, 31);
    assert_int_equal(c.ends.month, 12);
    assert_int_equal(c.state, CADENCE_FULL);
}

static void behind_when_the_year_has_passed_further(void **state)
{
    (void)state;
    assert_int_equal(OF(6, "2023-09-01", day("2023-05-10"), day("2023-07-10")).state, CADENCE_IN_TIME);
    struct cadence c = OF(6, "2023-12-15", day("2023-05-10"), day("2024-01-20"), day("2023-07"));
    assert_int_equal(c.due, 4);
    assert_int_equal(c.held, 2);
    assert_int_equal(c.scheduled, 1);
    assert_int_equal(c.state, CADENCE_BEHIND);
    assert_int_equal(c.last.month, 7);
    assert_int_equal(c.next.year, 2024);
}

static void nothing_on_record_says_nothing(void **state)
{
    (void)state;
    assert_int_equal(cadence_of(NULL, 0, 2, day("2023-12-15"), 4).state, CADENCE_NONE);
    assert_int_equal(OF(2, "2023-12-15", (struct date){0}).state, CADENCE_NONE);
    assert_int_equal(OF(2, "2023-12-15", day("2019-05-05")).state, CADENCE_BEHIND);
    assert_int_equal(OF(2, "2023-12-15", day("2024-03-05")).state, CADENCE_BEHIND);
}

UNIT_TESTS(TEST(a_year_begins_in_its_month), TEST(behind_when_the_year_has_passed_further),
           TEST(nothing_on_record_says_nothing))
