/* Requests: however the bytes are cut into pieces, the same is read or refused; what is accepted is as http.h promises. */
#include "fuzz.h"

#include "web/http_internal.h"

#include <string.h>

#define MAX_HEADER ((size_t)4096)
#define ENOUGH_BYTES ((size_t)64 * 1024 * 1024)

static bool is_plain(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c < 0x20 || c == 0x7f) {
            return false;
        }
    }
    return true;
}

static void check_request(const struct http_head *head)
{
    const struct http_request *request = &head->request;
    size_t hosts = 0;
    assert(request->method < HTTP_OTHER);
    assert(request->path.len > 0 && request->path.ptr[0] == '/');
    assert(str_is_utf8(request->path) && is_plain(request->path));
    assert(str_find(request->path, STR("//")) == SIZE_MAX);
    assert(str_find(request->path, STR("/../")) == SIZE_MAX && !str_ends_with(request->path, STR("/..")));
    assert(request->header_count <= HTTP_MAX_HEADERS);
    for (size_t i = 0; i < request->header_count; i++) {
        assert(byte_set_span(&http_value_bytes, request->headers[i].value) == request->headers[i].value.len);
        hosts += str_eq_ignoring_case(request->headers[i].name, STR("host"));
    }
    for (size_t i = 0; i < request->query_count; i++) {
        assert(str_is_utf8(request->query[i].name) && str_is_utf8(request->query[i].value));
    }
    assert(hosts == 1);
    assert(!(head->chunked && head->has_length));
}

/* Returns what http_head_find_end says when the bytes come in pieces of this size. */
static enum http_progress find_end(struct str bytes, size_t piece, struct http_head_scan *scan, size_t *ret_length)
{
    struct http_refusal refusal;
    enum http_progress progress = HTTP_MORE;
    *scan = (struct http_head_scan){0};
    for (size_t len = 0; len < bytes.len && progress == HTTP_MORE;) {
        len = bytes.len - len < piece ? bytes.len : len + piece;
        progress = http_head_find_end(str_slice(bytes, 0, len), MAX_HEADER, scan, ret_length, &refusal);
    }
    return progress;
}

/* Decodes a chunked body in place, as the server does. */
static enum http_progress decode(struct str bytes, size_t piece, struct buf *out, size_t *ret_used)
{
    struct http_chunked chunked = {0};
    struct err err = {0};
    enum http_progress progress = HTTP_MORE;
    size_t used = 0;
    while (used < bytes.len && progress == HTTP_MORE) {
        struct str part = str_slice(bytes, used, used + piece);
        size_t part_used = 0;
        size_t written = 0;
        size_t before = out->len;
        buf_add(out, part);
        progress = http_chunked_feed(&chunked, str_make(out->ptr + before, part.len), out->ptr + before, &part_used,
                                     &written, &err);
        assert(progress == HTTP_REFUSED ? err.message[0] != '\0' : written <= part_used && part_used <= part.len);
        out->len = before + written;
        used += part_used;
    }
    *ret_used = used;
    return progress;
}

static void check_chunked(struct str bytes, size_t piece)
{
    BUF_AUTO whole;
    BUF_AUTO pieces;
    size_t whole_used = 0;
    size_t pieces_used = 0;
    buf_init(&whole, ENOUGH_BYTES);
    buf_init(&pieces, ENOUGH_BYTES);
    enum http_progress first = decode(bytes, bytes.len, &whole, &whole_used);
    enum http_progress second = decode(bytes, piece, &pieces, &pieces_used);
    assert(first == second);
    if (first == HTTP_DONE) {
        assert(whole_used == pieces_used && str_eq(buf_str(&whole), buf_str(&pieces)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ARENA_AUTO arena;
    arena_init(&arena, ENOUGH_BYTES);
    if (size < 1) {
        return 0;
    }
    size_t piece = (size_t)data[0] + 1;
    struct str bytes = str_make((const char *)data + 1, size - 1);
    struct http_head_scan scan;
    struct http_head_scan again;
    size_t length = 0;
    size_t length_again = 0;
    enum http_progress progress = find_end(bytes, bytes.len, &scan, &length);
    assert(find_end(bytes, piece, &again, &length_again) == progress);
    if (progress != HTTP_DONE) {
        return 0;
    }
    assert(length == length_again && scan.lines == again.lines);
    struct http_head_limits limits = {scan.lines, MAX_HEADER / 2};
    struct http_head head;
    struct http_refusal refusal = {0};
    if (http_head_read(&arena, str_slice(bytes, 0, length), &limits, &head, &refusal) < 0) {
        assert(refusal.status >= 400 && refusal.status <= 505 && refusal.err.message[0]);
        return 0;
    }
    check_request(&head);
    if (head.chunked) {
        check_chunked(str_slice(bytes, length, bytes.len), piece);
    }
    return 0;
}
