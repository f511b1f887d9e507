/* The one seam between the HTTP library and everything else: handle(request) → response. Nothing above this file knows
 * which library serves it. Requests that reach a handler are well formed: one Host, one framing of the body, no bare LF,
 * no NUL, no folded header, a path in UTF-8 without dot segments, within the limits below. */
#ifndef MUSUBI_WEB_HTTP_H
#define MUSUBI_WEB_HTTP_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_PUT, HTTP_DELETE, HTTP_OPTIONS, HTTP_OTHER };

struct http_pair {
    struct str name;
    struct str value;
};

struct http_request {
    enum http_method method;
    struct str method_name;
    struct str path;         /* decoded, begins with '/' */
    struct str raw_target;   /* as it was sent: path and query */
    struct http_pair *query; /* decoded, in the order given; a name may come again */
    size_t query_count;
    struct http_pair *headers;
    size_t header_count;
    struct str body;
    struct str peer; /* the client's address as text; behind a trusted proxy the one it forwards */
    bool https;      /* the client's side of a trusted proxy */
    int64_t received_ms;
    struct arena *arena; /* lives until the response is sent */
    void *thread;        /* what http_config.thread_start returned for this thread */
};

/* First header of that name (ASCII case does not matter), or the empty string. */
struct str http_header(const struct http_request *request, const char *name);
/* First query parameter of that name; false when absent. */
bool http_query(const struct http_request *request, const char *name, struct str *ret_value);

struct http_response {
    int status;
    struct str content_type;
    struct str body; /* in the request's arena or longer-lived */
    struct http_pair headers[24];
    size_t header_count;
    struct buf owned; /* when owned.ptr is set the body is buf_str(&owned), freed after sending */
    bool close;       /* end the connection afterwards */
};

/* Adds a header; name and value must live as long as the response. Values with control characters are a bug. */
void http_response_header(struct http_response *response, const char *name, struct str value);

/* Fills *response (zeroed, status 200). Called from several threads at once. */
typedef void http_handler(void *context, struct http_request *request, struct http_response *response);

struct http_config {
    const char *listen; /* "127.0.0.1:8080", "[::1]:8080"; port 0 takes a free one */
    int threads;
    int max_connections;
    int max_connections_per_address;
    int header_deadline_ms; /* for the whole header, from the first byte (or from the last answer on a kept connection) */
    int body_deadline_ms;   /* for the whole body */
    int idle_timeout_ms;    /* for a kept connection between requests */
    size_t max_header_bytes;
    size_t max_body_bytes;
    const char *trusted_proxy; /* address whose X-Forwarded-For and -Proto are believed, or NULL */
    http_handler *handler;
    void *handler_context;
    void *(*thread_start)(void *context); /* once in each serving thread, before its first request; may be NULL */
    void (*thread_idle)(void *context, void *thread); /* when a thread has had nothing to do for a while: let go of snapshots */
};

struct http_config http_config_default(void);

struct http_server;
int http_server_start(const struct http_config *config, struct http_server **ret_server, struct err *err);
/* "http://127.0.0.1:8080/", with the port it really has. */
struct str http_server_url(const struct http_server *server);
/* Takes no new connection, finishes what it began (at most grace_ms), frees everything. */
void http_server_stop(struct http_server *server, int grace_ms);

struct http_counters {
    uint64_t requests, refused, connections_now, connections_total, deadline_closed;
};
struct http_counters http_server_counters(const struct http_server *server);

#endif
