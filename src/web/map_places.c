#include "web/map_places.h"

#include "insight/roles.h"
#include "model/record.h"

#include <math.h>
#include <stdlib.h>

#define PLACES_MAX 100000

/* ---- the request ---- */

static const struct field *layer_field(const struct map_layer *layer, struct str member)
{
    return layout_field(layer->part, member, layer->reg);
}

static void add_layer(struct map_places *places, const struct value *part)
{
    struct map_layer *layer = &places->layers[places->layer_count];

    *layer = (struct map_layer){
        .part = part,
        .reg = layout_register(part, places->building->call->site->model),
        .name = value_get_text(part, STR("name")),
    };
    if (layer->reg == NULL) {
        return;
    }
    layer->place = layer_field(layer, STR("place"));
    layer->hub = layer_field(layer, STR("hub"));
    layer->kind = layer_field(layer, STR("kind"));
    layer->domain = layer_field(layer, STR("domain"));
    layer->step = layer_field(layer, STR("step"));
    layer->label = layer_field(layer, STR("label"));
    layer->number = layer_field(layer, STR("number"));
    layer->about = layer_field(layer, STR("about"));
    places->layer_count++;
}

static void choose_layers(struct map_places *places)
{
    const struct http_request *request = places->building->call->request;
    bool any = false;

    for (size_t i = 0; i < request->query_count; i++) {
        for (size_t l = 0; l < places->layer_count; l++) {
            if (str_eq(request->query[i].name, STR("layer")) &&
                str_eq(request->query[i].value, places->layers[l].name)) {
                places->layers[l].on = true;
                any = true;
            }
        }
    }
    for (size_t l = 0; !any && l < places->layer_count; l++) {
        places->layers[l].on = value_get_bool(places->layers[l].part, STR("shown"));
    }
}

/* A plain decimal number within bounds. */
static bool number_within(struct str text, double least, double most, double *ret_number)
{
    struct decimal decimal;
    double number;

    if (!decimal_parse(text, &decimal)) {
        return false;
    }
    number = decimal_to_double(decimal);
    *ret_number = number;
    return number >= least && number <= most;
}

static void read_view(struct map_request *request, struct str view)
{
    struct str rest = view;
    struct str lat = {0}, lon = {0}, zoom = {0};
    double level = 0;
    bool done = false;

    request->has_view = str_next_part(&rest, ',', &done, &lat) && str_next_part(&rest, ',', &done, &lon) &&
                        str_next_part(&rest, ',', &done, &zoom) && number_within(lat, -85, 85, &request->lat) &&
                        number_within(lon, -180, 180, &request->lon) && number_within(zoom, 0, MAP_ZOOM_MAX, &level);
    request->zoom = request->has_view ? (int)level : 0;
}

void map_request_read(struct map_places *places, struct building *building)
{
    const struct http_request *request = building->call->request;
    const struct value *parts = value_get(building->call->site->layout.map, STR("layers"));
    struct str view = {0};

    *places = (struct map_places){.building = building};
    map_init(&places->hubs, building->arena);
    for (size_t i = 0; i < value_count(parts) && places->layer_count < MAP_LAYERS_MAX; i++) {
        add_layer(places, value_at(parts, i));
    }
    choose_layers(places);
    http_query(request, "kind", &places->request.kind);
    http_query(request, "domain", &places->request.domain);
    http_query(request, "step", &places->request.step);
    http_query(request, "view", &view);
    read_view(&places->request, view);
}

/* ---- records ---- */

static bool has_text(const struct value *record, const struct field *field, struct str text)
{
    for (size_t i = 0; i < field_count(record, field); i++) {
        if (str_eq(field_text(record, field, i), text)) {
            return true;
        }
    }
    return false;
}

/* What a layer cannot say does not narrow it: a hub has no kind. */
static bool is_asked_for(const struct map_places *places, const struct map_layer *layer, const struct value *record)
{
    const struct map_request *request = &places->request;
    struct str kind = request->kind;
    struct str prefix = arena_concat(places->building->arena, 2, layer->name, STR(":"));
    bool of_kind =
        kind.len == 0 || layer->kind == NULL || (str_take(&kind, prefix) && has_text(record, layer->kind, kind));

    return of_kind && roles_pass(value_get(layer->part, STR("filter")), record) &&
           (request->domain.len == 0 || layer->domain == NULL || has_text(record, layer->domain, request->domain)) &&
           (request->step.len == 0 || layer->step == NULL || has_text(record, layer->step, request->step));
}

static bool read_point(const struct value *point, struct map_place *place)
{
    const struct value *lat = value_get(point, STR("lat"));
    const struct value *lon = value_get(point, STR("lon"));

    if (lat == NULL || lon == NULL || lat->kind != VALUE_NUMBER || lon->kind != VALUE_NUMBER) {
        return false;
    }
    place->lat = decimal_to_double(lat->number);
    place->lon = decimal_to_double(lon->number);
    place->approximate = value_get_bool(point, STR("approximate"));
    return true;
}

static void locate(struct map_places *places, struct map_place *place)
{
    const struct map_layer *layer = place->layer;

    place->located = layer->place != NULL && read_point(value_get(place->record, layer->place->name), place);
    for (size_t i = 0; !place->located && i < field_count(place->record, layer->hub); i++) {
        const struct map_place *hub = map_get(&places->hubs, field_text(place->record, layer->hub, i));
        if (hub != NULL && hub->located) {
            place->located = place->approximate = place->by_hub = true;
            place->lat = hub->lat;
            place->lon = hub->lon;
        }
    }
}

struct reading {
    struct map_places *places;
    size_t layer;
    struct err *err;
};

static struct map_place *room_for_one(struct map_places *places)
{
    if (places->count == places->capacity) {
        size_t capacity = places->capacity == 0 ? 128 : 2 * places->capacity;
        struct map_place *items = ARENA_NEW_ARRAY(places->building->arena, capacity, struct map_place);
        for (size_t i = 0; i < places->count; i++) {
            items[i] = places->items[i];
        }
        places->items = items;
        places->capacity = capacity;
    }
    return &places->items[places->count++];
}

static int take_record(void *context, const struct found *found)
{
    struct reading *reading = context;
    struct map_places *places = reading->places;
    struct map_layer *layer = &places->layers[reading->layer];
    struct map_place place = {.layer = layer, .layer_index = (uint32_t)reading->layer};
    struct str id;

    if (places->count == PLACES_MAX) {
        return err_set(reading->err, ERR_LIMIT, "there are more than %d places, too many for one map", PLACES_MAX);
    }
    if (!is_asked_for(places, layer, found->record) && reading->layer > 0) {
        return 0;
    }
    place.record = value_copy(places->building->arena, found->record);
    locate(places, &place);
    if (reading->layer == 0) {
        struct map_place *kept = ARENA_NEW(places->building->arena, struct map_place);
        *kept = place;
        id = record_id(place.record);
        map_set(&places->hubs, id, kept);
    }
    if (layer->on && is_asked_for(places, layer, found->record)) {
        layer->placed += place.located;
        layer->unplaced += !place.located;
        *room_for_one(places) = place;
    }
    return 0;
}

int map_places_read(struct map_places *places, struct err *err)
{
    for (size_t l = 0; l < places->layer_count; l++) {
        struct reading reading = {places, l, err};
        /* The first layer is read in any case: others may stand where its records do. */
        if ((l == 0 || places->layers[l].on) &&
            store_each(places->building->reader, places->layers[l].reg, take_record, &reading, err) != 0) {
            return -1;
        }
    }
    return 0;
}
