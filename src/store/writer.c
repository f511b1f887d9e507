/* The one thread that writes.
 *
 * Whoever writes queues a job and waits. The writer takes all jobs there are, runs one after another inside one transaction,
 * commits once (that is the one wait for the disk) and wakes them. When one fails that has written already, the transaction
 * is undone and made again, each job in a savepoint of its own: so the one that fails is undone alone. Savepoints cost an
 * eighth of a change set, and hardly any fails. A commit that fails, fails them all.
 *
 *   1 waiting      in the queue
 *   2 running      taken out of the queue, on the writer's stack
 *   3 finished     posted; from here the job belongs to the caller again
 *
 * What a savepoint must be able to put back is held in memory. So a job that says it is large runs alone, without one, and one
 * that proves to be large beside others is undone and runs again alone after them.
 *
 * Who was woken together usually writes again together. So after a batch of several the writer waits until as many jobs
 * are there again, but for no longer than half of what the last transaction took: else it would commit for the first who
 * comes back while the others queue up, and many writers would be hardly faster than one. */
#include "store/facts.h"
#include "store/internal.h"
#include "store/measure_kept.h"

#include "base/memory.h"
#include "base/message.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define WRITER_NICENESS 5
/* Jobs that share one commit. */
#define BATCH_MAX 256
#define WOKEN_AT_ONCE 6
/* The longest wait for more jobs, whatever the last transaction took. */
#define PATIENCE_MAX_NS 2000000
/* Pages of 8 KiB. A log of this many is moved into the database file and begins anew; when a reader that stays long is in
 * the way, the next try is so many pages later. */
#define LOG_PAGES 4096
#define LOG_RETRY_PAGES 1024

/* A transaction of several jobs while it runs. */
struct batch {
    struct store *store;
    int64_t next_seq;
    uint64_t touched[TOUCHED_WORDS]; /* what the jobs that are kept touched */
    int64_t last_change_set;         /* before it began, and so the next */
    bool was_sample;
    struct edition *editions; /* that were made, oldest first */
    bool *hid_first; /* by position of the register: its first hidden record came in this batch; NULL: in none */
};

/* Whether a register has hidden records changes how every record that names one of its is read, so all was touched. */
static void keep_hidden(struct batch *batch, const struct change_set *changes)
{
    struct store *store = batch->store;
    for (size_t i = 0; i < store->model->register_count; i++) {
        if (!changes->made_hidden[i] || atomic_exchange(&store->has_hidden[i], true))
            continue;
        if (!batch->hid_first)
            batch->hid_first = memory_alloc_zeroed(store->model->register_count, sizeof *batch->hid_first);
        batch->hid_first[i] = true;
        memset(batch->touched, 0xff, sizeof batch->touched);
    }
}

/* What only the running process knows of a change set that is kept. */
static void keep(struct batch *batch, struct change_set *changes)
{
    if (changes->made_edition) {
        struct edition **last = &batch->editions;
        while (*last)
            last = (struct edition **)&(*last)->older;
        *last = changes->made_edition;
        changes->made_edition = NULL;
    }
    batch->next_seq = changes->next_seq;
    keep_hidden(batch, changes);
    if (changes->made_sample)
        atomic_store(&batch->store->is_sample, true); /* before the commit: whoever sees the records sees the mark */
    for (unsigned i = 0; i < TOUCHED_WORDS / 64; i++)
        for (uint64_t words = changes->touched_words[i]; words; words &= words - 1) {
            unsigned word = i * 64 + (unsigned)__builtin_ctzll(words);
            batch->touched[word] |= changes->touched[word];
        }
    if (changes->no > batch->store->last_change_set)
        batch->store->last_change_set = changes->no;
}

/* Fills, checks and ends one change set inside the open transaction. */
static int run_job(struct batch *batch, struct write_job *job, bool in_savepoint)
{
    struct change_set changes;
    message_use(job->messages);
    if (change_set_begin(batch->store, job->request, batch->next_seq, &changes, &job->err))
        return -1;
    changes.in_savepoint = in_savepoint;
    int result = job->request->fill(job->request->context, &changes, &job->err);
    if (result == 0)
        result = change_set_end(&changes, &job->err);
    else if (job->err.code == ERR_NONE)
        err_set(&job->err, ERR_INVALID, "the change set was given up");
    if (changes.outgrew)
        result = -1;
    if (result == 0) {
        job->outcome = changes.outcome;
        if (!job->request->dry_run)
            keep(batch, &changes);
    }
    job->outgrew = changes.outgrew;
    change_set_free(&changes);
    return result ? -1 : 0;
}

static bool stays(const struct write_job *job)
{
    return job->result == 0 && !job->request->dry_run;
}

/* A job's savepoint: what it did stays or goes as a whole. */
static void run_in_savepoint(struct batch *batch, struct write_job *job)
{
    struct store *store = batch->store;
    if (db_run(store->db, STR("/*sqlite*/ SAVEPOINT job"), &job->err)) {
        job->result = -1;
        return;
    }
    job->result = run_job(batch, job, true);
    if (!db_in_transaction(store->db))
        return;
    if (!stays(job))
        db_run(store->db, STR("/*sqlite*/ ROLLBACK TO job"), NULL);
    struct err released = {0};
    if (db_run(store->db, STR("/*sqlite*/ RELEASE job"), &released) && job->result == 0) {
        job->err = released;
        job->result = -1;
    }
}

static void fail_jobs(struct write_job *jobs, const struct err *err)
{
    for (struct write_job *job = jobs; job; job = job->next)
        if (job->result == 0) {
            job->err = *err;
            job->result = -1;
        }
}

static void forget_editions(struct batch *batch)
{
    while (batch->editions) {
        struct edition *edition = batch->editions;
        batch->editions = (struct edition *)edition->older;
        edition_free(edition);
    }
}

enum batch_way { ONE_JOB, TOGETHER, IN_SAVEPOINTS };
enum batch_end { END_COMMIT, END_UNDO, END_AGAIN };

/* A job that is alone needs no savepoint of its own: with it the transaction goes. */
static enum batch_end run_alone(struct batch *batch, struct write_job *job)
{
    job->result = run_job(batch, job, false);
    return stays(job) ? END_COMMIT : END_UNDO;
}

/* Runs the jobs inside the open transaction. Nothing can be taken back alone when they run together: what was refused before it
 * wrote anything needs no taking back, else all is done again, in savepoints. A full disk may have ended the transaction. */
static enum batch_end run_jobs(struct batch *batch, struct write_job *jobs, enum batch_way way, struct err *err)
{
    struct db *db = batch->store->db;
    for (struct write_job *job = jobs; job; job = job->next) {
        int64_t before = db_changes_so_far(db);
        if (way == TOGETHER)
            job->result = run_job(batch, job, false);
        else
            run_in_savepoint(batch, job);
        if (!db_in_transaction(db)) {
            *err = job->err;
            if (err->code == ERR_NONE)
                err_set(err, ERR_IO, "the transaction ended before it was whole");
            return END_UNDO;
        }
        if (way == TOGETHER && !stays(job) && db_changes_so_far(db) != before)
            return END_AGAIN;
    }
    return END_COMMIT;
}

static void undo(struct batch *batch)
{
    db_run(batch->store->db, STR("/*sqlite*/ ROLLBACK"), NULL);
    atomic_store(&batch->store->is_sample, batch->was_sample);
    batch->store->last_change_set = batch->last_change_set;
    for (size_t i = 0; batch->hid_first && i < batch->store->model->register_count; i++)
        if (batch->hid_first[i])
            atomic_store(&batch->store->has_hidden[i], false);
    forget_editions(batch);
}

static void publish(struct batch *batch, const struct write_job *jobs)
{
    struct store *store = batch->store;
    uint64_t kept = 0;
    for (const struct write_job *job = jobs; job; job = job->next)
        kept += job->result == 0 && job->outcome.change_set != 0;
    if (atomic_load(&store->log_holds_redacted))
        facts_forget(store, batch->next_seq - 1);
    /* In this order: whoever sees the new seq sees what it touched. */
    touched_publish(store, batch->touched, batch->next_seq - 1);
    editions_publish(store, batch->editions);
    atomic_store(&store->last_seq, batch->next_seq - 1);
    atomic_fetch_add(&store->commits, 1);
    atomic_fetch_add(&store->change_sets, kept);
    measures_changed(store->measures);
}

/* One transaction of these jobs; true when it was undone and has to be made again, in savepoints. */
static bool try_batch(struct store *store, struct write_job *jobs, enum batch_way way)
{
    struct err err = {0};
    if (db_run(store->db, STR("/*sqlite*/ BEGIN IMMEDIATE"), &err)) {
        fail_jobs(jobs, &err);
        return false;
    }
    struct batch batch = {.store = store,
                          .next_seq = atomic_load(&store->last_seq) + 1,
                          .last_change_set = store->last_change_set,
                          .was_sample = atomic_load(&store->is_sample)};
    enum batch_end end = way == ONE_JOB ? run_alone(&batch, jobs) : run_jobs(&batch, jobs, way, &err);
    message_use(NULL); /* what follows is told to all of them */
    if (end == END_COMMIT && db_run(store->db, STR("/*sqlite*/ COMMIT"), &err))
        end = END_UNDO;
    if (end == END_COMMIT)
        publish(&batch, jobs);
    else
        undo(&batch);
    free(batch.hid_first);
    if (end == END_UNDO && err.code != ERR_NONE)
        fail_jobs(jobs, &err);
    return end == END_AGAIN;
}

static void run_batch(struct store *store, struct write_job *jobs)
{
    db_trim(store->db);
    if (!try_batch(store, jobs, jobs->next ? TOGETHER : ONE_JOB))
        return;
    for (struct write_job *job = jobs; job; job = job->next) {
        job->result = 0;
        job->err = (struct err){0};
        job->outcome = (struct write_outcome){0};
    }
    try_batch(store, jobs, IN_SAVEPOINTS);
}

/* The log can begin anew only while no reader looks at a state that is in it. A reader that begins when all of it is in the
 * database file does not: so once those before have ended nothing is in the way, and nobody has to wait. */
static void bound_log(struct store *store)
{
    int pages = db_log_pages(store->db);
    /* After a redaction the log goes at once: what was redacted still stands in its older pages. */
    bool redacted = atomic_exchange(&store->log_holds_redacted, false);
    if (pages < store->log_limit && !redacted)
        return;
    atomic_store(&store->log_restarts, true);
    readers_let_go(store, INT64_MAX);
    if (redacted)
        db_empty_log(store->db);
    bool empty = redacted ? db_wal_bytes(store->db) == 0 : db_restart_log(store->db);
    store->log_limit = empty ? LOG_PAGES : pages + LOG_RETRY_PAGES;
    if (redacted && !empty)
        atomic_store(&store->log_holds_redacted, true);
    atomic_store(&store->log_restarts, false);
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void wait_for_jobs(struct store *store)
{
    while (!store->first_job && !store->stopping)
        pthread_cond_wait(&store->job_ready, &store->job_mutex);
    int64_t until = now_ns() + store->patience_ns;
    struct timespec deadline = {until / 1000000000, until % 1000000000};
    while (store->job_count < store->expected_jobs && !store->stopping)
        if (pthread_cond_timedwait(&store->job_ready, &store->job_mutex, &deadline) == ETIMEDOUT)
            return;
}

/* Those that were too large to run beside others, one after another. */
static void run_large(struct store *store, struct write_job *jobs)
{
    for (struct write_job *job = jobs, *next; job; job = next) {
        next = job->next;
        if (!job->outgrew)
            continue;
        job->outgrew = false;
        job->result = 0;
        job->err = (struct err){0};
        job->next = NULL;
        run_batch(store, job);
        job->next = next;
    }
}

static bool runs_alone(const struct write_job *job)
{
    return job->request->bulk || job->request->alone;
}

static struct write_job *take_batch(struct store *store)
{
    wait_for_jobs(store);
    struct write_job *batch = store->first_job;
    struct write_job *last = batch;
    int count = last ? 1 : 0;
    for (; last && !runs_alone(last) && last->next && !runs_alone(last->next) && count < BATCH_MAX; count++)
        last = last->next;
    if (last) {
        store->first_job = last->next;
        if (!store->first_job)
            store->last_job = NULL;
        last->next = NULL;
    }
    store->job_count -= count;
    store->expected_jobs = count;
    return batch;
}

/* A few are woken here, and each of them wakes another: sixty at once would keep readers from a processor, and the writer
 * busy with waking. */
static void finish_batch(struct write_job *batch)
{
    struct write_job *heads[WOKEN_AT_ONCE] = {0}, *lasts[WOKEN_AT_ONCE];
    size_t at = 0;
    for (struct write_job *job = batch; job; job = job->next, at = (at + 1) % WOKEN_AT_ONCE) {
        job->wakes = NULL;
        if (heads[at])
            lasts[at]->wakes = job;
        else
            heads[at] = job;
        lasts[at] = job;
    }
    for (size_t i = 0; i < WOKEN_AT_ONCE && heads[i]; i++)
        sem_post(&heads[i]->finished); /* from here the job may be gone */
}

static void *write_loop(void *context)
{
    /* Readers come first: who is woken to read takes the processor from the writer at once, whose work takes longer. */
    id_t self = (id_t)gettid();
    setpriority(PRIO_PROCESS, self, getpriority(PRIO_PROCESS, self) + WRITER_NICENESS);
    struct store *store = context;
    pthread_mutex_lock(&store->job_mutex);
    struct write_job *batch;
    while ((batch = take_batch(store))) {
        pthread_mutex_unlock(&store->job_mutex);
        for (struct write_job *job = batch; job; job = job->next)
            job->result = 0;
        int64_t began = now_ns();
        run_batch(store, batch);
        int64_t took = now_ns() - began;
        run_large(store, batch);
        finish_batch(batch);
        bound_log(store);
        pthread_mutex_lock(&store->job_mutex);
        store->patience_ns = took / 2 < PATIENCE_MAX_NS ? took / 2 : PATIENCE_MAX_NS;
    }
    pthread_mutex_unlock(&store->job_mutex);
    return NULL;
}

int writer_start(struct store *store, struct err *err)
{
    db_follow_log(store->db);
    store->log_limit = LOG_PAGES;
    if (pthread_create(&store->writer_thread, NULL, write_loop, store))
        return err_set(err, ERR_IO, "no thread could be started for the store's writer");
    store->writer_runs = true;
    return 0;
}

void writer_stop(struct store *store)
{
    pthread_mutex_lock(&store->job_mutex);
    store->stopping = true;
    pthread_cond_broadcast(&store->job_ready);
    pthread_mutex_unlock(&store->job_mutex);
    if (store->writer_runs)
        pthread_join(store->writer_thread, NULL);
    store->writer_runs = false;
}

int writer_submit(struct store *store, struct write_job *job)
{
    assert(!store->writer_runs || !pthread_equal(pthread_self(), store->writer_thread));
    job->next = NULL;
    sem_init(&job->finished, 0, 0);
    pthread_mutex_lock(&store->job_mutex);
    if (store->stopping || !store->writer_runs) {
        pthread_mutex_unlock(&store->job_mutex);
        return err_set(&job->err, ERR_BUSY, "the store is closing");
    }
    if (store->last_job)
        store->last_job->next = job;
    else
        store->first_job = job;
    store->last_job = job;
    store->job_count++;
    if (store->job_count == 1 || store->job_count >= store->expected_jobs)
        pthread_cond_signal(&store->job_ready);
    pthread_mutex_unlock(&store->job_mutex);
    while (sem_wait(&job->finished) && errno == EINTR) {
        /* a signal is no answer */
    }
    if (job->wakes)
        sem_post(&job->wakes->finished);
    sem_destroy(&job->finished);
    return job->result;
}

int store_write(struct store *store, const struct write_request *request, struct write_outcome *ret_outcome,
                struct err *err)
{
    if (store->read_only)
        return err_set(err, ERR_DENIED, "the store was opened for reading only");
    if (request->author.len == 0 || request->reason.len == 0)
        return err_set(err, ERR_INVALID, "a change set needs an author and a reason");
    struct write_job job = {.request = request, .messages = message_used()};
    if (writer_submit(store, &job)) {
        if (err)
            *err = job.err;
        return -1;
    }
    if (ret_outcome)
        *ret_outcome = job.outcome;
    return 0;
}
