/* Which registers and fields play which part in the engines of this floor: site/insight.json, which travels in the binary, so
 * that no engine knows a register's name. A register or field that the model does not have is passed over; an engine that
 * cannot do without it says that this model has nothing for it.
 *
 *   index   "unit": {"register", "filter": {field: [code…]}, "parameter": its name in addresses}: what is ranked
 *           "indicator": {"register", "in": boolean field, "direction", "down": the code for less is better, "weight",
 *             "normalisation", "unit", "currency", "pillar", "measure", "comparable": boolean field}
 *           "value": {"register", "unit", "indicator", "year", "figure", "part": boolean field, "kind", "kinds": [code…]}
 *           "method": {"register", "edition", "year", "normalisation", "weighting", "aggregation", "missing"}
 *           "weight": {"register", "method", "indicator", "weight"}
 *           "release": field of the community's record that names the decision to publish scores
 *           "defaults": {"runs", "seed", "spread", "low", "high", "least_units", "least_share", "least_known", "years_back"}
 *   chain   see insight/chain.h
 *   regions {"register", "place", "metric", "own": boolean field, "year", "edition", "rank", "figure", "finding"}: what is known of
 *           regions of the world */
#ifndef MUSUBI_INSIGHT_ROLES_H
#define MUSUBI_INSIGHT_ROLES_H

#include "base/value.h"
#include "store/store.h"

/* The whole file, or NULL when it cannot be read (which the tests of the build exclude). */
int roles_read(struct arena *arena, const struct value **ret_roles, struct err *err);

/* The register that a part names, or NULL. */
const struct reg *roles_register(const struct value *part, const struct model *model);
/* The register's field that a member of the part names, or NULL. */
const struct field *roles_field(const struct value *part, const char *member, const struct reg *reg);
/* A number of the part, or the default. */
double roles_number(const struct value *part, const char *member, double otherwise);
/* Whether a list of texts has this one. */
bool roles_lists(const struct value *list, struct str text);
/* Whether a record has, for each field of a filter {field: [code…]}, one of the codes. No filter lets all pass. */
bool roles_pass(const struct value *filter, const struct value *record);

/* Every record of a register that the reader's options allow, copied into the arena, in order of id. ERR_LIMIT beyond
 * RECORDS_MAX. */
#define RECORDS_MAX 200000
struct records {
    const struct reg *reg;
    const struct value **items;
    size_t count;
};
int records_read(struct reader *reader, const struct reg *reg, const struct value *filter, struct arena *arena,
                 struct records *ret_records, struct err *err);

/* The texts of a field: of a reference, a code, or each entry of a list of these; a party that is in no register has none.
 * Calls nothing when the field is empty. Returns how many there are; the i-th is given by field_text. */
size_t field_count(const struct value *record, const struct field *field);
struct str field_text(const struct value *record, const struct field *field, size_t at);

/* A figure as one number: its value, or the middle of its low and high; NAN when there is none. */
double figure_number(const struct value *figure);

#endif
