/* What the parts of publish share. Not for use outside web/publish*.c. */
#ifndef MUSUBI_WEB_PUBLISH_INTERNAL_H
#define MUSUBI_WEB_PUBLISH_INTERNAL_H

#include "web/http_internal.h"
#include "web/publish.h"
#include "web/route.h"
#include "web/site.h"

#include <pthread.h>
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
    FILE *listed;          /* the files of this time, one a line, as they are written */
    pthread_mutex_t mutex; /* of the list, the set and the counts */
    struct text_set files;
    uint64_t written, unchanged, removed, bytes;
};
/* What a thread that writes has for itself. */
struct output_writer {
    char part[sizeof OUTPUT_OWN + 24]; /* the file it writes before it gets its name */
    char made[512];                    /* the folder that was made or seen last */
};
int output_open(struct output *output, const char *folder, struct err *err);
/* Of the number-th thread. */
void output_writer_init(struct output_writer *writer, unsigned number);
/* Writes a file unless it is there and the same. From several threads at once, each with its own writer. */
int output_write(struct output *output, struct output_writer *writer, struct str file, struct str content,
                 struct err *err);
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
    struct publish_result result;
    double began; /* as publish_now has it */
};

/* Where links lead that stood on a page before: the menu, the foot and much else stand on all of them. */
struct link_memo;

/* What each thread that makes pages has for itself. */
struct publish_worker {
    struct arena arena; /* of the page that is made */
    struct output_writer writer;
    struct link_memo *memo; /* NULL until it is needed */
};
void link_memo_free(struct link_memo *memo);

/* The page whose links are looked at. */
struct publish_page {
    struct publishing *publishing;
    struct publish_worker *worker;
    struct arena *arena; /* the worker's */
    struct str path;     /* "/en/hub" */
    struct str stem;     /* of its file, without the number of a page of a list: "en/hub" */
    int64_t number;      /* of a page of a list, from 1 */
    struct buf *wants;   /* files that its links lead to, "target\tfile\n" each */
    bool is_html;        /* what was made of it */
    int refused;         /* the status it was answered with, when there is nothing to be made of it; else 0 */
    struct err *err;
};

/* Makes the file of one address: asks the site, leads the links, writes (publish.c). */
int publish_ask(struct publish_page *page, struct str target, struct str file);
/* Wants the pages that everything is reached from (publish.c). */
void publish_doors(struct publish_page *page);
/* Makes every page that is reached, with as many threads as there are processors (publish_walk.c). */
int publish_walk(struct publishing *publishing, struct err *err);
/* Seconds of a clock that only goes forward (publish_walk.c). */
double publish_now(void);

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
    bool *wanted;        /* whether this thread has wanted the file before; NULL: not known */
};
/* Its texts hold until this worker's next call. */
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
/* Notes that the page leads to a file, which is then made unless it was before (publish_walk.c). */
void publish_want(struct publish_page *page, const struct destination *destination);

/* ---- search over titles (publish_titles.c) ---- */

/* Writes the index of every title under "search/". */
int publish_titles(struct publishing *publishing, struct err *err);

#endif
