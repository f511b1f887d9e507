/* Phrases out of the lists of common terms: the rarest of its terms leads, the others are asked only about the documents that it has,
 * and only as long as those before them stand at the right distance. FTS5 walks over the documents of every term. Not for use outside
 * src/search. */
#ifndef MUSUBI_SEARCH_PHRASES_H
#define MUSUBI_SEARCH_PHRASES_H

#include "search/lists.h"

/* Lists have numbers from 1 to this. */
#define LIST_NUMBER_MAX ((int64_t)1 << 38)
/* The row of a list in which the places of its document of that count (from 0) are. */
static inline int64_t places_row(int64_t list, uint32_t count)
{
    return (int64_t)((uint64_t)list << 24 | count / PLACES_ROW);
}

/* Whether it is one of several terms of which some are common. */
bool phrase_suits(const struct common *common, const struct phrase *phrase);
/* Adds the documents of the phrase up to making->up_to. */
int phrase_read(struct index_db *db, const struct common *common, const struct phrase *phrase,
                struct list_making *making, struct err *err);

#endif
