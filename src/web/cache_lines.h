/* Header lines that many kept answers share: each text is held once, and counted. Used by cache.c only. */
#ifndef MUSUBI_WEB_CACHE_LINES_H
#define MUSUBI_WEB_CACHE_LINES_H

#include "base/str.h"

#include <pthread.h>

struct cache_lines {
    size_t holds;
    struct cache_lines *next;
    size_t length;
    char bytes[];
};

#define CACHE_LINES_BUCKETS 64
struct cache_lines_table {
    pthread_mutex_t mutex; /* of the rest */
    struct cache_lines *buckets[CACHE_LINES_BUCKETS];
};

void cache_lines_init(struct cache_lines_table *table);
/* Everything has been dropped before. */
void cache_lines_free(struct cache_lines_table *table);
struct cache_lines *cache_lines_hold(struct cache_lines_table *table, struct str text);
void cache_lines_drop(struct cache_lines_table *table, struct cache_lines *lines); /* NULL is fine */

#endif
