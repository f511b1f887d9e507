/* How many of the texts that everybody may read stand in both languages, by register and by the body that owns the record, and
 * which do not. A text is a field in two languages that is not empty; fields of which the model says that they are one
 * language's own ("translation": "none") are none. Of those in both it tells what kind of translations they are, and which are
 * older than their original (insight/translation.h). */
#ifndef MUSUBI_INSIGHT_COMPLETENESS_H
#define MUSUBI_INSIGHT_COMPLETENESS_H

#include "insight/translation.h"
#include "store/store.h"

struct text_count {
    int64_t texts;
    int64_t both;
    int64_t missing[LANG_COUNT];        /* by the language that is not there */
    int64_t states[TRANSLATION_STATES]; /* of those in both */
    int64_t stale;                      /* of those in both */
};

struct owner_texts {
    struct str owner; /* empty: of records that nobody owns */
    struct text_count count;
};

struct completeness {
    struct text_count all;
    struct text_count *registers; /* by the register's position in the model */
    struct owner_texts **owners;  /* most missing first, then by id */
    size_t owner_count;
};

/* A text that misses a language, or whose translation is stale; valid until the callback returns. */
struct wanted_text {
    const struct reg *reg;
    const struct field *field;
    const struct value *record;
    struct str owner;
    enum lang missing;              /* LANG_COUNT: none, it is stale */
    struct translation translation; /* of a stale one */
};
typedef int wanted_each(void *context, const struct wanted_text *wanted);

/* Counts what the reader's viewer may see of the public registers; memory grows with the owners, and with
 * the records that were changed since they were put in. `each`, which may be NULL,
 * gets what is missing or stale by register, id and field; when it returns other than zero, that is returned. */
int completeness_read(const struct model *model, struct reader *reader, struct arena *arena, wanted_each *each,
                      void *context, struct completeness *ret_completeness, struct err *err);

/* Whole hundredths of the texts that stand in both languages, rounded down so that 100 means all; 100 when there are none. */
int text_count_percent(const struct text_count *count);

#endif
