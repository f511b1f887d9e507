/* Counting working days. */
#ifndef MUSUBI_DESK_WORKDAYS_H
#define MUSUBI_DESK_WORKDAYS_H

#include "base/date.h"

#include <stddef.h>

enum { WEEKDAY_MONDAY, WEEKDAY_SUNDAY = 6, WEEKDAYS = 7 };

struct work_week {
    unsigned days; /* a bit for each day of the week that is worked: 1 << WEEKDAY_MONDAY; 0: Monday to Friday */
    const struct date *closed; /* days that are not worked all the same, rising */
    size_t closed_count;
};

/* Of a whole date. */
int date_weekday(struct date day);
struct date date_after_days(struct date day, int days); /* days from 0 on */
bool is_working_day(const struct work_week *week, struct date day);
/* The count-th working day after `day`, which itself is not counted. At most a year ahead: a week in which hardly anything is
 * worked ends there. */
struct date working_day_after(const struct work_week *week, struct date day, int count);

#endif
