#include "exchange/table_workbook.h"

#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xlsxwriter.h>

#define COLUMNS_MAX 1000
#define ROWS_MAX 100000
#define TITLE_CHARACTERS_MAX 31
#define CELL_CHARACTERS_MAX 32767
#define BOOK_BYTES_MAX ((size_t)64 << 20)

/* The beginning of a text, of so many characters at most, as libxlsxwriter takes it. */
static char *begin_of(struct arena *arena, struct str text, size_t characters)
{
    size_t end = 0;

    for (size_t seen = 0; end < text.len; end++) {
        bool first = ((unsigned char)text.ptr[end] & 0xC0) != 0x80;
        if (first && seen++ == characters) {
            break;
        }
    }
    return (char *)arena_copy(arena, str_slice(text, 0, end)).ptr;
}

static const char *sheet_title(struct arena *arena, struct str title)
{
    char *name = begin_of(arena, title, TITLE_CHARACTERS_MAX);

    for (char *c = name; *c != '\0'; c++) {
        if (strchr("[]:*?/\\'", *c) != NULL) {
            *c = ' ';
        }
    }
    return name;
}

static int write_sheet(lxw_workbook *book, const struct table_sheet *sheet, struct arena *arena, struct err *err)
{
    lxw_worksheet *page;
    lxw_format *heading = workbook_add_format(book);

    if (sheet->columns > COLUMNS_MAX || sheet->rows > ROWS_MAX) {
        return err_set(err, ERR_LIMIT, "a table of %zu columns and %zu rows; at most %d and %d are allowed",
                       sheet->columns, sheet->rows, COLUMNS_MAX, ROWS_MAX);
    }
    page = workbook_add_worksheet(book, sheet_title(arena, sheet->title));
    if (page == NULL) {
        return err_set(err, ERR_IO, "a sheet could not be begun");
    }
    format_set_bold(heading);
    worksheet_freeze_panes(page, 1, 1);
    worksheet_set_column(page, 0, (lxw_col_t)(sheet->columns > 0 ? sheet->columns - 1 : 0), 18, NULL);
    for (size_t i = 0; i < sheet->rows * sheet->columns; i++) {
        const struct table_cell *cell = &sheet->cells[i];
        lxw_row_t row = (lxw_row_t)(i / sheet->columns);
        lxw_col_t column = (lxw_col_t)(i % sheet->columns);
        if (cell->has_number) {
            worksheet_write_number(page, row, column, cell->number, NULL);
        } else if (cell->text.len > 0) {
            worksheet_write_string(page, row, column, begin_of(arena, cell->text, CELL_CHARACTERS_MAX),
                                   row == 0 ? heading : NULL);
        }
    }
    return 0;
}

static int write_book(const char *path, const struct table_sheet *sheets, size_t count, struct arena *arena,
                      struct err *err)
{
    lxw_workbook *book = workbook_new(path);
    lxw_error failed;
    int result = 0;

    if (book == NULL) {
        return err_set(err, ERR_IO, "no spreadsheet can be begun");
    }
    for (size_t i = 0; i < count && result == 0; i++) {
        result = write_sheet(book, &sheets[i], arena, err);
    }
    failed = workbook_close(book);
    if (result == 0 && failed != LXW_NO_ERROR) {
        result = err_set(err, ERR_IO, "the spreadsheet cannot be written: %s", lxw_strerror(failed));
    }
    return result;
}

int table_workbook_write(const struct table_sheet *sheets, size_t count, struct arena *arena, struct buf *out,
                         struct err *err)
{
    char path[] = "/tmp/musubi-table-XXXXXX";
    struct str content;
    int fd = mkstemp(path);
    int result;

    if (fd < 0) {
        return err_set(err, ERR_IO, "no temporary file can be made");
    }
    close(fd);
    result = write_book(path, sheets, count, arena, err);
    if (result == 0) {
        result = file_read(arena, path, BOOK_BYTES_MAX, &content, err);
    }
    if (result == 0) {
        buf_add(out, content);
        if (out->overflow) {
            result = err_set(err, ERR_LIMIT, "the spreadsheet is larger than %zu bytes", out->max);
        }
    }
    unlink(path);
    return result;
}
