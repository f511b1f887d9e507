/* The route of the value chain's page. */
#ifndef MUSUBI_WEB_CHAIN_PAGE_H
#define MUSUBI_WEB_CHAIN_PAGE_H

#include "web/route.h"

extern const struct route chain_routes[];

#endif
