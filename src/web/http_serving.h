/* The running server: loops, connections, slow threads. Shared by http_server.c, http_loop.c, http_conn.c, http_send.c,
 * http_slow.c and http_address.c only.
 *
 * One loop a thread, each with its own epoll; the listening socket is in all of them (EPOLLEXCLUSIVE wakes one). A
 * connection belongs to one loop for life: the one with the fewest when it was accepted, because the kernel wakes the same
 * thread again and again. A loop reads into one buffer of its own; most requests are
 * served right from there, so a connection that is waiting for its next request holds no memory but struct http_conn.
 *
 * A connection is always in exactly one list of its loop, the one of its state; as each state has one duration, the lists
 * are in order of deadline and looking for what is due looks at their heads only.
 *
 *   IDLE ──bytes──▶ HEADER ──header complete──▶ BODY ──complete──▶ (handler) ──sent──▶ IDLE
 *     ▲                                                              │ │ └─slow─▶ WAITING ──done──▶ (send)
 *     └──────────────── READY (more pipelined requests wait) ◀───────┘ └─not all sent─▶ WRITING ──▶ IDLE or LINGER
 *
 *   LINGER: answered and shut for writing, reads and drops what still comes, so that the answer is not lost to a reset.
 *   DEAD: closed, freed at the end of the loop's turn. */
#ifndef MUSUBI_WEB_HTTP_SERVING_H
#define MUSUBI_WEB_HTTP_SERVING_H

#include "web/http_internal.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

enum conn_state {
    CONN_IDLE,
    CONN_HEADER,
    CONN_BODY,
    CONN_WRITING,
    CONN_LINGER,
    CONN_WAITING,
    CONN_READY,
    CONN_DEAD,
    CONN_STATE_COUNT,
};

/* What could not be sent at once. */
struct http_outgoing {
    struct buf head;              /* status line and headers, then what of the body had to be copied */
    struct str body;              /* after head; in response.owned or released by response.release */
    struct http_response release; /* only `owned` and `release` are set */
    size_t sent;                  /* of head and body together */
    size_t sent_at_deadline;      /* how far it was when the last deadline was set */
};

struct http_conn {
    struct http_conn *previous;
    struct http_conn *next;
    struct http_loop *loop;
    struct http_outgoing *outgoing; /* in WRITING */
    struct http_job *job;           /* in WAITING; owned by the slow threads */
    struct buf in;                  /* unconsumed bytes of requests; capacity 0 when there are none */
    struct http_head_scan scan;     /* of the header at the start of `in` */
    struct http_chunked chunked;
    size_t head_length; /* in BODY: of the header */
    size_t body_length; /* in BODY: expected; with is_chunked what was decoded so far, behind the header in `in` */
    size_t head_lines;
    size_t accounted; /* bytes counted in server->buffered_bytes */
    int64_t deadline_ms;
    uint32_t address_slot; /* in server->address_counts, or UINT32_MAX */
    int fd;                /* -1 when dead */
    enum conn_state state;
    uint32_t interest; /* the epoll events asked for; 0: not in the epoll */
    bool is_chunked;
    bool closing;    /* no request is read after this answer */
    bool trusted;    /* it is the trusted proxy */
    size_t lingered; /* bytes dropped in LINGER */
    char peer[INET6_ADDRSTRLEN];
};

struct http_conn_list {
    struct http_conn *first;
    struct http_conn *last;
};

struct http_loop_counters {
    atomic_uint_fast64_t requests;
    atomic_uint_fast64_t refused;
    atomic_uint_fast64_t accepted;
    atomic_uint_fast64_t deadline_closed;
};

/* A request on its way through a slow thread and back. */
struct http_job {
    struct http_job *next;
    struct http_conn *conn;
    struct buf bytes; /* header and decoded body */
    size_t head_length;
    struct http_head_limits limits;
    struct http_answer_frame frame;
    int64_t received_ms;
    char peer[INET6_ADDRSTRLEN];
    bool https;
    struct arena arena;
    struct http_head head;
    struct http_response response;
};

#define LOOP_READ_BYTES ((size_t)64 * 1024)

struct http_loop {
    struct http_server *server;
    pthread_t pthread;
    int epoll_fd;
    int wake_fd;             /* eventfd: stopping, or jobs are done */
    bool started;            /* pthread is valid */
    bool listening;          /* the listening socket is in the epoll */
    int64_t listen_again_ms; /* when it is not, and nobody stops: when it is put back */
    struct http_conn_list lists[CONN_STATE_COUNT];
    atomic_size_t conn_count; /* changed by this loop, and by one that hands a connection over */
    int64_t now_ms;           /* monotonic, at the beginning of this turn */
    int64_t unix_ms;
    int64_t date_second; /* of `date` */
    char date[HTTP_DATE_MAX];
    struct str date_text;
    int64_t last_request_ms;
    bool idle_told;
    void *thread;       /* of thread_start */
    struct arena arena; /* of the request being served */
    struct buf head_buf;
    struct http_loop_counters counters;
    pthread_mutex_t done_mutex;
    struct http_job *done;    /* guarded by done_mutex, like `handed`; newest first */
    struct http_conn *handed; /* connections that another loop accepted for this one; by `next` */
    char *read_buffer;        /* LOOP_READ_BYTES */
};

#define ADDRESS_SLOTS 65536

struct http_slow_pool {
    pthread_t *pthreads;
    int count;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    struct http_job *first; /* guarded by mutex, like the rest below */
    struct http_job *last;
    bool stopping;
};

struct http_server {
    struct http_config config;
    char *listen;
    char *trusted_proxy;
    int listen_fd;
    char url[80];
    struct http_loop *loops;
    int loop_count; /* started ones */
    struct http_slow_pool slow;
    int max_per_address; /* 0: not counted */
    pthread_mutex_t spare_mutex;
    int spare_fd; /* given up for a moment when no descriptor is left, to be able to refuse a connection; under spare_mutex */
    pthread_mutex_t start_mutex; /* held until every thread is there and the caller knows the server */
    atomic_bool stopping;
    atomic_int_fast64_t stop_deadline_ms;
    atomic_size_t buffered_bytes;
    atomic_int connection_count;
    uint64_t address_key; /* random, so that nobody can choose addresses that share a slot */
    atomic_ushort address_counts[ADDRESS_SLOTS];
};

/* ---- http_server.c ---- */
/* First thing in each thread: a handler may use what http_server_start gives its caller. */
void http_wait_for_start(struct http_server *server);

/* ---- http_loop.c ---- */
/* A thread: argument and result as pthread_create wants them. */
void *http_loop_main(void *loop_pointer);
/* Into the list of that state, with its deadline. */
void http_conn_enter(struct http_conn *conn, enum conn_state state);
void http_conn_listen_for(struct http_conn *conn, uint32_t events);
void http_conn_close(struct http_conn *conn);
int64_t http_monotonic_ms(void);
void http_loop_wake(struct http_loop *loop);
/* Watches the listening socket; -1 with errno. */
int http_loop_listen(struct http_loop *loop);
/* Leaves new connections in the system's queue for a moment: they could not be accepted now. */
void http_loop_pause_listening(struct http_loop *loop);
/* Closes what was handed over after the loop had ended. */
void http_loop_drop_handed(struct http_loop *loop);

/* ---- http_conn.c ---- */
void http_conn_readable(struct http_conn *conn);
/* Serves what is buffered already; for connections in READY and after an answer. */
void http_conn_continue(struct http_conn *conn);
/* Answers with a problem and ends the connection. */
void http_conn_refuse(struct http_conn *conn, int status, const char *detail);
/* Counts what this connection holds; false when all together hold too much. */
bool http_conn_account(struct http_conn *conn);

/* ---- http_send.c ---- */
/* Sends a response, now or bit by bit, and frees it. Afterwards the connection is in WRITING, LINGER or DEAD, or in the
 * state it was in, when everything went out and it stays open. */
void http_send(struct http_conn *conn, struct http_response *response, const struct http_answer_frame *frame);
void http_conn_writable(struct http_conn *conn);
void http_outgoing_free(struct http_conn *conn);

/* ---- http_slow.c ---- */
int http_slow_start(struct http_server *server, struct err *err);
void http_slow_stop(struct http_server *server);
void http_slow_add(struct http_server *server, struct http_job *job);
void http_job_free(struct http_job *job);

/* ---- http_address.c ---- */
/* Opens the listening socket and writes the URL. */
int http_listen(struct http_server *server, struct err *err);
/* Accepts one connection, or refuses it; NULL when there is none for this loop. */
struct http_conn *http_accept(struct http_loop *loop);
void http_address_release(struct http_server *server, uint32_t slot);

#endif
