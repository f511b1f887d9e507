#include "store/internal.h"

#include "base/text.h"

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

#define DDL_MAX ((size_t)16 << 20)

static int create_register(struct store *store, const struct table *table, struct err *err)
{
    BUF_AUTO ddl;
    buf_init(&ddl, DDL_MAX);
    ddl_register(table, DIALECT_SQLITE, &ddl);
    ARENA_AUTO arena;
    arena_init(&arena, DDL_MAX);
    struct index *indexes;
    size_t count;
    table_indexes(table, &arena, &indexes, &count);
    for (size_t i = 0; i < count; i++)
        buf_add_format(&ddl, "%.*s;\n", STR_ARG(indexes[i].sql));
    buf_add_byte(&ddl, '\0');
    return db_exec(store->db, ddl.ptr, err);
}

static int remember_model(struct store *store, struct err *err)
{
    struct stmt *stmt;
    if (db_statement(store->db,
                     STR("INSERT INTO \"model_version\" (\"no\",\"seq\",\"at_ms\",\"model\") SELECT "
                         "coalesce(max(\"no\"),0)+1,$1,$2,$3 FROM \"model_version\""),
                     &stmt, err))
        return -1;
    int64_t last_seq;
    if (db_query_int(store->db, STR("SELECT max(\"seq\") FROM \"revision\""), &last_seq, err))
        return -1;
    stmt_bind_int(stmt, 1, last_seq + 1);
    stmt_bind_int(stmt, 2, time_now_ms());
    stmt_bind_text_or_empty(stmt, 3, store->model->canonical_json);
    return stmt_run(stmt, err);
}

static int create_all(struct store *store, struct err *err)
{
    BUF_AUTO ddl;
    buf_init(&ddl, DDL_MAX);
    ddl_system(DIALECT_SQLITE, &ddl);
    buf_add_byte(&ddl, '\0');
    if (db_exec(store->db, ddl.ptr, err))
        return -1;
    for (size_t i = 0; i < store->model->register_count; i++)
        if (create_register(store, &store->layout->tables[i], err))
            return -1;
    return remember_model(store, err);
}

static int migrate_inside(struct store *store, struct err *err)
{
    int64_t tables;
    if (db_query_int(store->db, STR("SELECT count(*) FROM \"sqlite_master\" WHERE \"name\"='meta'"), &tables, err))
        return -1;
    if (tables == 0)
        return create_all(store, err);
    return 0;
}

int migrate(struct store *store, struct err *err)
{
    if (db_exec(store->db, "BEGIN IMMEDIATE", err))
        return -1;
    if (migrate_inside(store, err)) {
        db_exec(store->db, "ROLLBACK", NULL);
        return -1;
    }
    return db_exec(store->db, "COMMIT", err);
}
