#include "plan/status.h"

#include <math.h>

const char *const kpi_status_names[KPI_STATUS_COUNT] = {[KPI_REACHED] = "reached",
                                                        [KPI_ON_TRACK] = "on-track",
                                                        [KPI_BEHIND] = "behind",
                                                        [KPI_WRONG_WAY] = "wrong-way",
                                                        [KPI_NOT_ENOUGH] = "not-enough-data"};
const char *const kpi_reason_names[KPI_REASON_COUNT] = {
    [KPI_COMPARED] = "compared",   [KPI_MET] = "met",
    [KPI_YEARLY] = "yearly",       [KPI_NO_TARGET] = "no-target",
    [KPI_NO_ACTUAL] = "no-actual", [KPI_NO_BASELINE] = "no-baseline",
    [KPI_UNDEFINED] = "undefined"};

bool kpi_meets(enum kpi_direction direction, const struct kpi_target *target, double value)
{
    if (direction == KPI_UP)
        return value >= target->low;
    if (direction == KPI_DOWN)
        return value <= target->high;
    return value >= target->low && value <= target->high;
}

/* The end of the target that has to be reached. Where the value is inside a range there is nothing to reach. */
static double aim(const struct kpi_standing *standing, double from)
{
    const struct kpi_target *target = &standing->target;
    if (standing->direction == KPI_UP)
        return target->low;
    if (standing->direction == KPI_DOWN)
        return target->high;
    return from < target->low ? target->low : target->high;
}

static bool has_rates(const struct kpi_standing *standing)
{
    return !standing->linear && standing->first > 0 && standing->latest > 0 && aim(standing, standing->first) > 0;
}

static double growth(bool rate, double from, double to, int years)
{
    return rate ? pow(to / from, 1.0 / years) - 1 : (to - from) / years;
}

/* A target of every year: is the latest value within it, else does it at least move toward it? */
static void judge_yearly(const struct kpi_standing *standing, struct kpi_verdict *verdict)
{
    verdict->reason = KPI_YEARLY;
    if (kpi_meets(standing->direction, &standing->target, standing->latest)) {
        bool over = standing->target.year && standing->latest_year >= standing->target.year;
        verdict->status = over ? KPI_REACHED : KPI_ON_TRACK;
        return;
    }
    verdict->status = KPI_BEHIND;
    if (!standing->has_previous)
        return;
    double now = fabs(aim(standing, standing->latest) - standing->latest);
    double then = kpi_meets(standing->direction, &standing->target, standing->previous)
                      ? 0
                      : fabs(aim(standing, standing->previous) - standing->previous);
    if (now > then)
        verdict->status = KPI_WRONG_WAY;
}

/* What is still needed, wherever the target and the latest value allow to say it. */
static void add_needed(const struct kpi_standing *standing, struct kpi_verdict *verdict)
{
    const struct kpi_target *target = &standing->target;
    int left = target->year - standing->latest_year;
    if (!target->there || !standing->has_latest || target->every_year || left <= 0 ||
        kpi_meets(standing->direction, target, standing->latest))
        return;
    double to = aim(standing, standing->latest);
    bool rate = !standing->linear && standing->latest > 0 && to > 0;
    if (verdict->has_growth && rate != verdict->growth_is_rate)
        return;
    verdict->growth_is_rate = rate;
    verdict->growth_needed = growth(rate, standing->latest, to, left);
    verdict->has_needed = isfinite(verdict->growth_needed);
}

static void judge_growth(const struct kpi_standing *standing, struct kpi_verdict *verdict)
{
    if (!standing->has_first || standing->latest_year <= standing->first_year) {
        verdict->reason = KPI_NO_ACTUAL;
        return;
    }
    if (standing->target.year <= standing->first_year) {
        verdict->reason = KPI_NO_TARGET;
        return;
    }
    bool rate = has_rates(standing);
    int so_far = standing->latest_year - standing->first_year, whole = standing->target.year - standing->first_year;
    double to = aim(standing, standing->first);
    verdict->has_growth = true;
    verdict->growth_is_rate = rate;
    verdict->growth_so_far = growth(rate, standing->first, standing->latest, so_far);
    verdict->growth_planned = growth(rate, standing->first, to, whole);
    verdict->reason = KPI_COMPARED;
    /* A first value that met the target already and a latest that does not: it went the wrong way. */
    if (verdict->growth_planned == 0 || kpi_meets(standing->direction, &standing->target, standing->first)) {
        verdict->status = KPI_WRONG_WAY;
        return;
    }
    double part = verdict->growth_so_far / verdict->growth_planned;
    verdict->status = part >= KPI_ON_TRACK_PART ? KPI_ON_TRACK : part >= 0 ? KPI_BEHIND : KPI_WRONG_WAY;
    if (verdict->status == KPI_ON_TRACK && standing->latest_year >= standing->target.year)
        verdict->status = KPI_BEHIND; /* the time is over and it is not reached */
}

struct kpi_verdict kpi_judge(const struct kpi_standing *standing)
{
    struct kpi_verdict verdict = {.status = KPI_NOT_ENOUGH};
    if (!standing->target.there)
        verdict.reason = KPI_NO_TARGET;
    else if (!standing->has_latest)
        verdict.reason = standing->has_first ? KPI_NO_ACTUAL : KPI_NO_BASELINE;
    else if (standing->target.every_year)
        judge_yearly(standing, &verdict);
    else if (kpi_meets(standing->direction, &standing->target, standing->latest)) {
        verdict.status = KPI_REACHED;
        verdict.reason = KPI_MET;
    } else
        judge_growth(standing, &verdict);
    add_needed(standing, &verdict);
    return verdict;
}
