#include "desk/workdays.h"

#define WORKED_BY_DEFAULT 0x1Fu
#define DAYS_AHEAD_MAX 366

/* Sakamoto's method: the offsets are those of each month's first day in a year that begins with March. */
int date_weekday(struct date day)
{
    static const int offsets[] = {0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4};
    int year = day.month < 3 ? day.year - 1 : day.year;
    int from_sunday = (year + year / 4 - year / 100 + year / 400 + offsets[day.month - 1] + day.day) % WEEKDAYS;

    return (from_sunday + WEEKDAYS - 1) % WEEKDAYS;
}

static struct date next_day(struct date day)
{
    if (day.day < date_days_in_month(day.year, day.month)) {
        day.day++;
    } else if (day.month < 12) {
        day.month++;
        day.day = 1;
    } else {
        day = (struct date){.year = day.year + 1, .month = 1, .day = 1};
    }
    return day;
}

struct date date_after_days(struct date day, int days)
{
    while (days-- > 0) {
        day = next_day(day);
    }
    return day;
}

bool is_working_day(const struct work_week *week, struct date day)
{
    unsigned days = week->days == 0 ? WORKED_BY_DEFAULT : week->days;

    if ((days & 1u << date_weekday(day)) == 0) {
        return false;
    }
    for (size_t i = 0; i < week->closed_count; i++) {
        if (date_cmp(week->closed[i], day) == 0) {
            return false;
        }
    }
    return true;
}

struct date working_day_after(const struct work_week *week, struct date day, int count)
{
    for (int ahead = 0; count > 0 && ahead < DAYS_AHEAD_MAX; ahead++) {
        day = next_day(day);
        if (is_working_day(week, day)) {
            count--;
        }
    }
    return day;
}
