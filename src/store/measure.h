/* What measures (model/measure.h) come to. The only place that turns a measure into SQL; both databases understand it.
 *
 * Every answer obeys the reader's viewer and as_of, and notes what it was made of. A measure counts every record there is,
 * also those the viewer may not see, and protects these:
 *
 *   - A number has an open part (of records the viewer sees) and a closed one. The open part is exact. The closed part is
 *     rounded to the smallest of 1, 2, 5 × 10^n that is at least its largest contributor's, so that neither the difference
 *     of two numbers (of two splits, two years, two states of the store) nor a number less what is open gives one
 *     contributor away. Counts round their closed part to PROTECT_CONTRIBUTORS.
 *   - A closed part of fewer than PROTECT_CONTRIBUTORS contributors, or of which one has more than PROTECT_SHARE_PERCENT, is
 *     not given at all: the cell is suppressed. In a split others are then suppressed with it, the smallest closed parts
 *     first, until what is suppressed together passes the same rule.
 *   - MEASURE_LAST takes only what the viewer sees.
 *
 * What was computed is kept for all readers until something of what it was made of changes (measure_kept.h).
 *
 * Contributors are told apart by the measure's `contributor`, else each record is one. Sums are exact to 18 digits where the
 * numbers are whole; fractions add as the database adds them. */
#ifndef MUSUBI_STORE_MEASURE_H
#define MUSUBI_STORE_MEASURE_H

#include "model/measure.h"
#include "store/store.h"

#define PROTECT_CONTRIBUTORS 3
#define PROTECT_SHARE_PERCENT 60
/* A silent contributor's figure is carried forward for at most so many years. */
#define MEASURE_CARRIED_YEARS 3

/* What a parameter stands for; no values: not given. */
struct measure_argument {
    struct str name;
    const struct str *values; /* codes, ids; a number as text */
    size_t count;
};

struct measure_query {
    const struct measure *measure;
    const struct measure_argument *arguments;
    size_t argument_count;
    enum year_axis axis;               /* AXIS_DECLARED: the measure's own */
    int from_year, to_year;            /* 0: no bound; a stock needs both, or neither and then counts on `on` */
    struct date on;                    /* not set: the reader's */
    const struct measure_split *split; /* of the measure; NULL: undivided */
};

struct measure_cell {
    int year;         /* 0: records that lie in no year; of a stock without years: the only one */
    struct str split; /* code, id, "true"/"false", number, "inside"/"outside"; empty: undivided, or nothing is said */
    bool suppressed;  /* no number is given; counts are then 0 too */
    bool has_value;   /* false: nobody gave a number */
    struct decimal low, high;  /* the same unless something was a range */
    struct decimal rounded_to; /* of the closed part; 0: exact */
    bool estimated;            /* some part of it was */
    int64_t contributors;      /* that gave a number */
    int64_t records;           /* that count */
    int64_t missing;           /* records that count but have no number, or no rate to convert it by */
    int64_t closed;            /* contributors the viewer may not see in detail */
};

/* Ordered by year, then split. ERR_INVALID with the field set to the parameter's name when one that is needed is not given:
 * the measure is then not defined. A ratio has `low` and `high` alike, its counts are those of `over`; it is suppressed when
 * one of its two is, and absent where `under` is 0. */
int store_measure(struct reader *reader, const struct measure_query *query, struct arena *arena,
                  struct measure_cell **ret_cells, size_t *ret_count, struct err *err);

/* Whether every parameter the measure needs is given; else the first that is not. */
const struct measure_parameter *measure_missing_parameter(const struct measure_query *query);

/* ---- while it is computed anew ---- */

/* From now on this reader also takes answers that were computed before something of them changed, while somebody computes them
 * anew: for pages that say so, as nobody likes to wait for seconds. Nothing made with such an answer may be kept. Only where
 * store_keep_measures runs, only of the present, and never for what the reader keeps itself (reader_kept). */
void reader_take_older_measures(struct reader *reader);
/* When the oldest state of which it was given an answer was decided; 0 when all were of the present one. */
int reader_older_measures_ms(struct reader *reader, int64_t *ret_ms, struct err *err);
/* Begins a thread, until the store closes, that computes kept answers anew when something of them has changed: those that were asked
 * for since they were computed, each once. `warm` (NULL: none) is called on that thread first: what it asks for is then kept before
 * anybody else asks. Begun once; again does nothing. */
int store_keep_measures(struct store *store, void (*warm)(void *context, struct store *store), void *context,
                        struct err *err);
/* Whether no more is to be computed ahead, so that `warm` had better end. */
bool store_measures_stop(struct store *store);
/* Before a server stops: what is read ahead (read_options.ahead) ends at once, and so does, after grace_ms, every computation of a
 * measure that somebody waits for, with ERR_BUSY. Until the store closes; called again it gives another grace. */
void store_end_computing(struct store *store, int grace_ms);

/* ---- who is silent ---- */

struct measure_coverage {
    int year;
    int64_t expected; /* in the population at the end of the year */
    int64_t reported; /* of them, those with a record of the year that gives a number */
    struct measure_cell
        silent; /* the last known figures, up to MEASURE_CARRIED_YEARS old, of those in the population that
                                 * gave none for this year; protected as every number */
    struct measure_cell last; /* of `silent`, what stood in the year before */
};
/* For measures with a population; one entry a year of from_year … to_year, both needed. */
int store_measure_coverage(struct reader *reader, const struct measure_query *query, struct arena *arena,
                           struct measure_coverage **ret_years, size_t *ret_count, struct err *err);

/* The undivided numbers of from_year … to_year, both needed, and who is silent, which take one computation where two would be needed. */
struct measure_series {
    struct measure_cell *cells;
    size_t count;
    struct measure_coverage
        *years; /* where the measure has a population: from the first cell's year to the last one's */
    size_t year_count;
};
int store_measure_series(struct reader *reader, const struct measure_query *query, struct arena *arena,
                         struct measure_series *ret_series, struct err *err);

/* ---- what a number was made of ---- */

enum measure_use {
    USE_COUNTED,
    USE_NO_NUMBER,    /* it has none, or no rate to convert it by */
    USE_OTHER_PERIOD, /* the contributor has another record of the year, which was taken */
    USE_IN_GROUP,     /* one that stands above the contributor counts it in */
};

struct measure_row {
    const struct measure *measure; /* that counts it: the query's, or of a ratio one of its two */
    struct str id;                 /* of the record, in measure->reg */
    struct str contributor;        /* empty: unknown to the registers */
    struct str split;
    struct str within; /* USE_IN_GROUP: who counts it in; empty when the viewer may not see it */
    int year;
    bool has_value;
    struct decimal low, high; /* converted, where it is money */
    bool estimated;
    enum measure_use use;
};
/* Calls `each` for the records of one cell that the viewer sees: those that count first, the largest first, by id; from
 * `skip` on, at most `limit`. Of a ratio first those of `over`, then those of `under`, so many of each. A row lives until the callback returns, which may read the store with this reader but
 * not call this again; one that returns non-zero ends it. */
int store_measure_each(struct reader *reader, const struct measure_query *query, int year, struct str split,
                       int64_t skip, int64_t limit, int (*each)(void *context, const struct measure_row *row),
                       void *context, struct err *err);

#endif
