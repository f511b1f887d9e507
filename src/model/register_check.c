/* What the fields of a register say of each other. */
#include "model/names.h"
#include "model/reader.h"
#include "model/record.h"

enum use { USE_LABEL, USE_NATURAL_KEY, USE_ONE_AT_A_TIME };

struct use_rule {
    const char *key;
    const char *allowed;
};

static const struct use_rule use_rules[] = {
    [USE_LABEL] = {"label", "text that is neither a list nor Markdown, integers and dates"},
    [USE_NATURAL_KEY] = {"naturalKey", "text that is neither a list nor Markdown, integers, booleans and dates"},
    [USE_ONE_AT_A_TIME] = {"oneAtATime", "text that is neither bilingual nor a list, integers, booleans and dates"},
};

static bool use_is_allowed(enum use use, const struct field *field)
{
    switch (field->type) {
    case FIELD_TEXT:
        return field->format != TEXT_MARKDOWN && (use != USE_ONE_AT_A_TIME || !field->bilingual);
    case FIELD_BOOLEAN:
        return use != USE_LABEL;
    case FIELD_INTEGER:
    case FIELD_DATE:
    case FIELD_DATETIME:
        return true;
    default:
        return false;
    }
}

/* A field that could not be read has been reported already: then what names a missing field is no news. */
static bool all_fields_are_known(const struct value *tree, const struct reg *reg)
{
    return value_count(value_get(tree, STR("fields"))) == reg->field_count;
}

/* Reads the list of field names under `key`. */
static void uses_read(const struct reader *reader, const struct value *tree, const struct reg *reg, enum use use,
                      const struct field ***ret_fields, size_t *ret_count)
{
    const struct use_rule *rule = &use_rules[use];
    const struct value *list = value_get(tree, str_from_cstr(rule->key));
    if (!list || list->kind != VALUE_LIST) {
        return;
    }
    const struct field **fields = ARENA_NEW_ARRAY(reader->arena, list->list.count, const struct field *);
    size_t count = 0;
    for (size_t i = 0; i < list->list.count; i++) {
        const struct value *item = list->list.items[i];
        struct str name = value_text_of(item);
        const struct field *field = reg_field(reg, name);
        if (name.len == 0 || (!field && !all_fields_are_known(tree, reg))) {
            continue; /* said already, when the keys and fields were read */
        }
        if (!field) {
            reader_problem(reader, item, "\"%s\" names %.*s, must name a field of this register", rule->key,
                           STR_ARG(quoted(reader->arena, name)));
        } else if (!use_is_allowed(use, field)) {
            reader_problem(reader, item, "\"%s\" names \"%.*s\", allowed are %s", rule->key, STR_ARG(name),
                           rule->allowed);
        } else {
            fields[count++] = field;
        }
    }
    *ret_fields = fields;
    *ret_count = count;
}

/* Who may see a record must be able to see what it is called. */
static void label_visibility_check(const struct reader *reader, const struct value *tree, const struct reg *reg)
{
    for (size_t i = 0; i < reg->label_count; i++) {
        if (reg->label[i]->visibility > reg->visibility) {
            reader_problem(reader, key_place(tree, "label"),
                           "\"label\" names \"%.*s\", which fewer may see than the register's records; it must be "
                           "visible to \"%.*s\"",
                           STR_ARG(reg->label[i]->name), STR_ARG(visibility_names[reg->visibility]));
        }
    }
}

static void sort_find(const struct reader *reader, const struct value *tree, struct reg *reg)
{
    const struct value *sort = value_get(tree, STR("sort"));
    if (!sort) {
        if (reg->label_count > 0) {
            reg->sort = reg->label[0];
            reg->fields[reg->sort->position].sortable = true; /* what orders the lists can be asked for as well */
        }
        return;
    }
    struct str name = value_text_of(sort);
    const struct field *field = reg_field(reg, name);
    if (name.len > 0 && !field && all_fields_are_known(tree, reg)) {
        reader_problem(reader, sort, "\"sort\" names %.*s, must name a field of this register",
                       STR_ARG(quoted(reader->arena, name)));
    } else if (field && !field->sortable) {
        reader_problem(reader, sort, "\"sort\" names \"%.*s\", must name a field with \"sortable\": true",
                       STR_ARG(name));
    }
    reg->sort = field;
}

static void reading_find(const struct reader *reader, const struct value *tree, struct reg *reg, struct field *field)
{
    const struct value *reading = value_get(tree, STR("reading"));
    struct str name = value_text_of(reading);
    if (name.len == 0) {
        return;
    }
    const struct field *named = reg_field(reg, name);
    if (!named || named == field || named->type != FIELD_TEXT || named->bilingual || named->vocabulary ||
        named->reference) {
        reader_problem(reader, reading,
                       "\"reading\" names %.*s, must name another field of this register that is a \"string\", not "
                       "bilingual, no code, no reference",
                       STR_ARG(quoted(reader->arena, name)));
        return;
    }
    field->reading = named;
}

static void former_name_check(const struct reader *reader, const struct value *tree, const struct reg *reg,
                              struct field *field, struct map *former)
{
    if (field->was.len == 0) {
        return;
    }
    if (reg_field(reg, field->was)) {
        reader_problem(reader, key_place(tree, "was"),
                       "\"was\" is \"%.*s\", which is a field now; it must be a name no field has",
                       STR_ARG(field->was));
    } else if (map_get(former, field->was)) {
        reader_problem(reader, key_place(tree, "was"),
                       "\"was\" is \"%.*s\", which another field says as well; one field may be its heir",
                       STR_ARG(field->was));
    } else {
        map_set(former, field->was, field);
    }
}

/* No two fields may be split into columns of the same name. */
static void columns_check(const struct reader *reader, const struct reg *reg)
{
    struct map owners;
    map_init(&owners, reader->arena);
    struct column *columns;
    size_t count = columns_of(reg, reader->arena, &columns);
    for (size_t i = 0; i < count; i++) {
        const struct field *field = columns[i].field;
        const struct field *other = map_get(&owners, columns[i].name);
        if (!field) {
            continue; /* what every record has: those names are reserved, and no field is split into one of them */
        }
        if (!other) {
            map_set(&owners, columns[i].name, (void *)field);
        } else if (!str_eq(other->name, field->name)) {
            const struct field *later = field->position > other->position ? field : other;
            const struct field *first = later == field ? other : field;
            reader_problem_at(reader, later->line, later->column,
                              "the field \"%.*s\" makes the column %.*s, which \"%.*s\" makes already; columns must "
                              "differ",
                              STR_ARG(later->name), STR_ARG(columns[i].name), STR_ARG(first->name));
        }
    }
}

void reg_check(const struct reader *reader, const struct value *tree, struct reg *reg)
{
    struct map former;
    map_init(&former, reader->arena);
    const struct value *fields = value_get(tree, STR("fields"));
    for (size_t i = 0; i < fields->list.count; i++) {
        const struct value *field_tree = fields->list.items[i];
        struct field *field = (struct field *)reg_field(reg, value_get_text(field_tree, STR("name")));
        if (field && field->line == field_tree->line && field->column == field_tree->column) {
            reading_find(reader, field_tree, reg, field);
            former_name_check(reader, field_tree, reg, field, &former);
        }
    }
    uses_read(reader, tree, reg, USE_LABEL, &reg->label, &reg->label_count);
    uses_read(reader, tree, reg, USE_NATURAL_KEY, &reg->natural_key, &reg->natural_key_count);
    uses_read(reader, tree, reg, USE_ONE_AT_A_TIME, &reg->one_at_a_time, &reg->one_at_a_time_count);
    label_visibility_check(reader, tree, reg);
    sort_find(reader, tree, reg);
    columns_check(reader, reg);
}
