/* Numbers, dates and currencies as a language writes them (ICU). Every digit that was stated is shown and none is added:
 * these formats never round. All functions may be called from any thread; formatters are kept a thread. Languages are codes
 * ("ja", "en"); an unknown one is handed to ICU as it is. */
#ifndef MUSUBI_BASE_INTL_H
#define MUSUBI_BASE_INTL_H

#include "base/arena.h"
#include "base/date.h"
#include "base/decimal.h"
#include "base/str.h"

/* "14,047,594", "35.6"; at least min_fraction digits (0 … 9) after the point. */
struct str intl_number(struct arena *arena, struct str lang, struct decimal number, int min_fraction);
/* The same, grouped from 10,000 on only, so that a year stays 2020. */
struct str intl_integer(struct arena *arena, struct str lang, int64_t number);

struct intl_amount {
    struct decimal low, high; /* equal when there is one number */
    bool has_precision;
    int precision; /* power of ten of the last digit stated */
};
/* A quantity with words for its magnitude where that needs at most three digits after the point: 103兆, 1,700億,
 * "147 trillion", "33.5 million", "20億～30億", "2–3 billion"; else in digits. A stated precision keeps zeros after the point
 * (5.0兆). */
struct str intl_amount(struct arena *arena, struct str lang, struct intl_amount amount);

/* "米ドル", "US dollars": as it follows a number; the code itself when ICU does not know it. */
struct str intl_currency(struct arena *arena, struct str lang, struct str code);

/* "2022年2月21日", "21 February 2022"; months and years as precise as the date is. Empty for no date. */
struct str intl_date(struct arena *arena, struct str lang, struct date date);
/* Day and time in an IANA time zone: "2022年2月21日 12:34", "21 February 2022, 12:34". */
struct str intl_time(struct arena *arena, struct str lang, int64_t time_ms, struct str zone);

#endif
