/* Threads for handlers that wait or compute for long. A job is the copy of a request; the answer goes back to the loop of
 * its connection, which sends it. */
#include "base/memory.h"
#include "web/http_serving.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TELL_IDLE_AFTER_MS 500
#define ARENA_MAX_BYTES ((size_t)2 << 30)

void http_job_free(struct http_job *job)
{
    http_response_free(&job->response);
    arena_free(&job->arena);
    buf_free(&job->bytes);
    free(job);
}

void http_slow_add(struct http_server *server, struct http_job *job)
{
    struct http_slow_pool *pool = &server->slow;
    pthread_mutex_lock(&pool->mutex);
    if (pool->last) {
        pool->last->next = job;
    } else {
        pool->first = job;
    }
    pool->last = job;
    pthread_cond_signal(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
}

static void run_job(struct http_server *server, struct http_job *job, void *thread)
{
    struct http_refusal refusal;
    struct str bytes = buf_str(&job->bytes);
    struct http_request *request = &job->head.request;
    arena_init(&job->arena, ARENA_MAX_BYTES);
    /* Once more, so that everything points into the job's own bytes. */
    int read = http_head_read(&job->arena, str_slice(bytes, 0, job->head_length), &job->limits, &job->head, &refusal);
    assert(read == 0);
    (void)read;
    request->body = str_slice(bytes, job->head_length, bytes.len);
    request->thread = thread;
    request->received_ms = job->received_ms;
    request->https = job->https;
    request->peer = str_from_cstr(job->peer);
    job->response.status = 200;
    server->config.handler(server->config.handler_context, request, &job->response);
    job->frame.keep_alive &= !job->response.close;
}

static void give_back(struct http_job *job)
{
    struct http_loop *loop = job->conn->loop;
    pthread_mutex_lock(&loop->done_mutex);
    job->next = loop->done;
    loop->done = job;
    pthread_mutex_unlock(&loop->done_mutex);
    http_loop_wake(loop);
}

/* The next job, or NULL when it is time to stop or, once after the last job, to tell that there is nothing to do. */
static struct http_job *wait_for_job(struct http_slow_pool *pool, bool idle_told, bool *ret_stopping)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += TELL_IDLE_AFTER_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_mutex_lock(&pool->mutex);
    int waited = 0;
    while (!pool->first && !pool->stopping && waited != ETIMEDOUT) {
        waited = idle_told ? pthread_cond_wait(&pool->wake, &pool->mutex)
                           : pthread_cond_timedwait(&pool->wake, &pool->mutex, &until);
    }
    struct http_job *job = pool->first;
    if (job) {
        pool->first = job->next;
        pool->last = pool->first ? pool->last : NULL;
    }
    *ret_stopping = pool->stopping;
    pthread_mutex_unlock(&pool->mutex);
    return job;
}

static void *slow_main(void *argument)
{
    struct http_server *server = argument;
    const struct http_config *config = &server->config;
    http_wait_for_start(server);
    void *thread = config->thread_start ? config->thread_start(config->handler_context) : NULL;
    bool idle_told = true;
    bool stopping = false;
    for (;;) {
        struct http_job *job = wait_for_job(&server->slow, idle_told, &stopping);
        if (job) {
            run_job(server, job, thread);
            give_back(job);
            idle_told = false;
        } else if (stopping) {
            break;
        } else {
            idle_told = true;
            if (config->thread_idle) {
                config->thread_idle(config->handler_context, thread);
            }
        }
    }
    if (config->thread_stop) {
        config->thread_stop(config->handler_context, thread);
    }
    return NULL;
}

int http_slow_start(struct http_server *server, struct err *err)
{
    struct http_slow_pool *pool = &server->slow;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    size_t wanted = server->config.slow_threads > 0 ? (size_t)server->config.slow_threads : 0;
    pool->pthreads = memory_alloc_array(wanted + 1, sizeof *pool->pthreads);
    while ((size_t)pool->count < wanted) {
        int failed = pthread_create(&pool->pthreads[pool->count], NULL, slow_main, server);
        if (failed) {
            return err_set(err, ERR_IO, "cannot start a thread: %s", strerror(failed));
        }
        pool->count++;
    }
    return 0;
}

void http_slow_stop(struct http_server *server)
{
    struct http_slow_pool *pool = &server->slow;
    pthread_mutex_lock(&pool->mutex);
    pool->stopping = true;
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
    for (int i = 0; i < pool->count; i++) {
        pthread_join(pool->pthreads[i], NULL);
    }
    free(pool->pthreads);
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->mutex);
}
