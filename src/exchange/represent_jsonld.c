/* schema.org: an ItemList of things, each with the properties its register's fields name. */
#include "exchange/represent_internal.h"

static struct value *words_in_languages(struct represent *r, struct bilingual words)
{
    struct value *list = value_list(&r->record);
    for (size_t lang = 0; lang < LANG_COUNT; lang++) {
        if (words.in[lang].len > 0) {
            struct value *text = value_object(&r->record);
            value_set_text(&r->record, text, STR("@language"), lang_codes[lang]);
            value_set_text(&r->record, text, STR("@value"), words.in[lang]);
            value_append(&r->record, list, text);
        }
    }
    return value_count(list) == 1 ? list->list.items[0] : list;
}

static struct value *thing(struct represent *r, struct str type)
{
    struct value *value = value_object(&r->record);
    value_set_text(&r->record, value, STR("@type"), type);
    return value;
}

static struct value *reference_of(struct represent *r, const struct reg *reg, struct str id)
{
    struct value *value = thing(r, reg->schema_type.len > 0 ? reg->schema_type : STR("Thing"));
    value_set_text(&r->record, value, STR("@id"), represent_link(r, reg, id));
    value_set_text(&r->record, value, STR("name"), represent_label(r, reg, id));
    return value;
}

static struct value *geo_of(struct represent *r, const struct value *point)
{
    struct value *geo = thing(r, STR("GeoCoordinates"));
    value_set(&r->record, geo, STR("latitude"), value_copy(&r->record, value_get(point, STR("lat"))));
    value_set(&r->record, geo, STR("longitude"), value_copy(&r->record, value_get(point, STR("lon"))));
    return geo;
}

static void copy_member(struct represent *r, struct value *to, struct str key, const struct value *from,
                        struct str name)
{
    const struct value *value = value_get(from, name);
    if (value) {
        value_set(&r->record, to, key, value_copy(&r->record, value));
    }
}

static struct value *quantity_of(struct represent *r, const struct value *figure)
{
    bool money = value_get(figure, STR("currency")) != NULL;
    struct value *quantity = thing(r, money ? STR("MonetaryAmount") : STR("QuantitativeValue"));
    copy_member(r, quantity, STR("value"), figure, STR("value"));
    copy_member(r, quantity, STR("minValue"), figure, STR("low"));
    copy_member(r, quantity, STR("maxValue"), figure, STR("high"));
    copy_member(r, quantity, STR("currency"), figure, STR("currency"));
    copy_member(r, quantity, STR("unitText"), figure, STR("unit"));
    return quantity;
}

static struct value *property_of(struct represent *r, const struct field *field, const struct value *value);

static struct value *list_of(struct represent *r, const struct field *field, const struct value *values)
{
    struct value *list = value_list(&r->record);
    for (size_t i = 0; i < value_count(values); i++) {
        value_append(&r->record, list, property_of(r, field, value_at(values, i)));
    }
    return list;
}

static struct value *property_of(struct represent *r, const struct field *field, const struct value *value)
{
    if (value->kind == VALUE_LIST) {
        return list_of(r, field, value);
    }
    if (field->reference) {
        struct str id = value->kind == VALUE_TEXT ? value->text : value_get_text(value, STR("id"));
        if (id.len > 0) {
            return reference_of(r, field->reference, id);
        }
        const struct reg *reg = field->reference;
        struct value *party = thing(r, reg->schema_type.len > 0 ? reg->schema_type : STR("Thing"));
        struct bilingual name = value_bilingual(value_get(value, STR("name")));
        value_set(&r->record, party, STR("name"), words_in_languages(r, name));
        return party;
    }
    if (field->type == FIELD_GEOPOINT) {
        return geo_of(r, value);
    }
    if (field->type == FIELD_FIGURE) {
        return quantity_of(r, value);
    }
    if (field->vocabulary) {
        const struct term *term = vocabulary_term(field->vocabulary, value_text_of(value));
        return term ? words_in_languages(r, term->label) : value_copy(&r->record, value);
    }
    return field->bilingual ? words_in_languages(r, value_bilingual(value)) : value_copy(&r->record, value);
}

/* Parts of an address are properties of a PostalAddress, not of the thing. */
static void set_property(struct represent *r, struct value *item, struct str property, struct value *value)
{
    if (!str_starts_with(property, STR("address"))) {
        if (!value_get(item, property)) {
            value_set(&r->record, item, property, value);
        }
        return;
    }
    struct value *address = (struct value *)value_get(item, STR("address"));
    if (!address) {
        address = thing(r, STR("PostalAddress"));
        value_set(&r->record, item, STR("address"), address);
    }
    value_set(&r->record, address, str_eq(property, STR("address")) ? STR("streetAddress") : property, value);
}

static int open_jsonld(struct represent *r, struct err *err)
{
    (void)err;
    buf_add_literal(r->out, "{\"@context\":\"https://schema.org\",\"@type\":\"ItemList\",\"@id\":");
    json_write_text(r->out, r->config.self_url);
    buf_add_literal(r->out, ",\"name\":");
    json_write_text(r->out, bilingual_best(r->config.reg->title, r->config.lang));
    buf_add_literal(r->out, ",\"itemListElement\":[");
    return 0;
}

static int add_jsonld(struct represent *r, const struct found *found, struct err *err)
{
    (void)err;
    struct arena *arena = &r->record;
    const struct reg *reg = found->reg;
    struct value *item = thing(r, reg->schema_type.len > 0 ? reg->schema_type : STR("Thing"));
    value_set_text(arena, item, STR("@id"), represent_link(r, reg, record_id(found->record)));
    value_set(arena, item, STR("name"),
              words_in_languages(r, record_label(r->config.model, reg, found->record, arena)));
    for (size_t i = 0; i < reg->field_count; i++) {
        const struct field *field = &reg->fields[i];
        const struct value *value = value_get(found->record, field->name);
        if (value && field->schema_property.len > 0) {
            set_property(r, item, field->schema_property, property_of(r, field, value));
        }
    }
    struct value *element = thing(r, STR("ListItem"));
    value_set(arena, element, STR("position"), value_int(arena, (int64_t)r->count + 1));
    value_set(arena, element, STR("item"), item);
    buf_add(r->out, r->count ? STR(",\n") : STR("\n"));
    value_write_json(r->out, element);
    return 0;
}

static int close_jsonld(struct represent *r, struct err *err)
{
    (void)err;
    buf_add_literal(r->out, "\n],\"numberOfItems\":");
    buf_add_int64(r->out, (int64_t)r->count);
    buf_add_literal(r->out, "}\n");
    return 0;
}

const struct represent_form represent_jsonld = {
    .extension = STR("jsonld"),
    .media_type = STR("application/ld+json"),
    .open = open_jsonld,
    .add = add_jsonld,
    .close = close_jsonld,
};
