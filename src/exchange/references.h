/* References of a record that point at nothing, found one by one: the store refuses such a change set as a whole, and a
 * person who loads a pack wants to know each row. */
#ifndef MUSUBI_EXCHANGE_REFERENCES_H
#define MUSUBI_EXCHANGE_REFERENCES_H

#include "model/record.h"
#include "store/store.h"

#define REFERENCES_MISSING_MAX 8

struct missing_reference {
    struct str field;      /* as in a record's problems */
    const struct reg *reg; /* where it should be */
    struct str id;
};

/* How many references of a canonical record point nowhere in the change set's state (at most the maximum). */
size_t references_missing(struct change_set *changes, const struct model *model, const struct reg *reg,
                          const struct value *record, struct arena *scratch,
                          struct missing_reference missing[REFERENCES_MISSING_MAX]);

#endif
