/* A small community of the tests' own, a store of it in a scratch folder, and short ways to write and read. */
#ifndef MUSUBI_TESTS_STORE_FIXTURE_H
#define MUSUBI_TESTS_STORE_FIXTURE_H

#include "unit.h"

#include "base/value.h"
#include "model/model.h"
#include "model/record.h"
#include "store/store.h"

struct fixture {
    char folder[64];
    struct arena arena;
    struct model *model;
    struct store *store;
};

extern const struct model_file fixture_model[];
extern const size_t fixture_model_count;

void fixture_open(struct fixture *fixture);
/* Closes the store and opens it again, with this model when it is not NULL. */
void fixture_reopen(struct fixture *fixture, const struct model_file *files, size_t count);
/* Like fixture_reopen, but opening must fail; returns the message (in the arena). */
struct str fixture_reopen_fails(struct fixture *fixture, const struct model_file *files, size_t count);
void fixture_close(struct fixture *fixture);

/* One change set with one record written as JSON; returns 0 or -1 with *err. */
int put_json(struct fixture *fixture, const char *register_name, const char *json, int64_t expected_seq,
             struct write_outcome *outcome, struct err *err);
/* The same, which must succeed. Returns the seq of its revision, or 0 when nothing changed. */
int64_t put(struct fixture *fixture, const char *register_name, const char *json);
/* A change set of whatever `fill` does. */
int fill_set(struct fixture *fixture, int (*fill)(void *, struct change_set *, struct err *), void *context,
             struct write_outcome *outcome, struct err *err);

/* A canonical record's JSON as that viewer sees it, or "-" when there is none. as_of 0: now. */
struct str get_json(struct fixture *fixture, const char *register_name, const char *id, enum visibility sees,
                    int64_t as_of);
/* Ids of a list, space separated, with " …" when there is a next page; then " =TOTAL" or " >=TOTAL".
 * filters: "field=value&field=value". */
struct list_case {
    const char *register_name, *filters, *sort, *on;
    enum visibility sees;
    enum lang lang;
    int64_t as_of;
    size_t limit;
    bool descending;
};
struct str list_ids(struct fixture *fixture, const struct list_case *list);
/* Every page of the same list one after the other, without totals: paging must lose and repeat nothing. */
struct str walk_ids(struct fixture *fixture, const struct list_case *list);

#endif
