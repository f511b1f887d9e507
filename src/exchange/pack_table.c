/* The rows of one CSV file of a pack, as canonical records. */
#include "exchange/pack.h"

#include "base/map.h"

#include <stdlib.h>
#include <string.h>

#define CONSTANT SIZE_MAX

/* Where the cell of one column of ours comes from. */
struct source_cell {
    size_t index;             /* in the file's row, or CONSTANT */
    struct str constant;      /* the default's cell */
    const struct map *values; /* musubi:values as struct str *; NULL: the cell as it is */
};

struct pack_table {
    const struct model *model;
    const struct pack_resource *resource;
    struct csv_reader *csv; /* NULL once it is read */
    uint64_t bytes_read;
    struct arena arena; /* lives as long as the table */
    struct str *names;  /* of the file's columns */
    size_t name_count;
    struct column *columns; /* ours that are filled */
    struct source_cell *cells;
    size_t count;
    struct str *row; /* the cells of a row in the order of columns */
};

#define TABLE_ARENA_MAX ((size_t)64 << 20)

static void problem(const struct pack_table *table, struct problems *problems, uint64_t line, struct str column,
                    struct str message)
{
    problems_add(problems, "%.*s:%llu:%.*s: %.*s", STR_ARG(table->resource->shown), (unsigned long long)line,
                 STR_ARG(column), STR_ARG(message));
}

static struct str name_of_cell(const struct pack_table *table, size_t index, struct arena *arena)
{
    return index < table->name_count ? table->names[index] : arena_format(arena, "%zu", index + 1);
}

static void csv_problem(struct pack_table *table, struct problems *problems, const struct err *err)
{
    uint64_t line;
    size_t cell;
    csv_error_at(table->csv, &line, &cell);
    problem(table, problems, line, name_of_cell(table, cell, &table->arena), str_from_cstr(err->message));
}

static const struct pack_field *field_of(const struct pack_resource *resource, struct str name)
{
    for (size_t i = 0; i < resource->field_count; i++) {
        if (str_eq(resource->fields[i].name, name)) {
            return &resource->fields[i];
        }
    }
    return NULL;
}

static const struct map *map_of_values(struct pack_table *table, const struct value *values)
{
    if (!values) {
        return NULL;
    }
    struct map *map = ARENA_NEW(&table->arena, struct map);
    map_init(map, &table->arena);
    for (size_t i = 0; i < values->object.count; i++) {
        struct str *cell = ARENA_NEW(&table->arena, struct str);
        *cell = value_text_of(values->object.members[i].value);
        map_set(map, values->object.members[i].key, cell);
    }
    return map;
}

/* Whether some column already fills the same part of the same field. */
static bool is_filled(const struct pack_table *table, const struct column *column)
{
    for (size_t i = 0; i < table->count; i++) {
        if (table->columns[i].field == column->field && table->columns[i].part == column->part) {
            return true;
        }
    }
    return false;
}

/* Adds a column of ours; the message of what is in the way, or the empty string. */
static struct str bind(struct pack_table *table, struct str target, struct source_cell cell)
{
    const struct reg *reg = table->resource->reg;
    struct column column;
    if (!column_from_name(reg, target, &column)) {
        struct column *all;
        size_t count = columns_of(reg, &table->arena, &all);
        struct str allowed = STR("");
        for (size_t i = 0; i < count; i++) {
            allowed = arena_concat(&table->arena, 3, allowed, i ? STR(", ") : STR(""), all[i].name);
        }
        return arena_format(&table->arena, "%.*s has no column \"%.*s\"; allowed: %.*s", STR_ARG(reg->name),
                            STR_ARG(target), STR_ARG(allowed));
    }
    if (column.part == COLUMN_IGNORED) {
        return STR("");
    }
    if (is_filled(table, &column)) {
        return arena_format(&table->arena, "two columns fill \"%.*s\"; allowed: one", STR_ARG(target));
    }
    table->columns[table->count] = column;
    table->cells[table->count] = cell;
    table->count++;
    return STR("");
}

static void bind_file_column(struct pack_table *table, size_t index, struct problems *problems)
{
    const struct pack_resource *resource = table->resource;
    struct str name = table->names[index];
    const struct pack_field *field = field_of(resource, name);
    uint64_t line = resource->header ? 1 : 0;
    for (size_t i = 0; i < index; i++) {
        if (str_eq(table->names[i], name)) {
            problem(table, problems, line, name, STR("the column comes twice; allowed: once"));
            return;
        }
    }
    struct source_cell cell = {.index = index};
    if (field && field->mapped) {
        cell.values = map_of_values(table, field->values);
        for (size_t i = 0; i < field->target_count; i++) {
            struct str wrong = bind(table, field->targets[i], cell);
            if (wrong.len > 0) {
                problem(table, problems, line, name, wrong);
            }
        }
        return;
    }
    struct column known;
    if (!field && resource->file_may_have_more && !column_from_name(resource->reg, name, &known)) {
        return;
    }
    cell.values = field ? map_of_values(table, field->values) : NULL;
    struct str wrong = bind(table, name, cell);
    if (wrong.len > 0) {
        problem(table, problems, line, name, wrong);
    }
}

static void bind_defaults(struct pack_table *table, struct problems *problems)
{
    const struct pack_resource *resource = table->resource;
    for (size_t i = 0; i < resource->default_count; i++) {
        const struct pack_default *given = &resource->defaults[i];
        struct source_cell cell = {.index = CONSTANT, .constant = given->cell};
        struct str wrong = bind(table, given->column, cell);
        if (wrong.len > 0) {
            problem(table, problems, resource->header ? 1 : 0, given->column,
                    arena_concat(&table->arena, 2, wrong, STR(" (in \"musubi:defaults\")")));
        }
    }
}

static void check_schema_columns(struct pack_table *table, struct problems *problems)
{
    const struct pack_resource *resource = table->resource;
    if (!resource->header || resource->file_may_have_less) {
        return;
    }
    for (size_t i = 0; i < resource->field_count; i++) {
        bool there = false;
        for (size_t k = 0; k < table->name_count; k++) {
            there |= str_eq(table->names[k], resource->fields[i].name);
        }
        if (!there) {
            problem(table, problems, 1, resource->fields[i].name,
                    STR("the schema has this column and the file does not; allowed: a file with all of them, or "
                        "\"fieldsMatch\": \"superset\""));
        }
    }
}

/* The file's column names: from its header, or from the schema. */
static bool read_names(struct pack_table *table, struct problems *problems)
{
    const struct pack_resource *resource = table->resource;
    if (!resource->header) {
        table->name_count = resource->field_count;
        table->names = ARENA_NEW_ARRAY(&table->arena, table->name_count, struct str);
        for (size_t i = 0; i < table->name_count; i++) {
            table->names[i] = resource->fields[i].name;
        }
        return true;
    }
    struct csv_row row;
    struct err err = {0};
    int got = csv_next(table->csv, &row, &err);
    if (got < 0) {
        csv_problem(table, problems, &err);
        return false;
    }
    if (got == 0) {
        problem(table, problems, 1, STR(""),
                STR("the file is empty; allowed: a first row with the names of the columns"));
        return false;
    }
    table->name_count = row.count;
    table->names = ARENA_NEW_ARRAY(&table->arena, row.count, struct str);
    for (size_t i = 0; i < row.count; i++) {
        table->names[i] = arena_copy(&table->arena, str_trim(row.cells[i]));
    }
    return true;
}

static size_t most_columns(const struct pack_table *table)
{
    size_t count = table->name_count + table->resource->default_count;
    for (size_t i = 0; i < table->resource->field_count; i++) {
        count += table->resource->fields[i].target_count;
    }
    return count;
}

int pack_table_open(const struct model *model, const struct pack_resource *resource, struct problems *problems,
                    struct pack_table **ret_table)
{
    struct err err = {0};
    struct csv_reader *csv;
    if (csv_open_file(resource->path.ptr, &resource->csv, &csv, &err)) {
        problems_add(problems, "%.*s: the file %s", STR_ARG(resource->shown), err.message);
        return -1;
    }
    struct pack_table *table = calloc(1, sizeof(*table));
    if (!table) {
        csv_close(csv);
        problems_add(problems, "%.*s: no memory is left", STR_ARG(resource->shown));
        return -1;
    }
    *table = (struct pack_table){.model = model, .resource = resource, .csv = csv};
    arena_init(&table->arena, TABLE_ARENA_MAX);
    size_t before = problems->count + problems->dropped;
    if (read_names(table, problems)) {
        size_t most = most_columns(table);
        table->columns = ARENA_NEW_ARRAY(&table->arena, most, struct column);
        table->cells = ARENA_NEW_ARRAY(&table->arena, most, struct source_cell);
        table->row = ARENA_NEW_ARRAY(&table->arena, most, struct str);
        for (size_t i = 0; i < table->name_count; i++) {
            bind_file_column(table, i, problems);
        }
        bind_defaults(table, problems);
        check_schema_columns(table, problems);
    }
    if (problems->count + problems->dropped > before) {
        pack_table_close(table);
        return -1;
    }
    *ret_table = table;
    return 0;
}

void pack_table_close(struct pack_table *table)
{
    if (table) {
        csv_close(table->csv);
        arena_free(&table->arena);
        free(table);
    }
}

uint64_t pack_table_bytes_read(const struct pack_table *table)
{
    return table->csv ? csv_bytes_read(table->csv) : table->bytes_read;
}

/* Our name of the column behind a field of a record's problem: "name.ja" → "name_ja", "sources[0].x" → "sources". */
static struct str column_name_of(struct str field, struct arena *arena)
{
    size_t end = str_find_byte(field, '[');
    struct str whole = str_slice(field, 0, end);
    size_t dot = str_find_byte(whole, '.');
    if (dot == whole.len) {
        return whole;
    }
    return arena_concat(arena, 3, str_slice(whole, 0, dot), STR("_"), str_slice(whole, dot + 1, whole.len));
}

static struct str file_name_of(const struct pack_table *table, struct str column)
{
    for (size_t i = 0; i < table->count; i++) {
        if (str_eq(table->columns[i].name, column)) {
            return table->cells[i].index == CONSTANT ? column : table->names[table->cells[i].index];
        }
    }
    return STR("");
}

/* The first column that fills any part of that field. */
static struct str file_name_of_part(const struct pack_table *table, struct str field)
{
    for (size_t i = 0; i < table->count; i++) {
        if (table->columns[i].field && str_eq(table->columns[i].field->name, field)) {
            return file_name_of(table, table->columns[i].name);
        }
    }
    return STR("");
}

struct str pack_table_column(const struct pack_table *table, struct str field, struct arena *arena)
{
    struct str column = column_name_of(field, arena);
    struct str name = file_name_of(table, column);
    if (name.len == 0) {
        /* "amount.unit" of a file that has only the column "amount", "name" of one that has "name_ja". */
        struct str whole = str_slice(field, 0, str_find_byte(field, '.'));
        whole = str_slice(whole, 0, str_find_byte(whole, '['));
        name = file_name_of(table, whole);
        name = name.len > 0 ? name : file_name_of_part(table, whole);
    }
    return name.len > 0 ? name : column;
}

static void fill_row(struct pack_table *table, const struct csv_row *row)
{
    bool from_sheet = csv_has_mark(table->csv);
    for (size_t i = 0; i < table->count; i++) {
        const struct source_cell *source = &table->cells[i];
        struct str cell = source->index == CONSTANT ? source->constant : row->cells[source->index];
        if (from_sheet && source->index != CONSTANT) {
            cell = csv_sheet_text(cell);
        }
        const struct str *mapped = source->values ? map_get(source->values, str_trim(cell)) : NULL;
        table->row[i] = mapped ? *mapped : cell;
    }
}

static bool has_right_count(struct pack_table *table, const struct csv_row *row, struct arena *arena,
                            struct problems *problems)
{
    if (row->count == table->name_count ||
        (row->count > table->name_count && !table->resource->header && table->resource->file_may_have_more)) {
        return true;
    }
    problem(
        table, problems, row->line, STR(""),
        arena_format(arena, "the row has %zu cells; allowed: %zu, one for each column", row->count, table->name_count));
    return false;
}

static void add_record_problems(struct pack_table *table, uint64_t line, const struct record_problems *found,
                                struct problems *problems)
{
    for (size_t i = 0; i < found->count; i++) {
        problem(table, problems, line, pack_table_column(table, found->items[i].field, found->arena),
                found->items[i].message);
    }
}

int pack_table_next(struct pack_table *table, struct arena *arena, struct problems *problems, struct pack_row *ret_row)
{
    struct csv_row row;
    struct err err = {0};
    int got = csv_next(table->csv, &row, &err);
    if (got <= 0) {
        if (got < 0) {
            csv_problem(table, problems, &err);
        }
        table->bytes_read = csv_bytes_read(table->csv);
        csv_close(table->csv);
        table->csv = NULL;
        return 0;
    }
    *ret_row = (struct pack_row){.line = row.line};
    if (!has_right_count(table, &row, arena, problems)) {
        return 1;
    }
    fill_row(table, &row);
    struct record_problems found;
    record_problems_init(&found, arena);
    const struct reg *reg = table->resource->reg;
    struct value *given;
    struct value *record;
    int failed = record_from_cells(table->model, reg, table->columns, table->row, table->count, arena, &found, &given);
    failed = failed || record_from_value(table->model, reg, given, arena, &found, &record);
    if (!failed && record_id(record).len == 0) {
        record_problems_add(&found, STR("id"), "is missing and cannot be made from the %s; allowed: a-z, 0-9, '.', '-'",
                            reg->natural_key_count ? "natural key" : "English name");
        failed = -1;
    }
    add_record_problems(table, row.line, &found, problems);
    ret_row->record = failed ? NULL : record;
    return 1;
}
