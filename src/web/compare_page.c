/* Hubs side by side: the newest figure of each indicator for up to eight of them, what differs most, and pictures of what can be
 * compared. Which registers these are stands in site/insight.json under "index". */
#include "web/compare_page.h"

#include "base/intl.h"
#include "exchange/represent.h"
#include "exchange/table_workbook.h"
#include "insight/hub_index.h"
#include "insight/measured.h"
#include "model/record.h"
#include "web/query.h"
#include "web/section.h"

#include <math.h>

#define UNITS_MAX 8
#define PICTURES_MAX 6
/* What a radar can be read with. */
#define RADAR_UNITS_MAX 5
#define RADAR_SPOKES_MIN 3
#define WORKBOOK_BYTES_MAX ((size_t)16 << 20)

struct comparing {
    struct building building;
    const struct value *part; /* of the roles */
    struct records units, indicators, values;
    const struct value *chosen[UNITS_MAX];
    size_t count;
    size_t told[UNITS_MAX]; /* spokes of the radar that each has */
    struct str parameter;   /* the name of a unit in addresses */
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
    value_set(arena, cell, STR("best"), value_bool(arena, false));
    value_set(arena, cell, STR("computed"), value_bool(arena, record != NULL && measured_is(record)));
    if (figure == NULL) {
        return cell;
    }
    value_set_text(arena, cell, STR("text"), display_figure(&comparing->building.display, field, figure));
    value_set_text(arena, cell, STR("href"),
                   measured_is(record)
                       ? display_record_href(&comparing->building.display, comparing->indicators.reg,
                                             value_get_text(record, value_get_text(part, STR("indicator"))))
                       : display_record_href(&comparing->building.display, comparing->values.reg, record_id(record)));
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

/* Of the units' figures by an indicator; NAN is none. */
struct figures {
    const double *numbers;
    double least, most;
    size_t known;
};

static struct figures figures_of(const struct comparing *comparing, const double *numbers)
{
    struct figures figures = {.numbers = numbers, .least = (double)INFINITY, .most = -(double)INFINITY};

    for (size_t u = 0; u < comparing->count; u++) {
        if (!isnan(numbers[u])) {
            figures.known++;
            figures.least = fmin(figures.least, numbers[u]);
            figures.most = fmax(figures.most, numbers[u]);
        }
    }
    return figures;
}

/* Whether one can be told as a multiple of another. */
static bool have_ratios(const struct figures *figures)
{
    return figures->known > 1 && figures->least > 0;
}

/* How far apart the figures are: the largest as a multiple of the smallest. */
static struct value *difference(struct comparing *comparing, const struct figures *figures)
{
    struct arena *arena = comparing->building.arena;
    struct http_pair pair = {STR("times"), STR("")};

    if (!have_ratios(figures)) {
        return value_bool(arena, false);
    }
    if (figures->most <= figures->least) {
        return value_text(arena, SAY(comparing->building.call, "compare-same"));
    }
    pair.value = arena_format(arena, "%.1f", figures->most / figures->least);
    return value_text(arena, say(comparing->building.call, "compare-times", &pair, 1));
}

/* Whether more (or less) of an indicator is better, and its figures of several units mean the same: only then is one of them the best. */
static bool is_judged(const struct comparing *comparing, const struct value *indicator)
{
    const struct value *part = value_get(comparing->part, STR("indicator"));
    struct str comparable = value_get_text(part, STR("comparable"));

    return value_get_text(indicator, value_get_text(part, STR("direction"))).len > 0 &&
           (comparable.len == 0 || value_get_bool(indicator, comparable));
}

static void mark_best(struct comparing *comparing, struct value *cells, const struct figures *figures, bool down)
{
    double best = down ? figures->least : figures->most;

    for (size_t u = 0; u < comparing->count; u++) {
        value_set(comparing->building.arena, (struct value *)value_at(cells, u), STR("best"),
                  value_bool(comparing->building.arena, figures->known > 1 && figures->numbers[u] == best));
    }
}

/* Each figure as a share of the best one, in hundredths: what a radar can put side by side. The cells' own views are given "share"; false
 * when it cannot be told of two of them. */
static bool set_shares(struct comparing *comparing, struct value *cells, const struct figures *figures, bool down)
{
    struct arena *arena = comparing->building.arena;

    for (size_t u = 0; u < comparing->count; u++) {
        double number = figures->numbers[u], share = down ? figures->least / number : number / figures->most;
        comparing->told[u] += have_ratios(figures) && !isnan(number);
        value_set_text(arena, (struct value *)value_at(cells, u), STR("share"),
                       isnan(number) || figures->least <= 0 ? STR("") : arena_format(arena, "%.0f", 100 * share));
    }
    return have_ratios(figures);
}

static bool is_down(const struct comparing *comparing, const struct value *indicator)
{
    const struct value *part = value_get(comparing->part, STR("indicator"));

    return str_eq(value_get_text(indicator, value_get_text(part, STR("direction"))), value_get_text(part, STR("down")));
}

static void add_rows(struct comparing *comparing, struct value *rows, struct value *pictures, struct value *spokes)
{
    struct arena *arena = comparing->building.arena;

    for (size_t i = 0; i < comparing->indicators.count; i++) {
        const struct value *indicator = comparing->indicators.items[i];
        struct figures figures;
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
        figures = figures_of(comparing, numbers);
        if (is_judged(comparing, indicator)) {
            mark_best(comparing, cells, &figures, is_down(comparing, indicator));
            if (set_shares(comparing, cells, &figures, is_down(comparing, indicator))) {
                value_append(arena, spokes, row);
            }
        }
        value_set(arena, row, STR("cells"), cells);
        value_set(arena, row, STR("difference"), difference(comparing, &figures));
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
            chosen = chosen || (str_eq(request->query[q].name, comparing->parameter) &&
                                str_eq(request->query[q].value, record_id(record)));
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
    return records_read(reader, roles_register(value, model), NULL, arena, &comparing->values, err) != 0 ||
                   measured_add(comparing->part, model, reader, comparing->building.community.zone,
                                &comparing->indicators, arena, &comparing->values, err) != 0
               ? -1
               : 0;
}

/* The workbook of the same choice. */
static struct str workbook_href(struct comparing *comparing)
{
    struct arena *arena = comparing->building.arena;
    struct str href = page_href(comparing->building.call, STR("compare.xlsx"));

    for (size_t u = 0; u < comparing->count; u++) {
        href = arena_concat(arena, 5, href, u == 0 ? STR("?") : STR("&"), comparing->parameter, STR("="),
                            url_segment(arena, record_id(comparing->chosen[u])));
    }
    return href;
}

static void set_list(struct comparing *comparing, const char *name, const char *has, struct value *list)
{
    struct arena *arena = comparing->building.arena;

    value_set(arena, comparing->frame, str_from_cstr(name), list);
    value_set(arena, comparing->frame, str_from_cstr(has), value_bool(arena, value_count(list) > 0));
}

static void fill_page(struct comparing *comparing)
{
    struct call *call = comparing->building.call;
    struct arena *arena = call->arena;
    struct value *frame = comparing->frame;
    struct value *rows = value_list(arena), *pictures = value_list(arena), *spokes = value_list(arena);
    bool has_radar;

    add_rows(comparing, rows, pictures, spokes);
    for (size_t u = 0; u < comparing->count; u++) { /* what has no figure is no point in the middle */
        value_set(arena, (struct value *)value_at(value_get(frame, STR("heads")), u), STR("silent"),
                  value_bool(arena, comparing->told[u] == 0));
    }
    has_radar = value_count(spokes) >= RADAR_SPOKES_MIN && comparing->count <= RADAR_UNITS_MAX;
    value_set_text(arena, frame, STR("action"), page_href(call, STR("compare")));
    value_set_text(arena, frame, STR("parameter"), comparing->parameter);
    value_set_text(arena, frame, STR("workbook_href"), workbook_href(comparing));
    value_set(arena, frame, STR("no_rows"), value_bool(arena, comparing->count > 0 && value_count(rows) == 0));
    set_list(comparing, "rows", "has_rows", rows);
    set_list(comparing, "pictures", "has_pictures", pictures);
    set_list(comparing, "spokes", "has_radar", has_radar ? spokes : value_list(arena));
    if (value_count(pictures) > 0 || has_radar) {
        page_use_charts(call, frame);
    }
}

/* Where else things are compared. */
static void add_ways(struct comparing *comparing, const struct value *roles)
{
    struct call *call = comparing->building.call;
    struct value *none = value_bool(call->arena, false);
    bool regions = roles_register(value_get(roles, STR("regions")), call->site->model) != NULL;
    bool released = index_release(roles, comparing->building.community.record).len > 0;

    value_set(call->arena, comparing->frame, STR("regions_href"),
              regions ? value_text(call->arena, page_href(call, STR("compare/regions"))) : none);
    value_set(call->arena, comparing->frame, STR("index_href"),
              released ? value_text(call->arena, page_href(call, STR("compare/index"))) : none);
}

/* Reads what is to be compared; 0, or -1 when it has been answered. */
static int begin(struct comparing *comparing, struct call *call, struct reader **ret_reader,
                 const struct value **ret_roles, int64_t *ret_as_of)
{
    struct query query;
    struct err err = {0};

    if (page_query(call, NULL, QUERY_ON | QUERY_AS_OF, &query) != 0 ||
        building_begin(&comparing->building, call, &query, ret_reader) != 0) {
        return -1;
    }
    if (roles_read(call->arena, ret_roles, &err) != 0) {
        page_send_err(call, &err);
        return -1;
    }
    comparing->part = value_get(*ret_roles, STR("index"));
    comparing->parameter = value_get_text(value_get(comparing->part, STR("unit")), STR("parameter"));
    if (read_all(comparing, *ret_reader, &err) != 0) {
        page_send_err(call, &err);
        return -1;
    }
    comparing->frame =
        page_frame(call, &comparing->building.community, display_plain_text(call->arena, SAY(call, "compare")));
    *ret_as_of = query.options.as_of;
    choose_units(comparing);
    return 0;
}

static void page_compare(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct comparing comparing = {0};
    const struct value *roles = NULL;
    int64_t as_of = 0;

    if (begin(&comparing, call, &reader, &roles, &as_of) != 0) {
        return;
    }
    if (as_of > 0) {
        page_set_past(call, comparing.frame, as_of);
    }
    add_ways(&comparing, roles);
    fill_page(&comparing);
    page_send(call, "compare", comparing.frame);
}

/* ---- as a workbook ---- */

#define COLUMNS_BEFORE ((size_t)2) /* indicator, unit */

static void heading_cells(struct comparing *comparing, struct table_cell *cell)
{
    struct call *call = comparing->building.call;

    cell++->text = SAY(call, "compare-indicator");
    cell++->text = SAY(call, "compare-unit");
    for (size_t u = 0; u < comparing->count; u++) {
        struct str name = value_get_text(unit_link(comparing, comparing->chosen[u]), STR("text"));
        cell++->text = name;
        cell++->text = arena_concat(call->arena, 4, name, STR(" ("), SAY(call, "compare-as-told"), STR(")"));
    }
}

/* The row of an indicator; false when none of the units has a figure. A figure stands twice: as a number, and as it was told. */
static bool indicator_cells(struct comparing *comparing, const struct value *indicator, struct table_cell *cell)
{
    const struct value *value = value_get(comparing->part, STR("value"));
    const struct field *field = roles_field(value, "figure", comparing->values.reg);
    const struct value *any = NULL;
    struct table_cell *unit = &cell[1];

    cell->text = value_get_text(record_link(comparing, comparing->indicators.reg, indicator), STR("text"));
    cell += COLUMNS_BEFORE;
    for (size_t u = 0; u < comparing->count; u++, cell += 2) {
        const struct value *record = newest_value(comparing, record_id(indicator), record_id(comparing->chosen[u]));
        const struct value *figure = record == NULL ? NULL : value_get(record, field->name);
        if (figure != NULL) {
            any = figure;
            cell[0].number = figure_number(figure);
            cell[0].has_number = !isnan(cell[0].number);
            cell[1].text = display_figure(&comparing->building.display, field, figure);
        }
    }
    if (any != NULL) {
        struct str code = value_get_text(any, STR("unit"));
        unit->text = code.len > 0 ? code : value_get_text(any, STR("currency"));
    }
    return any != NULL;
}

static void compare_workbook(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct comparing comparing = {0};
    const struct value *roles = NULL;
    struct table_sheet sheet = {.title = SAY(call, "compare")};
    struct table_cell *cells;
    struct buf out;
    int64_t as_of = 0;
    struct err err = {0};

    if (begin(&comparing, call, &reader, &roles, &as_of) != 0) {
        return;
    }
    sheet.columns = COLUMNS_BEFORE + 2 * comparing.count;
    cells = ARENA_NEW_ARRAY(call->arena, (comparing.indicators.count + 2) * sheet.columns, struct table_cell);
    heading_cells(&comparing, cells);
    sheet.rows = 1;
    for (size_t i = 0; i < comparing.indicators.count; i++) {
        sheet.rows += indicator_cells(&comparing, comparing.indicators.items[i], &cells[sheet.rows * sheet.columns]);
    }
    sheet.cells = cells;
    buf_init(&out, WORKBOOK_BYTES_MAX);
    struct table_book book = {.sheets = &sheet, .count = 1};
    if (store_changed_ms(reader, &book.created_ms, &err) != 0 ||
        table_workbook_write(&book, call->arena, &out, &err) != 0) {
        buf_free(&out);
        page_send_err(call, &err);
        return;
    }
    http_response_header(call->response, "Content-Disposition", STR("attachment; filename=\"compare.xlsx\""));
    call_send_buf(call, representation_media_type(REPRESENT_XLSX), &out, 0);
}

const struct route compare_routes[] = {
    {"/{lang}/compare", page_compare, true},
    {"/{lang}/compare.xlsx", compare_workbook, false},
    {"/{lang}/compare/regions", page_regions, true},
    {"/{lang}/compare/index", page_index, true},
    {NULL, NULL, false},
};
