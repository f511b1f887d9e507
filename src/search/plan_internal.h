/* What plan.c and translate.c share. */
#ifndef MUSUBI_SEARCH_PLAN_INTERNAL_H
#define MUSUBI_SEARCH_PLAN_INTERNAL_H

#include "base/buf.h"
#include "search/plan.h"

struct phrase_making {
    struct buf terms;
    size_t count;
    bool prefix;
};

struct making_plan {
    const struct planning *planning;
    const struct parsed *parsed;
    enum plan_kind kind;
    struct plan *plan;
    bool has_content;
    size_t *clause_of; /* of each atom; SIZE_MAX: none */
    struct buf out;
};

#define LOOSE_PIECES_MAX 32
size_t loose_pieces(const struct planning *planning, struct str text, struct str pieces[LOOSE_PIECES_MAX]);
bool is_stop_word(struct str word);
/* The phrase in the plan; NULL when there is no room. */
struct phrase *plan_add_phrase(struct plan *plan, const struct phrase *phrase);

/* Adds the translations of all clauses, and of words that mean something together ("drug discovery"). */
int translate_plan(struct making_plan *making, struct err *err);

#endif
