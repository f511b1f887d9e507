/* The conditions, paths and values of measures. */
#include "model/measure_reader.h"
#include "model/names.h"

#define CONDITION_DEPTH_MAX 3

/* ---- paths ---- */

bool path_read(const struct measure_reading *reading, const struct value *at, struct str text, const struct reg *reg,
               struct field_path *ret_path)
{
    const struct reader *reader = reading->reader;
    struct field_path path = {0};
    struct str rest = text, name;
    bool done = false;
    while (str_next_part(&rest, '.', &done, &name)) {
        if (path.count == PATH_STEPS_MAX) {
            reader_problem(reader, at, "the path %.*s is too long, at most %d fields are allowed",
                           STR_ARG(quoted(reader->arena, text)), PATH_STEPS_MAX);
            return false;
        }
        if (path.count > 0) {
            const struct field *last = path.steps[path.count - 1];
            if (last->type != FIELD_TEXT || !last->reference) {
                reader_problem(reader, at,
                               "\"%.*s\" in the path %.*s leads nowhere, all but the last must refer to one record",
                               STR_ARG(last->name), STR_ARG(quoted(reader->arena, text)));
                return false;
            }
            reg = last->reference;
        }
        const struct field *field = reg_field(reg, name);
        if (!field) {
            reader_problem(reader, at, "%.*s has no field %.*s", STR_ARG(reg->name),
                           STR_ARG(quoted(reader->arena, name)));
            return false;
        }
        path.steps[path.count++] = field;
    }
    *ret_path = path;
    return true;
}

static const struct field *path_end(const struct field_path *path)
{
    return path->steps[path->count - 1];
}

/* Whether values of both can be compared with the same ones. */
static bool alike(const struct field *a, const struct field *b)
{
    return a->type == b->type && a->vocabulary == b->vocabulary && a->reference == b->reference;
}

bool choice_read(const struct measure_reading *reading, const struct value *value, const struct reg *reg,
                 struct field_choice *ret_choice)
{
    const struct reader *reader = reading->reader;
    struct field_choice choice = {0};
    size_t count = value->kind == VALUE_LIST ? value->list.count : 1;
    if ((value->kind != VALUE_LIST && value->kind != VALUE_TEXT) || count == 0 || count > PATH_CHOICES_MAX) {
        reader_problem(reader, value, "\"field\" must be a path of fields, or a list of at most %d", PATH_CHOICES_MAX);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const struct value *item = value->kind == VALUE_LIST ? value->list.items[i] : value;
        struct field_path *path = &choice.paths[i];
        if (item->kind != VALUE_TEXT) {
            reader_problem(reader, item, "a path is %s, must be text", value_kind_words(item->kind));
            return false;
        }
        if (!path_read(reading, item, item->text, reg, path))
            return false;
        if (i > 0 && !alike(path_end(path), path_end(&choice.paths[0]))) {
            reader_problem(reader, item, "\"%.*s\" is of another kind than \"%.*s\", all must be of one",
                           STR_ARG(path_end(path)->name), STR_ARG(path_end(&choice.paths[0])->name));
            return false;
        }
        if (count > 1 && path_end(path)->type == FIELD_LIST) {
            reader_problem(reader, item, "\"%.*s\" is a list, which cannot stand beside other fields",
                           STR_ARG(path_end(path)->name));
            return false;
        }
    }
    choice.count = count;
    choice.field = path_end(&choice.paths[0]);
    *ret_choice = choice;
    return true;
}

/* ---- values ---- */

static bool value_fits(const struct measure_reading *reading, const struct value *value, const struct field *field,
                       struct str *ret_text)
{
    const struct reader *reader = reading->reader;
    char text[DECIMAL_TEXT_MAX];
    bool number = field->type == FIELD_INTEGER || field->type == FIELD_NUMBER || field->type == FIELD_FIGURE;
    if (number && value->kind == VALUE_NUMBER) {
        *ret_text = arena_copy(reader->arena, str_make(text, decimal_format(value->number, text)));
        return true;
    }
    if (field->type == FIELD_BOOLEAN && value->kind == VALUE_BOOL) {
        *ret_text = value->boolean ? STR("true") : STR("false");
        return true;
    }
    bool words = field->type == FIELD_TEXT || field->type == FIELD_DATE || field->type == FIELD_LIST;
    if (!words || value->kind != VALUE_TEXT || value->text.len == 0) {
        reader_problem(reader, value, "%s is no value of \"%.*s\"", value_kind_words(value->kind),
                       STR_ARG(field->name));
        return false;
    }
    if (field->vocabulary && !vocabulary_term(field->vocabulary, value->text)) {
        reader_problem(reader, value, "%.*s is no value of \"%.*s\", allowed are the codes of the vocabulary %.*s",
                       STR_ARG(quoted(reader->arena, value->text)), STR_ARG(field->name),
                       STR_ARG(field->vocabulary->name));
        return false;
    }
    *ret_text = value->text;
    return true;
}

static const struct measure_parameter *parameter_read(const struct measure_reading *reading, const struct value *value,
                                                      const struct field *field, bool number)
{
    const struct reader *reader = reading->reader;
    const struct value *name = value_get(value, STR("parameter"));
    const struct measure_parameter *parameter = measure_parameter(reading->measure, value_text_of(name));
    if (!parameter || value_count(value) != 1) {
        reader_problem(reader, name ? name : value,
                       "must be {\"parameter\": NAME} with one of the measure's parameters");
        return NULL;
    }
    if (parameter->number != number ||
        (!number && (parameter->vocabulary != field->vocabulary || parameter->reference != field->reference))) {
        reader_problem(reader, name, "the parameter %.*s does not fit the field \"%.*s\"",
                       STR_ARG(quoted(reader->arena, parameter->name)), STR_ARG(field->name));
        return NULL;
    }
    return parameter;
}

bool values_read(const struct measure_reading *reading, const struct value *value, const struct field *field,
                 struct str **ret_values, size_t *ret_count, const struct measure_parameter **ret_parameter)
{
    const struct reader *reader = reading->reader;
    if (value->kind == VALUE_OBJECT) {
        *ret_parameter = parameter_read(reading, value, field, false);
        return *ret_parameter != NULL;
    }
    if (value->kind != VALUE_LIST || value->list.count == 0 || value->list.count > MEASURE_VALUES_MAX) {
        reader_problem(reader, value, "must be a list of 1 to %d values, or {\"parameter\": NAME}", MEASURE_VALUES_MAX);
        return false;
    }
    struct str *values = ARENA_NEW_ARRAY(reader->arena, value->list.count, struct str);
    for (size_t i = 0; i < value->list.count; i++)
        if (!value_fits(reading, value->list.items[i], field, &values[i]))
            return false;
    *ret_values = values;
    *ret_count = value->list.count;
    return true;
}

/* ---- conditions ---- */

struct condition_given {
    const struct value *field, *in, *not_in, *at_least, *at_most, *any, *exists;
    bool present, absent;
};

/* NOLINTBEGIN(bugprone-macro-parentheses): a member's name takes none */
#define CONDITION_KEY(key, member, its_kind)                                                   \
    {                                                                                          \
        .name = STR(key), .kind = its_kind, .offset = offsetof(struct condition_given, member) \
    }
/* NOLINTEND(bugprone-macro-parentheses) */
static const struct key condition_keys[] = {
    CONDITION_KEY("field", field, KEY_ANY),       CONDITION_KEY("in", in, KEY_ANY),
    CONDITION_KEY("not_in", not_in, KEY_ANY),     CONDITION_KEY("at_least", at_least, KEY_ANY),
    CONDITION_KEY("at_most", at_most, KEY_ANY),   CONDITION_KEY("present", present, KEY_BOOLEAN),
    CONDITION_KEY("absent", absent, KEY_BOOLEAN), CONDITION_KEY("any", any, KEY_LIST),
    CONDITION_KEY("exists", exists, KEY_OBJECT),
};

struct exists_given {
    struct str reg, by, of;
    const struct value *where;
    bool on_time;
};
static const struct key exists_keys[] = {
    {.name = STR("register"), .kind = KEY_TEXT, .offset = offsetof(struct exists_given, reg), .required = true},
    {.name = STR("by"), .kind = KEY_TEXT, .offset = offsetof(struct exists_given, by), .required = true},
    {.name = STR("of"), .kind = KEY_TEXT, .offset = offsetof(struct exists_given, of)},
    {.name = STR("where"), .kind = KEY_LIST, .offset = offsetof(struct exists_given, where)},
    {.name = STR("on_time"), .kind = KEY_BOOLEAN, .offset = offsetof(struct exists_given, on_time)},
};

static bool exists_read(const struct measure_reading *reading, const struct value *tree, const struct reg *reg,
                        int depth, struct condition *condition)
{
    const struct reader *reader = reading->reader;
    struct exists_given given = {0};
    keys_read(reader, tree, "\"exists\"", exists_keys, sizeof exists_keys / sizeof exists_keys[0], &given);
    condition->kind = CONDITION_EXISTS;
    condition->on_time = given.on_time;
    condition->reg = model_register(reader->model, given.reg);
    if (!condition->reg) {
        reader_problem(reader, key_place(tree, "register"), "there is no register %.*s",
                       STR_ARG(quoted(reader->arena, given.reg)));
        return false;
    }
    if (given.of.len && !path_read(reading, key_place(tree, "of"), given.of, reg, &condition->of))
        return false;
    const struct reg *target = condition->of.count ? path_end(&condition->of)->reference : reg;
    condition->by = reg_field(condition->reg, given.by);
    if (!condition->by || condition->by->reference != target || !target) {
        reader_problem(reader, key_place(tree, "by"), "\"by\" must be a field of %.*s that refers to records of %.*s",
                       STR_ARG(condition->reg->name), STR_ARG(target ? target->name : STR("what \"of\" names")));
        return false;
    }
    if (given.on_time && depth > 0) {
        reader_problem(reader, key_place(tree, "on_time"),
                       "\"on_time\" speaks of the measured record's date, so it may "
                       "not stand inside another \"exists\"");
        return false;
    }
    if (given.where)
        conditions_read(reading, given.where, condition->reg, depth + 1, &condition->inner, &condition->inner_count);
    return true;
}

static bool bound_read(const struct measure_reading *reading, const struct value *value, const struct field *field,
                       struct condition *condition)
{
    bool number = field->type == FIELD_INTEGER || field->type == FIELD_NUMBER || field->type == FIELD_FIGURE;
    if (!number && field->type != FIELD_DATE) {
        reader_problem(reading->reader, value, "\"%.*s\" has no order, a bound is for numbers and dates",
                       STR_ARG(field->name));
        return false;
    }
    if (value->kind == VALUE_OBJECT) {
        condition->parameter = parameter_read(reading, value, field, true);
        return condition->parameter != NULL;
    }
    condition->values = ARENA_NEW(reading->reader->arena, struct str);
    condition->value_count = 1;
    return value_fits(reading, value, field, condition->values);
}

/* Whether a field can be one of several values. */
static bool compares(const struct field *field)
{
    if (field->type == FIELD_LIST)
        return field->vocabulary || field->reference;
    return !field->bilingual && field->type != FIELD_GEOPOINT && field->type != FIELD_DATETIME;
}

static bool tested_read(const struct measure_reading *reading, const struct condition_given *given,
                        const struct reg *reg, struct condition *condition)
{
    if (!choice_read(reading, given->field, reg, &condition->field))
        return false;
    const struct field *field = condition->field.field;
    if (given->present || given->absent) {
        condition->kind = given->present ? CONDITION_PRESENT : CONDITION_ABSENT;
        return true;
    }
    if (given->at_least || given->at_most) {
        condition->kind = given->at_least ? CONDITION_AT_LEAST : CONDITION_AT_MOST;
        return bound_read(reading, given->at_least ? given->at_least : given->at_most, field, condition);
    }
    if (!compares(field)) {
        reader_problem(reading->reader, given->field, "\"%.*s\" cannot be compared with values", STR_ARG(field->name));
        return false;
    }
    condition->kind = given->in ? CONDITION_IN : CONDITION_NOT_IN;
    return values_read(reading, given->in ? given->in : given->not_in, field, &condition->values,
                       &condition->value_count, &condition->parameter);
}

static bool condition_read(const struct measure_reading *reading, const struct value *tree, const struct reg *reg,
                           int depth, struct condition *condition)
{
    const struct reader *reader = reading->reader;
    struct condition_given given = {0};
    if (!keys_read(reader, tree, "a condition", condition_keys, sizeof condition_keys / sizeof condition_keys[0],
                   &given))
        return false;
    int tests = (given.in != NULL) + (given.not_in != NULL) + (given.at_least != NULL) + (given.at_most != NULL) +
                given.present + given.absent;
    int wholes = (given.any != NULL) + (given.exists != NULL);
    if (tests + wholes != 1 || (given.field != NULL) != (tests == 1)) {
        reader_problem(reader, tree,
                       "a condition is a \"field\" with one of in, not_in, at_least, at_most, present, absent; "
                       "or \"any\"; or \"exists\"");
        return false;
    }
    if (wholes && depth >= CONDITION_DEPTH_MAX) {
        reader_problem(reader, tree, "conditions stand in each other deeper than %d", CONDITION_DEPTH_MAX);
        return false;
    }
    if (given.exists)
        return exists_read(reading, given.exists, reg, depth, condition);
    if (given.any) {
        condition->kind = CONDITION_ANY;
        conditions_read(reading, given.any, reg, depth + 1, &condition->inner, &condition->inner_count);
        return true;
    }
    return tested_read(reading, &given, reg, condition);
}

void conditions_read(const struct measure_reading *reading, const struct value *list, const struct reg *reg, int depth,
                     struct condition **ret_conditions, size_t *ret_count)
{
    if (list->list.count > MEASURE_CONDITIONS_MAX) {
        reader_problem(reading->reader, list, "there are %zu conditions, at most %d are allowed", list->list.count,
                       MEASURE_CONDITIONS_MAX);
        return;
    }
    struct condition *conditions = ARENA_NEW_ARRAY(reading->reader->arena, list->list.count, struct condition);
    size_t count = 0;
    for (size_t i = 0; i < list->list.count; i++)
        if (condition_read(reading, list->list.items[i], reg, depth, &conditions[count]))
            count++;
    *ret_conditions = conditions;
    *ret_count = count;
}
