#include "store/measure_kept.h"

#include "base/memory.h"
#include "store/read.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define KEY_BYTES_MAX ((size_t)64 << 10)

struct entry {
    struct entry *next; /* most lately used first */
    struct str key;
    bool is_being_made;
    int64_t seq; /* of the state it was read in */
    size_t bytes;
    struct measure_series series;
    struct arena arena; /* of the series and the key */
    uint16_t *marks;
    size_t mark_count;
};

struct measures_kept {
    pthread_mutex_t mutex;
    pthread_cond_t made;
    struct entry *first;
    size_t count, bytes;
};

struct measures_kept *measures_kept_new(void)
{
    struct measures_kept *shelf = memory_alloc_zeroed(1, sizeof *shelf);
    pthread_mutex_init(&shelf->mutex, NULL);
    pthread_cond_init(&shelf->made, NULL);
    return shelf;
}

static void entry_free(struct entry *entry)
{
    free(entry->marks);
    arena_free(&entry->arena);
    free(entry);
}

void measures_kept_free(struct measures_kept *shelf)
{
    if (!shelf)
        return;
    while (shelf->first) {
        struct entry *next = shelf->first->next;
        entry_free(shelf->first);
        shelf->first = next;
    }
    pthread_mutex_destroy(&shelf->mutex);
    pthread_cond_destroy(&shelf->made);
    free(shelf);
}

/* ---- the key ---- */

/* Texts with their length before them, so that no two lists of texts give the same key. */
static void add_text(struct buf *key, struct str text)
{
    buf_add_format(key, "%zu:", text.len);
    buf_add(key, text);
}

static void add_date(struct buf *key, struct date date)
{
    buf_add_format(key, "%d-%d-%d ", date.year, date.month, date.day);
}

static void write_key(const struct reader *reader, char kind, const struct measure_query *query, struct buf *key)
{
    const struct read_options *options = &reader->options;
    buf_add_format(key, "%c %d %lld %d %d %d ", kind, (int)options->viewer.sees, (long long)options->as_of,
                   (int)query->axis, query->from_year, query->to_year);
    add_date(key, options->on);
    add_text(key, query->measure->name);
    add_text(key, query->split ? query->split->name : STR(""));
    for (size_t i = 0; i < query->argument_count; i++) {
        const struct measure_argument *argument = &query->arguments[i];
        buf_add_format(key, " %zu ", argument->count);
        add_text(key, argument->name);
        for (size_t k = 0; k < argument->count; k++)
            add_text(key, argument->values[k]);
    }
}

/* ---- what is there ---- */

static void series_copy(const struct measure_series *from, struct arena *arena, struct measure_series *to)
{
    *to = *from;
    to->cells = ARENA_NEW_ARRAY(arena, from->count, struct measure_cell);
    to->years = ARENA_NEW_ARRAY(arena, from->year_count, struct measure_coverage);
    for (size_t i = 0; i < from->count; i++) {
        to->cells[i] = from->cells[i];
        to->cells[i].split = arena_copy(arena, from->cells[i].split);
    }
    for (size_t i = 0; i < from->year_count; i++)
        to->years[i] = from->years[i]; /* undivided: their texts are literals */
}

/* Whether nothing of what it was made of is other in the reader's state. */
static bool holds(const struct reader *reader, const struct entry *entry)
{
    int64_t older = entry->seq < reader->snapshot_seq ? entry->seq : reader->snapshot_seq;
    if (entry->seq == reader->snapshot_seq)
        return true;
    for (size_t i = 0; i < entry->mark_count; i++)
        if (atomic_load_explicit(&reader->store->touched[entry->marks[i]], memory_order_acquire) > older)
            return false;
    return true;
}

static void take_out(struct measures_kept *shelf, struct entry *entry)
{
    struct entry **at = &shelf->first;
    while (*at != entry)
        at = &(*at)->next;
    *at = entry->next;
    shelf->count--;
    shelf->bytes -= entry->bytes;
    entry_free(entry);
}

static void put_first(struct measures_kept *shelf, struct entry *entry)
{
    entry->next = shelf->first;
    shelf->first = entry;
}

static struct entry *find(struct measures_kept *shelf, struct str key)
{
    for (struct entry **at = &shelf->first; *at; at = &(*at)->next)
        if (str_eq((*at)->key, key)) {
            struct entry *found = *at;
            *at = found->next;
            put_first(shelf, found);
            return found;
        }
    return NULL;
}

static void make_room(struct measures_kept *shelf)
{
    while (shelf->count > MEASURES_KEPT_MAX || shelf->bytes > MEASURES_KEPT_BYTES_MAX) {
        struct entry *oldest = NULL;
        for (struct entry *entry = shelf->first; entry; entry = entry->next)
            if (!entry->is_being_made)
                oldest = entry;
        if (!oldest)
            return;
        take_out(shelf, oldest);
    }
}

/* True with a copy of the answer; else *ret_entry is for the caller to make. An answer that does not serve this reader is replaced
 * only by a newer one: readers of older states are few, and soon gone. */
static bool give_or_begin(struct reader *reader, struct str key, struct arena *arena, struct measure_series *ret_series,
                          struct entry **ret_entry)
{
    struct measures_kept *shelf = reader->store->measures;
    bool given = false;
    *ret_entry = NULL;
    pthread_mutex_lock(&shelf->mutex);
    struct entry *entry = find(shelf, key);
    while (entry && entry->is_being_made) {
        pthread_cond_wait(&shelf->made, &shelf->mutex);
        entry = find(shelf, key);
    }
    if (entry && holds(reader, entry)) {
        series_copy(&entry->series, arena, ret_series);
        notes_add(reader, entry->marks, entry->mark_count);
        given = true;
    } else if (!entry || entry->seq < reader->snapshot_seq) {
        if (entry)
            take_out(shelf, entry);
        entry = memory_alloc_zeroed(1, sizeof *entry);
        arena_init(&entry->arena, 2 * MEASURE_KEPT_BYTES_MAX + KEY_BYTES_MAX);
        entry->key = arena_copy(&entry->arena, key);
        entry->is_being_made = true;
        put_first(shelf, entry);
        shelf->count++;
        *ret_entry = entry;
    }
    pthread_mutex_unlock(&shelf->mutex);
    return given;
}

/* ---- making ---- */

static size_t size_of(const struct measure_series *series)
{
    size_t bytes = series->count * sizeof *series->cells + series->year_count * sizeof *series->years;
    for (size_t i = 0; i < series->count; i++)
        bytes += series->cells[i].split.len + 16; /* and what the arena rounds up */
    return bytes;
}

static void finish(struct reader *reader, struct entry *entry, const struct measure_series *series,
                   const struct notes *made_of)
{
    struct measures_kept *shelf = reader->store->measures;
    size_t bytes = series ? size_of(series) : 0;
    bool keeps = series && !made_of->everything && bytes <= MEASURE_KEPT_BYTES_MAX;
    pthread_mutex_lock(&shelf->mutex);
    if (keeps) {
        series_copy(series, &entry->arena, &entry->series);
        entry->seq = reader->snapshot_seq;
        entry->mark_count = made_of->count;
        entry->marks = memory_alloc_array(made_of->count + 1, sizeof *entry->marks);
        memcpy(entry->marks, made_of->marks, made_of->count * sizeof *entry->marks);
        entry->bytes = bytes + sizeof *entry + made_of->count * sizeof *entry->marks;
        entry->is_being_made = false;
        shelf->bytes += entry->bytes;
        make_room(shelf);
    } else {
        take_out(shelf, entry);
    }
    pthread_cond_broadcast(&shelf->made);
    pthread_mutex_unlock(&shelf->mutex);
}

static int make_and_keep(struct reader *reader, struct entry *entry, const struct measure_query *query,
                         measure_maker *make, struct arena *arena, struct measure_series *ret_series, struct err *err)
{
    struct notes *notes = reader->notes, made_of = {0};
    reader_note(reader, &made_of);
    int result = make(reader, query, arena, ret_series, err);
    reader->notes = notes;
    assert(!date_is_set(made_of.day) && "no measure says today");
    notes_compact(&made_of);
    if (made_of.everything)
        note_everything(reader);
    notes_add(reader, made_of.marks, made_of.count);
    finish(reader, entry, result ? NULL : ret_series, &made_of);
    return result;
}

/* Only while all commits that this reader sees have said what they touched. */
static bool may_keep(const struct reader *reader)
{
    return !reader->options.viewer.owner.len && reader->snapshot_seq <= store_last_seq(reader->store);
}

int measure_kept(struct reader *reader, char kind, const struct measure_query *query, measure_maker *make,
                 struct arena *arena, struct measure_series *ret_series, struct err *err)
{
    BUF_AUTO key;
    buf_init(&key, KEY_BYTES_MAX);
    struct entry *entry = NULL;
    *ret_series = (struct measure_series){0};
    if (may_keep(reader)) {
        write_key(reader, kind, query, &key);
        if (!key.overflow && give_or_begin(reader, buf_str(&key), arena, ret_series, &entry))
            return 0;
    }
    if (!entry)
        return make(reader, query, arena, ret_series, err);
    return make_and_keep(reader, entry, query, make, arena, ret_series, err);
}
