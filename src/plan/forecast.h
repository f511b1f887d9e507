/* A forecast from few yearly points: a Bayesian damped local trend on the log scale.
 *
 * With y(t) the natural logarithm of the value in year t,
 *     y(t)   = m(t) + e(t)                e ~ N(0, (c·s)²)
 *     m(t+1) = m(t) + d·b(t) + u(t)       u ~ N(0, s²)
 *     b(t+1) = d·b(t) + w(t)              w ~ N(0, (r·s)²)
 *     m(0) ~ N(y(0), 1), b(0) ~ N(0, 0.1²)
 * (Gardner and McKenzie's damped trend as a state space: Hyndman, Koehler, Ord and Snyder, Forecasting with Exponential
 * Smoothing, 2008; Harvey 1989). s, r, c and the damping d are not estimated but averaged over: a grid of 270 points, each with
 * its weak prior times its exact likelihood from the Kalman filter, a year without a value being a step without an update. The
 * forecast is the mixture of the 270 normal distributions; its quantiles come from the mixture's distribution function. The
 * same input gives the same output.
 *
 * With fewer than FORECAST_POINTS_MIN values, or one that is not positive, there is none. */
#ifndef MUSUBI_PLAN_FORECAST_H
#define MUSUBI_PLAN_FORECAST_H

#include <stdbool.h>
#include <stddef.h>

#define FORECAST_POINTS_MIN 3
#define FORECAST_POINTS_MAX 100
#define FORECAST_YEARS_MAX 30
#define FORECAST_GRID 270
/* A probability says little at this length: it is kept within these. */
#define FORECAST_PROBABILITY_MIN 0.10
#define FORECAST_PROBABILITY_MAX 0.90

/* Shares of the fan, from the middle outward. */
enum { FAN_50, FAN_80, FAN_95, FAN_COUNT };

struct forecast_year {
    int year;
    double median;
    double low[FAN_COUNT], high[FAN_COUNT];
};

struct forecast_input {
    const int *years; /* ascending */
    const double *values;
    size_t count;
    int to_year; /* the last year forecast; after the last value, at most FORECAST_YEARS_MAX later */
    bool rank;   /* values are ranks: whole, at least 1 */
};

struct forecast {
    struct forecast_year years[FORECAST_YEARS_MAX];
    size_t count; /* from the year after the last value on; 0: none */
    /* of the last year: the mixture itself, on the log scale */
    double mean[FORECAST_GRID], variance[FORECAST_GRID], weight[FORECAST_GRID];
    bool rank;
};

/* False, with count 0, when there can be none. */
bool forecast_make(const struct forecast_input *input, struct forecast *ret_forecast);
/* The probability that the value of the last year lies in [low, high]; -INFINITY and INFINITY for none. Ranks are taken as
 * rounded. Not yet kept within the bounds above. */
double forecast_probability(const struct forecast *forecast, double low, double high);
double forecast_bounded(double probability);

#endif
