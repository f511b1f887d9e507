/* Lists of found records in other formats than the API's JSON: what stands behind .csv, .xlsx, .geojson, .ics, .atom and
 * .jsonld after a list's path. A representation is written record by record, so that a long list costs no more memory
 * than its output.
 *
 *   represent_open(&config, &out, &r, err)
 *   for each record: represent_add(r, &found, err)
 *   represent_close(r, err)            // writes the end; on any failure call represent_abandon(r) instead
 *
 * What the viewer may not see is not in `found`, so nothing is hidden here. */
#ifndef MUSUBI_EXCHANGE_REPRESENT_H
#define MUSUBI_EXCHANGE_REPRESENT_H

#include "base/buf.h"
#include "base/spool.h"
#include "store/store.h"

enum representation {
    REPRESENT_CSV,     /* the pack's columns with a byte-order mark; what is exported can be loaded */
    REPRESENT_XLSX,    /* one sheet, headings in the page's language, labels instead of codes and ids, links */
    REPRESENT_GEOJSON, /* RFC 7946; registers that have a geopoint; records without one have geometry null */
    REPRESENT_ICS,     /* RFC 5545; registers whose schemaType is Event or ends in Event */
    REPRESENT_ATOM,    /* RFC 4287; latest changes of a register: see represent_changes */
    REPRESENT_JSONLD,  /* schema.org by schemaType and schemaProperty */
    REPRESENT_COUNT,
};

/* "csv", "xlsx" … without the dot; false when there is no such representation. */
bool representation_from_extension(struct str extension, enum representation *ret_representation);
struct str representation_extension(enum representation representation);
/* For Content-Type, with its charset where it has one. */
struct str representation_media_type(enum representation representation);
/* False where the form makes no sense for the register (no geopoint, no event). */
bool representation_fits(const struct reg *reg, enum representation representation);

struct represent_config {
    enum representation representation;
    const struct model *model;
    const struct reg *reg;
    enum lang lang;        /* of headings, labels and links */
    struct reader *reader; /* labels of references are read through it; NULL: ids stand alone */
    struct str site_url;   /* "https://example.org", no slash at the end: links are SITE/LANG/REGISTER/ID */
    struct str self_url;   /* the address of this very list, for Atom and JSON-LD; empty: SITE/api/v1/REGISTER.EXT */
    int64_t now_ms;        /* stamps that the format demands and the records do not have */
    struct spool *spool;   /* `out` is its buffer and is emptied into its file as it fills; NULL: all stays in `out` */
};

struct represent;
/* Writes the beginning. `out` and everything in the configuration must outlive the result. ERR_INVALID when the form does
 * not fit the register; ERR_LIMIT, from any of these, when `out` is full. */
int represent_open(const struct represent_config *config, struct buf *out, struct represent **ret_represent,
                   struct err *err);
/* So many records will be added: ERR_LIMIT at once when the form has no room for them, instead of at the one too many. */
int represent_expect(const struct represent *represent, int64_t records, struct err *err);
int represent_add(struct represent *represent, const struct found *found, struct err *err);
/* Writes the end and frees it, also on failure. */
int represent_close(struct represent *represent, struct err *err);
/* Frees it; what was written so far is of no use. NULL is fine. */
void represent_abandon(struct represent *represent);

/* One workbook with a sheet for each register that has a record this reader may see; `reg` and `representation` of the
 * configuration are passed over. ERR_NOT_FOUND when there is none. */
int represent_workbook(const struct represent_config *config, struct buf *out, struct err *err);

/* A whole Atom feed of the latest changes of a register (at most `limit` records, newest first, each once): for .atom,
 * where the list's own filters and order do not matter. Looks back over the last 20,000 revisions of the store. */
int represent_changes(const struct represent_config *config, size_t limit, struct buf *out, struct err *err);

#endif
