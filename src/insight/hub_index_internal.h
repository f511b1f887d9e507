/* What reading and ranking share. Only for hub_index*.c. */
#ifndef MUSUBI_INSIGHT_HUB_INDEX_INTERNAL_H
#define MUSUBI_INSIGHT_HUB_INDEX_INTERNAL_H

#include "insight/hub_index.h"

struct indexing {
    const struct value *roles; /* the part "index" */
    const struct index_request *request;
    struct arena *arena;
    struct index_result *result;
    struct records units, indicators, values;
    const struct value *method; /* the record, or NULL */
};

/* Fills the result's units, indicators, figures and years; -1 with err. */
int index_read(struct indexing *indexing, struct err *err);
/* Leaves out, weighs, scores and ranks what was read. */
int index_rank(struct indexing *indexing, struct err *err);

#endif
