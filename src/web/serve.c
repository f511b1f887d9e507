#include "web/serve.h"

#include "base/date.h"
#include "base/embed.h"
#include "base/log.h"
#include "base/memory.h"
#include "plan/kpi.h"
#include "web/contact_mail.h"
#include "web/map_tiles.h"
#include "web/route.h"
#include "web/running.h"
#include "web/site.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define SITE_BYTES_MAX (64u << 20)

/* Two thousand pages of the usual size as readers' browsers take them, compressed. */
#define CACHE_BYTES ((size_t)8 << 20)

struct serve_config serve_config_default(void)
{
    return (struct serve_config){.http = http_config_default(),
                                 .guard = {.least_fill_ms = 3000, .each_an_hour = 10, .total_an_hour = 120},
                                 .grace_ms = 10000,
                                 .cache_bytes = CACHE_BYTES};
}

/* ---- the signal to stop ----
 * Threads that the store started may take the signal, so it is not blocked and waited for but caught: the handler writes
 * to this event, which serve_run waits on. -1: no server runs. */
static _Atomic int stop_event = -1;

void serve_stop(void)
{
    int event = atomic_load(&stop_event);
    uint64_t one = 1;

    if (event >= 0 && write(event, &one, sizeof one) < 0) {
        /* The counter is full: the signal has been given long since. */
    }
}

static void on_signal(int number)
{
    int saved = errno;

    (void)number;
    serve_stop();
    errno = saved;
}

static void wait_for_stop(int event)
{
    uint64_t count;

    while (read(event, &count, sizeof count) < 0 && errno == EINTR) {
    }
}

struct signals {
    struct sigaction term, interrupt, pipe;
};

static void signals_catch(struct signals *ret_before)
{
    struct sigaction stop = {.sa_handler = on_signal};
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    sigemptyset(&stop.sa_mask);
    sigemptyset(&ignore.sa_mask);
    sigaction(SIGTERM, &stop, &ret_before->term);
    sigaction(SIGINT, &stop, &ret_before->interrupt);
    sigaction(SIGPIPE, &ignore, &ret_before->pipe);
}

static void signals_restore(const struct signals *before)
{
    sigaction(SIGTERM, &before->term, NULL);
    sigaction(SIGINT, &before->interrupt, NULL);
    sigaction(SIGPIPE, &before->pipe, NULL);
}

/* ---- the site ---- */

static struct str embedded(const char *path)
{
    const struct embedded_file *file = embed_find(path);

    return file == NULL ? STR("") : str_make((const char *)file->data, file->size);
}

static int read_words(struct words **ret_words, struct err *err)
{
    struct str contents[LANG_COUNT];

    for (size_t l = 0; l < LANG_COUNT; l++) {
        char path[32];
        snprintf(path, sizeof path, "locale/%.*s.po", STR_ARG(lang_codes[l]));
        contents[l] = embedded(path);
    }
    return words_read(contents, ret_words, err);
}

static int compile_templates(const struct words *words, struct arena *arena, struct templates **ret_templates,
                             struct err *err)
{
    const char *folder = "templates";
    size_t count = 0;
    struct template_file *files;

    for (const struct embedded_file *file = embed_next(folder, NULL); file != NULL; file = embed_next(folder, file)) {
        count++;
    }
    files = ARENA_NEW_ARRAY(arena, count, struct template_file);
    count = 0;
    for (const struct embedded_file *file = embed_next(folder, NULL); file != NULL; file = embed_next(folder, file)) {
        struct str name = str_from_cstr(file->path + strlen(folder) + 1);
        if (str_ends_with(name, STR(".html"))) {
            files[count++] =
                (struct template_file){.name = name, .content = str_make((const char *)file->data, file->size)};
        }
    }
    return templates_compile(files, count, words, ret_templates, err);
}

void running_free(struct running *running)
{
    guard_free(running->site.guard);
    cache_free(running->site.cache);
    templates_free(running->templates);
    words_free(running->words);
    arena_free(&running->arena);
    free(running);
}

int running_make(struct store *store, const struct serve_config *config, struct running **ret_running, struct err *err)
{
    struct running *running = memory_alloc(sizeof *running);
    struct site *site = &running->site;

    memset(running, 0, sizeof *running);
    arena_init(&running->arena, SITE_BYTES_MAX);
    if (read_words(&running->words, err) != 0 ||
        compile_templates(running->words, &running->arena, &running->templates, err) != 0 ||
        layout_read(embedded("site/site.json"), embedded("site/outlines.geojson"), &running->arena, &site->layout,
                    err) != 0 ||
        (config->cache_bytes > 0 && cache_new(store, config->cache_bytes, &site->cache, err) != 0)) {
        running_free(running);
        return -1;
    }
    if (config->map_tiles != NULL && map_tiles_origin(str_from_cstr(config->map_tiles)).len == 0) {
        running_free(running);
        err_set(err, ERR_INVALID, "map_tiles is \"%s\", allowed is https://HOST/… with {z}, {x} and {y} in it",
                config->map_tiles);
        return -1;
    }
    site->guard = guard_new(&config->guard);
    site->store = store;
    site->search = config->search;
    site->model = store_model(store);
    site->words = running->words;
    site->templates = running->templates;
    site->public_url = str_from_cstr(config->public_url);
    site->tiles = str_from_cstr(config->map_tiles);
    site->tiles_credit = str_from_cstr(config->map_tiles_credit);
    site->policy = route_policy(map_tiles_origin(site->tiles), &running->arena);
    site->log_requests = config->log_requests;
    site->started_ms = time_now_ms();
    assets_init(&site->assets, &running->arena);
    *ret_running = running;
    return 0;
}

static int start_desk(struct running *running, const struct serve_config *config, struct desk **ret_desk,
                      struct err *err)
{
    struct desk_config desk = config->desk;

    desk.compose = contact_mail_compose;
    desk.context = &running->site;
    return desk_start(running->site.store, &desk, ret_desk, err);
}

/* Pieces of this size are taken from the system one by one, and given back to it when they are freed. */
#define MAP_PIECES_FROM (128 << 10)
/* So much free memory at its end the heap keeps from one answer to the next: taking it anew costs a page fault for each page. */
#define HEAP_KEPT (1 << 20)
/* Threads share pools of memory, so that what one has freed another can use. */
#define MEMORY_POOLS 2

static void thrift(void)
{
    mallopt(M_MMAP_THRESHOLD, MAP_PIECES_FROM);
    mallopt(M_TRIM_THRESHOLD, HEAP_KEPT);
    mallopt(M_ARENA_MAX, MEMORY_POOLS);
}

/* When nothing has been asked for a while: what was freed in the midst of what is still used goes back to the system. */
static void give_back_memory(void *context, void *thread)
{
    (void)context;
    (void)thread;
    malloc_trim(0);
}

static void read_ahead(void *context, struct store *store)
{
    (void)context;
    kpi_read_all(store);
    malloc_trim(0); /* this thread will hardly need so much again */
}

/* Serves until the event; the server is gone afterwards. */
static int run_server(struct running *running, const struct serve_config *config, int event, struct err *err)
{
    struct http_config http = config->http;
    struct desk *desk = NULL;
    struct http_server **server = &running->site.server; /* known to the first request */
    int result = 0;

    http.handler = route_request;
    http.ready_handler = route_answer_kept;
    http.handler_context = &running->site;
    http.is_slow = route_is_slow;
    http.thread_start = NULL;
    http.thread_idle = give_back_memory;
    http.thread_stop = NULL;
    if (start_desk(running, config, &desk, err) != 0) {
        return -1;
    }
    if (http_server_start(&http, server, err) != 0) {
        desk_stop(desk);
        return -1;
    }
    if (config->ready != NULL) {
        result = config->ready(config->context, http_server_url(*server), err);
    }
    if (result == 0) {
        wait_for_stop(event);
    }
    store_end_computing(running->site.store, config->grace_ms);
    http_server_stop(*server, config->grace_ms);
    desk_stop(desk);
    return result == 0 ? 0 : -1;
}

int serve_run(struct store *store, const struct serve_config *config, struct err *err)
{
    struct running *running = NULL;
    struct signals before;
    int expected = -1;
    int event = eventfd(0, EFD_CLOEXEC);
    int result;

    if (event < 0 || !atomic_compare_exchange_strong(&stop_event, &expected, event)) {
        if (event >= 0) {
            close(event);
        }
        return err_set(err, ERR_BUSY, "a server runs in this process already, or no event can be made for stopping it");
    }
    signals_catch(&before);
    thrift();
    result = running_make(store, config, &running, err);
    if (result == 0) {
        running->site.takes_older_measures = true;
        result = store_keep_measures(store, read_ahead, NULL, err);
    }
    if (result == 0) {
        result = run_server(running, config, event, err);
        running_free(running);
    }
    signals_restore(&before);
    atomic_store(&stop_event, -1);
    close(event);
    return result;
}

/* ---- a page without a server ---- */

/* Everything from `begin` to the end of the tag or element that ends with `end` gives way to `instead`. */
static struct str replace_first(struct arena *arena, struct str page, struct str begin, struct str end,
                                struct str instead)
{
    size_t from = str_find(page, begin);
    struct str rest = from == SIZE_MAX ? STR("") : str_slice(page, from, page.len);
    size_t to = str_find(rest, end);

    if (to == SIZE_MAX) {
        return page;
    }
    return arena_concat(arena, 3, str_slice(page, 0, from), instead, str_slice(rest, to + end.len, rest.len));
}

/* Links that lead within the site lead to its public address; without one they stay as they are. */
static struct str absolute_links(struct arena *arena, struct str page, struct str public_url)
{
    BUF_AUTO out;
    size_t at;

    buf_init(&out, SITE_BYTES_MAX);
    while (public_url.len > 0 && (at = str_find(page, STR("href=\"/"))) != SIZE_MAX) {
        buf_add(&out, str_slice(page, 0, at + 6));
        buf_add(&out, public_url);
        page = str_slice(page, at + 6, page.len);
    }
    buf_add(&out, page);
    return arena_copy(arena, buf_str(&out));
}

static struct str stand_alone(struct arena *arena, struct str page, struct str style, struct str public_url)
{
    page = replace_first(arena, page, STR("<link rel=\"stylesheet\""), STR(">"),
                         arena_concat(arena, 3, STR("<style>"), style, STR("</style>")));
    page = replace_first(arena, page, STR("<link rel=\"icon\""), STR(">"), STR(""));
    page = replace_first(arena, page, STR("<script src"), STR("</script>"), STR(""));
    page = replace_first(arena, page, STR("<img src"), STR(">"), STR(""));
    return absolute_links(arena, page, public_url);
}

static int run_page(struct running *running, struct str target, struct arena *arena, struct str *ret_html,
                    struct err *err)
{
    size_t question = str_find_byte(target, '?');
    struct http_request request = {
        .method = HTTP_GET,
        .method_name = STR("GET"),
        .path = str_slice(target, 0, question),
        .raw_target = target,
        .received_ms = time_now_ms(),
        .arena = arena,
    };
    struct http_response response = {.status = 200};
    struct str body;

    route_request(&running->site, &request, &response);
    body = response.owned.ptr == NULL ? response.body : buf_str(&response.owned);
    if (response.status == 200) {
        *ret_html = stand_alone(arena, arena_copy(arena, body),
                                asset_named(&running->site.assets, STR("site.css"))->content, running->site.public_url);
    }
    buf_free(&response.owned);
    return response.status == 200 ? 0 : err_set(err, ERR_NOT_FOUND, "there is no such page (%d)", response.status);
}

int serve_page(struct store *store, struct str target, enum visibility sees, struct str public_url, struct arena *arena,
               struct str *ret_html, struct err *err)
{
    struct serve_config config = serve_config_default();
    struct running *running = NULL;
    int result;

    config.cache_bytes = 0;
    if (running_make(store, &config, &running, err) != 0) {
        return -1;
    }
    running->site.sees = sees;
    running->site.public_url = public_url;
    result = run_page(running, target, arena, ret_html, err);
    running_free(running);
    return result;
}
