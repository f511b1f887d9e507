/* Rows and records: what a record's canonical value looks like in columns, and back. */
#ifndef MUSUBI_STORE_ROW_H
#define MUSUBI_STORE_ROW_H

#include "store/db.h"
#include "store/layout.h"
#include "store/store.h"

/* Bytes that come after every key there is: what is missing is last. */
#define SORT_KEY_NONE "\xff"

/* The key of a record in one order; key must hold TEXT_SORT_KEY_MAX bytes. Returns its length, at least 1. */
size_t row_sort_key(const struct sort_key *sort_key, const struct value *record, unsigned char *key);

/* Binds every column of table->all_columns, beginning with parameter $1, for a row that begins to hold with `seq`. What is
 * bound lives in scratch: run the statement before resetting that. */
void row_bind(const struct table *table, const struct value *record, int64_t seq, struct stmt *stmt,
              struct arena *scratch);

/* Which of table->all_columns differ when a record becomes another: those of the fields that changed, the keys made from them,
 * and where the row begins to hold. An array of all_count in the arena. */
bool *row_changed_columns(const struct table *table, const struct value *before, const struct value *after,
                          struct arena *arena);
/* Binds only the columns that are chosen, from parameter $1 on without a gap; returns the next free parameter. */
int row_bind_chosen(const struct table *table, const struct value *record, int64_t seq, const bool *chosen,
                    struct stmt *stmt, struct arena *scratch);
/* The name of table->all_columns[index]. */
struct str row_column(const struct table *table, size_t index);

/* Reads table->read_columns, beginning with column `first`, as a canonical record without the fields this viewer may not
 * see. */
int row_read(const struct table *table, struct stmt *stmt, int first, const struct viewer *viewer, struct arena *arena,
             struct found *ret_found, struct err *err);

/* The list that a link table indexes, in a record; NULL when it has none. */
const struct value *link_list(const struct link *link, const struct value *record);
/* The id, or code, of a list's entry; empty for a name that is in no register. */
struct str link_entry(const struct link *link, const struct value *entry);
/* Whether an entry before that index has the same one: a list is linked to each but once. */
bool link_came_before(const struct link *link, const struct value *list, size_t index, struct str value);

/* True when the viewer may see a field of a record of that owner. */
bool viewer_sees_field(const struct viewer *viewer, const struct field *field, struct str owner);
bool viewer_sees_record(const struct viewer *viewer, enum visibility visibility, struct str owner);

#endif
