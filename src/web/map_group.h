/* Putting together what lies too close on a map to be told apart: pure arithmetic. */
#ifndef MUSUBI_WEB_MAP_GROUP_H
#define MUSUBI_WEB_MAP_GROUP_H

#include "base/arena.h"

struct map_spot {
    double x, y;
    uint32_t layer; /* spots of different layers are never put together */
    uint32_t group; /* out: its group's position */
};
struct map_group {
    double x, y; /* the middle of its spots */
    uint32_t layer;
    size_t count;
};
/* Spots of a layer in the same square of `cell` units (and of a larger one when there would be more than `most` groups) become a
 * group. Groups stand in the order of their first spots. Returns how many there are. */
size_t map_group(struct map_spot *spots, size_t count, double cell, size_t most, struct arena *arena,
                 struct map_group **ret_groups);

#endif
