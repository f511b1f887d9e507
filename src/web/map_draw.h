/* What every map is drawn on: the community's own areas, as site/outlines.geojson has them. */
#ifndef MUSUBI_WEB_MAP_DRAW_H
#define MUSUBI_WEB_MAP_DRAW_H

#include "web/map.h"
#include "web/section.h"

struct map_bounds {
    double west, south, east, north; /* degrees */
};
/* Around the areas that the community's record lists; false when it lists none that has an outline. */
bool map_bounds(const struct building *building, struct map_bounds *ret_bounds);
/* [{"path", "name"}] of these areas. */
struct value *map_areas(struct building *building, const struct map_frame *frame);
/* Of a label, in the drawing's units: estimated. */
double map_label_width(struct str text);

/* Appends the views of places: by their "number", then those without one in the order there was. */
void map_list_by_number(struct arena *arena, struct value *const *views, size_t count, struct value *items);

#endif
