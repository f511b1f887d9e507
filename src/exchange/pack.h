/* A pack: a Data Package 2.0 whose CSV files fill registers (docs/model.md, "A pack"). Reading it means reading and
 * checking datapackage.json; the files are opened by pack_table_open. */
#ifndef MUSUBI_EXCHANGE_PACK_H
#define MUSUBI_EXCHANGE_PACK_H

#include "exchange/csv.h"
#include "model/model.h"
#include "model/record.h"

/* A field of a resource's schema, or a column of its file. */
struct pack_field {
    struct str name;     /* in the file */
    bool mapped;         /* musubi:field is given */
    struct str *targets; /* the columns of ours it fills: none (left out), one, or several */
    size_t target_count;
    const struct value *values; /* musubi:values, an object of texts, or NULL */
    uint32_t line, column;      /* in datapackage.json */
};

struct pack_default {
    struct str column; /* ours */
    struct str cell;
    uint32_t line, column_at; /* in datapackage.json */
};

struct pack_resource {
    struct str name;
    struct str path;  /* for opening */
    struct str shown; /* for messages: the pack as it was named, and the path in it */
    const struct reg *reg;
    struct csv_options csv;
    bool header;
    bool file_may_have_more; /* columns than the schema says (fieldsMatch subset or partial) */
    bool file_may_have_less; /* (fieldsMatch superset or partial) */
    struct pack_field *fields;
    size_t field_count;
    struct pack_default *defaults;
    size_t default_count;
};

struct pack {
    struct str name;
    struct str title;   /* may be empty */
    struct str version; /* may be empty */
    struct str shown;   /* datapackage.json as messages name it */
    bool sample;        /* invented records */
    struct pack_resource *resources;
    size_t resource_count;
};

/* Reads `folder`/datapackage.json, or `folder` itself when it is that file. `shown` is how messages name the folder.
 * Problems go to *problems as "FILE:LINE:COLUMN: …"; -1 when there was one, or *err says that it cannot be read. */
int pack_read(const struct model *model, struct str folder, struct str shown, struct arena *arena,
              struct problems *problems, struct pack **ret_pack, struct err *err);

/* ---- one resource's rows, as records ---- */

struct pack_row {
    uint64_t line;
    struct value *record; /* canonical, with an id; NULL when the row has problems */
};

struct pack_table;
/* Opens the file, reads its header and finds what each column fills. The resource must outlive the table. Problems as
 * "FILE:LINE:COLUMN NAME: …". -1 when it cannot be read; then there is a problem. */
int pack_table_open(const struct model *model, const struct pack_resource *resource, struct problems *problems,
                    struct pack_table **ret_table);
/* 1: a row was read (records live in `arena`); 0: the end, or the file cannot be read on from here: then there is a
 * problem. After 0 the file is closed; only the columns' names may still be asked for. */
int pack_table_next(struct pack_table *table, struct arena *arena, struct problems *problems, struct pack_row *ret_row);
uint64_t pack_table_bytes_read(const struct pack_table *table);
void pack_table_close(struct pack_table *table); /* NULL is fine */

/* What the file calls the column that fills part of a record ("name.ja" → "name_ja" → "商号"); for messages. */
struct str pack_table_column(const struct pack_table *table, struct str field, struct arena *arena);

#endif
