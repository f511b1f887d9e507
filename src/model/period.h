/* The days a figure's period covers. */
#ifndef MUSUBI_MODEL_PERIOD_H
#define MUSUBI_MODEL_PERIOD_H

#include "base/date.h"

/* First and last day of "2022", "2022-02", "2022-02-21", "FY2020" (the fiscal year that begins in April of 2020) or of two
 * dates with a slash; false for anything else, and when the end lies before the beginning. */
bool period_days(struct str period, struct date *ret_first, struct date *ret_last);

#endif
