/* What the command line's golden cases (tests/cli/load_*) cannot see: who is told what while a load runs. */
#include "invented.h"

struct watch {
    size_t told;
    uint64_t rows;
    uint64_t bytes, total_bytes;
    size_t cancel_after; /* 0: never */
};

static void progress(void *context, const struct load_progress *at)
{
    struct watch *watch = context;
    assert_true(at->rows >= watch->rows && at->bytes >= watch->bytes);
    watch->told++;
    watch->rows = at->rows;
    watch->bytes = at->bytes;
    watch->total_bytes = at->total_bytes;
}

static bool cancelled(void *context)
{
    struct watch *watch = context;
    return watch->cancel_after > 0 && watch->told >= watch->cancel_after;
}

/* Rows enough for several batches, some of them with problems when `wrong`. */
static struct str many_rows(struct invented *invented, size_t count, bool wrong)
{
    struct buf csv;
    buf_init(&csv, (size_t)8 << 20);
    buf_add_literal(&csv, "id,name_en,staff\n");
    for (size_t i = 0; i < count; i++) {
        buf_add_format(&csv, "x%zu,X %zu,%s\n", i, i, wrong && i % 100 == 7 ? "some" : "5");
    }
    struct str rows = arena_copy(&invented->arena, buf_str(&csv));
    buf_free(&csv);
    return rows;
}

static void progress_goes_from_nothing_to_all(void **state)
{
    (void)state;
    struct invented invented;
    invented_open(&invented);
    struct str csv = many_rows(&invented, 1000, false);
    struct watch watch = {0};
    struct load_options options = {.progress = progress, .context = &watch};
    struct load_result result;
    struct err err = {0};
    assert_int_equal(invented_load(&invented, "organisation", csv, &options, &result, &err), 0);
    assert_int_equal(result.created, 1000);
    assert_int_equal(result.rows, 1000);
    assert_int_equal(store_last_seq(invented.store), 1000);
    assert_true(watch.told > 5);
    assert_int_equal(watch.rows, 1000);
    assert_int_equal(watch.bytes, csv.len);
    assert_int_equal(watch.total_bytes, csv.len);
    invented_close(&invented);
}

static void a_load_that_is_stopped_changes_nothing(void **state)
{
    (void)state;
    struct invented invented;
    invented_open(&invented);
    struct watch watch = {.cancel_after = 3};
    struct load_options options = {.progress = progress, .cancelled = cancelled, .context = &watch};
    struct load_result result;
    struct err err = {0};
    assert_int_equal(
        invented_load(&invented, "organisation", many_rows(&invented, 5000, false), &options, &result, &err), -1);
    assert_int_equal(err.code, ERR_CONFLICT);
    assert_true(watch.rows < 5000);
    assert_int_equal(store_last_seq(invented.store), 0);
    options.cancelled = NULL;
    watch = (struct watch){0};
    assert_int_equal(
        invented_load(&invented, "organisation", many_rows(&invented, 5000, false), &options, &result, &err), 0);
    assert_int_equal(store_last_seq(invented.store), 5000);
    invented_close(&invented);
}

static void problems_are_counted_beyond_those_kept(void **state)
{
    (void)state;
    struct invented invented;
    invented_open(&invented);
    struct load_options options = {0};
    struct load_result result;
    struct err err = {0};
    assert_int_equal(
        invented_load(&invented, "organisation", many_rows(&invented, 20000, true), &options, &result, &err), -1);
    assert_int_equal(err.code, ERR_INVALID);
    assert_int_equal(invented.problems.count, MODEL_PROBLEMS_MAX);
    assert_int_equal(invented.problems.dropped, 200 - MODEL_PROBLEMS_MAX);
    assert_true(str_starts_with(invented.problems.lines[0], STR("pack/organisation.csv:9:staff: ")));
    assert_int_equal(store_last_seq(invented.store), 0);
    invented_close(&invented);
}

UNIT_TESTS(TEST(progress_goes_from_nothing_to_all), TEST(a_load_that_is_stopped_changes_nothing),
           TEST(problems_are_counted_beyond_those_kept))
