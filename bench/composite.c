/* The composite index's Monte Carlo run over an invented table, for script/bench index:
 *
 *   bench_composite TABLE RUNS INTERVALS DRAWS
 *
 * TABLE is text: units and indicators, then 1 or -1 (less is better) an indicator, then the figures unit by unit, NA where one
 * is not known. Prints the CPU seconds of the run, whether a second one gave the same, and writes the intervals (low, median,
 * high, best, worst a line) and the draws as doubles. */
#include "bench.h"

#include "insight/composite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double next_number(FILE *file)
{
    char word[64];

    if (fscanf(file, "%63s", word) != 1) {
        bench_fail("the table ends too early");
    }
    return strcmp(word, "NA") == 0 ? (double)NAN : strtod(word, NULL);
}

static struct composite_table read_table(const char *path, struct arena *arena)
{
    FILE *file = fopen(path, "r");
    struct composite_table table = {0};
    double *figures;
    bool *down;

    if (file == NULL) {
        bench_fail("%s cannot be read", path);
    }
    table.units = (size_t)next_number(file);
    table.indicators = (size_t)next_number(file);
    down = ARENA_NEW_ARRAY(arena, table.indicators, bool);
    figures = ARENA_NEW_ARRAY(arena, table.units * table.indicators, double);
    for (size_t i = 0; i < table.indicators; i++) {
        down[i] = next_number(file) < 0;
    }
    for (size_t at = 0; at < table.units * table.indicators; at++) {
        figures[at] = next_number(file);
    }
    fclose(file);
    table.down = down;
    table.figures = figures;
    return table;
}

static void write_intervals(const char *path, const struct composite_interval *intervals, size_t count)
{
    FILE *file = fopen(path, "w");

    for (size_t u = 0; file != NULL && u < count; u++) {
        fprintf(file, "%u %u %u %u %u\n", intervals[u].low, intervals[u].median, intervals[u].high, intervals[u].best,
                intervals[u].worst);
    }
    if (file == NULL || fclose(file) != 0) {
        bench_fail("%s cannot be written", path);
    }
}

static void write_draws(const char *path, const struct composite_table *table, const struct composite_uncertainty *open,
                        struct arena *arena)
{
    size_t count = open->runs * (3 + table->indicators);
    double *draws = ARENA_NEW_ARRAY(arena, count, double);
    FILE *file = fopen(path, "w");

    composite_draws(table, open, draws);
    if (file == NULL || fwrite(draws, sizeof *draws, count, file) != count || fclose(file) != 0) {
        bench_fail("%s cannot be written", path);
    }
}

static bool same(const struct composite_interval *a, const struct composite_interval *b, size_t count)
{
    for (size_t u = 0; u < count; u++) {
        if (a[u].low != b[u].low || a[u].median != b[u].median || a[u].high != b[u].high || a[u].best != b[u].best ||
            a[u].worst != b[u].worst || a[u].mean != b[u].mean) {
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    static const enum composite_normalisation hows[] = {COMPOSITE_MIN_MAX, COMPOSITE_Z_SCORE, COMPOSITE_RANK,
                                                        COMPOSITE_DISTANCE};
    static const enum composite_aggregation means[] = {COMPOSITE_ARITHMETIC, COMPOSITE_GEOMETRIC};
    static const enum composite_missing gaps[] = {COMPOSITE_AVAILABLE, COMPOSITE_MEAN};
    const double *equal[] = {NULL};
    struct composite_uncertainty open = {hows, 4, means, 2, gaps, 2, equal, 1, 0.25, 0, 1, 0.05, 0.95};
    ARENA_AUTO arena;

    if (argc != 5) {
        bench_fail("usage: bench_composite TABLE RUNS INTERVALS DRAWS");
    }
    arena_init(&arena, (size_t)1 << 30);
    struct composite_table table = read_table(argv[1], &arena);
    open.runs = (uint32_t)strtoul(argv[2], NULL, 10);
    struct composite_interval *first = ARENA_NEW_ARRAY(&arena, table.units, struct composite_interval);
    struct composite_interval *second = ARENA_NEW_ARRAY(&arena, table.units, struct composite_interval);
    double began = process_cpu_now();
    composite_intervals(&table, &open, &arena, first);
    double seconds = process_cpu_now() - began;
    composite_intervals(&table, &open, &arena, second);
    printf("seconds %.6f\nsame %d\n", seconds, same(first, second, table.units));
    write_intervals(argv[3], first, table.units);
    write_draws(argv[4], &table, &open, &arena);
    return 0;
}
