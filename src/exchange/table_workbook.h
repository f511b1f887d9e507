/* Plain tables as a workbook: what a page shows as a table, with its numbers as numbers. */
#ifndef MUSUBI_EXCHANGE_TABLE_WORKBOOK_H
#define MUSUBI_EXCHANGE_TABLE_WORKBOOK_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

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

int table_workbook_write(const struct table_sheet *sheets, size_t count, struct arena *arena, struct buf *out,
                         struct err *err);

#endif
