/* From a measure to the relation of what it adds up. */
#include "store/measure_sql.h"

#define PART_TEXT_MAX ((size_t)256 << 10)
#define GROUP_DEPTH_MAX 8

int measure_sql_begin(struct measure_sql *writer, struct reader *reader, const struct measure_query *query,
                      struct arena *arena, struct err *err)
{
    const struct measure *measure = query->measure;
    *writer = (struct measure_sql){.reader = reader, .query = query, .measure = measure, .arena = arena};
    sql_init(&writer->sql);
    reader->computing++;
    writer->table = layout_table(reader->store->layout, measure->reg);
    const struct read_options *options = &reader->options;
    if (options->as_of)
        writer->args.as_of = sql_int_arg(&writer->sql, options->as_of);
    if (measure->axis == AXIS_STOCK && date_is_set(options->on)) {
        char text[DATE_TEXT_MAX];
        size_t length = date_format(date_first_day(options->on), text);
        writer->args.on_first = sql_text_arg(&writer->sql, arena_copy(arena, str_make(text, length)));
        length = date_format(date_last_day(options->on), text);
        writer->args.on_last = sql_text_arg(&writer->sql, arena_copy(arena, str_make(text, length)));
    }
    writer->axis = query->axis == AXIS_DECLARED || measure->axis == AXIS_STOCK ? measure->axis : query->axis;
    writer->limited = reader->options.viewer.sees < VISIBILITY_SECRETARIAT;
    if (writer->axis == AXIS_STOCK && measure->axis != AXIS_STOCK)
        return err_set(err, ERR_INVALID, "%.*s is counted by years and no stock", STR_ARG(measure->name));
    return 0;
}

void measure_viewer_args(struct measure_sql *writer)
{
    const struct viewer *viewer = &writer->reader->options.viewer;
    if (writer->args.sees)
        return;
    writer->args.sees = sql_int_arg(&writer->sql, viewer->sees);
    if (viewer->owner.len)
        writer->args.owner = sql_text_arg(&writer->sql, viewer->owner);
}

bool measure_may_hide(const struct measure_sql *writer, const struct reg *reg)
{
    return writer->limited && atomic_load(&writer->reader->store->has_hidden[reg->position]);
}

void measure_sql_free(struct measure_sql *writer)
{
    sql_free(&writer->sql);
    writer->reader->computing--;
}

struct str measure_year_end(struct measure_sql *writer, struct str year)
{
    int month = writer->measure->first_month;
    if (writer->axis != AXIS_FISCAL_YEAR || month == 1)
        return arena_format(writer->arena, "CAST(%.*s AS TEXT)||'-12-31'", STR_ARG(year));
    return arena_format(writer->arena, "CAST(%.*s+1 AS TEXT)||'-%02d-%02d'", STR_ARG(year), month - 1,
                        date_days_in_month(2001, month - 1));
}

/* ---- the columns of src ---- */

static struct str field_column(const struct measure_sql *writer, const struct scope *scope, const struct field *field,
                               size_t slot)
{
    const struct field_place *place = &writer->table->places[field->position];
    return arena_format(writer->arena, "%.*s.\"%.*s\"", STR_ARG(scope->alias),
                        STR_ARG(writer->table->slots[place->first_slot + slot].column));
}

/* The year in which a record lies. */
struct str measure_year_of(const struct measure_sql *writer, const struct scope *scope)
{
    const struct measure *measure = writer->measure;
    if (writer->axis == AXIS_STOCK)
        return arena_format(writer->arena, "%d", writer->stock_year);
    struct str date = field_column(writer, scope, measure->time, 0);
    if (measure->time->type == FIELD_INTEGER)
        return date;
    struct str year = arena_format(writer->arena, "CAST(substr(%.*s,1,4) AS INTEGER)", STR_ARG(date));
    if (writer->axis != AXIS_FISCAL_YEAR || measure->first_month == 1)
        return year;
    return arena_format(writer->arena,
                        "CASE WHEN length(%.*s)>=7 THEN %.*s-CASE WHEN substr(%.*s,6,2)<'%02d' THEN 1 ELSE 0 END END",
                        STR_ARG(date), STR_ARG(year), STR_ARG(date), measure->first_month);
}

/* ---- money of other currencies ---- */

/* A date as a number that grows with it, its first day or its last: months count 31 days, which is enough to compare lengths by. */
static struct str day_number(struct measure_sql *writer, struct str date, bool last)
{
    struct arena *arena = writer->arena;
    struct str whole =
        last ? arena_format(arena, "(%.*s||CASE length(%.*s) WHEN 4 THEN '-12-31' WHEN 7 THEN '-31' ELSE '' END)",
                            STR_ARG(date), STR_ARG(date))
             : arena_format(arena, "(%.*s||'-01-01')", STR_ARG(date));
    return arena_format(arena,
                        "(CAST(substr(%.*s,1,4) AS INTEGER)*372+CAST(substr(%.*s,6,2) AS INTEGER)*31+"
                        "CAST(substr(%.*s,9,2) AS INTEGER))",
                        STR_ARG(whole), STR_ARG(whole), STR_ARG(whole));
}

static const struct reg *rates_of(const struct measure_sql *writer)
{
    return writer->measure->currency.len ? model_role(writer->reader->store->model, ROLE_EXCHANGE_RATE) : NULL;
}

/* The rates into the measure's currency, in either direction: c (of what), r, a and b (the first and the last day), id. */
static void write_rates(struct measure_sql *writer)
{
    const struct reg *reg = rates_of(writer);
    if (!reg)
        return;
    const struct table *table = layout_table(writer->reader->store->layout, reg);
    int into = measure_text_arg(writer, writer->measure->currency);
    struct str first = day_number(writer, STR("f.\"from\""), false);
    struct str last = day_number(writer, STR("coalesce(f.\"to\",f.\"from\")"), true);
    sql_add(&writer->sql, "\"fx\" AS MATERIALIZED (");
    for (int direction = 0; direction < 2; direction++)
        sql_add(&writer->sql,
                "%sSELECT f.\"%s\" AS \"c\",%sf.\"rate\" AS \"r\",%.*s AS \"a\",%.*s AS \"b\",f.\"id\" AS \"id\" FROM "
                "%.*s AS f WHERE f.\"%s\"=$%d AND f.\"rate\">0 AND f.\"from\" IS NOT NULL",
                direction ? " UNION ALL " : "", direction ? "quote" : "base", direction ? "1.0/" : "", STR_ARG(first),
                STR_ARG(last), STR_ARG(measure_source(writer, table)), direction ? "base" : "quote", into);
    sql_add(&writer->sql, "),");
}

/* The rate of a figure's currency on the record's day or days, as model/exchange.h chooses it: the one that has most days in common
 * with them, of several the one over the shortest time, then the latest; else the latest that ended before. NULL: there is none. */
static struct str rate_of(struct measure_sql *writer, const struct scope *scope, struct str currency)
{
    struct arena *arena = writer->arena;
    struct str first = STR("9999999"), last = STR("9999999");
    if (!rates_of(writer))
        return STR("NULL");
    if (writer->measure->time && writer->measure->time->type == FIELD_DATE) {
        struct str date = field_column(writer, scope, writer->measure->time, 0);
        first = day_number(writer, date, false);
        last = day_number(writer, date, true);
    }
    return arena_format(
        arena,
        "coalesce((SELECT g.\"r\" FROM (SELECT f.\"r\" AS \"r\",f.\"b\"-f.\"a\" AS \"long\",f.\"a\" AS "
        "\"a\",f.\"id\" AS \"id\",CASE WHEN f.\"b\"<%.*s THEN f.\"b\" ELSE %.*s END-CASE WHEN "
        "f.\"a\">%.*s THEN f.\"a\" ELSE %.*s END AS \"common\" FROM \"fx\" AS f WHERE f.\"c\"=%.*s AND "
        "f.\"a\"<=%.*s AND f.\"b\">=%.*s) AS g ORDER BY g.\"common\" DESC,g.\"long\",g.\"a\" "
        "DESC,g.\"id\" LIMIT 1),(SELECT f.\"r\" FROM \"fx\" AS f WHERE f.\"c\"=%.*s AND f.\"b\"<%.*s ORDER "
        "BY f.\"b\" DESC,f.\"b\"-f.\"a\",f.\"id\" LIMIT 1))",
        STR_ARG(last), STR_ARG(last), STR_ARG(first), STR_ARG(first), STR_ARG(currency), STR_ARG(last), STR_ARG(first),
        STR_ARG(currency), STR_ARG(first));
}

static struct str converted(struct measure_sql *writer, const struct scope *scope, struct str number)
{
    const struct measure *measure = writer->measure;
    if (measure->currency.len == 0)
        return number;
    struct str currency = field_column(writer, scope, measure->field, 5);
    int into = measure_text_arg(writer, measure->currency);
    struct str rate = rate_of(writer, scope, currency);
    return arena_format(writer->arena, "CASE WHEN %.*s=$%d THEN %.*s ELSE CAST(round(%.*s*%.*s) AS BIGINT) END",
                        STR_ARG(currency), into, STR_ARG(number), STR_ARG(number), STR_ARG(rate));
}

static void add_numbers(struct measure_sql *writer, const struct scope *scope, struct buf *out)
{
    const struct measure *measure = writer->measure;
    const struct field *field = measure->field;
    if (measure->kind == MEASURE_COUNT || measure->kind == MEASURE_COUNT_DISTINCT) {
        buf_add_literal(out, ",1 AS \"v\",1 AS \"w\",0 AS \"x\"");
        return;
    }
    struct str low = field_column(writer, scope, field, 0);
    if (field->type != FIELD_FIGURE) {
        buf_add_format(out, ",%.*s AS \"v\",%.*s AS \"w\",0 AS \"x\"", STR_ARG(low), STR_ARG(low));
        return;
    }
    struct str high = field_column(writer, scope, field, 1);
    struct str both[] = {low, high};
    for (int i = 0; i < 2; i++) {
        struct str one = arena_format(writer->arena, "coalesce(%.*s,%.*s)", STR_ARG(both[i]), STR_ARG(both[1 - i]));
        buf_add_format(out, ",%.*s AS \"%s\"", STR_ARG(converted(writer, scope, one)), i ? "w" : "v");
    }
    buf_add_format(out, ",coalesce(%.*s,0) AS \"x\"", STR_ARG(field_column(writer, scope, field, 3)));
}

/* Whose number it is. A record that names nobody in the registers is its own; no id has a colon. */
static void add_contributor(struct measure_sql *writer, struct scope *scope, struct buf *out)
{
    const struct measure *measure = writer->measure;
    if (measure->kind == MEASURE_COUNT_DISTINCT) {
        buf_add_format(out, ",%.*s AS \"e\"", STR_ARG(field_column(writer, scope, measure->field, 0)));
        return;
    }
    if (measure->contributor.count == 0) {
        buf_add_format(out, ",%.*s.\"id\" AS \"e\"", STR_ARG(scope->alias));
        return;
    }
    struct field_choice choice = {.paths = {measure->contributor}, .count = 1};
    struct str field = scope_field(scope, &choice);
    buf_add_format(out, ",coalesce(%.*s,':'||%.*s.\"id\") AS \"e\"", STR_ARG(field), STR_ARG(scope->alias));
}

static int add_split(struct measure_sql *writer, struct scope *scope, struct buf *out, struct err *err)
{
    const struct measure_split *split = writer->query->split;
    if (!split)
        return 0;
    if (split->field.field->type == FIELD_LIST) {
        const struct table *table;
        struct str alias = scope_reach(scope, &split->field.paths[0], &table);
        buf_add_format(out, ",%.*s.\"id\" AS \"di\",%.*s.\"seq_from\" AS \"ds\"", STR_ARG(alias), STR_ARG(alias));
        return 0;
    }
    struct str field = scope_field(scope, &split->field);
    if (!split->grouped) {
        buf_add_format(out, ",CAST(%.*s AS TEXT) AS \"d\"", STR_ARG(field));
        return 0;
    }
    struct str list;
    if (measure_values(writer, split->field.field, split->values, split->value_count, split->parameter, &list, err))
        return -1;
    buf_add_format(out, ",CASE WHEN %.*s IN (%.*s) THEN 'inside' WHEN %.*s IS NOT NULL THEN 'outside' END AS \"d\"",
                   STR_ARG(field), STR_ARG(list), STR_ARG(field));
    return 0;
}

static void add_preferences(const struct measure_sql *writer, const struct scope *scope, struct buf *out)
{
    const struct measure *measure = writer->measure;
    for (size_t i = 0; i < measure->preference_count; i++) {
        const struct preference *preference = &measure->preferences[i];
        struct str field = field_column(writer, scope, preference->field, 0);
        if (preference->field->type == FIELD_DATE)
            buf_add_format(out, ",coalesce(%.*s,'') AS \"p%zu\"", STR_ARG(field), i);
        else if (preference->kind == PREFER_NEAREST)
            buf_add_format(out, ",abs(coalesce(%.*s,%lld)-(%lld)) AS \"p%zu\"", STR_ARG(field),
                           (long long)preference->nearest_to, (long long)preference->nearest_to, i);
        else
            buf_add_format(out, ",coalesce(%.*s,0) AS \"p%zu\"", STR_ARG(field), i);
    }
    if (measure->group_whole)
        buf_add_format(out, ",%.*s AS \"g\"", STR_ARG(field_column(writer, scope, measure->group_whole, 0)));
}

/* Dates are compared as text, so a year's bounds are those of its first and of the next one's first month. */
static void add_bounds(struct measure_sql *writer, const struct scope *scope, struct buf *out)
{
    const struct measure_query *query = writer->query;
    if (writer->axis == AXIS_STOCK)
        return;
    struct str field = field_column(writer, scope, writer->measure->time, 0);
    bool whole = writer->measure->time->type == FIELD_INTEGER;
    int month = writer->axis == AXIS_FISCAL_YEAR ? writer->measure->first_month : 1;
    int years[] = {query->from_year, query->to_year ? query->to_year + 1 : 0};
    for (int i = 0; i < 2; i++) {
        if (years[i] == 0)
            continue;
        const char *compare = i ? "<" : ">=";
        if (whole)
            buf_add_format(out, " AND %.*s%s%d", STR_ARG(field), compare, years[i]);
        else if (month == 1)
            buf_add_format(out, " AND %.*s%s'%04d'", STR_ARG(field), compare, years[i]);
        else
            buf_add_format(out, " AND %.*s%s'%04d-%02d'", STR_ARG(field), compare, years[i], month);
    }
}

/* ---- the relations ---- */

static struct str day_of(struct measure_sql *writer, const struct scope *scope)
{
    const struct measure *measure = writer->measure;
    if (writer->axis == AXIS_STOCK) {
        if (writer->args.on_last)
            return arena_format(writer->arena, "$%d", writer->args.on_last);
        return STR("");
    }
    struct str field = field_column(writer, scope, measure->time, 0);
    return measure->time->type == FIELD_DATE ? field : measure_year_end(writer, field);
}

static int write_src(struct measure_sql *writer, struct err *err)
{
    SCOPE_AUTO scope;
    scope_begin(&scope, writer, writer->table, STR(""));
    scope.date = day_of(writer, &scope);
    BUF_AUTO columns, tests;
    buf_init(&columns, PART_TEXT_MAX);
    buf_init(&tests, PART_TEXT_MAX);
    buf_add_format(&columns, "%.*s.\"id\" AS \"id\"", STR_ARG(scope.alias));
    add_contributor(writer, &scope, &columns);
    buf_add_format(&columns, ",%.*s AS \"y\"", STR_ARG(measure_year_of(writer, &scope)));
    add_numbers(writer, &scope, &columns);
    add_preferences(writer, &scope, &columns);
    if (writer->measure->kind == MEASURE_LAST)
        buf_add_format(&columns, ",%.*s AS \"p0\"", STR_ARG(scope.date.len ? scope.date : STR("''")));
    if (add_split(writer, &scope, &columns, err) ||
        scope_conditions(&scope, writer->measure->conditions, writer->measure->condition_count, &tests, err))
        return -1;
    add_bounds(writer, &scope, &tests);
    if (writer->measure->kind == MEASURE_COUNT_DISTINCT)
        buf_add_format(&tests, " AND %.*s IS NOT NULL",
                       STR_ARG(field_column(writer, &scope, writer->measure->field, 0)));
    if (writer->measure->field && !viewer_sees_field(&writer->reader->options.viewer, writer->measure->field, STR("")))
        writer->closed = true;
    struct sql *sql = &writer->sql;
    sql_add(sql, "\"src\" AS (SELECT %.*s,", STR_ARG(buf_str(&columns)));
    bool may_hide = scope.seen.len || measure_may_hide(writer, writer->measure->reg);
    if (writer->closed || may_hide) {
        measure_viewer_args(writer);
        sql_add(sql, "CASE WHEN 1=%d", !writer->closed);
        sql_visible(sql, scope.alias.ptr, &writer->args);
        sql_add(sql, "%.*s THEN 1 ELSE 0 END", STR_ARG(buf_str(&scope.seen)));
    } else {
        sql_add(sql, "1");
    }
    sql_add(sql, " AS \"s\" FROM %.*s AS %.*s%.*s WHERE 1=1%.*s", STR_ARG(measure_source(writer, writer->table)),
            STR_ARG(scope.alias), STR_ARG(buf_str(&scope.joins)), STR_ARG(buf_str(&tests)));
    if (writer->axis == AXIS_STOCK)
        sql_holds(sql, scope.alias.ptr, writer->table, &writer->args);
    sql_add(sql, ")");
    return 0;
}

/* One of several: the first by the declared orders that has a number; the record's id makes it certain. */
static void write_pick(struct measure_sql *writer)
{
    const struct measure *measure = writer->measure;
    struct sql *sql = &writer->sql;
    if (measure->kind == MEASURE_LAST) {
        bool divided = writer->query->split && writer->query->split->field.field->type != FIELD_LIST;
        sql_add(sql,
                ",\"pick\" AS (SELECT \"src\".*,row_number() OVER (PARTITION BY \"y\"%s ORDER BY \"p0\" DESC,\"id\" "
                "DESC) AS \"rn\" FROM \"src\" WHERE \"v\" IS NOT NULL AND \"s\"=1)",
                divided ? ",\"d\"" : "");
        return;
    }
    if (measure->preference_count == 0) {
        sql_add(sql, ",\"pick\" AS (SELECT \"src\".*,1 AS \"rn\" FROM \"src\")");
        return;
    }
    sql_add(sql,
            ",\"pick\" AS (SELECT \"src\".*,row_number() OVER (PARTITION BY \"e\",\"y\" ORDER BY CASE WHEN \"v\" IS "
            "NULL THEN 1 ELSE 0 END");
    for (size_t i = 0; i < measure->preference_count; i++)
        sql_add(sql, ",\"p%zu\"%s", i, measure->preferences[i].kind == PREFER_HIGHEST ? " DESC" : "");
    sql_add(sql, ",\"id\") AS \"rn\" FROM \"src\" WHERE \"y\" IS NOT NULL)");
}

static void write_group(struct measure_sql *writer)
{
    const struct measure *measure = writer->measure;
    struct sql *sql = &writer->sql;
    const struct field_path *path = &measure->contributor;
    const struct reg *reg = path->count ? path->steps[path->count - 1]->reference : measure->reg;
    const struct table *table = layout_table(writer->reader->store->layout, reg);
    struct str source = measure_source(writer, table);
    struct str parent = table->slots[table->places[measure->group_parent->position].first_slot].column;
    sql_add(
        sql,
        ",\"above\"(\"id\",\"top\",\"far\") AS (SELECT o.\"id\",o.\"%.*s\",1 FROM %.*s AS o WHERE o.\"%.*s\" IS NOT "
        "NULL UNION ALL SELECT a.\"id\",o.\"%.*s\",a.\"far\"+1 FROM \"above\" AS a JOIN %.*s AS o ON "
        "o.\"id\"=a.\"top\" WHERE o.\"%.*s\" IS NOT NULL AND a.\"far\"<%d)",
        STR_ARG(parent), STR_ARG(source), STR_ARG(parent), STR_ARG(parent), STR_ARG(source), STR_ARG(parent),
        GROUP_DEPTH_MAX);
    /* g+0: from the few that stand below another to what counts, not the other way round. */
    /* g+0: from the few that stand below another to what counts, not the other way round. */
    sql_add(sql, ",\"whole\" AS MATERIALIZED (SELECT a.\"id\" AS \"e\",c.\"y\" AS \"y\",min(a.\"top\") AS \"top\" FROM "
                 "\"above\" AS a JOIN \"counted\" AS c ON c.\"e\"=a.\"top\" WHERE c.\"g\"+0=1 AND c.\"v\" IS NOT NULL "
                 "AND a.\"id\"<>a.\"top\" GROUP BY a.\"id\",c.\"y\")");
    sql_add(sql, ",\"kept\" AS (SELECT c.* FROM \"counted\" AS c LEFT JOIN \"whole\" AS z ON z.\"e\"=c.\"e\" AND "
                 "z.\"y\"=c.\"y\" WHERE z.\"e\" IS NULL)");
}

int measure_sql_kept(struct measure_sql *writer, struct err *err)
{
    const struct measure *measure = writer->measure;
    struct sql *sql = &writer->sql;
    sql_add(sql, "WITH %s", measure->group_parent ? "RECURSIVE " : "");
    write_rates(writer);
    if (write_src(writer, err))
        return -1;
    write_pick(writer);
    bool several = measure->preference_count || measure->kind == MEASURE_LAST;
    sql_add(sql, ",\"counted\" AS %s(SELECT * FROM \"pick\"%s)", measure->group_parent ? "MATERIALIZED " : "",
            several ? " WHERE \"rn\"=1" : "");
    if (measure->group_parent)
        write_group(writer);
    else
        sql_add(sql, ",\"kept\" AS (SELECT * FROM \"counted\")");
    return 0;
}
