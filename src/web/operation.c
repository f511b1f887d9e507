/* For those who run it: is it alive, what has it done; and the static files. */
#include "web/page.h"
#include "web/problem.h"
#include "web/route.h"

#include "base/date.h"

#include <malloc.h>

static void healthz(struct call *call)
{
    struct read_options options = {.viewer = {.sees = VISIBILITY_PUBLIC}};
    struct reader *reader = NULL;

    http_response_header(call->response, "Cache-Control", STR("no-store"));
    if (call_read(call, &options, &reader) != 0) {
        return;
    }
    reader_release(reader);
    call->response->content_type = STR("application/json");
    call->response->body = STR("{\"status\":\"ok\"}");
}

/* Prometheus' text format 0.0.4. */
static void add_metric(struct buf *out, const char *name, const char *kind, const char *help, uint64_t value)
{
    buf_add_format(out, "# HELP %s %s\n# TYPE %s %s\n%s %llu\n", name, help, name, kind, name,
                   (unsigned long long)value);
}

static void add_answers(struct buf *out, struct metrics *metrics)
{
    uint64_t total = 0;

    buf_add_literal(out, "# HELP musubi_http_responses_total Answers by status.\n"
                         "# TYPE musubi_http_responses_total counter\n");
    for (int status = 0; status < METRICS_STATUS_MAX; status++) {
        uint64_t count = atomic_load_explicit(&metrics->by_status[status], memory_order_relaxed);
        if (count > 0) {
            buf_add_format(out, "musubi_http_responses_total{code=\"%d\"} %llu\n", status, (unsigned long long)count);
        }
    }
    buf_add_literal(out, "# HELP musubi_http_handler_seconds Time in the handler, without sending.\n"
                         "# TYPE musubi_http_handler_seconds histogram\n");
    for (int i = 0; i < METRICS_BUCKETS; i++) {
        total += atomic_load_explicit(&metrics->buckets[i], memory_order_relaxed);
        buf_add_format(out, "musubi_http_handler_seconds_bucket{le=\"%g\"} %llu\n", (double)metrics_bounds_us[i] / 1e6,
                       (unsigned long long)total);
    }
    total += atomic_load_explicit(&metrics->buckets[METRICS_BUCKETS], memory_order_relaxed);
    buf_add_format(out, "musubi_http_handler_seconds_bucket{le=\"+Inf\"} %llu\n", (unsigned long long)total);
    buf_add_format(out, "musubi_http_handler_seconds_sum %.6f\n",
                   (double)atomic_load_explicit(&metrics->total_us, memory_order_relaxed) / 1e6);
    buf_add_format(out, "musubi_http_handler_seconds_count %llu\n", (unsigned long long)total);
}

static void metrics_page(struct call *call)
{
    struct site *site = call->site;
    struct http_counters http = http_server_counters(site->server);
    struct store_counters store = store_counters(site->store);
    struct buf out;

    buf_init(&out, 1 << 20);
    buf_add_format(&out,
                   "# HELP musubi_build_info The version that runs.\n# TYPE musubi_build_info gauge\n"
                   "musubi_build_info{version=\"%s\"} 1\n",
                   MUSUBI_VERSION);
    add_metric(&out, "musubi_uptime_seconds", "gauge", "Since the server was started.",
               (uint64_t)(time_now_ms() - site->started_ms) / 1000);
    add_metric(&out, "musubi_http_requests_total", "counter", "Requests that reached a handler.", http.requests);
    add_metric(&out, "musubi_http_refused_total", "counter", "Requests that the guard refused.", http.refused);
    add_metric(&out, "musubi_http_connections", "gauge", "Open connections.", http.connections_now);
    add_metric(&out, "musubi_http_connections_total", "counter", "Connections taken.", http.connections_total);
    add_metric(&out, "musubi_http_deadline_closed_total", "counter", "Connections closed for being too slow.",
               http.deadline_closed);
    add_answers(&out, &site->metrics);
    if (site->cache != NULL) {
        struct cache_counters cache = cache_counters(site->cache);
        add_metric(&out, "musubi_cache_hits_total", "counter", "Answers given from the cache.", cache.hits);
        add_metric(&out, "musubi_cache_misses_total", "counter", "Answers that had to be made.", cache.misses);
        add_metric(&out, "musubi_cache_entries", "gauge", "Answers kept.", cache.entries);
        add_metric(&out, "musubi_cache_bytes", "gauge", "Memory of the answers kept.", cache.bytes);
    }
    add_metric(&out, "musubi_store_last_seq", "gauge", "Newest durable revision.", (uint64_t)store.last_seq);
    add_metric(&out, "musubi_store_commits_total", "counter", "Commits.", store.commits);
    add_metric(&out, "musubi_store_change_sets_total", "counter", "Change sets accepted.", store.change_sets);
    add_metric(&out, "musubi_store_reads_total", "counter", "Readers taken.", store.reads);
    add_metric(&out, "musubi_store_readers", "gauge", "Readers held now.", store.readers_now);
    add_metric(&out, "musubi_store_wal_bytes", "gauge", "Size of the write-ahead log.", store.wal_bytes);
    http_response_header(call->response, "Cache-Control", STR("no-store"));
    call->response->content_type = STR("text/plain; version=0.0.4; charset=utf-8");
    call->response->owned = out;
}

static void static_file(struct call *call)
{
    const struct asset *asset = asset_served_as(&call->site->assets, call->params.name);

    if (asset == NULL) {
        struct problem problem = problem_of(PROBLEM_NOT_FOUND);
        problem_send(call, &problem);
        return;
    }
    http_response_header(call->response, "Cache-Control", STR("public, max-age=31536000, immutable"));
    call_send(call, asset->content_type, asset->content);
}

const struct route operation_routes[] = {
    {"/healthz", healthz, false},
    {"/metrics", metrics_page, false},
    {"/static/{name}", static_file, false},
    {NULL, NULL, false},
};
