/* ZIP archives that came from outside: read through libzip within limits that are checked while unpacking, so that neither a
 * small file of great content (a "zip bomb") nor a broken one can take more than was allowed. Nothing is unpacked to disk. */
#ifndef MUSUBI_EXCHANGE_ZIP_READ_H
#define MUSUBI_EXCHANGE_ZIP_READ_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

struct zip_limits {
    size_t max_entries;
    uint64_t max_entry_bytes; /* of one entry, unpacked */
    uint64_t max_total_bytes; /* unpacked from this archive altogether, counted each time an entry is read */
};
/* 10,000 entries, 256 MiB each, 1 GiB together. */
struct zip_limits zip_limits_default(void);

struct zip_reader;

/* The content is borrowed until zip_reader_close. ERR_INVALID: no archive, damaged or cut short; ERR_LIMIT: too many entries. */
int zip_reader_open(struct str content, const struct zip_limits *limits, struct zip_reader **ret_reader,
                    struct err *err);
void zip_reader_close(struct zip_reader *reader); /* NULL is fine */

size_t zip_reader_count(const struct zip_reader *reader);
/* As the archive says it, borrowed; empty when it is not UTF-8 or the name is too long. Never use it as a path. */
struct str zip_reader_name(const struct zip_reader *reader, size_t index);
/* Position of an entry of exactly that name, or SIZE_MAX. */
size_t zip_reader_find(const struct zip_reader *reader, struct str name);
/* A whole entry. ERR_INVALID: damaged (its checksum too) or encrypted; ERR_LIMIT: larger than allowed. */
int zip_reader_read(struct zip_reader *reader, size_t index, struct arena *arena, struct str *ret_content,
                    struct err *err);

/* An entry piece by piece. */
struct zip_stream;
int zip_stream_open(struct zip_reader *reader, size_t index, struct zip_stream **ret_stream, struct err *err);
/* Bytes put into out (at most max), 0 at the end, -1 on failure. */
int64_t zip_stream_next(struct zip_stream *stream, char *out, size_t max, struct err *err);
void zip_stream_close(struct zip_stream *stream); /* NULL is fine */

#endif
