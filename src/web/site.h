/* What every handler works with: the site, which is the same for all requests, and the call, which is one request being
 * answered. */
#ifndef MUSUBI_WEB_SITE_H
#define MUSUBI_WEB_SITE_H

#include "base/spool.h"
#include "search/search.h"
#include "store/store.h"
#include "web/asset.h"
#include "web/cache.h"
#include "web/guard.h"
#include "web/http.h"
#include "web/layout.h"
#include "web/metrics.h"
#include "web/template.h"

struct site {
    struct store *store;
    const struct model *model;
    const struct words *words;
    const struct templates *templates;
    struct assets assets;
    struct layout layout;
    struct str public_url;          /* without a slash at the end; empty: what the request's Host says */
    struct str tiles, tiles_credit; /* URL of an outside tile server, whose it is; empty: none */
    struct str policy;              /* of pages: what a browser may load */
    bool log_requests;
    enum visibility sees; /* whom pages are made for: the public, but for papers that a command writes */
    int64_t started_ms;
    struct metrics metrics;
    struct http_server *server; /* NULL until it runs */
    struct cache *cache;        /* NULL: nothing is kept */
    struct search *search;      /* NULL: there is none */
    struct guard *guard;        /* of the forms that anybody may send */
    bool takes_older_measures;  /* pages may show numbers that are being computed anew, and say so */
    bool is_published;          /* made into files: no server stands behind it (web/publish.h) */
    struct str root;            /* of a published site: "/", or where it stands below */
    const struct edition
        *edition; /* the only state that is shown; NULL: the present, and editions at addresses of their own */
};

/* What a path's variable parts were. */
struct route_params {
    struct str lang; /* "ja" or "en" */
    struct str reg;  /* name of a register, not yet looked up */
    struct str form; /* "csv": what follows the dot after a register's name */
    struct str id;
    struct str name; /* of an asset */
};

struct call {
    struct site *site;
    struct http_request *request;
    struct http_response *response;
    struct arena *arena; /* the request's */
    struct route_params params;
    const struct edition *edition; /* what the address speaks of: all is read as of it; NULL: the present */
    struct str base;     /* "edition/2026/" where the address says so, between the language and the page; else empty */
    enum lang lang;      /* of the page; for the API of its problems' words */
    bool is_page;        /* problems are shown as pages */
    struct notes *notes; /* what the answer is made of, when it may be kept; else NULL */
    int readings;        /* how often call_read was called */
    struct str allow;    /* the methods of this address, as the header Allow has them; empty when there is none */
};

/* Answers with compact JSON and an ETag made of `seq` (left out when 0) and the content, or 304. */
void call_send_json(struct call *call, const struct value *value, const char *content_type, int64_t seq);
/* The same with JSON that is written already; `body`, begun with CALL_JSON_MAX, is handed over. */
#define CALL_JSON_MAX ((size_t)64 << 20)
void call_send_json_buf(struct call *call, struct buf *body, const char *content_type, int64_t seq);
/* Answers with a body that lives as long as the request, and its ETag, or 304. */
void call_send(struct call *call, struct str content_type, struct str body);
/* The same; `body` is handed over. */
void call_send_buf(struct call *call, struct str content_type, struct buf *body, int64_t seq);
/* The same with what spool_end gave, which the answer takes over. */
void call_send_spool(struct call *call, struct str content_type, struct spool *spool, struct str bytes);
/* 301, 302 or 308 to a path on this site with the request's own query behind it. */
void call_redirect(struct call *call, int status, struct str path);
/* Opens a reader, as of the address's edition unless the options say when; on failure the problem has been sent and -1 comes
 * back. */
int call_read(struct call *call, const struct read_options *options, struct reader **ret_reader);
/* After all of an answer's call_read: it was made of more than the first reader saw, so it is kept until anything is committed or,
 * in this time zone, the day ends. */
void call_keep_until_commit(struct call *call, struct reader *first, struct str zone);
/* How the outside names this site: "https://example.org". */
struct str call_site_url(struct call *call);
/* The same for what cannot be rewritten afterwards, a workbook: empty while a site is published whose address nobody said. */
struct str call_lasting_url(struct call *call);
/* The address that pages are made with then. */
#define SITE_UNNAMED STR("http://site.invalid")
/* "/api/v1/", or where the API tells the address's edition: "/api/v1/edition/2026/". */
struct str call_api_root(struct call *call);
/* The request's query as it was sent, with its "?"; empty when there is none. */
struct str call_raw_query(const struct call *call);
/* Adds segments of a path or a query's name or value, escaped. */
struct str url_segment(struct arena *arena, struct str text);

/* The words with `%(name)` filled from the pairs. */
struct str say(const struct call *call, const char *msgid, const struct http_pair *pairs, size_t count);
#define SAY(call, msgid) say((call), (msgid), NULL, 0)

#endif
