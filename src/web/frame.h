/* What stands around every page's content: where else to go, and the foot with terms and duties. */
#ifndef MUSUBI_WEB_FRAME_H
#define MUSUBI_WEB_FRAME_H

#include "web/page.h"

/* The links of the site's own menu (site/site.json, "menu"): registers that are not empty and pages that are served; and those of
 * the foot. Nobody may change them: those of a record's page are kept by the reader. */
int frame_links(struct call *call, struct reader *reader, struct value **ret_menu, struct value **ret_foot,
                struct err *err);
/* Adds "menu", "foot", "icon", "card" and "description" to a page's frame. */
void frame_add(struct call *call, const struct community *community, struct value *frame);

#endif
