/* The map of everything that has a place, drawn by the server: layers to choose, filters, a view that the address keeps, and the
 * same records as lists and as GeoJSON. web/static/map.js moves the view without a new page; nothing needs it. */
#include "web/map_page.h"

#include "base/intl.h"
#include "insight/roles.h"
#include "model/record.h"
#include "web/map_draw.h"
#include "web/map_group.h"
#include "web/map_places.h"
#include "web/map_tiles.h"
#include "web/query.h"

#include <math.h>

#define CELL 30.0      /* units within which places are put together */
#define GROUPS_MAX 120 /* more markers than these nobody can read */
#define LISTED_MAX 40  /* of one group */
#define HUB_RADIUS 15.0
#define SPOT_RADIUS 7.0
#define GROUP_RADIUS 11.0
#define STEP 0.35 /* of the view's width, for the buttons that move it */

struct mapping {
    struct map_places places;
    struct building building;
    bool drawn;
    struct map_bounds whole, window;
    struct map_frame frame;
    double lat, lon; /* the middle of the window */
    int zoom;
    struct value *frame_view;
};

/* ---- the window ---- */

static double clamp(double x, double least, double most)
{
    return fmin(fmax(x, least), most);
}

static void choose_window(struct mapping *mapping)
{
    const struct map_request *request = &mapping->places.request;
    const struct map_bounds *whole = &mapping->whole;
    double share, width, height;

    mapping->zoom = request->zoom;
    share = 1.0 / (double)(1 << mapping->zoom);
    width = (whole->east - whole->west) * share;
    height = (whole->north - whole->south) * share;
    mapping->lon = request->has_view ? request->lon : (whole->west + whole->east) / 2;
    mapping->lat = request->has_view ? request->lat : (whole->south + whole->north) / 2;
    mapping->lon = clamp(mapping->lon, whole->west + width / 2, whole->east - width / 2);
    mapping->lat = clamp(mapping->lat, whole->south + height / 2, whole->north - height / 2);
    mapping->window = (struct map_bounds){mapping->lon - width / 2, mapping->lat - height / 2, mapping->lon + width / 2,
                                          mapping->lat + height / 2};
    mapping->frame =
        map_frame_of(mapping->window.west, mapping->window.south, mapping->window.east, mapping->window.north);
}

static struct str view_text(struct arena *arena, double lat, double lon, int zoom)
{
    return arena_format(arena, "%.4f,%.4f,%d", lat, lon, zoom);
}

/* {"value", "text", "sign", "off"}: a button that asks for another view. */
static void add_button(struct mapping *mapping, struct value *buttons, const char *sign, const char *words, bool off,
                       struct str view)
{
    struct arena *arena = mapping->building.arena;
    struct value *button = value_object(arena);

    value_set_text(arena, button, STR("value"), view);
    value_set_text(arena, button, STR("sign"), str_from_cstr(sign));
    value_set_text(arena, button, STR("text"), SAY(mapping->building.call, words));
    value_set(arena, button, STR("off"), value_bool(arena, off));
    value_append(arena, buttons, button);
}

static struct value *view_buttons(struct mapping *mapping)
{
    struct arena *arena = mapping->building.arena;
    struct value *buttons = value_list(arena);
    double lat = mapping->lat, lon = mapping->lon;
    double across = (mapping->window.east - mapping->window.west) * STEP;
    double up = (mapping->window.north - mapping->window.south) * STEP;
    int zoom = mapping->zoom;

    add_button(mapping, buttons, "+", "map-in", zoom == MAP_ZOOM_MAX,
               view_text(arena, lat, lon, zoom < MAP_ZOOM_MAX ? zoom + 1 : zoom));
    add_button(mapping, buttons, "−", "map-out", zoom == 0, view_text(arena, lat, lon, zoom > 0 ? zoom - 1 : 0));
    add_button(mapping, buttons, "↑", "map-north", zoom == 0, view_text(arena, lat + up, lon, zoom));
    add_button(mapping, buttons, "↓", "map-south", zoom == 0, view_text(arena, lat - up, lon, zoom));
    add_button(mapping, buttons, "←", "map-west", zoom == 0, view_text(arena, lat, lon - across, zoom));
    add_button(mapping, buttons, "→", "map-east", zoom == 0, view_text(arena, lat, lon + across, zoom));
    add_button(mapping, buttons, "⤢", "map-whole", zoom == 0, STR(""));
    return buttons;
}

/* ---- what is asked for, as forms show it ---- */

static struct value *option(struct mapping *mapping, struct str value, struct str text, struct str chosen)
{
    struct arena *arena = mapping->building.arena;
    struct value *view = value_object(arena);

    value_set_text(arena, view, STR("value"), value);
    value_set_text(arena, view, STR("text"), text);
    value_set(arena, view, STR("selected"), value_bool(arena, str_eq(value, chosen)));
    return view;
}

static void add_terms(struct mapping *mapping, struct value *options, const struct field *field, struct str prefix,
                      struct str chosen)
{
    struct building *building = &mapping->building;

    for (size_t i = 0; field != NULL && field->vocabulary != NULL && i < field->vocabulary->term_count; i++) {
        const struct term *term = &field->vocabulary->terms[i];
        if (!term->retired) {
            value_append(building->arena, options,
                         option(mapping, arena_concat(building->arena, 2, prefix, term->code),
                                bilingual_best(term->label, building->call->lang), chosen));
        }
    }
}

/* The terms of every layer's kind, grouped by layer; a layer with a filter of its own shows no other kinds. */
static struct value *kind_options(struct mapping *mapping)
{
    struct building *building = &mapping->building;
    struct value *groups = value_list(building->arena);

    for (size_t l = 0; l < mapping->places.layer_count; l++) {
        const struct map_layer *layer = &mapping->places.layers[l];
        struct value *group = value_object(building->arena);
        struct value *options = value_list(building->arena);
        if (layer->kind == NULL) {
            continue;
        }
        add_terms(mapping, options, layer->kind, arena_concat(building->arena, 2, layer->name, STR(":")),
                  mapping->places.request.kind);
        value_set_text(building->arena, group, STR("title"),
                       bilingual_best(layout_text(layer->part, STR("title")), building->call->lang));
        value_set(building->arena, group, STR("options"), options);
        value_append(building->arena, groups, group);
    }
    return groups;
}

static struct value *shared_options(struct mapping *mapping, bool steps)
{
    struct value *options = value_list(mapping->building.arena);
    const struct map_request *request = &mapping->places.request;

    for (size_t l = 0; l < mapping->places.layer_count; l++) {
        const struct map_layer *layer = &mapping->places.layers[l];
        const struct field *field = steps ? layer->step : layer->domain;
        if (field != NULL) {
            add_terms(mapping, options, field, STR(""), steps ? request->step : request->domain);
            break;
        }
    }
    return options;
}

static struct value *layer_views(struct mapping *mapping)
{
    struct building *building = &mapping->building;
    struct arena *arena = building->arena;
    struct value *views = value_list(arena);

    for (size_t l = 0; l < mapping->places.layer_count; l++) {
        const struct map_layer *layer = &mapping->places.layers[l];
        struct value *view = value_object(arena);
        struct http_pair counts[] = {
            {STR("placed"), intl_integer(arena, lang_codes[building->call->lang], (int64_t)layer->placed)},
            {STR("unplaced"), intl_integer(arena, lang_codes[building->call->lang], (int64_t)layer->unplaced)},
        };
        value_set_text(arena, view, STR("name"), layer->name);
        value_set_text(arena, view, STR("text"),
                       bilingual_best(layout_text(layer->part, STR("title")), building->call->lang));
        value_set(arena, view, STR("on"), value_bool(arena, layer->on));
        value_set_text(arena, view, STR("counts"),
                       layer->on ? say(building->call, layer->unplaced > 0 ? "map-counts" : "map-count", counts, 2)
                                 : STR(""));
        value_append(arena, views, view);
    }
    return views;
}

/* ---- markers ---- */

static struct str unit_text(struct arena *arena, double number)
{
    return arena_format(arena, "%.1f", number);
}

static struct value *place_link(struct mapping *mapping, const struct map_place *place)
{
    struct building *building = &mapping->building;
    struct found found = {.reg = place->layer->reg, .record = place->record};
    struct value *view = section_label(building, &found, place->layer->label);

    value_set_text(building->arena, view, STR("href"),
                   display_record_href(&building->display, found.reg, record_id(place->record)));
    value_set(building->arena, view, STR("approximate"), value_bool(building->arena, place->approximate));
    value_set(building->arena, view, STR("by_hub"), value_bool(building->arena, place->by_hub));
    return view;
}

static struct str place_number(struct mapping *mapping, const struct map_place *place)
{
    const struct field *field = place->layer->number;
    const struct value *number = field == NULL ? NULL : value_get(place->record, field->name);
    int64_t whole;

    if (number == NULL || number->kind != VALUE_NUMBER || !decimal_to_int64(number->number, &whole)) {
        return STR("");
    }
    return arena_format(mapping->building.arena, "%lld", (long long)whole);
}

static bool in_window(const struct mapping *mapping, const struct map_place *place, double *x, double *y)
{
    if (!place->located) {
        return false;
    }
    *x = map_x(&mapping->frame, place->lon);
    *y = map_y(&mapping->frame, place->lat);
    return *x >= 0 && *x <= MAP_WIDTH && *y >= 0 && *y <= mapping->frame.height;
}

struct markers {
    struct map_marker *markers;
    struct value **views;
    size_t count;
};

static void set_marker(struct arena *arena, struct value *view, const struct map_marker *marker)
{
    value_set_text(arena, view, STR("x"), unit_text(arena, marker->x));
    value_set_text(arena, view, STR("y"), unit_text(arena, marker->y));
    value_set_text(arena, view, STR("at_x"), unit_text(arena, marker->at_x));
    value_set_text(arena, view, STR("at_y"), unit_text(arena, marker->at_y));
    value_set_text(arena, view, STR("r"), unit_text(arena, marker->radius));
    value_set_text(arena, view, STR("left"), unit_text(arena, marker->x - marker->radius));
    value_set_text(arena, view, STR("top"), unit_text(arena, marker->y - marker->radius));
    value_set_text(arena, view, STR("side"), unit_text(arena, 2 * marker->radius));
    value_set_text(arena, view, STR("label_x"),
                   unit_text(arena, marker->label_x + (marker->label_ends ? marker->label_width : 0)));
    value_set(arena, view, STR("label_ends"), value_bool(arena, marker->label_ends));
    value_set_text(arena, view, STR("label_y"), unit_text(arena, marker->label_y + 5.5));
    value_set_text(arena, view, STR("text_y"), unit_text(arena, marker->y + 5.5));
    value_set(arena, view, STR("has_label"), value_bool(arena, marker->has_label));
}

static void add_marker(struct markers *markers, struct map_marker marker, struct value *view)
{
    markers->markers[markers->count] = marker;
    markers->views[markers->count++] = view;
}

/* Records of the first layer, each by itself, with a label where there is room. */
static void add_hubs(struct mapping *mapping, struct markers *markers, struct value *items)
{
    struct arena *arena = mapping->building.arena;
    struct value **views = ARENA_NEW_ARRAY(arena, mapping->places.count, struct value *);
    size_t count = 0;

    for (size_t i = 0; i < mapping->places.count; i++) {
        const struct map_place *place = &mapping->places.items[i];
        struct map_marker marker = {0};
        struct str number;
        struct value *view;
        if (place->layer_index != 0 || !in_window(mapping, place, &marker.at_x, &marker.at_y)) {
            continue;
        }
        number = place_number(mapping, place);
        view = place_link(mapping, place);
        marker.radius = number.len > 0 ? HUB_RADIUS : SPOT_RADIUS;
        marker.label_width =
            number.len > 0 || mapping->zoom > 0 ? map_label_width(value_get_text(view, STR("text"))) : 0;
        value_set_text(arena, view, STR("number"), number);
        value_set_text(arena, view, STR("class"), number.len > 0 ? STR("hub") : STR("spot"));
        add_marker(markers, marker, view);
        views[count++] = view;
    }
    map_list_by_number(arena, views, count, items);
}

/* ---- groups ---- */

struct grouping {
    struct map_spot *spots;
    const struct map_place **places;
    size_t count;
    struct map_group *groups;
    size_t group_count;
};

static void group_places(struct mapping *mapping, struct grouping *grouping)
{
    struct arena *arena = mapping->building.arena;
    const struct map_places *places = &mapping->places;

    grouping->spots = ARENA_NEW_ARRAY(arena, places->count, struct map_spot);
    grouping->places = ARENA_NEW_ARRAY(arena, places->count, const struct map_place *);
    for (size_t i = 0; i < places->count; i++) {
        const struct map_place *place = &places->items[i];
        struct map_spot *spot = &grouping->spots[grouping->count];
        if (place->layer_index != 0 && in_window(mapping, place, &spot->x, &spot->y)) {
            spot->layer = place->layer_index;
            grouping->places[grouping->count++] = place;
        }
    }
    grouping->group_count = map_group(grouping->spots, grouping->count, CELL, GROUPS_MAX, arena, &grouping->groups);
}

/* The list entry of a group: {"anchor", "count", "items", "rest", "view"}. */
static struct value *group_entry(struct mapping *mapping, const struct grouping *grouping, size_t group)
{
    struct building *building = &mapping->building;
    struct arena *arena = building->arena;
    struct value *entry = value_object(arena);
    struct value *items = value_list(arena);
    size_t listed = 0, count = grouping->groups[group].count;
    double lat = 0, lon = 0;

    for (size_t i = 0; i < grouping->count; i++) {
        if (grouping->spots[i].group != group) {
            continue;
        }
        lat += grouping->places[i]->lat;
        lon += grouping->places[i]->lon;
        if (listed++ < LISTED_MAX) {
            value_append(arena, items, place_link(mapping, grouping->places[i]));
        }
    }
    value_set_text(arena, entry, STR("anchor"), arena_format(arena, "group-%zu", group + 1));
    value_set_text(arena, entry, STR("count"), intl_integer(arena, lang_codes[building->call->lang], (int64_t)count));
    value_set(arena, entry, STR("several"), value_bool(arena, count > 1));
    value_set(arena, entry, STR("items"), items);
    value_set(arena, entry, STR("rest"),
              count > LISTED_MAX ? value_text(arena, intl_integer(arena, lang_codes[building->call->lang],
                                                                  (int64_t)(count - LISTED_MAX)))
                                 : value_bool(arena, false));
    value_set(arena, entry, STR("view"),
              count > 1 && mapping->zoom < MAP_ZOOM_MAX
                  ? value_text(arena, view_text(arena, lat / (double)count, lon / (double)count, mapping->zoom + 1))
                  : value_bool(arena, false));
    return entry;
}

static struct value *group_marker(struct mapping *mapping, const struct grouping *grouping, size_t group,
                                  const struct value *entry)
{
    struct building *building = &mapping->building;
    struct arena *arena = building->arena;
    const struct map_layer *layer = &mapping->places.layers[grouping->groups[group].layer];
    struct value *view;
    struct str title = bilingual_best(layout_text(layer->part, STR("title")), building->call->lang);

    if (grouping->groups[group].count == 1) {
        view = value_copy(arena, value_at(value_get(entry, STR("items")), 0));
        value_set_text(arena, view, STR("number"), STR(""));
    } else {
        view = display_plain_text(arena, arena_concat(arena, 3, title, STR(" "), value_get_text(entry, STR("count"))));
        value_set_text(arena, view, STR("href"),
                       arena_concat(arena, 2, STR("#"), value_get_text(entry, STR("anchor"))));
        value_set_text(arena, view, STR("number"), value_get_text(entry, STR("count")));
        value_set(arena, view, STR("approximate"), value_bool(arena, false));
    }
    value_set_text(arena, view, STR("class"), arena_concat(arena, 2, STR("layer l-"), layer->name));
    return view;
}

/* Groups as markers and, by layer, as lists. */
static struct value *add_groups(struct mapping *mapping, struct markers *markers)
{
    struct building *building = &mapping->building;
    struct arena *arena = building->arena;
    struct grouping grouping = {0};
    struct value *lists = value_list(arena);

    group_places(mapping, &grouping);
    markers->markers = ARENA_NEW_ARRAY(arena, mapping->places.count + grouping.group_count, struct map_marker);
    markers->views = ARENA_NEW_ARRAY(arena, mapping->places.count + grouping.group_count, struct value *);
    add_hubs(mapping, markers, (struct value *)value_get(mapping->frame_view, STR("items")));
    for (size_t l = 1; l < mapping->places.layer_count; l++) {
        const struct map_layer *layer = &mapping->places.layers[l];
        struct value *list = display_text(arena, building->call->lang, layout_text(layer->part, STR("title")));
        struct value *entries = value_list(arena);
        for (size_t g = 0; g < grouping.group_count; g++) {
            const struct map_group *group = &grouping.groups[g];
            struct value *entry;
            if (group->layer != l) {
                continue;
            }
            entry = group_entry(mapping, &grouping, g);
            value_append(arena, entries, entry);
            add_marker(markers,
                       (struct map_marker){
                           .at_x = group->x, .at_y = group->y, .radius = group->count > 1 ? GROUP_RADIUS : SPOT_RADIUS},
                       group_marker(mapping, &grouping, g, entry));
        }
        value_set_text(arena, list, STR("name"), layer->name);
        value_set(arena, list, STR("groups"), entries);
        if (value_count(entries) > 0) {
            value_append(arena, lists, list);
        }
    }
    return lists;
}

static void add_markers(struct mapping *mapping)
{
    struct arena *arena = mapping->building.arena;
    struct value *frame = mapping->frame_view;
    struct value *points = value_list(arena);
    struct markers markers = {0};
    struct value *lists;

    value_set(arena, frame, STR("items"), value_list(arena));
    lists = add_groups(mapping, &markers);
    map_arrange(markers.markers, markers.count, mapping->frame.height);
    for (size_t i = 0; i < markers.count; i++) {
        set_marker(arena, markers.views[i], &markers.markers[i]);
        value_append(arena, points, markers.views[i]);
    }
    value_set(arena, frame, STR("points"), points);
    value_set(arena, frame, STR("lists"), lists);
    value_set(arena, frame, STR("has_items"), value_bool(arena, value_count(value_get(frame, STR("items"))) > 0));
    value_set(arena, frame, STR("nothing"), value_bool(arena, value_count(points) == 0));
}

/* ---- the page ---- */

static void add_request(struct mapping *mapping)
{
    struct building *building = &mapping->building;
    struct arena *arena = building->arena;
    struct value *frame = mapping->frame_view;
    const struct map_request *request = &mapping->places.request;
    struct str query = call_raw_query(building->call);

    value_set_text(arena, frame, STR("action"), page_href(building->call, STR("map")));
    value_set(arena, frame, STR("layers"), layer_views(mapping));
    value_set(arena, frame, STR("kinds"), kind_options(mapping));
    value_set(arena, frame, STR("domains"), shared_options(mapping, false));
    value_set(arena, frame, STR("steps"), shared_options(mapping, true));
    value_set_text(arena, frame, STR("kind_value"), request->kind);
    value_set_text(arena, frame, STR("domain_value"), request->domain);
    value_set_text(arena, frame, STR("step_value"), request->step);
    value_set_text(arena, frame, STR("view_value"),
                   request->has_view ? view_text(arena, mapping->lat, mapping->lon, mapping->zoom) : STR(""));
    value_set_text(arena, frame, STR("geojson_href"),
                   arena_concat(arena, 2, page_href(building->call, STR("map.geojson")), query));
}

static void add_drawing(struct mapping *mapping)
{
    struct arena *arena = mapping->building.arena;
    struct value *frame = mapping->frame_view;

    choose_window(mapping);
    value_set_text(arena, frame, STR("width"), arena_format(arena, "%.0f", MAP_WIDTH));
    value_set_text(arena, frame, STR("height"), arena_format(arena, "%.0f", mapping->frame.height));
    value_set_text(arena, frame, STR("lat"), arena_format(arena, "%.4f", mapping->lat));
    value_set_text(arena, frame, STR("lon"), arena_format(arena, "%.4f", mapping->lon));
    value_set_text(arena, frame, STR("zoom"), arena_format(arena, "%d", mapping->zoom));
    value_set_text(arena, frame, STR("x_scale"), arena_format(arena, "%.4f", mapping->frame.x_scale));
    value_set_text(arena, frame, STR("y_scale"), arena_format(arena, "%.4f", mapping->frame.y_scale));
    value_set(arena, frame, STR("areas"), map_areas(&mapping->building, &mapping->frame));
    value_set(arena, frame, STR("buttons"), view_buttons(mapping));
    map_tiles_add(&mapping->building, &mapping->frame, mapping->window.east - mapping->window.west, frame);
}

static int begin(struct mapping *mapping, struct call *call, struct reader **ret_reader)
{
    struct query query;
    struct err err = {0};

    if (page_query(call, NULL, QUERY_ON | QUERY_AS_OF, &query) != 0 ||
        building_begin(&mapping->building, call, &query, ret_reader) != 0) {
        return -1;
    }
    map_request_read(&mapping->places, &mapping->building);
    if (map_places_read(&mapping->places, &err) != 0) {
        page_send_err(call, &err);
        return -1;
    }
    return 0;
}

static void page_map(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct mapping mapping = {0};

    if (begin(&mapping, call, &reader) != 0) {
        return;
    }
    mapping.frame_view =
        page_frame(call, &mapping.building.community, display_plain_text(call->arena, SAY(call, "map")));
    mapping.drawn = map_bounds(&mapping.building, &mapping.whole);
    if (!mapping.drawn) {
        mapping.whole = (struct map_bounds){-180, -85, 180, 85};
    }
    value_set(call->arena, mapping.frame_view, STR("drawn"), value_bool(call->arena, mapping.drawn));
    add_drawing(&mapping);
    add_markers(&mapping);
    add_request(&mapping);
    value_set_text(call->arena, mapping.frame_view, STR("script"),
                   asset_named(&call->site->assets, STR("map.js"))->path);
    page_send(call, "map_page", mapping.frame_view);
}

/* ---- GeoJSON ---- */

static struct value *coordinates(struct arena *arena, const struct map_place *place)
{
    struct value *geometry = value_object(arena);
    struct value *position = value_list(arena);
    double both[] = {place->lon, place->lat};

    if (!place->located) {
        return value_null(arena);
    }
    for (size_t i = 0; i < 2; i++) {
        struct decimal number = {0};
        decimal_from_double(both[i], &number);
        value_append(arena, position, value_number(arena, number));
    }
    value_set_text(arena, geometry, STR("type"), STR("Point"));
    value_set(arena, geometry, STR("coordinates"), position);
    return geometry;
}

static struct value *feature(struct mapping *mapping, const struct map_place *place)
{
    struct building *building = &mapping->building;
    struct arena *arena = building->arena;
    struct value *view = value_object(arena);
    struct value *properties = value_object(arena);
    struct str id = record_id(place->record);
    struct bilingual label = record_label(building->call->site->model, place->layer->reg, place->record, arena);

    value_set_text(arena, properties, STR("layer"), place->layer->name);
    value_set_text(arena, properties, STR("register"), place->layer->reg->name);
    value_set_text(arena, properties, STR("id"), id);
    value_set(arena, properties, STR("name"), view_bilingual(arena, label));
    value_set_text(arena, properties, STR("url"),
                   arena_concat(arena, 2, call_site_url(building->call),
                                display_record_href(&building->display, place->layer->reg, id)));
    value_set(arena, properties, STR("approximate"), value_bool(arena, place->approximate));
    value_set(arena, properties, STR("placed_by_hub"), value_bool(arena, place->by_hub));
    value_set_text(arena, view, STR("type"), STR("Feature"));
    value_set_text(arena, view, STR("id"), arena_concat(arena, 3, place->layer->reg->name, STR("/"), id));
    value_set(arena, view, STR("geometry"), coordinates(arena, place));
    value_set(arena, view, STR("properties"), properties);
    return view;
}

static void map_geojson(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct mapping mapping = {0};
    struct value *collection = value_object(call->arena);
    struct value *features = value_list(call->arena);

    if (begin(&mapping, call, &reader) != 0) {
        return;
    }
    for (size_t i = 0; i < mapping.places.count; i++) {
        value_append(call->arena, features, feature(&mapping, &mapping.places.items[i]));
    }
    value_set_text(call->arena, collection, STR("type"), STR("FeatureCollection"));
    value_set(call->arena, collection, STR("features"), features);
    call_send_json(call, collection, "application/geo+json", reader_seq(reader));
}

const struct route map_routes[] = {
    {"/{lang}/map", page_map, true},
    {"/{lang}/map.geojson", map_geojson, false},
    {NULL, NULL, false},
};
