/* Text as it is stored: NFC, no white space at its ends, no control characters, \n at line ends. One pass over the bytes finds
 * out whether anything has to be done; nearly always nothing has. */
#include "base/text.h"
#include "model/names.h"
#include "model/record_check.h"

struct facts {
    size_t codepoints;
    uint32_t forbidden; /* the first forbidden code point, +1; 0: none */
    bool has_cr;
    bool maybe_not_nfc;
};

/* The code point at *position, which moves on. The text must be UTF-8. */
static uint32_t next_codepoint(struct str s, size_t *position)
{
    const unsigned char *p = (const unsigned char *)s.ptr + *position;
    if (p[0] < 0x80) {
        *position += 1;
        return p[0];
    }
    if (p[0] < 0xE0) {
        *position += 2;
        return (uint32_t)(p[0] & 0x1F) << 6 | (p[1] & 0x3F);
    }
    if (p[0] < 0xF0) {
        *position += 3;
        return (uint32_t)(p[0] & 0x0F) << 12 | (uint32_t)(p[1] & 0x3F) << 6 | (p[2] & 0x3F);
    }
    *position += 4;
    return (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3F) << 12 | (uint32_t)(p[2] & 0x3F) << 6 | (p[3] & 0x3F);
}

/* Ranges in which every code point is NFC_Quick_Check=Yes with combining class 0 (Unicode's DerivedNormalizationProps):
 * Latin, general punctuation, kana without the combining marks, CJK ideographs and marks, full- and half-width forms. */
static bool is_surely_nfc(uint32_t c)
{
    return c < 0x300 || (c >= 0x3041 && c <= 0x3096) || (c >= 0x30A0 && c <= 0x30FF) || (c >= 0x3400 && c <= 0x9FFF) ||
           (c >= 0x3000 && c <= 0x3029) || (c >= 0x2010 && c <= 0x205F) || (c >= 0xFF00 && c <= 0xFFEF);
}

/* Control characters but tab and line ends, and what is no character at all. */
static bool is_forbidden(uint32_t c)
{
    return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || (c >= 0x7F && c < 0xA0) || (c & 0xFFFE) == 0xFFFE;
}

static struct facts facts_of(struct str s)
{
    struct facts facts = {0};
    size_t i = 0;
    while (i < s.len) {
        unsigned char byte = (unsigned char)s.ptr[i];
        facts.codepoints++;
        if (byte >= 0x20 && byte < 0x7F) {
            i++;
            continue;
        }
        if (byte > 0xE3 && byte <= 0xE9) {
            i += 3; /* U+4000 … U+9FFF: ideographs, the bulk of Japanese text */
            continue;
        }
        uint32_t c = next_codepoint(s, &i);
        facts.has_cr = facts.has_cr || c == '\r';
        facts.maybe_not_nfc = facts.maybe_not_nfc || !is_surely_nfc(c);
        if (facts.forbidden == 0 && is_forbidden(c)) {
            facts.forbidden = c + 1;
        }
    }
    return facts;
}

/* White space at the ends: ASCII's, U+00A0, U+3000, and the marks U+200B and U+FEFF that nobody sees. */
static size_t space_at_start(struct str s)
{
    static const struct str spaces[] = {STR("\xC2\xA0"), STR("\xE3\x80\x80"), STR("\xE2\x80\x8B"), STR("\xEF\xBB\xBF")};
    unsigned char c = (unsigned char)s.ptr[0];
    if (c < 0x80) {
        return c == ' ' || (c >= '\t' && c <= '\r');
    }
    for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++) {
        if (c == (unsigned char)spaces[i].ptr[0] && str_starts_with(s, spaces[i])) {
            return spaces[i].len;
        }
    }
    return 0;
}

static size_t space_at_end(struct str s)
{
    unsigned char c = (unsigned char)s.ptr[s.len - 1];
    if (c < 0x80) {
        return space_at_start(str_slice(s, s.len - 1, s.len));
    }
    for (size_t len = 2; len <= 3 && len <= s.len; len++) {
        struct str end = str_slice(s, s.len - len, s.len);
        if (((unsigned char)end.ptr[0] & 0xC0) != 0x80) {
            return space_at_start(end) == len ? len : 0;
        }
    }
    return 0;
}

/* Text whose first and last bytes are neither ASCII white space nor part of another one: nothing to do. */
static bool is_trimmed(struct str s)
{
    unsigned char first = (unsigned char)s.ptr[0];
    unsigned char last = (unsigned char)s.ptr[s.len - 1];
    bool begins = first > ' ' && (first < 0x80 || (first != 0xC2 && first != 0xE2 && first != 0xE3 && first != 0xEF));
    return begins && last > ' ' && last < 0x80;
}

struct str text_trimmed(struct str s)
{
    if (s.len == 0 || is_trimmed(s)) {
        return s;
    }
    size_t len;
    while (s.len > 0 && (len = space_at_start(s)) > 0) {
        s = str_slice(s, len, s.len);
    }
    while (s.len > 0 && (len = space_at_end(s)) > 0) {
        s = str_slice(s, 0, s.len - len);
    }
    return s;
}

/* \r\n and \r become \n. */
static struct str line_ends_made_one(struct arena *arena, struct str s)
{
    char *out = arena_alloc(arena, s.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '\r' && i + 1 < s.len && s.ptr[i + 1] == '\n') {
            continue;
        }
        out[len++] = s.ptr[i] == '\r' ? '\n' : s.ptr[i];
    }
    return str_make(out, len);
}

bool check_plain_text(const struct check *check, const struct place *place, const struct value *given,
                      size_t max_length, struct str *ret_text, size_t *ret_length)
{
    if (given->kind != VALUE_TEXT) {
        check_problem(check, place, "is %s, must be text", value_kind_words(given->kind));
        return false;
    }
    struct str text = text_trimmed(given->text);
    if (text.len == 0) {
        return false;
    }
    struct facts facts = facts_of(text);
    if (facts.forbidden > 0) {
        check_problem(check, place,
                      "has the control character U+%04X, text may have letters, signs, tabs and line ends",
                      facts.forbidden - 1);
        return false;
    }
    if (facts.has_cr) {
        text = line_ends_made_one(check->arena, text);
        facts = facts_of(text);
    }
    if (facts.maybe_not_nfc) {
        text = text_nfc(check->arena, text);
        facts = facts_of(text);
    }
    if (facts.codepoints > max_length) {
        check_problem(check, place, "has %zu characters, at most %zu are allowed", facts.codepoints, max_length);
        return false;
    }
    *ret_text = text;
    if (ret_length) {
        *ret_length = facts.codepoints;
    }
    return true;
}
