/* Fields: reading one, by itself. Which options go together is checked in field_check.c. */
#include "base/buf.h"
#include "model/names.h"
#include "model/reader.h"

#include <stdlib.h>
#include <unicode/uregex.h>
#include <unicode/ustring.h>

enum field_word {
    WORD_STRING,
    WORD_INTEGER,
    WORD_NUMBER,
    WORD_BOOLEAN,
    WORD_DATE,
    WORD_DATETIME,
    WORD_GEOPOINT,
    WORD_LIST
};

static const struct str type_words[] = {
    [WORD_STRING] = STR("string"),     [WORD_INTEGER] = STR("integer"), [WORD_NUMBER] = STR("number"),
    [WORD_BOOLEAN] = STR("boolean"),   [WORD_DATE] = STR("date"),       [WORD_DATETIME] = STR("datetime"),
    [WORD_GEOPOINT] = STR("geopoint"), [WORD_LIST] = STR("list"),
};
static const enum field_type types[] = {
    [WORD_STRING] = FIELD_TEXT,       [WORD_INTEGER] = FIELD_INTEGER, [WORD_NUMBER] = FIELD_NUMBER,
    [WORD_BOOLEAN] = FIELD_BOOLEAN,   [WORD_DATE] = FIELD_DATE,       [WORD_DATETIME] = FIELD_DATETIME,
    [WORD_GEOPOINT] = FIELD_GEOPOINT, [WORD_LIST] = FIELD_LIST,
};
static const struct str format_words[] = {STR("uri"), STR("email")};
static const enum text_format formats[] = {TEXT_URI, TEXT_EMAIL};
static const struct str check_words[] = {STR("corporate-number"), STR("local-government-code"), STR("orcid"),
                                         STR("ror")};
static const enum field_check checks[] = {CHECK_CORPORATE_NUMBER, CHECK_LOCAL_GOVERNMENT_CODE, CHECK_ORCID, CHECK_ROR};

static const struct str need_words[] = {
    [NEED_REQUIRED] = STR("required"), [NEED_WANTED] = STR("wanted"), [NEED_NONE] = STR("none")};

struct field_given {
    struct str name;
    struct bilingual title, description, notice;
    int type, format, check, visibility, translation, sourced; /* places in the tables above; -1: not said */
    bool bilingual, markdown, figure, party, facet, sortable, personal;
    struct str group, unit, currency, vocabulary, reference, reading, schema_property, was;
    const struct value *constraints;
    int64_t search_weight;
};

#define AT(member) offsetof(struct field_given, member)
#define CHOICE(words) .kind = KEY_CHOICE, .choices = (words), .choice_count = sizeof(words) / sizeof((words)[0])

static const struct key field_keys[] = {
    {.name = STR("name"), .kind = KEY_TEXT, .offset = AT(name), .required = true},
    {.name = STR("title"), .kind = KEY_WORDS, .offset = AT(title), .required = true},
    {.name = STR("description"), .kind = KEY_WORDS, .offset = AT(description)},
    {.name = STR("notice"), .kind = KEY_WORDS, .offset = AT(notice)},
    {.name = STR("group"), .kind = KEY_TEXT, .offset = AT(group)},
    {.name = STR("type"), CHOICE(type_words), .offset = AT(type), .required = true},
    {.name = STR("bilingual"), .kind = KEY_BOOLEAN, .offset = AT(bilingual)},
    {.name = STR("markdown"), .kind = KEY_BOOLEAN, .offset = AT(markdown)},
    {.name = STR("format"), CHOICE(format_words), .offset = AT(format)},
    {.name = STR("figure"), .kind = KEY_BOOLEAN, .offset = AT(figure)},
    {.name = STR("unit"), .kind = KEY_TEXT, .offset = AT(unit)},
    {.name = STR("currency"), .kind = KEY_TEXT, .offset = AT(currency)},
    {.name = STR("vocabulary"), .kind = KEY_TEXT, .offset = AT(vocabulary)},
    {.name = STR("reference"), .kind = KEY_TEXT, .offset = AT(reference)},
    {.name = STR("party"), .kind = KEY_BOOLEAN, .offset = AT(party)},
    {.name = STR("constraints"), .kind = KEY_OBJECT, .offset = AT(constraints)},
    {.name = STR("check"), CHOICE(check_words), .offset = AT(check)},
    {.name = STR("visibility"), CHOICE(visibility_names), .offset = AT(visibility)},
    {.name = STR("facet"), .kind = KEY_BOOLEAN, .offset = AT(facet)},
    {.name = STR("sortable"), .kind = KEY_BOOLEAN, .offset = AT(sortable)},
    {.name = STR("reading"), .kind = KEY_TEXT, .offset = AT(reading)},
    {.name = STR("searchWeight"), .kind = KEY_INTEGER, .offset = AT(search_weight), .least = 0, .most = 10},
    {.name = STR("schemaProperty"), .kind = KEY_TEXT, .offset = AT(schema_property)},
    {.name = STR("personal"), .kind = KEY_BOOLEAN, .offset = AT(personal)},
    {.name = STR("translation"), CHOICE(need_words), .offset = AT(translation)},
    {.name = STR("sourced"), CHOICE(need_words), .offset = AT(sourced)},
    {.name = STR("was"), .kind = KEY_TEXT, .offset = AT(was)},
};

struct constraints_given {
    bool required, unique;
    int64_t min_length, max_length, max_items;
    const struct value *minimum, *maximum, *enumeration;
    struct str pattern;
};

#undef AT
#define AT(member) offsetof(struct constraints_given, member)

static const struct key constraint_keys[] = {
    {.name = STR("required"), .kind = KEY_BOOLEAN, .offset = AT(required)},
    {.name = STR("unique"), .kind = KEY_BOOLEAN, .offset = AT(unique)},
    {.name = STR("minLength"), .kind = KEY_INTEGER, .offset = AT(min_length), .least = 0, .most = TEXT_LENGTH_MAX},
    {.name = STR("maxLength"), .kind = KEY_INTEGER, .offset = AT(max_length), .least = 1, .most = TEXT_LENGTH_MAX},
    {.name = STR("minimum"), .kind = KEY_NUMBER, .offset = AT(minimum)},
    {.name = STR("maximum"), .kind = KEY_NUMBER, .offset = AT(maximum)},
    {.name = STR("pattern"), .kind = KEY_TEXT, .offset = AT(pattern)},
    {.name = STR("enum"), .kind = KEY_TEXTS, .offset = AT(enumeration)},
    {.name = STR("maxItems"), .kind = KEY_INTEGER, .offset = AT(max_items), .least = 1, .most = LIST_ITEMS_MAX},
};

/* Compiles the pattern. ICU wants UTF-16; the compiled expression keeps its own copy. */
static void pattern_compile(const struct reader *reader, const struct value *place, struct field *field)
{
    int32_t size = (int32_t)field->pattern.len + 1;
    UChar *wide = ARENA_NEW_ARRAY(reader->arena, (size_t)size, UChar);
    int32_t length = 0;
    UErrorCode status = U_ZERO_ERROR;
    u_strFromUTF8(wide, size, &length, field->pattern.ptr, (int32_t)field->pattern.len, &status);
    UParseError where = {0};
    URegularExpression *compiled = uregex_open(wide, length, 0, &where, &status);
    if (U_FAILURE(status)) {
        reader_problem(reader, place,
                       "the pattern %.*s does not compile (%s at character %d), must be a regular expression of ICU",
                       STR_ARG(quoted(reader->arena, field->pattern)), u_errorName(status), (int)where.offset);
        return;
    }
    field->pattern_compiled = compiled;
}

static void bounds_read(const struct reader *reader, const struct value *tree, const struct constraints_given *given,
                        struct field *field)
{
    field->has_minimum = given->minimum != NULL;
    field->has_maximum = given->maximum != NULL;
    field->minimum = given->minimum ? given->minimum->number : (struct decimal){0};
    field->maximum = given->maximum ? given->maximum->number : (struct decimal){0};
    if (given->minimum && given->maximum && decimal_cmp(field->minimum, field->maximum) > 0) {
        reader_problem(reader, given->minimum, "\"minimum\" is larger than \"maximum\", must be at most as large");
    }
    if (field->min_length > field->max_length) {
        reader_problem(reader, key_place(tree, "minLength"),
                       "\"minLength\" is %zu and \"maxLength\" %zu, the least length must not be larger",
                       field->min_length, field->max_length);
    }
}

static void constraints_read(const struct reader *reader, const struct value *tree, struct field *field)
{
    struct constraints_given given = {.max_length = (int64_t)field->max_length, .max_items = 100};
    if (tree) {
        keys_read(reader, tree, "\"constraints\"", constraint_keys,
                  sizeof(constraint_keys) / sizeof(constraint_keys[0]), &given);
    }
    field->required = given.required;
    field->unique = given.unique;
    field->min_length = (size_t)given.min_length;
    field->max_length = (size_t)given.max_length;
    field->max_items = (size_t)given.max_items;
    bounds_read(reader, tree, &given, field);
    if (given.enumeration) {
        field->enumeration_count = given.enumeration->list.count;
        field->enumeration = ARENA_NEW_ARRAY(reader->arena, field->enumeration_count, struct str);
        for (size_t i = 0; i < field->enumeration_count; i++) {
            field->enumeration[i] = given.enumeration->list.items[i]->text;
        }
    }
    field->pattern = given.pattern;
    if (given.pattern.len > 0) {
        pattern_compile(reader, key_place(tree, "pattern"), field);
    }
}

static void name_check(const struct reader *reader, const struct value *tree, const struct field_given *given)
{
    if (given->name.len > 0 && !name_is_field_name(given->name)) {
        reader_problem(reader, key_place(tree, "name"),
                       "the field's name %.*s is not allowed, names are " FIELD_NAME_SHAPE,
                       STR_ARG(quoted(reader->arena, given->name)));
    } else if (name_is_reserved_field(given->name)) {
        reader_problem(reader, key_place(tree, "name"),
                       "the name \"%.*s\" is reserved, a field may not be called any of:%.*s", STR_ARG(given->name),
                       (int)reserved_fields_text.len - 1, reserved_fields_text.ptr);
    }
    if (given->was.len > 0 && !name_is_field_name(given->was)) {
        reader_problem(reader, key_place(tree, "was"), "\"was\" is %.*s, must be a field's name: " FIELD_NAME_SHAPE,
                       STR_ARG(quoted(reader->arena, given->was)));
    }
}

/* schema.org writes properties with a small letter first. */
static void schema_property_check(const struct reader *reader, const struct value *tree, struct str property)
{
    bool good = property.len <= 60;
    for (size_t i = 0; i < property.len && good; i++) {
        char c = property.ptr[i];
        good = (c >= 'a' && c <= 'z') || (i > 0 && ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')));
    }
    if (!good) {
        reader_problem(reader, key_place(tree, "schemaProperty"),
                       "\"schemaProperty\" is %.*s, must be a property of schema.org as legalName: letters, the first "
                       "a small one",
                       STR_ARG(quoted(reader->arena, property)));
    }
}

/* Unit and currency of figures, vocabulary and register: what they name must be there. */
static void named_things_find(const struct reader *reader, const struct value *tree, const struct field_given *given,
                              struct field *field)
{
    const struct model *model = reader->model;
    const struct vocabulary *units = model_vocabulary(model, STR("unit"));
    if (given->unit.len > 0 && (units ? !vocabulary_term(units, given->unit) : !name_is_code(given->unit))) {
        reader_problem(reader, key_place(tree, "unit"),
                       "the unit %.*s is not there, it must be a code of the vocabulary unit",
                       STR_ARG(quoted(reader->arena, given->unit)));
    }
    if (given->currency.len > 0 && !currency_is_known(given->currency)) {
        reader_problem(reader, key_place(tree, "currency"),
                       "the currency %.*s is unknown, it must be a code of ISO 4217 as JPY",
                       STR_ARG(quoted(reader->arena, given->currency)));
    }
    field->vocabulary = given->vocabulary.len > 0 ? model_vocabulary(model, given->vocabulary) : NULL;
    if (given->vocabulary.len > 0 && !field->vocabulary) {
        reader_problem(reader, key_place(tree, "vocabulary"),
                       "there is no vocabulary %.*s, it must be the name of a file vocabulary/NAME.json",
                       STR_ARG(quoted(reader->arena, given->vocabulary)));
    }
    field->reference = given->reference.len > 0 ? model_register(model, given->reference) : NULL;
    if (given->reference.len > 0 && !field->reference) {
        reader_problem(reader, key_place(tree, "reference"),
                       "there is no register %.*s, it must be the name of a file NAME.json",
                       STR_ARG(quoted(reader->arena, given->reference)));
    }
}

static enum text_format format_of(const struct field_given *given)
{
    if (given->format >= 0) {
        return formats[given->format];
    }
    return given->markdown ? TEXT_MARKDOWN : TEXT_PLAIN;
}

static void group_check(const struct reader *reader, const struct value *tree, struct str group)
{
    const struct vocabulary *groups = model_vocabulary(reader->model, STR("field-group"));

    if (group.len > 0 && groups != NULL && vocabulary_term(groups, group) == NULL) {
        reader_problem(reader, key_place(tree, "group"),
                       "the group %.*s is not there, it must be a code of the vocabulary field-group",
                       STR_ARG(quoted(reader->arena, group)));
    }
}

bool field_read(const struct reader *reader, const struct value *tree, struct field *field)
{
    struct field_given given = {.type = -1, .format = -1, .check = -1, .translation = -1, .sourced = -1};
    if (!keys_read(reader, tree, "a field", field_keys, sizeof(field_keys) / sizeof(field_keys[0]), &given)) {
        return false;
    }
    name_check(reader, tree, &given);
    schema_property_check(reader, tree, given.schema_property);
    group_check(reader, tree, given.group);
    named_things_find(reader, tree, &given, field);
    if (given.name.len == 0 || given.type < 0) {
        return false;
    }
    bool figure = given.figure && types[given.type] == FIELD_NUMBER;
    field->name = given.name;
    field->title = given.title;
    field->description = given.description;
    field->notice = given.notice;
    field->group = given.group;
    field->type = figure ? FIELD_FIGURE : types[given.type];
    field->format = format_of(&given);
    field->check = given.check >= 0 ? checks[given.check] : CHECK_NONE;
    field->bilingual = given.bilingual;
    field->party = given.party;
    field->facet = given.facet;
    field->sortable = given.sortable;
    field->personal = given.personal;
    field->translation = given.translation >= 0 ? (enum need)given.translation : NEED_UNSAID;
    field->sourced = given.sourced >= 0 ? (enum need)given.sourced : NEED_UNSAID;
    field->unit = given.unit;
    field->currency = given.currency;
    field->visibility = (enum visibility)given.visibility;
    field->search_weight = (int)given.search_weight;
    field->schema_property = given.schema_property;
    field->was = given.was;
    field->line = tree->line;
    field->column = tree->column;
    field->max_length = given.markdown ? 20000 : 1000;
    constraints_read(reader, given.constraints, field);
    field_check_options(reader, tree, field, given.figure);
    return true;
}
