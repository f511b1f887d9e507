/* Looking at eight bytes at once. Only for the files of this folder. */
#ifndef MUSUBI_BASE_WORDS_H
#define MUSUBI_BASE_WORDS_H

#include <stdint.h>
#include <string.h>

#define WORD_BYTES sizeof(uint64_t)
#define WORD_ONES UINT64_C(0x0101010101010101)
#define WORD_HIGHS UINT64_C(0x8080808080808080)

static inline uint64_t word_at(const void *ptr)
{
    uint64_t word;
    memcpy(&word, ptr, sizeof(word));
    return word;
}

/* Not zero when some byte of the word is below `limit` (at most 0x80) or, seldom, when none is but a lower neighbour
 * borrowed from it; so zero is sure, and anything else calls for a closer look. */
static inline uint64_t word_may_have_below(uint64_t word, unsigned char limit)
{
    return (word - WORD_ONES * limit) & ~word & WORD_HIGHS;
}

/* As above, for bytes that equal `byte`. */
static inline uint64_t word_may_have(uint64_t word, unsigned char byte)
{
    return word_may_have_below(word ^ (WORD_ONES * byte), 1);
}

#endif
