/* The series of an indicator: actual values, path, status, forecast. */
#include "plan/kpi_internal.h"

#include "model/record.h"

#include <math.h>
#include <string.h>

/* ---- points ---- */

const struct kpi_point *kpi_point_of(const struct kpi *kpi, int year)
{
    for (size_t i = 0; i < kpi->point_count; i++)
        if (kpi->points[i].year == year)
            return &kpi->points[i];
    return NULL;
}

/* The point of the year, made in its place; NULL when there are too many. */
struct kpi_point *kpi_point_for(struct kpi *kpi, int year)
{
    size_t at = 0;
    while (at < kpi->point_count && kpi->points[at].year < year)
        at++;
    if (at < kpi->point_count && kpi->points[at].year == year)
        return &kpi->points[at];
    if (kpi->point_count == KPI_YEARS_MAX)
        return NULL;
    memmove(&kpi->points[at + 1], &kpi->points[at], (kpi->point_count - at) * sizeof kpi->points[0]);
    kpi->points[at] = (struct kpi_point){.year = year};
    kpi->point_count++;
    return &kpi->points[at];
}

/* ---- entered values ---- */

/* Of two values of one year the one that says more: confirmed, actual. */
static int rank_of(const struct value *record)
{
    struct str state = value_get_text(record, STR("state")), kind = value_get_text(record, STR("kind"));
    int settled = str_eq(state, STR("confirmed")) ? 3 : str_eq(state, STR("provisional")) ? 2 : state.len ? 1 : 2;
    int kinds = str_eq(kind, STR("actual"))     ? 3
                : str_eq(kind, STR("baseline")) ? 2
                : str_eq(kind, STR("estimate")) ? 1
                                                : 0;
    return kinds == 0 ? 0 : settled * 10 + kinds;
}

static bool is_of_definition(const struct kpi *kpi, const struct value *record)
{
    return kpi->definition && str_eq(value_get_text(record, STR("definition")), record_id(kpi->definition->record));
}

static void enter(struct kpi *kpi, const struct found *found)
{
    const struct value *record = found->record, *figure = value_get(record, STR("value"));
    int year = kpi_year(value_get_text(record, STR("year")));
    struct decimal low, high;
    if (year == 0 || rank_of(record) == 0 || !is_of_definition(kpi, record) || !kpi_figure(figure, &low, &high))
        return;
    struct kpi_point *point = kpi_point_for(kpi, year);
    if (!point || (point->entry && rank_of(point->entry->record) >= rank_of(record)))
        return;
    point->has_actual = true;
    point->low = low;
    point->high = high;
    point->entry = found;
    point->state = value_get_text(record, STR("state"));
    point->estimated = value_get_bool(figure, STR("estimated")) || str_eq(point->state, STR("estimate")) ||
                       str_eq(value_get_text(record, STR("kind")), STR("estimate"));
}

/* ---- computed values ---- */

static void carry_forward(struct kpi_point *point)
{
    const struct measure_cell *silent = point->coverage ? &point->coverage->silent : NULL;
    if (!silent || silent->suppressed || !silent->has_value || !point->cell || !point->cell->has_value ||
        point->cell->suppressed)
        return;
    point->has_carried = decimal_add(point->cell->low, silent->low, &point->carried);
}

static void take_cell(struct kpi *kpi, const struct measure_cell *cell, struct date today)
{
    struct kpi_point *point = cell->year ? kpi_point_for(kpi, cell->year) : NULL;
    if (!point)
        return;
    point->cell = cell;
    point->partial = cell->year >= today.year;
    if (point->has_actual || cell->suppressed || !cell->has_value)
        return;
    point->has_actual = true;
    point->low = cell->low;
    point->high = cell->high;
    point->estimated = cell->estimated;
}

static int compute(struct kpi *kpi, struct reader *reader, struct date today, struct arena *arena, struct err *err)
{
    struct measure_query query = kpi->query;
    struct measure_series series;
    query.to_year = today.year;
    query.from_year = today.year - KPI_YEARS_MAX / 2;
    if (store_measure_series(reader, &query, arena, &series, err))
        return -1;
    for (size_t i = 0; i < series.count; i++)
        take_cell(kpi, &series.cells[i], today);
    for (size_t i = 0; i < series.year_count; i++) {
        struct kpi_point *point = kpi_point_for(kpi, series.years[i].year);
        if (!point)
            continue;
        point->coverage = &series.years[i];
        carry_forward(point);
    }
    return 0;
}

int kpi_fill_actuals(struct kpi *kpi, struct reader *reader, struct date today, struct arena *arena, struct err *err)
{
    for (size_t i = 0; i < kpi->value_count; i++)
        enter(kpi, &kpi->values[i]);
    if (kpi->measure && !kpi->missing && compute(kpi, reader, today, arena, err))
        return -1;
    return 0;
}

/* ---- the path ---- */

static double middle(double low, double high)
{
    return low > 0 && high > 0 ? sqrt(low * high) : (low + high) / 2;
}

/* Steps are entered as values of the kind "milestone": each holds from its year until the next. */
static void step_path(struct kpi *kpi)
{
    for (size_t i = 0; i < kpi->value_count; i++) {
        const struct value *record = kpi->values[i].record;
        struct decimal low, high;
        int year = kpi_year(value_get_text(record, STR("year")));
        if (!year || !is_of_definition(kpi, record) || !str_eq(value_get_text(record, STR("kind")), STR("milestone")) ||
            !kpi_figure(value_get(record, STR("value")), &low, &high))
            continue;
        for (int y = year; y <= (kpi->target.year ? kpi->target.year : year); y++) {
            struct kpi_point *point = kpi_point_for(kpi, y);
            if (!point)
                break;
            point->has_path = true;
            point->path_low = decimal_to_double(low);
            point->path_high = decimal_to_double(high);
        }
    }
}

static double along(bool rate, double from, double to, double share)
{
    return rate ? from * pow(to / from, share) : from + (to - from) * share;
}

static void slope_path(struct kpi *kpi)
{
    int first = kpi->baseline_year, last = kpi->target.year;
    if (!kpi->has_baseline || !first || last <= first || last - first >= KPI_YEARS_MAX)
        return;
    double from = middle(kpi->baseline_low, kpi->baseline_high);
    double low = isfinite(kpi->target.low) ? kpi->target.low : kpi->target.high;
    double high = isfinite(kpi->target.high) ? kpi->target.high : kpi->target.low;
    bool rate = str_eq(kpi->path, STR("compound")) && from > 0 && low > 0;
    for (int year = first; year <= last; year++) {
        struct kpi_point *point = kpi_point_for(kpi, year);
        if (!point)
            return;
        double share = (double)(year - first) / (last - first);
        point->has_path = true;
        point->path_low = along(rate, from, low, share);
        point->path_high = along(rate, from, high, share);
    }
}

void kpi_fill_path(struct kpi *kpi)
{
    const struct kpi_target *target = &kpi->target;
    if (!target->there)
        return;
    if (str_eq(kpi->path, STR("compound")) || str_eq(kpi->path, STR("linear")))
        slope_path(kpi);
    if (str_eq(kpi->path, STR("steps")))
        step_path(kpi);
    for (size_t i = 0; i < kpi->point_count && target->every_year; i++) {
        kpi->points[i].has_path = true;
        kpi->points[i].path_low = isfinite(target->low) ? target->low : target->high;
        kpi->points[i].path_high = isfinite(target->high) ? target->high : target->low;
    }
    struct kpi_point *end = target->year ? kpi_point_for(kpi, target->year) : NULL;
    if (end && !end->has_path) {
        end->has_path = true;
        end->path_low = isfinite(target->low) ? target->low : target->high;
        end->path_high = isfinite(target->high) ? target->high : target->low;
    }
}

/* ---- status and forecast ---- */

static bool is_settled(const struct kpi_point *point)
{
    return point->has_actual && !point->partial;
}

static double value_of(const struct kpi_point *point)
{
    return middle(decimal_to_double(point->low), decimal_to_double(point->high));
}

void kpi_fill_verdict(struct kpi *kpi)
{
    struct kpi_standing standing = {
        .direction = kpi->direction, .linear = str_eq(kpi->path, STR("linear")) || kpi->rank, .target = kpi->target};
    for (size_t i = 0; i < kpi->point_count; i++) {
        const struct kpi_point *point = &kpi->points[i];
        if (!is_settled(point))
            continue;
        if (standing.has_latest) {
            standing.has_previous = true;
            standing.previous = standing.latest;
        }
        if (!standing.has_first) {
            standing.has_first = true;
            standing.first = value_of(point);
            standing.first_year = point->year;
        }
        standing.has_latest = true;
        standing.latest = value_of(point);
        standing.latest_year = point->year;
    }
    /* A baseline whose year nobody knows begins nothing. */
    if (!standing.has_first && kpi->has_baseline && kpi->baseline_year) {
        standing.has_first = true;
        standing.first = middle(kpi->baseline_low, kpi->baseline_high);
        standing.first_year = kpi->baseline_year;
    }
    kpi->verdict = kpi_judge(&standing);
    if (kpi->missing && !standing.has_latest)
        kpi->verdict = (struct kpi_verdict){.status = KPI_NOT_ENOUGH, .reason = KPI_UNDEFINED};
}

/* What status and forecast are made from; returns how many. */
static size_t settled(const struct kpi *kpi, int years[KPI_YEARS_MAX], double values[KPI_YEARS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < kpi->point_count; i++)
        if (is_settled(&kpi->points[i])) {
            years[count] = kpi->points[i].year;
            values[count++] = value_of(&kpi->points[i]);
        }
    return count;
}

/* The usual trend from the first value to the target's year. It says where the line goes, not how sure that is: of its own interval
 * nothing is shown, since that would promise far too much. */
void kpi_fill_trend(struct kpi *kpi)
{
    int years[KPI_YEARS_MAX];
    double values[KPI_YEARS_MAX], mean_year = 0, mean = 0, across = 0, along_years = 0;
    size_t count = settled(kpi, years, values);
    bool rate = !str_eq(kpi->path, STR("linear")) && !kpi->rank;
    if (count < FORECAST_POINTS_MIN)
        return;
    for (size_t i = 0; i < count; i++)
        rate &= values[i] > 0;
    for (size_t i = 0; i < count; i++) {
        values[i] = rate ? log(values[i]) : values[i];
        mean_year += years[i] / (double)count;
        mean += values[i] / (double)count;
    }
    for (size_t i = 0; i < count; i++) {
        across += (years[i] - mean_year) * (values[i] - mean);
        along_years += (years[i] - mean_year) * (years[i] - mean_year);
    }
    int last = kpi->target.year > years[count - 1] ? kpi->target.year : years[count - 1];
    for (int year = years[0]; year <= last && year - years[0] < KPI_YEARS_MAX; year++) {
        struct kpi_point *point = kpi_point_for(kpi, year);
        double at = mean + across / along_years * (year - mean_year);
        if (!point)
            return;
        point->has_trend = true;
        point->trend = rate ? exp(at) : kpi->rank ? fmax(1, nearbyint(at)) : at;
    }
}

void kpi_fill_forecast(struct kpi *kpi)
{
    int years[KPI_YEARS_MAX];
    double values[KPI_YEARS_MAX];
    struct forecast_input input = {.years = years,
                                   .values = values,
                                   .count = settled(kpi, years, values),
                                   .to_year = kpi->target.year,
                                   .rank = kpi->rank};
    kpi->forecast_points = input.count;
    struct forecast forecast;
    if (!kpi->target.there || !forecast_make(&input, &forecast))
        return;
    kpi->has_forecast = true;
    for (size_t i = 0; i < forecast.count; i++) {
        struct kpi_point *point = kpi_point_for(kpi, forecast.years[i].year);
        if (!point)
            return;
        point->has_forecast = true;
        point->forecast = forecast.years[i];
    }
    double low = kpi->direction == KPI_DOWN ? -HUGE_VAL : kpi->target.low;
    double high = kpi->direction == KPI_UP ? HUGE_VAL : kpi->target.high;
    kpi->probability = forecast_bounded(forecast_probability(&forecast, low, high));
}
