/* A map as a section of a page: outlines of the community's own areas and a marker for each record that has a place. The
 * drawing is an SVG that a template writes; each marker is a link, and the same links stand in a list beside it. */
#include "web/map.h"

#include "model/record.h"
#include "web/section.h"

#include <float.h>

#define RECORDS_MAX 200
#define OUTLINE_BYTES_MAX (256u << 10)
#define NUMBERED_RADIUS 15.0
#define PLAIN_RADIUS 7.0
#define WIDE_LETTER 16.0  /* width of a Japanese character at the labels' size */
#define NARROW_LETTER 8.6 /* of a Latin one, on average */

struct mapping {
    struct building *building;
    const struct value *section;
    const struct reg *reg;
    bool drawn; /* there are outlines; else the places are listed only */
    struct map_frame frame;
    struct value *areas, *points, *items;
};

/* ---- outlines ---- */

static double coordinate(const struct value *point, size_t index)
{
    const struct value *number = value_at(point, index);

    return number == NULL || number->kind != VALUE_NUMBER ? 0 : decimal_to_double(number->number);
}

struct bounds {
    double west, south, east, north;
};

/* Calls `each` for every ring of a Polygon's or MultiPolygon's coordinates. */
static void each_ring(const struct value *geometry, void (*each)(void *context, const struct value *ring),
                      void *context)
{
    const struct value *coordinates = value_get(geometry, STR("coordinates"));
    bool many = str_eq(value_get_text(geometry, STR("type")), STR("MultiPolygon"));

    for (size_t i = 0; i < value_count(coordinates); i++) {
        const struct value *part = value_at(coordinates, i);
        if (!many) {
            each(context, part);
            continue;
        }
        for (size_t k = 0; k < value_count(part); k++) {
            each(context, value_at(part, k));
        }
    }
}

static void widen(void *context, const struct value *ring)
{
    struct bounds *bounds = context;

    for (size_t i = 0; i < value_count(ring); i++) {
        double lon = coordinate(value_at(ring, i), 0);
        double lat = coordinate(value_at(ring, i), 1);
        bounds->west = lon < bounds->west ? lon : bounds->west;
        bounds->east = lon > bounds->east ? lon : bounds->east;
        bounds->south = lat < bounds->south ? lat : bounds->south;
        bounds->north = lat > bounds->north ? lat : bounds->north;
    }
}

struct drawing {
    const struct map_frame *frame;
    struct buf path;
};

static void draw_ring(void *context, const struct value *ring)
{
    struct drawing *drawing = context;

    for (size_t i = 0; i < value_count(ring); i++) {
        buf_add_format(&drawing->path, "%s%.1f %.1f", i == 0 ? "M" : "L",
                       map_x(drawing->frame, coordinate(value_at(ring, i), 0)),
                       map_y(drawing->frame, coordinate(value_at(ring, i), 1)));
    }
    buf_add_literal(&drawing->path, "Z");
}

/* Whether the community's record lists this outline's code among its own areas. */
static bool is_own(const struct mapping *mapping, const struct value *feature)
{
    const struct layout *layout = &mapping->building->call->site->layout;
    const struct value *own = value_get(mapping->building->community.record, value_get_text(layout->map, STR("of")));

    for (size_t i = 0; i < value_count(own); i++) {
        if (str_eq(value_text_of(value_at(own, i)), value_get_text(feature, STR("id")))) {
            return true;
        }
    }
    return false;
}

static void draw_area(struct mapping *mapping, const struct value *feature)
{
    struct building *building = mapping->building;
    const struct layout *layout = &building->call->site->layout;
    const struct vocabulary *words =
        model_vocabulary(building->call->site->model, value_get_text(layout->map, STR("vocabulary")));
    const struct term *term = words == NULL ? NULL : vocabulary_term(words, value_get_text(feature, STR("id")));
    struct drawing drawing = {.frame = &mapping->frame};
    struct value *view = value_object(building->arena);

    buf_init(&drawing.path, OUTLINE_BYTES_MAX);
    each_ring(value_get(feature, STR("geometry")), draw_ring, &drawing);
    value_set_text(building->arena, view, STR("path"), arena_copy(building->arena, buf_str(&drawing.path)));
    buf_free(&drawing.path);
    value_set_text(building->arena, view, STR("name"),
                   term == NULL ? STR("") : bilingual_best(term->label, building->call->lang));
    value_append(building->arena, mapping->areas, view);
}

/* False when there is no outline to draw. */
static bool draw_areas(struct mapping *mapping)
{
    const struct value *features = value_get(mapping->building->call->site->layout.outlines, STR("features"));
    struct bounds bounds = {DBL_MAX, DBL_MAX, -DBL_MAX, -DBL_MAX};

    for (size_t i = 0; i < value_count(features); i++) {
        if (is_own(mapping, value_at(features, i))) {
            each_ring(value_get(value_at(features, i), STR("geometry")), widen, &bounds);
        }
    }
    if (bounds.west >= bounds.east || bounds.south >= bounds.north) {
        return false;
    }
    mapping->frame = map_frame_of(bounds.west, bounds.south, bounds.east, bounds.north);
    for (size_t i = 0; i < value_count(features); i++) {
        if (is_own(mapping, value_at(features, i))) {
            draw_area(mapping, value_at(features, i));
        }
    }
    return true;
}

/* ---- markers ---- */

static double label_width(struct str text)
{
    size_t letters = str_count_codepoints(text);
    size_t wide = (text.len - letters) / 2; /* Japanese: three bytes a character */

    return (double)wide * WIDE_LETTER + (double)(letters - wide) * NARROW_LETTER;
}

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
    value_set_text(arena, view, STR("label_x"), place_text(arena, marker->label_x));
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
            markers[count].label_width = label_width(value_get_text(links[count], STR("text")));
        }
        numbers[count++] = number;
    }
    map_arrange(markers, count, mapping->frame.height);
    for (size_t i = 0; i < count; i++) {
        add_point(mapping, &markers[i], links[i], numbers[i]);
    }
}

int map_view(struct building *building, const struct value *section, struct value **ret_view, struct err *err)
{
    struct arena *arena = building->arena;
    struct mapping mapping = {
        .building = building,
        .section = section,
        .reg = layout_register(section, building->call->site->model),
        .areas = value_list(arena),
        .points = value_list(arena),
        .items = value_list(arena),
    };
    struct value *view = value_object(arena);
    struct page page;

    *ret_view = NULL;
    if (mapping.reg == NULL) {
        return 0;
    }
    mapping.drawn = draw_areas(&mapping);
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
    value_set(arena, view, STR("areas"), mapping.areas);
    value_set(arena, view, STR("points"), mapping.points);
    value_set(arena, view, STR("items"), mapping.items);
    *ret_view = view;
    return 0;
}
