#include "search/fold.h"

#include "base/memory.h"
#include "search/old_kanji.h"

#include <pthread.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#define BMP 0x10000u

/* For each code point of the basic plane where its sequence begins in the pool, and how long it is; length 1 and offset 0
 * mean "itself". */
struct folding {
    uint32_t place[BMP]; /* offset << 4 | length */
    unsigned char class_of[BMP];
    uint32_t *pool;
    size_t pool_count, pool_capacity;
};

static struct folding *folding;
static pthread_once_t once = PTHREAD_ONCE_INIT;

int is_katakana(uint32_t c)
{
    return (c >= 0x30A1 && c <= 0x30FA) || c == 0x30FC || (c >= 0xFF66 && c <= 0xFF9D);
}

static int is_kana(uint32_t c)
{
    return (c >= 0x3041 && c <= 0x309F) || (c >= 0x30A1 && c <= 0x30FF && c != 0x30FB);
}

static int is_kanji(uint32_t c)
{
    return (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0xF900 && c <= 0xFAFF) ||
           (c >= 0x20000 && c <= 0x3FFFF) || (c >= 0x3005 && c <= 0x3007) || (c >= 0xAC00 && c <= 0xD7AF);
}

static enum char_class classify(uint32_t c)
{
    if (is_kana(c)) {
        return CHAR_KANA;
    }
    if (is_kanji(c)) {
        return CHAR_KANJI;
    }
    switch (u_charType((UChar32)c)) {
    case U_NON_SPACING_MARK:
    case U_ENCLOSING_MARK:
        return CHAR_MARK;
    case U_DECIMAL_DIGIT_NUMBER:
        return CHAR_DIGIT;
    default:
        return u_isalpha((UChar32)c) ? CHAR_LETTER : CHAR_BREAK;
    }
}

/* ---- single steps ---- */

static const char *const greek[] = {
    "alpha", "beta",    "gamma", "delta", "epsilon", "zeta",  "eta", "theta",   "iota", "kappa", "lambda", "u",    "nu",
    "xi",    "omicron", "pi",    "rho",   "sigma",   "sigma", "tau", "upsilon", "phi",  "chi",   "psi",    "omega"};

/* Small kana as large ones; the rare wi and we as people say them. */
static uint32_t fold_hiragana(uint32_t c)
{
    static const struct {
        uint16_t from, to;
    } pairs[] = {{0x3041, 0x3042}, {0x3043, 0x3044}, {0x3045, 0x3046}, {0x3047, 0x3048},
                 {0x3049, 0x304A}, {0x3063, 0x3064}, {0x3083, 0x3084}, {0x3085, 0x3086},
                 {0x3087, 0x3088}, {0x308E, 0x308F}, {0x3090, 0x3044}, {0x3091, 0x3048},
                 {0x3095, 0x304B}, {0x3096, 0x3051}, {0x3062, 0x3058}, {0x3065, 0x305A}};

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (pairs[i].from == c) {
            return pairs[i].to;
        }
    }
    return c;
}

static uint32_t fold_kana(uint32_t c)
{
    if (c >= 0x30A1 && c <= 0x30F6) {
        c -= 0x60;
    }
    return fold_hiragana(c);
}

static uint32_t fold_kanji(uint32_t c)
{
    size_t low = 0, high = old_kanji_count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (old_kanji[middle].old < c) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < old_kanji_count && old_kanji[low].old == c ? old_kanji[low].now : c;
}

static void put(uint32_t *out, size_t *count, uint32_t c)
{
    if (*count < FOLD_MAX) {
        out[(*count)++] = c;
    }
}

/* A letter of whatever alphabet without its accents. */
static void put_bare(uint32_t *out, size_t *count, uint32_t c)
{
    UErrorCode code = U_ZERO_ERROR;
    const UNormalizer2 *nfd = unorm2_getNFDInstance(&code);
    UChar taken[32];
    int32_t length = unorm2_getDecomposition(nfd, (UChar32)c, taken, 32, &code);

    if (U_FAILURE(code) || length < 0) {
        put(out, count, c);
        return;
    }
    for (int32_t at = 0; at < length;) {
        UChar32 part;
        U16_NEXT(taken, at, length, part);
        if (u_charType(part) != U_NON_SPACING_MARK) {
            put(out, count, (uint32_t)part);
        }
    }
}

static void put_folded(uint32_t *out, size_t *count, uint32_t c)
{
    if (is_kana(c)) {
        put(out, count, fold_kana(c));
    } else if (is_kanji(c)) {
        put(out, count, fold_kanji(c));
    } else if (c >= 0x3B1 && c <= 0x3C9) {
        for (const char *name = greek[c - 0x3B1]; *name; name++) {
            put(out, count, (unsigned char)*name);
        }
    } else if (classify(c) != CHAR_MARK) {
        put_bare(out, count, c);
    }
}

static size_t fold_slowly(uint32_t c, uint32_t out[FOLD_MAX])
{
    UErrorCode code = U_ZERO_ERROR;
    const UNormalizer2 *nfkc = unorm2_getNFKCCasefoldInstance(&code);
    UChar given[2], folded[64];
    int32_t given_length = 0, length;
    size_t count = 0;

    if (c >= 0xD800 && c < 0xE000) {
        return 0;
    }
    U16_APPEND_UNSAFE(given, given_length, (UChar32)c);
    length = unorm2_normalize(nfkc, given, given_length, folded, 64, &code);
    if (U_FAILURE(code)) {
        out[0] = c;
        return 1;
    }
    for (int32_t at = 0; at < length;) {
        UChar32 part;
        U16_NEXT(folded, at, length, part);
        put_folded(out, &count, (uint32_t)part);
    }
    return count;
}

/* ---- the table ---- */

static void pool_add(struct folding *table, uint32_t c)
{
    if (table->pool_count == table->pool_capacity) {
        table->pool_capacity = table->pool_capacity == 0 ? 4096 : table->pool_capacity * 2;
        table->pool = memory_resize(table->pool, table->pool_capacity * sizeof *table->pool);
    }
    table->pool[table->pool_count++] = c;
}

static void make_table(void)
{
    struct folding *table = memory_alloc(sizeof *table);

    memset(table, 0, sizeof *table);
    pool_add(table, 0); /* offset 0 is nobody's */
    for (uint32_t c = 0; c < BMP; c++) {
        uint32_t out[FOLD_MAX];
        size_t count = fold_slowly(c, out);
        table->class_of[c] = (unsigned char)classify(c);
        if (count == 1 && out[0] == c) {
            table->place[c] = 1;
            continue;
        }
        table->place[c] = (uint32_t)(table->pool_count << 4 | count);
        for (size_t i = 0; i < count; i++) {
            pool_add(table, out[i]);
        }
    }
    folding = table;
}

size_t fold_codepoint(uint32_t c, uint32_t out[FOLD_MAX])
{
    uint32_t place;

    if (c >= BMP) {
        return c > 0x10FFFF ? 0 : fold_slowly(c, out);
    }
    pthread_once(&once, make_table);
    place = folding->place[c];
    if (place == 1) {
        out[0] = c;
        return 1;
    }
    memcpy(out, folding->pool + (place >> 4), (place & 15) * sizeof *out);
    return place & 15;
}

enum char_class char_class_of(uint32_t folded)
{
    if (folded >= BMP) {
        return classify(folded);
    }
    pthread_once(&once, make_table);
    return (enum char_class)folding->class_of[folded];
}
