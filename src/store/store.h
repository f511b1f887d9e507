/* The store: records, revisions, change sets, two times. SQLite now, PostgreSQL behind the same interface later.
 *
 * One way in: store_write runs a callback that fills one change set inside a transaction; it becomes durable whole or not
 * at all. One way out: a reader, which sees one consistent state for as long as it is held.
 *
 * Threads: a store may be used from any thread; a reader by one thread at a time. */
#ifndef MUSUBI_STORE_STORE_H
#define MUSUBI_STORE_STORE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/value.h"
#include "model/model.h"
#include "store/notes.h"

struct store;
struct reader;
struct change_set;

/* ---- opening ---- */

struct store_config {
    const char *url;           /* "sqlite:" (store.db in the folder) */
    const char *folder;        /* data folder; made when it is not there */
    const struct model *model; /* must outlive the store */
    bool read_only;
};

/* Creates the tables of an empty store, or migrates those of an older model in place; ERR_CONFLICT with the reason when a
 * changed model would lose data, ERR_BUSY when another process owns the folder. */
int store_open(const struct store_config *config, struct store **ret_store, struct err *err);
/* Waits for the writer to finish what it has; every reader must have been released. NULL is fine. */
void store_close(struct store *store);
const struct model *store_model(const struct store *store);
const char *store_folder(const struct store *store);
/* Highest seq that is durable; 0 in an empty store. Moves only forward. */
int64_t store_last_seq(const struct store *store);
/* Whether invented records were ever written into it (change_mark_sample). It is kept in the store itself, so that a copy
 * that was restored elsewhere says so too; nothing takes it back. */
bool store_is_sample(const struct store *store);

/* ---- reading ---- */

struct viewer {
    enum visibility sees; /* this and everything more public */
    struct str owner;     /* organisation whose own records are seen whatever their visibility; empty: none */
};

struct read_options {
    struct viewer viewer;
    enum lang lang;
    struct date on; /* only records that hold on (some day of) this date; not set: all */
    int64_t as_of;  /* the state after the change set that this seq belongs to, for none is ever seen in part; 0: the
                       present */
    bool ahead;     /* nobody waits for what is read: it ends as soon as readings are to end (store_end_computing) */
};

/* Takes a reader out of the store's pool, on the newest state. Release it soon: while it is held the log cannot shrink. */
int store_read(struct store *store, const struct read_options *options, struct reader **ret_reader, struct err *err);
void reader_release(struct reader *reader); /* NULL is fine */
/* Gives back the memory of pages that it has read; nothing else changes. */
void reader_shrink(struct reader *reader); /* NULL is fine */
/* As reader_release, and nobody else gets it: what it keeps of all that it read goes back at once. */
void reader_close(struct reader *reader); /* NULL is fine */
#define READER_AUTO __attribute__((cleanup(reader_release_cleanup))) struct reader
void reader_release_cleanup(struct reader **reader);
const struct read_options *reader_options(const struct reader *reader);
/* The seq this reader's state stands at: options.as_of, or the newest it sees. */
int64_t reader_seq(const struct reader *reader);
/* store_is_sample of the reader's store. */
bool reader_is_sample(const struct reader *reader);

/* What many answers are made of is made once: gives what `make` made under this key, in the reader's language and for its viewer,
 * as long as nothing changes of what was read for it; else has it made. It is built in the arena that make is given, is never
 * changed, and is valid until the reader is released; what was wanted longest ago is forgotten when more than 768 KiB are
 * kept. Only what is read by viewers without records of their own and of no other day than today is kept: else it is made in
 * `arena` each time. On failure *err is make's. */
typedef int kept_maker(void *context, struct reader *reader, struct arena *arena, void **ret_value, struct err *err);
int reader_kept(struct reader *reader, struct str key, struct arena *arena, kept_maker *make, void *context,
                void **ret_value, struct err *err);

/* A record as it was found. */
struct found {
    const struct reg *reg;
    /* canonical (model/record.h), without the fields this viewer may not see; references to records the viewer may not
     * see are left out; "redacted": [field…] when something was redacted */
    struct value *record;
    int64_t seq; /* of the revision that made it so: its ETag */
};

/* ERR_NOT_FOUND when there is none, or the viewer may not see it. When the id was renamed or merged away, *ret_moved_to is
 * where to (else empty) and the failure is ERR_NOT_FOUND too; ret_moved_to may be NULL. */
int store_get(struct reader *reader, const struct reg *reg, struct str id, struct arena *arena, struct found *ret_found,
              struct str *ret_moved_to, struct err *err);

/* The same as JSON, appended to out as the API gives it: the members of found.record in their order, the owner and references as
 * {"id", "label": {"ja", "en"}}. When it fails something may have been appended. */
int store_get_json(struct reader *reader, const struct reg *reg, struct str id, struct arena *arena, struct buf *out,
                   int64_t *ret_seq, struct str *ret_moved_to, struct err *err);

/* What a record is called. Empty in both languages when there is none or the viewer may not see it. */
int store_label(struct reader *reader, const struct reg *reg, struct str id, struct arena *arena,
                struct bilingual *ret_label, struct err *err);

struct filter {
    const struct field *field; /* NULL with name for "owner" */
    struct str name;           /* the field's name, or "owner" */
    struct str value; /* code, id, text, number or date as text; a list matches when it contains it; a date when it
                                  lies within this one; a figure or number when equal */
};

struct list_query {
    const struct reg *reg;
    const struct filter *filters; /* all must hold; at most 16 */
    size_t filter_count;
    const struct field *sort; /* sortable; NULL: the register's own */
    bool by_id;               /* sort by id instead */
    bool descending;
    size_t limit;      /* 1 … 1,000 */
    struct str cursor; /* empty: from the beginning; else `next` of the page before, with the same query */
};

struct page {
    struct found *items;
    size_t count;
    struct str next; /* empty on the last page */
    int64_t total;
    bool total_exact; /* false: there are at least `total` */
};

int store_list(struct reader *reader, const struct list_query *query, struct arena *arena, struct page *ret_page,
               struct err *err);

/* The same as a JSON list of what store_get_json writes, appended to out; of the page's items only the ids are filled. */
int store_list_json(struct reader *reader, const struct list_query *query, struct arena *arena, struct buf *out,
                    struct page *ret_page, struct err *err);

/* Number of records of a register this viewer may see (unfiltered, without `on`): from kept counters, in the present and in an
 * edition. As of any other revision it is the present's number. */
int store_count(struct reader *reader, const struct reg *reg, int64_t *ret_count, struct err *err);

struct facet_count {
    struct str value; /* code, id, "true"/"false" or number as text */
    int64_t count;
};
/* Counts of every value of a facet field in the unfiltered register, from kept counters as store_count; most first. */
int store_facet(struct reader *reader, const struct reg *reg, const struct field *field, struct arena *arena,
                struct facet_count **ret_counts, size_t *ret_count, struct err *err);

/* Records that refer to this one (references, parties, lists of them, sources, not owner): grouped by register and field,
 * registers in the model's order; at most limit_each of a group, with the group's total (lower bound past 1,000). */
struct inbound_item {
    struct str id;
    struct bilingual label; /* as store_label gives it */
};
struct inbound_group {
    const struct reg *reg;
    const struct field *field; /* NULL: `sources` */
    struct inbound_item *items;
    size_t count;
    int64_t total;
    bool total_exact;
};
int store_inbound(struct reader *reader, const struct reg *reg, struct str id, size_t limit_each, struct arena *arena,
                  struct inbound_group **ret_groups, size_t *ret_count, struct err *err);

enum change_kind { CHANGE_CREATE, CHANGE_UPDATE, CHANGE_DELETE, CHANGE_RENAME, CHANGE_MERGE, CHANGE_REDACT };
extern const struct str change_kind_names[]; /* "create", "update", … */

struct revision {
    int64_t seq;
    enum change_kind kind;
    int64_t at_ms;
    struct str author;
    struct str reason;
    int64_t change_set;
    struct value *sources; /* the change set's, or NULL */
    struct value *before;  /* canonical record; NULL when it did not exist, or the viewer might not see it then */
    struct value *after;   /* the same */
};
/* Newest first, only revisions of which the viewer may see one side; limit 1 … 1,000; before_seq 0: from the newest. */
int store_history(struct reader *reader, const struct reg *reg, struct str id, size_t limit, int64_t before_seq,
                  struct arena *arena, struct revision **ret_revisions, size_t *ret_count, struct err *err);
/* The same of a record as this reader has just read it: that is not read again, the revision that made it borrows it. */
int store_history_of(struct reader *reader, const struct found *found, size_t limit, int64_t before_seq,
                     struct arena *arena, struct revision **ret_revisions, size_t *ret_count, struct err *err);

/* The revision feed, oldest first, seq > after; at most limit. What was touched, without content. */
struct feed_item {
    int64_t seq;
    const struct reg *reg;
    struct str id;
    enum change_kind kind;
    struct str other; /* a rename: the id before; a merge: into which; else empty */
};
int store_feed(struct reader *reader, int64_t after, size_t limit, struct arena *arena, struct feed_item **ret_items,
               size_t *ret_count, struct err *err);

/* When the revision at which the reader stands was decided; 0 in an empty store. */
int store_changed_ms(struct reader *reader, int64_t *ret_ms, struct err *err);

/* Calls `each` for every record of a register the reader's options allow, in order of id, memory bounded: `found` and
 * what it points to live until the callback returns. A callback that returns non-zero ends it: that is returned. */
int store_each(struct reader *reader, const struct reg *reg, int (*each)(void *context, const struct found *found),
               void *context, struct err *err);

/* Of a register's records that the reader may see, the one that was there first, under the id it has now; NULL when there is none. Looks at the first hundred
 * by id. For registers in which one record is the usual case, such as whose site this is: a second one that comes does not
 * take its place. An id that was taken out and came again counts from its first time. */
int store_eldest(struct reader *reader, const struct reg *reg, struct arena *arena, const struct found **ret_found,
                 struct err *err);

/* ---- editions ---- */

/* A point in the order of revisions that was given a name: read it with options.as_of = seq. It never changes and never goes.
 * In memory, newest first; a pointer to one holds until the store closes. */
#define EDITION_NAME_MAX 40
struct edition {
    struct str name; /* [a-z0-9][a-z0-9.-]*, not "present" */
    int64_t seq;
    int64_t frozen_ms;
    struct str frozen_by;
    struct str note; /* or empty */
    struct str gaps; /* JSON: what was missing when it was frozen nevertheless; empty: nothing was */
    int64_t number;  /* 1 for the oldest */
    const struct edition *older;
};
/* The newest one; NULL: there is none. */
const struct edition *store_editions(const struct store *store);
const struct edition *store_edition(const struct store *store, struct str name); /* NULL: there is none */
bool edition_name_is_valid(struct str name);

struct freeze_request {
    struct str name;
    int64_t seq; /* must be the newest one: what was looked at is what is frozen */
    struct str frozen_by, note, gaps;
};
/* ERR_CONFLICT when there is one of that name (field "name"), or when the store has gone on since seq. */
int store_freeze(struct store *store, const struct freeze_request *freeze, const struct edition **ret_edition,
                 struct err *err);

/* ---- writing ---- */

struct write_request {
    struct str author;     /* an organisation or person id, or a name: who proposes */
    struct str reason;     /* why */
    struct value *sources; /* list as in a record, or NULL */
    struct str kind;       /* "load", "import", "edit" */
    struct str pack;       /* name of the pack for loads; else empty */
    bool dry_run;          /* do everything, then undo it: the outcome says what would have happened */
    bool bulk;             /* many records may come: indexes of empty registers are built at the end */
    bool alone;            /* many may come, and fill must not be called twice; bulk says so too */
    /* Fills the change set; runs in the writer's thread, inside the transaction. Non-zero: nothing happens, *err stands. It
     * may be called again after all that it did was undone, when one beside it fails or it proves large: what it keeps
     * outside of the change set must then come out the same. */
    int (*fill)(void *context, struct change_set *changes, struct err *err);
    void *context;
};

struct write_outcome {
    int64_t change_set; /* 0 when nothing changed: then no change set is kept either */
    int64_t first_seq, last_seq;
    int64_t created, updated, deleted, unchanged;
};

/* Blocks until the change set is durable, or refused. Many at once share one commit. */
int store_write(struct store *store, const struct write_request *request, struct write_outcome *ret_outcome,
                struct err *err);

#define SEQ_ANY (-1) /* whatever is there */
#define SEQ_NONE 0   /* it must not exist yet */

/* Creates or replaces a record by a canonical one (record_from_value). expected_seq: SEQ_ANY, SEQ_NONE or the seq it must
 * have now, else ERR_CONFLICT. Equal to what is there: unchanged, no revision. A record without id gets one made from its
 * content. ERR_CONFLICT when this change set touched it already, or the id was used by something else.
 * References are checked when the change set ends: one that points nowhere refuses it all (ERR_INVALID, field set). */
int change_put(struct change_set *changes, const struct reg *reg, struct value *record, int64_t expected_seq,
               struct arena *scratch, struct err *err);
/* ERR_CONFLICT when others refer to it (the message names up to five). */
int change_delete(struct change_set *changes, const struct reg *reg, struct str id, int64_t expected_seq,
                  struct err *err);
/* The record moves to a new id; the old one redirects for good; references follow (as revisions of their records).
 * ERR_CONFLICT when a record has, or ever had, the new id. */
int change_rename(struct change_set *changes, const struct reg *reg, struct str id, struct str new_id, struct err *err);
/* `id` ends; its id redirects to `into`; references follow. */
int change_merge(struct change_set *changes, const struct reg *reg, struct str id, struct str into, struct err *err);
/* Takes the register's `personal` fields (or those named) of a record out of the present and of all the past, for good, also
 * under the ids it had before it was renamed; a revision records that, by whom and why; the record lists the fields under
 * "redacted". A record that was deleted or merged away is redacted in the past alone: its revision makes no row. ERR_NOT_FOUND
 * when there never was one. */
int change_redact(struct change_set *changes, const struct reg *reg, struct str id, const struct field **fields,
                  size_t field_count, struct err *err);
/* What is there now, inside this transaction, everything visible. ERR_NOT_FOUND. */
int change_current(struct change_set *changes, const struct reg *reg, struct str id, struct arena *arena,
                   struct found *ret_found, struct err *err);

/* What a pack last loaded: for loading again. */
struct loaded_row {
    int64_t seq;              /* the revision this pack made (or found) */
    unsigned char digest[16]; /* of the record as the pack gave it */
};
/* False in *ret_known when the pack never brought this record. */
int change_loaded(struct change_set *changes, const struct reg *reg, struct str id, bool *ret_known,
                  struct loaded_row *ret_row, struct err *err);
/* Notes that the pack brought this record as `digest`. Its row then stands at the record's present seq, except when the
 * digest is the one already kept: then the seq stays too, so that an edit made since remains recognisable. ERR_CONFLICT
 * when it was called for this record in this change set before: the pack names it twice. */
int change_set_loaded(struct change_set *changes, const struct reg *reg, struct str id, const unsigned char digest[16],
                      struct err *err);
/* From here on change_loaded, change_set_loaded and change_each_gone speak of this pack instead of the request's: for
 * loading several packs in one change set. The text is copied. */
int change_use_pack(struct change_set *changes, struct str pack, struct err *err);
/* This change set brings invented records: from its commit on store_is_sample is true. */
int change_mark_sample(struct change_set *changes, struct err *err);
/* Records the request's pack brought before but whose change_set_loaded was not called in this change set, in order of
 * register and id: calls `each`; with forget they are no longer counted as the pack's. */
int change_each_gone(struct change_set *changes, int (*each)(void *context, const struct reg *reg, struct str id),
                     void *context, bool forget, struct err *err);

/* ---- proposing: change sets that wait for a decision ---- */

struct proposed_change {
    const struct reg *reg;
    struct str id;
    enum change_kind kind; /* CREATE, UPDATE or DELETE */
    struct value *record;  /* canonical; NULL for DELETE */
    int64_t base_seq;      /* what the author saw; SEQ_NONE for CREATE */
    bool accepted;         /* out: after a decision */
};
enum proposal_state { PROPOSAL_OPEN, PROPOSAL_ACCEPTED, PROPOSAL_ACCEPTED_IN_PART, PROPOSAL_SENT_BACK };
struct proposal {
    int64_t change_set;
    struct str author, reason;
    struct value *sources;
    enum proposal_state state;
    int64_t created_ms, decided_ms;
    struct str decided_by, decision_note;
    struct proposed_change *changes;
    size_t change_count;
};
int store_propose(struct store *store, const struct write_request *request, const struct proposed_change *changes,
                  size_t count, int64_t *ret_change_set, struct err *err);
/* accept[i] for each change in order; none: sent back. Accepted ones become revisions; ERR_CONFLICT when one's base_seq is no
 * longer the present (the message names it): nothing happens then. */
int store_decide(struct store *store, int64_t change_set, const bool *accept, size_t count, struct str decided_by,
                 struct str note, struct write_outcome *ret_outcome, struct err *err);
int store_proposal(struct reader *reader, int64_t change_set, struct arena *arena, struct proposal *ret_proposal,
                   struct err *err);
/* Open ones first, newest first; without their changes' records. */
int store_proposals(struct reader *reader, size_t limit, struct arena *arena, struct proposal **ret_proposals,
                    size_t *ret_count, struct err *err);

/* ---- keeping ---- */

/* A consistent copy of the whole store while it serves; `path` must not exist. progress (0…1) may be NULL. */
int store_backup(struct store *store, const char *path, void (*progress)(void *context, double share), void *context,
                 struct err *err);
/* Proves it sound: the database's own check, references, revisions in one order without gaps, present against revisions,
 * past rows that neither overlap nor leave holes, link tables, counters, redirects, ids. Each finding is one line for
 * `finding`; returns 0 with their number. */
int store_check(struct store *store, void (*finding)(void *context, struct str line), void *context,
                int64_t *ret_findings, struct err *err);
/* Every SQL text that defines the tables for this model: dialect "sqlite" or "postgresql"; for the tests on a real
 * PostgreSQL and for curious operators. Appends to out, statements end with ";\n". */
int store_write_definitions(const struct model *model, struct str dialect, struct buf *out, struct err *err);
/* Appends every distinct statement this process prepares from now on to a file, one a line: for proving them on another
 * database. NULL ends it. */
int store_trace_statements(const char *path, struct err *err);

struct store_counters {
    uint64_t commits, change_sets, wal_bytes, readers_now, reads;
    int64_t last_seq;
};
struct store_counters store_counters(const struct store *store);

#endif
