/* What filters, facets and distances need of every indexed document, in memory: arrays that only grow. A document is never changed:
 * a changed record gets a new one under a new number, so that a search sees its own moment of the index file and never half a
 * change. Writers add under a lock of their own; readers need none. */
#ifndef MUSUBI_SEARCH_ENTRIES_H
#define MUSUBI_SEARCH_ENTRIES_H

#include "base/str.h"

#include <stdatomic.h>

#define ENTRY_NO_PLACE 1000.0f /* as lat */
#define ENTRY_VALUES_MAX 65535 /* distinct values of all facets together; what is beyond is not counted */

struct entry {
    float lat, lon;
    uint32_t values_at; /* in the pool */
    uint16_t length;    /* terms, cut at 65535 */
    uint8_t value_count;
    uint8_t level, next; /* next 0: there is no such document */
    uint8_t boost;
    uint8_t reg; /* number among the values' register facet is in the pool too; this is reg->position */
};

#define ENTRY_CHUNK 4096
#define ENTRY_CHUNKS_MAX 65536
#define POOL_CHUNK 65536
#define POOL_CHUNKS_MAX 65536

struct entries {
    struct entry *chunks[ENTRY_CHUNKS_MAX];
    uint16_t *pool[POOL_CHUNKS_MAX];
    _Atomic uint32_t count; /* highest document number + 1 */
    uint32_t pool_count;
    uint64_t bytes;
};

struct entries *entries_new(void);
void entries_free(struct entries *entries); /* NULL is fine */
/* Numbers must grow. values are copied. */
void entries_add(struct entries *entries, uint32_t number, const struct entry *entry, const uint16_t *values,
                 size_t value_count);

/* There is no such document any more: not even for a search that still sees its words. */
void entries_remove(struct entries *entries, uint32_t number);

/* NULL when there is none of that number (yet). */
static inline const struct entry *entries_get(const struct entries *entries, uint32_t number)
{
    const struct entry *chunk;

    if (number >= atomic_load_explicit(&((struct entries *)entries)->count, memory_order_acquire)) {
        return NULL;
    }
    chunk = entries->chunks[number / ENTRY_CHUNK];
    return chunk != NULL && __atomic_load_n(&chunk[number % ENTRY_CHUNK].next, __ATOMIC_ACQUIRE) != 0
               ? &chunk[number % ENTRY_CHUNK]
               : NULL;
}

/* Fetches what entries_get() will look at soon, since documents lie anywhere in memory. */
static inline void entries_expect(const struct entries *entries, uint32_t number)
{
    const struct entry *chunk = entries->chunks[number / ENTRY_CHUNK % ENTRY_CHUNKS_MAX];

    if (chunk != NULL) {
        __builtin_prefetch(&chunk[number % ENTRY_CHUNK]);
    }
}

/* A document's values lie together. */
static inline const uint16_t *entries_values(const struct entries *entries, const struct entry *entry)
{
    return entries->pool[entry->values_at / POOL_CHUNK] + entry->values_at % POOL_CHUNK;
}

#endif
