/* A table with a header, CSV or XLSX, and a mapping of its columns:
 *   {"register": REGISTER, "sheet": NAME, "number": HEADING of the corporate number (left out: no company is looked for),
 *    "fields": {"company": FIELD, "title": FIELD, "end": FIELD}, "title": {"ja", "en"} with %(company) and %(end),
 *    "columns": {HEADING: COLUMN or {"column": COLUMN, "times": NUMBER}}, "defaults": {COLUMN: CELL}, "source": a record of the register
 *    source}
 * COLUMN is a column of the register's CSV (docs/model.md). Headings that the mapping does not name are passed over. */
#include "exchange/import_internal.h"
#include "exchange/xlsx_read.h"
#include "model/record.h"

#define MAPPED_MAX 200

struct table {
    struct csv_reader *csv;
    struct xlsx_reader *xlsx;
};

struct mapped {
    struct column columns[MAPPED_MAX];
    struct decimal times[MAPPED_MAX]; /* 1: as it is */
    size_t at[MAPPED_MAX];            /* position in the file's rows; SIZE_MAX: a default */
    struct str defaults[MAPPED_MAX];
    size_t count;
    size_t number; /* position of the corporate number; SIZE_MAX: none */
};

static int open_table(struct importing *importing, struct str content, struct table *table, struct err *err)
{
    struct csv_options options = csv_options_default();
    *table = (struct table){0};
    if (xlsx_looks_like(content)) {
        return xlsx_open(content, value_get_text(importing->config, STR("sheet")), &table->xlsx, err);
    }
    return csv_open_memory(content, &options, &table->csv, err);
}

static int next_row(struct table *table, struct csv_row *row, struct err *err)
{
    return table->xlsx ? xlsx_next(table->xlsx, row, err) : csv_next(table->csv, row, err);
}

static void close_table(struct table *table)
{
    csv_close(table->csv);
    xlsx_close(table->xlsx);
}

/* ---- the mapping ---- */

static int add_column(struct importing *importing, struct mapped *mapped, struct str name, struct err *err)
{
    if (mapped->count == MAPPED_MAX || !column_from_name(importing->reg, name, &mapped->columns[mapped->count])) {
        return err_set(err, ERR_INVALID, "%.*s: \"%.*s\" is no column of %.*s", STR_ARG(importing->options->map_shown),
                       STR_ARG(name), STR_ARG(importing->reg->name));
    }
    mapped->times[mapped->count] = decimal_from_int64(1);
    mapped->at[mapped->count] = SIZE_MAX;
    mapped->count++;
    return 0;
}

static size_t heading_at(const struct csv_row *header, struct str heading)
{
    for (size_t i = 0; i < header->count; i++) {
        if (str_eq(str_trim(header->cells[i]), heading)) {
            return i;
        }
    }
    return SIZE_MAX;
}

static int map_heading(struct importing *importing, const struct csv_row *header, const struct value_member *member,
                       struct mapped *mapped, struct err *err)
{
    const struct value *times = value_get(member->value, STR("times"));
    struct str column = member->value->kind == VALUE_OBJECT ? value_get_text(member->value, STR("column"))
                                                            : value_text_of(member->value);
    size_t at = heading_at(header, member->key);
    if (at == SIZE_MAX) {
        return err_set(err, ERR_INVALID, "the table has no column \"%.*s\", which the mapping names",
                       STR_ARG(member->key));
    }
    if (add_column(importing, mapped, column, err)) {
        return -1;
    }
    mapped->at[mapped->count - 1] = at;
    if (times && times->kind == VALUE_NUMBER) {
        mapped->times[mapped->count - 1] = times->number;
    }
    return 0;
}

static int read_mapping(struct importing *importing, const struct csv_row *header, struct mapped *mapped,
                        struct err *err)
{
    const struct value *columns = value_get(importing->config, STR("columns"));
    const struct value *defaults = value_get(importing->config, STR("defaults"));
    struct str number = value_get_text(importing->config, STR("number"));
    *mapped = (struct mapped){.number = SIZE_MAX};
    if (number.len > 0 && (mapped->number = heading_at(header, number)) == SIZE_MAX) {
        return err_set(err, ERR_INVALID, "the table has no column \"%.*s\" for the corporate number", STR_ARG(number));
    }
    for (size_t i = 0; i < value_count(columns); i++) {
        if (map_heading(importing, header, &columns->object.members[i], mapped, err)) {
            return -1;
        }
    }
    for (size_t i = 0; i < value_count(defaults); i++) {
        if (add_column(importing, mapped, defaults->object.members[i].key, err)) {
            return -1;
        }
        mapped->defaults[mapped->count - 1] = value_text_of(defaults->object.members[i].value);
    }
    return 0;
}

/* ---- rows ---- */

/* A cell as the register reads it; a number is taken times what the mapping says. */
static int mapped_cell(struct importing *importing, const struct mapped *mapped, size_t i, const struct csv_row *row,
                       struct str *ret_cell, struct err *err)
{
    struct str text = mapped->at[i] == SIZE_MAX    ? mapped->defaults[i]
                      : mapped->at[i] < row->count ? str_trim(row->cells[mapped->at[i]])
                                                   : STR("");
    struct decimal number;
    int64_t times;
    char formatted[DECIMAL_TEXT_MAX];
    *ret_cell = text;
    if (text.len == 0 || decimal_cmp(mapped->times[i], decimal_from_int64(1)) == 0) {
        return 0;
    }
    if (!decimal_parse(text, &number) || !decimal_to_int64(mapped->times[i], &times) ||
        !decimal_multiply_int(number, times, &number)) {
        return err_set(err, ERR_INVALID, "\"%.*s\" is no plain number that can be multiplied", STR_ARG(text));
    }
    *ret_cell = arena_copy(importing->arena, str_make(formatted, decimal_format(number, formatted)));
    return 0;
}

static void complete(struct importing *importing, struct value *given, const struct company *company)
{
    const struct value *fields = value_get(importing->config, STR("fields"));
    struct str end = value_get_text(given, value_get_text(fields, STR("end")));
    struct str title = value_get_text(fields, STR("title"));
    import_set_text(importing, given, "company", company->id);
    if (title.len > 0 && !value_get(given, title)) {
        import_set(importing, given, "title", import_title(importing, company, end));
    }
}

static int take_row(struct importing *importing, const struct mapped *mapped, const struct csv_row *row,
                    struct str where, struct err *err)
{
    struct str cells[MAPPED_MAX];
    struct record_problems problems;
    const struct company *company = NULL;
    struct value *given;
    if (mapped->number != SIZE_MAX) {
        struct str number = mapped->number < row->count ? str_trim(row->cells[mapped->number]) : STR("");
        company = import_company(importing, arena_copy(importing->arena, number), row->cells[0], where);
        if (!company) {
            return 0;
        }
    } else {
        importing->result.read++;
    }
    for (size_t i = 0; i < mapped->count; i++) {
        if (mapped_cell(importing, mapped, i, row, &cells[i], err)) {
            return -1;
        }
    }
    record_problems_init(&problems, importing->arena);
    if (record_from_cells(importing->model, importing->reg, mapped->columns, cells, mapped->count, importing->arena,
                          &problems, &given)) {
        return err_set(err, ERR_INVALID, "%.*s: %.*s", STR_ARG(problems.items[0].field),
                       STR_ARG(problems.items[0].message));
    }
    if (company) {
        complete(importing, given, company);
    }
    if (!value_get(given, STR("sources"))) {
        value_set(importing->arena, given, STR("sources"), import_sources(importing, STR("")));
    }
    import_stage(importing, importing->reg, given, where, STR(""));
    return 0;
}

static int read_rows(struct importing *importing, const struct import_file *file, struct table *table, struct err *err)
{
    struct mapped *mapped = ARENA_NEW(importing->arena, struct mapped);
    struct csv_row row;
    int got = next_row(table, &row, err);
    if (got == 0) {
        return err_set(err, ERR_INVALID, "the table is empty; the first row names the columns");
    }
    if (got < 0 || read_mapping(importing, &row, mapped, err)) {
        return -1;
    }
    while ((got = next_row(table, &row, err)) == 1) {
        struct str where =
            arena_format(importing->arena, "%.*s:%llu", STR_ARG(file->shown), (unsigned long long)row.line);
        if (take_row(importing, mapped, &row, where, err)) {
            return err_prefix(err, "row %llu", (unsigned long long)row.line);
        }
    }
    return got;
}

int import_sheet(struct importing *importing, const struct import_file *file, struct str content, struct err *err)
{
    struct table table;
    int failed;
    if (open_table(importing, content, &table, err)) {
        return err_prefix(err, "%.*s", STR_ARG(file->shown));
    }
    failed = read_rows(importing, file, &table, err);
    close_table(&table);
    return failed ? err_prefix(err, "%.*s", STR_ARG(file->shown)) : 0;
}
