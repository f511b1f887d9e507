#include "unit.h"

#include "desk/workdays.h"

static struct date day(const char *text)
{
    struct date date;
    assert_true(date_parse(str_from_cstr(text), &date));
    return date;
}

static void check(const struct work_week *week, const char *from, int count, const char *expected)
{
    char text[DATE_TEXT_MAX];
    date_format(working_day_after(week, day(from), count), text);
    assert_string_equal(text, expected);
}

static void days_of_the_week_are_known(void **state)
{
    (void)state;
    assert_int_equal(date_weekday(day("2026-11-23")), WEEKDAY_MONDAY);
    assert_int_equal(date_weekday(day("2026-11-29")), WEEKDAY_SUNDAY);
    assert_int_equal(date_weekday(day("2000-02-29")), 1);
    assert_int_equal(date_weekday(day("1900-03-01")), 3);
    assert_int_equal(date_weekday(day("2024-01-01")), WEEKDAY_MONDAY);
}

static void weekends_do_not_count(void **state)
{
    struct work_week week = {0};
    (void)state;
    check(&week, "2026-11-24", 5, "2026-12-01");
    check(&week, "2026-11-27", 1, "2026-11-30");
    check(&week, "2026-11-28", 1, "2026-11-30");
    check(&week, "2026-12-31", 1, "2027-01-01");
    check(&week, "2024-02-28", 2, "2024-03-01");
    check(&week, "2026-11-24", 0, "2026-11-24");
}

static void closed_days_do_not_count(void **state)
{
    struct date closed[] = {day("2027-05-03"), day("2027-05-04"), day("2027-05-05")};
    struct work_week week = {.closed = closed, .closed_count = 3};
    (void)state;
    check(&week, "2027-04-30", 1, "2027-05-06");
    check(&week, "2027-04-30", 2, "2027-05-07");
    check(&week, "2027-04-30", 3, "2027-05-10");
}

static void other_weeks_are_worked_elsewhere(void **state)
{
    struct work_week sunday_to_thursday = {.days = 1u << WEEKDAY_SUNDAY | 0xFu};
    struct work_week saturdays = {.days = 1u << 5};
    (void)state;
    check(&sunday_to_thursday, "2026-11-26", 1, "2026-11-29");
    check(&saturdays, "2026-11-28", 2, "2026-12-12");
}

static void a_week_without_work_ends(void **state)
{
    struct date closed[400];
    struct work_week week = {.days = 1, .closed = closed, .closed_count = 400};
    (void)state;
    for (int i = 0; i < 400; i++) {
        closed[i] = date_after_days(day("2026-01-01"), i);
    }
    check(&week, "2026-01-01", 5, "2027-01-02");
}

UNIT_TESTS(TEST(days_of_the_week_are_known), TEST(weekends_do_not_count), TEST(closed_days_do_not_count),
           TEST(other_weeks_are_worked_elsewhere), TEST(a_week_without_work_ends))
