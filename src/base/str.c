#include "base/str.h"

#include "base/words.h"

#include <string.h>

int str_cmp(struct str a, struct str b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter == 0 ? 0 : memcmp(a.ptr, b.ptr, shorter);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

bool str_starts_with(struct str s, struct str prefix)
{
    return s.len >= prefix.len && str_eq(str_make(s.ptr, prefix.len), prefix);
}

bool str_ends_with(struct str s, struct str suffix)
{
    return s.len >= suffix.len && str_eq(str_slice(s, s.len - suffix.len, s.len), suffix);
}

static char lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

bool str_eq_ignoring_case(struct str a, struct str b)
{
    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (lower(a.ptr[i]) != lower(b.ptr[i])) {
            return false;
        }
    }
    return true;
}

struct str str_slice(struct str s, size_t from, size_t to)
{
    to = to > s.len ? s.len : to;
    from = from > to ? to : from;
    /* Nothing is added to a NULL pointer, which C does not define. */
    return from == 0 ? str_make(s.ptr, to) : str_make(s.ptr + from, to - from);
}

static bool is_space(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

struct str str_trim(struct str s)
{
    size_t from = 0;
    size_t to = s.len;
    while (from < to && is_space(s.ptr[from])) {
        from++;
    }
    while (to > from && is_space(s.ptr[to - 1])) {
        to--;
    }
    return str_slice(s, from, to);
}

size_t str_find_byte(struct str s, char byte)
{
    const char *found = s.len > 0 ? memchr(s.ptr, byte, s.len) : NULL;
    return found ? (size_t)(found - s.ptr) : s.len;
}

/* Whether a word may have one of them: & and ' differ in one bit, so do < and >. */
static inline bool may_have_markup(uint64_t word)
{
    return (word_may_have(word | WORD_ONES, '\'') | word_may_have(word | (WORD_ONES * 2), '>') |
            word_may_have(word, '"')) != 0;
}

size_t str_find_markup(struct str s, size_t from)
{
    const uint64_t set = 1ULL << '&' | 1ULL << '<' | 1ULL << '>' | 1ULL << '"' | 1ULL << '\'';
    size_t at = from;

    while (at < s.len) {
        while (s.len - at >= WORD_BYTES && !may_have_markup(word_at(s.ptr + at))) {
            at += WORD_BYTES;
        }
        for (size_t end = s.len - at >= WORD_BYTES ? at + WORD_BYTES : s.len; at < end; at++) {
            unsigned char byte = (unsigned char)s.ptr[at];
            if (byte < 64 && (set >> byte & 1)) {
                return at;
            }
        }
    }
    return s.len;
}

size_t str_find(struct str s, struct str part)
{
    if (part.len == 0) {
        return 0;
    }
    const char *found = s.len >= part.len ? memmem(s.ptr, s.len, part.ptr, part.len) : NULL;
    return found ? (size_t)(found - s.ptr) : SIZE_MAX;
}

bool str_next_part(struct str *rest, char separator, bool *done, struct str *ret_part)
{
    if (*done) {
        return false;
    }
    size_t end = str_find_byte(*rest, separator);
    *ret_part = str_slice(*rest, 0, end);
    *done = end == rest->len;
    *rest = str_slice(*rest, end + 1, rest->len);
    return true;
}

bool str_take(struct str *rest, struct str prefix)
{
    if (!str_starts_with(*rest, prefix)) {
        return false;
    }
    *rest = str_slice(*rest, prefix.len, rest->len);
    return true;
}

bool str_to_int64(struct str s, int64_t *ret_number)
{
    bool negative = s.len > 0 && s.ptr[0] == '-';
    size_t at = negative ? 1 : 0;
    if (at == s.len) {
        return false;
    }
    int64_t number = 0;
    for (; at < s.len; at++) {
        int digit = s.ptr[at] - '0';
        if (digit < 0 || digit > 9 || __builtin_mul_overflow(number, 10, &number)) {
            return false;
        }
        /* Towards the sign, because the smallest number has no positive twin. */
        if (__builtin_add_overflow(number, negative ? -digit : digit, &number)) {
            return false;
        }
    }
    *ret_number = number;
    return true;
}

uint64_t str_hash(struct str s)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < s.len; i++) {
        hash = (hash ^ (unsigned char)s.ptr[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

size_t str_ascii_length(struct str s)
{
    size_t at = 0;
    while (s.len - at >= WORD_BYTES && !(word_at(s.ptr + at) & WORD_HIGHS)) {
        at += WORD_BYTES;
    }
    while (at < s.len && (unsigned char)s.ptr[at] < 0x80) {
        at++;
    }
    return at;
}

static bool continues(unsigned char byte)
{
    return (byte & 0xc0) == 0x80;
}

/* Length of the well-formed sequence of several bytes at ptr (len > 0, first byte not ASCII), 0 when it is malformed. The
 * bounds of the second byte are those of the Unicode Standard, table 3-7. */
static size_t sequence_length(const unsigned char *ptr, size_t len)
{
    unsigned char first = ptr[0];
    size_t needed = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (first < 0xc2 || first > 0xf4 || len < needed) {
        return 0;
    }
    unsigned char low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    unsigned char high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (ptr[1] < low || ptr[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < needed; i++) {
        if (!continues(ptr[i])) {
            return 0;
        }
    }
    return needed;
}

size_t str_utf8_length(struct str s)
{
    const unsigned char *ptr = (const unsigned char *)s.ptr;
    size_t at = 0;
    while (at < s.len) {
        if (ptr[at] < 0x80) {
            at += str_ascii_length(str_slice(s, at, s.len));
            continue;
        }
        size_t length = sequence_length(ptr + at, s.len - at);
        if (length == 0) {
            break;
        }
        at += length;
    }
    return at;
}

bool str_is_utf8(struct str s)
{
    return str_utf8_length(s) == s.len;
}

size_t str_count_codepoints(struct str s)
{
    size_t count = s.len;
    size_t at = 0;
    for (; s.len - at >= WORD_BYTES; at += WORD_BYTES) {
        uint64_t word = word_at(s.ptr + at);
        /* The high bit of each byte that has it set and the one below it not set: those that continue a sequence. */
        count -= (size_t)__builtin_popcountll(word & ~(word << 1) & WORD_HIGHS);
    }
    for (; at < s.len; at++) {
        count -= continues((unsigned char)s.ptr[at]);
    }
    return count;
}
