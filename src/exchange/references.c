#include "exchange/references.h"

/* The registers that every record may point into whatever its own fields are (docs/model.md). */

struct search {
    struct change_set *changes;
    struct arena *scratch;
    struct missing_reference *missing;
    size_t count;
};

static void check(struct search *search, struct str field, const struct reg *reg, struct str id)
{
    struct found found;
    struct err err = {0};
    if (!reg || id.len == 0 || search->count == REFERENCES_MISSING_MAX) {
        return;
    }
    if (change_current(search->changes, reg, id, search->scratch, &found, &err) && err.code == ERR_NOT_FOUND) {
        search->missing[search->count++] = (struct missing_reference){.field = field, .reg = reg, .id = id};
    }
}

/* A reference is the id as text, a party an object that has an id or else a name. */
static void check_value(struct search *search, const struct field *field, const struct value *value)
{
    if (value && value->kind == VALUE_LIST) {
        for (size_t i = 0; i < value_count(value); i++) {
            check_value(search, field, value_at(value, i));
        }
    } else if (value) {
        struct str id = value->kind == VALUE_TEXT ? value->text : value_get_text(value, STR("id"));
        check(search, field->name, field->reference, id);
    }
}

size_t references_missing(struct change_set *changes, const struct model *model, const struct reg *reg,
                          const struct value *record, struct arena *scratch,
                          struct missing_reference missing[REFERENCES_MISSING_MAX])
{
    struct search search = {.changes = changes, .scratch = scratch, .missing = missing};
    check(&search, STR("owner"), model_role(model, ROLE_ORGANISATION), value_get_text(record, STR("owner")));
    for (size_t i = 0; i < reg->field_count; i++) {
        if (reg->fields[i].reference) {
            check_value(&search, &reg->fields[i], value_get(record, reg->fields[i].name));
        }
    }
    const struct value *sources = value_get(record, STR("sources"));
    for (size_t i = 0; i < value_count(sources); i++) {
        check(&search, STR("sources"), model_role(model, ROLE_SOURCE),
              value_get_text(value_at(sources, i), STR("source")));
    }
    return search.count;
}
