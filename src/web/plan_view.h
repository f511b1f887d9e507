/* The plan's items as the plan's pages show them. Which registers and fields they are is "plan" in site/site.json (plan/tree.h). */
#ifndef MUSUBI_WEB_PLAN_VIEW_H
#define MUSUBI_WEB_PLAN_VIEW_H

#include "plan/tree.h"
#include "web/query.h"
#include "web/section.h"

/* One page of the plan being put together. */
struct planning {
    struct building building;
    const struct value *layout;
    struct plan plan;
    struct date today;
    struct value *frame;
};

/* Reads the plan and makes the page's frame, with its title and what all pages of the plan have: "pages" (links to each other) and
 * "is_empty". 0, or -1 when it has been answered. */
int planning_begin(struct planning *planning, struct call *call, const char *title_msgid, struct reader **ret_reader);

/* Adds a page to those that stand above the title. The plan itself is there already on the pages beneath it. */
void planning_crumb(struct planning *planning, const char *path, const char *msgid);

/* The links of all pages of the plan to each other: [{"text", "href", "here"}]. */
struct value *planning_pages(struct call *call);

/* A node: {"text", "foreign", "href", "anchor", "kind", "code", "is_action", "bodies" and "groups" (display_field's, or false), "has_who",
 * "others", "state" ({"text", "look"}), "last" ({"date", "text", "foreign", "href"}), "next", "flags" ([{"text", "look"}]), "figures"
 * ([{"title", "number"}]), "witnesses" ([{"text", "foreign", "href", "date"}]), "has_witnesses", "more_witnesses", "section" (false), "children" ([])} */
int planning_node(struct planning *planning, const struct plan_node *node, struct value **ret_view, struct err *err);

/* Whether the plan's pages show a node at all: its kind is one of "kinds" "tree"; and whether its heading belongs into the tree: one
 * of a part that only holds what other pages show does not. */
bool planning_shows(const struct planning *planning, const struct plan_node *node);
bool planning_holds_shown(const struct planning *planning, const struct plan_node *node);

/* Words and look (docs/charts.md, data-state) of what became of a node: late and silent go before its state. */
struct value *planning_state(const struct planning *planning, const struct plan_node *node);
/* A term of the vocabulary of the field that the layout names, in the page's language; the code when there is none. */
struct str planning_term(const struct planning *planning, const char *part, const char *member, struct str code);
/* Whether a code is in the list "kinds" NAME of the layout, or is the code there. */
bool planning_is_kind(const struct planning *planning, const char *name, struct str code);
struct str planning_number(const struct planning *planning, size_t number);
/* A date of the record in the page's language; empty when it is not set. */
struct str planning_date(const struct planning *planning, struct date date);

/* {"href"} of the page that says what a body has to do in the plan; false for other records and bodies without a part in it. */
int plan_link(struct call *call, struct reader *reader, const struct found *found, struct value **ret_view,
              struct err *err);

#endif
