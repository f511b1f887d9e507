/* The forecast tried on yearly series whose continuation is known, beside a random walk with drift, for script/bench forecast:
 *
 *   bench_forecast SERIES.csv
 *
 * From every window of POINTS years (of a long series, WINDOWS_MAX spread over it) the next AHEAD years are forecast. Prints how
 * many truths lay within the bands of 50, 80 and 95 %, in all years and in the last; and the Brier score of the probability
 * that the last year's value is a tenth above the window's last, ours as it is and as it is shown. The random walk's mean step and its
 * variance are estimated from the window, its bands normal with the estimate's own error (Hyndman and Athanasopoulos,
 * Forecasting: Principles and Practice, 5.5). */
#include "bench.h"

#include "plan/forecast.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POINTS 8
#define AHEAD 6
#define TARGET 1.1
#define WINDOWS_MAX 20
#define YEARS_MAX 200

static const double reaches[FAN_COUNT] = {0.674490, 1.281552, 1.959964};

struct score {
    double within[FAN_COUNT], within_last[FAN_COUNT];
    double brier, brier_shown;
};

struct tally {
    struct score ours, walk;
    size_t windows, reached; /* windows; those that reached the target */
    double seconds;
};

struct series {
    char name[40];
    int years[YEARS_MAX];
    double values[YEARS_MAX];
    size_t count;
};

static void add_years(struct score *score, double truth, const double *low, const double *high, bool last)
{
    for (int fan = 0; fan < FAN_COUNT; fan++) {
        double hit = truth >= low[fan] && truth <= high[fan];
        score->within[fan] += hit;
        score->within_last[fan] += last ? hit : 0;
    }
}

static void add_brier(struct score *score, double probability, bool happened)
{
    double bounded = forecast_bounded(probability);
    score->brier += (probability - happened) * (probability - happened);
    score->brier_shown += (bounded - happened) * (bounded - happened);
}

static void try_walk(const double *values, double target, struct score *score)
{
    double drift = log(values[POINTS - 1] / values[0]) / (POINTS - 1), square = 0;
    for (int i = 1; i < POINTS; i++) {
        double error = log(values[i] / values[i - 1]) - drift;
        square += error * error / (POINTS - 2);
    }
    for (int h = 1; h <= AHEAD; h++) {
        double middle = log(values[POINTS - 1]) + h * drift, low[FAN_COUNT], high[FAN_COUNT];
        double deviation = sqrt(square * h * (1 + (double)h / (POINTS - 1)));
        for (int fan = 0; fan < FAN_COUNT; fan++) {
            low[fan] = exp(middle - reaches[fan] * deviation);
            high[fan] = exp(middle + reaches[fan] * deviation);
        }
        add_years(score, values[POINTS - 1 + h], low, high, h == AHEAD);
        if (h == AHEAD)
            add_brier(score, 0.5 * erfc((log(target) - middle) / deviation / M_SQRT2),
                      values[POINTS - 1 + h] >= target);
    }
}

static void try_window(const struct series *series, size_t first, struct tally *tally)
{
    const double *values = &series->values[first];
    struct forecast forecast;
    struct forecast_input input = {&series->years[first], values, POINTS, series->years[first + POINTS - 1] + AHEAD,
                                   false};
    double target = values[POINTS - 1] * TARGET;
    double began = thread_cpu_now();
    if (!forecast_make(&input, &forecast))
        bench_fail("%s has no forecast", series->name);
    tally->seconds += thread_cpu_now() - began;
    for (size_t h = 0; h < forecast.count; h++)
        add_years(&tally->ours, values[POINTS + h], forecast.years[h].low, forecast.years[h].high, h + 1 == AHEAD);
    bool happened = values[POINTS - 1 + AHEAD] >= target;
    add_brier(&tally->ours, forecast_probability(&forecast, target, (double)INFINITY), happened);
    try_walk(values, target, &tally->walk);
    tally->windows++;
    tally->reached += happened;
}

static void try_series(const struct series *series, struct tally *tally)
{
    if (series->count < POINTS + AHEAD)
        return;
    size_t windows = series->count - POINTS - AHEAD + 1, tried = windows < WINDOWS_MAX ? windows : WINDOWS_MAX;
    for (size_t i = 0; i < tried; i++)
        try_window(series, tried > 1 ? i * (windows - 1) / (tried - 1) : 0, tally);
}

static void print(const char *name, const struct score *score, double windows)
{
    for (int fan = 0; fan < FAN_COUNT; fan++)
        printf("%s_within_%d %.4f\n", name, (int[]){50, 80, 95}[fan], score->within[fan] / windows / AHEAD);
    for (int fan = 0; fan < FAN_COUNT; fan++)
        printf("%s_last_year_within_%d %.4f\n", name, (int[]){50, 80, 95}[fan], score->within_last[fan] / windows);
    printf("%s_brier %.4f\n%s_brier_shown %.4f\n", name, score->brier / windows, name, score->brier_shown / windows);
}

int main(int argc, char **argv)
{
    static struct series series;
    struct tally tally = {0};
    char line[200], name[40];
    int year;
    double value;
    FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
    if (!file) {
        fputs("usage: bench_forecast SERIES.csv\n", stderr);
        return 1;
    }
    while (fgets(line, sizeof line, file)) {
        if (sscanf(line, "%39[^,],%d,%lf", name, &year, &value) != 3)
            continue; /* the heading */
        if (strcmp(name, series.name) != 0) {
            try_series(&series, &tally);
            memset(&series, 0, sizeof series);
            memcpy(series.name, name, sizeof name);
        }
        if (series.count == YEARS_MAX)
            bench_fail("%s has more than %d years", name, YEARS_MAX);
        series.years[series.count] = year;
        series.values[series.count++] = value;
    }
    try_series(&series, &tally);
    fclose(file);
    printf("windows %zu\nreached %zu\nmilliseconds %.3f\n", tally.windows, tally.reached,
           1000 * tally.seconds / (double)tally.windows);
    print("ours", &tally.ours, (double)tally.windows);
    print("walk", &tally.walk, (double)tally.windows);
    return 0;
}
