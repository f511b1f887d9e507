/* What index_write.c and index_remove.c share. */
#ifndef MUSUBI_SEARCH_INDEX_WRITER_H
#define MUSUBI_SEARCH_INDEX_WRITER_H

#include "search/index_file.h"

struct pending {
    uint32_t number;
    struct entry entry;
    uint16_t values[256];
    size_t value_count;
};

enum statement {
    INSERT_DOC,
    INSERT_TEXT,
    INSERT_FTS,
    INSERT_VALUE,
    INSERT_REFER,
    INSERT_SUGGEST,
    INSERT_WORD,
    INSERT_PAIR,
    FIND_DOCS,
    READ_TEXT,
    DELETE_FTS,
    DELETE_TEXT,
    DELETE_DOC,
    DELETE_REFER,
    DELETE_SUGGEST,
    DELETE_PAIR,
    FIND_REFERRERS,
    SET_SEQ,
    STATEMENTS,
};

struct index_writer {
    struct index_db *db;
    const struct rules *rules;
    struct index *index; /* NULL: nobody searches this file */
    struct facet_values own_values, *values;
    struct common *own_common;
    size_t values_saved;
    struct harvest harvest;
    struct analyser *analyser; /* the connection's own is the tokenizer's */
    sqlite3_stmt *stmts[STATEMENTS];
    struct pending *pending;
    size_t pending_count, pending_capacity;
    uint32_t *gone; /* numbers that this transaction takes out */
    size_t gone_count, gone_capacity;
    int64_t next_number, seq, documents;
    bool bulk;
    bool lays_aside; /* until index_writer_settle() */
};

/* The statement, reset and ready to bind; NULL when it cannot be prepared. */
sqlite3_stmt *writer_statement(struct index_writer *writer, enum statement which);
/* Runs it to its first row or its end. */
int writer_run(struct index_writer *writer, sqlite3_stmt *stmt, struct err *err);
/* Adds or deletes what completes to a name, as the statement says. */
int writer_suggestions(struct index_writer *writer, struct str name, int64_t number, enum statement which,
                       struct err *err);
int64_t refer_hash(struct str reg, struct str id);

#endif
