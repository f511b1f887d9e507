/* Plain tables as a workbook, or one as CSV: what a page shows as a table, with its numbers as numbers. */
#ifndef MUSUBI_EXCHANGE_TABLE_WORKBOOK_H
#define MUSUBI_EXCHANGE_TABLE_WORKBOOK_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#include <stdint.h>

struct table_cell {
    struct str text;
    bool has_number; /* then the number stands there instead of the text */
    double number;
};

struct table_sheet {
    struct str title;               /* at most 31 characters are kept, and none of []:*?/\ */
    const struct table_cell *cells; /* row after row; the first one is the heading */
    size_t columns, rows;           /* at most 1,000 and 100,000 */
};

struct table_book {
    const struct table_sheet *sheets;
    size_t count;
    int64_t created_ms; /* stamped on it; of the same state of the data the same, so that the files are the same too */
};

int table_workbook_write(const struct table_book *tables, struct arena *arena, struct buf *out, struct err *err);

/* For people who open it in a spreadsheet: with a byte-order mark, and no cell that such a program would run (csv.h). */
int table_csv_write(const struct table_sheet *sheet, struct buf *out, struct err *err);

#endif
