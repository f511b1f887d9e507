/* One record's rows: the present one, what it leaves in the past, and its link tables. */
#include "store/internal.h"
#include "store/row.h"

#include "base/text.h"

#include <stdio.h>

static const struct viewer everything = {.sees = VISIBILITY_SECRETARIAT};

int row_current(struct db *db, const struct table *table, struct str id, struct arena *arena, bool *ret_exists,
                struct found *ret_found, struct err *err)
{
    SQL_AUTO sql;
    sql_init(&sql);
    sql_add(&sql, "SELECT %.*s FROM \"%.*s\" WHERE \"id\"=$1", STR_ARG(table->read_columns), STR_ARG(table->name));
    sql_text_arg(&sql, id);
    struct stmt *stmt;
    if (sql_statement(&sql, db, &stmt, err))
        return -1;
    int step = stmt_step(stmt, err);
    if (step < 0)
        return -1;
    int result = step ? row_read(table, stmt, 0, &everything, arena, ret_found, err) : 0;
    stmt_reset(stmt);
    *ret_exists = step == 1;
    return result;
}

/* ---- links ---- */

/* The id, or code, of a list's entry; empty for a name that is in no register. */
static struct str entry_value(const struct link *link, const struct value *entry)
{
    if (!link->field)
        return value_get_text(entry, STR("source"));
    return entry->kind == VALUE_OBJECT ? value_get_text(entry, STR("id")) : value_text_of(entry);
}

static bool entry_came_before(const struct link *link, const struct value *list, size_t index, struct str value)
{
    for (size_t i = 0; i < index; i++)
        if (str_eq(entry_value(link, value_at(list, i)), value))
            return true;
    return false;
}

static void bind_link_keys(const struct table *table, const struct value *record, struct stmt *stmt, int parameter,
                           struct arena *scratch)
{
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        unsigned char *key = arena_alloc(scratch, TEXT_SORT_KEY_MAX);
        const struct sort_key *sort_key = table_sort_key(table, table->reg->sort, (enum lang)lang);
        size_t length = sort_key ? row_sort_key(sort_key, record, key) : 0;
        stmt_bind_blob(stmt, parameter + lang, key, length);
    }
}

static struct str link_sql(const struct link *link, bool past, struct arena *scratch)
{
    struct str name = past ? link->past_table : link->table;
    const char *more = past          ? ",\"seq_to\") VALUES ($1,$2,$3,$4)"
                       : link->keyed ? ",\"key_ja\",\"key_en\") VALUES ($1,$2,$3,$4,$5)"
                                     : ") VALUES ($1,$2,$3)";
    return arena_format(scratch, "INSERT INTO \"%.*s\" (\"value\",\"id\",\"seq_from\"%s", STR_ARG(name), more);
}

static int insert_link(struct db *db, const struct table *table, const struct link *link, const struct value *record,
                       struct span span, struct arena *scratch, struct err *err)
{
    const struct value *list = value_get(record, link->field ? link->field->name : STR("sources"));
    if (value_count(list) == 0)
        return 0;
    struct stmt *stmt;
    if (db_statement(db, link_sql(link, span.to != 0, scratch), &stmt, err))
        return -1;
    for (size_t i = 0; i < value_count(list); i++) {
        struct str value = entry_value(link, value_at(list, i));
        if (value.len == 0 || entry_came_before(link, list, i, value))
            continue;
        stmt_bind_text(stmt, 1, value);
        stmt_bind_text(stmt, 2, value_get_text(record, STR("id")));
        stmt_bind_int(stmt, 3, span.from);
        if (span.to)
            stmt_bind_int(stmt, 4, span.to);
        else if (link->keyed)
            bind_link_keys(table, record, stmt, 4, scratch);
        if (stmt_run(stmt, err))
            return -1;
    }
    return 0;
}

int row_insert_links(struct db *db, const struct table *table, const struct value *record, struct span span,
                     struct arena *scratch, struct err *err)
{
    for (size_t i = 0; i < table->link_count; i++)
        if (insert_link(db, table, &table->links[i], record, span, scratch, err))
            return -1;
    return 0;
}

/* What one list held goes to the past's link table, where it ends at seq. */
static int end_link(struct change_set *changes, const struct link *link, struct str id, int64_t seq, struct err *err)
{
    SQL_AUTO copy;
    sql_init(&copy);
    sql_add(&copy,
            "INSERT INTO \"%.*s\" (\"value\",\"id\",\"seq_from\",\"seq_to\") SELECT \"value\",\"id\",\"seq_from\",$1 "
            "FROM \"%.*s\" WHERE \"id\"=$2",
            STR_ARG(link->past_table), STR_ARG(link->table));
    sql_int_arg(&copy, seq);
    sql_text_arg(&copy, id);
    SQL_AUTO removal;
    sql_init(&removal);
    sql_add(&removal, "DELETE FROM \"%.*s\" WHERE \"id\"=$1", STR_ARG(link->table));
    sql_text_arg(&removal, id);
    struct stmt *stmt;
    if (sql_statement(&copy, changes->db, &stmt, err) || stmt_run(stmt, err))
        return -1;
    return sql_statement(&removal, changes->db, &stmt, err) || stmt_run(stmt, err) ? -1 : 0;
}

/* ---- rows ---- */

/* A new row, or all of an existing row's columns but those that the model no longer shows: they keep what they hold. */
static void add_insert_text(struct buf *sql, const struct table *table, bool replace)
{
    buf_add_format(sql, "INSERT INTO \"%.*s\" (%.*s) VALUES (", STR_ARG(table->name), STR_ARG(table->all_columns));
    for (size_t i = 1; i <= table->all_count; i++)
        buf_add_format(sql, "%s$%zu", i > 1 ? "," : "", i);
    buf_add_literal(sql, ")");
    if (!replace)
        return;
    buf_add_literal(sql, " ON CONFLICT (\"id\") DO UPDATE SET ");
    struct str rest = table->all_columns, column;
    bool done = false, first = true;
    while (str_next_part(&rest, ',', &done, &column)) {
        buf_add_format(sql, "%s%.*s=excluded.%.*s", first ? "" : ",", STR_ARG(column), STR_ARG(column));
        first = false;
    }
}

/* A constraint that failed, in words: only the id and `unique` fields are constrained. */
static int explain_conflict(const struct table *table, const struct value *record, struct err *err)
{
    if (!err || err->code != ERR_CONFLICT)
        return -1;
    struct str message = str_from_cstr(err->message);
    for (size_t i = 0; i < table->reg->field_count; i++) {
        const struct field *field = &table->reg->fields[i];
        char column[160];
        int length = snprintf(column, sizeof column, "%.*s.%.*s", STR_ARG(table->name),
                              STR_ARG(table->slots[table->places[i].first_slot].column));
        if (!field->unique || str_find(message, str_make(column, (size_t)length)) == SIZE_MAX)
            continue;
        struct str value = value_text_of(value_get(record, field->name));
        return err_set_field(err, ERR_CONFLICT, field->name,
                             "%.*s \"%.*s\": another record has the same %.*s \"%.*s\", which must be unique",
                             STR_ARG(table->reg->name), STR_ARG(value_get_text(record, STR("id"))),
                             STR_ARG(field->name), STR_ARG(value));
    }
    return err_set_field(err, ERR_CONFLICT, STR("id"), "%.*s \"%.*s\" comes twice", STR_ARG(table->reg->name),
                         STR_ARG(value_get_text(record, STR("id"))));
}

static int write_row(struct change_set *changes, const struct table *table, const struct value *record, int64_t seq,
                     bool replace, struct arena *scratch, struct err *err)
{
    BUF_AUTO sql;
    buf_init(&sql, (size_t)1 << 20);
    add_insert_text(&sql, table, replace);
    struct stmt *stmt;
    if (db_statement(changes->db, buf_str(&sql), &stmt, err))
        return -1;
    row_bind(table, record, seq, stmt, scratch);
    if (stmt_run(stmt, err))
        return explain_conflict(table, record, err);
    if (row_insert_links(changes->db, table, record, (struct span){seq, 0}, scratch, err))
        return -1;
    counters_add(changes, table->reg, record, 1);
    touch_record(changes, table->reg, record);
    enum visibility visibility = VISIBILITY_PUBLIC;
    visibility_from_name(value_get_text(record, STR("visibility")), &visibility);
    if (visibility != VISIBILITY_PUBLIC)
        changes->made_hidden[table->reg->position] = true;
    return 0;
}

/* Copies the present row to the past, where it ends at seq, and takes it out of links and counters. */
static int copy_to_past(struct change_set *changes, const struct table *table, const struct found *current, int64_t seq,
                        struct err *err)
{
    struct str id = value_get_text(current->record, STR("id"));
    SQL_AUTO copy;
    sql_init(&copy);
    sql_add(&copy, "INSERT INTO \"%.*s\" (%.*s%.*s,\"seq_to\") SELECT %.*s%.*s,$1 FROM \"%.*s\" WHERE \"id\"=$2",
            STR_ARG(table->past_name), STR_ARG(table->all_columns), STR_ARG(table->hidden_columns),
            STR_ARG(table->all_columns), STR_ARG(table->hidden_columns), STR_ARG(table->name));
    sql_int_arg(&copy, seq);
    sql_text_arg(&copy, id);
    struct stmt *stmt;
    if (sql_statement(&copy, changes->db, &stmt, err) || stmt_run(stmt, err))
        return -1;
    for (size_t i = 0; i < table->link_count; i++)
        if (end_link(changes, &table->links[i], id, seq, err))
            return -1;
    counters_add(changes, table->reg, current->record, -1);
    touch_record(changes, table->reg, current->record);
    return 0;
}

int row_insert(struct change_set *changes, const struct table *table, const struct value *record, int64_t seq,
               struct arena *scratch, struct err *err)
{
    return write_row(changes, table, record, seq, false, scratch, err);
}

int row_replace(struct change_set *changes, const struct table *table, const struct found *current,
                const struct value *record, int64_t seq, struct arena *scratch, struct err *err)
{
    if (copy_to_past(changes, table, current, seq, err))
        return -1;
    return write_row(changes, table, record, seq, true, scratch, err);
}

int row_end(struct change_set *changes, const struct table *table, const struct found *current, int64_t seq,
            struct err *err)
{
    SQL_AUTO removal;
    sql_init(&removal);
    sql_add(&removal, "DELETE FROM \"%.*s\" WHERE \"id\"=$1", STR_ARG(table->name));
    sql_text_arg(&removal, value_get_text(current->record, STR("id")));
    struct stmt *stmt;
    if (copy_to_past(changes, table, current, seq, err))
        return -1;
    return sql_statement(&removal, changes->db, &stmt, err) || stmt_run(stmt, err) ? -1 : 0;
}
