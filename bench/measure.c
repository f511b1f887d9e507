/* One number computed through store.h, for script/bench measure:
 *
 *   bench_measure FOLDER MEASURE WITH
 *
 * WITH is name=value,value;name=value as of musubi measure. Computes the undivided measure three times, each time anew (the last year asked
 * for is another one every time, so that nothing kept serves), and prints year, value and contributors a line, then the least
 * processor seconds. */
#include "bench.h"

#include "store/measure.h"

#include <stdio.h>
#include <string.h>

#define ROUNDS 3

static size_t read_arguments(char *text, struct arena *arena, struct measure_argument *arguments)
{
    size_t count = 0;
    for (char *rest = text, *part; count < MEASURE_PARAMETERS_MAX && (part = strsep(&rest, ";"));) {
        struct str *values = ARENA_NEW_ARRAY(arena, MEASURE_VALUES_MAX, struct str);
        arguments[count].name = str_from_cstr(strsep(&part, "="));
        arguments[count].values = values;
        for (char *value; arguments[count].count < MEASURE_VALUES_MAX && (value = strsep(&part, ","));)
            values[arguments[count].count++] = str_from_cstr(value);
        count++;
    }
    return count;
}

static double compute(struct store *store, struct measure_query *query, struct arena *arena, bool print)
{
    struct reader *reader = bench_reader(store, 0);
    struct measure_cell *cells;
    struct err err = {0};
    size_t count;
    double began = thread_cpu_now();
    if (store_measure(reader, query, arena, &cells, &count, &err))
        bench_fail("%s", err.message);
    double seconds = thread_cpu_now() - began;
    for (size_t i = 0; print && i < count; i++) {
        char text[DECIMAL_TEXT_MAX];
        printf("%d %.*s %lld\n", cells[i].year, (int)decimal_format(cells[i].low, text), text,
               (long long)cells[i].contributors);
    }
    reader_release(reader);
    return seconds;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        bench_fail("usage: bench_measure FOLDER MEASURE WITH");
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)64 << 20);
    const struct model *model = bench_model(&arena);
    struct store *store = bench_store(argv[1], model);
    struct measure_argument arguments[MEASURE_PARAMETERS_MAX] = {0};
    struct measure_query query = {.measure = model_measure(model, str_from_cstr(argv[2])), .arguments = arguments};
    double least = 1e9;
    if (!query.measure)
        bench_fail("there is no measure %s", argv[2]);
    query.argument_count = read_arguments(argv[3], &arena, arguments);
    for (int round = 0; round < ROUNDS; round++) {
        query.to_year = 9000 + round;
        double seconds = compute(store, &query, &arena, round == 0);
        least = seconds < least ? seconds : least;
    }
    printf("seconds %.4f\n", least);
    store_close(store);
    return 0;
}
