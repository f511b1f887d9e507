/* The registers as a data package that loads back to the same records: a CSV file for each register that is public, and
 * datapackage.json with their schemas, the licence and the sources. The same state gives the same bytes. */
#ifndef MUSUBI_EXCHANGE_EXPORT_H
#define MUSUBI_EXCHANGE_EXPORT_H

#include "base/buf.h"
#include "store/store.h"

struct export_result {
    size_t registers;
    uint64_t records;
    int64_t seq; /* the state that was exported */
};

/* Writes what the reader's viewer may see into `folder`, which is made when it is not there; each file appears whole.
 * Files of an earlier export for registers that have no records now are removed. Registers without records get no file.
 * Of an edition (NULL: none) also catalog.jsonld, its description by DCAT. ERR_CONFLICT when the folder holds something that is no
 * package. */
int package_export(const struct model *model, struct reader *reader, const char *folder, const struct edition *edition,
                   struct export_result *ret_result, struct err *err);

/* The datapackage.json of such an export with these registers' files, `included` by position of the register. */
int package_description(const struct model *model, struct reader *reader, const bool *included, struct buf *out,
                        struct err *err);

#endif
