#include "search/entries.h"

#include "base/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct entries *entries_new(void)
{
    return memory_alloc_zeroed(1, sizeof(struct entries));
}

void entries_free(struct entries *entries)
{
    if (entries == NULL) {
        return;
    }
    for (size_t i = 0; i < ENTRY_CHUNKS_MAX; i++) {
        free(entries->chunks[i]);
    }
    for (size_t i = 0; i < POOL_CHUNKS_MAX; i++) {
        free(entries->pool[i]);
    }
    free(entries);
}

static uint32_t add_values(struct entries *entries, const uint16_t *values, size_t count)
{
    uint32_t at = entries->pool_count;

    if (at % POOL_CHUNK + count > POOL_CHUNK) {
        at = (at / POOL_CHUNK + 1) * POOL_CHUNK;
    }
    assert(at / POOL_CHUNK < POOL_CHUNKS_MAX);
    if (entries->pool[at / POOL_CHUNK] == NULL) {
        entries->pool[at / POOL_CHUNK] = memory_alloc(POOL_CHUNK * sizeof(uint16_t));
        entries->bytes += POOL_CHUNK * sizeof(uint16_t);
    }
    memcpy(entries->pool[at / POOL_CHUNK] + at % POOL_CHUNK, values, count * sizeof *values);
    entries->pool_count = at + (uint32_t)count;
    return at;
}

void entries_add(struct entries *entries, uint32_t number, const struct entry *entry, const uint16_t *values,
                 size_t value_count)
{
    struct entry **chunk = &entries->chunks[number / ENTRY_CHUNK];
    struct entry *mine;

    assert(number / ENTRY_CHUNK < ENTRY_CHUNKS_MAX && number >= atomic_load(&entries->count));
    if (*chunk == NULL) {
        *chunk = memory_alloc_zeroed(ENTRY_CHUNK, sizeof **chunk);
        entries->bytes += ENTRY_CHUNK * sizeof **chunk;
    }
    mine = &(*chunk)[number % ENTRY_CHUNK];
    *mine = *entry;
    mine->value_count = (uint8_t)(value_count < 255 ? value_count : 255);
    mine->values_at = add_values(entries, values, mine->value_count);
    atomic_store_explicit(&entries->count, number + 1, memory_order_release);
}

void entries_remove(struct entries *entries, uint32_t number)
{
    struct entry *chunk = number < atomic_load(&entries->count) ? entries->chunks[number / ENTRY_CHUNK] : NULL;

    if (chunk != NULL) {
        __atomic_store_n(&chunk[number % ENTRY_CHUNK].next, 0, __ATOMIC_RELEASE);
    }
}
