/* The plan: the tree from vision to action, what needs attention, what is a body's own. */
#include "web/plan_file.h"

#include "model/record.h"
#include "web/page.h"
#include "web/route.h"
#include "web/site_pages.h"

/* ---- the tree ---- */

static int add_branch(struct planning *planning, struct value *list, size_t at, int level, struct err *err)
{
    struct arena *arena = planning->building.arena;
    const struct plan *plan = &planning->plan;
    const struct plan_node *node = &plan->nodes[at];
    struct value *view = NULL;
    struct value *children = value_list(arena);
    if (!planning_holds_shown(planning, node)) {
        return 0;
    }
    if (planning_node(planning, node, &view, err) != 0) {
        return -1;
    }
    for (size_t child = node->first_child; child != PLAN_NONE; child = plan->nodes[child].next_sibling) {
        if (add_branch(planning, children, child, level + 1, err) != 0) {
            return -1;
        }
    }
    value_set(arena, view, STR("top"), value_bool(arena, level == 0));
    value_set(arena, view, STR("section"),
              value_bool(arena, level > 0 && planning_is_kind(planning, "sections", node->kind)));
    value_set(arena, view, STR("plain"),
              value_bool(arena, level > 0 && !planning_is_kind(planning, "sections", node->kind)));
    value_set(arena, view, STR("children"), children);
    value_set(arena, view, STR("has_children"), value_bool(arena, value_count(children) > 0));
    value_append(arena, list, view);
    return 0;
}

/* What became of a stream's actions, as the table of streams shows it; what is nothing is left empty. */
static void add_roll(struct planning *planning, struct value *view, const struct plan_roll *roll)
{
    const size_t numbers[] = {roll->actions, roll->reported, roll->done, roll->late, roll->silent, roll->never};
    struct arena *arena = planning->building.arena;
    struct value *cells = value_list(arena);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct value *cell = value_object(arena);
        value_set_text(arena, cell, STR("number"), numbers[i] ? planning_number(planning, numbers[i]) : STR("–"));
        value_append(arena, cells, cell);
    }
    value_set(arena, view, STR("cells"), cells);
}

static void add_quick(struct planning *planning)
{
    struct arena *arena = planning->building.arena;
    struct value *list = value_list(arena);
    for (size_t i = 0; i < planning->plan.count; i++) {
        const struct plan_node *node = &planning->plan.nodes[i];
        if (planning_is_kind(planning, "sections", node->kind) && planning_shows(planning, node)) {
            struct value *link = section_label(&planning->building, node->found, NULL);
            value_set_text(arena, link, STR("href"), arena_concat(arena, 2, STR("#i-"), node->id));
            add_roll(planning, link, &node->roll);
            value_append(arena, list, link);
        }
    }
    value_set(arena, planning->frame, STR("quick"), list);
    value_set(arena, planning->frame, STR("has_quick"), value_bool(arena, value_count(list) > 0));
}

/* How many nodes have one of the flags. */
static size_t count_flags(const struct plan *plan, unsigned flags)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->count; i++) {
        count += (plan->nodes[i].flags & flags) != 0;
    }
    return count;
}

#define PLAN_LOOSE (PLAN_NO_OWNER | PLAN_NO_ACTION | PLAN_NO_GOAL)

static void add_tally(struct planning *planning)
{
    const struct plan *plan = &planning->plan;
    struct plan_roll roll = {0};
    struct arena *arena = planning->building.arena;
    struct call *call = planning->building.call;
    struct value *list = value_list(arena);
    for (size_t i = 0; i < plan->root_count; i++) {
        const struct plan_roll *one = &plan->nodes[plan->roots[i]].roll;
        roll = (struct plan_roll){roll.actions + one->actions, roll.reported + one->reported, roll.done + one->done,
                                  roll.late + one->late,       roll.silent + one->silent,     roll.never + one->never};
    }
    const struct {
        const char *msgid, *anchor;
        size_t number;
    } all[] = {
        {"plan-tally-actions", "", roll.actions},
        {"plan-tally-reported", "", roll.reported},
        {"plan-tally-done", "", roll.done},
        {"plan-tally-late", "#late", roll.late},
        {"plan-tally-silent", "#silent", roll.silent},
        {"plan-tally-never", "#never", roll.never},
        {"plan-tally-loose", "#loose", count_flags(plan, PLAN_LOOSE)},
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        struct value *one = value_object(arena);
        struct str anchor = str_from_cstr(all[i].anchor);
        value_set_text(arena, one, STR("text"), say(call, all[i].msgid, NULL, 0));
        value_set_text(arena, one, STR("number"), planning_number(planning, all[i].number));
        value_set(arena, one, STR("href"),
                  anchor.len && all[i].number
                      ? value_text(arena, arena_concat(arena, 2, page_href(call, STR("plan/attention")), anchor))
                      : value_bool(arena, false));
        value_append(arena, list, one);
    }
    value_set(arena, planning->frame, STR("tally"), list);
}

static void page_plan(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct planning planning = {0};
    struct value *tree = value_list(call->arena);
    struct err err = {0};
    if (planning_begin(&planning, call, "plan", &reader) != 0) {
        return;
    }
    for (size_t i = 0; i < planning.plan.root_count; i++) {
        if (add_branch(&planning, tree, planning.plan.roots[i], 0, &err) != 0) {
            page_send_err(call, &err);
            return;
        }
    }
    value_set(call->arena, planning.frame, STR("tree"), tree);
    add_quick(&planning);
    add_tally(&planning);
    plan_file_offer(&planning, STR("plan"), STR(""));
    page_send(call, "plan", planning.frame);
}

/* ---- what needs attention ---- */

/* {"anchor", "title", "text", "items", "count"} of the nodes with one of the flags. */
static int add_list(struct planning *planning, struct value *lists, const char *name, unsigned flags, struct err *err)
{
    struct call *call = planning->building.call;
    struct arena *arena = call->arena;
    struct value *view = value_object(arena);
    struct value *items = value_list(arena);
    for (size_t i = 0; i < planning->plan.count; i++) {
        const struct plan_node *node = &planning->plan.nodes[i];
        struct value *item = NULL;
        if ((node->flags & flags) == 0) {
            continue;
        }
        if (planning_node(planning, node, &item, err) != 0) {
            return -1;
        }
        value_append(arena, items, item);
    }
    value_set_text(arena, view, STR("anchor"), str_from_cstr(name));
    value_set_text(arena, view, STR("title"), say(call, arena_format(arena, "plan-list-%s", name).ptr, NULL, 0));
    value_set_text(arena, view, STR("text"), say(call, arena_format(arena, "plan-list-%s-text", name).ptr, NULL, 0));
    value_set(arena, view, STR("items"), items);
    value_set(arena, view, STR("has_items"), value_bool(arena, value_count(items) > 0));
    value_set_text(arena, view, STR("count"), planning_number(planning, value_count(items)));
    value_append(arena, lists, view);
    return 0;
}

static void page_attention(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct planning planning = {0};
    struct value *lists = value_list(call->arena);
    struct err err = {0};
    if (planning_begin(&planning, call, "plan-attention", &reader) != 0) {
        return;
    }
    if (add_list(&planning, lists, "late", PLAN_LATE, &err) != 0 ||
        add_list(&planning, lists, "silent", PLAN_SILENT, &err) != 0 ||
        add_list(&planning, lists, "never", PLAN_NEVER, &err) != 0 ||
        add_list(&planning, lists, "loose", PLAN_LOOSE, &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    value_set(call->arena, planning.frame, STR("lists"), lists);
    plan_file_offer(&planning, STR("plan/attention"), STR(""));
    page_send(call, "plan_attention", planning.frame);
}

/* ---- what is ours ---- */

static int add_shares(struct planning *planning, const struct plan_body *body, struct value *named,
                      struct value *as_group, struct err *err)
{
    struct arena *arena = planning->building.arena;
    for (size_t i = 0; i < planning->plan.count; i++) {
        const struct plan_node *node = &planning->plan.nodes[i];
        enum plan_share share = plan_body_share(body, planning->layout, node->found->record);
        struct value *view = NULL;
        if (share == PLAN_SHARE_NONE || !planning_shows(planning, node)) {
            continue;
        }
        if (planning_node(planning, node, &view, err) != 0) {
            return -1;
        }
        value_append(arena, share == PLAN_SHARE_NAMED ? named : as_group, view);
    }
    return 0;
}

static int build_body(struct planning *planning, const struct found *found, struct err *err)
{
    struct building *building = &planning->building;
    struct arena *arena = building->arena;
    struct value *named = value_list(arena);
    struct value *as_group = value_list(arena);
    struct plan_body body;
    if (plan_body_read(building->reader, building->call->site->model, planning->layout, found, arena, &body, err) !=
            0 ||
        add_shares(planning, &body, named, as_group, err) != 0) {
        return -1;
    }
    value_set(arena, planning->frame, STR("body"), section_link(building, found));
    value_set(arena, planning->frame, STR("named"), named);
    value_set(arena, planning->frame, STR("has_named"), value_bool(arena, value_count(named) > 0));
    value_set(arena, planning->frame, STR("as_group"), as_group);
    value_set(arena, planning->frame, STR("has_as_group"), value_bool(arena, value_count(as_group) > 0));
    value_set(arena, planning->frame, STR("has_none"),
              value_bool(arena, value_count(named) + value_count(as_group) == 0));
    return 0;
}

static void page_body(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct planning planning = {0};
    struct found found;
    struct err err = {0};
    const struct reg *reg = layout_register(value_get(call->site->layout.plan, STR("body")), call->site->model);
    if (reg == NULL) {
        page_send_missing(call, call->params.id);
        return;
    }
    if (planning_begin(&planning, call, "plan-ours", &reader) != 0) {
        return;
    }
    if (store_get(reader, reg, call->params.id, call->arena, &found, NULL, &err) != 0) {
        page_send_missing(call, call->params.id);
        return;
    }
    if (build_body(&planning, &found, &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    /* A query, so that a site of files has none. */
    if (!call->site->is_published) {
        plan_file_offer(&planning, STR("plan"), call->params.id);
    }
    value_set(call->arena, planning.frame, STR("has_files"), value_bool(call->arena, !call->site->is_published));
    page_send(call, "plan_body", planning.frame);
}

/* How many items name the body; the list's total serves. */
static int count_named(struct call *call, struct reader *reader, struct str id, int64_t *ret_count, struct err *err)
{
    const struct value *item = value_get(call->site->layout.plan, STR("item"));
    const struct reg *reg = layout_register(item, call->site->model);
    const struct field *bodies = reg ? layout_field(item, STR("bodies"), reg) : NULL;
    struct filter filter = {.field = bodies, .name = bodies ? bodies->name : STR(""), .value = id};
    struct list_query query = {.reg = reg, .filters = &filter, .filter_count = 1, .limit = 1};
    struct page page = {0};
    if (bodies && store_list(reader, &query, call->arena, &page, err) != 0) {
        return -1;
    }
    *ret_count = page.total;
    return 0;
}

int plan_link(struct call *call, struct reader *reader, const struct found *found, struct value **ret_view,
              struct err *err)
{
    const struct value *layout = call->site->layout.plan;
    struct plan_body body = {0};
    int64_t named = 0;
    struct str path = arena_concat(call->arena, 2, STR("plan/body/"), record_id(found->record));
    *ret_view = value_bool(call->arena, false);
    if (found->reg != layout_register(value_get(layout, STR("body")), call->site->model)) {
        return 0;
    }
    if (count_named(call, reader, record_id(found->record), &named, err) != 0 ||
        (named == 0 && plan_body_read(reader, call->site->model, layout, found, call->arena, &body, err) != 0)) {
        return -1;
    }
    if (named > 0 || body.group_count > 0) {
        *ret_view = value_object(call->arena);
        value_set_text(call->arena, *ret_view, STR("href"), page_href(call, path));
    }
    return 0;
}

const struct route plan_routes[] = {
    {"/{lang}/plan", page_plan, true},
    {"/{lang}/plan.csv", plan_file_tree, false},
    {"/{lang}/plan.xlsx", plan_file_tree, false},
    {"/{lang}/plan/attention", page_attention, true},
    {"/{lang}/plan/attention.csv", plan_file_attention, false},
    {"/{lang}/plan/attention.xlsx", plan_file_attention, false},
    {"/{lang}/plan/matrix", page_matrix, true},
    {"/{lang}/plan/matrix.csv", plan_file_matrix, false},
    {"/{lang}/plan/matrix.xlsx", plan_file_matrix, false},
    {"/{lang}/plan/body/{id}", page_body, true},
    {"/{lang}/roadmap", page_roadmap, true},
    {"/{lang}/roadmap.csv", roadmap_file, false},
    {"/{lang}/roadmap.xlsx", roadmap_file, false},
    {"/{lang}/plan/investment", page_ledger, true},
    {NULL, NULL, false},
};
