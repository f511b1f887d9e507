/* How a record is cited, and what is told of the sources it rests on itself. */
#ifndef MUSUBI_WEB_CITATION_H
#define MUSUBI_WEB_CITATION_H

#include "web/display.h"
#include "web/page.h"

/* A sentence that names the record, the community, the revision it stands at and an address that goes on showing that one;
 * `path` is behind the language ("hub/minato"). */
struct str citation_record(struct call *call, const struct community *community, struct str title, struct str path,
                           int64_t seq);
/* Adds to the view of a source "publisher" (a text), "dated" and "secondary", each false where the source's record does not say;
 * which fields they are stands in site/site.json under "source". */
void citation_source(const struct display *display, const struct found *source, struct value *ret_view);

#endif
