/* Where a plan's phrases stand in a text. Not for use outside src/search. */
#ifndef MUSUBI_SEARCH_MARKS_H
#define MUSUBI_SEARCH_MARKS_H

#include "search/plan.h"

struct marker;
struct marker *marker_new(const struct plan *plan, struct analyser *analyser, struct arena *arena);

struct mark {
    size_t start, end;
    uint16_t phrase; /* in the plan */
};
#define MARKS_MAX 256
/* In order of their beginning; at most MARKS_MAX. */
size_t marker_read(struct marker *marker, struct str text, struct mark marks[MARKS_MAX]);

#endif
