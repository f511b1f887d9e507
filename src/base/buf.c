#include "base/buf.h"

#include "base/memory.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 256

void buf_init(struct buf *buf, size_t max)
{
    *buf = (struct buf){.max = max};
}

void buf_free(struct buf *buf)
{
    if (buf) {
        free(buf->ptr);
        buf_init(buf, buf->max);
    }
}

void buf_clear(struct buf *buf)
{
    buf->len = 0;
    buf->overflow = false;
}

bool buf_reserve(struct buf *buf, size_t more)
{
    if (buf->overflow || more > buf->max - buf->len) {
        buf->overflow = true;
        return false;
    }
    size_t needed = buf->len + more;
    if (needed > buf->capacity) {
        size_t capacity = buf->capacity < FIRST_CAPACITY ? FIRST_CAPACITY : buf->capacity;
        while (capacity < needed) {
            capacity = capacity > buf->max / 2 ? buf->max : capacity * 2;
        }
        capacity = capacity > buf->max ? buf->max : capacity; /* what is added in the header goes by it alone */
        buf->ptr = memory_resize(buf->ptr, capacity);
        buf->capacity = capacity;
    }
    return true;
}

void buf_add_format(struct buf *buf, const char *format, ...)
{
    char small[256];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(small, sizeof(small), format, args);
    va_end(args);
    assert(len >= 0); /* only a wrong format fails */
    if ((size_t)len < sizeof(small)) {
        buf_add(buf, str_make(small, (size_t)len));
        return;
    }
    /* One byte more for the NUL, which is then not part of the content. */
    char *whole = memory_alloc((size_t)len + 1);
    va_start(args, format);
    vsnprintf(whole, (size_t)len + 1, format, args);
    va_end(args);
    buf_add(buf, str_make(whole, (size_t)len));
    free(whole);
}

void buf_add_int64(struct buf *buf, int64_t number)
{
    char digits[20]; /* 19 and a minus */
    size_t at = sizeof(digits);
    uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (number < 0) {
        digits[--at] = '-';
    }
    buf_add(buf, str_make(digits + at, sizeof(digits) - at));
}

struct str buf_str(const struct buf *buf)
{
    return buf->ptr ? str_make(buf->ptr, buf->len) : STR("");
}

char *buf_take(struct buf *buf, size_t *ret_len)
{
    char *ptr = buf->ptr ? buf->ptr : memory_alloc(1);
    *ret_len = buf->len;
    buf_init(buf, buf->max);
    return ptr;
}
