#include "web/map_tiles.h"

#include <math.h>

#define TILE_PIXELS 256.0
#define TILE_ZOOM_MAX 17
#define TILES_MAX 64

struct str map_tiles_origin(struct str url)
{
    struct str scheme = STR("https://");
    struct str rest = str_slice(url, scheme.len, url.len);

    if (!str_starts_with(url, scheme) || str_find(url, STR("{z}")) == SIZE_MAX ||
        str_find(url, STR("{x}")) == SIZE_MAX || str_find(url, STR("{y}")) == SIZE_MAX) {
        return STR("");
    }
    for (size_t i = 0; i < url.len; i++) {
        if (url.ptr[i] <= ' ' || url.ptr[i] == ';' || url.ptr[i] == ',' || url.ptr[i] == '"') {
            return STR("");
        }
    }
    return str_slice(url, 0, scheme.len + str_find_byte(rest, '/'));
}

static double lon_of(int x, int zoom)
{
    return x / exp2(zoom) * 360.0 - 180.0;
}

static double lat_of(int y, int zoom)
{
    return atan(sinh(M_PI * (1 - 2 * y / exp2(zoom)))) * 180.0 / M_PI;
}

static int column_of(double lon, int zoom)
{
    return (int)floor((lon + 180.0) / 360.0 * exp2(zoom));
}

static int row_of(double lat, int zoom)
{
    double radians = lat * M_PI / 180.0;

    return (int)floor((1 - asinh(tan(radians)) / M_PI) / 2 * exp2(zoom));
}

/* The URL with the three numbers in it. */
static struct str tile_href(struct arena *arena, struct str url, int zoom, int x, int y)
{
    const struct {
        struct str name;
        int number;
    } parts[] = {{STR("{z}"), zoom}, {STR("{x}"), x}, {STR("{y}"), y}};

    for (size_t i = 0; i < 3; i++) {
        size_t at = str_find(url, parts[i].name);
        url = arena_concat(arena, 3, str_slice(url, 0, at), arena_format(arena, "%d", parts[i].number),
                           str_slice(url, at + parts[i].name.len, url.len));
    }
    return url;
}

static void add_tile(struct building *building, const struct map_frame *frame, int zoom, int x, int y,
                     struct value *tiles)
{
    struct arena *arena = building->arena;
    struct value *tile = value_object(arena);
    double left = map_x(frame, lon_of(x, zoom)), right = map_x(frame, lon_of(x + 1, zoom));
    double top = map_y(frame, lat_of(y, zoom)), bottom = map_y(frame, lat_of(y + 1, zoom));

    value_set_text(arena, tile, STR("href"), tile_href(arena, building->call->site->tiles, zoom, x, y));
    value_set_text(arena, tile, STR("x"), arena_format(arena, "%.2f", left));
    value_set_text(arena, tile, STR("y"), arena_format(arena, "%.2f", top));
    value_set_text(arena, tile, STR("width"), arena_format(arena, "%.2f", right - left + 0.3));
    value_set_text(arena, tile, STR("height"), arena_format(arena, "%.2f", bottom - top + 0.3));
    value_append(arena, tiles, tile);
}

void map_tiles_add(struct building *building, const struct map_frame *frame, double degrees_wide, struct value *view)
{
    struct arena *arena = building->arena;
    struct value *tiles = value_list(arena);
    int zoom = (int)round(log2(360.0 / degrees_wide * MAP_WIDTH / TILE_PIXELS));
    double east = frame->west + MAP_WIDTH / frame->x_scale, south = frame->north - frame->height / frame->y_scale;

    zoom = zoom < 0 ? 0 : zoom > TILE_ZOOM_MAX ? TILE_ZOOM_MAX : zoom;
    if (building->call->site->tiles.len > 0) {
        for (int y = row_of(frame->north, zoom); y <= row_of(south, zoom); y++) {
            for (int x = column_of(frame->west, zoom); x <= column_of(east, zoom) && value_count(tiles) < TILES_MAX;
                 x++) {
                add_tile(building, frame, zoom, x, y, tiles);
            }
        }
    }
    value_set(arena, view, STR("tiles"), tiles);
    value_set(arena, view, STR("tiled"), value_bool(arena, value_count(tiles) > 0));
    value_set_text(arena, view, STR("tiles_credit"),
                   value_count(tiles) > 0 ? building->call->site->tiles_credit : STR(""));
}
