/* Runs to words and terms. */
#include "search/analyse_internal.h"

#include "base/memory.h"

#include <libstemmer.h>
#include <string.h>

/* ---- words ---- */

/* Replaces the end of a word; false when it does not end so. */
static bool swap_end(char *word, size_t *len, const char *from, const char *to)
{
    size_t from_len = strlen(from), to_len = strlen(to);

    if (*len < from_len + 2 || *len - from_len + to_len > TERM_BYTES_MAX ||
        memcmp(word + *len - from_len, from, from_len) != 0) {
        return false;
    }
    memcpy(word + *len - from_len, to, to_len);
    *len = *len - from_len + to_len;
    return true;
}

/* ae and oe of Greek words: e, as Americans write them. */
static void fold_diphthongs(char *word, size_t *len)
{
    size_t kept = 0;

    for (size_t i = 0; i < *len; i++) {
        bool diphthong = (word[i] == 'a' || word[i] == 'o') && i + 1 < *len && word[i + 1] == 'e' && i + 2 < *len;
        if (!diphthong) {
            word[kept++] = word[i];
        }
    }
    *len = kept;
}

/* British spellings become American ones. Words that change without need change alike everywhere. */
static void fold_spelling(char *word, size_t *len)
{
    static const char *const ends[][2] = {
        {"isations", "izations"}, {"isation", "ization"}, {"ising", "izing"}, {"ised", "ized"}, {"yse", "yze"},
        {"ysed", "yzed"},         {"ysing", "yzing"},     {"ours", "ors"},    {"our", "or"},    {"tre", "ter"},
        {"tres", "ters"},         {"bre", "ber"},         {"bres", "bers"},   {"mme", "m"},     {"mmes", "ms"},
    };

    if (*len < 5) {
        return;
    }
    if (*len > 5) {
        fold_diphthongs(word, len);
    }
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        if (swap_end(word, len, ends[i][0], ends[i][1])) {
            return;
        }
    }
}

static size_t make_stem(struct analyser *analyser, struct str folded, char *term)
{
    size_t len = folded.len < TERM_BYTES_MAX ? folded.len : TERM_BYTES_MAX;
    const sb_symbol *stem;

    memcpy(term, folded.ptr, len);
    for (size_t i = 0; i < len; i++) {
        if (term[i] < 'a' || term[i] > 'z') {
            return len;
        }
    }
    if (len < 3) {
        return len;
    }
    fold_spelling(term, &len);
    stem = sb_stemmer_stem(analyser->stemmer, (const sb_symbol *)term, (int)len);
    if (stem != NULL) {
        size_t stem_len = (size_t)sb_stemmer_length(analyser->stemmer);
        len = stem_len < TERM_BYTES_MAX && stem_len > 0 ? stem_len : len;
        memcpy(term, stem, len);
    }
    return len;
}

size_t stem_word(struct analyser *analyser, struct str folded, char *term)
{
    struct stem *stem;
    size_t len;

    if (folded.len < 3 || folded.len > STEM_BYTES) {
        return make_stem(analyser, folded, term);
    }
    if (analyser->stems == NULL) {
        analyser->stems = memory_alloc_zeroed(STEMS, sizeof *analyser->stems);
    }
    stem = &analyser->stems[str_hash(folded) % STEMS];
    if (stem->from_len == folded.len && memcmp(stem->from, folded.ptr, folded.len) == 0) {
        memcpy(term, stem->to, stem->to_len);
        return stem->to_len;
    }
    len = make_stem(analyser, folded, term);
    if (len <= STEM_BYTES) {
        memcpy(stem->from, folded.ptr, folded.len);
        memcpy(stem->to, term, len);
        stem->from_len = (unsigned char)folded.len;
        stem->to_len = (unsigned char)len;
    }
    return len;
}

static void part_begin(struct word_part *part)
{
    part->surface_len = 0;
    part->term_len = 0;
    part->start = 0;
    part->end = 0;
}

static void part_add(struct word_part *part, const struct letter *letter)
{
    char utf8[4];
    size_t size = put_codepoint(letter->c, utf8);

    if (part->surface_len == 0 || letter->start < part->start) {
        part->start = letter->start;
    }
    part->end = letter->end;
    if (part->surface_len + size <= TERM_BYTES_MAX) {
        memcpy(part->surface + part->surface_len, utf8, size);
        part->surface_len = (unsigned char)(part->surface_len + size);
    }
}

static void part_end(struct analyser *analyser, struct word_part *part)
{
    part->term_len = (unsigned char)stem_word(analyser, str_make(part->surface, part->surface_len), part->term);
}

/* Three digits behind a comma group a number; anything else is a part of its own (2,4-D). */
static bool comma_groups(const struct analyser *analyser, const struct run *run, size_t at)
{
    size_t digits = 0;

    while (at + 1 + digits < run->to && analyser->letters[at + 1 + digits].class_of == CHAR_DIGIT) {
        digits++;
    }
    return digits == 3;
}

/* Whether a new part begins behind the sign: "'" and the points of numbers and abbreviations divide nothing. */
static bool divides(const struct analyser *analyser, const struct run *run, size_t at)
{
    uint32_t c = analyser->letters[at].c;

    return c == '-' || c == '_' || (c == ',' && !comma_groups(analyser, run, at));
}

/* Without the English genitive. */
static size_t genitive_begin(const struct analyser *analyser, const struct run *run)
{
    const struct letter *letters = analyser->letters;

    if (run->to - run->from > 2 && letters[run->to - 1].c == 's' &&
        (letters[run->to - 2].c == '\'' || letters[run->to - 2].c == 0x2019)) {
        return run->to - 2;
    }
    return run->to;
}

void run_word(struct analyser *analyser, const struct run *run, struct word *ret_word)
{
    size_t to = genitive_begin(analyser, run);
    struct word_part *part = &ret_word->parts[0];

    part_begin(part);
    part_begin(&ret_word->whole);
    for (size_t i = run->from; i < to; i++) {
        const struct letter *letter = &analyser->letters[i];
        bool point = letter->c == '.' && analyser->letters[i - 1].class_of == CHAR_DIGIT;
        if (is_word_letter(letter) || point) {
            part_add(part, letter);
            part_add(&ret_word->whole, letter);
        } else if (divides(analyser, run, i) && part < &ret_word->parts[WORD_PARTS_MAX - 1]) {
            part_begin(++part);
        }
    }
    ret_word->count = (size_t)(part - ret_word->parts) + 1;
    for (size_t i = 0; i < ret_word->count; i++) {
        part_end(analyser, &ret_word->parts[i]);
    }
    ret_word->has_whole = ret_word->count > 1;
    if (ret_word->has_whole) {
        part_end(analyser, &ret_word->whole);
    } else {
        ret_word->whole = *part;
    }
}

/* ---- terms ---- */

static int cjk_terms(struct analyser *analyser, const struct run *run,
                     int (*each)(void *context, const struct term_found *term), void *context)
{
    for (size_t i = run->from; i < run->to; i++) {
        const struct letter *letter = &analyser->letters[i];
        bool last = i + 1 == run->to;
        char utf8[8];
        size_t len = put_codepoint(letter->c, utf8);
        struct term_found term;
        int result;
        if (!last) {
            len += put_codepoint(letter[1].c, utf8 + len);
        }
        term = (struct term_found){
            .term = str_make(utf8, len), .start = letter->start, .end = last ? letter->end : letter[1].end};
        result = each(context, &term);
        if (result != 0) {
            return result;
        }
    }
    return 0;
}

static int give_part(const struct word_part *part, bool same_place,
                     int (*each)(void *context, const struct term_found *term), void *context)
{
    struct term_found term = {
        .term = str_make(part->term, part->term_len), .start = part->start, .end = part->end, .same_place = same_place};

    return part->term_len == 0 ? 0 : each(context, &term);
}

int word_terms(const struct word *word, int (*each)(void *context, const struct term_found *term), void *context)
{
    int result = 0;

    for (size_t i = 0; i < word->count && result == 0; i++) {
        result = give_part(&word->parts[i], false, each, context);
        if (i == 0 && word->has_whole && result == 0) {
            result = give_part(&word->whole, true, each, context);
        }
    }
    return result;
}

int run_terms(struct analyser *analyser, const struct run *run,
              int (*each)(void *context, const struct term_found *term), void *context)
{
    struct word word;

    if (run->kind == RUN_CJK) {
        return cjk_terms(analyser, run, each, context);
    }
    run_word(analyser, run, &word);
    return word_terms(&word, each, context);
}
