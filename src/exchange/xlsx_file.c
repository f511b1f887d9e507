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

int xlsx_file_read(const struct xlsx_file *file, struct buf *out, struct err *err)
{
    char piece[PIECE_BYTES];
    off_t at = 0;
    ssize_t got;
    while ((got = pread(file->fd, piece, sizeof piece, at)) > 0 && !out->overflow) {
        buf_add(out, str_make(piece, (size_t)got));
        at += got;
    }
    if (out->overflow)
        return err_set(err, ERR_LIMIT, "the spreadsheet is larger than %zu MiB", out->max >> 20);
    return got == 0 ? 0 : err_set(err, ERR_IO, "the spreadsheet cannot be read back");
}

void xlsx_file_close(struct xlsx_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}
