/* What is derived from rows: sort keys, links, counters; and the last look at values when a field's kind changed. */
#include "store/migrate.h"
#include "store/row.h"

#include "base/text.h"
#include "model/record.h"

#include <string.h>

#define ROWS_AT_ONCE 500
#define ROWS_MEMORY_MAX ((size_t)256 << 20)

static const struct viewer everything = {.sees = VISIBILITY_SECRETARIAT};

struct rebuild {
    struct migration *migration;
    const struct table *table;
    bool past;
    struct arena arena;
    struct found rows[ROWS_AT_ONCE];
    int64_t seq_to[ROWS_AT_ONCE];
    size_t count;
};

static struct str rebuild_table(const struct rebuild *rebuild)
{
    return rebuild->past ? rebuild->table->past_name : rebuild->table->name;
}

static int read_rows(struct rebuild *rebuild, struct str after_id, int64_t after_seq, struct err *err)
{
    SQL_AUTO sql;
    sql_init(&sql);
    int id = sql_text_arg(&sql, after_id), seq = sql_int_arg(&sql, after_seq), limit = sql_int_arg(&sql, ROWS_AT_ONCE);
    sql_add(&sql,
            "SELECT %.*s%s FROM \"%.*s\" WHERE (\"id\",\"seq_from\")>($%d,$%d) ORDER BY \"id\",\"seq_from\" LIMIT $%d",
            STR_ARG(rebuild->table->read_columns), rebuild->past ? ",\"seq_to\"" : ",0",
            STR_ARG(rebuild_table(rebuild)), id, seq, limit);
    struct stmt *stmt;
    if (sql_statement(&sql, rebuild->migration->db, &stmt, err))
        return -1;
    rebuild->count = 0;
    int step;
    while ((step = stmt_step(stmt, err)) == 1) {
        rebuild->seq_to[rebuild->count] = stmt_int(stmt, (int)rebuild->table->read_count);
        if (row_read(rebuild->table, stmt, 0, &everything, &rebuild->arena, &rebuild->rows[rebuild->count], err)) {
            stmt_reset(stmt);
            return -1;
        }
        rebuild->count++;
    }
    return step;
}

static int update_keys(struct rebuild *rebuild, const struct found *row, struct err *err)
{
    const struct table *table = rebuild->table;
    if (table->sort_key_count == 0)
        return 0;
    SQL_AUTO sql;
    sql_init(&sql);
    sql_add(&sql, "UPDATE \"%.*s\" SET ", STR_ARG(rebuild_table(rebuild)));
    for (size_t i = 0; i < table->sort_key_count; i++) {
        unsigned char *key = arena_alloc(&rebuild->arena, TEXT_SORT_KEY_MAX);
        size_t length = row_sort_key(&table->sort_keys[i], row->record, key);
        int arg = sql_blob_arg(&sql, str_make((const char *)key, length));
        sql_add(&sql, "%s\"%.*s\"=$%d", i ? "," : "", STR_ARG(table->sort_keys[i].column), arg);
    }
    int id = sql_text_arg(&sql, record_id(row->record)), seq = sql_int_arg(&sql, row->seq);
    sql_add(&sql, " WHERE \"id\"=$%d AND \"seq_from\"=$%d", id, seq);
    struct stmt *stmt;
    return sql_statement(&sql, rebuild->migration->db, &stmt, err) || stmt_run(stmt, err) ? -1 : 0;
}

/* Codes and references of the present must be ones: a text field may have become either. */
static int check_present(struct rebuild *rebuild, struct found *row, struct err *err)
{
    const struct reg *reg = rebuild->table->reg;
    for (size_t i = 0; i < reg->field_count; i++) {
        const struct field *field = &reg->fields[i];
        const struct value *value = field->vocabulary ? value_get(row->record, field->name) : NULL;
        size_t count = value && value->kind == VALUE_LIST ? value_count(value) : 1;
        for (size_t k = 0; value && k < count; k++) {
            struct str code = value_text_of(value->kind == VALUE_LIST ? value_at(value, k) : value);
            if (code.len && !vocabulary_term(field->vocabulary, code))
                return err_set_field(
                    err, ERR_CONFLICT, field->name,
                    "\"%.*s\" has \"%.*s\" in %.*s, which the vocabulary %.*s does not have: keep it there and "
                    "mark it \"retired\": true",
                    STR_ARG(record_id(row->record)), STR_ARG(code), STR_ARG(field->name),
                    STR_ARG(field->vocabulary->name));
        }
    }
    return references_note(rebuild->migration->changes, reg, row->record, err);
}

static int rebuild_row(struct rebuild *rebuild, size_t index, struct err *err)
{
    struct found *row = &rebuild->rows[index];
    struct span span = {row->seq, rebuild->seq_to[index]};
    if (update_keys(rebuild, row, err) ||
        row_insert_links(rebuild->migration->db, rebuild->table, row->record, span, &rebuild->arena, err))
        return -1;
    if (rebuild->past)
        return 0;
    counters_add(rebuild->migration->changes, rebuild->table->reg, row->record, 1);
    return check_present(rebuild, row, err);
}

static int rebuild_rows(struct migration *migration, const struct table *table, bool past, struct err *err)
{
    struct rebuild *rebuild = ARENA_NEW(migration->arena, struct rebuild);
    *rebuild = (struct rebuild){.migration = migration, .table = table, .past = past};
    arena_init(&rebuild->arena, ROWS_MEMORY_MAX);
    struct str after_id = STR("");
    int64_t after_seq = 0;
    char id_text[ID_MAX + 1];
    int result = 0;
    do {
        result = read_rows(rebuild, after_id, after_seq, err);
        for (size_t i = 0; result == 0 && i < rebuild->count; i++)
            result = rebuild_row(rebuild, i, err);
        if (result || rebuild->count == 0)
            break;
        const struct found *last = &rebuild->rows[rebuild->count - 1];
        struct str id = record_id(last->record);
        memcpy(id_text, id.ptr, id.len);
        after_id = str_make(id_text, id.len);
        after_seq = last->seq;
        arena_reset(&rebuild->arena);
    } while (rebuild->count == ROWS_AT_ONCE);
    arena_free(&rebuild->arena);
    return result;
}

int migrate_rebuild(struct migration *migration, const struct table *table, struct err *err)
{
    if (migrate_exec(migration, err, "DELETE FROM \"counter\" WHERE \"register\"='%.*s'", STR_ARG(table->reg->name)))
        return -1;
    return rebuild_rows(migration, table, false, err) || rebuild_rows(migration, table, true, err) ? -1 : 0;
}
