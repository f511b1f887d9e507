#include "web/metrics.h"

const uint64_t metrics_bounds_us[METRICS_BUCKETS] = {
    100, 250, 500, 1000, 2500, 5000, 10000, 50000, 250000, 1000000,
};

void metrics_count(struct metrics *metrics, int status, uint64_t took_us)
{
    int bucket = 0;

    while (bucket < METRICS_BUCKETS && took_us > metrics_bounds_us[bucket]) {
        bucket++;
    }
    atomic_fetch_add_explicit(&metrics->buckets[bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&metrics->total_us, took_us, memory_order_relaxed);
    if (status > 0 && status < METRICS_STATUS_MAX) {
        atomic_fetch_add_explicit(&metrics->by_status[status], 1, memory_order_relaxed);
    }
}
