/* The records behind a number. */
#include "store/measure_protect.h"
#include "store/measure_sql.h"

#include <stdlib.h>

#define ROWS_MEMORY_MAX ((size_t)64 << 20)

/* Only what lies in that part of the split. */
static void write_part(struct measure_sql *writer, struct str split)
{
    struct sql *sql = &writer->sql;
    const struct measure_split *by = writer->query->split;
    if (!by)
        return;
    if (by->field.field->type != FIELD_LIST) {
        if (split.len)
            sql_add(sql, " AND p.\"d\"=$%d", measure_text_arg(writer, split));
        else
            sql_add(sql, " AND p.\"d\" IS NULL");
        return;
    }
    const struct field_path *path = &by->field.paths[0];
    const struct table *table = writer->table;
    if (path->count > 1)
        table = layout_table(writer->reader->store->layout, path->steps[path->count - 2]->reference);
    const struct link *link = table->places[path->steps[path->count - 1]->position].link;
    sql_add(sql, " AND %sEXISTS (SELECT 1 FROM \"%.*s\" AS l WHERE l.\"id\"=p.\"di\"", split.len ? "" : "NOT ",
            STR_ARG(link->table));
    if (split.len)
        sql_add(sql, " AND l.\"value\"=$%d", measure_text_arg(writer, split));
    sql_add(sql, ")");
}

static void write_rows(struct measure_sql *writer, int year, struct str split, int64_t skip, int64_t limit)
{
    struct sql *sql = &writer->sql;
    bool divided = writer->query->split != NULL;
    bool group = writer->measure->group_parent != NULL;
    bool by_list = divided && writer->query->split->field.field->type == FIELD_LIST;
    sql_add(
        sql,
        "SELECT p.\"id\",p.\"e\",p.\"y\",p.\"v\",p.\"w\",p.\"x\",CASE WHEN p.\"v\" IS NULL THEN 1 WHEN p.\"rn\">1 THEN "
        "2%s ELSE 0 END AS \"use\",%s,%s FROM \"pick\" AS p%s",
        group ? " WHEN z.\"e\" IS NOT NULL THEN 3" : "", group ? "z.\"top\"" : "NULL",
        divided && !by_list ? "p.\"d\"" : "NULL",
        group ? " LEFT JOIN \"whole\" AS z ON z.\"e\"=p.\"e\" AND z.\"y\"=p.\"y\"" : "");
    sql_add(sql, " WHERE p.\"s\"=1");
    if (year)
        sql_add(sql, " AND p.\"y\"=%d", year);
    write_part(writer, split);
    int skip_arg = sql_int_arg(sql, skip), limit_arg = sql_int_arg(sql, limit);
    sql_add(sql, " ORDER BY \"use\",p.\"v\" DESC,p.\"id\" LIMIT $%d OFFSET $%d", limit_arg, skip_arg);
}

/* Ids of records that the viewer may not know of are left out. */
static int visible_id(struct reader *reader, const struct reg *reg, struct str *id, struct err *err)
{
    bool visible = true;
    if (!reg || id->len == 0 || reader->options.viewer.sees == VISIBILITY_SECRETARIAT ||
        !atomic_load(&reader->store->has_hidden[reg->position]))
        return 0;
    if (record_is_visible(reader, reg, *id, &visible, err))
        return -1;
    if (!visible)
        *id = STR("");
    return 0;
}

static int read_row(struct measure_sql *writer, struct stmt *stmt, struct str split, struct arena *arena,
                    struct measure_row *row, struct err *err)
{
    const struct field_path *path = &writer->measure->contributor;
    const struct reg *reg = path->count ? path->steps[path->count - 1]->reference : NULL;
    *row = (struct measure_row){
        .measure = writer->measure,
        .id = arena_copy(arena, stmt_text(stmt, 0)),
        .contributor = arena_copy(arena, stmt_text(stmt, 1)),
        .year = (int)stmt_int(stmt, 2),
        .has_value = !stmt_is_null(stmt, 3),
        .low = stmt_decimal(stmt, 3),
        .high = stmt_decimal(stmt, 4),
        .estimated = stmt_int(stmt, 5) != 0,
        .use = (enum measure_use)stmt_int(stmt, 6),
        .within = arena_copy(arena, stmt_text(stmt, 7)),
        .split = split,
    };
    if (row->contributor.len && row->contributor.ptr[0] == ':')
        row->contributor = STR("");
    return visible_id(writer->reader, reg, &row->contributor, err) ||
           visible_id(writer->reader, reg, &row->within, err);
}

static int each_row(struct measure_sql *writer, struct str split, int (*each)(void *, const struct measure_row *),
                    void *context, struct err *err)
{
    ARENA_AUTO arena;
    arena_init(&arena, ROWS_MEMORY_MAX);
    struct stmt *stmt;
    if (sql_statement(&writer->sql, writer->reader->db, &stmt, err))
        return -1;
    int step;
    while ((step = stmt_step(stmt, err)) == 1) {
        struct measure_row row;
        arena_reset(&arena);
        int result = read_row(writer, stmt, split, &arena, &row, err);
        if (result == 0)
            result = each(context, &row);
        if (result) {
            stmt_reset(stmt);
            return result;
        }
    }
    return step;
}

static int each_of_both(struct reader *reader, const struct measure_query *query, int year, struct str split,
                        int64_t skip, int64_t limit, int (*each)(void *context, const struct measure_row *row),
                        void *context, struct err *err)
{
    const struct measure *both[] = {query->measure->over, query->measure->under};
    int result = 0;
    for (size_t i = 0; i < 2 && result == 0; i++) {
        struct measure_query one = *query;
        one.measure = both[i];
        one.split = query->split ? measure_split(both[i], query->split->name) : NULL;
        result = store_measure_each(reader, &one, year, split, skip, limit, each, context, err);
    }
    return result;
}

int store_measure_each(struct reader *reader, const struct measure_query *query, int year, struct str split,
                       int64_t skip, int64_t limit, int (*each)(void *context, const struct measure_row *row),
                       void *context, struct err *err)
{
    if (query->measure->kind == MEASURE_RATIO)
        return each_of_both(reader, query, year, split, skip, limit, each, context, err);
    ARENA_AUTO arena;
    arena_init(&arena, ROWS_MEMORY_MAX);
    struct measure_query one = *query;
    struct date on = reader->options.on;
    bool stock = one.measure->axis == AXIS_STOCK;
    if (year && !stock)
        one.from_year = one.to_year = year;
    if (year && stock)
        reader->options.on = measure_stock_day(query, year);
    MEASURE_SQL_AUTO writer;
    int result = measure_sql_begin(&writer, reader, &one, &arena, err);
    writer.stock_year = year;
    if (result == 0)
        result = measure_sql_kept(&writer, err);
    if (result == 0) {
        write_rows(&writer, year, split, skip, limit);
        result = each_row(&writer, split, each, context, err);
    }
    reader->options.on = on;
    return result;
}
