#include "unit.h"

#include "base/date.h"

#include <pthread.h>

#define DAY_MS INT64_C(86400000)

static void formats_and_reads_every_day(void **state)
{
    (void)state;
    int64_t first = -719162 * DAY_MS;
    struct date expected = {1, 1, 1};
    /* Four hundred years, after which the calendar repeats, and from there to the end by leaps of 97 days. */
    for (int64_t day = 0; day < 2932897 + 719162; day += day < 146100 ? 1 : 97) {
        char text[TIME_TEXT_MAX];
        int64_t time_ms = first + day * DAY_MS + day % DAY_MS;
        int64_t back;
        assert_int_equal(time_format(time_ms, text), 24);
        assert_true(time_parse(str_from_cstr(text), &back));
        assert_true(back == time_ms);
        if (day < 146100) {
            char date[DATE_TEXT_MAX];
            date_format(expected, date);
            assert_memory_equal(text, date, 10);
            if (++expected.day > date_days_in_month(expected.year, expected.month)) {
                expected.day = 1;
                expected.month = expected.month % 12 + 1;
                expected.year += expected.month == 1;
            }
        }
    }
}

static void reads_offsets_and_short_forms(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t time_ms;
    } good[] = {
        {"1970-01-01T00:00:00.000Z", 0},
        {"1970-01-01T00:00Z", 0},
        {"1970-01-01T00:00:01Z", 1000},
        {"1970-01-01T09:00+09:00", 0},
        {"1970-01-01T09:00+0900", 0},
        {"1970-01-01T09:00+09", 0},
        {"1969-12-31T19:30:00-04:30", 0},
        {"1970-01-01T00:00:00.5Z", 500},
        {"1970-01-01T00:00:00.1239Z", 123},
        {"2022-02-21T12:34:56.789Z", 1645446896789},
        {"0001-01-01T00:00:00Z", -719162 * DAY_MS},
        {"9999-12-31T23:59:59.999Z", 2932897 * DAY_MS - 1},
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        int64_t time_ms = 7;
        if (!time_parse(str_from_cstr(good[i].text), &time_ms) || time_ms != good[i].time_ms) {
            fail_msg("%s gives %lld", good[i].text, (long long)time_ms);
        }
    }
}

static void refuses_what_is_no_time(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "1970-01-01",
        "1970-01-01T",
        "1970-01-01T00:00",
        "1970-01-01 00:00Z",
        "1970-01-01T00Z",
        "1970-01-01T24:00Z",
        "1970-01-01T00:60Z",
        "1970-01-01T00:00:60Z",
        "1970-01-01T00:00:00.Z",
        "1970-01-01T00:00:00,5Z",
        "1970-01-01T00:00+",
        "1970-01-01T00:00+9",
        "1970-01-01T00:00+09:",
        "1970-01-01T00:00+09:60",
        "1970-01-01T00:00Zx",
        "1970-02-30T00:00Z",
        "1970-01T00:00Z",
        "0001-01-01T00:00+00:01",
        "9999-12-31T23:59:59-00:01",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        int64_t time_ms = 7;
        if (time_parse(str_from_cstr(bad[i]), &time_ms)) {
            fail_msg("\"%s\" is accepted", bad[i]);
        }
        assert_int_equal(time_ms, 7);
    }
}

static void now_can_be_fixed(void **state)
{
    (void)state;
    setenv("MUSUBI_NOW", "2022-02-21T00:00:00Z", 1);
    assert_true(time_now_ms() == 1645401600000);
    setenv("MUSUBI_NOW", "not a time", 1);
    assert_true(time_now_ms() > 1645401600000);
    unsetenv("MUSUBI_NOW");
    assert_true(time_now_ms() > 1645401600000);
}

static void assert_day(int64_t time_ms, struct str zone, const char *expected)
{
    char text[DATE_TEXT_MAX];
    date_format(date_in_zone(time_ms, zone), text);
    assert_string_equal(text, expected);
}

static void days_differ_between_zones(void **state)
{
    (void)state;
    int64_t three_pm_utc = 1645455600000; /* 2022-02-21T15:00Z */
    assert_day(three_pm_utc, STR("Asia/Tokyo"), "2022-02-22");
    assert_day(three_pm_utc - 1, STR("Asia/Tokyo"), "2022-02-21");
    assert_day(three_pm_utc, STR("UTC"), "2022-02-21");
    assert_day(three_pm_utc, STR("No/Such_Zone"), "2022-02-21");
    assert_day(three_pm_utc, STR(""), "2022-02-21");
    assert_day(three_pm_utc, STR("America/Los_Angeles"), "2022-02-21");
    /* Summer time: midnight in New York is 04:00Z in July. */
    assert_day(1657684800000 - 1, STR("America/New_York"), "2022-07-12");
    assert_day(1657684800000, STR("America/New_York"), "2022-07-13");
    assert_day(INT64_MAX, STR("Asia/Tokyo"), "9999-12-31");
    assert_day(INT64_MIN, STR("Asia/Tokyo"), "0001-01-01");
}

static void clocks_of_zones(void **state)
{
    (void)state;
    struct date day = {2022, 10, 12};
    int64_t midnight = 1665532800000; /* 2022-10-12T00:00Z */
    assert_true(time_in_zone(day, 0, STR("UTC")) == midnight);
    assert_true(time_in_zone(day, 13 * 60 + 30, STR("Asia/Tokyo")) == midnight + (4 * 60 + 30) * 60000);
    assert_true(time_in_zone(day, 9 * 60, STR("Europe/Paris")) == midnight + 7 * 3600000);
    assert_true(time_in_zone(day, 60, STR("No/Such_Zone")) == midnight + 3600000);
    /* The hours around the end of summer time in Paris, 2022-10-30 03:00 → 02:00. */
    struct date change = {2022, 10, 30};
    int64_t change_midnight = 1667088000000; /* 2022-10-30T00:00Z */
    assert_true(time_in_zone(change, 90, STR("Europe/Paris")) == change_midnight - 30 * 60000);
    assert_true(time_in_zone(change, 4 * 60, STR("Europe/Paris")) == change_midnight + 3 * 3600000);
}

static void *ask_for_days(void *data)
{
    size_t *wrong = data;
    static const struct str zones[] = {{"Asia/Tokyo", 10}, {"UTC", 3}, {"America/New_York", 16}};
    static const int days[] = {22, 21, 21};
    for (size_t i = 0; i < 300; i++) {
        *wrong += date_in_zone(1645455600000, zones[i / 10 % 3]).day != days[i / 10 % 3];
    }
    return NULL;
}

static void threads_get_the_same_days(void **state)
{
    (void)state;
    pthread_t threads[3];
    size_t wrong[3] = {0};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, ask_for_days, &wrong[i]), 0);
    }
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(wrong[i], 0);
    }
}

UNIT_TESTS(TEST(formats_and_reads_every_day), TEST(reads_offsets_and_short_forms), TEST(refuses_what_is_no_time),
           TEST(now_can_be_fixed), TEST(days_differ_between_zones), TEST(clocks_of_zones),
           TEST(threads_get_the_same_days))
