/* The one thread that writes.
 *
 * Whoever writes queues a job and waits. The writer takes all jobs there are, runs each in its own savepoint inside one
 * transaction, commits once (that is the one wait for the disk) and wakes them. A job that fails is undone alone; a commit
 * that fails, fails them all.
 *
 *   1 waiting      in the queue, done = false
 *   2 running      taken out of the queue, on the writer's stack
 *   3 done         done = true; from here the job belongs to the caller again */
#include "store/internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Jobs that share one commit. */
#define BATCH_MAX 256
/* When the log is longer than this, readers are asked to let go so that it can begin anew. */
#define WAL_RESTART_BYTES ((uint64_t)48 << 20)

/* A transaction of several jobs while it runs. */
struct batch {
    struct store *store;
    int64_t next_seq;
    unsigned char touched[TOUCHED_COUNT / 8]; /* what the jobs that are kept touched */
};

/* What only the running process knows of a change set that is kept. */
static void keep(struct batch *batch, const struct change_set *changes)
{
    batch->next_seq = changes->next_seq;
    for (size_t i = 0; i < batch->store->model->register_count; i++)
        if (changes->made_hidden[i])
            atomic_store(&batch->store->has_hidden[i], true);
    if (changes->touched)
        for (size_t i = 0; i < sizeof batch->touched; i++)
            batch->touched[i] |= changes->touched[i];
}

/* Fills, checks and ends one change set inside the open transaction. */
static int run_job(struct batch *batch, struct write_job *job)
{
    struct change_set changes;
    if (change_set_begin(batch->store, job->request, batch->next_seq, &changes, &job->err))
        return -1;
    int result = job->request->fill(job->request->context, &changes, &job->err);
    if (result == 0)
        result = change_set_end(&changes, &job->err);
    else if (job->err.code == ERR_NONE)
        err_set(&job->err, ERR_INVALID, "the change set was given up");
    if (result == 0) {
        job->outcome = changes.outcome;
        if (!job->request->dry_run)
            keep(batch, &changes);
    }
    change_set_free(&changes);
    return result ? -1 : 0;
}

/* A job's savepoint: what it did stays or goes as a whole. */
static void run_in_savepoint(struct batch *batch, struct write_job *job)
{
    struct store *store = batch->store;
    if (db_exec(store->db, "SAVEPOINT job", &job->err)) {
        job->result = -1;
        return;
    }
    job->result = run_job(batch, job);
    bool stays = job->result == 0 && !job->request->dry_run;
    if (!stays)
        db_exec(store->db, "ROLLBACK TO job", NULL);
    struct err released = {0};
    if (db_exec(store->db, "RELEASE job", &released) && job->result == 0) {
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

static void run_batch(struct store *store, struct write_job *jobs)
{
    struct err err = {0};
    db_trim(store->db);
    if (db_exec(store->db, "BEGIN IMMEDIATE", &err)) {
        fail_jobs(jobs, &err);
        return;
    }
    struct batch batch = {.store = store, .next_seq = atomic_load(&store->last_seq) + 1};
    uint64_t kept = 0;
    for (struct write_job *job = jobs; job; job = job->next) {
        run_in_savepoint(&batch, job);
        kept += job->result == 0 && job->outcome.change_set != 0;
    }
    if (db_exec(store->db, "COMMIT", &err)) {
        db_exec(store->db, "ROLLBACK", NULL);
        fail_jobs(jobs, &err);
        return;
    }
    /* In this order: whoever sees the new seq sees what it touched. */
    touched_publish(store, batch.touched, batch.next_seq - 1);
    atomic_store(&store->last_seq, batch.next_seq - 1);
    atomic_fetch_add(&store->commits, 1);
    atomic_fetch_add(&store->change_sets, kept);
}

/* A passive checkpoint runs by itself at commits; what it cannot do is begin the log anew while a reader looks at it. */
static void bound_log(struct store *store)
{
    if (db_wal_bytes(store->db) < WAL_RESTART_BYTES)
        return;
    readers_let_go(store, INT64_MAX);
    db_checkpoint(store->db, true);
}

static struct write_job *take_batch(struct store *store)
{
    while (!store->first_job && !store->stopping)
        pthread_cond_wait(&store->job_ready, &store->job_mutex);
    struct write_job *batch = store->first_job;
    struct write_job *last = batch;
    for (int count = 1; last && last->next && count < BATCH_MAX; count++)
        last = last->next;
    if (last) {
        store->first_job = last->next;
        if (!store->first_job)
            store->last_job = NULL;
        last->next = NULL;
    }
    return batch;
}

static void *write_loop(void *context)
{
    struct store *store = context;
    pthread_mutex_lock(&store->job_mutex);
    struct write_job *batch;
    while ((batch = take_batch(store))) {
        pthread_mutex_unlock(&store->job_mutex);
        for (struct write_job *job = batch; job; job = job->next)
            job->result = 0;
        run_batch(store, batch);
        bound_log(store);
        pthread_mutex_lock(&store->job_mutex);
        while (batch) {
            struct write_job *next = batch->next; /* once done is set the job may be gone */
            batch->done = true;
            pthread_cond_signal(&batch->finished);
            batch = next;
        }
    }
    pthread_mutex_unlock(&store->job_mutex);
    return NULL;
}

int writer_start(struct store *store, struct err *err)
{
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
    pthread_cond_init(&job->finished, NULL);
    job->next = NULL;
    job->done = false;
    pthread_mutex_lock(&store->job_mutex);
    if (store->stopping || !store->writer_runs) {
        pthread_mutex_unlock(&store->job_mutex);
        pthread_cond_destroy(&job->finished);
        return err_set(&job->err, ERR_BUSY, "the store is closing");
    }
    if (store->last_job)
        store->last_job->next = job;
    else
        store->first_job = job;
    store->last_job = job;
    pthread_cond_signal(&store->job_ready);
    while (!job->done)
        pthread_cond_wait(&job->finished, &store->job_mutex);
    pthread_mutex_unlock(&store->job_mutex);
    pthread_cond_destroy(&job->finished);
    return job->result;
}

int store_write(struct store *store, const struct write_request *request, struct write_outcome *ret_outcome,
                struct err *err)
{
    if (store->read_only)
        return err_set(err, ERR_DENIED, "the store was opened for reading only");
    if (request->author.len == 0 || request->reason.len == 0)
        return err_set(err, ERR_INVALID, "a change set needs an author and a reason");
    struct write_job job = {.request = request};
    if (writer_submit(store, &job)) {
        if (err)
            *err = job.err;
        return -1;
    }
    if (ret_outcome)
        *ret_outcome = job.outcome;
    return 0;
}
