/* Spreadsheets in Office Open XML (.xlsx), read row by row as the CSV reader gives rows, so that whoever takes one takes both.
 *
 * What a cell gives: text as it is (without the phonetic guides that Japanese Excel keeps beside it), a number in plain decimal
 * notation (15 significant digits, as Excel shows them: 1.03E+14 is 103000000000000), a date as 2022-02-21, a date with a
 * time as 2022-02-21T09:30:00 (which is which follows from the cell's number format), a boolean as true or false, a formula's kept
 * result, an error as its word (#N/A). Empty rows are passed over; a row ends with its last cell that is not empty.
 * Not read: formulas, merged areas (their text stands in the first cell), hidden state, anything that reaches outside the file.
 *
 * Limits: unpacked at most 256 MiB a part; 1,000 columns; cells of 1 MiB; all texts together 128 MiB. A document type
 * declaration is refused, so that no entity can grow. */
#ifndef MUSUBI_EXCHANGE_XLSX_READ_H
#define MUSUBI_EXCHANGE_XLSX_READ_H

#include "exchange/csv.h"

struct xlsx_reader;

/* True when the bytes are a ZIP archive, as .xlsx is: to tell it from CSV without trusting the name. */
bool xlsx_looks_like(struct str content);

/* `sheet` by its name, or empty for the first one. The content is borrowed until xlsx_close. ERR_INVALID: no spreadsheet,
 * damaged, protected by a password; ERR_NOT_FOUND: no such sheet (the message names those there are); ERR_LIMIT. */
int xlsx_open(struct str content, struct str sheet, struct xlsx_reader **ret_reader, struct err *err);
void xlsx_close(struct xlsx_reader *reader); /* NULL is fine */

size_t xlsx_sheet_count(const struct xlsx_reader *reader);
struct str xlsx_sheet_name(const struct xlsx_reader *reader, size_t index);

/* 1: *ret_row is filled until the next call, row->line is the sheet's own row number; 0: no row is left; -1: failed. */
int xlsx_next(struct xlsx_reader *reader, struct csv_row *ret_row, struct err *err);

#endif
