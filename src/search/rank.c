#include "search/rank.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define K1 1.2f
#define B 0.6f
#define MEAN_LENGTH 120.0f
#define BOOST_SHARE 0.0008
#define KM_A_DEGREE 111.2f

static const float column_weights[COLUMN_COUNT] = {6.0f, 3.0f, 1.5f, 1.0f};

/* ---- filters ---- */

double entry_distance_km(float lat, float lon, const struct entry *entry)
{
    float y = (entry->lat - lat) * KM_A_DEGREE;
    float x = (entry->lon - lon) * KM_A_DEGREE * cosf((lat + entry->lat) * 0.5f * (float)M_PI / 180.0f);

    return (double)sqrtf(x * x + y * y);
}

static bool is_near(const struct collector *collector, const struct entry *entry)
{
    float y = (entry->lat - collector->lat) * KM_A_DEGREE;
    float x = (entry->lon - collector->lon) * collector->lon_scale;

    return x * x + y * y <= collector->radius_km * collector->radius_km;
}

/* Counts the document where it counts; false when it is filtered out. A document that only one facet's filter keeps out
 * still counts among that facet's values, so that one sees what choosing another value would give. */
static bool passes_facets(struct collector *collector, const struct entry *entry)
{
    const uint16_t *values = entries_values(collector->index->entries, entry);
    unsigned has = 0, missing;

    if (collector->needed == 0 && !collector->count_facets && collector->refuses == NULL) {
        return true;
    }
    for (size_t i = 0; i < entry->value_count; i++) {
        if (values[i] < collector->value_count) {
            has |= collector->accepts[values[i]] != 0 ? 1u << collector->facet_of[values[i]] : 0;
            if (collector->refuses != NULL && collector->refuses[values[i]]) {
                return false;
            }
        }
    }
    missing = collector->needed & ~has;
    if ((missing & (missing - 1)) != 0) {
        return false;
    }
    for (size_t i = 0; collector->count_facets && i < entry->value_count; i++) {
        if (values[i] < collector->value_count &&
            (missing == 0 || (missing >> collector->facet_of[values[i]] & 1) != 0)) {
            collector->counts[values[i]]++;
        }
    }
    return missing == 0;
}

/* ---- scores ---- */

static float column_sum(const float tf[COLUMN_COUNT], float k)
{
    float sum = 0;

    for (int c = 0; c < COLUMN_COUNT; c++) {
        if (tf[c] > 0) {
            sum += column_weights[c] * tf[c] / (tf[c] + k);
        }
    }
    return sum;
}

static float clause_score(struct collector *collector, size_t number, float k)
{
    const struct clause *clause = &collector->plan->clauses[number];
    float direct = column_sum(collector->direct[number], k), cross = 0;

    for (size_t g = 0; g < clause->group_count; g++) {
        float group = column_sum(collector->groups[number][g], k);
        if (group == 0) {
            cross = 0;
            break;
        }
        cross += group / (float)clause->group_count;
    }
    return clause->weight * (direct > cross ? direct : cross);
}

size_t phrase_count(const Fts5ExtensionApi *api, Fts5Context *fts, int number, uint8_t ret_tf[COLUMN_COUNT],
                    uint32_t *ret_places)
{
    Fts5PhraseIter at;
    int column, offset;
    size_t seen = 0;

    memset(ret_tf, 0, COLUMN_COUNT);
    if (api->xPhraseFirst(fts, number, &at, &column, &offset) != SQLITE_OK) {
        return 0;
    }
    while (column >= 0 && seen < OCCURRENCES_MAX) {
        if (column < COLUMN_COUNT) { /* a damaged index may name others */
            ret_tf[column]++;
            if (ret_places != NULL) {
                ret_places[seen] = (uint32_t)offset;
            }
            seen++;
        }
        api->xPhraseNext(fts, &at, &column, &offset);
    }
    return seen;
}

void collector_begin(struct collector *collector)
{
    const struct plan *plan = collector->plan;

    for (size_t c = 0; c < plan->clause_count; c++) {
        memset(collector->direct[c], 0, sizeof collector->direct[c]);
        memset(collector->groups[c], 0, plan->clauses[c].group_count * sizeof collector->groups[c][0]);
    }
}

void collector_add(struct collector *collector, size_t phrase_number, const uint8_t tf[COLUMN_COUNT])
{
    const struct phrase *phrase = &collector->plan->phrases[phrase_number];
    float *sum = phrase->group == GROUP_DIRECT ? collector->direct[phrase->clause]
                                               : collector->groups[phrase->clause][phrase->group - 1];

    for (int c = 0; c < COLUMN_COUNT; c++) {
        sum[c] += (float)tf[c] * phrase->weight;
    }
}

static double score_of(struct collector *collector, const struct entry *entry)
{
    const struct plan *plan = collector->plan;
    float k = K1 * (1 - B + B * (float)entry->length / MEAN_LENGTH);
    double score = 0, there = 0, asked = 0;

    for (size_t c = 0; c < plan->clause_count; c++) {
        if (!plan->clauses[c].negative && plan->clauses[c].asked) {
            double clause = (double)clause_score(collector, c, k);
            score += clause;
            asked += (double)plan->clauses[c].weight;
            there += clause > 0 ? (double)plan->clauses[c].weight : 0;
        }
    }
    if (plan->prefers_most && asked > 0) {
        score *= there / asked;
    }
    return score * (1.0 + BOOST_SHARE * entry->boost) * (double)collector->reg_weight[entry->reg];
}

static bool has_any(const float sum[COLUMN_COUNT])
{
    return sum[0] > 0 || sum[1] > 0 || sum[2] > 0 || sum[3] > 0;
}

/* The direct terms, or all groups of translations. */
static bool is_satisfied(const struct collector *collector, size_t clause)
{
    size_t groups = collector->plan->clauses[clause].group_count;

    if (has_any(collector->direct[clause])) {
        return true;
    }
    for (size_t g = 0; g < groups; g++) {
        if (!has_any(collector->groups[clause][g])) {
            return false;
        }
    }
    return groups > 0;
}

/* What FTS5 would say of the plan's expression. */
static bool fits(const struct collector *collector)
{
    const struct plan *plan = collector->plan;
    bool any = false, all = true;

    for (size_t c = 0; c < plan->clause_count; c++) {
        if (!plan->clauses[c].asked) {
            continue;
        }
        bool satisfied = is_satisfied(collector, c);
        if (plan->clauses[c].negative && satisfied) {
            return false;
        }
        if (!plan->clauses[c].negative) {
            any = any || satisfied;
            all = all && satisfied;
        }
    }
    return any && (all || plan->any);
}

/* ---- the best ---- */

static bool is_worse(const struct ranked *a, const struct ranked *b)
{
    return a->score < b->score || (a->score == b->score && a->number > b->number);
}

static void sink(struct ranked *heap, size_t count, size_t at)
{
    for (;;) {
        size_t child = at * 2 + 1;
        struct ranked swap;
        if (child >= count) {
            return;
        }
        if (child + 1 < count && is_worse(&heap[child + 1], &heap[child])) {
            child++;
        }
        if (!is_worse(&heap[child], &heap[at])) {
            return;
        }
        swap = heap[at];
        heap[at] = heap[child];
        heap[child] = swap;
        at = child;
    }
}

static void keep(struct collector *collector, struct ranked ranked)
{
    struct ranked *heap = collector->best;

    if (collector->best_count < collector->best_max) {
        size_t at = collector->best_count++;
        heap[at] = ranked;
        while (at > 0 && is_worse(&heap[at], &heap[(at - 1) / 2])) {
            struct ranked swap = heap[at];
            heap[at] = heap[(at - 1) / 2];
            heap[(at - 1) / 2] = swap;
            at = (at - 1) / 2;
        }
    } else if (collector->best_max > 0 && is_worse(&heap[0], &ranked)) {
        heap[0] = ranked;
        sink(heap, collector->best_count, 0);
    }
}

static int best_first(const void *a, const void *b)
{
    return is_worse(a, b) ? 1 : -1;
}

void collector_sort(struct collector *collector)
{
    qsort(collector->best, collector->best_count, sizeof collector->best[0], best_first);
}

/* ---- each row ---- */

/* The document's entry when it passes everything and has been counted. */
static const struct entry *passes(struct collector *collector, uint32_t number)
{
    const struct entry *entry = entries_get(collector->index->entries, number);

    if (entry == NULL || entry->level > collector->level || entry->next <= collector->level ||
        number == collector->without || (collector->has_point && !is_near(collector, entry)) ||
        !passes_facets(collector, entry)) {
        return NULL;
    }
    collector->total++;
    return entry;
}

void collector_take(struct collector *collector, uint32_t number)
{
    const struct entry *entry = passes(collector, number);

    if (entry != NULL && collector->best_max > 0) {
        keep(collector, (struct ranked){entry->boost / 100.0 * (double)collector->reg_weight[entry->reg], number});
    }
}

void collector_end(struct collector *collector, uint32_t number)
{
    const struct entry *entry = fits(collector) ? passes(collector, number) : NULL;

    if (entry != NULL && collector->best_max > 0) {
        keep(collector, (struct ranked){score_of(collector, entry), number});
    }
}

static void collect_row(struct collector *collector, const Fts5ExtensionApi *api, Fts5Context *fts)
{
    uint32_t number = (uint32_t)api->xRowid(fts);
    const struct entry *entry = passes(collector, number);

    if (entry != NULL && collector->best_max > 0) {
        uint8_t tf[COLUMN_COUNT];
        collector_begin(collector);
        for (size_t i = 0; i < collector->plan->phrase_count; i++) {
            if (phrase_count(api, fts, (int)i, tf, NULL) > 0) {
                collector_add(collector, i, tf);
            }
        }
        keep(collector, (struct ranked){score_of(collector, entry), number});
    }
}

static int collect_each(const Fts5ExtensionApi *api, Fts5Context *fts, void *context)
{
    struct collector *collector = context;

    collect_row(collector, api, fts);
    return ++collector->rows % BETWEEN_LOOKS == 0 && collector->is_over(collector->context) ? SQLITE_INTERRUPT
                                                                                            : SQLITE_OK;
}

static void collect(const Fts5ExtensionApi *api, Fts5Context *fts, sqlite3_context *context, int count,
                    sqlite3_value **values)
{
    struct index_db *db = api->xUserData(fts);
    struct collector *collector = db->collector;
    int code = SQLITE_OK;

    (void)count;
    (void)values;
    if (collector->whole_phrase) {
        code = api->xQueryPhrase(fts, 0, collector, collect_each);
    } else {
        collect_row(collector, api, fts);
    }
    if (code == SQLITE_OK || code == SQLITE_DONE) {
        sqlite3_result_int(context, 0);
    } else {
        sqlite3_result_error_code(context, code);
    }
}

fts5_api *fts5_of(sqlite3 *db)
{
    fts5_api *api = NULL;
    sqlite3_stmt *stmt = NULL;

    if (sqlite3_prepare_v2(db, "SELECT fts5(?1)", -1, &stmt, NULL) == SQLITE_OK) {
        sqlite3_bind_pointer(stmt, 1, (void *)&api, "fts5_api_ptr", NULL);
        sqlite3_step(stmt);
    }
    sqlite3_finalize(stmt);
    return api;
}

int rank_register(struct index_db *db)
{
    fts5_api *api = fts5_of(db->db);

    return api == NULL ? SQLITE_ERROR : api->xCreateFunction(api, "musubi_collect", db, collect, NULL);
}
