#include "search/lists.h"

#include <string.h>

#define LIST_BYTES_MAX ((size_t)1 << 30)

/* ---- bytes ---- */

void list_add(struct list_making *making, uint32_t number, const uint8_t tf[COLUMN_COUNT])
{
    uint32_t distance = number - making->last;
    unsigned has = 0;
    int columns = 0, column = 0;

    making->last = number;
    for (; distance >= 0x80; distance >>= 7) {
        buf_add_byte(&making->bytes, (char)(distance | 0x80));
    }
    buf_add_byte(&making->bytes, (char)distance);
    for (int c = 0; c < COLUMN_COUNT; c++) {
        if (tf[c] > 0) {
            has |= 1u << c;
            columns++;
            column = c;
        }
    }
    if (columns == 1 && tf[column] < 16) {
        buf_add_byte(&making->bytes, (char)(column << 4 | tf[column]));
        return;
    }
    buf_add_byte(&making->bytes, (char)(0x40 | has));
    for (int c = 0; c < COLUMN_COUNT; c++) {
        if (tf[c] > 0) {
            buf_add_byte(&making->bytes, (char)tf[c]);
        }
    }
}

static void list_end(struct list_reader *list)
{
    list->at = list->end;
    list->number = 0;
}

void list_next(struct list_reader *list)
{
    const unsigned char *at = list->at;
    uint32_t distance = 0, shift = 0;
    unsigned has;

    do {
        if (at == list->end || shift > 28) {
            list_end(list);
            return;
        }
        distance |= (uint32_t)(*at & 0x7F) << shift;
        shift += 7;
    } while ((*at++ & 0x80) != 0);
    if (at == list->end || distance == 0) {
        list_end(list);
        return;
    }
    list->number += distance;
    memset(list->tf, 0, sizeof list->tf);
    has = *at++;
    if (has < 0x40) {
        list->tf[has >> 4] = has & 15;
    } else if (list->end - at < __builtin_popcount(has & 15)) {
        list_end(list);
        return;
    } else {
        for (int c = 0; c < COLUMN_COUNT; c++) {
            if ((has >> c & 1) != 0) {
                list->tf[c] = *at++;
            }
        }
    }
    list->at = at;
}

void list_open(struct list_reader *list, struct str bytes)
{
    list->at = (const unsigned char *)bytes.ptr;
    list->end = list->at + bytes.len;
    list->number = 0;
    list_next(list);
}

/* ---- out of FTS5 ---- */

static int each_row(const Fts5ExtensionApi *api, Fts5Context *fts, void *context)
{
    struct list_making *making = context;
    int64_t number = api->xRowid(fts);
    uint8_t tf[COLUMN_COUNT];

    if (number > making->up_to) {
        return SQLITE_DONE;
    }
    if (phrase_count(api, fts, 0, tf)) {
        list_add(making, (uint32_t)number, tf);
    }
    return ++making->rows % BETWEEN_LOOKS == 0 && making->is_over != NULL && making->is_over(making->context)
               ? SQLITE_INTERRUPT
               : SQLITE_OK;
}

/* FTS5 walks over the rows by itself when it is asked for a phrase, which spares SQLite's own loop; the end of an unfinished word is
 * lost that way, so these are given row by row. */
static void add_rows(const Fts5ExtensionApi *api, Fts5Context *fts, sqlite3_context *context, int count,
                     sqlite3_value **values)
{
    struct index_db *db = api->xUserData(fts);
    int code;

    (void)count;
    (void)values;
    if (db->list == NULL) {
        sqlite3_result_int(context, 0);
        return;
    }
    code = db->list->prefix ? each_row(api, fts, db->list) : api->xQueryPhrase(fts, 0, db->list, each_row);
    if (code != SQLITE_OK && code != SQLITE_DONE) {
        sqlite3_result_error_code(context, code);
    } else {
        sqlite3_result_int(context, 0);
    }
}

int lists_register(struct index_db *db)
{
    fts5_api *api = fts5_of(db->db);

    return api == NULL ? SQLITE_ERROR : api->xCreateFunction(api, "musubi_list", db, add_rows, NULL);
}

/* The documents of one phrase up to a number. */
static int read_rows(struct index_db *db, struct str terms, bool prefix, struct list_making *making, struct err *err)
{
    sqlite3_stmt *stmt =
        prefix ? index_statement(db, &db->rows, "SELECT musubi_list(fts) FROM fts WHERE fts MATCH ?1 AND rowid <= ?2")
               : index_statement(db, &db->phrase_rows, "SELECT musubi_list(fts) FROM fts WHERE fts MATCH ?1 LIMIT 1");
    BUF_AUTO expression;
    int code;

    if (stmt == NULL) {
        return index_fail(db, err);
    }
    buf_init(&expression, (size_t)1 << 16);
    buf_add_literal(&expression, "\"");
    buf_add(&expression, terms);
    buf_add(&expression, prefix ? STR("\" *") : STR("\""));
    index_bind_text(stmt, 1, buf_str(&expression));
    if (prefix) {
        sqlite3_bind_int64(stmt, 2, making->up_to);
    }
    making->prefix = prefix;
    making->last = 0;
    db->list = making;
    while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
    }
    db->list = NULL;
    making->cut = making->cut || code == SQLITE_INTERRUPT;
    if (code != SQLITE_DONE && code != SQLITE_INTERRUPT) {
        index_fail(db, err);
    }
    sqlite3_reset(stmt);
    return code == SQLITE_DONE || code == SQLITE_INTERRUPT ? 0 : -1;
}

/* ---- writing ---- */

int lists_write(struct index_db *db, const struct harvest *harvest, int64_t documents, struct err *err)
{
    struct list_making making = {.up_to = documents};
    sqlite3_stmt *stmt = NULL;
    int result = 0;

    if (sqlite3_prepare_v2(db->db, "INSERT OR IGNORE INTO list(term, docs) VALUES(?1, ?2)", -1, &stmt, NULL) !=
        SQLITE_OK) {
        return index_fail(db, err);
    }
    buf_init(&making.bytes, LIST_BYTES_MAX);
    for (size_t i = 0; i < harvest->often.capacity && result == 0; i++) {
        struct str term = harvest->often.slots[i].key;
        if (harvest->often.slots[i].value == NULL) {
            continue;
        }
        buf_clear(&making.bytes);
        result = read_rows(db, term, false, &making, err);
        index_bind_text(stmt, 1, term);
        sqlite3_bind_blob64(stmt, 2, making.bytes.ptr, making.bytes.len, SQLITE_STATIC);
        if (result == 0 && sqlite3_step(stmt) != SQLITE_DONE) {
            result = index_fail(db, err);
        }
        sqlite3_reset(stmt);
    }
    sqlite3_finalize(stmt);
    buf_free(&making.bytes);
    return result;
}

/* ---- reading ---- */

/* Whether the term has a list; then db->find_list stands at it and must be reset. A long one is not read before it is taken. */
static int find_list(struct index_db *db, const struct phrase *phrase, bool *ret_found, struct err *err)
{
    sqlite3_stmt *stmt = index_statement(db, &db->find_list, "SELECT docs FROM list WHERE term = ?1");

    *ret_found = false;
    if (stmt == NULL) {
        return index_fail(db, err);
    }
    if (phrase->count != 1 || phrase->prefix) {
        return 0;
    }
    index_bind_text(stmt, 1, phrase->terms);
    *ret_found = sqlite3_step(stmt) == SQLITE_ROW;
    return 0;
}

/* One clause alone needs all its documents anyhow. Of several, FTS5 skips what only one of them has: it is left to it unless
 * every term has a list. */
int lists_suit(struct index_db *db, const struct plan *plan, bool *ret_suit, struct err *err)
{
    size_t found = 0, positive = 0;

    *ret_suit = false;
    for (size_t i = 0; i < plan->clause_count; i++) {
        positive += !plan->clauses[i].negative;
    }
    for (size_t i = 0; i < plan->phrase_count; i++) {
        bool has = false;
        if (find_list(db, &plan->phrases[i], &has, err) != 0) {
            return -1;
        }
        sqlite3_reset(db->find_list);
        found += has;
        if (!has && (positive != 1 || plan->clause_count != 1)) {
            return 0;
        }
    }
    *ret_suit = found > 0;
    return 0;
}

/* Every phrase's list behind each other; from[i] … from[i + 1] is the i-th's. */
static int gather_lists(struct index_db *db, const struct plan *plan, struct list_making *making, size_t *from,
                        struct err *err)
{
    for (size_t i = 0; i < plan->phrase_count; i++) {
        const struct phrase *phrase = &plan->phrases[i];
        bool has;
        from[i] = making->bytes.len;
        if (find_list(db, phrase, &has, err) != 0) {
            return -1;
        }
        if (has) {
            buf_add(&making->bytes,
                    str_make(sqlite3_column_blob(db->find_list, 0), (size_t)sqlite3_column_bytes(db->find_list, 0)));
        }
        sqlite3_reset(db->find_list);
        if (!has && read_rows(db, phrase->terms, phrase->prefix, making, err) != 0) {
            return -1;
        }
    }
    from[plan->phrase_count] = making->bytes.len;
    return 0;
}

/* The smallest number that a list stands at; 0 when all are read. */
static uint32_t smallest(const struct list_reader *lists, size_t count)
{
    uint32_t least = UINT32_MAX;

    for (size_t i = 0; i < count; i++) {
        if (lists[i].number - 1 < least - 1) {
            least = lists[i].number;
        }
    }
    return least == UINT32_MAX ? 0 : least;
}

/* False when it took too long. */
static bool merge(struct list_reader *lists, size_t count, struct collector *collector, int (*is_over)(void *context),
                  void *context)
{
    size_t done = 0;

    for (uint32_t number = smallest(lists, count); number != 0; number = smallest(lists, count)) {
        if (done++ % BETWEEN_LOOKS == 0 && is_over(context)) {
            return false;
        }
        collector_begin(collector);
        for (size_t i = 0; i < count; i++) {
            if (lists[i].number == number) {
                collector_add(collector, i, lists[i].tf);
                list_next(&lists[i]);
            }
        }
        collector_end(collector, number);
    }
    return true;
}

int lists_run(struct index_db *db, const struct plan *plan, struct collector *collector, struct arena *arena,
              int (*is_over)(void *context), void *context, bool *ret_cut, struct err *err)
{
    struct list_reader *lists = ARENA_NEW_ARRAY(arena, plan->phrase_count + 1, struct list_reader);
    size_t *from = ARENA_NEW_ARRAY(arena, plan->phrase_count + 1, size_t);
    struct list_making making = {.up_to = collector->index->listed, .is_over = is_over, .context = context};
    int result;

    buf_init(&making.bytes, LIST_BYTES_MAX);
    result = gather_lists(db, plan, &making, from, err);
    if (result == 0) {
        for (size_t i = 0; i < plan->phrase_count; i++) {
            list_open(&lists[i], str_make(making.bytes.ptr + from[i], from[i + 1] - from[i]));
        }
        *ret_cut = !merge(lists, plan->phrase_count, collector, is_over, context) || making.cut;
    }
    buf_free(&making.bytes);
    return result;
}
