#include "search/phrases.h"

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

static void add_varint(struct buf *bytes, uint32_t number)
{
    for (; number >= 0x80; number >>= 7) {
        buf_add_byte(bytes, (char)(number | 0x80));
    }
    buf_add_byte(bytes, (char)number);
}

/* The row that is full, or the last one, into the file. */
static int put_places(struct list_making *making)
{
    sqlite3_stmt *stmt = making->insert_place;
    int code;

    sqlite3_bind_int64(stmt, 1, places_row(making->list, making->count - 1));
    sqlite3_bind_blob64(stmt, 2, making->places.ptr == NULL ? "" : making->places.ptr, making->places.len,
                        SQLITE_STATIC);
    code = sqlite3_step(stmt);
    sqlite3_reset(stmt);
    buf_clear(&making->places);
    return code == SQLITE_DONE ? 0 : -1;
}

/* Before the document itself is added. FTS5 gives places by column, the first ones first. */
static int add_places(struct list_making *making, const uint8_t tf[COLUMN_COUNT], const uint32_t *places, size_t count)
{
    if (making->list != 0 && making->count > 0 && making->count % PLACES_ROW == 0 && put_places(making) != 0) {
        return -1;
    }
    if (making->count++ % LIST_STRIDE == 0) {
        struct list_mark mark = {making->last, (uint32_t)making->bytes.len, (uint32_t)making->places.len};
        buf_add(&making->marks, str_make((const char *)&mark, sizeof mark));
    }
    if (count >= OCCURRENCES_MAX) {
        return 0;
    }
    for (int c = 0; c < COLUMN_COUNT; c++) {
        uint32_t last = 0;
        for (size_t i = 0; i < tf[c]; i++) {
            add_varint(&making->places, *places - last);
            last = *places++;
        }
    }
    return 0;
}

static int each_row(const Fts5ExtensionApi *api, Fts5Context *fts, void *context)
{
    struct list_making *making = context;
    int64_t number = api->xRowid(fts);
    uint8_t tf[COLUMN_COUNT];
    uint32_t places[OCCURRENCES_MAX];
    size_t count;

    if (number > making->up_to) {
        return SQLITE_DONE;
    }
    count = phrase_count(api, fts, 0, tf, making->with_places ? places : NULL);
    if (count > 0 && making->with_places && add_places(making, tf, places, count) != 0) {
        return SQLITE_FULL;
    }
    if (count > 0) {
        list_add(making, (uint32_t)number, tf);
    }
    return ++making->rows % BETWEEN_LOOKS == 0 && list_is_over(making) ? SQLITE_INTERRUPT : SQLITE_OK;
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
int list_read_rows(struct index_db *db, struct str terms, bool prefix, struct list_making *making, struct err *err)
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

static void making_clear(struct list_making *making)
{
    buf_clear(&making->bytes);
    buf_clear(&making->places);
    buf_clear(&making->marks);
    making->count = 0;
}

static int write_list(struct index_db *db, struct str term, sqlite3_stmt *stmt, struct list_making *making,
                      struct err *err)
{
    making_clear(making);
    making->list++;
    if (list_read_rows(db, term, false, making, err) != 0) {
        return -1;
    }
    sqlite3_bind_int64(stmt, 1, making->list);
    index_bind_text(stmt, 2, term);
    sqlite3_bind_blob64(stmt, 3, making->marks.ptr, making->marks.len, SQLITE_STATIC);
    sqlite3_bind_blob64(stmt, 4, making->bytes.ptr, making->bytes.len, SQLITE_STATIC);
    if ((making->count > 0 && put_places(making) != 0) || sqlite3_step(stmt) != SQLITE_DONE) {
        index_fail(db, err);
    }
    sqlite3_reset(stmt);
    return err->code == 0 ? 0 : -1;
}

int lists_write(struct index_db *db, const struct harvest *harvest, int64_t documents, struct err *err)
{
    struct list_making making = {.up_to = documents, .with_places = true};
    sqlite3_stmt *stmt = NULL;
    int result = 0;

    if (sqlite3_prepare_v2(db->db, "INSERT INTO list VALUES(?1, ?2, ?3, ?4)", -1, &stmt, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db->db, "INSERT INTO place VALUES(?1, ?2)", -1, &making.insert_place, NULL) != SQLITE_OK) {
        result = index_fail(db, err);
    }
    buf_init(&making.bytes, LIST_BYTES_MAX);
    buf_init(&making.places, LIST_BYTES_MAX);
    buf_init(&making.marks, LIST_BYTES_MAX);
    for (size_t i = 0; i < harvest->often.capacity && result == 0; i++) {
        if (harvest->often.slots[i].value != NULL) {
            result = write_list(db, harvest->often.slots[i].key, stmt, &making, err);
        }
    }
    sqlite3_finalize(stmt);
    sqlite3_finalize(making.insert_place);
    buf_free(&making.bytes);
    buf_free(&making.places);
    buf_free(&making.marks);
    return result;
}

/* ---- reading ---- */

/* Whether the term has a list; then db->find_list stands at it and must be reset. A long one is not read before it is taken. */
static int find_list(struct index_db *db, const struct phrase *phrase, bool *ret_found, bool *ret_cut, struct err *err)
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
    return index_find(db, stmt, ret_found, ret_cut, err);
}

/* One clause alone needs all its documents anyhow. Of several, FTS5 skips what only one of them has: it is left to it unless
 * every term has a list. */
int lists_suit(struct index_db *db, const struct common *common, const struct plan *plan, bool *ret_suit,
               struct err *err)
{
    size_t found = 0, positive = 0;

    *ret_suit = plan->phrase_count == 1 && !plan->phrases[0].prefix;
    if (*ret_suit) { /* whether it has a list shows when it is read */
        return 0;
    }
    for (size_t i = 0; i < plan->clause_count; i++) {
        positive += !plan->clauses[i].negative;
    }
    for (size_t i = 0; i < plan->phrase_count; i++) {
        bool has = false, cut = false; /* what takes too long already, FTS5 is cut off too */
        if (find_list(db, &plan->phrases[i], &has, &cut, err) != 0) {
            return -1;
        }
        sqlite3_reset(db->find_list);
        has = has || (plan->clause_count == 1 && phrase_suits(common, &plan->phrases[i]));
        found += has;
        if (!has && (positive != 1 || plan->clause_count != 1)) {
            return 0;
        }
    }
    *ret_suit = found > 0;
    return 0;
}

/* A phrase's documents, behind what is there already. False in *ret_done when it is the only one and nothing is listed of it. */
static int gather_list(struct index_db *db, const struct common *common, const struct phrase *phrase, bool only,
                       struct list_making *making, bool *ret_done, struct err *err)
{
    bool has, suits = phrase_suits(common, phrase);

    if (find_list(db, phrase, &has, &making->cut, err) != 0) {
        return -1;
    }
    if (has) {
        buf_add(&making->bytes,
                str_make(sqlite3_column_blob(db->find_list, 0), (size_t)sqlite3_column_bytes(db->find_list, 0)));
    }
    sqlite3_reset(db->find_list);
    *ret_done = has || suits || !only || making->cut;
    if (has || making->cut || !*ret_done) {
        return 0;
    }
    return suits ? phrase_read(db, common, phrase, making, err)
                 : list_read_rows(db, phrase->terms, phrase->prefix, making, err);
}

/* Where in making->bytes the list of a phrase is. */
struct span {
    size_t from, to;
};

struct gathering {
    struct index_db *db;
    const struct common *common;
    const struct plan *plan;
    struct list_making *making;
    struct span *spans; /* of the plan's phrases */
};

/* The lists of the phrases that are excluded, or of the others, until it took too long. */
static int gather_lists(const struct gathering *gathering, bool negative, bool *ret_done, struct err *err)
{
    const struct plan *plan = gathering->plan;
    struct list_making *making = gathering->making;
    bool only = plan->phrase_count == 1;

    *ret_done = true;
    for (size_t i = 0; i < plan->phrase_count && *ret_done && !making->cut; i++) {
        struct span *span = &gathering->spans[i];
        if (plan->clauses[plan->phrases[i].clause].negative != negative) {
            continue;
        }
        if (making->bytes.len > 0 && list_is_over(making)) {
            making->cut = true;
            break;
        }
        span->from = making->bytes.len;
        if (gather_list(gathering->db, gathering->common, &plan->phrases[i], only, making, ret_done, err) != 0) {
            return -1;
        }
        span->to = making->bytes.len;
    }
    return 0;
}

/* Without all that is excluded what is found would be wrong, so it comes first; without some of the others it is only less. */
static int gather(const struct gathering *gathering, bool *ret_done, struct err *err)
{
    if (gather_lists(gathering, true, ret_done, err) != 0) {
        return -1;
    }
    return *ret_done && !gathering->making->cut ? gather_lists(gathering, false, ret_done, err) : 0;
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
static bool merge(struct list_reader *lists, size_t count, struct collector *collector)
{
    const struct entries *entries = collector->index->entries;
    size_t done = 0;

    for (uint32_t number = smallest(lists, count); number != 0; number = smallest(lists, count)) {
        /* What was gathered is given at least until the first look, or all the time would have gone for nothing. */
        if (done > 0 && done % BETWEEN_LOOKS == 0 && collector->is_over(collector->context)) {
            return false;
        }
        done++;
        collector_begin(collector);
        for (size_t i = 0; i < count; i++) {
            if (lists[i].number == number) {
                collector_add(collector, i, lists[i].tf);
                list_next(&lists[i]);
                entries_expect(entries, lists[i].number);
            }
        }
        collector_end(collector, number);
    }
    return true;
}

int lists_run(struct index_db *db, const struct plan *plan, struct collector *collector, struct arena *arena,
              bool *ret_done, bool *ret_cut, struct err *err)
{
    struct list_reader *lists = ARENA_NEW_ARRAY(arena, plan->phrase_count + 1, struct list_reader);
    struct span *spans = ARENA_NEW_ARRAY(arena, plan->phrase_count + 1, struct span);
    struct list_making making = {
        .up_to = collector->index->listed, .is_over = collector->is_over, .context = collector->context};
    struct gathering gathering = {db, collector->index->common, plan, &making, spans};
    int result;

    buf_init(&making.bytes, LIST_BYTES_MAX);
    result = gather(&gathering, ret_done, err);
    if (result == 0 && *ret_done) {
        for (size_t i = 0; i < plan->phrase_count; i++) {
            list_open(&lists[i], str_slice(buf_str(&making.bytes), spans[i].from, spans[i].to));
        }
        *ret_cut = !merge(lists, plan->phrase_count, collector) || making.cut;
    }
    buf_free(&making.bytes);
    return result;
}
