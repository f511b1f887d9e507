/* Counts of what was answered and how long it took; written by all threads, read by /metrics. */
#ifndef MUSUBI_WEB_METRICS_H
#define MUSUBI_WEB_METRICS_H

#include <stdatomic.h>
#include <stdint.h>

#define METRICS_BUCKETS 10
#define METRICS_STATUS_MAX 600

struct metrics {
    _Atomic uint64_t by_status[METRICS_STATUS_MAX];
    _Atomic uint64_t buckets[METRICS_BUCKETS + 1]; /* the last one: longer than all bounds */
    _Atomic uint64_t total_us;
};

/* Upper bounds of the buckets in microseconds, rising. */
extern const uint64_t metrics_bounds_us[METRICS_BUCKETS];
void metrics_count(struct metrics *metrics, int status, uint64_t took_us);

#endif
