/* What may be said of a number that is partly made of what the viewer may not see: store/measure.h gives the rules. Nothing of
 * the database is in here. Not for use outside src/store. */
#ifndef MUSUBI_STORE_MEASURE_PROTECT_H
#define MUSUBI_STORE_MEASURE_PROTECT_H

#include "store/measure.h"

/* One of the two parts of a number. */
struct raw_part {
    int64_t contributors, records, missing;
    bool has_value;
    bool estimated;
    struct decimal low, high;
    struct decimal sizes;   /* sum of the contributors' absolute values */
    struct decimal largest; /* the largest of them */
};
struct raw_cell {
    int year;
    struct str split;
    struct raw_part open, closed;
    bool suppressed;
};

/* The cells as they may be shown, in the same order. `counts`: each contributor is one. `divided`: cells of one year stand
 * together and are suppressed with each other. */
struct measure_cell *measure_protect(struct raw_cell *raw, size_t count, bool counts, bool divided,
                                     struct arena *arena);

/* The last day of a year on the query's axis. */
struct date measure_stock_day(const struct measure_query *query, int year);

struct measure_sql;
/* Runs the writer's statement: year, open, split when divided, then the eight columns of a part. */
int measure_read_cells(struct measure_sql *writer, bool divided, struct raw_cell **ret_cells, size_t *ret_count,
                       struct err *err);

#endif
