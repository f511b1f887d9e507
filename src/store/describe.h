/* The layout in words: kept in the store beside the data, so that a later model can be compared with what lies there.
 *
 *   {"sort_keys": "ja 153.120 en 153.120",
 *    "registers": {NAME: {"hidden": true?, "fields": {FIELD: {"kind": K, "columns": {COLUMN: TYPE}, "hidden": true?}},
 *                         "keys": [COLUMN…], "links": [TABLE…], "indexes": [NAME…]}}}
 *
 * A kind says what the columns mean: text, bilingual, party:REG, reference:REG, code:VOCABULARY, integer, number,
 * figure, boolean, date, datetime, geopoint, list:… */
#ifndef MUSUBI_STORE_DESCRIBE_H
#define MUSUBI_STORE_DESCRIBE_H

#include "store/layout.h"

struct str field_kind(const struct field *field, struct arena *arena);
struct value *describe_table(const struct table *table, struct arena *arena);
struct value *describe_layout(const struct layout *layout, struct arena *arena);
/* What the stored sort keys depend on besides the records. */
struct str describe_sort_keys(struct arena *arena);

#endif
