/* Requests to the server of a data folder: what is taken apart is text within the limits, and packs again. */
#include "fuzz.h"

#include "cli/handover.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)64 << 20);
    struct str *texts;
    size_t count;
    struct err err;
    struct str body = str_make((const char *)data, size);
    if (handover_unpack(body, &arena, &texts, &count, &err)) {
        assert(err.message[0]);
        return 0;
    }
    assert(count >= 3 && count <= HANDOVER_MAX_TEXTS && texts[0].ptr[0] == '/');
    const char **argv = (const char **)arena_alloc_array(&arena, count, sizeof(*argv));
    for (size_t i = 2; i < count; i++) {
        argv[i - 2] = texts[i].ptr;
    }
    BUF_AUTO packed;
    buf_init(&packed, 2 * HANDOVER_MAX_BYTES);
    int failed = handover_pack(texts[0], texts[1], (int)count - 2, argv, &packed, &err);
    if (!failed) {
        assert(str_eq(str_slice(buf_str(&packed), 12, packed.len), body));
    }
    return 0;
}
