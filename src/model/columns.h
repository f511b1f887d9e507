/* Inside of model/: the parts of fields that have columns of their own. */
#ifndef MUSUBI_MODEL_COLUMNS_H
#define MUSUBI_MODEL_COLUMNS_H

#include "model/record.h"

/* The member of a figure, a geopoint, a bilingual text or a record that such a column fills ("low", "lat", "ja", "owner");
 * empty for COLUMN_WHOLE and COLUMN_IGNORED. */
struct str column_member(enum column_part part);

#endif
