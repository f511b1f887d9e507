#include "cli/commands.h"

#include "store/measure.h"

const struct cli_option measure_options[] = {
    {"from", CLI_NUMBER, "YEAR", "0", "the first year; 0: from the beginning"},
    {"to", CLI_NUMBER, "YEAR", "0", "the last year; 0: to the end"},
    {"split", CLI_TEXT, "NAME", NULL, "divided by one of the measure's splits"},
    {"axis", CLI_TEXT, "NAME", NULL, "calendar-year, fiscal-year or own-fiscal-year instead of the measure's own"},
    {"with", CLI_TEXT, "LIST", NULL, "parameters: name=value,value;name=value"},
    {"as-of", CLI_NUMBER, "SEQ", "0", "what was known after this revision"},
    {"public", CLI_FLAG, NULL, NULL, "as everybody sees it; else as the secretariat does"},
    {"rows", CLI_NUMBER, "N", "0", "also the first N records behind it (of --from, with --split those of no part)"},
    {"coverage", CLI_FLAG, NULL, NULL, "also who reported; needs --from and --to"},
    {0},
};

#define ARGUMENTS_MAX MEASURE_PARAMETERS_MAX

/* "a=1,2;b=3" */
static int arguments_read(struct cli *cli, struct measure_argument *arguments, size_t *ret_count, struct err *err)
{
    struct str rest = cli_option_value(cli, "with"), part;
    bool done = rest.len == 0;
    size_t count = 0;
    while (!done && str_next_part(&rest, ';', &done, &part)) {
        size_t equals = str_find_byte(part, '=');
        if (equals == part.len || count == ARGUMENTS_MAX)
            return err_set(err, ERR_INVALID, "--with is name=value,value;name=value, at most %d of them",
                           ARGUMENTS_MAX);
        struct str values = str_slice(part, equals + 1, part.len), value;
        struct str *list = ARENA_NEW_ARRAY(&cli->arena, MEASURE_VALUES_MAX, struct str);
        size_t value_count = 0;
        bool end = values.len == 0;
        while (!end && value_count < MEASURE_VALUES_MAX && str_next_part(&values, ',', &end, &value))
            list[value_count++] = value;
        arguments[count++] = (struct measure_argument){str_slice(part, 0, equals), list, value_count};
    }
    *ret_count = count;
    return 0;
}

static enum year_axis axis_named(struct str name)
{
    for (int axis = AXIS_CALENDAR_YEAR; axis < YEAR_AXIS_COUNT; axis++)
        if (str_eq(name, year_axis_names[axis]))
            return (enum year_axis)axis;
    return AXIS_DECLARED;
}

static struct value *cell_value(struct arena *arena, const struct measure_cell *cell, bool divided)
{
    struct value *value = value_object(arena);
    value_set(arena, value, STR("year"), cell->year ? value_int(arena, cell->year) : value_null(arena));
    if (divided)
        value_set_text(arena, value, STR("split"), cell->split);
    value_set(arena, value, STR("value"),
              cell->has_value && !cell->suppressed ? value_number(arena, cell->low) : value_null(arena));
    if (cell->has_value && decimal_cmp(cell->low, cell->high) != 0)
        value_set(arena, value, STR("high"), value_number(arena, cell->high));
    value_set(arena, value, STR("suppressed"), value_bool(arena, cell->suppressed));
    if (cell->rounded_to.mantissa)
        value_set(arena, value, STR("rounded_to"), value_number(arena, cell->rounded_to));
    value_set(arena, value, STR("estimated"), value_bool(arena, cell->estimated));
    value_set(arena, value, STR("contributors"), value_int(arena, cell->contributors));
    value_set(arena, value, STR("records"), value_int(arena, cell->records));
    value_set(arena, value, STR("missing"), value_int(arena, cell->missing));
    value_set(arena, value, STR("closed"), value_int(arena, cell->closed));
    return value;
}

struct row_list {
    struct arena *arena;
    struct value *list;
};

static int add_row(void *context, const struct measure_row *row)
{
    static const char *const uses[] = {"counted", "no-number", "other-period", "in-group"};
    struct row_list *rows = context;
    struct arena *arena = rows->arena;
    struct value *value = value_object(arena);
    value_set_text(arena, value, STR("id"), arena_copy(arena, row->id));
    value_set_text(arena, value, STR("contributor"), arena_copy(arena, row->contributor));
    value_set(arena, value, STR("year"), value_int(arena, row->year));
    value_set(arena, value, STR("value"), row->has_value ? value_number(arena, row->low) : value_null(arena));
    value_set_text(arena, value, STR("use"), str_from_cstr(uses[row->use]));
    value_set_text(arena, value, STR("measure"), row->measure->name);
    if (row->within.len)
        value_set_text(arena, value, STR("within"), arena_copy(arena, row->within));
    value_append(arena, rows->list, value);
    return 0;
}

static struct value *coverage_value(struct arena *arena, const struct measure_coverage *coverage)
{
    struct value *value = value_object(arena);
    value_set(arena, value, STR("year"), value_int(arena, coverage->year));
    value_set(arena, value, STR("expected"), value_int(arena, coverage->expected));
    value_set(arena, value, STR("reported"), value_int(arena, coverage->reported));
    value_set(arena, value, STR("silent"), cell_value(arena, &coverage->silent, false));
    value_set(arena, value, STR("silent_last_year"), cell_value(arena, &coverage->last, false));
    return value;
}

static int answer(struct cli *cli, struct reader *reader, const struct measure_query *query, struct err *err)
{
    struct arena *arena = &cli->arena;
    struct measure_cell *cells;
    size_t count;
    if (store_measure(reader, query, arena, &cells, &count, err))
        return -1;
    struct value *whole = value_object(arena), *list = value_list(arena);
    for (size_t i = 0; i < count; i++)
        value_append(arena, list, cell_value(arena, &cells[i], query->split != NULL));
    value_set_text(arena, whole, STR("measure"), query->measure->name);
    value_set(arena, whole, STR("cells"), list);
    if (cli_flag(cli, "coverage")) {
        struct measure_coverage *years;
        struct value *covered = value_list(arena);
        if (store_measure_coverage(reader, query, arena, &years, &count, err))
            return -1;
        for (size_t i = 0; i < count; i++)
            value_append(arena, covered, coverage_value(arena, &years[i]));
        value_set(arena, whole, STR("coverage"), covered);
    }
    if (cli_number(cli, "rows")) {
        struct row_list rows = {arena, value_list(arena)};
        if (store_measure_each(reader, query, query->from_year, STR(""), 0, cli_number(cli, "rows"), add_row, &rows,
                               err))
            return -1;
        value_set(arena, whole, STR("rows"), rows.list);
    }
    cli_print_json(cli, whole);
    return 0;
}

int command_measure(struct cli *cli)
{
    struct err err = {0};
    struct measure_argument arguments[ARGUMENTS_MAX];
    struct measure_query query = {
        .measure = model_measure(cli->model, cli->arguments[0]),
        .arguments = arguments,
        .from_year = (int)cli_number(cli, "from"),
        .to_year = (int)cli_number(cli, "to"),
        .axis = axis_named(cli_option_value(cli, "axis")),
    };
    struct str split = cli_option_value(cli, "split");
    if (!query.measure) {
        err_set(&err, ERR_NOT_FOUND, "there is no measure \"%.*s\"", STR_ARG(cli->arguments[0]));
        return cli_fail(cli, &err);
    }
    if (split.len && !(query.split = measure_split(query.measure, split))) {
        err_set(&err, ERR_INVALID, "%.*s has no split \"%.*s\"", STR_ARG(query.measure->name), STR_ARG(split));
        return cli_fail(cli, &err);
    }
    struct read_options options = {
        .viewer.sees = cli_flag(cli, "public") ? VISIBILITY_PUBLIC : VISIBILITY_SECRETARIAT,
        .as_of = cli_number(cli, "as-of"),
    };
    READER_AUTO *reader = NULL;
    if (arguments_read(cli, arguments, &query.argument_count, &err) ||
        store_read(cli->store, &options, &reader, &err) || answer(cli, reader, &query, &err))
        return cli_fail(cli, &err);
    return CLI_DONE;
}
