/* The region against other regions of the world: for each metric that tells of our own region, the newest figure and rank of every place
 * that was compared. What is not known stays blank. Which register this is stands in site/insight.json under "regions". */
#include "base/intl.h"
#include "insight/roles.h"
#include "model/record.h"
#include "web/compare_page.h"
#include "web/query.h"
#include "web/section.h"
#include "web/showing.h"

#include <math.h>
#include <stdlib.h>

#define PLACES_MAX 100 /* of one metric */

struct regions {
    struct building building;
    const struct value *part; /* of the roles */
    const struct reg *reg;
    const struct field *place, *metric, *own, *rank, *value, *finding;
    struct records records;
    struct value *frame, *metrics;
    bool draws;
};

/* What is known of one place by one metric. */
struct place {
    const struct value *record;
    bool own;
    double rank, number; /* NAN: not known */
};

static double year_of(const struct regions *regions, const struct value *record)
{
    return roles_number(record, arena_copy(regions->building.arena, value_get_text(regions->part, STR("year"))).ptr, 0);
}

static struct bilingual name_of(const struct regions *regions, const struct value *record)
{
    const struct value *name = value_get(record, regions->place->name);

    return name == NULL ? (struct bilingual){0} : value_bilingual(name);
}

static bool same_place(const struct regions *regions, const struct value *a, const struct value *b)
{
    struct bilingual one = name_of(regions, a), other = name_of(regions, b);

    return str_eq(one.in[LANG_JA], other.in[LANG_JA]) && str_eq(one.in[LANG_EN], other.in[LANG_EN]);
}

/* Of two records of one place the newer one; of one year the one that says more. */
static bool goes_before(const struct regions *regions, const struct value *a, const struct value *b)
{
    double a_year = year_of(regions, a), b_year = year_of(regions, b);
    int a_says = (value_get(a, regions->rank->name) != NULL) + (value_get(a, regions->value->name) != NULL);
    int b_says = (value_get(b, regions->rank->name) != NULL) + (value_get(b, regions->value->name) != NULL);

    return a_year != b_year ? a_year > b_year : a_says > b_says;
}

/* The smaller one first, what is not known last; 0: neither goes before. */
static int compare_known(double a, double b)
{
    double one = isnan(a) ? (double)INFINITY : a, other = isnan(b) ? (double)INFINITY : b;

    return (one > other) - (one < other);
}

/* Our own region first, then by rank, then the largest figure; what has neither comes last. */
static int compare_places(const void *left, const void *right)
{
    const struct place *a = left, *b = right;
    int order = (int)b->own - (int)a->own;

    if (order == 0) {
        order = compare_known(a->rank, b->rank);
    }
    if (order == 0) {
        order = compare_known(-a->number, -b->number);
    }
    return order != 0 ? order : str_cmp(record_id(a->record), record_id(b->record));
}

static size_t places_of(const struct regions *regions, struct str metric, struct place places[PLACES_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < regions->records.count; i++) {
        const struct value *record = regions->records.items[i];
        size_t at = 0;
        if (!str_eq(value_get_text(record, regions->metric->name), metric)) {
            continue;
        }
        while (at < count && !same_place(regions, places[at].record, record)) {
            at++;
        }
        if (at == PLACES_MAX || (at < count && !goes_before(regions, record, places[at].record))) {
            continue;
        }
        places[at] = (struct place){.record = record,
                                    .own = value_get_bool(record, regions->own->name),
                                    .rank = figure_number(value_get(record, regions->rank->name)),
                                    .number = figure_number(value_get(record, regions->value->name))};
        count += at == count;
    }
    qsort(places, count, sizeof *places, compare_places);
    return count;
}

/* ---- telling ---- */

static void set_figure(struct regions *regions, struct value *row, const char *name, const struct field *field,
                       const struct value *record)
{
    struct arena *arena = regions->building.arena;
    const struct value *figure = value_get(record, field->name);
    struct str text = STR(""), plain = STR("");
    double number = figure_number(figure);
    struct decimal exact;
    char digits[DECIMAL_TEXT_MAX];

    if (figure != NULL) {
        text = display_figure(&regions->building.display, field, figure);
    }
    if (!isnan(number) && decimal_from_double(number, &exact)) {
        plain = arena_copy(arena, str_make(digits, decimal_format(exact, digits)));
    }
    value_set(arena, row, str_from_cstr(name), showing_text_or_false(arena, text));
    value_set_text(arena, row, arena_concat(arena, 2, str_from_cstr(name), STR("_number")), plain);
}

static struct value *place_row(struct regions *regions, const struct place *place)
{
    struct building *building = &regions->building;
    struct arena *arena = building->arena;
    enum lang lang = building->call->lang;
    struct value *row = display_text(arena, lang, name_of(regions, place->record));
    const struct value *finding = value_get(place->record, regions->finding->name);
    struct str edition = value_get_text(place->record, value_get_text(regions->part, STR("edition")));

    value_set_text(arena, row, STR("href"),
                   display_record_href(&building->display, regions->reg, record_id(place->record)));
    value_set(arena, row, STR("own"), value_bool(arena, place->own));
    set_figure(regions, row, "rank", regions->rank, place->record);
    set_figure(regions, row, "figure", regions->value, place->record);
    value_set(arena, row, STR("finding"),
              finding == NULL ? value_bool(arena, false) : display_text(arena, lang, value_bilingual(finding)));
    if (edition.len == 0) {
        edition = arena_format(arena, "%.0f", year_of(regions, place->record));
    }
    value_set_text(arena, row, STR("edition"), edition);
    return row;
}

/* Whether two figures can stand beside each other as bars; one that is not there can. */
static bool same_unit(const struct regions *regions, const struct value *a, const struct value *b)
{
    const struct value *one = value_get(a, regions->value->name), *other = value_get(b, regions->value->name);

    return one == NULL || other == NULL ||
           (str_eq(value_get_text(one, STR("unit")), value_get_text(other, STR("unit"))) &&
            str_eq(value_get_text(one, STR("currency")), value_get_text(other, STR("currency"))));
}

static void add_metric(struct regions *regions, const struct term *term)
{
    struct arena *arena = regions->building.arena;
    struct place *places = ARENA_NEW_ARRAY(arena, PLACES_MAX, struct place);
    size_t count = places_of(regions, term->code, places), others = 0, numbers = 0;
    bool draws = true;
    struct value *view, *rows = value_list(arena);

    if (count == 0 || !places[0].own) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        others += !places[i].own;
        numbers += !isnan(places[i].number);
        draws = draws && same_unit(regions, places[0].record, places[i].record);
        value_append(arena, rows, place_row(regions, &places[i]));
    }
    view = display_text(arena, regions->building.call->lang, term->label);
    value_set_text(arena, view, STR("metric"), term->code);
    value_set(arena, view, STR("places"), rows);
    value_set(arena, view, STR("alone"), value_bool(arena, others == 0));
    draws = draws && numbers > 1;
    value_set(arena, view, STR("has_picture"), value_bool(arena, draws));
    regions->draws = regions->draws || draws;
    value_append(arena, regions->metrics, view);
}

/* ---- the page ---- */

static int find_roles(struct regions *regions, struct err *err)
{
    const struct value *roles;

    if (roles_read(regions->building.arena, &roles, err) != 0) {
        return -1;
    }
    regions->part = value_get(roles, STR("regions"));
    regions->reg = roles_register(regions->part, regions->building.call->site->model);
    if (regions->reg != NULL) {
        regions->place = roles_field(regions->part, "place", regions->reg);
        regions->metric = roles_field(regions->part, "metric", regions->reg);
        regions->own = roles_field(regions->part, "own", regions->reg);
        regions->rank = roles_field(regions->part, "rank", regions->reg);
        regions->value = roles_field(regions->part, "figure", regions->reg);
        regions->finding = roles_field(regions->part, "finding", regions->reg);
    }
    if (regions->reg == NULL || regions->place == NULL || regions->metric == NULL ||
        regions->metric->vocabulary == NULL || regions->own == NULL || regions->rank == NULL ||
        regions->value == NULL || regions->finding == NULL) {
        return err_set(err, ERR_NOT_FOUND, "this model compares no regions");
    }
    return 0;
}

void page_regions(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct regions regions = {.metrics = value_list(call->arena)};
    struct query query;
    struct err err = {0};

    if (page_query(call, NULL, QUERY_ON | QUERY_AS_OF, &query) != 0 ||
        building_begin(&regions.building, call, &query, &reader) != 0) {
        return;
    }
    if (find_roles(&regions, &err) != 0 ||
        records_read(reader, regions.reg, NULL, call->arena, &regions.records, &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    regions.frame =
        page_frame(call, &regions.building.community, display_plain_text(call->arena, SAY(call, "regions")));
    if (query.options.as_of > 0) {
        page_set_past(call, regions.frame, query.options.as_of);
    }
    for (size_t i = 0; i < regions.metric->vocabulary->term_count; i++) {
        add_metric(&regions, &regions.metric->vocabulary->terms[i]);
    }
    value_set(call->arena, regions.frame, STR("metrics"), regions.metrics);
    value_set(call->arena, regions.frame, STR("nothing"), value_bool(call->arena, value_count(regions.metrics) == 0));
    value_set_text(call->arena, regions.frame, STR("list_href"), page_href(call, regions.reg->name));
    value_set_text(call->arena, regions.frame, STR("hubs_href"), page_href(call, STR("compare")));
    if (regions.draws) {
        page_use_charts(call, regions.frame);
    }
    page_send(call, "regions", regions.frame);
}
