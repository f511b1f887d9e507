#include "model/period.h"

#define FISCAL_YEAR_BEGINS 4 /* April */

static bool fiscal_year(struct str year, struct date *ret_first, struct date *ret_last)
{
    struct date date;

    if (!date_parse(year, &date) || date.month != 0 || date.year > 9998) {
        return false;
    }
    *ret_first = (struct date){date.year, FISCAL_YEAR_BEGINS, 1};
    *ret_last = date_last_day((struct date){date.year + 1, FISCAL_YEAR_BEGINS - 1, 0});
    return true;
}

bool period_days(struct str period, struct date *ret_first, struct date *ret_last)
{
    size_t slash = str_find_byte(period, '/');
    struct str end = period;
    struct date from, to;

    if (str_take(&period, STR("FY"))) {
        return fiscal_year(period, ret_first, ret_last);
    }
    if (slash < period.len) {
        end = str_slice(period, slash + 1, period.len);
        period = str_slice(period, 0, slash);
    }
    if (!date_parse(period, &from) || !date_parse(end, &to)) {
        return false;
    }
    from = date_first_day(from);
    to = date_last_day(to);
    if (date_cmp(from, to) > 0) {
        return false;
    }
    *ret_first = from;
    *ret_last = to;
    return true;
}
