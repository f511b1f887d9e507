/* The published example of COINr and what plain R makes of it (tests/insight/README.md), and small cases by hand. */
#include "unit.h"

#include "base/file.h"
#include "base/value.h"
#include "insight/composite.h"

#define ARENA_MAX ((size_t)64 << 20)

struct example {
    struct composite_table table;
    double *weights;
    double *index; /* as published; NAN where it is not */
    struct str *names;
};

static double number_of(struct str text)
{
    struct decimal decimal;

    return decimal_parse(text, &decimal) ? decimal_to_double(decimal) : (double)NAN;
}

static struct str next_line(struct str *rest)
{
    size_t end = str_find_byte(*rest, '\n');
    struct str line = str_slice(*rest, 0, end);

    *rest = str_slice(*rest, end + 1, rest->len);
    return line;
}

static struct str read_text(struct arena *arena, const char *name)
{
    const char *root = getenv("MUSUBI_SOURCE_ROOT");
    struct str content = {0};
    struct err err = {0};

    assert_non_null(root);
    struct str path = arena_format(arena, "%s/tests/insight/%s", root, name);
    if (file_read(arena, path.ptr, 1 << 20, &content, &err) != 0) {
        fail_msg("%s", err.message);
    }
    return content;
}

static size_t cells_of(struct str line, struct str *cells, size_t max)
{
    struct str rest = line;
    struct str cell;
    size_t count = 0;
    bool done = false;

    while (count < max && str_next_part(&rest, ',', &done, &cell)) {
        cells[count++] = cell;
    }
    return count;
}

static struct example read_example(struct arena *arena, bool with_gaps)
{
    struct str rest = read_text(arena, "asem.csv");
    struct str cells[60];
    size_t columns = cells_of(next_line(&rest), cells, 60) - 2;
    struct example example = {.table = {.indicators = columns}};
    double *figures = ARENA_NEW_ARRAY(arena, 60 * columns, double);
    bool *down = ARENA_NEW_ARRAY(arena, columns, bool);

    example.weights = ARENA_NEW_ARRAY(arena, columns, double);
    example.index = ARENA_NEW_ARRAY(arena, 60, double);
    example.names = ARENA_NEW_ARRAY(arena, 60, struct str);
    cells_of(next_line(&rest), cells, 60);
    for (size_t i = 0; i < columns; i++) {
        down[i] = number_of(cells[i + 2]) < 0;
    }
    cells_of(next_line(&rest), cells, 60);
    for (size_t i = 0; i < columns; i++) {
        example.weights[i] = number_of(cells[i + 2]);
    }
    for (size_t u = 0; rest.len > 0; u++) {
        assert_int_equal(cells_of(next_line(&rest), cells, 60), columns + 2);
        example.names[u] = cells[0];
        example.index[u] = number_of(cells[1]);
        for (size_t i = 0; i < columns; i++) {
            bool gap = with_gaps && (u + 1 + i + 1) % 7 == 0;
            figures[u * columns + i] = gap ? (double)NAN : number_of(cells[i + 2]);
        }
        example.table.units = u + 1;
    }
    example.table.figures = figures;
    example.table.down = down;
    return example;
}

static void gives_the_published_index(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double index;
    } printed[] = {{"CHE", 68.38}, {"NLD", 64.82}, {"DNK", 64.80}, {"NOR", 64.47}, {"BEL", 63.54}, {"SWE", 63.00}};
    ARENA_AUTO arena;
    arena_init(&arena, ARENA_MAX);
    struct example example = read_example(&arena, false);
    struct composite_method method = {.weights = example.weights};
    double scores[60];
    uint32_t ranks[60];

    assert_int_equal(example.table.units, 51);
    assert_int_equal(example.table.indicators, 49);
    composite_score(&example.table, &method, &arena, scores);
    composite_rank(scores, example.table.units, &arena, ranks);
    for (size_t u = 0; u < example.table.units; u++) {
        assert_near(scores[u], example.index[u], 0.005001);
        for (size_t p = 0; p < 6; p++) {
            if (str_eq(example.names[u], str_from_cstr(printed[p].name))) {
                assert_near(scores[u], printed[p].index, 0.005001);
                assert_int_equal(ranks[u], p + 1);
            }
        }
    }
}

static int position(struct str word, const char *const *words)
{
    for (int i = 0; words[i] != NULL; i++) {
        if (str_eq(word, str_from_cstr(words[i]))) {
            return i;
        }
    }
    fail_msg("unknown word");
    return -1;
}

static void agrees_with_plain_r(void **state)
{
    (void)state;
    static const char *const hows[] = {"min-max", "z-score", "rank", "distance-to-best", NULL};
    static const char *const gaps[] = {"available", "mean", NULL};
    static const char *const means[] = {"arithmetic", "geometric", NULL};
    ARENA_AUTO arena;
    arena_init(&arena, ARENA_MAX);
    struct example example = read_example(&arena, true);
    struct str rest = read_text(&arena, "expected.csv");
    struct str cells[60];
    size_t lines = 0;

    for (; rest.len > 0; lines++) {
        double scores[60];
        assert_int_equal(cells_of(next_line(&rest), cells, 60), 3 + example.table.units);
        struct composite_method method = {
            .normalisation = (enum composite_normalisation)position(cells[0], hows),
            .missing = (enum composite_missing)position(cells[1], gaps),
            .aggregation = (enum composite_aggregation)position(cells[2], means),
            .weights = example.weights,
        };
        composite_score(&example.table, &method, &arena, scores);
        for (size_t u = 0; u < example.table.units; u++) {
            assert_near(scores[u], number_of(cells[3 + u]), 1e-8);
        }
    }
    assert_int_equal(lines, 16);
}

static void complete_leaves_out(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, ARENA_MAX);
    const double figures[] = {1, 10, 2, NAN, 3, 30};
    const bool down[] = {false, true};
    struct composite_table table = {3, 2, figures, down, NULL};
    struct composite_method method = {.missing = COMPOSITE_COMPLETE};
    double scores[3];
    uint32_t ranks[3];

    composite_score(&table, &method, &arena, scores);
    composite_rank(scores, 3, &arena, ranks);
    assert_near(scores[0], 50, 1e-12);
    assert_true(isnan(scores[1]));
    assert_near(scores[2], 50, 1e-12);
    assert_int_equal(ranks[0], 1);
    assert_int_equal(ranks[1], 0);
    assert_int_equal(ranks[2], 1);
}

/* All alike, none known, not positive, one's own normalisation. */
static void corners(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, ARENA_MAX);
    const double figures[] = {5, NAN, -1, 20, 5, NAN, 0, 70, 5, NAN, 1, 50};
    const bool down[] = {false, false, false, true};
    const signed char own[] = {-1, -1, -1, COMPOSITE_AS_IS};
    struct composite_table table = {3, 4, figures, down, own};
    struct composite_method method = {.normalisation = COMPOSITE_DISTANCE};
    double scaled[12], scores[3];

    composite_normalise(&table, COMPOSITE_DISTANCE, scaled);
    for (size_t u = 0; u < 3; u++) {
        assert_near(scaled[u * 4], 50, 0);
        assert_true(isnan(scaled[u * 4 + 1]));
        assert_near(scaled[u * 4 + 2], (double)u * 50, 1e-12);
        assert_near(scaled[u * 4 + 3], 100 - figures[u * 4 + 3], 1e-12);
    }
    composite_score(&table, &method, &arena, scores);
    assert_near(scores[0], (50 + 0 + 80) / 3.0, 1e-12);
}

static const enum composite_normalisation all_hows[] = {COMPOSITE_MIN_MAX, COMPOSITE_Z_SCORE, COMPOSITE_RANK,
                                                        COMPOSITE_DISTANCE};
static const enum composite_aggregation all_means[] = {COMPOSITE_ARITHMETIC, COMPOSITE_GEOMETRIC};
static const enum composite_missing all_gaps[] = {COMPOSITE_AVAILABLE, COMPOSITE_MEAN};

static struct composite_uncertainty everything_open(const double *const *weightings, size_t count, uint32_t runs)
{
    return (struct composite_uncertainty){
        .normalisations = all_hows,
        .normalisation_count = 4,
        .aggregations = all_means,
        .aggregation_count = 2,
        .missings = all_gaps,
        .missing_count = 2,
        .weightings = weightings,
        .weighting_count = count,
        .spread = 0.25,
        .runs = runs,
        .seed = 42,
        .low = 0.05,
        .high = 0.95,
    };
}

/* Each run by itself through composite_score, with the draws it says it made. */
static void intervals_are_those_of_the_draws(void **state)
{
    (void)state;
    enum { RUNS = 400 };
    ARENA_AUTO arena;
    arena_init(&arena, ARENA_MAX);
    struct example example = read_example(&arena, true);
    size_t units = example.table.units;
    const double *weightings[] = {NULL, example.weights};
    struct composite_uncertainty open = everything_open(weightings, 2, RUNS);
    double *draws = ARENA_NEW_ARRAY(&arena, RUNS * (3 + example.table.indicators), double);
    uint32_t *all = ARENA_NEW_ARRAY(&arena, RUNS * units, uint32_t);
    struct composite_interval intervals[60], again[60];
    double scores[60];

    composite_draws(&example.table, &open, draws);
    for (size_t r = 0; r < RUNS; r++) {
        const double *draw = &draws[r * (3 + example.table.indicators)];
        struct composite_method method = {all_hows[(int)draw[0]], all_means[(int)draw[1]], all_gaps[(int)draw[2]],
                                          draw + 3};
        composite_score(&example.table, &method, &arena, scores);
        composite_rank(scores, units, &arena, &all[r * units]);
    }
    composite_intervals(&example.table, &open, &arena, intervals);
    composite_intervals(&example.table, &open, &arena, again);
    for (size_t u = 0; u < units; u++) {
        uint32_t best = UINT32_MAX, worst = 0;
        size_t up_to_low = 0, below_low = 0, up_to_high = 0, below_high = 0;
        double sum = 0;
        for (size_t r = 0; r < RUNS; r++) {
            uint32_t rank = all[r * units + u];
            best = rank < best ? rank : best;
            worst = rank > worst ? rank : worst;
            up_to_low += rank <= intervals[u].low;
            below_low += rank < intervals[u].low;
            up_to_high += rank <= intervals[u].high;
            below_high += rank < intervals[u].high;
            sum += rank;
        }
        assert_int_equal(again[u].low, intervals[u].low);
        assert_int_equal(again[u].median, intervals[u].median);
        assert_int_equal(again[u].high, intervals[u].high);
        assert_true(again[u].mean == intervals[u].mean);
        assert_int_equal(intervals[u].best, best);
        assert_int_equal(intervals[u].worst, worst);
        assert_near(intervals[u].mean, sum / RUNS, 1e-9);
        assert_true(up_to_low >= 20 && below_low < 20);
        assert_true(up_to_high >= 380 && below_high < 380);
    }
}

static void nothing_open_gives_one_rank(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, ARENA_MAX);
    struct example example = read_example(&arena, false);
    const double *weightings[] = {example.weights};
    struct composite_uncertainty open = everything_open(weightings, 1, 100);
    struct composite_method method = {.weights = example.weights};
    struct composite_interval intervals[60];
    double scores[60];
    uint32_t ranks[60];

    open.normalisation_count = 1;
    open.aggregation_count = 1;
    open.missing_count = 1;
    open.spread = 0;
    composite_intervals(&example.table, &open, &arena, intervals);
    composite_score(&example.table, &method, &arena, scores);
    composite_rank(scores, example.table.units, &arena, ranks);
    for (size_t u = 0; u < example.table.units; u++) {
        assert_int_equal(intervals[u].best, ranks[u]);
        assert_int_equal(intervals[u].worst, ranks[u]);
        assert_int_equal(intervals[u].median, ranks[u]);
    }
}

UNIT_TESTS(TEST(gives_the_published_index), TEST(agrees_with_plain_r), TEST(complete_leaves_out), TEST(corners),
           TEST(intervals_are_those_of_the_draws), TEST(nothing_open_gives_one_rank))
