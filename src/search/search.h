/* Finding records by words, in either language: a derived index of the store (search.db in its folder) that follows the
 * revision feed, and what is asked of it.
 *
 * The index is SQLite FTS5 with our own tokenizer (analyse.h) and ranker (rank.h). Its rows and the last seq are committed
 * together, so a kill at any moment costs nothing. Missing, damaged, or made by another version, it is rebuilt beside the old
 * one in the background and renamed into place; meanwhile searches answer ERR_BUSY with how far it is.
 *
 * Visibility: every record is indexed once for each level at which it reads differently, with only what that level sees; a
 * viewer finds the version of its own level. A viewer with an owner finds what its level finds.
 *
 * Threads: any, for everything but search_open and search_close. */
#ifndef MUSUBI_SEARCH_SEARCH_H
#define MUSUBI_SEARCH_SEARCH_H

#include "base/arena.h"
#include "base/err.h"
#include "base/value.h"
#include "store/store.h"

struct search;

struct search_config {
    struct store *store;       /* outlives it */
    const struct value *rules; /* site/search.json, which outlives it; see rules.h. NULL: no facets, no glossary */
    bool follow;               /* start a thread that follows the feed; else search_catch_up does it */
    int64_t budget_us;         /* of a processor's time, after which a search is cut off; 0: a second and a half */
    int64_t unlisted_min;      /* of records newer than the lists of common terms, before it is made anew; 0: 20,000 */
};
int search_open(const struct search_config *config, struct search **ret_search, struct err *err);
/* Ends the thread; nobody may be searching any more. NULL is fine. */
void search_close(struct search *search);
/* The one that was opened over this store in this process, or NULL. */
struct search *search_of(const struct store *store);

enum search_state { SEARCH_READY, SEARCH_BUILDING, SEARCH_FAILED };
struct search_status {
    enum search_state state;
    int64_t seq; /* up to which revision it is */
    int64_t store_seq;
    int64_t records;   /* of all levels together */
    double progress;   /* 0 … 1 of the building; 1 otherwise */
    uint64_t bytes;    /* of the file */
    char trouble[256]; /* why it failed, or "" */
};
struct search_status search_status(struct search *search);
/* Brings it up to the store's newest revision, rebuilding when it must, in the caller's thread. */
int search_catch_up(struct search *search, struct err *err);
/* Makes it anew: in the background when a thread follows, else at once. */
int search_rebuild(struct search *search, struct err *err);
/* Compares every record's versions with what is indexed; each difference is a line. */
int search_check(struct search *search, void (*finding)(void *context, struct str line), void *context,
                 int64_t *ret_findings, struct err *err);

/* Whether that register's records are searched at all. */
bool search_takes_register(const struct search *search, const struct reg *reg);
/* Whether there is a facet of that name. */
bool search_has_facet(const struct search *search, struct str name);
/* What it is called; empty when there is none, and of "register". */
struct bilingual search_facet_title(const struct search *search, struct str name);

/* ---- asking ---- */

#define SEARCH_QUERY_BYTES_MAX 2000
#define SEARCH_FILTERS_MAX 32
#define SEARCH_REACH_MAX 1000 /* results beyond this place cannot be paged to */

struct search_filter {
    struct str facet; /* a facet's name, or "register" */
    struct str value; /* code, id, year; a spelling or label of it; its last part behind a hyphen */
};

struct search_query {
    struct viewer viewer;
    enum lang lang;
    struct str text;                     /* the query language: docs/search.md */
    struct str like_register, like_id;   /* records like this one, instead of text */
    const struct search_filter *filters; /* several of one facet: any of them; of several facets: all */
    size_t filter_count;
    bool has_point;
    double lat, lon, radius_km;
    size_t offset, limit; /* offset + limit at most SEARCH_REACH_MAX */
    bool typing;          /* the last word may be unfinished */
    bool no_facets;
    bool no_snippets;       /* of a hit only what it is called, without marks and reasons */
    bool own_language_only; /* no translations */
    bool any;               /* not all words need be there: what has most of them first */
    bool exact;             /* no retries with less when nothing is found */
};

struct search_hit {
    const struct reg *reg;
    struct str id;
    struct bilingual title;
    struct str snippet; /* plain text of what matched, shortened; "" when only the title did */
    struct search_span {
        size_t start, end; /* bytes */
    } * snippet_marks, *title_marks[LANG_COUNT];
    size_t snippet_mark_count, title_mark_count[LANG_COUNT];
    enum lang snippet_lang;
    double score;
    bool has_place;
    double lat, lon, distance_km; /* distance only with a point */
    struct str *reasons;          /* "抗体 = antibody": what a translation found */
    size_t reason_count;
    int64_t seq;
};

struct search_facet_value {
    struct str value;
    struct bilingual label;
    int64_t count;
    bool chosen;
};
struct search_facet {
    struct str name;
    struct bilingual title;
    struct search_facet_value *values; /* most first */
    size_t count;
};

enum search_relaxed {
    SEARCH_AS_ASKED,
    SEARCH_LOOSENED, /* words that stood together were looked for apart */
    SEARCH_SPELLED,  /* with one letter changed: see spelled */
    SEARCH_ANY,      /* not all words: what has most of them first */
};

struct search_result {
    struct search_hit *hits;
    size_t hit_count;
    int64_t total;
    bool total_exact; /* false: the search was cut off, at least so many */
    bool cut_off;     /* it would have cost too much; what is here is not all, nor surely the best */
    enum search_relaxed relaxed;
    struct str spelled; /* the query that was answered instead */
    struct search_facet *facets;
    size_t facet_count;
    bool filter_told[SEARCH_FILTERS_MAX]; /* of the query's: a chosen value of the facets above is what it asks for */
    int64_t seq;                          /* of the index */
};
/* ERR_INVALID with what is wrong with the query; ERR_BUSY while there is no index yet. */
int search_run(struct search *search, const struct search_query *query, struct arena *arena,
               struct search_result *ret_result, struct err *err);

struct search_suggestion {
    struct str text;
    const struct reg *reg;
    struct str id;
};
int search_suggest(struct search *search, const struct viewer *viewer, enum lang lang, struct str typed, size_t limit,
                   struct arena *arena, struct search_suggestion **ret_items, size_t *ret_count, struct err *err);

#endif
