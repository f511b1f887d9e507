/* The loop of one thread: waits for events, hands them to connections, ends what is overdue. */
#include "base/memory.h"
#include "web/http_serving.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_A_TURN 128
#define LINGER_MS 2000
#define TELL_IDLE_AFTER_MS 500
#define LISTEN_AGAIN_AFTER_MS 100

static int64_t clock_ms(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t http_monotonic_ms(void)
{
    return clock_ms(CLOCK_MONOTONIC_COARSE);
}

static void look_at_clock(struct http_loop *loop)
{
    loop->now_ms = http_monotonic_ms();
    loop->unix_ms = clock_ms(CLOCK_REALTIME_COARSE);
    if (loop->unix_ms / 1000 != loop->date_second) {
        loop->date_second = loop->unix_ms / 1000;
        loop->date_text = http_date_format(loop->date_second, loop->date);
    }
}

void http_loop_wake(struct http_loop *loop)
{
    uint64_t one = 1;
    ssize_t written = write(loop->wake_fd, &one, sizeof one);
    (void)written; /* it fails only when the counter is full, and then the loop is awake */
}

/* ---- listening ---- */

int http_loop_listen(struct http_loop *loop)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLEXCLUSIVE, .data.ptr = loop->server};
    if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, loop->server->listen_fd, &event) < 0) {
        return -1;
    }
    loop->listening = true;
    return 0;
}

static void stop_listening(struct http_loop *loop)
{
    if (loop->listening) {
        epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, loop->server->listen_fd, NULL);
        loop->listening = false;
    }
}

void http_loop_pause_listening(struct http_loop *loop)
{
    stop_listening(loop);
    loop->listen_again_ms = loop->now_ms + LISTEN_AGAIN_AFTER_MS;
}

static void listen_again_when_due(struct http_loop *loop)
{
    bool wanted = !loop->listening && !atomic_load(&loop->server->stopping);
    if (wanted && loop->listen_again_ms <= loop->now_ms && http_loop_listen(loop) < 0) {
        http_loop_pause_listening(loop);
    }
}

/* ---- lists ---- */

static bool has_deadline(enum conn_state state)
{
    return state <= CONN_LINGER;
}

static int duration_ms(const struct http_config *config, enum conn_state state)
{
    switch (state) {
    case CONN_IDLE:
        return config->idle_timeout_ms;
    case CONN_HEADER:
        return config->header_deadline_ms;
    case CONN_BODY:
    case CONN_WRITING:
        return config->body_deadline_ms;
    default:
        return LINGER_MS;
    }
}

static void unlink_conn(struct http_conn *conn)
{
    struct http_conn_list *list = &conn->loop->lists[conn->state];
    if (conn->previous) {
        conn->previous->next = conn->next;
    } else {
        assert(list->first == conn);
        list->first = conn->next;
    }
    if (conn->next) {
        conn->next->previous = conn->previous;
    } else {
        list->last = conn->previous;
    }
}

static void link_conn(struct http_conn *conn, enum conn_state state)
{
    struct http_conn_list *list = &conn->loop->lists[state];
    conn->state = state;
    conn->next = NULL;
    conn->previous = list->last;
    if (list->last) {
        list->last->next = conn;
    } else {
        list->first = conn;
    }
    list->last = conn;
}

void http_conn_enter(struct http_conn *conn, enum conn_state state)
{
    unlink_conn(conn);
    link_conn(conn, state);
    conn->deadline_ms = conn->loop->now_ms + duration_ms(&conn->loop->server->config, state);
}

void http_conn_listen_for(struct http_conn *conn, uint32_t events)
{
    if (conn->interest == events || conn->fd < 0) {
        return;
    }
    struct epoll_event event = {.events = events, .data.ptr = conn};
    int operation = events == 0 ? EPOLL_CTL_DEL : conn->interest == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    if (epoll_ctl(conn->loop->epoll_fd, operation, conn->fd, &event) < 0 && events != 0) {
        http_conn_close(conn); /* the system has no room for another watch */
        return;
    }
    conn->interest = events;
}

void http_conn_close(struct http_conn *conn)
{
    struct http_server *server = conn->loop->server;
    assert(!conn->job);
    if (conn->state == CONN_DEAD) {
        return;
    }
    close(conn->fd); /* leaves the epoll by itself */
    conn->fd = -1;
    http_outgoing_free(conn);
    buf_free(&conn->in);
    http_conn_account(conn);
    http_address_release(server, conn->address_slot);
    atomic_fetch_sub(&server->connection_count, 1);
    http_conn_enter(conn, CONN_DEAD);
    atomic_fetch_sub(&conn->loop->conn_count, 1);
}

static void bury_dead(struct http_loop *loop)
{
    struct http_conn *conn = loop->lists[CONN_DEAD].first;
    while (conn) {
        struct http_conn *next = conn->next;
        free(conn);
        conn = next;
    }
    loop->lists[CONN_DEAD] = (struct http_conn_list){0};
}

static void close_all(struct http_loop *loop, enum conn_state state)
{
    while (loop->lists[state].first) {
        http_conn_close(loop->lists[state].first);
    }
}

/* ---- deadlines ---- */

static void count_deadline(struct http_loop *loop)
{
    atomic_fetch_add_explicit(&loop->counters.deadline_closed, 1, memory_order_relaxed);
}

/* A reader that takes its answer at some pace may go on, however long the answer is. */
static void check_writing(struct http_conn *conn)
{
    struct http_outgoing *outgoing = conn->outgoing;
    if (outgoing->sent - outgoing->sent_at_deadline >= (size_t)64 * 1024) {
        outgoing->sent_at_deadline = outgoing->sent;
        http_conn_enter(conn, CONN_WRITING);
        return;
    }
    count_deadline(conn->loop);
    http_conn_close(conn);
}

static void end_overdue(struct http_conn *conn)
{
    switch (conn->state) {
    case CONN_HEADER:
        count_deadline(conn->loop);
        http_conn_refuse(conn, 408, "the header did not arrive in time");
        break;
    case CONN_BODY:
        count_deadline(conn->loop);
        http_conn_refuse(conn, 408, "the body did not arrive in time");
        break;
    case CONN_WRITING:
        check_writing(conn);
        break;
    default:
        http_conn_close(conn);
    }
}

static void end_all_overdue(struct http_loop *loop)
{
    for (enum conn_state state = 0; has_deadline(state); state++) {
        struct http_conn *conn = loop->lists[state].first;
        while (conn && conn->deadline_ms <= loop->now_ms) {
            end_overdue(conn);
            conn = loop->lists[state].first;
        }
    }
}

/* When the first of all connections is overdue. */
static int64_t first_deadline(const struct http_loop *loop)
{
    int64_t due = INT64_MAX;
    for (enum conn_state state = 0; has_deadline(state); state++) {
        const struct http_conn *conn = loop->lists[state].first;
        if (conn && conn->deadline_ms < due) {
            due = conn->deadline_ms;
        }
    }
    return due;
}

/* Milliseconds until something is due, for epoll_wait. */
static int next_timeout(const struct http_loop *loop)
{
    int64_t due = first_deadline(loop);
    if (loop->lists[CONN_READY].first) {
        return 0;
    }
    if (!loop->idle_told && loop->last_request_ms + TELL_IDLE_AFTER_MS < due) {
        due = loop->last_request_ms + TELL_IDLE_AFTER_MS;
    }
    if (atomic_load(&loop->server->stopping)) {
        int64_t stop = atomic_load(&loop->server->stop_deadline_ms);
        due = atomic_load(&loop->conn_count) == 0 ? 0 : stop > loop->now_ms && stop < due ? stop : due;
    } else if (!loop->listening && loop->listen_again_ms < due) {
        due = loop->listen_again_ms;
    }
    if (due == INT64_MAX) {
        return -1;
    }
    int64_t wait = due - http_monotonic_ms() + 1;
    return wait < 0 ? 0 : wait > 60000 ? 60000 : (int)wait;
}

static void tell_idle(struct http_loop *loop)
{
    const struct http_config *config = &loop->server->config;
    if (loop->idle_told || loop->now_ms - loop->last_request_ms < TELL_IDLE_AFTER_MS) {
        return;
    }
    loop->idle_told = true;
    arena_free(&loop->arena);
    buf_free(&loop->head_buf);
    if (config->thread_idle) {
        config->thread_idle(config->handler_context, loop->thread);
    }
}

/* ---- events ---- */

static struct http_loop *least_busy(struct http_loop *loop)
{
    struct http_server *server = loop->server;
    struct http_loop *least = loop;
    size_t fewest = atomic_load_explicit(&loop->conn_count, memory_order_relaxed);
    for (int i = 0; i < server->loop_count; i++) {
        size_t count = atomic_load_explicit(&server->loops[i].conn_count, memory_order_relaxed);
        if (count < fewest) {
            least = &server->loops[i];
            fewest = count;
        }
    }
    return least;
}

/* Takes a connection that is counted already into its loop. */
static void adopt(struct http_conn *conn)
{
    struct http_loop *loop = conn->loop;
    link_conn(conn, CONN_IDLE);
    conn->deadline_ms = loop->now_ms + loop->server->config.idle_timeout_ms;
    http_conn_listen_for(conn, EPOLLIN);
}

static void accept_one(struct http_loop *loop)
{
    struct http_conn *conn = http_accept(loop);
    if (!conn) {
        return;
    }
    struct http_loop *owner = least_busy(loop);
    conn->loop = owner;
    atomic_fetch_add(&owner->conn_count, 1);
    atomic_fetch_add_explicit(&loop->counters.accepted, 1, memory_order_relaxed);
    if (owner == loop) {
        adopt(conn);
        return;
    }
    pthread_mutex_lock(&owner->done_mutex);
    conn->next = owner->handed;
    owner->handed = conn;
    pthread_mutex_unlock(&owner->done_mutex);
    http_loop_wake(owner);
}

static struct http_conn *take_handed(struct http_loop *loop)
{
    pthread_mutex_lock(&loop->done_mutex);
    struct http_conn *conn = loop->handed;
    loop->handed = NULL;
    pthread_mutex_unlock(&loop->done_mutex);
    return conn;
}

static void adopt_handed(struct http_loop *loop)
{
    struct http_conn *next;
    for (struct http_conn *conn = take_handed(loop); conn; conn = next) {
        next = conn->next;
        adopt(conn);
    }
}

void http_loop_drop_handed(struct http_loop *loop)
{
    adopt_handed(loop);
    close_all(loop, CONN_IDLE);
    bury_dead(loop);
}

static void conn_event(struct http_conn *conn)
{
    switch (conn->state) {
    case CONN_WRITING:
        http_conn_writable(conn);
        break;
    case CONN_IDLE:
    case CONN_HEADER:
    case CONN_BODY:
    case CONN_LINGER:
        http_conn_readable(conn);
        break;
    default: /* READY reads when its buffered requests are served; WAITING is not watched; DEAD died in this turn */
        break;
    }
}

static void finish_jobs(struct http_loop *loop)
{
    pthread_mutex_lock(&loop->done_mutex);
    struct http_job *job = loop->done;
    loop->done = NULL;
    pthread_mutex_unlock(&loop->done_mutex);
    while (job) {
        struct http_job *next = job->next;
        struct http_conn *conn = job->conn;
        conn->job = NULL;
        job->frame.date = loop->date_text;
        job->frame.keep_alive &= !atomic_load(&loop->server->stopping);
        http_conn_listen_for(conn, EPOLLIN);
        if (conn->state == CONN_WAITING) {
            http_send(conn, &job->response, &job->frame);
        }
        http_conn_account(conn); /* the request is no longer held */
        if (conn->state == CONN_WAITING) {
            http_conn_enter(conn, CONN_IDLE);
            http_conn_continue(conn);
        }
        http_job_free(job);
        job = next;
    }
}

/* True when somebody has woken the loop. */
static bool take_event(struct http_loop *loop, const struct epoll_event *event)
{
    if (event->data.ptr == loop->server) {
        accept_one(loop);
    } else if (event->data.ptr == loop) {
        uint64_t count;
        ssize_t got = read(loop->wake_fd, &count, sizeof count);
        (void)got; /* only its waking matters */
        return true;
    } else {
        conn_event(event->data.ptr);
    }
    return false;
}

static void serve_ready(struct http_loop *loop)
{
    struct http_conn *last = loop->lists[CONN_READY].last;
    struct http_conn *conn = loop->lists[CONN_READY].first;
    /* Those that come back into the list stand behind `last` and wait for the next turn. */
    while (conn) {
        struct http_conn *next = conn == last ? NULL : conn->next;
        http_conn_enter(conn, CONN_IDLE);
        http_conn_continue(conn);
        conn = next;
    }
}

/* ---- stopping ---- */

/* True when nothing is left to do. */
static bool stop_step(struct http_loop *loop)
{
    stop_listening(loop);
    /* A request that has arrived is answered; an idle connection has no claim. */
    while (loop->lists[CONN_IDLE].first) {
        struct http_conn *conn = loop->lists[CONN_IDLE].first;
        http_conn_readable(conn);
        if (conn->state == CONN_IDLE) {
            http_conn_close(conn);
        }
    }
    if (loop->now_ms >= atomic_load(&loop->server->stop_deadline_ms)) {
        for (enum conn_state state = 0; has_deadline(state); state++) {
            close_all(loop, state);
        }
        close_all(loop, CONN_READY);
    }
    return atomic_load(&loop->conn_count) == 0;
}

void *http_loop_main(void *loop_pointer)
{
    struct http_loop *loop = loop_pointer;
    struct http_server *server = loop->server;
    const struct http_config *config = &server->config;
    struct epoll_event events[EVENTS_A_TURN];
    bool stopped = false;
    http_wait_for_start(server);
    look_at_clock(loop);
    loop->thread = config->thread_start ? config->thread_start(config->handler_context) : NULL;
    while (!stopped) {
        int count = epoll_wait(loop->epoll_fd, events, EVENTS_A_TURN, next_timeout(loop));
        look_at_clock(loop);
        bool woken = false;
        for (int i = 0; i < count; i++) {
            woken |= take_event(loop, &events[i]);
        }
        if (woken) {
            finish_jobs(loop);
            adopt_handed(loop);
        }
        serve_ready(loop);
        end_all_overdue(loop);
        listen_again_when_due(loop);
        tell_idle(loop);
        stopped = atomic_load(&server->stopping) && stop_step(loop);
        bury_dead(loop);
    }
    if (config->thread_stop) {
        config->thread_stop(config->handler_context, loop->thread);
    }
    return NULL;
}
