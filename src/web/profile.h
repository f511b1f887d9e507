/* What the page of a record shows beside its own fields: tables of the records that belong to it, what is near, what changed since the
 * last edition. Said for a register in site/site.json under "profiles":
 *
 *   {"hub": {"near": geopoint field, "links": [{"page", "words"}]  (page behind the language; the id is put behind it),
 *            "tables": [{"name", "title", "register", "by": the field that refers to the record, "filter", "sort", "limit",
 *                        "columns": [field…], "source": true for where each row was found,
 *                        "head": a reference of the row by which it is called, instead of its own name,
 *                        "computed": true for figures of indicators that are computed too (insight/measured.h),
 *                        "where": {"reference", "field", "codes", "not"}: only rows whose reference has one of these codes, or none,
 *                        "rest_below": true when other tables show the rows that it leaves out}]}} */
#ifndef MUSUBI_WEB_PROFILE_H
#define MUSUBI_WEB_PROFILE_H

#include "web/showing.h"

/* Adds "profile" to the frame: false when nothing is said of this register. */
int profile_add(struct showing *showing, struct err *err);
/* Whether a profile's table shows the records that refer to this one by that field. */
bool profile_covers(const struct showing *showing, const struct reg *reg, const struct field *field);

#endif
