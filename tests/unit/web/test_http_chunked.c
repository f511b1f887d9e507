#include "unit.h"

#include "web/http_internal.h"

struct decoding {
    char out[4096];
    size_t written;
    size_t used;
    enum http_progress progress;
    struct err err;
};

/* Decodes in place, as the server does, with the bytes coming in pieces of that size. */
static void decode(struct decoding *d, struct str bytes, size_t piece)
{
    struct http_chunked chunked = {0};
    memset(d, 0, sizeof *d);
    assert_true(bytes.len < sizeof d->out);
    d->progress = HTTP_MORE;
    while (d->used < bytes.len && d->progress == HTTP_MORE) {
        size_t take = bytes.len - d->used < piece ? bytes.len - d->used : piece;
        size_t used = 0;
        size_t written = 0;
        memcpy(d->out + d->written, bytes.ptr + d->used, take);
        d->progress = http_chunked_feed(&chunked, str_make(d->out + d->written, take), d->out + d->written, &used,
                                        &written, &d->err);
        d->used += used;
        d->written += written;
    }
}

static void bodies_are_decoded_however_they_are_cut(void **state)
{
    (void)state;
    struct str bytes = STR("5\r\nhello\r\n00001;name=\"v\"\r\n \r\nA \r\n");
    struct str whole =
        STR("5\r\nhello\r\n00001;name=\"v\"\r\n \r\na\r\n0123456789\r\n0;x\r\nTrailer: y\r\nB:\r\n\r\nnext");
    for (size_t piece = 1; piece <= whole.len; piece++) {
        struct decoding d;
        decode(&d, whole, piece);
        assert_int_equal(d.progress, HTTP_DONE);
        assert_int_equal(d.used, whole.len - 4);
        assert_int_equal(d.written, 16);
        assert_memory_equal(d.out, "hello 0123456789", 16);
        decode(&d, bytes, piece);
        assert_int_equal(d.progress, HTTP_REFUSED);
    }
}

static void unclear_framing_is_refused(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "\r\n",
        "g\r\n",
        "-1\r\n",
        "+1\r\n",
        "0x1\r\n",
        " 1\r\n",
        "1 \r\n",
        "1\na",
        "1\r\na\n",
        "1\r\nab\r\n",
        "1\r\na\r\r",
        "1;a\nb\r\n",
        "1;a\x01\r\n",
        "0\n\n",
        "0\r\n\n",
        "0\r\nA\x7f: b\r\n",
        "0\r\n: b\r\n\r\n",
        "0\r\n b\r\n\r\n",
        "1000000000000000\r\n",
        "0000000000000001\r\n",
        "0\r\nA: b\n\r\n",
        "1;\r\r\n",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        struct decoding d;
        decode(&d, str_from_cstr(bodies[i]), 3);
        if (d.progress != HTTP_REFUSED || !d.err.message[0]) {
            fail_msg("body %zu is not refused", i);
        }
    }
}

static void endless_extensions_and_trailers_are_refused(void **state)
{
    (void)state;
    struct http_chunked chunked = {0};
    struct err err = {0};
    size_t used;
    size_t written;
    char out[100];
    char filler[100];
    enum http_progress progress = http_chunked_feed(&chunked, STR("1;"), out, &used, &written, &err);
    memset(filler, 'x', sizeof filler);
    for (int i = 0; i < 40; i++) {
        assert_int_equal(progress, HTTP_MORE);
        progress = http_chunked_feed(&chunked, str_make(filler, sizeof filler), out, &used, &written, &err);
    }
    progress = http_chunked_feed(&chunked, str_make(filler, sizeof filler), out, &used, &written, &err);
    assert_int_equal(progress, HTTP_REFUSED);
}

UNIT_TESTS(TEST(bodies_are_decoded_however_they_are_cut), TEST(unclear_framing_is_refused),
           TEST(endless_extensions_and_trailers_are_refused))
