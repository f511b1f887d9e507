#include "web/profile.h"

#include "base/intl.h"
#include "insight/chain.h"
#include "insight/measured.h"
#include "model/record.h"
#include "web/route.h"
#include "web/section.h"

#include <math.h>
#include <stdlib.h>

#define ROWS_MAX 60
#define NEAR_MAX 12
#define FILTERS_MAX 8

struct profiling {
    struct showing *showing;
    struct arena *arena;
    const struct value *part;      /* of the layout */
    const struct edition *edition; /* the last one, or NULL */
    struct value *changes;         /* of all tables since then */
};

static const struct value *profile_part(const struct showing *showing)
{
    return value_get(showing->call->site->layout.profiles, showing->reg->name);
}

bool profile_covers(const struct showing *showing, const struct reg *reg, const struct field *field)
{
    const struct value *tables = value_get(profile_part(showing), STR("tables"));

    for (size_t i = 0; field != NULL && i < value_count(tables); i++) {
        const struct value *table = value_at(tables, i);
        if (str_eq(value_get_text(table, STR("register")), reg->name) &&
            str_eq(value_get_text(table, STR("by")), field->name) && value_get(table, STR("filter")) == NULL &&
            (value_get(table, STR("where")) == NULL || value_get_bool(table, STR("rest_below")))) {
            return true;
        }
    }
    return false;
}

/* ---- rows ---- */

/* Whether the record that the row refers to has one of the codes; with "not", none of them. */
static int row_passes(struct profiling *profiling, const struct value *where, const struct found *found,
                      bool *ret_passes, struct err *err)
{
    const struct field *field = reg_field(found->reg, value_get_text(where, STR("reference")));
    struct found other = {0};

    *ret_passes = where == NULL;
    if (where == NULL || field == NULL || field->reference == NULL || field_count(found->record, field) == 0) {
        return 0;
    }
    if (store_get(profiling->showing->reader, field->reference, field_text(found->record, field, 0), profiling->arena,
                  &other, NULL, err) != 0) {
        return err->code == ERR_NOT_FOUND ? 0 : -1;
    }
    *ret_passes = roles_lists(value_get(where, STR("codes")),
                              value_get_text(other.record, value_get_text(where, STR("field")))) !=
                  value_get_bool(where, STR("not"));
    return 0;
}

/* The first source of a row as a link, or false. */
static int row_source(struct profiling *profiling, const struct found *found, struct value **ret_view, struct err *err)
{
    const struct reg *sources = model_role(profiling->showing->call->site->model, ROLE_SOURCE);
    struct str id = value_get_text(value_at(value_get(found->record, STR("sources")), 0), STR("source"));
    struct value *reference = NULL;

    *ret_view = value_bool(profiling->arena, false);
    if (sources == NULL || id.len == 0) {
        return 0;
    }
    if (view_reference(&profiling->showing->viewing, sources, id, &reference, err) != 0) {
        return -1;
    }
    *ret_view = display_link(&profiling->showing->display, sources, reference);
    return 0;
}

/* What a row is called: its name, or that of what it names in the table's "head". */
static int row_label(struct profiling *profiling, const struct field *head, const struct found *found,
                     struct bilingual *ret_label, struct err *err)
{
    if (head == NULL || field_count(found->record, head) == 0) {
        *ret_label = record_label(profiling->showing->call->site->model, found->reg, found->record, profiling->arena);
        return 0;
    }
    return store_label(profiling->showing->reader, head->reference, field_text(found->record, head, 0),
                       profiling->arena, ret_label, err);
}

/* A label, linked; with a mark when the record is newer than the last edition. */
static struct value *row_link(struct profiling *profiling, const struct found *found, struct bilingual label)
{
    struct showing *showing = profiling->showing;
    struct value *view = display_text(profiling->arena, showing->call->lang, label);
    bool newer = profiling->edition != NULL && found->seq > profiling->edition->seq;

    value_set_text(profiling->arena, view, STR("href"),
                   display_record_href(&showing->display, found->reg, record_id(found->record)));
    value_set(profiling->arena, view, STR("newer"), value_bool(profiling->arena, newer));
    if (newer) {
        value_append(profiling->arena, profiling->changes, view);
    }
    return view;
}

/* The field by whose reference a table's rows are called, or NULL. */
static const struct field *head_field(const struct value *table, const struct reg *reg)
{
    const struct field *field = layout_field(table, STR("head"), reg);

    return field != NULL && field->reference != NULL ? field : NULL;
}

/* {"link", "cells", "source"} */
static int row_view(struct profiling *profiling, const struct value *table, const struct found *found, bool *used,
                    struct value **ret_row, struct err *err)
{
    struct showing *showing = profiling->showing;
    const struct value *columns = value_get(table, STR("columns"));
    struct value *row = value_object(profiling->arena);
    struct value *cells = value_list(profiling->arena);
    struct value *whole = NULL, *source = NULL;
    struct bilingual label;

    if (view_record(&showing->viewing, found->reg, found->record, &whole, err) != 0 ||
        row_source(profiling, found, &source, err) != 0 ||
        row_label(profiling, head_field(table, found->reg), found, &label, err) != 0) {
        return -1;
    }
    for (size_t c = 0; c < value_count(columns); c++) {
        const struct field *field = reg_field(found->reg, value_text_of(value_at(columns, c)));
        const struct value *value = field == NULL ? NULL : value_get(whole, field->name);
        struct value *cell = value_object(profiling->arena);
        if (value != NULL) {
            cell = display_field(&showing->display, field, value);
            used[c] = true;
        }
        value_append(profiling->arena, cells, cell);
    }
    value_set(profiling->arena, row, STR("link"), row_link(profiling, found, label));
    value_set(profiling->arena, row, STR("cells"), cells);
    value_set(profiling->arena, row, STR("source"),
              value_get_bool(table, STR("source")) ? source : value_bool(profiling->arena, false));
    *ret_row = row;
    return 0;
}

/* Rows of figures that nobody entered: of indicators that are computed. They lead to the indicator, which says how. */
static int add_measured(struct profiling *profiling, const struct value *table, struct value *rows, bool *used,
                        struct err *err)
{
    struct showing *showing = profiling->showing;
    const struct model *model = showing->call->site->model;
    const struct value *roles = NULL;
    struct records indicators = {0}, values = {0};

    if (!value_get_bool(table, STR("computed"))) {
        return 0;
    }
    if (roles_read(profiling->arena, &roles, err) != 0) {
        return -1;
    }
    const struct value *part = value_get(roles, STR("index"));
    const struct value *value_part = value_get(part, STR("value"));
    const struct reg *indicator_reg = roles_register(value_get(part, STR("indicator")), model);
    const struct reg *value_reg = roles_register(value_part, model);
    if (indicator_reg == NULL || value_reg == NULL) {
        return 0;
    }
    if (records_read(showing->reader, indicator_reg, NULL, profiling->arena, &indicators, err) != 0 ||
        measured_add(part, model, showing->reader, showing->community.zone, &indicators, profiling->arena, &values,
                     err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < values.count; i++) {
        const struct value *record = values.items[i];
        struct found found = {.reg = value_reg, .record = (struct value *)record};
        struct value *row = NULL, *source = value_object(profiling->arena);
        if (!str_eq(value_get_text(record, value_get_text(value_part, STR("unit"))), record_id(showing->view))) {
            continue;
        }
        if (row_view(profiling, table, &found, used, &row, err) != 0) {
            return -1;
        }
        value_set_text(profiling->arena, (struct value *)value_get(row, STR("link")), STR("href"),
                       display_record_href(&showing->display, indicator_reg,
                                           value_get_text(record, value_get_text(value_part, STR("indicator")))));
        value_set_text(profiling->arena, source, STR("text"), SAY(showing->call, "compare-computed"));
        value_set(profiling->arena, source, STR("href"), value_bool(profiling->arena, false));
        value_set(profiling->arena, row, STR("source"), source);
        value_append(profiling->arena, rows, row);
    }
    return 0;
}

/* ---- tables ---- */

static int find_rows(struct profiling *profiling, const struct value *table, struct page *ret_page, struct err *err)
{
    struct showing *showing = profiling->showing;
    const struct reg *reg = layout_register(table, showing->call->site->model);
    const struct field *by = layout_field(table, STR("by"), reg);
    const struct value *given = value_get(table, STR("filter"));
    struct str sort = value_get_text(table, STR("sort"));
    bool descending = str_take(&sort, STR("-"));
    struct filter filters[FILTERS_MAX];
    struct list_query query = {.reg = reg, .filters = filters, .limit = layout_number(table, STR("limit"), ROWS_MAX)};

    *ret_page = (struct page){0};
    if (by == NULL) {
        return 0;
    }
    filters[query.filter_count++] = (struct filter){.field = by, .name = by->name, .value = record_id(showing->view)};
    for (size_t i = 0; given != NULL && i < given->object.count && query.filter_count < FILTERS_MAX; i++) {
        const struct field *field = reg_field(reg, given->object.members[i].key);
        if (field != NULL) {
            filters[query.filter_count++] = (struct filter){
                .field = field, .name = field->name, .value = value_text_of(given->object.members[i].value)};
        }
    }
    query.sort = reg_field(reg, sort);
    query.sort = query.sort != NULL && query.sort->sortable ? query.sort : NULL;
    query.descending = descending && query.sort != NULL;
    return store_list(showing->reader, &query, profiling->arena, ret_page, err);
}

/* Columns that no row fills are left out. */
static void drop_unused(struct profiling *profiling, const struct value *rows, const bool *used)
{
    for (size_t r = 0; r < value_count(rows); r++) {
        struct value *row = (struct value *)value_at(rows, r);
        const struct value *cells = value_get(row, STR("cells"));
        struct value *kept = value_list(profiling->arena);
        for (size_t c = 0; c < value_count(cells); c++) {
            if (used[c]) {
                value_append(profiling->arena, kept, (struct value *)value_at(cells, c));
            }
        }
        value_set(profiling->arena, row, STR("cells"), kept);
    }
}

static struct value *table_heads(struct profiling *profiling, const struct value *table, const struct reg *reg,
                                 const bool *used)
{
    const struct value *columns = value_get(table, STR("columns"));
    struct value *heads = value_list(profiling->arena);

    for (size_t c = 0; c < value_count(columns); c++) {
        const struct field *field = reg_field(reg, value_text_of(value_at(columns, c)));
        if (used[c]) {
            struct value *head = value_object(profiling->arena);
            value_set_text(profiling->arena, head, STR("text"),
                           bilingual_best(field->title, profiling->showing->call->lang));
            value_append(profiling->arena, heads, head);
        }
    }
    return heads;
}

static struct str all_href(struct profiling *profiling, const struct value *table)
{
    struct showing *showing = profiling->showing;
    const struct value *given = value_get(table, STR("filter"));
    struct str href =
        page_href(showing->call, arena_concat(profiling->arena, 5, value_get_text(table, STR("register")), STR("?"),
                                              value_get_text(table, STR("by")), STR("="), record_id(showing->view)));

    for (size_t i = 0; given != NULL && i < given->object.count; i++) {
        href = arena_concat(profiling->arena, 5, href, STR("&"), given->object.members[i].key, STR("="),
                            value_text_of(given->object.members[i].value));
    }
    return href;
}

static int add_table(struct profiling *profiling, const struct value *table, struct value *tables, struct err *err)
{
    struct arena *arena = profiling->arena;
    struct showing *showing = profiling->showing;
    struct value *view = display_text(arena, showing->call->lang, layout_text(table, STR("title")));
    struct value *rows = value_list(arena);
    bool *used = ARENA_NEW_ARRAY(arena, value_count(value_get(table, STR("columns"))) + 1, bool);
    const struct reg *reg = layout_register(table, showing->call->site->model);
    const struct field *head = reg == NULL ? NULL : head_field(table, reg);
    struct page page;

    if (find_rows(profiling, table, &page, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < page.count; i++) {
        struct value *row = NULL;
        bool passes = false;
        if (row_passes(profiling, value_get(table, STR("where")), &page.items[i], &passes, err) != 0 ||
            (passes && row_view(profiling, table, &page.items[i], used, &row, err) != 0)) {
            return -1;
        }
        if (passes) {
            value_append(arena, rows, row);
        }
    }
    if (reg == NULL || add_measured(profiling, table, rows, used, err) != 0) {
        return reg == NULL ? 0 : -1;
    }
    if (value_count(rows) == 0) {
        return 0;
    }
    drop_unused(profiling, rows, used);
    value_set_text(arena, view, STR("name"), value_get_text(table, STR("name")));
    value_set_text(arena, view, STR("singular"),
                   bilingual_best(head != NULL ? head->title : reg->singular, showing->call->lang));
    value_set(arena, view, STR("heads"), table_heads(profiling, table, reg, used));
    value_set(arena, view, STR("rows"), rows);
    value_set(arena, view, STR("sourced"), value_bool(arena, value_get_bool(table, STR("source"))));
    value_set(arena, view, STR("all_href"),
              page.total > (int64_t)page.count ? value_text(arena, all_href(profiling, table))
                                               : value_bool(arena, false));
    value_append(arena, tables, view);
    return 0;
}

/* ---- near ---- */

struct neighbour {
    const struct value *record;
    double km;
};

static int by_distance(const void *left, const void *right)
{
    const struct neighbour *a = left;
    const struct neighbour *b = right;

    return (a->km > b->km) - (a->km < b->km);
}

static bool point_of(const struct value *record, const struct field *place, double *lat, double *lon)
{
    const struct value *point = place == NULL ? NULL : value_get(record, place->name);
    const struct value *north = value_get(point, STR("lat")), *east = value_get(point, STR("lon"));

    if (north == NULL || east == NULL) {
        return false;
    }
    *lat = decimal_to_double(north->number);
    *lon = decimal_to_double(east->number);
    return true;
}

static int add_near(struct profiling *profiling, struct value *view, struct err *err)
{
    struct arena *arena = profiling->arena;
    struct showing *showing = profiling->showing;
    const struct field *place = layout_field(profiling->part, STR("near"), showing->reg);
    struct value *list = value_list(arena);
    struct records records = {0};
    struct neighbour *near;
    double lat, lon, there_lat, there_lon;
    size_t count = 0;

    if (!point_of(showing->found.record, place, &lat, &lon)) {
        value_set(arena, view, STR("has_near"), value_bool(arena, false));
        return 0;
    }
    if (records_read(showing->reader, showing->reg, NULL, arena, &records, err) != 0) {
        return -1;
    }
    near = ARENA_NEW_ARRAY(arena, records.count, struct neighbour);
    for (size_t i = 0; i < records.count; i++) {
        if (!str_eq(record_id(records.items[i]), record_id(showing->view)) &&
            point_of(records.items[i], place, &there_lat, &there_lon)) {
            near[count++] = (struct neighbour){records.items[i], great_circle_km(lat, lon, there_lat, there_lon)};
        }
    }
    qsort(near, count, sizeof *near, by_distance);
    for (size_t i = 0; i < count && i < NEAR_MAX; i++) {
        struct http_pair pair = {STR("km"), intl_integer(arena, lang_codes[showing->call->lang], lround(near[i].km))};
        struct found found = {.reg = showing->reg, .record = (struct value *)near[i].record};
        struct bilingual label = record_label(showing->call->site->model, found.reg, found.record, arena);
        struct value *link = row_link(profiling, &found, label);
        value_set_text(arena, link, STR("km"), say(showing->call, "about-km", &pair, 1));
        value_append(arena, list, link);
    }
    value_set(arena, view, STR("near"), list);
    value_set(arena, view, STR("has_near"), value_bool(arena, count > 0));
    return 0;
}

/* ---- all of it ---- */

static void add_links(struct profiling *profiling, struct value *view)
{
    const struct value *links = value_get(profiling->part, STR("links"));
    struct value *list = value_list(profiling->arena);

    for (size_t i = 0; i < value_count(links); i++) {
        const struct value *part = value_at(links, i);
        struct value *link = value_object(profiling->arena);
        struct str page = value_get_text(part, STR("page"));
        if (!route_serves(
                arena_concat(profiling->arena, 2, STR("/{lang}/"), str_slice(page, 0, str_find_byte(page, '?'))))) {
            continue;
        }
        struct str words = arena_copy(profiling->arena, value_get_text(part, STR("words")));
        value_set_text(profiling->arena, link, STR("text"), SAY(profiling->showing->call, words.ptr));
        value_set_text(profiling->arena, link, STR("href"),
                       arena_concat(profiling->arena, 2, page_href(profiling->showing->call, page),
                                    record_id(profiling->showing->view)));
        value_append(profiling->arena, list, link);
    }
    value_set(profiling->arena, view, STR("links"), list);
}

static void add_changes(struct profiling *profiling, struct value *view)
{
    struct showing *showing = profiling->showing;
    struct arena *arena = profiling->arena;
    bool own = profiling->edition != NULL && showing->found.seq > profiling->edition->seq;

    value_set_text(arena, view, STR("edition"), profiling->edition == NULL ? STR("") : profiling->edition->name);
    value_set(arena, view, STR("changed_itself"), value_bool(arena, own));
    value_set(arena, view, STR("changes"), profiling->changes);
    value_set(arena, view, STR("unchanged"),
              value_bool(arena, profiling->edition != NULL && !own && value_count(profiling->changes) == 0));
}

int profile_add(struct showing *showing, struct err *err)
{
    struct arena *arena = showing->arena;
    struct profiling profiling = {
        .showing = showing,
        .arena = arena,
        .part = profile_part(showing),
        .edition = store_editions(showing->call->site->store),
        .changes = value_list(arena),
    };
    const struct value *tables = value_get(profiling.part, STR("tables"));
    struct value *view = value_object(arena);
    struct value *list = value_list(arena);

    value_set(arena, showing->frame, STR("profile"), value_bool(arena, false));
    if (profiling.part == NULL) {
        return 0;
    }
    /* What an edition shows has an edition before it; the past by its number is not compared. */
    while (profiling.edition != NULL && profiling.edition->seq >= reader_seq(showing->reader) &&
           reader_options(showing->reader)->as_of > 0) {
        profiling.edition = profiling.edition->older;
    }
    for (size_t i = 0; i < value_count(tables); i++) {
        if (add_table(&profiling, value_at(tables, i), list, err) != 0) {
            return -1;
        }
    }
    value_set(arena, view, STR("tables"), list);
    if (add_near(&profiling, view, err) != 0) {
        return -1;
    }
    add_links(&profiling, view);
    add_changes(&profiling, view);
    value_set(arena, showing->frame, STR("profile"), view);
    return 0;
}
