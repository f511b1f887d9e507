/* Pictures of an outside tile server behind the map: only where the operator names one (setting map_tiles), since every
 * reader's browser then asks it. Tiles are Web Mercator; within one of them the difference to the map's own projection is less
 * than a unit at the scales the map has, so each is stretched to its own corners. */
#ifndef MUSUBI_WEB_MAP_TILES_H
#define MUSUBI_WEB_MAP_TILES_H

#include "web/map.h"
#include "web/section.h"

/* "https://host" of a URL with {z}, {x}, {y}, for the page's policy; empty when it is not one. */
struct str map_tiles_origin(struct str url);
/* Adds "tiles" ([{"href", "x", "y", "width", "height"}], empty without a server) and "tiles_credit" to the view. */
void map_tiles_add(struct building *building, const struct map_frame *frame, double degrees_wide, struct value *view);

#endif
