/* Conditions and paths of measures as SQL. */
#include "store/measure_sql.h"

#include <assert.h>

#define PART_TEXT_MAX ((size_t)256 << 10)

/* ---- tables and columns ---- */

struct str measure_source(struct measure_sql *writer, const struct table *table)
{
    note_register(writer->reader, table->reg);
    if (!writer->args.as_of)
        return arena_format(writer->arena, "\"%.*s\"", STR_ARG(table->name));
    return arena_format(writer->arena,
                        "(SELECT %.*s FROM \"%.*s\" WHERE \"seq_from\"<=$%d UNION ALL SELECT %.*s FROM \"%.*s\" WHERE "
                        "\"seq_from\"<=$%d AND \"seq_to\">$%d)",
                        STR_ARG(table->read_columns), STR_ARG(table->name), writer->args.as_of,
                        STR_ARG(table->read_columns), STR_ARG(table->past_name), writer->args.as_of,
                        writer->args.as_of);
}

static struct str link_source(struct measure_sql *writer, const struct link *link)
{
    if (!writer->args.as_of)
        return arena_format(writer->arena, "\"%.*s\"", STR_ARG(link->table));
    return arena_format(
        writer->arena,
        "(SELECT \"value\",\"id\",\"seq_from\" FROM \"%.*s\" UNION ALL SELECT \"value\",\"id\",\"seq_from\" "
        "FROM \"%.*s\")",
        STR_ARG(link->table), STR_ARG(link->past_table));
}

static const struct slot *first_slot(const struct table *table, const struct field *field)
{
    return &table->slots[table->places[field->position].first_slot];
}

static struct str column(struct measure_sql *writer, struct str alias, const struct table *table,
                         const struct field *field)
{
    return arena_format(writer->arena, "%.*s.\"%.*s\"", STR_ARG(alias), STR_ARG(first_slot(table, field)->column));
}

/* A field that the viewer may not see closes whatever is made of it. */
static void look_at_field(struct measure_sql *writer, const struct field *field)
{
    if (!viewer_sees_field(&writer->reader->options.viewer, field, STR("")))
        writer->closed = true;
}

/* ---- scopes ---- */

void scope_begin(struct scope *scope, struct measure_sql *writer, const struct table *table, struct str date)
{
    *scope = (struct scope){.writer = writer, .table = table, .date = date};
    scope->alias = arena_format(writer->arena, "t%d", writer->alias_count++);
    buf_init(&scope->joins, PART_TEXT_MAX);
    buf_init(&scope->seen, PART_TEXT_MAX);
}

void scope_free(struct scope *scope)
{
    buf_free(&scope->joins);
    buf_free(&scope->seen);
}

static void add_seen(struct scope *scope, struct str alias, bool joined)
{
    measure_viewer_args(scope->writer);
    const struct shared_args *args = &scope->writer->args;
    buf_add_format(&scope->seen, " AND (%.*s.\"visibility\"<=$%d", STR_ARG(alias), args->sees);
    if (args->owner)
        buf_add_format(&scope->seen, " OR %.*s.\"owner\"=$%d", STR_ARG(alias), args->owner);
    if (joined)
        buf_add_format(&scope->seen, " OR %.*s.\"id\" IS NULL", STR_ARG(alias));
    buf_add_literal(&scope->seen, ")");
}

static struct str join(struct scope *scope, struct str alias, const struct table *table, const struct field *field)
{
    struct measure_sql *writer = scope->writer;
    struct str from = column(writer, alias, table, field);
    for (size_t i = 0; i < scope->join_count; i++)
        if (str_eq(scope->join_keys[i], from))
            return scope->join_aliases[i];
    assert(scope->join_count < SCOPE_JOINS_MAX);
    const struct table *target = layout_table(writer->reader->store->layout, field->reference);
    struct str joined = arena_format(writer->arena, "t%d", writer->alias_count++);
    buf_add_format(&scope->joins, " LEFT JOIN %.*s AS %.*s ON %.*s.\"id\"=%.*s",
                   STR_ARG(measure_source(writer, target)), STR_ARG(joined), STR_ARG(joined), STR_ARG(from));
    if (measure_may_hide(writer, target->reg))
        add_seen(scope, joined, true);
    scope->join_keys[scope->join_count] = from;
    scope->join_aliases[scope->join_count++] = joined;
    return joined;
}

struct str scope_reach(struct scope *scope, const struct field_path *path, const struct table **ret_table)
{
    struct str alias = scope->alias;
    const struct table *table = scope->table;
    for (size_t i = 0; i + 1 < path->count; i++) {
        look_at_field(scope->writer, path->steps[i]);
        alias = join(scope, alias, table, path->steps[i]);
        table = layout_table(scope->writer->reader->store->layout, path->steps[i]->reference);
    }
    look_at_field(scope->writer, path->steps[path->count - 1]);
    *ret_table = table;
    return alias;
}

struct str scope_field(struct scope *scope, const struct field_choice *choice)
{
    struct arena *arena = scope->writer->arena;
    struct str all = STR("");
    for (size_t i = 0; i < choice->count; i++) {
        const struct field_path *path = &choice->paths[i];
        const struct table *table;
        struct str alias = scope_reach(scope, path, &table);
        struct str one = column(scope->writer, alias, table, path->steps[path->count - 1]);
        all = i ? arena_concat(arena, 3, all, STR(","), one) : one;
    }
    return choice->count > 1 ? arena_concat(arena, 3, STR("coalesce("), all, STR(")")) : all;
}

/* ---- values ---- */

int measure_text_arg(struct measure_sql *writer, struct str text)
{
    for (int i = 0; i < writer->sql.arg_count; i++)
        if (writer->sql.args[i].kind == ARG_TEXT && str_eq(writer->sql.args[i].text, text))
            return i + 1;
    return sql_text_arg(&writer->sql, text);
}

static int value_arg(struct measure_sql *writer, const struct field *field, struct str value, int *ret_arg,
                     struct err *err)
{
    /* Room is left for what a statement adds itself. */
    if (writer->sql.arg_count + 12 > SQL_ARGS_MAX)
        return err_set(err, ERR_LIMIT, "the measure %.*s is given too many values at once",
                       STR_ARG(writer->measure->name));
    struct decimal number;
    switch (field->type) {
    case FIELD_BOOLEAN:
        *ret_arg = sql_int_arg(&writer->sql, str_eq(value, STR("true")));
        return 0;
    case FIELD_INTEGER:
    case FIELD_NUMBER:
    case FIELD_FIGURE:
        if (!decimal_parse(value, &number))
            return err_set_field(err, ERR_INVALID, field->name, "\"%.*s\" is no number", STR_ARG(value));
        *ret_arg = sql_decimal_arg(&writer->sql, number);
        return 0;
    default:
        *ret_arg = measure_text_arg(writer, value);
        return 0;
    }
}

static const struct measure_argument *argument(const struct measure_query *query, struct str name)
{
    for (size_t i = 0; i < query->argument_count; i++)
        if (str_eq(query->arguments[i].name, name) && query->arguments[i].count)
            return &query->arguments[i];
    return NULL;
}

const struct measure_parameter *measure_missing_parameter(const struct measure_query *query)
{
    for (size_t i = 0; i < query->measure->parameter_count; i++)
        if (!argument(query, query->measure->parameters[i].name))
            return &query->measure->parameters[i];
    return NULL;
}

int measure_values(struct measure_sql *writer, const struct field *field, const struct str *values, size_t count,
                   const struct measure_parameter *parameter, struct str *ret_list, struct err *err)
{
    if (parameter) {
        const struct measure_argument *given = argument(writer->query, parameter->name);
        if (!given)
            return err_set_field(err, ERR_INVALID, parameter->name,
                                 "the measure %.*s needs \"%.*s\", which is not given", STR_ARG(writer->measure->name),
                                 STR_ARG(parameter->name));
        values = given->values;
        count = given->count;
    }
    BUF_AUTO list;
    buf_init(&list, PART_TEXT_MAX);
    for (size_t i = 0; i < count; i++) {
        int arg = 0;
        if (value_arg(writer, field, values[i], &arg, err))
            return -1;
        buf_add_format(&list, "%s$%d", i ? "," : "", arg);
    }
    *ret_list = arena_copy(writer->arena, buf_str(&list));
    return 0;
}

/* ---- conditions ---- */

/* Conditions are written twice where something may be hidden: once for what counts, once for what the viewer sees of it. */
struct condition_writer {
    struct scope *scope;
    bool only_seen;
    int depth;
};

static int write_conditions(const struct condition_writer *cw, const struct condition *conditions, size_t count,
                            const char *between, struct buf *out, struct err *err);

static int write_list_test(const struct condition_writer *cw, const struct condition *condition, struct buf *out,
                           struct err *err)
{
    struct measure_sql *writer = cw->scope->writer;
    const struct table *table;
    struct str alias = scope_reach(cw->scope, &condition->field.paths[0], &table);
    const struct link *link = table->places[condition->field.field->position].link;
    bool negative = condition->kind == CONDITION_NOT_IN || condition->kind == CONDITION_ABSENT;
    struct str list = STR("");
    bool valued = condition->kind == CONDITION_IN || condition->kind == CONDITION_NOT_IN;
    if (!link) {
        buf_add_format(out, "%.*s IS %sNULL", STR_ARG(column(writer, alias, table, condition->field.field)),
                       negative ? "" : "NOT ");
        return 0;
    }
    if (valued && measure_values(writer, condition->field.field, condition->values, condition->value_count,
                                 condition->parameter, &list, err))
        return -1;
    buf_add_format(out, "%sEXISTS (SELECT 1 FROM %.*s AS l WHERE l.\"id\"=%.*s.\"id\"", negative ? "NOT " : "",
                   STR_ARG(link_source(writer, link)), STR_ARG(alias));
    if (writer->args.as_of)
        buf_add_format(out, " AND l.\"seq_from\"=%.*s.\"seq_from\"", STR_ARG(alias));
    if (valued)
        buf_add_format(out, " AND l.\"value\" IN (%.*s)", STR_ARG(list));
    buf_add_literal(out, ")");
    return 0;
}

static void write_presence(const struct condition_writer *cw, const struct condition *condition, struct buf *out)
{
    const struct field *field = condition->field.field;
    bool present = condition->kind == CONDITION_PRESENT;
    const struct table *table;
    struct str alias = scope_reach(cw->scope, &condition->field.paths[0], &table);
    const struct field_place *place = &table->places[field->position];
    if (condition->field.count > 1 || (!field->bilingual && !field->party && field->type != FIELD_FIGURE)) {
        buf_add_format(out, "%.*s IS %sNULL", STR_ARG(scope_field(cw->scope, &condition->field)),
                       present ? "NOT " : "");
        return;
    }
    size_t slots = field->party ? 3 : 2;
    buf_add_literal(out, "coalesce(");
    for (size_t i = 0; i < slots; i++)
        buf_add_format(out, "%s%.*s.\"%.*s\"", i ? "," : "", STR_ARG(alias),
                       STR_ARG(table->slots[place->first_slot + i].column));
    buf_add_format(out, ") IS %sNULL", present ? "NOT " : "");
}

static int write_bound(const struct condition_writer *cw, const struct condition *condition, struct buf *out,
                       struct err *err)
{
    struct measure_sql *writer = cw->scope->writer;
    const struct field *field = condition->field.field;
    struct str expression = scope_field(cw->scope, &condition->field), list;
    bool most = condition->kind == CONDITION_AT_MOST;
    if (most && field->type == FIELD_FIGURE && condition->field.count == 1) {
        const struct table *table;
        struct str alias = scope_reach(cw->scope, &condition->field.paths[0], &table);
        expression =
            arena_format(writer->arena, "%.*s.\"%.*s\"", STR_ARG(alias), STR_ARG(first_slot(table, field)[1].column));
    }
    struct str bound = condition->parameter ? STR("") : condition->values[0];
    if (most && field->type == FIELD_DATE && bound.len)
        bound = arena_concat(writer->arena, 2, bound, STR("~"));
    if (measure_values(writer, field, &bound, 1, condition->parameter, &list, err))
        return -1;
    buf_add_format(out, "%.*s%s%.*s", STR_ARG(expression), most ? "<=" : ">=", STR_ARG(list));
    return 0;
}

/* As sql_holds, on a day that the statement itself works out. */
static void write_holds(const struct condition_writer *cw, const struct field *by, struct buf *out)
{
    struct str alias = cw->scope->alias, day = cw->scope->date;
    const struct table *table = cw->scope->table;
    struct measure_sql *writer = cw->scope->writer;
    struct str a = alias;
    buf_add_format(out,
                   " AND (%.*s.\"from\"<=%.*s||'~' OR (%.*s.\"from\" IS NULL AND (%.*s.\"attested_on\" IS NULL OR "
                   "%.*s.\"attested_on\"<=%.*s||'~'))) AND (%.*s.\"to\" IS NULL OR %.*s.\"to\"||'~'>=%.*s)",
                   STR_ARG(a), STR_ARG(day), STR_ARG(a), STR_ARG(a), STR_ARG(a), STR_ARG(day), STR_ARG(a), STR_ARG(a),
                   STR_ARG(day));
    if (table->reg->one_at_a_time_count == 0)
        return;
    struct str later = arena_format(writer->arena, "t%d", writer->alias_count++);
    buf_add_format(
        out, " AND (%.*s.\"to\" IS NOT NULL OR NOT EXISTS (SELECT 1 FROM %.*s AS %.*s WHERE %.*s.\"id\"<>%.*s.\"id\"",
        STR_ARG(a), STR_ARG(measure_source(writer, table)), STR_ARG(later), STR_ARG(later), STR_ARG(a));
    for (size_t i = 0; i < table->reg->one_at_a_time_count; i++) {
        const struct field *field = table->reg->one_at_a_time[i];
        buf_add_format(out, " AND %.*s%s=%.*s", STR_ARG(column(writer, later, table, field)),
                       field == by || table->reg->one_at_a_time_count == 1 || field->type != FIELD_TEXT ? "" : "||''",
                       STR_ARG(column(writer, a, table, field)));
    }
    buf_add_format(out,
                   " AND coalesce(%.*s.\"from\",%.*s.\"attested_on\")>coalesce(%.*s.\"from\",%.*s.\"attested_on\") AND "
                   "coalesce(%.*s.\"from\",%.*s.\"attested_on\")<=%.*s||'~'))",
                   STR_ARG(later), STR_ARG(later), STR_ARG(a), STR_ARG(a), STR_ARG(later), STR_ARG(later),
                   STR_ARG(day));
}

/* A field that names several records is looked up by its link table, which has an index from the record named. */
static struct str named_by(struct scope *scope, const struct field *by)
{
    struct measure_sql *writer = scope->writer;
    struct str source = measure_source(writer, scope->table), a = scope->alias;
    const struct link *link = scope->table->places[by->position].link;
    if (!link)
        return arena_format(writer->arena, "%.*s AS %.*s", STR_ARG(source), STR_ARG(a));
    return arena_format(
        writer->arena, "%.*s AS n%.*s JOIN %.*s AS %.*s ON %.*s.\"id\"=n%.*s.\"id\"%s",
        STR_ARG(link_source(writer, link)), STR_ARG(a), STR_ARG(source), STR_ARG(a), STR_ARG(a), STR_ARG(a),
        writer->args.as_of
            ? arena_format(writer->arena, " AND n%.*s.\"seq_from\"=%.*s.\"seq_from\"", STR_ARG(a), STR_ARG(a)).ptr
            : "");
}

static struct str naming_column(struct scope *scope, const struct field *by)
{
    if (!scope->table->places[by->position].link)
        return column(scope->writer, scope->alias, scope->table, by);
    return arena_format(scope->writer->arena, "n%.*s.\"value\"", STR_ARG(scope->alias));
}

static int write_exists(const struct condition_writer *cw, const struct condition *condition, struct buf *out,
                        struct err *err)
{
    struct measure_sql *writer = cw->scope->writer;
    const struct table *outer_table = cw->scope->table;
    struct str outer = arena_format(writer->arena, "%.*s.\"id\"", STR_ARG(cw->scope->alias));
    if (condition->of.count) {
        struct str alias = scope_reach(cw->scope, &condition->of, &outer_table);
        outer = column(writer, alias, outer_table, condition->of.steps[condition->of.count - 1]);
    }
    SCOPE_AUTO inner;
    scope_begin(&inner, writer, layout_table(writer->reader->store->layout, condition->reg), cw->scope->date);
    look_at_field(writer, condition->by);
    BUF_AUTO tests;
    buf_init(&tests, PART_TEXT_MAX);
    struct condition_writer inside = {&inner, cw->only_seen, cw->depth + 1};
    for (size_t i = 0; i < condition->inner_count; i++) {
        buf_add_literal(&tests, " AND ");
        if (write_conditions(&inside, &condition->inner[i], 1, "", &tests, err))
            return -1;
    }
    if (condition->on_time && cw->scope->date.len)
        write_holds(&inside, condition->by, &tests);
    if (cw->only_seen && measure_may_hide(writer, condition->reg))
        add_seen(&inner, inner.alias, false);
    buf_add_format(out, "EXISTS (SELECT 1 FROM %.*s%.*s WHERE %.*s=%.*s%.*s", STR_ARG(named_by(&inner, condition->by)),
                   STR_ARG(buf_str(&inner.joins)), STR_ARG(naming_column(&inner, condition->by)), STR_ARG(outer),
                   STR_ARG(buf_str(&tests)));
    if (cw->only_seen)
        buf_add(out, buf_str(&inner.seen));
    buf_add_literal(out, ")");
    return 0;
}

static int write_values_test(const struct condition_writer *cw, const struct condition *condition, struct buf *out,
                             struct err *err)
{
    struct str expression = scope_field(cw->scope, &condition->field), list;
    /* Found by the record that is named; an index over few values would find far more. */
    if (cw->depth > 0 && condition->field.field->type == FIELD_TEXT)
        expression = arena_concat(cw->scope->writer->arena, 2, expression, STR("||''"));
    if (measure_values(cw->scope->writer, condition->field.field, condition->values, condition->value_count,
                       condition->parameter, &list, err))
        return -1;
    if (condition->kind == CONDITION_IN)
        buf_add_format(out, "%.*s IN (%.*s)", STR_ARG(expression), STR_ARG(list));
    else
        buf_add_format(out, "(%.*s IS NULL OR %.*s NOT IN (%.*s))", STR_ARG(expression), STR_ARG(expression),
                       STR_ARG(list));
    return 0;
}

static int write_field_condition(const struct condition_writer *cw, const struct condition *condition, struct buf *out,
                                 struct err *err)
{
    if (!condition->field.field)
        return err_set(err, ERR_INTERNAL, "a condition on no field");
    bool of_list = condition->field.field->type == FIELD_LIST;
    switch (condition->kind) {
    case CONDITION_PRESENT:
    case CONDITION_ABSENT:
        if (of_list)
            return write_list_test(cw, condition, out, err);
        write_presence(cw, condition, out);
        return 0;
    case CONDITION_AT_LEAST:
    case CONDITION_AT_MOST:
        return write_bound(cw, condition, out, err);
    case CONDITION_IN:
    case CONDITION_NOT_IN:
        return of_list ? write_list_test(cw, condition, out, err) : write_values_test(cw, condition, out, err);
    case CONDITION_ANY:
    case CONDITION_EXISTS:
        break;
    }
    return err_set(err, ERR_INTERNAL, "a condition of no kind");
}

static int write_condition(const struct condition_writer *cw, const struct condition *condition, struct buf *out,
                           struct err *err)
{
    if (condition->kind == CONDITION_ANY)
        return write_conditions(cw, condition->inner, condition->inner_count, " OR ", out, err);
    if (condition->kind == CONDITION_EXISTS)
        return write_exists(cw, condition, out, err);
    return write_field_condition(cw, condition, out, err);
}

static int write_conditions(const struct condition_writer *cw, const struct condition *conditions, size_t count,
                            const char *between, struct buf *out, struct err *err)
{
    buf_add_literal(out, "(");
    for (size_t i = 0; i < count; i++) {
        if (i)
            buf_add(out, str_from_cstr(between));
        if (write_condition(cw, &conditions[i], out, err))
            return -1;
    }
    buf_add_literal(out, ")");
    return 0;
}

/* Whether a condition looks at a register in which something may be hidden. */
static bool looks_at_hidden(const struct measure_sql *writer, const struct condition *condition)
{
    if (condition->kind == CONDITION_EXISTS && measure_may_hide(writer, condition->reg))
        return true;
    for (size_t i = 0; i < condition->inner_count; i++)
        if (looks_at_hidden(writer, &condition->inner[i]))
            return true;
    return false;
}

int scope_conditions(struct scope *scope, const struct condition *conditions, size_t count, struct buf *out,
                     struct err *err)
{
    struct condition_writer all = {scope, false, 0}, seen = {scope, true, 0};
    for (size_t i = 0; i < count; i++) {
        buf_add_literal(out, " AND ");
        if (write_conditions(&all, &conditions[i], 1, "", out, err))
            return -1;
        if (!looks_at_hidden(scope->writer, &conditions[i]))
            continue;
        BUF_AUTO again; /* whatever this joins adds to scope->seen itself */
        buf_init(&again, PART_TEXT_MAX);
        if (write_conditions(&seen, &conditions[i], 1, "", &again, err))
            return -1;
        buf_add_literal(&scope->seen, " AND ");
        buf_add(&scope->seen, buf_str(&again));
    }
    return 0;
}
