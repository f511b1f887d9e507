#include "bench.h"

#include "base/embed.h"
#include "base/file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void bench_fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("bench: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

static double clock_now(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double wall_now(void)
{
    return clock_now(CLOCK_MONOTONIC);
}

double thread_cpu_now(void)
{
    return clock_now(CLOCK_THREAD_CPUTIME_ID);
}

double process_cpu_now(void)
{
    return clock_now(CLOCK_PROCESS_CPUTIME_ID);
}

static int compare_doubles(const void *a, const void *b)
{
    const double *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

double percentile(double *values, size_t count, double share)
{
    if (count == 0)
        return 0;
    qsort(values, count, sizeof *values, compare_doubles);
    size_t at = (size_t)(share * (double)count);
    return values[at < count ? at : count - 1];
}

int64_t private_kib(void)
{
    FILE *file = fopen("/proc/self/smaps_rollup", "re");
    if (!file)
        bench_fail("this system does not tell a process's own memory");
    char line[256];
    int64_t sum = 0;
    while (fgets(line, sizeof line, file)) {
        char name[64];
        long kib;
        if (sscanf(line, "%63[^:]: %ld", name, &kib) == 2 && strncmp(name, "Private_", 8) == 0)
            sum += kib;
    }
    fclose(file);
    return sum;
}

const struct model *bench_model(struct arena *arena)
{
    static struct model_file files[512];
    size_t count = 0;
    for (const struct embedded_file *f = embed_next("model", NULL); f; f = embed_next("model", f)) {
        if (count == sizeof files / sizeof files[0])
            bench_fail("more model files than expected");
        files[count++] = (struct model_file){.path = str_from_cstr(f->path + sizeof "model"),
                                             .content = str_make((const char *)f->data, f->size)};
    }
    struct problems problems;
    problems_init(&problems, arena);
    struct model *model;
    struct err err = {0};
    if (model_read(files, count, &problems, &model, &err))
        bench_fail("the model: %s", err.message);
    return model;
}

struct store *bench_store(const char *folder, const struct model *model)
{
    struct store_config config = {.url = "sqlite:", .folder = folder, .model = model};
    struct store *store;
    struct err err = {0};
    if (store_open(&config, &store, &err))
        bench_fail("%s", err.message);
    return store;
}

struct reader *bench_reader(struct store *store, int64_t as_of)
{
    struct read_options options = {.viewer = {.sees = VISIBILITY_PUBLIC}, .lang = LANG_JA, .as_of = as_of};
    struct reader *reader;
    struct err err = {0};
    if (store_read(store, &options, &reader, &err))
        bench_fail("%s", err.message);
    return reader;
}

uint64_t bench_random(uint64_t *state)
{
    uint64_t x = *state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    return x * UINT64_C(2685821657736338717);
}
