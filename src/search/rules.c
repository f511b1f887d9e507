#include "search/rules.h"

#include "model/record.h"
#include "store/store.h"

static void read_facet(const struct value *given, struct rules *rules)
{
    struct facet_rule *facet = &rules->facets[rules->facet_count];
    const struct value *title = value_get(given, STR("title"));

    if (rules->facet_count == RULES_FACETS_MAX || value_get_text(given, STR("name")).len == 0) {
        return;
    }
    *facet = (struct facet_rule){
        .name = value_get_text(given, STR("name")),
        .title = title == NULL ? (struct bilingual){0} : value_bilingual(title),
        .vocabulary = value_get_text(given, STR("vocabulary")),
        .reference = value_get_text(given, STR("reference")),
        .field = value_get_text(given, STR("field")),
        .years = value_get(given, STR("years")),
        .languages = value_get_bool(given, STR("languages")),
    };
    rules->facet_count++;
}

void rules_read(const struct value *given, const struct model *model, struct arena *arena, struct rules *ret_rules)
{
    const struct value *facets = value_get(given, STR("facets"));
    const struct value *glossary = value_get(given, STR("glossary"));
    BUF_AUTO text;

    *ret_rules = (struct rules){
        .model = model, .skip = value_get(given, STR("skip")), .weights = value_get(given, STR("weights"))};
    for (size_t i = 0; i < value_count(facets); i++) {
        read_facet(value_at(facets, i), ret_rules);
    }
    ret_rules->glossary = model_register(model, value_get_text(glossary, STR("register")));
    if (ret_rules->glossary != NULL) {
        ret_rules->glossary_term = reg_field(ret_rules->glossary, value_get_text(glossary, STR("term")));
    }
    buf_init(&text, (size_t)1 << 20);
    if (given != NULL) {
        value_write_canonical_json(&text, given);
    }
    ret_rules->text = arena_copy(arena, buf_str(&text));
}

static bool has_weight(const struct reg *reg)
{
    for (size_t i = 0; i < reg->field_count; i++) {
        if (reg->fields[i].search_weight > 0) {
            return true;
        }
    }
    return false;
}

bool rules_search_register(const struct rules *rules, const struct reg *reg)
{
    for (size_t i = 0; i < value_count(rules->skip); i++) {
        if (str_eq(value_text_of(value_at(rules->skip, i)), reg->name)) {
            return false;
        }
    }
    return reg->visibility != VISIBILITY_SECRETARIAT && has_weight(reg);
}

float rules_weight(const struct rules *rules, const struct reg *reg)
{
    const struct value *percent = value_get(rules->weights, reg->name);

    return percent == NULL || percent->kind != VALUE_NUMBER ? 1.0f
                                                            : (float)(decimal_to_double(percent->number) / 100.0);
}

int rules_facet(const struct rules *rules, struct str name)
{
    for (size_t i = 0; i < rules->facet_count; i++) {
        if (str_eq(rules->facets[i].name, name)) {
            return (int)i;
        }
    }
    return -1;
}

bool rules_field_gives(const struct facet_rule *facet, const struct field *field)
{
    if (facet->vocabulary.len > 0) {
        return field->vocabulary != NULL && str_eq(field->vocabulary->name, facet->vocabulary);
    }
    if (facet->reference.len > 0) {
        return field->reference != NULL && str_eq(field->reference->name, facet->reference);
    }
    return facet->field.len > 0 && field->vocabulary != NULL && str_eq(field->name, facet->field);
}

/* The code's words in the first vocabulary that knows it, among those of the fields that give this facet. */
static struct bilingual code_label(const struct rules *rules, const struct facet_rule *facet, struct str code)
{
    for (size_t r = 0; r < rules->model->register_count; r++) {
        const struct reg *reg = &rules->model->registers[r];
        for (size_t i = 0; i < reg->field_count; i++) {
            const struct field *field = &reg->fields[i];
            const struct term *term = NULL;
            if (field->vocabulary != NULL && rules_field_gives(facet, field)) {
                term = vocabulary_term(field->vocabulary, code);
            }
            if (term != NULL) {
                return term->label;
            }
        }
    }
    return (struct bilingual){{code, code}};
}

struct bilingual rules_value_label(const struct rules *rules, const struct facet_rule *facet, struct str value,
                                   struct reader *reader, struct arena *arena)
{
    struct bilingual label = {0};
    const struct reg *reg = model_register(rules->model, facet->reference);

    if (reg != NULL && reader != NULL) {
        struct err err = {0};
        if (store_label(reader, reg, value, arena, &label, &err) == 0 && bilingual_best(label, LANG_JA).len > 0) {
            return label;
        }
        return (struct bilingual){0};
    }
    if (facet->languages || facet->years != NULL || reg != NULL) {
        return (struct bilingual){{value, value}};
    }
    return code_label(rules, facet, value);
}
