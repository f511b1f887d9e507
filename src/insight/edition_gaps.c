#include "insight/edition_gaps.h"

#include "model/record.h"

struct search {
    const struct reg *reg;
    struct arena *arena;
    struct gaps *gaps;
};

static bool names_field(const struct value *fields, struct str name)
{
    for (size_t i = 0; i < value_count(fields); i++) {
        if (str_eq(value_text_of(value_at(fields, i)), name)) {
            return true;
        }
    }
    return fields == NULL;
}

bool text_lacks(const struct value *text, enum lang lang)
{
    return text != NULL && text->kind == VALUE_OBJECT && value_get_text(text, lang_codes[lang]).len == 0;
}

bool record_has_source(const struct value *record, struct str field)
{
    const struct value *sources = value_get(record, STR("sources"));

    for (size_t i = 0; i < value_count(sources); i++) {
        if (names_field(value_get(value_at(sources, i), STR("fields")), field)) {
            return true;
        }
    }
    return false;
}

static void add_gap(struct search *search, const struct gap *gap, struct str id)
{
    struct gaps *gaps = search->gaps;

    if (gap->kind == GAP_SOURCE) {
        gaps->sources++;
    } else {
        gaps->translations++;
    }
    if (gaps->count < GAPS_LISTED_MAX) {
        gaps->items[gaps->count] = *gap;
        gaps->items[gaps->count++].id = arena_copy(search->arena, id);
    }
}

static void look_at_field(struct search *search, const struct value *record, const struct field *field)
{
    const struct value *value = value_get(record, field->name);
    struct gap gap = {.kind = GAP_TRANSLATION, .reg = search->reg, .field = field};

    if (value == NULL || field->visibility != VISIBILITY_PUBLIC) {
        return;
    }
    for (size_t lang = 0; field->translation == NEED_REQUIRED && lang < LANG_COUNT; lang++) {
        if (text_lacks(value, (enum lang)lang)) {
            gap.missing = (enum lang)lang;
            add_gap(search, &gap, record_id(record));
        }
    }
    if (field->sourced == NEED_REQUIRED && !record_has_source(record, field->name)) {
        gap.kind = GAP_SOURCE;
        add_gap(search, &gap, record_id(record));
    }
}

static int look_at(void *context, const struct found *found)
{
    struct search *search = context;

    for (size_t i = 0; i < found->reg->field_count; i++) {
        look_at_field(search, found->record, &found->reg->fields[i]);
    }
    return 0;
}

int gaps_find(const struct model *model, struct reader *reader, struct arena *arena, struct gaps *ret_gaps,
              struct err *err)
{
    struct gaps gaps = {.items = ARENA_NEW_ARRAY(arena, GAPS_LISTED_MAX, struct gap)};
    struct search search = {.arena = arena, .gaps = &gaps};

    for (size_t i = 0; i < model->register_count; i++) {
        search.reg = &model->registers[i];
        if (search.reg->visibility == VISIBILITY_PUBLIC && store_each(reader, search.reg, look_at, &search, err) != 0) {
            return -1;
        }
    }
    *ret_gaps = gaps;
    return 0;
}

struct value *gaps_value(const struct gaps *gaps, struct arena *arena)
{
    struct value *view = value_object(arena);
    struct value *items = value_list(arena);

    for (size_t i = 0; i < gaps->count; i++) {
        const struct gap *gap = &gaps->items[i];
        struct value *item = value_object(arena);
        value_set_text(arena, item, STR("kind"), gap->kind == GAP_SOURCE ? STR("source") : STR("translation"));
        value_set_text(arena, item, STR("register"), gap->reg->name);
        value_set_text(arena, item, STR("id"), gap->id);
        value_set_text(arena, item, STR("field"), gap->field->name);
        if (gap->kind == GAP_TRANSLATION) {
            value_set_text(arena, item, STR("lang"), lang_codes[gap->missing]);
        }
        value_append(arena, items, item);
    }
    value_set(arena, view, STR("sources"), value_int(arena, gaps->sources));
    value_set(arena, view, STR("translations"), value_int(arena, gaps->translations));
    value_set(arena, view, STR("items"), items);
    return view;
}
