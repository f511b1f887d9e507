/* The outlines that maps are drawn on. */
#include "web/map_draw.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#define WIDE_LETTER 16.0  /* width of a Japanese character at the labels' size */
#define NARROW_LETTER 9.8 /* of a Latin one, bold, on average */
#define OUTLINE_BYTES_MAX (256u << 10)

/* ---- outlines ---- */

static double coordinate(const struct value *point, size_t index)
{
    const struct value *number = value_at(point, index);

    return number == NULL || number->kind != VALUE_NUMBER ? 0 : decimal_to_double(number->number);
}

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
    struct map_bounds *bounds = context;

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
static bool is_own(const struct building *building, const struct value *feature)
{
    const struct layout *layout = &building->call->site->layout;
    const struct value *own = value_get(building->community.record, value_get_text(layout->map, STR("of")));

    for (size_t i = 0; i < value_count(own); i++) {
        if (str_eq(value_text_of(value_at(own, i)), value_get_text(feature, STR("id")))) {
            return true;
        }
    }
    return false;
}

static void draw_area(struct building *building, const struct value *feature, const struct map_frame *frame,
                      struct value *areas)
{
    const struct layout *layout = &building->call->site->layout;
    const struct vocabulary *words =
        model_vocabulary(building->call->site->model, value_get_text(layout->map, STR("vocabulary")));
    const struct term *term = words == NULL ? NULL : vocabulary_term(words, value_get_text(feature, STR("id")));
    struct drawing drawing = {.frame = frame};
    struct value *view = value_object(building->arena);

    buf_init(&drawing.path, OUTLINE_BYTES_MAX);
    each_ring(value_get(feature, STR("geometry")), draw_ring, &drawing);
    value_set_text(building->arena, view, STR("path"), arena_copy(building->arena, buf_str(&drawing.path)));
    buf_free(&drawing.path);
    value_set_text(building->arena, view, STR("name"),
                   term == NULL ? STR("") : bilingual_best(term->label, building->call->lang));
    value_append(building->arena, areas, view);
}

bool map_bounds(const struct building *building, struct map_bounds *ret_bounds)
{
    const struct value *features = value_get(building->call->site->layout.outlines, STR("features"));
    struct map_bounds bounds = {DBL_MAX, DBL_MAX, -DBL_MAX, -DBL_MAX};

    for (size_t i = 0; i < value_count(features); i++) {
        if (is_own(building, value_at(features, i))) {
            each_ring(value_get(value_at(features, i), STR("geometry")), widen, &bounds);
        }
    }
    if (bounds.west >= bounds.east || bounds.south >= bounds.north) {
        return false;
    }
    *ret_bounds = bounds;
    return true;
}

struct value *map_areas(struct building *building, const struct map_frame *frame)
{
    const struct value *features = value_get(building->call->site->layout.outlines, STR("features"));
    struct value *areas = value_list(building->arena);

    for (size_t i = 0; i < value_count(features); i++) {
        if (is_own(building, value_at(features, i))) {
            draw_area(building, value_at(features, i), frame, areas);
        }
    }
    return areas;
}

/* Japanese: three bytes a character. */
double map_label_width(struct str text)
{
    size_t letters = str_count_codepoints(text);
    size_t wide = (text.len - letters) / 2;

    return (double)wide * WIDE_LETTER + (double)(letters - wide) * NARROW_LETTER;
}

/* ---- the list beside a map ---- */

struct numbered {
    int64_t number; /* INT64_MAX: none */
    size_t order;
    struct value *view;
};

static int by_number(const void *left, const void *right)
{
    const struct numbered *a = left, *b = right;
    int order = (a->number > b->number) - (a->number < b->number);

    return order != 0 ? order : (a->order > b->order) - (a->order < b->order);
}

void map_list_by_number(struct arena *arena, struct value *const *views, size_t count, struct value *items)
{
    struct numbered *sorted = ARENA_NEW_ARRAY(arena, count, struct numbered);

    for (size_t i = 0; i < count; i++) {
        sorted[i] = (struct numbered){INT64_MAX, i, views[i]};
        (void)str_to_int64(value_get_text(views[i], STR("number")), &sorted[i].number);
    }
    qsort(sorted, count, sizeof *sorted, by_number);
    for (size_t i = 0; i < count; i++) {
        value_append(arena, items, sorted[i].view);
    }
}
