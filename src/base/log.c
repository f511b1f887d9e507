#include "base/log.h"

#include "base/buf.h"
#include "base/date.h"
#include "base/value.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <unistd.h>

/* A longer line is replaced by one that says so. */
#define LINE_MAX_BYTES ((size_t)64 * 1024)

static _Atomic enum log_level least_level = LOG_INFO;

void log_set_level(enum log_level level)
{
    atomic_store(&least_level, level);
}

static struct str level_name(enum log_level level)
{
    switch (level) {
    case LOG_DEBUG:
        return STR("debug");
    case LOG_INFO:
        return STR("info");
    case LOG_WARN:
        return STR("warn");
    case LOG_ERROR:
        return STR("error");
    }
    return STR("error");
}

/* What is logged may come from a request as it was sent: bytes that are not UTF-8 become U+FFFD, so that every line is
 * JSON. */
static void add_text(struct buf *line, struct str text)
{
    if (str_is_utf8(text)) {
        json_write_text(line, text);
        return;
    }
    BUF_AUTO clean;
    buf_init(&clean, LINE_MAX_BYTES);
    while (text.len > 0) {
        size_t valid = str_utf8_length(text);
        buf_add(&clean, str_slice(text, 0, valid));
        if (valid < text.len) {
            buf_add_literal(&clean, "\xef\xbf\xbd");
        }
        text = str_slice(text, valid + 1, text.len);
    }
    json_write_text(line, buf_str(&clean));
    line->overflow = line->overflow || clean.overflow;
}

static void add_pair(struct buf *line, struct str key, struct str value)
{
    buf_add_byte(line, ',');
    add_text(line, key);
    buf_add_byte(line, ':');
    add_text(line, value);
}

static void add_head(struct buf *line, enum log_level level, struct str event)
{
    char time[TIME_TEXT_MAX];
    size_t time_len = time_format(time_now_ms(), time);
    buf_add_literal(line, "{\"time\":");
    json_write_text(line, str_make(time, time_len));
    add_pair(line, STR("level"), level_name(level));
    add_pair(line, STR("event"), event);
}

/* One write a line, so that lines of several threads do not mix. A log that cannot be written stops nobody. */
static void send_line(struct str line)
{
    while (line.len > 0) {
        ssize_t sent = write(STDERR_FILENO, line.ptr, line.len);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent <= 0) {
            return;
        }
        line = str_slice(line, (size_t)sent, line.len);
    }
}

void log_write(enum log_level level, const char *event, int pairs, ...)
{
    if (level < atomic_load(&least_level)) {
        return;
    }
    int saved_errno = errno;
    BUF_AUTO line;
    buf_init(&line, LINE_MAX_BYTES);
    add_head(&line, level, str_from_cstr(event));
    va_list args;
    va_start(args, pairs);
    for (int i = 0; i < pairs; i++) {
        const char *key = va_arg(args, const char *);
        add_pair(&line, str_from_cstr(key), va_arg(args, struct str));
    }
    va_end(args);
    buf_add_literal(&line, "}\n");
    if (line.overflow) {
        buf_clear(&line);
        add_head(&line, level, str_slice(str_from_cstr(event), 0, 200));
        add_pair(&line, STR("note"), STR("too long to be logged whole"));
        buf_add_literal(&line, "}\n");
    }
    send_line(buf_str(&line));
    errno = saved_errno;
}
