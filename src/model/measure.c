/* Reading measures: model/measure/NAME.json. */
#include "model/measure.h"

#include "model/measure_reader.h"
#include "model/names.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

const struct str year_axis_names[YEAR_AXIS_COUNT] = {
    [AXIS_DECLARED] = STR(""),
    [AXIS_CALENDAR_YEAR] = STR("calendar-year"),
    [AXIS_FISCAL_YEAR] = STR("fiscal-year"),
    [AXIS_OWN_YEAR] = STR("own-fiscal-year"),
    [AXIS_STOCK] = STR("stock"),
};

static const struct str kind_names[] = {
    [MEASURE_SUM] = STR("sum"),   [MEASURE_COUNT] = STR("count"), [MEASURE_COUNT_DISTINCT] = STR("count-distinct"),
    [MEASURE_LAST] = STR("last"), [MEASURE_RATIO] = STR("ratio"),
};
static const struct str axis_choices[] = {STR("calendar-year"), STR("fiscal-year"), STR("own-fiscal-year")};
static const struct str preference_choices[] = {STR("highest"), STR("lowest"), STR("nearest")};

const struct measure *model_measure(const struct model *model, struct str name)
{
    return map_get(&model->measure_by_name, name);
}

const struct measure_split *measure_split(const struct measure *measure, struct str name)
{
    for (size_t i = 0; i < measure->split_count; i++)
        if (str_eq(measure->splits[i].name, name))
            return &measure->splits[i];
    return NULL;
}

const struct measure_parameter *measure_parameter(const struct measure *measure, struct str name)
{
    for (size_t i = 0; i < measure->parameter_count; i++)
        if (str_eq(measure->parameters[i].name, name))
            return &measure->parameters[i];
    return NULL;
}

/* ---- the file ---- */

struct measure_given {
    struct str name, reg, field, unit, currency, contributor, population, over, under;
    struct bilingual title, description;
    int kind;
    const struct value *time, *one_per_year, *group, *parameters, *where, *splits;
    int64_t factor;
};

#define MEASURE_KEY(key, member, its_kind, ...)                                                           \
    {                                                                                                     \
        .name = STR(key), .kind = its_kind, .offset = offsetof(struct measure_given, member), __VA_ARGS__ \
    }
static const struct key measure_keys[] = {
    MEASURE_KEY("name", name, KEY_TEXT, .required = true),
    MEASURE_KEY("title", title, KEY_WORDS, .required = true),
    MEASURE_KEY("description", description, KEY_WORDS, .required = true),
    MEASURE_KEY("aggregate", kind, KEY_CHOICE, .required = true, .choices = kind_names,
                .choice_count = COUNT_OF(kind_names)),
    MEASURE_KEY("register", reg, KEY_TEXT, .required = false),
    MEASURE_KEY("field", field, KEY_TEXT, .required = false),
    MEASURE_KEY("unit", unit, KEY_TEXT, .required = false),
    MEASURE_KEY("currency", currency, KEY_TEXT, .required = false),
    MEASURE_KEY("time", time, KEY_OBJECT, .required = false),
    MEASURE_KEY("contributor", contributor, KEY_TEXT, .required = false),
    MEASURE_KEY("one_per_year", one_per_year, KEY_LIST, .required = false),
    MEASURE_KEY("group", group, KEY_OBJECT, .required = false),
    MEASURE_KEY("population", population, KEY_TEXT, .required = false),
    MEASURE_KEY("parameters", parameters, KEY_LIST, .required = false),
    MEASURE_KEY("where", where, KEY_LIST, .required = false),
    MEASURE_KEY("splits", splits, KEY_LIST, .required = false),
    MEASURE_KEY("over", over, KEY_TEXT, .required = false),
    MEASURE_KEY("under", under, KEY_TEXT, .required = false),
    MEASURE_KEY("factor", factor, KEY_INTEGER, .least = 1, .most = 1000000),
};

/* ---- parameters ---- */

struct parameter_given {
    struct str name, vocabulary, reference;
    struct bilingual title;
    bool number;
};
static const struct key parameter_keys[] = {
    {.name = STR("name"), .kind = KEY_TEXT, .offset = offsetof(struct parameter_given, name), .required = true},
    {.name = STR("title"), .kind = KEY_WORDS, .offset = offsetof(struct parameter_given, title), .required = true},
    {.name = STR("vocabulary"), .kind = KEY_TEXT, .offset = offsetof(struct parameter_given, vocabulary)},
    {.name = STR("reference"), .kind = KEY_TEXT, .offset = offsetof(struct parameter_given, reference)},
    {.name = STR("number"), .kind = KEY_BOOLEAN, .offset = offsetof(struct parameter_given, number)},
};

static void parameter_add(const struct reader *reader, const struct value *tree, struct measure *measure)
{
    struct parameter_given given = {0};
    if (!keys_read(reader, tree, "a parameter", parameter_keys, COUNT_OF(parameter_keys), &given))
        return;
    struct measure_parameter parameter = {
        .name = given.name,
        .title = given.title,
        .vocabulary = model_vocabulary(reader->model, given.vocabulary),
        .reference = model_register(reader->model, given.reference),
        .number = given.number,
    };
    if (!name_is_field_name(given.name) || measure_parameter(measure, given.name)) {
        reader_problem(reader, key_place(tree, "name"), "a parameter's name is " FIELD_NAME_SHAPE ", each once");
        return;
    }
    if ((parameter.vocabulary != NULL) + (parameter.reference != NULL) + parameter.number != 1) {
        reader_problem(reader, tree,
                       "a parameter has one of \"vocabulary\" and \"reference\", which must be there, and "
                       "\"number\": true");
        return;
    }
    if (measure->parameter_count == MEASURE_PARAMETERS_MAX) {
        reader_problem(reader, tree, "at most %d parameters are allowed", MEASURE_PARAMETERS_MAX);
        return;
    }
    measure->parameters[measure->parameter_count++] = parameter;
}

/* ---- splits ---- */

struct split_given {
    struct str name;
    struct bilingual title, inside, outside;
    const struct value *field, *values;
};
static const struct key split_keys[] = {
    {.name = STR("name"), .kind = KEY_TEXT, .offset = offsetof(struct split_given, name), .required = true},
    {.name = STR("title"), .kind = KEY_WORDS, .offset = offsetof(struct split_given, title), .required = true},
    {.name = STR("field"), .kind = KEY_ANY, .offset = offsetof(struct split_given, field), .required = true},
    {.name = STR("in"), .kind = KEY_ANY, .offset = offsetof(struct split_given, values)},
    {.name = STR("inside"), .kind = KEY_WORDS, .offset = offsetof(struct split_given, inside)},
    {.name = STR("outside"), .kind = KEY_WORDS, .offset = offsetof(struct split_given, outside)},
};

static bool field_divides(const struct field *field)
{
    if (field->type == FIELD_LIST || field->type == FIELD_TEXT)
        return field->vocabulary || field->reference;
    return field->type == FIELD_BOOLEAN || field->type == FIELD_INTEGER;
}

static void split_add(const struct measure_reading *reading, const struct value *tree)
{
    const struct reader *reader = reading->reader;
    struct measure *measure = reading->measure;
    struct split_given given = {0};
    if (!keys_read(reader, tree, "a split", split_keys, COUNT_OF(split_keys), &given) || !given.field)
        return;
    struct measure_split split = {.name = given.name,
                                  .title = given.title,
                                  .inside = given.inside,
                                  .outside = given.outside,
                                  .grouped = given.values != NULL};
    if (!name_is_register_name(given.name) || measure_split(measure, given.name)) {
        reader_problem(reader, key_place(tree, "name"), "a split's name is " REGISTER_NAME_SHAPE ", each once");
        return;
    }
    if (!choice_read(reading, given.field, measure->reg, &split.field))
        return;
    bool worded = given.inside.in[LANG_JA].len && given.outside.in[LANG_JA].len;
    if (!field_divides(split.field.field) || (split.grouped && split.field.field->type == FIELD_LIST)) {
        reader_problem(reader, given.field, "a split is by codes, references, booleans or integers%s",
                       split.grouped ? ", and with \"in\" by no list" : "");
        return;
    }
    if (split.grouped != worded) {
        reader_problem(reader, tree, "\"in\", \"inside\" and \"outside\" belong together");
        return;
    }
    if (split.grouped &&
        !values_read(reading, given.values, split.field.field, &split.values, &split.value_count, &split.parameter))
        return;
    if (measure->split_count == MEASURE_SPLITS_MAX) {
        reader_problem(reader, tree, "at most %d splits are allowed", MEASURE_SPLITS_MAX);
        return;
    }
    measure->splits[measure->split_count++] = split;
}

/* ---- time, preference, group ---- */

struct time_given {
    struct str field;
    int axis;
    int64_t first_month;
};
static const struct key time_keys[] = {
    {.name = STR("field"), .kind = KEY_TEXT, .offset = offsetof(struct time_given, field), .required = true},
    {.name = STR("axis"),
     .kind = KEY_CHOICE,
     .offset = offsetof(struct time_given, axis),
     .choices = axis_choices,
     .choice_count = COUNT_OF(axis_choices)},
    {.name = STR("first_month"),
     .kind = KEY_INTEGER,
     .offset = offsetof(struct time_given, first_month),
     .least = 1,
     .most = 12},
};

static void time_read(const struct reader *reader, const struct value *tree, struct measure *measure)
{
    struct time_given given = {.first_month = 4};
    keys_read(reader, tree, "\"time\"", time_keys, COUNT_OF(time_keys), &given);
    measure->time = reg_field(measure->reg, given.field);
    measure->axis = (enum year_axis)(AXIS_CALENDAR_YEAR + given.axis);
    measure->first_month = (int)given.first_month;
    if (!measure->time || (measure->time->type != FIELD_DATE && measure->time->type != FIELD_INTEGER))
        reader_problem(reader, key_place(tree, "field"), "\"field\" must be a date or an integer of %.*s",
                       STR_ARG(measure->reg->name));
}

struct preference_given {
    struct str field;
    int kind;
    int64_t to;
};
static const struct key preference_keys[] = {
    {.name = STR("field"), .kind = KEY_TEXT, .offset = offsetof(struct preference_given, field), .required = true},
    {.name = STR("prefer"),
     .kind = KEY_CHOICE,
     .offset = offsetof(struct preference_given, kind),
     .required = true,
     .choices = preference_choices,
     .choice_count = COUNT_OF(preference_choices)},
    {.name = STR("to"),
     .kind = KEY_INTEGER,
     .offset = offsetof(struct preference_given, to),
     .least = -1000000,
     .most = 1000000},
};

static void preference_add(const struct reader *reader, const struct value *tree, struct measure *measure)
{
    struct preference_given given = {0};
    if (!keys_read(reader, tree, "an entry of \"one_per_year\"", preference_keys, COUNT_OF(preference_keys), &given))
        return;
    const struct field *field = reg_field(measure->reg, given.field);
    bool number = field && (field->type == FIELD_INTEGER || field->type == FIELD_BOOLEAN);
    if (!number && !(field && field->type == FIELD_DATE && given.kind != PREFER_NEAREST)) {
        reader_problem(reader, tree, "\"field\" must be an integer, a boolean or, unless \"nearest\", a date of %.*s",
                       STR_ARG(measure->reg->name));
        return;
    }
    if ((given.kind == PREFER_NEAREST) != (value_get(tree, STR("to")) != NULL) ||
        measure->preference_count == MEASURE_PREFERENCES_MAX) {
        reader_problem(reader, tree, "\"nearest\" and \"to\" belong together, and at most %d entries are allowed",
                       MEASURE_PREFERENCES_MAX);
        return;
    }
    measure->preferences[measure->preference_count++] =
        (struct preference){field, (enum preference_kind)given.kind, given.to};
}

struct group_given {
    struct str parent, whole;
};
static const struct key group_keys[] = {
    {.name = STR("parent"), .kind = KEY_TEXT, .offset = offsetof(struct group_given, parent), .required = true},
    {.name = STR("whole"), .kind = KEY_TEXT, .offset = offsetof(struct group_given, whole), .required = true},
};

static const struct reg *contributor_register(const struct measure *measure)
{
    const struct field_path *path = &measure->contributor;
    return path->count ? path->steps[path->count - 1]->reference : measure->reg;
}

static void group_read(const struct reader *reader, const struct value *tree, struct measure *measure)
{
    struct group_given given = {0};
    keys_read(reader, tree, "\"group\"", group_keys, COUNT_OF(group_keys), &given);
    const struct reg *reg = contributor_register(measure);
    const struct field *parent = reg ? reg_field(reg, given.parent) : NULL;
    const struct field *whole = reg_field(measure->reg, given.whole);
    if (!parent || parent->type != FIELD_TEXT || parent->reference != reg) {
        reader_problem(
            reader, key_place(tree, "parent"),
            "\"parent\" must be a field of the contributor's register that refers to one record of the same");
        return;
    }
    if (!whole || whole->type != FIELD_BOOLEAN || measure->preference_count == 0) {
        reader_problem(reader, key_place(tree, "whole"),
                       "\"whole\" must be a boolean of %.*s, and \"one_per_year\" must be there",
                       STR_ARG(measure->reg->name));
        return;
    }
    measure->group_parent = parent;
    measure->group_whole = whole;
}

/* ---- the whole ---- */

static void each(const struct value *list, const struct reader *reader, struct measure *measure,
                 void (*add)(const struct reader *, const struct value *, struct measure *))
{
    for (size_t i = 0; list && i < list->list.count; i++)
        add(reader, list->list.items[i], measure);
}

static bool field_is_summed(const struct field *field)
{
    return field->type == FIELD_FIGURE || field->type == FIELD_NUMBER || field->type == FIELD_INTEGER;
}

static void field_check(const struct reader *reader, const struct value *tree, const struct measure_given *given,
                        struct measure *measure)
{
    const struct value *place = key_place(tree, "field");
    measure->field = given->field.len ? reg_field(measure->reg, given->field) : NULL;
    if (measure->kind == MEASURE_COUNT) {
        if (given->field.len)
            reader_problem(reader, place, "a count is of records and has no \"field\"");
        return;
    }
    bool sum = measure->kind != MEASURE_COUNT_DISTINCT;
    bool fits = measure->field && (sum ? field_is_summed(measure->field)
                                       : measure->field->type == FIELD_TEXT && !measure->field->bilingual);
    if (!fits) {
        reader_problem(reader, place, "\"field\" must be a %s of %.*s",
                       sum ? "number, integer or figure" : "single text", STR_ARG(measure->reg->name));
        return;
    }
    if (measure->field->currency.len && sum && !given->currency.len)
        reader_problem(reader, place, "\"%.*s\" is money, so \"currency\" must say into which it is converted",
                       STR_ARG(measure->field->name));
    if (given->currency.len && (!currency_is_known(given->currency) || measure->field->type != FIELD_FIGURE))
        reader_problem(reader, key_place(tree, "currency"), "\"currency\" is a code of ISO 4217, for figures");
}

static void parts_read(const struct reader *reader, const struct value *tree, const struct measure_given *given,
                       struct measure *measure)
{
    struct measure_reading reading = {reader, measure};
    field_check(reader, tree, given, measure);
    if (given->contributor.len) {
        const struct value *place = key_place(tree, "contributor");
        if (path_read(&reading, place, given->contributor, measure->reg, &measure->contributor) &&
            measure->contributor.steps[measure->contributor.count - 1]->type != FIELD_TEXT)
            reader_problem(reader, place, "\"contributor\" must refer to one record");
    }
    if (given->time)
        time_read(reader, given->time, measure);
    each(given->parameters, reader, measure, parameter_add);
    each(given->one_per_year, reader, measure, preference_add);
    if (given->group)
        group_read(reader, given->group, measure);
    if (given->where)
        conditions_read(&reading, given->where, measure->reg, 0, &measure->conditions, &measure->condition_count);
    for (size_t i = 0; given->splits && i < given->splits->list.count; i++)
        split_add(&reading, given->splits->list.items[i]);
    if (measure->preference_count && !measure->time)
        reader_problem(reader, key_place(tree, "one_per_year"), "without \"time\" there is no year to take one for");
}

static void ratio_check(const struct reader *reader, const struct value *tree, const struct measure_given *given)
{
    bool others = given->reg.len || given->field.len || given->time || given->where || given->splits ||
                  given->one_per_year || given->group || given->contributor.len;
    if (others)
        reader_problem(reader, tree, "a ratio has \"over\" and \"under\" and nothing of its own to count");
}

void measure_read(const struct reader *reader, const struct value *tree, struct measure *measure)
{
    struct measure_given given = {.kind = -1, .factor = 1};
    if (!keys_read(reader, tree, "a measure", measure_keys, COUNT_OF(measure_keys), &given) || given.kind < 0)
        return;
    if (!str_eq(given.name, measure->name))
        reader_problem(reader, key_place(tree, "name"),
                       "the measure is called %.*s, must be called as its file, \"%.*s\"",
                       STR_ARG(quoted(reader->arena, given.name)), STR_ARG(measure->name));
    measure->title = given.title;
    measure->description = given.description;
    measure->kind = (enum measure_kind)given.kind;
    measure->unit = given.unit;
    measure->currency = given.currency;
    measure->factor = given.factor;
    measure->axis = AXIS_STOCK;
    measure->first_month = 4;
    const struct vocabulary *units = model_vocabulary(reader->model, STR("unit"));
    if (given.unit.len && units && !vocabulary_term(units, given.unit))
        reader_problem(reader, key_place(tree, "unit"), "\"unit\" must be a code of the vocabulary unit");
    if (measure->kind == MEASURE_RATIO) {
        ratio_check(reader, tree, &given);
        return;
    }
    measure->reg = model_register(reader->model, given.reg);
    if (measure->reg)
        parts_read(reader, tree, &given, measure);
    else
        reader_problem(reader, key_place(tree, "register"), "\"register\" must be one of the model's registers");
}

/* ---- what measures say of each other ---- */

static const struct measure *other_measure(const struct reader *reader, const struct value *tree, const char *key)
{
    const struct value *name = value_get(tree, str_from_cstr(key));
    const struct measure *other = map_get(&reader->model->measure_by_name, value_text_of(name));
    if (!other)
        reader_problem(reader, name ? name : tree, "\"%s\" must be the name of a measure", key);
    return other;
}

/* The other's parameters must be this one's too, so that whoever asks gives them once. */
static void parameters_check(const struct reader *reader, const struct value *tree, const struct measure *measure,
                             const struct measure *other)
{
    for (size_t i = 0; i < other->parameter_count; i++)
        if (!measure_parameter(measure, other->parameters[i].name))
            reader_problem(reader, tree,
                           "the measure \"%.*s\" needs the parameter \"%.*s\", so this one must have it too",
                           STR_ARG(other->name), STR_ARG(other->parameters[i].name));
}

/* A ratio needs what its two need. */
static void parameters_join(const struct reader *reader, const struct value *tree, struct measure *measure,
                            const struct measure *other)
{
    for (size_t i = 0; i < other->parameter_count; i++) {
        if (measure_parameter(measure, other->parameters[i].name))
            continue;
        if (measure->parameter_count == MEASURE_PARAMETERS_MAX) {
            reader_problem(reader, tree, "together the two need more than %d parameters", MEASURE_PARAMETERS_MAX);
            return;
        }
        measure->parameters[measure->parameter_count++] = other->parameters[i];
    }
}

/* Whether the last `count` steps of two paths are the same. */
static bool ends_are_same(const struct field_path *a, const struct field_path *b, size_t count)
{
    for (size_t i = 1; i <= count; i++)
        if (a->steps[a->count - i] != b->steps[b->count - i])
            return false;
    return true;
}

/* From one register the same paths; from two, paths of which one is the end of the other: company.prefecture of a company's results,
 * prefecture of the company. */
static bool choices_are_same(const struct field_choice *a, const struct field_choice *b, bool one_register)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct field_path *path = &a->paths[i], *other = &b->paths[i];
        size_t shorter = path->count < other->count ? path->count : other->count;
        if ((one_register && path->count != other->count) || !ends_are_same(path, other, shorter))
            return false;
    }
    return true;
}

static bool splits_are_same(const struct measure_split *a, const struct measure_split *b, bool one_register)
{
    bool named = (a->parameter != NULL) == (b->parameter != NULL) &&
                 (!a->parameter || str_eq(a->parameter->name, b->parameter->name));
    if (a->grouped != b->grouped || !named || a->value_count != b->value_count)
        return false;
    for (size_t i = 0; i < a->value_count; i++) {
        bool found = false;
        for (size_t k = 0; k < b->value_count && !found; k++)
            found = str_eq(a->values[i], b->values[k]);
        if (!found)
            return false;
    }
    return choices_are_same(&a->field, &b->field, one_register);
}

/* A ratio is divided by what both of its two are divided by, under the same name and in the same way: else it would divide unlike
 * parts. */
static void splits_join(const struct reader *reader, const struct value *tree, struct measure *measure)
{
    for (size_t i = 0; i < measure->over->split_count; i++) {
        const struct measure_split *split = &measure->over->splits[i];
        const struct measure_split *other = measure_split(measure->under, split->name);
        if (other && splits_are_same(split, other, measure->over->reg == measure->under->reg))
            measure->splits[measure->split_count++] = *split;
        else if (other)
            reader_problem(
                reader, key_place(tree, "under"),
                "\"%.*s\" and \"%.*s\" have a split \"%.*s\" each that are not the same; call them otherwise",
                STR_ARG(measure->over->name), STR_ARG(measure->under->name), STR_ARG(split->name));
    }
}

void measure_relate(const struct reader *reader, const struct value *tree, struct measure *measure)
{
    if (measure->kind == MEASURE_RATIO) {
        measure->over = other_measure(reader, tree, "over");
        measure->under = other_measure(reader, tree, "under");
        const struct measure *both[] = {measure->over, measure->under};
        for (size_t i = 0; i < 2; i++) {
            if (both[i] && both[i]->kind == MEASURE_RATIO)
                reader_problem(reader, tree, "a ratio is of measures that are no ratios");
            else if (both[i])
                parameters_join(reader, tree, measure, both[i]);
        }
        if (both[0] && both[1])
            splits_join(reader, tree, measure);
        return;
    }
    const struct value *population = value_get(tree, STR("population"));
    if (!population || !measure->reg)
        return;
    measure->population = other_measure(reader, tree, "population");
    const struct measure *other = measure->population;
    if (!other)
        return;
    const struct reg *counted = other->kind == MEASURE_COUNT ? other->reg : NULL;
    if (other->axis != AXIS_STOCK || counted != contributor_register(measure))
        reader_problem(reader, population,
                       "\"population\" must be a stock that counts records of the contributor's register");
    parameters_check(reader, population, measure, other);
}
