/* The search's inner life: the index in use, the thread that follows. Not for use outside src/search. */
#ifndef MUSUBI_SEARCH_FOLLOW_H
#define MUSUBI_SEARCH_FOLLOW_H

#include "search/index_file.h"
#include "search/lexicon.h"
#include "search/search.h"

struct search {
    struct store *store;
    struct arena arena;
    struct rules rules;
    struct str identity, path, building_path;
    const struct lexicon *lexicon;
    int64_t budget_us, unlisted_min;

    /* The index in use changes hands under this lock; whoever searches holds it by a count (index->held). */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct index *index; /* NULL: none */
    bool swapping;       /* nobody may begin */
    bool stopping, wants_rebuild;
    enum search_state state;
    double progress;
    char trouble[256];

    pthread_mutex_t work; /* one at a time writes: the thread, or a command */
    struct index_writer *writer;
    pthread_t thread;
    bool follows;
    _Atomic bool looked_through; /* for damage, once after opening */
    struct search *next;         /* of all in this process */
};

/* Holds the index in use with one of its connections; ERR_BUSY while there is none. */
int search_hold(struct search *search, struct index **ret_index, struct index_db **ret_db, struct err *err);
/* A connection that met a damaged file says so: the index is then made anew. */
void search_let_go(struct search *search, struct index *index, struct index_db *db);

/* Whether an index up to that revision has everything that the reader sees: then the store need not be asked what a record is called,
 * nor whether it is still there. */
static inline bool index_has_all(int64_t seq, const struct reader *reader)
{
    return seq >= reader_seq(reader);
}

/* build.c */
/* Writes every version of one record, as the readers (one a level) see it; takes what was there out. */
int write_record(struct index_writer *writer, const struct rules *rules, struct reader *readers[VISIBILITY_COUNT],
                 const struct reg *reg, struct str id, struct arena *arena, struct err *err);
struct build_progress {
    void (*tell)(void *context, double share);
    bool (*stops)(void *context);
    void *context;
};
/* A whole index into a new file. */
int build_index(struct store *store, const struct rules *rules, struct str identity, const char *path,
                const struct build_progress *progress, struct err *err);
/* Opens a reader for each level; all must be released. */
int open_readers(struct store *store, struct reader *readers[VISIBILITY_COUNT], struct err *err);
void release_readers(struct reader *readers[VISIBILITY_COUNT]);
/* Brings a writer's file up to the store; false in *ret_whole when it would have to be made anew. */
int follow_feed(struct index_writer *writer, struct store *store, const struct rules *rules, bool *ret_whole,
                struct err *err);

#endif
