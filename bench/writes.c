/* Writing in bursts: how many change sets a second become durable from one writer and from sixty-four, what readers feel of it,
 * and how long the log grows.
 *
 *   writes burst FOLDER SECONDS   prints: single RATE, many RATE, together, quiet P99_US, busy P99_US; each the median of five rounds
 *   writes waits FOLDER SECONDS   prints for each of some waits that are added to every commit, least first: wait US single RATE
 *                                 many RATE; each the median of three rounds. In a folder in memory that is all the waiting there is
 *   writes disk FOLDER SECONDS    prints: disk US, disk_64 US, what a commit of one change set and one of sixty-four wait for this
 *                                 folder's disk
 *   writes cost FOLDER SECONDS    prints: cost_1 US, cost_64 US: processor time of a change set
 *   writes many FOLDER SECONDS    the second of these alone: for `perf stat`, which counts instructions
 *   writes soak FOLDER SECONDS    prints: rate, largest log, private memory, revisions
 *
 * A change set updates one record. Readers take a reader, one record and a page of twenty, then pause: they are users,
 * not a race. */
#include "bench.h"

#include "model/record.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define WRITERS 64
#define READERS 2
#define ROUNDS 5
#define READ_PAUSE_US 1000
#define WAIT_ROUNDS 3
/* What a change set that comes alone puts into the log, and what sixty-four that share a commit do once there is a past. */
#define COMMIT_BYTES ((size_t)128 << 10)
#define BURST_BYTES ((size_t)2560 << 10)
/* The log begins anew at this length. */
#define LOG_BYTES ((size_t)32 << 20)
#define SYNCS 100
#define SAMPLES_MAX 400000
#define ARENA_MAX ((size_t)64 << 20)

struct burst {
    struct store *store;
    const struct reg *reg;
    atomic_bool stop;
    atomic_long written;
    atomic_long next;
};

struct reading {
    struct burst *burst;
    long pause_us;
    double *samples;
    size_t count;
};

static void pause_us(long us)
{
    struct timespec pause = {us / 1000000, us % 1000000 * 1000};
    nanosleep(&pause, NULL);
}

/* SQLite's own call comes here, so that a disk can be as slow as is asked for. */
static atomic_long added_wait_us;

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int fdatasync(int fd)
{
    long us = atomic_load(&added_wait_us);
    if (us)
        pause_us(us);
    return (int)syscall(SYS_fdatasync, fd);
}

struct one_write {
    struct burst *burst;
    int writer;
    long number;
};

static int fill(void *context, struct change_set *changes, struct err *err)
{
    struct one_write *write = context;
    ARENA_AUTO arena;
    arena_init(&arena, ARENA_MAX);
    struct value *record = value_object(&arena), *name = value_object(&arena);
    value_set_text(&arena, name, STR("ja"), arena_format(&arena, "書き手%d 第%ld回", write->writer, write->number));
    value_set_text(&arena, record, STR("id"), arena_format(&arena, "writer-%d-%ld", write->writer, write->number % 16));
    value_set(&arena, record, STR("name"), name);
    value_set_text(&arena, record, STR("kind"), STR("company"));
    return change_put(changes, write->burst->reg, record, SEQ_ANY, &arena, err);
}

static void *write_loop(void *context)
{
    struct burst *burst = context;
    int writer = (int)(atomic_fetch_add(&burst->next, 1) % WRITERS);
    struct err err = {0};
    while (!atomic_load(&burst->stop)) {
        struct one_write write = {burst, writer, atomic_fetch_add(&burst->written, 1)};
        struct write_request request = {
            .author = STR("bench"), .reason = STR("bench"), .kind = STR("edit"), .fill = fill, .context = &write};
        if (store_write(burst->store, &request, NULL, &err))
            bench_fail("%s", err.message);
    }
    return NULL;
}

static void *read_loop(void *context)
{
    struct reading *reading = context;
    ARENA_AUTO arena;
    arena_init(&arena, ARENA_MAX);
    while (!atomic_load(&reading->burst->stop)) {
        double began = wall_now();
        struct reader *reader = bench_reader(reading->burst->store, 0);
        struct list_query query = {.reg = reading->burst->reg, .limit = 20};
        struct page page;
        struct found found;
        struct err err = {0};
        if (store_list(reader, &query, &arena, &page, &err) ||
            (page.count &&
             store_get(reader, query.reg, value_get_text(page.items[0].record, STR("id")), &arena, &found, NULL, &err)))
            bench_fail("%s", err.message);
        reader_release(reader);
        arena_reset(&arena);
        if (reading->count < SAMPLES_MAX)
            reading->samples[reading->count++] = wall_now() - began;
        pause_us(reading->pause_us);
    }
    return NULL;
}

struct phase_result {
    double rate;
    double together; /* change sets a commit */
    double p99_us;
    double p50_us;
};

/* Runs so many writers and the readers for a while. */
static struct phase_result run_phase(struct burst *burst, int writers, double seconds, double *samples)
{
    pthread_t threads[WRITERS], reader_threads[READERS];
    struct reading readings[READERS];
    atomic_store(&burst->stop, false);
    atomic_store(&burst->next, 0);
    long before = atomic_load(&burst->written);
    struct store_counters counters = store_counters(burst->store);
    double began = wall_now();
    for (int i = 0; i < READERS; i++) {
        readings[i] = (struct reading){burst, READ_PAUSE_US, samples + (size_t)i * SAMPLES_MAX, 0};
        pthread_create(&reader_threads[i], NULL, read_loop, &readings[i]);
    }
    for (int i = 0; i < writers; i++)
        pthread_create(&threads[i], NULL, write_loop, burst);
    pause_us((long)(seconds * 1e6));
    atomic_store(&burst->stop, true);
    for (int i = 0; i < writers; i++)
        pthread_join(threads[i], NULL);
    double took = wall_now() - began;
    size_t count = 0;
    for (int i = 0; i < READERS; i++) {
        pthread_join(reader_threads[i], NULL);
        memmove(samples + count, readings[i].samples, readings[i].count * sizeof *samples);
        count += readings[i].count;
    }
    long written = atomic_load(&burst->written) - before;
    double commits = (double)(store_counters(burst->store).commits - counters.commits);
    return (struct phase_result){(double)written / took, commits > 0 ? (double)written / commits : 0,
                                 percentile(samples, count, 0.99) * 1e6, percentile(samples, count, 0.5) * 1e6};
}

static void measure_burst(struct burst *burst, double seconds, double *samples)
{
    double single[ROUNDS], many[ROUNDS], together[ROUNDS], quiet[ROUNDS], busy[ROUNDS];
    run_phase(burst, 1, 0.3, samples);
    for (int i = 0; i < ROUNDS; i++) {
        struct phase_result none = run_phase(burst, 0, seconds, samples);
        struct phase_result one = run_phase(burst, 1, seconds, samples);
        struct phase_result all = run_phase(burst, WRITERS, seconds, samples);
        quiet[i] = none.p99_us;
        single[i] = one.rate;
        many[i] = all.rate;
        together[i] = all.together;
        busy[i] = all.p99_us;
        fprintf(stderr,
                "round %d: one %.0f/s, %d %.0f/s in commits of %.1f, p99 %.0f and %.0f us, median %.0f and %.0f us\n",
                i + 1, one.rate, WRITERS, all.rate, all.together, none.p99_us, all.p99_us, none.p50_us, all.p50_us);
    }
    printf("single %.0f\nmany %.0f\ntogether %.1f\nquiet %.0f\nbusy %.0f\n", percentile(single, ROUNDS, 0.5),
           percentile(many, ROUNDS, 0.5), percentile(together, ROUNDS, 0.5), percentile(quiet, ROUNDS, 0.5),
           percentile(busy, ROUNDS, 0.5));
}

static void measure_waits(struct burst *burst, double seconds, double *samples)
{
    static const long waits[] = {0, 300, 600, 1000, 2000, 4000, 8000};
    enum { WAITS = sizeof waits / sizeof waits[0] };
    double single[WAITS][WAIT_ROUNDS], many[WAITS][WAIT_ROUNDS];
    for (int round = 0; round < WAIT_ROUNDS; round++)
        for (int i = 0; i < WAITS; i++) {
            atomic_store(&added_wait_us, waits[i]);
            single[i][round] = run_phase(burst, 1, seconds, samples).rate;
            many[i][round] = run_phase(burst, WRITERS, seconds, samples).rate;
        }
    for (int i = 0; i < WAITS; i++)
        printf("wait %ld single %.0f many %.0f\n", waits[i], percentile(single[i], WAIT_ROUNDS, 0.5),
               percentile(many[i], WAIT_ROUNDS, 0.5));
}

/* Writes so many bytes and waits for the disk, over and over; the median wait. */
static double sync_us(int fd, size_t length)
{
    static char bytes[BURST_BYTES];
    double waited[SYNCS];
    for (size_t i = 0; i < SYNCS; i++) {
        if (pwrite(fd, bytes, length, (off_t)(i % (LOG_BYTES / length) * length)) != (ssize_t)length)
            bench_fail("the disk cannot be written");
        double began = wall_now();
        fdatasync(fd);
        waited[i] = wall_now() - began;
    }
    return percentile(waited, SYNCS, 0.5) * 1e6;
}

/* Beside the store, in a file that is there and is written over, as the log is. */
static void measure_disk(const char *folder)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/sync", folder);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        bench_fail("%s cannot be made", path);
    unlink(path);
    sync_us(fd, BURST_BYTES);
    printf("disk %.0f\ndisk_%d %.0f\n", sync_us(fd, COMMIT_BYTES), WRITERS, sync_us(fd, BURST_BYTES));
    close(fd);
}

/* What a change set costs in processor time, alone and among many, the readers quiet. */
static void measure_cost(struct burst *burst, bool alone, double seconds)
{
    static const int writers[] = {1, WRITERS};
    for (size_t i = alone ? 0 : 1; i < sizeof writers / sizeof writers[0]; i++) {
        pthread_t threads[WRITERS];
        atomic_store(&burst->stop, false);
        atomic_store(&burst->next, 0);
        long before = atomic_load(&burst->written);
        double began = process_cpu_now();
        for (int k = 0; k < writers[i]; k++)
            pthread_create(&threads[k], NULL, write_loop, burst);
        pause_us((long)(seconds * 1e6));
        atomic_store(&burst->stop, true);
        for (int k = 0; k < writers[i]; k++)
            pthread_join(threads[k], NULL);
        long written = atomic_load(&burst->written) - before;
        printf("cost_%d %.1f of %ld\n", writers[i], (process_cpu_now() - began) / (double)written * 1e6, written);
        fflush(stdout);
    }
}

/* Sixty-four writers, busy readers, and one that reads only now and then: its snapshot must not hold the log. */
static void soak(struct burst *burst, double seconds, double *samples)
{
    pthread_t threads[WRITERS], reader_threads[READERS + 1];
    struct reading readings[READERS + 1];
    double began = wall_now(), told = began;
    for (int i = 0; i <= READERS; i++) {
        readings[i] = (struct reading){burst, i < READERS ? READ_PAUSE_US : 3000000, samples, SAMPLES_MAX};
        pthread_create(&reader_threads[i], NULL, read_loop, &readings[i]);
    }
    for (int i = 0; i < WRITERS; i++)
        pthread_create(&threads[i], NULL, write_loop, burst);
    uint64_t largest = 0;
    int64_t memory = 0;
    while (wall_now() - began < seconds) {
        pause_us(50000);
        uint64_t bytes = store_counters(burst->store).wal_bytes;
        largest = bytes > largest ? bytes : largest;
        if (wall_now() - told < 30)
            continue;
        told = wall_now();
        memory = private_kib();
        fprintf(stderr, "%.0f s: %ld written, log %.1f MiB, largest %.1f MiB, memory %.1f MiB\n", told - began,
                atomic_load(&burst->written), (double)bytes / 1048576, (double)largest / 1048576,
                (double)memory / 1024);
    }
    memory = private_kib();
    atomic_store(&burst->stop, true);
    double took = wall_now() - began;
    for (int i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i <= READERS; i++)
        pthread_join(reader_threads[i], NULL);
    printf("rate %.0f\nlargest_log_mib %.1f\nmemory_mib %.1f\nrevisions %lld\n",
           (double)atomic_load(&burst->written) / took, (double)largest / 1048576, (double)memory / 1024,
           (long long)store_last_seq(burst->store));
}

int main(int argc, char **argv)
{
    double seconds = argc == 4 ? strtod(argv[3], NULL) : 0;
    if (seconds <= 0)
        bench_fail("usage: writes burst|waits|disk|cost|many|soak FOLDER SECONDS");
    if (strcmp(argv[1], "disk") == 0) {
        measure_disk(argv[2]);
        return 0;
    }
    ARENA_AUTO arena;
    arena_init(&arena, ARENA_MAX);
    const struct model *model = bench_model(&arena);
    struct burst burst = {.store = bench_store(argv[2], model), .reg = model_register(model, STR("organisation"))};
    double *samples = calloc((size_t)SAMPLES_MAX * READERS, sizeof *samples);
    if (!samples)
        bench_fail("no memory");
    if (strcmp(argv[1], "soak") == 0)
        soak(&burst, seconds, samples);
    else if (strcmp(argv[1], "cost") == 0)
        measure_cost(&burst, true, seconds);
    else if (strcmp(argv[1], "many") == 0)
        measure_cost(&burst, false, seconds);
    else if (strcmp(argv[1], "waits") == 0)
        measure_waits(&burst, seconds, samples);
    else
        measure_burst(&burst, seconds, samples);
    free(samples);
    store_close(burst.store);
    return 0;
}
