#include "cli/handover.h"

#include "base/message.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define COMMANDS_MAX 8
#define REQUEST_TIMEOUT_S 5
#define REQUEST_ARENA_MAX ((size_t)16 << 20)

struct handover_server {
    struct store *store;
    int listener;
    int wake; /* eventfd: stop accepting */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int running;
    bool stopping;      /* take no more */
    atomic_bool cancel; /* whoever still runs should stop */
};

struct connection {
    struct handover_server *server;
    int fd;
    int streams[3];
};

static bool is_cancelled(void *context)
{
    struct connection *connection = context;
    struct pollfd peer = {.fd = connection->fd, .events = POLLRDHUP};
    return atomic_load(&connection->server->cancel) ||
           (poll(&peer, 1, 0) > 0 && (peer.revents & (POLLRDHUP | POLLHUP | POLLERR)));
}

/* Only the user who runs the server, and root, may use its store. */
static bool caller_is_allowed(int fd)
{
    struct ucred peer;
    socklen_t len = sizeof(peer);
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && (peer.uid == geteuid() || peer.uid == 0);
}

/* Takes the descriptors out of a message; those beyond the three are closed, fewer are no request. */
static void take_streams(struct msghdr *message, int streams[3])
{
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header; header = CMSG_NXTHDR(message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
            if (i < 3 && streams[i] < 0) {
                streams[i] = fd;
            } else {
                close(fd);
            }
        }
    }
}

/* Reads exactly len bytes, with whatever descriptors come along. */
static int receive(struct connection *connection, char *to, size_t len)
{
    size_t have = 0;
    while (have < len) {
        union {
            struct cmsghdr align;
            char room[CMSG_SPACE(8 * sizeof(int))];
        } control;
        struct iovec part = {.iov_base = to + have, .iov_len = len - have};
        struct msghdr message = {
            .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof(control.room)};
        ssize_t got = recvmsg(connection->fd, &message, MSG_CMSG_CLOEXEC);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return -1;
        }
        take_streams(&message, connection->streams);
        have += (size_t)got;
    }
    return 0;
}

static int receive_request(struct connection *connection, struct arena *arena, struct str **ret_texts,
                           size_t *ret_count)
{
    struct {
        char magic[8];
        uint32_t len;
    } head;
    if (receive(connection, (char *)&head, sizeof(head)) ||
        memcmp(head.magic, HANDOVER_MAGIC, sizeof(head.magic)) != 0 || head.len > HANDOVER_MAX_BYTES) {
        return -1;
    }
    char *body = arena_alloc(arena, head.len);
    if (receive(connection, body, head.len) || connection->streams[2] < 0) {
        return -1;
    }
    return handover_unpack(str_make(body, head.len), arena, ret_texts, ret_count, NULL);
}

static void run_request(struct connection *connection, const struct str *texts, size_t count, struct arena *arena)
{
    const char **argv = (const char **)arena_alloc_array(arena, count, sizeof(*argv));
    for (size_t i = 2; i < count; i++) {
        argv[i - 2] = texts[i].ptr;
    }
    message_use(message_catalogue(texts[1].ptr));
    struct cli cli = {
        .in = connection->streams[0],
        .out = connection->streams[1],
        .err = connection->streams[2],
        .cwd = texts[0],
        .cancelled = is_cancelled,
        .cancel_context = connection,
        .served = true,
        .store = connection->server->store,
        .model = store_model(connection->server->store),
    };
    uint32_t code = (uint32_t)cli_run(&cli, (int)count - 2, argv);
    (void)send(connection->fd, &code, sizeof(code), MSG_NOSIGNAL);
}

static void *serve_connection(void *context)
{
    struct connection *connection = context;
    struct handover_server *server = connection->server;
    struct timeval timeout = {.tv_sec = REQUEST_TIMEOUT_S};
    setsockopt(connection->fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    setsockopt(connection->fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
    ARENA_AUTO arena;
    arena_init(&arena, REQUEST_ARENA_MAX);
    struct str *texts;
    size_t count;
    if (caller_is_allowed(connection->fd) && receive_request(connection, &arena, &texts, &count) == 0) {
        run_request(connection, texts, count, &arena);
    }
    for (size_t i = 0; i < 3; i++) {
        if (connection->streams[i] >= 0) {
            close(connection->streams[i]);
        }
    }
    close(connection->fd);
    free(connection);
    pthread_mutex_lock(&server->lock);
    server->running--;
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->lock);
    return NULL;
}

static void start_connection(struct handover_server *server, int fd)
{
    struct connection *connection = calloc(1, sizeof(*connection));
    pthread_t thread;
    if (connection) {
        *connection = (struct connection){.server = server, .fd = fd, .streams = {-1, -1, -1}};
        pthread_mutex_lock(&server->lock);
        server->running++;
        pthread_mutex_unlock(&server->lock);
        if (pthread_create(&thread, NULL, serve_connection, connection) == 0) {
            pthread_detach(thread);
            return;
        }
        pthread_mutex_lock(&server->lock);
        server->running--;
        pthread_mutex_unlock(&server->lock);
    }
    free(connection);
    close(fd);
}

static void wait_for_room(struct handover_server *server)
{
    pthread_mutex_lock(&server->lock);
    while (server->running >= COMMANDS_MAX && !server->stopping) {
        pthread_cond_wait(&server->changed, &server->lock);
    }
    pthread_mutex_unlock(&server->lock);
}

static void *accept_connections(void *context)
{
    struct handover_server *server = context;
    for (;;) {
        wait_for_room(server);
        struct pollfd ready[2] = {{.fd = server->listener, .events = POLLIN}, {.fd = server->wake, .events = POLLIN}};
        if (poll(ready, 2, -1) < 0 && errno != EINTR) {
            return NULL;
        }
        if (ready[1].revents) {
            return NULL;
        }
        if (ready[0].revents & POLLIN) {
            int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
            if (fd >= 0) {
                start_connection(server, fd);
            }
        }
    }
}

static int listen_in(const char *folder, int *ret_listener, struct err *err)
{
    struct sockaddr_un address;
    int folder_fd;
    if (handover_address(folder, &address, &folder_fd, err)) {
        return -1;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    (void)unlinkat(folder_fd, HANDOVER_SOCKET, 0);
    /* The mode must hold from the first moment: fchmod on the socket sets what bind gives the file. */
    int failed = fd < 0 || fchmod(fd, 0600) || bind(fd, (const struct sockaddr *)&address, sizeof(address)) ||
                 fchmodat(folder_fd, HANDOVER_SOCKET, 0600, 0) || listen(fd, 64);
    int cause = errno;
    close(folder_fd);
    if (failed) {
        if (fd >= 0) {
            close(fd);
        }
        return err_set(err, ERR_IO, "%s/%s: %s", folder, HANDOVER_SOCKET, strerror(cause));
    }
    *ret_listener = fd;
    return 0;
}

int handover_start(struct store *store, struct handover_server **ret_server, struct err *err)
{
    struct handover_server *server = calloc(1, sizeof(*server));
    if (!server) {
        return err_set(err, ERR_INTERNAL, "no memory is left");
    }
    server->store = store;
    if (listen_in(store_folder(store), &server->listener, err)) {
        free(server);
        return -1;
    }
    server->wake = eventfd(0, EFD_CLOEXEC);
    pthread_mutex_init(&server->lock, NULL);
    pthread_cond_init(&server->changed, NULL);
    if (server->wake < 0 || pthread_create(&server->thread, NULL, accept_connections, server)) {
        close(server->listener);
        if (server->wake >= 0) {
            close(server->wake);
        }
        free(server);
        return err_set(err, ERR_INTERNAL, "no thread can be started for commands");
    }
    *ret_server = server;
    return 0;
}

static void wait_for_running(struct handover_server *server, int grace_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += grace_ms / 1000;
    pthread_mutex_lock(&server->lock);
    while (server->running > 0 && pthread_cond_timedwait(&server->changed, &server->lock, &until) == 0) {
    }
    atomic_store(&server->cancel, true);
    while (server->running > 0) {
        pthread_cond_wait(&server->changed, &server->lock);
    }
    pthread_mutex_unlock(&server->lock);
}

void handover_stop(struct handover_server *server, int grace_ms)
{
    if (!server) {
        return;
    }
    struct sockaddr_un address;
    int folder_fd;
    if (handover_address(store_folder(server->store), &address, &folder_fd, NULL) == 0) {
        (void)unlinkat(folder_fd, HANDOVER_SOCKET, 0);
        close(folder_fd);
    }
    pthread_mutex_lock(&server->lock);
    server->stopping = true;
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->lock);
    (void)eventfd_write(server->wake, 1);
    pthread_join(server->thread, NULL);
    wait_for_running(server, grace_ms);
    close(server->listener);
    close(server->wake);
    pthread_mutex_destroy(&server->lock);
    pthread_cond_destroy(&server->changed);
    free(server);
}
