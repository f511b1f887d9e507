/* CSV as it is met: RFC 4180, and what spreadsheets and offices make of it.
 *
 * Reading. Cells are separated by the delimiter, rows end with CRLF, LF or CR. A cell that begins with a quotation mark ends
 * with one; inside, two stand for one, and line breaks and delimiters are text. A quotation mark inside a cell that does
 * not begin with one is text. Lines with nothing in them are no rows. The last row needs no line break.
 *   Bytes: UTF-8 with or without byte-order mark, CP932 (Windows' Shift_JIS), UTF-16 with a byte-order mark. A mark decides;
 * else the encoding asked for; else CSV_DETECT takes the first 64 KiB that have something other than ASCII and calls them
 * CP932 when they are not UTF-8, unless most of them is (then the file is UTF-8 with a mistake, and says so).
 *   Memory is bounded by the limits, whatever the length of the file.
 *
 * Writing. Rows end with CRLF; a cell is quoted when it has to be. What is written reads back as the same cells. */
#ifndef MUSUBI_EXCHANGE_CSV_H
#define MUSUBI_EXCHANGE_CSV_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum csv_encoding { CSV_DETECT, CSV_UTF8, CSV_CP932 };
/* "utf-8", "cp932" and their usual other names, ASCII case and punctuation aside; false for any other. */
bool csv_encoding_from_name(struct str name, enum csv_encoding *ret_encoding);

struct csv_options {
    char delimiter; /* ',' '\t' ';' or any other ASCII byte but quote, CR, LF */
    enum csv_encoding encoding;
    size_t max_cell_bytes; /* in UTF-8 */
    size_t max_row_bytes;  /* of all cells of a row together, in UTF-8 */
    size_t max_columns;
};
/* Comma, CSV_DETECT, cells of 1 MiB, rows of 4 MiB, 1,000 columns. */
struct csv_options csv_options_default(void);

struct csv_row {
    const struct str *cells; /* valid until the next row is read; UTF-8 without NUL */
    size_t count;            /* at least 1 */
    uint64_t line;           /* 1-based line of the file on which the row begins */
};

struct csv_reader;

/* Opens a regular file. */
int csv_open_file(const char *path, const struct csv_options *options, struct csv_reader **ret_reader, struct err *err);
/* Reads from memory, borrowed until csv_close. */
int csv_open_memory(struct str content, const struct csv_options *options, struct csv_reader **ret_reader,
                    struct err *err);
void csv_close(struct csv_reader *reader); /* NULL is fine */

/* 1: *ret_row is filled; 0: no row is left; -1: the file cannot be read on from here, csv_error_at says where. */
int csv_next(struct csv_reader *reader, struct csv_row *ret_row, struct err *err);
/* Where the last failure happened: line as in csv_row, cell 0-based. */
void csv_error_at(const struct csv_reader *reader, uint64_t *ret_line, size_t *ret_cell);
/* Whether the file begins with UTF-8's byte-order mark. */
bool csv_has_mark(const struct csv_reader *reader);
/* For progress: bytes of the file read so far, and all of them. */
uint64_t csv_bytes_read(const struct csv_reader *reader);
uint64_t csv_bytes_total(const struct csv_reader *reader);

#define CSV_BYTE_ORDER_MARK STR("\xEF\xBB\xBF")
/* Appends one cell; `first` when it begins a row. */
void csv_write_cell(struct buf *buf, struct str cell, char delimiter, bool first);
/* Appends a whole row with its end. */
void csv_write_row(struct buf *buf, const struct str *cells, size_t count, char delimiter);

/* For files that people open in a spreadsheet, which takes a cell that begins with = + - @, a tab or a line break for a formula
 * and runs it: such a cell, unless it is a plain number, gets an apostrophe before it (as OWASP advises), and so does one that
 * already has apostrophes before such a beginning. csv_sheet_text takes it off again. These files have a byte-order mark, and
 * only in files with one does a pack's reader take it off: what `musubi export` writes is for machines, has neither, and
 * comes back byte by byte. */
void csv_write_sheet_row(struct buf *buf, const struct str *cells, size_t count, char delimiter);
struct str csv_sheet_text(struct str cell);

#endif
