/* The statements that every change of a record needs, written once when the store opens: writing them for each row would cost
 * more than running them. */
#include "store/layout.h"

#define SQL_MAX ((size_t)1 << 20)

static void write_link_sql(struct link *link, struct arena *arena)
{
    struct str now = link->table, past = link->past_table;
    const char *keys = link->keyed ? ",\"key_ja\",\"key_en\"" : "";
    link->sql = (struct link_sql){
        .insert = arena_format(arena, "INSERT INTO \"%.*s\" (\"value\",\"id\",\"seq_from\"%s) VALUES ($1,$2,$3%s)",
                               STR_ARG(now), keys, link->keyed ? ",$4,$5" : ""),
        .insert_past = arena_format(
            arena, "INSERT INTO \"%.*s\" (\"value\",\"id\",\"seq_from\",\"seq_to\"%s) VALUES ($1,$2,$3,$4%s)",
            STR_ARG(past), keys, link->keyed ? ",$5,$6" : ""),
        .copy = arena_format(arena,
                             "INSERT INTO \"%.*s\" (\"value\",\"id\",\"seq_from\",\"seq_to\"%s) SELECT "
                             "\"value\",\"id\",\"seq_from\",$1%s FROM \"%.*s\" WHERE \"id\"=$2",
                             STR_ARG(past), keys, keys, STR_ARG(now)),
        .remove = arena_format(arena, "DELETE FROM \"%.*s\" WHERE \"id\"=$1", STR_ARG(now)),
        .stay = arena_format(arena, "UPDATE \"%.*s\" SET \"seq_from\"=$1 WHERE \"id\"=$2", STR_ARG(now)),
    };
}

static struct str insert_sql(const struct table *table, struct arena *arena)
{
    BUF_AUTO sql;
    buf_init(&sql, SQL_MAX);
    buf_add_format(&sql, "INSERT INTO \"%.*s\" (%.*s) VALUES (", STR_ARG(table->name), STR_ARG(table->all_columns));
    for (size_t i = 1; i <= table->all_count; i++)
        buf_add_format(&sql, "%s$%zu", i > 1 ? "," : "", i);
    buf_add_literal(&sql, ")");
    return arena_copy(arena, buf_str(&sql));
}

void layout_write_sql(struct table *table, struct arena *arena)
{
    table->sql = (struct table_sql){
        .insert = insert_sql(table, arena),
        .current = arena_format(arena, "SELECT %.*s FROM \"%.*s\" WHERE \"id\"=$1", STR_ARG(table->read_columns),
                                STR_ARG(table->name)),
        .version = arena_format(arena, "SELECT %.*s FROM \"%.*s\" WHERE \"id\"=$1 AND \"seq_from\"=$2",
                                STR_ARG(table->read_columns), STR_ARG(table->past_name)),
        .span = arena_format(arena,
                             "SELECT \"seq_from\",\"seq_to\" FROM \"%.*s\" WHERE \"id\"=$1 AND \"seq_from\"<=$2 "
                             "ORDER BY \"seq_from\" DESC LIMIT 1",
                             STR_ARG(table->past_name)),
        .seq = arena_format(arena, "SELECT \"seq_from\" FROM \"%.*s\" WHERE \"id\"=$1", STR_ARG(table->name)),
        .copy = arena_format(
            arena, "INSERT INTO \"%.*s\" (%.*s%.*s,\"seq_to\") SELECT %.*s%.*s,$1 FROM \"%.*s\" WHERE \"id\"=$2",
            STR_ARG(table->past_name), STR_ARG(table->all_columns), STR_ARG(table->hidden_columns),
            STR_ARG(table->all_columns), STR_ARG(table->hidden_columns), STR_ARG(table->name)),
        .remove = arena_format(arena, "DELETE FROM \"%.*s\" WHERE \"id\"=$1", STR_ARG(table->name)),
    };
    for (size_t i = 0; i < table->link_count; i++)
        write_link_sql(&table->links[i], arena);
}
