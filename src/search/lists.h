/* Lists of common terms: which documents a term is in, and how often in each column, as one run of bytes beside FTS5's own. FTS5
 * takes some tenth of a microsecond for each row it gives, a list some nanoseconds, so what is in very many documents is read
 * from here. They are written once, when an index is made, of documents up to a number; documents that came later are asked of
 * FTS5 (index->listed says up to where). What went is passed over by its entry. Not for use outside src/search.
 *
 * Where in a document the terms stand lies apart, in rows of PLACES_ROW documents, so that who wants only documents does not read
 * it; phrases.h makes phrases of it. For each occurrence, by column: the distance from the one before it in the column, as a varint. Of a
 * document with OCCURRENCES_MAX of them or more there is nothing, since these are not all counted.
 *
 * A posting: the distance from the document before it as a varint (seven bits a byte, the lowest first, the last without the top bit);
 * then a byte. Below 0x40: column * 16 + occurrences in it (1 … 15), in that column only. Otherwise 0x40 + a bit for each column
 * that has it, and a byte of occurrences for each of these. */
#ifndef MUSUBI_SEARCH_LISTS_H
#define MUSUBI_SEARCH_LISTS_H

#include "search/rank.h"

#include "base/buf.h"

/* A term has a list when it is in so many documents: one of 2,000, within these bounds. */
#define LIST_DOCUMENTS_MIN 64
#define LIST_DOCUMENTS_ENOUGH 512

/* Reads one; a damaged one ends where it makes no sense. */
struct list_reader {
    const unsigned char *at, *end;
    uint32_t number; /* of the document it stands at; 0 at the end */
    uint8_t tf[COLUMN_COUNT];
};
void list_open(struct list_reader *list, struct str bytes);
void list_next(struct list_reader *list);

/* Where one can begin to read in the middle: the document before, and where the next one's bytes are. There is one for every
 * LIST_STRIDE documents, the first for the beginning. */
#define LIST_STRIDE 32
#define PLACES_ROW 1024 /* a multiple of LIST_STRIDE */
struct list_mark {
    uint32_t number, docs, places; /* places: in the row */
};

struct list_making {
    struct buf bytes;
    uint32_t last;
    /* of a list with places: */
    bool with_places;
    uint32_t count; /* documents */
    struct buf places, marks;
    int64_t list;               /* the rows' list; 0: all places stay in `places`, as if of one row */
    sqlite3_stmt *insert_place; /* of such rows */
    /* of what FTS5 gives */
    int64_t up_to; /* the last document that is wanted */
    bool prefix;
    size_t rows;
    int (*is_over)(void *context); /* NULL: it is never */
    void *context;
    bool cut;
};
/* Whether it took too long already. */
static inline bool list_is_over(const struct list_making *making)
{
    return making->is_over != NULL && making->is_over(making->context);
}
void list_add(struct list_making *making, uint32_t number, const uint8_t tf[COLUMN_COUNT]);
/* Adds the documents of a phrase up to making->up_to, as FTS5 finds them. */
int list_read_rows(struct index_db *db, struct str terms, bool prefix, struct list_making *making, struct err *err);

/* Writes the lists of an index that was made in one segment, of the terms that were seen often. */
int lists_write(struct index_db *db, const struct harvest *harvest, int64_t documents, struct err *err);

/* Whether the plan may be answered from lists sooner than by FTS5. */
int lists_suit(struct index_db *db, const struct common *common, const struct plan *plan, bool *ret_suit,
               struct err *err);
/* Gives every document of the plan up to index->listed to the collector. False in *ret_done when its only term has no list: then
 * nothing was given. True in *ret_cut when the collector's `is_over` said so: then what was gathered until then is given, or the first
 * BETWEEN_LOOKS documents of it. */
int lists_run(struct index_db *db, const struct plan *plan, struct collector *collector, struct arena *arena,
              bool *ret_done, bool *ret_cut, struct err *err);

/* "musubi_list" for FTS5: adds a row to db->list. */
int lists_register(struct index_db *db);

#endif
