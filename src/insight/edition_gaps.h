/* What an edition may not lack: sources and translations that the model requires of what everybody may read. */
#ifndef MUSUBI_INSIGHT_EDITION_GAPS_H
#define MUSUBI_INSIGHT_EDITION_GAPS_H

#include "store/store.h"

enum gap_kind { GAP_SOURCE, GAP_TRANSLATION };

struct gap {
    enum gap_kind kind;
    const struct reg *reg;
    struct str id;
    const struct field *field;
    enum lang missing; /* of a translation: the language that is not there */
};

#define GAPS_LISTED_MAX 1000

struct gaps {
    int64_t sources, translations; /* how many there are */
    struct gap *items;             /* the first of them, by register and id */
    size_t count;
};

/* Looks at every record that the reader's viewer may see in the registers that are for everybody. */
int gaps_find(const struct model *model, struct reader *reader, struct arena *arena, struct gaps *ret_gaps,
              struct err *err);
/* {"sources": 2, "translations": 1, "items": [{"kind", "register", "id", "field", "lang"}]} as an edition keeps it. */
struct value *gaps_value(const struct gaps *gaps, struct arena *arena);

/* Whether a text in two languages is there, but not in this one. NULL and what is no such text lack nothing. */
bool text_lacks(const struct value *text, enum lang lang);

/* Whether a source of the record speaks of that field: one that names it, or one that names none and so speaks of all. */
bool record_has_source(const struct value *record, struct str field);

#endif
