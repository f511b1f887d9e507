/* Everything that is public, described for machines: as one Data Package 2.0 and as a DCAT-AP 3.0 catalogue. Both point at the
 * API's own lists, so they are never behind them. */
#include "exchange/dcat.h"
#include "exchange/represent.h"
#include "model/record.h"
#include "web/query.h"
#include "web/section.h"
#include "web/site_pages.h"

struct catalogue {
    struct building building;
    struct arena *arena;
    struct str site_url;
    struct value *document;
};

static int begin(struct catalogue *catalogue, struct call *call, struct reader **ret_reader)
{
    struct query query = {0};

    call->is_page = false;
    if (building_begin(&catalogue->building, call, &query, ret_reader) != 0) {
        return -1;
    }
    catalogue->arena = call->arena;
    catalogue->site_url = call_site_url(call);
    catalogue->document = value_object(call->arena);
    return 0;
}

/* Calls `add` for each register that is not empty, into a new list. */
static int each_register(struct catalogue *catalogue, struct value *list,
                         struct value *(*add)(struct catalogue *catalogue, const struct reg *reg), struct err *err)
{
    const struct model *model = catalogue->building.call->site->model;

    for (size_t i = 0; i < model->register_count; i++) {
        int64_t count = 0;
        if (store_count(catalogue->building.reader, &model->registers[i], &count, err) != 0) {
            return -1;
        }
        if (count > 0) {
            value_append(catalogue->arena, list, add(catalogue, &model->registers[i]));
        }
    }
    return 0;
}

static struct str list_url(struct catalogue *catalogue, const struct reg *reg, enum representation form)
{
    return arena_concat(catalogue->arena, 5, catalogue->site_url, call_api_root(catalogue->building.call), reg->name,
                        STR("."), representation_extension(form));
}

/* ---- Data Package ---- */

static struct value *resource(struct catalogue *catalogue, const struct reg *reg)
{
    struct arena *arena = catalogue->arena;
    struct value *view = value_object(arena);

    value_set_text(arena, view, STR("name"), reg->name);
    value_set_text(arena, view, STR("type"), STR("table"));
    value_set_text(arena, view, STR("title"),
                   arena_concat(arena, 3, reg->title.in[LANG_JA], STR(" / "), reg->title.in[LANG_EN]));
    if (bilingual_best(reg->description, LANG_EN).len > 0) {
        value_set_text(arena, view, STR("description"), bilingual_best(reg->description, LANG_EN));
    }
    value_set_text(arena, view, STR("path"), list_url(catalogue, reg, REPRESENT_CSV));
    value_set_text(arena, view, STR("format"), STR("csv"));
    value_set_text(arena, view, STR("mediatype"), STR("text/csv"));
    value_set_text(arena, view, STR("encoding"), STR("utf-8"));
    value_set(arena, view, STR("schema"), reg_table_schema(catalogue->building.call->site->model, reg, arena));
    return view;
}

static void add_licences(struct catalogue *catalogue)
{
    const struct community *community = &catalogue->building.community;
    struct value *list = value_list(catalogue->arena);
    struct value *view = value_object(catalogue->arena);

    if (community->licence.len > 0) {
        value_set_text(catalogue->arena, view, STR("name"), community->licence);
        if (display_is_web_address(community->licence_url)) {
            value_set_text(catalogue->arena, view, STR("path"), community->licence_url);
        }
        value_append(catalogue->arena, list, view);
        value_set(catalogue->arena, catalogue->document, STR("licenses"), list);
    }
}

void data_package(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct catalogue catalogue = {0};
    struct value *resources;
    struct value *document;
    struct err err = {0};

    if (begin(&catalogue, call, &reader) != 0) {
        return;
    }
    document = catalogue.document;
    resources = value_list(call->arena);
    value_set_text(call->arena, document, STR("$schema"), STR("https://datapackage.org/profiles/2.0/datapackage.json"));
    value_set_text(call->arena, document, STR("name"),
                   catalogue.building.community.record == NULL ? STR("musubi")
                                                               : record_id(catalogue.building.community.record));
    value_set_text(call->arena, document, STR("title"), bilingual_best(catalogue.building.community.name, LANG_EN));
    if (reader_is_sample(reader)) {
        value_set(call->arena, document, STR("musubi:sample"), value_bool(call->arena, true));
    }
    value_set_text(call->arena, document, STR("homepage"), catalogue.site_url);
    value_set_text(call->arena, document, STR("version"),
                   arena_format(call->arena, "seq.%lld", (long long)reader_seq(reader)));
    add_licences(&catalogue);
    if (each_register(&catalogue, resources, resource, &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    value_set(call->arena, document, STR("resources"), resources);
    call_send_json(call, document, "application/json", 0);
}

/* ---- DCAT-AP ---- */

static struct value *dataset(struct catalogue *catalogue, const struct reg *reg)
{
    struct arena *arena = catalogue->arena;
    struct str page = arena_concat(arena, 3, catalogue->site_url, STR("/en/"), reg->name);
    struct str licence_url = catalogue->building.community.licence_url;
    struct value *distributions = value_list(arena), *view;

    if (!display_is_web_address(licence_url)) {
        licence_url = STR("");
    }
    for (int i = 0; i < REPRESENT_COUNT; i++) {
        enum representation form = (enum representation)i;
        if (representation_fits(reg, form)) {
            value_append(
                arena, distributions,
                dcat_distribution(arena, list_url(catalogue, reg, form), representation_media_type(form), licence_url));
        }
    }
    view = dcat_dataset(arena, reg, page, distributions);
    value_set(arena, view, STR("dcat:landingPage"), dcat_pointer(arena, page));
    return view;
}

void data_catalogue(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct catalogue catalogue = {0};
    struct arena *arena = call->arena;
    struct value *datasets, *document;
    struct err err = {0};

    if (begin(&catalogue, call, &reader) != 0) {
        return;
    }
    datasets = value_list(arena);
    document = dcat_catalogue(arena, arena_concat(arena, 2, catalogue.site_url, STR("/data/catalog.jsonld")),
                              catalogue.building.community.name, catalogue.building.community.description);
    value_set(arena, document, STR("foaf:homepage"), dcat_pointer(arena, catalogue.site_url));
    if (each_register(&catalogue, datasets, dataset, &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    value_set(arena, document, STR("dcat:dataset"), datasets);
    call_send_json(call, document, "application/ld+json", 0);
}
