#include "exchange/xlsx_file.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#define PIECE_BYTES 65536

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

void xlsx_file_close(struct xlsx_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}
