/* A growing byte buffer with a stated maximum. Going over it sets `overflow`, and from then on nothing is added: check
 * once at the end. */
#ifndef MUSUBI_BASE_BUF_H
#define MUSUBI_BASE_BUF_H

#include "base/str.h"

#include <stdarg.h>
#include <string.h>

struct buf {
    char *ptr;
    size_t len;
    size_t capacity;
    size_t max;
    bool overflow;
};

void buf_init(struct buf *buf, size_t max);
void buf_free(struct buf *buf);
/* Empties it, keeps the memory. */
void buf_clear(struct buf *buf);
/* Makes room for `more` bytes behind what is there; false, with overflow set, when they would go over the maximum. */
bool buf_reserve(struct buf *buf, size_t more);

static inline void buf_add(struct buf *buf, struct str s)
{
    if (s.len > 0 && ((!buf->overflow && s.len <= buf->capacity - buf->len) || buf_reserve(buf, s.len))) {
        memcpy(buf->ptr + buf->len, s.ptr, s.len);
        buf->len += s.len;
    }
}

static inline void buf_add_byte(struct buf *buf, char byte)
{
    if ((!buf->overflow && buf->len < buf->capacity) || buf_reserve(buf, 1)) {
        buf->ptr[buf->len++] = byte;
    }
}

void buf_add_format(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_add_int64(struct buf *buf, int64_t number);
#define buf_add_literal(buf, literal) buf_add((buf), STR(literal))
/* What it holds, borrowed until the next change. */
struct str buf_str(const struct buf *buf);
/* Hands the memory to the caller, who frees it with free(); the buffer is empty afterwards. Never NULL. */
char *buf_take(struct buf *buf, size_t *ret_len);

#define BUF_AUTO __attribute__((cleanup(buf_free))) struct buf

#endif
