/* What was made from readings and is kept with the reader: see reader_kept in store.h. The keys are few and the program's own,
 * so the list is short and nothing is ever put out of it but what no longer holds. */
#include "store/read.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define KEPT_MAX 16
#define KEPT_BYTES_MAX ((size_t)1 << 20)

struct kept {
    struct kept *next;
    struct str key;
    enum visibility sees;
    enum lang lang;
    int64_t seq;
    struct arena arena;
    void *value;
    size_t mark_count;
    uint16_t marks[];
};

static void kept_free(struct kept *kept)
{
    arena_free(&kept->arena);
    free(kept);
}

void reader_forget_kept(struct reader *reader)
{
    while (reader->kept) {
        struct kept *next = reader->kept->next;
        kept_free(reader->kept);
        reader->kept = next;
    }
}

/* Only what is read of the present, by a viewer without records of its own, and while all commits that this reader sees have
 * said what they touched. */
static bool may_keep(const struct reader *reader)
{
    const struct read_options *options = &reader->options;
    return !options->as_of && !options->viewer.owner.len && !date_is_set(options->on) &&
           reader->snapshot_seq <= store_last_seq(reader->store);
}

static bool holds(const struct reader *reader, struct kept *kept)
{
    if (kept->seq == reader->snapshot_seq)
        return true;
    for (size_t i = 0; i < kept->mark_count; i++)
        if (atomic_load_explicit(&reader->store->touched[kept->marks[i]], memory_order_acquire) > kept->seq)
            return false;
    kept->seq = reader->snapshot_seq;
    return true;
}

/* What is there and holds; frees what no longer does. Nobody has that: it was given out in an older state only. */
static struct kept *find(struct reader *reader, struct str key, size_t *ret_count)
{
    struct kept **at = &reader->kept;
    *ret_count = 0;
    while (*at) {
        struct kept *kept = *at;
        if (str_eq(kept->key, key) && kept->sees == reader->options.viewer.sees && kept->lang == reader->options.lang) {
            if (holds(reader, kept))
                return kept;
            *at = kept->next;
            kept_free(kept);
            return NULL;
        }
        ++*ret_count;
        at = &kept->next;
    }
    return NULL;
}

static struct kept *keep(struct reader *reader, struct str key, struct arena *arena, void *value,
                         const struct notes *made_of)
{
    size_t marks = made_of->count * sizeof made_of->marks[0];
    struct kept *kept = memory_alloc(sizeof *kept + marks);
    *kept = (struct kept){.sees = reader->options.viewer.sees,
                          .lang = reader->options.lang,
                          .seq = reader->snapshot_seq,
                          .value = value,
                          .mark_count = made_of->count};
    memcpy(kept->marks, made_of->marks, marks);
    kept->key = arena_copy(arena, key);
    kept->arena = *arena;
    kept->next = reader->kept;
    reader->kept = kept;
    return kept;
}

int reader_kept(struct reader *reader, struct str key, struct arena *arena, kept_maker *make, void *context,
                void **ret_value, struct err *err)
{
    size_t count = KEPT_MAX;
    struct kept *kept = may_keep(reader) ? find(reader, key, &count) : NULL;
    if (kept) {
        notes_add(reader, kept->marks, kept->mark_count);
        *ret_value = kept->value;
        return 0;
    }
    if (count >= KEPT_MAX)
        return make(context, reader, arena, ret_value, err);
    struct notes *notes = reader->notes;
    struct notes made_of = {0};
    struct arena own;
    void *value = NULL;
    arena_init(&own, KEPT_BYTES_MAX);
    reader->notes = &made_of;
    int result = make(context, reader, &own, &value, err);
    reader->notes = notes;
    notes_add(reader, made_of.marks, made_of.count);
    if (result || made_of.everything || date_is_set(made_of.day)) {
        arena_free(&own); /* made again, in the caller's memory and with the caller's notes */
        return result ? result : make(context, reader, arena, ret_value, err);
    }
    keep(reader, key, &own, value, &made_of);
    *ret_value = value;
    return 0;
}
