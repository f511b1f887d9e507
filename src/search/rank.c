#include "search/rank.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define K1 1.2f
#define B 0.35f
#define MEAN_LENGTH 120.0f
#define OCCURRENCES_MAX 64
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

static void count_phrase(struct collector *collector, const Fts5ExtensionApi *api, Fts5Context *fts, int number)
{
    const struct phrase *phrase = &collector->plan->phrases[number];
    float *tf = phrase->group == GROUP_DIRECT ? collector->direct[phrase->clause]
                                              : collector->groups[phrase->clause][phrase->group - 1];
    Fts5PhraseIter at;
    int column, offset, seen = 0;

    if (api->xPhraseFirst(fts, number, &at, &column, &offset) != SQLITE_OK) {
        return;
    }
    while (column >= 0 && seen++ < OCCURRENCES_MAX) {
        tf[column] += phrase->weight;
        api->xPhraseNext(fts, &at, &column, &offset);
    }
}

static double score_row(struct collector *collector, const Fts5ExtensionApi *api, Fts5Context *fts,
                        const struct entry *entry)
{
    const struct plan *plan = collector->plan;
    float k = K1 * (1 - B + B * (float)entry->length / MEAN_LENGTH);
    double score = 0;

    for (size_t c = 0; c < plan->clause_count; c++) {
        memset(collector->direct[c], 0, sizeof collector->direct[c]);
        memset(collector->groups[c], 0, plan->clauses[c].group_count * sizeof collector->groups[c][0]);
    }
    for (size_t i = 0; i < plan->phrase_count; i++) {
        count_phrase(collector, api, fts, (int)i);
    }
    for (size_t c = 0; c < plan->clause_count; c++) {
        if (!plan->clauses[c].negative) {
            score += (double)clause_score(collector, c, k);
        }
    }
    return score * (1.0 + BOOST_SHARE * entry->boost) * (double)collector->reg_weight[entry->reg];
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

static void collect(const Fts5ExtensionApi *api, Fts5Context *fts, sqlite3_context *context, int count,
                    sqlite3_value **values)
{
    struct index_db *db = api->xUserData(fts);
    struct collector *collector = db->collector;
    uint32_t number = (uint32_t)api->xRowid(fts);
    const struct entry *entry = passes(collector, number);

    (void)count;
    (void)values;
    sqlite3_result_int(context, 0);
    if (entry != NULL && collector->best_max > 0) {
        keep(collector, (struct ranked){score_row(collector, api, fts, entry), number});
    }
}

int rank_register(struct index_db *db)
{
    fts5_api *api = NULL;
    sqlite3_stmt *stmt = NULL;

    if (sqlite3_prepare_v2(db->db, "SELECT fts5(?1)", -1, &stmt, NULL) == SQLITE_OK) {
        sqlite3_bind_pointer(stmt, 1, (void *)&api, "fts5_api_ptr", NULL);
        sqlite3_step(stmt);
    }
    sqlite3_finalize(stmt);
    return api == NULL ? SQLITE_ERROR : api->xCreateFunction(api, "musubi_collect", db, collect, NULL);
}
