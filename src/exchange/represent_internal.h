/* What the forms of a list share. Not for use outside src/exchange/represent*.c. */
#ifndef MUSUBI_EXCHANGE_REPRESENT_INTERNAL_H
#define MUSUBI_EXCHANGE_REPRESENT_INTERNAL_H

#include "base/map.h"
#include "exchange/represent.h"
#include "model/record.h"

struct represent {
    struct represent_config config;
    struct buf *out;
    struct arena arena;  /* lives as long as this */
    struct arena record; /* one record */
    struct arena labels_arena;
    struct map labels; /* struct bilingual by "register/id"; begun anew when it grows large */
    size_t count;      /* records so far */
    void *form;        /* the form's own state, in arena */
};

struct represent_form {
    struct str extension;
    struct str media_type;
    int64_t records_max; /* 0: no end */
    bool (*fits)(const struct reg *reg);
    int (*open)(struct represent *r, struct err *err);
    int (*add)(struct represent *r, const struct found *found, struct err *err);
    int (*close)(struct represent *r, struct err *err);
    void (*abandon)(struct represent *r); /* frees what is not in an arena, also after close; may be NULL */
};

extern const struct represent_form represent_csv, represent_xlsx, represent_geojson, represent_ics, represent_atom,
    represent_jsonld;

/* Between pieces: lets go of what is written. */
int represent_drain(struct represent *r, struct err *err);
/* What a record is called in the configured language; its id when nothing better is known. */
struct str represent_label(struct represent *r, const struct reg *reg, struct str id);
/* SITE/LANG/REGISTER/ID, in the record's arena. */
struct str represent_link(struct represent *r, const struct reg *reg, struct str id);
/* A field's value as a person reads it: words for codes, labels for references, "; " between the entries of a list, the
 * configured language or else the other; in the record's arena. Empty for NULL. */
struct str represent_words(struct represent *r, const struct field *field, const struct value *value);
/* The first field of the register with that schema.org property, or NULL. */
const struct field *represent_field_for(const struct reg *reg, const char *schema_property);
/* Appends text for XML: escaped, without the characters XML forbids. */
void represent_add_xml(struct buf *out, struct str text);

#endif
