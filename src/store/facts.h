/* What has once been found out about a state of the past and stays true, whatever is written later: where a list has a long
 * stretch in which nothing was there yet, how many records a list had, where a change set ended. Only redaction changes the
 * past; it makes the store forget. Kept in memory, as many as fit: a fact that is gone is found out again. */
#ifndef MUSUBI_STORE_FACTS_H
#define MUSUBI_STORE_FACTS_H

#include "base/digest.h"
#include "base/text.h"
#include "store/internal.h"

/* A place in a list. */
struct spot {
    unsigned char key[TEXT_SORT_KEY_MAX];
    char id[ID_MAX + 1];
    unsigned char key_length, id_length;
};

struct fact {
    struct digest of; /* what it is about; never all zero */
    int64_t number;   /* a total, a seq; of a stretch: 1 when the list ends with it */
    struct spot to;   /* of a stretch: where it ends */
};

bool fact_get(struct store *store, struct digest of, struct fact *ret_fact);
/* Keeps it, unless the past was changed since this reader's state. */
void fact_put(struct reader *reader, const struct fact *fact);
/* Whether there are any: looking costs a digest. */
bool facts_any(const struct store *store);
/* Forgets everything: the past was changed by the commit that ended with seq. */
void facts_forget(struct store *store, int64_t seq);

#endif
