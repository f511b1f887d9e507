/* Change sets that come together: one that proves too large to run beside others is undone and made again, alone, and what the
 * others do stays. */
#include "fixture.h"

#include "store/internal.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <time.h>

#define LARGE 1500

struct writing {
    struct fixture fixture;
    sem_t began, go;        /* the first change set is being filled; it waits for `go` */
    atomic_int large_fills; /* how often the large one was filled */
    bool large_fails;
    int large_result, small_result;
};

static int put_person(struct change_set *changes, const struct reg *reg, const char *prefix, int number,
                      struct err *err)
{
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)1 << 20);
    struct value *record = value_object(&arena);
    value_set_text(&arena, record, STR("id"), arena_format(&arena, "%s-%d", prefix, number));
    value_set_text(&arena, record, STR("note"), STR("n"));
    return change_put(changes, reg, record, SEQ_NONE, &arena, err);
}

static const struct reg *persons(const struct writing *writing)
{
    return model_register(writing->fixture.model, STR("person"));
}

static int fill_first(void *context, struct change_set *changes, struct err *err)
{
    struct writing *writing = context;
    sem_post(&writing->began);
    sem_wait(&writing->go);
    return put_person(changes, persons(writing), "first", 0, err);
}

static int fill_large(void *context, struct change_set *changes, struct err *err)
{
    struct writing *writing = context;
    atomic_fetch_add(&writing->large_fills, 1);
    for (int i = 0; i < LARGE; i++)
        if (put_person(changes, persons(writing), "large", i, err))
            return -1;
    return writing->large_fails ? err_set(err, ERR_INVALID, "after all that") : 0;
}

static int fill_small(void *context, struct change_set *changes, struct err *err)
{
    return put_person(changes, persons(context), "small", 0, err);
}

static int write_with(struct writing *writing, int (*fill)(void *, struct change_set *, struct err *))
{
    struct err err = {0};
    return fill_set(&writing->fixture, fill, writing, NULL, &err);
}

static void *write_first(void *context)
{
    write_with(context, fill_first);
    return NULL;
}

static void *write_large(void *context)
{
    struct writing *writing = context;
    writing->large_result = write_with(writing, fill_large);
    return NULL;
}

static void *write_small(void *context)
{
    struct writing *writing = context;
    writing->small_result = write_with(writing, fill_small);
    return NULL;
}

/* Until so many jobs wait in the queue. */
static void wait_for_queue(struct store *store, int count)
{
    int waiting = 0;
    while (waiting < count) {
        struct timespec pause = {0, 1000000};
        nanosleep(&pause, NULL);
        pthread_mutex_lock(&store->job_mutex);
        waiting = store->job_count;
        pthread_mutex_unlock(&store->job_mutex);
    }
}

static void write_together(struct writing *writing)
{
    pthread_t first, large, small;
    fixture_open(&writing->fixture);
    sem_init(&writing->began, 0, 0);
    sem_init(&writing->go, 0, 0);
    pthread_create(&first, NULL, write_first, writing);
    sem_wait(&writing->began);
    /* The two wait behind the first one, and so are one batch. */
    pthread_create(&large, NULL, write_large, writing);
    wait_for_queue(writing->fixture.store, 1);
    pthread_create(&small, NULL, write_small, writing);
    wait_for_queue(writing->fixture.store, 2);
    sem_post(&writing->go);
    pthread_join(first, NULL);
    pthread_join(large, NULL);
    pthread_join(small, NULL);
    sem_destroy(&writing->began);
    sem_destroy(&writing->go);
}

static int64_t count_persons(struct writing *writing)
{
    struct read_options options = {.viewer = {.sees = VISIBILITY_PUBLIC}};
    struct reader *reader;
    struct err err = {0};
    int64_t count = 0;
    assert_int_equal(store_read(writing->fixture.store, &options, &reader, &err), 0);
    assert_int_equal(store_count(reader, persons(writing), &count, &err), 0);
    reader_release(reader);
    return count;
}

static void no_finding(void *context, struct str line)
{
    (void)context;
    fail_msg("%.*s", STR_ARG(line));
}

static void check_store(struct writing *writing)
{
    struct err err = {0};
    int64_t findings = 0;
    assert_int_equal(store_check(writing->fixture.store, no_finding, NULL, &findings, &err), 0);
    assert_int_equal(findings, 0);
}

static void large_one_runs_again_alone(void **state)
{
    (void)state;
    struct writing writing = {0};
    write_together(&writing);
    assert_int_equal(atomic_load(&writing.large_fills), 2);
    assert_int_equal(writing.large_result, 0);
    assert_int_equal(writing.small_result, 0);
    assert_int_equal(count_persons(&writing), LARGE + 2);
    assert_int_equal(store_last_seq(writing.fixture.store), LARGE + 2);
    check_store(&writing);
    fixture_close(&writing.fixture);
}

static void large_one_that_fails_leaves_the_others(void **state)
{
    (void)state;
    struct writing writing = {.large_fails = true};
    write_together(&writing);
    assert_int_equal(atomic_load(&writing.large_fills), 2);
    assert_int_equal(writing.large_result, -1);
    assert_int_equal(writing.small_result, 0);
    assert_int_equal(count_persons(&writing), 2);
    assert_int_equal(store_last_seq(writing.fixture.store), 2);
    check_store(&writing);
    fixture_close(&writing.fixture);
}

UNIT_TESTS(cmocka_unit_test(large_one_runs_again_alone), cmocka_unit_test(large_one_that_fails_leaves_the_others))
