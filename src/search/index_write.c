/* Documents into search.db. */
#include "search/index_writer.h"
#include "search/lists.h"
#include "search/suggest.h"

#include "base/memory.h"
#include "search/sound.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HARVEST_BYTES_MAX ((size_t)256 << 20)
/* Numbers are used up by changes; below so many nobody minds. */
#define WASTE_NUMBERS_MIN 100000

static const char *const statements[STATEMENTS] = {
    [INSERT_DOC] = "INSERT INTO doc VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    [INSERT_TEXT] = "INSERT INTO text VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
    [INSERT_FTS] = "INSERT INTO fts(rowid, title, key, body, also) VALUES(?1, ?2, ?3, ?4, ?5)",
    [INSERT_VALUE] = "INSERT INTO value VALUES(?1, ?2, ?3)",
    [INSERT_REFER] = "INSERT OR IGNORE INTO refer VALUES(?1, ?2)",
    [INSERT_SUGGEST] = "INSERT OR IGNORE INTO suggest VALUES(?1, ?2)",
    [INSERT_WORD] = "INSERT INTO word VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET count = count + ?5",
    [INSERT_PAIR] = "INSERT OR IGNORE INTO pair VALUES(?1, ?2, ?3, ?4)",
    [FIND_DOCS] = "SELECT id FROM doc WHERE record = ?1 AND reg = ?2",
    [READ_TEXT] = "SELECT title, key, body, also, names FROM text WHERE id = ?1",
    [DELETE_FTS] = "INSERT INTO fts(fts, rowid, title, key, body, also) VALUES('delete', ?1, ?2, ?3, ?4, ?5)",
    [DELETE_TEXT] = "DELETE FROM text WHERE id = ?1",
    [DELETE_DOC] = "DELETE FROM doc WHERE id = ?1 RETURNING refers",
    [DELETE_REFER] = "DELETE FROM refer WHERE target = ?1 AND doc = ?2",
    [DELETE_SUGGEST] = "DELETE FROM suggest WHERE key = ?1 AND doc = ?2",
    [DELETE_PAIR] = "DELETE FROM pair WHERE doc = ?1",
    [FIND_REFERRERS] =
        "SELECT DISTINCT doc.reg, doc.record FROM refer, doc WHERE refer.target = ?1 AND doc.id = refer.doc",
    [SET_SEQ] = "UPDATE meta SET value = ?1 WHERE name = 'seq'",
};

/* While a bulk is read, rows of tables that are ordered by something else than by document are laid aside: put in one by one they
 * would each touch another page. settle[] puts them in, in order. */
static const char aside[] = "PRAGMA temp.journal_mode = OFF;"
                            "CREATE TEMP TABLE new_refer(target INTEGER, doc INTEGER);"
                            "CREATE TEMP TABLE new_suggest(key TEXT, doc INTEGER);"
                            "CREATE TEMP TABLE new_pair(key TEXT, doc INTEGER, other TEXT, weight INTEGER);";
static const char *const aside_statements[STATEMENTS] = {
    [INSERT_REFER] = "INSERT INTO new_refer VALUES(?1, ?2)",
    [INSERT_SUGGEST] = "INSERT INTO new_suggest VALUES(?1, ?2)",
    [INSERT_PAIR] = "INSERT INTO new_pair VALUES(?1, ?2, ?3, ?4)",
};
static const char settle[] = "INSERT OR IGNORE INTO refer SELECT target, doc FROM new_refer ORDER BY 1, 2;"
                             "INSERT OR IGNORE INTO suggest SELECT key, doc FROM new_suggest ORDER BY 1, 2;"
                             "INSERT OR IGNORE INTO pair SELECT key, doc, other, weight FROM new_pair ORDER BY 1, 2, 3;"
                             "DROP TABLE new_refer; DROP TABLE new_suggest; DROP TABLE new_pair;";

/* ---- statements ---- */

sqlite3_stmt *writer_statement(struct index_writer *writer, enum statement which)
{
    const char *sql =
        writer->lays_aside && aside_statements[which] != NULL ? aside_statements[which] : statements[which];

    return index_statement(writer->db, &writer->stmts[which], sql);
}

int writer_run(struct index_writer *writer, sqlite3_stmt *stmt, struct err *err)
{
    int code = stmt == NULL ? SQLITE_ERROR : sqlite3_step(stmt);

    if (stmt != NULL) {
        sqlite3_reset(stmt);
    }
    return code == SQLITE_DONE || code == SQLITE_ROW ? 0 : index_fail(writer->db, err);
}

int64_t refer_hash(struct str reg, struct str id)
{
    return (int64_t)(str_hash(id) * 0x9E3779B97F4A7C15u ^ str_hash(reg));
}

/* ---- opening ---- */

/* What is gathered stays near the processor when it is not too large; the pieces are merged once, at the end. */
static const char bulk_settings[] = "PRAGMA cache_size = -65536;"
                                    "INSERT INTO fts(fts, rank) VALUES('hashsize', 4194304);"
                                    "INSERT INTO fts(fts, rank) VALUES('automerge', 0);"
                                    "INSERT INTO fts(fts, rank) VALUES('crisismerge', 1000);";
/* A small store is read by a server that promises to take little memory, also while its index is made. */
#define FEW_RECORDS 20000
static const char few_settings[] = "PRAGMA cache_size = -1024; PRAGMA temp.cache_size = -512;"
                                   "INSERT INTO fts(fts, rank) VALUES('hashsize', 524288);";
static const char usual_settings[] = "INSERT INTO fts(fts, rank) VALUES('hashsize', 1048576);"
                                     "INSERT INTO fts(fts, rank) VALUES('automerge', 4);"
                                     "INSERT INTO fts(fts, rank) VALUES('crisismerge', 16);";

static int read_number(struct index_writer *writer, const char *sql, int64_t *ret_number, struct err *err)
{
    sqlite3_stmt *stmt = NULL;

    if (sqlite3_prepare_v2(writer->db->db, sql, -1, &stmt, NULL) != SQLITE_OK || sqlite3_step(stmt) != SQLITE_ROW) {
        sqlite3_finalize(stmt);
        return index_fail(writer->db, err);
    }
    *ret_number = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return 0;
}

static void prepare_memory(struct index_writer *writer)
{
    struct harvest *harvest = &writer->harvest;

    if (writer->index == NULL) {
        facet_values_init(&writer->own_values);
        writer->own_common = common_new();
    }
    writer->values = writer->index == NULL ? &writer->own_values : &writer->index->values;
    writer->values_saved = writer->values->count;
    arena_init(&harvest->arena, HARVEST_BYTES_MAX);
    map_init(&harvest->words, &harvest->arena);
    harvest->common = writer->index == NULL ? writer->own_common : writer->index->common;
    harvest->counts_aside = writer->bulk;
    harvest->often_min = writer->bulk ? LIST_DOCUMENTS_ENOUGH : 0;
    arena_init(&harvest->often_arena, HARVEST_BYTES_MAX);
    map_init(&harvest->often, &harvest->often_arena);
    writer->db->harvest = harvest;
    writer->analyser = analyser_new();
}

int index_writer_open(const char *path, const struct rules *rules, struct str identity, struct index *index, bool bulk,
                      struct index_writer **ret_writer, struct err *err)
{
    struct index_db *db = NULL;
    struct index_writer *writer;

    if (index_open_writer(path, identity, bulk, &db, err) != 0) {
        return -1;
    }
    writer = memory_alloc(sizeof *writer);
    memset(writer, 0, sizeof *writer);
    writer->db = db;
    writer->rules = rules;
    writer->index = index;
    writer->bulk = bulk;
    prepare_memory(writer);
    if (read_number(writer, "SELECT coalesce(max(id), 0) + 1 FROM doc", &writer->next_number, err) != 0 ||
        read_number(writer, "SELECT count(*) FROM doc", &writer->documents, err) != 0 ||
        read_number(writer, "SELECT value FROM meta WHERE name = 'seq'", &writer->seq, err) != 0 ||
        (bulk && index_exec(db, aside, err) != 0)) {
        index_writer_close(writer);
        return -1;
    }
    writer->lays_aside = bulk;
    *ret_writer = writer;
    return 0;
}

void index_writer_close(struct index_writer *writer)
{
    if (writer == NULL) {
        return;
    }
    for (size_t i = 0; i < STATEMENTS; i++) {
        sqlite3_finalize(writer->stmts[i]);
    }
    index_db_close(writer->db);
    analyser_free(writer->analyser);
    if (writer->index == NULL) {
        facet_values_free(&writer->own_values);
        common_free(writer->own_common);
    }
    arena_free(&writer->harvest.arena);
    arena_free(&writer->harvest.often_arena);
    harvest_free(&writer->harvest);
    free(writer->pending);
    free(writer->gone);
    free(writer);
}

int index_writer_expect(struct index_writer *writer, int64_t records, struct err *err)
{
    bool few = records < FEW_RECORDS;
    int64_t often = records / 2000;

    writer->harvest.counts_aside = writer->harvest.counts_aside && !few;
    writer->harvest.often_min = (uint32_t)(often < LIST_DOCUMENTS_MIN      ? LIST_DOCUMENTS_MIN
                                           : often < LIST_DOCUMENTS_ENOUGH ? often
                                                                           : LIST_DOCUMENTS_ENOUGH);
    return index_exec(writer->db, few ? few_settings : bulk_settings, err);
}

int64_t index_writer_seq(const struct index_writer *writer)
{
    return writer->seq;
}

double index_writer_waste(const struct index_writer *writer)
{
    return writer->next_number < WASTE_NUMBERS_MIN ? 0 : 1.0 - (double)writer->documents / (double)writer->next_number;
}

bool index_writer_outgrew_lists(const struct index_writer *writer, int64_t least)
{
    int64_t newer = writer->index == NULL ? 0 : writer->next_number - 1 - writer->index->listed;

    return newer >= least && newer > writer->documents / 2;
}

/* ---- values ---- */

/* The value's number, made when it is new; -1 when there are too many. */
static int facet_value_number(struct index_writer *writer, int facet, struct str value)
{
    struct facet_values *values = writer->values;
    int number = facet_values_find(values, facet, value);

    if (number >= 0 || values->count == ENTRY_VALUES_MAX) {
        return number;
    }
    pthread_rwlock_wrlock(&values->lock);
    if (values->count == values->capacity) {
        values->capacity = values->capacity == 0 ? 256 : values->capacity * 2;
        values->items = memory_resize(values->items, values->capacity * sizeof *values->items);
    }
    values->items[values->count].facet = facet;
    values->items[values->count].value = arena_copy(&values->arena, value);
    values->count++;
    map_set(&values->by_key, arena_format(&values->arena, "%d:%.*s", facet, STR_ARG(value)),
            (void *)(uintptr_t)values->count);
    pthread_rwlock_unlock(&values->lock);
    return (int)values->count - 1;
}

static int save_values(struct index_writer *writer, struct err *err)
{
    for (size_t i = writer->values_saved; i < writer->values->count; i++) {
        sqlite3_stmt *stmt = writer_statement(writer, INSERT_VALUE);
        sqlite3_bind_int64(stmt, 1, (int64_t)i);
        sqlite3_bind_int(stmt, 2, writer->values->items[i].facet);
        index_bind_text(stmt, 3, writer->values->items[i].value);
        if (writer_run(writer, stmt, err) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- adding ---- */

static struct pending *pending_add(struct index_writer *writer)
{
    if (writer->index == NULL) {
        writer->pending_count = 0; /* nobody is told of them */
    }
    if (writer->pending_count == writer->pending_capacity) {
        writer->pending_capacity = writer->pending_capacity == 0 ? 64 : writer->pending_capacity * 2;
        writer->pending = memory_resize(writer->pending, writer->pending_capacity * sizeof *writer->pending);
    }
    return &writer->pending[writer->pending_count++];
}

static int insert_texts(struct index_writer *writer, const struct document *document, int64_t number, struct err *err)
{
    sqlite3_stmt *stmt = writer_statement(writer, INSERT_FTS);
    ARENA_AUTO scratch;
    struct str names = STR("");

    if (stmt == NULL) {
        return index_fail(writer->db, err);
    }
    harvest_begin(&writer->harvest, (uint32_t)number);
    writer->harvest.takes_words = document->level == VISIBILITY_PUBLIC;
    sqlite3_bind_int64(stmt, 1, number);
    for (int c = 0; c < COLUMN_COUNT; c++) {
        index_bind_text(stmt, c + 2, document->columns[c]);
    }
    if (writer_run(writer, stmt, err) != 0) {
        return -1;
    }
    arena_init(&scratch, (size_t)4 << 20);
    for (size_t i = 0; i < document->name_count; i++) {
        names = arena_concat(&scratch, 3, names, i == 0 ? STR("") : STR("\n"), document->names[i]);
    }
    stmt = writer_statement(writer, INSERT_TEXT);
    sqlite3_bind_int64(stmt, 1, number);
    for (int c = 0; c < COLUMN_COUNT; c++) {
        index_bind_text(stmt, c + 2, document->columns[c]);
    }
    index_bind_text(stmt, 6, names);
    return writer_run(writer, stmt, err);
}

static int insert_refers(struct index_writer *writer, const struct document *document, int64_t number,
                         int64_t hashes[DOCUMENT_REFERS_MAX], struct err *err)
{
    for (size_t i = 0; i < document->refer_count; i++) {
        sqlite3_stmt *stmt = writer_statement(writer, INSERT_REFER);
        hashes[i] = refer_hash(document->refers[i].reg, document->refers[i].id);
        sqlite3_bind_int64(stmt, 1, hashes[i]);
        sqlite3_bind_int64(stmt, 2, number);
        if (writer_run(writer, stmt, err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int insert_doc(struct index_writer *writer, const struct document *document, int64_t number, struct err *err)
{
    const struct reg *reg = model_register(writer->rules->model, document->reg);
    struct pending *pending = pending_add(writer);
    int64_t hashes[DOCUMENT_REFERS_MAX];
    sqlite3_stmt *stmt;

    *pending = (struct pending){
        .number = (uint32_t)number,
        .entry = {.lat = document->has_place ? document->lat : ENTRY_NO_PLACE,
                  .lon = document->has_place ? document->lon : 0,
                  .length = (uint16_t)(writer->harvest.terms < 65535 ? writer->harvest.terms : 65535),
                  .level = (uint8_t)document->level,
                  .next = (uint8_t)document->next,
                  .boost = (uint8_t)document->boost,
                  .reg = (uint8_t)reg->position},
    };
    for (size_t i = 0; i < document->facet_count; i++) {
        int value = facet_value_number(writer, document->facets[i].facet, document->facets[i].value);
        if (value >= 0) {
            pending->values[pending->value_count++] = (uint16_t)value;
        }
    }
    if (insert_refers(writer, document, number, hashes, err) != 0) {
        return -1;
    }
    stmt = writer_statement(writer, INSERT_DOC);
    sqlite3_bind_int64(stmt, 1, number);
    sqlite3_bind_int64(stmt, 2, (int64_t)reg->position);
    index_bind_text(stmt, 3, document->id);
    sqlite3_bind_int(stmt, 4, (int)document->level);
    sqlite3_bind_int(stmt, 5, (int)document->next);
    sqlite3_bind_int64(stmt, 6, document->seq);
    sqlite3_bind_int(stmt, 7, document->boost);
    sqlite3_bind_int(stmt, 8, pending->entry.length);
    sqlite3_bind_double(stmt, 9, (double)pending->entry.lat);
    sqlite3_bind_double(stmt, 10, (double)pending->entry.lon);
    sqlite3_bind_blob64(stmt, 11, pending->values, pending->value_count * sizeof pending->values[0], SQLITE_STATIC);
    sqlite3_bind_blob64(stmt, 12, hashes, document->refer_count * sizeof hashes[0], SQLITE_STATIC);
    index_bind_text(stmt, 13, document->title.in[LANG_JA]);
    index_bind_text(stmt, 14, document->title.in[LANG_EN]);
    return writer_run(writer, stmt, err);
}

int writer_suggestions(struct index_writer *writer, struct str name, int64_t number, enum statement which,
                       struct err *err)
{
    struct suggest_keys keys;

    suggest_keys_of(writer->analyser, name, &keys);
    for (size_t i = 0; i < keys.count; i++) {
        sqlite3_stmt *stmt = writer_statement(writer, which);
        index_bind_text(stmt, 1, str_make(keys.keys[i], keys.lengths[i]));
        sqlite3_bind_int64(stmt, 2, number);
        if (writer_run(writer, stmt, err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int insert_pair(struct index_writer *writer, struct str from, struct str to, int weight, int64_t number,
                       struct err *err)
{
    char key[PAIR_KEY_MAX];
    size_t len = pair_key_of(writer->analyser, from, key);
    sqlite3_stmt *stmt = writer_statement(writer, INSERT_PAIR);

    if (len == 0 || stmt == NULL) {
        return 0;
    }
    index_bind_text(stmt, 1, str_make(key, len));
    sqlite3_bind_int64(stmt, 2, number);
    index_bind_text(stmt, 3, to);
    sqlite3_bind_int(stmt, 4, weight);
    return writer_run(writer, stmt, err);
}

static int insert_extras(struct index_writer *writer, const struct document *document, int64_t number, struct err *err)
{
    for (size_t i = 0; i < document->name_count; i++) {
        if (writer_suggestions(writer, document->names[i], number, INSERT_SUGGEST, err) != 0) {
            return -1;
        }
    }
    for (size_t i = 0; document->level == VISIBILITY_PUBLIC && i < document->lesson_count; i++) {
        struct str ja = document->lessons[i].ja, en = document->lessons[i].en;
        if (insert_pair(writer, ja, en, document->lessons[i].weight, number, err) != 0 ||
            insert_pair(writer, en, ja, document->lessons[i].weight, number, err) != 0) {
            return -1;
        }
    }
    return 0;
}

int index_writer_add(struct index_writer *writer, const struct document *document, struct err *err)
{
    int64_t number = writer->next_number++;

    if (insert_texts(writer, document, number, err) != 0 || insert_doc(writer, document, number, err) != 0 ||
        insert_extras(writer, document, number, err) != 0) {
        return -1;
    }
    writer->documents++;
    atomic_fetch_add(&writer->harvest.common->documents, 1);
    return 0;
}

/* ---- committing ---- */

int index_writer_begin(struct index_writer *writer, struct err *err)
{
    return index_exec(writer->db, "BEGIN IMMEDIATE", err);
}

static void forget_words(struct index_writer *writer)
{
    arena_reset(&writer->harvest.arena);
    map_init(&writer->harvest.words, &writer->harvest.arena);
}

#define WORDS_KEPT 500000

/* In a bulk the same words come again and again: they are counted in memory as long as there is room. */
static bool keeps_words(const struct index_writer *writer)
{
    return writer->lays_aside && writer->harvest.words.count < WORDS_KEPT;
}

/* Writes them and forgets them. */
static int save_words(struct index_writer *writer, struct err *err)
{
    struct map *words = &writer->harvest.words;

    for (size_t i = 0; i < words->capacity; i++) {
        const struct harvest_word *word = words->slots[i].value;
        char sound[SOUND_MAX];
        size_t len;
        sqlite3_stmt *stmt;
        if (word == NULL) {
            continue;
        }
        len = sound_of(word->surface, sound);
        stmt = writer_statement(writer, INSERT_WORD);
        index_bind_text(stmt, 1, word->surface);
        index_bind_text(stmt, 2, word->term);
        index_bind_text(stmt, 3, str_make(sound, len));
        sqlite3_bind_int(stmt, 4, word->katakana);
        sqlite3_bind_int64(stmt, 5, word->count);
        if (writer_run(writer, stmt, err) != 0) {
            return -1;
        }
    }
    forget_words(writer);
    return 0;
}

static void publish(struct index_writer *writer)
{
    if (writer->index != NULL) {
        for (size_t i = 0; i < writer->gone_count; i++) {
            entries_remove(writer->index->entries, writer->gone[i]);
        }
        for (size_t i = 0; i < writer->pending_count; i++) {
            const struct pending *pending = &writer->pending[i];
            entries_add(writer->index->entries, pending->number, &pending->entry, pending->values,
                        pending->value_count);
        }
        atomic_store(&writer->index->records, writer->documents);
        atomic_store(&writer->index->seq, writer->seq);
    }
    writer->pending_count = 0;
    writer->gone_count = 0;
}

int index_writer_commit(struct index_writer *writer, int64_t seq, struct err *err)
{
    sqlite3_stmt *stmt = writer_statement(writer, SET_SEQ);
    size_t values = writer->values->count;

    if (stmt == NULL || (!keeps_words(writer) && save_words(writer, err) != 0) || save_values(writer, err) != 0) {
        return -1;
    }
    sqlite3_bind_int64(stmt, 1, seq);
    if (writer_run(writer, stmt, err) != 0) {
        return -1;
    }
    /* A search that sees the rows before their entries are there passes them over. */
    if (index_exec(writer->db, "COMMIT", err) != 0) {
        return -1;
    }
    writer->seq = seq;
    writer->values_saved = values;
    publish(writer);
    return 0;
}

void index_writer_rest(struct index_writer *writer)
{
    harvest_free(&writer->harvest);
    sqlite3_db_release_memory(writer->db->db);
}

void index_writer_rollback(struct index_writer *writer)
{
    struct err err = {0};

    index_exec(writer->db, "ROLLBACK", &err);
    writer->pending_count = 0;
    writer->gone_count = 0;
    forget_words(writer);
    read_number(writer, "SELECT count(*) FROM doc", &writer->documents, &err);
}

int index_writer_settle(struct index_writer *writer, struct err *err)
{
    static const enum statement changed[] = {INSERT_REFER, INSERT_SUGGEST, INSERT_PAIR};

    for (size_t i = 0; i < sizeof changed / sizeof changed[0]; i++) {
        sqlite3_finalize(writer->stmts[changed[i]]);
        writer->stmts[changed[i]] = NULL;
    }
    writer->lays_aside = false;
    harvest_counted(&writer->harvest);
    return save_words(writer, err) != 0 || index_exec(writer->db, settle, err) != 0 ||
                   index_exec(writer->db, INDEX_INDEXES, err) != 0
               ? -1
               : 0;
}

static int write_lists(struct index_writer *writer, struct err *err)
{
    char set[80];

    snprintf(set, sizeof set, "UPDATE meta SET value = %lld WHERE name = 'listed'", (long long)writer->next_number - 1);
    return index_exec(writer->db, "BEGIN", err) != 0 ||
                   lists_write(writer->db, &writer->harvest, writer->next_number - 1, err) != 0 ||
                   index_exec(writer->db, set, err) != 0 || index_exec(writer->db, "COMMIT", err) != 0
               ? -1
               : 0;
}

int index_writer_finish(struct index_writer *writer, struct err *err)
{
    if (common_save(writer->harvest.common, writer->db, err) != 0) {
        return -1;
    }
    if (writer->bulk && (index_exec(writer->db, "INSERT INTO fts(fts) VALUES('optimize')", err) != 0 ||
                         index_exec(writer->db, usual_settings, err) != 0 || write_lists(writer, err) != 0)) {
        return -1;
    }
    return 0;
}
