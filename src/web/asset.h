/* Static files that travel in the binary under web/static/: served under a name that holds a digest of their content, so
 * that they may be kept for ever. "/static/site.css" of web/static/site.css is "/static/site.3f2a91c07d4e.css". */
#ifndef MUSUBI_WEB_ASSET_H
#define MUSUBI_WEB_ASSET_H

#include "base/arena.h"
#include "base/str.h"

struct asset {
    struct str name; /* "site.css" */
    struct str path; /* "/static/site.3f2a91c07d4e.css" */
    struct str content_type;
    struct str content;
};

struct assets {
    struct asset *items;
    size_t count;
};

/* Lists them all; everything lies in the arena or in the binary. */
void assets_init(struct assets *assets, struct arena *arena);
/* By plain name; it is a bug to ask for one that is not there. */
const struct asset *asset_named(const struct assets *assets, struct str name);
/* By the name that holds the digest ("site.3f2a91c07d4e.css"), or NULL. */
const struct asset *asset_served_as(const struct assets *assets, struct str name);

#endif
