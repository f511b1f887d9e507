/* A composite index of a table of figures, after the Handbook on Constructing Composite Indicators (OECD and JRC, 2008): its
 * steps 3 (missing data), 5 (normalisation), 6 (weighting and aggregation) and 7 (uncertainty). Pure arithmetic: it knows
 * nothing of records.
 *
 * A table has units (rows: what is compared) and indicators (columns); NAN is a figure that is not known. Every scale below
 * runs from 0 to 100, better upwards, whatever the indicator's direction, so that the steps can be combined freely. */
#ifndef MUSUBI_INSIGHT_COMPOSITE_H
#define MUSUBI_INSIGHT_COMPOSITE_H

#include "base/arena.h"

#include <stdint.h>

struct composite_table {
    size_t units;
    size_t indicators;
    const double *figures; /* units × indicators, a unit's figures side by side */
    const bool *down;      /* per indicator: less is better */
    const signed char
        *own; /* per indicator: its own normalisation whatever else is chosen, or -1; NULL: none has one */
};

/* How an indicator's figures x come to one scale; n of them are known, "best" is the largest, or the smallest when less is
 * better. An indicator whose figures are all alike gives everybody 50.
 *   MIN_MAX   100 (x − worst) / (best − worst)
 *   Z_SCORE   50 + 10 (x − mean) / s with s the standard deviation over n − 1, turned round when less is better
 *   RANK      100 (n − r) / (n − 1) with r the rank, 1 the best; equals share the mean of their ranks
 *   DISTANCE  100 x / best, or 100 best / x when less is better; for figures that are not all above 0, as MIN_MAX
 *   AS_IS     x, or 100 − x when less is better: for figures that run from 0 to 100 by themselves */
enum composite_normalisation {
    COMPOSITE_MIN_MAX,
    COMPOSITE_Z_SCORE,
    COMPOSITE_RANK,
    COMPOSITE_DISTANCE,
    COMPOSITE_AS_IS,
};
#define COMPOSITE_NORMALISATIONS 5

/*   ARITHMETIC  Σ w x / Σ w: a weakness can be made up for
 *   GEOMETRIC   exp(Σ w ln max(x, 1) / Σ w): it can be only in part. What is below 1 on the scale counts as 1. */
enum composite_aggregation { COMPOSITE_ARITHMETIC, COMPOSITE_GEOMETRIC };
#define COMPOSITE_AGGREGATIONS 2

/* What stands in for a figure that is not known:
 *   AVAILABLE  nothing: the unit's others share its weight
 *   MEAN       the indicator's mean, after normalisation
 *   COMPLETE   nothing: a unit that lacks any figure is left out */
enum composite_missing { COMPOSITE_AVAILABLE, COMPOSITE_MEAN, COMPOSITE_COMPLETE };
#define COMPOSITE_MISSINGS 3

/* `scaled` (units × indicators) gets every figure on the scale; what is not known stays NAN. */
void composite_normalise(const struct composite_table *table, enum composite_normalisation normalisation,
                         double *scaled);

struct composite_method {
    enum composite_normalisation normalisation;
    enum composite_aggregation aggregation;
    enum composite_missing missing;
    const double *weights; /* per indicator, none negative, not all 0; NULL: equal */
};
/* Each unit's score; NAN for one that has no figure, or that COMPLETE leaves out. */
void composite_score(const struct composite_table *table, const struct composite_method *method, struct arena *scratch,
                     double *scores);
/* Ranks by score, 1 the highest; equals have the same, and the next one counts on behind them (1, 2, 2, 4). 0 for NAN. */
void composite_rank(const double *scores, size_t units, struct arena *scratch, uint32_t *ranks);

/* What is open about the method, so that it can be asked how far ranks depend on it: each run draws a normalisation, an
 * aggregation, a rule for what is missing and a set of weights from these, each choice as likely as any other, and then moves
 * every weight by a factor between 1 − spread and 1 + spread. */
struct composite_uncertainty {
    const enum composite_normalisation *normalisations;
    size_t normalisation_count;
    const enum composite_aggregation *aggregations;
    size_t aggregation_count;
    const enum composite_missing *missings; /* AVAILABLE and MEAN only */
    size_t missing_count;
    const double *const *weightings; /* each per indicator; NULL among them: equal */
    size_t weighting_count;
    double spread; /* 0 … 1 */
    uint32_t runs;
    uint64_t seed;
    double low, high; /* shares of the runs between which the interval lies: 0.05 and 0.95 */
};
struct composite_interval {
    uint32_t low, median, high; /* ranks: the smallest one that at least that share of the runs does not exceed */
    uint32_t best, worst;       /* over all runs */
    double mean;
};
/* One interval a unit; every unit needs a figure. The same seed gives the same intervals. */
void composite_intervals(const struct composite_table *table, const struct composite_uncertainty *uncertainty,
                         struct arena *scratch, struct composite_interval *intervals);

/* The draws alone, for whoever wants to do the same elsewhere: 3 + indicators numbers a run: positions in the lists of
 * normalisations, aggregations and missings, then the weights, which sum to 1. */
void composite_draws(const struct composite_table *table, const struct composite_uncertainty *uncertainty,
                     double *draws);

#endif
