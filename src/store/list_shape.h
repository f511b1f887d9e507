/* Statements of the lists that are asked for most, kept by each reader. Used by list.c only. */
#ifndef MUSUBI_STORE_LIST_SHAPE_H
#define MUSUBI_STORE_LIST_SHAPE_H

#include "store/internal.h"

#define SHAPE_FILTERS_MAX 2

/* All that the statement of a list of the present depends on. */
struct list_shape {
    const struct table *table;
    const struct field *filters[SHAPE_FILTERS_MAX]; /* NULL: by owner */
    size_t filter_count;
    const struct link *link; /* that leads it, and by which filter */
    size_t link_filter;
    const struct sort_key *sort_key; /* NULL: by id */
    int phase;
    bool descending;
    bool has_cursor;
    bool from_kept;
};

/* The place of this shape's statement: NULL stands in it until it is prepared. Valid until the next call. */
struct stmt **list_statement(struct reader *reader, const struct list_shape *shape);

#endif
