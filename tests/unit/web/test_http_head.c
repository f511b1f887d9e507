#include "unit.h"

#include "web/http_internal.h"

#define MAX_HEADER 2000

struct reading {
    struct arena arena;
    struct http_head head;
    struct http_refusal refusal;
    size_t length;
    enum http_progress progress;
};

static void reading_free(struct reading *reading)
{
    arena_free(&reading->arena);
}

#define READING __attribute__((cleanup(reading_free))) struct reading

/* Reads as the server does, with the bytes coming in pieces of that size. */
static void read_in_pieces(struct reading *r, struct str bytes, size_t piece)
{
    struct http_head_scan scan = {0};
    memset(r, 0, sizeof *r);
    arena_init(&r->arena, 1 << 24);
    r->progress = HTTP_MORE;
    for (size_t len = 0; len < bytes.len && r->progress == HTTP_MORE;) {
        len = len + piece > bytes.len ? bytes.len : len + piece;
        r->progress = http_head_find_end(str_slice(bytes, 0, len), MAX_HEADER, &scan, &r->length, &r->refusal);
    }
    if (r->progress != HTTP_DONE) {
        return;
    }
    struct http_head_limits limits = {scan.lines, MAX_HEADER / 2};
    if (http_head_read(&r->arena, str_slice(bytes, 0, r->length), &limits, &r->head, &r->refusal) < 0) {
        r->progress = HTTP_REFUSED;
    }
}

static void assert_text(struct str actual, const char *expected)
{
    if (!str_eq(actual, str_from_cstr(expected))) {
        fail_msg("'%.*s' is not '%s'", STR_ARG(actual), expected);
    }
}

static void a_request_is_read_however_it_is_cut(void **state)
{
    (void)state;
    struct str bytes = STR("POST /a/b?c=d HTTP/1.1\r\nHost: example.org:8080\r\nContent-Length:  12 \r\n"
                           "X-Forwarded-For: 10.0.0.1, 192.0.2.7\r\nX-Forwarded-Proto:https\r\nX-Empty:\r\n\r\nbody");
    for (size_t piece = 1; piece <= bytes.len; piece++) {
        READING r;
        read_in_pieces(&r, bytes, piece);
        assert_int_equal(r.progress, HTTP_DONE);
        assert_int_equal(r.length, bytes.len - 4);
        assert_int_equal(r.head.request.method, HTTP_POST);
        assert_text(r.head.request.path, "/a/b");
        assert_text(r.head.request.raw_target, "/a/b?c=d");
        assert_int_equal(r.head.request.header_count, 5);
        assert_text(http_header(&r.head.request, "HOST"), "example.org:8080");
        assert_text(http_header(&r.head.request, "x-empty"), "");
        assert_text(r.head.forwarded_for, "192.0.2.7");
        assert_text(r.head.forwarded_proto, "https");
        assert_int_equal(r.head.content_length, 12);
        assert_true(r.head.keep_alive);
        assert_false(r.head.chunked);
    }
}

static void connections_are_kept_as_the_versions_say(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        bool keep;
    } cases[] = {
        {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
        {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false},
        {"GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n", false},
        {"GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n", false},
        {"GET / HTTP/1.0\r\nHost: a\r\n\r\n", false},
        {"GET / HTTP/1.0\r\nHost: a\r\nConnection: Keep-Alive\r\n\r\n", true},
        {"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        READING r;
        read_in_pieces(&r, str_from_cstr(cases[i].bytes), 1000);
        assert_int_equal(r.progress, HTTP_DONE);
        assert_int_equal(r.head.keep_alive, cases[i].keep);
    }
}

struct refused {
    struct str bytes;
    int status;
    const char *part_of_message;
};
#define REFUSED(bytes, status, part) \
    {                                \
        STR(bytes), status, part     \
    }
#define GET "GET / HTTP/1.1\r\n"
#define HOST "Host: a\r\n"

static const struct refused refused_requests[] = {
    REFUSED("GET / HTTP/1.1\nHost: a\n\n", 400, "LF alone"),
    REFUSED(GET "Host: a\n\r\n", 400, "LF alone"),
    REFUSED(GET HOST "\n", 400, "LF alone"),
    REFUSED("\nGET / HTTP/1.1\r\n" HOST "\r\n", 400, "LF alone"),
    REFUSED(GET "Host: a\rX: b\r\n\r\n", 400, "control character"),
    REFUSED(GET HOST "X: a\0b\r\n\r\n", 400, "control character"),
    REFUSED(GET HOST "X: a\x7f\r\n\r\n", 400, "control character"),
    REFUSED(GET HOST "X: a\r\n b\r\n\r\n", 400, "folding"),
    REFUSED(GET " Host: a\r\n\r\n", 400, "folding"),
    REFUSED(GET HOST "X : a\r\n\r\n", 400, "name, colon, value"),
    REFUSED(GET HOST ": a\r\n\r\n", 400, "name, colon, value"),
    REFUSED(GET HOST "X\r\n\r\n", 400, "name, colon, value"),
    REFUSED(GET HOST "X\0: a\r\n\r\n", 400, "name, colon, value"),
    REFUSED(GET HOST "(x): a\r\n\r\n", 400, "name, colon, value"),
    REFUSED(GET "\r\n", 400, "exactly one Host"),
    REFUSED("GET / HTTP/1.0\r\n\r\n", 400, "exactly one Host"),
    REFUSED(GET HOST HOST "\r\n", 400, "exactly one Host"),
    REFUSED(GET "Host:\r\n\r\n", 400, "name of a host"),
    REFUSED(GET "Host: a b\r\n\r\n", 400, "name of a host"),
    REFUSED(GET "Host: a/b\r\n\r\n", 400, "name of a host"),
    REFUSED(GET "Host: a@b\r\n\r\n", 400, "name of a host"),
    REFUSED(GET HOST "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", 400, "more than once"),
    REFUSED(GET HOST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "both given"),
    REFUSED(GET HOST "Content-Length: 5, 5\r\n\r\n", 400, "decimal number"),
    REFUSED(GET HOST "Content-Length: +5\r\n\r\n", 400, "decimal number"),
    REFUSED(GET HOST "Content-Length: -5\r\n\r\n", 400, "decimal number"),
    REFUSED(GET HOST "Content-Length: 0x5\r\n\r\n", 400, "decimal number"),
    REFUSED(GET HOST "Content-Length:\r\n\r\n", 400, "decimal number"),
    REFUSED(GET HOST "Content-Length: 99999999999999999999\r\n\r\n", 413, "too large"),
    REFUSED(GET HOST "Transfer-Encoding: xchunked\r\n\r\n", 400, "only transfer coding"),
    REFUSED(GET HOST "Transfer-Encoding: gzip, chunked\r\n\r\n", 400, "only transfer coding"),
    REFUSED(GET HOST "Transfer-Encoding: chunked, chunked\r\n\r\n", 400, "only transfer coding"),
    REFUSED(GET HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "only transfer coding"),
    REFUSED(GET HOST "Transfer-Encoding: \"chunked\"\r\n\r\n", 400, "only transfer coding"),
    REFUSED(GET HOST "Transfer-Encoding:\r\n\r\n", 400, "only transfer coding"),
    REFUSED("GET / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "only transfer coding"),
    REFUSED(GET HOST "Expect: miracles\r\n\r\n", 417, "100-continue"),
    REFUSED("FOO / HTTP/1.1\r\n" HOST "\r\n", 405, "not served"),
    REFUSED("get / HTTP/1.1\r\n" HOST "\r\n", 405, "not served"),
    REFUSED("CONNECT a:443 HTTP/1.1\r\n" HOST "\r\n", 405, "not served"),
    REFUSED("G\0T / HTTP/1.1\r\n" HOST "\r\n", 400, "begin with a method"),
    REFUSED(" / HTTP/1.1\r\n" HOST "\r\n", 400, "begin with a method"),
    REFUSED("GET  / HTTP/1.1\r\n" HOST "\r\n", 400, "request line"),
    REFUSED("GET / HTTP/1.1 \r\n" HOST "\r\n", 400, "HTTP/1.1 or HTTP/1.0"),
    REFUSED("GET /\t HTTP/1.1\r\n" HOST "\r\n", 400, "must be written as"),
    REFUSED("GET /\r\n" HOST "\r\n", 400, "request line"),
    REFUSED("GET\r\n\r\n", 400, "request line"),
    REFUSED("\r\n\r\n", 400, "request line"),
    REFUSED("GET / HTTP/1.2\r\n" HOST "\r\n", 400, "HTTP/1.1 or HTTP/1.0"),
    REFUSED("GET / http/1.1\r\n" HOST "\r\n", 400, "HTTP/1.1 or HTTP/1.0"),
    REFUSED("GET / HTTP/2.0\r\n" HOST "\r\n", 505, "only HTTP/1.1"),
    REFUSED("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "only HTTP/1.1"),
    REFUSED("GET http://a/ HTTP/1.1\r\n" HOST "\r\n", 400, "begins with '/'"),
    REFUSED("OPTIONS * HTTP/1.1\r\n" HOST "\r\n", 400, "begins with '/'"),
    REFUSED("\x16\x03\x01\x02\x01\r\n\r\n", 400, "request line"),
};

static void what_can_be_read_in_two_ways_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused_requests / sizeof refused_requests[0]; i++) {
        const struct refused *refused = &refused_requests[i];
        for (size_t piece = 1; piece < 1000; piece += 998) {
            READING r;
            read_in_pieces(&r, refused->bytes, piece);
            if (r.progress != HTTP_REFUSED || r.refusal.status != refused->status ||
                !strstr(r.refusal.err.message, refused->part_of_message)) {
                fail_msg("case %zu: progress %d, status %d, %s", i, (int)r.progress, r.refusal.status,
                         r.refusal.err.message);
            }
        }
    }
}

static struct str long_request(char *out, const char *start, size_t fill, const char *end)
{
    size_t start_len = strlen(start);
    size_t end_len = strlen(end);
    memcpy(out, start, start_len);
    memset(out + start_len, 'a', fill);
    memcpy(out + start_len + fill, end, end_len);
    return str_make(out, start_len + fill + end_len);
}

static void what_is_too_long_is_refused(void **state)
{
    (void)state;
    char out[MAX_HEADER * 4];
    READING target;
    read_in_pieces(&target, long_request(out, "GET /", MAX_HEADER / 2, " HTTP/1.1\r\nHost: a\r\n\r\n"), 100);
    assert_int_equal(target.refusal.status, 414);
    READING endless;
    read_in_pieces(&endless, long_request(out, "GET /", MAX_HEADER * 2, ""), 100);
    assert_int_equal(endless.refusal.status, 414);
    READING header;
    read_in_pieces(&header, long_request(out, "GET / HTTP/1.1\r\nHost: a\r\nX: ", MAX_HEADER, "\r\n\r\n"), 100);
    assert_int_equal(header.refusal.status, 431);
}

static void too_many_headers_are_refused(void **state)
{
    (void)state;
    char out[MAX_HEADER];
    size_t len = (size_t)snprintf(out, sizeof out, GET HOST);
    for (int i = 0; i < HTTP_MAX_HEADERS; i++) {
        len += (size_t)snprintf(out + len, sizeof out - len, "X:%d\r\n", i);
    }
    len += (size_t)snprintf(out + len, sizeof out - len, "\r\n");
    READING r;
    read_in_pieces(&r, str_make(out, len), 100);
    assert_int_equal(r.refusal.status, 431);
}

UNIT_TESTS(TEST(a_request_is_read_however_it_is_cut), TEST(connections_are_kept_as_the_versions_say),
           TEST(what_can_be_read_in_two_ways_is_refused), TEST(what_is_too_long_is_refused),
           TEST(too_many_headers_are_refused))
