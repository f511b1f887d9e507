/* How often a group meets, against how often it means to: pure arithmetic over dates. */
#ifndef MUSUBI_PLAN_CADENCE_H
#define MUSUBI_PLAN_CADENCE_H

#include "base/date.h"

#include <stddef.h>

enum cadence_state {
    CADENCE_NONE,    /* no meeting on record at all: nothing can be said */
    CADENCE_IN_TIME, /* as many held as the part of the year that has passed asks for */
    CADENCE_BEHIND,  /* fewer */
    CADENCE_FULL,    /* all of the year's meetings held */
};

struct cadence {
    int year;                 /* in which the year of meetings begins */
    struct date begins, ends; /* its first and last day */
    int wanted;               /* a year */
    int held, scheduled;      /* in this year: on or before today, after it */
    int due;                  /* wanted times the part of the year that has passed, rounded down */
    struct date last, next;   /* of all meetings; not set: none */
    enum cadence_state state;
};

/* `dates` in any order; `starts_month` 1 … 12 is the month in which a year begins. A date that is less precise than a day counts by its
 * first day. */
struct cadence cadence_of(const struct date *dates, size_t count, int wanted, struct date today, int starts_month);

#endif
