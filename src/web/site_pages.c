/* Pages that are about the site itself. */
#include "web/route.h"
#include "web/section.h"

const struct route site_routes[] = {
    {NULL, NULL, false},
};
