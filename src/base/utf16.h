/* ICU's C interface works on UTF-16: the way there and back. Only for the text files of this folder. */
#ifndef MUSUBI_BASE_UTF16_H
#define MUSUBI_BASE_UTF16_H

#include "base/arena.h"
#include "base/str.h"

#include <unicode/utypes.h>

/* Room for what most names need, so that they ask for no memory. */
#define UTF16_SMALL 256

struct utf16 {
    UChar *ptr; /* small, or memory of its own */
    int32_t len;
    int32_t capacity;
    UChar small[UTF16_SMALL];
};

/* Empty, with room for UTF16_SMALL units. */
void utf16_init(struct utf16 *text);
void utf16_free(struct utf16 *text);
/* Room for at least `capacity` units; what was in it is lost. */
void utf16_make_room(struct utf16 *text, int32_t capacity);
/* Fills an initialised text. What is not well-formed UTF-8 becomes U+FFFD. */
void utf16_set(struct utf16 *text, struct str s);
/* As UTF-8. A lone surrogate becomes U+FFFD. */
struct str utf16_to_str(struct arena *arena, const UChar *ptr, int32_t len);

#define UTF16_AUTO __attribute__((cleanup(utf16_free))) struct utf16

#endif
