/* What analyse.c and words.c share. */
#ifndef MUSUBI_SEARCH_ANALYSE_INTERNAL_H
#define MUSUBI_SEARCH_ANALYSE_INTERNAL_H

#include "search/analyse.h"
#include "search/fold.h"

struct sb_stemmer;

struct letter {
    uint32_t c;
    uint32_t start, end; /* bytes of the text */
    unsigned char class_of;
    bool katakana;
};

/* Stems of words met before: a text says the same few words again and again. */
#define STEMS 2048
#define STEM_BYTES 23
struct stem {
    unsigned char from_len, to_len;
    char from[STEM_BYTES], to[STEM_BYTES];
};

struct analyser {
    struct letter *letters;
    size_t count, capacity;
    struct sb_stemmer *stemmer;
    struct stem *stems; /* STEMS, by hash; NULL until the first word */
    char *utf8;         /* of run_text */
    size_t utf8_capacity;
};

/* As UTF-8, at most four bytes; returns how many. */
size_t put_codepoint(uint32_t c, char *out);

static inline bool is_word_letter(const struct letter *letter)
{
    return letter->class_of == CHAR_LETTER || letter->class_of == CHAR_DIGIT;
}

#endif
