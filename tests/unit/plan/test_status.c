/* The rule of status, case by case. */
#include "unit.h"

#include "plan/status.h"

#include <math.h>

static struct kpi_standing rising(double first, double latest, double target)
{
    return (struct kpi_standing){.direction = KPI_UP,
                                 .target = {true, target, target, 2030, false},
                                 .has_first = true,
                                 .has_latest = true,
                                 .first_year = 2020,
                                 .latest_year = 2025,
                                 .first = first,
                                 .latest = latest};
}

static void says(struct kpi_standing standing, enum kpi_status status, enum kpi_reason reason)
{
    struct kpi_verdict verdict = kpi_judge(&standing);
    assert_string_equal(kpi_status_names[verdict.status], kpi_status_names[status]);
    assert_string_equal(kpi_reason_names[verdict.reason], kpi_reason_names[reason]);
}

static void growth_so_far_is_compared_with_growth_needed(void **state)
{
    (void)state;
    says(rising(100, 122, 150), KPI_ON_TRACK, KPI_COMPARED);
    says(rising(100, 121.5, 150), KPI_ON_TRACK, KPI_COMPARED); /* 0.95 of the way is enough */
    says(rising(100, 110, 150), KPI_BEHIND, KPI_COMPARED);
    says(rising(100, 95, 150), KPI_WRONG_WAY, KPI_COMPARED);
    says(rising(100, 150, 150), KPI_REACHED, KPI_MET);
    says(rising(100, 190, 150), KPI_REACHED, KPI_MET); /* passed already */
}

static void what_is_needed_is_said(void **state)
{
    (void)state;
    struct kpi_standing standing = rising(103, 110, 147);
    struct kpi_verdict verdict = kpi_judge(&standing);
    assert_true(verdict.has_needed && verdict.growth_is_rate);
    assert_true(fabs(verdict.growth_needed - (pow(147.0 / 110, 0.2) - 1)) < 1e-12);
    standing.has_first = false;
    verdict = kpi_judge(&standing);
    assert_int_equal(verdict.status, KPI_NOT_ENOUGH);
    assert_true(verdict.has_needed);
}

static void zero_and_negative_values_are_compared_by_change(void **state)
{
    (void)state;
    says(rising(-10, 0, 10), KPI_ON_TRACK, KPI_COMPARED);
    says(rising(-10, -8, 10), KPI_BEHIND, KPI_COMPARED);
    says(rising(0, -1, 10), KPI_WRONG_WAY, KPI_COMPARED);
    struct kpi_standing standing = rising(-10, -8, 10);
    assert_false(kpi_judge(&standing).growth_is_rate);
}

static void a_rank_goes_down(void **state)
{
    (void)state;
    struct kpi_standing rank = rising(25, 12, 0);
    rank.direction = KPI_DOWN;
    rank.target = (struct kpi_target){true, -INFINITY, 5, 2030, false};
    says(rank, KPI_BEHIND, KPI_COMPARED);
    rank.latest = 10;
    says(rank, KPI_ON_TRACK, KPI_COMPARED);
    rank.latest = 27;
    says(rank, KPI_WRONG_WAY, KPI_COMPARED);
    rank.latest = 5;
    says(rank, KPI_REACHED, KPI_MET);
    rank.latest = 1;
    says(rank, KPI_REACHED, KPI_MET);
}

static void a_range_of_every_year_is_met_or_not(void **state)
{
    (void)state;
    struct kpi_standing range = rising(0, 6, 0);
    range.target = (struct kpi_target){true, 5, 10, 2030, true};
    says(range, KPI_ON_TRACK, KPI_YEARLY);
    range.latest = 12; /* more is better: above the range is met too */
    says(range, KPI_ON_TRACK, KPI_YEARLY);
    range.latest = 3;
    says(range, KPI_BEHIND, KPI_YEARLY);
    range.has_previous = true;
    range.previous = 4;
    says(range, KPI_WRONG_WAY, KPI_YEARLY);
    range.previous = 2;
    says(range, KPI_BEHIND, KPI_YEARLY);
    range.direction = KPI_RANGE;
    range.latest = 12;
    says(range, KPI_BEHIND, KPI_YEARLY);
    range.latest = 7;
    range.latest_year = 2030;
    says(range, KPI_REACHED, KPI_YEARLY);
}

static void a_range_is_approached_from_either_side(void **state)
{
    (void)state;
    struct kpi_standing range = rising(20, 14, 0);
    range.direction = KPI_RANGE;
    range.target = (struct kpi_target){true, 5, 10, 2030, false};
    says(range, KPI_ON_TRACK, KPI_COMPARED);
    range.latest = 22;
    says(range, KPI_WRONG_WAY, KPI_COMPARED);
    range.first = 6;
    range.latest = 12;
    says(range, KPI_WRONG_WAY, KPI_COMPARED); /* was inside */
    range.latest = 8;
    says(range, KPI_REACHED, KPI_MET);
}

static void what_is_missing_is_named(void **state)
{
    (void)state;
    struct kpi_standing standing = rising(100, 110, 150);
    standing.target.there = false;
    says(standing, KPI_NOT_ENOUGH, KPI_NO_TARGET);
    standing = rising(100, 110, 150);
    standing.has_latest = false;
    says(standing, KPI_NOT_ENOUGH, KPI_NO_ACTUAL);
    standing.has_first = false;
    says(standing, KPI_NOT_ENOUGH, KPI_NO_BASELINE);
    standing = rising(100, 110, 150);
    standing.latest_year = 2020;
    says(standing, KPI_NOT_ENOUGH, KPI_NO_ACTUAL);
}

static void after_its_year_a_target_is_reached_or_not(void **state)
{
    (void)state;
    struct kpi_standing standing = rising(100, 149, 150);
    standing.latest_year = 2030;
    says(standing, KPI_BEHIND, KPI_COMPARED);
    assert_false(kpi_judge(&standing).has_needed);
}

UNIT_TESTS(TEST(growth_so_far_is_compared_with_growth_needed), TEST(what_is_needed_is_said),
           TEST(zero_and_negative_values_are_compared_by_change), TEST(a_rank_goes_down),
           TEST(a_range_of_every_year_is_met_or_not), TEST(a_range_is_approached_from_either_side),
           TEST(what_is_missing_is_named), TEST(after_its_year_a_target_is_reached_or_not))
