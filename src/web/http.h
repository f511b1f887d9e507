/* The one seam between HTTP and everything else: handle(request) → response. Nothing above this file knows what serves it.
 * Requests that reach a handler are well formed: one Host, one framing of the body, no bare LF, no NUL, no folded header, a
 * path in UTF-8 without empty or dot segments, within the limits below. What is not is answered here with a problem
 * document (RFC 9457) and the end of the connection, where an answer can still be given. */
#ifndef MUSUBI_WEB_HTTP_H
#define MUSUBI_WEB_HTTP_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* HTTP_OTHER never reaches a handler: other methods are answered with 405 here. */
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
    struct http_pair *headers; /* values are bytes without control characters, not always UTF-8 */
    size_t header_count;
    struct str body;
    struct str peer;     /* the client's address as text; behind a trusted proxy the one it forwards */
    bool https;          /* the client's side of a trusted proxy */
    int64_t received_ms; /* Unix time */
    struct arena *arena; /* lives until the response has been handed to the kernel or copied */
    void *thread;        /* what http_config.thread_start returned for this thread */
};

/* First header of that name (ASCII case does not matter), or the empty string. */
struct str http_header(const struct http_request *request, const char *name);
/* First query parameter of that name; false when absent. */
bool http_query(const struct http_request *request, const char *name, struct str *ret_value);
/* Reads `a=b&c=d` as forms and queries have it ('+' is a space): names and values must be UTF-8 without control characters
 * other than tab and line ends; at most max_pairs. The pairs lie in the arena. */
int http_form_read(struct arena *arena, struct str text, size_t max_pairs, struct http_pair **ret_pairs,
                   size_t *ret_count, struct err *err);
/* Adds text so that it can stand as one segment of a path or one name or value of a query (RFC 3986 unreserved characters
 * stay, the others become %XX). */
void http_percent_encode(struct buf *out, struct str text);
/* "Not Found" for 404; "Error" for a number that HTTP does not name. */
const char *http_status_title(int status);

struct http_response {
    int status;
    struct str content_type;
    struct str body; /* in the request's arena or longer-lived */
    size_t header_count;
    struct http_pair headers[24];
    /* Further header lines as http_header_lines wrote them; copied out as they are. Lives as long as the body. */
    struct str ready_lines;
    struct buf owned; /* when owned.ptr is set the body is buf_str(&owned), freed after sending */
    /* When set: called once with release_context when the body is no longer needed, from any thread. For a body that a
     * cache holds and counts. */
    void (*release)(void *release_context);
    void *release_context;
    bool close; /* end the connection afterwards */
};

/* Content-Length, Date and Connection are not the handler's: they are written here. The answer to HEAD is filled as the one
 * to GET; its body is not sent, nor that of 204 and 304.
 * Adds a header; name and value must live as long as the response. Values with control characters are a bug. */
void http_response_header(struct http_response *response, const char *name, struct str value);
/* Of the first header of that name; empty: there is none. */
struct str http_response_value(const struct http_response *response, const char *name);
/* Appends headers as they go out, each with its line end, for answers that are given again and again. False, with nothing
 * appended, when one of them must not go out. */
bool http_header_lines(const struct http_pair *headers, size_t count, struct buf *out);

/* Fills *response (zeroed, status 200, no content type). Called from several threads at once, each with its own `thread`. */
typedef void http_handler(void *context, struct http_request *request, struct http_response *response);
/* True when it has answered. */
typedef bool http_ready_handler(void *context, struct http_request *request, struct http_response *response);

struct http_config {
    /* "127.0.0.1:8080", "[::1]:8080"; port 0 takes a free one. */
    const char *listen;
    /* Each thread serves many connections; a handler that takes long holds them up, see is_slow. */
    int threads;
    /* For what is_slow says; 0: everything is done by `threads`. */
    int slow_threads;
    /* Less when the system's limit of open files says so. */
    int max_connections;
    /* An IPv6 address counts as its /64; the trusted proxy is not counted. 0: 256, or none when listening on loopback. */
    int max_connections_per_address;
    /* For the whole header, from its first byte. */
    int header_deadline_ms;
    /* For the whole body; and the time in which a reader must take 64 KiB of an answer, or its rest. */
    int body_deadline_ms;
    /* For a connection without a request, new or kept. */
    int idle_timeout_ms;
    /* Of request line and headers; the target alone may have half of it. */
    size_t max_header_bytes;
    size_t max_body_bytes;
    /* Of unfinished requests and unsent answers of all connections together. */
    size_t max_buffered_bytes;
    /* Address whose X-Forwarded-For and X-Forwarded-Proto are believed, or NULL. */
    const char *trusted_proxy;
    http_handler *handler;
    /* Asked before is_slow and handler, in the same way: answers what lies ready. NULL: nothing does. */
    http_ready_handler *ready_handler;
    void *handler_context; /* first argument of all functions here */
    /* True for a request whose handler waits or computes for long (a write, an export, another machine): it is moved to a
     * thread of its own kind, so that it holds up nobody. NULL: POST, PUT and DELETE are slow. */
    bool (*is_slow)(void *context, const struct http_request *request);
    /* Once in each serving thread, before its first request; may be NULL. */
    void *(*thread_start)(void *context);
    /* When a thread has had no request for half a second, once until its next one: let go of snapshots; may be NULL. */
    void (*thread_idle)(void *context, void *thread);
    /* In that thread, after its last request; may be NULL. */
    void (*thread_stop)(void *context, void *thread);
};

struct http_config http_config_default(void);

struct http_server;
int http_server_start(const struct http_config *config, struct http_server **ret_server, struct err *err);
/* "http://127.0.0.1:8080/", with the port it really has. */
struct str http_server_url(const struct http_server *server);
/* Takes no new connection, finishes what it began, frees everything. After grace_ms connections are cut; only a handler that
 * is running is waited for longer. */
void http_server_stop(struct http_server *server, int grace_ms);

struct http_counters {
    uint64_t requests; /* that reached the handler */
    uint64_t refused;  /* answered by the guard, connections over a limit included */
    uint64_t connections_now;
    uint64_t connections_total;
    uint64_t deadline_closed; /* for being too slow, idle ones not included */
};
struct http_counters http_server_counters(const struct http_server *server);

#endif
