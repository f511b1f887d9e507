/* Indicators that are computed: an indicator names a measure (model/measure/) which can be divided by what is compared, and its figures
 * are that measure's parts. They stand beside the entered ones as records of the register of values that nobody wrote: without an id,
 * with the same fields. */
#ifndef MUSUBI_INSIGHT_MEASURED_H
#define MUSUBI_INSIGHT_MEASURED_H

#include "insight/roles.h"
#include "model/measure.h"

/* How many years of a measure by years are taken, up to the last whole one. */
#define MEASURED_YEARS 10

enum measured_problem {
    MEASURED_FINE,
    MEASURED_UNKNOWN,   /* there is no measure of that name */
    MEASURED_UNDIVIDED, /* it has no split by a field that refers to what is compared */
    MEASURED_NEEDS,     /* it has a parameter, which nobody gives here */
};

/* Whether an indicator is computed: *ret_measure and *ret_split, NULL when it names no measure; or why it cannot be. `part` is the
 * role "index". */
enum measured_problem measured_by(const struct value *part, const struct model *model, const struct value *indicator,
                                  const struct measure **ret_measure, const struct measure_split **ret_split);

/* Adds the figures of those of the indicators that are computed to the values, which records_read has filled. A stock is counted on
 * and dated by one day, so that what ended before it does not count: the day the reader asks for (`on`), else of a past state the day
 * it was decided, so that an edition says for good what it said, else today; days are those of `zone`, which outlives what is noted of
 * today. A measure by years gives its last whole years before that day. Where nothing is on record there is no figure. What measures
 * protect stays protected: a figure with a closed part is an estimate, a suppressed one is none. */
int measured_add(const struct value *part, const struct model *model, struct reader *reader, struct str zone,
                 const struct records *indicators, struct arena *arena, struct records *values, struct err *err);

/* Whether a value is one of these. */
bool measured_is(const struct value *value);

#endif
