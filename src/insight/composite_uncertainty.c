/* The Monte Carlo run over what is open about the method. What depends on the choices alone is worked out once for each
 * combination of them; a run then draws weights, adds up and ranks. */
#include "insight/composite.h"

#include "insight/random.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define FLOOR 1.0
#define LANES 8 /* units are padded to a multiple of it, so that the compiler can add up several at once */

/* One draw of everything. */
struct draw {
    size_t normalisation, aggregation, missing; /* positions in the lists */
    double *weights;
};

static void draw_next(const struct composite_uncertainty *open, size_t indicators, struct random *random,
                      struct draw *draw)
{
    const double *base;
    double sum = 0;

    draw->normalisation = random_below(random, open->normalisation_count);
    draw->aggregation = random_below(random, open->aggregation_count);
    draw->missing = random_below(random, open->missing_count);
    base = open->weightings[random_below(random, open->weighting_count)];
    for (size_t i = 0; i < indicators; i++) {
        double factor = 1 + open->spread * (2 * random_unit(random) - 1);
        draw->weights[i] = (base == NULL ? 1 : base[i]) * factor;
        sum += draw->weights[i];
    }
    for (size_t i = 0; i < indicators; i++) {
        draw->weights[i] /= sum;
    }
}

void composite_draws(const struct composite_table *table, const struct composite_uncertainty *uncertainty,
                     double *draws)
{
    struct random random;

    random_seed(&random, uncertainty->seed);
    for (uint32_t r = 0; r < uncertainty->runs; r++) {
        double *row = &draws[r * (3 + table->indicators)];
        struct draw draw = {.weights = row + 3};
        draw_next(uncertainty, table->indicators, &random, &draw);
        row[0] = (double)draw.normalisation;
        row[1] = (double)draw.aggregation;
        row[2] = (double)draw.missing;
    }
}

/* ---- what the choices give ---- */

/* The table under one combination, an indicator's units side by side: what is added up, 0 where nothing is known, and 1 or 0
 * for whether its weight counts. */
struct prepared {
    double *terms;
    double *known; /* NULL: everything is */
};

struct simulation {
    const struct composite_table *table;
    const struct composite_uncertainty *open;
    struct arena *arena;
    size_t padded; /* units, rounded up */
    struct prepared *prepared;
};

static double term_of(double scaled, enum composite_aggregation aggregation)
{
    return aggregation == COMPOSITE_GEOMETRIC ? log(fmax(scaled, FLOOR)) : scaled;
}

static double mean_of(const struct simulation *simulation, const double *scaled, size_t indicator)
{
    double sum = 0;
    size_t known = 0;

    for (size_t u = 0; u < simulation->table->units; u++) {
        double x = scaled[u * simulation->table->indicators + indicator];
        known += !isnan(x);
        sum += isnan(x) ? 0 : x;
    }
    return known == 0 ? (double)NAN : sum / (double)known;
}

static struct prepared prepare(struct simulation *simulation, const double *scaled,
                               enum composite_aggregation aggregation, enum composite_missing missing)
{
    const struct composite_table *table = simulation->table;
    size_t cells = table->indicators * simulation->padded;
    struct prepared prepared = {.terms = ARENA_NEW_ARRAY(simulation->arena, cells, double)};
    double *known = ARENA_NEW_ARRAY(simulation->arena, cells, double);
    bool whole = true;

    for (size_t i = 0; i < table->indicators; i++) {
        double mean = missing == COMPOSITE_MEAN ? mean_of(simulation, scaled, i) : (double)NAN;
        for (size_t u = 0; u < table->units; u++) {
            double x = scaled[u * table->indicators + i];
            x = isnan(x) ? mean : x;
            whole = whole && !isnan(x);
            known[i * simulation->padded + u] = isnan(x) ? 0 : 1;
            prepared.terms[i * simulation->padded + u] = isnan(x) ? 0 : term_of(x, aggregation);
        }
    }
    prepared.known = whole ? NULL : known;
    return prepared;
}

static size_t combination(const struct composite_uncertainty *open, size_t normalisation, size_t aggregation,
                          size_t missing)
{
    return (normalisation * open->aggregation_count + aggregation) * open->missing_count + missing;
}

static void prepare_all(struct simulation *simulation)
{
    const struct composite_uncertainty *open = simulation->open;
    const struct composite_table *table = simulation->table;
    double *scaled = ARENA_NEW_ARRAY(simulation->arena, table->units * table->indicators, double);
    size_t count = open->normalisation_count * open->aggregation_count * open->missing_count;

    simulation->prepared = ARENA_NEW_ARRAY(simulation->arena, count, struct prepared);
    for (size_t n = 0; n < open->normalisation_count; n++) {
        composite_normalise(table, open->normalisations[n], scaled);
        for (size_t a = 0; a < open->aggregation_count; a++) {
            for (size_t m = 0; m < open->missing_count; m++) {
                assert(open->missings[m] != COMPOSITE_COMPLETE);
                simulation->prepared[combination(open, n, a, m)] =
                    prepare(simulation, scaled, open->aggregations[a], open->missings[m]);
            }
        }
    }
}

/* ---- a run ---- */

/* A geometric mean ranks as its logarithm does, so that is left as it is. */
static void add_up(const struct simulation *simulation, const struct prepared *prepared, const double *weights,
                   double *restrict scores, double *restrict shares)
{
    size_t padded = simulation->padded;

    memset(scores, 0, padded * sizeof *scores);
    for (size_t i = 0; i < simulation->table->indicators; i++) {
        const double *restrict terms = &prepared->terms[i * padded];
        double weight = weights[i];
        for (size_t u = 0; u < padded; u++) {
            scores[u] += weight * terms[u];
        }
    }
    if (prepared->known == NULL) {
        return;
    }
    memset(shares, 0, padded * sizeof *shares);
    for (size_t i = 0; i < simulation->table->indicators; i++) {
        const double *restrict known = &prepared->known[i * padded];
        double weight = weights[i];
        for (size_t u = 0; u < padded; u++) {
            shares[u] += weight * known[u];
        }
    }
    for (size_t u = 0; u < simulation->table->units; u++) {
        scores[u] /= shares[u];
    }
}

/* Counts how often each unit had each rank: the number of those above it, and one. */
static void count_ranks(const struct simulation *simulation, const double *scores, uint32_t *order, uint32_t *counts)
{
    size_t units = simulation->table->units;
    uint32_t rank = 0;

    /* Sorting the order of the run before by insertion: weights move little, so little is out of place. */
    for (size_t p = 1; p < units; p++) {
        uint32_t unit = order[p];
        size_t at = p;
        for (; at > 0 && scores[order[at - 1]] < scores[unit]; at--) {
            order[at] = order[at - 1];
        }
        order[at] = unit;
    }
    for (size_t p = 0; p < units; p++) {
        rank = p > 0 && scores[order[p]] == scores[order[p - 1]] ? rank : (uint32_t)p;
        counts[order[p] * units + rank]++;
    }
}

static struct composite_interval interval_of(const struct composite_uncertainty *open, const uint32_t *counts,
                                             size_t units)
{
    struct composite_interval interval = {0};
    double runs = open->runs;
    double sum = 0;
    uint64_t so_far = 0;

    for (size_t r = 0; r < units; r++) {
        uint32_t rank = (uint32_t)r + 1;
        if (counts[r] == 0) {
            continue;
        }
        so_far += counts[r];
        sum += (double)counts[r] * rank;
        interval.best = interval.best == 0 ? rank : interval.best;
        interval.worst = rank;
        interval.low = interval.low == 0 && (double)so_far >= open->low * runs ? rank : interval.low;
        interval.median = interval.median == 0 && (double)so_far >= 0.5 * runs ? rank : interval.median;
        interval.high = interval.high == 0 && (double)so_far >= open->high * runs ? rank : interval.high;
    }
    interval.high = interval.high == 0 ? interval.worst : interval.high;
    interval.mean = runs > 0 ? sum / runs : 0;
    return interval;
}

void composite_intervals(const struct composite_table *table, const struct composite_uncertainty *uncertainty,
                         struct arena *scratch, struct composite_interval *intervals)
{
    struct simulation simulation = {.table = table, .open = uncertainty, .arena = scratch};
    size_t combinations =
        uncertainty->normalisation_count * uncertainty->aggregation_count * uncertainty->missing_count;
    uint32_t *counts = ARENA_NEW_ARRAY(scratch, table->units * table->units, uint32_t);
    uint32_t *orders = ARENA_NEW_ARRAY(scratch, combinations * table->units, uint32_t);
    struct draw draw = {.weights = ARENA_NEW_ARRAY(scratch, table->indicators, double)};
    struct random random;
    double *scores, *shares;

    simulation.padded = (table->units + LANES - 1) / LANES * LANES;
    scores = ARENA_NEW_ARRAY(scratch, simulation.padded, double);
    shares = ARENA_NEW_ARRAY(scratch, simulation.padded, double);
    prepare_all(&simulation);
    for (size_t at = 0; at < combinations * table->units; at++) {
        orders[at] = (uint32_t)(at % table->units);
    }
    random_seed(&random, uncertainty->seed);
    for (uint32_t r = 0; r < uncertainty->runs; r++) {
        draw_next(uncertainty, table->indicators, &random, &draw);
        size_t at = combination(uncertainty, draw.normalisation, draw.aggregation, draw.missing);
        add_up(&simulation, &simulation.prepared[at], draw.weights, scores, shares);
        count_ranks(&simulation, scores, &orders[at * table->units], counts);
    }
    for (size_t u = 0; u < table->units; u++) {
        intervals[u] = interval_of(uncertainty, &counts[u * table->units], table->units);
    }
}
