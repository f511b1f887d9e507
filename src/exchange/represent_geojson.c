/* RFC 7946: a feature a record, the first geopoint it has as geometry, everything else as properties. */
#include "exchange/represent_internal.h"

static bool fits(const struct reg *reg)
{
    for (size_t i = 0; i < reg->field_count; i++) {
        if (reg->fields[i].type == FIELD_GEOPOINT) {
            return true;
        }
    }
    return false;
}

static int open_geojson(struct represent *r, struct err *err)
{
    (void)err;
    buf_add_literal(r->out, "{\"type\":\"FeatureCollection\",\"features\":[");
    return 0;
}

/* Longitude comes first. */
static struct value *geometry_of(struct represent *r, const struct value *point)
{
    const struct value *lat = value_get(point, STR("lat"));
    const struct value *lon = value_get(point, STR("lon"));
    if (!lat || !lon) {
        return value_null(&r->record);
    }
    struct value *coordinates = value_list(&r->record);
    value_append(&r->record, coordinates, value_number(&r->record, lon->number));
    value_append(&r->record, coordinates, value_number(&r->record, lat->number));
    struct value *geometry = value_object(&r->record);
    value_set_text(&r->record, geometry, STR("type"), STR("Point"));
    value_set(&r->record, geometry, STR("coordinates"), coordinates);
    return geometry;
}

static const struct field *used_point(const struct reg *reg, const struct value *record)
{
    for (size_t i = 0; i < reg->field_count; i++) {
        if (reg->fields[i].type == FIELD_GEOPOINT && value_get(record, reg->fields[i].name)) {
            return &reg->fields[i];
        }
    }
    return NULL;
}

static void set_if_free(struct represent *r, struct value *properties, struct str key, struct str text)
{
    if (!value_get(properties, key)) {
        value_set_text(&r->record, properties, key, text);
    }
}

static int add_geojson(struct represent *r, const struct found *found, struct err *err)
{
    (void)err;
    struct arena *arena = &r->record;
    const struct field *point = used_point(found->reg, found->record);
    const struct value *at = point ? value_get(found->record, point->name) : NULL;
    struct str id = record_id(found->record);
    struct value *properties = value_copy(arena, found->record);
    if (at) {
        value_set(arena, properties, point->name, NULL);
        if (value_get_bool(at, STR("approximate"))) {
            value_set(arena, properties, STR("approximate"), value_bool(arena, true));
        }
    }
    struct bilingual label = record_label(r->config.model, found->reg, found->record, arena);
    set_if_free(r, properties, STR("title"), bilingual_best(label, r->config.lang));
    set_if_free(r, properties, STR("link"), represent_link(r, found->reg, id));
    struct value *feature = value_object(arena);
    value_set_text(arena, feature, STR("type"), STR("Feature"));
    value_set_text(arena, feature, STR("id"), id);
    value_set(arena, feature, STR("geometry"), geometry_of(r, at));
    value_set(arena, feature, STR("properties"), properties);
    buf_add(r->out, r->count ? STR(",\n") : STR("\n"));
    value_write_json(r->out, feature);
    return 0;
}

static int close_geojson(struct represent *r, struct err *err)
{
    (void)err;
    buf_add_literal(r->out, "\n]}\n");
    return 0;
}

const struct represent_form represent_geojson = {
    .extension = STR("geojson"),
    .media_type = STR("application/geo+json"),
    .fits = fits,
    .open = open_geojson,
    .add = add_geojson,
    .close = close_geojson,
};
