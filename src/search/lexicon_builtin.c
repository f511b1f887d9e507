#include "search/lexicon.h"

#include <pthread.h>

/* Assembled from the file that tools/lexicon.c wrote. */
extern const unsigned char musubi_lexicon_begin[], musubi_lexicon_end[];

static struct lexicon builtin;
static bool is_there;

static void open_builtin(void)
{
    is_there = lexicon_open(musubi_lexicon_begin, (size_t)(musubi_lexicon_end - musubi_lexicon_begin), &builtin);
}

const struct lexicon *lexicon_builtin(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, open_builtin);
    return is_there && builtin.key_count > 0 ? &builtin : NULL;
}
