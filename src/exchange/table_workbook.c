#include "exchange/table_workbook.h"

#include "base/memory.h"
#include "exchange/csv.h"
#include "exchange/xlsx_file.h"

#include <stdio.h>
#include <stdlib.h>
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

static int write_book(const char *path, const struct table_book *tables, struct arena *arena, struct err *err)
{
    lxw_doc_properties properties = {.created = (time_t)(tables->created_ms / 1000)};
    lxw_workbook *book = workbook_new(path);
    lxw_error failed;
    int result = 0;

    if (book == NULL) {
        return err_set(err, ERR_IO, "no spreadsheet can be begun");
    }
    workbook_set_properties(book, &properties);
    for (size_t i = 0; i < tables->count && result == 0; i++) {
        result = write_sheet(book, &tables->sheets[i], arena, err);
    }
    failed = workbook_close(book);
    if (result == 0 && failed != LXW_NO_ERROR) {
        result = err_set(err, ERR_IO, "the spreadsheet cannot be written: %s", lxw_strerror(failed));
    }
    return result;
}

int table_workbook_write(const struct table_book *tables, struct arena *arena, struct buf *out, struct err *err)
{
    struct xlsx_file file;
    int result;

    if (xlsx_file_open(&file, err) != 0) {
        return -1;
    }
    result = write_book(file.path, tables, arena, err);
    if (result == 0) {
        result = xlsx_file_read_all(&file, out, err);
    }
    xlsx_file_close(&file);
    return result;
}

/* ---- CSV ---- */

#define NUMBER_TEXT_MAX 32

int table_csv_write(const struct table_sheet *sheet, struct buf *out, struct err *err)
{
    struct str *cells = memory_alloc_array(sheet->columns, sizeof *cells);
    char(*numbers)[NUMBER_TEXT_MAX] = memory_alloc_array(sheet->columns, sizeof *numbers);

    buf_add(out, CSV_BYTE_ORDER_MARK);
    for (size_t row = 0; row < sheet->rows && !out->overflow; row++) {
        const struct table_cell *from = &sheet->cells[row * sheet->columns];
        for (size_t i = 0; i < sheet->columns; i++) {
            cells[i] = from[i].text;
            if (from[i].has_number) {
                int length = snprintf(numbers[i], NUMBER_TEXT_MAX, "%.15g", from[i].number);
                cells[i] = str_make(numbers[i], (size_t)length);
            }
        }
        csv_write_sheet_row(out, cells, sheet->columns, ',');
    }
    free(numbers);
    free(cells);
    return out->overflow ? err_set(err, ERR_LIMIT, "the table is larger than %zu MiB", out->max >> 20) : 0;
}
