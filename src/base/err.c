#include "base/err.h"

#include "base/message.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Copies as much as fits in whole characters, and a NUL. */
static void put(char *to, size_t room, struct str from)
{
    size_t len = from.len;
    if (len >= room) {
        len = room - 1;
        while (len > 0 && ((unsigned char)from.ptr[len] & 0xc0) == 0x80) {
            len--;
        }
    }
    if (len > 0) {
        memmove(to, from.ptr, len);
    }
    to[len] = '\0';
}

/* The arguments may point into err itself, so the text is made beside it. Four bytes more than a message holds, so that
 * `put` sees where the character at the cut begins. */
#define DRAFT_MAX (sizeof(((struct err *)0)->message) + 4)

static struct str draft_message(char draft[DRAFT_MAX], const char *format, va_list args)
{
    int len = vsnprintf(draft, DRAFT_MAX, message_text(format), args);
    if (len < 0) {
        return str_make(draft, 0);
    }
    return str_make(draft, (size_t)len < DRAFT_MAX ? (size_t)len : DRAFT_MAX - 1);
}

static int fill(struct err *err, enum err_code code, struct str field, const char *format, va_list args)
{
    if (err) {
        char draft[DRAFT_MAX];
        struct str message = draft_message(draft, format, args);
        err->code = code;
        put(err->field, sizeof(err->field), field);
        put(err->message, sizeof(err->message), message);
    }
    return -1;
}

int err_set(struct err *err, enum err_code code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int result = fill(err, code, STR(""), format, args);
    va_end(args);
    return result;
}

int err_set_field(struct err *err, enum err_code code, struct str field, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int result = fill(err, code, field, format, args);
    va_end(args);
    return result;
}

int err_prefix(struct err *err, const char *format, ...)
{
    if (!err) {
        return -1;
    }
    char draft[DRAFT_MAX];
    va_list args;
    va_start(args, format);
    struct str prefix = draft_message(draft, format, args);
    va_end(args);
    char whole[2 * DRAFT_MAX];
    int len = snprintf(whole, sizeof(whole), "%.*s: %s", STR_ARG(prefix), err->message);
    put(err->message, sizeof(err->message), str_make(whole, len < 0 ? 0 : (size_t)len));
    return -1;
}

const char *err_code_name(enum err_code code)
{
    switch (code) {
    case ERR_NONE:
        return "none";
    case ERR_INVALID:
        return "invalid";
    case ERR_NOT_FOUND:
        return "not-found";
    case ERR_CONFLICT:
        return "conflict";
    case ERR_DENIED:
        return "denied";
    case ERR_LIMIT:
        return "limit";
    case ERR_BUSY:
        return "busy";
    case ERR_IO:
        return "io";
    case ERR_INTERNAL:
        return "internal";
    }
    return "internal";
}
