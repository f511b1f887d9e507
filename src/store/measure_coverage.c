/* Who reported and who did not. */
#include "store/measure_kept.h"
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

/* The numbers, who reported and who is silent, each under its own word where the parts of a split stand: one statement, so that what
 * counts is found once. */
static void write_all(struct measure_sql *writer, int from_year)
{
    sql_add(
        &writer->sql,
        "SELECT * FROM (SELECT \"y\",\"s\",'number' AS \"d\"," MEASURE_PART_COLUMNS
        " FROM \"part\" WHERE \"y\">=%d GROUP BY \"y\",\"s\" "
        "UNION ALL SELECT \"y\",1,'reported',count(DISTINCT \"e\"),0,NULL,NULL,NULL,NULL,0,0 FROM \"counted\" WHERE \"v\" IS NOT NULL AND \"y\">=%d GROUP BY \"y\" "
        "UNION ALL SELECT \"y\",\"s\",CASE WHEN \"of\"=\"y\"-1 THEN 'last' ELSE 'old' END,count(*),count(*),sum(\"v\"),"
        "sum(\"w\"),sum(abs(\"w\")),max(abs(\"w\")),1,0 FROM \"gap\" GROUP BY 1,2,3) AS \"each\" ORDER BY 3,1,2",
        from_year, from_year);
}

static int read_all(struct reader *reader, const struct measure_query *query, struct arena *arena,
                    struct raw_cell **ret_cells, size_t *ret_count, struct err *err)
{
    struct measure_query wide = *query;
    wide.from_year -= MEASURE_CARRIED_YEARS;
    wide.split = NULL;
    MEASURE_SQL_AUTO writer;
    int result = measure_sql_begin(&writer, reader, &wide, arena, err);
    if (result || measure_sql_kept(&writer, err))
        return -1;
    measure_write_parts(&writer);
    /* Few years: a list is plainer than a recursion. */
    sql_add(&writer.sql, ",\"year\"(\"y\") AS (VALUES ");
    for (int year = query->from_year; year <= query->to_year; year++)
        sql_add(&writer.sql, "%s(%d)", year > query->from_year ? "," : "", year);
    sql_add(&writer.sql, ")");
    if (write_silent(&writer, err))
        return -1;
    write_all(&writer, query->from_year);
    return measure_read_cells(&writer, true, ret_cells, ret_count, err);
}

/* What stands under that word: they lie together. */
static struct raw_cell *under(struct raw_cell *cells, size_t count, struct str word, size_t *ret_count)
{
    size_t first = 0;
    while (first < count && !str_eq(cells[first].split, word))
        first++;
    size_t end = first;
    while (end < count && str_eq(cells[end].split, word))
        cells[end++].split = STR("");
    *ret_count = end - first;
    return &cells[first];
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

static const struct raw_cell *of_year(const struct raw_cell *cells, size_t count, int year)
{
    static const struct raw_cell none;
    for (size_t i = 0; i < count; i++)
        if (cells[i].year == year)
            return &cells[i];
    return &none;
}

/* All are the last year's and older ones: when one of the two gives the older ones away, all stay. */
static void fill_silent(struct measure_coverage *entry, const struct raw_cell *last, const struct raw_cell *old,
                        struct arena *arena)
{
    struct raw_cell all = *last;
    join_part(&all.open, &old->open);
    join_part(&all.closed, &old->closed);
    struct raw_cell alone[] = {all, *last, *old};
    for (size_t i = 0; i < 3; i++) {
        alone[i].year = entry->year;
        alone[i].split = STR("");
    }
    struct measure_cell *shown = measure_protect(alone, 3, false, false, arena);
    entry->silent = shown[0];
    entry->last = shown[1];
    if (shown[2].suppressed)
        entry->silent = (struct measure_cell){
            .year = entry->year, .split = STR(""), .suppressed = true, .closed = all.closed.contributors};
}

static int read_expected(struct reader *reader, const struct measure_query *query, struct measure_coverage *years,
                         size_t count, struct arena *arena, struct err *err)
{
    struct measure_query people = *query;
    struct measure_cell *expected;
    size_t expected_count;
    people.measure = query->measure->population;
    people.split = NULL;
    people.from_year = years[0].year;
    people.to_year = years[count - 1].year;
    if (query->axis == AXIS_DECLARED)
        people.axis = query->measure->axis;
    if (store_measure(reader, &people, arena, &expected, &expected_count, err))
        return -1;
    for (size_t k = 0; k < expected_count; k++)
        if (expected[k].has_value)
            decimal_to_int64(expected[k].low, &years[expected[k].year - people.from_year].expected);
    return 0;
}

/* The numbers, and coverage of the years from the first to the last; 0: from the first to the last number's. */
static int make(struct reader *reader, const struct measure_query *query, int first, int last, struct arena *arena,
                struct measure_series *ret_series, struct err *err)
{
    struct raw_cell *all;
    size_t count, number_count, reported_count, last_count, old_count;
    if (read_all(reader, query, arena, &all, &count, err))
        return -1;
    struct raw_cell *numbers = under(all, count, STR("number"), &number_count);
    const struct raw_cell *reported = under(all, count, STR("reported"), &reported_count);
    const struct raw_cell *lasts = under(all, count, STR("last"), &last_count);
    const struct raw_cell *olds = under(all, count, STR("old"), &old_count);
    ret_series->cells = measure_protect(numbers, number_count, measure_counts(query->measure), false, arena);
    ret_series->count = number_count;
    if (!first && number_count == 0)
        return 0;
    first = first ? first : numbers[0].year;
    last = last ? last : numbers[number_count - 1].year;
    ret_series->year_count = (size_t)(last - first) + 1;
    ret_series->years = ARENA_NEW_ARRAY(arena, ret_series->year_count, struct measure_coverage);
    for (size_t i = 0; i < ret_series->year_count; i++) {
        struct measure_coverage *entry = &ret_series->years[i];
        entry->year = first + (int)i;
        entry->reported = of_year(reported, reported_count, entry->year)->open.contributors;
        fill_silent(entry, of_year(lasts, last_count, entry->year), of_year(olds, old_count, entry->year), arena);
    }
    return read_expected(reader, query, ret_series->years, ret_series->year_count, arena, err);
}

static int make_coverage(struct reader *reader, const struct measure_query *query, struct arena *arena,
                         struct measure_series *ret_series, struct err *err)
{
    return make(reader, query, query->from_year, query->to_year, arena, ret_series, err);
}

static int make_series(struct reader *reader, const struct measure_query *query, struct arena *arena,
                       struct measure_series *ret_series, struct err *err)
{
    return make(reader, query, 0, 0, arena, ret_series, err);
}

#define YEARS_MAX 60

static int check(const struct measure_query *query, struct err *err)
{
    if (!query->measure->population || !query->from_year || query->to_year < query->from_year ||
        query->to_year - query->from_year >= YEARS_MAX)
        return err_set(err, ERR_INVALID, "coverage is of a measure with a population, for 1 to %d years", YEARS_MAX);
    return measure_is_defined(query, err);
}

int store_measure_coverage(struct reader *reader, const struct measure_query *query, struct arena *arena,
                           struct measure_coverage **ret_years, size_t *ret_count, struct err *err)
{
    struct measure_series series;
    if (check(query, err) || measure_kept(reader, 'y', query, make_coverage, arena, &series, err))
        return -1;
    *ret_years = series.years;
    *ret_count = series.year_count;
    return 0;
}

int store_measure_series(struct reader *reader, const struct measure_query *query, struct arena *arena,
                         struct measure_series *ret_series, struct err *err)
{
    *ret_series = (struct measure_series){0};
    const struct measure *measure = query->measure;
    if (!measure->population || measure->kind == MEASURE_RATIO || measure->axis == AXIS_STOCK)
        return store_measure(reader, query, arena, &ret_series->cells, &ret_series->count, err);
    return check(query, err) || measure_kept(reader, 's', query, make_series, arena, ret_series, err);
}
