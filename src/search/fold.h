/* Code points as they are compared, in documents and in queries alike: NFKC and case folding, accents taken off, Greek letters by
 * their names ("α" is "alpha"; "μ" is "u", as in units), small kana as large ones, old forms of kanji as new ones. What depends
 * on neighbours (long-vowel marks, middle dots, hyphens) is analyse.c's. Any thread may call these. */
#ifndef MUSUBI_SEARCH_FOLD_H
#define MUSUBI_SEARCH_FOLD_H

#include <stddef.h>
#include <stdint.h>

/* Longest sequence that one code point becomes; what would be longer is cut. */
#define FOLD_MAX 8

enum char_class {
    CHAR_BREAK, /* spaces, punctuation, symbols: ends whatever stands before it */
    CHAR_LETTER,
    CHAR_DIGIT,
    CHAR_KANA,  /* always hiragana after folding */
    CHAR_KANJI, /* ideographs and Hangul: whatever is written without spaces */
    CHAR_MARK,  /* combining marks: dropped */
};

/* Fills out and returns how many; 0 for what is ignored altogether (soft hyphens, combining marks). */
size_t fold_codepoint(uint32_t c, uint32_t out[FOLD_MAX]);
enum char_class char_class_of(uint32_t folded);
/* Katakana before folding: middle dots and dashes between katakana belong to the word. */
int is_katakana(uint32_t c);

#endif
