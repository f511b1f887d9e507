/* The roadmap: each stream's bars, end states and milestones on one axis of years. A milestone is a dated note of progress, or a
 * dated record that bears witness, on what the stream's bars follow in the plan. */
#include "web/plan_file.h"

#include "model/record.h"
#include "web/page.h"
#include "web/site_pages.h"

#include <stdlib.h>

#define FOLLOWED_MAX 64
#define MILESTONES_MAX 200

struct milestone {
    const struct found *found;
    struct date on;
};

struct road {
    struct planning planning;
    struct date first, last; /* of the axis: the earliest beginning and the latest end of any bar */
    struct milestone milestones[MILESTONES_MAX];
    size_t count;
    bool cut; /* there were more */
};

static struct date item_date(const struct planning *planning, const struct plan_node *node, const char *member)
{
    struct date date;
    const struct value *item = value_get(planning->layout, STR("item"));
    struct str text = value_get_text(node->found->record, value_get_text(item, str_from_cstr(member)));
    return date_parse(text, &date) ? date : (struct date){0};
}

static void find_axis(struct road *road)
{
    for (size_t i = 0; i < road->planning.plan.count; i++) {
        const struct plan_node *node = &road->planning.plan.nodes[i];
        struct date starts = item_date(&road->planning, node, "starts");
        if (date_is_set(starts) && (!date_is_set(road->first) || date_cmp(starts, road->first) < 0)) {
            road->first = starts;
        }
        if (date_is_set(node->ends) && date_cmp(node->ends, road->last) > 0) {
            road->last = node->ends;
        }
    }
}

/* ---- rows ---- */

static struct value *iso(struct road *road, struct date date)
{
    char text[DATE_TEXT_MAX];
    struct arena *arena = road->planning.building.arena;
    if (!date_is_set(date)) {
        return value_bool(arena, false);
    }
    date_format(date, text);
    return value_text(arena, arena_copy(arena, str_from_cstr(text)));
}

static struct str span_words(struct road *road, struct date from, struct date to)
{
    struct planning *planning = &road->planning;
    struct str begin = planning_date(planning, from);
    struct str end = planning_date(planning, to);
    if (!date_is_set(from)) {
        return end;
    }
    return date_is_set(to) ? arena_concat(planning->building.arena, 3, begin, STR("–"), end) : begin;
}

/* {"text", "foreign", "href", "kind", "when", "from", "to", "at", "state", "actions"} */
static struct value *row(struct road *road, struct value *link, struct str kind, struct str when)
{
    struct arena *arena = road->planning.building.arena;
    struct value *none = value_bool(arena, false);
    value_set_text(arena, link, STR("kind"), kind);
    value_set_text(arena, link, STR("when"), when);
    value_set(arena, link, STR("from"), none);
    value_set(arena, link, STR("to"), none);
    value_set(arena, link, STR("at"), none);
    return link;
}

/* What became of a bar: of itself where it says so, else of the actions it follows. */
static struct value *bar_state(struct road *road, const struct plan_node *node)
{
    struct planning *planning = &road->planning;
    struct call *call = planning->building.call;
    struct plan_roll roll = plan_roll_followed(&planning->plan, planning->layout, node);
    struct value *view = planning_state(planning, node);
    bool said = node->state.len > 0 || (node->flags & (PLAN_LATE | PLAN_SILENT)) != 0;
    const char *msgid = "plan-state-none";
    const char *look = "none";
    if (said) {
        return view;
    }
    if (roll.late > 0) {
        msgid = "plan-late", look = "late";
    } else if (roll.actions > 0 && roll.done == roll.actions) {
        msgid = "plan-done", look = "done";
    } else if (roll.reported > 0) {
        msgid = "plan-under-way", look = "active";
    }
    value_set_text(call->arena, view, STR("text"), say(call, msgid, NULL, 0));
    value_set_text(call->arena, view, STR("look"), str_from_cstr(look));
    return view;
}

static struct value *item_row(struct road *road, const struct plan_node *node)
{
    struct planning *planning = &road->planning;
    struct arena *arena = planning->building.arena;
    bool is_end = planning_is_kind(planning, "end", node->kind);
    struct date starts = item_date(planning, node, "starts");
    struct str when = is_end ? planning_date(planning, node->ends) : span_words(road, starts, node->ends);
    struct value *view = row(road, section_link(&planning->building, node->found),
                             planning_term(planning, "item", "kind", node->kind), when);
    if (is_end) {
        value_set(arena, view, STR("at"), iso(road, date_last_day(node->ends)));
    } else {
        value_set(arena, view, STR("from"), iso(road, starts));
        value_set(arena, view, STR("to"), iso(road, node->ends));
    }
    value_set(arena, view, STR("state"), bar_state(road, node));
    return view;
}

static struct value *milestone_row(struct road *road, const struct milestone *milestone)
{
    struct planning *planning = &road->planning;
    struct call *call = planning->building.call;
    struct value *state = value_object(call->arena);
    bool to_come = date_cmp(date_first_day(milestone->on), planning->today) > 0;
    struct value *view =
        row(road, section_link(&planning->building, milestone->found),
            bilingual_best(milestone->found->reg->singular, call->lang), planning_date(planning, milestone->on));
    value_set(call->arena, view, STR("at"), iso(road, milestone->on));
    value_set_text(call->arena, state, STR("text"), SAY(call, to_come ? "roadmap-to-come" : "roadmap-happened"));
    value_set_text(call->arena, state, STR("look"), to_come ? STR("none") : STR("done"));
    value_set(call->arena, view, STR("state"), state);
    return view;
}

/* ---- milestones ---- */

static void take_milestone(struct road *road, const struct found *found, struct date on)
{
    bool on_axis = date_is_set(on) && date_cmp(date_last_day(on), date_first_day(road->first)) >= 0 &&
                   date_cmp(date_first_day(on), date_last_day(road->last)) <= 0;
    for (size_t i = 0; i < road->count && on_axis; i++) {
        on_axis = road->milestones[i].found->reg != found->reg ||
                  !str_eq(record_id(road->milestones[i].found->record), record_id(found->record));
    }
    if (on_axis && road->count == MILESTONES_MAX) {
        road->cut = true;
    } else if (on_axis) {
        road->milestones[road->count++] = (struct milestone){.found = found, .on = on};
    }
}

static void gather(struct road *road, const struct plan_node *node)
{
    const struct plan *plan = &road->planning.plan;
    for (size_t i = 0; i < node->note_count; i++) {
        take_milestone(road, node->notes[i].found, node->notes[i].on);
    }
    for (size_t i = 0; i < node->witness_count; i++) {
        take_milestone(road, node->witnesses[i].found, node->witnesses[i].on);
    }
    for (size_t child = node->first_child; child != PLAN_NONE; child = plan->nodes[child].next_sibling) {
        gather(road, &plan->nodes[child]);
    }
}

static int compare_milestones(const void *a, const void *b)
{
    const struct milestone *one = a, *two = b;
    int order = date_cmp(one->on, two->on);
    return order ? order : str_cmp(record_id(one->found->record), record_id(two->found->record));
}

static void gather_stream(struct road *road, const struct plan_node *line)
{
    const struct plan *plan = &road->planning.plan;
    const struct plan_node *followed[FOLLOWED_MAX];
    road->count = 0;
    gather(road, line);
    for (size_t child = line->first_child; child != PLAN_NONE; child = plan->nodes[child].next_sibling) {
        size_t count = plan_followed(plan, road->planning.layout, &plan->nodes[child], followed, FOLLOWED_MAX);
        for (size_t i = 0; i < count; i++) {
            gather(road, followed[i]);
        }
    }
    qsort(road->milestones, road->count, sizeof(road->milestones[0]), compare_milestones);
}

/* ---- the page ---- */

static void add_rows_of(struct road *road, struct value *rows, const struct plan_node *line, const char *kind)
{
    const struct plan *plan = &road->planning.plan;
    for (size_t child = line->first_child; child != PLAN_NONE; child = plan->nodes[child].next_sibling) {
        if (planning_is_kind(&road->planning, kind, plan->nodes[child].kind)) {
            value_append(road->planning.building.arena, rows, item_row(road, &plan->nodes[child]));
        }
    }
}

static struct value *stream_view(struct road *road, const struct plan_node *line)
{
    struct planning *planning = &road->planning;
    struct arena *arena = planning->building.arena;
    struct value *view = section_link(&planning->building, line->found);
    struct value *rows = value_list(arena);
    add_rows_of(road, rows, line, "bar");
    gather_stream(road, line);
    for (size_t i = 0; i < road->count; i++) {
        value_append(arena, rows, milestone_row(road, &road->milestones[i]));
    }
    add_rows_of(road, rows, line, "end");
    value_set_text(arena, view, STR("anchor"), arena_concat(arena, 2, STR("i-"), line->id));
    value_set(arena, view, STR("axis_from"), iso(road, date_first_day(road->first)));
    value_set(arena, view, STR("axis_to"), iso(road, date_last_day(road->last)));
    value_set(arena, view, STR("today"), iso(road, planning->today));
    value_set(arena, view, STR("rows"), rows);
    return view;
}

/* The streams in the plan's order, each as stream_view; -1 when it has been answered. */
static int read_streams(struct road *road, struct call *call, struct value *streams, struct reader **ret_reader)
{
    if (planning_begin(&road->planning, call, "roadmap", ret_reader) != 0) {
        return -1;
    }
    find_axis(road);
    for (size_t i = 0; i < road->planning.plan.count; i++) {
        const struct plan_node *node = &road->planning.plan.nodes[i];
        if (planning_is_kind(&road->planning, "line", node->kind)) {
            value_append(call->arena, streams, stream_view(road, node));
        }
    }
    return 0;
}

void page_roadmap(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct road *road = ARENA_NEW(call->arena, struct road);
    struct value *streams = value_list(call->arena);
    if (read_streams(road, call, streams, &reader) != 0) {
        return;
    }
    value_set(call->arena, road->planning.frame, STR("streams"), streams);
    value_set(call->arena, road->planning.frame, STR("is_empty"), value_bool(call->arena, value_count(streams) == 0));
    value_set_text(call->arena, road->planning.frame, STR("span"), span_words(road, road->first, road->last));
    plan_file_offer(&road->planning, STR("roadmap"), STR(""));
    page_use_charts(call, road->planning.frame);
    page_send(call, "roadmap", road->planning.frame);
}

/* ---- as a file ---- */

static void add_file_row(struct road *road, struct plan_sheet *sheet, const struct value *stream,
                         const struct value *view)
{
    struct call *call = road->planning.building.call;
    struct str at = value_get_text(view, STR("at"));
    plan_sheet_text(sheet, value_get_text(stream, STR("text")));
    plan_sheet_text(sheet, value_get_text(view, STR("kind")));
    plan_sheet_text(sheet, value_get_text(view, STR("text")));
    plan_sheet_text(sheet, at.len ? at : value_get_text(view, STR("from")));
    plan_sheet_text(sheet, at.len ? at : value_get_text(view, STR("to")));
    plan_sheet_text(sheet, value_get_text(value_get(view, STR("state")), STR("text")));
    plan_sheet_text(sheet, arena_concat(call->arena, 2, call_lasting_url(call), value_get_text(view, STR("href"))));
}

void roadmap_file(struct call *call)
{
    static const char *const columns[] = {"roadmap-column-stream", "plan-column-kind",  "plan-column-item",
                                          "roadmap-column-from",   "roadmap-column-to", "plan-column-state",
                                          "plan-column-link"};
    const size_t column_count = sizeof columns / sizeof columns[0];
    READER_AUTO *reader = NULL;
    struct road *road = ARENA_NEW(call->arena, struct road);
    struct value *streams = value_list(call->arena);
    struct plan_sheet sheet;
    size_t rows = 1;
    if (read_streams(road, call, streams, &reader) != 0) {
        return;
    }
    for (size_t i = 0; i < value_count(streams); i++) {
        rows += value_count(value_get(value_at(streams, i), STR("rows")));
    }
    plan_sheet_begin(&sheet, call->arena, SAY(call, "roadmap"), column_count, rows);
    for (size_t i = 0; i < column_count; i++) {
        plan_sheet_text(&sheet, say(call, columns[i], NULL, 0));
    }
    for (size_t i = 0; i < value_count(streams); i++) {
        const struct value *stream = value_at(streams, i), *list = value_get(stream, STR("rows"));
        for (size_t k = 0; k < value_count(list); k++) {
            add_file_row(road, &sheet, stream, value_at(list, k));
        }
    }
    plan_file_send(&road->planning, STR("roadmap"), &sheet, 1);
}
