#include "insight/composite.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#define MIDDLE 50.0 /* where everybody stands when all are alike */
#define FLOOR 1.0   /* of a geometric mean: one zero must not decide alone */

/* ---- normalisation ---- */

struct spread {
    size_t known;
    double least, most, mean, deviation;
};

static double figure(const struct composite_table *table, size_t unit, size_t indicator)
{
    return table->figures[unit * table->indicators + indicator];
}

static struct spread spread_of(const struct composite_table *table, size_t indicator)
{
    struct spread spread = {.least = INFINITY, .most = -INFINITY};
    double sum = 0, squares = 0;

    for (size_t u = 0; u < table->units; u++) {
        double x = figure(table, u, indicator);
        if (isnan(x)) {
            continue;
        }
        spread.known++;
        sum += x;
        spread.least = fmin(spread.least, x);
        spread.most = fmax(spread.most, x);
    }
    spread.mean = spread.known == 0 ? 0 : sum / (double)spread.known;
    for (size_t u = 0; u < table->units; u++) {
        double x = figure(table, u, indicator);
        squares += isnan(x) ? 0 : (x - spread.mean) * (x - spread.mean);
    }
    spread.deviation = spread.known < 2 ? 0 : sqrt(squares / (double)(spread.known - 1));
    return spread;
}

/* Rank among the known, 1 the best; equals share the mean of theirs. */
static double shared_rank(const struct composite_table *table, size_t indicator, double x)
{
    size_t better = 0, equal = 0;

    for (size_t u = 0; u < table->units; u++) {
        double other = figure(table, u, indicator);
        if (isnan(other)) {
            continue;
        }
        better += table->down[indicator] ? other < x : other > x;
        equal += other == x;
    }
    return (double)better + ((double)equal + 1) / 2;
}

static double min_max(const struct spread *spread, bool down, double x)
{
    double share = (x - spread->least) / (spread->most - spread->least);

    return 100 * (down ? 1 - share : share);
}

static double scale(const struct composite_table *table, enum composite_normalisation normalisation,
                    const struct spread *spread, size_t indicator, double x)
{
    bool down = table->down[indicator];

    if (isnan(x)) {
        return NAN;
    }
    if (normalisation == COMPOSITE_AS_IS) {
        return down ? 100 - x : x;
    }
    if (spread->most <= spread->least) {
        return MIDDLE;
    }
    switch (normalisation) {
    case COMPOSITE_Z_SCORE:
        return 50 + 10 * (down ? spread->mean - x : x - spread->mean) / spread->deviation;
    case COMPOSITE_RANK:
        return 100 * ((double)spread->known - shared_rank(table, indicator, x)) / (double)(spread->known - 1);
    case COMPOSITE_DISTANCE:
        if (spread->least > 0) {
            return 100 * (down ? spread->least / x : x / spread->most);
        }
        return min_max(spread, down, x);
    case COMPOSITE_AS_IS:
    case COMPOSITE_MIN_MAX:
        break;
    }
    return min_max(spread, down, x);
}

void composite_normalise(const struct composite_table *table, enum composite_normalisation normalisation,
                         double *scaled)
{
    for (size_t i = 0; i < table->indicators; i++) {
        struct spread spread = spread_of(table, i);
        enum composite_normalisation own =
            table->own != NULL && table->own[i] >= 0 ? (enum composite_normalisation)table->own[i] : normalisation;
        for (size_t u = 0; u < table->units; u++) {
            scaled[u * table->indicators + i] = scale(table, own, &spread, i, figure(table, u, i));
        }
    }
}

/* ---- one method ---- */

/* The mean of each indicator on the scale in place of what is not known. */
static void fill_with_means(const struct composite_table *table, double *scaled)
{
    for (size_t i = 0; i < table->indicators; i++) {
        double sum = 0;
        size_t known = 0;
        for (size_t u = 0; u < table->units; u++) {
            double x = scaled[u * table->indicators + i];
            known += !isnan(x);
            sum += isnan(x) ? 0 : x;
        }
        for (size_t u = 0; known > 0 && u < table->units; u++) {
            double *x = &scaled[u * table->indicators + i];
            *x = isnan(*x) ? sum / (double)known : *x;
        }
    }
}

static double unit_score(const double *scaled, size_t indicators, const struct composite_method *method)
{
    double sum = 0, weights = 0;

    for (size_t i = 0; i < indicators; i++) {
        double weight = method->weights == NULL ? 1 : method->weights[i];
        if (isnan(scaled[i])) {
            if (method->missing == COMPOSITE_COMPLETE) {
                return NAN;
            }
            continue;
        }
        sum += weight * (method->aggregation == COMPOSITE_GEOMETRIC ? log(fmax(scaled[i], FLOOR)) : scaled[i]);
        weights += weight;
    }
    if (weights <= 0) {
        return NAN;
    }
    return method->aggregation == COMPOSITE_GEOMETRIC ? exp(sum / weights) : sum / weights;
}

void composite_score(const struct composite_table *table, const struct composite_method *method, struct arena *scratch,
                     double *scores)
{
    double *scaled = ARENA_NEW_ARRAY(scratch, table->units * table->indicators, double);

    composite_normalise(table, method->normalisation, scaled);
    if (method->missing == COMPOSITE_MEAN) {
        fill_with_means(table, scaled);
    }
    for (size_t u = 0; u < table->units; u++) {
        scores[u] = unit_score(&scaled[u * table->indicators], table->indicators, method);
    }
}

/* ---- ranks ---- */

struct place {
    double score;
    size_t unit;
};

/* Highest first, NAN last, equals in the order of the units. */
static int place_cmp(const void *left, const void *right)
{
    const struct place *a = left;
    const struct place *b = right;

    if (isnan(a->score) || isnan(b->score)) {
        return isnan(a->score) - isnan(b->score);
    }
    if (a->score != b->score) {
        return a->score > b->score ? -1 : 1;
    }
    return (a->unit > b->unit) - (a->unit < b->unit);
}

void composite_rank(const double *scores, size_t units, struct arena *scratch, uint32_t *ranks)
{
    struct place *places = ARENA_NEW_ARRAY(scratch, units, struct place);

    for (size_t u = 0; u < units; u++) {
        places[u] = (struct place){scores[u], u};
    }
    qsort(places, units, sizeof places[0], place_cmp);
    for (size_t p = 0; p < units; p++) {
        bool equal = p > 0 && places[p].score == places[p - 1].score;
        uint32_t rank = equal ? ranks[places[p - 1].unit] : (uint32_t)p + 1;
        ranks[places[p].unit] = isnan(places[p].score) ? 0 : rank;
    }
}
