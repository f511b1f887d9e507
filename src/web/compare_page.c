/* Hubs side by side: the newest figure of each indicator for up to eight of them, what differs most, and pictures of what can be
 * compared. Which registers these are stands in site/insight.json under "index". */
#include "web/compare_page.h"

#include "base/intl.h"
#include "insight/roles.h"
#include "model/record.h"
#include "web/query.h"
#include "web/section.h"

#include <math.h>

#define UNITS_MAX 8
#define PICTURES_MAX 6

struct comparing {
    struct building building;
    const struct value *part; /* of the roles */
    struct records units, indicators, values;
    const struct value *chosen[UNITS_MAX];
    size_t count;
    struct value *frame;
};

static const struct value *newest_value(const struct comparing *comparing, struct str indicator, struct str unit)
{
    const struct value *part = value_get(comparing->part, STR("value"));
    const struct value *newest = NULL;
    double newest_year = -1;

    for (size_t i = 0; i < comparing->values.count; i++) {
        const struct value *record = comparing->values.items[i];
        double year =
            roles_number(record, arena_copy(comparing->building.arena, value_get_text(part, STR("year"))).ptr, 0);
        if (year > newest_year && str_eq(value_get_text(record, value_get_text(part, STR("unit"))), unit) &&
            str_eq(value_get_text(record, value_get_text(part, STR("indicator"))), indicator)) {
            newest = record;
            newest_year = year;
        }
    }
    return newest;
}

static struct value *record_link(struct comparing *comparing, const struct reg *reg, const struct value *record)
{
    struct found found = {.reg = reg, .record = (struct value *)record};

    return section_link(&comparing->building, &found);
}

static struct value *unit_link(struct comparing *comparing, const struct value *record)
{
    struct found found = {.reg = comparing->units.reg, .record = (struct value *)record};
    struct value *view = section_label(&comparing->building, &found, reg_field(found.reg, STR("short_name")));

    value_set_text(comparing->building.arena, view, STR("href"),
                   display_record_href(&comparing->building.display, found.reg, record_id(record)));
    return view;
}

static struct value *cell_view(struct comparing *comparing, const struct value *record, double *ret_number)
{
    struct arena *arena = comparing->building.arena;
    const struct value *part = value_get(comparing->part, STR("value"));
    const struct field *field = roles_field(part, "figure", comparing->values.reg);
    const struct value *figure = record == NULL ? NULL : value_get(record, field->name);
    struct value *cell = value_object(arena);
    struct decimal number;

    *ret_number = figure_number(figure);
    value_set(arena, cell, STR("known"), value_bool(arena, figure != NULL));
    value_set_text(arena, cell, STR("number"), STR(""));
    value_set(arena, cell, STR("part_only"), value_bool(arena, false));
    if (figure == NULL) {
        return cell;
    }
    value_set_text(arena, cell, STR("text"), display_figure(&comparing->building.display, field, figure));
    value_set_text(arena, cell, STR("href"),
                   display_record_href(&comparing->building.display, comparing->values.reg, record_id(record)));
    value_set(arena, cell, STR("part_only"),
              value_bool(arena, value_get_bool(record, value_get_text(part, STR("part")))));
    if (!isnan(*ret_number) && decimal_from_double(*ret_number, &number)) {
        char text[DECIMAL_TEXT_MAX];
        value_set_text(arena, cell, STR("number"), arena_copy(arena, str_make(text, decimal_format(number, text))));
    }
    if (value_get_bool(cell, STR("part_only"))) {
        *ret_number = (double)NAN; /* a part of one hub is not held against another */
    }
    return cell;
}

/* How far apart the figures are: the largest as a multiple of the smallest. */
static struct value *difference(struct comparing *comparing, const double *numbers)
{
    struct arena *arena = comparing->building.arena;
    double least = (double)INFINITY, most = -(double)INFINITY;
    struct http_pair pair = {STR("times"), STR("")};
    size_t known = 0;

    for (size_t u = 0; u < comparing->count; u++) {
        if (!isnan(numbers[u])) {
            known++;
            least = fmin(least, numbers[u]);
            most = fmax(most, numbers[u]);
        }
    }
    if (known < 2 || least <= 0) {
        return value_bool(arena, false);
    }
    if (most <= least) {
        return value_text(arena, SAY(comparing->building.call, "compare-same"));
    }
    pair.value = arena_format(arena, "%.1f", most / least);
    return value_text(arena, say(comparing->building.call, "compare-times", &pair, 1));
}

static void mark_best(struct comparing *comparing, struct value *cells, const double *numbers, bool down)
{
    double best = (double)NAN;
    size_t known = 0;

    for (size_t u = 0; u < comparing->count; u++) {
        if (!isnan(numbers[u])) {
            known++;
            best = isnan(best) || (down ? numbers[u] < best : numbers[u] > best) ? numbers[u] : best;
        }
    }
    for (size_t u = 0; u < comparing->count; u++) {
        value_set(comparing->building.arena, (struct value *)value_at(cells, u), STR("best"),
                  value_bool(comparing->building.arena, known > 1 && numbers[u] == best));
    }
}

static void add_rows(struct comparing *comparing, struct value *rows, struct value *pictures)
{
    struct arena *arena = comparing->building.arena;
    const struct value *part = value_get(comparing->part, STR("indicator"));

    for (size_t i = 0; i < comparing->indicators.count; i++) {
        const struct value *indicator = comparing->indicators.items[i];
        struct value *row = record_link(comparing, comparing->indicators.reg, indicator);
        struct value *cells = value_list(arena);
        double numbers[UNITS_MAX];
        size_t known = 0, comparable = 0;
        for (size_t u = 0; u < comparing->count; u++) {
            struct value *cell = cell_view(
                comparing, newest_value(comparing, record_id(indicator), record_id(comparing->chosen[u])), &numbers[u]);
            value_set_text(arena, cell, STR("unit"),
                           value_get_text(unit_link(comparing, comparing->chosen[u]), STR("text")));
            known += value_get_bool(cell, STR("known"));
            comparable += !isnan(numbers[u]);
            value_append(arena, cells, cell);
        }
        if (known == 0) {
            continue;
        }
        mark_best(comparing, cells, numbers,
                  str_eq(value_get_text(indicator, value_get_text(part, STR("direction"))),
                         value_get_text(part, STR("down"))));
        value_set(arena, row, STR("cells"), cells);
        value_set(arena, row, STR("difference"), difference(comparing, numbers));
        value_append(arena, rows, row);
        if (comparable > 1 && value_count(pictures) < PICTURES_MAX) {
            value_append(arena, pictures, row);
        }
    }
}

static void choose_units(struct comparing *comparing)
{
    struct arena *arena = comparing->building.arena;
    const struct http_request *request = comparing->building.call->request;
    struct value *options = value_list(arena);
    struct value *heads = value_list(arena);

    for (size_t i = 0; i < comparing->units.count; i++) {
        const struct value *record = comparing->units.items[i];
        struct value *option = unit_link(comparing, record);
        bool chosen = false;
        for (size_t q = 0; q < request->query_count; q++) {
            chosen = chosen ||
                     (str_eq(request->query[q].name, STR("hub")) && str_eq(request->query[q].value, record_id(record)));
        }
        chosen = chosen && comparing->count < UNITS_MAX;
        if (chosen) {
            comparing->chosen[comparing->count++] = record;
            value_append(arena, heads, option);
        }
        value_set_text(arena, option, STR("id"), record_id(record));
        value_set(arena, option, STR("chosen"), value_bool(arena, chosen));
        value_append(arena, options, option);
    }
    value_set(arena, comparing->frame, STR("options"), options);
    value_set(arena, comparing->frame, STR("heads"), heads);
    value_set(arena, comparing->frame, STR("any"), value_bool(arena, comparing->count > 0));
}

static int read_all(struct comparing *comparing, struct reader *reader, struct err *err)
{
    const struct model *model = comparing->building.call->site->model;
    const struct value *unit = value_get(comparing->part, STR("unit"));
    const struct value *indicator = value_get(comparing->part, STR("indicator"));
    const struct value *value = value_get(comparing->part, STR("value"));
    struct arena *arena = comparing->building.arena;

    if (roles_register(unit, model) == NULL || roles_register(indicator, model) == NULL ||
        roles_register(value, model) == NULL) {
        return err_set(err, ERR_NOT_FOUND, "this model has nothing to set side by side");
    }
    if (records_read(reader, roles_register(unit, model), NULL, arena, &comparing->units, err) != 0 ||
        records_read(reader, roles_register(indicator, model), NULL, arena, &comparing->indicators, err) != 0) {
        return -1;
    }
    return records_read(reader, roles_register(value, model), NULL, arena, &comparing->values, err);
}

static void page_compare(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct comparing comparing = {0};
    const struct value *roles = NULL;
    struct value *rows = value_list(call->arena);
    struct value *pictures = value_list(call->arena);
    struct query query;
    struct err err = {0};

    if (page_query(call, NULL, QUERY_ON | QUERY_AS_OF, &query) != 0 ||
        building_begin(&comparing.building, call, &query, &reader) != 0) {
        return;
    }
    if (roles_read(call->arena, &roles, &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    comparing.part = value_get(roles, STR("index"));
    if (read_all(&comparing, reader, &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    comparing.frame =
        page_frame(call, &comparing.building.community, display_plain_text(call->arena, SAY(call, "compare")));
    if (query.options.as_of > 0) {
        page_set_past(call, comparing.frame, query.options.as_of);
    }
    choose_units(&comparing);
    add_rows(&comparing, rows, pictures);
    value_set_text(call->arena, comparing.frame, STR("action"), page_href(call, STR("compare")));
    value_set(call->arena, comparing.frame, STR("rows"), rows);
    value_set(call->arena, comparing.frame, STR("no_rows"),
              value_bool(call->arena, comparing.count > 0 && value_count(rows) == 0));
    value_set(call->arena, comparing.frame, STR("has_rows"), value_bool(call->arena, value_count(rows) > 0));
    value_set(call->arena, comparing.frame, STR("pictures"), pictures);
    value_set(call->arena, comparing.frame, STR("has_pictures"), value_bool(call->arena, value_count(pictures) > 0));
    if (value_count(pictures) > 0) {
        page_use_charts(call, comparing.frame);
    }
    page_send(call, "compare", comparing.frame);
}

const struct route compare_routes[] = {
    {"/{lang}/compare", page_compare, true},
    {NULL, NULL, false},
};
