/* The records that a search found: read from the store, with what matched marked. Not for use outside src/search. */
#ifndef MUSUBI_SEARCH_SNIPPET_H
#define MUSUBI_SEARCH_SNIPPET_H

#include "search/follow.h"
#include "search/rank.h"

/* Reads hits [offset, offset + limit) of the collector. result->seq is up to which revision the index surely is: where the reader has
 * newer ones, a record that it does not see any more is left out, and one that has changed since is told without a snippet. */
int collect_hits(const struct search_query *query, struct index *index, struct index_db *db, const struct plan *plan,
                 const struct collector *collector, struct reader *reader, struct arena *arena,
                 struct search_result *result, struct err *err);
/* The rarest terms of a text, any of which will do. */
int plan_like_text(struct index *index, struct index_db *db, struct str text, size_t terms, struct arena *arena,
                   struct plan *ret_plan, struct err *err);

#endif
