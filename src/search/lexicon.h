/* Words of one language and what they are in the other: EDICT and COMPDIC of the Electronic Dictionary Research and Development
 * Group (CC BY-SA), made compact when the program is built (tools/lexicon.c) and carried in it.
 *
 * The file: a header of eight 32-bit numbers (magic, keys, senses, bytes of the pool, 0 …), the keys sorted by their bytes as
 * {place in the pool, first sense}, the senses as {place of the other word, weight}, the pool of NUL-terminated texts. Keys are those of
 * pair_key_of; the others are texts as they are written. Numbers are in the machine's own order. */
#ifndef MUSUBI_SEARCH_LEXICON_H
#define MUSUBI_SEARCH_LEXICON_H

#include "base/str.h"

#define LEXICON_MAGIC 0x4C584D4Du

struct lexicon_key {
    uint32_t text, first;
};
struct lexicon_sense {
    uint32_t other;
    uint32_t weight; /* 1 … 1000 */
};

struct lexicon {
    const struct lexicon_key *keys; /* key_count + 1 */
    const struct lexicon_sense *senses;
    const char *pool;
    size_t key_count;
};

/* The one in the program; NULL when it was built without. */
const struct lexicon *lexicon_builtin(void);
/* False when the bytes are no lexicon. */
bool lexicon_open(const void *bytes, size_t size, struct lexicon *ret_lexicon);
/* How many senses the key has; 0: it is not there. */
size_t lexicon_find(const struct lexicon *lexicon, struct str key, const struct lexicon_sense **ret_senses);
static inline struct str lexicon_other(const struct lexicon *lexicon, const struct lexicon_sense *sense)
{
    return str_from_cstr(lexicon->pool + sense->other);
}

#endif
