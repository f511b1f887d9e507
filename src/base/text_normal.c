#include "base/text.h"

#include "base/utf16.h"

#include <assert.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

/* True when the three bytes stand for a character of U+3000 … U+9FFF that is never changed by NFC and never joins with its
 * neighbours: all but the tone marks U+302A … U+302F and the voicing marks U+3099 and U+309A. */
static bool is_plain_cjk(const unsigned char *ptr)
{
    if (ptr[0] < 0xe3 || ptr[0] > 0xe9) {
        return false;
    }
    if (ptr[0] > 0xe3) {
        return true;
    }
    bool tone_mark = ptr[1] == 0x80 && ptr[2] >= 0xaa && ptr[2] <= 0xaf;
    bool voicing_mark = ptr[1] == 0x82 && (ptr[2] == 0x99 || ptr[2] == 0x9a);
    return !tone_mark && !voicing_mark;
}

/* True when nothing but characters stands there that are in NFC whatever stands beside them: everything below U+0300, and
 * what is_plain_cjk knows. Most Japanese and English text is; what is not goes to ICU. The bytes need not be UTF-8. */
static bool is_plainly_nfc(struct str s)
{
    const unsigned char *ptr = (const unsigned char *)s.ptr;
    size_t at = 0;
    while (at < s.len) {
        if (ptr[at] < 0x80) {
            at++;
        } else if (ptr[at] < 0xcc) {
            if (ptr[at] < 0xc2 || s.len - at < 2) {
                return false;
            }
            at += 2;
        } else if (s.len - at >= 3 && is_plain_cjk(ptr + at)) {
            at += 3;
        } else {
            return false;
        }
    }
    return true;
}

/* `text` normalised; NULL stands for "nothing changes". Out must be initialised and then holds the result. */
static const struct utf16 *normalise(const UNormalizer2 *normaliser, const struct utf16 *text, struct utf16 *out)
{
    UErrorCode status = U_ZERO_ERROR;
    if (unorm2_spanQuickCheckYes(normaliser, text->ptr, text->len, &status) == text->len && U_SUCCESS(status)) {
        return NULL;
    }
    status = U_ZERO_ERROR;
    int32_t len = unorm2_normalize(normaliser, text->ptr, text->len, out->ptr, out->capacity, &status);
    if (status == U_BUFFER_OVERFLOW_ERROR) {
        utf16_make_room(out, len);
        status = U_ZERO_ERROR;
        len = unorm2_normalize(normaliser, text->ptr, text->len, out->ptr, out->capacity, &status);
    }
    assert(U_SUCCESS(status));
    out->len = len;
    bool same = len == text->len && u_memcmp(out->ptr, text->ptr, len) == 0;
    return same ? NULL : out;
}

struct str text_nfkc(struct arena *arena, struct str s)
{
    if (str_ascii_length(s) == s.len) {
        return arena_copy(arena, s);
    }
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *normaliser = unorm2_getNFKCInstance(&status);
    assert(U_SUCCESS(status));
    UTF16_AUTO text;
    UTF16_AUTO out;
    utf16_init(&text);
    utf16_init(&out);
    utf16_set(&text, s);
    const struct utf16 *result = normalise(normaliser, &text, &out);
    return result ? utf16_to_str(arena, result->ptr, result->len) : arena_copy(arena, s);
}

struct str text_nfc(struct arena *arena, struct str s)
{
    if (is_plainly_nfc(s)) {
        return s;
    }
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *normaliser = unorm2_getNFCInstance(&status);
    assert(U_SUCCESS(status));
    UTF16_AUTO text;
    UTF16_AUTO out;
    utf16_init(&text);
    utf16_init(&out);
    utf16_set(&text, s);
    const struct utf16 *result = normalise(normaliser, &text, &out);
    return result ? utf16_to_str(arena, result->ptr, result->len) : s;
}
