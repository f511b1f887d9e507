/* Many records into an empty register: its indexes are dropped once it is clear that many come, and built at the end by
 * sorting, which is several times faster than keeping them in order row by row. */
#include "store/internal.h"

/* Below this the indexes cost less than dropping and building them. */
#define BULK_FROM 5000
/* So many rows at a time are given to the disk while more are read. */
#define WRITE_BACK_EVERY 50000

static int find_was_empty(struct change_set *changes, const struct table *table, struct bulk_table *bulk,
                          struct err *err)
{
    struct str sql = arena_format(&changes->arena, "SELECT 1 FROM \"%.*s\" LIMIT 1", STR_ARG(table->name));
    int64_t any;
    if (db_query_int(changes->db, sql, &any, err))
        return -1;
    bulk->was_empty = any == 0;
    bulk->known = true;
    return 0;
}

static int drop_indexes(struct change_set *changes, const struct table *table, struct err *err)
{
    struct index *indexes;
    size_t count;
    table_indexes(table, &changes->arena, &indexes, &count);
    for (size_t i = 0; i < count; i++) {
        struct str sql = arena_format(&changes->arena, "DROP INDEX \"%.*s\"", STR_ARG(indexes[i].name));
        if (db_exec(changes->db, sql.ptr, err))
            return -1;
    }
    return 0;
}

int bulk_note_insert(struct change_set *changes, const struct table *table, struct err *err)
{
    if (!changes->request->bulk)
        return 0;
    struct bulk_table *bulk = &changes->bulk[table->reg->position];
    if (!bulk->known && find_was_empty(changes, table, bulk, err))
        return -1;
    bulk->inserted++;
    if (bulk->inserted % WRITE_BACK_EVERY == 0)
        db_write_log_back(changes->db);
    if (!bulk->was_empty || bulk->indexes_dropped || bulk->inserted < BULK_FROM)
        return 0;
    bulk->indexes_dropped = true;
    return drop_indexes(changes, table, err);
}

/* An index that cannot be made unique: names one value that comes twice. */
static int explain_duplicate(struct change_set *changes, const struct table *table, const struct field *field,
                             struct err *err)
{
    struct str column = table->slots[table->places[field->position].first_slot].column;
    struct str sql = arena_format(&changes->arena,
                                  "SELECT \"%.*s\" FROM \"%.*s\" WHERE \"%.*s\" IS NOT NULL GROUP BY \"%.*s\" "
                                  "HAVING count(*)>1 LIMIT 1",
                                  STR_ARG(column), STR_ARG(table->name), STR_ARG(column), STR_ARG(column));
    struct stmt *stmt;
    if (db_statement(changes->db, sql, &stmt, err) || stmt_step(stmt, err) != 1)
        return -1;
    struct str value = arena_copy(&changes->arena, stmt_text(stmt, 0));
    stmt_reset(stmt);
    return err_set_field(err, ERR_CONFLICT, field->name,
                         "%.*s: several records have the same %.*s \"%.*s\", which must "
                         "be unique",
                         STR_ARG(table->reg->name), STR_ARG(field->name), STR_ARG(value));
}

static int build_indexes(struct change_set *changes, const struct table *table, struct err *err)
{
    struct index *indexes;
    size_t count;
    table_indexes(table, &changes->arena, &indexes, &count);
    for (size_t i = 0; i < count; i++) {
        int failed = db_exec(changes->db, indexes[i].sql.ptr, err);
        db_write_log_back(changes->db);
        if (!failed)
            continue;
        return indexes[i].unique ? explain_duplicate(changes, table, indexes[i].unique, err) : -1;
    }
    return 0;
}

static int build_all(struct change_set *changes, struct err *err)
{
    const struct layout *layout = changes->store->layout;
    for (size_t i = 0; i < layout->model->register_count; i++)
        if (changes->bulk[i].indexes_dropped && build_indexes(changes, &layout->tables[i], err))
            return -1;
    return 0;
}

int bulk_finish(struct change_set *changes, struct err *err)
{
    bool any = false;
    for (size_t i = 0; i < changes->store->model->register_count; i++)
        any |= changes->bulk[i].indexes_dropped;
    if (!any)
        return 0;
    if (db_sorts_begin(changes->db, err))
        return -1;
    int result = build_all(changes, err);
    return db_sorts_end(changes->db, result ? NULL : err) || result ? -1 : 0;
}
