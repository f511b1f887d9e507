#include "search/lists.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define BUSY_MS 5000

/* ---- identity ---- */

struct str index_identity(const struct rules *rules, struct arena *arena)
{
    uint64_t hash = str_hash(rules->model->canonical_json) ^ str_hash(rules->text) * 31;

    return arena_format(arena, "musubi %d.%d %016llx", INDEX_FORMAT, ANALYSER_VERSION, (unsigned long long)hash);
}

/* ---- connections ---- */

bool index_is_damage(const struct index_db *db)
{
    int code = sqlite3_errcode(db->db);

    return db->damaged || code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

/* Whoever searched says so when it lets go; by then other statements were run, which may have gone well. */
int index_damage(struct index_db *db, struct err *err)
{
    db->damaged = true;
    return err_set(err, ERR_BUSY, "the search index is damaged and is made anew; try again");
}

int index_fail(struct index_db *db, struct err *err)
{
    if (index_is_damage(db)) {
        return index_damage(db, err);
    }
    return err_set(err, ERR_IO, "the search index: %s", sqlite3_errmsg(db->db));
}

int index_find(struct index_db *db, sqlite3_stmt *stmt, bool *ret_row, bool *ret_cut, struct err *err)
{
    int code = sqlite3_step(stmt), result = 0;

    *ret_row = code == SQLITE_ROW;
    *ret_cut = *ret_cut || code == SQLITE_INTERRUPT;
    if (code != SQLITE_ROW) {
        if (code != SQLITE_DONE && code != SQLITE_INTERRUPT) {
            result = index_fail(db, err);
        }
        sqlite3_reset(stmt);
    }
    return result;
}

int index_exec(struct index_db *db, const char *sql, struct err *err)
{
    return sqlite3_exec(db->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : index_fail(db, err);
}

sqlite3_stmt *index_statement(struct index_db *db, sqlite3_stmt **slot, const char *sql)
{
    if (*slot == NULL && sqlite3_prepare_v3(db->db, sql, -1, SQLITE_PREPARE_PERSISTENT, slot, NULL) != SQLITE_OK) {
        return NULL;
    }
    sqlite3_reset(*slot);
    return *slot;
}

int index_begin(struct index_db *db, struct err *err)
{
    sqlite3_stmt *stmt = index_statement(db, &db->begin, "BEGIN");

    return stmt != NULL && sqlite3_step(stmt) == SQLITE_DONE ? 0 : index_fail(db, err);
}

void index_end(struct index_db *db)
{
    sqlite3_stmt *stmt = index_statement(db, &db->end, "COMMIT");

    if (stmt != NULL) {
        sqlite3_step(stmt);
        sqlite3_reset(stmt);
    }
}

int index_bind_text(sqlite3_stmt *stmt, int parameter, struct str text)
{
    return sqlite3_bind_text64(stmt, parameter, text.ptr == NULL ? "" : text.ptr, text.len, SQLITE_STATIC, SQLITE_UTF8);
}

struct str index_column(sqlite3_stmt *stmt, int column)
{
    const char *text = (const char *)sqlite3_column_text(stmt, column);

    return text == NULL ? STR("") : str_make(text, (size_t)sqlite3_column_bytes(stmt, column));
}

void index_db_close(struct index_db *db)
{
    if (db == NULL) {
        return;
    }
    sqlite3_stmt *const statements[] = {db->match,       db->text,      db->suggest,     db->pair,         db->known,
                                        db->prefix,      db->record,    db->like_sound,  db->name,         db->rows,
                                        db->phrase_rows, db->find_list, db->match_newer, db->match_phrase, db->title,
                                        db->term_list,   db->place,     db->phrase_row,  db->begin,        db->end};
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
        sqlite3_finalize(statements[i]);
    }
    sqlite3_close_v2(db->db);
    analyser_free(db->analyser);
    free(db);
}

static int open_db(const char *path, int flags, struct index_db **ret_db, struct err *err)
{
    struct index_db *db = memory_alloc(sizeof *db);

    memset(db, 0, sizeof *db);
    db->analyser = analyser_new();
    if (sqlite3_open_v2(path, &db->db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK ||
        sqlite3_busy_timeout(db->db, BUSY_MS) != SQLITE_OK || tokenizer_register(db) != SQLITE_OK ||
        rank_register(db) != SQLITE_OK || lists_register(db) != SQLITE_OK) {
        index_fail(db, err);
        index_db_close(db);
        return -1;
    }
    *ret_db = db;
    return 0;
}

/* ---- tables ---- */

#define TABLES                                                                                                     \
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID;"                                               \
    "CREATE TABLE common(id INTEGER PRIMARY KEY, counts BLOB);"                                                    \
    "CREATE TABLE doc(id INTEGER PRIMARY KEY, reg INTEGER, record TEXT, level INTEGER, next INTEGER, seq INTEGER," \
    " boost INTEGER, length INTEGER, lat REAL, lon REAL, facets BLOB, refers BLOB, ja TEXT, en TEXT);"             \
    "CREATE TABLE text(id INTEGER PRIMARY KEY, title TEXT, key TEXT, body TEXT, also TEXT, names TEXT);"           \
    "CREATE TABLE list(id INTEGER PRIMARY KEY, term TEXT UNIQUE, marks BLOB, docs BLOB);"                          \
    "CREATE TABLE place(id INTEGER PRIMARY KEY, bytes BLOB);"                                                      \
    "CREATE TABLE value(id INTEGER PRIMARY KEY, facet INTEGER, value TEXT);"                                       \
    "CREATE TABLE refer(target INTEGER, doc INTEGER, PRIMARY KEY(target, doc)) WITHOUT ROWID;"                     \
    "CREATE TABLE suggest(key TEXT, doc INTEGER, PRIMARY KEY(key, doc)) WITHOUT ROWID;"                            \
    "CREATE TABLE word(surface TEXT PRIMARY KEY, term TEXT, sound TEXT, katakana INTEGER, count INTEGER) WITHOUT"  \
    " ROWID;"                                                                                                      \
    "CREATE TABLE pair(key TEXT, doc INTEGER, other TEXT, weight INTEGER, PRIMARY KEY(key, doc, other)) WITHOUT"   \
    " ROWID;"                                                                                                      \
    "CREATE VIRTUAL TABLE fts USING fts5(title, key, body, also, content='text', content_rowid='id',"              \
    " tokenize='musubi');"

static int make_tables(struct index_db *db, struct str identity, bool bulk, struct err *err)
{
    sqlite3_stmt *stmt = NULL;
    int result;

    if (index_exec(db, "BEGIN IMMEDIATE;" TABLES, err) != 0 || (!bulk && index_exec(db, INDEX_INDEXES, err) != 0)) {
        return -1;
    }
    if (sqlite3_prepare_v2(db->db, "INSERT INTO meta VALUES('identity', ?1), ('seq', 0), ('listed', 0)", -1, &stmt,
                           NULL) != SQLITE_OK) {
        return index_fail(db, err);
    }
    index_bind_text(stmt, 1, identity);
    result = sqlite3_step(stmt);
    sqlite3_finalize(stmt);
    return result == SQLITE_DONE ? index_exec(db, "COMMIT", err) : index_fail(db, err);
}

/* Whether the file is an index of that identity. */
static bool is_identity(struct index_db *db, struct str identity)
{
    sqlite3_stmt *stmt = NULL;
    bool is = false;

    if (sqlite3_prepare_v2(db->db, "SELECT value FROM meta WHERE name = 'identity'", -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW) {
        is = str_eq(index_column(stmt, 0), identity);
    }
    sqlite3_finalize(stmt);
    return is;
}

static bool is_empty(struct index_db *db)
{
    sqlite3_stmt *stmt = NULL;
    bool is = false;

    if (sqlite3_prepare_v2(db->db, "SELECT count(*) FROM sqlite_schema", -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW) {
        is = sqlite3_column_int(stmt, 0) == 0;
    }
    sqlite3_finalize(stmt);
    return is;
}

static int refuse_other(const char *path, struct index_db *db, struct err *err)
{
    index_db_close(db);
    return err_set(err, ERR_NOT_FOUND, "%s is no search index of this program and model", path);
}

/* Mapped pages count as this process's memory, however small the cache: of a small file the cache holds enough. */
#define MAP_FROM_BYTES ((off_t)64 << 20)

static bool is_large(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && status.st_size >= MAP_FROM_BYTES;
}

int index_open_reader(const char *path, struct str identity, struct index_db **ret_db, struct err *err)
{
    struct index_db *db = NULL;

    /* A reader may have to recover the log of a killed writer, so it opens for writing and then forbids itself to. */
    if (open_db(path, SQLITE_OPEN_READWRITE, &db, err) != 0) {
        err->code = ERR_NOT_FOUND;
        return -1;
    }
    if (!is_identity(db, identity)) {
        refuse_other(path, db, err);
        return -1;
    }
    if (index_exec(db, "PRAGMA query_only = 1; PRAGMA cache_size = -2048", err) != 0 ||
        (is_large(path) && index_exec(db, "PRAGMA mmap_size = 17179869184", err) != 0)) {
        index_db_close(db);
        return -1;
    }
    *ret_db = db;
    return 0;
}

int index_open_writer(const char *path, struct str identity, bool bulk, struct index_db **ret_db, struct err *err)
{
    const char *settings = bulk ? "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -2048"
                                : "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -8192;"
                                  "PRAGMA secure_delete = ON; PRAGMA wal_autocheckpoint = 1000";
    struct index_db *db = NULL;

    if (open_db(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &db, err) != 0) {
        return -1;
    }
    if (index_exec(db, "PRAGMA page_size = 8192", err) != 0 || index_exec(db, settings, err) != 0 ||
        (is_empty(db) && make_tables(db, identity, bulk, err) != 0)) {
        index_db_close(db);
        return -1;
    }
    if (!is_identity(db, identity)) {
        return refuse_other(path, db, err);
    }
    *ret_db = db;
    return 0;
}

bool index_is_broken(const char *path, struct str identity)
{
    struct index_db *db = NULL;
    struct err err = {0};
    sqlite3_stmt *stmt = NULL;
    bool broken;

    if (is_large(path) || index_open_reader(path, identity, &db, &err) != 0) {
        return false;
    }
    broken = sqlite3_prepare_v2(db->db, "PRAGMA quick_check(1)", -1, &stmt, NULL) != SQLITE_OK ||
             sqlite3_step(stmt) != SQLITE_ROW || !str_eq(index_column(stmt, 0), STR("ok"));
    /* Another's lock is no damage. */
    broken = broken && (sqlite3_errcode(db->db) == SQLITE_ROW || index_is_damage(db));
    sqlite3_finalize(stmt);
    index_db_close(db);
    return broken;
}

/* ---- facets' values ---- */

void facet_values_init(struct facet_values *values)
{
    memset(values, 0, sizeof *values);
    pthread_rwlock_init(&values->lock, NULL);
    arena_init(&values->arena, (size_t)64 << 20);
    map_init(&values->by_key, &values->arena);
}

void facet_values_free(struct facet_values *values)
{
    free(values->items);
    arena_free(&values->arena);
    pthread_rwlock_destroy(&values->lock);
}

static struct str value_key(struct arena *arena, int facet, struct str value)
{
    return arena_format(arena, "%d:%.*s", facet, STR_ARG(value));
}

int facet_values_find(struct facet_values *values, int facet, struct str value)
{
    ARENA_AUTO scratch;
    uintptr_t found;

    arena_init(&scratch, (size_t)1 << 20);
    pthread_rwlock_rdlock(&values->lock);
    found = (uintptr_t)map_get(&values->by_key, value_key(&scratch, facet, value));
    pthread_rwlock_unlock(&values->lock);
    return (int)found - 1;
}

/* ---- an index in use ---- */

static int load_values(struct index *index, struct index_db *db, struct err *err)
{
    struct facet_values *values = &index->values;
    sqlite3_stmt *stmt = NULL;

    if (sqlite3_prepare_v2(db->db, "SELECT facet, value FROM value ORDER BY id", -1, &stmt, NULL) != SQLITE_OK) {
        return index_fail(db, err);
    }
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        int facet = sqlite3_column_int(stmt, 0);
        struct str value = arena_copy(&values->arena, index_column(stmt, 1));
        if (values->count == values->capacity) {
            values->capacity = values->capacity == 0 ? 256 : values->capacity * 2;
            values->items = memory_resize(values->items, values->capacity * sizeof *values->items);
        }
        values->items[values->count].facet = facet;
        values->items[values->count++].value = value;
        map_set(&values->by_key, value_key(&values->arena, facet, value), (void *)(uintptr_t)values->count);
    }
    return sqlite3_finalize(stmt) == SQLITE_OK ? 0 : index_fail(db, err);
}

static void load_entry(struct index *index, sqlite3_stmt *stmt)
{
    uint16_t values[256];
    size_t count = (size_t)sqlite3_column_bytes(stmt, 8) / sizeof values[0];
    struct entry entry = {
        .reg = (uint8_t)sqlite3_column_int(stmt, 1),
        .level = (uint8_t)sqlite3_column_int(stmt, 2),
        .next = (uint8_t)sqlite3_column_int(stmt, 3),
        .boost = (uint8_t)sqlite3_column_int(stmt, 4),
        .length = (uint16_t)sqlite3_column_int(stmt, 5),
        .lat = (float)sqlite3_column_double(stmt, 6),
        .lon = (float)sqlite3_column_double(stmt, 7),
    };

    count = count < 255 ? count : 255;
    if (count > 0) {
        memcpy(values, sqlite3_column_blob(stmt, 8), count * sizeof values[0]);
    }
    entries_add(index->entries, (uint32_t)sqlite3_column_int64(stmt, 0), &entry, values, count);
    atomic_fetch_add(&index->records, 1);
}

static int load_entries(struct index *index, struct index_db *db, struct err *err)
{
    sqlite3_stmt *stmt = NULL;

    if (sqlite3_prepare_v2(db->db, "SELECT id, reg, level, next, boost, length, lat, lon, facets FROM doc ORDER BY id",
                           -1, &stmt, NULL) != SQLITE_OK) {
        return index_fail(db, err);
    }
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        load_entry(index, stmt);
    }
    return sqlite3_finalize(stmt) == SQLITE_OK ? 0 : index_fail(db, err);
}

static int load_meta(struct index *index, struct index_db *db, struct err *err)
{
    sqlite3_stmt *stmt = NULL;

    if (sqlite3_prepare_v2(db->db, "SELECT value, name = 'seq' FROM meta WHERE name IN ('seq', 'listed')", -1, &stmt,
                           NULL) != SQLITE_OK) {
        return index_fail(db, err);
    }
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        if (sqlite3_column_int(stmt, 1)) {
            atomic_store(&index->seq, sqlite3_column_int64(stmt, 0));
        } else {
            index->listed = sqlite3_column_int64(stmt, 0);
        }
    }
    return sqlite3_finalize(stmt) == SQLITE_OK ? 0 : index_fail(db, err);
}

int index_load(const char *path, const struct rules *rules, struct str identity, struct index **ret_index,
               struct err *err)
{
    struct index_db *db = NULL;
    struct index *index;

    if (index_open_reader(path, identity, &db, err) != 0) {
        return -1;
    }
    index = memory_alloc(sizeof *index);
    memset(index, 0, sizeof *index);
    arena_init(&index->arena, (size_t)1 << 20);
    index->path = arena_copy(&index->arena, str_from_cstr(path));
    index->rules = rules;
    index->entries = entries_new();
    index->common = common_new();
    facet_values_init(&index->values);
    pthread_mutex_init(&index->lock, NULL);
    if (index_exec(db, "BEGIN", err) != 0 || load_meta(index, db, err) != 0 ||
        common_load(index->common, db, err) != 0 || load_values(index, db, err) != 0 ||
        load_entries(index, db, err) != 0 || index_exec(db, "COMMIT", err) != 0) {
        index_db_close(db);
        index_free(index);
        return -1;
    }
    sqlite3_db_release_memory(db->db); /* what was read here is in memory now */
    index->idle = db;
    *ret_index = index;
    return 0;
}

void index_free(struct index *index)
{
    if (index == NULL) {
        return;
    }
    while (index->idle != NULL) {
        struct index_db *db = index->idle;
        index->idle = db->next;
        index_db_close(db);
    }
    pthread_mutex_destroy(&index->lock);
    facet_values_free(&index->values);
    entries_free(index->entries);
    common_free(index->common);
    arena_free(&index->arena);
    free(index);
}

int index_take(struct index *index, struct str identity, struct index_db **ret_db, struct err *err)
{
    struct index_db *db;

    pthread_mutex_lock(&index->lock);
    db = index->idle;
    if (db != NULL) {
        index->idle = db->next;
    }
    pthread_mutex_unlock(&index->lock);
    if (db == NULL) {
        return index_open_reader(index->path.ptr, identity, ret_db, err);
    }
    *ret_db = db;
    return 0;
}

void index_give(struct index *index, struct index_db *db)
{
    pthread_mutex_lock(&index->lock);
    db->next = index->idle;
    index->idle = db;
    pthread_mutex_unlock(&index->lock);
}
