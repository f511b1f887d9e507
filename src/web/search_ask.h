/* From the parameters of an address to a search, and back to addresses. */
#ifndef MUSUBI_WEB_SEARCH_ASK_H
#define MUSUBI_WEB_SEARCH_ASK_H

#include "search/search.h"
#include "web/problem.h"
#include "web/site.h"

#define SEARCH_PAGE_ITEMS 20

struct search_ask {
    struct search_query query;
    struct search_filter filters[SEARCH_FILTERS_MAX];
    size_t page; /* from 1 */
    struct str near;
    struct str view; /* "map" or "" */
};

/* q, lang, register and the facets' names (each may stand several times), near=LAT,LON,KM, like=REGISTER/ID, page, limit, view.
 * Unknown parameters are refused when strict. 0, or -1 with the problem sent. */
int search_ask_read(struct call *call, bool strict, struct search_ask *ret_ask);
/* "?q=…&hub=…" without the page and without that parameter (and value, when it is not empty); with another one added when
 * add_name is not empty. */
struct str search_address(struct call *call, struct str without, struct str value, struct str add_name,
                          struct str add_value);
/* Runs it; 0, or -1 with the problem sent. An answer that stands on the index is never kept: the index may lag behind the store. */
int search_ask_run(struct call *call, const struct search_ask *ask, struct search_result *ret_result);

#endif
