/* What the parts of listing share (list.c: a page; list_past.c: how a page of the past is found). Not for use outside
 * src/store. */
#ifndef MUSUBI_STORE_LIST_H
#define MUSUBI_STORE_LIST_H

#include "store/read.h"

#define FILTERS_MAX 16
#define LIMIT_MAX 1000
/* Registers up to this size are counted exactly whatever is asked; larger ones up to COUNT_SOME rows. */
#define COUNT_ALL_UP_TO 5000
#define COUNT_SOME 1000
#define COUNT_SOME_PAST 40

enum phase { PHASE_ALL, PHASE_KEYED, PHASE_KEYLESS };

struct lister {
    struct reader *reader;
    const struct list_query *query;
    const struct table *table;
    const struct sort_key *sort_key; /* NULL: by id */
    const struct link *link;         /* the keyed link that leads the query; NULL: none */
    size_t link_filter;              /* its filter */
    struct buf *json;                /* where the items go as JSON; NULL: they become values */
    bool from_kept; /* of a row only id and seq are read; its JSON is what the reader keeps of the record */
    enum phase phase;
    bool has_cursor;
    struct str cursor_key; /* bytes */
    struct str cursor_id;
    bool walks;   /* see list_walk.c: a page of this may end before it is full */
    bool has_end; /* at that place of this phase's order */
    struct str end_key, end_id;
    struct shared_args args;
    int filter_args[FILTERS_MAX][2];
    int none_arg;
};

/* Adds the arguments of filters, viewer, states and phase, and notes their numbers. */
int lister_add_args(struct lister *lister, struct sql *sql, struct arena *arena, struct err *err);
/* " FROM …" with the row as t, and as k the link that leads. */
void lister_sql_from(struct sql *sql, const struct lister *lister, enum tense tense);
/* " WHERE …" of everything but the state of knowledge and the cursor; begins with a condition. */
void lister_sql_where(struct sql *sql, const struct lister *lister, enum tense tense);
/* The column that orders, empty by id: the leading link's own copy of the key when there is one, so that its index alone
 * gives the order. */
struct str lister_order_column(const struct lister *lister, struct arena *arena);

/* Takes a row of table->read_columns as the page's next item, without counting it. Of an item that goes out as JSON only the id
 * is kept, and the one that does not fit on the page does not go out. */
int lister_take_row(struct lister *lister, struct page *page, struct stmt *stmt, struct arena *arena, struct err *err);

/* Sets lister->walks: whether a page has to look at records one after another, since no index serves a filter, and there are
 * many. ERR_LIMIT for a state of the past in an order of which it has no index, when there are many. */
int lister_begin_walk(struct lister *lister, struct err *err);
/* Where the walk of this phase, from the cursor on, has to end; nothing when it reaches the end of the list. */
int lister_find_end(struct lister *lister, struct arena *arena, struct err *err);
/* " AND …" of that place, whose parts are the arguments of these numbers. */
void lister_sql_end(struct sql *sql, const struct lister *lister, struct str order, int key_arg, int id_arg);
/* What is known of the total after a page of a walk. */
void lister_walk_total(const struct lister *lister, struct page *page);
/* So many records a page looks at; tests lower it. */
extern size_t list_walk_max;

/* Whether past_page can follow this order: the past has no index of the others. */
bool past_is_ordered(const struct lister *lister);
/* Appends the next rows of the state as_of, in the lister's phase and from its cursor on, to the page, up to limit + 1 in all,
 * and their keys. */
int past_page(struct lister *lister, struct page *page, struct str *keys, size_t limit, struct arena *arena,
              struct err *err);
/* How many there are in that state; at most limit + 1. The lister's phase, order and cursor do not matter. */
int past_count(const struct lister *lister, size_t limit, int64_t *ret_count, struct arena *arena, struct err *err);
/* Rows of one record after which the walk jumps, and entries without a row that held after which it remembers; tests lower
 * them. */
extern size_t past_run_max, past_stretch_min;
/* Chooses the first filter on a list of codes or references that has the default order's keys in its link table. */
void lister_choose_link(struct lister *lister);

#endif
