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

/* The keys that past entries of lists carry say what the record was called. */
static int clear_link_keys(struct change_set *changes, const struct table *table, struct str id,
                           const struct field **fields, size_t field_count, struct err *err)
{
    bool shown = false;
    for (size_t i = 0; i < table->sort_key_count; i++)
        shown |= table->sort_keys[i].field == table->reg->sort && key_shows(&table->sort_keys[i], fields, field_count);
    for (size_t i = 0; shown && i < table->link_count; i++) {
        if (!table->links[i].keyed)
            continue;
        SQL_AUTO sql;
        sql_init(&sql);
        int none_arg = sql_blob_arg(&sql, STR(SORT_KEY_NONE)), id_arg = sql_text_arg(&sql, id);
        sql_add(&sql, "UPDATE \"%.*s\" SET \"key_ja\"=$%d,\"key_en\"=$%d WHERE \"id\"=$%d",
                STR_ARG(table->links[i].past_table), none_arg, none_arg, id_arg);
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

/* The ids that a rename to this id came from. Every revision is looked at, for redactions are rare. */
static int add_former_ids(struct change_set *changes, const struct reg *reg, struct str id, struct value *ids,
                          struct err *err)
{
    struct arena *arena = &changes->arena;
    struct stmt *stmt;
    if (db_statement(changes->db,
                     STR("SELECT \"other_id\" FROM \"revision\" WHERE \"register\"=$1 AND \"id\"=$2 AND \"kind\"=$3"),
                     &stmt, err))
        return -1;
    stmt_bind_text(stmt, 1, reg->name);
    stmt_bind_text(stmt, 2, id);
    stmt_bind_int(stmt, 3, CHANGE_RENAME);
    int step;
    while ((step = stmt_step(stmt, err)) == 1)
        value_append(arena, ids, value_text(arena, arena_copy(arena, stmt_text(stmt, 0))));
    return step;
}

/* The id itself and every id that the record had before it was renamed. */
static int ids_of(struct change_set *changes, const struct reg *reg, struct str id, struct value **ret_ids,
                  struct err *err)
{
    struct value *ids = value_list(&changes->arena);
    value_append(&changes->arena, ids, value_text(&changes->arena, id));
    for (size_t i = 0; i < value_count(ids); i++)
        if (add_former_ids(changes, reg, value_text_of(value_at(ids, i)), ids, err))
            return -1;
    *ret_ids = ids;
    return 0;
}

/* Takes the fields out of everything that is kept of one id besides its present row. */
static int clear_id(struct change_set *changes, const struct table *table, struct str id, const struct field **fields,
                    size_t field_count, struct str marks, struct err *err)
{
    if (clear_columns(changes, table, table->past_name, id, fields, field_count, marks, err) ||
        clear_link_keys(changes, table, id, fields, field_count, err) || clear_proposals(changes, table->reg, id, err))
        return -1;
    for (size_t f = 0; f < field_count; f++)
        if (clear_links(changes, table, id, fields[f], err) ||
            (fields[f]->facet && editions_forget_counts(changes, table->reg, fields[f], err)))
            return -1;
    return 0;
}

static int clear_past(struct change_set *changes, const struct table *table, struct str id, const struct field **fields,
                      size_t field_count, const struct value *marks, struct err *err)
{
    BUF_AUTO json;
    buf_init(&json, 64u << 10);
    value_write_json(&json, marks);
    struct value *ids;
    if (ids_of(changes, table->reg, id, &ids, err))
        return -1;
    for (size_t i = 0; i < value_count(ids); i++) {
        /* What was made of the record under an id that it once had must go too. */
        struct value *former = value_object(&changes->arena);
        value_set(&changes->arena, former, STR("id"), (struct value *)value_at(ids, i));
        touch_record(changes, table->reg, former);
        if (clear_id(changes, table, record_id(former), fields, field_count, buf_str(&json), err))
            return -1;
    }
    changes->outcome.updated++;
    return 0;
}

static int redact_present(struct change_set *changes, const struct table *table, const struct found *current,
                          const struct field **fields, size_t field_count, struct err *err)
{
    struct arena *arena = &changes->arena;
    struct str id = record_id(current->record);
    struct value *record = value_copy(arena, current->record);
    for (size_t f = 0; f < field_count; f++)
        value_set(arena, record, fields[f]->name, NULL);
    struct value *marks = marks_of(current, fields, field_count, arena);
    value_set(arena, record, STR("redacted"), marks);
    int64_t seq;
    if (change_set_revision(changes, table->reg, id, CHANGE_REDACT, STR(""), &seq, err) ||
        row_replace(changes, table, current, record, seq, arena, err))
        return -1;
    return clear_past(changes, table, id, fields, field_count, marks, err);
}

/* The newest row of a record that was deleted or merged away. */
static int last_row(struct change_set *changes, const struct table *table, struct str id, struct found *ret_found,
                    struct err *err)
{
    static const struct viewer everything = {.sees = VISIBILITY_SECRETARIAT};
    SQL_AUTO sql;
    sql_init(&sql);
    sql_add(&sql, "SELECT %.*s FROM \"%.*s\" WHERE \"id\"=$1 ORDER BY \"seq_to\" DESC LIMIT 1",
            STR_ARG(table->read_columns), STR_ARG(table->past_name));
    sql_text_arg(&sql, id);
    struct stmt *stmt;
    if (sql_statement(&sql, changes->db, &stmt, err))
        return -1;
    int step = stmt_step(stmt, err);
    if (step < 0)
        return -1;
    if (step == 0)
        return err_set(err, ERR_NOT_FOUND, "there is and was no %.*s \"%.*s\"", STR_ARG(table->reg->name),
                       STR_ARG(str_slice(id, 0, 100)));
    int result = row_read(table, stmt, 0, &everything, &changes->arena, ret_found, err);
    stmt_reset(stmt);
    return result;
}

/* A record that is gone is still in the past. Its revision makes no row and ends none. */
static int redact_gone(struct change_set *changes, const struct table *table, struct str id,
                       const struct field **fields, size_t field_count, struct err *err)
{
    struct found last;
    int64_t seq;
    if (last_row(changes, table, id, &last, err) ||
        change_set_revision(changes, table->reg, id, CHANGE_REDACT, STR(""), &seq, err))
        return -1;
    touch_record(changes, table->reg, last.record);
    return clear_past(changes, table, id, fields, field_count, marks_of(&last, fields, field_count, &changes->arena),
                      err);
}

/* What a record was called next; empty when it was not renamed. */
static int renamed_to(struct change_set *changes, const struct reg *reg, struct str id, struct str *ret_to,
                      struct err *err)
{
    struct stmt *stmt;
    if (db_statement(changes->db,
                     STR("SELECT \"id\" FROM \"revision\" WHERE \"register\"=$1 AND \"other_id\"=$2 AND \"kind\"=$3"),
                     &stmt, err))
        return -1;
    stmt_bind_text(stmt, 1, reg->name);
    stmt_bind_text_or_empty(stmt, 2, id);
    stmt_bind_int(stmt, 3, CHANGE_RENAME);
    int step = stmt_step(stmt, err);
    if (step < 0)
        return -1;
    *ret_to = step ? arena_copy(&changes->arena, stmt_text(stmt, 0)) : STR("");
    stmt_reset(stmt);
    return 0;
}

int change_redact(struct change_set *changes, const struct reg *reg, struct str id, const struct field **fields,
                  size_t field_count, struct err *err)
{
    const struct field **personal = ARENA_NEW_ARRAY(&changes->arena, reg->field_count, const struct field *);
    atomic_store(&changes->store->log_holds_redacted, true);
    if (field_count == 0) {
        for (size_t i = 0; i < reg->field_count; i++)
            if (reg->fields[i].personal)
                personal[field_count++] = &reg->fields[i];
        fields = personal;
    }
    if (field_count == 0)
        return err_set(err, ERR_INVALID, "%.*s has no personal fields; name the fields to redact", STR_ARG(reg->name));
    const struct table *table = layout_table(changes->store->layout, reg);
    struct found current;
    struct str moved_to;
    bool exists;
    if (row_current(changes->db, table, id, &changes->arena, &exists, &current, err))
        return -1;
    if (!exists) {
        if (renamed_to(changes, reg, id, &moved_to, err))
            return -1;
        if (moved_to.len)
            return change_redact(changes, reg, moved_to, fields, field_count, err);
        return redact_gone(changes, table, id, fields, field_count, err);
    }
    if (current.seq >= changes->first_seq)
        return err_set_field(err, ERR_CONFLICT, STR("id"), "%.*s \"%.*s\" comes twice", STR_ARG(reg->name),
                             STR_ARG(id));
    return redact_present(changes, table, &current, fields, field_count, err);
}
