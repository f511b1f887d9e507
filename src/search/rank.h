/* The ranker: FTS5 calls musubi_collect() for each row that fits the expression, and everything happens there: filters, facets,
 * distance, score, the best so far. Rows never leave C.
 *
 * A clause's score in a document is the larger of its direct terms' and its translations' (the mean of its groups, all of which
 * must be there). Of a group: the sum over columns of the column's weight times tf / (tf + k), tf being the sum of its terms'
 * occurrences times their weights and k = K1 (1 - B + B length / MEAN_LENGTH). The document's score is the sum of its
 * clauses', each times its rarity, plus a little for being complete and fresh. Where any clause will do, it is multiplied by the share
 * of the clauses' rarities that is there, so that a record with most of the words comes before one that has one of them often. Not for use outside src/search. */
#ifndef MUSUBI_SEARCH_RANK_H
#define MUSUBI_SEARCH_RANK_H

#include "search/plan.h"

struct ranked {
    double score;
    uint32_t number;
};

#define FACET_SLOTS (RULES_FACETS_MAX + 1) /* the last is the register */

struct collector {
    const struct index *index;
    const struct plan *plan;
    uint8_t level; /* of the viewer */
    /* values: which facet each is of, which are asked for, which are excluded */
    uint8_t *facet_of, *accepts, *refuses;
    uint16_t needed; /* a bit for each facet that is narrowed */
    bool count_facets;
    uint32_t value_count, *counts;
    bool has_point;
    float lat, lon, lon_scale, radius_km;
    uint32_t without; /* a document that is left out; 0: none */
    float reg_weight[256];
    struct ranked *best; /* a heap, the worst on top */
    size_t best_count, best_max;
    int64_t total;
    bool whole_phrase; /* musubi_collect() is called once, and walks over the rows of the only phrase */
    size_t rows;
    int (*is_over)(void *context);
    void *context;
    /* scratch of one row */
    float direct[CLAUSES_MAX][COLUMN_COUNT];
    float groups[CLAUSES_MAX][GROUPS_MAX][COLUMN_COUNT];
};

/* Rows between two looks at the time. */
#define BETWEEN_LOOKS 8192

/* Of one document, however it was found: begin, add each phrase that is in it with its occurrences by column, end. The end keeps it
 * when it fits the plan and passes the filters. */
void collector_begin(struct collector *collector);
void collector_add(struct collector *collector, size_t phrase_number, const uint8_t tf[COLUMN_COUNT]);
void collector_end(struct collector *collector, uint32_t number);
/* More than this in one document are not counted. */
#define OCCURRENCES_MAX 64
/* Occurrences of a phrase in FTS5's present row, by column and all together; ret_places, unless NULL, has room for OCCURRENCES_MAX: how
 * many terms of its column are before each. */
size_t phrase_count(const Fts5ExtensionApi *api, Fts5Context *fts, int number, uint8_t ret_tf[COLUMN_COUNT],
                    uint32_t *ret_places);

/* Takes a document as if a row had been found, without a score of words. */
void collector_take(struct collector *collector, uint32_t number);
/* Best first. */
void collector_sort(struct collector *collector);
double entry_distance_km(float lat, float lon, const struct entry *entry);

#endif
