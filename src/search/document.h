/* A record as the index takes it: its texts by weight, its facets, its place, what it refers to, what it teaches. */
#ifndef MUSUBI_SEARCH_DOCUMENT_H
#define MUSUBI_SEARCH_DOCUMENT_H

#include "search/rules.h"
#include "store/store.h"

/* Columns of the index, the heaviest first: what the record is called; fields of weight 5 and more; the others; words of its
 * codes and of the records that it refers to. A column holds all languages, a line each piece. */
enum document_column { COLUMN_TITLE, COLUMN_KEY, COLUMN_BODY, COLUMN_ALSO, COLUMN_COUNT };

#define DOCUMENT_FACETS_MAX 64
#define DOCUMENT_REFERS_MAX 200
#define DOCUMENT_LESSONS_MAX 32
#define DOCUMENT_NAMES_MAX 8

struct document {
    struct str reg, id;
    int64_t seq;
    enum visibility level, next; /* seen by viewers of level … next - 1; next VISIBILITY_COUNT: and all above */
    struct str columns[COLUMN_COUNT];
    struct bilingual title;
    bool has_place;
    float lat, lon;
    int boost; /* 0 … 100: how complete and fresh it is */
    struct {
        int facet; /* index in the rules; -1: the register */
        struct str value;
    } facets[DOCUMENT_FACETS_MAX];
    size_t facet_count;
    struct {
        struct str reg, id;
    } refers[DOCUMENT_REFERS_MAX];
    size_t refer_count;
    struct { /* this record says that these are the same */
        struct str ja, en;
        int weight; /* 0 … 100 */
    } lessons[DOCUMENT_LESSONS_MAX];
    size_t lesson_count;
    struct str names[DOCUMENT_NAMES_MAX]; /* what suggestions complete: names and readings */
    size_t name_count;
};

/* Fills everything but level and next from a record as some level sees it; labels are read through `reader`, which must be of
 * the same level. What lies in the arena lives as long as that. */
int document_make(const struct rules *rules, struct reader *reader, const struct found *found, struct arena *arena,
                  struct document *ret_document, struct err *err);

#endif
