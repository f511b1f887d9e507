#include "store/facts.h"
#include "store/internal.h"
#include "store/measure_kept.h"

#include "base/file.h"
#include "store/labels.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

const struct str change_kind_names[] = {
    [CHANGE_CREATE] = {"create", 6}, [CHANGE_UPDATE] = {"update", 6}, [CHANGE_DELETE] = {"delete", 6},
    [CHANGE_RENAME] = {"rename", 6}, [CHANGE_MERGE] = {"merge", 5},   [CHANGE_REDACT] = {"redact", 6},
};

/* How long a free reader may keep its snapshot; the log cannot shrink while it does. */
#define SNAPSHOT_IDLE_MS 500
#define HOUSEKEEPING_MS 250
/* A free reader that nobody needed for so long is closed, but for one: each holds memory for its pages and statements. */
#define READER_IDLE_MS 5000

/* ---- the folder and its lock ---- */

/* SQLite 3.40's log can be damaged when two processes write and checkpoint at once, so one process owns the folder. */
static int lock_folder(struct store *store, struct err *err)
{
    char *lock_path;
    if (asprintf(&lock_path, "%s/lock", store->folder) < 0)
        abort();
    int fd = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int failed = fd < 0 ? errno : 0;
    free(lock_path);
    if (fd < 0)
        return err_set(err, ERR_IO, "%s: %s", store->folder, strerror(failed));
    if (flock(fd, LOCK_EX | LOCK_NB)) {
        char owner[32] = "";
        ssize_t length = pread(fd, owner, sizeof owner - 1, 0);
        owner[length > 0 ? strcspn(owner, "\n") : 0] = '\0';
        close(fd);
        return err_set(err, ERR_BUSY, "%s is in use by another process%s%s", store->folder, *owner ? ", number " : "",
                       owner);
    }
    char text[32];
    int length = snprintf(text, sizeof text, "%d\n", (int)getpid());
    if (ftruncate(fd, 0) || pwrite(fd, text, (size_t)length, 0) != length) {
        failed = errno;
        close(fd);
        return err_set(err, ERR_IO, "%s/lock: %s", store->folder, strerror(failed));
    }
    store->lock_fd = fd;
    return 0;
}

/* ---- snapshots and housekeeping ---- */

static void snapshot_end(struct reader *reader)
{
    if (reader->in_snapshot)
        db_run(reader->db, STR("/*sqlite*/ COMMIT"), NULL);
    reader->in_snapshot = false;
}

static int snapshot_begin(struct reader *reader, struct err *err)
{
    /* Not by the seq alone: a decision that sends a proposal back changes what readers see and makes no revision. Both
     * numbers move after the commit, so what they say now is in whatever snapshot begins now. */
    int64_t newest = atomic_load(&reader->store->last_seq);
    unsigned long long commits = atomic_load(&reader->store->commits);
    if (reader->in_snapshot && reader->snapshot_seq >= newest && reader->snapshot_commits >= commits)
        return 0;
    snapshot_end(reader);
    db_trim(reader->db);
    if (db_run(reader->db, STR("/*sqlite*/ BEGIN"), err))
        return -1;
    reader->in_snapshot = true;
    reader->snapshot_commits = commits;
    /* The first reading is what fixes the snapshot. */
    return db_query_int(reader->db, STR("SELECT max(\"seq\") FROM \"revision\""), &reader->snapshot_seq, err);
}

void readers_let_go(struct store *store, int64_t released_before_ms)
{
    pthread_mutex_lock(&store->pool_mutex);
    for (struct reader *reader = store->free_readers; reader; reader = reader->next)
        if (reader->released_ms < released_before_ms)
            snapshot_end(reader);
    pthread_mutex_unlock(&store->pool_mutex);
}

static void close_all(struct reader *readers)
{
    while (readers) {
        struct reader *reader = readers;
        readers = reader->next;
        snapshot_end(reader);
        db_close(reader->db);
        free(reader->quick);
        free(reader->places);
        labels_free(reader->labels);
        reader_forget_kept(reader);
        free(reader->lists);
        free(reader);
    }
}

/* The pool is a stack: those released last come first. */
static void close_idle_readers(struct store *store, int64_t released_before_ms)
{
    pthread_mutex_lock(&store->pool_mutex);
    struct reader **at = &store->free_readers;
    if (*at)
        at = &(*at)->next;
    while (*at && (*at)->released_ms >= released_before_ms)
        at = &(*at)->next;
    struct reader *idle = *at;
    *at = NULL;
    pthread_mutex_unlock(&store->pool_mutex);
    close_all(idle);
}

void readers_close(struct store *store)
{
    pthread_mutex_lock(&store->pool_mutex);
    struct reader *readers = store->free_readers;
    store->free_readers = NULL;
    pthread_mutex_unlock(&store->pool_mutex);
    close_all(readers);
}

static void *housekeep(void *context)
{
    struct store *store = context;
    pthread_mutex_lock(&store->job_mutex);
    while (!store->stopping) {
        pthread_mutex_unlock(&store->job_mutex);
        readers_let_go(store, time_now_ms() - SNAPSHOT_IDLE_MS);
        close_idle_readers(store, time_now_ms() - READER_IDLE_MS);
        struct timespec pause = {0, HOUSEKEEPING_MS * 1000000L};
        nanosleep(&pause, NULL);
        pthread_mutex_lock(&store->job_mutex);
    }
    pthread_mutex_unlock(&store->job_mutex);
    return NULL;
}

int reader_quick(struct reader *reader, size_t number, struct str sql, struct stmt **ret_stmt, struct err *err)
{
    size_t count = reader->store->layout->quick_count;
    if (!reader->quick || reader->quick_generation != db_generation(reader->db)) {
        free(reader->quick);
        reader->quick = calloc(count, sizeof(struct stmt *));
        if (!reader->quick)
            abort();
        reader->quick_generation = db_generation(reader->db);
    }
    if (!reader->quick[number] && db_statement(reader->db, sql, &reader->quick[number], err))
        return -1;
    *ret_stmt = reader->quick[number];
    return 0;
}

/* ---- the end of what takes long ---- */

static int64_t monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void store_end_computing(struct store *store, int grace_ms)
{
    atomic_store(&store->computes_until_ms, monotonic_ms() + grace_ms);
    atomic_store(&store->ends_computing, true);
    measures_end(store->measures);
}

static bool may_go_on(const void *context)
{
    const struct reader *reader = context;
    if (!atomic_load_explicit(&reader->store->ends_computing, memory_order_acquire))
        return true;
    if (reader->options.ahead)
        return false;
    return !reader->computing || monotonic_ms() < atomic_load(&reader->store->computes_until_ms);
}

static int reader_new(struct store *store, struct reader **ret_reader, struct err *err)
{
    struct reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        abort();
    reader->store = store;
    if (db_open(store->path, DB_READ, &reader->db, err)) {
        free(reader);
        return -1;
    }
    db_ask(reader->db, may_go_on, reader);
    *ret_reader = reader;
    return 0;
}

static int change_set_of(struct reader *reader, int64_t seq, int64_t *ret_no, struct err *err)
{
    struct stmt *stmt;
    if (db_kept_statement(reader->db, STR("SELECT \"change_set\" FROM \"revision\" WHERE \"seq\"=$1"), &stmt, err))
        return -1;
    stmt_bind_int(stmt, 1, seq);
    int step = stmt_step(stmt, err);
    if (step < 0)
        return -1;
    *ret_no = step ? stmt_int(stmt, 0) : 0;
    stmt_reset(stmt);
    return 0;
}

/* The last seq of the change set that seq belongs to: its revisions follow one another. Found by steps that double and halve. */
static int find_end(struct reader *reader, int64_t seq, int64_t *ret_end, struct err *err)
{
    int64_t no, other, step = 1;
    bool grows = true;
    if (change_set_of(reader, seq, &no, err))
        return -1;
    while (no && step) {
        if (change_set_of(reader, seq + step, &other, err))
            return -1;
        grows &= other == no;
        seq += other == no ? step : 0;
        step = grows ? step * 2 : step / 2;
    }
    *ret_end = seq;
    return 0;
}

/* A change set is seen whole or not at all, also in the past. */
static int whole_change_set(struct reader *reader, struct err *err)
{
    int64_t seq = reader->options.as_of;
    if (seq <= 0 || seq >= reader->snapshot_seq)
        return 0;
    char text[64];
    int length = snprintf(text, sizeof text, "end of the change set of %lld", (long long)seq);
    struct fact fact = {.of = digest_of(str_make(text, (size_t)length))};
    if (!fact_get(reader->store, fact.of, &fact)) {
        if (find_end(reader, seq, &fact.number, err))
            return -1;
        fact_put(reader, &fact);
    }
    reader->options.as_of = fact.number;
    return 0;
}

int store_read(struct store *store, const struct read_options *options, struct reader **ret_reader, struct err *err)
{
    if (options->viewer.owner.len > ID_MAX)
        return err_set(err, ERR_INVALID, "the viewer's organisation is no id");
    pthread_mutex_lock(&store->pool_mutex);
    struct reader *reader = store->free_readers;
    if (reader)
        store->free_readers = reader->next;
    pthread_mutex_unlock(&store->pool_mutex);
    if (!reader && reader_new(store, &reader, err))
        return -1;
    pthread_mutex_lock(&store->pool_mutex);
    store->readers_held++;
    pthread_mutex_unlock(&store->pool_mutex);
    atomic_fetch_add(&store->reads, 1);
    reader->options = *options;
    reader->notes = NULL;
    reader->takes_older = false;
    reader->older_seq = 0;
    reader->computing = 0;
    if (options->viewer.owner.len)
        memcpy(reader->owner_text, options->viewer.owner.ptr, options->viewer.owner.len);
    reader->options.viewer.owner = str_make(reader->owner_text, options->viewer.owner.len);
    if (snapshot_begin(reader, err) || whole_change_set(reader, err)) {
        reader_release(reader);
        return -1;
    }
    if (reader->options.as_of >= reader->snapshot_seq)
        reader->options.as_of = 0; /* nothing is younger: the present is what was asked for */
    *ret_reader = reader;
    return 0;
}

void reader_release(struct reader *reader)
{
    if (!reader)
        return;
    struct store *store = reader->store;
    reader->released_ms = time_now_ms();
    reader_trim_kept(reader);
    if (atomic_load(&store->log_restarts))
        snapshot_end(reader);
    pthread_mutex_lock(&store->pool_mutex);
    store->readers_held--;
    reader->next = store->free_readers;
    store->free_readers = reader;
    pthread_mutex_unlock(&store->pool_mutex);
}

void reader_shrink(struct reader *reader)
{
    if (reader)
        db_shrink(reader->db);
}

void reader_close(struct reader *reader)
{
    if (!reader)
        return;
    struct store *store = reader->store;
    reader->next = NULL;
    close_all(reader);
    pthread_mutex_lock(&store->pool_mutex);
    store->readers_held--;
    pthread_mutex_unlock(&store->pool_mutex);
}

void reader_release_cleanup(struct reader **reader)
{
    reader_release(*reader);
}

const struct read_options *reader_options(const struct reader *reader)
{
    return &reader->options;
}

int64_t reader_seq(const struct reader *reader)
{
    return reader->options.as_of ? reader->options.as_of : reader->snapshot_seq;
}

/* ---- opening and closing ---- */

static int load_hidden(struct store *store, struct err *err)
{
    store->has_hidden = calloc(store->model->register_count, sizeof *store->has_hidden);
    if (!store->has_hidden)
        abort();
    struct stmt *stmt;
    if (db_statement(store->db, STR("SELECT \"key\" FROM \"meta\" WHERE \"key\" LIKE 'hidden:%'"), &stmt, err))
        return -1;
    int step;
    while ((step = stmt_step(stmt, err)) == 1) {
        struct str key = stmt_text(stmt, 0);
        const struct reg *reg = model_register(store->model, str_slice(key, sizeof "hidden:" - 1, key.len));
        if (reg)
            atomic_store(&store->has_hidden[reg->position], true);
    }
    return step;
}

static int load_sample(struct store *store, struct err *err)
{
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)1 << 16);
    struct str mark;
    if (meta_get(store->db, META_SAMPLE, &arena, &mark, err))
        return -1;
    atomic_store(&store->is_sample, mark.len > 0);
    return 0;
}

static int open_tables(struct store *store, struct err *err)
{
    if (file_make_folders(store->folder, err) || lock_folder(store, err))
        return -1;
    if (db_open(store->path, DB_WRITE, &store->db, err) || migrate(store, err) || load_hidden(store, err) ||
        load_sample(store, err) || editions_load(store, err))
        return -1;
    int64_t last_seq;
    if (db_query_int(store->db, STR("SELECT max(\"seq\") FROM \"revision\""), &last_seq, err) ||
        db_query_int(store->db, STR("SELECT max(\"no\") FROM \"change_set\""), &store->last_change_set, err))
        return -1;
    atomic_store(&store->last_seq, last_seq);
    return 0;
}

int store_open(const struct store_config *config, struct store **ret_store, struct err *err)
{
    if (config->url && strcmp(config->url, "sqlite:") != 0)
        return err_set(err, ERR_INVALID, "store %s: this version keeps its store as sqlite: only", config->url);
    struct store *store = calloc(1, sizeof *store);
    if (!store || asprintf(&store->path, "%s/store.db", config->folder) < 0)
        abort();
    store->folder = strdup(config->folder);
    store->model = config->model;
    store->read_only = config->read_only;
    store->lock_fd = -1;
    pthread_mutex_init(&store->pool_mutex, NULL);
    pthread_mutex_init(&store->job_mutex, NULL);
    pthread_mutex_init(&store->facts_mutex, NULL);
    pthread_condattr_t steady;
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(&store->job_ready, &steady);
    pthread_condattr_destroy(&steady);
    store->layout = layout_make(config->model);
    store->measures = measures_kept_new(store);
    arena_init(&store->spare, CHANGE_SET_MEMORY_MAX);
    store->touched = calloc(TOUCHED_COUNT, sizeof *store->touched);
    if (!store->touched)
        abort();
    if (open_tables(store, err) || writer_start(store, err)) {
        store_close(store);
        return -1;
    }
    if (pthread_create(&store->housekeeper_thread, NULL, housekeep, store)) {
        store_close(store);
        return err_set(err, ERR_IO, "no thread could be started for the store");
    }
    store->housekeeper_runs = true;
    *ret_store = store;
    return 0;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    measures_keeper_stop(store->measures);
    writer_stop(store);
    if (store->housekeeper_runs)
        pthread_join(store->housekeeper_thread, NULL);
    assert(store->readers_held == 0 && "every reader is released before the store closes");
    readers_close(store);
    if (store->db)
        db_empty_log(store->db);
    db_close(store->db);
    if (store->lock_fd >= 0)
        close(store->lock_fd);
    layout_free(store->layout);
    arena_free(&store->spare);
    editions_free(store);
    pthread_mutex_destroy(&store->pool_mutex);
    pthread_mutex_destroy(&store->job_mutex);
    pthread_mutex_destroy(&store->facts_mutex);
    free(store->facts);
    measures_kept_free(store->measures);
    pthread_cond_destroy(&store->job_ready);
    free(store->has_hidden);
    free(store->touched);
    free(store->folder);
    free(store->path);
    free(store);
}

const struct model *store_model(const struct store *store)
{
    return store->model;
}

const char *store_folder(const struct store *store)
{
    return store->folder;
}

int64_t store_last_seq(const struct store *store)
{
    return atomic_load(&((struct store *)store)->last_seq);
}

bool store_is_sample(const struct store *store)
{
    return atomic_load(&((struct store *)store)->is_sample);
}

bool reader_is_sample(const struct reader *reader)
{
    return store_is_sample(reader->store);
}

struct store_counters store_counters(const struct store *store)
{
    struct store *mutable = (struct store *)store;
    pthread_mutex_lock(&mutable->pool_mutex);
    uint64_t held = (uint64_t) mutable->readers_held;
    pthread_mutex_unlock(&mutable->pool_mutex);
    return (struct store_counters){.commits = atomic_load(&mutable->commits),
                                   .change_sets = atomic_load(&mutable->change_sets),
                                   .wal_bytes = db_wal_bytes(mutable->db),
                                   .readers_now = held,
                                   .reads = atomic_load(&mutable->reads),
                                   .last_seq = store_last_seq(store)};
}

int store_trace_statements(const char *path, struct err *err)
{
    return db_trace(path, err);
}

int store_write_definitions(const struct model *model, struct str dialect, struct buf *out, struct err *err)
{
    enum dialect kind;
    if (str_eq(dialect, STR("sqlite")))
        kind = DIALECT_SQLITE;
    else if (str_eq(dialect, STR("postgresql")))
        kind = DIALECT_POSTGRESQL;
    else
        return err_set(err, ERR_INVALID, "%.*s is no dialect: sqlite or postgresql", STR_ARG(dialect));
    struct layout *layout = layout_make(model);
    ddl_system(kind, out);
    for (size_t i = 0; i < model->register_count; i++) {
        ddl_register(&layout->tables[i], kind, out);
        struct index *indexes;
        size_t count;
        table_indexes(&layout->tables[i], &layout->arena, &indexes, &count);
        for (size_t k = 0; k < count; k++)
            buf_add_format(out, "%.*s;\n", STR_ARG(indexes[k].sql));
    }
    layout_free(layout);
    return 0;
}

int store_backup(struct store *store, const char *path, void (*progress)(void *context, double share), void *context,
                 struct err *err)
{
    struct read_options all = {.viewer = {.sees = VISIBILITY_SECRETARIAT}};
    struct reader *reader;
    if (store_read(store, &all, &reader, err))
        return -1;
    int result = db_copy(reader->db, path, progress, context, err);
    reader_release(reader);
    return result;
}
