/* The list that says where a record's content comes from. */
#include "model/names.h"
#include "model/record_check.h"

static const struct str source_members[] = {STR("fields"), STR("source"), STR("locator"), STR("basis"),
                                            STR("confidence")};
enum { SOURCE_FIELDS, SOURCE_SOURCE, SOURCE_LOCATOR, SOURCE_BASIS, SOURCE_CONFIDENCE, SOURCE_COUNT };

/* A field of the register, or one of what every record has that a source can vouch for. */
static bool can_be_sourced(const struct reg *reg, struct str name)
{
    static const struct str common[] = {STR("owner"), STR("from"), STR("to"), STR("attested_on")};
    for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++) {
        if (str_eq(name, common[i])) {
            return true;
        }
    }
    return reg_field(reg, name) != NULL;
}

static struct value *check_fields(const struct check *check, const struct place *place, const struct value *given)
{
    if (given->kind != VALUE_LIST || given->list.count > check->reg->field_count + 4) {
        check_problem(check, place, "must be a list of names of fields, each once");
        return NULL;
    }
    struct value *list = value_list(check->arena);
    for (size_t i = 0; i < given->list.count; i++) {
        struct place inside = {.in = place, .index = i};
        struct str name = value_text_of(given->list.items[i]);
        if (!can_be_sourced(check->reg, name)) {
            check_problem(check, &inside,
                          "is %.*s, must be a field of the register %.*s, or owner, from, to, attested_on",
                          STR_ARG(quoted(check->arena, name)), STR_ARG(check->reg->name));
            continue;
        }
        bool twice = false;
        for (size_t j = 0; j < list->list.count; j++) {
            twice = twice || str_eq(list->list.items[j]->text, name);
        }
        if (!twice) {
            value_append(check->arena, list, value_text(check->arena, name));
        }
    }
    return list->list.count > 0 ? list : NULL;
}

/* A code of the vocabulary `basis`, or a sentence in both languages. */
static struct value *check_basis(const struct check *check, const struct place *place, const struct value *given)
{
    struct str code;
    if (given->kind == VALUE_OBJECT) {
        return check_bilingual(check, place, NULL, BASIS_LENGTH_MAX, given);
    }
    if (!check_plain_text(check, place, given, BASIS_LENGTH_MAX, &code, NULL)) {
        return NULL;
    }
    const struct vocabulary *basis = model_vocabulary(check->model, STR("basis"));
    if (basis ? !vocabulary_term(basis, code) : !name_is_code(code)) {
        check_problem(check, place, "is %.*s, must be a code of the vocabulary basis or text in {\"ja\", \"en\"}",
                      STR_ARG(quoted(check->arena, code)));
        return NULL;
    }
    return value_text(check->arena, code);
}

static struct value *check_confidence(const struct check *check, const struct place *place, const struct value *given)
{
    struct str text = value_text_of(given);
    if (!str_eq(text, STR("high")) && !str_eq(text, STR("medium")) && !str_eq(text, STR("low"))) {
        check_problem(check, place, "must be high, medium or low");
        return NULL;
    }
    return value_text(check->arena, text);
}

static struct value *check_part(const struct check *check, const struct place *place, int part,
                                const struct value *given)
{
    struct str text;
    switch (part) {
    case SOURCE_FIELDS:
        return check_fields(check, place, given);
    case SOURCE_SOURCE:
        return check_reference(check, place, given, &text) ? value_text(check->arena, text) : NULL;
    case SOURCE_LOCATOR:
        return check_plain_text(check, place, given, LOCATOR_LENGTH_MAX, &text, NULL) ? value_text(check->arena, text)
                                                                                      : NULL;
    case SOURCE_BASIS:
        return check_basis(check, place, given);
    default:
        return check_confidence(check, place, given);
    }
}

static struct value *check_source(const struct check *check, const struct place *place, const struct value *given)
{
    if (given->kind != VALUE_OBJECT) {
        check_problem(check, place, "is %s, must be an object", value_kind_words(given->kind));
        return NULL;
    }
    if (!check_members(check, place, given, source_members, SOURCE_COUNT)) {
        return NULL;
    }
    struct value *result = object_with_room(check->arena, SOURCE_COUNT);
    bool tells = false;
    for (int part = 0; part < SOURCE_COUNT; part++) {
        const struct value *member = value_get(given, source_members[part]);
        if (value_is_empty(member)) {
            continue;
        }
        struct place inside = {.in = place, .name = source_members[part]};
        size_t before = check->problems->count;
        struct value *value = check_part(check, &inside, part, member);
        bool said = value || check->problems->count > before;
        tells = tells || (said && (part == SOURCE_SOURCE || part == SOURCE_BASIS));
        if (value) {
            object_add(result, source_members[part], value);
        }
    }
    if (!tells) {
        check_problem(check, place, "has neither \"source\" nor \"basis\", must have one of them");
    }
    return result;
}

struct value *check_sources(const struct check *check, const struct place *place, const struct value *given)
{
    if (given->kind != VALUE_LIST) {
        check_problem(check, place, "is %s, must be a list", value_kind_words(given->kind));
        return NULL;
    }
    if (given->list.count > SOURCES_MAX) {
        check_problem(check, place, "has %zu entries, at most %d are allowed", given->list.count, SOURCES_MAX);
        return NULL;
    }
    struct value *list = value_list(check->arena);
    for (size_t i = 0; i < given->list.count; i++) {
        struct place inside = {.in = place, .index = i};
        struct value *source =
            value_is_empty(given->list.items[i]) ? NULL : check_source(check, &inside, given->list.items[i]);
        if (source) {
            value_append(check->arena, list, source);
        }
    }
    return list->list.count > 0 ? list : NULL;
}
