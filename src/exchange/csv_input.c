#include "exchange/csv_input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* More than the decoder asks for a whole chunk, so that a full chunk can always be taken. */
#define DECODED_BYTES (CSV_CHUNK_BYTES * 8 + 64)
/* Fewer bytes than this say too little about their encoding while more may come. */
#define DETECT_BYTES 1024

/* Fills raw from raw_len on; 0 at the end, else how much came, -1 failed. */
static ssize_t read_raw(struct csv_input *input, struct err *err)
{
    size_t room = CSV_CHUNK_BYTES - input->raw_len;
    char *to = input->raw + input->raw_len;
    if (input->fd < 0) {
        size_t take = input->memory.len < room ? input->memory.len : room;
        if (take > 0) {
            memcpy(to, input->memory.ptr, take);
        }
        input->memory = str_slice(input->memory, take, input->memory.len);
        input->read_bytes += take;
        input->raw_len += take;
        return (ssize_t)take;
    }
    ssize_t got;
    do {
        got = read(input->fd, to, room);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        return err_set(err, ERR_IO, "cannot be read: %s", strerror(errno));
    }
    input->read_bytes += (uint64_t)got;
    input->raw_len += (size_t)got;
    return got;
}

/* Length of the well-formed UTF-8 sequence of several bytes at p, or 0. Cut off by the end counts as its rest. */
static size_t sequence_length(const unsigned char *p, size_t left)
{
    size_t length = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
    if (p[0] < 0xC2 || p[0] > 0xF4) {
        return 0;
    }
    for (size_t i = 1; i < length && i < left; i++) {
        if ((p[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    return length < left ? length : left;
}

/* Decides by the chunk that begins with the first byte beyond ASCII. A sequence of three bytes hardly ever is well-formed
 * UTF-8 by accident in CP932, one of two bytes may be (two half-width kana), so only long ones speak for UTF-8. */
static enum csv_encoding detect(struct str sample)
{
    const unsigned char *bytes = (const unsigned char *)sample.ptr;
    size_t well_formed = 0;
    size_t wrong = 0;
    for (size_t i = 0; i < sample.len;) {
        if (bytes[i] < 0x80) {
            i++;
            continue;
        }
        size_t length = sequence_length(bytes + i, sample.len - i);
        well_formed += length >= 3;
        wrong += length == 0;
        i += length ? length : 1;
    }
    return wrong * 2 > well_formed ? CSV_CP932 : CSV_UTF8;
}

static void detect_in_chunk(struct csv_input *input)
{
    size_t ascii = input->pos;
    while (ascii < input->len && (unsigned char)input->chunk[ascii] < 0x80) {
        ascii++;
    }
    size_t rest = input->len - ascii;
    if (rest == 0) {
        return;
    }
    if (rest < DETECT_BYTES && ascii > input->pos && !input->at_end) {
        input->held = rest;
        input->len = ascii;
        return;
    }
    input->encoding = detect(str_make(input->chunk + ascii, rest));
}

static int decode_chunk(struct csv_input *input, bool last, struct err *err)
{
    size_t used = 0;
    size_t made = 0;
    struct str in = str_make(input->raw, input->raw_len);
    if (text_decoder_feed(input->decoder, in, last, input->chunk, DECODED_BYTES, &used, &made, err)) {
        return err_set(err, ERR_INVALID, "is not well-formed UTF-16, as its byte-order mark says it is");
    }
    memmove(input->raw, input->raw + used, input->raw_len - used);
    input->raw_len -= used;
    input->len = made;
    if (last && input->raw_len > 0) {
        return err_set(err, ERR_INVALID, "ends in the middle of a UTF-16 character");
    }
    return 0;
}

int csv_input_fill(struct csv_input *input, struct err *err)
{
    while (input->pos == input->len) {
        if (input->at_end) {
            return 0;
        }
        if (!input->decoder) {
            memmove(input->raw, input->raw + input->raw_len - input->held, input->held);
            input->raw_len = input->held;
            input->held = 0;
        }
        ssize_t got = read_raw(input, err);
        if (got < 0) {
            return -1;
        }
        input->at_end = got == 0;
        input->pos = 0;
        input->len = input->raw_len;
        if (input->decoder && decode_chunk(input, input->at_end, err)) {
            return -1;
        }
        if (input->encoding == CSV_DETECT) {
            detect_in_chunk(input);
        }
    }
    return 1;
}

static int use_utf16(struct csv_input *input, const char *charset, struct err *err)
{
    input->chunk = malloc(DECODED_BYTES);
    if (!input->chunk) {
        input->chunk = input->raw;
        return err_set(err, ERR_INTERNAL, "no memory is left");
    }
    input->encoding = CSV_UTF8;
    if (text_decoder_open(charset, &input->decoder, err)) {
        return -1;
    }
    memmove(input->raw, input->raw + 2, input->raw_len - 2);
    input->raw_len -= 2;
    input->pos = 0;
    return decode_chunk(input, false, err);
}

/* Reads until three bytes are there, so that a mark is seen whole whatever a single read gives. */
static int read_mark(struct csv_input *input, struct err *err)
{
    while (input->raw_len < 3) {
        ssize_t got = read_raw(input, err);
        if (got < 0) {
            return -1;
        }
        if (got == 0) {
            break;
        }
    }
    struct str head = str_make(input->raw, input->raw_len);
    if (str_starts_with(head, STR("\xFF\xFE"))) {
        return use_utf16(input, "utf-16le", err);
    }
    if (str_starts_with(head, STR("\xFE\xFF"))) {
        return use_utf16(input, "utf-16be", err);
    }
    input->len = input->raw_len;
    if (str_starts_with(head, CSV_BYTE_ORDER_MARK)) {
        input->pos = 3;
        input->has_mark = true;
        input->encoding = CSV_UTF8;
    } else if (input->encoding == CSV_DETECT) {
        detect_in_chunk(input);
    }
    return 0;
}

static uint64_t size_of(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 ? (uint64_t)status.st_size : 0;
}

int csv_input_open(struct csv_input *input, int fd, struct str memory, enum csv_encoding encoding, struct err *err)
{
    *input = (struct csv_input){.fd = fd, .memory = memory, .encoding = encoding};
    input->total_bytes = fd < 0 ? memory.len : size_of(fd);
    input->raw = malloc(CSV_CHUNK_BYTES);
    input->chunk = input->raw;
    if (!input->raw) {
        csv_input_close(input);
        return err_set(err, ERR_INTERNAL, "no memory is left");
    }
    if (read_mark(input, err)) {
        csv_input_close(input);
        return -1;
    }
    return 0;
}

void csv_input_close(struct csv_input *input)
{
    if (input->chunk != input->raw) {
        free(input->chunk);
    }
    free(input->raw);
    text_decoder_close(input->decoder);
    if (input->fd >= 0) {
        close(input->fd);
    }
    *input = (struct csv_input){.fd = -1};
}
