/* The page of search results and what goes with it. */
#ifndef MUSUBI_WEB_SEARCH_PAGE_H
#define MUSUBI_WEB_SEARCH_PAGE_H

#include "search/search.h"
#include "web/site.h"

void page_search(struct call *call);
/* The same results as CSV and as an Atom feed, and how browsers may search here. */
void search_csv(struct call *call);
void search_atom(struct call *call);
void search_description(struct call *call);
struct value *search_parts(struct arena *arena, struct str text, const struct search_span *marks, size_t count);

#endif
