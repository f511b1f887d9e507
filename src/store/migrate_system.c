/* The store's own tables of an older program: what is not there yet is made, columns that came later are added. None is ever
 * taken away, and what is added may be absent. */
#include "store/migrate.h"

static int table_is_there(struct migration *migration, const char *name, bool *ret_there, struct err *err)
{
    struct stmt *stmt;
    if (db_statement(migration->db,
                     STR("/*sqlite*/ SELECT 1 FROM \"sqlite_master\" WHERE \"type\"='table' AND \"name\"=$1"), &stmt,
                     err))
        return -1;
    stmt_bind_text(stmt, 1, str_from_cstr(name));
    int step = stmt_step(stmt, err);
    if (step < 0)
        return -1;
    stmt_reset(stmt);
    *ret_there = step == 1;
    return 0;
}

static int column_is_there(struct migration *migration, const char *table, const char *column, bool *ret_there,
                           struct err *err)
{
    struct stmt *stmt;
    if (db_statement(migration->db, STR("/*sqlite*/ SELECT 1 FROM pragma_table_info($1) WHERE \"name\"=$2"), &stmt,
                     err))
        return -1;
    stmt_bind_text(stmt, 1, str_from_cstr(table));
    stmt_bind_text(stmt, 2, str_from_cstr(column));
    int step = stmt_step(stmt, err);
    if (step < 0)
        return -1;
    stmt_reset(stmt);
    *ret_there = step == 1;
    return 0;
}

static int add_columns(struct migration *migration, size_t number, struct err *err)
{
    const char *table = ddl_system_name(number), *column;
    enum sql_type type;
    for (size_t i = 0; (column = ddl_system_column(number, i, &type)); i++) {
        bool there;
        if (column_is_there(migration, table, column, &there, err) ||
            (!there && migrate_exec(migration, err, "ALTER TABLE \"%s\" ADD COLUMN \"%s\" %s", table, column,
                                    ddl_type(DIALECT_SQLITE, type))))
            return -1;
    }
    return 0;
}

int migrate_system(struct migration *migration, struct err *err)
{
    for (size_t i = 0; ddl_system_name(i); i++) {
        bool there;
        if (table_is_there(migration, ddl_system_name(i), &there, err))
            return -1;
        if (there) {
            if (add_columns(migration, i, err))
                return -1;
            continue;
        }
        BUF_AUTO ddl;
        buf_init(&ddl, (size_t)1 << 16);
        ddl_system_table(i, DIALECT_SQLITE, &ddl);
        buf_add_byte(&ddl, '\0');
        if (db_exec(migration->db, ddl.ptr, err))
            return -1;
    }
    return 0;
}
