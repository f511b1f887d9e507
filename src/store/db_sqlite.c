#include "store/db.h"

#include "base/file.h"
#include "base/map.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BUSY_TIMEOUT_MS 5000
/* How long a reader is waited for, in steps. */
#define CHECKPOINT_WAITS 200
#define CHECKPOINT_WAIT_US 100
#define WRITE_CACHE "PRAGMA cache_size=-32768"
#define SORT_CACHE "PRAGMA cache_size=-2048; PRAGMA threads=1"

struct stmt {
    sqlite3_stmt *handle;
    struct db *db;
    int *parameter_index; /* $n → SQLite's number, which goes by first appearance; [0] is unused */
    int parameter_count;
    bool *is_bound; /* by SQLite's number: to something else than NULL, which it stays until it is bound anew */
};

/* Where a text that stays in its place was found last time. */
struct kept_statement {
    const char *text;
    size_t length;
    struct stmt *stmt;
};
#define KEPT_STATEMENTS 256

struct db {
    sqlite3 *handle;
    struct arena arena; /* the statements and their texts */
    struct map statements;
    struct kept_statement kept[KEPT_STATEMENTS]; /* by a hash of the address */
    char *wal_path;
    int log_pages;
    unsigned generation;
    bool (*may_go_on)(const void *context); /* NULL: nobody is asked */
    const void *context;
};

static struct {
    pthread_mutex_t mutex;
    FILE *file;
    struct arena arena;
    struct map seen;
} trace = {.mutex = PTHREAD_MUTEX_INITIALIZER};

int db_trace(const char *path, struct err *err)
{
    int result = 0;
    pthread_mutex_lock(&trace.mutex);
    if (trace.file) {
        fclose(trace.file);
        trace.file = NULL;
        arena_free(&trace.arena);
    }
    if (path) {
        trace.file = fopen(path, "ae");
        if (trace.file) {
            arena_init(&trace.arena, 64u << 20);
            map_init(&trace.seen, &trace.arena);
        } else {
            result = err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
        }
    }
    pthread_mutex_unlock(&trace.mutex);
    return result;
}

static void trace_statement(struct str sql)
{
    pthread_mutex_lock(&trace.mutex);
    if (trace.file && !map_get(&trace.seen, sql)) {
        struct str copy = arena_copy(&trace.arena, sql);
        map_set(&trace.seen, copy, &trace);
        fprintf(trace.file, "%.*s\n", STR_ARG(sql));
        fflush(trace.file);
    }
    pthread_mutex_unlock(&trace.mutex);
}

/* What SQLite says, as one of our codes. */
static int sqlite_failure(struct db *db, int code, struct err *err)
{
    enum err_code ours = ERR_IO;
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        ours = ERR_BUSY;
        break;
    case SQLITE_CONSTRAINT:
        ours = ERR_CONFLICT;
        break;
    case SQLITE_TOOBIG:
        ours = ERR_LIMIT;
        break;
    case SQLITE_ERROR:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
        ours = ERR_INTERNAL;
        break;
    default:
        break;
    }
    if ((code & 0xff) == SQLITE_INTERRUPT)
        return err_set(err, ERR_BUSY, "the server is stopping: what was being computed was let go; ask again");
    if ((code & 0xff) == SQLITE_FULL)
        return err_set(err, ERR_IO, "the disk is full: nothing of this change was kept; make room and try again");
    return err_set(err, ours, "database: %s", db->handle ? sqlite3_errmsg(db->handle) : sqlite3_errstr(code));
}

static void configure(void)
{
    /* Pages that a savepoint must be able to put back stay in memory: SQLite would make, fill and remove a file for each change
     * set of a batch that touches more than eight. Whatever touches very many pages runs without a savepoint (writer.c). A
     * bound set here would have to be below 128 KiB: what SQLite 3.40 moves to the file at once must be less than that. */
    sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, -1);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static int open_handle(const char *path, enum db_mode mode, struct db *db, struct err *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, configure);
    /* Nobody but the owner reads what is for the secretariat alone; SQLite gives its log the same mode. */
    int made = mode == DB_WRITE ? open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    if (made >= 0)
        close(made);
    int flags = SQLITE_OPEN_NOMUTEX;
    flags |= mode == DB_WRITE ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    int code = sqlite3_open_v2(path, &db->handle, flags, NULL);
    if (code != SQLITE_OK)
        return sqlite_failure(db, code, err);
    sqlite3_extended_result_codes(db->handle, 1);
    sqlite3_busy_timeout(db->handle, BUSY_TIMEOUT_MS); /* before journal_mode, which itself may have to wait */
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_limit(db->handle, SQLITE_LIMIT_LENGTH, 64 << 20);
    return 0;
}

/* What is read again and again of a small store fits into the cache of pages, and mapped pages would count as this process's
 * memory as long as nobody else has them; reading all over a large one is faster mapped. */
#define MAP_FROM_BYTES ((off_t)64 << 20)

static bool is_large(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && status.st_size >= MAP_FROM_BYTES;
}

int db_open(const char *path, enum db_mode mode, struct db **ret_db, struct err *err)
{
    struct db *db = calloc(1, sizeof *db);
    if (!db)
        abort();
    arena_init(&db->arena, (size_t)256 << 20);
    map_init(&db->statements, &db->arena);
    if (asprintf(&db->wal_path, "%s-wal", path) < 0)
        abort();
    /* 8 KB pages: a million wide rows load in less than half the time that 4 KB pages take (docs/performance.md).
     * secure_delete so that what was redacted does not linger; FAST would leave it in pages that become free, where the
     * greater part of a long text stands. */
    static const char write_pragmas[] = "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                                        "PRAGMA secure_delete=ON; PRAGMA temp_store=FILE; " WRITE_CACHE ";"
                                        "PRAGMA journal_size_limit=67108864";
    static const char read_pragmas[] = "PRAGMA query_only=1; PRAGMA temp_store=FILE; PRAGMA cache_size=-2048";
    if (open_handle(path, mode, db, err) || db_exec(db, mode == DB_WRITE ? write_pragmas : read_pragmas, err) ||
        (mode == DB_READ && is_large(path) && db_exec(db, "PRAGMA mmap_size=8589934592", err))) {
        db_close(db);
        return -1;
    }
    *ret_db = db;
    return 0;
}

static void finalize_statements(struct db *db)
{
    for (size_t i = 0; i < db->statements.capacity; i++) {
        struct stmt *stmt = db->statements.slots[i].value;
        if (stmt)
            sqlite3_finalize(stmt->handle);
    }
    memset(db->kept, 0, sizeof db->kept);
    arena_reset(&db->arena);
    map_init(&db->statements, &db->arena);
    db->generation++;
}

unsigned db_generation(const struct db *db)
{
    return db->generation;
}

void db_trim(struct db *db)
{
    if (db->statements.count > DB_STATEMENTS_MAX)
        finalize_statements(db);
}

void db_shrink(struct db *db)
{
    sqlite3_db_release_memory(db->handle);
}

/* Of SQLite's machine: a few milliseconds. */
#define STEPS_BETWEEN_QUESTIONS 100000

static int ask(void *context)
{
    const struct db *db = context;
    return db->may_go_on(db->context) ? 0 : 1;
}

void db_ask(struct db *db, bool (*may_go_on)(const void *context), const void *context)
{
    db->may_go_on = may_go_on;
    db->context = context;
    sqlite3_progress_handler(db->handle, STEPS_BETWEEN_QUESTIONS, ask, db);
}

void db_close(struct db *db)
{
    if (!db)
        return;
    finalize_statements(db);
    arena_free(&db->arena);
    sqlite3_close(db->handle);
    free(db->wal_path);
    free(db);
}

int db_exec(struct db *db, const char *sql, struct err *err)
{
    int code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? 0 : sqlite_failure(db, code, err);
}

/* Which number SQLite gave to each $n. */
static void number_parameters(struct stmt *stmt)
{
    int count = sqlite3_bind_parameter_count(stmt->handle);
    stmt->parameter_index = ARENA_NEW_ARRAY(&stmt->db->arena, (size_t)count + 1, int);
    stmt->is_bound = ARENA_NEW_ARRAY(&stmt->db->arena, (size_t)count + 1, bool);
    stmt->parameter_count = count;
    for (int i = 1; i <= count; i++) {
        const char *name = sqlite3_bind_parameter_name(stmt->handle, i);
        int64_t number = 0;
        bool ok = name && name[0] == '$' && str_to_int64(str_from_cstr(name + 1), &number);
        assert(ok && number >= 1 && number <= count && "parameters are $1 … $n without a gap");
        if (ok && number >= 1 && number <= count)
            stmt->parameter_index[number] = i;
    }
}

int db_statement(struct db *db, struct str sql, struct stmt **ret_stmt, struct err *err)
{
    struct stmt *stmt = map_get(&db->statements, sql);
    if (stmt) {
        *ret_stmt = stmt;
        return 0;
    }
    sqlite3_stmt *handle = NULL;
    int code = sqlite3_prepare_v3(db->handle, sql.ptr, (int)sql.len, SQLITE_PREPARE_PERSISTENT, &handle, NULL);
    if (code != SQLITE_OK) {
        sqlite_failure(db, code, err);
        return err_prefix(err, "%.*s", (int)(sql.len < 300 ? sql.len : 300), sql.ptr);
    }
    trace_statement(sql);
    stmt = ARENA_NEW(&db->arena, struct stmt);
    stmt->handle = handle;
    stmt->db = db;
    number_parameters(stmt);
    map_set(&db->statements, arena_copy(&db->arena, sql), stmt);
    *ret_stmt = stmt;
    return 0;
}

int db_kept_statement(struct db *db, struct str sql, struct stmt **ret_stmt, struct err *err)
{
    uint64_t address = (uint64_t)(uintptr_t)sql.ptr;
    struct kept_statement *kept = &db->kept[(address ^ address >> 8 ^ address >> 16) % KEPT_STATEMENTS];
    if (kept->text == sql.ptr && kept->length == sql.len) {
        *ret_stmt = kept->stmt;
        return 0;
    }
    if (db_statement(db, sql, ret_stmt, err))
        return -1;
    *kept = (struct kept_statement){sql.ptr, sql.len, *ret_stmt};
    return 0;
}

int db_run(struct db *db, struct str sql, struct err *err)
{
    struct stmt *stmt;
    return db_kept_statement(db, sql, &stmt, err) || stmt_run(stmt, err) ? -1 : 0;
}

static int place_of(const struct stmt *stmt, int parameter)
{
    assert(parameter >= 1 && parameter <= stmt->parameter_count);
    return stmt->parameter_index[parameter];
}

/* Where something is bound now. */
static int parameter_of(struct stmt *stmt, int parameter)
{
    int place = place_of(stmt, parameter);
    stmt->is_bound[place] = true;
    return place;
}

/* Most columns of most rows hold nothing, before and now. */
void stmt_bind_null(struct stmt *stmt, int parameter)
{
    int place = place_of(stmt, parameter);
    if (stmt->is_bound[place])
        sqlite3_bind_null(stmt->handle, place);
    stmt->is_bound[place] = false;
}

void stmt_bind_int(struct stmt *stmt, int parameter, int64_t number)
{
    sqlite3_bind_int64(stmt->handle, parameter_of(stmt, parameter), number);
}

void stmt_bind_decimal(struct stmt *stmt, int parameter, struct decimal number)
{
    int64_t whole;
    if (decimal_to_int64(number, &whole))
        stmt_bind_int(stmt, parameter, whole);
    else
        sqlite3_bind_double(stmt->handle, parameter_of(stmt, parameter), decimal_to_double(number));
}

void stmt_bind_text_or_empty(struct stmt *stmt, int parameter, struct str text)
{
    sqlite3_bind_text(stmt->handle, parameter_of(stmt, parameter), text.ptr ? text.ptr : "", (int)text.len,
                      SQLITE_STATIC);
}

void stmt_bind_text(struct stmt *stmt, int parameter, struct str text)
{
    if (text.len == 0)
        stmt_bind_null(stmt, parameter);
    else
        stmt_bind_text_or_empty(stmt, parameter, text);
}

void stmt_bind_blob(struct stmt *stmt, int parameter, const unsigned char *bytes, size_t length)
{
    sqlite3_bind_blob(stmt->handle, parameter_of(stmt, parameter), bytes, (int)length, SQLITE_STATIC);
}

int stmt_step(struct stmt *stmt, struct err *err)
{
    int code = sqlite3_step(stmt->handle);
    if (code == SQLITE_ROW)
        return 1;
    int result = code == SQLITE_DONE ? 0 : sqlite_failure(stmt->db, code, err);
    sqlite3_reset(stmt->handle);
    return result;
}

int stmt_run(struct stmt *stmt, struct err *err)
{
    int result;
    do {
        result = stmt_step(stmt, err);
    } while (result == 1);
    return result;
}

void stmt_reset(struct stmt *stmt)
{
    sqlite3_reset(stmt->handle);
}

int stmt_column_count(struct stmt *stmt)
{
    return sqlite3_column_count(stmt->handle);
}

bool stmt_is_null(struct stmt *stmt, int column)
{
    return sqlite3_column_type(stmt->handle, column) == SQLITE_NULL;
}

struct str stmt_text(struct stmt *stmt, int column)
{
    const char *text = (const char *)sqlite3_column_text(stmt->handle, column);
    return text ? str_make(text, (size_t)sqlite3_column_bytes(stmt->handle, column)) : STR("");
}

struct str stmt_blob(struct stmt *stmt, int column)
{
    const char *bytes = sqlite3_column_blob(stmt->handle, column);
    return bytes ? str_make(bytes, (size_t)sqlite3_column_bytes(stmt->handle, column)) : STR("");
}

int64_t stmt_int(struct stmt *stmt, int column)
{
    return sqlite3_column_int64(stmt->handle, column);
}

struct decimal stmt_decimal(struct stmt *stmt, int column)
{
    struct decimal number = {0, 0};
    if (sqlite3_column_type(stmt->handle, column) == SQLITE_FLOAT)
        decimal_from_double(sqlite3_column_double(stmt->handle, column), &number);
    else
        number = decimal_from_int64(sqlite3_column_int64(stmt->handle, column));
    return number;
}

int db_query_int(struct db *db, struct str sql, int64_t *ret_number, struct err *err)
{
    struct stmt *stmt;
    if (db_statement(db, sql, &stmt, err))
        return -1;
    int step = stmt_step(stmt, err);
    if (step < 0)
        return -1;
    *ret_number = step ? stmt_int(stmt, 0) : 0;
    stmt_reset(stmt);
    return 0;
}

bool db_in_transaction(const struct db *db)
{
    return !sqlite3_get_autocommit(db->handle);
}

int64_t db_changes_so_far(const struct db *db)
{
    return sqlite3_total_changes64(db->handle);
}

int64_t db_changed_rows(const struct db *db)
{
    return sqlite3_changes64(db->handle);
}

uint64_t db_wal_bytes(const struct db *db)
{
    struct stat status;
    return stat(db->wal_path, &status) ? 0 : (uint64_t)status.st_size;
}

int db_sorts_begin(struct db *db, struct err *err)
{
    return db_exec(db, SORT_CACHE, err);
}

int db_sorts_end(struct db *db, struct err *err)
{
    return db_exec(db, WRITE_CACHE, err);
}

int db_log_pages(const struct db *db)
{
    return db->log_pages;
}

static int note_log_pages(void *context, sqlite3 *handle, const char *name, int pages)
{
    (void)handle;
    (void)name;
    ((struct db *)context)->log_pages = pages;
    return SQLITE_OK;
}

void db_follow_log(struct db *db)
{
    sqlite3_wal_hook(db->handle, note_log_pages, db);
}

void db_write_log_back(const struct db *db)
{
    /* The log's own file: SQLite's locks are on others, so that closing this takes none away. */
    int fd = open(db->wal_path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
    close(fd);
}

/* SQLite's own waiting begins with a millisecond and grows; a page is read in less than half of one. */
static int wait_for_readers(void *context, int waits)
{
    (void)context;
    struct timespec pause = {0, CHECKPOINT_WAIT_US * 1000L};
    nanosleep(&pause, NULL);
    return waits < CHECKPOINT_WAITS;
}

static bool checkpoint(struct db *db, int mode)
{
    sqlite3_busy_handler(db->handle, wait_for_readers, NULL);
    int code = sqlite3_wal_checkpoint_v2(db->handle, NULL, mode, NULL, NULL);
    sqlite3_busy_timeout(db->handle, BUSY_TIMEOUT_MS);
    if (code == SQLITE_OK)
        db->log_pages = 0;
    return code == SQLITE_OK;
}

bool db_restart_log(struct db *db)
{
    return checkpoint(db, SQLITE_CHECKPOINT_RESTART);
}

void db_empty_log(struct db *db)
{
    checkpoint(db, SQLITE_CHECKPOINT_TRUNCATE);
}

/* What a copy that came to nothing leaves behind. */
static void remove_copy(const char *path)
{
    char journal[PATH_MAX];
    int length = snprintf(journal, sizeof journal, "%s-journal", path);
    if (length > 0 && (size_t)length < sizeof journal)
        unlink(journal);
    unlink(path);
}

static int copy_pages(struct db *db, const char *path, void (*progress)(void *context, double share), void *context,
                      struct err *err)
{
    struct db target = {0};
    if (open_handle(path, DB_WRITE, &target, err)) {
        sqlite3_close(target.handle);
        return -1;
    }
    sqlite3_backup *backup = sqlite3_backup_init(target.handle, "main", db->handle, "main");
    int code = backup ? SQLITE_OK : sqlite3_errcode(target.handle);
    while (backup && (code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED)) {
        code = sqlite3_backup_step(backup, 1024);
        int total = sqlite3_backup_pagecount(backup);
        if (progress && total > 0)
            progress(context, 1.0 - (double)sqlite3_backup_remaining(backup) / total);
        if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
            sqlite3_sleep(20);
    }
    if (backup)
        sqlite3_backup_finish(backup);
    int result = code == SQLITE_DONE ? 0 : sqlite_failure(&target, code, err);
    sqlite3_close(target.handle);
    return result;
}

int db_copy(struct db *db, const char *path, void (*progress)(void *context, double share), void *context,
            struct err *err)
{
    char part[PATH_MAX];
    if (access(path, F_OK) == 0)
        return err_set(err, ERR_CONFLICT, "%s exists already: a backup never writes over a file", path);
    int length = snprintf(part, sizeof part, "%s.part-%d", path, (int)gettid());
    if (length < 0 || (size_t)length >= sizeof part)
        return err_set(err, ERR_INVALID, "the path is longer than %d bytes", PATH_MAX - 20);
    if (copy_pages(db, part, progress, context, err)) {
        remove_copy(part);
        return err_prefix(err, "%s", path);
    }
    if (file_name_new(part, path, err)) {
        unlink(part);
        return -1;
    }
    return 0;
}
