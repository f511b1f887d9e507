/* How a register lies in tables. Worked out once from the model when the store opens, and the only place that knows the
 * names of columns.
 *
 *   r_NAME   the present: one row a record
 *   p_NAME   the past: the same columns and seq_to; a row held for seq_from <= seq < seq_to
 *   l_NAME__FIELD, lp_NAME__FIELD   for a list of codes or references (and for `sources`): one row an entry, so that
 *            lists can be filtered and counted; the list itself, with its order and its plain names, is JSON in the row
 *
 * Column names: the field's name, with _ja _en for two languages and for a party's name, _low _high _qualifier _estimated _unit
 * _currency _period _precision for a figure, _lat _lon _approximate for a geopoint; NAME__ja, NAME__en or NAME__k hold sort
 * keys: bytes in order, 0xFF alone where there is nothing, so that what is missing comes last. */
#ifndef MUSUBI_STORE_LAYOUT_H
#define MUSUBI_STORE_LAYOUT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/model.h"

enum dialect { DIALECT_SQLITE, DIALECT_POSTGRESQL, DIALECT_COUNT };
enum sql_type { SQL_TEXT, SQL_INT, SQL_NUMBER, SQL_BLOB };

/* What a column holds of its field. */
enum slot_part {
    SLOT_WHOLE, /* text, code, reference, date, integer, number, boolean, time */
    SLOT_JA,
    SLOT_EN,
    SLOT_LOW,
    SLOT_HIGH,
    SLOT_QUALIFIER,
    SLOT_ESTIMATED,
    SLOT_UNIT,
    SLOT_CURRENCY,
    SLOT_PERIOD,
    SLOT_PRECISION,
    SLOT_LAT,
    SLOT_LON,
    SLOT_APPROXIMATE,
    SLOT_LIST, /* JSON */
};

struct slot {
    struct str column;
    enum sql_type type;
    enum slot_part part;
    const struct field *field;
};

/* The columns every row begins with, in this order. */
enum fixed_column {
    FIXED_ID,
    FIXED_OWNER,
    FIXED_VISIBILITY,
    FIXED_FROM,
    FIXED_TO,
    FIXED_ATTESTED_ON,
    FIXED_SOURCES,
    FIXED_REDACTED,
    FIXED_SEQ_FROM,
    FIXED_COUNT,
};
extern const struct str fixed_columns[FIXED_COUNT];

/* A stored sort key. */
struct sort_key {
    struct str column;
    const struct field *field;
    int lang; /* enum lang, or -1: the same in every language */
};

/* Statements that need nothing but a row's values, written once. Their parameters are as many as they have columns, in that
 * order, unless it says otherwise. */
struct link_sql {
    struct str insert;      /* value, id, seq_from, and the keys when it is keyed */
    struct str insert_past; /* value, id, seq_from, seq_to, and the keys when it is keyed */
    struct str copy;        /* to the past; $1 seq_to, $2 id */
    struct str remove;      /* $1 id */
    struct str stay;        /* entries of a row that now begins with $1; $2 id */
};

struct table_sql {
    struct str insert;
    struct str current; /* read_columns; $1 id */
    struct str version; /* the same of a past row; $1 id, $2 seq_from */
    struct str span;    /* seq_from and seq_to of the last past row that began by $2; $1 id */
    struct str seq;     /* seq_from; $1 id */
    struct str copy;    /* to the past; $1 seq_to, $2 id */
    struct str remove;  /* $1 id */
};

struct link {
    struct str table;
    struct str past_table;
    struct link_sql sql;
    const struct field *field; /* NULL: sources */
    bool keyed;                /* has the record's default sort keys, so that a facet of a large register pages fast */
};

/* Where a field's columns begin. */
struct field_place {
    size_t first_slot;
    size_t slot_count;
    const struct link *link; /* NULL: none */
};

struct table {
    const struct reg *reg;
    struct str name;
    struct str past_name;
    struct slot *slots;
    size_t slot_count;
    struct sort_key *sort_keys;
    size_t sort_key_count;
    struct link *links;
    size_t link_count;
    struct field_place *places; /* by field->position */
    struct str read_columns;    /* "\"id\",\"owner\",…": fixed columns and slots, quoted */
    struct str all_columns;     /* the same and the sort keys */
    struct str label_columns;   /* owner and the columns of the label fields, each after "t." */
    struct str hidden_columns;  /* of fields that have left the model, each after a comma; they are never dropped */
    struct table_sql sql;
    size_t read_count;
    size_t all_count;
};

/* A place where records refer to others: a column, or a link table. */
struct place {
    const struct table *table;
    const struct field *field; /* NULL: sources */
    const struct link *link;   /* NULL: a column */
    const struct reg *target;
    struct str probe;      /* SELECT 1 … $1: a row for each entry of the present */
    struct str probe_past; /* the same of the past */
    size_t quick;          /* number of its first quick statement: who refers, in each language's order, then who did */
};

/* Statements that are wanted so often that each reader keeps them by number. */
enum quick {
    QUICK_GET,
    QUICK_LABEL,
    QUICK_EXISTS,
    QUICK_REFERRED,    /* how many each place that may refer to it holds */
    QUICK_USED,        /* which places that may refer to its register hold anything */
    QUICK_REFERRED_IN, /* as QUICK_REFERRED, in an earlier state */
    QUICK_USED_EVER,   /* as QUICK_USED, now or once */
    QUICK_MOMENTS,     /* history.c: when its past rows began and ended */
    QUICK_BEFORE,      /* the row that ended with a seq */
    QUICK_AFTER,       /* the present row, when it began with a seq */
    QUICK_AFTER_ENDED, /* a past row that began with it */
    QUICK_COUNT
};

struct layout {
    struct arena arena;
    const struct model *model;
    struct table *tables; /* by reg->position */
    struct place *places; /* in the order of registers and fields */
    size_t place_count;
    size_t quick_count; /* QUICK_COUNT for each register, then two for each place and language */
};

struct layout *layout_make(const struct model *model);
void layout_free(struct layout *layout); /* NULL is fine */
/* Writes table->sql and its links': again whenever hidden_columns changes. */
void layout_write_sql(struct table *table, struct arena *arena);
const struct table *layout_table(const struct layout *layout, const struct reg *reg);
/* The name itself, or a shorter one that is as good as unique where a database would cut it. */
struct str layout_sql_name(struct arena *arena, struct str name);
/* The stored key to order by in that language; NULL when the field has none. */
const struct sort_key *table_sort_key(const struct table *table, const struct field *field, enum lang lang);

/* An index; a large load may leave it out and make it at its end. */
struct index {
    struct str name;
    struct str sql;             /* the whole CREATE INDEX statement */
    const struct field *unique; /* the field that must be unique, or NULL */
};
/* Every index of a table, its past and its links. */
void table_indexes(const struct table *table, struct arena *arena, struct index **ret_indexes, size_t *ret_count);

/* Appends the CREATE statements of the store's own tables (revisions, change sets, counters, …). */
void ddl_system(enum dialect dialect, struct buf *out);
/* One of them by number, from 0 on: its name (NULL: there is no such one), its statements, its columns. */
const char *ddl_system_name(size_t number);
void ddl_system_table(size_t number, enum dialect dialect, struct buf *out);
const char *ddl_system_column(size_t number, size_t column, enum sql_type *ret_type);
/* Appends the CREATE TABLE statements of one register, without indexes. */
void ddl_register(const struct table *table, enum dialect dialect, struct buf *out);
/* The link tables alone. */
void ddl_links(const struct table *table, enum dialect dialect, struct buf *out);
/* "TEXT", "BIGINT" … */
const char *ddl_type(enum dialect dialect, enum sql_type type);

#endif
