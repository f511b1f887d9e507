/* Reading an indicator: its record, definitions, values; what the definition in force says. */
#include "plan/kpi_internal.h"

#include "model/record.h"

#include <math.h>
#include <string.h>

/* ---- figures ---- */

bool kpi_figure(const struct value *figure, struct decimal *ret_low, struct decimal *ret_high)
{
    const struct value *value = value_get(figure, STR("value"));
    const struct value *low = value ? value : value_get(figure, STR("low"));
    const struct value *high = value ? value : value_get(figure, STR("high"));
    if (!low)
        low = high;
    if (!high)
        high = low;
    if (!low || low->kind != VALUE_NUMBER || high->kind != VALUE_NUMBER)
        return false;
    *ret_low = low->number;
    *ret_high = high->number;
    return true;
}

int kpi_year(struct str text)
{
    int64_t year;
    struct str digits = str_slice(text, 0, 4);
    return digits.len == 4 && str_to_int64(digits, &year) && year > 0 ? (int)year : 0;
}

/* The definition's own figure, else the indicator's: but only for the indicator's own definition. */
static const struct value *figure_of(const struct kpi *kpi, struct str name)
{
    const struct value *own = kpi->definition ? value_get(kpi->definition->record, name) : NULL;
    struct str current = value_get_text(kpi->record->record, STR("definition"));
    bool is_current = !kpi->definition || current.len == 0 || str_eq(current, record_id(kpi->definition->record));
    return own || !is_current ? own : value_get(kpi->record->record, name);
}

static void read_target(struct kpi *kpi)
{
    const struct value *figure = figure_of(kpi, STR("target"));
    struct decimal low, high;
    if (!kpi_figure(figure, &low, &high))
        return;
    struct str qualifier = value_get_text(figure, STR("qualifier"));
    kpi->target = (struct kpi_target){
        .there = true,
        .low = decimal_to_double(low),
        .high = decimal_to_double(high),
        .year = kpi_year(value_get_text(figure, STR("period"))),
        .every_year = str_eq(kpi->path, STR("yearly")),
    };
    if (str_eq(qualifier, STR("at-least")))
        kpi->target.high = INFINITY;
    if (str_eq(qualifier, STR("at-most")))
        kpi->target.low = -INFINITY;
}

static void read_baseline(struct kpi *kpi)
{
    const struct value *figure = figure_of(kpi, STR("baseline"));
    struct decimal low, high;
    if (!kpi_figure(figure, &low, &high))
        return;
    kpi->has_baseline = true;
    kpi->baseline_low = decimal_to_double(low);
    kpi->baseline_high = decimal_to_double(high);
    kpi->baseline_estimated = value_get_bool(figure, STR("estimated"));
    kpi->baseline_year = kpi_year(value_get_text(figure, STR("period")));
}

static void read_traits(struct kpi *kpi)
{
    const struct value *record = kpi->record->record;
    struct str direction = value_get_text(record, STR("direction"));
    kpi->direction = str_eq(direction, STR("down")) ? KPI_DOWN : str_eq(direction, STR("range")) ? KPI_RANGE : KPI_UP;
    kpi->unit = value_get_text(record, STR("unit"));
    kpi->rank = str_eq(kpi->unit, STR("rank"));
    kpi->currency = value_get_text(record, STR("currency"));
    kpi->path = value_get_text(record, STR("path"));
    read_target(kpi);
    read_baseline(kpi);
}

/* ---- the measure ---- */

static void add_argument(const struct value *given, const struct measure_parameter *parameter, struct arena *arena,
                         struct measure_argument *argument)
{
    size_t count = given->kind == VALUE_LIST ? value_count(given) : 1;
    struct str *values = ARENA_NEW_ARRAY(arena, count + 1, struct str);
    argument->name = parameter->name;
    argument->values = values;
    argument->count = count;
    for (size_t i = 0; i < count; i++) {
        const struct value *item = given->kind == VALUE_LIST ? value_at(given, i) : given;
        struct decimal low, high;
        char text[DECIMAL_TEXT_MAX];
        values[i] = item->kind == VALUE_OBJECT ? value_get_text(item, STR("id")) : value_text_of(item);
        if (!parameter->number)
            continue;
        if (item->kind == VALUE_NUMBER)
            values[i] = arena_copy(arena, str_make(text, decimal_format(item->number, text)));
        else if (kpi_figure(item, &low, &high))
            values[i] = arena_copy(arena, str_make(text, decimal_format(low, text)));
        else
            argument->count = 0;
    }
}

void kpi_arguments(const struct value *definition, const struct measure *measure, struct arena *arena,
                   struct measure_query *query)
{
    struct measure_argument *arguments = ARENA_NEW_ARRAY(arena, MEASURE_PARAMETERS_MAX, struct measure_argument);
    struct str axis = value_get_text(definition, STR("year_axis"));
    size_t count = 0;
    for (size_t i = 0; i < measure->parameter_count; i++) {
        const struct value *given = value_get(definition, measure->parameters[i].name);
        if (given)
            add_argument(given, &measure->parameters[i], arena, &arguments[count++]);
    }
    *query = (struct measure_query){.measure = measure, .arguments = arguments, .argument_count = count};
    for (int i = AXIS_CALENDAR_YEAR; i < AXIS_STOCK; i++)
        if (str_eq(axis, year_axis_names[i]) && measure->axis != AXIS_STOCK)
            query->axis = (enum year_axis)i;
}

/* ---- records ---- */

/* Every record of a register that names this indicator. */
static int read_all(struct reader *reader, const struct reg *reg, struct str kpi, const char *sort, size_t limit,
                    struct arena *arena, const struct found **ret_items, size_t *ret_count, struct err *err)
{
    struct filter filter = {.field = reg_field(reg, STR("kpi")), .name = STR("kpi"), .value = kpi};
    struct list_query query = {
        .reg = reg, .filters = &filter, .filter_count = 1, .sort = reg_field(reg, str_from_cstr(sort)), .limit = limit};
    struct page page;
    if (!filter.field)
        return err_set(err, ERR_INTERNAL, "%.*s has no field kpi", STR_ARG(reg->name));
    if (store_list(reader, &query, arena, &page, err))
        return -1;
    *ret_items = page.items;
    *ret_count = page.count;
    return 0;
}

static int find_registers(struct kpi *kpi, const struct model *model, struct err *err)
{
    kpi->reg = model_role(model, ROLE_KPI);
    kpi->definition_reg = model_role(model, ROLE_KPI_DEFINITION);
    kpi->value_reg = model_role(model, ROLE_KPI_VALUE);
    if (!kpi->reg || !kpi->definition_reg || !kpi->value_reg)
        return err_set(err, ERR_NOT_FOUND, "this model has no indicators");
    return 0;
}

static int choose_definition(struct kpi *kpi, struct str wanted, struct err *err)
{
    struct str id = wanted.len ? wanted : value_get_text(kpi->record->record, STR("definition"));
    for (size_t i = 0; i < kpi->definition_count && id.len; i++)
        if (str_eq(record_id(kpi->definitions[i].record), id))
            kpi->definition = &kpi->definitions[i];
    if (wanted.len && !kpi->definition)
        return err_set_field(err, ERR_NOT_FOUND, STR("definition"), "this indicator has no definition \"%.*s\"",
                             STR_ARG(str_slice(wanted, 0, 80)));
    return 0;
}

/* What the chosen definition counts, with its arguments; nothing when its actuals are entered. */
static void choose_measure(struct kpi *kpi, const struct model *model, struct arena *arena)
{
    if (!kpi->definition)
        return;
    kpi->measure = model_measure(model, value_get_text(kpi->definition->record, STR("measure")));
    if (kpi->measure) {
        kpi_arguments(kpi->definition->record, kpi->measure, arena, &kpi->query);
        kpi->missing = measure_missing_parameter(&kpi->query);
    }
}

int kpi_read(struct reader *reader, const struct model *model, struct str id, struct str definition, struct date today,
             struct arena *arena, struct kpi *ret_kpi, struct err *err)
{
    struct kpi *kpi = ret_kpi;
    *kpi = (struct kpi){0};
    struct found *record = ARENA_NEW(arena, struct found);
    if (find_registers(kpi, model, err) || store_get(reader, kpi->reg, id, arena, record, NULL, err))
        return -1;
    kpi->record = record;
    if (read_all(reader, kpi->definition_reg, id, "version", KPI_DEFINITIONS_MAX, arena, &kpi->definitions,
                 &kpi->definition_count, err) ||
        read_all(reader, kpi->value_reg, id, "year", KPI_VALUES_MAX, arena, &kpi->values, &kpi->value_count, err) ||
        choose_definition(kpi, definition, err))
        return -1;
    choose_measure(kpi, model, arena);
    read_traits(kpi);
    if (kpi_fill_actuals(kpi, reader, today, arena, err))
        return -1;
    kpi_fill_path(kpi);
    kpi_fill_verdict(kpi);
    kpi_fill_trend(kpi);
    kpi_fill_forecast(kpi);
    return 0;
}

/* ---- ahead ---- */

#define KPIS_AHEAD_MAX 200
#define AHEAD_MEMORY_MAX ((size_t)256 << 20)

/* The community's day is not known here; a day's difference moves the years that are asked for once a year. */
static void read_one(struct store *store, struct str id)
{
    ARENA_AUTO arena;
    struct read_options options = {.ahead = true};
    struct reader *reader;
    struct err err = {0};
    arena_init(&arena, AHEAD_MEMORY_MAX);
    struct kpi *kpi = ARENA_NEW(&arena, struct kpi);
    if (store_read(store, &options, &reader, &err))
        return;
    (void)kpi_read(reader, store_model(store), id, STR(""), reader_today(reader, STR("UTC")), &arena, kpi, &err);
    reader_release(reader);
}

void kpi_read_all(struct store *store)
{
    const struct reg *reg = model_role(store_model(store), ROLE_KPI);
    struct list_query query = {.reg = reg, .limit = KPIS_AHEAD_MAX};
    struct read_options options = {.ahead = true};
    struct reader *reader;
    struct page page = {0};
    struct err err = {0};
    ARENA_AUTO arena;
    arena_init(&arena, AHEAD_MEMORY_MAX);
    if (!reg || store_read(store, &options, &reader, &err))
        return;
    int failed = store_list(reader, &query, &arena, &page, &err);
    reader_release(reader);
    for (size_t i = 0; i < page.count && !failed && !store_measures_stop(store); i++)
        read_one(store, record_id(page.items[i].record));
    /* What a reader remembers of so many figures few others ask for. */
    if (store_read(store, &options, &reader, &err) == 0)
        reader_close(reader);
}
