/* The book first (its sheets, its texts, its number formats), then one sheet row by row. */
#include "exchange/xlsx_read.h"

#include "base/memory.h"
#include "exchange/xlsx_cell.h"
#include "exchange/xlsx_part.h"

#include <stdlib.h>
#include <string.h>

#define SHEETS_MAX 1000
#define FORMATS_MAX 65536
#define TEXTS_MAX 4000000
#define TEXT_BYTES_MAX ((size_t)128 << 20)
#define CELL_BYTES_MAX ((size_t)1 << 20)
#define ROW_BYTES_MAX ((size_t)4 << 20)
#define COLUMNS_MAX 1000
#define BOOK_ARENA_MAX ((size_t)512 << 20)
#define ROW_ARENA_MAX ((size_t)64 << 20)
#define PATH_MAX_BYTES 300

struct sheet {
    struct str name;
    struct str relation; /* id of its relationship */
    struct str part;     /* "xl/worksheets/sheet1.xml" */
};

struct custom_format {
    int64_t id;
    enum xlsx_format format;
};

struct xlsx_reader {
    struct arena arena;
    struct arena row_arena;
    struct zip_reader *zip;
    struct sheet *sheets;
    size_t sheet_count;
    struct str *texts; /* shared ones, in order */
    size_t text_count, text_capacity;
    struct custom_format *customs;
    size_t custom_count;
    enum xlsx_format *styles; /* of the cell formats, in order */
    size_t style_count, style_capacity;
    bool since_1904;
    struct xlsx_part part; /* the sheet being read */
    uint64_t row;          /* its number, of the row being read or read last */
    struct str *cells;     /* COLUMNS_MAX */
};

bool xlsx_looks_like(struct str content)
{
    return str_starts_with(content, STR("PK\003\004"));
}

/* ---- the book ---- */

/* Runs `node` over every node of a part; what it returns other than 0 ends it. */
static int each_node(struct xlsx_reader *reader, struct str name,
                     int (*node)(struct xlsx_reader *, struct xlsx_part *, struct err *), struct err *err)
{
    struct xlsx_part part;
    int got;
    if (xlsx_part_open(reader->zip, name, &part, err)) {
        return -1;
    }
    while ((got = xlsx_part_next(&part, err)) == 1) {
        if (node(reader, &part, err)) {
            got = -1;
            break;
        }
    }
    xlsx_part_close(&part);
    return got;
}

static int book_node(struct xlsx_reader *reader, struct xlsx_part *part, struct err *err)
{
    if (xlsx_part_begins(part, "workbookPr")) {
        struct str since = xlsx_part_attribute(part, "date1904", &reader->arena);
        reader->since_1904 = str_eq(since, STR("1")) || str_eq(since, STR("true"));
    }
    if (!xlsx_part_begins(part, "sheet")) {
        return 0;
    }
    if (reader->sheet_count == SHEETS_MAX) {
        return err_set(err, ERR_LIMIT, "the spreadsheet has more than %d sheets", SHEETS_MAX);
    }
    struct sheet *sheet = &reader->sheets[reader->sheet_count++];
    sheet->name = xlsx_part_attribute(part, "name", &reader->arena);
    sheet->relation = xlsx_part_attribute(part, "id", &reader->arena);
    return 0;
}

/* A target is relative to xl/, or absolute in the archive. */
static int relation_node(struct xlsx_reader *reader, struct xlsx_part *part, struct err *err)
{
    (void)err;
    if (!xlsx_part_begins(part, "Relationship")) {
        return 0;
    }
    struct str id = xlsx_part_attribute(part, "Id", &reader->arena);
    struct str target = xlsx_part_attribute(part, "Target", &reader->arena);
    for (size_t i = 0; i < reader->sheet_count; i++) {
        struct sheet *sheet = &reader->sheets[i];
        if (id.len > 0 && target.len <= PATH_MAX_BYTES && str_eq(sheet->relation, id)) {
            sheet->part = str_starts_with(target, STR("/")) ? str_slice(target, 1, target.len)
                                                            : arena_concat(&reader->arena, 2, STR("xl/"), target);
        }
    }
    return 0;
}

static enum xlsx_format format_of_id(const struct xlsx_reader *reader, int64_t id)
{
    for (size_t i = 0; i < reader->custom_count; i++) {
        if (reader->customs[i].id == id) {
            return reader->customs[i].format;
        }
    }
    return xlsx_format_built_in(id);
}

static int add_style(struct xlsx_reader *reader, int64_t format_id, struct err *err)
{
    if (reader->style_count == FORMATS_MAX) {
        return err_set(err, ERR_LIMIT, "the spreadsheet has more than %d cell formats", FORMATS_MAX);
    }
    if (reader->style_count == reader->style_capacity) {
        reader->style_capacity = reader->style_capacity ? 2 * reader->style_capacity : 64;
        reader->styles = memory_resize(reader->styles, reader->style_capacity * sizeof(*reader->styles));
    }
    reader->styles[reader->style_count++] = format_of_id(reader, format_id);
    return 0;
}

static int64_t number_attribute(const struct xlsx_part *part, const char *name, struct arena *arena)
{
    int64_t number;
    return str_to_int64(xlsx_part_attribute(part, name, arena), &number) ? number : 0;
}

static void add_custom_format(struct xlsx_reader *reader, const struct xlsx_part *part)
{
    if (reader->custom_count < FORMATS_MAX) {
        if ((reader->custom_count & (reader->custom_count + 1)) == 0) {
            reader->customs = memory_resize(reader->customs, 2 * (reader->custom_count + 1) * sizeof(*reader->customs));
        }
        struct custom_format *custom = &reader->customs[reader->custom_count++];
        custom->id = number_attribute(part, "numFmtId", &reader->arena);
        custom->format = xlsx_format_of_code(xlsx_part_attribute(part, "formatCode", &reader->arena));
    }
}

/* Cell formats are the xf inside cellXfs; those inside cellStyleXfs are others. */
static int read_styles(struct xlsx_reader *reader, struct err *err)
{
    struct xlsx_part part;
    struct err none = {0};
    bool inside = false;
    int got;
    if (xlsx_part_open(reader->zip, STR("xl/styles.xml"), &part, &none)) {
        return none.code == ERR_NOT_FOUND ? 0 : (*err = none, -1);
    }
    while ((got = xlsx_part_next(&part, err)) == 1) {
        if (xlsx_part_begins(&part, "cellXfs")) {
            inside = true;
        } else if (xlsx_part_ends(&part, "cellXfs")) {
            inside = false;
        } else if (xlsx_part_begins(&part, "numFmt")) {
            add_custom_format(reader, &part);
        } else if (inside && xlsx_part_begins(&part, "xf") &&
                   add_style(reader, number_attribute(&part, "numFmtId", &reader->arena), err)) {
            got = -1;
            break;
        }
    }
    xlsx_part_close(&part);
    return got;
}

/* The text of a string item (si, is) at whose start the part stands: its t elements, without those of phonetic guides (rPh). */
static int read_string_item(struct xlsx_part *part, const char *name, struct buf *text, struct err *err)
{
    int guides = 0;
    bool in_text = false;
    while (!xlsx_part_ends(part, name)) {
        int got = xlsx_part_next(part, err);
        if (got != 1) {
            return got < 0 ? -1 : err_set(err, ERR_INVALID, "a text of the spreadsheet has no end");
        }
        if (xlsx_part_begins(part, "rPh")) {
            guides++;
        }
        if (xlsx_part_ends(part, "rPh")) {
            guides--;
        }
        if (xlsx_part_begins(part, "t")) {
            in_text = true;
        }
        if (xlsx_part_ends(part, "t")) {
            in_text = false;
        }
        if (in_text && guides == 0 && xlsx_part_is_text(part)) {
            buf_add(text, xlsx_part_text(part));
        }
    }
    return text->overflow ? err_set(err, ERR_LIMIT, "a text of the spreadsheet is longer than %zu bytes", text->max)
                          : 0;
}

static int add_text(struct xlsx_reader *reader, struct str text, size_t *total, struct err *err)
{
    *total += text.len;
    if (*total > TEXT_BYTES_MAX || reader->text_count == TEXTS_MAX) {
        return err_set(err, ERR_LIMIT, "the texts of the spreadsheet are more than %zu MiB or %d", TEXT_BYTES_MAX >> 20,
                       TEXTS_MAX);
    }
    if (reader->text_count == reader->text_capacity) {
        reader->text_capacity = reader->text_capacity ? 2 * reader->text_capacity : 256;
        reader->texts = memory_resize(reader->texts, reader->text_capacity * sizeof(*reader->texts));
    }
    reader->texts[reader->text_count++] = text.len ? arena_copy(&reader->arena, text) : STR("");
    return 0;
}

static int read_texts(struct xlsx_reader *reader, struct err *err)
{
    struct xlsx_part part;
    struct err none = {0};
    size_t total = 0;
    int got;
    if (xlsx_part_open(reader->zip, STR("xl/sharedStrings.xml"), &part, &none)) {
        return none.code == ERR_NOT_FOUND ? 0 : (*err = none, -1);
    }
    BUF_AUTO text;
    buf_init(&text, CELL_BYTES_MAX);
    while ((got = xlsx_part_next(&part, err)) == 1) {
        if (!xlsx_part_begins(&part, "si")) {
            continue;
        }
        buf_clear(&text);
        if (read_string_item(&part, "si", &text, err) || add_text(reader, buf_str(&text), &total, err)) {
            got = -1;
            break;
        }
    }
    xlsx_part_close(&part);
    return got;
}

static int read_book(struct xlsx_reader *reader, struct err *err)
{
    reader->sheets = ARENA_NEW_ARRAY(&reader->arena, SHEETS_MAX, struct sheet);
    reader->cells = ARENA_NEW_ARRAY(&reader->arena, COLUMNS_MAX, struct str);
    if (zip_reader_find(reader->zip, STR("xl/workbook.xml")) == SIZE_MAX) {
        return err_set(err, ERR_INVALID, "the archive is no spreadsheet (.xlsx): it has no xl/workbook.xml");
    }
    if (each_node(reader, STR("xl/workbook.xml"), book_node, err) ||
        each_node(reader, STR("xl/_rels/workbook.xml.rels"), relation_node, err)) {
        return -1;
    }
    return read_styles(reader, err) || read_texts(reader, err) ? -1 : 0;
}

static int no_such_sheet(const struct xlsx_reader *reader, struct str wanted, struct err *err)
{
    BUF_AUTO names;
    buf_init(&names, 500);
    for (size_t i = 0; i < reader->sheet_count; i++) {
        buf_add_format(&names, "%s%.*s", i ? ", " : "", STR_ARG(reader->sheets[i].name));
    }
    return err_set(err, ERR_NOT_FOUND, "no sheet \"%.*s\"; there are: %.*s", STR_ARG(wanted), STR_ARG(buf_str(&names)));
}

static int open_sheet(struct xlsx_reader *reader, struct str wanted, struct err *err)
{
    for (size_t i = 0; i < reader->sheet_count; i++) {
        const struct sheet *sheet = &reader->sheets[i];
        if (wanted.len == 0 || str_eq(sheet->name, wanted)) {
            return xlsx_part_open(reader->zip, sheet->part, &reader->part, err);
        }
    }
    return no_such_sheet(reader, wanted, err);
}

int xlsx_open(struct str content, struct str sheet, struct xlsx_reader **ret_reader, struct err *err)
{
    struct zip_limits limits = zip_limits_default();
    struct zip_reader *zip;
    if (zip_reader_open(content, &limits, &zip, err)) {
        return -1;
    }
    struct xlsx_reader *reader = memory_alloc(sizeof(*reader));
    *reader = (struct xlsx_reader){.zip = zip};
    arena_init(&reader->arena, BOOK_ARENA_MAX);
    arena_init(&reader->row_arena, ROW_ARENA_MAX);
    if (read_book(reader, err) || open_sheet(reader, sheet, err)) {
        xlsx_close(reader);
        return -1;
    }
    *ret_reader = reader;
    return 0;
}

void xlsx_close(struct xlsx_reader *reader)
{
    if (reader) {
        xlsx_part_close(&reader->part);
        zip_reader_close(reader->zip);
        free(reader->texts);
        free(reader->customs);
        free(reader->styles);
        arena_free(&reader->row_arena);
        arena_free(&reader->arena);
        free(reader);
    }
}

size_t xlsx_sheet_count(const struct xlsx_reader *reader)
{
    return reader->sheet_count;
}

struct str xlsx_sheet_name(const struct xlsx_reader *reader, size_t index)
{
    return reader->sheets[index].name;
}

/* ---- rows ---- */

struct cell {
    size_t column;
    struct str type; /* "s", "inlineStr", "str", "b", "e", "n" or empty */
    enum xlsx_format format;
};

static struct str cell_text(const struct xlsx_reader *reader, const struct cell *cell, struct str raw,
                            struct arena *arena)
{
    int64_t number;
    if (str_eq(cell->type, STR("s"))) {
        return str_to_int64(str_trim(raw), &number) && number >= 0 && (uint64_t)number < reader->text_count
                   ? reader->texts[number]
                   : STR("");
    }
    if (str_eq(cell->type, STR("b"))) {
        return str_eq(str_trim(raw), STR("1")) ? STR("true") : STR("false");
    }
    struct str text = arena_copy(arena, raw);
    if (cell->type.len == 0 || str_eq(cell->type, STR("n"))) {
        return xlsx_number_text(arena, str_trim(text), cell->format, reader->since_1904);
    }
    if (str_eq(cell->type, STR("d")) && text.len == 19 && str_ends_with(text, STR("T00:00:00"))) {
        return str_slice(text, 0, 10);
    }
    return text;
}

/* From a cell's start to its end: what its v, or its inline text, holds. */
static int read_cell_value(struct xlsx_reader *reader, struct buf *text, struct err *err)
{
    struct xlsx_part *part = &reader->part;
    bool in_value = false;
    while (!xlsx_part_ends(part, "c")) {
        int got = xlsx_part_next(part, err);
        if (got != 1) {
            return got < 0 ? -1 : err_set(err, ERR_INVALID, "a cell of the spreadsheet has no end");
        }
        if (xlsx_part_begins(part, "is") && read_string_item(part, "is", text, err)) {
            return -1;
        }
        if (xlsx_part_begins(part, "v")) {
            in_value = true;
        }
        if (xlsx_part_ends(part, "v")) {
            in_value = false;
        }
        if (in_value && xlsx_part_is_text(part)) {
            buf_add(text, xlsx_part_text(part));
        }
    }
    return text->overflow ? err_set(err, ERR_LIMIT, "a cell of row %llu is longer than %zu bytes",
                                    (unsigned long long)reader->row, CELL_BYTES_MAX)
                          : 0;
}

static int begin_cell(struct xlsx_reader *reader, size_t next, struct cell *cell, struct err *err)
{
    struct arena *arena = &reader->row_arena;
    struct str reference = xlsx_part_attribute(&reader->part, "r", arena);
    int64_t style = number_attribute(&reader->part, "s", arena);
    cell->column = reference.len ? xlsx_column(reference) : next;
    cell->type = xlsx_part_attribute(&reader->part, "t", arena);
    cell->format = style >= 0 && (uint64_t)style < reader->style_count ? reader->styles[style] : XLSX_NUMBER;
    if (cell->column >= COLUMNS_MAX || cell->column < next) {
        return err_set(err, cell->column >= COLUMNS_MAX ? ERR_LIMIT : ERR_INVALID,
                       "row %llu has a cell beyond column %d or out of order", (unsigned long long)reader->row,
                       COLUMNS_MAX);
    }
    return 0;
}

/* From a row's start to its end; *ret_count cells, 0 when all are empty. */
static int read_row(struct xlsx_reader *reader, size_t *ret_count, struct err *err)
{
    struct xlsx_part *part = &reader->part;
    size_t next = 0, filled = 0, bytes = 0;
    BUF_AUTO text;
    buf_init(&text, CELL_BYTES_MAX);
    while (!xlsx_part_ends(part, "row")) {
        struct cell cell;
        int got = xlsx_part_next(part, err);
        if (got != 1) {
            return got < 0 ? -1 : err_set(err, ERR_INVALID, "a row of the spreadsheet has no end");
        }
        if (!xlsx_part_begins(part, "c")) {
            continue;
        }
        buf_clear(&text);
        if (begin_cell(reader, next, &cell, err) || read_cell_value(reader, &text, err)) {
            return -1;
        }
        for (; next < cell.column; next++) {
            reader->cells[next] = STR("");
        }
        reader->cells[next++] = cell_text(reader, &cell, buf_str(&text), &reader->row_arena);
        bytes += reader->cells[cell.column].len;
        filled = reader->cells[cell.column].len ? next : filled;
        if (bytes > ROW_BYTES_MAX) {
            return err_set(err, ERR_LIMIT, "row %llu is longer than %zu bytes", (unsigned long long)reader->row,
                           ROW_BYTES_MAX);
        }
    }
    *ret_count = filled;
    return 0;
}

/* A row's number is that of its r, else one more than the last. */
static int begin_row(struct xlsx_reader *reader, struct err *err)
{
    int64_t number = number_attribute(&reader->part, "r", &reader->row_arena);
    if (number > 0 && (uint64_t)number <= reader->row) {
        return err_set(err, ERR_INVALID, "row %lld of the spreadsheet is out of order", (long long)number);
    }
    reader->row = number > 0 ? (uint64_t)number : reader->row + 1;
    return 0;
}

int xlsx_next(struct xlsx_reader *reader, struct csv_row *ret_row, struct err *err)
{
    int got;
    while ((got = xlsx_part_next(&reader->part, err)) == 1) {
        size_t count = 0;
        if (!xlsx_part_begins(&reader->part, "row")) {
            continue;
        }
        arena_reset(&reader->row_arena);
        if (begin_row(reader, err) || read_row(reader, &count, err)) {
            return -1;
        }
        if (count > 0) {
            *ret_row = (struct csv_row){.cells = reader->cells, .count = count, .line = reader->row};
            return 1;
        }
    }
    return got;
}
