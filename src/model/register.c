/* Registers: reading one file. What its fields say of each other is checked in register_check.c. */
#include "model/names.h"
#include "model/reader.h"

struct reg_given {
    struct str name;
    struct bilingual title;
    struct bilingual singular;
    struct bilingual description;
    struct str group;
    struct str schema_type;
    struct str was;
    struct str sort;
    int visibility;
    int role;
    const struct value *label;
    const struct value *natural_key;
    const struct value *one_at_a_time;
    const struct value *fields;
};

#define AT(member) offsetof(struct reg_given, member)

/* label, sort, naturalKey and oneAtATime are only checked for their type here: they are read when the fields are known. */
static const struct key reg_keys[] = {
    {.name = STR("name"), .kind = KEY_TEXT, .offset = AT(name), .required = true},
    {.name = STR("title"), .kind = KEY_WORDS, .offset = AT(title), .required = true},
    {.name = STR("singular"), .kind = KEY_WORDS, .offset = AT(singular)},
    {.name = STR("description"), .kind = KEY_WORDS, .offset = AT(description)},
    {.name = STR("group"), .kind = KEY_TEXT, .offset = AT(group)},
    {.name = STR("schemaType"), .kind = KEY_TEXT, .offset = AT(schema_type)},
    {.name = STR("label"), .kind = KEY_TEXTS, .offset = AT(label), .required = true},
    {.name = STR("sort"), .kind = KEY_TEXT, .offset = AT(sort)},
    {.name = STR("naturalKey"), .kind = KEY_TEXTS, .offset = AT(natural_key)},
    {.name = STR("oneAtATime"), .kind = KEY_TEXTS, .offset = AT(one_at_a_time)},
    {.name = STR("visibility"),
     .kind = KEY_CHOICE,
     .offset = AT(visibility),
     .choices = visibility_names,
     .choice_count = VISIBILITY_COUNT},
    {.name = STR("role"), .kind = KEY_CHOICE, .offset = AT(role), .choices = role_names, .choice_count = ROLE_COUNT},
    {.name = STR("was"), .kind = KEY_TEXT, .offset = AT(was)},
    {.name = STR("fields"), .kind = KEY_LIST, .offset = AT(fields), .required = true},
};

static void group_check(const struct reader *reader, const struct value *tree, struct str group)
{
    const struct vocabulary *groups = model_vocabulary(reader->model, STR("register-group"));
    if (group.len > 0 && groups && !vocabulary_term(groups, group)) {
        reader_problem(reader, key_place(tree, "group"),
                       "the group %.*s is not there, it must be a code of the vocabulary register-group",
                       STR_ARG(quoted(reader->arena, group)));
    }
}

/* schema.org writes types with a capital and properties without. */
static void schema_type_check(const struct reader *reader, const struct value *tree, struct str type)
{
    bool good = type.len <= 60;
    for (size_t i = 0; i < type.len && good; i++) {
        char c = type.ptr[i];
        good = (c >= 'A' && c <= 'Z') || (i > 0 && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')));
    }
    if (!good) {
        reader_problem(reader, key_place(tree, "schemaType"),
                       "\"schemaType\" is %.*s, must be a type of schema.org as Organization: letters, the first a "
                       "capital",
                       STR_ARG(quoted(reader->arena, type)));
    }
}

static void names_check(const struct reader *reader, const struct value *tree, const struct reg_given *given,
                        const struct reg *reg)
{
    if (given->name.len > 0 && !str_eq(given->name, reg->name)) {
        reader_problem(reader, key_place(tree, "name"), "the name is %.*s, must be the file's name \"%.*s\"",
                       STR_ARG(quoted(reader->arena, given->name)), STR_ARG(reg->name));
    }
    if (given->was.len > 0 && !name_is_register_name(given->was)) {
        reader_problem(reader, key_place(tree, "was"),
                       "\"was\" is %.*s, must be a register's name: " REGISTER_NAME_SHAPE,
                       STR_ARG(quoted(reader->arena, given->was)));
    }
}

static void fields_read(const struct reader *reader, const struct value *list, struct reg *reg)
{
    if (list->list.count > FIELDS_MAX) {
        reader_problem(reader, list, "the register has %zu fields, at most %d are allowed", list->list.count,
                       FIELDS_MAX);
        return;
    }
    reg->fields = ARENA_NEW_ARRAY(reader->arena, list->list.count, struct field);
    for (size_t i = 0; i < list->list.count; i++) {
        struct field *field = &reg->fields[reg->field_count];
        const struct value *tree = list->list.items[i];
        if (!field_read(reader, tree, field)) {
            *field = (struct field){0};
            continue;
        }
        const struct field *other = map_get(&reg->field_by_name, field->name);
        if (other) {
            reader_problem(reader, key_place(tree, "name"),
                           "the field \"%.*s\" is there twice (first in line %u), once is allowed",
                           STR_ARG(field->name), other->line);
        } else {
            map_set(&reg->field_by_name, field->name, field);
        }
        field->position = reg->field_count++;
    }
}

/* What a field does not say follows from what it is: a record must be called something in every language, and a figure come from
 * somewhere. */
static void needs_settle(struct reg *reg)
{
    for (size_t i = 0; i < reg->field_count; i++) {
        struct field *field = &reg->fields[i];
        bool names = false;
        for (size_t k = 0; k < reg->label_count; k++) {
            names = names || reg->label[k] == field;
        }
        if (!field->bilingual) {
            field->translation = NEED_NONE;
        } else if (field->translation == NEED_UNSAID) {
            field->translation = names ? NEED_REQUIRED : NEED_WANTED;
        }
        if (field->sourced == NEED_UNSAID) {
            field->sourced = field->type == FIELD_FIGURE ? NEED_REQUIRED : NEED_WANTED;
        }
    }
}

void reg_read(const struct reader *reader, const struct value *tree, struct reg *reg)
{
    struct reg_given given = {.visibility = VISIBILITY_PUBLIC, .role = ROLE_COUNT};
    if (!keys_read(reader, tree, "a register", reg_keys, sizeof(reg_keys) / sizeof(reg_keys[0]), &given)) {
        return;
    }
    names_check(reader, tree, &given, reg);
    group_check(reader, tree, given.group);
    schema_type_check(reader, tree, given.schema_type);
    reg->title = given.title;
    reg->singular = given.singular.in[LANG_EN].len > 0 ? given.singular : given.title;
    reg->description = given.description;
    reg->group = given.group;
    reg->schema_type = given.schema_type;
    reg->was = given.was;
    reg->visibility = (enum visibility)given.visibility;
    reg->role = (enum model_role)given.role;
    if (given.fields) {
        fields_read(reader, given.fields, reg);
        reg_check(reader, tree, reg);
        needs_settle(reg);
    }
}
