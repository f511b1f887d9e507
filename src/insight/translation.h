/* What is known of translations: which language of a text was made from the other, how far it was checked, and whether the original
 * has changed since.
 *
 * Who made what is told by the register `translation`: a row speaks of everything, of a register, of a record or of one field of
 * a record, and what is said more closely goes before. Which revision of the original a translation was made from is told by the
 * history: the one that held when the translation was last written. A row of one field may confirm that the translation still
 * fits by a digest of the original, which holds in any store. A translation is stale
 *   - with such a digest: when the original is another text now, unless the translation was written anew after the row;
 *   - without one: when the original was changed by a later revision than the translation. */
#ifndef MUSUBI_INSIGHT_TRANSLATION_H
#define MUSUBI_INSIGHT_TRANSLATION_H

#include "store/store.h"

/* By the codes of the vocabulary `translation-state`; the last one: nobody has said. */
enum translation_state {
    TRANSLATION_OFFICIAL,
    TRANSLATION_CHECKED,
    TRANSLATION_OWN,
    TRANSLATION_MACHINE,
    TRANSLATION_UNSTATED,
    TRANSLATION_STATES,
};
extern const struct str translation_state_codes[TRANSLATION_STATES]; /* "official", …, "unstated" */

struct translation {
    enum translation_state state;
    enum lang lang; /* of the translation; LANG_COUNT: nobody has said which language is the original's */
    bool stale;
    int64_t made_from;      /* the translation fits the original as of this revision; 0: as both were first put in */
    int64_t original_since; /* the revision that made the original what it is; 0: as it was first put in */
};

struct translations;

/* Reads what is said, and which records were changed since they were put in; memory grows with these two. `scratch`, the
 * caller's, is reset from time to time and must be used by nobody else as long as the result is. Both arenas must outlive it. */
int translations_read(const struct model *model, struct reader *reader, struct arena *arena, struct arena *scratch,
                      struct translations **ret_translations, struct err *err);

/* Of a record's text that stands in both languages. Asking for the fields of one record in a row reads its history once. */
int translation_of(struct translations *translations, const struct reg *reg, const struct value *record,
                   const struct field *field, struct translation *ret_translation, struct err *err);

/* The digest of an original as the register keeps it: 16 hexadecimal digits. */
struct str translation_digest(struct str original, struct arena *arena);

#endif
