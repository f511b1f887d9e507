/* Strings are a pointer and a length, passed by value; they are not NUL-terminated and own nothing. */
#ifndef MUSUBI_BASE_STR_H
#define MUSUBI_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
    const char *ptr;
    size_t len;
};

/* A string literal as a str. */
#define STR(literal) ((struct str){("" literal), sizeof(literal) - 1})
/* For printf: printf("%.*s", STR_ARG(s)). */
#define STR_ARG(s) (int)(s).len, (s).ptr

static inline struct str str_make(const char *ptr, size_t len)
{
    return (struct str){ptr, len};
}

/* A borrowed view of a NUL-terminated string; NULL gives the empty string. */
static inline struct str str_from_cstr(const char *cstr)
{
    return cstr ? str_make(cstr, strlen(cstr)) : STR("");
}

static inline bool str_eq(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* Orders by bytes, as memcmp does; shorter first when one is the beginning of the other. */
int str_cmp(struct str a, struct str b);
bool str_starts_with(struct str s, struct str prefix);
bool str_ends_with(struct str s, struct str suffix);
/* ASCII case only. */
bool str_eq_ignoring_case(struct str a, struct str b);

/* s[from, to), both clamped to the string. */
struct str str_slice(struct str s, size_t from, size_t to);
/* Without ASCII white space at both ends. */
struct str str_trim(struct str s);
/* Position of the first such byte, or s.len. */
size_t str_find_byte(struct str s, char byte);
/* Position of the first byte from `from` on that has a meaning in HTML (& < > " '), or s.len. */
size_t str_find_markup(struct str s, size_t from);
/* Position of the first occurrence of part, or SIZE_MAX. */
size_t str_find(struct str s, struct str part);
/* Takes what stands before the first separator off *rest. False when *rest is used up: a string with n separators gives
 * n + 1 parts, the empty string one. Start with *rest = whole and *done = false. */
bool str_next_part(struct str *rest, char separator, bool *done, struct str *ret_part);

/* Takes `prefix` off the beginning of *rest; false, with nothing taken, when *rest begins with something else. */
bool str_take(struct str *rest, struct str prefix);

/* Whole string as a decimal integer with an optional minus, ASCII digits only; false when it is none or does not fit. */
bool str_to_int64(struct str s, int64_t *ret_number);
/* FNV-1a, 64 bits: for hash tables in memory, never for anything stored. */
uint64_t str_hash(struct str s);
/* True when the whole is well-formed UTF-8 (no surrogates, no overlong forms, at most U+10FFFF). */
bool str_is_utf8(struct str s);
/* Bytes of the longest beginning of s that is well-formed: s.len when the whole is, else where the first fault stands. */
size_t str_utf8_length(struct str s);
/* Bytes of the longest beginning of s that is ASCII. */
size_t str_ascii_length(struct str s);
/* Number of code points; s must be UTF-8. */
size_t str_count_codepoints(struct str s);

#endif
