/* From one model to the next, in place and in one transaction.
 *
 * What a register's tables hold is compared with what the model needs. Columns are added, renamed where the model says
 * `was`, or left as they are: a field that leaves the model is hidden, never dropped, and comes back with what it held. What is
 * derived (sort keys, links, indexes, counters) is thrown away and made again wherever anything changed. What would lose
 * data is refused, and nothing has happened. */
#include "store/migrate.h"

#include "base/text.h"

#include <stdarg.h>

#define DDL_MAX ((size_t)16 << 20)
#define MIGRATION_MEMORY_MAX ((size_t)512 << 20)

int meta_get(struct db *db, struct str key, struct arena *arena, struct str *ret_value, struct err *err)
{
    struct stmt *stmt;
    if (db_statement(db, STR("SELECT \"value\" FROM \"meta\" WHERE \"key\"=$1"), &stmt, err))
        return -1;
    stmt_bind_text_or_empty(stmt, 1, key);
    int step = stmt_step(stmt, err);
    if (step < 0)
        return -1;
    *ret_value = step ? arena_copy(arena, stmt_text(stmt, 0)) : STR("");
    stmt_reset(stmt);
    return 0;
}

int meta_set(struct db *db, struct str key, struct str value, struct err *err)
{
    struct stmt *stmt;
    if (db_statement(db,
                     STR("INSERT INTO \"meta\" (\"key\",\"value\") VALUES ($1,$2) ON CONFLICT (\"key\") DO UPDATE SET "
                         "\"value\"=excluded.\"value\""),
                     &stmt, err))
        return -1;
    stmt_bind_text_or_empty(stmt, 1, key);
    stmt_bind_text_or_empty(stmt, 2, value);
    return stmt_run(stmt, err);
}

int migrate_exec(struct migration *migration, struct err *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct str sql = arena_vformat(migration->arena, format, args);
    va_end(args);
    return db_exec(migration->db, sql.ptr, err);
}

/* ---- making tables ---- */

static int run_ddl(struct db *db, struct buf *ddl, struct err *err)
{
    buf_add_byte(ddl, '\0');
    return db_exec(db, ddl->ptr, err);
}

static int create_indexes(struct migration *migration, const struct table *table, struct err *err)
{
    struct index *indexes;
    size_t count;
    table_indexes(table, migration->arena, &indexes, &count);
    for (size_t i = 0; i < count; i++)
        if (migrate_exec(migration, err, "%.*s", STR_ARG(indexes[i].sql)))
            return err_prefix(err, "register %.*s", STR_ARG(table->reg->name));
    return 0;
}

static int create_register(struct migration *migration, const struct table *table, struct err *err)
{
    BUF_AUTO ddl;
    buf_init(&ddl, DDL_MAX);
    ddl_register(table, DIALECT_SQLITE, &ddl);
    return run_ddl(migration->db, &ddl, err) || create_indexes(migration, table, err) ? -1 : 0;
}

/* ---- one register that was there before ---- */

/* Every index that was made for a register's two tables, whatever the description says: one that stayed would keep a column from
 * being dropped. */
static int drop_indexes(struct migration *migration, struct str name, struct err *err)
{
    SQL_AUTO sql;
    sql_init(&sql);
    sql_add(&sql,
            "/*sqlite*/ SELECT \"name\" FROM \"sqlite_master\" WHERE \"type\"='index' AND \"sql\" IS NOT NULL AND "
            "\"tbl_name\" IN ($1,$2)");
    sql_text_arg(&sql, arena_concat(migration->arena, 2, STR("r_"), name));
    sql_text_arg(&sql, arena_concat(migration->arena, 2, STR("p_"), name));
    struct value *names = value_list(migration->arena);
    struct stmt *stmt;
    if (sql_statement(&sql, migration->db, &stmt, err))
        return -1;
    int step;
    while ((step = stmt_step(stmt, err)) == 1)
        value_append(migration->arena, names,
                     value_text(migration->arena, arena_copy(migration->arena, stmt_text(stmt, 0))));
    for (size_t i = 0; step == 0 && i < value_count(names); i++)
        if (migrate_exec(migration, err, "DROP INDEX \"%.*s\"", STR_ARG(value_text_of(value_at(names, i)))))
            return -1;
    return step;
}

/* The column of a key as it is described: "name__ja by kana" → "name__ja". */
static struct str key_column(const struct value *described)
{
    struct str key = value_text_of(described);
    return str_slice(key, 0, str_find_byte(key, ' '));
}

static bool former_has_key(const struct value *former, struct str column)
{
    const struct value *keys = value_get(former, STR("keys"));
    for (size_t i = 0; i < value_count(keys); i++)
        if (str_eq(key_column(value_at(keys, i)), column))
            return true;
    return false;
}

static bool table_has_key(const struct table *table, struct str column)
{
    for (size_t i = 0; i < table->sort_key_count; i++)
        if (str_eq(table->sort_keys[i].column, column))
            return true;
    return false;
}

/* Columns of keys stay where the model still has them: their content is made anew in any case, and each ALTER TABLE reads the
 * whole schema again. */
static int drop_derived(struct migration *migration, const struct table *table, const struct value *former,
                        struct str name, struct err *err)
{
    const struct value *links = value_get(former, STR("links")), *keys = value_get(former, STR("keys"));
    if (drop_indexes(migration, name, err))
        return -1;
    for (size_t i = 0; i < value_count(links); i++)
        if (migrate_exec(migration, err, "DROP TABLE IF EXISTS \"%.*s\"", STR_ARG(value_text_of(value_at(links, i)))))
            return -1;
    for (size_t i = 0; i < value_count(keys); i++) {
        struct str column = key_column(value_at(keys, i));
        if (table_has_key(table, column))
            continue;
        if (migrate_exec(migration, err, "ALTER TABLE \"r_%.*s\" DROP COLUMN \"%.*s\"", STR_ARG(name),
                         STR_ARG(column)) ||
            migrate_exec(migration, err, "ALTER TABLE \"p_%.*s\" DROP COLUMN \"%.*s\"", STR_ARG(name), STR_ARG(column)))
            return -1;
    }
    return 0;
}

/* "hub-value" → "hub_value": see layout.c. */
static struct str table_part(struct migration *migration, struct str register_name)
{
    struct str copy = arena_copy(migration->arena, register_name);
    for (size_t i = 0; i < copy.len; i++)
        if (copy.ptr[i] == '-')
            ((char *)copy.ptr)[i] = '_';
    return copy;
}

static int rename_register(struct migration *migration, const struct table *table, struct str former_name,
                           struct err *err)
{
    static const char *const tables[] = {"change", "revision", "redirect", "counter", "loaded", "edition_counter"};
    struct str part = table_part(migration, former_name);
    if (migrate_exec(migration, err, "ALTER TABLE \"r_%.*s\" RENAME TO \"%.*s\"", STR_ARG(part),
                     STR_ARG(table->name)) ||
        migrate_exec(migration, err, "ALTER TABLE \"p_%.*s\" RENAME TO \"%.*s\"", STR_ARG(part),
                     STR_ARG(table->past_name)))
        return -1;
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        if (migrate_exec(migration, err, "UPDATE \"%s\" SET \"register\"='%.*s' WHERE \"register\"='%.*s'", tables[i],
                         STR_ARG(table->reg->name), STR_ARG(former_name)))
            return -1;
    return 0;
}

static int create_derived(struct migration *migration, const struct table *table, const struct value *former,
                          struct err *err)
{
    for (size_t i = 0; i < table->sort_key_count; i++) {
        struct str column = table->sort_keys[i].column;
        if (former_has_key(former, column))
            continue;
        if (migrate_exec(migration, err, "ALTER TABLE \"%.*s\" ADD COLUMN \"%.*s\" BLOB NOT NULL DEFAULT X'FF'",
                         STR_ARG(table->name), STR_ARG(column)) ||
            migrate_exec(migration, err, "ALTER TABLE \"%.*s\" ADD COLUMN \"%.*s\" BLOB NOT NULL DEFAULT X'FF'",
                         STR_ARG(table->past_name), STR_ARG(column)))
            return -1;
    }
    BUF_AUTO ddl;
    buf_init(&ddl, DDL_MAX);
    ddl_links(table, DIALECT_SQLITE, &ddl);
    if (run_ddl(migration->db, &ddl, err))
        return -1;
    return migrate_rebuild(migration, table, err) || create_indexes(migration, table, err) ? -1 : 0;
}

/* Without the mark of being hidden, which says nothing about the tables. */
static bool same_tables(const struct value *former, const struct value *now)
{
    static const char *const parts[] = {"keys", "links", "indexes"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (!value_equal(value_get(former, str_from_cstr(parts[i])), value_get(now, str_from_cstr(parts[i]))))
            return false;
    const struct value *former_fields = value_get(former, STR("fields")), *fields = value_get(now, STR("fields"));
    for (size_t i = 0; i < value_count(fields); i++) {
        const struct value_member *member = &fields->object.members[i];
        if (!value_equal(value_get(former_fields, member->key), member->value))
            return false;
    }
    for (size_t i = 0; i < value_count(former_fields); i++) {
        const struct value_member *member = &former_fields->object.members[i];
        if (!value_get(fields, member->key) && !value_get_bool(member->value, STR("hidden")))
            return false;
    }
    return true;
}

static int migrate_register(struct migration *migration, const struct table *table, struct str former_name,
                            struct value *former, bool keys_changed, struct err *err)
{
    struct str name = table->reg->name;
    const struct value *now = value_get(value_get(migration->now, STR("registers")), name);
    bool renamed = !str_eq(former_name, name);
    if (migrate_check_values(migration, table, err))
        return err_prefix(err, "register %.*s", STR_ARG(name));
    if (!renamed && !keys_changed && same_tables(former, now))
        return 0;
    struct str part = table_part(migration, former_name);
    if (drop_derived(migration, table, former, part, err) ||
        (renamed && rename_register(migration, table, former_name, err)) ||
        migrate_fields(migration, table, former, err) || create_derived(migration, table, former, err))
        return err_prefix(err, "register %.*s", STR_ARG(name));
    return 0;
}

/* Columns of hidden fields, so that a row's way into the past takes them along. */
static void carry_hidden(struct migration *migration, const struct value *former_fields, struct table *table)
{
    struct value *fields = (struct value *)value_get(
        value_get(value_get(migration->now, STR("registers")), table->reg->name), STR("fields"));
    struct str columns = STR("");
    for (size_t i = 0; i < value_count(former_fields); i++) {
        struct value_member *member = &former_fields->object.members[i];
        if (value_get(fields, member->key) || value_get_bool(member->value, STR("taken")))
            continue;
        value_set(migration->arena, member->value, STR("hidden"), value_bool(migration->arena, true));
        value_set(migration->arena, fields, member->key, member->value);
        const struct value *names = value_get(member->value, STR("columns"));
        for (size_t k = 0; k < value_count(names); k++)
            columns = arena_format(migration->arena, "%.*s,\"%.*s\"", STR_ARG(columns),
                                   STR_ARG(names->object.members[k].key));
    }
    if (columns.len == 0)
        return;
    table->hidden_columns = arena_copy(&migration->store->layout->arena, columns);
    layout_write_sql(table, &migration->store->layout->arena);
}

static int migrate_registers(struct migration *migration, bool keys_changed, struct err *err)
{
    const struct value *registers = value_get(migration->former, STR("registers"));
    struct layout *layout = migration->store->layout;
    for (size_t i = 0; i < layout->model->register_count; i++) {
        struct table *table = &layout->tables[i];
        struct str former_name = table->reg->name;
        struct value *former = (struct value *)value_get(registers, former_name);
        if (!former && table->reg->was.len) {
            former_name = table->reg->was;
            former = (struct value *)value_get(registers, former_name);
        }
        if (!former) {
            if (create_register(migration, table, err))
                return -1;
            continue;
        }
        if (migrate_register(migration, table, former_name, former, keys_changed, err))
            return -1;
        carry_hidden(migration, value_get(former, STR("fields")), table);
        value_set(migration->arena, former, STR("taken"), value_bool(migration->arena, true));
    }
    return 0;
}

/* Registers that have left the model keep their tables. */
static void keep_hidden_registers(struct migration *migration)
{
    const struct value *former = value_get(migration->former, STR("registers"));
    struct value *now = (struct value *)value_get(migration->now, STR("registers"));
    for (size_t i = 0; i < value_count(former); i++) {
        struct value_member *member = &former->object.members[i];
        if (value_get_bool(member->value, STR("taken")))
            continue;
        value_set(migration->arena, member->value, STR("hidden"), value_bool(migration->arena, true));
        value_set(migration->arena, now, member->key, member->value);
    }
}

/* ---- the whole ---- */

static int remember_model(struct migration *migration, struct err *err)
{
    BUF_AUTO json;
    buf_init(&json, DDL_MAX);
    value_write_canonical_json(&json, migration->now);
    int64_t last_seq;
    if (meta_set(migration->db, STR("layout"), buf_str(&json), err) ||
        db_query_int(migration->db, STR("SELECT max(\"seq\") FROM \"revision\""), &last_seq, err))
        return -1;
    struct stmt *stmt;
    if (db_statement(migration->db,
                     STR("INSERT INTO \"model_version\" (\"no\",\"seq\",\"at_ms\",\"model\") SELECT "
                         "coalesce(max(\"no\"),0)+1,$1,$2,$3 FROM \"model_version\""),
                     &stmt, err))
        return -1;
    stmt_bind_int(stmt, 1, last_seq + 1);
    stmt_bind_int(stmt, 2, time_now_ms());
    stmt_bind_text_or_empty(stmt, 3, migration->store->model->canonical_json);
    return stmt_run(stmt, err);
}

static int create_all(struct migration *migration, struct err *err)
{
    BUF_AUTO ddl;
    buf_init(&ddl, DDL_MAX);
    ddl_system(DIALECT_SQLITE, &ddl);
    if (run_ddl(migration->db, &ddl, err))
        return -1;
    for (size_t i = 0; i < migration->store->model->register_count; i++)
        if (create_register(migration, &migration->store->layout->tables[i], err))
            return -1;
    return remember_model(migration, err);
}

/* The model the store had last, or empty. */
static int last_model(struct migration *migration, struct str *ret_model, struct err *err)
{
    struct stmt *stmt;
    if (db_statement(migration->db, STR("SELECT \"model\" FROM \"model_version\" ORDER BY \"no\" DESC LIMIT 1"), &stmt,
                     err))
        return -1;
    int step = stmt_step(stmt, err);
    if (step < 0)
        return -1;
    *ret_model = step ? arena_copy(migration->arena, stmt_text(stmt, 0)) : STR("");
    stmt_reset(stmt);
    return 0;
}

static int migrate_all(struct migration *migration, struct err *err)
{
    struct str layout, model;
    if (migrate_system(migration, err) || meta_get(migration->db, STR("layout"), migration->arena, &layout, err) ||
        last_model(migration, &model, err) || json_read(migration->arena, layout, NULL, &migration->former, err))
        return -1;
    bool keys_changed =
        !str_eq(value_get_text(migration->former, STR("sort_keys")), value_get_text(migration->now, STR("sort_keys")));
    struct change_set changes;
    struct write_request request = {.kind = STR("migration")};
    if (change_set_begin(migration->store, &request, 1, &changes, err))
        return -1;
    migration->changes = &changes;
    int result = migrate_registers(migration, keys_changed, err) || references_check(&changes, err) ||
                         counters_write(&changes, err)
                     ? -1
                     : 0;
    migration->changes = NULL;
    change_set_free(&changes);
    if (result)
        return -1;
    keep_hidden_registers(migration);
    /* The same model may lie differently: a later version of this program may want another index. */
    BUF_AUTO json;
    buf_init(&json, DDL_MAX);
    value_write_canonical_json(&json, migration->now);
    bool same = str_eq(model, migration->store->model->canonical_json) && str_eq(layout, buf_str(&json));
    return same ? 0 : remember_model(migration, err);
}

static int migrate_inside(struct migration *migration, struct err *err)
{
    int64_t tables;
    if (db_query_int(migration->db, STR("/*sqlite*/ SELECT count(*) FROM \"sqlite_master\" WHERE \"name\"='meta'"),
                     &tables, err))
        return -1;
    migration->now = describe_layout(migration->store->layout, migration->arena);
    return tables == 0 ? create_all(migration, err) : migrate_all(migration, err);
}

int migrate(struct store *store, struct err *err)
{
    ARENA_AUTO arena;
    arena_init(&arena, MIGRATION_MEMORY_MAX);
    struct migration migration = {.store = store, .db = store->db, .arena = &arena};
    if (db_exec(store->db, "BEGIN IMMEDIATE", err))
        return -1;
    if (migrate_inside(&migration, err)) {
        db_exec(store->db, "ROLLBACK", NULL);
        return -1;
    }
    return db_exec(store->db, "COMMIT", err);
}
