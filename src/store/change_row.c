/* One record's rows: the present one, what it leaves in the past, and its link tables. */
#include "store/internal.h"
#include "store/row.h"

#include "base/text.h"

#include <stdio.h>

static const struct viewer everything = {.sees = VISIBILITY_SECRETARIAT};

int row_current(struct db *db, const struct table *table, struct str id, struct arena *arena, bool *ret_exists,
                struct found *ret_found, struct err *err)
{
    struct stmt *stmt;
    if (db_kept_statement(db, table->sql.current, &stmt, err))
        return -1;
    stmt_bind_text_or_empty(stmt, 1, id);
    int step = stmt_step(stmt, err);
    if (step < 0)
        return -1;
    int result = step ? row_read(table, stmt, 0, &everything, arena, ret_found, err) : 0;
    stmt_reset(stmt);
    *ret_exists = step == 1;
    return result;
}

/* ---- links ---- */

const struct value *link_list(const struct link *link, const struct value *record)
{
    return value_get(record, link->field ? link->field->name : STR("sources"));
}

struct str link_entry(const struct link *link, const struct value *entry)
{
    if (!link->field)
        return value_get_text(entry, STR("source"));
    return entry->kind == VALUE_OBJECT ? value_get_text(entry, STR("id")) : value_text_of(entry);
}

bool link_came_before(const struct link *link, const struct value *list, size_t index, struct str value)
{
    for (size_t i = 0; i < index; i++)
        if (str_eq(link_entry(link, value_at(list, i)), value))
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

static int insert_link(struct db *db, const struct table *table, const struct link *link, const struct value *record,
                       struct span span, struct arena *scratch, struct err *err)
{
    const struct value *list = link_list(link, record);
    if (value_count(list) == 0)
        return 0;
    struct stmt *stmt;
    if (db_kept_statement(db, span.to ? link->sql.insert_past : link->sql.insert, &stmt, err))
        return -1;
    for (size_t i = 0; i < value_count(list); i++) {
        struct str value = link_entry(link, value_at(list, i));
        if (value.len == 0 || link_came_before(link, list, i, value))
            continue;
        stmt_bind_text(stmt, 1, value);
        stmt_bind_text(stmt, 2, value_get_text(record, STR("id")));
        stmt_bind_int(stmt, 3, span.from);
        if (span.to)
            stmt_bind_int(stmt, 4, span.to);
        if (link->keyed)
            bind_link_keys(table, record, stmt, span.to ? 5 : 4, scratch);
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

/* Whether a record can have entries in that link table. */
static bool has_list(const struct link *link, const struct value *record)
{
    return value_count(link_list(link, record)) > 0;
}

static int run_for_id(struct db *db, struct str sql, const int64_t *seq, struct str id, struct err *err)
{
    struct stmt *stmt;
    if (db_kept_statement(db, sql, &stmt, err))
        return -1;
    if (seq)
        stmt_bind_int(stmt, 1, *seq);
    stmt_bind_text_or_empty(stmt, seq ? 2 : 1, id);
    return stmt_run(stmt, err);
}

/* What one list held goes to the past's link table, where it ends at seq. */
static int end_link(struct change_set *changes, const struct link *link, const struct value *record, int64_t seq,
                    struct err *err)
{
    if (!has_list(link, record))
        return 0;
    struct str id = value_get_text(record, STR("id"));
    return run_for_id(changes->db, link->sql.copy, &seq, id, err) ||
                   run_for_id(changes->db, link->sql.remove, NULL, id, err)
               ? -1
               : 0;
}

/* The same for a record that goes on: a list that stays, in the same order of the register, stays where it is. */
static int replace_link(struct change_set *changes, const struct table *table, const struct link *link,
                        const struct value *before, const struct value *after, bool keys_changed, int64_t seq,
                        struct arena *scratch, struct err *err)
{
    const struct value *list = link_list(link, before), *new_list = link_list(link, after);
    bool same = list && new_list && value_equal(list, new_list) && !(link->keyed && keys_changed);
    if (!same)
        return end_link(changes, link, before, seq, err) ||
                       insert_link(changes->db, table, link, after, (struct span){seq, 0}, scratch, err)
                   ? -1
                   : 0;
    if (!has_list(link, after))
        return 0;
    struct str id = value_get_text(after, STR("id"));
    return run_for_id(changes->db, link->sql.copy, &seq, id, err) ||
                   run_for_id(changes->db, link->sql.stay, &seq, id, err)
               ? -1
               : 0;
}

/* ---- rows ---- */

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

/* What the register keeps beside the rows: what counts it, what was touched, whether something is hidden. */
static void note_present(struct change_set *changes, const struct table *table, const struct value *record)
{
    counters_add(changes, table->reg, record, 1);
    touch_record(changes, table->reg, record);
    enum visibility visibility = VISIBILITY_PUBLIC;
    visibility_from_name(value_get_text(record, STR("visibility")), &visibility);
    if (visibility != VISIBILITY_PUBLIC)
        changes->made_hidden[table->reg->position] = true;
}

/* Copies the present row to the past, where it ends at seq, and takes it out of the counters. */
static int copy_to_past(struct change_set *changes, const struct table *table, const struct found *current, int64_t seq,
                        struct err *err)
{
    struct str id = value_get_text(current->record, STR("id"));
    if (run_for_id(changes->db, table->sql.copy, &seq, id, err))
        return -1;
    counters_add(changes, table->reg, current->record, -1);
    touch_record(changes, table->reg, current->record);
    return 0;
}

int row_insert(struct change_set *changes, const struct table *table, const struct value *record, int64_t seq,
               struct arena *scratch, struct err *err)
{
    struct stmt *stmt;
    if (db_kept_statement(changes->db, table->sql.insert, &stmt, err))
        return -1;
    row_bind(table, record, seq, stmt, scratch);
    if (stmt_run(stmt, err))
        return explain_conflict(table, record, err);
    if (row_insert_links(changes->db, table, record, (struct span){seq, 0}, scratch, err))
        return -1;
    note_present(changes, table, record);
    return 0;
}

/* Only the columns that change are set: what stays needs no new entry in an index. */
static int update_row(struct change_set *changes, const struct table *table, const struct value *record, int64_t seq,
                      const bool *changed, struct arena *scratch, struct err *err)
{
    SQL_AUTO sql;
    sql_init(&sql);
    sql_add(&sql, "UPDATE \"%.*s\" SET ", STR_ARG(table->name));
    int parameter = 1;
    for (size_t i = 0; i < table->all_count; i++) {
        struct str column = row_column(table, i);
        if (changed[i]) {
            sql_add(&sql, "%s\"%.*s\"=$%d", parameter > 1 ? "," : "", STR_ARG(column), parameter);
            parameter++;
        }
    }
    sql_add(&sql, " WHERE \"id\"=$%d", parameter);
    struct stmt *stmt;
    if (db_statement(changes->db, buf_str(&sql.text), &stmt, err))
        return -1;
    parameter = row_bind_chosen(table, record, seq, changed, stmt, scratch);
    stmt_bind_text_or_empty(stmt, parameter, value_get_text(record, STR("id")));
    return stmt_run(stmt, err) ? explain_conflict(table, record, err) : 0;
}

static bool default_keys_changed(const struct table *table, const bool *changed)
{
    for (size_t i = 0; i < table->sort_key_count; i++)
        if (table->sort_keys[i].field == table->reg->sort && changed[table->read_count + i])
            return true;
    return false;
}

int row_replace(struct change_set *changes, const struct table *table, const struct found *current,
                const struct value *record, int64_t seq, struct arena *scratch, struct err *err)
{
    const bool *changed = row_changed_columns(table, current->record, record, scratch);
    if (copy_to_past(changes, table, current, seq, err) ||
        update_row(changes, table, record, seq, changed, scratch, err))
        return -1;
    bool keys_changed = default_keys_changed(table, changed);
    for (size_t i = 0; i < table->link_count; i++)
        if (replace_link(changes, table, &table->links[i], current->record, record, keys_changed, seq, scratch, err))
            return -1;
    note_present(changes, table, record);
    return 0;
}

int row_end(struct change_set *changes, const struct table *table, const struct found *current, int64_t seq,
            struct err *err)
{
    if (copy_to_past(changes, table, current, seq, err))
        return -1;
    for (size_t i = 0; i < table->link_count; i++)
        if (end_link(changes, &table->links[i], current->record, seq, err))
            return -1;
    return run_for_id(changes->db, table->sql.remove, NULL, value_get_text(current->record, STR("id")), err);
}
