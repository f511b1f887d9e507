/* Redaction: personal data leaves the present and all of the past for good. What remains is a revision that says so, and
 * the names of the fields under "redacted". Seqs do not move, so editions keep their numbers. */
#include "store/internal.h"
#include "store/row.h"

#include "model/record.h"

#include <string.h>

/* Whether a sort key was made from one of the fields. */
static bool key_shows(const struct sort_key *key, const struct field **fields, size_t field_count)
{
    for (size_t f = 0; f < field_count; f++)
        if (key->field == fields[f] || key->field->reading == fields[f])
            return true;
    return false;
}

/* The fields' columns set to NULL, sort keys to "nothing", in one of the register's two tables. */
static int clear_columns(struct change_set *changes, const struct table *table, struct str name, struct str id,
                         const struct field **fields, size_t field_count, struct str marks, struct err *err)
{
    SQL_AUTO sql;
    sql_init(&sql);
    int marks_arg = sql_text_arg(&sql, marks);
    int none_arg = 0;
    int id_arg = sql_text_arg(&sql, id);
    sql_add(&sql, "UPDATE \"%.*s\" SET \"redacted\"=$%d", STR_ARG(name), marks_arg);
    for (size_t f = 0; f < field_count; f++) {
        const struct field_place *place = &table->places[fields[f]->position];
        for (size_t i = 0; i < place->slot_count; i++)
            sql_add(&sql, ",\"%.*s\"=NULL", STR_ARG(table->slots[place->first_slot + i].column));
    }
    for (size_t i = 0; i < table->sort_key_count; i++) {
        if (!key_shows(&table->sort_keys[i], fields, field_count))
            continue;
        if (!none_arg)
            none_arg = sql_blob_arg(&sql, STR(SORT_KEY_NONE));
        sql_add(&sql, ",\"%.*s\"=$%d", STR_ARG(table->sort_keys[i].column), none_arg);
    }
    sql_add(&sql, " WHERE \"id\"=$%d", id_arg);
    struct stmt *stmt;
    return sql_statement(&sql, changes->db, &stmt, err) || stmt_run(stmt, err) ? -1 : 0;
}

static int clear_links(struct change_set *changes, const struct table *table, struct str id, const struct field *field,
                       struct err *err)
{
    const struct link *link = table->places[field->position].link;
    if (!link)
        return 0;
    struct str names[] = {link->table, link->past_table};
    for (int i = 0; i < 2; i++) {
        SQL_AUTO sql;
        sql_init(&sql);
        sql_add(&sql, "DELETE FROM \"%.*s\" WHERE \"id\"=$1", STR_ARG(names[i]));
        sql_text_arg(&sql, id);
        struct stmt *stmt;
        if (sql_statement(&sql, changes->db, &stmt, err) || stmt_run(stmt, err))
            return -1;
    }
    return 0;
}

/* Proposals about this record lose their content too: it may say what was redacted. */
static int clear_proposals(struct change_set *changes, const struct reg *reg, struct str id, struct err *err)
{
    struct stmt *stmt;
    if (db_statement(changes->db, STR("UPDATE \"change\" SET \"record\"=NULL WHERE \"register\"=$1 AND \"id\"=$2"),
                     &stmt, err))
        return -1;
    stmt_bind_text(stmt, 1, reg->name);
    stmt_bind_text(stmt, 2, id);
    return stmt_run(stmt, err);
}

/* Names already redacted and the new ones, as a JSON list. */
static struct value *marks_of(const struct found *current, const struct field **fields, size_t field_count,
                              struct arena *arena)
{
    const struct value *before = value_get(current->record, STR("redacted"));
    struct value *marks = before ? value_copy(arena, before) : value_list(arena);
    for (size_t f = 0; f < field_count; f++) {
        bool there = false;
        for (size_t i = 0; i < value_count(marks); i++)
            there |= str_eq(value_text_of(value_at(marks, i)), fields[f]->name);
        if (!there)
            value_append(arena, marks, value_text(arena, fields[f]->name));
    }
    return marks;
}

static int redact_rows(struct change_set *changes, const struct table *table, const struct found *current,
                       const struct field **fields, size_t field_count, struct err *err)
{
    struct arena *arena = &changes->arena;
    struct str id = record_id(current->record);
    struct value *record = value_copy(arena, current->record);
    for (size_t f = 0; f < field_count; f++)
        value_set(arena, record, fields[f]->name, NULL);
    struct value *marks = marks_of(current, fields, field_count, arena);
    value_set(arena, record, STR("redacted"), marks);
    BUF_AUTO json;
    buf_init(&json, 64u << 10);
    value_write_json(&json, marks);
    int64_t seq;
    if (change_set_revision(changes, table->reg, id, CHANGE_REDACT, STR(""), &seq, err) ||
        row_replace(changes, table, current, record, seq, arena, err) ||
        clear_columns(changes, table, table->past_name, id, fields, field_count, buf_str(&json), err) ||
        clear_proposals(changes, table->reg, id, err))
        return -1;
    for (size_t f = 0; f < field_count; f++)
        if (clear_links(changes, table, id, fields[f], err))
            return -1;
    changes->outcome.updated++;
    return 0;
}

int change_redact(struct change_set *changes, const struct reg *reg, struct str id, const struct field **fields,
                  size_t field_count, struct err *err)
{
    const struct field **personal = ARENA_NEW_ARRAY(&changes->arena, reg->field_count, const struct field *);
    if (field_count == 0) {
        for (size_t i = 0; i < reg->field_count; i++)
            if (reg->fields[i].personal)
                personal[field_count++] = &reg->fields[i];
        fields = personal;
    }
    if (field_count == 0)
        return err_set(err, ERR_INVALID, "%.*s has no personal fields; name the fields to redact", STR_ARG(reg->name));
    struct found current;
    if (change_current(changes, reg, id, &changes->arena, &current, err))
        return -1;
    if (current.seq >= changes->first_seq)
        return err_set_field(err, ERR_CONFLICT, STR("id"), "%.*s \"%.*s\" comes twice", STR_ARG(reg->name),
                             STR_ARG(id));
    return redact_rows(changes, layout_table(changes->store->layout, reg), &current, fields, field_count, err);
}
