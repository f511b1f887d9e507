/* The organisation chart: the bodies beneath the community's own, each with its seats in order, its officers and its topics, on
 * any date. Which registers and fields these are is said in site/site.json under "chart". */
#include "base/intl.h"
#include "model/record.h"
#include "web/query.h"
#include "web/route.h"
#include "web/section.h"
#include "web/site_pages.h"

#include "store/notes.h"

#define UNITS_MAX 200
#define SEATS_MAX 500
#define DEPTH_MAX 6

struct charting {
    struct building building;
    const struct value *unit, *seat, *topic; /* parts of the layout */
    const struct reg *unit_reg, *seat_reg, *topic_reg;
    bool on_given;
    struct date today;
    struct str roll; /* the latest day on which a seat that is shown was known to be held; empty: none says */
    struct value *frame;
};

/* {"register": …, "filter": {field: id}, "sort": order}: a part as section_list takes it. */
static struct value *part_of(struct charting *charting, const struct value *part, struct str link, struct str id)
{
    struct arena *arena = charting->building.arena;
    struct value *asked = value_object(arena);
    struct value *filter = value_object(arena);

    value_set_text(arena, asked, STR("register"), value_get_text(part, STR("register")));
    value_set_text(arena, filter, value_get_text(part, link), id);
    value_set(arena, asked, STR("filter"), filter);
    value_set_text(arena, asked, STR("sort"), value_get_text(part, STR("order")));
    return asked;
}

/* Without a date what has ended is left out; with one the store has done so. */
static bool has_ended(const struct charting *charting, const struct value *record)
{
    struct date to;

    return !charting->on_given && date_parse(value_get_text(record, STR("to")), &to) &&
           date_cmp(date_last_day(to), charting->today) < 0;
}

/* ISO dates: what sorts later is later. */
static void note_roll(struct charting *charting, const struct value *record)
{
    struct str day = value_get_text(record, STR("attested_on"));

    if (str_cmp(day, charting->roll) > 0) {
        charting->roll = day;
    }
}

/* ---- seats ---- */

/* {"values"} of one of the seat's fields; no values when it says nothing. */
static struct value *seat_cell(struct charting *charting, const struct value *view, struct str name)
{
    struct building *building = &charting->building;
    const struct field *field = layout_field(charting->seat, name, charting->seat_reg);
    const struct value *value = field == NULL ? NULL : value_get(view, field->name);
    struct value *cell;

    if (value != NULL) {
        return display_field(&building->display, field, value);
    }
    cell = value_object(building->arena);
    value_set(building->arena, cell, STR("values"), value_list(building->arena));
    value_set_text(building->arena, cell, STR("title"),
                   field == NULL ? STR("") : bilingual_best(field->title, building->call->lang));
    return cell;
}

/* What the seat is grouped under: the term of the first grouping field that has a value. */
static struct bilingual group_of(const struct charting *charting, const struct value *record)
{
    const struct value *names = value_get(charting->seat, STR("groups"));

    for (size_t i = 0; i < value_count(names); i++) {
        const struct field *field = reg_field(charting->seat_reg, value_text_of(value_at(names, i)));
        struct str code = field == NULL ? STR("") : value_get_text(record, field->name);
        const struct term *term =
            code.len == 0 || field->vocabulary == NULL ? NULL : vocabulary_term(field->vocabulary, code);
        if (term != NULL) {
            return term->label;
        }
    }
    return (struct bilingual){0};
}

static int seat_view(struct charting *charting, const struct found *found, struct value **ret_view, struct err *err)
{
    static const char *const cells[] = {"order", "member", "person", "post", "role"};
    struct building *building = &charting->building;
    struct value *seat = section_link(building, found);
    struct value *whole = NULL;

    if (view_record(&building->viewing, found->reg, found->record, &whole, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        struct str name = str_from_cstr(cells[i]);
        value_set(building->arena, seat, name, seat_cell(charting, whole, name));
    }
    value_set_text(building->arena, seat, STR("as_of"), section_as_of(building, found->record, NULL));
    value_set_text(building->arena, seat, STR("role_code"),
                   value_get_text(found->record, value_get_text(charting->seat, STR("role"))));
    note_roll(charting, found->record);
    *ret_view = seat;
    return 0;
}

/* The group's list of seats, made when it is met first. */
static struct value *group_seats(struct charting *charting, struct value *groups, struct map *by_name,
                                 struct bilingual name)
{
    struct arena *arena = charting->building.arena;
    struct str key = bilingual_best(name, LANG_EN);
    struct value *seats = map_get(by_name, key);
    struct value *group;

    if (seats == NULL) {
        group = value_object(arena);
        seats = value_list(arena);
        value_set(arena, group, STR("title"),
                  key.len == 0 ? value_bool(arena, false) : display_text(arena, charting->building.call->lang, name));
        value_set(arena, group, STR("seats"), seats);
        value_append(arena, groups, group);
        map_set(by_name, key, seats);
    }
    return seats;
}

/* Those whose role is an officer's, in the order of the roles. */
static void add_officers(struct charting *charting, struct value *unit, const struct value *seats)
{
    struct arena *arena = charting->building.arena;
    const struct value *roles = value_get(charting->seat, STR("officers"));
    struct value *officers = value_list(arena);

    for (size_t r = 0; r < value_count(roles); r++) {
        for (size_t i = 0; i < value_count(seats); i++) {
            struct value *seat = (struct value *)value_at(seats, i);
            if (str_eq(value_get_text(seat, STR("role_code")), value_text_of(value_at(roles, r)))) {
                value_append(arena, officers, seat);
            }
        }
    }
    value_set(arena, unit, STR("officers"), officers);
    value_set(arena, unit, STR("has_officers"), value_bool(arena, value_count(officers) > 0));
}

static void set_count(struct charting *charting, struct value *unit, int64_t count)
{
    struct building *building = &charting->building;

    value_set(building->arena, unit, STR("seat_count"),
              count == 0 ? value_bool(building->arena, false)
                         : value_text(building->arena,
                                      intl_integer(building->arena, lang_codes[building->call->lang], count)));
}

static int add_seats(struct charting *charting, struct value *unit, struct str id, struct err *err)
{
    struct building *building = &charting->building;
    struct value *groups = value_list(building->arena);
    struct value *all = value_list(building->arena);
    struct map by_name;
    struct page page;

    map_init(&by_name, building->arena);
    if (section_list(building, part_of(charting, charting->seat, STR("in"), id), SEATS_MAX, &page, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < page.count; i++) {
        struct value *seat = NULL;
        if (has_ended(charting, page.items[i].record)) {
            continue;
        }
        if (seat_view(charting, &page.items[i], &seat, err) != 0) {
            return -1;
        }
        value_append(building->arena, group_seats(charting, groups, &by_name, group_of(charting, page.items[i].record)),
                     seat);
        value_append(building->arena, all, seat);
    }
    value_set(building->arena, unit, STR("groups"), groups);
    value_set(building->arena, unit, STR("had_seats"), value_bool(building->arena, page.count > 0));
    add_officers(charting, unit, all);
    set_count(charting, unit, (int64_t)value_count(all));
    return 0;
}

/* ---- topics ---- */

static int add_topics(struct charting *charting, struct value *unit, struct str id, struct err *err)
{
    struct building *building = &charting->building;
    struct value *topics = value_list(building->arena);
    struct page page = {0};

    if (charting->topic_reg != NULL &&
        section_list(building, part_of(charting, charting->topic, STR("in"), id), UNITS_MAX, &page, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < page.count; i++) {
        value_append(building->arena, topics, section_link(building, &page.items[i]));
    }
    value_set(building->arena, unit, STR("topics"), topics);
    value_set(building->arena, unit, STR("has_topics"), value_bool(building->arena, page.count > 0));
    return 0;
}

/* ---- units ---- */

static int add_units(struct charting *charting, struct value *list, struct str parent, int depth, struct err *err);

static struct value *unit_about(struct charting *charting, const struct found *found)
{
    struct building *building = &charting->building;
    const struct field *about = layout_field(charting->unit, STR("about"), charting->unit_reg);
    const struct value *text = about == NULL ? NULL : value_get(found->record, about->name);

    return text == NULL ? value_bool(building->arena, false)
                        : display_text(building->arena, building->call->lang, value_bilingual(text));
}

/* A body of which nothing but its name is known, also of former times. */
static bool is_bare(const struct value *unit)
{
    return value_get(unit, STR("about"))->kind == VALUE_BOOL && !value_get_bool(unit, STR("had_seats")) &&
           value_count(value_get(unit, STR("topics"))) == 0 && value_count(value_get(unit, STR("units"))) == 0;
}

static int unit_view(struct charting *charting, const struct found *found, int depth, struct value *list,
                     struct err *err)
{
    struct building *building = &charting->building;
    struct value *unit = section_link(building, found);
    struct value *units = value_list(building->arena);
    struct str id = record_id(found->record);

    value_set_text(building->arena, unit, STR("anchor"), arena_concat(building->arena, 2, STR("u-"), id));
    value_set(building->arena, unit, STR("top"), value_bool(building->arena, depth == 0));
    value_set(building->arena, unit, STR("about"), unit_about(charting, found));
    if (add_seats(charting, unit, id, err) != 0 || add_topics(charting, unit, id, err) != 0) {
        return -1;
    }
    if (depth < DEPTH_MAX && add_units(charting, units, id, depth + 1, err) != 0) {
        return -1;
    }
    value_set(building->arena, unit, STR("units"), units);
    value_set(building->arena, unit, STR("is_bare"), value_bool(building->arena, depth < DEPTH_MAX && is_bare(unit)));
    value_append(building->arena, list, unit);
    return 0;
}

/* Where a unit's kind stands in the layout's order; behind all of them when it is not named. */
static size_t kind_rank(const struct charting *charting, const struct value *record)
{
    const struct value *kinds = value_get(charting->unit, STR("kinds"));
    struct str kind = value_get_text(record, value_get_text(charting->unit, STR("kind")));
    size_t rank = 0;

    while (rank < value_count(kinds) && !str_eq(value_text_of(value_at(kinds, rank)), kind)) {
        rank++;
    }
    return rank;
}

static int add_units(struct charting *charting, struct value *list, struct str parent, int depth, struct err *err)
{
    size_t ranks = value_count(value_get(charting->unit, STR("kinds"))) + 1;
    struct page page;

    if (section_list(&charting->building, part_of(charting, charting->unit, STR("parent"), parent), UNITS_MAX, &page,
                     err) != 0) {
        return -1;
    }
    for (size_t rank = 0; rank < ranks; rank++) {
        for (size_t i = 0; i < page.count; i++) {
            const struct value *record = page.items[i].record;
            if (kind_rank(charting, record) == rank && !has_ended(charting, record) &&
                unit_view(charting, &page.items[i], depth, list, err) != 0) {
                return -1;
            }
        }
    }
    return 0;
}

/* ---- the page ---- */

static void begin(struct charting *charting, const struct query *query)
{
    struct building *building = &charting->building;
    const struct layout *layout = &building->call->site->layout;
    const struct model *model = building->call->site->model;

    charting->unit = value_get(layout->chart, STR("unit"));
    charting->seat = value_get(layout->chart, STR("seat"));
    charting->topic = value_get(layout->chart, STR("topic"));
    charting->unit_reg = layout_register(charting->unit, model);
    charting->seat_reg = layout_register(charting->seat, model);
    charting->topic_reg = layout_register(charting->topic, model);
    charting->on_given = query->on.len > 0;
    charting->today = reader_today(building->reader, building->community.zone);
    charting->frame = page_frame(building->call, &building->community,
                                 display_plain_text(building->arena, SAY(building->call, "organisation-chart")));
}

/* Of what day the offices are, and the way to that day's roll: for who asked for no day. */
static void add_roll(struct charting *charting)
{
    struct building *building = &charting->building;
    struct value *roll = value_bool(building->arena, false);

    if (!charting->on_given && charting->roll.len > 0) {
        roll = value_object(building->arena);
        value_set_text(building->arena, roll, STR("roll_words"), display_date(&building->display, charting->roll));
        value_set_text(
            building->arena, roll, STR("roll_href"),
            page_href(building->call, arena_concat(building->arena, 2, STR("about/organisation?on="), charting->roll)));
    }
    value_set(building->arena, charting->frame, STR("roll"), roll);
}

static int build(struct charting *charting, const struct query *query, struct err *err)
{
    struct building *building = &charting->building;
    struct arena *arena = building->arena;
    struct str root =
        value_get_text(building->community.record, value_get_text(building->call->site->layout.chart, STR("root")));
    struct value *units = value_list(arena);

    if (charting->unit_reg != NULL && charting->seat_reg != NULL && root.len > 0 &&
        add_units(charting, units, root, 0, err) != 0) {
        return -1;
    }
    add_roll(charting);
    value_set(arena, charting->frame, STR("units"), units);
    value_set(arena, charting->frame, STR("is_empty"), value_bool(arena, value_count(units) == 0));
    value_set_text(arena, charting->frame, STR("action"), page_href(building->call, STR("about/organisation")));
    value_set_text(arena, charting->frame, STR("on_value"), query->on);
    value_set(arena, charting->frame, STR("on_words"),
              query->on.len == 0 ? value_bool(arena, false)
                                 : value_text(arena, display_date(&building->display, query->on)));
    return 0;
}

void page_chart(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct charting charting = {0};
    struct query query;
    struct err err = {0};

    if (page_query(call, NULL, QUERY_ON | QUERY_AS_OF, &query) != 0 ||
        building_begin(&charting.building, call, &query, &reader) != 0) {
        return;
    }
    begin(&charting, &query);
    if (query.options.as_of > 0) {
        page_set_past(call, charting.frame, query.options.as_of);
    }
    if (build(&charting, &query, &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    page_send(call, "chart", charting.frame);
}
