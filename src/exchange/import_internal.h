/* What the readers of each kind share. Not for use outside src/exchange/import*.c and their tests. */
#ifndef MUSUBI_EXCHANGE_IMPORT_INTERNAL_H
#define MUSUBI_EXCHANGE_IMPORT_INTERNAL_H

#include "base/map.h"
#include "exchange/import.h"

/* A record that a file brings: only the fields it speaks of. */
struct staged {
    const struct reg *reg;
    struct value *given; /* as record_from_value takes it */
    struct str where;
    struct str order; /* of two with one id the greater one stands: when it was filed */
    struct staged *next;
};

struct importing {
    struct store *store;
    const struct model *model;
    const struct import_options *options;
    struct str kind;
    const struct value *config; /* of this kind */
    struct arena *arena;
    const struct reg *reg; /* the one that is filled */
    const struct reg *companies;
    struct map by_number; /* corporate number → struct company */
    struct staged *first, **last;
    struct import_result result;
    bool want_source; /* the config's source is referred to */
    struct change_set *changes;
    struct {
        const struct reg *reg;
        struct str sender, mapping; /* its fields */
        const struct value *record; /* the sender's; NULL: none */
    } mappings;
};

struct company {
    struct str id;
    struct bilingual label;
};

/* NULL after noting it as unmatched. */
const struct company *import_company(struct importing *importing, struct str number, struct str name, struct str where);
const struct company *import_company_quietly(const struct importing *importing, struct str number);
void import_note(struct importing *importing, enum import_note_kind kind, struct str where, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void import_stage(struct importing *importing, const struct reg *reg, struct value *given, struct str where,
                  struct str order);

/* Sets the member of `given` that the config's "fields" name for `what`; nothing when they do not, or value is NULL. */
void import_set(struct importing *importing, struct value *given, const char *what, struct value *value);
void import_set_text(struct importing *importing, struct value *given, const char *what, struct str text);
/* [{"source", "locator", "basis": "read"}] from the config's source. */
struct value *import_sources(struct importing *importing, struct str locator);
/* The config's "title" with `%(company)` and `%(end)` filled, in every language. */
struct value *import_title(struct importing *importing, const struct company *whose, struct str end);
/* One company's result for one year, from what the readers of results found. */
struct found_result {
    const struct company *company;
    struct date start, end;
    bool consolidated;
    bool consolidated_inferred; /* the source does not say */
    struct str accounting;      /* as the source writes it, or empty */
    struct decimal sales;
    struct str currency;
    struct str document, locator;
    struct date filed;
    bool restated;
    struct str where, order;
};
void import_result_stage(struct importing *importing, const struct found_result *found);

/* The readers. `content` is a whole file; 0, or -1 with *err beginning with its shown name. */
int import_edinet(struct importing *importing, const struct import_file *files, const struct str *contents,
                  size_t count, struct err *err);
int import_gbizinfo(struct importing *importing, const struct import_file *file, struct str content, struct err *err);
int import_corporate_numbers(struct importing *importing, const struct import_file *file, struct str content,
                             struct err *err); /* reads the file itself when the content is empty */
/* With a sender: finds what is remembered of him and, when options give no mapping, takes it as the mapping. ERR_NOT_FOUND names those
 * who have one. `all` is site/import.json. */
int import_recall(struct importing *importing, const struct value *all, struct import_options *options,
                  struct err *err);
/* Within the change set: the mapping just used stands for the sender from now on. */
int import_remember(struct importing *importing, struct arena *arena, struct err *err);
int import_sheet(struct importing *importing, const struct import_file *file, struct str content, struct err *err);

#endif
