#include "web/cache.h"

#include "base/memory.h"
#include "web/cache_lines.h"
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
#define LINES_BYTES_MAX ((size_t)32 << 10)

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
    struct cache *cache;
    atomic_int holds; /* the table's, the senders', the queue's */
    uint64_t hash;
    struct str key;
    struct cache_lines *lines; /* all headers but ETag and Content-Encoding */
    struct str content_type;
    size_t plain_length;
    struct body bodies[FORM_COUNT]; /* those that were asked for; at least one of plain and gzip is ready */
    atomic_int brotli_wishes;
    _Atomic int64_t checked_seq;
    size_t bytes; /* as counted in the cache */
    bool in_table;
    struct cache_entry *next_in_bucket;
    struct cache_entry *newer, *older; /* by last use */
    struct notes *notes;
};

/* So many entries can have a form made at the same time. */
#define MAKERS 16

struct cache {
    struct store *store;
    size_t max_bytes;
    pthread_mutex_t mutex; /* of everything below; held for moments only */
    struct cache_entry *buckets[BUCKETS];
    struct cache_entry *newest, *oldest;
    size_t bytes;
    size_t entries;
    atomic_ullong hits, misses;
    pthread_mutex_t making[MAKERS]; /* of a form, by the entry's hash */
    struct cache_lines_table lines;

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
    cache_lines_drop(&entry->cache->lines, entry->lines);
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

/* "\"abc\"" → "\"abc-gz\"" */
static struct str pack_etag(char **at, struct str etag, struct str suffix)
{
    char *begin = *at;

    pack(at, str_slice(etag, 0, etag.len - 1));
    pack(at, suffix);
    pack(at, STR("\""));
    return str_make(begin, (size_t)(*at - begin));
}

/* The headers as they will go out with every form, and the tag. False when one of them must not go out. */
static bool write_lines(const struct http_response *response, struct buf *out, struct str *ret_etag)
{
    *ret_etag = STR("");
    for (size_t i = 0; i < response->header_count; i++) {
        const struct http_pair *header = &response->headers[i];
        if (is_etag(header)) {
            *ret_etag = header->value;
        } else if (!http_header_lines(header, 1, out)) {
            return false;
        }
    }
    buf_add_literal(out, "Vary: Accept-Encoding\r\n");
    return !out->overflow;
}

static void set_body(struct cache_entry *entry, enum form form, char *bytes, size_t length)
{
    struct body *body = &entry->bodies[form];

    body->bytes = bytes;
    body->length = length;
    atomic_store(&body->ready, true);
}

/* The form in which it is wanted now is the one that is kept: most readers take gzip, and then the page itself, three to five
 * times as large, need not be. */
static void keep_body(struct cache_entry *entry, struct str plain, struct str accepted)
{
    char *bytes = NULL;
    size_t length = 0;

    if (plain.len >= COMPRESS_FROM && encoding_accepted(accepted, form_names[FORM_GZIP]) &&
        compress_gzip(plain, &bytes, &length) == 0) {
        set_body(entry, FORM_GZIP, bytes, length);
        entry->bytes += length;
        return;
    }
    bytes = memory_alloc(plain.len + 1);
    memcpy(bytes, plain.ptr, plain.len);
    set_body(entry, FORM_PLAIN, bytes, plain.len);
    entry->bytes += plain.len;
}

/* All of it but its lines and its body. */
static struct cache_entry *make_entry(struct cache *cache, struct str key, struct str content_type, struct str etag,
                                      const struct notes *notes)
{
    size_t notes_bytes = offsetof(struct notes, marks) + notes->count * sizeof notes->marks[0];
    size_t packed = key.len + content_type.len + FORM_COUNT * (etag.len + 3) + notes->zone.len;
    struct cache_entry *entry = memory_alloc(sizeof *entry + notes_bytes + packed);
    char *at = (char *)(entry + 1);

    memset(entry, 0, sizeof *entry);
    entry->cache = cache;
    atomic_store(&entry->holds, 2); /* the table's and the caller's */
    entry->notes = (struct notes *)(entry + 1);
    memcpy(entry->notes, notes, notes_bytes);
    at += notes_bytes;
    entry->notes->zone = pack(&at, notes->zone);
    atomic_store(&entry->checked_seq, notes->seq);
    entry->hash = str_hash(key);
    entry->key = pack(&at, key);
    entry->content_type = pack(&at, content_type);
    for (int form = 0; form < FORM_COUNT && etag.len > 0; form++) {
        entry->bodies[form].etag = pack_etag(&at, etag, form_suffixes[form]);
    }
    entry->bytes = sizeof *entry + notes_bytes + packed;
    return entry;
}

/* Into the table, in the place of one that was there before. */
static void add_entry(struct cache *cache, struct cache_entry *entry)
{
    struct cache_entry *former;

    pthread_mutex_lock(&cache->mutex);
    former = look_up(cache, entry->key, entry->hash);
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
}

struct cache_entry *cache_keep(struct cache *cache, struct str key, const struct http_request *request,
                               const struct http_response *response, const struct notes *notes)
{
    struct str body = response->owned.ptr != NULL ? buf_str(&response->owned) : response->body;
    struct cache_entry *entry;
    struct str etag;
    BUF_AUTO lines;

    buf_init(&lines, LINES_BYTES_MAX);
    if (response->status != 200 || body.len > CACHE_BODY_MAX || !write_lines(response, &lines, &etag)) {
        return NULL;
    }
    entry = make_entry(cache, key, response->content_type, etag, notes);
    entry->lines = cache_lines_hold(&cache->lines, buf_str(&lines));
    entry->plain_length = body.len;
    keep_body(entry, body, http_header(request, "Accept-Encoding"));
    add_entry(cache, entry);
    return entry;
}

/* ---- compressed forms ---- */

/* The page itself, from its compressed form when that alone was kept; *ret_made is what the caller frees then. */
static int plain_body(const struct cache_entry *entry, struct str *ret_plain, char **ret_made)
{
    const struct body *plain = &entry->bodies[FORM_PLAIN];
    const struct body *packed = &entry->bodies[FORM_GZIP];

    *ret_made = NULL;
    if (atomic_load(&plain->ready)) {
        *ret_plain = str_make(plain->bytes, plain->length);
        return 0;
    }
    if (decompress_gzip(str_make(packed->bytes, packed->length), entry->plain_length, ret_made) != 0) {
        return -1;
    }
    *ret_plain = str_make(*ret_made, entry->plain_length);
    return 0;
}

static int make_form(const struct cache_entry *entry, enum form form, char **ret_bytes, size_t *ret_length)
{
    struct str plain;
    char *made;
    int result;

    if (plain_body(entry, &plain, &made) != 0) {
        return -1;
    }
    if (form == FORM_PLAIN) {
        *ret_bytes = made;
        *ret_length = plain.len;
        return 0;
    }
    result =
        form == FORM_GZIP ? compress_gzip(plain, ret_bytes, ret_length) : compress_brotli(plain, ret_bytes, ret_length);
    free(made);
    return result;
}

/* One thread at a time makes forms of an entry. */
static void add_form(struct cache *cache, struct cache_entry *entry, enum form form)
{
    pthread_mutex_t *making = &cache->making[entry->hash % MAKERS];
    char *bytes = NULL;
    size_t length = 0;

    pthread_mutex_lock(making);
    if (!atomic_load(&entry->bodies[form].ready) && make_form(entry, form, &bytes, &length) == 0) {
        set_body(entry, form, bytes, length);
        pthread_mutex_lock(&cache->mutex);
        entry->bytes += length;
        if (entry->in_table) {
            cache->bytes += length;
            make_room(cache);
        }
        pthread_mutex_unlock(&cache->mutex);
    }
    pthread_mutex_unlock(making);
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

/* True when the form is there, made now if it was not. */
static bool has_form(struct cache *cache, struct cache_entry *entry, enum form form)
{
    if (!atomic_load(&entry->bodies[form].ready)) {
        add_form(cache, entry, form);
    }
    return atomic_load(&entry->bodies[form].ready);
}

/* Of those the client takes the smallest that is there; FORM_COUNT when none can be had. */
static enum form choose_form(struct cache *cache, struct cache_entry *entry, struct str accepted)
{
    bool small = entry->plain_length < COMPRESS_FROM;

    if (!small && accepted.len > 0) {
        if (encoding_accepted(accepted, form_names[FORM_BROTLI])) {
            if (atomic_load(&entry->bodies[FORM_BROTLI].ready)) {
                return FORM_BROTLI;
            }
            wish_brotli(cache, entry);
        }
        if (encoding_accepted(accepted, form_names[FORM_GZIP]) && has_form(cache, entry, FORM_GZIP)) {
            return FORM_GZIP;
        }
    }
    return has_form(cache, entry, FORM_PLAIN) ? FORM_PLAIN : FORM_COUNT;
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

bool cache_answer(struct cache *cache, struct cache_entry *entry, const struct http_request *request,
                  struct http_response *response)
{
    enum form form = choose_form(cache, entry, http_header(request, "Accept-Encoding"));
    struct str condition = http_header(request, "If-None-Match");
    const struct body *body;

    if (form == FORM_COUNT) {
        entry_release(entry);
        return false;
    }
    body = &entry->bodies[form];
    response->header_count = 0;
    response->release = entry_release;
    response->release_context = entry;
    response->ready_lines = str_make(entry->lines->bytes, entry->lines->length);
    if (body->etag.len > 0) {
        http_response_header(response, "ETag", body->etag);
    }
    if (body->etag.len > 0 && condition.len > 0 &&
        (str_eq(condition, body->etag) || etag_matches(condition, entry->bodies[0].etag))) {
        response->status = 304;
        response->content_type = STR("");
        response->body = STR("");
        return true;
    }
    response->status = 200;
    response->content_type = entry->content_type;
    response->body = str_make(body->bytes, body->length);
    if (form != FORM_PLAIN) {
        http_response_header(response, "Content-Encoding", form_names[form]);
    }
    return true;
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
    cache_lines_init(&cache->lines);
    for (size_t i = 0; i < MAKERS; i++) {
        pthread_mutex_init(&cache->making[i], NULL);
    }
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
    cache_lines_free(&cache->lines);
    for (size_t i = 0; i < MAKERS; i++) {
        pthread_mutex_destroy(&cache->making[i]);
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
