/* The routes of the page that sets hubs side by side. */
#ifndef MUSUBI_WEB_COMPARE_PAGE_H
#define MUSUBI_WEB_COMPARE_PAGE_H

#include "web/route.h"

extern const struct route compare_routes[];

/* Handlers with files of their own. */
void page_regions(struct call *call); /* the region against others */
void page_index(struct call *call);   /* the composite index, once it is released */

#endif
