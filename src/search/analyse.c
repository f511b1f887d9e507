#include "search/analyse_internal.h"

#include "base/memory.h"

#include <libstemmer.h>
#include <stdlib.h>
#include <string.h>

struct analyser *analyser_new(void)
{
    struct analyser *analyser = memory_alloc(sizeof *analyser);

    memset(analyser, 0, sizeof *analyser);
    analyser->stemmer = sb_stemmer_new("english", NULL);
    return analyser;
}

void analyser_free(struct analyser *analyser)
{
    if (analyser != NULL) {
        sb_stemmer_delete(analyser->stemmer);
        free(analyser->letters);
        free(analyser->utf8);
        free(analyser->stems);
        free(analyser);
    }
}

/* ---- bytes and code points ---- */

/* Takes one code point; what is not UTF-8 counts as U+FFFD, a byte at a time. */
static uint32_t take_codepoint(struct str text, size_t *at)
{
    const unsigned char *p = (const unsigned char *)text.ptr + *at;
    size_t left = text.len - *at;
    size_t more = p[0] < 0x80 ? 0 : p[0] < 0xC2 ? 9 : p[0] < 0xE0 ? 1 : p[0] < 0xF0 ? 2 : p[0] < 0xF5 ? 3 : 9;
    uint32_t c = more == 0 ? p[0] : p[0] & (0x3Fu >> more);

    if (more == 9 || more >= left) {
        *at += 1;
        return more == 0 ? c : 0xFFFD;
    }
    for (size_t i = 1; i <= more; i++) {
        if ((p[i] & 0xC0) != 0x80) {
            *at += 1;
            return 0xFFFD;
        }
        c = c << 6 | (p[i] & 0x3Fu);
    }
    *at += more + 1;
    return c;
}

size_t put_codepoint(uint32_t c, char *out)
{
    unsigned char *o = (unsigned char *)out;

    if (c < 0x80) {
        o[0] = (unsigned char)c;
        return 1;
    }
    if (c < 0x800) {
        o[0] = (unsigned char)(0xC0 | c >> 6);
        o[1] = (unsigned char)(0x80 | (c & 63));
        return 2;
    }
    if (c < 0x10000) {
        o[0] = (unsigned char)(0xE0 | c >> 12);
        o[1] = (unsigned char)(0x80 | (c >> 6 & 63));
        o[2] = (unsigned char)(0x80 | (c & 63));
        return 3;
    }
    o[0] = (unsigned char)(0xF0 | c >> 18);
    o[1] = (unsigned char)(0x80 | (c >> 12 & 63));
    o[2] = (unsigned char)(0x80 | (c >> 6 & 63));
    o[3] = (unsigned char)(0x80 | (c & 63));
    return 4;
}

/* ---- folding with an eye on the neighbours ---- */

#define LONG_VOWEL 0x30FC
#define REPETITION 0x3005
#define MIDDLE_DOT 0x30FB

static bool is_dash(uint32_t c)
{
    return (c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0xFF0D || c == 0x2500 || c == '-';
}

/* Syllables after which a long-vowel mark is left out as often as written. */
static bool drops_long_vowel(uint32_t kana)
{
    static const uint16_t kanas[] = {
        0x3042, 0x304B, 0x304C, 0x3055, 0x3056, 0x305F, 0x3060, 0x306A, 0x306F,
        0x3070, 0x3071, 0x307E, 0x3084, 0x3089, 0x308F, 0x308A, 0x3058, 0x304E,
    };

    for (size_t i = 0; i < sizeof kanas / sizeof kanas[0]; i++) {
        if (kanas[i] == kana) {
            return true;
        }
    }
    return false;
}

static void add_letter(struct analyser *analyser, uint32_t c, size_t start, size_t end, bool katakana)
{
    if (analyser->count == analyser->capacity) {
        analyser->capacity = analyser->capacity == 0 ? 1024 : analyser->capacity * 2;
        analyser->letters = memory_resize(analyser->letters, analyser->capacity * sizeof *analyser->letters);
    }
    analyser->letters[analyser->count++] = (struct letter){.c = c,
                                                           .start = (uint32_t)start,
                                                           .end = (uint32_t)end,
                                                           .class_of = (unsigned char)char_class_of(c),
                                                           .katakana = katakana};
}

static uint32_t peek(struct str text, size_t at)
{
    return at < text.len ? take_codepoint(text, &at) : 0;
}

/* Kana that can be voiced by a sign, as they are unvoiced, voiced and with p; 0: not so. */
static const uint16_t voicings[][3] = {
    {0x3046, 0x3094, 0},      {0x304B, 0x304C, 0},      {0x304D, 0x304E, 0},      {0x304F, 0x3050, 0},
    {0x3051, 0x3052, 0},      {0x3053, 0x3054, 0},      {0x3055, 0x3056, 0},      {0x3057, 0x3058, 0},
    {0x3059, 0x305A, 0},      {0x305B, 0x305C, 0},      {0x305D, 0x305E, 0},      {0x305F, 0x3060, 0},
    {0x3061, 0x3058, 0},      {0x3064, 0x305A, 0},      {0x3066, 0x3067, 0},      {0x3068, 0x3069, 0},
    {0x306F, 0x3070, 0x3071}, {0x3072, 0x3073, 0x3074}, {0x3075, 0x3076, 0x3077}, {0x3078, 0x3079, 0x307A},
    {0x307B, 0x307C, 0x307D},
};

/* Half-width kana carry their voicing as a sign of its own, and so does decomposed text. True for such a sign. */
static bool join_voicing(struct letter *last, uint32_t c)
{
    bool voiced = c == 0x3099 || c == 0xFF9E, half = c == 0x309A || c == 0xFF9F;

    if (!voiced && !half) {
        return false;
    }
    for (size_t i = 0; last != NULL && i < sizeof voicings / sizeof voicings[0]; i++) {
        if (voicings[i][0] == last->c && voicings[i][voiced ? 1 : 2] != 0) {
            last->c = voicings[i][voiced ? 1 : 2];
            break;
        }
    }
    return true;
}

/* vu and the small vowel after it as people spell them otherwise: b. */
static bool join_v(struct letter *last, uint32_t folded)
{
    static const uint16_t with[][2] = {{0x3042, 0x3070}, {0x3044, 0x3073}, {0x3048, 0x3079}, {0x304A, 0x307C}};

    for (size_t i = 0; i < sizeof with / sizeof with[0]; i++) {
        if (with[i][0] == folded) {
            last->c = with[i][1];
            return true;
        }
    }
    return false;
}

static bool joins_v(struct letter *last, uint32_t c)
{
    uint32_t out[FOLD_MAX];

    if (last->c != 0x3094 || (c != 0x30A1 && c != 0x30A3 && c != 0x30A7 && c != 0x30A9)) {
        return false;
    }
    fold_codepoint(c, out);
    return join_v(last, out[0]);
}

/* A mark, or a dash between katakana that stands for one, which is left out as often as written. */
static bool is_dropped_mark(const struct letter *last, struct str text, uint32_t c, size_t end)
{
    bool mark = c == LONG_VOWEL || c == 0xFF70 || (is_dash(c) && last->katakana && is_katakana(peek(text, end)));

    return mark && last->class_of == CHAR_KANA && drops_long_vowel(last->c);
}

/* True when c has been dealt with: it is a part of the letter before it, or of nothing. */
static bool joins_last(struct analyser *analyser, struct str text, uint32_t c, size_t end)
{
    struct letter *last = analyser->count > 0 ? &analyser->letters[analyser->count - 1] : NULL;
    bool dot = c == MIDDLE_DOT || c == 0xFF65;
    bool joined = join_voicing(last, c);

    if (!joined && last != NULL) {
        joined = (dot && last->katakana && is_katakana(peek(text, end))) || joins_v(last, c) ||
                 is_dropped_mark(last, text, c, end);
    }
    if (joined && last != NULL) {
        last->end = (uint32_t)end;
    }
    return joined;
}

static void read_codepoint(struct analyser *analyser, struct str text, size_t start, size_t end, uint32_t c)
{
    struct letter *last = analyser->count > 0 ? &analyser->letters[analyser->count - 1] : NULL;
    bool katakana = is_katakana(c);
    uint32_t out[FOLD_MAX];
    size_t count;

    if (c < 0x80 && c != '-') {
        add_letter(analyser, c >= 'A' && c <= 'Z' ? c + 32 : c, start, end, false);
        return;
    }
    if (joins_last(analyser, text, c, end)) {
        return;
    }
    if (is_dash(c)) {
        bool inside = last != NULL && last->katakana && is_katakana(peek(text, end));
        add_letter(analyser, inside ? LONG_VOWEL : '-', start, end, inside);
        return;
    }
    if (c == REPETITION && last != NULL && last->class_of == CHAR_KANJI) {
        add_letter(analyser, last->c, start, end, false);
        return;
    }
    count = fold_codepoint(c, out);
    for (size_t i = 0; i < count; i++) {
        add_letter(analyser, out[i], start, end, katakana);
    }
}

/* vu that no vowel followed. */
static void settle_v(struct analyser *analyser)
{
    for (size_t i = 0; i < analyser->count; i++) {
        if (analyser->letters[i].c == 0x3094) {
            analyser->letters[i].c = 0x3076;
        }
    }
}

void analyser_read(struct analyser *analyser, struct str text)
{
    text = str_slice(text, 0, ANALYSE_BYTES_MAX);
    analyser->count = 0;
    for (size_t at = 0; at < text.len;) {
        size_t start = at;
        uint32_t c = take_codepoint(text, &at);
        read_codepoint(analyser, text, start, at, c);
    }
    settle_v(analyser);
}

/* ---- runs ---- */

static bool is_cjk(const struct letter *letter)
{
    return letter->class_of == CHAR_KANA || letter->class_of == CHAR_KANJI;
}

/* Whether the sign at that place holds the letters beside it together. */
static bool holds_together(const struct analyser *analyser, size_t at)
{
    const struct letter *before = &analyser->letters[at - 1], *after = &analyser->letters[at + 1];
    bool digits = before->class_of == CHAR_DIGIT && after->class_of == CHAR_DIGIT;

    switch (analyser->letters[at].c) {
    case '-':
    case '_':
        return true;
    case '\'':
    case 0x2019:
        return before->class_of == CHAR_LETTER && after->class_of == CHAR_LETTER;
    case ',':
        return digits;
    case '.':
        return digits || (before->class_of == CHAR_LETTER && after->class_of == CHAR_LETTER &&
                          (at < 2 || !is_word_letter(&analyser->letters[at - 2])));
    default:
        return false;
    }
}

static size_t word_end(const struct analyser *analyser, size_t at)
{
    while (at < analyser->count) {
        if (is_word_letter(&analyser->letters[at])) {
            at++;
        } else if (at + 1 < analyser->count && is_word_letter(&analyser->letters[at + 1]) &&
                   holds_together(analyser, at)) {
            at += 2;
        } else {
            break;
        }
    }
    return at;
}

bool analyser_next_run(const struct analyser *analyser, size_t *at, struct run *ret_run)
{
    const struct letter *letters = analyser->letters;
    size_t from = *at, to;

    while (from < analyser->count && !is_cjk(&letters[from]) && !is_word_letter(&letters[from])) {
        from++;
    }
    if (from == analyser->count) {
        *at = from;
        return false;
    }
    if (is_cjk(&letters[from])) {
        for (to = from; to < analyser->count && is_cjk(&letters[to]); to++) {
        }
    } else {
        to = word_end(analyser, from);
    }
    *ret_run = (struct run){.kind = is_cjk(&letters[from]) ? RUN_CJK : RUN_WORD,
                            .from = from,
                            .to = to,
                            .start = letters[from].start,
                            .end = letters[to - 1].end};
    *at = to;
    return true;
}

bool run_is_kana(const struct analyser *analyser, size_t at)
{
    return analyser->letters[at].class_of == CHAR_KANA;
}

bool run_was_katakana(const struct analyser *analyser, size_t at)
{
    return analyser->letters[at].katakana;
}

size_t run_char_start(const struct analyser *analyser, size_t at)
{
    return analyser->letters[at].start;
}

size_t run_char_end(const struct analyser *analyser, size_t at)
{
    return analyser->letters[at].end;
}

struct str run_text(struct analyser *analyser, const struct run *run, size_t from, size_t to)
{
    size_t len = 0;

    to = to < run->to ? to : run->to;
    if ((to - from) * 4 + 4 > analyser->utf8_capacity) {
        analyser->utf8_capacity = (to - from) * 4 + 256;
        analyser->utf8 = memory_resize(analyser->utf8, analyser->utf8_capacity);
    }
    for (size_t i = from; i < to; i++) {
        len += put_codepoint(analyser->letters[i].c, analyser->utf8 + len);
    }
    return str_make(analyser->utf8, len);
}
