/* The Table Schema (Data Package 2.0) of the CSV a register is exported as. */
#include "model/columns.h"

/* Dates of month or year precision are no `date` of Table Schema, so all dates are text of this shape. */
#define DATE_PATTERN "[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?"

static const char *whole_type(const struct field *field)
{
    switch (field->type) {
    case FIELD_INTEGER:
        return "integer";
    case FIELD_NUMBER:
    case FIELD_FIGURE:
        return "number";
    case FIELD_BOOLEAN:
        return "boolean";
    case FIELD_DATETIME:
        return "datetime";
    default:
        return "string";
    }
}

static const char *column_type(const struct column *column)
{
    switch (column->part) {
    case COLUMN_WHOLE:
        return whole_type(column->field);
    case COLUMN_LAT:
    case COLUMN_LON:
    case COLUMN_LOW:
    case COLUMN_HIGH:
        return "number";
    case COLUMN_PRECISION:
        return "integer";
    case COLUMN_APPROXIMATE:
    case COLUMN_ESTIMATED:
        return "boolean";
    default:
        return "string";
    }
}

static bool is_date(const struct column *column)
{
    return column->part == COLUMN_FROM || column->part == COLUMN_TO || column->part == COLUMN_ATTESTED_ON ||
           (column->field && column->field->type == FIELD_DATE);
}

static void codes_add(struct value *constraints, const struct vocabulary *vocabulary, struct arena *arena)
{
    struct value *codes = value_list(arena);
    for (size_t i = 0; i < vocabulary->term_count; i++) {
        value_append(arena, codes, value_text(arena, vocabulary->terms[i].code));
    }
    value_set(arena, constraints, STR("enum"), codes);
}

/* What Table Schema can say of a plain text column. */
static void text_constraints(struct value *constraints, const struct field *field, struct arena *arena)
{
    if (field->vocabulary) {
        codes_add(constraints, field->vocabulary, arena);
    } else if (!field->reference) {
        value_set(arena, constraints, STR("maxLength"), value_int(arena, (int64_t)field->max_length));
        if (field->min_length > 0 && field->required) {
            value_set(arena, constraints, STR("minLength"), value_int(arena, (int64_t)field->min_length));
        }
    }
    if (field->pattern.len > 0) {
        value_set_text(arena, constraints, STR("pattern"), field->pattern);
    }
    if (field->enumeration_count > 0) {
        struct value *allowed = value_list(arena);
        for (size_t i = 0; i < field->enumeration_count; i++) {
            value_append(arena, allowed, value_text(arena, field->enumeration[i]));
        }
        value_set(arena, constraints, STR("enum"), allowed);
    }
}

/* What the field says of a column that holds it whole. */
static void whole_constraints(struct value *constraints, const struct field *field, struct arena *arena)
{
    if (field->required && field->type != FIELD_FIGURE) {
        value_set(arena, constraints, STR("required"), value_bool(arena, true));
    }
    if (field->unique) {
        value_set(arena, constraints, STR("unique"), value_bool(arena, true));
    }
    if (field->type == FIELD_TEXT) {
        text_constraints(constraints, field, arena);
    }
    if (field->has_minimum) {
        value_set(arena, constraints, STR("minimum"), value_number(arena, field->minimum));
    }
    if (field->has_maximum) {
        value_set(arena, constraints, STR("maximum"), value_number(arena, field->maximum));
    }
}

static struct value *constraints_of(const struct column *column, struct arena *arena)
{
    struct value *constraints = value_object(arena);
    const struct field *field = column->field;
    bool in_language = column->part == COLUMN_LANG_JA || column->part == COLUMN_LANG_EN;
    if (column->part == COLUMN_ID) {
        value_set(arena, constraints, STR("required"), value_bool(arena, true));
        value_set(arena, constraints, STR("unique"), value_bool(arena, true));
    }
    if (is_date(column)) {
        value_set_text(arena, constraints, STR("pattern"), STR(DATE_PATTERN));
    }
    if (field && column->part == COLUMN_WHOLE) {
        whole_constraints(constraints, field, arena);
    } else if (field && in_language) {
        value_set(arena, constraints, STR("maxLength"), value_int(arena, (int64_t)field->max_length));
    }
    return constraints->object.count > 0 ? constraints : NULL;
}

/* "English / 日本語", and which part of the field it is. */
static struct str words_text(struct bilingual words, struct str part, struct arena *arena)
{
    struct str both = arena_concat(arena, 3, words.in[LANG_EN], STR(" / "), words.in[LANG_JA]);
    return part.len > 0 ? arena_concat(arena, 4, both, STR(" ("), part, STR(")")) : both;
}

static struct value *field_schema(const struct column *column, struct arena *arena)
{
    struct value *schema = value_object(arena);
    const struct field *field = column->field;
    value_set_text(arena, schema, STR("name"), column->name);
    value_set_text(arena, schema, STR("type"), str_from_cstr(column_type(column)));
    if (field && column->part == COLUMN_WHOLE && (field->format == TEXT_URI || field->format == TEXT_EMAIL)) {
        value_set_text(arena, schema, STR("format"), field->format == TEXT_URI ? STR("uri") : STR("email"));
    }
    if (field) {
        value_set_text(arena, schema, STR("title"), words_text(field->title, column_member(column->part), arena));
        if (field->description.in[LANG_EN].len > 0) {
            value_set_text(arena, schema, STR("description"), words_text(field->description, STR(""), arena));
        }
    }
    struct value *constraints = constraints_of(column, arena);
    if (constraints) {
        value_set(arena, schema, STR("constraints"), constraints);
    }
    return schema;
}

static struct value *one_name(struct str name, struct arena *arena)
{
    struct value *list = value_list(arena);
    value_append(arena, list, value_text(arena, name));
    return list;
}

/* A reference to the register itself names no resource, as the standard has it. */
static struct value *foreign_key(struct str column, const struct reg *from, const struct reg *to, struct arena *arena)
{
    struct value *reference = value_object(arena);
    if (from != to) {
        value_set_text(arena, reference, STR("resource"), to->name);
    }
    value_set(arena, reference, STR("fields"), one_name(STR("id"), arena));
    struct value *key = value_object(arena);
    value_set(arena, key, STR("fields"), one_name(column, arena));
    value_set(arena, key, STR("reference"), reference);
    return key;
}

struct value *reg_table_schema(const struct model *model, const struct reg *reg, struct arena *arena)
{
    struct value *fields = value_list(arena);
    struct value *foreign_keys = value_list(arena);
    const struct reg *organisation = model_role(model, ROLE_ORGANISATION);
    struct column *columns;
    size_t count = columns_of(reg, arena, &columns);
    for (size_t i = 0; i < count; i++) {
        const struct field *field = columns[i].field;
        value_append(arena, fields, field_schema(&columns[i], arena));
        if (field && field->type == FIELD_TEXT && field->reference && !field->party) {
            value_append(arena, foreign_keys, foreign_key(columns[i].name, reg, field->reference, arena));
        } else if (columns[i].part == COLUMN_OWNER && organisation) {
            value_append(arena, foreign_keys, foreign_key(columns[i].name, reg, organisation, arena));
        }
    }
    struct value *schema = value_object(arena);
    value_set(arena, schema, STR("fields"), fields);
    value_set(arena, schema, STR("primaryKey"), one_name(STR("id"), arena));
    if (foreign_keys->list.count > 0) {
        value_set(arena, schema, STR("foreignKeys"), foreign_keys);
    }
    return schema;
}
