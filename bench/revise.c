/* Makes a past: COUNT revisions of the organisations of a store.
 *
 *   revise FOLDER spread COUNT   every nth organisation once, evenly over all of them; they also get a market domain
 *   revise FOLDER front COUNT    the first COUNT in the order of the Japanese list, once each
 *   revise FOLDER one COUNT      the first one of that list, COUNT times */
#include "bench.h"

#include "model/record.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IDS_AT_ONCE 1000
#define WRITERS 64
#define ARENA_MAX ((size_t)256 << 20)

struct work {
    struct store *store;
    const struct reg *reg;
    struct str *ids;
    size_t count;
    bool with_domain;
    atomic_long left; /* for `one` */
};

static void set_note(struct arena *arena, struct value *record, const char *text, long number)
{
    struct value *note = value_object(arena);
    value_set_text(arena, note, STR("ja"), arena_format(arena, "%s %ld", text, number));
    value_set(arena, record, STR("note"), note);
}

static int revise_one(struct work *work, struct change_set *changes, struct str id, long number, struct arena *arena,
                      struct err *err)
{
    struct found found;
    if (change_current(changes, work->reg, id, arena, &found, err))
        return -1;
    struct value *record = value_copy(arena, found.record);
    set_note(arena, record, "改訂", number);
    if (work->with_domain) {
        struct value *domains = value_list(arena);
        const struct field *field = reg_field(work->reg, STR("market_domains"));
        value_append(arena, domains, value_text(arena, field->vocabulary->terms[number % 3].code));
        value_set(arena, record, STR("market_domains"), domains);
    }
    return change_put(changes, work->reg, record, SEQ_ANY, arena, err);
}

struct slice {
    struct work *work;
    size_t from, to;
};

static int fill_slice(void *context, struct change_set *changes, struct err *err)
{
    struct slice *slice = context;
    ARENA_AUTO arena;
    arena_init(&arena, ARENA_MAX);
    for (size_t i = slice->from; i < slice->to; i++) {
        if (revise_one(slice->work, changes, slice->work->ids[i], (long)i, &arena, err))
            return -1;
        arena_reset(&arena);
    }
    return 0;
}

static void write_slice(struct slice *slice)
{
    struct write_request request = {
        .author = STR("bench"), .reason = STR("bench"), .kind = STR("edit"), .fill = fill_slice, .context = slice};
    struct err err = {0};
    if (store_write(slice->work->store, &request, NULL, &err))
        bench_fail("%s", err.message);
}

struct one_revision {
    struct work *work;
    long number;
};

static int fill_one(void *context, struct change_set *changes, struct err *err)
{
    const struct one_revision *revision = context;
    ARENA_AUTO arena;
    arena_init(&arena, ARENA_MAX);
    return revise_one(revision->work, changes, revision->work->ids[0], revision->number, &arena, err);
}

static void *revise_the_one(void *context)
{
    struct work *work = context;
    struct one_revision revision = {.work = work};
    struct write_request request = {
        .author = STR("bench"), .reason = STR("bench"), .kind = STR("edit"), .fill = fill_one, .context = &revision};
    struct err err = {0};
    while ((revision.number = atomic_fetch_sub(&work->left, 1)) > 0)
        if (store_write(work->store, &request, NULL, &err))
            bench_fail("%s", err.message);
    return NULL;
}

/* Every nth id of the register in order of id, or its first `count` in the order of the list. */
static void choose_ids(struct work *work, size_t count, bool spread, struct arena *keep)
{
    struct reader *reader = bench_reader(work->store, 0);
    int64_t total;
    struct err err = {0};
    if (store_count(reader, work->reg, &total, &err) || total == 0)
        bench_fail("there are no organisations");
    if (count > (size_t)total)
        count = (size_t)total;
    size_t step = spread ? (size_t)total / count : 1, seen = 0;
    work->ids = ARENA_NEW_ARRAY(keep, count, struct str);
    ARENA_AUTO arena;
    arena_init(&arena, ARENA_MAX);
    char cursor[1000] = "";
    do {
        struct list_query query = {
            .reg = work->reg, .by_id = spread, .limit = IDS_AT_ONCE, .cursor = str_from_cstr(cursor)};
        struct page page;
        if (store_list(reader, &query, &arena, &page, &err))
            bench_fail("%s", err.message);
        for (size_t i = 0; i < page.count && work->count < count; i++)
            if (seen++ % step == 0)
                work->ids[work->count++] = arena_copy(keep, value_get_text(page.items[i].record, STR("id")));
        snprintf(cursor, sizeof cursor, "%.*s", STR_ARG(page.next));
        arena_reset(&arena);
    } while (work->count < count && *cursor);
    reader_release(reader);
}

int main(int argc, char **argv)
{
    long count = argc == 4 ? strtol(argv[3], NULL, 10) : 0;
    if (count < 1)
        bench_fail("usage: revise FOLDER spread|front|one COUNT");
    ARENA_AUTO arena;
    arena_init(&arena, ARENA_MAX);
    const struct model *model = bench_model(&arena);
    struct work work = {.store = bench_store(argv[1], model), .reg = model_register(model, STR("organisation"))};
    bool one = strcmp(argv[2], "one") == 0;
    work.with_domain = strcmp(argv[2], "spread") == 0;
    choose_ids(&work, one ? 1 : (size_t)count, work.with_domain, &arena);
    if (one) {
        pthread_t threads[WRITERS];
        atomic_store(&work.left, count);
        for (int i = 0; i < WRITERS; i++)
            pthread_create(&threads[i], NULL, revise_the_one, &work);
        for (int i = 0; i < WRITERS; i++)
            pthread_join(threads[i], NULL);
    }
    for (size_t from = 0; !one && from < work.count; from += IDS_AT_ONCE) {
        size_t to = from + IDS_AT_ONCE < work.count ? from + IDS_AT_ONCE : work.count;
        write_slice(&(struct slice){&work, from, to});
    }
    printf("%lld\n", (long long)store_last_seq(work.store));
    store_close(work.store);
    return 0;
}
