/* Indicators: what a definition says, its series of years, how it stands, where it leads (docs/kpi.md).
 *
 * Registers are found by their roles, kpi, kpi-definition and kpi-value; the fields are as model/ has them. A series is of one
 * definition and never takes a value of another. A value of a year is entered (kpi-value, of which confirmed goes before
 * provisional before estimated, and an actual before a baseline) or, where none is, computed by the definition's measure. */
#ifndef MUSUBI_PLAN_KPI_H
#define MUSUBI_PLAN_KPI_H

#include "plan/forecast.h"
#include "plan/status.h"
#include "store/measure.h"

#define KPI_YEARS_MAX 60
#define KPI_DEFINITIONS_MAX 50
#define KPI_VALUES_MAX 1000

struct kpi_point {
    int year;
    bool has_path;
    double path_low, path_high; /* the same unless the target is a range */
    bool has_actual;
    struct decimal low, high;
    bool estimated;
    bool partial;              /* the year is not over: neither status nor forecast use it */
    struct str state;          /* code of figure-state of an entered value, or empty */
    const struct found *entry; /* the kpi-value; NULL: computed */
    const struct measure_cell
        *cell; /* what the measure gave for the year, also beside an entered value; NULL: nothing */
    const struct measure_coverage *coverage; /* NULL: not known */
    bool has_carried; /* the computed value with the last known figures of silent contributors: an estimate */
    struct decimal carried;
    bool has_trend;
    double trend; /* the values' least-squares line, on the log scale where they are positive: a line and no forecast */
    bool has_forecast;
    struct forecast_year forecast;
};

struct kpi {
    const struct reg *reg, *definition_reg, *value_reg;
    const struct found *record;
    const struct found *definitions; /* all of this indicator, by version and name */
    size_t definition_count;
    const struct found *definition; /* the one looked at; NULL: there is none */
    const struct found *values;     /* of every definition, by year */
    size_t value_count;
    const struct measure *measure;           /* NULL: values are entered */
    struct measure_query query;              /* with the definition's arguments; for drilling down */
    const struct measure_parameter *missing; /* what the definition does not say yet; NULL: nothing */
    enum kpi_direction direction;
    bool rank;
    struct str currency, unit;
    struct str path; /* code of path-kind */
    bool has_baseline, baseline_estimated;
    double baseline_low, baseline_high;
    int baseline_year; /* 0: not said */
    struct kpi_target target;
    struct kpi_point points[KPI_YEARS_MAX];
    size_t point_count;
    struct kpi_verdict verdict;
    bool has_forecast;
    size_t forecast_points; /* how many values it was made from */
    double probability;     /* of reaching the target in its year, between the bounds of forecast.h */
    struct decimal last_year_total;
};

/* definition: id of one of its definitions, or empty for the indicator's own. ERR_NOT_FOUND. */
int kpi_read(struct reader *reader, const struct model *model, struct str id, struct str definition, struct date today,
             struct arena *arena, struct kpi *ret_kpi, struct err *err);
/* Reads every indicator as the public sees it and throws it away: what is computed for them is kept then (store_keep_measures).
 * What cannot be read is left to whoever asks for it. */
void kpi_read_all(struct store *store);
/* The arguments that a definition's record gives to a measure; they live in the arena. */
void kpi_arguments(const struct value *definition, const struct measure *measure, struct arena *arena,
                   struct measure_query *query);
const struct kpi_point *kpi_point_of(const struct kpi *kpi, int year);

#endif
