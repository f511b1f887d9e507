/* Answers: status line, headers, problem documents. */
#include "web/http_internal.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct {
    int status;
    const char *title;
} titles[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
};

const char *http_status_title(int status)
{
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++) {
        if (titles[i].status == status) {
            return titles[i].title;
        }
    }
    return "Error";
}

struct str http_date_format(int64_t unix_seconds, char text[HTTP_DATE_MAX])
{
    static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)unix_seconds;
    struct tm tm;
    gmtime_r(&seconds, &tm);
    int length = snprintf(text, HTTP_DATE_MAX, "%s, %02u %s %04u %02u:%02u:%02u GMT", days[tm.tm_wday],
                          (unsigned)tm.tm_mday % 100, months[tm.tm_mon], (unsigned)(tm.tm_year + 1900) % 10000,
                          (unsigned)tm.tm_hour % 100, (unsigned)tm.tm_min % 100, (unsigned)tm.tm_sec % 100);
    return str_make(text, (size_t)length);
}

void http_response_header(struct http_response *response, const char *name, struct str value)
{
    assert(response->header_count < sizeof response->headers / sizeof response->headers[0]);
    response->headers[response->header_count++] = (struct http_pair){str_from_cstr(name), value};
}

struct str http_response_value(const struct http_response *response, const char *name)
{
    for (size_t i = 0; i < response->header_count; i++) {
        if (str_eq_ignoring_case(response->headers[i].name, str_from_cstr(name))) {
            return response->headers[i].value;
        }
    }
    return STR("");
}

void http_response_init(struct http_response *response)
{
    memset(response, 0, offsetof(struct http_response, headers));
    memset(&response->ready_lines, 0, sizeof *response - offsetof(struct http_response, ready_lines));
    response->status = 200;
}

void http_response_free(struct http_response *response)
{
    buf_free(&response->owned);
    if (response->release) {
        response->release(response->release_context);
        response->release = NULL;
    }
}

static void add_header(struct buf *out, struct str name, struct str value)
{
    buf_add(out, name);
    buf_add_literal(out, ": ");
    buf_add(out, value);
    buf_add_literal(out, "\r\n");
}

/* A value with a line end in it would let whoever chose it write headers of their own. */
static bool may_go_out(const struct http_pair *headers, size_t count, struct str content_type)
{
    if (byte_set_span(&http_value_bytes, content_type) < content_type.len) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct str value = headers[i].value;
        if (byte_set_span(&http_value_bytes, value) < value.len) {
            return false;
        }
    }
    return true;
}

bool http_header_lines(const struct http_pair *headers, size_t count, struct buf *out)
{
    if (!may_go_out(headers, count, STR(""))) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        add_header(out, headers[i].name, headers[i].value);
    }
    return true;
}

static void add_status_line(struct buf *out, int status)
{
    assert(status >= 200 && status <= 599);
    if (status == 200) {
        buf_add_literal(out, "HTTP/1.1 200 OK\r\n");
        return;
    }
    if (status == 304) {
        buf_add_literal(out, "HTTP/1.1 304 Not Modified\r\n");
        return;
    }
    buf_add_literal(out, "HTTP/1.1 ");
    buf_add_int64(out, status);
    buf_add_byte(out, ' ');
    buf_add(out, str_from_cstr(http_status_title(status)));
    buf_add_literal(out, "\r\n");
}

static void add_response_headers(struct buf *out, const struct http_response *response, bool with_type)
{
    if (with_type && response->content_type.len > 0) {
        add_header(out, STR("Content-Type"), response->content_type);
    }
    for (size_t i = 0; i < response->header_count; i++) {
        add_header(out, response->headers[i].name, response->headers[i].value);
    }
    buf_add(out, response->ready_lines);
}

struct str http_answer_write_head(struct buf *out, const struct http_answer_frame *frame,
                                  const struct http_response *response)
{
    bool sound = may_go_out(response->headers, response->header_count, response->content_type);
    int status = sound ? response->status : 500;
    struct str body = response->owned.ptr ? buf_str(&response->owned) : response->body;
    bool bodiless = status == 204 || status == 304;
    if (!sound) {
        body = STR("");
    }
    add_status_line(out, status);
    add_header(out, STR("Date"), frame->date);
    if (!bodiless) {
        buf_add_literal(out, "Content-Length: ");
        buf_add_int64(out, (int64_t)body.len);
        buf_add_literal(out, "\r\n");
    }
    if (!frame->keep_alive) {
        buf_add_literal(out, "Connection: close\r\n");
    } else if (frame->http_1_0) {
        buf_add_literal(out, "Connection: keep-alive\r\n");
    }
    if (sound) {
        add_response_headers(out, response, !bodiless);
    }
    buf_add_literal(out, "\r\n");
    return bodiless || frame->without_body ? STR("") : body;
}

void http_answer_problem(struct arena *arena, struct http_response *response, int status, const char *detail)
{
    /* The details are sentences of this server; none quotes the request, so nothing needs escaping. */
    response->status = status;
    response->content_type = STR("application/problem+json");
    response->body =
        arena_format(arena, "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"detail\":\"%s\"}\n",
                     http_status_title(status), status, detail);
    http_response_header(response, "Content-Language", STR("en"));
    http_response_header(response, "Cache-Control", STR("no-store"));
    if (status == 405) {
        http_response_header(response, "Allow", STR("GET, HEAD, POST, PUT, DELETE, OPTIONS"));
    }
    if (status == 429 || status == 503) {
        http_response_header(response, "Retry-After", STR("10"));
    }
}
