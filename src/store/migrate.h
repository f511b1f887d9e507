/* The steps of a migration. Not for use outside src/store. */
#ifndef MUSUBI_STORE_MIGRATE_H
#define MUSUBI_STORE_MIGRATE_H

#include "store/describe.h"
#include "store/internal.h"

struct migration {
    struct store *store;
    struct db *db;
    struct arena *arena;
    struct value *former;       /* what lies in the store; hidden registers and fields among it */
    struct value *now;          /* what this model needs; hidden ones are added as they are found */
    struct change_set *changes; /* collects counters; never becomes a change set */
};

/* Runs one statement made like printf. */
int migrate_exec(struct migration *migration, struct err *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Makes the store's own tables and columns that an older program did not have. */
int migrate_system(struct migration *migration, struct err *err);
/* Brings the columns of one register's two tables to what the table says; refuses what would lose data. */
int migrate_fields(struct migration *migration, const struct table *table, struct value *former, struct err *err);
/* Fills sort keys, links and counters of one register anew from its rows, present and past. */
int migrate_rebuild(struct migration *migration, const struct table *table, struct err *err);
/* Codes that left a vocabulary but stand in records, references whose register changed: refused. */
int migrate_check_values(struct migration *migration, const struct table *table, struct err *err);

#endif
