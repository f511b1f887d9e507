/* Starting and stopping. */
#include "base/memory.h"
#include "web/http_serving.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

/* Descriptors that are not connections: databases, logs, the loops' own. */
#define OTHER_DESCRIPTORS 256
#define REQUEST_ARENA_MAX_BYTES ((size_t)2 << 30)
#define HEAD_MAX_BYTES ((size_t)64 * 1024)

struct http_config http_config_default(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return (struct http_config){
        .listen = "127.0.0.1:8080",
        .threads = processors < 2    ? 2
                   : processors > 16 ? 16
                                     : (int)processors,
        .slow_threads = 4,
        .max_connections = 20000,
        .header_deadline_ms = 10000,
        .body_deadline_ms = 60000,
        .idle_timeout_ms = 75000,
        .max_header_bytes = (size_t)16 * 1024,
        .max_body_bytes = (size_t)16 * 1024 * 1024,
        .max_buffered_bytes = (size_t)256 * 1024 * 1024,
    };
}

/* Raises the limit of open files as far as it may be, and lowers the one of connections to what it allows. */
static void fit_connections(struct http_config *config)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) {
        return;
    }
    rlim_t wanted = (rlim_t)config->max_connections + OTHER_DESCRIPTORS;
    if (limit.rlim_cur < wanted) {
        limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
        setrlimit(RLIMIT_NOFILE, &limit);
        getrlimit(RLIMIT_NOFILE, &limit);
    }
    if (limit.rlim_cur < wanted) {
        rlim_t left = limit.rlim_cur > 2 * OTHER_DESCRIPTORS ? limit.rlim_cur - OTHER_DESCRIPTORS : limit.rlim_cur / 2;
        config->max_connections = (int)left;
    }
}

static int set_trusted_proxy(struct http_server *server, struct err *err)
{
    unsigned char address[sizeof(struct in6_addr)];
    char text[INET6_ADDRSTRLEN];
    const char *proxy = server->config.trusted_proxy;
    if (!proxy) {
        return 0;
    }
    int family = strchr(proxy, ':') ? AF_INET6 : AF_INET;
    if (inet_pton(family, proxy, address) != 1) {
        return err_set(err, ERR_INVALID, "the trusted proxy '%s' is not an IPv4 or IPv6 address", proxy);
    }
    /* As connections are written, so that both can be compared. */
    server->trusted_proxy = strdup(inet_ntop(family, address, text, sizeof text));
    return 0;
}

static int start_loop(struct http_server *server, struct http_loop *loop, struct err *err)
{
    *loop = (struct http_loop){.server = server, .idle_told = true};
    pthread_mutex_init(&loop->done_mutex, NULL);
    arena_init(&loop->arena, REQUEST_ARENA_MAX_BYTES);
    buf_init(&loop->head_buf, HEAD_MAX_BYTES);
    loop->read_buffer = memory_alloc(LOOP_READ_BYTES);
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    loop->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    server->loop_count++; /* from here on http_server_stop frees it */
    struct epoll_event waking = {.events = EPOLLIN, .data.ptr = loop};
    if (loop->epoll_fd < 0 || loop->wake_fd < 0 ||
        epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, loop->wake_fd, &waking) < 0 || http_loop_listen(loop) < 0) {
        return err_set(err, ERR_IO, "cannot watch the listening socket: %s", strerror(errno));
    }
    int failed = pthread_create(&loop->pthread, NULL, http_loop_main, loop);
    if (failed) {
        return err_set(err, ERR_IO, "cannot start a thread: %s", strerror(failed));
    }
    loop->started = true;
    return 0;
}

static int start_threads(struct http_server *server, struct err *err)
{
    int wanted = server->config.threads < 1 ? 1 : server->config.threads;
    if (http_slow_start(server, err) < 0) {
        return -1;
    }
    server->loops = memory_alloc_array((size_t)wanted, sizeof *server->loops);
    while (server->loop_count < wanted) {
        if (start_loop(server, &server->loops[server->loop_count], err) < 0) {
            return -1;
        }
    }
    return 0;
}

void http_wait_for_start(struct http_server *server)
{
    pthread_mutex_lock(&server->start_mutex);
    pthread_mutex_unlock(&server->start_mutex);
}

static void free_server(struct http_server *server)
{
    if (server->listen_fd >= 0) {
        close(server->listen_fd);
    }
    free(server->loops);
    free(server->listen);
    free(server->trusted_proxy);
    free(server);
}

int http_server_start(const struct http_config *config, struct http_server **ret_server, struct err *err)
{
    sigset_t all;
    sigset_t before;
    struct http_server *server = memory_alloc(sizeof *server);
    memset(server, 0, sizeof *server);
    server->config = *config;
    server->listen_fd = -1;
    server->listen = strdup(config->listen);
    if (getrandom(&server->address_key, sizeof server->address_key, 0) != sizeof server->address_key) {
        server->address_key ^= (uint64_t)http_monotonic_ms();
    }
    fit_connections(&server->config);
    if (set_trusted_proxy(server, err) < 0 || http_listen(server, err) < 0) {
        free_server(server);
        return -1;
    }
    pthread_mutex_init(&server->spare_mutex, NULL);
    server->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    pthread_mutex_init(&server->start_mutex, NULL);
    pthread_mutex_lock(&server->start_mutex);
    /* Signals are for the thread that started the server. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int started = start_threads(server, err);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (started == 0) {
        *ret_server = server;
    }
    pthread_mutex_unlock(&server->start_mutex);
    if (started < 0) {
        http_server_stop(server, 0);
        return -1;
    }
    return 0;
}

struct str http_server_url(const struct http_server *server)
{
    return str_from_cstr(server->url);
}

static void free_loop(struct http_loop *loop)
{
    close(loop->epoll_fd);
    close(loop->wake_fd);
    arena_free(&loop->arena);
    buf_free(&loop->head_buf);
    free(loop->read_buffer);
    pthread_mutex_destroy(&loop->done_mutex);
}

void http_server_stop(struct http_server *server, int grace_ms)
{
    if (!server) {
        return;
    }
    atomic_store(&server->stop_deadline_ms, http_monotonic_ms() + grace_ms);
    atomic_store(&server->stopping, true);
    /* Connections that nobody has accepted yet are refused by the system from now on. */
    shutdown(server->listen_fd, SHUT_RDWR);
    for (int i = 0; i < server->loop_count; i++) {
        http_loop_wake(&server->loops[i]);
    }
    for (int i = 0; i < server->loop_count; i++) {
        if (server->loops[i].started) {
            pthread_join(server->loops[i].pthread, NULL);
        }
    }
    /* No loop is left to hand it anything, and none waits for it. */
    http_slow_stop(server);
    for (int i = 0; i < server->loop_count; i++) {
        http_loop_drop_handed(&server->loops[i]);
    }
    for (int i = 0; i < server->loop_count; i++) {
        free_loop(&server->loops[i]);
    }
    pthread_mutex_destroy(&server->start_mutex);
    pthread_mutex_destroy(&server->spare_mutex);
    if (server->spare_fd >= 0) {
        close(server->spare_fd);
    }
    free_server(server);
}

struct http_counters http_server_counters(const struct http_server *server)
{
    struct http_counters sum = {0};
    for (int i = 0; i < server->loop_count; i++) {
        const struct http_loop_counters *counters = &server->loops[i].counters;
        sum.requests += atomic_load_explicit(&counters->requests, memory_order_relaxed);
        sum.refused += atomic_load_explicit(&counters->refused, memory_order_relaxed);
        sum.connections_total += atomic_load_explicit(&counters->accepted, memory_order_relaxed);
        sum.deadline_closed += atomic_load_explicit(&counters->deadline_closed, memory_order_relaxed);
    }
    int now = atomic_load(&server->connection_count);
    sum.connections_now = now > 0 ? (uint64_t)now : 0;
    return sum;
}
