/* Completions of names, from a table of their beginnings. */
#include "search/suggest.h"

#include "model/record.h"
#include "search/follow.h"

#include <stdlib.h>

#define LOOKED_AT_MAX 400

struct candidate {
    uint32_t number;
    float place; /* the smaller the earlier: short names of registers that weigh much */
};

struct suggesting {
    struct index *index;
    struct reader *reader;
    struct arena *arena;
    const struct viewer *viewer;
    bool is_current; /* index_has_all() */
    enum lang lang;
    struct search_suggestion *items;
    size_t count, limit;
};

static int add_suggestion(struct suggesting *suggesting, sqlite3_stmt *stmt, struct err *err)
{
    const struct model *model = suggesting->index->rules->model;
    const struct entry *entry = entries_get(suggesting->index->entries, (uint32_t)sqlite3_column_int64(stmt, 0));
    struct search_suggestion item = {0};
    struct bilingual label = {0};

    if (entry == NULL) {
        return 0;
    }
    item.reg = &model->registers[entry->reg];
    item.id = arena_copy(suggesting->arena, index_column(stmt, 1));
    /* The present label: empty when the viewer may not see the record any more. */
    label = (struct bilingual){
        {arena_copy(suggesting->arena, index_column(stmt, 2)), arena_copy(suggesting->arena, index_column(stmt, 3))}};
    if (!suggesting->is_current &&
        store_label(suggesting->reader, item.reg, item.id, suggesting->arena, &label, err) != 0) {
        return -1;
    }
    item.text = bilingual_best(label, suggesting->lang);
    for (size_t i = 0; i < suggesting->count; i++) {
        if (suggesting->items[i].reg == item.reg && str_eq(suggesting->items[i].id, item.id)) {
            return 0;
        }
    }
    if (item.text.len > 0) {
        suggesting->items[suggesting->count++] = item;
    }
    return 0;
}

static int earliest_first(const void *a, const void *b)
{
    const struct candidate *left = a, *right = b;

    if (left->place != right->place) {
        return left->place < right->place ? -1 : 1;
    }
    return left->number < right->number ? -1 : left->number > right->number;
}

/* What the viewer may see among the names that begin so. */
static size_t read_candidates(struct suggesting *suggesting, sqlite3_stmt *stmt,
                              struct candidate candidates[LOOKED_AT_MAX])
{
    const struct rules *rules = suggesting->index->rules;
    size_t count = 0;

    while (count < LOOKED_AT_MAX && sqlite3_step(stmt) == SQLITE_ROW) {
        uint32_t number = (uint32_t)sqlite3_column_int64(stmt, 0);
        const struct entry *entry = entries_get(suggesting->index->entries, number);
        if (entry != NULL && entry->level <= suggesting->viewer->sees && entry->next > suggesting->viewer->sees) {
            float weight = rules_weight(rules, &rules->model->registers[entry->reg]);
            candidates[count++] =
                (struct candidate){number, (float)(sqlite3_column_int(stmt, 1) + 3) / (weight * weight + 0.01f)};
        }
    }
    sqlite3_reset(stmt);
    qsort(candidates, count, sizeof candidates[0], earliest_first);
    return count;
}

static int read_suggestions(struct suggesting *suggesting, struct index_db *db, struct str typed, struct err *err)
{
    struct candidate candidates[LOOKED_AT_MAX];
    char key[SUGGEST_KEY_BYTES];
    size_t len = suggest_key_of(db->analyser, typed, key), count;
    sqlite3_stmt *stmt = index_statement(db, &db->suggest,
                                         "SELECT doc, length(key) FROM suggest WHERE key >= ?1 AND key < ?1 || "
                                         "char(1114111) LIMIT 400");
    sqlite3_stmt *record = index_statement(db, &db->name, "SELECT id, record, ja, en FROM doc WHERE id = ?1");

    if (stmt == NULL || record == NULL) {
        return index_fail(db, err);
    }
    if (len == 0) {
        return 0;
    }
    index_bind_text(stmt, 1, str_make(key, len));
    count = read_candidates(suggesting, stmt, candidates);
    for (size_t i = 0; i < count && suggesting->count < suggesting->limit; i++) {
        sqlite3_reset(record);
        sqlite3_bind_int64(record, 1, candidates[i].number);
        if (sqlite3_step(record) == SQLITE_ROW && add_suggestion(suggesting, record, err) != 0) {
            sqlite3_reset(record);
            return -1;
        }
    }
    sqlite3_reset(record);
    return 0;
}

int search_suggest(struct search *search, const struct viewer *viewer, enum lang lang, struct str typed, size_t limit,
                   struct arena *arena, struct search_suggestion **ret_items, size_t *ret_count, struct err *err)
{
    struct read_options options = {.viewer = *viewer, .lang = lang};
    struct suggesting suggesting = {.arena = arena, .viewer = viewer, .lang = lang, .limit = limit};
    struct index_db *db = NULL;
    int result;

    if (typed.len > SEARCH_QUERY_BYTES_MAX) {
        return err_set_field(err, ERR_INVALID, STR("q"), "the query is too long; allowed: %d bytes",
                             SEARCH_QUERY_BYTES_MAX);
    }
    suggesting.items = ARENA_NEW_ARRAY(arena, limit + 1, struct search_suggestion);
    if (store_read(search->store, &options, &suggesting.reader, err) != 0) {
        return -1;
    }
    if (search_hold(search, &suggesting.index, &db, err) != 0) {
        reader_release(suggesting.reader);
        return -1;
    }
    suggesting.is_current = index_has_all(atomic_load(&suggesting.index->seq), suggesting.reader);
    result = read_suggestions(&suggesting, db, typed, err);
    search_let_go(search, suggesting.index, db);
    reader_release(suggesting.reader);
    if (result == 0) {
        *ret_items = suggesting.items;
        *ret_count = suggesting.count;
    }
    return result;
}
