/* What was made from readings and is kept with the reader: see reader_kept in store.h. Found by a table of its keys; in a row by
 * when it was last wanted, so that what goes first when there is too much stands at its end. */
#include "store/read.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define KEPT_BUCKETS 512
#define KEPT_BYTES_MAX ((size_t)768 << 10)
/* The last fence of what one make may take; what is kept is limited by KEPT_BYTES_MAX. */
#define MAKE_BYTES_MAX ((size_t)256 << 20)

struct kept {
    struct kept *next;          /* in its bucket */
    struct kept *newer, *older; /* in the row */
    struct str key;
    uint64_t hash;
    enum visibility sees;
    enum lang lang;
    int64_t as_of; /* 0: the present */
    int64_t seq;
    struct date day; /* that was taken for today, in zone; not set: today did not matter */
    struct str zone;
    size_t bytes;
    struct arena arena;
    void *value;
    size_t mark_count;
    uint16_t marks[]; /* and behind them the key and the zone */
};

struct keeping {
    struct kept *buckets[KEPT_BUCKETS];
    struct kept *newest, *oldest;
    size_t bytes;
};

static void row_add(struct keeping *keeping, struct kept *kept)
{
    kept->newer = NULL;
    kept->older = keeping->newest;
    if (kept->older)
        kept->older->newer = kept;
    else
        keeping->oldest = kept;
    keeping->newest = kept;
}

static void row_remove(struct keeping *keeping, struct kept *kept)
{
    *(kept->newer ? &kept->newer->older : &keeping->newest) = kept->older;
    *(kept->older ? &kept->older->newer : &keeping->oldest) = kept->newer;
}

static void forget(struct keeping *keeping, struct kept *kept)
{
    struct kept **at = &keeping->buckets[kept->hash % KEPT_BUCKETS];
    while (*at != kept)
        at = &(*at)->next;
    *at = kept->next;
    row_remove(keeping, kept);
    keeping->bytes -= kept->bytes;
    arena_free(&kept->arena);
    free(kept);
}

void reader_trim_kept(struct reader *reader)
{
    struct keeping *keeping = reader->keeping;
    while (keeping && keeping->bytes > KEPT_BYTES_MAX)
        forget(keeping, keeping->oldest);
}

void reader_forget_kept(struct reader *reader)
{
    while (reader->keeping && reader->keeping->oldest)
        forget(reader->keeping, reader->keeping->oldest);
    free(reader->keeping);
    reader->keeping = NULL;
}

/* Only what is read by a viewer without records of its own, and while all commits that this reader sees have
 * said what they touched. */
static bool may_keep(const struct reader *reader)
{
    const struct read_options *options = &reader->options;
    return !options->viewer.owner.len && !date_is_set(options->on) &&
           reader->snapshot_seq <= store_last_seq(reader->store);
}

static bool holds(const struct reader *reader, struct kept *kept)
{
    if (date_is_set(kept->day) && date_cmp(kept->day, date_in_zone(time_now_ms(), kept->zone)) != 0)
        return false;
    if (kept->seq == reader->snapshot_seq)
        return true;
    for (size_t i = 0; i < kept->mark_count; i++)
        if (atomic_load_explicit(&reader->store->touched[kept->marks[i]], memory_order_acquire) > kept->seq)
            return false;
    kept->seq = reader->snapshot_seq;
    return true;
}

/* What is there and holds; frees what no longer does. Nobody has that: it was given out in an older state only. */
static struct kept *find(struct reader *reader, struct str key, uint64_t hash)
{
    struct keeping *keeping = reader->keeping;
    struct kept *kept = keeping ? keeping->buckets[hash % KEPT_BUCKETS] : NULL;
    while (kept &&
           !(kept->hash == hash && kept->sees == reader->options.viewer.sees && kept->lang == reader->options.lang &&
             kept->as_of == reader->options.as_of && str_eq(kept->key, key)))
        kept = kept->next;
    if (!kept)
        return NULL;
    if (!holds(reader, kept)) {
        forget(keeping, kept);
        return NULL;
    }
    if (kept != keeping->newest) {
        row_remove(keeping, kept);
        row_add(keeping, kept);
    }
    return kept;
}

static struct str put_text(char *place, struct str text)
{
    if (text.len)
        memcpy(place, text.ptr, text.len);
    return str_make(place, text.len);
}

static void keep(struct reader *reader, struct str key, uint64_t hash, struct arena *arena, void *value,
                 const struct notes *made_of)
{
    size_t marks = made_of->count * sizeof made_of->marks[0];
    struct str zone = date_is_set(made_of->day) ? made_of->zone : STR("");
    size_t bytes = sizeof(struct kept) + marks + key.len + zone.len;
    struct kept *kept = memory_alloc(bytes);
    if (!reader->keeping)
        reader->keeping = memory_alloc_zeroed(1, sizeof *reader->keeping);
    struct keeping *keeping = reader->keeping;
    *kept = (struct kept){.hash = hash,
                          .sees = reader->options.viewer.sees,
                          .lang = reader->options.lang,
                          .as_of = reader->options.as_of,
                          .seq = reader->snapshot_seq,
                          .day = made_of->day,
                          .bytes = bytes + arena_block_bytes(arena),
                          .arena = *arena,
                          .value = value,
                          .mark_count = made_of->count};
    memcpy(kept->marks, made_of->marks, marks);
    kept->key = put_text((char *)kept->marks + marks, key);
    kept->zone = put_text((char *)kept->marks + marks + key.len, zone);
    kept->next = keeping->buckets[hash % KEPT_BUCKETS];
    keeping->buckets[hash % KEPT_BUCKETS] = kept;
    keeping->bytes += kept->bytes;
    row_add(keeping, kept);
}

/* Notes for the reader's caller what a value was made of; the zone must last as long as the caller's notes. */
static void note_all(struct reader *reader, const uint16_t *marks, size_t count, struct date day, struct str zone,
                     struct arena *arena)
{
    notes_add(reader, marks, count);
    if (reader->notes && date_is_set(day)) {
        reader->notes->day = day;
        reader->notes->zone = arena_copy(arena, zone);
    }
}

int reader_kept(struct reader *reader, struct str key, struct arena *arena, kept_maker *make, void *context,
                void **ret_value, struct err *err)
{
    if (!may_keep(reader))
        return make(context, reader, arena, ret_value, err);
    uint64_t hash = str_hash(key);
    struct kept *kept = find(reader, key, hash);
    if (kept) {
        note_all(reader, kept->marks, kept->mark_count, kept->day, kept->zone, arena);
        *ret_value = kept->value;
        return 0;
    }
    struct notes *notes = reader->notes;
    struct notes made_of;
    struct arena own;
    void *value = NULL;
    made_of.day = (struct date){0};
    made_of.everything = false;
    made_of.count = 0;
    arena_init_small(&own, MAKE_BYTES_MAX);
    bool takes_older = reader->takes_older;
    reader->notes = &made_of;
    reader->takes_older = false; /* what is kept is of the present */
    int result = make(context, reader, &own, &value, err);
    reader->takes_older = takes_older;
    reader->notes = notes;
    notes_compact(&made_of);
    note_all(reader, made_of.marks, made_of.count, made_of.day, made_of.zone, arena);
    if (result || made_of.everything) {
        arena_free(&own); /* made again, in the caller's memory and with the caller's notes */
        return result ? result : make(context, reader, arena, ret_value, err);
    }
    keep(reader, key, hash, &own, value, &made_of);
    *ret_value = value;
    return 0;
}
