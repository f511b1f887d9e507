#include "web/kpi_who.h"

#include "web/page.h"

int kpi_who_begin(struct building *building, struct planning *ret_planning, struct err *err)
{
    *ret_planning = (struct planning){.building = *building,
                                      .layout = building->call->site->layout.plan,
                                      .today = reader_today(building->reader, building->community.zone)};
    return plan_read(building->reader, building->call->site->model, ret_planning->layout, ret_planning->today,
                     building->arena, &ret_planning->plan, err);
}

/* ---- who is responsible ---- */

/* Every party of several items once, as one of them says it. */
struct parties {
    struct planning *planning;
    struct map seen;
    struct value *list;
};

static struct str key_of(const struct value *party)
{
    struct str id = value_get_text(party, STR("id"));
    return id.len ? id : value_text_of(party);
}

/* The field that the layout calls so, of a record as view_record gives it. */
static void add_parties(struct parties *parties, const struct value *whole, const char *member)
{
    struct planning *planning = parties->planning;
    struct arena *arena = planning->building.arena;
    const struct value *part = value_get(planning->layout, STR("item"));
    const struct field *field = layout_field(part, str_from_cstr(member), planning->plan.item_reg);
    const struct value *all = field ? value_get(whole, field->name) : NULL;
    for (size_t i = 0; i < value_count(all); i++) {
        const struct value *party = value_at(all, i);
        struct value *alone = value_list(arena);
        struct str key = key_of(party);
        if (key.len == 0 || map_get(&parties->seen, key))
            continue;
        map_set(&parties->seen, key, alone);
        value_append(arena, alone, (struct value *)party);
        const struct value *shown = value_get(display_field(&planning->building.display, field, alone), STR("values"));
        for (size_t k = 0; k < value_count(shown); k++)
            value_append(arena, parties->list, (struct value *)value_at(shown, k));
    }
}

static int add_actions(struct parties *parties, const struct plan_node *top, struct err *err)
{
    struct planning *planning = parties->planning;
    const struct plan *plan = &planning->plan;
    struct value *whole = NULL;
    if (top->role == PLAN_ACTION) {
        if (view_record(&planning->building.viewing, top->found->reg, top->found->record, &whole, err))
            return -1;
        add_parties(parties, whole, "bodies");
        add_parties(parties, whole, "groups");
    }
    for (size_t child = top->first_child; child != PLAN_NONE; child = plan->nodes[child].next_sibling)
        if (add_actions(parties, &plan->nodes[child], err))
            return -1;
    return 0;
}

/* ---- an indicator ---- */

static struct str indicator_of(const struct planning *planning, const struct plan_node *node)
{
    const struct value *part = value_get(planning->layout, STR("item"));
    return key_of(value_get(node->found->record, value_get_text(part, STR("kpi"))));
}

static struct str words_of(struct planning *planning, const struct plan_roll *roll)
{
    struct http_pair pairs[] = {{STR("actions"), planning_number(planning, roll->actions)},
                                {STR("reported"), planning_number(planning, roll->reported)},
                                {STR("late"), planning_number(planning, roll->late)}};
    return roll->actions ? say(planning->building.call, "kpi-who-actions", pairs, 3) : STR("");
}

struct naming {
    struct parties parties;
    struct str kpi;
    struct value *items;
    struct plan_roll roll;
    bool *is_scope; /* of the plan's nodes: one beneath which an item names the indicator */
};

static bool lies_in_scope(const struct naming *naming, const struct plan_node *node)
{
    const struct plan *plan = &naming->parties.planning->plan;
    for (size_t above = node->parent; above != PLAN_NONE; above = plan->nodes[above].parent)
        if (naming->is_scope[above])
            return true;
    return false;
}

/* The actions that stand in the same parts of the plan, once however many of their items name the indicator and though one part lies in
 * another. */
static int add_scopes(struct naming *naming, struct err *err)
{
    const struct plan *plan = &naming->parties.planning->plan;
    for (size_t i = 0; i < plan->count; i++) {
        const struct plan_node *scope = &plan->nodes[i];
        if (!naming->is_scope[i] || lies_in_scope(naming, scope))
            continue;
        plan_roll_add(&naming->roll, &scope->roll);
        if (add_actions(&naming->parties, scope, err))
            return -1;
    }
    return 0;
}

static void add_naming(struct naming *naming, bool of_the_tree)
{
    struct planning *planning = naming->parties.planning;
    for (size_t i = 0; i < planning->plan.count; i++) {
        const struct plan_node *node = &planning->plan.nodes[i];
        if (planning_shows(planning, node) != of_the_tree || !str_eq(indicator_of(planning, node), naming->kpi))
            continue;
        value_append(planning->building.arena, naming->items, section_link(&planning->building, node->found));
        naming->is_scope[plan_scope(&planning->plan, planning->layout, node) - planning->plan.nodes] = true;
    }
}

int kpi_who_view(struct planning *planning, struct str kpi, struct value **ret_view, struct err *err)
{
    struct arena *arena = planning->building.arena;
    struct value *view = value_object(arena);
    struct naming naming = {
        .parties = {.planning = planning, .list = value_list(arena)}, .kpi = kpi, .items = value_list(arena)};
    naming.is_scope = ARENA_NEW_ARRAY(arena, planning->plan.count, bool);
    map_init(&naming.parties.seen, arena);
    add_naming(&naming, true);
    if (value_count(naming.items) == 0)
        add_naming(&naming, false);
    if (add_scopes(&naming, err))
        return -1;
    value_set(arena, view, STR("goals"), naming.items);
    value_set_text(arena, view, STR("actions"), words_of(planning, &naming.roll));
    value_set(arena, view, STR("parties"), naming.parties.list);
    value_set(arena, view, STR("has_parties"), value_bool(arena, value_count(naming.parties.list) > 0));
    *ret_view = value_count(naming.items) > 0 ? view : value_bool(arena, false);
    return 0;
}
