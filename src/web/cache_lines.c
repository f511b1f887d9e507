#include "web/cache_lines.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

void cache_lines_init(struct cache_lines_table *table)
{
    memset(table->buckets, 0, sizeof table->buckets);
    pthread_mutex_init(&table->mutex, NULL);
}

void cache_lines_free(struct cache_lines_table *table)
{
    pthread_mutex_destroy(&table->mutex);
}

static struct cache_lines **place_of(struct cache_lines_table *table, struct str text)
{
    struct cache_lines **at = &table->buckets[str_hash(text) % CACHE_LINES_BUCKETS];

    while (*at != NULL && !str_eq(str_make((*at)->bytes, (*at)->length), text)) {
        at = &(*at)->next;
    }
    return at;
}

struct cache_lines *cache_lines_hold(struct cache_lines_table *table, struct str text)
{
    struct cache_lines **at;
    struct cache_lines *lines;

    pthread_mutex_lock(&table->mutex);
    at = place_of(table, text);
    if (*at == NULL) {
        lines = memory_alloc(sizeof *lines + text.len);
        *lines = (struct cache_lines){.length = text.len};
        memcpy(lines->bytes, text.ptr, text.len);
        *at = lines;
    }
    lines = *at;
    lines->holds++;
    pthread_mutex_unlock(&table->mutex);
    return lines;
}

void cache_lines_drop(struct cache_lines_table *table, struct cache_lines *lines)
{
    if (lines == NULL) {
        return;
    }
    pthread_mutex_lock(&table->mutex);
    if (--lines->holds == 0) {
        *place_of(table, str_make(lines->bytes, lines->length)) = lines->next;
        free(lines);
    }
    pthread_mutex_unlock(&table->mutex);
}
