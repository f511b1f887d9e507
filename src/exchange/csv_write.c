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

/* -1,234.5 is a number, not a formula. */
static bool is_plain_number(struct str cell)
{
    size_t digits = 0;
    for (size_t i = cell.len > 0 && (cell.ptr[0] == '-' || cell.ptr[0] == '+'); i < cell.len; i++) {
        bool digit = cell.ptr[i] >= '0' && cell.ptr[i] <= '9';
        if (!digit && cell.ptr[i] != '.' && cell.ptr[i] != ',') {
            return false;
        }
        digits += digit;
    }
    return digits > 0;
}

/* Whether a spreadsheet would see a formula behind so many apostrophes. */
static bool begins_formula(struct str cell, size_t apostrophes)
{
    static const struct str beginnings = STR("=+-@\t\r\n");
    struct str rest = str_slice(cell, apostrophes, cell.len);
    return rest.len > 0 && str_find_byte(beginnings, rest.ptr[0]) < beginnings.len &&
           (apostrophes > 0 || !is_plain_number(rest));
}

static size_t leading_apostrophes(struct str cell)
{
    size_t count = 0;
    while (count < cell.len && cell.ptr[count] == '\'') {
        count++;
    }
    return count;
}

struct str csv_sheet_text(struct str cell)
{
    size_t apostrophes = leading_apostrophes(cell);
    return apostrophes > 0 && begins_formula(cell, apostrophes) ? str_slice(cell, 1, cell.len) : cell;
}

static void write_sheet_cell(struct buf *buf, struct str cell, char delimiter, bool first)
{
    if (!begins_formula(cell, leading_apostrophes(cell))) {
        csv_write_cell(buf, cell, delimiter, first);
        return;
    }
    BUF_AUTO shown;
    buf_init(&shown, cell.len + 1);
    buf_add_byte(&shown, '\'');
    buf_add(&shown, cell);
    csv_write_cell(buf, buf_str(&shown), delimiter, first);
}

static void write_row(struct buf *buf, const struct str *cells, size_t count, char delimiter, bool for_sheets)
{
    if (count == 1 && cells[0].len == 0) {
        buf_add_literal(buf, "\"\""); /* a line with nothing in it would be no row */
    }
    for (size_t i = 0; i < count; i++) {
        (for_sheets ? write_sheet_cell : csv_write_cell)(buf, cells[i], delimiter, i == 0);
    }
    buf_add_literal(buf, "\r\n");
}

void csv_write_row(struct buf *buf, const struct str *cells, size_t count, char delimiter)
{
    write_row(buf, cells, count, delimiter, false);
}

void csv_write_sheet_row(struct buf *buf, const struct str *cells, size_t count, char delimiter)
{
    write_row(buf, cells, count, delimiter, true);
}
