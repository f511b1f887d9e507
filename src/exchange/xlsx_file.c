#include "exchange/xlsx_file.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xlsxwriter.h>

#define PIECE_BYTES 65536
#define CELL_CHARACTERS_MAX 32767

int xlsx_file_open(struct xlsx_file *file, struct err *err)
{
    file->fd = memfd_create("workbook", MFD_CLOEXEC);
    if (file->fd < 0)
        return err_set(err, ERR_IO, "no temporary file can be made");
    snprintf(file->path, sizeof file->path, "/proc/self/fd/%d", file->fd);
    return 0;
}

int xlsx_file_read(const struct xlsx_file *file, uint64_t *at, struct buf *out, struct err *err)
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
    while ((result = xlsx_file_read(file, &at, out, err)) > 0 && !out->overflow)
        ;
    if (out->overflow)
        return err_set(err, ERR_LIMIT, "the spreadsheet is larger than %zu MiB", out->max >> 20);
    return result;
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
