/* What is late, silent or loose. The rules stand in tree.h at each flag. */
#include "plan/tree_internal.h"

#define SILENT_DAYS 365

/* Days since the beginning of the calendar, for differences. */
static int64_t day_number(struct date date)
{
    int64_t year = date.year - (date.month <= 2);
    int64_t month = (date.month + 9) % 12;
    return 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + date.day;
}

static bool has_passed(struct date date, struct date today)
{
    return date_is_set(date) && date_cmp(date_last_day(date), today) < 0;
}

static bool is_in(const struct value *codes, struct str code)
{
    for (size_t i = 0; i < value_count(codes); i++) {
        if (str_eq(value_text_of(value_at(codes, i)), code)) {
            return true;
        }
    }
    return false;
}

static int64_t silent_days(const struct value *layout)
{
    const struct value *days = plan_part(layout, "silent_days");
    int64_t number;
    return days && days->kind == VALUE_NUMBER && decimal_to_int64(days->number, &number) ? number : SILENT_DAYS;
}

static unsigned dates_flags(const struct plan_node *node, const struct value *layout, struct date today)
{
    unsigned flags = 0;
    if (node->state.len > 0 && is_in(plan_part(layout, "closed"), node->state)) {
        return PLAN_CLOSED;
    }
    if (has_passed(node->ends, today) || has_passed(node->next, today)) {
        flags |= PLAN_LATE;
    }
    if (node->role == PLAN_ACTION && node->note_count == 0) {
        flags |= PLAN_NEVER;
    }
    if (node->note_count > 0 && date_is_set(node->notes[0].on) &&
        day_number(today) - day_number(date_last_day(node->notes[0].on)) > silent_days(layout)) {
        flags |= PLAN_SILENT;
    }
    return flags;
}

static bool names_nobody(const struct plan_node *node, const struct value *item)
{
    const struct value *record = node->found->record;
    return value_count(plan_member(record, item, "bodies")) == 0 &&
           value_count(plan_member(record, item, "groups")) == 0;
}

/* A node beneath `top`, itself too, that has the role. */
static bool holds_role(const struct plan *plan, size_t top, enum plan_role role)
{
    const struct plan_node *node = &plan->nodes[top];
    if (node->role == role) {
        return true;
    }
    for (size_t child = node->first_child; child != PLAN_NONE; child = plan->nodes[child].next_sibling) {
        if (holds_role(plan, child, role)) {
            return true;
        }
    }
    return false;
}

/* The nearest node above that is a scope, else the topmost one. */
static size_t scope_of(const struct plan *plan, size_t at, const struct value *layout)
{
    const struct value *scopes = value_get(plan_part(layout, "kinds"), STR("scope"));
    size_t node = at;
    while (plan->nodes[node].parent != PLAN_NONE) {
        node = plan->nodes[node].parent;
        if (is_in(scopes, plan->nodes[node].kind)) {
            break;
        }
    }
    return node;
}

const struct plan_node *plan_scope(const struct plan *plan, const struct value *layout, const struct plan_node *node)
{
    return &plan->nodes[scope_of(plan, (size_t)(node - plan->nodes), layout)];
}

void plan_roll_add(struct plan_roll *roll, const struct plan_roll *more)
{
    roll->actions += more->actions;
    roll->reported += more->reported;
    roll->done += more->done;
    roll->late += more->late;
    roll->silent += more->silent;
    roll->never += more->never;
}

static struct plan_roll own_roll(const struct plan_node *node)
{
    if (node->role != PLAN_ACTION) {
        return (struct plan_roll){0};
    }
    return (struct plan_roll){
        .actions = 1,
        .reported = node->note_count > 0,
        .done = (node->flags & PLAN_CLOSED) != 0,
        .late = (node->flags & PLAN_LATE) != 0,
        .silent = (node->flags & PLAN_SILENT) != 0,
        .never = (node->flags & PLAN_NEVER) != 0,
    };
}

void plan_judge(struct plan *plan, const struct value *layout, struct date today)
{
    const struct value *item = plan_part(layout, "item");
    for (size_t i = 0; i < plan->count; i++) {
        struct plan_node *node = &plan->nodes[i];
        node->flags = dates_flags(node, layout, today);
        if (node->role == PLAN_ACTION) {
            node->flags |= names_nobody(node, item) ? PLAN_NO_OWNER : 0;
            node->flags |= holds_role(plan, scope_of(plan, i, layout), PLAN_GOAL) ? 0 : PLAN_NO_GOAL;
        }
        if (node->role == PLAN_GOAL && !holds_role(plan, scope_of(plan, i, layout), PLAN_ACTION)) {
            node->flags |= PLAN_NO_ACTION;
        }
        struct plan_roll roll = own_roll(node);
        for (size_t up = i; up != PLAN_NONE; up = plan->nodes[up].parent) {
            plan_roll_add(&plan->nodes[up].roll, &roll);
        }
    }
}
