/* How words sound, for finding the katakana of an English word and the reverse, and kana for what was typed in Latin letters. */
#ifndef MUSUBI_SEARCH_SOUND_H
#define MUSUBI_SEARCH_SOUND_H

#include "base/str.h"

#define SOUND_MAX 32

/* The consonants by class: k g c q · s z j sh th · t d ch ts · n m · h f · b v · p · r l; a vowel at the beginning is "a"; r before a
 * consonant or at the end of an English word, which katakana leaves out, is left out. The same word in both scripts mostly gives
 * the same key, which is only good for finding candidates. word is folded; 0 when it is neither Latin letters nor kana. */
size_t sound_of(struct str word, char out[SOUND_MAX]);
/* Kana (folded: hiragana, none small) in Latin letters, Hepburn; 0 when it is something else or too long. */
size_t kana_to_latin(struct str kana, char *out, size_t max);
/* What was typed in Latin letters as folded kana; 0 when it cannot be read so. */
size_t latin_to_kana(struct str latin, char *out, size_t max);
/* 0 … 1: how much of an English word's letters stand in the same order in a katakana word's Latin letters. */
double sound_likeness(struct str english, struct str kana);

#endif
