/* Change sets that come together: one that fails is undone alone, whatever is done beside it; one that proves too large for that
 * is made again, alone. */
#include "fixture.h"

#include "store/internal.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <time.h>

#define LARGE 1500
#define JOBS_MAX 4

struct writing;

struct job {
    struct writing *writing;
    const char *prefix;
    int records;
    bool fails;  /* after its records */
    bool hidden; /* its records are the secretariat's */
    atomic_int fills;
    int result;
    pthread_t thread;
};

struct writing {
    struct fixture fixture;
    sem_t began, go; /* the first change set is being filled; it waits for `go` */
    struct job jobs[JOBS_MAX];
};

static const struct reg *persons(const struct writing *writing)
{
    return model_register(writing->fixture.model, STR("person"));
}

static int put_person(struct change_set *changes, const struct reg *reg, const char *prefix, int number, bool hidden,
                      struct err *err)
{
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)1 << 20);
    struct value *record = value_object(&arena);
    value_set_text(&arena, record, STR("id"), arena_format(&arena, "%s-%d", prefix, number));
    value_set_text(&arena, record, STR("note"), STR("n"));
    if (hidden)
        value_set_text(&arena, record, STR("visibility"), STR("secretariat"));
    return change_put(changes, reg, record, SEQ_NONE, &arena, err);
}

static int fill_first(void *context, struct change_set *changes, struct err *err)
{
    struct writing *writing = context;
    sem_post(&writing->began);
    sem_wait(&writing->go);
    return put_person(changes, persons(writing), "first", 0, false, err);
}

static int fill_job(void *context, struct change_set *changes, struct err *err)
{
    struct job *job = context;
    atomic_fetch_add(&job->fills, 1);
    for (int i = 0; i < job->records; i++)
        if (put_person(changes, persons(job->writing), job->prefix, i, job->hidden, err))
            return -1;
    return job->fails ? err_set(err, ERR_INVALID, "after all that") : 0;
}

static void *write_first(void *context)
{
    struct writing *writing = context;
    struct err err = {0};
    fill_set(&writing->fixture, fill_first, writing, NULL, &err);
    return NULL;
}

static void *write_job(void *context)
{
    struct job *job = context;
    struct err err = {0};
    job->result = fill_set(&job->writing->fixture, fill_job, job, NULL, &err);
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

/* The jobs wait behind the first one, in this order, and so are one batch. */
static void write_together(struct writing *writing, int count)
{
    pthread_t first;
    fixture_open(&writing->fixture);
    sem_init(&writing->began, 0, 0);
    sem_init(&writing->go, 0, 0);
    pthread_create(&first, NULL, write_first, writing);
    sem_wait(&writing->began);
    for (int i = 0; i < count; i++) {
        writing->jobs[i].writing = writing;
        pthread_create(&writing->jobs[i].thread, NULL, write_job, &writing->jobs[i]);
        wait_for_queue(writing->fixture.store, i + 1);
    }
    sem_post(&writing->go);
    pthread_join(first, NULL);
    for (int i = 0; i < count; i++)
        pthread_join(writing->jobs[i].thread, NULL);
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

/* So many records and revisions, and nothing that does not fit together. */
static void check_end(struct writing *writing, int64_t records)
{
    struct err err = {0};
    int64_t findings = 0;
    assert_int_equal(count_persons(writing), records);
    assert_int_equal(store_last_seq(writing->fixture.store), records);
    assert_int_equal(store_check(writing->fixture.store, no_finding, NULL, &findings, &err), 0);
    assert_int_equal(findings, 0);
    fixture_close(&writing->fixture);
}

static void all_that_succeed_are_made_once(void **state)
{
    (void)state;
    struct writing writing = {.jobs = {{.prefix = "large", .records = LARGE}, {.prefix = "b", .records = 2}}};
    write_together(&writing, 2);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(atomic_load(&writing.jobs[i].fills), 1);
        assert_int_equal(writing.jobs[i].result, 0);
    }
    check_end(&writing, LARGE + 3);
}

static void one_that_is_refused_at_once_disturbs_nobody(void **state)
{
    (void)state;
    struct writing writing = {.jobs = {{.prefix = "a", .records = 1}, {.fails = true}, {.prefix = "c", .records = 1}}};
    write_together(&writing, 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(atomic_load(&writing.jobs[i].fills), 1);
    assert_int_equal(writing.jobs[0].result, 0);
    assert_int_equal(writing.jobs[1].result, -1);
    assert_int_equal(writing.jobs[2].result, 0);
    check_end(&writing, 3);
}

static void one_that_fails_is_undone_alone(void **state)
{
    (void)state;
    struct writing writing = {.jobs = {{.prefix = "a", .records = 2},
                                       {.prefix = "b", .records = 3, .fails = true},
                                       {.prefix = "c", .records = 4}}};
    write_together(&writing, 3);
    assert_int_equal(writing.jobs[0].result, 0);
    assert_int_equal(writing.jobs[1].result, -1);
    assert_int_equal(writing.jobs[2].result, 0);
    check_end(&writing, 1 + 2 + 4);
}

static void a_large_one_beside_one_that_fails_runs_alone(void **state)
{
    (void)state;
    struct writing writing = {.jobs = {{.prefix = "large", .records = LARGE},
                                       {.prefix = "b", .records = 1, .fails = true},
                                       {.prefix = "c", .records = 1}}};
    write_together(&writing, 3);
    assert_int_equal(atomic_load(&writing.jobs[0].fills), 3); /* together, in a savepoint, alone */
    assert_int_equal(writing.jobs[0].result, 0);
    assert_int_equal(writing.jobs[1].result, -1);
    assert_int_equal(writing.jobs[2].result, 0);
    check_end(&writing, 1 + LARGE + 1);
}

static void a_large_one_that_fails_leaves_the_others(void **state)
{
    (void)state;
    struct writing writing = {
        .jobs = {{.prefix = "large", .records = LARGE, .fails = true}, {.prefix = "b", .records = 1}}};
    write_together(&writing, 2);
    assert_int_equal(writing.jobs[0].result, -1);
    assert_int_equal(writing.jobs[1].result, 0);
    check_end(&writing, 2);
}

/* That a register has hidden records is written down once; not when what wrote it down was undone and is made again. */
static void the_first_hidden_record_beside_one_that_fails_is_remembered(void **state)
{
    (void)state;
    struct writing writing = {
        .jobs = {{.prefix = "a", .records = 1, .hidden = true}, {.prefix = "b", .records = 1, .fails = true}}};
    write_together(&writing, 2);
    assert_int_equal(writing.jobs[0].result, 0);
    assert_int_equal(writing.jobs[1].result, -1);
    fixture_reopen(&writing.fixture, NULL, 0);
    assert_true(atomic_load(&writing.fixture.store->has_hidden[persons(&writing)->position]));
    assert_int_equal(count_persons(&writing), 1);
    fixture_close(&writing.fixture);
}

static void an_undone_hidden_record_hides_nothing(void **state)
{
    (void)state;
    struct writing writing = {
        .jobs = {{.prefix = "a", .records = 1, .hidden = true, .fails = true}, {.prefix = "b", .records = 1}}};
    write_together(&writing, 2);
    assert_false(atomic_load(&writing.fixture.store->has_hidden[persons(&writing)->position]));
    check_end(&writing, 2);
}

UNIT_TESTS(cmocka_unit_test(the_first_hidden_record_beside_one_that_fails_is_remembered),
           cmocka_unit_test(an_undone_hidden_record_hides_nothing), cmocka_unit_test(all_that_succeed_are_made_once),
           cmocka_unit_test(one_that_is_refused_at_once_disturbs_nobody),
           cmocka_unit_test(one_that_fails_is_undone_alone),
           cmocka_unit_test(a_large_one_beside_one_that_fails_runs_alone),
           cmocka_unit_test(a_large_one_that_fails_leaves_the_others))
