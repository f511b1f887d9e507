/* What the files of the tree share. Not for use outside src/plan/tree*.c. */
#ifndef MUSUBI_PLAN_TREE_INTERNAL_H
#define MUSUBI_PLAN_TREE_INTERNAL_H

#include "plan/tree.h"

/* A part of the layout by its name. */
const struct value *plan_part(const struct value *layout, const char *name);
/* The record's member whose name the part gives under `name`. */
const struct value *plan_member(const struct value *record, const struct value *part, const char *name);
/* Calls `each` for every record that the query finds; ERR_LIMIT beyond `max`. */
int plan_each(struct reader *reader, const struct list_query *asked, size_t max, struct arena *arena,
              void (*each)(void *context, const struct found *found), void *context, struct err *err);

/* Sets flags and rolls of all nodes. */
void plan_judge(struct plan *plan, const struct value *layout, struct date today);

#endif
