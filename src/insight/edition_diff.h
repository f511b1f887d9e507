/* What is different between two points in the order of revisions: records that were added, that left, that changed, and by how
 * much each figure did. It follows the revisions between the two, so it costs what happened in between, not what there is. */
#ifndef MUSUBI_INSIGHT_EDITION_DIFF_H
#define MUSUBI_INSIGHT_EDITION_DIFF_H

#include "store/store.h"

enum difference_kind { DIFFERENCE_ADDED, DIFFERENCE_LEFT, DIFFERENCE_CHANGED };
extern const struct str difference_kind_names[]; /* "added", "left", "changed" */

struct field_difference {
    struct str name;            /* of a field, or of a member that every record has */
    const struct field *field;  /* NULL: such a member */
    const struct value *before; /* NULL: it was not there */
    const struct value *after;  /* NULL: it is not there any more */
    bool has_number;            /* both are figures or numbers of the same unit and currency */
    struct decimal number;      /* after - before; of ranges, between their middles */
};

struct difference {
    enum difference_kind kind;
    const struct reg *reg;
    struct str id;                   /* what it is called in the later state; in the earlier one when it left */
    struct str was;                  /* its id in the earlier state when that was another one; else empty */
    struct bilingual label;          /* of the later state, or of the earlier one when it left */
    struct field_difference *fields; /* of DIFFERENCE_CHANGED, in the model's order */
    size_t field_count;
};

struct register_differences {
    const struct reg *reg;
    int64_t count[3]; /* by kind */
};

struct edition_diff {
    struct difference *items; /* by register, kind, id */
    size_t count;
    struct register_differences *registers; /* that have any, in the model's order */
    size_t register_count;
};

/* From the state after seq `from` to the one after seq `to` (0: the present), for that viewer. ERR_LIMIT when more than
 * records_max records were touched in between. */
int edition_diff(struct store *store, const struct read_options *options, int64_t from, int64_t to, size_t records_max,
                 struct arena *arena, struct edition_diff *ret_diff, struct err *err);
/* {"kind", "register", "id", "was", "label", "fields": [{"name", "before", "after", "difference"}]} for programs. */
struct value *difference_value(const struct difference *difference, struct arena *arena);

#endif
