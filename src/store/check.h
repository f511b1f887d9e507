/* The proofs behind store_check, one function each. Not for use outside src/store. */
#ifndef MUSUBI_STORE_CHECK_H
#define MUSUBI_STORE_CHECK_H

#include "store/read.h"

struct checker {
    struct reader *reader;
    void (*finding)(void *context, struct str line);
    void *context;
    int64_t findings;
};

/* Reports one finding. */
void check_say(struct checker *checker, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Runs a query that gives what is wrong: one finding a row, "WHAT: column, column…"; at most a hundred rows. */
int check_rows(struct checker *checker, const char *what, struct str sql, struct err *err);

/* Revisions: one order without gaps, each in a change set, each with the row it made or ended. */
int check_revisions(struct checker *checker, struct err *err);
/* A register's rows: spans that neither overlap nor reach into the future, ids that are ids, columns that make a record the
 * model accepts, stored sort keys. */
int check_table(struct checker *checker, const struct table *table, struct err *err);
/* Link tables against the lists they index, references against what they point at. */
int check_links(struct checker *checker, const struct table *table, struct err *err);
/* Editions stand in the order of revisions, and count what was so. */
int check_editions(struct checker *checker, struct err *err);
/* Kept counters against a count. */
int check_counters(struct checker *checker, const struct table *table, struct err *err);
/* Redirects lead to something, and from something that is gone. */
int check_redirects(struct checker *checker, const struct table *table, struct err *err);

#endif
