/* Answers kept until something they were made of changes.
 *
 * An answer is kept under its address together with what the store noted while it was made (store/notes.h); before it is
 * given again the notes are asked whether they still hold, so there is nothing to invalidate and nothing to forget. It is
 * kept in the forms in which it is asked for: as it is, or as gzip alone, or both; as Brotli too, made by a thread of its
 * own, once it has proved to be asked for. What was used longest ago goes when the memory is full.
 *
 * Entries are counted: one that is thrown away while a thread still sends it lives until that is done. */
#ifndef MUSUBI_WEB_CACHE_H
#define MUSUBI_WEB_CACHE_H

#include "base/err.h"
#include "store/store.h"
#include "web/http.h"

struct cache;
struct cache_entry;

/* Answers larger than this are not kept. */
#define CACHE_BODY_MAX ((size_t)512 << 10)

/* max_bytes: of all entries together, compressed forms included. */
int cache_new(struct store *store, size_t max_bytes, struct cache **ret_cache, struct err *err);
/* Nobody may be sending from it any more. NULL is fine. */
void cache_free(struct cache *cache);

/* The entry under the key, if what it was made of is unchanged; held for the caller. NULL: none. */
struct cache_entry *cache_find(struct cache *cache, struct str key);
/* Keeps a copy of a 200 answer with its headers (an ETag among them) under the key, in the form that this client takes, unless it
 * is too large, and holds it for the caller. NULL: it was not kept. */
struct cache_entry *cache_keep(struct cache *cache, struct str key, const struct http_request *request,
                               const struct http_response *response, const struct notes *notes);
/* Answers from a held entry: 304 when the client has it, else the best form the client takes. The hold passes to the response,
 * which lets go of it when it has been sent. False: it cannot be given in a form that the client takes, and the hold is gone. */
bool cache_answer(struct cache *cache, struct cache_entry *entry, const struct http_request *request,
                  struct http_response *response);

struct cache_counters {
    uint64_t hits, misses, entries, bytes;
};
struct cache_counters cache_counters(struct cache *cache);

/* Whether If-None-Match names this tag, in any of its compressed forms, or any ("*"). Weak tags compare like strong ones (RFC
 * 9110, 13.1.2). */
bool etag_matches(struct str if_none_match, struct str etag);

#endif
