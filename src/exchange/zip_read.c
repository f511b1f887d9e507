#include "exchange/zip_read.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <zip.h>

#define NAME_MAX_BYTES 1000
#define FIRST_ROOM 4096

struct zip_reader {
    zip_t *archive;
    struct zip_limits limits;
    size_t count;
    uint64_t unpacked; /* so far, of all entries */
};

struct zip_stream {
    struct zip_reader *reader;
    zip_file_t *file;
    size_t index;
    uint64_t bytes;
};

struct zip_limits zip_limits_default(void)
{
    return (struct zip_limits){
        .max_entries = 10000, .max_entry_bytes = (uint64_t)256 << 20, .max_total_bytes = (uint64_t)1 << 30};
}

static int open_archive(struct str content, zip_t **ret_archive, struct err *err)
{
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(content.ptr, content.len, 0, &error);
    zip_t *archive = source ? zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error) : NULL;
    if (!archive) {
        err_set(err, ERR_INVALID, "not a ZIP archive, or damaged or cut short (%s)", zip_error_strerror(&error));
        zip_source_free(source);
        zip_error_fini(&error);
        return -1;
    }
    zip_error_fini(&error);
    *ret_archive = archive;
    return 0;
}

int zip_reader_open(struct str content, const struct zip_limits *limits, struct zip_reader **ret_reader,
                    struct err *err)
{
    zip_t *archive;
    if (open_archive(content, &archive, err)) {
        return -1;
    }
    zip_int64_t count = zip_get_num_entries(archive, 0);
    if (count < 0 || (uint64_t)count > limits->max_entries) {
        zip_discard(archive);
        return err_set(err, ERR_LIMIT, "the archive has %lld entries; allowed: %zu", (long long)count,
                       limits->max_entries);
    }
    struct zip_reader *reader = memory_alloc(sizeof(*reader));
    *reader = (struct zip_reader){.archive = archive, .limits = *limits, .count = (size_t)count};
    *ret_reader = reader;
    return 0;
}

void zip_reader_close(struct zip_reader *reader)
{
    if (reader) {
        zip_discard(reader->archive);
        free(reader);
    }
}

size_t zip_reader_count(const struct zip_reader *reader)
{
    return reader->count;
}

struct str zip_reader_name(const struct zip_reader *reader, size_t index)
{
    struct str name = str_from_cstr(zip_get_name(reader->archive, index, ZIP_FL_ENC_GUESS));
    return name.len <= NAME_MAX_BYTES && str_is_utf8(name) ? name : STR("");
}

size_t zip_reader_find(const struct zip_reader *reader, struct str name)
{
    for (size_t i = 0; i < reader->count; i++) {
        if (str_eq(zip_reader_name(reader, i), name)) {
            return i;
        }
    }
    return SIZE_MAX;
}

int zip_stream_open(struct zip_reader *reader, size_t index, struct zip_stream **ret_stream, struct err *err)
{
    zip_stat_t about;
    if (zip_stat_index(reader->archive, index, 0, &about) == 0 && (about.valid & ZIP_STAT_ENCRYPTION_METHOD) &&
        about.encryption_method != ZIP_EM_NONE) {
        return err_set(err, ERR_INVALID, "the archive is protected by a password");
    }
    zip_file_t *file = zip_fopen_index(reader->archive, index, 0);
    if (!file) {
        return err_set(err, ERR_INVALID, "an entry of the archive cannot be read (%s)", zip_strerror(reader->archive));
    }
    struct zip_stream *stream = memory_alloc(sizeof(*stream));
    *stream = (struct zip_stream){.reader = reader, .file = file, .index = index};
    *ret_stream = stream;
    return 0;
}

int64_t zip_stream_next(struct zip_stream *stream, char *out, size_t max, struct err *err)
{
    const struct zip_limits *limits = &stream->reader->limits;
    zip_int64_t got = zip_fread(stream->file, out, max);
    if (got < 0) {
        return err_set(err, ERR_INVALID, "the archive is damaged (%s)", zip_file_strerror(stream->file));
    }
    stream->bytes += (uint64_t)got;
    stream->reader->unpacked += (uint64_t)got;
    if (stream->bytes > limits->max_entry_bytes || stream->reader->unpacked > limits->max_total_bytes) {
        return err_set(
            err, ERR_LIMIT, "the archive unpacks to more than is allowed (%llu MiB an entry, %llu MiB altogether)",
            (unsigned long long)(limits->max_entry_bytes >> 20), (unsigned long long)(limits->max_total_bytes >> 20));
    }
    return got;
}

void zip_stream_close(struct zip_stream *stream)
{
    if (stream) {
        zip_fclose(stream->file);
        free(stream);
    }
}

int zip_reader_read(struct zip_reader *reader, size_t index, struct arena *arena, struct str *ret_content,
                    struct err *err)
{
    struct zip_stream *stream;
    char piece[FIRST_ROOM];
    BUF_AUTO whole;
    int64_t got;
    buf_init(&whole, (size_t)reader->limits.max_entry_bytes + FIRST_ROOM);
    if (zip_stream_open(reader, index, &stream, err)) {
        return -1;
    }
    while ((got = zip_stream_next(stream, piece, sizeof(piece), err)) > 0) {
        buf_add(&whole, str_make(piece, (size_t)got));
    }
    zip_stream_close(stream);
    if (got < 0) {
        return -1;
    }
    *ret_content = arena_copy(arena, buf_str(&whole));
    return 0;
}
