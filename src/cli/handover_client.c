#include "cli/handover.h"

#include "base/message.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int connect_to(const char *folder, int *ret_fd, struct err *err)
{
    struct sockaddr_un address;
    int folder_fd;
    if (handover_address(folder, &address, &folder_fd, err)) {
        return -1;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int failed = fd < 0 ? -1 : connect(fd, (const struct sockaddr *)&address, sizeof(address));
    int cause = errno;
    close(folder_fd);
    if (failed) {
        if (fd >= 0) {
            close(fd);
        }
        bool nobody = cause == ENOENT || cause == ECONNREFUSED;
        return err_set(err, nobody ? ERR_BUSY : ERR_IO, "%s/%s: %s", folder, HANDOVER_SOCKET, strerror(cause));
    }
    *ret_fd = fd;
    return 0;
}

/* The streams travel with the first byte; the rest follows as the socket takes it. */
static int send_request(int fd, const struct cli *cli, struct str bytes, struct err *err)
{
    int streams[3] = {cli->in, cli->out, cli->err};
    union {
        struct cmsghdr align;
        char room[CMSG_SPACE(sizeof(streams))];
    } control = {0};
    bool first = true;
    while (bytes.len > 0) {
        struct iovec part = {.iov_base = (void *)bytes.ptr, .iov_len = bytes.len};
        struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
        if (first) {
            message.msg_control = control.room;
            message.msg_controllen = sizeof(control.room);
            struct cmsghdr *header = CMSG_FIRSTHDR(&message);
            header->cmsg_level = SOL_SOCKET;
            header->cmsg_type = SCM_RIGHTS;
            header->cmsg_len = CMSG_LEN(sizeof(streams));
            memcpy(CMSG_DATA(header), streams, sizeof(streams));
        }
        ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent < 0) {
            return err_set(err, ERR_IO, "the server of this data folder took no command: %s", strerror(errno));
        }
        first = false;
        bytes = str_slice(bytes, (size_t)sent, bytes.len);
    }
    return 0;
}

static int receive_code(int fd, struct err *err)
{
    uint32_t code;
    size_t have = 0;
    while (have < sizeof(code)) {
        ssize_t got = recv(fd, (char *)&code + have, sizeof(code) - have, 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return err_set(err, ERR_IO, "the server of this data folder went away before it answered");
        }
        have += (size_t)got;
    }
    return code <= CLI_USAGE ? (int)code : CLI_REFUSED;
}

int handover_run(const struct cli *cli, const char *folder, int argc, const char *const *argv, struct err *err)
{
    BUF_AUTO request;
    buf_init(&request, HANDOVER_MAX_BYTES + 64);
    int fd = -1;
    const struct message_catalogue *messages = message_used();
    struct str lang = messages ? str_from_cstr(messages->lang) : STR("");
    if (handover_pack(cli->cwd, lang, argc, argv, &request, err) || connect_to(folder, &fd, err)) {
        return -1;
    }
    int code = send_request(fd, cli, buf_str(&request), err) ? -1 : receive_code(fd, err);
    close(fd);
    return code;
}
