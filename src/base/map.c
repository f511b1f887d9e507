#include "base/map.h"

#include <assert.h>

#define FIRST_CAPACITY 16

void map_init(struct map *map, struct arena *arena)
{
    *map = (struct map){.arena = arena};
}

/* The slot that holds the key, or the free one where it would go. At most three quarters are taken, so there is one. */
static struct map_slot *find_slot(struct map_slot *slots, size_t capacity, struct str key)
{
    uint64_t hash = str_hash(key);
    /* FNV mixes upwards; the high half folded in makes the low bits depend on every byte. */
    size_t at = (size_t)(hash ^ hash >> 32) & (capacity - 1);
    while (slots[at].value && !str_eq(slots[at].key, key)) {
        at = (at + 1) & (capacity - 1);
    }
    return &slots[at];
}

static void grow(struct map *map)
{
    size_t capacity = map->capacity == 0 ? FIRST_CAPACITY : map->capacity * 2;
    struct map_slot *slots = ARENA_NEW_ARRAY(map->arena, capacity, struct map_slot);
    for (size_t i = 0; i < map->capacity; i++) {
        if (map->slots[i].value) {
            *find_slot(slots, capacity, map->slots[i].key) = map->slots[i];
        }
    }
    map->slots = slots;
    map->capacity = capacity;
}

void map_set(struct map *map, struct str key, void *value)
{
    assert(value);
    if (map->count >= map->capacity / 4 * 3) {
        grow(map);
    }
    struct map_slot *slot = find_slot(map->slots, map->capacity, key);
    if (slot->value) {
        slot->value = value; /* the key stays the one that was set first */
        return;
    }
    *slot = (struct map_slot){.key = key, .value = value};
    map->count++;
}

void *map_get(const struct map *map, struct str key)
{
    return map->capacity == 0 ? NULL : find_slot(map->slots, map->capacity, key)->value;
}
