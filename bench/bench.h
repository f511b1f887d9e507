/* What the bench programs share: clocks, medians, the built-in model, a store in a folder. They end with a message at the
 * first thing that fails: a figure from a run that went wrong is worth nothing. */
#ifndef MUSUBI_BENCH_H
#define MUSUBI_BENCH_H

#include "base/arena.h"
#include "store/store.h"

#include <stddef.h>
#include <stdint.h>

_Noreturn __attribute__((format(printf, 1, 2))) void bench_fail(const char *format, ...);

/* Seconds. */
double wall_now(void);
double thread_cpu_now(void);
double process_cpu_now(void);

/* Sorts the values; share 0.5 is the median, 0.99 the 99th percentile. */
double percentile(double *values, size_t count, double share);

/* Kibibytes of memory that belongs to this process alone, as the kernel counts it now (smaps_rollup). */
int64_t private_kib(void);

const struct model *bench_model(struct arena *arena);
struct store *bench_store(const char *folder, const struct model *model);
struct reader *bench_reader(struct store *store, int64_t as_of);

/* xorshift64*: the same numbers on every machine. */
uint64_t bench_random(uint64_t *state);

#endif
