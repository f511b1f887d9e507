/* Where connections come from: the listening socket, limits a address and in total. */
#include "base/memory.h"
#include "web/http_serving.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NO_SLOT UINT32_MAX
#define DEFAULT_PER_ADDRESS 256
#define BACKLOG 4096

/* ---- listening ---- */

static int split_listen(const char *listen, char host[256], char port[8], struct err *err)
{
    const char *colon = strrchr(listen, ':');
    size_t host_len = colon ? (size_t)(colon - listen) : 0;
    const char *from = listen;
    if (host_len >= 2 && listen[0] == '[' && listen[host_len - 1] == ']') {
        from++;
        host_len -= 2;
    } else if (host_len > 0 && memchr(listen, ':', host_len)) {
        host_len = 0; /* an IPv6 address without brackets */
    }
    int64_t number = -1;
    bool sound = colon && str_to_int64(str_from_cstr(colon + 1), &number) && strlen(colon + 1) <= 5;
    if (!sound || host_len == 0 || host_len > 255 || number < 0 || number > 65535) {
        return err_set(err, ERR_INVALID, "cannot listen on '%s': write HOST:PORT or [IPV6]:PORT, PORT from 0 to 65535",
                       listen);
    }
    memcpy(host, from, host_len);
    host[host_len] = '\0';
    snprintf(port, 8, "%d", (int)number);
    return 0;
}

static int open_socket(const struct addrinfo *address, const char *listen_on, struct err *err)
{
    int one = 1;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return err_set(err, ERR_IO, "cannot open a socket: %s", strerror(errno));
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one); /* connections inherit it */
    if (bind(fd, address->ai_addr, address->ai_addrlen) < 0 || listen(fd, BACKLOG) < 0) {
        enum err_code code = errno == EADDRINUSE ? ERR_BUSY : ERR_IO;
        err_set(err, code, "cannot listen on %s: %s", listen_on, strerror(errno));
        close(fd);
        return -1;
    }
    return fd;
}

static bool is_loopback(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET) {
        return ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr) >> 24 == 127;
    }
    return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)address)->sin6_addr);
}

static void note_address(struct http_server *server)
{
    struct sockaddr_storage address = {0};
    socklen_t length = sizeof address;
    char host[INET6_ADDRSTRLEN] = "";
    getsockname(server->listen_fd, (struct sockaddr *)&address, &length);
    if (address.ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)&address;
        inet_ntop(AF_INET, &in->sin_addr, host, sizeof host);
        snprintf(server->url, sizeof server->url, "http://%s:%d/", host, ntohs(in->sin_port));
    } else {
        const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)&address;
        inet_ntop(AF_INET6, &in->sin6_addr, host, sizeof host);
        snprintf(server->url, sizeof server->url, "http://[%s]:%d/", host, ntohs(in->sin6_port));
    }
    server->max_per_address = server->config.max_connections_per_address;
    if (server->max_per_address == 0 && !is_loopback(&address)) {
        server->max_per_address = DEFAULT_PER_ADDRESS;
    }
}

int http_listen(struct http_server *server, struct err *err)
{
    char host[256];
    char port[8];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *found = NULL;
    if (split_listen(server->listen, host, port, err) < 0) {
        return -1;
    }
    int failed = getaddrinfo(host, port, &hints, &found);
    if (failed) {
        return err_set(err, ERR_INVALID, "cannot listen on '%s': %s", server->listen, gai_strerror(failed));
    }
    server->listen_fd = open_socket(found, server->listen, err);
    freeaddrinfo(found);
    if (server->listen_fd < 0) {
        return -1;
    }
    note_address(server);
    return 0;
}

/* ---- who connects ---- */

/* An IPv4 address also when it comes as ::ffff:a.b.c.d; of an IPv6 address the /64, which one customer has as a whole. */
static uint64_t address_number(const struct sockaddr_storage *address, char text[INET6_ADDRSTRLEN])
{
    uint32_t low = 0;
    uint64_t high = 0;
    if (address->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)address;
        inet_ntop(AF_INET, &in->sin_addr, text, INET6_ADDRSTRLEN);
        return in->sin_addr.s_addr;
    }
    const struct in6_addr *in6 = &((const struct sockaddr_in6 *)address)->sin6_addr;
    if (IN6_IS_ADDR_V4MAPPED(in6)) {
        memcpy(&low, in6->s6_addr + 12, sizeof low);
        inet_ntop(AF_INET, &low, text, INET6_ADDRSTRLEN);
        return low;
    }
    memcpy(&high, in6->s6_addr, sizeof high);
    inet_ntop(AF_INET6, in6, text, INET6_ADDRSTRLEN);
    return high;
}

/* Finaliser of SplitMix64 (Steele, Lea, Flood 2014): spreads every bit over all. */
static uint32_t address_slot(const struct http_server *server, uint64_t number)
{
    uint64_t x = number ^ server->address_key;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return (uint32_t)(x >> 48) % ADDRESS_SLOTS;
}

void http_address_release(struct http_server *server, uint32_t slot)
{
    if (slot != NO_SLOT) {
        atomic_fetch_sub(&server->address_counts[slot], 1);
    }
}

/* False when this address has too many connections already. */
static bool address_take(struct http_server *server, uint64_t number, uint32_t *ret_slot)
{
    uint32_t slot = address_slot(server, number);
    int before = atomic_fetch_add(&server->address_counts[slot], 1);
    if (before >= server->max_per_address) {
        atomic_fetch_sub(&server->address_counts[slot], 1);
        return false;
    }
    *ret_slot = slot;
    return true;
}

/* ---- accepting ---- */

static void turn_away(struct http_loop *loop, int fd, int status, const char *detail)
{
    char dropped[4096];
    struct http_response response = {0};
    struct http_answer_frame frame = {.date = loop->date_text};
    struct buf *out = &loop->head_buf;
    atomic_fetch_add_explicit(&loop->counters.refused, 1, memory_order_relaxed);
    http_answer_problem(&loop->arena, &response, status, detail);
    buf_clear(out);
    buf_add(out, http_answer_write_head(out, &frame, &response));
    /* What it sent so far is read, because closing with unread bytes would reset the answer away; all of it is only tried. */
    ssize_t sent = send(fd, out->ptr, out->len, MSG_NOSIGNAL | MSG_DONTWAIT);
    shutdown(fd, SHUT_WR);
    ssize_t got = recv(fd, dropped, sizeof dropped, MSG_DONTWAIT);
    (void)sent;
    (void)got;
    close(fd);
    arena_reset(&loop->arena);
}

/* Makes room for one more by closing the connection of this loop that has been idle for longest. */
static bool make_room(struct http_loop *loop)
{
    if (!loop->lists[CONN_IDLE].first) {
        return false;
    }
    http_conn_close(loop->lists[CONN_IDLE].first);
    return true;
}

/* Answers one connection with a refusal, on the descriptor that is kept for this. All loops share it under a lock: two that
 * gave up one each would leave the second's to the first. False when it is gone, because another part of the process took it
 * in the moment it was free. */
static bool refuse_on_spare(struct http_loop *loop)
{
    struct http_server *server = loop->server;
    pthread_mutex_lock(&server->spare_mutex);
    if (server->spare_fd >= 0) {
        close(server->spare_fd);
        int fd = accept4(server->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            turn_away(loop, fd, 503, "this server has too many connections");
        }
    }
    server->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    bool is_there = server->spare_fd >= 0;
    pthread_mutex_unlock(&server->spare_mutex);
    return is_there;
}

static int accept_fd(struct http_loop *loop, struct sockaddr_storage *address)
{
    socklen_t length = sizeof *address;
    int fd = accept4(loop->server->listen_fd, (struct sockaddr *)address, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    bool no_descriptor = fd < 0 && (errno == EMFILE || errno == ENFILE);
    bool no_memory = fd < 0 && (errno == ENOBUFS || errno == ENOMEM);
    /* The connection stays in the queue, and without a pause the same event would come for ever. */
    if (no_memory || (no_descriptor && !refuse_on_spare(loop))) {
        http_loop_pause_listening(loop);
    }
    return fd;
}

struct http_conn *http_accept(struct http_loop *loop)
{
    struct http_server *server = loop->server;
    const struct http_config *config = &server->config;
    struct sockaddr_storage address = {0};
    char peer[INET6_ADDRSTRLEN] = "";
    uint32_t slot = NO_SLOT;
    int fd = accept_fd(loop, &address);
    if (fd < 0) {
        return NULL;
    }
    uint64_t number = address_number(&address, peer);
    bool trusted = server->trusted_proxy && strcmp(server->trusted_proxy, peer) == 0;
    if (!trusted && server->max_per_address > 0 && !address_take(server, number, &slot)) {
        turn_away(loop, fd, 429, "this address has too many connections");
        return NULL;
    }
    int count = atomic_fetch_add(&server->connection_count, 1) + 1;
    if (count > config->max_connections && !make_room(loop)) {
        atomic_fetch_sub(&server->connection_count, 1);
        http_address_release(server, slot);
        turn_away(loop, fd, 503, "this server has too many connections");
        return NULL;
    }
    struct http_conn *conn = memory_alloc(sizeof *conn);
    *conn = (struct http_conn){.loop = loop, .fd = fd, .address_slot = slot, .trusted = trusted};
    memcpy(conn->peer, peer, sizeof conn->peer);
    buf_init(&conn->in, config->max_header_bytes + config->max_body_bytes + 4 * LOOP_READ_BYTES);
    return conn;
}
