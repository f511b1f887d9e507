/* What the parts of the store share. Not for use outside src/store. */
#ifndef MUSUBI_STORE_INTERNAL_H
#define MUSUBI_STORE_INTERNAL_H

#include "store/db.h"
#include "store/layout.h"
#include "store/notes.h"
#include "store/store.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

/* ---- readers ---- */

/* A reader is in one of two lists' states: held by somebody, or free in the pool. A free one may still hold its snapshot,
 * so that the next reading need not take one; the housekeeper ends snapshots that have been idle too long. */
struct reader {
    struct store *store;
    struct db *db;
    struct read_options options; /* owner's text is copied into owner_text */
    char owner_text[ID_MAX + 1];
    int64_t snapshot_seq;                /* newest seq of the snapshot, while in_snapshot */
    unsigned long long snapshot_commits; /* at least so many commits of this process are in it */
    bool in_snapshot;
    struct stmt **quick; /* by number, see layout.h; of quick_generation of the connection */
    unsigned quick_generation;
    struct notes *notes;             /* what is read is noted here; NULL: it is not */
    struct list_statements *lists;   /* see list.c; NULL until the first list */
    struct keeping *keeping;         /* see kept.c; NULL until something is kept */
    struct labels *labels;           /* see labels.h; NULL until the first one is read */
    bool takes_older;                /* see reader_take_older_measures */
    int64_t older_seq;               /* the oldest state that an answer of a measure was of; 0: all were of this one */
    struct referring_places *places; /* by register, see inbound.c; NULL until the first is asked for */
    int computing;                   /* statements of measures that are at work */
    int64_t released_ms;
    struct reader *next; /* in the free list */
};

/* The statement of that number, prepared from the text when it is first wanted. */
/* Whether it is prepared: then reader_quick does not look at the text. */
static inline bool reader_has_quick(const struct reader *reader, size_t number)
{
    return reader->quick && reader->quick_generation == db_generation(reader->db) && reader->quick[number];
}
int reader_quick(struct reader *reader, size_t number, struct str sql, struct stmt **ret_stmt, struct err *err);

/* Frees what reader_kept has kept: all of it, or what is too much, for which nobody may hold the reader. */
void reader_forget_kept(struct reader *reader);
void reader_trim_kept(struct reader *reader);

/* ---- the writer ---- */

struct write_job {
    const struct write_request *request;
    const struct message_catalogue *messages; /* the caller's, whose thread waits */
    struct write_outcome outcome;
    struct err err;
    int result;
    bool outgrew; /* it is too large to run beside others */
    sem_t finished;
    struct write_job *next;
    struct write_job *wakes; /* who is woken by this one's owner; NULL: nobody */
};

struct store {
    const struct model *model;
    struct layout *layout;
    char *folder;
    char *path;
    int lock_fd;
    bool read_only;
    atomic_llong last_seq;
    atomic_bool is_sample;
    _Atomic(const struct edition *) editions; /* the newest; see edition.c */
    atomic_bool *has_hidden; /* by reg->position: the register has, or once had, records that not everybody may see */

    pthread_mutex_t pool_mutex;
    struct reader *free_readers;
    int readers_held;

    struct db *db;           /* the writer's connection; only the writer's thread uses it once that runs */
    int64_t last_change_set; /* highest number given; the writer's, like what follows it */
    struct arena spare;      /* memory for the next change set */
    pthread_t writer_thread;
    bool writer_runs;
    pthread_mutex_t job_mutex;
    pthread_cond_t job_ready;
    struct write_job *first_job, *last_job;
    int job_count;       /* in the queue */
    int expected_jobs;   /* as many came together last time */
    int64_t patience_ns; /* how long to wait for them */
    bool stopping;

    int log_limit;            /* pages from which on the log is made to begin anew */
    atomic_bool log_restarts; /* no reader may keep its snapshot after its release */

    pthread_t housekeeper_thread;
    bool housekeeper_runs;

    atomic_bool log_holds_redacted; /* the log must begin anew after the next commit */
    pthread_mutex_t facts_mutex;
    struct facts *facts; /* see facts.h; NULL: none yet */
    atomic_bool has_facts;

    struct measures_kept *measures; /* see measure_kept.h */
    atomic_bool ends_computing;     /* see store_end_computing */
    atomic_llong computes_until_ms; /* by the monotonic clock, once ends_computing is so */

    atomic_ullong commits, change_sets, reads;
    _Atomic int64_t *touched; /* by mark: the last seq that touched it; see notes.h */
};

/* Runs one job on the writer's thread and waits for it. */
int writer_submit(struct store *store, struct write_job *job);
int writer_start(struct store *store, struct err *err);
void writer_stop(struct store *store);
/* Ends snapshots of free readers that were released before this time (INT64_MAX: all). */
void readers_let_go(struct store *store, int64_t released_before_ms);
/* Closes every free reader. */
void readers_close(struct store *store);

/* ---- change sets while they are filled ---- */

#define TOUCHED_COUNT 65536
#define TOUCHED_WORDS (TOUCHED_COUNT / 64)

struct pending_reference; /* see references.c */

struct bulk_table {
    int64_t inserted;
    bool was_empty;
    bool known;
    bool indexes_dropped;
};

struct change_set {
    struct store *store;
    struct db *db;
    const struct write_request *request;
    int64_t no; /* 0 until the first revision */
    int64_t at_ms;
    int64_t first_seq;
    int64_t next_seq;
    struct write_outcome outcome;
    struct arena arena;
    struct map counters;  /* struct counter_delta by its key */
    struct map pending;   /* struct pending_reference by "register/id" */
    struct map known_ids; /* references found to exist, in known_arena, begun anew when it grows large */
    struct arena known_arena;
    struct pending_delete *deletes; /* records that must not be referred to when the set ends */
    struct bulk_table *bulk;        /* by reg->position */
    bool *made_hidden;              /* by reg->position */
    bool made_sample;
    struct edition *made_edition; /* not yet anybody's */
    struct str pack;              /* whose loaded rows are spoken of: the request's, or see change_use_pack */
    uint64_t *touched;            /* a bit a mark; NULL: none yet */
    uint64_t touched_words[TOUCHED_WORDS / 64]; /* a bit for each word of it that is not zero */
    bool redirects_known;                       /* no_redirects is so */
    bool no_redirects;                          /* there is none in the whole store */
    struct seen_ids *seen;                      /* see loaded.c */
    bool in_savepoint;                          /* beside others: what it touches is held in memory until it ends */
    bool outgrew;                               /* it became too large for that */
    int64_t load_round;                         /* see loaded.c; 0: not yet known */
    const struct reg *last_put_reg;             /* the record change_put was last called for, and the seq it has */
    char last_put_id[ID_MAX + 1];
    int64_t last_put_seq;
};

#define CHANGE_SET_MEMORY_MAX ((size_t)1 << 30)
int change_set_begin(struct store *store, const struct write_request *request, int64_t next_seq,
                     struct change_set *ret_changes, struct err *err);
/* Checks references, writes counters, builds indexes; after it only the commit is missing. */
int change_set_end(struct change_set *changes, struct err *err);
void change_set_free(struct change_set *changes);
/* Takes the next seq and records the revision; makes the change set's own row first when there is none. */
int change_set_revision(struct change_set *changes, const struct reg *reg, struct str id, enum change_kind kind,
                        struct str other_id, int64_t *ret_seq, struct err *err);
/* Makes the change set's own row when there is none yet. */
int change_set_open(struct change_set *changes, struct err *err);

/* ---- rows (change_row.c) ---- */

/* The present row, unfiltered; *ret_exists says whether there is one. */
int row_current(struct db *db, const struct table *table, struct str id, struct arena *arena, bool *ret_exists,
                struct found *ret_found, struct err *err);
int row_insert(struct change_set *changes, const struct table *table, const struct value *record, int64_t seq,
               struct arena *scratch, struct err *err);
/* The present row goes to the past and this record, of the same id, takes its place. */
int row_replace(struct change_set *changes, const struct table *table, const struct found *current,
                const struct value *record, int64_t seq, struct arena *scratch, struct err *err);
/* The present row goes to the past, and nothing takes its place. */
int row_end(struct change_set *changes, const struct table *table, const struct found *current, int64_t seq,
            struct err *err);
/* The seqs for which a row holds: from <= seq < to; to 0: it is present. */
struct span {
    int64_t from, to;
};
/* Writes a record's entries into its register's link tables. */
int row_insert_links(struct db *db, const struct table *table, const struct value *record, struct span span,
                     struct arena *scratch, struct err *err);

/* ---- notes (notes.c) ---- */

void note_record(struct reader *reader, const struct reg *reg, struct str id);
void note_register(struct reader *reader, const struct reg *reg);
void note_referrers(struct reader *reader, const struct reg *reg, struct str id);
void note_everything(struct reader *reader);
/* Notes again what was noted when something that is kept was read. */
void notes_add(struct reader *reader, const uint16_t *marks, size_t count);
/* A record as it was or as it is now: the record, its register and all that it refers to are touched. */
void touch_record(struct change_set *changes, const struct reg *reg, const struct value *record);
/* Marks what a change set touched; before the commit's seq is published. */
void touched_publish(struct store *store, const uint64_t *touched, int64_t seq);

/* ---- counters (counters.c) ---- */

/* Adds `by` to what counts this record: the register's total and every facet value. */
void counters_add(struct change_set *changes, const struct reg *reg, const struct value *record, int by);
int counters_write(struct change_set *changes, struct err *err);

/* ---- references (references.c) ---- */

/* Calls each for every reference in a canonical record: its register, the id's place in the tree, the field (NULL for
 * owner and sources) and words for messages. Non-zero ends it. */
typedef int reference_visitor(void *context, const struct reg *target, struct value *id_value,
                              const struct field *field, const char *where);
int references_each(const struct model *model, const struct reg *reg, struct value *record, reference_visitor *each,
                    void *context);
/* Follows redirects in place and remembers what must exist when the set ends. */
int references_note(struct change_set *changes, const struct reg *reg, struct value *record, struct err *err);
int references_check(struct change_set *changes, struct err *err);
/* The record must not be referred to when the set ends. */
void references_note_delete(struct change_set *changes, const struct reg *reg, struct str id);
/* Forgets that it exists. */
void references_forget(struct change_set *changes, const struct reg *reg, struct str id);
/* Where an id was renamed or merged to; empty when it was not. */
int redirect_of(struct db *db, const struct reg *reg, struct str id, struct arena *arena, struct str *ret_to,
                struct err *err);
/* Ids of present records of `from` whose column or link `field` (NULL: sources; with owner: the owner column) holds id. */
struct referrer {
    const struct reg *reg;
    struct str id;
};
int referrers_of(struct db *db, const struct layout *layout, const struct reg *target, struct str id, size_t limit,
                 struct arena *arena, struct referrer **ret_referrers, size_t *ret_count, struct err *err);

/* ---- editions (edition.c) ---- */

int editions_load(struct store *store, struct err *err);
void editions_free(struct store *store);
struct edition *edition_copy(const struct edition *edition);
void edition_free(struct edition *edition); /* NULL is fine */
/* Makes editions known, in the order of the list that `older` makes; they belong to the store from here on. */
void editions_publish(struct store *store, struct edition *made);
/* One that stands at exactly that seq; NULL: there is none. */
const struct edition *edition_at(const struct store *store, int64_t seq);
/* Counts by that field would tell what was redacted: they are counted anew from now on. */
int editions_forget_counts(struct change_set *changes, const struct reg *reg, const struct field *field,
                           struct err *err);

/* ---- bulk (bulk.c) ---- */

/* Counts an insertion; drops the indexes of a table that was empty once many rows come. */
int bulk_note_insert(struct change_set *changes, const struct table *table, struct err *err);
/* Builds again what was dropped. */
int bulk_finish(struct change_set *changes, struct err *err);

/* ---- migration (migrate.c) ---- */

/* Makes the tables of an empty store, or brings those of an older model to this one, in one transaction. */
int migrate(struct store *store, struct err *err);
int meta_get(struct db *db, struct str key, struct arena *arena, struct str *ret_value, struct err *err);
int meta_set(struct db *db, struct str key, struct str value, struct err *err);
#define META_SAMPLE STR("sample") /* there, and "1", when the store holds invented records */

/* ---- SQL texts ---- */

/* A small SQL writer: text and parameters in step. */
struct sql_arg {
    enum { ARG_TEXT, ARG_INT, ARG_DECIMAL, ARG_BLOB } kind;
    struct str text;
    int64_t number;
    struct decimal decimal;
};
#define SQL_ARGS_MAX 64
#define SQL_TEXT_MAX ((size_t)1 << 20)
struct sql {
    struct buf text;
    struct sql_arg args[SQL_ARGS_MAX];
    int arg_count;
};
void sql_init(struct sql *sql);
void sql_free(struct sql *sql);
#define SQL_AUTO __attribute__((cleanup(sql_free))) struct sql
#define sql_add(sql, ...) buf_add_format(&(sql)->text, __VA_ARGS__)
/* The number of a new parameter with that value: write it as "$%d". */
int sql_text_arg(struct sql *sql, struct str text);
int sql_int_arg(struct sql *sql, int64_t number);
int sql_decimal_arg(struct sql *sql, struct decimal number);
int sql_blob_arg(struct sql *sql, struct str bytes);
/* Binds the parameters to a statement of this text. */
void sql_bind(const struct sql *sql, struct stmt *stmt);
/* Prepares and binds. */
int sql_statement(struct sql *sql, struct db *db, struct stmt **ret_stmt, struct err *err);

#endif
