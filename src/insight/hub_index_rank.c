/* Leaving out, weighing, scoring, ranking. */
#include "insight/hub_index_internal.h"

#include <math.h>
#include <stdlib.h>

static double figure_at(const struct index_result *result, size_t unit, size_t indicator)
{
    return result->figures[unit * result->indicator_count + indicator];
}

/* ---- what is left out ---- */

/* Counts how many of the units in use have a figure, and whether two differ. */
static bool indicator_holds(struct index_result *result, size_t indicator)
{
    double first = NAN;
    bool differ = false;
    size_t known = 0;

    for (size_t u = 0; u < result->unit_count; u++) {
        double x = figure_at(result, u, indicator);
        if (!result->units[u].used || isnan(x)) {
            continue;
        }
        known++;
        differ = differ || (!isnan(first) && x != first);
        first = isnan(first) ? x : first;
    }
    return differ && known >= result->least_known;
}

static size_t known_of_unit(const struct index_result *result, size_t unit)
{
    size_t known = 0;

    for (size_t i = 0; i < result->indicator_count; i++) {
        known += result->indicators[i].used && !isnan(figure_at(result, unit, i));
    }
    return known;
}

static size_t count_used(struct index_result *result)
{
    result->indicators_used = 0;
    for (size_t i = 0; i < result->indicator_count; i++) {
        result->indicators_used += result->indicators[i].used;
    }
    return result->indicators_used;
}

static bool drop_indicators(struct index_result *result)
{
    bool changed = false;

    for (size_t i = 0; i < result->indicator_count; i++) {
        if (result->indicators[i].used && !indicator_holds(result, i)) {
            result->indicators[i].used = false;
            changed = true;
        }
    }
    return changed;
}

static bool drop_units(struct index_result *result)
{
    double share = result->method.missing == COMPOSITE_COMPLETE ? 1 : result->least_share;
    double least = share * (double)count_used(result);
    bool changed = false;

    for (size_t u = 0; u < result->unit_count; u++) {
        size_t known = known_of_unit(result, u);
        if (result->units[u].used && (known == 0 || (double)known < least - 1e-9)) {
            result->units[u].used = false;
            changed = true;
        }
    }
    return changed;
}

static void leave_out(struct index_result *result)
{
    bool changed = true;

    for (size_t u = 0; u < result->unit_count; u++) {
        result->units[u].used = true;
    }
    for (size_t i = 0; i < result->indicator_count; i++) {
        result->indicators[i].used = true;
        for (size_t u = 0; u < result->unit_count; u++) {
            result->indicators[i].known += !isnan(figure_at(result, u, i));
        }
    }
    while (changed) {
        changed = drop_indicators(result);
        changed = count_used(result) > 0 && (drop_units(result) || changed);
    }
    for (size_t u = 0; u < result->unit_count; u++) {
        result->units[u].known = known_of_unit(result, u);
        result->units[u].used = result->units[u].used && result->indicators_used > 0;
        result->units_used += result->units[u].used;
    }
    if (result->state == INDEX_NO_INDICATOR) {
        for (size_t i = 0; i < result->indicator_count; i++) {
            result->indicators[i].used = false;
        }
        result->indicators_used = 0;
    } else if (result->indicators_used == 0) {
        result->state = INDEX_TOO_FEW_FIGURES;
    } else if (result->units_used < result->least_units) {
        result->state = INDEX_TOO_FEW_UNITS;
    } else {
        result->state = INDEX_RANKED;
    }
}

/* ---- weights ---- */

/* The weights that belong to the method's edition, by indicator; NAN where it gives none. */
static int edition_weights(struct indexing *indexing, double *weights, struct err *err)
{
    const struct value *part = value_get(indexing->roles, STR("weight"));
    struct index_result *result = indexing->result;
    struct records records = {0};

    for (size_t i = 0; i < result->indicator_count; i++) {
        weights[i] = NAN;
    }
    if (records_read(indexing->request->methods, roles_register(part, indexing->request->model), NULL, indexing->arena,
                     &records, err) != 0) {
        return -1;
    }
    for (size_t r = 0; r < records.count; r++) {
        const struct value *weight = value_get(records.items[r], value_get_text(part, STR("weight")));
        struct str method = value_get_text(records.items[r], value_get_text(part, STR("method")));
        struct str indicator = value_get_text(records.items[r], value_get_text(part, STR("indicator")));
        for (size_t i = 0; weight != NULL && i < result->indicator_count; i++) {
            if (str_eq(method, indexing->request->method) && str_eq(indicator, result->indicators[i].id)) {
                weights[i] = decimal_to_double(weight->number);
            }
        }
    }
    return 0;
}

static int weigh(struct indexing *indexing, struct err *err)
{
    struct index_result *result = indexing->result;
    double *edition = ARENA_NEW_ARRAY(indexing->arena, result->indicator_count, double);
    double sum = 0;

    if (result->weighting == INDEX_BY_EDITION && edition_weights(indexing, edition, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < result->indicator_count; i++) {
        struct index_indicator *indicator = &result->indicators[i];
        indicator->weight = result->weighting == INDEX_EQUAL   ? 1
                            : result->weighting == INDEX_GIVEN ? indicator->given
                                                               : edition[i];
        if (!indicator->used) {
            indicator->weight = 0;
        } else if (isnan(indicator->weight)) {
            return err_set(err, ERR_INVALID, "the indicator \"%.*s\" has no weight, and this method needs one of each",
                           STR_ARG(indicator->id));
        }
        sum += indicator->weight;
    }
    if (sum <= 0) {
        return err_set(err, ERR_INVALID, "all weights are 0, at least one above it is needed");
    }
    for (size_t i = 0; i < result->indicator_count; i++) {
        result->indicators[i].weight /= sum;
    }
    return 0;
}

/* ---- the table ---- */

struct used_table {
    struct composite_table table;
    double *weights, *given; /* given: NULL unless every indicator used has one */
    size_t *units;           /* positions in the result */
};

static struct used_table used_table(struct index_result *result, struct arena *arena)
{
    size_t columns = result->indicators_used;
    double *figures = ARENA_NEW_ARRAY(arena, result->units_used * columns, double);
    bool *down = ARENA_NEW_ARRAY(arena, columns, bool);
    signed char *own = ARENA_NEW_ARRAY(arena, columns, signed char);
    struct used_table used = {
        .weights = ARENA_NEW_ARRAY(arena, columns, double),
        .given = ARENA_NEW_ARRAY(arena, columns, double),
        .units = ARENA_NEW_ARRAY(arena, result->units_used, size_t),
    };
    bool all_given = true;
    size_t row = 0, column = 0;

    for (size_t u = 0; u < result->unit_count; u++) {
        if (result->units[u].used) {
            used.units[row++] = u;
        }
    }
    for (size_t i = 0; i < result->indicator_count; i++) {
        const struct index_indicator *indicator = &result->indicators[i];
        if (!indicator->used) {
            continue;
        }
        down[column] = indicator->down;
        own[column] = indicator->own;
        used.weights[column] = indicator->weight;
        used.given[column] = indicator->given;
        all_given = all_given && indicator->given >= 0;
        for (size_t u = 0; u < row; u++) {
            figures[u * columns + column] = figure_at(result, used.units[u], i);
        }
        column++;
    }
    used.given = all_given ? used.given : NULL;
    used.table = (struct composite_table){row, columns, figures, down, own};
    return used;
}

/* Everything that is open: every normalisation, both means, both rules for gaps, equal weights, those of the method and those of
 * the register. */
static void find_intervals(const struct index_result *result, const struct used_table *used, struct arena *arena,
                           struct composite_interval *intervals)
{
    static const enum composite_normalisation normalisations[] = {COMPOSITE_MIN_MAX, COMPOSITE_Z_SCORE, COMPOSITE_RANK,
                                                                  COMPOSITE_DISTANCE};
    static const enum composite_aggregation aggregations[] = {COMPOSITE_ARITHMETIC, COMPOSITE_GEOMETRIC};
    static const enum composite_missing missings[] = {COMPOSITE_AVAILABLE, COMPOSITE_MEAN};
    const double *weightings[3] = {NULL, used->weights, used->given};
    struct composite_uncertainty open = {
        .normalisations = normalisations,
        .normalisation_count = sizeof normalisations / sizeof normalisations[0],
        .aggregations = aggregations,
        .aggregation_count = sizeof aggregations / sizeof aggregations[0],
        .missings = missings,
        .missing_count = sizeof missings / sizeof missings[0],
        .weightings = weightings,
        .weighting_count = result->weighting == INDEX_EQUAL ? 1 : 2,
        .spread = result->spread,
        .runs = result->runs,
        .seed = result->seed,
        .low = result->low,
        .high = result->high,
    };

    if (used->given != NULL && result->weighting != INDEX_GIVEN) {
        weightings[open.weighting_count++] = used->given;
    }
    composite_intervals(&used->table, &open, arena, intervals);
}

/* Used ones by rank and the others behind them, both in the order they had. */
static void order_units(struct index_result *result, struct arena *arena)
{
    struct index_unit *units = ARENA_NEW_ARRAY(arena, result->unit_count, struct index_unit);
    double *figures = ARENA_NEW_ARRAY(arena, result->unit_count * result->indicator_count, double);
    int *years = ARENA_NEW_ARRAY(arena, result->unit_count * result->indicator_count, int);
    size_t at = 0;

    for (uint32_t rank = 1; rank <= result->unit_count + 1; rank++) {
        for (size_t u = 0; u < result->unit_count; u++) {
            bool last = rank == result->unit_count + 1;
            const struct index_unit *unit = &result->units[u];
            if (last ? unit->used : !unit->used || unit->rank != rank) {
                continue;
            }
            units[at] = *unit;
            for (size_t i = 0; i < result->indicator_count; i++) {
                figures[at * result->indicator_count + i] = result->figures[u * result->indicator_count + i];
                years[at * result->indicator_count + i] = result->years[u * result->indicator_count + i];
            }
            at++;
        }
    }
    result->units = units;
    result->figures = figures;
    result->years = years;
}

int index_rank(struct indexing *indexing, struct err *err)
{
    struct index_result *result = indexing->result;
    struct arena *arena = indexing->arena;
    struct used_table used;
    struct composite_interval *intervals;
    double *scores;
    uint32_t *ranks;

    leave_out(result);
    if (result->state != INDEX_RANKED) {
        for (size_t u = 0; u < result->unit_count; u++) {
            result->units[u].used = false;
        }
        return 0;
    }
    if (weigh(indexing, err) != 0) {
        return -1;
    }
    used = used_table(result, arena);
    scores = ARENA_NEW_ARRAY(arena, used.table.units, double);
    ranks = ARENA_NEW_ARRAY(arena, used.table.units, uint32_t);
    intervals = ARENA_NEW_ARRAY(arena, used.table.units, struct composite_interval);
    result->method.weights = used.weights;
    composite_score(&used.table, &result->method, arena, scores);
    composite_rank(scores, used.table.units, arena, ranks);
    find_intervals(result, &used, arena, intervals);
    for (size_t row = 0; row < used.table.units; row++) {
        struct index_unit *unit = &result->units[used.units[row]];
        unit->score = scores[row];
        unit->rank = ranks[row];
        unit->interval = intervals[row];
    }
    order_units(result, arena);
    return 0;
}
