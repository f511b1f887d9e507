/* A hash table from strings to pointers, in an arena; it only grows. Keys are borrowed. The hash is no secret: who may
 * choose very many keys can make it slow, so limit their number first. */
#ifndef MUSUBI_BASE_MAP_H
#define MUSUBI_BASE_MAP_H

#include "base/arena.h"
#include "base/str.h"

struct map_slot {
    struct str key;
    void *value; /* NULL: free */
};

struct map {
    struct arena *arena;
    struct map_slot *slots;
    size_t capacity; /* a power of two, or 0 */
    size_t count;
};

void map_init(struct map *map, struct arena *arena);
/* Sets or replaces; value must not be NULL. */
void map_set(struct map *map, struct str key, void *value);
void *map_get(const struct map *map, struct str key); /* NULL when not there */

#endif
