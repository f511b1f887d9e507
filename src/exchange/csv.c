#include "exchange/csv.h"

#include "exchange/csv_input.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct csv_reader {
    struct csv_options options;
    struct csv_input input;
    struct text_decoder *cp932; /* opened when the first such cell comes */
    struct buf raw;             /* the bytes of the row's cells, one after the other */
    struct buf decoded;         /* the same in UTF-8, when the file is CP932 */
    size_t *ends;               /* of each cell in raw */
    struct str *cells;
    size_t count;
    size_t capacity;
    uint64_t line;      /* of the byte that comes next */
    uint64_t row_line;  /* where the row began */
    bool cell_quoted;   /* the last cell was */
    bool cell_is_ascii; /* the last cell is, so far */
    bool row_is_ascii;
    bool failed;
    bool stops[256];
};

struct csv_options csv_options_default(void)
{
    return (struct csv_options){
        .delimiter = ',',
        .encoding = CSV_DETECT,
        .max_cell_bytes = (size_t)1 << 20,
        .max_row_bytes = (size_t)4 << 20,
        .max_columns = 1000,
    };
}

bool csv_encoding_from_name(struct str name, enum csv_encoding *ret_encoding)
{
    char bare[16];
    size_t len = 0;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (c == '-' || c == '_' || c == ' ') {
            continue;
        }
        if (len == sizeof(bare)) {
            return false;
        }
        bare[len++] = c;
    }
    struct str s = str_make(bare, len);
    static const struct str cp932[] = {{"cp932", 5}, {"shiftjis", 8}, {"sjis", 4}, {"windows31j", 10}, {"ms932", 5}};
    if (str_eq_ignoring_case(s, STR("utf8"))) {
        *ret_encoding = CSV_UTF8;
        return true;
    }
    for (size_t i = 0; i < sizeof(cp932) / sizeof(cp932[0]); i++) {
        if (str_eq_ignoring_case(s, cp932[i])) {
            *ret_encoding = CSV_CP932;
            return true;
        }
    }
    return false;
}

static int open_reader(int fd, struct str memory, const struct csv_options *options, struct csv_reader **ret_reader,
                       struct err *err)
{
    assert(options->delimiter != '"' && options->delimiter != '\r' && options->delimiter != '\n');
    struct csv_reader *reader = calloc(1, sizeof(*reader));
    if (!reader) {
        if (fd >= 0) {
            close(fd);
        }
        return err_set(err, ERR_INTERNAL, "no memory is left");
    }
    reader->options = *options;
    reader->line = 1;
    reader->stops[(unsigned char)options->delimiter] = true;
    reader->stops['\r'] = reader->stops['\n'] = reader->stops[0] = true;
    buf_init(&reader->raw, options->max_row_bytes);
    buf_init(&reader->decoded, 3 * options->max_row_bytes);
    if (csv_input_open(&reader->input, fd, memory, options->encoding, err)) {
        csv_close(reader);
        return -1;
    }
    *ret_reader = reader;
    return 0;
}

int csv_open_file(const char *path, const struct csv_options *options, struct csv_reader **ret_reader, struct err *err)
{
    /* Without O_NONBLOCK opening a pipe would wait for somebody to write to it. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return err_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "cannot be opened: %s", strerror(errno));
    }
    struct stat status;
    if (fstat(fd, &status) || !S_ISREG(status.st_mode)) {
        close(fd);
        return err_set(err, ERR_INVALID, "is not a regular file");
    }
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    return open_reader(fd, STR(""), options, ret_reader, err);
}

int csv_open_memory(struct str content, const struct csv_options *options, struct csv_reader **ret_reader,
                    struct err *err)
{
    return open_reader(-1, content, options, ret_reader, err);
}

void csv_close(struct csv_reader *reader)
{
    if (!reader) {
        return;
    }
    csv_input_close(&reader->input);
    text_decoder_close(reader->cp932);
    buf_free(&reader->raw);
    buf_free(&reader->decoded);
    free(reader->ends);
    free(reader->cells);
    free(reader);
}

/* The byte that comes next without taking it; -1 at the end; -2 failed. */
static int peek(struct csv_reader *reader, struct err *err)
{
    struct csv_input *input = &reader->input;
    if (input->pos == input->len) {
        int filled = csv_input_fill(input, err);
        if (filled <= 0) {
            return filled < 0 ? -2 : -1;
        }
    }
    return (unsigned char)input->chunk[input->pos];
}

static size_t cell_start(const struct csv_reader *reader)
{
    return reader->count ? reader->ends[reader->count - 1] : 0;
}

/* Takes n bytes of the chunk into the cell. */
static int take(struct csv_reader *reader, size_t n, struct err *err)
{
    struct csv_input *input = &reader->input;
    buf_add(&reader->raw, str_make(input->chunk + input->pos, n));
    input->pos += n;
    if (reader->raw.overflow) {
        return err_set(err, ERR_LIMIT, "the row is longer than %zu bytes; is a quotation mark not closed?",
                       reader->options.max_row_bytes);
    }
    if (reader->raw.len - cell_start(reader) > reader->options.max_cell_bytes) {
        return err_set(err, ERR_LIMIT, "the cell is longer than %zu bytes; is a quotation mark not closed?",
                       reader->options.max_cell_bytes);
    }
    return 0;
}

static int refuse_nul(struct err *err)
{
    return err_set(err, ERR_INVALID,
                   "there is a NUL byte, which no text has; allowed: UTF-8, CP932, or UTF-16 with a byte-order mark");
}

/* After a carriage return was taken: takes the line feed that may belong to it. */
static int take_line_feed(struct csv_reader *reader, bool keep, struct err *err)
{
    int next = peek(reader, err);
    if (next == '\n') {
        if (keep) {
            return take(reader, 1, err);
        }
        reader->input.pos++;
    }
    return next == -2 ? -1 : 0;
}

/* Inside quotation marks: takes what stands before the next one, counting lines. */
static int take_quoted(struct csv_reader *reader, struct err *err)
{
    struct csv_input *input = &reader->input;
    size_t n = 0;
    size_t left = input->len - input->pos;
    const char *at = input->chunk + input->pos;
    while (n < left && at[n] != '"' && at[n] != '\r' && at[n] != 0) {
        unsigned char c = (unsigned char)at[n];
        reader->line += c == '\n';
        reader->cell_is_ascii &= c < 0x80;
        n++;
    }
    if (take(reader, n, err)) {
        return -1;
    }
    if (n < left && at[n] == 0) {
        return refuse_nul(err);
    }
    if (n < left && at[n] == '\r') {
        reader->line++;
        return take(reader, 1, err) || take_line_feed(reader, true, err) ? -1 : 0;
    }
    return 0;
}

static int read_quoted_cell(struct csv_reader *reader, struct err *err)
{
    reader->input.pos++; /* the opening mark */
    reader->cell_quoted = true;
    for (;;) {
        int c = peek(reader, err);
        if (c == -2) {
            return -1;
        }
        if (c == -1) {
            return err_set(err, ERR_INVALID, "the quotation mark that begins this cell is never closed");
        }
        if (c != '"') {
            if (take_quoted(reader, err)) {
                return -1;
            }
            continue;
        }
        reader->input.pos++;
        c = peek(reader, err);
        if (c == -2) {
            return -1;
        }
        if (c == '"') {
            if (take(reader, 1, err)) {
                return -1;
            }
            continue;
        }
        if (c != -1 && (c == 0 || !reader->stops[c])) {
            return err_set(err, ERR_INVALID,
                           "text follows the closing quotation mark; a quotation mark inside a quoted cell is written "
                           "twice");
        }
        return 0;
    }
}

static int read_bare_cell(struct csv_reader *reader, struct err *err)
{
    for (;;) {
        int c = peek(reader, err);
        if (c == -2) {
            return -1;
        }
        if (c == -1) {
            return 0;
        }
        struct csv_input *input = &reader->input;
        const char *at = input->chunk + input->pos;
        size_t left = input->len - input->pos;
        size_t n = 0;
        while (n < left && !reader->stops[(unsigned char)at[n]]) {
            reader->cell_is_ascii &= (unsigned char)at[n] < 0x80;
            n++;
        }
        if (take(reader, n, err)) {
            return -1;
        }
        if (n < left) {
            return at[n] == 0 ? refuse_nul(err) : 0;
        }
    }
}

static int add_cell(struct csv_reader *reader, struct err *err)
{
    if (reader->count == reader->options.max_columns) {
        return err_set(err, ERR_LIMIT, "the row has more than %zu cells", reader->options.max_columns);
    }
    if (reader->count == reader->capacity) {
        size_t capacity = reader->capacity ? 2 * reader->capacity : 32;
        size_t *ends = reallocarray(reader->ends, capacity, sizeof(*ends));
        if (ends) {
            reader->ends = ends;
        }
        struct str *cells = reallocarray(reader->cells, capacity, sizeof(*cells));
        if (cells) {
            reader->cells = cells;
        }
        if (!ends || !cells) {
            return err_set(err, ERR_INTERNAL, "no memory is left");
        }
        reader->capacity = capacity;
    }
    size_t start = cell_start(reader);
    reader->ends[reader->count++] = reader->raw.len;
    reader->row_is_ascii &= reader->cell_is_ascii;
    if (!reader->cell_is_ascii && reader->input.encoding == CSV_UTF8 &&
        !str_is_utf8(str_make(reader->raw.ptr + start, reader->raw.len - start))) {
        reader->count--;
        return err_set(err, ERR_INVALID,
                       "is not well-formed UTF-8; allowed: UTF-8, or CP932 where the package's "
                       "\"encoding\" says so");
    }
    return 0;
}

/* Reads the cells of a row up to and with its line break. 1: a row; 0: the end; -1 failed. */
static int read_row(struct csv_reader *reader, struct err *err)
{
    buf_clear(&reader->raw);
    reader->count = 0;
    reader->row_line = reader->line;
    reader->row_is_ascii = true;
    for (;;) {
        reader->cell_quoted = false;
        reader->cell_is_ascii = true;
        int c = peek(reader, err);
        if (c == -2 || (c == -1 && reader->count == 0)) {
            return c == -2 ? -1 : 0;
        }
        if ((c == '"' ? read_quoted_cell(reader, err) : read_bare_cell(reader, err)) || add_cell(reader, err)) {
            return -1;
        }
        c = peek(reader, err);
        if (c < 0) {
            return c == -2 ? -1 : 1;
        }
        reader->input.pos++;
        if (c == reader->options.delimiter) {
            continue;
        }
        reader->line++;
        return c == '\r' && take_line_feed(reader, false, err) ? -1 : 1;
    }
}

static int decode_cell(struct csv_reader *reader, struct str cell, struct err *err)
{
    if (!reader->cp932 && text_decoder_open("cp932", &reader->cp932, err)) {
        return -1;
    }
    char out[1024];
    for (;;) {
        /* Cut so that what comes out always fits: a byte becomes at most three. */
        struct str part = str_slice(cell, 0, sizeof(out) / 4);
        bool last = part.len == cell.len;
        size_t used = 0;
        size_t made = 0;
        if (text_decoder_feed(reader->cp932, part, last, out, sizeof(out), &used, &made, err)) {
            return err_set(err, ERR_INVALID, "is neither well-formed UTF-8 nor CP932");
        }
        buf_add(&reader->decoded, str_make(out, made));
        cell = str_slice(cell, used, cell.len);
        if (last && cell.len == 0) {
            return 0;
        }
        if (used == 0 && made == 0) {
            return err_set(err, ERR_INVALID, "is neither well-formed UTF-8 nor CP932");
        }
    }
}

/* Makes UTF-8 of the whole row, in place of raw. No byte of a CP932 character is a delimiter, a quotation mark or a line
 * break (second bytes begin at 0x40), which is why the row could be taken apart before. */
static int decode_row(struct csv_reader *reader, struct err *err)
{
    buf_clear(&reader->decoded);
    size_t start = 0;
    size_t count = reader->count;
    for (size_t i = 0; i < count; i++) {
        size_t end = reader->ends[i];
        size_t begun = reader->decoded.len;
        reader->count = i; /* where an error is */
        if (decode_cell(reader, str_make(reader->raw.ptr + start, end - start), err)) {
            return -1;
        }
        if (reader->decoded.len - begun > reader->options.max_cell_bytes || reader->decoded.overflow) {
            return err_set(err, ERR_LIMIT, "the cell is longer than %zu bytes", reader->options.max_cell_bytes);
        }
        start = end;
        reader->ends[i] = reader->decoded.len;
    }
    reader->count = count;
    return 0;
}

int csv_next(struct csv_reader *reader, struct csv_row *ret_row, struct err *err)
{
    assert(!reader->failed);
    int got;
    do {
        got = read_row(reader, err);
    } while (got == 1 && reader->count == 1 && reader->raw.len == 0 && !reader->cell_quoted);
    bool decode = got == 1 && !reader->row_is_ascii && reader->input.encoding == CSV_CP932;
    if (got < 0 || (decode && decode_row(reader, err))) {
        reader->failed = true;
        return -1;
    }
    if (got == 0) {
        return 0;
    }
    const char *base = decode ? reader->decoded.ptr : reader->raw.ptr;
    size_t start = 0;
    for (size_t i = 0; i < reader->count; i++) {
        reader->cells[i] = reader->ends[i] > start ? str_make(base + start, reader->ends[i] - start) : STR("");
        start = reader->ends[i];
    }
    *ret_row = (struct csv_row){.cells = reader->cells, .count = reader->count, .line = reader->row_line};
    return 1;
}

void csv_error_at(const struct csv_reader *reader, uint64_t *ret_line, size_t *ret_cell)
{
    *ret_line = reader->row_line;
    *ret_cell = reader->count;
}

uint64_t csv_bytes_read(const struct csv_reader *reader)
{
    return reader->input.read_bytes;
}

bool csv_has_mark(const struct csv_reader *reader)
{
    return reader->input.has_mark;
}

uint64_t csv_bytes_total(const struct csv_reader *reader)
{
    return reader->input.total_bytes;
}
