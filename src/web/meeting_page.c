/* Meetings and their papers: how often each group meets, and the print set of one meeting. What the reader's viewer may not see (the
 * closed parts, who attended) is not in the records that the store gives; so the same page is the public one on the web and the whole set
 * for the secretariat. Which registers and fields these are is "council" in site/site.json. */
#include "web/plan_view.h"

#include "model/record.h"
#include "plan/cadence.h"
#include "store/notes.h"
#include "web/kpi_view.h"
#include "web/page.h"
#include "web/route.h"
#include "web/site_pages.h"

#define MEETINGS_MAX 1000
#define SEATS_MAX 500
#define EARLIER_MAX 6
#define KPIS_MAX 40

struct paper {
    struct planning planning;
    const struct value *layout, *meeting_part;
    struct found meeting;
    struct date on;
    struct map attendance; /* seat → struct found */
};

static const struct value *part(const struct call *call, const char *name)
{
    return value_get(call->site->layout.council, str_from_cstr(name));
}

static struct str named(const struct value *layout_part, const char *member)
{
    return value_get_text(layout_part, str_from_cstr(member));
}

static struct date date_of(const struct value *record, struct str name)
{
    struct date date;
    return date_parse(value_get_text(record, name), &date) ? date : (struct date){0};
}

/* The records of a part whose field `link` is `id`, by the part's order. */
static int list_of(struct building *building, const struct value *layout_part, const char *link, struct str id,
                   struct str sort, size_t limit, struct page *ret_page, struct err *err)
{
    struct value *asked = value_object(building->arena);
    struct value *filter = value_object(building->arena);
    value_set_text(building->arena, asked, STR("register"), named(layout_part, "register"));
    value_set_text(building->arena, filter, named(layout_part, link), id);
    value_set(building->arena, asked, STR("filter"), filter);
    value_set_text(building->arena, asked, STR("sort"), sort);
    return section_list(building, asked, limit, ret_page, err);
}

/* ---- cadence ---- */

static struct str year_words(struct planning *planning, const struct cadence *cadence)
{
    return arena_concat(planning->building.arena, 3, planning_date(planning, cadence->begins), STR("–"),
                        planning_date(planning, cadence->ends));
}

static void add_cadence(struct planning *planning, struct value *view, const struct cadence *cadence)
{
    static const struct {
        const char *msgid, *look;
    } states[] = {
        [CADENCE_NONE] = {"cadence-none", "none"},
        [CADENCE_IN_TIME] = {"cadence-in-time", "active"},
        [CADENCE_BEHIND] = {"cadence-behind", "late"},
        [CADENCE_FULL] = {"cadence-full", "done"},
    };
    struct call *call = planning->building.call;
    struct value *state = value_object(call->arena);
    value_set_text(call->arena, state, STR("text"), say(call, states[cadence->state].msgid, NULL, 0));
    value_set_text(call->arena, state, STR("look"), str_from_cstr(states[cadence->state].look));
    value_set(call->arena, view, STR("state"), state);
    value_set_text(call->arena, view, STR("wanted"), planning_number(planning, (size_t)cadence->wanted));
    value_set_text(call->arena, view, STR("held"), planning_number(planning, (size_t)cadence->held));
    value_set_text(call->arena, view, STR("scheduled"), planning_number(planning, (size_t)cadence->scheduled));
    value_set_text(call->arena, view, STR("year"), year_words(planning, cadence));
    value_set_text(call->arena, view, STR("last"), planning_date(planning, cadence->last));
    value_set_text(call->arena, view, STR("next"), planning_date(planning, cadence->next));
}

static struct value *meeting_link(struct planning *planning, const struct found *found)
{
    struct building *building = &planning->building;
    struct value *link = section_label(building, found, NULL);
    struct str path = arena_concat(building->arena, 2, STR("plan/meeting/"), record_id(found->record));
    value_set_text(building->arena, link, STR("href"), page_href(building->call, path));
    value_set_text(building->arena, link, STR("date"),
                   planning_date(planning, date_of(found->record, named(part(building->call, "meeting"), "starts"))));
    return link;
}

static int group_view(struct planning *planning, const struct found *group, int wanted, struct value **ret_view,
                      struct err *err)
{
    struct building *building = &planning->building;
    const struct value *meeting = part(building->call, "meeting");
    struct value *view = section_link(building, group);
    struct value *meetings = value_list(building->arena);
    struct page page;
    struct str sort = arena_concat(building->arena, 2, STR("-"), named(meeting, "starts"));
    if (list_of(building, meeting, "group", record_id(group->record), sort, MEETINGS_MAX, &page, err) != 0) {
        return -1;
    }
    struct date *dates = ARENA_NEW_ARRAY(building->arena, page.count, struct date);
    for (size_t i = 0; i < page.count; i++) {
        dates[i] = date_of(page.items[i].record, named(meeting, "starts"));
        value_append(building->arena, meetings, meeting_link(planning, &page.items[i]));
    }
    struct cadence cadence =
        cadence_of(dates, page.count, wanted, planning->today,
                   (int)layout_number(building->call->site->layout.council, STR("year_starts"), 1));
    add_cadence(planning, view, &cadence);
    value_set(building->arena, view, STR("meetings"), meetings);
    value_set(building->arena, view, STR("has_meetings"), value_bool(building->arena, page.count > 0));
    *ret_view = view;
    return 0;
}

struct groups {
    struct planning *planning;
    struct value *list;
};

static int each_group(void *context, const struct found *found)
{
    struct groups *groups = context;
    struct arena *arena = groups->planning->building.arena;
    const struct value *number =
        value_get(found->record, named(part(groups->planning->building.call, "group"), "per_year"));
    int64_t wanted = 0;
    if (number && number->kind == VALUE_NUMBER && decimal_to_int64(number->number, &wanted) && wanted > 0 &&
        wanted <= 366) {
        value_append(arena, groups->list, value_copy(arena, found->record));
    }
    return 0;
}

static void page_meetings(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct planning planning = {0};
    struct err err = {0};
    struct groups groups = {.planning = &planning, .list = value_list(call->arena)};
    struct value *views = value_list(call->arena);
    const struct reg *reg = layout_register(part(call, "group"), call->site->model);
    if (planning_begin(&planning, call, "meetings", &reader) != 0) {
        return;
    }
    if (reg && store_each(reader, reg, each_group, &groups, &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    for (size_t i = 0; i < value_count(groups.list); i++) {
        struct found group = {.reg = reg, .record = (struct value *)(uintptr_t)value_at(groups.list, i)};
        const struct value *number = value_get(group.record, named(part(call, "group"), "per_year"));
        int64_t wanted = 0;
        struct value *view = NULL;
        decimal_to_int64(number->number, &wanted);
        if (group_view(&planning, &group, (int)wanted, &view, &err) != 0) {
            page_send_err(call, &err);
            return;
        }
        value_append(call->arena, views, view);
    }
    value_set(call->arena, planning.frame, STR("groups"), views);
    value_set(call->arena, planning.frame, STR("is_empty"), value_bool(call->arena, value_count(views) == 0));
    page_send(call, "meetings", planning.frame);
}

/* ---- one meeting ---- */

/* {"agenda", "decisions", "follow_ups"} of one side, each prose or false, and "any". */
static struct value *side_view(struct building *building, const struct value *side, const struct value *record)
{
    static const char *const names[] = {"agenda", "decisions", "follow_ups"};
    struct value *view = value_object(building->arena);
    bool any = false;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const struct value *text = value_get(record, named(side, names[i]));
        any = any || text;
        value_set(building->arena, view, str_from_cstr(names[i]),
                  text ? display_prose(building->arena, building->call->lang, value_bilingual(text))
                       : value_bool(building->arena, false));
    }
    value_set(building->arena, view, STR("any"), value_bool(building->arena, any));
    return view;
}

static void add_sides(struct building *building, struct value *view, const struct value *record)
{
    const struct value *meeting = part(building->call, "meeting");
    value_set(building->arena, view, STR("public"), side_view(building, value_get(meeting, STR("public")), record));
    value_set(building->arena, view, STR("closed"), side_view(building, value_get(meeting, STR("closed")), record));
}

static struct value *cell_of(struct building *building, const struct reg *reg, const struct value *whole,
                             struct str name)
{
    const struct field *field = reg_field(reg, name);
    const struct value *value = field ? value_get(whole, field->name) : NULL;
    struct value *cell;
    if (value) {
        return display_field(&building->display, field, value);
    }
    cell = value_object(building->arena);
    value_set(building->arena, cell, STR("values"), value_list(building->arena));
    value_set_text(building->arena, cell, STR("title"),
                   field ? bilingual_best(field->title, building->call->lang) : STR(""));
    return cell;
}

static int read_attendance(struct paper *paper, struct err *err)
{
    struct building *building = &paper->planning.building;
    const struct value *attendance = part(building->call, "attendance");
    struct page page;
    map_init(&paper->attendance, building->arena);
    if (list_of(building, attendance, "meeting", record_id(paper->meeting.record), STR(""), SEATS_MAX, &page, err) !=
        0) {
        return -1;
    }
    for (size_t i = 0; i < page.count; i++) {
        map_set(&paper->attendance, value_get_text(page.items[i].record, named(attendance, "seat")), &page.items[i]);
    }
    return 0;
}

/* {"cells": [display_field's…], "presence" and "proxy": display_field's} */
static int seat_view(struct paper *paper, const struct found *seat, struct value **ret_view, struct err *err)
{
    struct building *building = &paper->planning.building;
    const struct value *names = value_get(part(building->call, "seat"), STR("cells"));
    const struct value *attendance = part(building->call, "attendance");
    const struct found *came = map_get(&paper->attendance, record_id(seat->record));
    struct value *view = value_object(building->arena);
    struct value *cells = value_list(building->arena);
    struct value *whole = NULL, *whole_came = NULL;
    if (view_record(&building->viewing, seat->reg, seat->record, &whole, err) != 0 ||
        (came && view_record(&building->viewing, came->reg, came->record, &whole_came, err) != 0)) {
        return -1;
    }
    for (size_t i = 0; i < value_count(names); i++) {
        value_append(building->arena, cells, cell_of(building, seat->reg, whole, value_text_of(value_at(names, i))));
    }
    value_set(building->arena, view, STR("cells"), cells);
    value_set(building->arena, view, STR("presence"),
              came ? cell_of(building, came->reg, whole_came, named(attendance, "presence"))
                   : value_bool(building->arena, false));
    value_set(building->arena, view, STR("proxy"),
              came ? cell_of(building, came->reg, whole_came, named(attendance, "proxy"))
                   : value_bool(building->arena, false));
    *ret_view = view;
    return 0;
}

/* Whether a seat was held on the day of the meeting. */
static bool held_on(const struct value *seat, struct date on)
{
    struct date from = date_of(seat, STR("from"));
    struct date to = date_of(seat, STR("to"));
    return (!date_is_set(from) || date_cmp(date_first_day(from), date_last_day(on)) <= 0) &&
           (!date_is_set(to) || date_cmp(date_last_day(to), date_first_day(on)) >= 0);
}

static int add_roll(struct paper *paper, struct str group, struct err *err)
{
    struct building *building = &paper->planning.building;
    const struct value *seat = part(building->call, "seat");
    const struct reg *reg = layout_register(seat, building->call->site->model);
    struct value *frame = paper->planning.frame;
    struct value *rows = value_list(building->arena);
    struct value *heads = value_list(building->arena);
    struct page page = {0};
    if (read_attendance(paper, err) != 0 ||
        list_of(building, seat, "group", group, named(seat, "order"), SEATS_MAX, &page, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < page.count; i++) {
        struct value *row = NULL;
        if (!held_on(page.items[i].record, paper->on)) {
            continue;
        }
        if (seat_view(paper, &page.items[i], &row, err) != 0) {
            return -1;
        }
        value_append(building->arena, rows, row);
    }
    const struct value *names = value_get(seat, STR("cells"));
    for (size_t i = 0; reg && i < value_count(names); i++) {
        const struct field *field = reg_field(reg, value_text_of(value_at(names, i)));
        struct value *head = value_object(building->arena);
        value_set_text(building->arena, head, STR("title"),
                       field ? bilingual_best(field->title, building->call->lang) : STR(""));
        value_append(building->arena, heads, head);
    }
    value_set(building->arena, frame, STR("roll_heads"), heads);
    value_set(building->arena, frame, STR("roll"), rows);
    value_set(building->arena, frame, STR("has_roll"), value_bool(building->arena, value_count(rows) > 0));
    value_set(building->arena, frame, STR("seat_count"),
              value_text(building->arena, planning_number(&paper->planning, value_count(rows))));
    value_set(building->arena, frame, STR("has_attendance"), value_bool(building->arena, paper->attendance.count > 0));
    return 0;
}

/* ---- indicators ---- */

/* How it stands and its latest value, as the indicator's own page has them; false where there is none, and where a model's indicators
 * are of another shape. */
static int add_standing(struct building *building, const struct found *kpi, struct value *row, struct err *err)
{
    struct call *call = building->call;
    struct kpi *read = ARENA_NEW(building->arena, struct kpi);
    struct date today = reader_today(building->reader, building->community.zone);
    value_set(building->arena, row, STR("latest"), value_bool(building->arena, false));
    value_set(building->arena, row, STR("status"), value_bool(building->arena, false));
    if (kpi_read(building->reader, call->site->model, record_id(kpi->record), STR(""), today, building->arena, read,
                 err) != 0) {
        return err->code == ERR_NOT_FOUND ? 0 : -1;
    }
    struct kpi_viewing viewing = {call, building->arena, &building->display, read, false};
    value_set(building->arena, row, STR("latest"), kpi_latest_view(&viewing));
    value_set(building->arena, row, STR("status"), kpi_status_view(&viewing));
    return 0;
}

static int kpi_row(struct building *building, const struct found *kpi, struct value **ret_view, struct err *err)
{
    const struct value *names = value_get(part(building->call, "kpi"), STR("figures"));
    struct value *row = section_link(building, kpi);
    struct value *figures = value_list(building->arena);
    for (size_t i = 0; i < value_count(names); i++) {
        const struct field *field = reg_field(kpi->reg, value_text_of(value_at(names, i)));
        const struct value *value = field ? value_get(kpi->record, field->name) : NULL;
        struct value *one = value_object(building->arena);
        value_set_text(building->arena, one, STR("number"),
                       value ? display_figure(&building->display, field, value) : STR(""));
        value_append(building->arena, figures, one);
    }
    value_set(building->arena, row, STR("figures"), figures);
    *ret_view = row;
    return add_standing(building, kpi, row, err);
}

static int add_kpis(struct paper *paper, struct err *err)
{
    struct building *building = &paper->planning.building;
    struct value *rows = value_list(building->arena);
    struct page page = {0};
    if (section_list(building, part(building->call, "kpi"), KPIS_MAX, &page, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < page.count; i++) {
        struct value *row = NULL;
        if (kpi_row(building, &page.items[i], &row, err) != 0) {
            return -1;
        }
        value_append(building->arena, rows, row);
    }
    value_set(building->arena, paper->planning.frame, STR("kpis"), rows);
    value_set(building->arena, paper->planning.frame, STR("has_kpis"), value_bool(building->arena, page.count > 0));
    value_set(building->arena, paper->planning.frame, STR("kpi_href"),
              route_serves(STR("/{lang}/kpi")) ? value_text(building->arena, page_href(building->call, STR("kpi")))
                                               : value_bool(building->arena, false));
    return 0;
}

/* ---- actions due, earlier decisions ---- */

/* Late ones, and those whose next date comes no later than the meeting. */
static int add_due(struct paper *paper, struct err *err)
{
    struct planning *planning = &paper->planning;
    struct value *items = value_list(planning->building.arena);
    for (size_t i = 0; i < planning->plan.count; i++) {
        const struct plan_node *node = &planning->plan.nodes[i];
        bool due = date_is_set(node->next) && date_cmp(date_first_day(node->next), date_last_day(paper->on)) <= 0;
        struct value *item = NULL;
        if ((node->flags & PLAN_CLOSED) || !(due || (node->flags & (PLAN_LATE | PLAN_SILENT)))) {
            continue;
        }
        if (planning_node(planning, node, &item, err) != 0) {
            return -1;
        }
        value_append(planning->building.arena, items, item);
    }
    value_set(planning->building.arena, planning->frame, STR("due"), items);
    value_set(planning->building.arena, planning->frame, STR("has_due"),
              value_bool(planning->building.arena, value_count(items) > 0));
    return 0;
}

static int add_earlier(struct paper *paper, struct str group, struct err *err)
{
    struct building *building = &paper->planning.building;
    struct str starts = named(paper->meeting_part, "starts");
    struct value *list = value_list(building->arena);
    struct page page = {0};
    if (list_of(building, paper->meeting_part, "group", group, arena_concat(building->arena, 2, STR("-"), starts),
                MEETINGS_MAX, &page, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < page.count && value_count(list) < EARLIER_MAX; i++) {
        struct value *view;
        if (date_cmp(date_of(page.items[i].record, starts), paper->on) >= 0) {
            continue;
        }
        view = meeting_link(&paper->planning, &page.items[i]);
        add_sides(building, view, page.items[i].record);
        value_append(building->arena, list, view);
    }
    value_set(building->arena, paper->planning.frame, STR("earlier"), list);
    value_set(building->arena, paper->planning.frame, STR("has_earlier"),
              value_bool(building->arena, value_count(list) > 0));
    return 0;
}

static int add_head(struct paper *paper, struct err *err)
{
    static const char *const names[] = {"group", "starts", "ends", "place", "papers", "topics"};
    struct building *building = &paper->planning.building;
    struct value *rows = value_list(building->arena);
    struct value *whole = NULL;
    if (view_record(&building->viewing, paper->meeting.reg, paper->meeting.record, &whole, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct str name = named(paper->meeting_part, names[i]);
        if (value_get(whole, name)) {
            value_append(building->arena, rows, cell_of(building, paper->meeting.reg, whole, name));
        }
    }
    value_set(building->arena, paper->planning.frame, STR("head"), rows);
    value_set(building->arena, paper->planning.frame, STR("heading"), section_label(building, &paper->meeting, NULL));
    add_sides(building, paper->planning.frame, paper->meeting.record);
    value_set(building->arena, paper->planning.frame, STR("sees_closed"),
              value_bool(building->arena, reader_options(building->reader)->viewer.sees == VISIBILITY_SECRETARIAT));
    value_set_text(building->arena, paper->planning.frame, STR("record_href"),
                   display_record_href(&building->display, paper->meeting.reg, record_id(paper->meeting.record)));
    return 0;
}

static int build_paper(struct paper *paper, struct err *err)
{
    struct str group = value_get_text(paper->meeting.record, named(paper->meeting_part, "group"));
    paper->on = date_of(paper->meeting.record, named(paper->meeting_part, "starts"));
    return add_head(paper, err) != 0 || add_roll(paper, group, err) != 0 || add_kpis(paper, err) != 0 ||
                   add_due(paper, err) != 0 || add_earlier(paper, group, err) != 0
               ? -1
               : 0;
}

static void page_meeting(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct paper paper = {.layout = call->site->layout.council, .meeting_part = part(call, "meeting")};
    const struct reg *reg = layout_register(paper.meeting_part, call->site->model);
    struct err err = {0};
    if (reg == NULL) {
        page_send_missing(call, call->params.id);
        return;
    }
    if (planning_begin(&paper.planning, call, "meeting-papers", &reader) != 0) {
        return;
    }
    if (store_get(reader, reg, call->params.id, call->arena, &paper.meeting, NULL, &err) != 0) {
        page_send_missing(call, call->params.id);
        return;
    }
    planning_crumb(&paper.planning, "plan/meetings", "meetings");
    if (build_paper(&paper, &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    page_send(call, "meeting", paper.planning.frame);
}

const struct route meeting_routes[] = {
    {"/{lang}/plan/meetings", page_meetings, true},
    {"/{lang}/plan/meeting/{id}", page_meeting, true},
    {NULL, NULL, false},
};
