/* The small interface behind which a database stands. Statements are written once, with $1, $2 … parameters and every
 * name quoted, in the SQL that SQLite 3.40 and PostgreSQL 15 share; the few that only one of them understands begin with
 * a comment that names it. Not for use outside src/store. */
#ifndef MUSUBI_STORE_DB_H
#define MUSUBI_STORE_DB_H

#include "base/arena.h"
#include "base/decimal.h"
#include "base/err.h"
#include "base/str.h"

struct db;
struct stmt;

enum db_mode { DB_READ, DB_WRITE };

/* Opens a connection for use by one thread at a time. DB_READ cannot write. */
int db_open(const char *path, enum db_mode mode, struct db **ret_db, struct err *err);
/* Finalises every statement. NULL is fine. */
void db_close(struct db *db);

/* Runs statements without parameters and results, separated by semicolons. */
int db_exec(struct db *db, const char *sql, struct err *err);

/* The prepared statement of that text, reset and ready to bind; kept by the connection until it closes. */
int db_statement(struct db *db, struct str sql, struct stmt **ret_stmt, struct err *err);
/* The same for a text that lies where it is, unchanged, for as long as the connection lives: a literal, or one of the
 * layout's. It is found again by its address, without looking at what it says. */
int db_kept_statement(struct db *db, struct str sql, struct stmt **ret_stmt, struct err *err);
/* Runs a text that lies where it is and gives no rows, such as "BEGIN"; prepared once. */
int db_run(struct db *db, struct str sql, struct err *err);
/* Finalises all statements when more than DB_STATEMENTS_MAX are kept. Call it when none is in use. */
#define DB_STATEMENTS_MAX 1000
void db_trim(struct db *db);
/* Gives back the pages that are kept in memory and not in use. */
void db_shrink(struct db *db);
/* While a statement of it runs, may_go_on is asked now and then, every few milliseconds of work; when it says no, the statement fails
 * with ERR_BUSY. Asked in the thread that runs the statement. */
void db_ask(struct db *db, bool (*may_go_on)(const void *context), const void *context);
/* Changes whenever statements that were given out are gone. */
unsigned db_generation(const struct db *db);

/* Parameters are numbered as in the text: $1 is 1. Text and blobs are borrowed until the statement is reset. */
void stmt_bind_null(struct stmt *stmt, int parameter);
void stmt_bind_int(struct stmt *stmt, int parameter, int64_t number);
void stmt_bind_decimal(struct stmt *stmt, int parameter, struct decimal number);
/* An empty text is bound as NULL: what is empty is absent. */
void stmt_bind_text(struct stmt *stmt, int parameter, struct str text);
/* The same but an empty text stays an empty text. */
void stmt_bind_text_or_empty(struct stmt *stmt, int parameter, struct str text);
void stmt_bind_blob(struct stmt *stmt, int parameter, const unsigned char *bytes, size_t length);

/* 1: a row; 0: done (and reset); -1: failed (and reset). */
int stmt_step(struct stmt *stmt, struct err *err);
/* Runs to the end and resets. */
int stmt_run(struct stmt *stmt, struct err *err);
/* Ends it early: what it borrowed and locked is let go. */
void stmt_reset(struct stmt *stmt);

/* Columns from 0. Text is borrowed until the next step or reset; NULL gives the empty string, 0. */
int stmt_column_count(struct stmt *stmt);
bool stmt_is_null(struct stmt *stmt, int column);
struct str stmt_text(struct stmt *stmt, int column);
struct str stmt_blob(struct stmt *stmt, int column);
int64_t stmt_int(struct stmt *stmt, int column);
struct decimal stmt_decimal(struct stmt *stmt, int column);

/* Runs a statement that gives one number; an empty result gives 0. */
int db_query_int(struct db *db, struct str sql, int64_t *ret_number, struct err *err);
/* False when something that cannot be gone on from, such as a full disk, has ended the transaction. */
bool db_in_transaction(const struct db *db);
/* Rows changed since the connection was opened. */
int64_t db_changes_so_far(const struct db *db);
/* Rows changed by the last statement that was run. */
int64_t db_changed_rows(const struct db *db);
/* Bytes of the write-ahead log that are not yet in the database file. */
uint64_t db_wal_bytes(const struct db *db);
/* While an index is built, the page cache decides how much is sorted at a time; small pieces, which stay in the processor's
 * cache, take half the time of large ones (docs/performance.md). */
int db_sorts_begin(struct db *db, struct err *err);
int db_sorts_end(struct db *db, struct err *err);
/* From here on nothing moves the write-ahead log into the database file by itself: whoever writes calls db_restart_log. */
void db_follow_log(struct db *db);
/* Asks the system to begin writing the log to the disk, so that a large commit finds most of it there already. */
void db_write_log_back(const struct db *db);
/* Pages that the log held after the last commit. */
int db_log_pages(const struct db *db);
/* Moves the log into the database file and lets it begin anew, in the same file: what was written once is not allocated
 * again. Waits a moment for readers of an older state; false when one stayed. */
bool db_restart_log(struct db *db);
/* The same, and leaves an empty file: for the end. */
void db_empty_log(struct db *db);
/* A consistent copy into a file that does not exist yet: it has another name until it is whole and on the disk. */
int db_copy(struct db *db, const char *path, void (*progress)(void *context, double share), void *context,
            struct err *err);

/* See store_trace_statements. */
int db_trace(const char *path, struct err *err);

#endif
