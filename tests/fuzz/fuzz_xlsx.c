/* XLSX: whatever the bytes are, what is read is UTF-8 within the limits, rows come in order, and a refusal says why. */
#include "fuzz.h"

#include "exchange/xlsx_read.h"

#define ROWS_MAX 2000 /* a small file may say many rows; the rest are as these */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct xlsx_reader *reader;
    struct csv_row row;
    struct err err = {0};
    if (xlsx_open(str_make((const char *)data, size), STR(""), &reader, &err)) {
        assert(err.message[0]);
        return 0;
    }
    assert(xlsx_sheet_count(reader) >= 1);
    uint64_t line = 0;
    int got = 0;
    for (int i = 0; i < ROWS_MAX && (got = xlsx_next(reader, &row, &err)) == 1; i++) {
        assert(row.line > line && row.count >= 1 && row.count <= 1000);
        line = row.line;
        for (size_t c = 0; c < row.count; c++) {
            assert(str_is_utf8(row.cells[c]));
        }
        assert(row.cells[row.count - 1].len > 0);
    }
    assert(got >= 0 || err.message[0]);
    xlsx_close(reader);
    return 0;
}
