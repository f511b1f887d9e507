/* Outside sources read as change sets: what a file says of companies that we know by their corporate number.
 *
 * Kinds (formats and their sources: docs/importing.md)
 *   edinet            EDINET's list of documents (documents.json) and the CSV ZIPs of documents
 *   gbizinfo          answers of gBizINFO about corporations with their finance
 *   corporate-number  the National Tax Agency's CSV of corporate numbers, 30 columns or more, no header
 *   sheet             a CSV or XLSX file with a header, and a mapping of its columns
 * Which registers and fields are filled is data (site/import.json; for "sheet" the mapping).
 *
 * Matching is by corporate number alone; what matches nothing is listed and left. What a file says goes into a record
 *   - that is not there: it is made;
 *   - whose field is empty: it is filled;
 *   - whose field says otherwise: it is replaced only when this kind of import wrote the record's newest revision itself; else it is
 *     listed as a difference, and ours stays.
 * So importing the same files again changes nothing. Damaged files, wrong encodings and archives over the limits refuse it all. */
#ifndef MUSUBI_EXCHANGE_IMPORT_H
#define MUSUBI_EXCHANGE_IMPORT_H

#include "store/store.h"

#define IMPORT_NOTES_MAX 1000
#define IMPORT_FILES_MAX 1000
#define IMPORT_FILE_BYTES ((size_t)256 << 20)

struct import_file {
    struct str path;  /* NUL-terminated */
    struct str shown; /* how messages name it */
};

struct import_options {
    bool dry_run;
    struct str author; /* empty: the kind */
    struct str reason; /* empty: "import of KIND" */
    struct str map;    /* "sheet": JSON of the mapping */
    struct str map_shown;
    struct str
        sender; /* "sheet": whose mapping it is; a mapping is remembered, none given is recalled. Empty: nobody's */
};

enum import_note_kind { IMPORT_UNMATCHED, IMPORT_SKIPPED, IMPORT_DIFFERS };
struct import_note {
    enum import_note_kind kind;
    struct str where; /* "FILE:LINE" or "FILE" */
    struct str text;  /* one sentence */
};

struct import_result {
    int64_t read; /* rows or documents that speak of a company */
    int64_t created, updated, unchanged;
    int64_t unmatched, skipped, differs; /* all of them */
    int64_t change_set;                  /* 0: nothing changed, or a dry run */
    bool remembered;                     /* the sender's mapping is new or another one */
    struct import_note *notes;           /* the first IMPORT_NOTES_MAX */
    size_t note_count;
};

/* What results point to lies in the arena. ERR_INVALID with "FILE:LINE: what is wrong, what is allowed". */
int import_run(struct store *store, struct str kind, const struct import_file *files, size_t count,
               const struct import_options *options, struct arena *arena, struct import_result *ret_result,
               struct err *err);
/* True for the names above. */
bool import_kind_is_known(struct str kind);

#endif
