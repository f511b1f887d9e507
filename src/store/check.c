#include "store/check.h"

#include "model/record.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LINE_MAX_BYTES 1000
#define ROWS_SAID_MAX 100
#define CHECK_MEMORY_MAX ((size_t)256 << 20)

void check_say(struct checker *checker, const char *format, ...)
{
    char line[LINE_MAX_BYTES];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    checker->findings++;
    size_t kept = length < 0 ? 0 : (size_t)length < sizeof line ? (size_t)length : sizeof line - 1;
    checker->finding(checker->context, str_make(line, kept));
}

/* "WHAT: first, second": the columns of one row as text. */
static void say_row(struct checker *checker, const char *what, struct stmt *stmt)
{
    BUF_AUTO line;
    buf_init(&line, LINE_MAX_BYTES);
    int columns = stmt_column_count(stmt);
    for (int i = 0; i < columns; i++)
        buf_add_format(&line, "%s%.*s", i ? ", " : "", STR_ARG(stmt_text(stmt, i)));
    check_say(checker, "%s: %.*s", what, STR_ARG(buf_str(&line)));
}

int check_rows(struct checker *checker, const char *what, struct str sql, struct err *err)
{
    struct stmt *stmt;
    if (db_statement(checker->reader->db, sql, &stmt, err))
        return -1;
    int said = 0, step;
    while ((step = stmt_step(stmt, err)) == 1) {
        say_row(checker, what, stmt);
        if (++said >= ROWS_SAID_MAX) {
            check_say(checker, "%s: and more, not listed", what);
            stmt_reset(stmt);
            return 0;
        }
    }
    return step;
}

/* One finding query made like printf, in the arena. */
#define CHECK(what, ...)                                          \
    do {                                                          \
        struct str check_sql = arena_format(&arena, __VA_ARGS__); \
        if (check_rows(checker, what, check_sql, err)) {          \
            arena_free(&arena);                                   \
            return -1;                                            \
        }                                                         \
    } while (0)

/* ---- revisions ---- */

/* One register's rows against the revisions, both ways. The redaction of a record that was gone by then is a revision without
 * rows. */
static int check_moments(struct checker *checker, const struct table *table, struct err *err)
{
    struct arena arena;
    arena_init(&arena, CHECK_MEMORY_MAX);
    struct str name = table->name, past = table->past_name, reg = table->reg->name;
    CHECK(
        "a row begins with a seq that no revision of its register has",
        "SELECT '%.*s',t.\"id\",t.\"seq_from\" FROM \"%.*s\" AS t LEFT JOIN \"revision\" AS r ON r.\"seq\"=t.\"seq_from\" "
        "AND r.\"register\"='%.*s' WHERE r.\"seq\" IS NULL",
        STR_ARG(reg), STR_ARG(name), STR_ARG(reg));
    CHECK(
        "a past row begins or ends with a seq that no revision of its register has",
        "SELECT '%.*s',t.\"id\",t.\"seq_from\",t.\"seq_to\" FROM \"%.*s\" AS t LEFT JOIN \"revision\" AS r ON "
        "r.\"seq\"=t.\"seq_from\" AND r.\"register\"='%.*s' LEFT JOIN \"revision\" AS e ON e.\"seq\"=t.\"seq_to\" AND "
        "e.\"register\"='%.*s' WHERE r.\"seq\" IS NULL OR e.\"seq\" IS NULL",
        STR_ARG(reg), STR_ARG(past), STR_ARG(reg), STR_ARG(reg));
    CHECK(
        "a revision made no row",
        "SELECT r.\"seq\",r.\"register\",r.\"id\" FROM \"revision\" AS r WHERE r.\"register\"='%.*s' AND r.\"kind\" NOT IN "
        "(%d,%d) AND NOT EXISTS (SELECT 1 FROM \"%.*s\" AS t WHERE t.\"id\"=r.\"id\" AND t.\"seq_from\"=r.\"seq\") AND NOT "
        "EXISTS (SELECT 1 FROM \"%.*s\" AS p WHERE p.\"id\"=r.\"id\" AND p.\"seq_from\"=r.\"seq\") AND NOT "
        "(r.\"kind\"=%d AND NOT EXISTS (SELECT 1 FROM \"%.*s\" AS e WHERE e.\"id\"=r.\"id\" AND e.\"seq_to\"=r.\"seq\"))",
        STR_ARG(reg), CHANGE_DELETE, CHANGE_MERGE, STR_ARG(name), STR_ARG(past), CHANGE_REDACT, STR_ARG(past));
    CHECK(
        "a revision ended no row",
        "SELECT r.\"seq\",r.\"register\",r.\"id\" FROM \"revision\" AS r WHERE r.\"register\"='%.*s' AND r.\"kind\"<>%d AND "
        "NOT EXISTS (SELECT 1 FROM \"%.*s\" AS p WHERE p.\"id\"=CASE WHEN r.\"kind\"=%d THEN r.\"other_id\" ELSE r.\"id\" END "
        "AND p.\"seq_to\"=r.\"seq\") AND NOT (r.\"kind\"=%d AND NOT EXISTS (SELECT 1 FROM \"%.*s\" AS t WHERE "
        "t.\"id\"=r.\"id\" AND t.\"seq_from\"=r.\"seq\") AND NOT EXISTS (SELECT 1 FROM \"%.*s\" AS q WHERE "
        "q.\"id\"=r.\"id\" AND q.\"seq_from\"=r.\"seq\"))",
        STR_ARG(reg), CHANGE_CREATE, STR_ARG(past), CHANGE_RENAME, CHANGE_REDACT, STR_ARG(name), STR_ARG(past));
    arena_free(&arena);
    return 0;
}

int check_revisions(struct checker *checker, struct err *err)
{
    struct arena arena;
    arena_init(&arena, CHECK_MEMORY_MAX);
    CHECK("the revisions have a gap (count, first, last)",
          "SELECT count(*),min(\"seq\"),max(\"seq\") FROM \"revision\" HAVING count(*)>0 AND (min(\"seq\")<>1 OR "
          "max(\"seq\")<>count(*))");
    CHECK("a revision belongs to no change set",
          "SELECT r.\"seq\",r.\"register\",r.\"id\" FROM \"revision\" AS r LEFT JOIN \"change_set\" AS c ON "
          "c.\"no\"=r.\"change_set\" WHERE c.\"no\" IS NULL");
    CHECK(
        "an open or refused change set has revisions",
        "SELECT r.\"seq\",c.\"no\" FROM \"revision\" AS r JOIN \"change_set\" AS c ON c.\"no\"=r.\"change_set\" WHERE "
        "c.\"state\" NOT IN (%d,%d)",
        PROPOSAL_ACCEPTED, PROPOSAL_ACCEPTED_IN_PART);
    CHECK("a change belongs to no change set",
          "SELECT h.\"change_set\",h.\"position\" FROM \"change\" AS h LEFT JOIN \"change_set\" AS c ON "
          "c.\"no\"=h.\"change_set\" WHERE c.\"no\" IS NULL");
    arena_free(&arena);
    const struct layout *layout = checker->reader->store->layout;
    for (size_t i = 0; i < layout->model->register_count; i++)
        if (check_moments(checker, &layout->tables[i], err))
            return -1;
    return 0;
}

/* ---- editions ---- */

int check_editions(struct checker *checker, struct err *err)
{
    struct arena arena;
    arena_init(&arena, CHECK_MEMORY_MAX);
    CHECK("an edition stands at a seq that no revision has",
          "SELECT e.\"name\",e.\"seq\" FROM \"edition\" AS e LEFT JOIN \"revision\" AS r ON r.\"seq\"=e.\"seq\" WHERE "
          "r.\"seq\" IS NULL");
    CHECK("counts belong to no edition",
          "SELECT DISTINCT c.\"edition\" FROM \"edition_counter\" AS c LEFT JOIN \"edition\" AS e ON "
          "e.\"name\"=c.\"edition\" WHERE e.\"name\" IS NULL");
    const struct layout *layout = checker->reader->store->layout;
    for (size_t i = 0; i < layout->model->register_count; i++) {
        const struct table *table = &layout->tables[i];
        CHECK("an edition counts other records than it has (register, edition, counted, there)",
              "SELECT '%.*s',\"name\",\"counted\",\"there\" FROM (SELECT e.\"name\",coalesce((SELECT "
              "sum(c.\"records\") FROM \"edition_counter\" AS c WHERE c.\"edition\"=e.\"name\" AND "
              "c.\"register\"='%.*s' AND c.\"field\"=''),0) AS \"counted\",(SELECT count(*) FROM \"%.*s\" AS t WHERE "
              "t.\"seq_from\"<=e.\"seq\")+(SELECT count(*) FROM \"%.*s\" AS p WHERE p.\"seq_from\"<=e.\"seq\" AND "
              "p.\"seq_to\">e.\"seq\") AS \"there\" FROM \"edition\" AS e) AS x WHERE \"counted\"<>\"there\"",
              STR_ARG(table->reg->name), STR_ARG(table->reg->name), STR_ARG(table->name), STR_ARG(table->past_name));
    }
    arena_free(&arena);
    return 0;
}

/* ---- the whole ---- */

static int check_database(struct checker *checker, struct err *err)
{
    struct stmt *stmt;
    if (db_statement(checker->reader->db, STR("/*sqlite*/ PRAGMA integrity_check(100)"), &stmt, err))
        return -1;
    int step;
    while ((step = stmt_step(stmt, err)) == 1)
        if (!str_eq(stmt_text(stmt, 0), STR("ok")))
            check_say(checker, "the database file is damaged: %.*s", STR_ARG(stmt_text(stmt, 0)));
    return step;
}

static int check_all(struct checker *checker, struct err *err)
{
    const struct layout *layout = checker->reader->store->layout;
    if (check_database(checker, err) || check_revisions(checker, err) || check_editions(checker, err))
        return -1;
    for (size_t i = 0; i < layout->model->register_count; i++) {
        const struct table *table = &layout->tables[i];
        if (check_table(checker, table, err) || check_links(checker, table, err) ||
            check_counters(checker, table, err) || check_redirects(checker, table, err))
            return err_prefix(err, "register %.*s", STR_ARG(table->reg->name));
    }
    return 0;
}

int store_check(struct store *store, void (*finding)(void *context, struct str line), void *context,
                int64_t *ret_findings, struct err *err)
{
    struct read_options everything = {.viewer = {.sees = VISIBILITY_SECRETARIAT}};
    struct checker checker = {.finding = finding, .context = context};
    if (store_read(store, &everything, &checker.reader, err))
        return -1;
    int result = check_all(&checker, err);
    reader_release(checker.reader);
    if (result == 0)
        *ret_findings = checker.findings;
    return result;
}
