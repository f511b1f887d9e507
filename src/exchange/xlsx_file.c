#include "exchange/xlsx_file.h"

#include "base/spool.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xlsxwriter.h>

#define PIECE_BYTES 65536
#define CELL_CHARACTERS_MAX 32767

int xlsx_file_open(struct xlsx_file *file, struct err *err)
{
    file->fd = spool_make_file(err);
    if (file->fd < 0)
        return -1;
    snprintf(file->path, sizeof file->path, "/proc/self/fd/%d", file->fd);
    return 0;
}

/* Appends the next piece and moves `at`. 1, 0 at the end, -1. */
static int read_piece(const struct xlsx_file *file, uint64_t *at, struct buf *out, struct err *err)
{
    char piece[PIECE_BYTES];
    ssize_t got = pread(file->fd, piece, sizeof piece, (off_t)*at);
    if (got < 0)
        return err_set(err, ERR_IO, "the spreadsheet cannot be read back");
    buf_add(out, str_make(piece, (size_t)got));
    *at += (uint64_t)got;
    return got > 0;
}

int xlsx_file_read_all(const struct xlsx_file *file, struct buf *out, struct err *err)
{
    uint64_t at = 0;
    int result;
    while ((result = read_piece(file, &at, out, err)) > 0 && !out->overflow)
        ;
    if (out->overflow)
        return err_set(err, ERR_LIMIT, "the spreadsheet is larger than %zu MiB", out->max >> 20);
    return result;
}

int xlsx_file_hand_over(struct xlsx_file *file, struct spool *spool, struct err *err)
{
    struct stat status;
    if (fstat(file->fd, &status))
        return err_set(err, ERR_IO, "the spreadsheet cannot be read back: %s", strerror(errno));
    if (status.st_size < (off_t)SPOOL_MEMORY)
        return xlsx_file_read_all(file, &spool->buf, err);
    int fd = file->fd;
    file->fd = -1;
    return spool_take_file(spool, fd, err);
}

void xlsx_file_close(struct xlsx_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

static struct str begin_of(struct arena *arena, struct str text, size_t characters_max)
{
    size_t end = 0, characters = 0;
    while (end < text.len && characters++ < characters_max)
        do
            end++;
        while (end < text.len && ((unsigned char)text.ptr[end] & 0xC0) == 0x80);
    return arena_copy(arena, str_slice(text, 0, end));
}

const char *xlsx_cell_text(struct arena *arena, struct str text)
{
    return begin_of(arena, text, CELL_CHARACTERS_MAX).ptr;
}

const char *xlsx_sheet_title(struct arena *arena, struct str title)
{
    struct str name = begin_of(arena, title, LXW_SHEETNAME_MAX);
    char *bytes = (char *)name.ptr; /* the copy is ours */
    for (size_t i = 0; i < name.len; i++)
        if (strchr("[]:*?/\\", bytes[i]) || (bytes[i] == '\'' && (i == 0 || i + 1 == name.len)))
            bytes[i] = ' ';
    return name.ptr;
}
