#include "search/lexicon.h"

#include <pthread.h>
#include <stdint.h>

/* Assembled from the file that tools/lexicon.c wrote. */
extern const unsigned char musubi_lexicon_begin[], musubi_lexicon_end[];

static struct lexicon builtin;
static bool is_there;

static void open_builtin(void)
{
    /* Both names are of one object, its first byte and the one behind its last. */
    size_t length = (uintptr_t)musubi_lexicon_end - (uintptr_t)musubi_lexicon_begin;

    is_there = lexicon_open(musubi_lexicon_begin, length, &builtin);
}

const struct lexicon *lexicon_builtin(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, open_builtin);
    return is_there && builtin.key_count > 0 ? &builtin : NULL;
}
