/* Who reported and who did not. */
#include "store/measure_protect.h"
#include "store/measure_sql.h"

#include <string.h>

#define PART_TEXT_MAX ((size_t)256 << 10)

/* The population's conditions on the contributor of a gap, on the last day of its year. */
static int write_expected(struct measure_sql *writer, struct buf *out, struct err *err)
{
    const struct measure *population = writer->measure->population;
    struct str day = measure_year_end(writer, STR("n.\"y\""));
    const struct table *table = layout_table(writer->reader->store->layout, population->reg);
    SCOPE_AUTO scope;
    scope_begin(&scope, writer, table, day);
    BUF_AUTO tests;
    buf_init(&tests, PART_TEXT_MAX);
    if (scope_conditions(&scope, population->conditions, population->condition_count, &tests, err))
        return -1;
    struct str a = scope.alias;
    buf_add_format(out,
                   "EXISTS (SELECT 1 FROM %.*s AS %.*s%.*s WHERE %.*s.\"id\"=l.\"e\"%.*s AND (%.*s.\"from\" IS NULL OR "
                   "%.*s.\"from\"<=%.*s) AND (%.*s.\"to\" IS NULL OR %.*s.\"to\"||'~'>=%.*s))",
                   STR_ARG(measure_source(writer, table)), STR_ARG(a), STR_ARG(buf_str(&scope.joins)), STR_ARG(a),
                   STR_ARG(buf_str(&tests)), STR_ARG(a), STR_ARG(a), STR_ARG(day), STR_ARG(a), STR_ARG(a),
                   STR_ARG(day));
    return 0;
}

/* Who reported, but not so that it counts (from elsewhere, without a number), is not silent. */
static void write_no_record(struct measure_sql *writer, struct buf *out)
{
    const struct field_path *path = &writer->measure->contributor;
    if (path->count != 1 || path->steps[0]->type != FIELD_TEXT)
        return;
    SCOPE_AUTO scope;
    scope_begin(&scope, writer, writer->table, STR(""));
    struct field_choice choice = {.paths = {*path}, .count = 1};
    struct str whose = scope_field(&scope, &choice);
    buf_add_format(out, " AND NOT EXISTS (SELECT 1 FROM %.*s AS %.*s WHERE %.*s=l.\"e\" AND %.*s=n.\"y\")",
                   STR_ARG(measure_source(writer, writer->table)), STR_ARG(scope.alias), STR_ARG(whose),
                   STR_ARG(measure_year_of(writer, &scope)));
}

/* A contributor's numbers in the order of years, and the years between them and after the last one in which it is still
 * expected: there it is silent, and its last number stands for it. */
static int write_silent(struct measure_sql *writer, struct err *err)
{
    struct sql *sql = &writer->sql;
    BUF_AUTO expected;
    buf_init(&expected, PART_TEXT_MAX);
    if (write_expected(writer, &expected, err))
        return -1;
    write_no_record(writer, &expected);
    bool group = writer->measure->group_parent != NULL;
    sql_add(sql,
            ",\"line\" AS (SELECT \"id\",\"e\",\"y\",\"v\",\"w\",\"s\",lead(\"y\") OVER (PARTITION BY \"e\" ORDER BY "
            "\"y\") AS \"next\" FROM \"counted\" WHERE \"v\" IS NOT NULL)");
    sql_add(
        sql,
        ",\"gap\" AS (SELECT n.\"y\" AS \"y\",l.\"e\" AS \"e\",l.\"y\" AS \"of\",l.\"v\" AS \"v\",l.\"w\" AS "
        "\"w\",l.\"s\" AS \"s\" FROM \"line\" AS l JOIN \"year\" AS n ON n.\"y\">l.\"y\" AND n.\"y\"<=l.\"y\"+%d AND "
        "(l.\"next\" IS NULL OR n.\"y\"<l.\"next\")%s WHERE %.*s%s)",
        MEASURE_CARRIED_YEARS,
        group ? " LEFT JOIN \"whole\" AS z ON z.\"e\"=l.\"e\" AND z.\"y\"=n.\"y\" LEFT JOIN \"whole\" AS b ON "
                "b.\"e\"=l.\"e\" AND b.\"y\"=l.\"y\""
              : "",
        STR_ARG(buf_str(&expected)), group ? " AND z.\"e\" IS NULL AND b.\"e\" IS NULL" : "");
    return 0;
}

/* Two numbers a year: of those silent for a year, and of all that are silent. */
static int read_silent(struct reader *reader, const struct measure_query *query, struct arena *arena,
                       struct raw_cell **ret_cells, size_t *ret_count, struct err *err)
{
    struct measure_query wide = *query;
    wide.from_year -= MEASURE_CARRIED_YEARS;
    wide.split = NULL;
    MEASURE_SQL_AUTO writer;
    int result = measure_sql_begin(&writer, reader, &wide, arena, err);
    if (result)
        return -1;
    struct sql *sql = &writer.sql;
    if (measure_sql_kept(&writer, err))
        return -1;
    /* Few years: a list is plainer than a recursion. */
    sql_add(sql, ",\"year\"(\"y\") AS (VALUES ");
    for (int year = query->from_year; year <= query->to_year; year++)
        sql_add(sql, "%s(%d)", year > query->from_year ? "," : "", year);
    sql_add(sql, ")");
    if (write_silent(&writer, err))
        return -1;
    sql_add(sql, "SELECT \"y\",\"s\",CASE WHEN \"of\"=\"y\"-1 THEN 'last' ELSE 'old' END,count(*),count(*),sum(\"v\"),"
                 "sum(\"w\"),sum(abs(\"w\")),max(abs(\"w\")),1,0 FROM \"gap\" GROUP BY 1,2,3 ORDER BY 1,3,2");
    return measure_read_cells(&writer, true, ret_cells, ret_count, err);
}

static int read_reported(struct reader *reader, const struct measure_query *query, struct arena *arena,
                         struct raw_cell **ret_cells, size_t *ret_count, struct err *err)
{
    struct measure_query whole = *query;
    whole.split = NULL;
    MEASURE_SQL_AUTO writer;
    if (measure_sql_begin(&writer, reader, &whole, arena, err) || measure_sql_kept(&writer, err))
        return -1;
    sql_add(&writer.sql,
            "SELECT \"y\",1,count(DISTINCT \"e\"),0,NULL,NULL,NULL,NULL,0,0 FROM \"counted\" WHERE \"v\" IS "
            "NOT NULL GROUP BY \"y\" ORDER BY \"y\"");
    return measure_read_cells(&writer, false, ret_cells, ret_count, err);
}

static void join_part(struct raw_part *into, const struct raw_part *part)
{
    into->contributors += part->contributors;
    into->records += part->records;
    into->has_value |= part->has_value;
    into->estimated |= part->estimated;
    decimal_add(into->low, part->low, &into->low);
    decimal_add(into->high, part->high, &into->high);
    decimal_add(into->sizes, part->sizes, &into->sizes);
    if (decimal_cmp(part->largest, into->largest) > 0)
        into->largest = part->largest;
}

static void fill_silent(struct measure_coverage *entry, const struct raw_cell *cells, size_t count, struct arena *arena)
{
    struct raw_cell all = {.year = entry->year, .split = STR("")}, last = all;
    for (size_t i = 0; i < count; i++) {
        if (cells[i].year != entry->year)
            continue;
        join_part(&all.open, &cells[i].open);
        join_part(&all.closed, &cells[i].closed);
        if (str_eq(cells[i].split, STR("last")))
            last = cells[i];
    }
    /* All are the last year's and older ones: when one of the two gives the older ones away, all stay. */
    struct raw_cell old = {.year = entry->year, .split = STR("old")};
    for (size_t i = 0; i < count; i++)
        if (cells[i].year == entry->year && str_eq(cells[i].split, STR("old")))
            old = cells[i];
    struct raw_cell alone[] = {all, last, old};
    struct measure_cell *shown = measure_protect(alone, 3, false, false, arena);
    entry->silent = shown[0];
    entry->last = shown[1];
    if (shown[2].suppressed)
        entry->silent =
            (struct measure_cell){.year = entry->year, .suppressed = true, .closed = all.closed.contributors};
    entry->silent.split = entry->last.split = STR("");
}

int store_measure_coverage(struct reader *reader, const struct measure_query *query, struct arena *arena,
                           struct measure_coverage **ret_years, size_t *ret_count, struct err *err)
{
    const struct measure *measure = query->measure;
    if (!measure->population || !query->from_year || query->to_year < query->from_year ||
        query->to_year - query->from_year >= 60)
        return err_set(err, ERR_INVALID, "coverage is of a measure with a population, for 1 to 60 years");
    size_t count = (size_t)(query->to_year - query->from_year) + 1, silent_count, reported_count, expected_count;
    struct raw_cell *silent, *reported;
    struct measure_cell *expected;
    struct measure_query people = *query;
    people.measure = measure->population;
    people.split = NULL;
    if (query->axis == AXIS_DECLARED)
        people.axis = measure->axis;
    if (read_silent(reader, query, arena, &silent, &silent_count, err) ||
        read_reported(reader, query, arena, &reported, &reported_count, err) ||
        store_measure(reader, &people, arena, &expected, &expected_count, err))
        return -1;
    struct measure_coverage *years = ARENA_NEW_ARRAY(arena, count, struct measure_coverage);
    for (size_t i = 0; i < count; i++) {
        years[i].year = query->from_year + (int)i;
        fill_silent(&years[i], silent, silent_count, arena);
        for (size_t k = 0; k < reported_count; k++)
            if (reported[k].year == years[i].year)
                years[i].reported = reported[k].open.contributors;
        for (size_t k = 0; k < expected_count; k++)
            if (expected[k].year == years[i].year && expected[k].has_value)
                decimal_to_int64(expected[k].low, &years[i].expected);
    }
    *ret_years = years;
    *ret_count = count;
    return 0;
}
