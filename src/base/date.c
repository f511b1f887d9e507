#include "base/date.h"

#include "base/digits.h"

#include <assert.h>

#define MAX_YEAR 9999

static bool is_leap_year(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int date_days_in_month(int year, int month)
{
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    assert(month >= 1 && month <= 12);
    return month == 2 && is_leap_year(year) ? 29 : days[month - 1];
}

bool date_is_set(struct date date)
{
    return date.year != 0;
}

bool date_is_valid(struct date date)
{
    if (date.year < 1 || date.year > MAX_YEAR || date.month < 0 || date.month > 12) {
        return false;
    }
    if (date.month == 0) {
        return date.day == 0;
    }
    return date.day >= 0 && date.day <= date_days_in_month(date.year, date.month);
}

/* Exactly `count` digits from `at` on; -1 when there is something else. */
static int fixed_digits(struct str text, size_t at, size_t count)
{
    if (text.len < at + count) {
        return -1;
    }
    int number = 0;
    for (size_t i = at; i < at + count; i++) {
        if (!is_digit(text.ptr[i])) {
            return -1;
        }
        number = number * 10 + (text.ptr[i] - '0');
    }
    return number;
}

bool date_parse(struct str text, struct date *ret_date)
{
    if (text.len != 4 && text.len != 7 && text.len != 10) {
        return false;
    }
    struct date date = {.year = fixed_digits(text, 0, 4)};
    if (text.len >= 7) {
        date.month = text.ptr[4] == '-' ? fixed_digits(text, 5, 2) : -1;
        if (date.month < 1) {
            return false;
        }
    }
    if (text.len == 10) {
        date.day = text.ptr[7] == '-' ? fixed_digits(text, 8, 2) : -1;
        if (date.day < 1) {
            return false;
        }
    }
    if (!date_is_valid(date)) {
        return false;
    }
    *ret_date = date;
    return true;
}

size_t date_format(struct date date, char text[DATE_TEXT_MAX])
{
    char *end = text;
    if (date_is_valid(date)) {
        end = put_digits(end, date.year, 4);
        if (date.month > 0) {
            *end++ = '-';
            end = put_digits(end, date.month, 2);
        }
        if (date.day > 0) {
            *end++ = '-';
            end = put_digits(end, date.day, 2);
        }
    }
    *end = '\0';
    return (size_t)(end - text);
}

struct date date_first_day(struct date date)
{
    if (!date_is_set(date)) {
        return date;
    }
    return (struct date){
        .year = date.year,
        .month = date.month > 0 ? date.month : 1,
        .day = date.day > 0 ? date.day : 1,
    };
}

struct date date_last_day(struct date date)
{
    if (!date_is_set(date)) {
        return date;
    }
    int month = date.month > 0 ? date.month : 12;
    return (struct date){
        .year = date.year,
        .month = month,
        .day = date.day > 0 ? date.day : date_days_in_month(date.year, month),
    };
}

static int compare(int a, int b)
{
    return (a > b) - (a < b);
}

int date_cmp(struct date a, struct date b)
{
    struct date first_a = date_first_day(a);
    struct date first_b = date_first_day(b);
    int order = compare(first_a.year, first_b.year);
    order = order ? order : compare(first_a.month, first_b.month);
    order = order ? order : compare(first_a.day, first_b.day);
    /* The same first day: what is not written is 0 and comes first. */
    order = order ? order : compare(a.month, b.month);
    return order ? order : compare(a.day, b.day);
}
