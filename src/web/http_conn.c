/* A connection: bytes come in, whole requests go to the handler, what is left waits. */
#include "base/memory.h"
#include "web/http_serving.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

/* Pipelined requests served before the other connections of the loop have their turn. */
#define REQUESTS_IN_A_ROW 16
#define LINGER_MAX_BYTES ((size_t)4 * 1024 * 1024)

bool http_conn_account(struct http_conn *conn)
{
    struct http_server *server = conn->loop->server;
    size_t holds = conn->in.capacity;
    if (conn->outgoing) {
        holds += conn->outgoing->head.capacity + conn->outgoing->release.owned.capacity;
    }
    if (conn->job) {
        holds += conn->job->bytes.capacity;
    }
    size_t all = holds == conn->accounted
                     ? 0
                     : atomic_fetch_add(&server->buffered_bytes, holds - conn->accounted) + holds - conn->accounted;
    bool grew = holds > conn->accounted;
    conn->accounted = holds;
    return !grew || all <= server->config.max_buffered_bytes;
}

static bool may_stay_open(const struct http_conn *conn)
{
    return !atomic_load_explicit(&conn->loop->server->stopping, memory_order_relaxed);
}

static void refuse(struct http_conn *conn, const struct http_refusal *refusal, bool without_body)
{
    struct http_loop *loop = conn->loop;
    struct http_response response = {0};
    struct http_answer_frame frame = {.without_body = without_body, .date = loop->date_text};
    atomic_fetch_add_explicit(&loop->counters.refused, 1, memory_order_relaxed);
    http_answer_problem(&loop->arena, &response, refusal->status, refusal->err.message);
    buf_free(&conn->in);
    http_conn_account(conn);
    http_send(conn, &response, &frame);
    arena_reset(&loop->arena);
}

void http_conn_refuse(struct http_conn *conn, int status, const char *detail)
{
    struct http_refusal refusal = {.status = status};
    err_set(&refusal.err, ERR_INVALID, "%s", detail);
    refuse(conn, &refusal, false);
}

/* ---- the handler ---- */

static void set_client(const struct http_conn *conn, struct http_head *head)
{
    char text[INET6_ADDRSTRLEN];
    unsigned char address[sizeof(struct in6_addr)];
    struct str forwarded = head->forwarded_for;
    head->request.peer = str_from_cstr(conn->peer);
    if (!conn->trusted) {
        return;
    }
    head->request.https = str_eq_ignoring_case(head->forwarded_proto, STR("https"));
    if (forwarded.len == 0 || forwarded.len >= sizeof text) {
        return;
    }
    memcpy(text, forwarded.ptr, forwarded.len);
    text[forwarded.len] = '\0';
    if (inet_pton(AF_INET, text, address) == 1 || inet_pton(AF_INET6, text, address) == 1) {
        head->request.peer = forwarded;
    }
}

static bool is_slow(const struct http_server *server, const struct http_request *request)
{
    const struct http_config *config = &server->config;
    if (config->slow_threads <= 0) {
        return false;
    }
    if (config->is_slow) {
        return config->is_slow(config->handler_context, request);
    }
    return request->method == HTTP_POST || request->method == HTTP_PUT || request->method == HTTP_DELETE;
}

static void hand_over(struct http_conn *conn, const struct http_head *head, const struct http_answer_frame *frame,
                      struct str head_bytes)
{
    struct http_job *job = memory_alloc(sizeof *job);
    *job = (struct http_job){.conn = conn};
    job->frame = *frame;
    job->head_length = head_bytes.len;
    job->limits = (struct http_head_limits){.max_lines = conn->head_lines, .max_target = head_bytes.len};
    job->received_ms = conn->loop->unix_ms;
    job->https = head->request.https;
    memcpy(job->peer, head->request.peer.ptr, head->request.peer.len); /* checked in set_client; a NUL follows */
    buf_init(&job->bytes, head_bytes.len + head->request.body.len);
    buf_add(&job->bytes, head_bytes);
    buf_add(&job->bytes, head->request.body);
    conn->job = job;
    http_conn_enter(conn, CONN_WAITING);
    http_conn_listen_for(conn, 0);
    http_slow_add(conn->loop->server, job);
}

/* A whole request: answers it, or hands it to a slow thread. */
static void serve_request(struct http_conn *conn, struct http_head *head, struct str head_bytes, struct str body)
{
    struct http_loop *loop = conn->loop;
    const struct http_config *config = &loop->server->config;
    struct http_answer_frame frame = {
        .http_1_0 = head->http_1_0,
        .keep_alive = head->keep_alive && may_stay_open(conn),
        .without_body = head->request.method == HTTP_HEAD,
        .date = loop->date_text,
    };
    head->request.body = body;
    head->request.thread = loop->thread;
    head->request.received_ms = loop->unix_ms;
    set_client(conn, head);
    loop->last_request_ms = loop->now_ms;
    loop->idle_told = false;
    atomic_fetch_add_explicit(&loop->counters.requests, 1, memory_order_relaxed);
    struct http_response response;
    http_response_init(&response);
    bool ready = config->ready_handler && config->ready_handler(config->handler_context, &head->request, &response);
    if (!ready && is_slow(loop->server, &head->request)) {
        hand_over(conn, head, &frame, head_bytes);
        return;
    }
    if (!ready) {
        config->handler(config->handler_context, &head->request, &response);
    }
    frame.keep_alive &= !response.close;
    http_send(conn, &response, &frame);
}

/* ---- from bytes to requests ---- */

static bool can_go_on(const struct http_conn *conn)
{
    return conn->state == CONN_IDLE || conn->state == CONN_HEADER || conn->state == CONN_BODY;
}

static void send_continue(struct http_conn *conn)
{
    static const char line[] = "HTTP/1.1 100 Continue\r\n\r\n";
    ssize_t sent = send(conn->fd, line, sizeof line - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)sent; /* nothing of an answer is under way, so it fits, or the connection is gone and reading will tell */
}

/* Keeps bytes[used…) as the unconsumed ones; `bytes` may be those of conn->in. */
static void keep_rest(struct http_conn *conn, struct str bytes, size_t used)
{
    if (used == bytes.len) {
        buf_free(&conn->in);
    } else if (bytes.ptr == conn->in.ptr) {
        memmove(conn->in.ptr, bytes.ptr + used, bytes.len - used);
        conn->in.len = bytes.len - used;
    } else {
        buf_add(&conn->in, str_slice(bytes, used, bytes.len));
    }
}

/* The header at the start of `bytes` is complete. Serves the request when its body is there too and returns the length of
 * both; otherwise 0: the connection is then in BODY, or it was refused. */
static size_t take_request(struct http_conn *conn, struct str bytes, size_t head_length)
{
    struct http_loop *loop = conn->loop;
    const struct http_config *config = &loop->server->config;
    struct str head_bytes = str_slice(bytes, 0, head_length);
    struct http_head_limits limits = {conn->scan.lines, config->max_header_bytes / 2};
    struct http_refusal refusal;
    struct http_head head;
    conn->head_lines = conn->scan.lines;
    conn->scan = (struct http_head_scan){0};
    if (http_head_read(&loop->arena, head_bytes, &limits, &head, &refusal) < 0) {
        refuse(conn, &refusal, head.request.method == HTTP_HEAD);
        return 0;
    }
    if (head.content_length > config->max_body_bytes) {
        http_conn_refuse(conn, 413, "the body is too large");
        return 0;
    }
    if (!head.chunked && head.content_length <= bytes.len - head_length) {
        size_t length = head_length + head.content_length;
        serve_request(conn, &head, head_bytes, str_slice(bytes, head_length, length));
        arena_reset(&loop->arena);
        return length;
    }
    arena_reset(&loop->arena);
    conn->head_length = head_length;
    conn->body_length = head.chunked ? 0 : head.content_length;
    conn->is_chunked = head.chunked;
    conn->chunked = (struct http_chunked){0};
    http_conn_enter(conn, CONN_BODY);
    if (head.expects_continue && bytes.len == head_length) {
        send_continue(conn);
    }
    return 0;
}

/* Serves the whole requests at the start of `bytes` and keeps what follows. */
static void serve_bytes(struct http_conn *conn, struct str bytes)
{
    size_t max_header = conn->loop->server->config.max_header_bytes;
    size_t used = 0;
    int served = 0;
    enum conn_state next = CONN_IDLE;
    while (used < bytes.len && can_go_on(conn)) {
        struct str rest = str_slice(bytes, used, bytes.len);
        struct http_refusal refusal;
        size_t head_length;
        if (served == REQUESTS_IN_A_ROW) {
            next = CONN_READY;
            break;
        }
        enum http_progress progress = http_head_find_end(rest, max_header, &conn->scan, &head_length, &refusal);
        if (progress == HTTP_REFUSED) {
            refuse(conn, &refusal, false);
            return;
        }
        if (progress == HTTP_MORE) {
            next = CONN_HEADER;
            break;
        }
        size_t length = take_request(conn, rest, head_length);
        if (length == 0) {
            next = CONN_BODY;
            break;
        }
        used += length;
        served++;
    }
    if (conn->state == CONN_DEAD || conn->closing) {
        return;
    }
    keep_rest(conn, bytes, used);
    if (can_go_on(conn) && next != CONN_BODY && (conn->state != next || served > 0 || next == CONN_IDLE)) {
        http_conn_enter(conn, next);
    }
}

/* ---- bodies that come in pieces ---- */

/* Decodes what stands behind the body so far. */
static enum http_progress decode_chunks(struct http_conn *conn, struct http_refusal *refusal)
{
    struct buf *in = &conn->in;
    size_t at = conn->head_length + conn->body_length;
    size_t used;
    size_t written;
    enum http_progress progress = http_chunked_feed(&conn->chunked, str_make(in->ptr + at, in->len - at), in->ptr + at,
                                                    &used, &written, &refusal->err);
    if (progress == HTTP_REFUSED) {
        refusal->status = 400;
        return progress;
    }
    memmove(in->ptr + at + written, in->ptr + at + used, in->len - at - used);
    in->len -= used - written;
    conn->body_length += written;
    if (conn->body_length > conn->loop->server->config.max_body_bytes) {
        refusal->status = 413;
        err_set(&refusal->err, ERR_LIMIT, "the body is too large");
        return HTTP_REFUSED;
    }
    return progress;
}

static enum http_progress check_body(struct http_conn *conn, struct http_refusal *refusal)
{
    if (conn->is_chunked) {
        return decode_chunks(conn, refusal);
    }
    return conn->in.len - conn->head_length >= conn->body_length ? HTTP_DONE : HTTP_MORE;
}

/* In BODY, with bytes in conn->in: serves the request when its body is complete. */
static void serve_body(struct http_conn *conn)
{
    struct http_loop *loop = conn->loop;
    struct http_refusal refusal;
    struct http_head head;
    enum http_progress progress = check_body(conn, &refusal);
    if (progress == HTTP_REFUSED) {
        refuse(conn, &refusal, false);
        return;
    }
    if (progress == HTTP_MORE) {
        return;
    }
    struct str bytes = buf_str(&conn->in);
    struct str head_bytes = str_slice(bytes, 0, conn->head_length);
    struct http_head_limits limits = {conn->head_lines, conn->head_length};
    int read = http_head_read(&loop->arena, head_bytes, &limits, &head, &refusal);
    assert(read == 0); /* it was read before the body */
    (void)read;
    size_t length = conn->head_length + conn->body_length;
    serve_request(conn, &head, head_bytes, str_slice(bytes, conn->head_length, length));
    arena_reset(&loop->arena);
    if (conn->state == CONN_DEAD || conn->closing) {
        return;
    }
    keep_rest(conn, bytes, length);
    if (conn->state == CONN_BODY) {
        http_conn_enter(conn, conn->in.len > 0 ? CONN_READY : CONN_IDLE);
    }
}

/* ---- events ---- */

/* A connection in BODY may hold a whole body already: one that was pipelined, or chunks that came with the header. */
static void serve_buffered(struct http_conn *conn)
{
    if (conn->state == CONN_BODY) {
        serve_body(conn);
    }
    if (!http_conn_account(conn) && can_go_on(conn)) {
        http_conn_refuse(conn, 503, "too much is being sent to this server at the moment");
    }
}

void http_conn_continue(struct http_conn *conn)
{
    if (conn->in.len > 0) {
        serve_bytes(conn, buf_str(&conn->in));
        serve_buffered(conn);
    }
}

static void drop(struct http_conn *conn, size_t length)
{
    conn->lingered += length;
    if (conn->lingered > LINGER_MAX_BYTES) {
        http_conn_close(conn);
    }
}

void http_conn_readable(struct http_conn *conn)
{
    char *buffer = conn->loop->read_buffer;
    ssize_t got = recv(conn->fd, buffer, LOOP_READ_BYTES, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (got <= 0) {
        http_conn_close(conn);
        return;
    }
    struct str bytes = str_make(buffer, (size_t)got);
    if (conn->state == CONN_LINGER) {
        drop(conn, bytes.len);
        return;
    }
    if (conn->in.len == 0) {
        serve_bytes(conn, bytes);
    } else {
        buf_add(&conn->in, bytes);
        assert(!conn->in.overflow); /* its maximum is above all limits that are checked on the way */
        if (conn->state != CONN_BODY) {
            serve_bytes(conn, buf_str(&conn->in));
        }
    }
    serve_buffered(conn);
}
