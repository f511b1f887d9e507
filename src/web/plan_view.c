#include "web/plan_view.h"

#include "base/intl.h"
#include "model/record.h"
#include "store/notes.h"
#include "web/page.h"

#define WITNESSES_SHOWN 6

static const struct value *part_of(const struct planning *planning, const char *name)
{
    return value_get(planning->layout, str_from_cstr(name));
}

struct str planning_number(const struct planning *planning, size_t number)
{
    return intl_integer(planning->building.arena, lang_codes[planning->building.call->lang], (int64_t)number);
}

struct str planning_date(const struct planning *planning, struct date date)
{
    return intl_date(planning->building.arena, lang_codes[planning->building.call->lang], date);
}

struct str planning_term(const struct planning *planning, const char *part, const char *member, struct str code)
{
    const struct value *named = part_of(planning, part);
    const struct reg *reg = layout_register(named, planning->building.call->site->model);
    const struct field *field = reg ? layout_field(named, str_from_cstr(member), reg) : NULL;
    const struct term *term = field && field->vocabulary ? vocabulary_term(field->vocabulary, code) : NULL;
    return term ? bilingual_best(term->label, planning->building.call->lang) : code;
}

bool planning_is_kind(const struct planning *planning, const char *name, struct str code)
{
    const struct value *kinds = value_get(part_of(planning, "kinds"), str_from_cstr(name));
    for (size_t i = 0; kinds && kinds->kind == VALUE_LIST && i < value_count(kinds); i++) {
        if (str_eq(value_text_of(value_at(kinds, i)), code)) {
            return true;
        }
    }
    return code.len > 0 && str_eq(value_text_of(kinds), code);
}

bool planning_shows(const struct planning *planning, const struct plan_node *node)
{
    return planning_is_kind(planning, "tree", node->kind);
}

bool planning_holds_shown(const struct planning *planning, const struct plan_node *node)
{
    const struct plan *plan = &planning->plan;
    bool any = node->first_child == PLAN_NONE;
    for (size_t child = node->first_child; child != PLAN_NONE && !any; child = plan->nodes[child].next_sibling) {
        any = planning_shows(planning, &plan->nodes[child]);
    }
    return any && planning_shows(planning, node);
}

/* ---- beginning ---- */

static void add_page(struct call *call, struct value *list, const char *path, const char *msgid)
{
    struct str href = page_href(call, str_from_cstr(path));
    struct str here = str_slice(call->request->raw_target, 0, str_find_byte(call->request->raw_target, '?'));
    struct value *view = display_plain_text(call->arena, say(call, msgid, NULL, 0));
    value_set_text(call->arena, view, STR("href"), href);
    value_set(call->arena, view, STR("here"), value_bool(call->arena, str_eq(here, href)));
    value_append(call->arena, list, view);
}

struct value *planning_pages(struct call *call)
{
    struct value *pages = value_list(call->arena);
    add_page(call, pages, "plan", "plan");
    add_page(call, pages, "plan/attention", "plan-attention");
    add_page(call, pages, "plan/matrix", "plan-matrix");
    add_page(call, pages, "roadmap", "roadmap");
    if (model_role(call->site->model, ROLE_KPI) != NULL) {
        add_page(call, pages, "kpi", "kpis");
    }
    add_page(call, pages, "plan/meetings", "meetings");
    add_page(call, pages, "plan/investment", "ledger");
    return pages;
}

void planning_crumb(struct planning *planning, const char *path, const char *msgid)
{
    struct call *call = planning->building.call;
    value_append(call->arena, (struct value *)value_get(planning->frame, STR("crumbs")),
                 page_crumb(call->arena, page_href(call, str_from_cstr(path)),
                            display_plain_text(call->arena, say(call, msgid, NULL, 0))));
}

int planning_begin(struct planning *planning, struct call *call, const char *title_msgid, struct reader **ret_reader)
{
    struct building *building = &planning->building;
    struct query query;
    struct err err = {0};
    if (page_query(call, NULL, QUERY_AS_OF, &query) != 0 || building_begin(building, call, &query, ret_reader) != 0) {
        return -1;
    }
    planning->layout = call->site->layout.plan;
    planning->today = reader_today(building->reader, building->community.zone);
    if (plan_read(building->reader, call->site->model, planning->layout, planning->today, call->arena, &planning->plan,
                  &err) != 0) {
        page_send_err(call, &err);
        return -1;
    }
    planning->frame =
        page_frame(call, &building->community, display_plain_text(call->arena, say(call, title_msgid, NULL, 0)));
    if (query.options.as_of > 0) {
        page_set_past(call, planning->frame, query.options.as_of);
    }
    if (str_starts_with(call->request->raw_target, page_href(call, STR("plan/")))) {
        planning_crumb(planning, "plan", "plan");
    }
    value_set(call->arena, planning->frame, STR("pages"), planning_pages(call));
    value_set(call->arena, planning->frame, STR("is_empty"), value_bool(call->arena, planning->plan.count == 0));
    return 0;
}

/* ---- a node ---- */

static struct value *nothing(const struct planning *planning)
{
    return value_bool(planning->building.arena, false);
}

struct value *planning_state(const struct planning *planning, const struct plan_node *node)
{
    struct call *call = planning->building.call;
    struct value *view = value_object(call->arena);
    struct str look = value_get_text(part_of(planning, "states"), node->state);
    struct str words =
        node->state.len ? planning_term(planning, "item", "state", node->state) : SAY(call, "plan-state-none");
    if (node->flags & PLAN_LATE) {
        look = STR("late");
        words = SAY(call, "plan-late");
    } else if (node->flags & PLAN_SILENT) {
        look = STR("silent");
        words = SAY(call, "plan-silent");
    }
    value_set_text(call->arena, view, STR("text"), words);
    value_set_text(call->arena, view, STR("look"), look.len ? look : STR("none"));
    return view;
}

static void add_flags(const struct planning *planning, const struct plan_node *node, struct value *view)
{
    static const struct {
        unsigned flag;
        const char *msgid, *look;
    } all[] = {
        {PLAN_LATE, "plan-late", "late"},
        {PLAN_SILENT, "plan-silent", "silent"},
        {PLAN_NEVER, "plan-never", "never"},
        {PLAN_NO_OWNER, "plan-no-owner", "loose"},
        {PLAN_NO_ACTION, "plan-no-action", "loose"},
        {PLAN_NO_GOAL, "plan-no-goal", "loose"},
    };
    struct call *call = planning->building.call;
    struct value *flags = value_list(call->arena);
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (node->flags & all[i].flag) {
            struct value *flag = value_object(call->arena);
            value_set_text(call->arena, flag, STR("text"), say(call, all[i].msgid, NULL, 0));
            value_set_text(call->arena, flag, STR("look"), str_from_cstr(all[i].look));
            value_append(call->arena, flags, flag);
        }
    }
    value_set(call->arena, view, STR("flags"), flags);
    value_set(call->arena, view, STR("has_flags"), value_bool(call->arena, value_count(flags) > 0));
}

/* The field that the layout names, as display_field shows it; false when the item does not say. */
static struct value *who(struct planning *planning, const struct value *whole, const char *member)
{
    const struct value *part = part_of(planning, "item");
    const struct field *field = layout_field(part, str_from_cstr(member), planning->plan.item_reg);
    const struct value *value = field ? value_get(whole, field->name) : NULL;
    return value ? display_field(&planning->building.display, field, value) : nothing(planning);
}

static struct value *last_note(struct planning *planning, const struct plan_node *node)
{
    struct value *view;
    if (node->note_count == 0) {
        return nothing(planning);
    }
    view = section_link(&planning->building, node->notes[0].found);
    value_set_text(planning->building.arena, view, STR("date"), planning_date(planning, node->notes[0].on));
    return view;
}

static void add_witnesses(struct planning *planning, const struct plan_node *node, struct value *view)
{
    struct arena *arena = planning->building.arena;
    struct value *list = value_list(arena);
    size_t shown = node->witness_count < WITNESSES_SHOWN ? node->witness_count : WITNESSES_SHOWN;
    /* The newest ones; those without a date, which sort first, when there are no others. */
    for (size_t i = node->witness_count - shown; i < node->witness_count; i++) {
        struct value *link = section_link(&planning->building, node->witnesses[i].found);
        struct str date = planning_date(planning, node->witnesses[i].on);
        value_set(arena, link, STR("date"), date.len ? value_text(arena, date) : nothing(planning));
        value_append(arena, list, link);
    }
    value_set(arena, view, STR("witnesses"), list);
    value_set(arena, view, STR("has_witnesses"), value_bool(arena, shown > 0));
    value_set(arena, view, STR("more_witnesses"),
              node->witness_count > shown ? value_text(arena, planning_number(planning, node->witness_count - shown))
                                          : nothing(planning));
}

static void add_figures(struct planning *planning, const struct plan_node *node, struct value *view)
{
    const struct value *names = value_get(part_of(planning, "item"), STR("figures"));
    struct building *building = &planning->building;
    struct value *figures = value_list(building->arena);
    for (size_t i = 0; i < value_count(names); i++) {
        const struct field *field = reg_field(planning->plan.item_reg, value_text_of(value_at(names, i)));
        const struct value *figure = field ? value_get(node->found->record, field->name) : NULL;
        if (figure && field->type == FIELD_FIGURE) {
            struct value *one = value_object(building->arena);
            value_set_text(building->arena, one, STR("title"), bilingual_best(field->title, building->call->lang));
            value_set_text(building->arena, one, STR("number"), display_figure(&building->display, field, figure));
            value_append(building->arena, figures, one);
        }
    }
    value_set(building->arena, view, STR("figures"), figures);
    value_set(building->arena, view, STR("has_figures"), value_bool(building->arena, value_count(figures) > 0));
}

int planning_node(struct planning *planning, const struct plan_node *node, struct value **ret_view, struct err *err)
{
    struct building *building = &planning->building;
    struct arena *arena = building->arena;
    struct value *view = section_link(building, node->found);
    struct value *whole = NULL;
    struct value *bodies, *groups;
    if (view_record(&building->viewing, node->found->reg, node->found->record, &whole, err) != 0) {
        return -1;
    }
    bodies = who(planning, whole, "bodies");
    groups = who(planning, whole, "groups");
    value_set_text(arena, view, STR("anchor"), arena_concat(arena, 2, STR("i-"), node->id));
    value_set_text(arena, view, STR("kind"), planning_term(planning, "item", "kind", node->kind));
    value_set_text(arena, view, STR("code"), node->kind);
    value_set(arena, view, STR("is_action"), value_bool(arena, node->role == PLAN_ACTION));
    value_set(arena, view, STR("bodies"), bodies);
    value_set(arena, view, STR("groups"), groups);
    value_set(arena, view, STR("has_who"),
              value_bool(arena, bodies->kind == VALUE_OBJECT || groups->kind == VALUE_OBJECT));
    value_set(arena, view, STR("others"),
              value_bool(arena, value_get_bool(whole, value_get_text(part_of(planning, "item"), STR("open")))));
    value_set(arena, view, STR("state"), node->state.len ? planning_state(planning, node) : nothing(planning));
    value_set(arena, view, STR("last"), last_note(planning, node));
    value_set(arena, view, STR("next"),
              date_is_set(node->next) ? value_text(arena, planning_date(planning, node->next)) : nothing(planning));
    value_set(arena, view, STR("children"), value_list(arena));
    value_set(arena, view, STR("has_children"), nothing(planning));
    add_flags(planning, node, view);
    add_witnesses(planning, node, view);
    add_figures(planning, node, view);
    *ret_view = view;
    return 0;
}
