#include "plan/forecast.h"

#include <math.h>

/* The grid. Level shocks from a thirtieth of a per cent to a third; the slope's and the observation's as parts of them. */
static const double level_steps[6] = {0.003, 0.01, 0.03, 0.06, 0.12, 0.30};
static const double slope_parts[5] = {0.0, 0.1, 0.25, 0.5, 1.0};
static const double slope_weights[5] = {0.25, 0.25, 0.20, 0.20, 0.10};
static const double noise_parts[3] = {0.0, 0.5, 1.0};
static const double dampings[3] = {0.80, 0.90, 0.98};
#define FIRST_SLOPE_DEVIATION 0.1

struct point {
    double level, slope, noise, damping, prior;
};

static struct point grid_point(size_t i)
{
    double s = level_steps[i / 45];
    size_t r = i / 9 % 5;
    return (struct point){s, slope_parts[r] * s, noise_parts[i / 3 % 3] * s, dampings[i % 3], slope_weights[r]};
}

/* Level and slope with their covariance. */
struct state {
    double m, b;
    double mm, mb, bb;
};

static void predict(struct state *x, const struct point *p)
{
    double d = p->damping;
    double mm = x->mm + 2 * d * x->mb + d * d * x->bb + p->level * p->level;
    double mb = d * x->mb + d * d * x->bb;
    x->m += d * x->b;
    x->b *= d;
    x->mm = mm;
    x->mb = mb;
    x->bb = d * d * x->bb + p->slope * p->slope;
}

/* Returns the logarithm of the value's density. */
static double update(struct state *x, const struct point *p, double y)
{
    double f = x->mm + p->noise * p->noise;
    double error = y - x->m;
    double km = x->mm / f, kb = x->mb / f;
    x->m += km * error;
    x->b += kb * error;
    x->bb -= kb * x->mb;
    x->mb -= km * x->mb;
    x->mm -= km * x->mm;
    return -0.5 * (log(2 * M_PI * f) + error * error / f);
}

/* Runs over the values; the state after the last one and the whole log likelihood. */
static double filter(const struct forecast_input *input, const struct point *p, struct state *x)
{
    double sum = 0;
    *x = (struct state){.m = log(input->values[0]), .mm = 1.0, .bb = FIRST_SLOPE_DEVIATION * FIRST_SLOPE_DEVIATION};
    for (size_t i = 0; i < input->count; i++) {
        for (int year = i ? input->years[i - 1] : input->years[0]; year < input->years[i]; year++)
            predict(x, p);
        sum += update(x, p, log(input->values[i]));
    }
    return sum;
}

/* ---- the mixture ---- */

static double normal_below(double z)
{
    return 0.5 * erfc(-z / M_SQRT2);
}

static double below(const double *mean, const double *variance, const double *weight, double y)
{
    double sum = 0;
    for (size_t i = 0; i < FORECAST_GRID; i++)
        sum += weight[i] * normal_below((y - mean[i]) / sqrt(variance[i]));
    return sum;
}

/* The mixture's parts that weigh anything, ready to be added up. */
struct mixture {
    size_t count;
    double mean[FORECAST_GRID], deviation[FORECAST_GRID], weight[FORECAST_GRID];
    double low, high; /* nothing worth naming lies outside */
    double center, spread;
};

/* All that is left out weighs less than 3e-12 together. */
#define WEIGHT_MIN 1e-14

static void mixture_of(const struct forecast *forecast, struct mixture *mixture)
{
    double square = 0;
    mixture->count = 0;
    mixture->center = 0;
    mixture->low = HUGE_VAL;
    mixture->high = -HUGE_VAL;
    for (size_t i = 0; i < FORECAST_GRID; i++) {
        double deviation = sqrt(forecast->variance[i]);
        if (forecast->weight[i] < WEIGHT_MIN)
            continue;
        mixture->mean[mixture->count] = forecast->mean[i];
        mixture->deviation[mixture->count] = deviation;
        mixture->weight[mixture->count++] = forecast->weight[i];
        mixture->center += forecast->weight[i] * forecast->mean[i];
        square += forecast->weight[i] * (forecast->variance[i] + forecast->mean[i] * forecast->mean[i]);
        mixture->low = fmin(mixture->low, forecast->mean[i] - 10 * deviation);
        mixture->high = fmax(mixture->high, forecast->mean[i] + 10 * deviation);
    }
    mixture->spread = sqrt(fmax(0, square - mixture->center * mixture->center));
}

/* The distribution function; its slope, the density, in *ret_density. */
static double mixture_below(const struct mixture *mixture, double y, double *ret_density)
{
    double sum = 0, density = 0;
    for (size_t i = 0; i < mixture->count; i++) {
        double z = (y - mixture->mean[i]) / mixture->deviation[i];
        sum += mixture->weight[i] * normal_below(z);
        density += mixture->weight[i] * exp(-0.5 * z * z) / mixture->deviation[i];
    }
    *ret_density = density / sqrt(2 * M_PI);
    return sum;
}

/* A step of Newton's this small leaves an error of its square. */
#define STEP_MIN 1e-8

/* Where the distribution function is `share`: by Newton's steps from a guess, by halving what is left where such a step leads out
 * of it. */
static double quantile(const struct mixture *mixture, double share, double guess)
{
    double low = mixture->low, high = mixture->high;
    double at = guess > low && guess < high ? guess : (low + high) / 2;
    for (int step = 0; step < 100; step++) {
        double slope, error = mixture_below(mixture, at, &slope) - share;
        *(error < 0 ? &low : &high) = at;
        double next = slope > 0 ? at - error / slope : HUGE_VAL;
        bool inside = next > low && next < high;
        if (!inside)
            next = (low + high) / 2;
        if (fabs(next - at) < (inside ? STEP_MIN : STEP_MIN * STEP_MIN))
            return next;
        at = next;
    }
    return at;
}

static double as_value(double y, bool rank)
{
    double value = exp(y);
    return rank ? fmax(1, nearbyint(value)) : value;
}

static void fill_year(const struct forecast *forecast, struct forecast_year *year)
{
    static const double shares[FAN_COUNT] = {0.50, 0.80, 0.95};
    static const double reaches[FAN_COUNT] = {0.6745, 1.2816, 1.96}; /* of a normal distribution: where to begin */
    struct mixture mixture;
    mixture_of(forecast, &mixture);
    year->median = as_value(quantile(&mixture, 0.5, mixture.center), forecast->rank);
    for (int i = 0; i < FAN_COUNT; i++) {
        double reach = reaches[i] * mixture.spread, half = shares[i] / 2;
        year->low[i] = as_value(quantile(&mixture, 0.5 - half, mixture.center - reach), forecast->rank);
        year->high[i] = as_value(quantile(&mixture, 0.5 + half, mixture.center + reach), forecast->rank);
    }
}

static bool can_forecast(const struct forecast_input *input)
{
    if (input->count < FORECAST_POINTS_MIN || input->count > FORECAST_POINTS_MAX)
        return false;
    for (size_t i = 0; i < input->count; i++)
        if (!(input->values[i] > 0) || !isfinite(input->values[i]) || (i && input->years[i] <= input->years[i - 1]))
            return false;
    int ahead = input->to_year - input->years[input->count - 1];
    return ahead >= 1 && ahead <= FORECAST_YEARS_MAX;
}

bool forecast_make(const struct forecast_input *input, struct forecast *ret_forecast)
{
    struct forecast *forecast = ret_forecast;
    forecast->count = 0;
    forecast->rank = input->rank;
    if (!can_forecast(input))
        return false;
    struct state states[FORECAST_GRID];
    double most = -INFINITY, total = 0;
    for (size_t i = 0; i < FORECAST_GRID; i++) {
        struct point p = grid_point(i);
        forecast->weight[i] = log(p.prior) + filter(input, &p, &states[i]);
        most = fmax(most, forecast->weight[i]);
    }
    for (size_t i = 0; i < FORECAST_GRID; i++)
        total += forecast->weight[i] = exp(forecast->weight[i] - most);
    for (size_t i = 0; i < FORECAST_GRID; i++)
        forecast->weight[i] /= total;
    for (int year = input->years[input->count - 1] + 1; year <= input->to_year; year++) {
        struct forecast_year *entry = &forecast->years[forecast->count++];
        entry->year = year;
        for (size_t i = 0; i < FORECAST_GRID; i++) {
            struct point p = grid_point(i);
            predict(&states[i], &p);
            forecast->mean[i] = states[i].m;
            forecast->variance[i] = states[i].mm + p.noise * p.noise;
        }
        fill_year(forecast, entry);
    }
    return true;
}

double forecast_probability(const struct forecast *forecast, double low, double high)
{
    double half = forecast->rank ? 0.5 : 0;
    double upper =
        isfinite(high)
            ? high + half > 0 ? below(forecast->mean, forecast->variance, forecast->weight, log(high + half)) : 0
            : 1;
    double lower = isfinite(low) && low - half > 0
                       ? below(forecast->mean, forecast->variance, forecast->weight, log(low - half))
                       : 0;
    return fmax(0, upper - lower);
}

double forecast_bounded(double probability)
{
    return fmin(FORECAST_PROBABILITY_MAX, fmax(FORECAST_PROBABILITY_MIN, probability));
}
