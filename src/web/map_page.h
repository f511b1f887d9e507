/* The routes of the map's page and data. */
#ifndef MUSUBI_WEB_MAP_PAGE_H
#define MUSUBI_WEB_MAP_PAGE_H

#include "web/route.h"

extern const struct route map_routes[];

#endif
