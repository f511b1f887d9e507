/* How readers find rows: conditions that every reading shares. Not for use outside src/store. */
#ifndef MUSUBI_STORE_READ_H
#define MUSUBI_STORE_READ_H

#include "store/internal.h"
#include "store/row.h"

/* Which of a register's two tables a part of a query reads. */
enum tense { TENSE_PRESENT, TENSE_PAST };

static inline struct str tense_table(const struct table *table, enum tense tense)
{
    return tense == TENSE_PRESENT ? table->name : table->past_name;
}

/* Parameters that several parts of one statement share; 0 where there is none. */
struct shared_args {
    int sees, owner, as_of, on_first, on_last;
};
/* Adds the arguments that this reader's options need; with `on` only when the caller filters by it. */
struct shared_args shared_args_add(struct sql *sql, const struct reader *reader, bool with_on);
/* The same for sql_visible alone, whatever the state and the date. */
struct shared_args viewer_args_add(struct sql *sql, const struct reader *reader);

/* Each appends conditions that begin with " AND " on the table alias given. */
void sql_visible(struct sql *sql, const char *alias, const struct shared_args *args);
void sql_known(struct sql *sql, const char *alias, const struct shared_args *args, enum tense tense);
/* Holds on the date: see docs/model.md and one_at_a_time. */
void sql_holds(struct sql *sql, const char *alias, const struct table *table, const struct shared_args *args);

/* The rows of t whose list has that entry, found from the entry: no " AND " before it. */
void sql_linked(struct sql *sql, const struct link *link, int value_arg, enum tense tense);

/* Takes references to records that the viewer may not see, and sources of fields that it may not see, out of a record. */
int hide_references(struct reader *reader, struct found *found, struct arena *arena, struct err *err);
/* Whether the viewer may see that record, as of the reader's state. */
int record_is_visible(struct reader *reader, const struct reg *reg, struct str id, bool *ret_visible, struct err *err);

/* Only registers that ever had something hidden need a look. */
bool record_may_be_hidden(const struct reader *reader, const struct reg *reg);
/* Whether a register has fields that this viewer does not see in records of others. */
bool reg_has_hidden_fields(const struct reg *reg, const struct viewer *viewer);
/* store_label, read anew. */
int label_read(struct reader *reader, const struct reg *reg, struct str id, struct arena *arena,
               struct bilingual *ret_label, struct err *err);

/* Writes the row as JSON; see store_get_json. */
int row_write_json(struct reader *reader, const struct table *table, struct stmt *stmt, int first, struct arena *arena,
                   struct buf *out, struct err *err);

/* Appends what store_get_json gives of a record, which the reader keeps until something of it changes. */
int kept_json(struct reader *reader, const struct reg *reg, struct str id, struct arena *arena, struct buf *out,
              struct err *err);

/* row_read and hide_references. */
int read_found(struct reader *reader, const struct table *table, struct stmt *stmt, int first, struct arena *arena,
               struct found *ret_found, struct err *err);

/* An exact kept count of what the viewer may see; field NULL: of the whole register. Not for viewers with an owner. */
int counter_read(struct reader *reader, const struct reg *reg, const struct field *field, struct str value,
                 int64_t *ret_count, struct err *err);

#endif
