/* The bytes under the CSV reader: chunks of a file or of memory, the byte-order mark taken off, UTF-16 made UTF-8, and the
 * decision which encoding the rest is in. Not for use outside src/exchange/csv*.c. */
#ifndef MUSUBI_EXCHANGE_CSV_INPUT_H
#define MUSUBI_EXCHANGE_CSV_INPUT_H

#include "base/text.h"
#include "exchange/csv.h"

#define CSV_CHUNK_BYTES 65536

struct csv_input {
    int fd;            /* -1: memory */
    struct str memory; /* what is left of it */
    uint64_t read_bytes;
    uint64_t total_bytes;
    char *raw; /* CSV_CHUNK_BYTES of what was read */
    size_t raw_len;
    size_t held; /* at the end of raw: comes again with the next chunk, so that detection sees enough of it */
    char *chunk; /* what the parser sees: UTF-8, or CP932; raw itself except for UTF-16 */
    size_t pos, len;
    bool has_mark;                /* UTF-8's byte-order mark stood at the beginning */
    bool at_end;                  /* nothing follows the chunk */
    struct text_decoder *decoder; /* UTF-16 only */
    enum csv_encoding encoding;   /* of the chunk; CSV_DETECT while only ASCII was seen */
};

/* Takes the file descriptor over (-1: memory). Reads the first chunk. On failure nothing is kept, fd is closed. */
int csv_input_open(struct csv_input *input, int fd, struct str memory, enum csv_encoding encoding, struct err *err);
void csv_input_close(struct csv_input *input);
/* Reads the next chunk when this one is used up. 1: there is a byte at chunk[pos]; 0: the end; -1 failed. */
int csv_input_fill(struct csv_input *input, struct err *err);

#endif
