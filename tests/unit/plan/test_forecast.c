/* The forecast against what forecast.R computed another way, and what must hold of every forecast. */
#include "unit.h"

#include "plan/forecast.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/str.h"

#include <math.h>
#include <stdio.h>

static const struct {
    const char *name;
    int years[12];
    double values[12];
    size_t count;
    int to;
    double target;
} series[] = {
    {"steady",
     {2015, 2016, 2017, 2018, 2019, 2020, 2021, 2022},
     {100, 103.5, 107.4, 110.8, 115.1, 119.0, 123.6, 127.9},
     8,
     2030,
     170},
    {"gap", {2016, 2017, 2019, 2022}, {33e9, 41e9, 38e9, 62e9}, 4, 2030, 350e9},
    {"three", {2020, 2021, 2022}, {5, 7, 6}, 3, 2024, 8},
    {"falling",
     {2014, 2015, 2016, 2017, 2018, 2019, 2020, 2021, 2022, 2023},
     {40, 38, 37, 33, 30, 31, 28, 25, 26, 22},
     10,
     2030,
     12},
};

static struct forecast made(size_t i)
{
    struct forecast forecast;
    struct forecast_input input = {series[i].years, series[i].values, series[i].count, series[i].to, false};
    assert_true(forecast_make(&input, &forecast));
    return forecast;
}

static void near_to(double given, double expected)
{
    if (fabs(given - expected) > 1e-6 * fabs(expected))
        fail_msg("%.9g is not %.9g", given, expected);
}

static size_t series_named(const char *name)
{
    for (size_t i = 0; i < sizeof series / sizeof series[0]; i++)
        if (strcmp(series[i].name, name) == 0)
            return i;
    fail_msg("there is no series %s", name);
    return 0;
}

static void is_as_computed_in_r(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, 1 << 20);
    struct str path = arena_format(&arena, "%s/tests/unit/plan/forecast.golden", getenv("MUSUBI_SOURCE_ROOT"));
    struct str text, line;
    assert_int_equal(file_read(&arena, path.ptr, 1 << 16, &text, NULL), 0);
    bool done = false;
    size_t lines = 0;
    while (str_next_part(&text, '\n', &done, &line)) {
        char name[20];
        int year;
        double q[7];
        struct str copy = arena_copy(&arena, line);
        if (sscanf(copy.ptr, "%19s below %lf", name, &q[0]) == 2) {
            size_t i = series_named(name);
            struct forecast forecast = made(i);
            near_to(forecast_probability(&forecast, -INFINITY, series[i].target), q[0]);
            lines++;
        } else if (sscanf(copy.ptr, "%19s %d %lf %lf %lf %lf %lf %lf %lf", name, &year, &q[0], &q[1], &q[2], &q[3],
                          &q[4], &q[5], &q[6]) == 9) {
            struct forecast forecast = made(series_named(name));
            const struct forecast_year *made_year = &forecast.years[year - forecast.years[0].year];
            near_to(made_year->median, q[0]);
            for (int fan = 0; fan < FAN_COUNT; fan++) {
                near_to(made_year->low[fan], q[1 + 2 * fan]);
                near_to(made_year->high[fan], q[2 + 2 * fan]);
            }
            lines++;
        }
    }
    assert_int_equal(lines, 8 + 8 + 2 + 7 + 4);
}

static void few_or_impossible_values_give_none(void **state)
{
    (void)state;
    struct forecast forecast;
    const int years[] = {2020, 2021, 2022};
    const double two[] = {1, 2, 3}, zero[] = {1, 0, 2}, negative[] = {1, -1, 2}, missing[] = {1, NAN, 2};
    assert_false(forecast_make(&(struct forecast_input){years, two, 2, 2030, false}, &forecast));
    assert_int_equal(forecast.count, 0);
    assert_false(forecast_make(&(struct forecast_input){years, zero, 3, 2030, false}, &forecast));
    assert_false(forecast_make(&(struct forecast_input){years, negative, 3, 2030, false}, &forecast));
    assert_false(forecast_make(&(struct forecast_input){years, missing, 3, 2030, false}, &forecast));
    assert_false(forecast_make(&(struct forecast_input){years, two, 3, 2022, false}, &forecast));
    assert_false(forecast_make(&(struct forecast_input){years, two, 3, 2060, false}, &forecast));
}

static void ranks_stay_whole_and_at_least_one(void **state)
{
    (void)state;
    const int years[] = {2019, 2020, 2021, 2022};
    const double ranks[] = {6, 4, 3, 1};
    struct forecast forecast;
    assert_true(forecast_make(&(struct forecast_input){years, ranks, 4, 2030, true}, &forecast));
    for (size_t i = 0; i < forecast.count; i++)
        for (int fan = 0; fan < FAN_COUNT; fan++) {
            assert_true(forecast.years[i].low[fan] >= 1);
            assert_true(forecast.years[i].low[fan] == floor(forecast.years[i].low[fan]));
            assert_true(forecast.years[i].high[fan] == floor(forecast.years[i].high[fan]));
        }
    double all = forecast_probability(&forecast, 1, 3) + forecast_probability(&forecast, 4, INFINITY);
    assert_true(fabs(all + forecast_probability(&forecast, -INFINITY, 0) - 1) < 1e-9);
}

static void a_fan_widens_and_a_probability_stays_within_bounds(void **state)
{
    (void)state;
    struct forecast forecast = made(0);
    for (size_t i = 0; i < forecast.count; i++) {
        const struct forecast_year *year = &forecast.years[i];
        assert_true(year->low[FAN_95] < year->low[FAN_80] && year->low[FAN_80] < year->low[FAN_50]);
        assert_true(year->high[FAN_95] > year->high[FAN_80] && year->high[FAN_80] > year->high[FAN_50]);
        if (i)
            assert_true(year->high[FAN_80] / year->low[FAN_80] > year[-1].high[FAN_80] / year[-1].low[FAN_80]);
    }
    assert_true(forecast_bounded(forecast_probability(&forecast, 1, INFINITY)) == FORECAST_PROBABILITY_MAX);
    assert_true(forecast_bounded(forecast_probability(&forecast, 1e9, INFINITY)) == FORECAST_PROBABILITY_MIN);
}

UNIT_TESTS(TEST(is_as_computed_in_r), TEST(few_or_impossible_values_give_none), TEST(ranks_stay_whole_and_at_least_one),
           TEST(a_fan_widens_and_a_probability_stays_within_bounds))
