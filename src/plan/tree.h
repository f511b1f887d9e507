/* The plan as a tree with what became of it: every item, the notes of progress on it, the records that bear witness, who is
 * responsible, what is late and what the plan itself leaves loose. It is read through the store as the reader's viewer sees it.
 *
 * Which registers and fields these are is data ("plan" of the site's description; docs/plan.md):
 *   item      "register" and the names of its fields "parent", "order", "kind", "bodies" (a list of references), "groups" (a list of
 *             codes), "open" (a boolean: “and others”), "state", "starts", "ends", "follows" (a list of items), "stream"
 *   progress  "register" and its fields "item", "on", "state", "next", "by", "evidence" (a list of names of fields)
 *   witnesses [{"register", "items" (a list of references to items), "date", "through"}]: records that are evidence in themselves;
 *             one without items has those of the record of its register that "through" refers to
 *   kinds     {"action", "goal": code; "scope": [codes within which a goal and its actions belong together]}
 *   closed    [codes of states after which nothing is expected any more]
 *   silent_days   without a report for so long an action counts as silent
 *   body      "register"; "groups": {code of a group: {field: value}} which of its records a group means, or {"members": true};
 *             "members": {"register", "in", "member", "of": {field: value}}: whose members are meant
 */
#ifndef MUSUBI_PLAN_TREE_H
#define MUSUBI_PLAN_TREE_H

#include "base/map.h"
#include "store/store.h"

#define PLAN_ITEMS_MAX 5000
#define PLAN_NOTES_MAX 20000
#define PLAN_DEPTH_MAX 20
#define PLAN_NONE SIZE_MAX

enum plan_role { PLAN_OTHER, PLAN_ACTION, PLAN_GOAL };

enum plan_flag {
    PLAN_CLOSED = 1,     /* its state says that nothing more is expected */
    PLAN_LATE = 2,       /* its end, or the next date of its newest note, has passed and it is not closed */
    PLAN_SILENT = 4,     /* not closed, and the newest report is older than silent_days */
    PLAN_NEVER = 8,      /* not closed, and nobody has ever reported */
    PLAN_NO_OWNER = 16,  /* an action that names nobody */
    PLAN_NO_ACTION = 32, /* a goal with no action beneath it nor anywhere in the scope it stands in */
    PLAN_NO_GOAL = 64,   /* an action in whose scope there is no goal */
};

struct plan_note {
    const struct found *found;
    struct date on, next;
    struct str state; /* code, or empty */
};

struct plan_witness {
    const struct found *found;
    struct date on; /* not set: unknown */
};

/* Of the actions beneath a node (itself too when it is one). */
struct plan_roll {
    size_t actions, reported, done, late, silent, never;
};

struct plan_node {
    const struct found *found;
    struct str id, kind;
    enum plan_role role;
    size_t parent, first_child, next_sibling; /* PLAN_NONE: there is none */
    int depth;
    struct plan_note *notes; /* newest first */
    size_t note_count;
    struct plan_witness *witnesses; /* by date */
    size_t witness_count;
    struct str state; /* of the newest note that has one, else the item's own; empty: not said */
    struct date next; /* of the newest note */
    struct date ends; /* the item's own */
    unsigned flags;   /* of enum plan_flag */
    struct plan_roll roll;
};

struct plan {
    const struct reg *item_reg;
    struct plan_node *nodes; /* in the plan's order; parents may come after their children */
    size_t count;
    size_t *roots;
    size_t root_count;
    struct map by_id; /* struct plan_node */
    size_t notes;     /* all of them */
};

/* Reads it all. A model without the register of items gives an empty plan. `today` is the day in the community's time zone. Items
 * whose parent is not to be seen, or that stand in a circle, are roots. Everything lies in the arena. */
int plan_read(struct reader *reader, const struct model *model, const struct value *layout, struct date today,
              struct arena *arena, struct plan *ret_plan, struct err *err);

const struct plan_node *plan_node_of(const struct plan *plan, struct str id); /* NULL: no such item */
/* The items that an item of the roadmap follows (references of "follows"); adds those that are there to the array of at most `max`. */
size_t plan_followed(const struct plan *plan, const struct value *layout, const struct plan_node *node,
                     const struct plan_node **nodes, size_t max);
/* The nearest node above that is a scope ("kinds" "scope"), else the topmost one: what belongs together stands beneath it. */
const struct plan_node *plan_scope(const struct plan *plan, const struct value *layout, const struct plan_node *node);
void plan_roll_add(struct plan_roll *roll, const struct plan_roll *more);
/* What its followed items roll up to; of itself when it follows none. */
struct plan_roll plan_roll_followed(const struct plan *plan, const struct value *layout, const struct plan_node *node);

/* ---- who ---- */

enum plan_share { PLAN_SHARE_NONE, PLAN_SHARE_NAMED, PLAN_SHARE_GROUP };

/* How a body takes part in an item: by name, or as one of a group it belongs to. */
struct plan_body {
    struct str id;
    struct str *groups; /* codes of the groups it belongs to */
    size_t group_count;
};
int plan_body_read(struct reader *reader, const struct model *model, const struct value *layout,
                   const struct found *body, struct arena *arena, struct plan_body *ret_body, struct err *err);
enum plan_share plan_body_share(const struct plan_body *body, const struct value *layout, const struct value *item);

#endif
