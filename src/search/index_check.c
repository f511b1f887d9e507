/* The index beside the store: what each level sees of each record must be what is indexed for it. */
#include "search/follow.h"

#include "base/map.h"
#include "model/record.h"

#include <string.h>

struct checking {
    struct search *search;
    struct index_db *db;
    struct reader *reader;
    enum visibility level;
    struct arena arena;
    int64_t findings, seen;
    void (*finding)(void *context, struct str line);
    void *context;
    struct err *err;
};

static void tell(struct checking *checking, const struct found *found, const char *what)
{
    checking->findings++;
    checking->finding(checking->context,
                      arena_format(&checking->arena, "search index: %.*s/%.*s: %s (what %.*s viewers see)",
                                   STR_ARG(found->reg->name), STR_ARG(record_id(found->record)), what,
                                   STR_ARG(visibility_names[checking->level])));
}

static int check_record(void *context, const struct found *found)
{
    struct checking *checking = context;
    struct document *document;
    sqlite3_stmt *stmt = index_statement(
        checking->db, &checking->db->record,
        "SELECT doc.id, text.title, text.key, text.body, text.also FROM doc, text WHERE doc.record = ?1 AND doc.reg = ?2 "
        "AND doc.level <= ?3 AND doc.next > ?3 AND text.id = doc.id");

    arena_reset(&checking->arena);
    document = ARENA_NEW(&checking->arena, struct document);
    if (stmt == NULL) {
        return index_fail(checking->db, checking->err);
    }
    if (document_make(&checking->search->rules, checking->reader, found, &checking->arena, document, checking->err) !=
        0) {
        return -1;
    }
    index_bind_text(stmt, 1, document->id);
    sqlite3_bind_int64(stmt, 2, (int64_t)found->reg->position);
    sqlite3_bind_int(stmt, 3, (int)checking->level);
    checking->seen++;
    if (sqlite3_step(stmt) != SQLITE_ROW) {
        tell(checking, found, "is not indexed");
    } else {
        bool same = true;
        for (int c = 0; c < COLUMN_COUNT; c++) {
            same = same && str_eq(index_column(stmt, c + 1), document->columns[c]);
        }
        if (!same) {
            tell(checking, found, "is indexed with other words");
        }
        if (sqlite3_step(stmt) == SQLITE_ROW) {
            tell(checking, found, "is indexed twice");
        }
    }
    sqlite3_reset(stmt);
    return 0;
}

static int count_indexed(struct checking *checking, int64_t *ret_count, struct err *err)
{
    sqlite3_stmt *stmt = NULL;

    if (sqlite3_prepare_v2(checking->db->db, "SELECT count(*) FROM doc WHERE level <= ?1 AND next > ?1", -1, &stmt,
                           NULL) != SQLITE_OK) {
        return index_fail(checking->db, err);
    }
    sqlite3_bind_int(stmt, 1, (int)checking->level);
    if (sqlite3_step(stmt) != SQLITE_ROW) {
        sqlite3_finalize(stmt);
        return index_fail(checking->db, err);
    }
    *ret_count = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return 0;
}

static int check_level(struct checking *checking, struct err *err)
{
    const struct rules *rules = &checking->search->rules;
    struct read_options options = {.viewer = {.sees = checking->level}, .lang = LANG_JA};
    int64_t indexed = 0;
    int result = store_read(checking->search->store, &options, &checking->reader, err);

    checking->seen = 0;
    for (size_t i = 0; result == 0 && i < rules->model->register_count; i++) {
        if (rules_search_register(rules, &rules->model->registers[i])) {
            result = store_each(checking->reader, &rules->model->registers[i], check_record, checking, err);
        }
    }
    reader_release(checking->reader);
    if (result == 0) {
        result = count_indexed(checking, &indexed, err);
    }
    if (result == 0 && indexed != checking->seen) {
        checking->findings++;
        checking->finding(checking->context,
                          arena_format(&checking->arena,
                                       "search index: %lld records are indexed, %lld are there (what %.*s viewers see)",
                                       (long long)indexed, (long long)checking->seen,
                                       STR_ARG(visibility_names[checking->level])));
    }
    return result;
}

/* The words index against the texts it was made of. */
static int check_words(struct checking *checking, struct err *err)
{
    struct index_db *writer = NULL;

    if (index_open_writer(checking->search->path.ptr, checking->search->identity, false, &writer, err) != 0) {
        return -1;
    }
    if (sqlite3_exec(writer->db, "INSERT INTO fts(fts, rank) VALUES('integrity-check', 1)", NULL, NULL, NULL) !=
        SQLITE_OK) {
        checking->findings++;
        checking->finding(checking->context,
                          arena_format(&checking->arena, "search index: its words are not those of its texts: %s",
                                       sqlite3_errmsg(writer->db)));
    }
    index_db_close(writer);
    return 0;
}

static int check_all(struct checking *checking, struct err *err)
{
    int result = check_words(checking, err);

    for (int level = 0; result == 0 && level < VISIBILITY_COUNT; level++) {
        checking->level = (enum visibility)level;
        result = check_level(checking, err);
    }
    return result;
}

int search_check(struct search *search, void (*finding)(void *context, struct str line), void *context,
                 int64_t *ret_findings, struct err *err)
{
    struct checking checking = {.search = search, .finding = finding, .context = context, .err = err};
    struct index *index = NULL;
    int result = search_catch_up(search, err);

    if (result != 0) {
        return -1;
    }
    /* Nothing is written while it is compared. */
    pthread_mutex_lock(&search->work);
    result = search_hold(search, &index, &checking.db, err);
    if (result == 0) {
        arena_init(&checking.arena, (size_t)256 << 20);
        result = check_all(&checking, err);
        arena_free(&checking.arena);
        search_let_go(search, index, checking.db);
    }
    pthread_mutex_unlock(&search->work);
    if (result == 0) {
        *ret_findings = checking.findings;
    }
    return result;
}
