#include "base/checksum.h"

#include <string.h>

/* Odd numbers without pattern: from the fractions of the square roots of 2, 3, 5 and 7. */
#define KEY_A UINT64_C(0x6a09e667f3bcc909)
#define KEY_B UINT64_C(0xbb67ae8584caa73b)
#define KEY_C UINT64_C(0x3c6ef372fe94f82b)
#define KEY_D UINT64_C(0xa54ff53a5f1d36f1)

/* Both halves of a product, so that every bit of the factors shows. */
static inline uint64_t fold(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline void take(struct checksum *sum, uint64_t first, uint64_t second)
{
    uint64_t high = sum->high, low = sum->low;
    sum->high = fold(first ^ KEY_A ^ low, second ^ KEY_B) + (high << 23 | high >> 41) + first;
    sum->low = fold(second ^ KEY_C ^ high, first ^ KEY_D) + (low << 31 | low >> 33) + second;
}

struct checksum checksum_of(struct str content)
{
    struct checksum sum = {KEY_D, KEY_A};
    uint64_t words[2];
    size_t at = 0;

    for (; content.len - at >= sizeof words; at += sizeof words) {
        memcpy(words, content.ptr + at, sizeof words);
        take(&sum, words[0], words[1]);
    }
    memset(words, 0, sizeof words);
    if (at < content.len) {
        memcpy(words, content.ptr + at, content.len - at);
    }
    take(&sum, words[0], words[1]);
    take(&sum, content.len, KEY_B);
    take(&sum, KEY_C, content.len);
    return sum;
}

void checksum_hex(struct checksum sum, char hex[CHECKSUM_HEX])
{
    static const char digits[] = "0123456789abcdef";

    for (int i = 0; i < 16; i++) {
        hex[i] = digits[sum.high >> (60 - 4 * i) & 15];
        hex[16 + i] = digits[sum.low >> (60 - 4 * i) & 15];
    }
}
