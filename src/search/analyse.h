/* Text to the terms it is found by: one analyser for both languages, for documents and for queries.
 *
 * Text is folded (fold.h) and cut into runs:
 *   - a run of what is written without spaces (kanji, kana, Hangul). Its terms are its overlapping pairs of characters and, at its
 *     end, the last character alone: "抗体医薬" is 抗体 体医 医薬 薬. So a word of two characters is one term, a longer one a phrase,
 *     a single character the beginning of terms;
 *   - a word of letters and digits. English words are stemmed (Snowball, after British spellings became American ones). What hyphens,
 *     commas and points hold together ("IL-6", "2,4-D", "1,000") is one run: its parts are terms, and so is the whole without
 *     its signs, at the place of the first part.
 * A long-vowel mark after a syllable in -a or after ri, ji, gi is dropped, because people write it or not (センター, メモリー); a dash
 * between katakana is such a mark; a middle dot between katakana is dropped; 々 repeats what stands before it. All of this looks one
 * character to the left or right only, so that a part of a word is analysed as it is in the whole.
 *
 * An analyser is used by one thread at a time; what it returns is borrowed until it reads the next text. */
#ifndef MUSUBI_SEARCH_ANALYSE_H
#define MUSUBI_SEARCH_ANALYSE_H

#include "base/str.h"

#define TERM_BYTES_MAX 64 /* a longer word is found by its beginning */
/* Texts are read up to here; what is behind is not found. */
#define ANALYSE_BYTES_MAX ((size_t)4 << 20)
/* Changes whenever the same text gives other terms: an index made by another version is made anew. */
#define ANALYSER_VERSION 1

struct analyser;
struct analyser *analyser_new(void);
void analyser_free(struct analyser *analyser); /* NULL is fine */

enum run_kind { RUN_CJK, RUN_WORD };

/* One run: characters [from, to) of what was read. */
struct run {
    enum run_kind kind;
    size_t from, to;
    size_t start, end; /* bytes of the text it stands for */
};

void analyser_read(struct analyser *analyser, struct str text);
/* Begin with *at = 0; false at the end. */
bool analyser_next_run(const struct analyser *analyser, size_t *at, struct run *ret_run);

/* A term of the text. */
struct term_found {
    struct str term;
    size_t start, end; /* bytes of the text */
    bool same_place;   /* stands where the term before it stands */
};
/* Terms of a run as documents have them. A callback that returns non-zero ends it: that is returned. */
int run_terms(struct analyser *analyser, const struct run *run,
              int (*each)(void *context, const struct term_found *term), void *context);
/* Characters [from, to) of a CJK run as one folded text; borrowed until the next call. */
struct str run_text(struct analyser *analyser, const struct run *run, size_t from, size_t to);
/* Whether that character is kana, katakana or not. */
bool run_is_kana(const struct analyser *analyser, size_t at);
bool run_was_katakana(const struct analyser *analyser, size_t at);
size_t run_char_start(const struct analyser *analyser, size_t at);
size_t run_char_end(const struct analyser *analyser, size_t at);

#define WORD_PARTS_MAX 16
/* The parts of a word run: how the run's text looks folded (surface) and as a term. */
struct word_part {
    char surface[TERM_BYTES_MAX], term[TERM_BYTES_MAX];
    unsigned char surface_len, term_len;
    size_t start, end;
};
struct word {
    struct word_part parts[WORD_PARTS_MAX];
    size_t count;
    bool has_whole; /* more than one part */
    struct word_part whole;
};
void run_word(struct analyser *analyser, const struct run *run, struct word *ret_word);
/* run_terms() of a word that was read already. */
int word_terms(const struct word *word, int (*each)(void *context, const struct term_found *term), void *context);

/* A folded English word's term; text of other letters comes back as it is. term has room for TERM_BYTES_MAX. */
size_t stem_word(struct analyser *analyser, struct str folded, char *term);

#endif
