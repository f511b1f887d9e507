/* A server with a handler made for testing the HTTP seam from outside: server NAME=VALUE…, names as in struct http_config.
 * Prints its address and serves until SIGTERM.
 *
 *   /tiny            three bytes                         /8k     8192 bytes
 *   /echo            the request as JSON                 /big?n= n bytes that a cache would hold
 *   /owned?n=        n bytes in a buffer of the answer's own
 *   /arena?n=        n bytes in the request's arena      /slow?ms=   an answer of a slow thread after that time
 *   /stall?ms=       the same, but on the loop's thread  /status?code=  that status, with a body
 *   /inject?v=       puts v into a header                /close     ends the connection
 *   /counters        the server's counters, and how often cached bodies were taken and released */
#include "base/value.h"
#include "web/http.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BIG_BYTES ((size_t)64 * 1024 * 1024)

struct state {
    struct http_server *server;
    char *big;
    atomic_int taken;
    atomic_int released;
    atomic_int threads;
    atomic_int idle_calls;
};

static int64_t number_of(const struct http_request *request, const char *name, int64_t otherwise)
{
    struct str text;
    int64_t number;
    return http_query(request, name, &text) && str_to_int64(text, &number) ? number : otherwise;
}

static size_t size_of(const struct http_request *request)
{
    int64_t size = number_of(request, "n", 1000);
    return size < 0 ? 0 : (size_t)size > BIG_BYTES ? BIG_BYTES : (size_t)size;
}

static struct value *pairs(struct arena *arena, const struct http_pair *pairs_in, size_t count)
{
    struct value *list = value_list(arena);
    for (size_t i = 0; i < count; i++) {
        struct value *pair = value_list(arena);
        value_append(arena, pair, value_text(arena, pairs_in[i].name));
        value_append(arena, pair, value_text(arena, pairs_in[i].value));
        value_append(arena, list, pair);
    }
    return list;
}

static void echo(const struct http_request *request, struct http_response *response)
{
    struct arena *arena = request->arena;
    struct value *view = value_object(arena);
    value_set_text(arena, view, STR("method"), request->method_name);
    value_set_text(arena, view, STR("path"), request->path);
    value_set_text(arena, view, STR("raw_target"), request->raw_target);
    value_set(arena, view, STR("query"), pairs(arena, request->query, request->query_count));
    value_set(arena, view, STR("headers"), pairs(arena, request->headers, request->header_count));
    value_set_text(arena, view, STR("body"), request->body);
    value_set_text(arena, view, STR("peer"), request->peer);
    value_set(arena, view, STR("https"), value_bool(arena, request->https));
    value_set(arena, view, STR("thread"), value_bool(arena, request->thread != NULL));
    response->content_type = STR("application/json");
    buf_init(&response->owned, BIG_BYTES);
    value_write_json(&response->owned, view);
}

static void counters(struct state *state, const struct http_request *request, struct http_response *response)
{
    struct http_counters now = http_server_counters(state->server);
    response->content_type = STR("application/json");
    response->body = arena_format(request->arena,
                                  "{\"requests\":%llu,\"refused\":%llu,\"now\":%llu,\"total\":%llu,\"deadline\":%llu,"
                                  "\"taken\":%d,\"released\":%d,\"threads\":%d,\"idle_calls\":%d}",
                                  (unsigned long long)now.requests, (unsigned long long)now.refused,
                                  (unsigned long long)now.connections_now, (unsigned long long)now.connections_total,
                                  (unsigned long long)now.deadline_closed, state->taken, state->released,
                                  state->threads, state->idle_calls);
}

static void release(void *context)
{
    atomic_fetch_add(&((struct state *)context)->released, 1);
}

static void big(struct state *state, const struct http_request *request, struct http_response *response)
{
    response->body = str_make(state->big, size_of(request));
    response->release = release;
    response->release_context = state;
    atomic_fetch_add(&state->taken, 1);
}

static void owned(struct state *state, const struct http_request *request, struct http_response *response)
{
    buf_init(&response->owned, BIG_BYTES);
    buf_add(&response->owned, str_make(state->big, size_of(request)));
    response->body = STR("");
}

static void sleep_ms(int64_t ms)
{
    usleep((useconds_t)(ms * 1000));
}

static void handle(void *context, struct http_request *request, struct http_response *response)
{
    struct state *state = context;
    struct str path = request->path;
    struct str value = STR("");
    response->content_type = STR("text/plain; charset=utf-8");
    response->body = STR("ok\n");
    if (str_eq(path, STR("/tiny"))) {
        return;
    }
    if (str_eq(path, STR("/8k"))) {
        response->body = str_make(state->big, 8192);
    } else if (str_eq(path, STR("/echo"))) {
        echo(request, response);
    } else if (str_eq(path, STR("/counters"))) {
        counters(state, request, response);
    } else if (str_eq(path, STR("/big"))) {
        big(state, request, response);
    } else if (str_eq(path, STR("/owned"))) {
        owned(state, request, response);
    } else if (str_eq(path, STR("/arena"))) {
        response->body = arena_copy(request->arena, str_make(state->big, size_of(request)));
    } else if (str_eq(path, STR("/slow")) || str_eq(path, STR("/stall"))) {
        sleep_ms(number_of(request, "ms", 100));
    } else if (str_eq(path, STR("/status"))) {
        response->status = (int)number_of(request, "code", 200);
    } else if (str_eq(path, STR("/inject"))) {
        http_query(request, "v", &value);
        http_response_header(response, "X-Injected", value);
    } else if (str_eq(path, STR("/close"))) {
        response->close = true;
    } else {
        response->status = 404;
    }
}

static bool is_slow(void *context, const struct http_request *request)
{
    (void)context;
    return str_eq(request->path, STR("/slow")) || request->method == HTTP_PUT;
}

static void *thread_start(void *context)
{
    atomic_fetch_add(&((struct state *)context)->threads, 1);
    return context;
}

static void thread_idle(void *context, void *thread)
{
    (void)thread;
    atomic_fetch_add(&((struct state *)context)->idle_calls, 1);
}

static void thread_stop(void *context, void *thread)
{
    (void)thread;
    atomic_fetch_sub(&((struct state *)context)->threads, 1);
}

/* Where the number of that name goes, or NULL. */
static int *int_setting(struct http_config *config, struct str name)
{
    const struct {
        struct str name;
        int *place;
    } settings[] = {
        {STR("threads"), &config->threads},
        {STR("slow_threads"), &config->slow_threads},
        {STR("max_connections"), &config->max_connections},
        {STR("max_connections_per_address"), &config->max_connections_per_address},
        {STR("header_deadline_ms"), &config->header_deadline_ms},
        {STR("body_deadline_ms"), &config->body_deadline_ms},
        {STR("idle_timeout_ms"), &config->idle_timeout_ms},
    };
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        if (str_eq(name, settings[i].name)) {
            return settings[i].place;
        }
    }
    return NULL;
}

static bool set(struct http_config *config, const char *argument)
{
    struct str whole = str_from_cstr(argument);
    size_t equals = str_find_byte(whole, '=');
    struct str name = str_slice(whole, 0, equals);
    struct str value = str_slice(whole, equals + 1, whole.len);
    int64_t number = 0;
    int *place = int_setting(config, name);
    if (str_eq(name, STR("listen"))) {
        config->listen = value.ptr;
        return true;
    }
    if (str_eq(name, STR("trusted_proxy"))) {
        config->trusted_proxy = value.ptr;
        return true;
    }
    if (!str_to_int64(value, &number)) {
        return false;
    }
    if (place) {
        *place = (int)number;
    } else if (str_eq(name, STR("max_header_bytes"))) {
        config->max_header_bytes = (size_t)number;
    } else if (str_eq(name, STR("max_body_bytes"))) {
        config->max_body_bytes = (size_t)number;
    } else if (str_eq(name, STR("max_buffered_bytes"))) {
        config->max_buffered_bytes = (size_t)number;
    } else {
        return false;
    }
    return true;
}

static int serve(struct state *state, const struct http_config *config)
{
    struct err err;
    sigset_t signals;
    int signal_number;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    if (http_server_start(config, &state->server, &err) < 0) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    printf("%s\n", http_server_url(state->server).ptr);
    fflush(stdout);
    sigwait(&signals, &signal_number);
    http_server_stop(state->server, 3000);
    printf("taken %d released %d threads %d\n", state->taken, state->released, state->threads);
    return state->taken == state->released && state->threads == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct state state = {.big = malloc(BIG_BYTES)};
    struct http_config config = http_config_default();
    if (!state.big) {
        return 1;
    }
    memset(state.big, 'x', BIG_BYTES);
    config.listen = "127.0.0.1:0";
    config.handler = handle;
    config.handler_context = &state;
    config.is_slow = is_slow;
    config.thread_start = thread_start;
    config.thread_idle = thread_idle;
    config.thread_stop = thread_stop;
    for (int i = 1; i < argc; i++) {
        if (!set(&config, argv[i])) {
            fprintf(stderr, "unknown setting %s\n", argv[i]);
            return 2;
        }
    }
    int result = serve(&state, &config);
    free(state.big);
    return result;
}
