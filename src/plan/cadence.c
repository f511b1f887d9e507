#include "plan/cadence.h"

#define DAYS_A_YEAR 365

/* Days from 1 January of the year 1, for differences. */
static int day_number(struct date date)
{
    int before = date.year - 1;
    int days = 365 * before + before / 4 - before / 100 + before / 400 + date.day;
    for (int month = 1; month < date.month; month++) {
        days += date_days_in_month(date.year, month);
    }
    return days;
}

static void set_year(struct cadence *cadence, struct date today, int starts_month)
{
    int last_month = starts_month == 1 ? 12 : starts_month - 1;
    cadence->year = today.month >= starts_month ? today.year : today.year - 1;
    cadence->begins = (struct date){cadence->year, starts_month, 1};
    cadence->ends = date_last_day((struct date){cadence->year + (starts_month > 1), last_month, 0});
}

static void count_one(struct cadence *cadence, struct date day, struct date today)
{
    bool past = date_cmp(day, today) <= 0;
    bool this_year = date_cmp(day, cadence->begins) >= 0 && date_cmp(day, cadence->ends) <= 0;
    cadence->held += this_year && past;
    cadence->scheduled += this_year && !past;
    if (past && date_cmp(day, cadence->last) > 0) {
        cadence->last = day;
    }
    if (!past && (!date_is_set(cadence->next) || date_cmp(day, cadence->next) < 0)) {
        cadence->next = day;
    }
}

struct cadence cadence_of(const struct date *dates, size_t count, int wanted, struct date today, int starts_month)
{
    struct cadence cadence = {.wanted = wanted};
    set_year(&cadence, today, starts_month);
    for (size_t i = 0; i < count; i++) {
        if (date_is_set(dates[i])) {
            count_one(&cadence, date_first_day(dates[i]), today);
        }
    }
    cadence.due = wanted * (day_number(today) - day_number(cadence.begins)) / DAYS_A_YEAR;
    if (!date_is_set(cadence.last) && !date_is_set(cadence.next)) {
        cadence.state = CADENCE_NONE;
    } else if (cadence.held >= wanted) {
        cadence.state = CADENCE_FULL;
    } else {
        cadence.state = cadence.held < cadence.due ? CADENCE_BEHIND : CADENCE_IN_TIME;
    }
    return cadence;
}
