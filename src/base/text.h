/* What ICU knows of text: normal forms, order, character sets. All functions may be called from any thread. What
 * they are given should be UTF-8 (str_is_utf8): malformed bytes count as U+FFFD, and where a text is given back unchanged
 * they are still in it. */
#ifndef MUSUBI_BASE_TEXT_H
#define MUSUBI_BASE_TEXT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* Unicode NFKC (full-width digits and letters become ASCII, half-width kana full-width, U+3000 a space). */
struct str text_nfkc(struct arena *arena, struct str s);
/* Unicode NFC, as text is stored. Returns s itself when nothing changes. */
struct str text_nfc(struct arena *arena, struct str s);

/* Sort keys: bytes whose order by memcmp is the order of the texts in that language ("ja", "en", …). Primary to tertiary
 * strength, cut at max bytes. Their version changes with ICU's data; store it with them. */
#define TEXT_SORT_KEY_MAX 64
size_t text_sort_key(struct str lang, struct str s, unsigned char key[TEXT_SORT_KEY_MAX]);
/* Version of the collation data for that language, e.g. "153.112". Static memory of the process. */
struct str text_sort_key_version(struct str lang);

/* An id ([a-z0-9][a-z0-9.-]{0,79}) made from a name: lower case, accents taken off, everything else one hyphen. Kana is
 * written in Latin letters; other scripts are dropped. Empty when nothing is left. */
struct str text_slug(struct arena *arena, struct str name);

/* Streaming conversion of a named character set ("cp932") to UTF-8. */
struct text_decoder;
int text_decoder_open(const char *charset, struct text_decoder **ret_decoder, struct err *err);
void text_decoder_close(struct text_decoder *decoder); /* NULL is fine */
/* Puts the UTF-8 of `in` into out (room for out_max bytes, at least 64) and says how much of both was used; call it again
 * with the rest of `in`. Bytes that stand for nothing in the character set fail with ERR_INVALID, and the decoder is then
 * good for nothing but closing. `last` says that nothing follows `in`. */
int text_decoder_feed(struct text_decoder *decoder, struct str in, bool last, char *out, size_t out_max,
                      size_t *ret_in_used, size_t *ret_out_used, struct err *err);

#endif
