/* The home page: the community in its own words, then the sections that site/site.json names for the language. */
#include "base/intl.h"
#include "web/query.h"
#include "web/section.h"

/* ---- every register that is not empty, by group ---- */

static int add_register(struct building *building, const struct reg *reg, struct value *list, struct err *err)
{
    struct arena *arena = building->arena;
    enum lang lang = building->call->lang;
    struct value *view;
    int64_t count = 0;

    if (store_count(building->reader, reg, &count, err) != 0) {
        return -1;
    }
    if (count > 0) {
        view = display_text(arena, lang, reg->title);
        value_set_text(arena, view, STR("href"), page_href(building->call, reg->name));
        value_set_text(arena, view, STR("name"), reg->name);
        value_set_text(arena, view, STR("count"), intl_number(arena, lang_codes[lang], decimal_from_int64(count), 0));
        value_append(arena, list, view);
    }
    return 0;
}

/* One group of registers by its term; NULL: those whose group the vocabulary does not know. */
static int add_group(struct building *building, const struct vocabulary *groups, const struct term *term,
                     struct value *ret_groups, struct err *err)
{
    const struct model *model = building->call->site->model;
    struct arena *arena = building->arena;
    struct value *list = value_list(arena);
    struct value *view;

    for (size_t i = 0; i < model->register_count; i++) {
        const struct reg *reg = &model->registers[i];
        const struct term *of = groups == NULL ? NULL : vocabulary_term(groups, reg->group);
        if (of == term && add_register(building, reg, list, err) != 0) {
            return -1;
        }
    }
    if (value_count(list) > 0) {
        view = term == NULL ? display_plain_text(arena, SAY(building->call, "other-registers"))
                            : display_text(arena, building->call->lang, term->label);
        value_set(arena, view, STR("registers"), list);
        value_append(arena, ret_groups, view);
    }
    return 0;
}

int registers_view(struct building *building, const struct value *section, struct value **ret_view, struct err *err)
{
    const struct vocabulary *groups = model_vocabulary(building->call->site->model, STR("register-group"));
    struct value *list = value_list(building->arena);
    struct value *view = value_object(building->arena);

    (void)section;
    for (size_t i = 0; groups != NULL && i < groups->term_count; i++) {
        if (add_group(building, groups, &groups->terms[i], list, err) != 0) {
            return -1;
        }
    }
    if (add_group(building, groups, NULL, list, err) != 0) {
        return -1;
    }
    value_set(building->arena, view, STR("groups"), list);
    *ret_view = value_count(list) > 0 ? view : NULL;
    return 0;
}

/* ---- the page ---- */

static struct value *prose(struct building *building, struct bilingual text)
{
    if (bilingual_best(text, building->call->lang).len == 0) {
        return value_bool(building->arena, false);
    }
    return display_prose(building->arena, building->call->lang, text);
}

/* The page's own map drawn once more, without its links, to look at; false when it has none. */
static const struct value *picture(struct building *building, const struct value *sections)
{
    for (size_t i = 0; i < value_count(sections); i++) {
        const struct value *map = value_get(value_at(sections, i), STR("map"));
        if (value_get_bool(map, STR("drawn"))) {
            return map;
        }
    }
    return value_bool(building->arena, false);
}

static int add_sections(struct building *building, struct value *frame, struct err *err)
{
    const struct value *names = value_get(building->call->site->layout.home, lang_codes[building->call->lang]);
    struct value *sections = value_list(building->arena);

    for (size_t i = 0; i < value_count(names); i++) {
        struct value *view = NULL;
        if (section_view(building, value_text_of(value_at(names, i)), &view, err) != 0) {
            return -1;
        }
        if (view != NULL) {
            value_append(building->arena, sections, view);
        }
    }
    value_set(building->arena, frame, STR("sections"), sections);
    value_set(building->arena, frame, STR("picture"), (struct value *)picture(building, sections));
    value_set(building->arena, frame, STR("is_empty"), value_bool(building->arena, value_count(sections) == 0));
    return 0;
}

void page_home(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct building building;
    struct value *frame;
    struct query query;
    struct err err = {0};
    bool tagline;

    if (page_query(call, NULL, 0, &query) != 0 || building_begin(&building, call, &query, &reader) != 0) {
        return;
    }
    tagline = bilingual_best(building.community.tagline, call->lang).len > 0;
    frame = page_frame(call, &building.community, display_plain_text(call->arena, STR("")));
    value_set(call->arena, frame, STR("tagline"),
              tagline ? display_text(call->arena, call->lang, building.community.tagline)
                      : value_bool(call->arena, false));
    value_set(call->arena, frame, STR("introduction"), prose(&building, building.community.description));
    value_set(call->arena, frame, STR("caveat"), prose(&building, building.community.caveat));
    if (add_sections(&building, frame, &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    page_send(call, "home", frame);
}
