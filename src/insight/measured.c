#include "insight/measured.h"

#include "base/date.h"
#include "model/record.h"
#include "store/measure.h"
#include "store/notes.h"

struct measuring {
    const struct value *value_part;
    struct reader *reader;
    struct arena *arena;
    struct records *values;
    size_t capacity;
    struct str zone;
    struct date day; /* on which is counted; not set until it is needed */
};

static const struct measure_split *split_by(const struct measure *measure, const struct reg *unit)
{
    for (size_t i = 0; i < measure->split_count; i++) {
        const struct measure_split *split = &measure->splits[i];
        if (!split->grouped && split->parameter == NULL && split->field.field->reference == unit) {
            return split;
        }
    }
    return NULL;
}

enum measured_problem measured_by(const struct value *part, const struct model *model, const struct value *indicator,
                                  const struct measure **ret_measure, const struct measure_split **ret_split)
{
    const struct reg *unit = roles_register(value_get(part, STR("unit")), model);
    struct str name = value_get_text(indicator, value_get_text(value_get(part, STR("indicator")), STR("measure")));
    const struct measure *measure = name.len > 0 ? model_measure(model, name) : NULL;

    *ret_measure = NULL;
    *ret_split = NULL;
    if (name.len == 0) {
        return MEASURED_FINE;
    }
    if (measure == NULL) {
        return MEASURED_UNKNOWN;
    }
    if (measure->parameter_count > 0) {
        return MEASURED_NEEDS;
    }
    *ret_split = unit == NULL ? NULL : split_by(measure, unit);
    *ret_measure = *ret_split == NULL ? NULL : measure;
    return *ret_split == NULL ? MEASURED_UNDIVIDED : MEASURED_FINE;
}

bool measured_is(const struct value *value)
{
    return record_id(value).len == 0;
}

/* ---- figures ---- */

static struct value *figure_of(const struct measuring *measuring, const struct measure *measure,
                               const struct measure_cell *cell)
{
    struct arena *arena = measuring->arena;
    struct value *figure = value_object(arena);
    char day[DATE_TEXT_MAX];

    if (decimal_cmp(cell->low, cell->high) == 0) {
        value_set(arena, figure, STR("value"), value_number(arena, cell->low));
    } else {
        value_set(arena, figure, STR("low"), value_number(arena, cell->low));
        value_set(arena, figure, STR("high"), value_number(arena, cell->high));
    }
    if (measure->unit.len > 0) {
        value_set_text(arena, figure, STR("unit"), measure->unit);
    }
    if (measure->currency.len > 0) {
        value_set_text(arena, figure, STR("currency"), measure->currency);
    }
    if (cell->estimated || cell->closed > 0) {
        value_set(arena, figure, STR("estimated"), value_bool(arena, true));
    }
    value_set_text(arena, figure, STR("period"),
                   cell->year != 0 ? arena_format(arena, "%d", cell->year)
                                   : arena_copy(arena, str_make(day, date_format(measuring->day, day))));
    return figure;
}

static void append(struct measuring *measuring, const struct value *record)
{
    struct records *values = measuring->values;

    if (values->count >= measuring->capacity) {
        size_t capacity = 2 * values->count + 64;
        const struct value **items = ARENA_NEW_ARRAY(measuring->arena, capacity, const struct value *);
        for (size_t i = 0; i < values->count; i++) {
            items[i] = values->items[i];
        }
        values->items = items;
        measuring->capacity = capacity;
    }
    values->items[values->count++] = record;
}

static void take_cell(struct measuring *measuring, const struct value *indicator, const struct measure *measure,
                      const struct measure_cell *cell)
{
    struct arena *arena = measuring->arena;
    const struct value *part = measuring->value_part;
    struct value *record = value_object(arena);
    int year = cell->year != 0 ? cell->year : measuring->day.year;

    value_set_text(arena, record, value_get_text(part, STR("unit")), cell->split);
    value_set_text(arena, record, value_get_text(part, STR("indicator")), record_id(indicator));
    value_set(arena, record, value_get_text(part, STR("year")), value_number(arena, decimal_from_int64(year)));
    value_set(arena, record, value_get_text(part, STR("figure")), figure_of(measuring, measure, cell));
    append(measuring, record);
}

/* The measure whose years a measure's figures lie in; NULL for a stock, and for a ratio of two stocks. */
static const struct measure *by_years(const struct measure *measure)
{
    if (measure->kind == MEASURE_RATIO) {
        return measure->over->axis != AXIS_STOCK ? measure->over : by_years(measure->under);
    }
    return measure->axis != AXIS_STOCK ? measure : NULL;
}

/* The last year that ended before a day. A fiscal year is called by the year in which it begins. */
static int last_whole_year(const struct measure *measure, struct date day)
{
    int end = measure->first_month - 1; /* the month in which it ends, of the year after */

    return measure->axis == AXIS_FISCAL_YEAR && end > 0 && day.month <= end ? day.year - 2 : day.year - 1;
}

static int take_measure(struct measuring *measuring, const struct value *indicator, const struct measure *measure,
                        const struct measure_split *split, struct err *err)
{
    struct measure_query query = {.measure = measure, .split = split};
    const struct measure *yearly = by_years(measure);
    struct measure_cell *cells;
    size_t count;

    if (yearly != NULL) {
        query.to_year = last_whole_year(yearly, measuring->day);
        query.from_year = query.to_year - MEASURED_YEARS + 1;
    } else {
        query.on = measuring->day;
    }
    if (store_measure(measuring->reader, &query, measuring->arena, &cells, &count, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        bool dated = cells[i].year != 0 || yearly == NULL;
        if (cells[i].has_value && !cells[i].suppressed && cells[i].split.len > 0 && dated) {
            take_cell(measuring, indicator, measure, &cells[i]);
        }
    }
    return 0;
}

/* The present notes today alone, and not when the last change was: what shows these figures is made anew when what they count has
 * changed or the day is over, not with every commit. */
static int set_day(struct measuring *measuring, struct err *err)
{
    const struct read_options *options = reader_options(measuring->reader);
    int64_t decided_ms;

    if (date_is_set(measuring->day)) {
        return 0;
    }
    if (date_is_set(options->on)) {
        measuring->day = date_last_day(options->on);
    } else if (options->as_of == 0) {
        measuring->day = reader_today(measuring->reader, measuring->zone);
    } else if (store_changed_ms(measuring->reader, &decided_ms, err) != 0) {
        return -1;
    } else {
        measuring->day = date_in_zone(decided_ms, measuring->zone);
    }
    return 0;
}

int measured_add(const struct value *part, const struct model *model, struct reader *reader, struct str zone,
                 const struct records *indicators, struct arena *arena, struct records *values, struct err *err)
{
    struct measuring measuring = {
        .value_part = value_get(part, STR("value")),
        .reader = reader,
        .arena = arena,
        .values = values,
        .zone = zone,
    };

    for (size_t i = 0; i < indicators->count; i++) {
        const struct measure *measure;
        const struct measure_split *split;
        if (measured_by(part, model, indicators->items[i], &measure, &split) != MEASURED_FINE || measure == NULL) {
            continue;
        }
        if (set_day(&measuring, err) != 0 || take_measure(&measuring, indicators->items[i], measure, split, err) != 0) {
            return -1;
        }
    }
    return 0;
}
