/* Text: normal forms stay as they are, slugs are ids, sort keys keep their size, character sets come out as UTF-8 however
 * the bytes are cut. The first byte chooses the character set or the language, the second how the bytes are cut. */
#include "fuzz.h"

#include "base/text.h"

#include <string.h>

#define ENOUGH_BYTES ((size_t)64 * 1024 * 1024)
#define OUT_MAX 4096

static void try_normal_forms(struct arena *arena, struct str s)
{
    struct str nfc = text_nfc(arena, s);
    assert(str_eq(text_nfc(arena, nfc), nfc));
    struct str nfkc = text_nfkc(arena, s);
    assert(str_eq(text_nfkc(arena, nfkc), nfkc));
    if (str_is_utf8(s)) {
        assert(str_is_utf8(nfc) && str_is_utf8(nfkc));
        assert(str_eq(text_nfkc(arena, nfc), nfkc));
    }
}

static void try_slug(struct arena *arena, struct str s)
{
    struct str slug = text_slug(arena, s);
    assert(slug.len <= 80);
    for (size_t i = 0; i < slug.len; i++) {
        char byte = slug.ptr[i];
        bool is_letter_or_digit = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
        bool is_inside = i > 0 && i + 1 < slug.len;
        assert(is_letter_or_digit || (byte == '-' && is_inside && slug.ptr[i - 1] != '-'));
    }
    assert(str_eq(text_slug(arena, slug), slug));
    /* ASCII goes a shorter way; a character that is dropped at the end makes it go the long one. */
    if (s.len < 400 && str_ascii_length(s) == s.len) {
        assert(str_eq(text_slug(arena, arena_concat(arena, 2, s, STR("東"))), slug));
    }
}

static void try_sort_key(struct str s, uint8_t choice)
{
    static const char *const langs[] = {"ja", "en", "sv", "", "zh", "th"};
    struct str lang = str_from_cstr(langs[choice % (sizeof(langs) / sizeof(langs[0]))]);
    unsigned char key[TEXT_SORT_KEY_MAX];
    size_t len = text_sort_key(lang, s, key);
    assert(len <= TEXT_SORT_KEY_MAX && (len == TEXT_SORT_KEY_MAX || !memchr(key, 0, len)));
}

/* Decodes in steps of `step` bytes; false when a byte stands for nothing. */
static bool decode(struct arena *arena, const char *charset, struct str in, size_t step, struct str *ret_text)
{
    struct text_decoder *decoder;
    struct err err;
    char out[OUT_MAX];
    int result = text_decoder_open(charset, &decoder, &err);
    assert(result == 0);
    struct str text = STR("");
    size_t end = 0;
    do {
        size_t in_used = 0;
        size_t out_used = 0;
        end = in.len < step ? in.len : step;
        result =
            text_decoder_feed(decoder, str_slice(in, 0, end), end == in.len, out, OUT_MAX, &in_used, &out_used, &err);
        assert(result == 0 || err.code == ERR_INVALID);
        text = arena_concat(arena, 2, text, str_make(out, out_used));
        in = str_slice(in, in_used, in.len);
    } while (result == 0 && in.len > 0);
    text_decoder_close(decoder);
    *ret_text = text;
    return result == 0;
}

static void try_decoder(struct arena *arena, struct str s, uint8_t choice, uint8_t step)
{
    static const char *const charsets[] = {"cp932", "EUC-JP",   "ISO-2022-JP", "UTF-16",
                                           "UTF-8", "UTF-16LE", "windows-1252"};
    const char *charset = charsets[choice % (sizeof(charsets) / sizeof(charsets[0]))];
    struct str whole;
    struct str pieces;
    bool read_whole = decode(arena, charset, s, OUT_MAX, &whole);
    bool read_pieces = decode(arena, charset, s, (size_t)step + 1, &pieces);
    assert(read_whole == read_pieces);
    if (read_whole) {
        assert(str_eq(whole, pieces) && str_is_utf8(whole));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    struct str s = str_make((const char *)data + 2, size - 2);
    ARENA_AUTO arena;
    arena_init(&arena, ENOUGH_BYTES);
    try_normal_forms(&arena, s);
    try_slug(&arena, s);
    try_sort_key(s, data[0]);
    try_decoder(&arena, s, data[0], data[1]);
    return 0;
}
