/* Statements of the lists that are asked for most, kept by each reader. Used by list.c only. */
#ifndef MUSUBI_STORE_LIST_SHAPE_H
#define MUSUBI_STORE_LIST_SHAPE_H

#include "store/internal.h"

/* All that the statement of an unfiltered list of the present depends on. */
struct list_shape {
    const struct table *table;
    const struct sort_key *sort_key; /* NULL: by id */
    int phase;
    bool descending;
    bool has_cursor;
};

/* The place of this shape's statement: NULL stands in it until it is prepared. Valid until the next call. */
struct stmt **list_statement(struct reader *reader, const struct list_shape *shape);

#endif
