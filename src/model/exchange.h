/* Money of one currency told in another, always at a rate whose days are known and can be named. */
#ifndef MUSUBI_MODEL_EXCHANGE_H
#define MUSUBI_MODEL_EXCHANGE_H

#include "base/arena.h"
#include "base/date.h"
#include "base/value.h"
#include "model/model.h"

/* One unit of `base` costs `rate` units of `quote`: on average over these days, or on the only one. */
struct exchange_rate {
    struct str id;          /* of its record */
    struct str base, quote; /* ISO 4217 */
    double rate;            /* more than 0 */
    struct date from, to;   /* as stated: "2020" and "2020" for a year's average */
};

struct exchange_rates {
    struct exchange_rate *items; /* in any order */
    size_t count;
};

/* A rate that was chosen for a conversion. */
struct exchange {
    const struct exchange_rate *rate; /* borrowed from the rates */
    bool divide;                      /* the amount is in the rate's quote currency */
    bool covers; /* the rate's days and those asked for meet; else it is the latest one before them */
};

/* The rate between two different currencies for money of the days first … last: the one that has most days in common with
 * them, of several the one over the shortest time, then the latest; where none has any, the latest that ended before them.
 * A rate is used in either direction; none is made out of two others. False when there is none. */
bool exchange_find(const struct exchange_rates *rates, struct str from, struct str to, struct date first,
                   struct date last, struct exchange *ret_exchange);

/* The amount in the other currency. */
double exchange_amount(const struct exchange *exchange, double amount);

/* A figure of money in the currency `to`: value, or low and high, unit and "estimated" as they are; "qualifier" is about,
 * or at-least or at-most as it was; "precision" such that there are as many significant digits as stated, at least two and at most
 * three. No period: the original says it. NULL when the result is no number that can be written. */
struct value *exchange_figure(const struct exchange *exchange, const struct value *figure, struct str to,
                              struct arena *arena);

/* The days by which a record's figure is converted: the figure's own period where that has begun; else (a target speaks of a day
 * to come, and is as much as today's money) the earliest period among the record's other figures that has; else the record's
 * first date that is not to come; else attested_on, else from. False when it has none. */
bool exchange_days(const struct reg *reg, const struct value *record, const struct value *figure, struct date today,
                   struct date *ret_first, struct date *ret_last);

#endif
