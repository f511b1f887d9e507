/* The walk over the site: pages are taken from a queue by as many threads as there are processors, and what they lead to is put
 * on the queue in the order in which they were taken, whoever is done first, so that the same site is walked in the same order
 * each time. At most SLOTS pages are under way: what one of them leads to waits in its slot until all before it are done. */
#include "web/publish_internal.h"

#include "base/memory.h"
#include "base/message.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PAGE_ARENA_MAX ((size_t)1 << 30)
#define WANTS_BYTES_MAX ((size_t)64 << 20)
#define LINE_BYTES_MAX 8192
#define SLOTS 64
#define THREADS_MAX 16
#define CLOCK_EVERY 16
#define PROGRESS_EVERY 500

/* A page under way, or done and waiting for those before it. */
struct slot {
    char line[LINE_BYTES_MAX]; /* as the queue had it */
    struct str target, file, from;
    struct buf wants;
    bool done, is_html;
    int refused;
};

struct walk {
    struct publishing *publishing;
    pthread_mutex_t mutex; /* of everything below, but for what a taken slot holds */
    pthread_cond_t moved;
    struct slot *slots;
    uint64_t taken, settled; /* pages since the beginning; their slots by the number */
    struct text_set seen;    /* files that were put on the queue */
    FILE *queue;             /* "target\tfile\tfrom\n", read and written at different places */
    long queue_read, queue_end;
    uint64_t waiting; /* on the queue */
    double *clock;    /* seconds since the beginning, for each CLOCK_EVERY pages */
    size_t clock_count, clock_capacity;
    bool failed;
    struct err *err;
    const struct message_catalogue *messages; /* of whoever asked: the threads speak as he does */
};

struct thread {
    struct walk *walk;
    struct publish_worker worker;
    pthread_t id;
};

double publish_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- the queue: a file that is written at its end and read from its beginning, so that memory does not grow with the site ---- */

static int queue_add(struct walk *walk, struct str target, struct str file, struct str from)
{
    if (target.len + file.len + from.len + 4 > LINE_BYTES_MAX) {
        return 0;
    }
    if (fseek(walk->queue, walk->queue_end, SEEK_SET) != 0 ||
        fprintf(walk->queue, "%.*s\t%.*s\t%.*s\n", STR_ARG(target), STR_ARG(file), STR_ARG(from)) < 0) {
        return err_set(walk->err, ERR_IO, "the list of pages still to be made could not be written");
    }
    walk->queue_end = ftell(walk->queue);
    walk->waiting++;
    return 0;
}

static int read_line(struct slot *slot, struct err *err)
{
    struct str rest = str_make(slot->line, strcspn(slot->line, "\n"));
    bool done = false;

    if (!str_next_part(&rest, '\t', &done, &slot->target) || !str_next_part(&rest, '\t', &done, &slot->file) ||
        !str_next_part(&rest, '\t', &done, &slot->from)) {
        return err_set(err, ERR_INTERNAL, "the list of pages still to be made is damaged");
    }
    return 0;
}

/* 1: the slot has the next page; 0: there is none left. */
static int queue_take(struct walk *walk, struct slot *slot)
{
    if (walk->queue_read >= walk->queue_end) {
        return 0;
    }
    if (fseek(walk->queue, walk->queue_read, SEEK_SET) != 0 ||
        fgets(slot->line, sizeof slot->line, walk->queue) == NULL) {
        return err_set(walk->err, ERR_IO, "the list of pages still to be made could not be read");
    }
    walk->queue_read = ftell(walk->queue);
    walk->waiting--;
    return read_line(slot, walk->err) == 0 ? 1 : -1;
}

void publish_want(struct publish_page *page, const struct destination *destination)
{
    if (destination->wanted == NULL || !*destination->wanted) {
        buf_add(page->wants, destination->target);
        buf_add_byte(page->wants, '\t');
        buf_add(page->wants, destination->file);
        buf_add_byte(page->wants, '\n');
    }
    if (destination->wanted != NULL) {
        *destination->wanted = true;
    }
}

/* ---- what is done in the order of the pages; the mutex is held ---- */

static int queue_wants(struct walk *walk, const struct buf *wants, struct str from)
{
    struct str rest = buf_str(wants), line, target;
    bool done = rest.len == 0;

    if (wants->overflow) {
        return err_set(walk->err, ERR_LIMIT, "%.*s has too many links", STR_ARG(from));
    }
    while (!done && str_next_part(&rest, '\n', &done, &line)) {
        bool cut = false;
        if (line.len > 0 && str_next_part(&line, '\t', &cut, &target) && text_set_add(&walk->seen, line) &&
            queue_add(walk, target, line, from) != 0) {
            return -1;
        }
    }
    return 0;
}

static void tell_time(struct walk *walk)
{
    if (walk->publishing->result.pages < walk->clock_count * CLOCK_EVERY) {
        return;
    }
    if (walk->clock_count == walk->clock_capacity) {
        walk->clock_capacity = walk->clock_capacity == 0 ? 1024 : walk->clock_capacity * 2;
        walk->clock = memory_resize(walk->clock, walk->clock_capacity * sizeof *walk->clock);
    }
    walk->clock[walk->clock_count++] = publish_now() - walk->publishing->began;
}

static void tell_broken(const struct publishing *publishing, const struct slot *slot)
{
    char line[2 * LINE_BYTES_MAX + 100];
    int length = snprintf(line, sizeof line, message_text("%.*s answers %d; a link of %.*s leads there"),
                          STR_ARG(slot->target), slot->refused, STR_ARG(slot->from));

    publishing->config->broken(publishing->config->context, str_make(line, (size_t)length));
}

static int settle(struct walk *walk, struct slot *slot)
{
    struct publishing *publishing = walk->publishing;
    const struct publish_config *config = publishing->config;
    struct str path = str_make(slot->target.ptr, str_find_byte(slot->target, '?'));

    if (queue_wants(walk, &slot->wants, path) != 0) {
        return -1;
    }
    buf_free(&slot->wants); /* a page that leads to very many does not keep its memory */
    if (slot->refused != 0) {
        publishing->result.broken++;
        if (config->broken != NULL) {
            tell_broken(publishing, slot);
        }
    }
    if (slot->is_html) {
        publishing->result.pages++;
        tell_time(walk);
        if (config->progress != NULL && publishing->result.pages % PROGRESS_EVERY == 0) {
            config->progress(config->context, publishing->result.pages, walk->waiting);
        }
    }
    if (config->cancelled != NULL && config->cancelled(config->context)) {
        return err_set(walk->err, ERR_CONFLICT, "publishing was ended early");
    }
    return 0;
}

static void settle_done(struct walk *walk)
{
    while (!walk->failed && walk->settled < walk->taken && walk->slots[walk->settled % SLOTS].done) {
        walk->failed = settle(walk, &walk->slots[walk->settled % SLOTS]) != 0;
        walk->settled++;
    }
}

/* ---- threads ---- */

static int make_page(struct thread *thread, struct slot *slot, struct err *err)
{
    struct publish_page page = {.publishing = thread->walk->publishing,
                                .worker = &thread->worker,
                                .arena = &thread->worker.arena,
                                .wants = &slot->wants,
                                .err = err};
    int failed;

    arena_reset(page.arena);
    failed = publish_ask(&page, slot->target, slot->file);
    slot->is_html = page.is_html;
    slot->refused = page.refused;
    return failed;
}

/* The next page's slot; NULL: there will be none. */
static struct slot *take(struct walk *walk)
{
    while (!walk->failed) {
        struct slot *slot = &walk->slots[walk->taken % SLOTS];
        int taken = walk->taken - walk->settled < SLOTS ? queue_take(walk, slot) : 0;
        if (taken == 1) {
            slot->done = slot->is_html = false;
            slot->refused = 0;
            buf_init(&slot->wants, WANTS_BYTES_MAX);
            walk->taken++;
            return slot;
        }
        walk->failed = walk->failed || taken < 0;
        if (walk->taken == walk->settled) {
            return NULL;
        }
        pthread_cond_wait(&walk->moved, &walk->mutex);
    }
    return NULL;
}

static void *work(void *context)
{
    struct thread *thread = context;
    struct walk *walk = thread->walk;
    struct slot *slot;

    message_use(walk->messages);
    pthread_mutex_lock(&walk->mutex);
    while ((slot = take(walk)) != NULL) {
        struct err err = {0};
        int failed;
        pthread_mutex_unlock(&walk->mutex);
        failed = make_page(thread, slot, &err);
        pthread_mutex_lock(&walk->mutex);
        if (failed != 0 && !walk->failed) {
            walk->failed = true;
            *walk->err = err;
        }
        slot->done = true;
        settle_done(walk);
        pthread_cond_broadcast(&walk->moved);
    }
    pthread_cond_broadcast(&walk->moved);
    pthread_mutex_unlock(&walk->mutex);
    return NULL;
}

static void thread_init(struct thread *thread, struct walk *walk, unsigned number)
{
    *thread = (struct thread){.walk = walk};
    arena_init(&thread->worker.arena, PAGE_ARENA_MAX);
    output_writer_init(&thread->worker.writer, number);
}

static int begin(struct thread *thread)
{
    struct walk *walk = thread->walk;
    struct publish_page page = {.publishing = walk->publishing,
                                .worker = &thread->worker,
                                .arena = &thread->worker.arena,
                                .path = STR("the beginning"),
                                .err = walk->err};
    BUF_AUTO wants;

    buf_init(&wants, WANTS_BYTES_MAX);
    page.wants = &wants;
    publish_doors(&page);
    return queue_wants(walk, &wants, page.path);
}

/* This thread is one of them; where another cannot be started, fewer do it. */
static void run(struct thread *threads, unsigned count)
{
    unsigned started = 1;

    while (started < count && pthread_create(&threads[started].id, NULL, work, &threads[started]) == 0) {
        started++;
    }
    work(&threads[0]);
    for (unsigned i = 1; i < started; i++) {
        pthread_join(threads[i].id, NULL);
    }
}

static unsigned thread_count(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    return processors < 1 ? 1 : processors > THREADS_MAX ? THREADS_MAX : (unsigned)processors;
}

static void run_threads(struct walk *walk)
{
    unsigned count = thread_count();
    struct thread *threads = memory_alloc_array(count, sizeof *threads);

    for (unsigned i = 0; i < count; i++) {
        thread_init(&threads[i], walk, i);
    }
    walk->messages = message_used();
    walk->failed = begin(&threads[0]) != 0;
    if (!walk->failed) {
        run(threads, count);
    }
    for (unsigned i = 0; i < count; i++) {
        arena_free(&threads[i].worker.arena);
        link_memo_free(threads[i].worker.memo);
    }
    free(threads);
}

/* The rate of each tenth of the pages, from the clock that was noted on the way. */
static void work_out_rates(const struct walk *walk)
{
    struct publish_result *result = &walk->publishing->result;
    size_t last = 0;

    for (size_t tenth = 0; tenth < PUBLISH_TENTHS && walk->clock_count > PUBLISH_TENTHS; tenth++) {
        size_t next = (walk->clock_count - 1) * (tenth + 1) / PUBLISH_TENTHS;
        double took = walk->clock[next] - walk->clock[last];
        result->rate[tenth] = took > 0 ? (double)((next - last) * CLOCK_EVERY) / took : 0;
        last = next;
    }
}

int publish_walk(struct publishing *publishing, struct err *err)
{
    struct walk walk = {.publishing = publishing, .err = err, .queue = tmpfile()};

    if (walk.queue == NULL) {
        return err_set(err, ERR_IO, "no temporary file could be made");
    }
    pthread_mutex_init(&walk.mutex, NULL);
    pthread_cond_init(&walk.moved, NULL);
    walk.slots = memory_alloc_zeroed(SLOTS, sizeof *walk.slots);
    run_threads(&walk);
    work_out_rates(&walk);
    for (size_t i = 0; i < SLOTS; i++) {
        buf_free(&walk.slots[i].wants);
    }
    free(walk.slots);
    free(walk.clock);
    text_set_free(&walk.seen);
    pthread_mutex_destroy(&walk.mutex);
    pthread_cond_destroy(&walk.moved);
    fclose(walk.queue);
    return walk.failed ? -1 : 0;
}
