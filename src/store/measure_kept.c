#include "store/measure_kept.h"

#include "base/memory.h"
#include "store/read.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define KEY_BYTES_MAX ((size_t)64 << 10)

struct entry {
    struct entry *next; /* most lately used first */
    struct str key;
    struct read_options options; /* of whoever asked first: with these it is made anew */
    struct measure_query query;
    measure_maker *make;
    bool is_being_made, has_answer;
    bool is_asked_for; /* since the answer was made */
    int64_t tried_seq; /* the keeper's last try was at this state */
    int64_t seq;       /* of the state the answer was read in */
    size_t bytes;
    struct arena arena; /* of the key and the query */
    struct measure_series series;
    struct arena answer; /* of the series; while has_answer */
    uint16_t *marks;
    size_t mark_count;
};

struct measures_kept {
    struct store *store;
    pthread_mutex_t mutex;
    pthread_cond_t made;
    struct entry *first;
    size_t count, bytes;
    pthread_t keeper;
    pthread_cond_t work; /* for the keeper: something changed, or was asked for, or it is to stop */
    bool keeper_runs, stopping;
    void (*warm)(void *context, struct store *store);
    void *warm_context;
};

struct measures_kept *measures_kept_new(struct store *store)
{
    struct measures_kept *shelf = memory_alloc_zeroed(1, sizeof *shelf);
    shelf->store = store;
    pthread_mutex_init(&shelf->mutex, NULL);
    pthread_cond_init(&shelf->made, NULL);
    pthread_cond_init(&shelf->work, NULL);
    return shelf;
}

static void entry_free(struct entry *entry)
{
    free(entry->marks);
    if (entry->has_answer)
        arena_free(&entry->answer);
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
    pthread_cond_destroy(&shelf->work);
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

static bool is_untouched(const struct store *store, const struct entry *entry, int64_t since_seq)
{
    for (size_t i = 0; i < entry->mark_count; i++)
        if (atomic_load_explicit(&store->touched[entry->marks[i]], memory_order_acquire) > since_seq)
            return false;
    return true;
}

/* Whether nothing of what it was made of is other in the reader's state. */
static bool holds(const struct reader *reader, const struct entry *entry)
{
    int64_t older = entry->seq < reader->snapshot_seq ? entry->seq : reader->snapshot_seq;
    return entry->has_answer && (entry->seq == reader->snapshot_seq || is_untouched(reader->store, entry, older));
}

/* Whether an answer of an older state may be given while it is made anew: somebody does that, or will. Before the end nobody will, but a
 * reader that began to compute it now would get nothing at all. */
static bool serves_meanwhile(const struct reader *reader, const struct measures_kept *shelf, const struct entry *entry)
{
    return reader->takes_older && shelf->keeper_runs && entry->has_answer && !reader->options.as_of && entry->seq > 0 &&
           entry->seq < reader->snapshot_seq &&
           (shelf->stopping || entry->is_being_made || entry->tried_seq < store_last_seq(reader->store));
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

static void give(struct reader *reader, struct entry *entry, struct arena *arena, struct measure_series *ret_series)
{
    series_copy(&entry->series, arena, ret_series);
    notes_add(reader, entry->marks, entry->mark_count);
    entry->is_asked_for = true;
}

static void query_copy(const struct measure_query *from, struct arena *arena, struct measure_query *to)
{
    struct measure_argument *arguments = ARENA_NEW_ARRAY(arena, from->argument_count, struct measure_argument);
    for (size_t i = 0; i < from->argument_count; i++) {
        struct str *values = ARENA_NEW_ARRAY(arena, from->arguments[i].count, struct str);
        for (size_t k = 0; k < from->arguments[i].count; k++)
            values[k] = arena_copy(arena, from->arguments[i].values[k]);
        arguments[i] =
            (struct measure_argument){arena_copy(arena, from->arguments[i].name), values, from->arguments[i].count};
    }
    *to = *from;
    to->arguments = arguments;
}

struct wanted {
    const struct measure_query *query;
    measure_maker *make;
    struct str key;
};

static struct entry *entry_new(struct measures_kept *shelf, const struct reader *reader, const struct wanted *wanted)
{
    struct entry *entry = memory_alloc_zeroed(1, sizeof *entry);
    arena_init(&entry->arena, 16 * KEY_BYTES_MAX);
    entry->key = arena_copy(&entry->arena, wanted->key);
    entry->options = reader->options;
    entry->options.viewer.owner = STR("");
    entry->make = wanted->make;
    query_copy(wanted->query, &entry->arena, &entry->query);
    put_first(shelf, entry);
    shelf->count++;
    return entry;
}

/* True with a copy of the answer; else *ret_entry is for the caller to make. An answer that does not serve this reader is replaced
 * only by a newer one: readers of older states are few, and soon gone. */
static bool give_or_begin(struct reader *reader, const struct wanted *wanted, struct arena *arena,
                          struct measure_series *ret_series, struct entry **ret_entry)
{
    struct measures_kept *shelf = reader->store->measures;
    bool given = false;
    *ret_entry = NULL;
    pthread_mutex_lock(&shelf->mutex);
    struct entry *entry = find(shelf, wanted->key);
    while (entry && entry->is_being_made && !holds(reader, entry) && !serves_meanwhile(reader, shelf, entry)) {
        pthread_cond_wait(&shelf->made, &shelf->mutex);
        entry = find(shelf, wanted->key);
    }
    if (entry && holds(reader, entry)) {
        give(reader, entry, arena, ret_series);
        given = true;
    } else if (entry && serves_meanwhile(reader, shelf, entry)) {
        give(reader, entry, arena, ret_series);
        if (!reader->older_seq || entry->seq < reader->older_seq)
            reader->older_seq = entry->seq;
        pthread_cond_signal(&shelf->work);
        given = true;
    } else if (!entry || entry->seq < reader->snapshot_seq) {
        if (!entry)
            entry = entry_new(shelf, reader, wanted);
        entry->is_being_made = entry->is_asked_for = true;
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

static void put_answer(struct measures_kept *shelf, struct entry *entry, const struct measure_series *series,
                       const struct reader *reader, const struct notes *made_of)
{
    if (entry->has_answer) {
        arena_free(&entry->answer);
        free(entry->marks);
        shelf->bytes -= entry->bytes;
    }
    arena_init(&entry->answer, 2 * MEASURE_KEPT_BYTES_MAX);
    series_copy(series, &entry->answer, &entry->series);
    entry->has_answer = true;
    entry->seq = reader->snapshot_seq;
    entry->mark_count = made_of->count;
    entry->marks = memory_alloc_array(made_of->count + 1, sizeof *entry->marks);
    memcpy(entry->marks, made_of->marks, made_of->count * sizeof *entry->marks);
    entry->bytes = size_of(series) + sizeof *entry + made_of->count * sizeof *entry->marks;
    shelf->bytes += entry->bytes;
}

/* series NULL: it could not be made. */
static void finish(struct reader *reader, struct entry *entry, const struct measure_series *series,
                   const struct notes *made_of)
{
    struct measures_kept *shelf = reader->store->measures;
    bool keeps = series && !made_of->everything && size_of(series) <= MEASURE_KEPT_BYTES_MAX;
    pthread_mutex_lock(&shelf->mutex);
    entry->is_being_made = false;
    if (keeps)
        put_answer(shelf, entry, series, reader, made_of);
    if (keeps)
        make_room(shelf);
    else if (series || !entry->has_answer)
        take_out(shelf, entry);
    pthread_cond_broadcast(&shelf->made);
    pthread_mutex_unlock(&shelf->mutex);
}

static int make_and_keep(struct reader *reader, struct entry *entry, const struct measure_query *query,
                         measure_maker *make, struct arena *arena, struct measure_series *ret_series, struct err *err)
{
    struct notes *notes = reader->notes, made_of = {0};
    bool takes_older = reader->takes_older;
    reader_note(reader, &made_of);
    reader->takes_older = false; /* what is kept is made of what is of now */
    int result = make(reader, query, arena, ret_series, err);
    reader->takes_older = takes_older;
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
        struct wanted wanted = {query, make, buf_str(&key)};
        if (!key.overflow && give_or_begin(reader, &wanted, arena, ret_series, &entry))
            return 0;
    }
    if (!entry)
        return make(reader, query, arena, ret_series, err);
    return make_and_keep(reader, entry, query, make, arena, ret_series, err);
}

/* ---- making anew before somebody waits ---- */

#define KEEPER_MEMORY_MAX ((size_t)256 << 20)
#define WARM_AFTER_S 2

void reader_take_older_measures(struct reader *reader)
{
    reader->takes_older = true;
}

void measures_changed(struct measures_kept *shelf)
{
    pthread_mutex_lock(&shelf->mutex);
    if (shelf->keeper_runs)
        pthread_cond_signal(&shelf->work);
    pthread_mutex_unlock(&shelf->mutex);
}

/* Changed up to a state that readers may already have: what is touched in a state that is still being committed is told of
 * again when it is there. */
static bool is_out_of_date(const struct store *store, const struct entry *entry, int64_t seq)
{
    bool touched = false;
    for (size_t i = 0; i < entry->mark_count; i++) {
        int64_t last = atomic_load_explicit(&store->touched[entry->marks[i]], memory_order_acquire);
        if (last > seq)
            return false;
        touched |= last > entry->seq;
    }
    return touched;
}

/* The oldest of those that something has changed of and that were asked for since; what failed in this state waits for the
 * next, or for a visitor. */
static struct entry *next_work(struct measures_kept *shelf)
{
    int64_t seq = store_last_seq(shelf->store);
    struct entry *oldest = NULL;
    for (struct entry *entry = shelf->first; entry; entry = entry->next)
        if (entry->has_answer && !entry->is_being_made && entry->is_asked_for && !entry->options.as_of &&
            entry->tried_seq < seq && (!oldest || entry->seq < oldest->seq) && is_out_of_date(shelf->store, entry, seq))
            oldest = entry;
    if (oldest)
        oldest->tried_seq = seq;
    return oldest;
}

/* Without the lock: nobody takes out what is being made. False: it was not even begun; what fails has been let go. */
static bool make_anew(struct measures_kept *shelf, struct entry *entry)
{
    ARENA_AUTO arena;
    struct reader *reader;
    struct measure_series series = {0};
    struct err err = {0};
    struct read_options options = entry->options;
    options.ahead = true;
    arena_init(&arena, KEEPER_MEMORY_MAX);
    if (store_read(shelf->store, &options, &reader, &err))
        return false;
    bool begins = may_keep(reader);
    if (begins)
        (void)make_and_keep(reader, entry, &entry->query, entry->make, &arena, &series, &err);
    reader_release(reader);
    return begins;
}

/* What is computed ahead must not be in the way of what a server that starts is asked first. False: the store is closing. */
static bool let_others_begin(struct measures_kept *shelf)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += WARM_AFTER_S;
    pthread_mutex_lock(&shelf->mutex);
    while (!shelf->stopping && pthread_cond_timedwait(&shelf->work, &shelf->mutex, &until) != ETIMEDOUT) {
        /* what changed meanwhile is looked for afterwards */
    }
    bool goes_on = !shelf->stopping;
    pthread_mutex_unlock(&shelf->mutex);
    return goes_on;
}

static void *keep_anew(void *context)
{
    struct measures_kept *shelf = context;
    if (shelf->warm && let_others_begin(shelf))
        shelf->warm(shelf->warm_context, shelf->store);
    pthread_mutex_lock(&shelf->mutex);
    while (!shelf->stopping) {
        struct entry *entry = next_work(shelf);
        if (!entry) {
            pthread_cond_wait(&shelf->work, &shelf->mutex);
            continue;
        }
        entry->is_being_made = true;
        entry->is_asked_for = false;
        pthread_mutex_unlock(&shelf->mutex);
        bool begun = make_anew(shelf, entry);
        pthread_mutex_lock(&shelf->mutex);
        if (!begun) {
            entry->is_being_made = false;
            entry->is_asked_for = true;
            pthread_cond_broadcast(&shelf->made);
        }
    }
    pthread_mutex_unlock(&shelf->mutex);
    return NULL;
}

int store_keep_measures(struct store *store, void (*warm)(void *context, struct store *store), void *context,
                        struct err *err)
{
    struct measures_kept *shelf = store->measures;
    pthread_mutex_lock(&shelf->mutex);
    if (!shelf->keeper_runs) {
        shelf->warm = warm;
        shelf->warm_context = context;
        shelf->keeper_runs = pthread_create(&shelf->keeper, NULL, keep_anew, shelf) == 0;
    }
    bool runs = shelf->keeper_runs;
    pthread_mutex_unlock(&shelf->mutex);
    return runs ? 0 : err_set(err, ERR_IO, "no thread could be started to compute measures anew");
}

bool store_measures_stop(struct store *store)
{
    pthread_mutex_lock(&store->measures->mutex);
    bool stopping = store->measures->stopping;
    pthread_mutex_unlock(&store->measures->mutex);
    return stopping;
}

void measures_end(struct measures_kept *shelf)
{
    pthread_mutex_lock(&shelf->mutex);
    shelf->stopping = true;
    pthread_cond_broadcast(&shelf->work);
    pthread_mutex_unlock(&shelf->mutex);
}

void measures_keeper_stop(struct measures_kept *shelf)
{
    measures_end(shelf);
    pthread_mutex_lock(&shelf->mutex);
    bool runs = shelf->keeper_runs;
    pthread_mutex_unlock(&shelf->mutex);
    if (runs)
        pthread_join(shelf->keeper, NULL);
}
