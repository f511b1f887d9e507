/* A map as a section of a page: outlines of the community's own areas and a marker for each record that has a place. The
 * drawing is an SVG that a template writes; each marker is a link, and the same links stand in a list beside it. */
#include "web/map_draw.h"

#include "model/record.h"
#include "web/route.h"

#define RECORDS_MAX 200
#define NUMBERED_RADIUS 15.0
#define PLAIN_RADIUS 7.0

struct mapping {
    struct building *building;
    const struct value *section;
    const struct reg *reg;
    bool drawn; /* there are outlines; else the places are listed only */
    struct map_frame frame;
    struct value *points, *items;
};

/* ---- markers ---- */

static const struct field *part_field(const struct mapping *mapping, struct str name)
{
    return layout_field(mapping->section, name, mapping->reg);
}

/* False when the record has no place, or one that is not on the map. */
static bool place_of(const struct mapping *mapping, const struct found *found, struct map_marker *ret_marker)
{
    const struct field *place = part_field(mapping, STR("place"));
    const struct value *point = place == NULL ? NULL : value_get(found->record, place->name);
    const struct value *lat = value_get(point, STR("lat"));
    const struct value *lon = value_get(point, STR("lon"));
    double x, y;

    if (!mapping->drawn || lat == NULL || lon == NULL || lat->kind != VALUE_NUMBER || lon->kind != VALUE_NUMBER) {
        return false;
    }
    x = map_x(&mapping->frame, decimal_to_double(lon->number));
    y = map_y(&mapping->frame, decimal_to_double(lat->number));
    *ret_marker = (struct map_marker){.at_x = x, .at_y = y, .radius = PLAIN_RADIUS};
    return x >= 0 && x <= MAP_WIDTH && y >= 0 && y <= mapping->frame.height;
}

static struct str number_of(const struct mapping *mapping, const struct found *found)
{
    const struct field *field = part_field(mapping, STR("number"));
    const struct value *number = field == NULL ? NULL : value_get(found->record, field->name);
    int64_t whole;

    if (number == NULL || number->kind != VALUE_NUMBER || !decimal_to_int64(number->number, &whole)) {
        return STR("");
    }
    return arena_format(mapping->building->arena, "%lld", (long long)whole);
}

static struct str place_text(struct arena *arena, double number)
{
    return arena_format(arena, "%.1f", number);
}

static void add_point(struct mapping *mapping, const struct map_marker *marker, struct value *link, struct str number)
{
    struct arena *arena = mapping->building->arena;
    struct value *view = value_copy(arena, link);

    value_set_text(arena, view, STR("x"), place_text(arena, marker->x));
    value_set_text(arena, view, STR("y"), place_text(arena, marker->y));
    value_set_text(arena, view, STR("at_x"), place_text(arena, marker->at_x));
    value_set_text(arena, view, STR("at_y"), place_text(arena, marker->at_y));
    value_set_text(arena, view, STR("r"), place_text(arena, marker->radius));
    value_set_text(arena, view, STR("label_x"),
                   place_text(arena, marker->label_x + (marker->label_ends ? marker->label_width : 0)));
    value_set(arena, view, STR("label_ends"), value_bool(arena, marker->label_ends));
    value_set_text(arena, view, STR("label_y"), place_text(arena, marker->label_y + 5.5));
    value_set_text(arena, view, STR("text_y"), place_text(arena, marker->y + 5.5));
    value_set_text(arena, view, STR("number"), number);
    value_set(arena, view, STR("has_label"), value_bool(arena, marker->has_label));
    value_append(arena, mapping->points, view);
}

static void add_item(struct mapping *mapping, const struct found *found, struct str number)
{
    struct building *building = mapping->building;
    const struct field *about = part_field(mapping, STR("about"));
    const struct value *text = about == NULL ? NULL : value_get(found->record, about->name);
    struct value *item = section_link(building, found);

    value_set_text(building->arena, item, STR("number"), number);
    value_set(building->arena, item, STR("about"),
              text == NULL ? value_bool(building->arena, false)
                           : display_text(building->arena, building->call->lang, value_bilingual(text)));
    value_append(building->arena, mapping->items, item);
}

static void add_records(struct mapping *mapping, const struct page *page)
{
    struct building *building = mapping->building;
    const struct field *label = part_field(mapping, STR("label"));
    struct map_marker *markers = ARENA_NEW_ARRAY(building->arena, page->count, struct map_marker);
    struct value **links = ARENA_NEW_ARRAY(building->arena, page->count, struct value *);
    struct str *numbers = ARENA_NEW_ARRAY(building->arena, page->count, struct str);
    size_t count = 0;

    for (size_t i = 0; i < page->count; i++) {
        const struct found *found = &page->items[i];
        struct str number = number_of(mapping, found);
        add_item(mapping, found, number);
        if (!place_of(mapping, found, &markers[count])) {
            continue;
        }
        links[count] = section_label(building, found, label);
        value_set_text(building->arena, links[count], STR("href"),
                       display_record_href(&building->display, found->reg, record_id(found->record)));
        if (number.len > 0) {
            markers[count].radius = NUMBERED_RADIUS;
            markers[count].label_width = map_label_width(value_get_text(links[count], STR("text")));
        }
        numbers[count++] = number;
    }
    map_arrange(markers, count, mapping->frame.height);
    for (size_t i = 0; i < count; i++) {
        add_point(mapping, &markers[i], links[i], numbers[i]);
    }
}

/* The page with every layer, when this build has it. */
static struct value *whole_map(struct building *building)
{
    if (!route_serves(STR("/{lang}/map"))) {
        return value_bool(building->arena, false);
    }
    return value_text(building->arena, page_href(building->call, STR("map")));
}

int map_view(struct building *building, const struct value *section, struct value **ret_view, struct err *err)
{
    struct arena *arena = building->arena;
    struct mapping mapping = {
        .building = building,
        .section = section,
        .reg = layout_register(section, building->call->site->model),
        .points = value_list(arena),
        .items = value_list(arena),
    };
    struct value *view = value_object(arena);
    struct map_bounds bounds;
    struct page page;

    *ret_view = NULL;
    if (mapping.reg == NULL) {
        return 0;
    }
    mapping.drawn = map_bounds(building, &bounds);
    if (mapping.drawn) {
        mapping.frame = map_frame_of(bounds.west, bounds.south, bounds.east, bounds.north);
    }
    if (section_list(building, section, RECORDS_MAX, &page, err) != 0) {
        return -1;
    }
    if (page.count == 0) {
        return 0;
    }
    add_records(&mapping, &page);
    value_set_text(arena, view, STR("width"), arena_format(arena, "%.0f", MAP_WIDTH));
    value_set_text(arena, view, STR("height"), arena_format(arena, "%.0f", mapping.frame.height));
    value_set(arena, view, STR("drawn"), value_bool(arena, mapping.drawn));
    value_set(arena, view, STR("areas"), mapping.drawn ? map_areas(building, &mapping.frame) : value_list(arena));
    value_set(arena, view, STR("whole_href"), whole_map(building));
    value_set(arena, view, STR("points"), mapping.points);
    value_set(arena, view, STR("items"), mapping.items);
    *ret_view = view;
    return 0;
}

/* ---- any places ---- */

static bool place_on_map(const struct mapping *mapping, const struct found_place *place, struct map_marker *ret_marker)
{
    double x = map_x(&mapping->frame, place->lon), y = map_y(&mapping->frame, place->lat);

    *ret_marker = (struct map_marker){.at_x = x, .at_y = y, .radius = PLAIN_RADIUS};
    return x >= 0 && x <= MAP_WIDTH && y >= 0 && y <= mapping->frame.height;
}

struct value *map_of_places(struct building *building, const struct found_place *places, size_t count)
{
    struct arena *arena = building->arena;
    struct mapping mapping = {.building = building, .points = value_list(arena), .items = value_list(arena)};
    struct map_bounds bounds;
    struct map_marker *markers = ARENA_NEW_ARRAY(arena, count + 1, struct map_marker);
    struct value **links = ARENA_NEW_ARRAY(arena, count + 1, struct value *);
    struct value *view = value_object(arena);
    size_t drawn = 0;

    mapping.drawn = map_bounds(building, &bounds);
    if (mapping.drawn) {
        mapping.frame = map_frame_of(bounds.west, bounds.south, bounds.east, bounds.north);
    }
    for (size_t i = 0; mapping.drawn && i < count; i++) {
        if (place_on_map(&mapping, &places[i], &markers[drawn])) {
            links[drawn++] = places[i].link;
        }
    }
    if (drawn == 0) {
        return NULL;
    }
    map_arrange(markers, drawn, mapping.frame.height);
    for (size_t i = 0; i < drawn; i++) {
        add_point(&mapping, &markers[i], links[i], STR(""));
    }
    value_set_text(arena, view, STR("width"), arena_format(arena, "%.0f", MAP_WIDTH));
    value_set_text(arena, view, STR("height"), arena_format(arena, "%.0f", mapping.frame.height));
    value_set(arena, view, STR("drawn"), value_bool(arena, true));
    value_set(arena, view, STR("areas"), map_areas(building, &mapping.frame));
    value_set(arena, view, STR("whole_href"), value_bool(arena, false));
    value_set(arena, view, STR("points"), mapping.points);
    value_set(arena, view, STR("items"), mapping.items);
    return view;
}
