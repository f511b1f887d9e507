/* The route of the page that sets hubs side by side. */
#ifndef MUSUBI_WEB_COMPARE_PAGE_H
#define MUSUBI_WEB_COMPARE_PAGE_H

#include "web/route.h"

extern const struct route compare_routes[];

#endif
