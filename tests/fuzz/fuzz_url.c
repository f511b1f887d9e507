/* Queries and forms: what is read, written with percent signs and read again is the same; and targets keep their promises. */
#include "fuzz.h"

#include "web/http_internal.h"

#define ENOUGH_BYTES ((size_t)64 * 1024 * 1024)

static void check_form(struct arena *arena, struct str text)
{
    struct http_pair *pairs = NULL;
    struct http_pair *again = NULL;
    size_t count = 0;
    size_t count_again = 0;
    struct err err = {0};
    if (http_form_read(arena, text, HTTP_MAX_QUERY_PAIRS, &pairs, &count, &err) < 0) {
        assert(err.message[0]);
        return;
    }
    BUF_AUTO buf;
    buf_init(&buf, ENOUGH_BYTES);
    for (size_t i = 0; i < count; i++) {
        assert(str_is_utf8(pairs[i].name) && str_is_utf8(pairs[i].value));
        http_percent_encode(&buf, pairs[i].name);
        buf_add_byte(&buf, '=');
        http_percent_encode(&buf, pairs[i].value);
        buf_add_byte(&buf, '&');
    }
    int result = http_form_read(arena, buf_str(&buf), HTTP_MAX_QUERY_PAIRS + 1, &again, &count_again, &err);
    assert(result == 0 && count_again == count);
    for (size_t i = 0; i < count; i++) {
        assert(str_eq(pairs[i].name, again[i].name) && str_eq(pairs[i].value, again[i].value));
    }
}

static void check_target(struct arena *arena, struct str text)
{
    struct http_request request = {0};
    struct http_request again = {0};
    struct err err = {0};
    if (http_target_read(arena, text, &request, &err) < 0) {
        assert(err.message[0]);
        return;
    }
    /* A decoded path, written anew, is read as the same path: nothing in it can be taken for something else. */
    BUF_AUTO buf;
    buf_init(&buf, ENOUGH_BYTES);
    struct str rest = request.path;
    struct str segment;
    bool done = false;
    for (bool first = true; str_next_part(&rest, '/', &done, &segment); first = false) {
        if (!first) {
            buf_add_byte(&buf, '/');
        }
        http_percent_encode(&buf, segment);
    }
    int result = http_target_read(arena, buf_str(&buf), &again, &err);
    assert(result == 0 && str_eq(request.path, again.path));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ARENA_AUTO arena;
    struct str text = str_make((const char *)data, size);
    arena_init(&arena, ENOUGH_BYTES);
    check_form(&arena, text);
    check_target(&arena, text);
    return 0;
}
