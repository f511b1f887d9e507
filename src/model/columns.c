/* Which columns a register has in a table, and which part of which field each of them fills. */
#include "model/columns.h"

static const enum column_part whole_parts[] = {COLUMN_WHOLE};
static const enum column_part bilingual_parts[] = {COLUMN_LANG_JA, COLUMN_LANG_EN};
static const enum column_part geopoint_parts[] = {COLUMN_LAT, COLUMN_LON, COLUMN_APPROXIMATE};
static const enum column_part figure_parts[] = {
    COLUMN_WHOLE, COLUMN_LOW,      COLUMN_HIGH,   COLUMN_QUALIFIER, COLUMN_ESTIMATED,
    COLUMN_UNIT,  COLUMN_CURRENCY, COLUMN_PERIOD, COLUMN_PRECISION,
};
/* id stands before the fields, the others after them. */
static const enum column_part common_parts[] = {
    COLUMN_ID, COLUMN_OWNER, COLUMN_VISIBILITY, COLUMN_FROM, COLUMN_TO, COLUMN_ATTESTED_ON, COLUMN_SOURCES,
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const enum column_part *parts_of(const struct field *field, size_t *ret_count)
{
    if (field->type == FIELD_FIGURE) {
        *ret_count = COUNT(figure_parts);
        return figure_parts;
    }
    if (field->type == FIELD_GEOPOINT) {
        *ret_count = COUNT(geopoint_parts);
        return geopoint_parts;
    }
    if (field->type == FIELD_TEXT && field->bilingual) {
        *ret_count = COUNT(bilingual_parts);
        return bilingual_parts;
    }
    *ret_count = COUNT(whole_parts);
    return whole_parts;
}

static bool field_part(const struct reg *reg, struct str field_name, struct str suffix, struct column *ret_column)
{
    size_t count;
    const struct field *field = reg_field(reg, field_name);
    const enum column_part *parts = field ? parts_of(field, &count) : NULL;
    for (size_t i = 0; parts && i < count; i++) {
        if (str_eq(column_member(parts[i]), suffix)) {
            ret_column->field = field;
            ret_column->part = parts[i];
            return true;
        }
    }
    return false;
}

bool column_from_name(const struct reg *reg, struct str name, struct column *ret_column)
{
    struct column column = {.name = name};
    for (size_t i = 0; i < COUNT(common_parts); i++) {
        if (str_eq(column_member(common_parts[i]), name)) {
            column.part = common_parts[i];
            *ret_column = column;
            return true;
        }
    }
    bool found = field_part(reg, name, STR(""), &column);
    size_t line = name.len;
    while (!found && line > 0 && name.ptr[line - 1] != '_') {
        line--; /* suffixes have no low line, so the last one in the name is the one */
    }
    if (!found && line > 0) {
        found = field_part(reg, str_slice(name, 0, line - 1), str_slice(name, line, name.len), &column);
    }
    if (found) {
        *ret_column = column;
    }
    return found;
}

size_t columns_of(const struct reg *reg, struct arena *arena, struct column **ret_columns)
{
    struct column *columns =
        ARENA_NEW_ARRAY(arena, reg->field_count * COUNT(figure_parts) + COUNT(common_parts), struct column);
    size_t count = 0;
    columns[count++] = (struct column){.name = column_member(common_parts[0]), .part = common_parts[0]};
    for (size_t i = 0; i < reg->field_count; i++) {
        const struct field *field = &reg->fields[i];
        size_t part_count;
        const enum column_part *parts = parts_of(field, &part_count);
        for (size_t k = 0; k < part_count; k++) {
            bool alone = column_member(parts[k]).len == 0;
            struct str name =
                alone ? field->name : arena_concat(arena, 3, field->name, STR("_"), column_member(parts[k]));
            columns[count++] = (struct column){.name = name, .field = field, .part = parts[k]};
        }
    }
    for (size_t i = 1; i < COUNT(common_parts); i++) {
        columns[count++] = (struct column){.name = column_member(common_parts[i]), .part = common_parts[i]};
    }
    *ret_columns = columns;
    return count;
}

struct str column_member(enum column_part part)
{
    static const struct str members[] = {
        [COLUMN_LANG_JA] = STR("ja"),
        [COLUMN_LANG_EN] = STR("en"),
        [COLUMN_LAT] = STR("lat"),
        [COLUMN_LON] = STR("lon"),
        [COLUMN_APPROXIMATE] = STR("approximate"),
        [COLUMN_LOW] = STR("low"),
        [COLUMN_HIGH] = STR("high"),
        [COLUMN_QUALIFIER] = STR("qualifier"),
        [COLUMN_ESTIMATED] = STR("estimated"),
        [COLUMN_UNIT] = STR("unit"),
        [COLUMN_CURRENCY] = STR("currency"),
        [COLUMN_PERIOD] = STR("period"),
        [COLUMN_PRECISION] = STR("precision"),
        [COLUMN_ID] = STR("id"),
        [COLUMN_OWNER] = STR("owner"),
        [COLUMN_VISIBILITY] = STR("visibility"),
        [COLUMN_FROM] = STR("from"),
        [COLUMN_TO] = STR("to"),
        [COLUMN_ATTESTED_ON] = STR("attested_on"),
        [COLUMN_SOURCES] = STR("sources"),
        [COLUMN_IGNORED] = {0},
    };
    return members[part];
}

/* ---- from a record's problem back to a column ---- */

/* "amount.unit" → "amount", ".unit" → "unit"; "sources[0].source" → "sources". */
static struct str path_head(struct str path, struct str *ret_rest)
{
    size_t end = 0;
    while (end < path.len && path.ptr[end] != '.' && path.ptr[end] != '[') {
        end++;
    }
    *ret_rest = str_slice(path, end + 1, path.len);
    return str_slice(path, 0, end);
}

bool column_of_problem(const struct column *columns, size_t count, struct str problem_field, size_t *ret_index)
{
    struct str rest;
    struct str head = path_head(problem_field, &rest);
    struct str member = path_head(rest, &rest);
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        bool belongs = columns[i].field ? str_eq(columns[i].field->name, head)
                                        : columns[i].part != COLUMN_IGNORED && str_eq(columns[i].name, head);
        if (!belongs) {
            continue;
        }
        if (!found || (member.len > 0 && str_eq(column_member(columns[i].part), member))) {
            *ret_index = i;
            found = true;
        }
    }
    return found;
}
