/* Reading: items, notes and witnesses are read once each, register by register, then tied together. */
#include "plan/tree.h"

#include "base/date.h"
#include "model/record.h"
#include "plan/tree_internal.h"

#include <stdlib.h>

#define PAGE_LIMIT 1000
#define FOLLOWED_MAX 64

const struct value *plan_part(const struct value *layout, const char *name)
{
    return value_get(layout, str_from_cstr(name));
}

const struct value *plan_member(const struct value *record, const struct value *part, const char *name)
{
    return value_get(record, value_get_text(part, str_from_cstr(name)));
}

static struct date date_member(const struct value *record, const struct value *part, const char *name)
{
    struct date date = {0};
    return date_parse(value_text_of(plan_member(record, part, name)), &date) ? date : (struct date){0};
}

/* Every record of a register in its order, at most `max`, given to `each`. */
int plan_each(struct reader *reader, const struct list_query *asked, size_t max, struct arena *arena,
              void (*each)(void *context, const struct found *found), void *context, struct err *err)
{
    struct list_query query = *asked;
    struct page page = {0};
    size_t seen = 0;
    query.limit = PAGE_LIMIT;
    do {
        query.cursor = page.next;
        if (store_list(reader, &query, arena, &page, err)) {
            return -1;
        }
        for (size_t i = 0; i < page.count; i++, seen++) {
            if (seen == max) {
                return err_set(err, ERR_LIMIT, "%.*s has more than %zu records; the plan reads no more",
                               STR_ARG(query.reg->name), max);
            }
            each(context, &page.items[i]);
        }
    } while (page.next.len > 0);
    return 0;
}

/* ---- items ---- */

struct reading {
    struct plan *plan;
    const struct value *layout, *item, *progress, *witness;
    struct arena *arena;
    struct list *notes, *witnesses; /* of each node, in no order while they are gathered */
    struct link *kept;              /* witnesses of one register */
    struct map kept_by_id;          /* the same: struct found */
};

/* Notes and witnesses of one node while they are gathered. */
struct list {
    struct link *first;
    size_t count;
};
struct link {
    const struct found *found;
    struct link *next;
};

static enum plan_role role_of(const struct value *layout, struct str kind)
{
    const struct value *kinds = plan_part(layout, "kinds");
    if (str_eq(kind, value_get_text(kinds, STR("action")))) {
        return PLAN_ACTION;
    }
    return str_eq(kind, value_get_text(kinds, STR("goal"))) ? PLAN_GOAL : PLAN_OTHER;
}

static void add_item(void *context, const struct found *found)
{
    struct reading *reading = context;
    struct plan *plan = reading->plan;
    struct plan_node *node = &plan->nodes[plan->count++];
    struct str kind = value_text_of(plan_member(found->record, reading->item, "kind"));
    *node = (struct plan_node){
        .found = found,
        .id = record_id(found->record),
        .kind = kind,
        .role = role_of(reading->layout, kind),
        .parent = PLAN_NONE,
        .first_child = PLAN_NONE,
        .next_sibling = PLAN_NONE,
        .state = value_text_of(plan_member(found->record, reading->item, "state")),
        .ends = date_member(found->record, reading->item, "ends"),
    };
    map_set(&plan->by_id, node->id, node);
}

static int read_items(struct reading *reading, struct reader *reader, struct err *err)
{
    struct plan *plan = reading->plan;
    struct list_query query = {.reg = plan->item_reg};
    struct str order = value_get_text(reading->item, STR("order"));
    const struct field *sort = reg_field(plan->item_reg, order);
    query.sort = sort && sort->sortable ? sort : NULL;
    plan->nodes = ARENA_NEW_ARRAY(reading->arena, PLAN_ITEMS_MAX, struct plan_node);
    return plan_each(reader, &query, PLAN_ITEMS_MAX, reading->arena, add_item, reading, err);
}

/* ---- the tree ---- */

/* Whether `node` stands above or is `other`, looking up at most PLAN_DEPTH_MAX levels. */
static bool stands_above(const struct plan *plan, size_t node, size_t other)
{
    for (int level = 0; other != PLAN_NONE && level <= PLAN_DEPTH_MAX; level++) {
        if (other == node) {
            return true;
        }
        other = plan->nodes[other].parent;
    }
    return false;
}

static void tie_parents(struct reading *reading)
{
    struct plan *plan = reading->plan;
    for (size_t i = 0; i < plan->count; i++) {
        struct str id = value_text_of(plan_member(plan->nodes[i].found->record, reading->item, "parent"));
        const struct plan_node *parent = map_get(&plan->by_id, id);
        size_t at = parent ? (size_t)(parent - plan->nodes) : PLAN_NONE;
        if (parent && !stands_above(plan, i, at)) {
            plan->nodes[i].parent = at;
        }
    }
    plan->roots = ARENA_NEW_ARRAY(reading->arena, plan->count, size_t);
    for (size_t i = plan->count; i-- > 0;) {
        struct plan_node *node = &plan->nodes[i];
        if (node->parent != PLAN_NONE) {
            node->next_sibling = plan->nodes[node->parent].first_child;
            plan->nodes[node->parent].first_child = i;
        }
    }
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->nodes[i].parent == PLAN_NONE) {
            plan->roots[plan->root_count++] = i;
        }
        for (size_t up = plan->nodes[i].parent; up != PLAN_NONE; up = plan->nodes[up].parent) {
            plan->nodes[i].depth++;
        }
    }
}

/* ---- notes and witnesses ---- */

static void put_to(struct reading *reading, struct list *lists, struct str id, const struct found *found)
{
    const struct plan_node *node = map_get(&reading->plan->by_id, id);
    if (node) {
        struct list *list = &lists[node - reading->plan->nodes];
        struct link *link = ARENA_NEW(reading->arena, struct link);
        *link = (struct link){.found = found, .next = list->first};
        list->first = link;
        list->count++;
    }
}

static void add_note(void *context, const struct found *found)
{
    struct reading *reading = context;
    put_to(reading, reading->notes, value_text_of(plan_member(found->record, reading->progress, "item")), found);
}

/* A record of a register of witnesses, kept until all are read: one may take its items through another. */
static void keep_witness(void *context, const struct found *found)
{
    struct reading *reading = context;
    struct link *link = ARENA_NEW(reading->arena, struct link);
    *link = (struct link){.found = found, .next = reading->kept};
    reading->kept = link;
    map_set(&reading->kept_by_id, record_id(found->record), (void *)(uintptr_t)found);
}

static void put_witness(struct reading *reading, const struct found *found, const struct value *items)
{
    for (size_t i = 0; i < value_count(items); i++) {
        put_to(reading, reading->witnesses, value_text_of(value_at(items, i)), found);
    }
}

/* Its own items, else those of the record that it belongs to (an edition of a series). */
static void tie_witnesses(struct reading *reading)
{
    for (const struct link *link = reading->kept; link; link = link->next) {
        const struct value *record = link->found->record;
        struct str through = value_text_of(plan_member(record, reading->witness, "through"));
        const struct found *whole = map_get(&reading->kept_by_id, through);
        const struct value *items = plan_member(record, reading->witness, "items");
        put_witness(reading, link->found,
                    items   ? items
                    : whole ? plan_member(whole->record, reading->witness, "items")
                            : NULL);
    }
}

static int compare_notes(const void *a, const void *b)
{
    const struct plan_note *one = a, *two = b;
    int order = -date_cmp(one->on, two->on);
    return order ? order : str_cmp(record_id(two->found->record), record_id(one->found->record));
}

static int compare_witnesses(const void *a, const void *b)
{
    const struct plan_witness *one = a, *two = b;
    int order = date_cmp(one->on, two->on);
    return order ? order : str_cmp(record_id(one->found->record), record_id(two->found->record));
}

static void take_notes(struct reading *reading, struct plan_node *node, const struct list *list)
{
    node->notes = ARENA_NEW_ARRAY(reading->arena, list->count, struct plan_note);
    for (const struct link *link = list->first; link; link = link->next) {
        const struct value *record = link->found->record;
        node->notes[node->note_count++] = (struct plan_note){
            .found = link->found,
            .on = date_member(record, reading->progress, "on"),
            .next = date_member(record, reading->progress, "next"),
            .state = value_text_of(plan_member(record, reading->progress, "state")),
        };
    }
    qsort(node->notes, node->note_count, sizeof(*node->notes), compare_notes);
    for (size_t i = node->note_count; i-- > 0;) {
        node->state = node->notes[i].state.len ? node->notes[i].state : node->state;
    }
    node->next = node->note_count ? node->notes[0].next : (struct date){0};
    reading->plan->notes += node->note_count;
}

static int read_notes(struct reading *reading, struct reader *reader, const struct model *model, struct err *err)
{
    struct list_query query = {.reg = model_register(model, value_get_text(reading->progress, STR("register")))};
    if (query.reg && plan_each(reader, &query, PLAN_NOTES_MAX, reading->arena, add_note, reading, err)) {
        return -1;
    }
    for (size_t i = 0; i < reading->plan->count; i++) {
        take_notes(reading, &reading->plan->nodes[i], &reading->notes[i]);
    }
    return 0;
}

static void take_witnesses(struct reading *reading, struct plan_node *node, const struct list *list, struct map *parts)
{
    node->witnesses = ARENA_NEW_ARRAY(reading->arena, list->count, struct plan_witness);
    for (const struct link *link = list->first; link; link = link->next) {
        const struct value *part = map_get(parts, link->found->reg->name);
        node->witnesses[node->witness_count++] =
            (struct plan_witness){.found = link->found, .on = date_member(link->found->record, part, "date")};
    }
    qsort(node->witnesses, node->witness_count, sizeof(*node->witnesses), compare_witnesses);
}

static int read_witnesses(struct reading *reading, struct reader *reader, const struct model *model, struct err *err)
{
    const struct value *all = plan_part(reading->layout, "witnesses");
    struct map parts;
    map_init(&parts, reading->arena);
    for (size_t i = 0; i < value_count(all); i++) {
        struct list_query query = {.reg = model_register(model, value_get_text(value_at(all, i), STR("register")))};
        reading->witness = value_at(all, i);
        reading->kept = NULL;
        map_init(&reading->kept_by_id, reading->arena);
        if (!query.reg) {
            continue;
        }
        map_set(&parts, query.reg->name, (void *)(uintptr_t)reading->witness);
        if (plan_each(reader, &query, PLAN_NOTES_MAX, reading->arena, keep_witness, reading, err)) {
            return -1;
        }
        tie_witnesses(reading);
    }
    for (size_t i = 0; i < reading->plan->count; i++) {
        take_witnesses(reading, &reading->plan->nodes[i], &reading->witnesses[i], &parts);
    }
    return 0;
}

/* ---- the whole ---- */

int plan_read(struct reader *reader, const struct model *model, const struct value *layout, struct date today,
              struct arena *arena, struct plan *ret_plan, struct err *err)
{
    struct plan plan = {0};
    struct reading reading = {
        .plan = &plan,
        .layout = layout,
        .item = plan_part(layout, "item"),
        .progress = plan_part(layout, "progress"),
        .arena = arena,
    };
    map_init(&plan.by_id, arena);
    plan.item_reg = model_register(model, value_get_text(reading.item, STR("register")));
    if (!plan.item_reg) {
        *ret_plan = plan;
        return 0;
    }
    if (read_items(&reading, reader, err)) {
        return -1;
    }
    reading.notes = ARENA_NEW_ARRAY(arena, plan.count, struct list);
    reading.witnesses = ARENA_NEW_ARRAY(arena, plan.count, struct list);
    tie_parents(&reading);
    if (read_notes(&reading, reader, model, err) || read_witnesses(&reading, reader, model, err)) {
        return -1;
    }
    plan_judge(&plan, layout, today);
    *ret_plan = plan;
    return 0;
}

const struct plan_node *plan_node_of(const struct plan *plan, struct str id)
{
    return map_get(&plan->by_id, id);
}

size_t plan_followed(const struct plan *plan, const struct value *layout, const struct plan_node *node,
                     const struct plan_node **nodes, size_t max)
{
    const struct value *follows = plan_member(node->found->record, plan_part(layout, "item"), "follows");
    size_t count = 0;
    for (size_t i = 0; i < value_count(follows) && count < max; i++) {
        const struct plan_node *one = plan_node_of(plan, value_text_of(value_at(follows, i)));
        if (one) {
            nodes[count++] = one;
        }
    }
    return count;
}

struct plan_roll plan_roll_followed(const struct plan *plan, const struct value *layout, const struct plan_node *node)
{
    const struct plan_node *followed[FOLLOWED_MAX];
    size_t count = plan_followed(plan, layout, node, followed, FOLLOWED_MAX);
    struct plan_roll roll = {0};
    if (count == 0) {
        return node->roll;
    }
    for (size_t i = 0; i < count; i++) {
        plan_roll_add(&roll, &followed[i]->roll);
    }
    return roll;
}
