/* From the parameters of an address to what the store is asked: ?field=value&sort=-name&limit=20&cursor=…&on=2022-02-21&
 * as_of=seq:812&lang=ja, or as_of=2026 for an edition. What is not known is refused, with what would be allowed. */
#ifndef MUSUBI_WEB_QUERY_H
#define MUSUBI_WEB_QUERY_H

#include "store/store.h"
#include "web/http.h"
#include "web/problem.h"

#define QUERY_FILTERS_MAX 16
#define QUERY_TEXT_MAX 400 /* longest value, in bytes */

/* Which parameters this address understands besides lang. */
enum query_part {
    QUERY_FILTERS = 1, /* field=value, owner=value */
    QUERY_SORT = 2,
    QUERY_PAGE = 4, /* limit, cursor */
    QUERY_ON = 8,
    QUERY_AS_OF = 16,
    QUERY_LANG = 32,
    QUERY_LIST = 1 | 2 | 4 | 8 | 16 | 32,
    QUERY_RECORD = 8 | 16 | 32,
};

struct query_rules {
    unsigned parts;          /* of query_part */
    bool empty_is_absent;    /* forms send every field: "sector=" says nothing */
    bool unknown_is_ignored; /* addresses that people pass on gather parameters of others: "utm_source=" */
    enum lang lang;          /* when none is asked for */
    enum visibility sees;    /* fields above it are not known */
    size_t default_limit;
    size_t max_limit;
    int64_t last_seq;               /* newest one: as_of=seq:N is at most this */
    const struct edition *editions; /* store_editions: as_of=NAME, as_of=edition:NAME */
    int64_t as_of;                  /* when the query says nothing of it; 0: the present */
};

struct query {
    struct read_options options;
    struct list_query list;
    struct filter filters[QUERY_FILTERS_MAX];
    bool has_limit;
    /* As they were given, for links that keep them; empty when absent. */
    struct str on, as_of, sort, limit;
};

/* reg may be NULL when there are no filters and no sort. Texts are borrowed from the pairs. 0, or -1 with *ret_problem. */
int query_read(const struct reg *reg, const struct http_pair *pairs, size_t count, const struct query_rules *rules,
               struct arena *arena, struct query *ret_query, struct problem *ret_problem);

/* Whether lists can be narrowed by this field: a text in two languages by what it is in either. */
bool query_can_filter(const struct field *field, enum visibility sees);
/* Whether lists can be ordered by it. */
bool query_can_sort(const struct field *field, enum visibility sees);

#endif
