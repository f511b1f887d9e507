#include "exchange/dcat.h"

#include "base/date.h"
#include "model/record.h"

#define IANA STR("https://www.iana.org/assignments/media-types/")

/* id: empty for a node without one. */
static struct value *node(struct arena *arena, struct str type, struct str id)
{
    struct value *view = value_object(arena);

    value_set_text(arena, view, STR("@type"), type);
    if (id.len > 0) {
        value_set_text(arena, view, STR("@id"), id);
    }
    return view;
}

struct value *dcat_pointer(struct arena *arena, struct str id)
{
    struct value *view = value_object(arena);

    value_set_text(arena, view, STR("@id"), id);
    return view;
}

/* [{"@value", "@language"}] */
static struct value *literals(struct arena *arena, struct bilingual text)
{
    struct value *list = value_list(arena);

    for (size_t l = 0; l < LANG_COUNT; l++) {
        struct value *view = value_object(arena);
        if (text.in[l].len > 0) {
            value_set_text(arena, view, STR("@value"), text.in[l]);
            value_set_text(arena, view, STR("@language"), lang_codes[l]);
            value_append(arena, list, view);
        }
    }
    return list;
}

static struct value *context(struct arena *arena)
{
    struct value *view = value_object(arena);

    value_set_text(arena, view, STR("dcat"), STR("http://www.w3.org/ns/dcat#"));
    value_set_text(arena, view, STR("dct"), STR("http://purl.org/dc/terms/"));
    value_set_text(arena, view, STR("foaf"), STR("http://xmlns.com/foaf/0.1/"));
    return view;
}

/* Without its parameters. */
static struct value *media_pointer(struct arena *arena, struct str type)
{
    return dcat_pointer(arena, arena_concat(arena, 2, IANA, str_slice(type, 0, str_find_byte(type, ';'))));
}

struct value *dcat_distribution(struct arena *arena, struct str url, struct str media_type, struct str licence_url)
{
    struct value *view = node(arena, STR("dcat:Distribution"), STR(""));

    value_set(arena, view, STR("dcat:accessURL"), dcat_pointer(arena, url));
    value_set(arena, view, STR("dcat:downloadURL"), dcat_pointer(arena, url));
    value_set(arena, view, STR("dcat:mediaType"), media_pointer(arena, media_type));
    if (licence_url.len > 0) {
        value_set(arena, view, STR("dct:license"), dcat_pointer(arena, licence_url));
    }
    return view;
}

struct value *dcat_dataset(struct arena *arena, const struct reg *reg, struct str id, struct value *distributions)
{
    struct value *view = node(arena, STR("dcat:Dataset"), id);
    bool described = bilingual_best(reg->description, LANG_EN).len > 0;

    value_set(arena, view, STR("dct:title"), literals(arena, reg->title));
    value_set(arena, view, STR("dct:description"), literals(arena, described ? reg->description : reg->title));
    value_set_text(arena, view, STR("dct:identifier"), reg->name);
    value_set(arena, view, STR("dcat:distribution"), distributions);
    return view;
}

struct value *dcat_catalogue(struct arena *arena, struct str id, struct bilingual name, struct bilingual description)
{
    struct value *view = node(arena, STR("dcat:Catalog"), id);
    struct value *publisher = node(arena, STR("foaf:Organization"), STR(""));

    value_set(arena, publisher, STR("foaf:name"), literals(arena, name));
    value_set(arena, view, STR("@context"), context(arena));
    value_set(arena, view, STR("dct:title"), literals(arena, name));
    value_set(arena, view, STR("dct:description"),
              literals(arena, bilingual_best(description, LANG_EN).len > 0 ? description : name));
    value_set(arena, view, STR("dct:publisher"), publisher);
    return view;
}

/* ---- a package ---- */

static struct bilingual text_of(const struct value *record, struct str name)
{
    const struct value *text = value_get(record, name);

    return text == NULL ? (struct bilingual){0} : value_bilingual(text);
}

static struct value *file_dataset(const struct reg *reg, struct str licence_url, struct arena *arena)
{
    struct value *distributions = value_list(arena);
    struct str path = arena_concat(arena, 2, reg->name, STR(".csv"));

    value_append(arena, distributions, dcat_distribution(arena, path, STR("text/csv"), licence_url));
    return dcat_dataset(arena, reg, arena_concat(arena, 2, STR("#"), reg->name), distributions);
}

struct value *dcat_of_package(const struct model *model, const bool *included, const struct value *community,
                              const struct edition *edition, struct arena *arena)
{
    struct value *document = dcat_catalogue(arena, STR("catalog.jsonld"), text_of(community, STR("name")),
                                            text_of(community, STR("description")));
    struct value *datasets = value_list(arena);
    struct str licence_url = value_get_text(community, STR("licence_url"));
    struct str zone = value_get_text(community, STR("time_zone"));
    struct date issued = date_in_zone(edition->frozen_ms, zone.len > 0 ? zone : STR("UTC"));
    char day[DATE_TEXT_MAX];

    value_set_text(arena, document, STR("dcat:version"), edition->name);
    value_set_text(arena, document, STR("dct:issued"), arena_copy(arena, str_make(day, date_format(issued, day))));
    if (licence_url.len > 0) {
        value_set(arena, document, STR("dct:license"), dcat_pointer(arena, licence_url));
    }
    for (size_t i = 0; i < model->register_count; i++) {
        if (included[i]) {
            value_append(arena, datasets, file_dataset(&model->registers[i], licence_url, arena));
        }
    }
    value_set(arena, document, STR("dcat:dataset"), datasets);
    return document;
}
