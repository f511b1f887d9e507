/* Chunked bodies (RFC 9112 7.1), decoded byte by byte as they come. Extensions and trailers are read over: nobody behind
 * this server uses them, and their bytes are limited.
 *
 *   SIZE_START → SIZE → (EXTENSION →) SIZE_LF → DATA → DATA_CR → DATA_LF → SIZE_START …
 *                                     SIZE_LF → TRAILER_START → TRAILER → TRAILER_LF → TRAILER_START …
 *                                               TRAILER_START → END_LF, done                          (size 0) */
#include "web/http_internal.h"

#include <string.h>

#define MAX_SIZE_DIGITS 15
#define MAX_SIDE_BYTES 4096

enum chunk_state {
    SIZE_START,
    SIZE,
    EXTENSION,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    TRAILER_START,
    TRAILER,
    TRAILER_LF,
    END_LF,
};

static int bad(struct err *err, const char *message)
{
    return err_set(err, ERR_INVALID, "%s", message);
}

static int size_byte(struct http_chunked *c, char byte, struct err *err)
{
    int digit = hex_digit(byte);
    if (digit >= 0) {
        if (c->digits == MAX_SIZE_DIGITS) {
            return bad(err, "a chunk is too large");
        }
        c->digits++;
        c->left = c->left * 16 + (uint64_t)digit;
        c->state = SIZE;
    } else if (c->state == SIZE && byte == '\r') {
        c->state = SIZE_LF;
    } else if (c->state == SIZE && byte == ';') {
        c->state = EXTENSION;
    } else {
        return bad(err, "a chunk must begin with its size in hexadecimal digits");
    }
    return 0;
}

/* Bytes of extensions and trailers: text up to CR. */
static int side_byte(struct http_chunked *c, char byte, enum chunk_state next, struct err *err)
{
    if (++c->side_bytes > MAX_SIDE_BYTES) {
        return bad(err, "the chunks have too long extensions or trailers");
    }
    if (byte == '\r') {
        c->state = (int)next;
    } else if (!byte_set_has(&http_value_bytes, byte)) {
        return bad(err, "a chunk extension or trailer contains a control character");
    }
    return 0;
}

static int expect_byte(struct http_chunked *c, char byte, char expected, enum chunk_state next, struct err *err)
{
    if (byte != expected) {
        return bad(err, "a chunk does not end with CR LF");
    }
    c->state = (int)next;
    return 0;
}

static int framing_byte(struct http_chunked *c, char byte, struct err *err)
{
    switch ((enum chunk_state)c->state) {
    case SIZE_START:
    case SIZE:
        return size_byte(c, byte, err);
    case EXTENSION:
        return side_byte(c, byte, SIZE_LF, err);
    case SIZE_LF:
        c->digits = 0;
        return expect_byte(c, byte, '\n', c->left > 0 ? DATA : TRAILER_START, err);
    case DATA_CR:
        return expect_byte(c, byte, '\r', DATA_LF, err);
    case DATA_LF:
        return expect_byte(c, byte, '\n', SIZE_START, err);
    case TRAILER_START:
        if (byte == '\r') {
            c->state = END_LF;
            return 0;
        }
        c->state = TRAILER;
        if (!byte_set_has(&http_token_bytes, byte)) {
            return bad(err, "a trailer line must be: name, colon, value");
        }
        return side_byte(c, byte, TRAILER_LF, err);
    case TRAILER:
        return side_byte(c, byte, TRAILER_LF, err);
    case TRAILER_LF:
        return expect_byte(c, byte, '\n', TRAILER_START, err);
    case DATA:
    case END_LF:
        break;
    }
    return 0;
}

enum http_progress http_chunked_feed(struct http_chunked *chunked, struct str in, char *out, size_t *ret_used,
                                     size_t *ret_written, struct err *err)
{
    size_t used = 0;
    size_t written = 0;
    while (used < in.len) {
        if (chunked->state == DATA) {
            size_t take = in.len - used < chunked->left ? in.len - used : (size_t)chunked->left;
            memmove(out + written, in.ptr + used, take);
            used += take;
            written += take;
            chunked->left -= take;
            if (chunked->left == 0) {
                chunked->state = DATA_CR;
            }
        } else if (chunked->state == END_LF) {
            bool ended = in.ptr[used] == '\n';
            *ret_used = used + 1;
            *ret_written = written;
            return ended ? HTTP_DONE : (bad(err, "the last chunk does not end with CR LF"), HTTP_REFUSED);
        } else if (framing_byte(chunked, in.ptr[used++], err) < 0) {
            return HTTP_REFUSED;
        }
    }
    *ret_used = used;
    *ret_written = written;
    return HTTP_MORE;
}
