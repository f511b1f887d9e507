#include "web/cache.h"

#include "base/memory.h"
#include "web/compress.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 4096
/* How often an answer must have been wanted as Brotli before the slow, small form is made. */
#define BROTLI_AFTER 2
#define BROTLI_QUEUE_MAX 64
/* Compressing less than this costs more than it saves. */
#define COMPRESS_FROM 512

enum form { FORM_PLAIN, FORM_GZIP, FORM_BROTLI, FORM_COUNT };
static const struct str form_names[FORM_COUNT] = {{"", 0}, {"gzip", 4}, {"br", 2}};
static const struct str form_suffixes[FORM_COUNT] = {{"", 0}, {"-gz", 3}, {"-br", 3}};

/* One form of a body; the bytes are there for good once `ready` is set. */
struct body {
    char *bytes;
    size_t length;
    atomic_bool ready;
    struct str etag;
};

struct cache_entry {
    atomic_int holds; /* the table's, the senders', the queue's */
    uint64_t hash;
    struct str key;
    struct http_pair headers[24]; /* without ETag */
    size_t header_count;
    struct str content_type;
    struct body bodies[FORM_COUNT];
    pthread_mutex_t making; /* of a compressed form */
    atomic_int brotli_wishes;
    _Atomic int64_t checked_seq;
    size_t bytes; /* as counted in the cache */
    bool in_table;
    struct cache_entry *next_in_bucket;
    struct cache_entry *newer, *older; /* by last use */
    struct notes *notes;
};

struct cache {
    struct store *store;
    size_t max_bytes;
    pthread_mutex_t mutex; /* of everything below; held for moments only */
    struct cache_entry *buckets[BUCKETS];
    struct cache_entry *newest, *oldest;
    size_t bytes;
    size_t entries;
    atomic_ullong hits, misses;

    pthread_t brotli_thread;
    pthread_cond_t brotli_wanted;
    struct cache_entry *queue[BROTLI_QUEUE_MAX];
    size_t queue_count;
    bool stopping;
};

/* ---- holding ---- */

static void entry_free(struct cache_entry *entry)
{
    for (int form = 0; form < FORM_COUNT; form++) {
        free(entry->bodies[form].bytes);
    }
    pthread_mutex_destroy(&entry->making);
    free(entry->notes);
    free(entry);
}

static void entry_release(void *context)
{
    struct cache_entry *entry = context;

    if (atomic_fetch_sub(&entry->holds, 1) == 1) {
        entry_free(entry);
    }
}

/* ---- the table; the mutex is held ---- */

static void unlink_use(struct cache *cache, struct cache_entry *entry)
{
    *(entry->newer != NULL ? &entry->newer->older : &cache->newest) = entry->older;
    *(entry->older != NULL ? &entry->older->newer : &cache->oldest) = entry->newer;
}

static void link_newest(struct cache *cache, struct cache_entry *entry)
{
    entry->newer = NULL;
    entry->older = cache->newest;
    *(cache->newest != NULL ? &cache->newest->newer : &cache->oldest) = entry;
    cache->newest = entry;
}

static void remove_entry(struct cache *cache, struct cache_entry *entry)
{
    struct cache_entry **at = &cache->buckets[entry->hash % BUCKETS];

    while (*at != entry) {
        at = &(*at)->next_in_bucket;
    }
    *at = entry->next_in_bucket;
    unlink_use(cache, entry);
    cache->bytes -= entry->bytes;
    cache->entries--;
    entry->in_table = false;
    entry_release(entry);
}

static struct cache_entry *look_up(struct cache *cache, struct str key, uint64_t hash)
{
    struct cache_entry *entry = cache->buckets[hash % BUCKETS];

    while (entry != NULL && (entry->hash != hash || !str_eq(entry->key, key))) {
        entry = entry->next_in_bucket;
    }
    return entry;
}

static void make_room(struct cache *cache)
{
    while (cache->bytes > cache->max_bytes && cache->oldest != NULL) {
        remove_entry(cache, cache->oldest);
    }
}

/* ---- finding ---- */

struct cache_entry *cache_find(struct cache *cache, struct str key)
{
    uint64_t hash = str_hash(key);
    struct cache_entry *entry;

    pthread_mutex_lock(&cache->mutex);
    entry = look_up(cache, key, hash);
    if (entry != NULL) {
        atomic_fetch_add(&entry->holds, 1);
        if (cache->newest != entry) {
            unlink_use(cache, entry);
            link_newest(cache, entry);
        }
    }
    pthread_mutex_unlock(&cache->mutex);
    if (entry != NULL && !notes_hold(cache->store, entry->notes, &entry->checked_seq)) {
        pthread_mutex_lock(&cache->mutex);
        if (entry->in_table) {
            remove_entry(cache, entry);
        }
        pthread_mutex_unlock(&cache->mutex);
        entry_release(entry);
        entry = NULL;
    }
    atomic_fetch_add(entry != NULL ? &cache->hits : &cache->misses, 1);
    return entry;
}

/* ---- keeping ---- */

/* Copies texts one behind the other into memory that was measured before. */
static struct str pack(char **at, struct str text)
{
    struct str copy = str_make(*at, text.len);

    memcpy(*at, text.ptr, text.len);
    *at += text.len;
    return copy;
}

static bool is_etag(const struct http_pair *header)
{
    return str_eq_ignoring_case(header->name, STR("etag"));
}

static size_t packed_bytes(struct str key, const struct http_response *response)
{
    size_t bytes = key.len + response->content_type.len;

    for (size_t i = 0; i < response->header_count; i++) {
        /* A tag is kept in each of its forms. */
        bytes += response->headers[i].name.len + FORM_COUNT * (response->headers[i].value.len + 4);
    }
    return bytes;
}

/* "\"abc\"" → "\"abc-gz\"" */
static struct str pack_etag(char **at, struct str etag, struct str suffix)
{
    char *begin = *at;

    pack(at, str_slice(etag, 0, etag.len - 1));
    pack(at, suffix);
    pack(at, STR("\""));
    return str_make(begin, (size_t)(*at - begin));
}

static void pack_headers(struct cache_entry *entry, char **at, const struct http_response *response)
{
    for (size_t i = 0; i < response->header_count; i++) {
        const struct http_pair *header = &response->headers[i];
        if (!is_etag(header)) {
            entry->headers[entry->header_count++] =
                (struct http_pair){.name = pack(at, header->name), .value = pack(at, header->value)};
            continue;
        }
        for (int form = 0; form < FORM_COUNT; form++) {
            entry->bodies[form].etag = pack_etag(at, header->value, form_suffixes[form]);
        }
    }
}

static struct cache_entry *make_entry(struct str key, const struct http_response *response, const struct notes *notes)
{
    struct str body = response->owned.ptr != NULL ? buf_str(&response->owned) : response->body;
    size_t packed = packed_bytes(key, response) + notes->zone.len;
    size_t notes_bytes = offsetof(struct notes, marks) + notes->count * sizeof notes->marks[0];
    struct cache_entry *entry = memory_alloc(sizeof *entry + packed);
    char *at = (char *)(entry + 1);

    memset(entry, 0, sizeof *entry);
    pthread_mutex_init(&entry->making, NULL);
    atomic_store(&entry->holds, 2); /* the table's and the caller's */
    entry->hash = str_hash(key);
    entry->key = pack(&at, key);
    entry->content_type = pack(&at, response->content_type);
    pack_headers(entry, &at, response);
    entry->notes = memory_alloc(notes_bytes);
    memcpy(entry->notes, notes, notes_bytes);
    entry->notes->zone = pack(&at, notes->zone);
    atomic_store(&entry->checked_seq, notes->seq);
    entry->bodies[FORM_PLAIN].bytes = memory_alloc(body.len + 1);
    memcpy(entry->bodies[FORM_PLAIN].bytes, body.ptr, body.len);
    entry->bodies[FORM_PLAIN].length = body.len;
    atomic_store(&entry->bodies[FORM_PLAIN].ready, true);
    entry->bytes = sizeof *entry + packed + notes_bytes + body.len;
    return entry;
}

struct cache_entry *cache_keep(struct cache *cache, struct str key, const struct http_response *response,
                               const struct notes *notes)
{
    size_t length = response->owned.ptr != NULL ? response->owned.len : response->body.len;
    struct cache_entry *entry, *former;

    if (response->status != 200 || length > CACHE_BODY_MAX) {
        return NULL;
    }
    entry = make_entry(key, response, notes);
    pthread_mutex_lock(&cache->mutex);
    former = look_up(cache, key, entry->hash);
    if (former != NULL) {
        remove_entry(cache, former);
    }
    entry->next_in_bucket = cache->buckets[entry->hash % BUCKETS];
    cache->buckets[entry->hash % BUCKETS] = entry;
    entry->in_table = true;
    link_newest(cache, entry);
    cache->bytes += entry->bytes;
    cache->entries++;
    make_room(cache);
    pthread_mutex_unlock(&cache->mutex);
    return entry;
}

/* ---- compressed forms ---- */

static void add_form(struct cache *cache, struct cache_entry *entry, enum form form)
{
    struct body *body = &entry->bodies[form];
    struct str plain = str_make(entry->bodies[FORM_PLAIN].bytes, entry->bodies[FORM_PLAIN].length);
    char *bytes = NULL;
    size_t length = 0;
    int result = form == FORM_GZIP ? compress_gzip(plain, &bytes, &length) : compress_brotli(plain, &bytes, &length);

    if (result != 0) {
        return;
    }
    body->bytes = bytes;
    body->length = length;
    atomic_store(&body->ready, true);
    pthread_mutex_lock(&cache->mutex);
    entry->bytes += length;
    if (entry->in_table) {
        cache->bytes += length;
        make_room(cache);
    }
    pthread_mutex_unlock(&cache->mutex);
}

static void *make_brotli(void *context)
{
    struct cache *cache = context;

    pthread_mutex_lock(&cache->mutex);
    while (!cache->stopping) {
        struct cache_entry *entry;
        if (cache->queue_count == 0) {
            pthread_cond_wait(&cache->brotli_wanted, &cache->mutex);
            continue;
        }
        entry = cache->queue[--cache->queue_count];
        pthread_mutex_unlock(&cache->mutex);
        add_form(cache, entry, FORM_BROTLI);
        entry_release(entry);
        pthread_mutex_lock(&cache->mutex);
    }
    pthread_mutex_unlock(&cache->mutex);
    return NULL;
}

static void wish_brotli(struct cache *cache, struct cache_entry *entry)
{
    if (atomic_fetch_add(&entry->brotli_wishes, 1) != BROTLI_AFTER) {
        return;
    }
    pthread_mutex_lock(&cache->mutex);
    if (cache->queue_count < BROTLI_QUEUE_MAX) {
        atomic_fetch_add(&entry->holds, 1);
        cache->queue[cache->queue_count++] = entry;
        pthread_cond_signal(&cache->brotli_wanted);
    }
    pthread_mutex_unlock(&cache->mutex);
}

static void make_gzip(struct cache *cache, struct cache_entry *entry)
{
    pthread_mutex_lock(&entry->making);
    if (!atomic_load(&entry->bodies[FORM_GZIP].ready)) {
        add_form(cache, entry, FORM_GZIP);
    }
    pthread_mutex_unlock(&entry->making);
}

static enum form choose_form(struct cache *cache, struct cache_entry *entry, struct str accepted)
{
    if (accepted.len == 0 || entry->bodies[FORM_PLAIN].length < COMPRESS_FROM) {
        return FORM_PLAIN;
    }
    if (encoding_accepted(accepted, form_names[FORM_BROTLI])) {
        if (atomic_load(&entry->bodies[FORM_BROTLI].ready)) {
            return FORM_BROTLI;
        }
        wish_brotli(cache, entry);
    }
    if (!encoding_accepted(accepted, form_names[FORM_GZIP])) {
        return FORM_PLAIN;
    }
    if (!atomic_load(&entry->bodies[FORM_GZIP].ready)) {
        make_gzip(cache, entry);
    }
    return atomic_load(&entry->bodies[FORM_GZIP].ready) ? FORM_GZIP : FORM_PLAIN;
}

/* ---- answering ---- */

bool etag_matches(struct str if_none_match, struct str etag)
{
    struct str rest = if_none_match;
    struct str part;
    struct str core = str_slice(etag, 0, etag.len - 1);
    bool done = rest.len == 0;

    while (!done && str_next_part(&rest, ',', &done, &part)) {
        part = str_trim(part);
        if (str_eq(part, STR("*"))) {
            return true;
        }
        if (str_starts_with(part, STR("W/"))) {
            part = str_slice(part, 2, part.len);
        }
        for (int form = 0; form < FORM_COUNT; form++) {
            if (part.len == core.len + form_suffixes[form].len + 1 && str_starts_with(part, core) &&
                str_eq(str_slice(part, core.len, part.len - 1), form_suffixes[form])) {
                return true;
            }
        }
    }
    return false;
}

void cache_answer(struct cache *cache, struct cache_entry *entry, const struct http_request *request,
                  struct http_response *response)
{
    enum form form = choose_form(cache, entry, http_header(request, "Accept-Encoding"));
    const struct body *body = &entry->bodies[form];
    bool unchanged = body->etag.len > 0 && etag_matches(http_header(request, "If-None-Match"), entry->bodies[0].etag);

    memset(response, 0, sizeof *response);
    memcpy(response->headers, entry->headers, entry->header_count * sizeof entry->headers[0]);
    response->header_count = entry->header_count;
    response->release = entry_release;
    response->release_context = entry;
    response->status = unchanged ? 304 : 200;
    if (body->etag.len > 0) {
        http_response_header(response, "ETag", body->etag);
    }
    http_response_header(response, "Vary", STR("Accept-Encoding"));
    if (unchanged) {
        return;
    }
    response->content_type = entry->content_type;
    response->body = str_make(body->bytes, body->length);
    if (form != FORM_PLAIN) {
        http_response_header(response, "Content-Encoding", form_names[form]);
    }
}

/* ---- the whole ---- */

int cache_new(struct store *store, size_t max_bytes, struct cache **ret_cache, struct err *err)
{
    struct cache *cache = memory_alloc(sizeof *cache);

    memset(cache, 0, sizeof *cache);
    cache->store = store;
    cache->max_bytes = max_bytes;
    pthread_mutex_init(&cache->mutex, NULL);
    pthread_cond_init(&cache->brotli_wanted, NULL);
    if (pthread_create(&cache->brotli_thread, NULL, make_brotli, cache) != 0) {
        free(cache);
        return err_set(err, ERR_IO, "no thread could be started for compressing pages");
    }
    *ret_cache = cache;
    return 0;
}

void cache_free(struct cache *cache)
{
    if (cache == NULL) {
        return;
    }
    pthread_mutex_lock(&cache->mutex);
    cache->stopping = true;
    pthread_cond_signal(&cache->brotli_wanted);
    pthread_mutex_unlock(&cache->mutex);
    pthread_join(cache->brotli_thread, NULL);
    while (cache->queue_count > 0) {
        entry_release(cache->queue[--cache->queue_count]);
    }
    while (cache->oldest != NULL) {
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): removing an entry makes the next one the oldest */
        remove_entry(cache, cache->oldest);
    }
    pthread_mutex_destroy(&cache->mutex);
    pthread_cond_destroy(&cache->brotli_wanted);
    free(cache);
}

struct cache_counters cache_counters(struct cache *cache)
{
    struct cache_counters counters = {.hits = atomic_load(&cache->hits), .misses = atomic_load(&cache->misses)};

    pthread_mutex_lock(&cache->mutex);
    counters.entries = cache->entries;
    counters.bytes = cache->bytes;
    pthread_mutex_unlock(&cache->mutex);
    return counters;
}
