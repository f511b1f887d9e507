/* The records that a map can show: the layers of site/site.json ("map", "layers"), narrowed by an address's parameters. The
 * page and its GeoJSON share this.
 *
 *   layer   a layer's name, several times for several; without any, those marked "shown"
 *   kind    LAYER:CODE; domain and step: a code
 *   view    LATITUDE,LONGITUDE,ZOOM: what is in the middle, and how often the width is halved (0 … 8) */
#ifndef MUSUBI_WEB_MAP_PLACES_H
#define MUSUBI_WEB_MAP_PLACES_H

#include "web/section.h"

#define MAP_LAYERS_MAX 8
#define MAP_ZOOM_MAX 8

struct map_layer {
    const struct value *part;
    const struct reg *reg; /* NULL: this model does not have it */
    struct str name;
    const struct field *place, *hub, *kind, *domain, *step, *label, *number, *about;
    bool on;
    size_t placed, unplaced; /* records */
};

struct map_place {
    const struct map_layer *layer;
    uint32_t layer_index;
    struct value *record;
    bool located;     /* else it has no place at all */
    bool approximate; /* as the record says, or because only its hub is known */
    bool by_hub;
    double lat, lon;
};

struct map_request {
    struct str kind, domain, step;
    bool has_view;
    double lat, lon;
    int zoom;
};

struct map_places {
    struct building *building;
    struct map_request request;
    struct map_layer layers[MAP_LAYERS_MAX];
    size_t layer_count;
    struct map_place *items;
    size_t count, capacity;
    struct map hubs; /* id → struct map_place of the first layer: where records stand of which only the hub is known */
};

/* Reads the parameters; what cannot be understood counts as not said. */
void map_request_read(struct map_places *places, struct building *building);
/* Every record of the layers that are on. ERR_LIMIT beyond a hundred thousand. */
int map_places_read(struct map_places *places, struct err *err);

#endif
