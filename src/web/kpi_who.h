/* What the plan sets out to do about an indicator, for the page of all indicators: the items of the tree that name it (else those of
 * the roadmap), and of the actions that stand in the same part of the plan how many there are, what became of them and who is responsible. */
#ifndef MUSUBI_WEB_KPI_WHO_H
#define MUSUBI_WEB_KPI_WHO_H

#include "web/plan_view.h"

/* Reads the plan; once for all indicators of a page. A model without one gives an empty plan. */
int kpi_who_begin(struct building *building, struct planning *ret_planning, struct err *err);
/* {"goals" ([{"text", "foreign", "href"}]), "actions" (words, or false), "parties" ([{"text", "foreign", "href"}])}; false when the plan
 * does not name the indicator. */
int kpi_who_view(struct planning *planning, struct str kpi, struct value **ret_view, struct err *err);

#endif
