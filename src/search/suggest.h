/* What completes what is being typed, and the keys under which texts are looked up whole. */
#ifndef MUSUBI_SEARCH_SUGGEST_H
#define MUSUBI_SEARCH_SUGGEST_H

#include "search/analyse.h"

#define SUGGEST_KEYS_MAX 8 /* of one name: it is completed from its beginning and from the beginnings of its words */
#define SUGGEST_KEY_BYTES 60

struct suggest_keys {
    char keys[SUGGEST_KEYS_MAX][SUGGEST_KEY_BYTES];
    size_t lengths[SUGGEST_KEYS_MAX];
    size_t count;
};
void suggest_keys_of(struct analyser *analyser, struct str name, struct suggest_keys *ret_keys);
/* The key of what was typed so far; 0: nothing that could be completed. */
size_t suggest_key_of(struct analyser *analyser, struct str typed, char key[SUGGEST_KEY_BYTES]);

#define PAIR_KEY_MAX 200
/* A text as a key of the lexicons: runs of kanji and kana folded, words as terms, one space between; 0 when it is too long or empty.
 * Beginnings "a", "an", "the", "to" are left out. */
size_t pair_key_of(struct analyser *analyser, struct str text, char key[PAIR_KEY_MAX]);

#endif
