/* Labels that a reader has read, kept for the next reading: most pages and answers name the same few records. Not for use
 * outside src/store.
 *
 * A kept label says of which seq it is and which notes (notes.h) were made while it was read. It holds in a younger state when
 * no commit since has touched them. */
#ifndef MUSUBI_STORE_LABELS_H
#define MUSUBI_STORE_LABELS_H

#include "store/internal.h"

#define LABEL_MARKS_MAX 4
/* Places for labels of one reader; each may be taken by two. */
#define LABEL_PLACES 512

struct kept_label {
    const struct reg *reg;
    struct str id;
    struct bilingual label;
    struct str json; /* {"id":…,"label":{"ja":…,"en":…}}, what is empty left out */
    enum visibility sees;
    int64_t seq;
    size_t mark_count;
    uint16_t marks[LABEL_MARKS_MAX];
};

struct labels {
    struct kept_label *places[LABEL_PLACES][2]; /* the one used last first */
};

/* What a record is called, as store_label says it. Borrowed until the reader is asked for another label. */
int label_kept(struct reader *reader, const struct reg *reg, struct str id, struct arena *arena,
               const struct kept_label **ret_label, struct err *err);
/* Forgets and frees them all; NULL is fine. */
void labels_free(struct labels *labels);

#endif
