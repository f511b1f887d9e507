/* The page of everything that can be taken away: each register that is not empty in each form that fits it. */
#include "exchange/represent.h"
#include "web/query.h"
#include "web/section.h"
#include "web/site_pages.h"

static struct value *form_link(struct building *building, const struct reg *reg, enum representation form)
{
    struct arena *arena = building->arena;
    struct str extension = representation_extension(form);
    struct value *link = value_object(arena);
    struct str msgid = arena_concat(arena, 2, STR("form-"), extension);

    value_set_text(arena, link, STR("text"), words_get(building->call->site->words, building->call->lang, msgid));
    value_set_text(arena, link, STR("href"),
                   arena_concat(arena, 6, call_api_root(building->call), reg->name, STR("."), extension, STR("?lang="),
                                lang_codes[building->call->lang]));
    return link;
}

static struct value *forms_of(struct building *building, const struct reg *reg)
{
    struct arena *arena = building->arena;
    struct value *forms = value_list(arena);
    struct value *json = value_object(arena);

    for (int form = 0; form < REPRESENT_COUNT; form++) {
        if (representation_fits(reg, (enum representation)form)) {
            value_append(arena, forms, form_link(building, reg, (enum representation)form));
        }
    }
    value_set_text(arena, json, STR("text"), SAY(building->call, "form-json"));
    value_set_text(arena, json, STR("href"), arena_concat(arena, 2, call_api_root(building->call), reg->name));
    value_append(arena, forms, json);
    return forms;
}

static struct str count_words(struct building *building, struct str count)
{
    struct http_pair pair = {STR("count"), count};

    return str_eq(count, STR("1")) ? SAY(building->call, "one-record") : say(building->call, "records", &pair, 1);
}

/* Adds to each of the home page's registers, in its groups, what the table tells more of them. */
static int add_registers(struct building *building, struct value *frame, struct err *err)
{
    const struct model *model = building->call->site->model;
    struct value *view = NULL;
    const struct value *groups;

    if (registers_view(building, NULL, &view, err) != 0) {
        return -1;
    }
    groups = value_get(view, STR("groups"));
    for (size_t g = 0; g < value_count(groups); g++) {
        const struct value *rows = value_get(value_at(groups, g), STR("registers"));
        for (size_t i = 0; i < value_count(rows); i++) {
            struct value *row = (struct value *)value_at(rows, i);
            const struct reg *reg = model_register(model, value_get_text(row, STR("name")));
            value_set_text(building->arena, row, STR("count_words"),
                           count_words(building, value_get_text(row, STR("count"))));
            value_set(building->arena, row, STR("forms"), forms_of(building, reg));
        }
    }
    value_set(building->arena, frame, STR("groups"),
              view == NULL ? value_list(building->arena) : (struct value *)groups);
    return 0;
}

/* "/data/catalog.jsonld"; of an edition behind the page's own address, like everything else of it. */
static struct str data_href(struct call *call, struct str name)
{
    struct str path = arena_concat(call->arena, 2, STR("data/"), name);

    return call->base.len == 0 ? arena_concat(call->arena, 2, STR("/"), path) : page_href(call, path);
}

void page_data(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct building building;
    struct value *frame;
    struct query query;
    struct err err = {0};

    if (page_query(call, NULL, 0, &query) != 0 || building_begin(&building, call, &query, &reader) != 0) {
        return;
    }
    frame = page_frame(call, &building.community, display_plain_text(call->arena, SAY(call, "data")));
    if (add_registers(&building, frame, &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    value_set_text(call->arena, frame, STR("workbook_href"), page_href(call, STR("data/everything.xlsx")));
    value_set_text(call->arena, frame, STR("archive_href"), page_href(call, STR("data/everything.zip")));
    value_set_text(call->arena, frame, STR("package_href"), data_href(call, STR("datapackage.json")));
    value_set_text(call->arena, frame, STR("catalogue_href"), data_href(call, STR("catalog.jsonld")));
    page_send(call, "data", frame);
}
