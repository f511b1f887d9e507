#include "exchange/csv.h"

static bool needs_quotes(struct str cell, char delimiter)
{
    for (size_t i = 0; i < cell.len; i++) {
        char c = cell.ptr[i];
        if (c == '"' || c == delimiter || c == '\r' || c == '\n') {
            return true;
        }
    }
    /* Spaces at the ends survive every reader only inside quotation marks. */
    return cell.len > 0 && (cell.ptr[0] == ' ' || cell.ptr[cell.len - 1] == ' ');
}

void csv_write_cell(struct buf *buf, struct str cell, char delimiter, bool first)
{
    if (!first) {
        buf_add_byte(buf, delimiter);
    }
    if (!needs_quotes(cell, delimiter)) {
        buf_add(buf, cell);
        return;
    }
    buf_add_byte(buf, '"');
    while (cell.len > 0) {
        size_t mark = str_find_byte(cell, '"');
        buf_add(buf, str_slice(cell, 0, mark));
        if (mark < cell.len) {
            buf_add_literal(buf, "\"\"");
        }
        cell = str_slice(cell, mark + 1, cell.len);
    }
    buf_add_byte(buf, '"');
}

void csv_write_row(struct buf *buf, const struct str *cells, size_t count, char delimiter)
{
    if (count == 1 && cells[0].len == 0) {
        buf_add_literal(buf, "\"\""); /* a line with nothing in it would be no row */
    }
    for (size_t i = 0; i < count; i++) {
        csv_write_cell(buf, cells[i], delimiter, i == 0);
    }
    buf_add_literal(buf, "\r\n");
}
