#include "web/map_group.h"

#include "base/map.h"

#include <math.h>

#define WIDER 1.4 /* each time there are too many groups */

/* One round with this size of square. */
static size_t group_once(struct map_spot *spots, size_t count, double cell, struct arena *arena,
                         struct map_group *groups)
{
    struct map by_square;
    size_t found = 0;

    map_init(&by_square, arena);
    for (size_t i = 0; i < count; i++) {
        struct str key =
            arena_format(arena, "%u %.0f %.0f", spots[i].layer, floor(spots[i].x / cell), floor(spots[i].y / cell));
        struct map_group *group = map_get(&by_square, key);
        if (group == NULL) {
            group = &groups[found++];
            *group = (struct map_group){.layer = spots[i].layer};
            map_set(&by_square, key, group);
        }
        spots[i].group = (uint32_t)(group - groups);
        group->count++;
        group->x += spots[i].x;
        group->y += spots[i].y;
    }
    for (size_t g = 0; g < found; g++) {
        groups[g].x /= (double)groups[g].count;
        groups[g].y /= (double)groups[g].count;
    }
    return found;
}

size_t map_group(struct map_spot *spots, size_t count, double cell, size_t most, struct arena *arena,
                 struct map_group **ret_groups)
{
    struct map_group *groups = ARENA_NEW_ARRAY(arena, count, struct map_group);
    size_t found = group_once(spots, count, cell, arena, groups);

    while (found > most) {
        cell *= WIDER;
        found = group_once(spots, count, cell, arena, groups);
    }
    *ret_groups = groups;
    return found;
}
