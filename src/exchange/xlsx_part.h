/* An XML part of a spreadsheet, pulled node by node out of the archive. Not for use outside src/exchange/xlsx_*.c. */
#ifndef MUSUBI_EXCHANGE_XLSX_PART_H
#define MUSUBI_EXCHANGE_XLSX_PART_H

#include "exchange/zip_read.h"

#include <libxml/xmlreader.h>

struct xlsx_part {
    struct zip_stream *stream;
    xmlTextReaderPtr xml;
    struct err why; /* of the stream, when reading failed below libxml2 */
    struct str name;
};

/* ERR_NOT_FOUND when the archive has no such part. The name is borrowed. */
int xlsx_part_open(struct zip_reader *zip, struct str name, struct xlsx_part *part, struct err *err);
void xlsx_part_close(struct xlsx_part *part);
/* 1: the next node; 0: the end; -1: damaged, cut short, too deep, or with a document type declaration. */
int xlsx_part_next(struct xlsx_part *part, struct err *err);

/* What the present node is; names without their namespace's prefix, borrowed until the next node. */
bool xlsx_part_begins(const struct xlsx_part *part, const char *name); /* an element's start */
bool xlsx_part_ends(const struct xlsx_part *part, const char *name);   /* its end, or the start of an empty one */
bool xlsx_part_is_text(const struct xlsx_part *part);
struct str xlsx_part_text(const struct xlsx_part *part);
/* An attribute by its local name, in the arena; empty when there is none. */
struct str xlsx_part_attribute(const struct xlsx_part *part, const char *name, struct arena *arena);

#endif
