/* CSV: what is read is UTF-8 within the limits and can be written so that it reads back as the same cells; what is refused
 * says where. The first byte chooses delimiter, encoding and limits. */
#include "fuzz.h"

#include "exchange/csv.h"

static struct csv_options choose(uint8_t choice)
{
    static const char delimiters[] = {',', '\t', ';', '|'};
    struct csv_options options = csv_options_default();
    options.delimiter = delimiters[choice & 3];
    options.encoding = (enum csv_encoding)((choice >> 2) % 3);
    if (choice & 0x80) {
        options.max_cell_bytes = 16;
        options.max_row_bytes = 40;
        options.max_columns = 4;
    }
    return options;
}

/* What was written must give these cells as its one row. */
static void check_reads_back(const struct csv_row *row, const struct csv_options *options, struct buf *text)
{
    struct csv_options wide = csv_options_default();
    struct csv_reader *reader;
    struct csv_row again;
    wide.delimiter = options->delimiter;
    wide.encoding = CSV_UTF8;
    buf_clear(text);
    /* A mark first, or cells that begin with one would lose it. */
    buf_add(text, CSV_BYTE_ORDER_MARK);
    csv_write_row(text, row->cells, row->count, options->delimiter);
    int opened = csv_open_memory(buf_str(text), &wide, &reader, NULL);
    assert(opened == 0);
    int got = csv_next(reader, &again, NULL);
    assert(got == 1 && again.count == row->count && again.line == 1);
    for (size_t i = 0; i < row->count; i++) {
        assert(str_eq(again.cells[i], row->cells[i]));
    }
    got = csv_next(reader, &again, NULL);
    assert(got == 0);
    csv_close(reader);
}

static void check_row(const struct csv_row *row, const struct csv_options *options)
{
    size_t total = 0;
    assert(row->count >= 1 && row->count <= options->max_columns);
    for (size_t i = 0; i < row->count; i++) {
        assert(row->cells[i].len <= options->max_cell_bytes);
        assert(str_is_utf8(row->cells[i]));
        assert(str_find_byte(row->cells[i], '\0') == row->cells[i].len);
        total += row->cells[i].len;
    }
    /* CP932 is counted before it is UTF-8. */
    assert(total <= 3 * options->max_row_bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct csv_reader *reader;
    struct csv_row row;
    struct err err;
    if (size == 0) {
        return 0;
    }
    struct csv_options options = choose(data[0]);
    if (csv_open_memory(str_make((const char *)data + 1, size - 1), &options, &reader, &err)) {
        assert(err.message[0]);
        return 0;
    }
    BUF_AUTO text;
    buf_init(&text, (size_t)16 << 20);
    uint64_t line = 0;
    int got;
    while ((got = csv_next(reader, &row, &err)) == 1) {
        check_row(&row, &options);
        assert(row.line > line && row.line <= size + 1);
        line = row.line;
        check_reads_back(&row, &options, &text);
    }
    if (got < 0) {
        uint64_t at;
        size_t cell;
        csv_error_at(reader, &at, &cell);
        assert(err.message[0] && at > line && cell <= options.max_columns);
    } else {
        assert(csv_bytes_read(reader) == csv_bytes_total(reader));
    }
    csv_close(reader);
    return 0;
}
