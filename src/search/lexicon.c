#include "search/lexicon.h"

#include <string.h>

bool lexicon_open(const void *bytes, size_t size, struct lexicon *ret_lexicon)
{
    const uint32_t *head = bytes;
    size_t need;

    if (size < 32 || head[0] != LEXICON_MAGIC) {
        return false;
    }
    need = 32 + ((size_t)head[1] + 1) * sizeof(struct lexicon_key) + (size_t)head[2] * sizeof(struct lexicon_sense) +
           head[3];
    if (size < need) {
        return false;
    }
    ret_lexicon->key_count = head[1];
    ret_lexicon->keys = (const struct lexicon_key *)(head + 8);
    ret_lexicon->senses = (const struct lexicon_sense *)(ret_lexicon->keys + head[1] + 1);
    ret_lexicon->pool = (const char *)(ret_lexicon->senses + head[2]);
    return true;
}

size_t lexicon_find(const struct lexicon *lexicon, struct str key, const struct lexicon_sense **ret_senses)
{
    size_t low = 0, high = lexicon->key_count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = str_cmp(str_from_cstr(lexicon->pool + lexicon->keys[middle].text), key);
        if (order == 0) {
            *ret_senses = lexicon->senses + lexicon->keys[middle].first;
            return lexicon->keys[middle + 1].first - lexicon->keys[middle].first;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return 0;
}
