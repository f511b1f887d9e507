/* Loading packs: their rows become one change set, which is taken whole or not at all.
 *
 * A row is compared with what a pack of that name last loaded (its digest, and the revision the record stood at then):
 *   the pack never brought the record      it is created; when it is there already and equal it becomes the pack's as
 *                                           well; there and different: a conflict
 *   the row is as it was last time          nothing happens, whatever became of the record since
 *   the row changed, the record did not     the record is updated
 *   both changed, to the same               nothing happens
 *   both changed and differ                 a conflict
 * Rows gone from the pack stay, unless `prune`: then they are deleted when nobody changed them since; those that somebody
 * changed stay and are no longer the pack's.
 * Conflicts refuse the load, like every other problem. */
#ifndef MUSUBI_EXCHANGE_LOAD_H
#define MUSUBI_EXCHANGE_LOAD_H

#include "exchange/pack.h"
#include "store/store.h"

struct load_source {
    struct str folder; /* of the pack, or its datapackage.json */
    struct str shown;  /* how messages name it */
};

struct load_progress {
    uint64_t rows;
    uint64_t bytes;
    uint64_t total_bytes; /* of all files of all packs */
};

struct load_options {
    bool dry_run;
    bool prune;
    bool sample;                                                           /* packs of invented records are allowed */
    struct str author;                                                     /* empty: the packs' names */
    struct str reason;                                                     /* empty: "load of PACK VERSION" */
    void (*progress)(void *context, const struct load_progress *progress); /* now and then; may be NULL */
    bool (*cancelled)(void *context);                                      /* now and then; may be NULL */
    void *context;
};

struct load_result {
    uint64_t rows; /* read */
    int64_t created, updated, deleted, unchanged;
    int64_t gone;       /* brought by these packs before, not in them now, and still there */
    int64_t change_set; /* 0: nothing changed, or a dry run */
    int64_t last_seq;   /* of the store afterwards */
    bool has_sample;    /* one of the packs is marked as invented */
};

/* Reads the packs and checks them whole before refusing: *problems then holds what is wrong as "FILE:ROW:COLUMN: what is
 * wrong, what is allowed" (ROW is the line on which the row begins, COLUMN the file's own name of the column) and *err
 * says that there is something. All packs are one change set. */
int pack_load(struct store *store, const struct load_source *sources, size_t count, const struct load_options *options,
              struct problems *problems, struct load_result *ret_result, struct err *err);

#endif
