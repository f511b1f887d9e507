/* A store as one would write it in an afternoon: every state of every record after every seq, kept whole in memory, and
 * every question answered by looking at all of them. It shares no code with the store beyond values and dates, so where the
 * two differ, one of them is wrong. */
#ifndef MUSUBI_TESTS_STORE_ORACLE_H
#define MUSUBI_TESTS_STORE_ORACLE_H

#include "store/store.h"

#define ORACLE_ENTRIES_MAX 200
#define ORACLE_SEQS_MAX 4000
#define ORACLE_MOVES_MAX 500

struct entry {
    const struct reg *reg;
    int line;                   /* what a record and all that it was renamed from have in common */
    const struct value *record; /* canonical; never changed, only replaced */
    int64_t seq;
};

/* All records after some seq. */
struct state {
    struct entry entries[ORACLE_ENTRIES_MAX];
    size_t count;
};

struct move {
    const struct reg *reg;
    struct str from, to;
};

struct event {
    const struct reg *reg;
    int line;
    enum change_kind kind;
};

struct oracle {
    const struct model *model;
    struct arena *arena;
    struct state *states[ORACLE_SEQS_MAX]; /* [0] is the empty store */
    struct event events[ORACLE_SEQS_MAX];  /* what made states[i] */
    int64_t ends[ORACLE_SEQS_MAX];         /* the last seq of the change set that i belongs to */
    int64_t last;
    struct move moves[ORACLE_MOVES_MAX];
    size_t move_count;
    struct move lines[ORACLE_MOVES_MAX]; /* every id there ever was; its line is its place, or that of `to` */
    size_t line_count;
};

/* Up to where a reader as of that seq sees: no change set is seen in part. */
int64_t oracle_end(const struct oracle *oracle, int64_t as_of);
void oracle_init(struct oracle *oracle, const struct model *model, struct arena *arena);

/* ---- writing ---- */

struct operation {
    enum change_kind kind; /* CHANGE_UPDATE stands for a put */
    const struct reg *reg;
    struct str id;
    struct str other;           /* of a rename or merge */
    const struct value *record; /* of a put */
    const struct field *field;  /* of a redaction */
};

/* Whether these operations, one after the other in one change set, are to be accepted; nothing is kept. */
bool oracle_accepts(struct oracle *oracle, const struct operation *operations, size_t count);
/* Carries them out. The feed says in which order records that refer to a renamed one followed it; what happened to
 * them is worked out here. False when there are other revisions than there should be. */
bool oracle_apply(struct oracle *oracle, const struct operation *operations, size_t count, const struct feed_item *feed,
                  size_t feed_count);

/* ---- reading ---- */

const struct state *oracle_state(const struct oracle *oracle, int64_t as_of); /* 0: the present */
const struct entry *state_find(const struct state *state, const struct reg *reg, struct str id);
bool entry_is_visible(const struct entry *entry, const struct viewer *viewer);
/* The record as this viewer may see it while the store is in that state. */
struct value *oracle_view(const struct oracle *oracle, const struct state *state, const struct reg *reg,
                          const struct value *record, const struct viewer *viewer);
/* Holds on that date, by what the viewer knows. */
bool oracle_holds(const struct state *state, const struct entry *entry, const struct viewer *viewer, struct date on);
/* -1: no such id ever. */
int oracle_line(const struct oracle *oracle, const struct reg *reg, struct str id);
/* Where an id was moved to; empty when it was not. */
struct str oracle_moved(const struct oracle *oracle, const struct reg *reg, struct str id);
/* Whether a canonical record refers to that id from the field (NULL: sources). */
bool record_refers(const struct value *record, const struct field *field, struct str id);

#endif
