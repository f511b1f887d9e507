/* How an indicator stands: the growth so far against the growth needed (docs/kpi.md).
 *
 * After the progress measure of Open SDG, which compares the compound growth observed with the one that would lead from the
 * baseline to the target. Ours differs where a growth rate has no meaning (values that are not positive, straight paths:
 * then the yearly change is compared), in saying nothing about an indicator without a target, and in knowing targets of
 * every year and ranges. */
#ifndef MUSUBI_PLAN_STATUS_H
#define MUSUBI_PLAN_STATUS_H

#include <stdbool.h>

enum kpi_direction { KPI_UP, KPI_DOWN, KPI_RANGE };
enum kpi_status { KPI_REACHED, KPI_ON_TRACK, KPI_BEHIND, KPI_WRONG_WAY, KPI_NOT_ENOUGH, KPI_STATUS_COUNT };
/* "reached", "on-track", "behind", "wrong-way", "not-enough-data" */
extern const char *const kpi_status_names[KPI_STATUS_COUNT];

/* Why it says that; for KPI_NOT_ENOUGH what is missing. */
enum kpi_reason {
    KPI_COMPARED,    /* growth so far was compared with growth needed */
    KPI_MET,         /* the latest value meets the target */
    KPI_YEARLY,      /* the latest value was compared with the target of every year */
    KPI_NO_TARGET,   /* there is no target */
    KPI_NO_ACTUAL,   /* there is no value after the baseline */
    KPI_NO_BASELINE, /* there is no value with a year to begin from */
    KPI_UNDEFINED,   /* the definition is not complete */
    KPI_REASON_COUNT
};
extern const char *const kpi_reason_names[KPI_REASON_COUNT];

/* At least this part of the growth needed counts as on track. */
#define KPI_ON_TRACK_PART 0.95

struct kpi_target {
    bool there;
    double low, high; /* the same for one value; INFINITY or -INFINITY where "at least" or "at most" leaves it open */
    int year;         /* 0: not said */
    bool every_year;  /* the same target each year */
};

struct kpi_standing {
    enum kpi_direction direction;
    bool linear; /* straight path: compare yearly changes */
    struct kpi_target target;
    bool has_first, has_latest, has_previous;
    int first_year, latest_year;
    double first, latest;
    double previous; /* the value before the latest, for targets of every year */
};

struct kpi_verdict {
    enum kpi_status status;
    enum kpi_reason reason;
    bool has_growth;
    bool growth_is_rate;   /* growth is a yearly rate (0.036 is 3.6 %); else a yearly change in the value's unit */
    double growth_so_far;  /* from the first to the latest value */
    double growth_planned; /* from the first value to the target */
    bool has_needed;
    double growth_needed; /* from the latest value to the target; a rate or a change like the others */
};

struct kpi_verdict kpi_judge(const struct kpi_standing *standing);
/* Whether a value meets the target. */
bool kpi_meets(enum kpi_direction direction, const struct kpi_target *target, double value);

#endif
