/* The whole public site as files that any web server gives as they are, without a program behind it.
 *
 * The site is walked as a reader's browser would: from its front doors and its sitemaps along its own links, each page made
 * by the very handler that serves it. What addresses become, and what is left to a live site, stands in
 * docs/decisions/0016-the-site-as-files.md. Nothing here lists pages by hand. */
#ifndef MUSUBI_WEB_PUBLISH_H
#define MUSUBI_WEB_PUBLISH_H

#include "store/store.h"

struct publish_config {
    const char *folder;            /* new, empty, or what an earlier publish wrote */
    const struct edition *edition; /* NULL: the present */
    struct str url;                /* where it will stand, "https://example.org" or with a path; empty: nobody said */
    struct str live;               /* a site with a server, for what needs one; empty: there is none */
    /* True ends it early; called for each page. May be NULL. */
    bool (*cancelled)(void *context);
    /* Called now and then. May be NULL. */
    void (*progress)(void *context, uint64_t pages, uint64_t waiting);
    /* One line for each link that leads nowhere. May be NULL. */
    void (*broken)(void *context, struct str line);
    void *context;
};

#define PUBLISH_TENTHS 10
struct publish_result {
    uint64_t pages, files;                /* pages are files of HTML */
    uint64_t written, unchanged, removed; /* files */
    uint64_t bytes;                       /* of all files */
    uint64_t titles;                      /* that its own search finds */
    uint64_t broken;                      /* links that lead nowhere */
    double seconds;
    double rate[PUBLISH_TENTHS]; /* pages a second, by tenth of the pages */
};

/* ERR_CONFLICT when the folder holds something else, ERR_DENIED for a store of invented records, ERR_BUSY when somebody else
 * publishes there. A file appears whole under its name or not at all; after a failure the folder may hold files of both
 * states, and publishing again puts it right. */
int publish(struct store *store, const struct publish_config *config, struct publish_result *ret_result,
            struct err *err);

#endif
