#include "exchange/table_workbook.h"

#include "exchange/xlsx_file.h"

#include <xlsxwriter.h>

#define COLUMNS_MAX 1000
#define ROWS_MAX 100000

static int write_sheet(lxw_workbook *book, const struct table_sheet *sheet, struct arena *arena, struct err *err)
{
    lxw_worksheet *page;
    lxw_format *heading = workbook_add_format(book);

    if (sheet->columns > COLUMNS_MAX || sheet->rows > ROWS_MAX) {
        return err_set(err, ERR_LIMIT, "a table of %zu columns and %zu rows; at most %d and %d are allowed",
                       sheet->columns, sheet->rows, COLUMNS_MAX, ROWS_MAX);
    }
    page = workbook_add_worksheet(book, xlsx_sheet_title(arena, sheet->title));
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
            worksheet_write_string(page, row, column, xlsx_cell_text(arena, cell->text), row == 0 ? heading : NULL);
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
    struct xlsx_file file;
    int result;

    if (xlsx_file_open(&file, err) != 0) {
        return -1;
    }
    result = write_book(file.path, sheets, count, arena, err);
    if (result == 0) {
        result = xlsx_file_read_all(&file, out, err);
    }
    xlsx_file_close(&file);
    return result;
}
