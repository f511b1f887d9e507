/* What a view was made of, noted by the store while it is read, so that nobody lists dependencies by hand. A note is a number
 * made from what was read: a record, a whole register, or "who refers to this record". A commit marks the numbers that it
 * touches with its seq; two things that share a number cost a needless re-rendering, never a stale page. */
#ifndef MUSUBI_STORE_NOTES_H
#define MUSUBI_STORE_NOTES_H

#include "base/date.h"
#include "base/str.h"

#include <stdint.h>

struct reader;
struct store;

/* More distinct notes than this, and the view counts as made of everything. */
#define NOTES_MAX 1500

struct notes {
    int64_t seq;     /* of the state that was read */
    struct date day; /* the day that was taken for today; not set: today did not matter */
    struct str zone; /* in this time zone; borrowed from the reader's caller */
    bool everything;
    uint16_t count;
    uint16_t marks[NOTES_MAX];
};

/* Notes what this reader reads from now on, until it is released; notes->seq is set, the rest emptied. */
void reader_note(struct reader *reader, struct notes *notes);
/* Today in that time zone; noted, so that a view which says "today" ends with the day. */
struct date reader_today(struct reader *reader, struct str zone);
/* Forgets what was noted twice; the size in bytes of what must be kept of it. */
size_t notes_compact(struct notes *notes);
/* Whether all it was made of is still as it was. *checked_seq (begin with notes->seq) remembers up to where that is known, so
 * that an unchanged store costs one comparison; it may be shared by threads. */
bool notes_hold(const struct store *store, const struct notes *notes, _Atomic int64_t *checked_seq);

#endif
