/* The server as a whole: site, API and health over one open store, until it is told to stop. */
#ifndef MUSUBI_WEB_SERVE_H
#define MUSUBI_WEB_SERVE_H

#include "desk/desk.h"
#include "search/search.h"
#include "store/store.h"
#include "web/guard.h"
#include "web/http.h"

struct serve_config {
    /* Listen address and limits; handler, its context, is_slow and the thread hooks are set by serve_run. */
    struct http_config http;
    /* How the outside names this server, "https://example.org", without a slash at the end; NULL: what each request's Host
     * says. */
    const char *public_url;
    /* An outside tile server behind the map, "https://host/{z}/{x}/{y}.png", and whose it is; NULL: none. */
    const char *map_tiles, *map_tiles_credit;
    size_t cache_bytes;    /* for answers kept until what they were made of changes; 0: none are kept */
    bool log_requests;     /* a line in the log for each request */
    struct search *search; /* NULL: nothing is searched */
    /* What keeps robots from the enquiry form. */
    struct guard_config guard;
    /* The server of mail and whom mail comes from; none is sent while smtp.url is empty. compose is set by serve_run. */
    struct desk_config desk;
    /* How long requests that have begun may take after the signal to stop. */
    int grace_ms;
    /* Called once when requests are answered, with the address as http_server_url gives it; a non-zero return stops the
     * server again and is a failure with *err. May be NULL. */
    int (*ready)(void *context, struct str url, struct err *err);
    void *context;
};

/* http_config_default, ten seconds of grace, nothing else set. */
struct serve_config serve_config_default(void);

/* Reads templates and words out of the binary, serves the store and blocks until SIGTERM or SIGINT (or serve_stop); then
 * takes no new connection, finishes what it began and returns 0. The store stays open and the caller's. -1 when it cannot
 * start: the address is taken, a template or a word is wrong. Handlers of both signals are those of before afterwards. */
int serve_run(struct store *store, const struct serve_config *config, struct err *err);

/* Makes a serve_run of this process return as a signal would; from any thread. Nothing happens when none runs. */
void serve_stop(void);

/* One page, made as it would be served but for a viewer of choice and without a server: for papers that a command writes. `target` is
 * a path with its query. The style sheet stands in the page, scripts are left out, links to other pages begin with `public_url`. The
 * text lies in the arena. ERR_NOT_FOUND when the page answers with anything but 200. */
int serve_page(struct store *store, struct str target, enum visibility sees, struct str public_url, struct arena *arena,
               struct str *ret_html, struct err *err);

#endif
