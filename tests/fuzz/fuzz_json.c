/* JSON: what is read, written and read again is the same. */
#include "fuzz.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/value.h"

#define ENOUGH_BYTES ((size_t)64 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ARENA_AUTO arena;
    arena_init(&arena, ENOUGH_BYTES);
    struct err err = {0};
    struct value *value = NULL;
    if (json_read(&arena, str_make((const char *)data, size), NULL, &value, &err) < 0) {
        assert(err.message[0] >= '1' && err.message[0] <= '9' && str_is_utf8(str_from_cstr(err.message)));
        return 0;
    }
    struct buf first;
    buf_init(&first, ENOUGH_BYTES);
    value_write_canonical_json(&first, value);
    struct value *again = NULL;
    int result = json_read(&arena, str_make(first.ptr, first.len), NULL, &again, &err);
    assert(result == 0 && value_equal(value, again) && value_equal(value_copy(&arena, value), again));
    struct buf second;
    buf_init(&second, ENOUGH_BYTES);
    value_write_canonical_json(&second, again);
    assert(str_eq(str_make(first.ptr, first.len), str_make(second.ptr, second.len)));
    buf_clear(&second);
    value_write_pretty_json(&second, value);
    result = json_read(&arena, buf_str(&second), NULL, &again, &err);
    assert(result == 0 && value_equal(value, again));
    buf_free(&first);
    buf_free(&second);
    return 0;
}
