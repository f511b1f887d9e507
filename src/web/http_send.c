/* Sending: usually one call to the kernel; what it does not take at once waits with the connection. */
#include "base/memory.h"
#include "web/http_serving.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/uio.h>

void http_outgoing_free(struct http_conn *conn)
{
    struct http_outgoing *outgoing = conn->outgoing;
    if (outgoing) {
        conn->outgoing = NULL;
        buf_free(&outgoing->head);
        http_response_free(&outgoing->release);
        free(outgoing);
    }
}

/* Two pieces from `skip` on; returns what was taken, 0 when the kernel takes nothing now, -1 when the connection is gone. */
static ssize_t send_pieces(int fd, struct str first, struct str second, size_t skip)
{
    size_t skip_first = skip < first.len ? skip : first.len;
    size_t skip_second = skip - skip_first;
    struct iovec pieces[2] = {{(char *)first.ptr + skip_first, first.len - skip_first}};
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = 1};
    if (second.len > skip_second) {
        pieces[1] = (struct iovec){(char *)second.ptr + skip_second, second.len - skip_second};
        message.msg_iovlen = 2;
    }
    ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL);
    if (sent < 0) {
        return errno == EAGAIN || errno == EINTR ? 0 : -1;
    }
    return sent;
}

/* The answer is out. */
static void end_answer(struct http_conn *conn)
{
    if (!conn->closing) {
        return;
    }
    /* Closing with bytes unread, those of a refused body or a line end too many, would reset the connection and could take
     * the answer away from the client: its side is read to the end first. */
    if (shutdown(conn->fd, SHUT_WR) < 0) {
        http_conn_close(conn);
        return;
    }
    http_conn_enter(conn, CONN_LINGER);
    http_conn_listen_for(conn, EPOLLIN);
}

static void send_later(struct http_conn *conn, struct http_response *response, struct str body, size_t sent)
{
    struct http_outgoing *outgoing = memory_alloc(sizeof *outgoing);
    struct str head = buf_str(&conn->loop->head_buf);
    bool owned = response->owned.ptr || response->release;
    *outgoing = (struct http_outgoing){.sent = sent, .sent_at_deadline = sent};
    buf_init(&outgoing->head, head.len + body.len);
    buf_add(&outgoing->head, head);
    if (owned) {
        outgoing->body = body;
        outgoing->release.owned = response->owned;
        outgoing->release.release = response->release;
        outgoing->release.release_context = response->release_context;
        buf_init(&response->owned, 0);
        response->release = NULL;
    } else {
        buf_add(&outgoing->head, body);
    }
    conn->outgoing = outgoing;
    http_conn_enter(conn, CONN_WRITING);
    http_conn_listen_for(conn, EPOLLOUT);
    if (conn->state == CONN_WRITING && !http_conn_account(conn)) {
        http_conn_close(conn);
    }
}

void http_send(struct http_conn *conn, struct http_response *response, const struct http_answer_frame *frame)
{
    struct buf *head = &conn->loop->head_buf;
    buf_clear(head);
    struct str body = http_answer_write_head(head, frame, response);
    ssize_t sent = send_pieces(conn->fd, buf_str(head), body, 0);
    conn->closing = !frame->keep_alive;
    if (sent < 0) {
        http_conn_close(conn);
    } else if ((size_t)sent < head->len + body.len) {
        send_later(conn, response, body, (size_t)sent);
    } else {
        end_answer(conn);
    }
    http_response_free(response);
}

void http_conn_writable(struct http_conn *conn)
{
    struct http_outgoing *outgoing = conn->outgoing;
    struct str head = buf_str(&outgoing->head);
    ssize_t sent = send_pieces(conn->fd, head, outgoing->body, outgoing->sent);
    if (sent < 0) {
        http_conn_close(conn);
        return;
    }
    outgoing->sent += (size_t)sent;
    if (outgoing->sent < head.len + outgoing->body.len) {
        return;
    }
    http_outgoing_free(conn);
    http_conn_account(conn);
    end_answer(conn);
    if (conn->state == CONN_WRITING) {
        http_conn_listen_for(conn, EPOLLIN);
    }
    if (conn->state == CONN_WRITING) {
        http_conn_enter(conn, CONN_IDLE);
        http_conn_continue(conn);
    }
}
