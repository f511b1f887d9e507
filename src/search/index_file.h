/* search.db: its tables, its connections, and what a writer does with documents. Not for use outside src/search. */
#ifndef MUSUBI_SEARCH_INDEX_FILE_H
#define MUSUBI_SEARCH_INDEX_FILE_H

#include "base/map.h"
#include "search/analyse.h"
#include "search/document.h"
#include "search/entries.h"

#include <pthread.h>
#include <sqlite3.h>

#define INDEX_FORMAT 5

/* ---- connections ---- */

struct collector;   /* of the search that runs on it: rank.h */
struct list_making; /* what musubi_list() adds to: lists.h */

/* One connection, one thread at a time. */
struct index_db {
    sqlite3 *db;
    struct analyser *analyser;
    struct collector *collector;
    struct list_making *list;
    struct harvest *harvest; /* of a writer: what the tokenizer saw; NULL otherwise */
    sqlite3_stmt *match;     /* prepared when first needed */
    sqlite3_stmt *text, *title, *suggest, *pair, *known, *like_sound, *prefix, *record, *name, *rows, *phrase_rows,
        *find_list, *match_newer, *match_phrase, *term_list, *place, *phrase_row, *begin, *end;
    struct index_db *next; /* in the pool */
    bool damaged;          /* the file makes no sense, as a statement or what it gave said */
};

/* Made after a bulk, at once otherwise. */
#define INDEX_INDEXES                                            \
    "CREATE INDEX IF NOT EXISTS doc_record ON doc(record, reg);" \
    "CREATE INDEX IF NOT EXISTS word_sound ON word(sound);"      \
    "CREATE INDEX IF NOT EXISTS pair_doc ON pair(doc);"

/* Which index this would be: formats, model and rules in one text. Another one means: make it anew. */
struct str index_identity(const struct rules *rules, struct arena *arena);

/* Opens for reading; the file must be there. ERR_NOT_FOUND when there is none or it is another identity's. */
int index_open_reader(const char *path, struct str identity, struct index_db **ret_db, struct err *err);
/* Opens for writing, making the tables of a new file. */
int index_open_writer(const char *path, struct str identity, bool bulk, struct index_db **ret_db, struct err *err);
void index_db_close(struct index_db *db); /* NULL is fine */
int index_exec(struct index_db *db, const char *sql, struct err *err);
/* Around statements that must see the same moment of the file. */
int index_begin(struct index_db *db, struct err *err);
void index_end(struct index_db *db);
/* The statement, prepared when *slot is NULL and reset. */
sqlite3_stmt *index_statement(struct index_db *db, sqlite3_stmt **slot, const char *sql);
/* Why the last call failed; ERR_BUSY of a damaged file, which is made anew. */
int index_fail(struct index_db *db, struct err *err);
bool index_is_damage(const struct index_db *db);
/* What a row says makes no sense: ERR_BUSY as of a damaged file. */
int index_damage(struct index_db *db, struct err *err);
/* Steps a statement that finds at most one row. Of an interrupted one *ret_cut becomes true; false in *ret_row: there is none. */
int index_find(struct index_db *db, sqlite3_stmt *stmt, bool *ret_row, bool *ret_cut, struct err *err);
/* Whether the pages of a file make no sense, wherever in it; a large one is not looked through. */
bool index_is_broken(const char *path, struct str identity);
int index_bind_text(sqlite3_stmt *stmt, int parameter, struct str text);
struct str index_column(sqlite3_stmt *stmt, int column);

/* ---- how common terms are ---- */

/* Roughly in how many documents a term is: counters by hash, so it may be too many, never too few; documents that went stay counted. */
#define COMMON_SLOTS (1u << 20)
/* Counters are made by groups when the first of them is needed, since a small community has few words. */
#define COMMON_GROUP 16
struct common_group {
    _Atomic uint32_t in[COMMON_GROUP];
};
/* One thread writes, any read. */
struct common {
    _Atomic uint32_t documents;
    _Atomic(struct common_group *) groups[COMMON_SLOTS / COMMON_GROUP];
    struct arena arena;
};
struct common *common_new(void);
void common_free(struct common *common); /* NULL is fine */
uint32_t common_slot(struct str term);
/* Returns how many it makes. */
uint32_t common_add(struct common *common, uint32_t slot, uint32_t documents);
/* In how many documents the term is. */
uint32_t common_in(const struct common *common, struct str term);
/* To and from the table of that name. */
int common_save(const struct common *common, struct index_db *db, struct err *err);
int common_load(struct common *common, struct index_db *db, struct err *err);

/* ---- the facets' values, by number ---- */

struct facet_values {
    pthread_rwlock_t lock;
    struct arena arena;
    struct map by_key; /* "facet\0value" → number + 1 */
    struct {
        int facet; /* -1: register */
        struct str value;
    } * items;
    size_t count, capacity;
};
void facet_values_init(struct facet_values *values);
void facet_values_free(struct facet_values *values);
/* -1 when there is none. */
int facet_values_find(struct facet_values *values, int facet, struct str value);

/* ---- one index in use ---- */

struct index {
    struct str path;
    struct arena arena;
    const struct rules *rules;
    struct entries *entries;
    struct facet_values values;
    struct common *common;
    _Atomic int64_t seq, records;
    int64_t listed; /* documents up to this number are in the lists of lists.h */
    pthread_mutex_t lock;
    struct index_db *idle;
    int held; /* by searches */
};

/* Loads entries, values and commonness of a file that index_open_reader takes. */
int index_load(const char *path, const struct rules *rules, struct str identity, struct index **ret_index,
               struct err *err);
void index_free(struct index *index); /* NULL is fine; nobody may hold a connection */
int index_take(struct index *index, struct str identity, struct index_db **ret_db, struct err *err);
void index_give(struct index *index, struct index_db *db);

/* ---- writing ---- */

struct index_writer;
/* `index` may be NULL (a new file that nobody searches yet); then the writer keeps its own. */
int index_writer_open(const char *path, const struct rules *rules, struct str identity, struct index *index, bool bulk,
                      struct index_writer **ret_writer, struct err *err);
void index_writer_close(struct index_writer *writer);
/* How many records a bulk is going to have at most: few of them want little memory. Before the first is added. */
int index_writer_expect(struct index_writer *writer, int64_t records, struct err *err);
int index_writer_begin(struct index_writer *writer, struct err *err);
int index_writer_add(struct index_writer *writer, const struct document *document, struct err *err);
/* Takes every version of a record out. */
int index_writer_remove(struct index_writer *writer, struct str reg, struct str id, struct err *err);
/* Calls each for every record whose documents refer to that one. */
int index_writer_referrers(struct index_writer *writer, struct str reg, struct str id,
                           int (*each)(void *context, struct str reg, struct str id), void *context, struct err *err);
/* What the records say of themselves and the last seq become durable together; then searches may find them. */
int index_writer_commit(struct index_writer *writer, int64_t seq, struct err *err);
/* Gives back what only writing needs, until there is something to write again. */
void index_writer_rest(struct index_writer *writer);
void index_writer_rollback(struct index_writer *writer);
/* When the whole was added to a bulk, in its last transaction: what was laid aside is put in its place. Before that nothing can be
 * removed. */
int index_writer_settle(struct index_writer *writer, struct err *err);
/* After a bulk: one segment, commonness kept, log emptied. */
int index_writer_finish(struct index_writer *writer, struct err *err);
int64_t index_writer_seq(const struct index_writer *writer);
/* The share of numbers that stand for nothing any more: when it is large the file is made anew. */
double index_writer_waste(const struct index_writer *writer);
/* Whether so many documents, `least` at any rate, are newer than the lists of common terms that making the file anew is worth it. */
bool index_writer_outgrew_lists(const struct index_writer *writer, int64_t least);

/* tokenizer.c: "musubi" for FTS5; rank.c: musubi_collect(), and FTS5 itself. */
int tokenizer_register(struct index_db *db);
int rank_register(struct index_db *db);
fts5_api *fts5_of(sqlite3 *db);

/* By the slot of a term: the document it was last seen in, and in how many that were not added to `common` yet. */
struct harvest_seen {
    uint32_t document, documents;
};

/* What the tokenizer saw while a document was added. */
struct harvest {
    struct arena arena;
    struct map words; /* surface → struct harvest_word: English words and katakana, of public documents */
    bool takes_words;
    uint32_t terms;            /* of the present document */
    struct harvest_seen *seen; /* COMMON_SLOTS, while documents are counted aside; NULL until the first */
    uint32_t document;
    uint64_t
        *in_document; /* otherwise: a bit a slot of what the present document has, in a thirty-second of the memory */
    uint32_t *slots;  /* which bits are set */
    size_t slot_count, slot_capacity;
    struct common *common;
    bool counts_aside;  /* until harvest_counted() adds them, documents are counted in `seen` alone */
    uint32_t often_min; /* gathers the terms that are in so many documents; 0: none */
    struct arena often_arena;
    struct map often;
};
struct harvest_word {
    struct str surface, term;
    bool katakana;
    uint32_t count;
};
void harvest_begin(struct harvest *harvest, uint32_t document);
/* Of the term's slot: that harvest_term() will be called soon, and that the present document has it. */
void harvest_expect(const struct harvest *harvest, uint32_t slot);
void harvest_term(struct harvest *harvest, uint32_t slot, struct str term);
void harvest_free(struct harvest *harvest); /* what only adding documents needs */
/* Adds what was counted aside, and counts at once from now on. */
void harvest_counted(struct harvest *harvest);
void harvest_word(struct harvest *harvest, struct str surface, struct str term, bool katakana);

#endif
