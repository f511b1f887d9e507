#include "store/facts.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* A power of two. */
#define FACTS_MAX 1024

struct facts {
    struct fact items[FACTS_MAX]; /* by the beginning of their digest */
    int64_t changed_seq;          /* the last commit that changed the past */
};

static size_t place_of(struct digest of)
{
    uint64_t bits;
    memcpy(&bits, of.bytes, sizeof bits);
    return bits & (FACTS_MAX - 1);
}

bool fact_get(struct store *store, struct digest of, struct fact *ret_fact)
{
    bool known = false;
    pthread_mutex_lock(&store->facts_mutex);
    if (store->facts) {
        const struct fact *fact = &store->facts->items[place_of(of)];
        known = digest_eq(fact->of, of);
        if (known)
            *ret_fact = *fact;
    }
    pthread_mutex_unlock(&store->facts_mutex);
    return known;
}

static struct facts *facts_of(struct store *store)
{
    if (!store->facts) {
        store->facts = memory_alloc(sizeof *store->facts);
        memset(store->facts, 0, sizeof *store->facts);
    }
    return store->facts;
}

void fact_put(struct reader *reader, const struct fact *fact)
{
    struct store *store = reader->store;
    pthread_mutex_lock(&store->facts_mutex);
    struct facts *facts = facts_of(store);
    if (reader->snapshot_seq >= facts->changed_seq) {
        facts->items[place_of(fact->of)] = *fact;
        atomic_store(&store->has_facts, true);
    }
    pthread_mutex_unlock(&store->facts_mutex);
}

bool facts_any(const struct store *store)
{
    return atomic_load(&((struct store *)store)->has_facts);
}

void facts_forget(struct store *store, int64_t seq)
{
    pthread_mutex_lock(&store->facts_mutex);
    struct facts *facts = facts_of(store);
    memset(facts->items, 0, sizeof facts->items);
    facts->changed_seq = seq;
    pthread_mutex_unlock(&store->facts_mutex);
}
