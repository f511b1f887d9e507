/* The lists of a register's rows against its link tables, row by row: every entry has its link, and there are no others. */
#include "store/check.h"

#include <string.h>

#define CHECK_MEMORY_MAX ((size_t)256 << 20)
#define ROWS_AT_ONCE 500

/* One of a register's two tables. */
struct link_check {
    struct checker *checker;
    const struct table *table;
    enum tense tense;
    struct arena arena;
    struct str *present_sql; /* by link: is there one; $1 value, $2 id, $3 seq_from */
    struct str *count_sql;   /* by link: how many; $1 id, $2 seq_from */
    struct err *err;
};

static struct str link_table(const struct link_check *check, const struct link *link)
{
    return check->tense == TENSE_PAST ? link->past_table : link->table;
}

static int one_number(struct link_check *check, struct str sql, const struct str *value, const struct found *row,
                      int64_t *ret_number)
{
    struct stmt *stmt;
    int at = value ? 1 : 0;
    if (db_statement(check->checker->reader->db, sql, &stmt, check->err))
        return -1;
    if (value)
        stmt_bind_text(stmt, 1, *value);
    stmt_bind_text_or_empty(stmt, at + 1, value_get_text(row->record, STR("id")));
    stmt_bind_int(stmt, at + 2, row->seq);
    if (stmt_step(stmt, check->err) < 0)
        return -1;
    *ret_number = stmt_int(stmt, 0);
    stmt_reset(stmt);
    return 0;
}

static int check_list(struct link_check *check, size_t index, const struct found *row)
{
    const struct link *link = &check->table->links[index];
    const struct value *list = link_list(link, row->record);
    struct str id = value_get_text(row->record, STR("id"));
    int64_t entries = 0, links, there;
    for (size_t i = 0; i < value_count(list); i++) {
        struct str value = link_entry(link, value_at(list, i));
        if (value.len == 0 || link_came_before(link, list, i, value))
            continue;
        entries++;
        if (one_number(check, check->present_sql[index], &value, row, &there))
            return -1;
        if (!there)
            check_say(check->checker, "an entry has no link: %.*s, %.*s, %lld, %.*s", STR_ARG(link_table(check, link)),
                      STR_ARG(id), (long long)row->seq, STR_ARG(value));
    }
    if (one_number(check, check->count_sql[index], NULL, row, &links))
        return -1;
    if (links > entries)
        check_say(check->checker, "a link stands for no entry: %.*s, %.*s, %lld: %lld links, %lld entries",
                  STR_ARG(link_table(check, link)), STR_ARG(id), (long long)row->seq, (long long)links,
                  (long long)entries);
    return 0;
}

static int check_rows_of(struct link_check *check, struct str *after_id, int64_t *after_seq, size_t *ret_count)
{
    static const struct viewer everything = {.sees = VISIBILITY_SECRETARIAT};
    SQL_AUTO sql;
    sql_init(&sql);
    struct found rows[ROWS_AT_ONCE];
    int id = sql_text_arg(&sql, *after_id), seq = sql_int_arg(&sql, *after_seq),
        limit = sql_int_arg(&sql, ROWS_AT_ONCE);
    sql_add(&sql,
            "SELECT %.*s FROM \"%.*s\" WHERE (\"id\",\"seq_from\")>($%d,$%d) ORDER BY \"id\",\"seq_from\" LIMIT $%d",
            STR_ARG(check->table->read_columns), STR_ARG(tense_table(check->table, check->tense)), id, seq, limit);
    struct stmt *stmt;
    if (sql_statement(&sql, check->checker->reader->db, &stmt, check->err))
        return -1;
    int step;
    *ret_count = 0;
    while ((step = stmt_step(stmt, check->err)) == 1)
        if (row_read(check->table, stmt, 0, &everything, &check->arena, &rows[(*ret_count)++], check->err)) {
            stmt_reset(stmt);
            return -1;
        }
    for (size_t r = 0; step == 0 && r < *ret_count; r++)
        for (size_t i = 0; step == 0 && i < check->table->link_count; i++)
            step = check_list(check, i, &rows[r]);
    if (step == 0 && *ret_count) {
        *after_id = value_get_text(rows[*ret_count - 1].record, STR("id"));
        *after_seq = rows[*ret_count - 1].seq;
    }
    return step;
}

static int check_every_row(struct link_check *check)
{
    char id[ID_MAX + 1];
    struct str after_id = STR("");
    int64_t after_seq = 0;
    size_t count;
    do {
        if (check_rows_of(check, &after_id, &after_seq, &count))
            return -1;
        if (after_id.len > ID_MAX)
            return err_set(check->err, ERR_IO, "%.*s: an id is too long", STR_ARG(check->table->name));
        memcpy(id, after_id.ptr, after_id.len);
        after_id = str_make(id, after_id.len);
        arena_reset(&check->arena);
    } while (count == ROWS_AT_ONCE);
    return 0;
}

/* Links whose row is gone, and links whose copy of a sort key is not the row's. */
static int check_strays(struct link_check *check, const struct link *link, struct arena *arena)
{
    struct str name = link_table(check, link), rows = tense_table(check->table, check->tense);
    struct str sql = arena_format(
        arena,
        "SELECT '%.*s',l.\"value\",l.\"id\",l.\"seq_from\" FROM \"%.*s\" AS l WHERE NOT EXISTS (SELECT 1 FROM \"%.*s\" "
        "AS t WHERE t.\"id\"=l.\"id\" AND t.\"seq_from\"=l.\"seq_from\")",
        STR_ARG(name), STR_ARG(name), STR_ARG(rows));
    if (check_rows(check->checker, "a link stands for no row", sql, check->err))
        return -1;
    for (int lang = 0; link->keyed && lang < LANG_COUNT; lang++) {
        const struct sort_key *key = table_sort_key(check->table, check->table->reg->sort, (enum lang)lang);
        if (!key)
            continue;
        sql =
            arena_format(arena,
                         "SELECT '%.*s',l.\"value\",l.\"id\",l.\"seq_from\" FROM \"%.*s\" AS l JOIN \"%.*s\" AS t ON "
                         "t.\"id\"=l.\"id\" AND t.\"seq_from\"=l.\"seq_from\" WHERE l.\"key_%.*s\"<>t.\"%.*s\"",
                         STR_ARG(name), STR_ARG(name), STR_ARG(rows), STR_ARG(lang_codes[lang]), STR_ARG(key->column));
        if (check_rows(check->checker, "a link is ordered otherwise than its row", sql, check->err))
            return -1;
    }
    return 0;
}

static int check_tense(struct checker *checker, const struct table *table, enum tense tense, struct arena *keep,
                       struct err *err)
{
    struct link_check check = {.checker = checker, .table = table, .tense = tense, .err = err};
    check.present_sql = ARENA_NEW_ARRAY(keep, table->link_count, struct str);
    check.count_sql = ARENA_NEW_ARRAY(keep, table->link_count, struct str);
    for (size_t i = 0; i < table->link_count; i++) {
        struct str name = link_table(&check, &table->links[i]);
        check.present_sql[i] = arena_format(
            keep, "SELECT count(*) FROM \"%.*s\" WHERE \"value\"=$1 AND \"id\"=$2 AND \"seq_from\"=$3", STR_ARG(name));
        check.count_sql[i] =
            arena_format(keep, "SELECT count(*) FROM \"%.*s\" WHERE \"id\"=$1 AND \"seq_from\"=$2", STR_ARG(name));
        if (check_strays(&check, &table->links[i], keep))
            return -1;
    }
    arena_init(&check.arena, CHECK_MEMORY_MAX);
    int result = check_every_row(&check);
    arena_free(&check.arena);
    return result;
}

int check_links(struct checker *checker, const struct table *table, struct err *err)
{
    ARENA_AUTO keep;
    arena_init(&keep, CHECK_MEMORY_MAX);
    return check_tense(checker, table, TENSE_PRESENT, &keep, err) || check_tense(checker, table, TENSE_PAST, &keep, err)
               ? -1
               : 0;
}
