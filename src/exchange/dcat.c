#include "exchange/dcat.h"

#include "base/date.h"
#include "model/record.h"

#define IANA STR("https://www.iana.org/assignments/media-types/")

struct value *dcat_node(struct arena *arena, struct str type, struct str id)
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

struct value *dcat_literals(struct arena *arena, struct bilingual text)
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

struct value *dcat_context(struct arena *arena)
{
    struct value *view = value_object(arena);

    value_set_text(arena, view, STR("dcat"), STR("http://www.w3.org/ns/dcat#"));
    value_set_text(arena, view, STR("dct"), STR("http://purl.org/dc/terms/"));
    value_set_text(arena, view, STR("foaf"), STR("http://xmlns.com/foaf/0.1/"));
    return view;
}

struct value *dcat_media_type(struct arena *arena, struct str type)
{
    return dcat_pointer(arena, arena_concat(arena, 2, IANA, str_slice(type, 0, str_find_byte(type, ';'))));
}

/* ---- a package ---- */

static struct bilingual text_of(const struct value *record, struct str name)
{
    const struct value *text = value_get(record, name);

    return text == NULL ? (struct bilingual){0} : value_bilingual(text);
}

static struct value *dataset(const struct reg *reg, struct str licence_url, struct arena *arena)
{
    struct value *view = dcat_node(arena, STR("dcat:Dataset"), arena_concat(arena, 2, STR("#"), reg->name));
    struct value *file = dcat_node(arena, STR("dcat:Distribution"), STR(""));
    struct value *distributions = value_list(arena);
    struct str path = arena_concat(arena, 2, reg->name, STR(".csv"));
    bool described = bilingual_best(reg->description, LANG_EN).len > 0;

    value_set(arena, file, STR("dcat:accessURL"), dcat_pointer(arena, path));
    value_set(arena, file, STR("dcat:downloadURL"), dcat_pointer(arena, path));
    value_set(arena, file, STR("dcat:mediaType"), dcat_media_type(arena, STR("text/csv")));
    if (licence_url.len > 0) {
        value_set(arena, file, STR("dct:license"), dcat_pointer(arena, licence_url));
    }
    value_append(arena, distributions, file);
    value_set(arena, view, STR("dct:title"), dcat_literals(arena, reg->title));
    value_set(arena, view, STR("dct:description"), dcat_literals(arena, described ? reg->description : reg->title));
    value_set_text(arena, view, STR("dct:identifier"), reg->name);
    value_set(arena, view, STR("dcat:distribution"), distributions);
    return view;
}

struct value *dcat_of_package(const struct model *model, const bool *included, const struct value *community,
                              const struct edition *edition, struct arena *arena)
{
    struct value *document = dcat_node(arena, STR("dcat:Catalog"), STR("catalog.jsonld"));
    struct value *publisher = dcat_node(arena, STR("foaf:Organization"), STR(""));
    struct value *datasets = value_list(arena);
    struct bilingual name = text_of(community, STR("name")), about = text_of(community, STR("description"));
    struct str licence_url = value_get_text(community, STR("licence_url"));
    char day[DATE_TEXT_MAX];

    value_set(arena, document, STR("@context"), dcat_context(arena));
    value_set(arena, document, STR("dct:title"), dcat_literals(arena, name));
    value_set(arena, document, STR("dct:description"),
              dcat_literals(arena, bilingual_best(about, LANG_EN).len > 0 ? about : name));
    value_set_text(arena, document, STR("dcat:version"), edition->name);
    value_set_text(arena, document, STR("dct:issued"),
                   arena_copy(arena, str_make(day, date_format(date_in_zone(edition->frozen_ms, STR("UTC")), day))));
    value_set(arena, publisher, STR("foaf:name"), dcat_literals(arena, name));
    value_set(arena, document, STR("dct:publisher"), publisher);
    if (licence_url.len > 0) {
        value_set(arena, document, STR("dct:license"), dcat_pointer(arena, licence_url));
    }
    for (size_t i = 0; i < model->register_count; i++) {
        if (included[i]) {
            value_append(arena, datasets, dataset(&model->registers[i], licence_url, arena));
        }
    }
    value_set(arena, document, STR("dcat:dataset"), datasets);
    return document;
}
