/* What every workbook by libxlsxwriter needs: a place to write to (it wants a path, and gets that of a file without a name, which no
 * killed process leaves behind), and texts as it takes them (C strings; it refuses long ones whole). */
#ifndef MUSUBI_EXCHANGE_XLSX_FILE_H
#define MUSUBI_EXCHANGE_XLSX_FILE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/spool.h"

struct xlsx_file {
    int fd;        /* -1: not open */
    char path[32]; /* for workbook_new(), as long as the file is open */
};

/* ERR_IO when no file can be made; it is then not open. */
int xlsx_file_open(struct xlsx_file *file, struct err *err);
/* Appends all that was written (the workbook must be closed); ERR_LIMIT when it is longer than `out` takes. */
int xlsx_file_read_all(const struct xlsx_file *file, struct buf *out, struct err *err);
/* All of it into an empty spool: a large one as the file that it is, so that it is never in memory. Errors as of
 * spool_take_file. */
int xlsx_file_hand_over(struct xlsx_file *file, struct spool *spool, struct err *err);
/* Does nothing when it is not open. */
void xlsx_file_close(struct xlsx_file *file);

/* The beginning of a text, as much as a cell holds. */
const char *xlsx_cell_text(struct arena *arena, struct str text);
/* A title as a sheet may be called: at most 31 characters, none of []:*?/\ and no apostrophe at an end. */
const char *xlsx_sheet_title(struct arena *arena, struct str title);

#endif
