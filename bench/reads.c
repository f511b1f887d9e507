/* What reading costs in a store of a thousand organisations and in one of a million, and in the past.
 *
 *   reads size SMALL LARGE       the same readings in two stores, in turns
 *   reads past FOLDER REVISIONS  the same pages in the present and as of so many revisions ago, in turns
 *
 * Prints lines: name, microseconds of the first, of the second, second / first. Each figure is the median over the rounds
 * of the processor time of a call, the stores warm, everything through store.h as the web floor calls it. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 5
#define CALLS 400
#define IDS 512
#define ARENA_MAX ((size_t)256 << 20)
#define PAGE 20

struct side {
    struct store *store;
    int64_t as_of;
    const struct reg *reg;
    struct arena keep;
    struct str ids[IDS];
    struct str middle; /* the cursor of a page in the middle of the list, else empty */
};

/* What is read; `field` NULL: no facet. */
struct reading {
    const char *name;
    bool one_record;
    bool from_middle;
    const struct field *field;
    struct str value;
};

static void read_once(struct side *side, const struct reading *reading, uint64_t *random, struct arena *arena)
{
    struct err err = {0};
    struct reader *reader = bench_reader(side->store, side->as_of);
    int failed;
    if (reading->one_record) {
        struct found found;
        failed = store_get(reader, side->reg, side->ids[bench_random(random) % IDS], arena, &found, NULL, &err);
    } else {
        struct filter filter = {.field = reading->field, .value = reading->value};
        if (reading->field)
            filter.name = reading->field->name;
        struct list_query query = {.reg = side->reg, .filters = &filter, .filter_count = reading->field ? 1 : 0};
        query.limit = PAGE;
        query.cursor = reading->from_middle ? side->middle : STR("");
        struct page page;
        failed = store_list(reader, &query, arena, &page, &err);
    }
    if (failed)
        bench_fail("%s: %s", reading->name, err.message);
    reader_release(reader);
}

/* Microseconds of processor time a call. */
static double measure(struct side *side, const struct reading *reading, uint64_t seed)
{
    ARENA_AUTO arena;
    arena_init(&arena, ARENA_MAX);
    uint64_t random = seed;
    double began = thread_cpu_now();
    int calls = 0;
    /* A slow one need not be repeated until it hurts. */
    while (calls < CALLS && (calls < 5 || thread_cpu_now() - began < 1)) {
        read_once(side, reading, &random, &arena);
        arena_reset(&arena);
        calls++;
    }
    return (thread_cpu_now() - began) / calls * 1e6;
}

static void compare(struct side *first, struct side *second, const struct reading *reading)
{
    double a[ROUNDS], b[ROUNDS];
    measure(first, reading, 1);
    measure(second, reading, 1);
    for (unsigned i = 0; i < ROUNDS; i++) {
        a[i] = measure(first, reading, i + 1);
        b[i] = measure(second, reading, i + 1);
    }
    double one = percentile(a, ROUNDS, 0.5), other = percentile(b, ROUNDS, 0.5);
    printf("%s %.1f %.1f %.2f\n", reading->name, one, other, other / one);
    fflush(stdout);
}

/* Ids from all over the register, by its revisions. */
static void choose_ids(struct side *side)
{
    struct reader *reader = bench_reader(side->store, 0);
    ARENA_AUTO arena;
    arena_init(&arena, ARENA_MAX);
    struct err err = {0};
    int64_t last = reader_seq(reader);
    for (size_t i = 0; i < IDS; i++) {
        struct feed_item *items;
        size_t count;
        if (store_feed(reader, last * (int64_t)i / IDS, 1, &arena, &items, &count, &err) || count == 0)
            bench_fail("the store has no revisions");
        side->ids[i] = arena_copy(&side->keep, items[0].id);
    }
    /* A cursor from the middle: the page after some record of the middle of the file. */
    struct list_query query = {.reg = side->reg, .limit = 1000};
    struct page page;
    for (int i = 0; i < 8; i++) {
        if (store_list(reader, &query, &arena, &page, &err))
            bench_fail("%s", err.message);
        if (page.next.len == 0)
            break;
        side->middle = arena_copy(&side->keep, page.next);
        query.cursor = side->middle;
    }
    reader_release(reader);
}

static void open_side(struct side *side, struct store *store, int64_t as_of)
{
    *side = (struct side){.store = store, .as_of = as_of};
    arena_init(&side->keep, ARENA_MAX);
    side->reg = model_register(store_model(store), STR("organisation"));
    choose_ids(side);
}

/* The facets' commonest values in the second store. */
static size_t facet_readings(const struct side *side, struct arena *arena, struct reading *readings)
{
    size_t count = 0;
    struct reader *reader = bench_reader(side->store, 0);
    struct err err = {0};
    for (size_t i = 0; i < side->reg->field_count; i++) {
        const struct field *field = &side->reg->fields[i];
        struct facet_count *values;
        size_t value_count;
        if (!field->facet)
            continue;
        if (store_facet(reader, side->reg, field, arena, &values, &value_count, &err))
            bench_fail("%s", err.message);
        if (value_count == 0)
            continue;
        struct str name = arena_format(arena, "page-by-%.*s", STR_ARG(field->name));
        readings[count++] = (struct reading){.name = name.ptr, .field = field, .value = values[0].value};
        if (value_count > 1) {
            struct str rare = arena_format(arena, "page-by-rare-%.*s", STR_ARG(field->name));
            readings[count++] =
                (struct reading){.name = rare.ptr, .field = field, .value = values[value_count - 1].value};
        }
    }
    reader_release(reader);
    return count;
}

static void compare_all(struct side *first, struct side *second)
{
    ARENA_AUTO arena;
    arena_init(&arena, ARENA_MAX);
    struct reading record = {.name = "record", .one_record = true}, page = {.name = "page"};
    struct reading middle = {.name = "page-further-on", .from_middle = true};
    if (first->as_of == second->as_of)
        compare(first, second, &record);
    compare(first, second, &page);
    if (first->middle.len && second->middle.len && first->store == second->store)
        compare(first, second, &middle);
    struct reading *readings = ARENA_NEW_ARRAY(&arena, 2 * first->reg->field_count, struct reading);
    size_t count = facet_readings(second, &arena, readings);
    for (size_t i = 0; i < count; i++)
        compare(first, second, &readings[i]);
}

int main(int argc, char **argv)
{
    if (argc != 4)
        bench_fail("usage: reads size SMALL LARGE | reads past FOLDER REVISIONS");
    ARENA_AUTO arena;
    arena_init(&arena, ARENA_MAX);
    const struct model *model = bench_model(&arena);
    struct store *store = bench_store(argv[2], model), *other = NULL;
    static struct side first, second;
    open_side(&first, store, 0);
    if (strcmp(argv[1], "size") == 0) {
        other = bench_store(argv[3], model);
        open_side(&second, other, 0);
    } else {
        open_side(&second, store, store_last_seq(store) - strtol(argv[3], NULL, 10));
    }
    compare_all(&first, &second);
    arena_free(&first.keep);
    arena_free(&second.keep);
    store_close(store);
    store_close(other);
    return 0;
}
