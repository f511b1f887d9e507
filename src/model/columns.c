/* Which columns a register has in a table, and which part of which field each of them fills. */
#include "model/columns.h"

struct part {
    struct str suffix; /* after the field's name and a low line; empty: the name alone */
    enum column_part part;
};

static const struct part whole_parts[] = {{STR(""), COLUMN_WHOLE}};
static const struct part bilingual_parts[] = {{STR("ja"), COLUMN_LANG_JA}, {STR("en"), COLUMN_LANG_EN}};
static const struct part geopoint_parts[] = {
    {STR("lat"), COLUMN_LAT}, {STR("lon"), COLUMN_LON}, {STR("approximate"), COLUMN_APPROXIMATE}};
static const struct part figure_parts[] = {
    {STR(""), COLUMN_WHOLE},
    {STR("low"), COLUMN_LOW},
    {STR("high"), COLUMN_HIGH},
    {STR("qualifier"), COLUMN_QUALIFIER},
    {STR("estimated"), COLUMN_ESTIMATED},
    {STR("unit"), COLUMN_UNIT},
    {STR("currency"), COLUMN_CURRENCY},
    {STR("period"), COLUMN_PERIOD},
    {STR("precision"), COLUMN_PRECISION},
};
/* id stands before the fields, the others after them. */
static const struct part common_columns[] = {
    {STR("id"), COLUMN_ID},           {STR("owner"), COLUMN_OWNER}, {STR("visibility"), COLUMN_VISIBILITY},
    {STR("from"), COLUMN_FROM},       {STR("to"), COLUMN_TO},       {STR("attested_on"), COLUMN_ATTESTED_ON},
    {STR("sources"), COLUMN_SOURCES},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct part *parts_of(const struct field *field, size_t *ret_count)
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
    const struct part *parts = field ? parts_of(field, &count) : NULL;
    for (size_t i = 0; parts && i < count; i++) {
        if (str_eq(parts[i].suffix, suffix)) {
            ret_column->field = field;
            ret_column->part = parts[i].part;
            return true;
        }
    }
    return false;
}

bool column_from_name(const struct reg *reg, struct str name, struct column *ret_column)
{
    struct column column = {.name = name};
    for (size_t i = 0; i < COUNT(common_columns); i++) {
        if (str_eq(common_columns[i].suffix, name)) {
            column.part = common_columns[i].part;
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
        ARENA_NEW_ARRAY(arena, reg->field_count * COUNT(figure_parts) + COUNT(common_columns), struct column);
    size_t count = 0;
    columns[count++] = (struct column){.name = common_columns[0].suffix, .part = common_columns[0].part};
    for (size_t i = 0; i < reg->field_count; i++) {
        const struct field *field = &reg->fields[i];
        size_t part_count;
        const struct part *parts = parts_of(field, &part_count);
        for (size_t k = 0; k < part_count; k++) {
            bool alone = parts[k].suffix.len == 0;
            struct str name = alone ? field->name : arena_concat(arena, 3, field->name, STR("_"), parts[k].suffix);
            columns[count++] = (struct column){.name = name, .field = field, .part = parts[k].part};
        }
    }
    for (size_t i = 1; i < COUNT(common_columns); i++) {
        columns[count++] = (struct column){.name = common_columns[i].suffix, .part = common_columns[i].part};
    }
    *ret_columns = columns;
    return count;
}

struct str column_member(enum column_part part)
{
    static const struct part *const tables[] = {figure_parts, geopoint_parts, bilingual_parts, common_columns};
    static const size_t counts[] = {COUNT(figure_parts), COUNT(geopoint_parts), COUNT(bilingual_parts),
                                    COUNT(common_columns)};
    for (size_t t = 0; t < COUNT(tables); t++) {
        for (size_t i = 0; i < counts[t]; i++) {
            if (tables[t][i].part == part) {
                return tables[t][i].suffix;
            }
        }
    }
    return STR("");
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
