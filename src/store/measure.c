/* Measures computed: cells and the protection of what is not the viewer's to see. */
#include "store/measure_sql.h"

#include "store/measure_kept.h"
#include "store/measure_protect.h"

#include <stdio.h>
#include <string.h>

#define CELLS_MAX 20000

/* ---- reading cells ---- */

struct cell_list {
    struct raw_cell *items;
    size_t count, capacity;
};

static struct raw_cell *cell_for(struct cell_list *list, int year, struct str split, struct arena *arena)
{
    if (list->count) {
        struct raw_cell *last = &list->items[list->count - 1];
        if (last->year == year && str_eq(last->split, split))
            return last;
    }
    if (list->count == CELLS_MAX)
        return NULL;
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 32;
        struct raw_cell *items = ARENA_NEW_ARRAY(arena, capacity, struct raw_cell);
        if (list->count)
            memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
        list->capacity = capacity;
    }
    struct raw_cell *cell = &list->items[list->count++];
    *cell = (struct raw_cell){.year = year, .split = arena_copy(arena, split)};
    return cell;
}

/* Columns after the key: contributors, records, low, high, sum of sizes, largest size, estimated, missing. */
static void read_part(struct stmt *stmt, int first, struct raw_part *part)
{
    part->contributors += stmt_int(stmt, first);
    part->records += stmt_int(stmt, first + 1);
    if (!stmt_is_null(stmt, first + 2)) {
        part->has_value = true;
        part->low = stmt_decimal(stmt, first + 2);
        part->high = stmt_decimal(stmt, first + 3);
        part->sizes = stmt_decimal(stmt, first + 4);
        part->largest = stmt_decimal(stmt, first + 5);
    }
    part->estimated |= stmt_int(stmt, first + 6) != 0;
    part->missing += stmt_int(stmt, first + 7);
}

int measure_read_cells(struct measure_sql *writer, bool divided, struct raw_cell **ret_cells, size_t *ret_count,
                       struct err *err)
{
    struct cell_list list = {0};
    struct stmt *stmt;
    if (sql_statement(&writer->sql, writer->reader->db, &stmt, err))
        return -1;
    int step;
    while ((step = stmt_step(stmt, err)) == 1) {
        struct str split = divided ? stmt_text(stmt, 2) : STR("");
        struct raw_cell *cell = cell_for(&list, (int)stmt_int(stmt, 0), split, writer->arena);
        if (!cell) {
            stmt_reset(stmt);
            return err_set(err, ERR_LIMIT, "%.*s divided like that has more than %d cells",
                           STR_ARG(writer->measure->name), CELLS_MAX);
        }
        bool open = stmt_int(stmt, 1) != 0;
        read_part(stmt, divided ? 3 : 2, open ? &cell->open : &cell->closed);
    }
    *ret_cells = list.items;
    *ret_count = list.count;
    return step;
}

/* ---- the statement ---- */

/* What is divided by the entries of a list has a row for each entry. */
static struct str list_join(struct measure_sql *writer)
{
    const struct field_path *path = &writer->query->split->field.paths[0];
    const struct field *field = path->steps[path->count - 1];
    const struct table *table = writer->table;
    if (path->count > 1)
        table = layout_table(writer->reader->store->layout, path->steps[path->count - 2]->reference);
    const struct link *link = table->places[field->position].link;
    if (!writer->args.as_of)
        return arena_format(writer->arena, " LEFT JOIN \"%.*s\" AS l ON l.\"id\"=k.\"di\"", STR_ARG(link->table));
    return arena_format(writer->arena,
                        " LEFT JOIN (SELECT \"value\",\"id\",\"seq_from\" FROM \"%.*s\" UNION ALL SELECT "
                        "\"value\",\"id\",\"seq_from\" FROM \"%.*s\") AS l ON l.\"id\"=k.\"di\" AND "
                        "l.\"seq_from\"=k.\"ds\"",
                        STR_ARG(link->table), STR_ARG(link->past_table));
}

static bool divided_by_list(const struct measure_query *query)
{
    return query->split && query->split->field.field->type == FIELD_LIST;
}

/* First by contributor, so that several records of one are one when it is judged whether they give it away. */
void measure_write_parts(struct measure_sql *writer)
{
    struct sql *sql = &writer->sql;
    bool divided = writer->query->split != NULL;
    const char *d = divided ? ",\"d\"" : "";
    bool distinct = writer->measure->kind == MEASURE_COUNT_DISTINCT;
    struct str from = STR("\"kept\" AS k");
    struct str split = !divided ? STR("") : STR(",k.\"d\" AS \"d\"");
    if (divided_by_list(writer->query)) {
        from = arena_concat(writer->arena, 2, from, list_join(writer));
        split = STR(",l.\"value\" AS \"d\"");
    }
    sql_add(sql,
            ",\"of\" AS (SELECT k.\"y\" AS \"y\"%.*s,k.\"e\" AS \"e\",k.\"s\" AS \"s\",k.\"v\" AS \"v\",k.\"w\" AS "
            "\"w\",k.\"x\" AS \"x\" FROM %.*s)",
            STR_ARG(split), STR_ARG(from));
    if (distinct)
        sql_add(sql,
                ",\"part\" AS (SELECT \"y\"%s,\"e\",max(\"s\") AS \"s\",1 AS \"v\",1 AS \"w\",0 AS \"x\",1 AS "
                "\"n\",count(*) AS \"r\" FROM \"of\" GROUP BY \"y\"%s,\"e\")",
                d, d);
    else if (writer->measure->contributor.count && writer->measure->preference_count == 0)
        sql_add(sql,
                ",\"part\" AS (SELECT \"y\"%s,\"e\",\"s\",sum(\"v\") AS \"v\",sum(\"w\") AS \"w\",max(\"x\") AS "
                "\"x\",count(\"v\") AS \"n\",count(*) AS \"r\" FROM \"of\" GROUP BY \"y\"%s,\"e\",\"s\")",
                d, d);
    else
        sql_add(sql,
                ",\"part\" AS (SELECT \"y\"%s,\"s\",\"v\",\"w\",\"x\",CASE WHEN \"v\" IS NULL THEN 0 ELSE 1 END AS "
                "\"n\",1 AS \"r\" FROM \"of\")",
                d);
}

static void write_cells(struct measure_sql *writer)
{
    const char *d = writer->query->split ? ",\"d\"" : "";
    measure_write_parts(writer);
    sql_add(&writer->sql,
            "SELECT \"y\",\"s\"%s," MEASURE_PART_COLUMNS " FROM \"part\" GROUP BY \"y\"%s,\"s\" ORDER BY \"y\"%s,\"s\"",
            d, d, d);
}

static int one_statement(struct reader *reader, const struct measure_query *query, int stock_year, struct arena *arena,
                         struct raw_cell **ret_cells, size_t *ret_count, struct err *err)
{
    MEASURE_SQL_AUTO writer;
    int result = measure_sql_begin(&writer, reader, query, arena, err);
    writer.stock_year = stock_year;
    if (result || measure_sql_kept(&writer, err))
        return -1;
    write_cells(&writer);
    return measure_read_cells(&writer, query->split != NULL, ret_cells, ret_count, err);
}

/* A stock is counted anew on the last day of each year. */
static int every_year(struct reader *reader, const struct measure_query *query, struct arena *arena,
                      struct raw_cell **ret_cells, size_t *ret_count, struct err *err)
{
    struct date on = reader->options.on;
    struct raw_cell *all = NULL;
    size_t total = 0;
    int result = 0;
    for (int year = query->from_year; year <= query->to_year && result == 0; year++) {
        struct raw_cell *cells;
        size_t count;
        reader->options.on = measure_stock_day(query, year);
        result = one_statement(reader, query, year, arena, &cells, &count, err);
        if (result || count == 0)
            continue;
        struct raw_cell *joined = ARENA_NEW_ARRAY(arena, total + count, struct raw_cell);
        if (total)
            memcpy(joined, all, total * sizeof *all);
        memcpy(joined + total, cells, count * sizeof *cells);
        all = joined;
        total += count;
    }
    reader->options.on = on;
    *ret_cells = all;
    *ret_count = total;
    return result;
}

struct date measure_stock_day(const struct measure_query *query, int year)
{
    if (query->axis != AXIS_FISCAL_YEAR || query->measure->first_month == 1)
        return (struct date){year, 12, 31};
    return date_last_day((struct date){year + 1, query->measure->first_month - 1, 0});
}

#define STOCK_YEARS_MAX 60

static int read_raw(struct reader *reader, const struct measure_query *query, struct arena *arena,
                    struct raw_cell **ret_cells, size_t *ret_count, struct err *err)
{
    bool years = query->from_year && query->to_year;
    if (query->measure->axis == AXIS_STOCK && years) {
        if (query->to_year - query->from_year >= STOCK_YEARS_MAX)
            return err_set(err, ERR_LIMIT, "a stock is counted for at most %d years at once", STOCK_YEARS_MAX);
        return every_year(reader, query, arena, ret_cells, ret_count, err);
    }
    return one_statement(reader, query, 0, arena, ret_cells, ret_count, err);
}

/* ---- the ratio ---- */

static const struct measure_cell *same_cell(const struct measure_cell *cells, size_t count,
                                            const struct measure_cell *wanted)
{
    for (size_t i = 0; i < count; i++)
        if (cells[i].year == wanted->year && str_eq(cells[i].split, wanted->split))
            return &cells[i];
    return NULL;
}

static void divide(const struct measure *measure, struct measure_cell *cell, const struct measure_cell *under)
{
    bool hidden = cell->suppressed || (under && under->suppressed);
    bool known = !hidden && cell->has_value && under && under->has_value && under->low.mantissa != 0;
    if (hidden)
        cell->contributors = cell->records = cell->missing = 0;
    cell->suppressed = hidden;
    cell->has_value = false;
    if (!known)
        return;
    double ratio = (double)measure->factor * (decimal_to_double(cell->low) + decimal_to_double(cell->high)) /
                   (decimal_to_double(under->low) + decimal_to_double(under->high));
    /* Twelve digits are more than its parts are worth, and hide what binary fractions add. */
    char text[40];
    int length = snprintf(text, sizeof text, "%.12g", ratio);
    cell->has_value = decimal_parse(str_make(text, (size_t)length), &cell->low);
    cell->high = cell->low;
    cell->estimated |= under->estimated;
    if (under->rounded_to.mantissa)
        cell->rounded_to = under->rounded_to;
}

/* A split of a ratio is one both have under the same name. */
static int ratio(struct reader *reader, const struct measure_query *query, struct arena *arena,
                 struct measure_cell **ret_cells, size_t *ret_count, struct err *err)
{
    const struct measure *measure = query->measure;
    struct measure_query over = *query, under = *query;
    over.measure = measure->over;
    under.measure = measure->under;
    if (query->split) {
        over.split = measure_split(measure->over, query->split->name);
        under.split = measure_split(measure->under, query->split->name);
        if (!over.split || !under.split)
            return err_set(err, ERR_INVALID, "%.*s cannot be divided by %.*s", STR_ARG(measure->name),
                           STR_ARG(query->split->name));
    }
    struct measure_cell *tops, *bottoms;
    size_t top_count, bottom_count;
    if (store_measure(reader, &over, arena, &tops, &top_count, err) ||
        store_measure(reader, &under, arena, &bottoms, &bottom_count, err))
        return -1;
    for (size_t i = 0; i < top_count; i++)
        divide(measure, &tops[i], same_cell(bottoms, bottom_count, &tops[i]));
    *ret_cells = tops;
    *ret_count = top_count;
    return 0;
}

bool measure_counts(const struct measure *measure)
{
    return measure->kind == MEASURE_COUNT || measure->kind == MEASURE_COUNT_DISTINCT;
}

static int compute(struct reader *reader, const struct measure_query *query, struct arena *arena,
                   struct measure_series *ret_series, struct err *err)
{
    if (query->measure->kind == MEASURE_RATIO)
        return ratio(reader, query, arena, &ret_series->cells, &ret_series->count, err);
    struct raw_cell *raw;
    size_t count;
    if (read_raw(reader, query, arena, &raw, &count, err))
        return -1;
    ret_series->cells = measure_protect(raw, count, measure_counts(query->measure), query->split != NULL, arena);
    ret_series->count = count;
    return 0;
}

int measure_is_defined(const struct measure_query *query, struct err *err)
{
    const struct measure_parameter *missing = measure_missing_parameter(query);
    if (missing)
        return err_set_field(err, ERR_INVALID, missing->name, "the measure %.*s needs \"%.*s\", which is not given",
                             STR_ARG(query->measure->name), STR_ARG(missing->name));
    return 0;
}

int store_measure(struct reader *reader, const struct measure_query *query, struct arena *arena,
                  struct measure_cell **ret_cells, size_t *ret_count, struct err *err)
{
    struct measure_series series;
    struct date on = reader->options.on;
    if (date_is_set(query->on))
        reader->options.on = query->on;
    int failed = measure_is_defined(query, err) || measure_kept(reader, 'c', query, compute, arena, &series, err);
    reader->options.on = on;
    if (failed)
        return -1;
    *ret_cells = series.cells;
    *ret_count = series.count;
    return 0;
}
