/* What the parts of publish share. Not for use outside web/publish*.c. */
#ifndef MUSUBI_WEB_PUBLISH_INTERNAL_H
#define MUSUBI_WEB_PUBLISH_INTERNAL_H

#include "web/http_internal.h"
#include "web/publish.h"
#include "web/route.h"
#include "web/site.h"

#include <stdio.h>

/* ---- a set of texts, kept as 64 bits of hash each (publish_files.c) ---- */

/* Of a million texts two share their bits with a probability of 3 in 100 million. */
struct text_set {
    uint64_t *slots;
    size_t capacity; /* a power of two, or 0 */
    size_t count;
};
/* True when it was not there before. */
bool text_set_add(struct text_set *set, struct str text);
bool text_set_has(const struct text_set *set, struct str text);
void text_set_free(struct text_set *set);

/* ---- the folder (publish_files.c) ---- */

#define OUTPUT_OWN ".musubi-publish" /* the folder in it that holds what publish needs for the next time */

struct output {
    int folder; /* descriptors; -1: not open */
    int lock;
    FILE *listed; /* the files of this time, one a line, as they are written */
    struct text_set files;
    char made[512]; /* the folder that was made or seen last */
    uint64_t written, unchanged, removed, bytes;
};
int output_open(struct output *output, const char *folder, struct err *err);
/* Writes a file unless it is there and the same. */
int output_write(struct output *output, struct str file, struct str content, struct err *err);
/* Removes what earlier times wrote and this one did not, and keeps the list for the next time. */
int output_finish(struct output *output, struct err *err);
void output_close(struct output *output);

/* ---- the walk ---- */

struct publishing {
    const struct publish_config *config;
    struct site *site;
    struct str site_url; /* what the handlers take for the site's address */
    struct str origin;   /* "https://example.org" of config->url; empty when nobody said */
    struct str base;     /* "/2026" of "https://example.org/2026"; empty, or without a slash at its end */
    struct output output;
    struct text_set seen; /* files that were put on the queue */
    FILE *queue;          /* "target\tfile\tfrom\n", read and written at different places */
    long queue_read, queue_end;
    uint64_t waiting;
    struct publish_result result;
    double *clock; /* seconds since the beginning, for each CLOCK_EVERY pages */
    size_t clock_count, clock_capacity;
    double began;
};

/* The page whose links are looked at. */
struct publish_page {
    struct publishing *publishing;
    struct arena *arena;
    struct str path; /* "/en/hub" */
    struct str stem; /* of its file, without the number of a page of a list: "en/hub" */
    int64_t number;  /* of a page of a list, from 1 */
    int failed;      /* the queue could not be written */
    struct err *err;
};

/* ---- addresses (publish_address.c) ---- */

enum reach {
    REACH_FILE,    /* a file of this site */
    REACH_LIVE,    /* needs a server: only where there is a live site */
    REACH_OUTSIDE, /* nothing of ours: stays as it is */
};
struct destination {
    enum reach reach;
    bool absolute;       /* it was written with the site's own address */
    struct str target;   /* what the site is asked for: path and query */
    struct str file;     /* REACH_FILE: "en/hub/index.html" */
    struct str address;  /* REACH_FILE: "/en/hub/", in the base of the site */
    struct str fragment; /* "#content", or empty */
};
struct destination destination_of(const struct publish_page *page, struct str link);
/* What is written for it in place of the link; empty when it leads nowhere. */
struct str destination_link(const struct publish_page *page, const struct destination *destination);
/* From a file back to its stem and number: "en/hub/-/3/index.html" → "en/hub", 3. */
void page_place(struct publish_page *page, struct str file);

/* ---- HTML (publish_html.c) ---- */

/* Copies a page with every link led to its file, to the live site, or taken out; calls publish_want for each file. */
void publish_html(struct publish_page *page, struct str html, struct buf *out);
/* A text that is no HTML: the site's own address in it becomes the one that was asked for. */
void publish_text(struct publishing *publishing, struct str text, struct buf *out);
/* Puts a file on the queue unless it was there before (publish.c). */
void publish_want(struct publish_page *page, const struct destination *destination);

/* ---- search over titles (publish_titles.c) ---- */

/* Writes the index of every title under "search/". */
int publish_titles(struct publishing *publishing, struct err *err);

#endif
