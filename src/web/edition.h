/* Editions at their addresses. Every page and every call of the API stands once more under an edition's name:
 *
 *   /en/edition/2026/hub/minato    the page /en/hub/minato as of that edition
 *   /api/v1/edition/2026/hub         the call /api/v1/hub as of that edition
 *   /en/edition/2026/api/v1/hub      the same; likewise /en/edition/2026/data/…
 *
 * The rest of the site never sees the difference: the address is taken apart before a row is looked for, readers are as of the
 * edition (call_read), and links of the page lead to its own edition (page_href, call_api_root). */
#ifndef MUSUBI_WEB_EDITION_H
#define MUSUBI_WEB_EDITION_H

#include "web/page.h"
#include "web/site.h"

/* The path without the part that names an edition: "/en/edition/2026/hub" → "/en/hub"; any other path as it is. */
struct str edition_path(struct str path, struct arena *arena);
/* Sets the call's edition, its base and the request's path. False when the address names an edition that there is not. */
bool edition_begin(struct call *call);

/* {"name", "href", "words"} for the notice at the head of every page of the call's edition; false when it has none. */
struct value *edition_notice(struct call *call, const struct community *community);
/* "Example Community, edition 2026, frozen on …": a sentence for citing the whole of it. */
struct str edition_citation(struct call *call, const struct community *community, const struct edition *edition);
/* What programs are told of an edition. */
struct value *edition_value(struct call *call, const struct edition *edition, struct err *err);

/* A page as of an edition, whatever edition the page that links to it shows; NULL: of the present. */
struct str edition_href(struct call *call, const struct edition *edition, struct str path);

/* Handlers (web/edition_page.c). */
void page_editions(struct call *call);
void api_editions(struct call *call);
/* (web/changes_page.c) */
void page_changes(struct call *call);
void api_changes(struct call *call);

#endif
