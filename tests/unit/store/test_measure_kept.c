/* Answers of measures are kept for all readers: computed once, also when several ask at once, and anew when something of what they
 * were made of changes. */
#include "fixture.h"

#include "store/measure_kept.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#define TITLE "\"title\":{\"ja\":\"題\",\"en\":\"Title\"},\"description\":{\"ja\":\"説\",\"en\":\"Words\"}"
#define READERS 8

static struct fixture fixture;
static atomic_int made;
static atomic_bool gate_is_shut; /* then whoever makes an answer waits */

static int set_up(void **state)
{
    (void)state;
    struct model_file files[16];
    size_t count = 0;
    for (; count < fixture_model_count; count++)
        files[count] = fixture_model[count];
    files[count++] =
        (struct model_file){STR("measure/bodies.json"), STR("{\"name\":\"bodies\"," TITLE
                                                            ",\"register\":\"organisation\",\"aggregate\":\"count\"}")};
    fixture_open(&fixture);
    fixture_reopen(&fixture, files, count);
    put(&fixture, "organisation", "{\"id\":\"a\",\"name\":{\"en\":\"A\"}}");
    atomic_store(&made, 0);
    atomic_store(&gate_is_shut, false);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fixture_close(&fixture);
    return 0;
}

static struct reader *reader_of(enum visibility sees, int64_t as_of)
{
    struct read_options options = {.viewer = {.sees = sees}, .as_of = as_of};
    struct reader *reader;
    struct err err = {0};
    if (store_read(fixture.store, &options, &reader, &err))
        fail_msg("%s", err.message);
    return reader;
}

/* Slowly, so that others come while it is at work. */
static int count_bodies(struct reader *reader, const struct measure_query *query, struct arena *arena,
                        struct measure_series *ret_series, struct err *err)
{
    while (atomic_load(&gate_is_shut))
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    atomic_fetch_add(&made, 1);
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    return store_measure(reader, query, arena, &ret_series->cells, &ret_series->count, err);
}

static int64_t bodies(struct reader *reader)
{
    ARENA_AUTO arena;
    arena_init(&arena, 1 << 20);
    struct measure_query query = {.measure = model_measure(fixture.model, STR("bodies"))};
    struct measure_series series;
    struct err err = {0};
    int64_t number = -1;
    if (measure_kept(reader, 't', &query, count_bodies, &arena, &series, &err) || series.count != 1)
        return -1;
    decimal_to_int64(series.cells[0].low, &number);
    return number;
}

static int64_t bodies_now(void)
{
    struct reader *reader = reader_of(VISIBILITY_PUBLIC, 0);
    int64_t number = bodies(reader);
    reader_release(reader);
    return number;
}

static void computed_once_until_it_changes(void **state)
{
    (void)state;
    assert_int_equal(bodies_now(), 1);
    assert_int_equal(bodies_now(), 1);
    assert_int_equal(made, 1);
    put(&fixture, "person", "{\"id\":\"p\",\"note\":\"elsewhere\"}");
    assert_int_equal(bodies_now(), 1);
    assert_int_equal(made, 1);
    put(&fixture, "organisation", "{\"id\":\"b\",\"name\":{\"en\":\"B\"}}");
    assert_int_equal(bodies_now(), 2);
    assert_int_equal(made, 2);
}

static void a_reader_of_an_older_state_gets_its_own(void **state)
{
    (void)state;
    struct reader *before = reader_of(VISIBILITY_PUBLIC, 0);
    put(&fixture, "organisation", "{\"id\":\"b\",\"name\":{\"en\":\"B\"}}");
    assert_int_equal(bodies_now(), 2);
    assert_int_equal(bodies(before), 1);
    assert_int_equal(bodies_now(), 2);
    assert_int_equal(made, 2); /* the old state's is not kept in the new one's place */
    reader_release(before);
}

static void the_past_and_other_viewers_have_their_own(void **state)
{
    (void)state;
    int64_t seq = put(&fixture, "organisation", "{\"id\":\"b\",\"name\":{\"en\":\"B\"}}");
    struct reader *past = reader_of(VISIBILITY_PUBLIC, seq - 1);
    struct reader *inside = reader_of(VISIBILITY_SECRETARIAT, 0);
    assert_int_equal(bodies(past), 1);
    assert_int_equal(bodies_now(), 2);
    assert_int_equal(bodies(inside), 2);
    assert_int_equal(made, 3);
    assert_int_equal(bodies(past), 1);
    assert_int_equal(made, 3);
    reader_release(past);
    reader_release(inside);
}

static void what_it_was_made_of_is_noted_each_time(void **state)
{
    (void)state;
    static struct notes notes;
    for (int i = 0; i < 2; i++) {
        struct reader *reader = reader_of(VISIBILITY_PUBLIC, 0);
        reader_note(reader, &notes);
        assert_int_equal(bodies(reader), 1);
        reader_release(reader);
        assert_true(notes.count >= 1);
    }
    assert_int_equal(made, 1);
    _Atomic int64_t checked = notes.seq;
    assert_true(notes_hold(fixture.store, &notes, &checked));
    put(&fixture, "organisation", "{\"id\":\"b\",\"name\":{\"en\":\"B\"}}");
    assert_false(notes_hold(fixture.store, &notes, &checked));
}

static void *ask(void *argument)
{
    *(int64_t *)argument = bodies_now();
    return NULL;
}

static void computed_once_when_many_ask(void **state)
{
    (void)state;
    pthread_t threads[READERS];
    int64_t numbers[READERS];
    for (int i = 0; i < READERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask, &numbers[i]), 0);
    for (int i = 0; i < READERS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(numbers[i], 1);
    }
    assert_int_equal(made, 1);
}

static int refuse(struct reader *reader, const struct measure_query *query, struct arena *arena,
                  struct measure_series *ret_series, struct err *err)
{
    (void)reader, (void)query, (void)arena, (void)ret_series;
    return err_set(err, ERR_INVALID, "not now");
}

static void a_failure_is_not_kept(void **state)
{
    (void)state;
    struct measure_query query = {.measure = model_measure(fixture.model, STR("bodies"))};
    struct measure_series series;
    struct err err = {0};
    struct reader *reader = reader_of(VISIBILITY_PUBLIC, 0);
    assert_int_equal(measure_kept(reader, 't', &query, refuse, &fixture.arena, &series, &err), -1);
    assert_string_equal(err.message, "not now");
    assert_int_equal(bodies(reader), 1);
    reader_release(reader);
}

static int make_nothing(struct reader *reader, const struct measure_query *query, struct arena *arena,
                        struct measure_series *ret_series, struct err *err)
{
    (void)reader, (void)query, (void)arena, (void)ret_series, (void)err;
    return 0;
}

/* A thousand different questions do not fill the memory: what was used longest ago is made again. */
static void the_oldest_go(void **state)
{
    (void)state;
    struct measure_query query = {.measure = model_measure(fixture.model, STR("bodies"))};
    struct reader *reader = reader_of(VISIBILITY_PUBLIC, 0);
    struct measure_series series;
    struct err err = {0};
    assert_int_equal(bodies(reader), 1);
    for (int year = 1; year <= 2 * MEASURES_KEPT_MAX; year++) {
        query.from_year = query.to_year = year;
        assert_int_equal(measure_kept(reader, 't', &query, make_nothing, &fixture.arena, &series, &err), 0);
    }
    assert_int_equal(bodies(reader), 1);
    assert_int_equal(made, 2);
    reader_release(reader);
}

#define STORE_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

/* Opened while it still is the old one, and says so; what it was made of is then made anew by nobody's visit. */
static void an_older_answer_while_it_is_made_anew(void **state)
{
    (void)state;
    struct err err = {0};
    int64_t older_ms = 0;
    assert_int_equal(store_keep_measures(fixture.store, NULL, NULL, &err), 0);
    assert_int_equal(bodies_now(), 1);
    atomic_store(&gate_is_shut, true);
    put(&fixture, "organisation", "{\"id\":\"b\",\"name\":{\"en\":\"B\"}}");
    struct reader *reader = reader_of(VISIBILITY_PUBLIC, 0);
    reader_take_older_measures(reader);
    assert_int_equal(bodies(reader), 1);
    assert_int_equal(reader_older_measures_ms(reader, &older_ms, &err), 0);
    assert_true(older_ms > 0);
    reader_release(reader);
    assert_int_equal(made, 1);
    atomic_store(&gate_is_shut, false);
    for (int tries = 0; tries < 5000 && atomic_load(&made) < 2; tries++)
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    assert_int_equal(made, 2); /* and nobody asked */
    assert_int_equal(bodies_now(), 2);
    reader = reader_of(VISIBILITY_PUBLIC, 0);
    reader_take_older_measures(reader);
    assert_int_equal(bodies(reader), 2);
    assert_int_equal(reader_older_measures_ms(reader, &older_ms, &err), 0);
    assert_int_equal(older_ms, 0);
    reader_release(reader);
    assert_int_equal(made, 2);
}

/* Whoever does not take older answers waits for the new one. */
static void others_wait_for_the_new_answer(void **state)
{
    (void)state;
    struct err err = {0};
    assert_int_equal(store_keep_measures(fixture.store, NULL, NULL, &err), 0);
    assert_int_equal(bodies_now(), 1);
    put(&fixture, "organisation", "{\"id\":\"b\",\"name\":{\"en\":\"B\"}}");
    assert_int_equal(bodies_now(), 2);
    put(&fixture, "organisation", "{\"id\":\"c\",\"name\":{\"en\":\"C\"}}");
    struct reader *past = reader_of(VISIBILITY_PUBLIC, 1);
    reader_take_older_measures(past);
    assert_int_equal(bodies(past), 1);
    reader_release(past);
    assert_int_equal(bodies_now(), 3);
}

UNIT_TESTS(STORE_TEST(computed_once_until_it_changes), STORE_TEST(a_reader_of_an_older_state_gets_its_own),
           STORE_TEST(the_past_and_other_viewers_have_their_own), STORE_TEST(what_it_was_made_of_is_noted_each_time),
           STORE_TEST(computed_once_when_many_ask), STORE_TEST(a_failure_is_not_kept), STORE_TEST(the_oldest_go),
           STORE_TEST(an_older_answer_while_it_is_made_anew), STORE_TEST(others_wait_for_the_new_answer))
