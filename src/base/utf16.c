#include "base/utf16.h"

#include "base/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <unicode/ustring.h>

#define REPLACEMENT 0xfffd

void utf16_init(struct utf16 *text)
{
    text->ptr = text->small;
    text->len = 0;
    text->capacity = UTF16_SMALL;
}

void utf16_free(struct utf16 *text)
{
    if (text && text->ptr != text->small) {
        free(text->ptr);
        utf16_init(text);
    }
}

void utf16_make_room(struct utf16 *text, int32_t capacity)
{
    text->len = 0;
    if (capacity > text->capacity) {
        utf16_free(text);
        text->ptr = memory_alloc_array((size_t)capacity, sizeof(UChar));
        text->capacity = capacity;
    }
}

void utf16_set(struct utf16 *text, struct str s)
{
    assert(s.len < INT32_MAX / 4);         /* far above every limit on what is read */
    utf16_make_room(text, (int32_t)s.len); /* no byte makes more than one unit */
    UErrorCode status = U_ZERO_ERROR;
    u_strFromUTF8WithSub(text->ptr, text->capacity, &text->len, s.ptr ? s.ptr : "", (int32_t)s.len, REPLACEMENT, NULL,
                         &status);
    assert(U_SUCCESS(status));
}

struct str utf16_to_str(struct arena *arena, const UChar *ptr, int32_t len)
{
    /* A unit makes at most three bytes. What is short goes through the stack, so that the arena gives only what is
     * needed. */
    char small[3 * UTF16_SMALL];
    bool fits = len <= UTF16_SMALL;
    char *bytes = fits ? small : memory_alloc_array((size_t)len, 3);
    int32_t bytes_len = 0;
    UErrorCode status = U_ZERO_ERROR;
    u_strToUTF8WithSub(bytes, fits ? (int32_t)sizeof(small) : 3 * len, &bytes_len, ptr, len, REPLACEMENT, NULL,
                       &status);
    assert(U_SUCCESS(status));
    struct str s = arena_copy(arena, str_make(bytes, (size_t)bytes_len));
    if (!fits) {
        free(bytes);
    }
    return s;
}
