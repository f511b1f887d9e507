#include "base/date.h"

#include "base/digits.h"
#include "base/memory.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unicode/ucal.h>

#define MS_A_SECOND INT64_C(1000)
#define MS_A_MINUTE (60 * MS_A_SECOND)
#define MS_A_DAY (24 * 60 * MS_A_MINUTE)

/* 0001-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z: what can be written. */
#define TIME_MIN_MS (INT64_C(-719162) * MS_A_DAY)
#define TIME_MAX_MS (INT64_C(2932897) * MS_A_DAY - 1)

#define DAYS_IN_400_YEARS 146097
#define DAYS_TO_1970 719468 /* from 0000-03-01 */

/* Years are counted from 1 March, so that the leap day is the last of its year: month 0 is March and the months before
 * the m-th have (153 m + 2) / 5 days. */
static int64_t days_of(struct date date)
{
    int year = date.month <= 2 ? date.year - 1 : date.year;
    int month = (date.month + 9) % 12;
    int64_t before_year = (int64_t)year * 365 + year / 4 - year / 100 + year / 400;
    return before_year + (153 * month + 2) / 5 + date.day - 1 - DAYS_TO_1970;
}

/* Turns days_of round; days within 0001 … 9999. */
static struct date date_of_days(int64_t days)
{
    int64_t since = days + DAYS_TO_1970;
    int64_t cycle = since / DAYS_IN_400_YEARS;
    int64_t day = since % DAYS_IN_400_YEARS;
    /* Leap days of the cycle that have passed: one in 1,461 days, but none in 36,524, and the one that ends the cycle. */
    int64_t year = (day - day / 1460 + day / 36524 - day / (DAYS_IN_400_YEARS - 1)) / 365;
    int64_t day_of_year = day - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    struct date date = {
        .year = (int)(cycle * 400 + year) + (month >= 10),
        .month = (int)((month + 2) % 12 + 1),
        .day = (int)(day_of_year - (153 * month + 2) / 5 + 1),
    };
    return date;
}

/* Rounds down also below zero. */
static int64_t floor_div(int64_t number, int64_t by)
{
    return number / by - (number % by < 0);
}

static int64_t clamp_time(int64_t time_ms)
{
    return time_ms < TIME_MIN_MS ? TIME_MIN_MS : time_ms > TIME_MAX_MS ? TIME_MAX_MS : time_ms;
}

int64_t time_now_ms(void)
{
    int64_t fixed;
    const char *text = getenv("MUSUBI_NOW");
    if (text && time_parse(str_from_cstr(text), &fixed)) {
        return fixed;
    }
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * MS_A_SECOND + now.tv_nsec / 1000000;
}

size_t time_format(int64_t time_ms, char text[TIME_TEXT_MAX])
{
    time_ms = clamp_time(time_ms);
    int64_t days = floor_div(time_ms, MS_A_DAY);
    int64_t ms = time_ms - days * MS_A_DAY;
    char *end = text + date_format(date_of_days(days), text);
    *end++ = 'T';
    end = put_digits(end, ms / (60 * MS_A_MINUTE), 2);
    *end++ = ':';
    end = put_digits(end, ms / MS_A_MINUTE % 60, 2);
    *end++ = ':';
    end = put_digits(end, ms / MS_A_SECOND % 60, 2);
    *end++ = '.';
    end = put_digits(end, ms % MS_A_SECOND, 3);
    *end++ = 'Z';
    *end = '\0';
    return (size_t)(end - text);
}

/* Two digits below `limit`; -1 otherwise. */
static int take_two_digits(struct str *rest, int limit)
{
    if (rest->len < 2 || !is_digit(rest->ptr[0]) || !is_digit(rest->ptr[1])) {
        return -1;
    }
    int number = (rest->ptr[0] - '0') * 10 + (rest->ptr[1] - '0');
    *rest = str_slice(*rest, 2, rest->len);
    return number < limit ? number : -1;
}

/* Digits after the point, of which three count. */
static bool take_fraction_ms(struct str *rest, int64_t *ms)
{
    size_t count = 0;
    int64_t weight = 100;
    while (count < rest->len && is_digit(rest->ptr[count])) {
        *ms += (rest->ptr[count] - '0') * weight;
        weight /= 10;
        count++;
    }
    *rest = str_slice(*rest, count, rest->len);
    return count > 0;
}

/* "12:34", "12:34:56", "12:34:56.789" */
static bool take_time_of_day(struct str *rest, int64_t *ret_ms)
{
    int hour = take_two_digits(rest, 24);
    if (hour < 0 || !str_take(rest, STR(":"))) {
        return false;
    }
    int minute = take_two_digits(rest, 60);
    if (minute < 0) {
        return false;
    }
    int64_t ms = (hour * 60 + minute) * MS_A_MINUTE;
    if (str_take(rest, STR(":"))) {
        int second = take_two_digits(rest, 60);
        if (second < 0) {
            return false;
        }
        ms += second * MS_A_SECOND;
        if (str_take(rest, STR(".")) && !take_fraction_ms(rest, &ms)) {
            return false;
        }
    }
    *ret_ms = ms;
    return true;
}

/* "Z", "+09:00", "+0900", "+09" */
static bool take_offset(struct str *rest, int64_t *ret_ms)
{
    if (str_take(rest, STR("Z"))) {
        *ret_ms = 0;
        return true;
    }
    bool negative = str_take(rest, STR("-"));
    if (!negative && !str_take(rest, STR("+"))) {
        return false;
    }
    int hour = take_two_digits(rest, 24);
    int minute = 0;
    if (str_take(rest, STR(":")) || rest->len > 0) {
        minute = take_two_digits(rest, 60);
    }
    if (hour < 0 || minute < 0) {
        return false;
    }
    *ret_ms = (hour * 60 + minute) * (negative ? -MS_A_MINUTE : MS_A_MINUTE);
    return true;
}

bool time_parse(struct str text, int64_t *ret_time_ms)
{
    struct date date;
    int64_t time_of_day;
    int64_t offset;
    struct str rest = str_slice(text, 10, text.len);
    if (!date_parse(str_slice(text, 0, 10), &date) || date.day == 0 || !str_take(&rest, STR("T"))) {
        return false;
    }
    if (!take_time_of_day(&rest, &time_of_day) || !take_offset(&rest, &offset) || rest.len > 0) {
        return false;
    }
    int64_t time_ms = days_of(date) * MS_A_DAY + time_of_day - offset;
    if (time_ms != clamp_time(time_ms)) {
        return false;
    }
    *ret_time_ms = time_ms;
    return true;
}

/* ---- time zones ---- */

#define ZONE_MAX 64

/* A thread's calendar of the zone it asked for last: opening one takes longer than all the rest. */
struct zone_calendar {
    char zone[ZONE_MAX];
    UCalendar *calendar;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t calendar_key;

static void free_calendar(void *data)
{
    struct zone_calendar *cached = data;
    if (cached->calendar) {
        ucal_close(cached->calendar);
    }
    free(cached);
}

static void make_key(void)
{
    int result = pthread_key_create(&calendar_key, free_calendar);
    assert(result == 0);
    (void)result;
}

static struct zone_calendar *cached_calendar(void)
{
    pthread_once(&once, make_key);
    struct zone_calendar *cached = pthread_getspecific(calendar_key);
    if (!cached) {
        cached = memory_alloc(sizeof(*cached));
        *cached = (struct zone_calendar){0};
        int result = pthread_setspecific(calendar_key, cached);
        assert(result == 0);
        (void)result;
    }
    return cached;
}

/* NULL when the zone is unknown. */
static UCalendar *calendar_of(struct str zone)
{
    struct zone_calendar *cached = cached_calendar();
    if (zone.len == 0 || zone.len >= ZONE_MAX) {
        return NULL;
    }
    if (cached->calendar && str_eq(str_from_cstr(cached->zone), zone)) {
        return cached->calendar;
    }
    UChar id[ZONE_MAX];
    for (size_t i = 0; i < zone.len; i++) {
        id[i] = (UChar)(unsigned char)zone.ptr[i];
    }
    UErrorCode status = U_ZERO_ERROR;
    UCalendar *calendar = ucal_open(id, (int32_t)zone.len, "", UCAL_GREGORIAN, &status);
    if (U_FAILURE(status)) {
        return NULL;
    }
    if (cached->calendar) {
        ucal_close(cached->calendar);
    }
    cached->calendar = calendar;
    memcpy(cached->zone, zone.ptr, zone.len);
    cached->zone[zone.len] = '\0';
    return calendar;
}

/* What is added to UTC there and then. ICU itself takes an unknown name for UTC. */
static int64_t zone_offset_ms(int64_t time_ms, struct str zone)
{
    UCalendar *calendar = calendar_of(zone);
    if (!calendar) {
        return 0;
    }
    UErrorCode status = U_ZERO_ERROR;
    ucal_setMillis(calendar, (UDate)time_ms, &status);
    int64_t offset =
        (int64_t)ucal_get(calendar, UCAL_ZONE_OFFSET, &status) + ucal_get(calendar, UCAL_DST_OFFSET, &status);
    return U_FAILURE(status) ? 0 : offset;
}

struct date date_in_zone(int64_t time_ms, struct str zone)
{
    time_ms = clamp_time(time_ms);
    return date_of_days(floor_div(clamp_time(time_ms + zone_offset_ms(time_ms, zone)), MS_A_DAY));
}

int64_t time_in_zone(struct date day, int minute, struct str zone)
{
    int64_t local_ms = days_of(day) * MS_A_DAY + (int64_t)minute * 60000;
    /* The offset there and then is that at a moment which is known only with it: the first guess is off by at most the
     * offset, the second by what the clocks change in that time. */
    int64_t guess_ms = local_ms - zone_offset_ms(local_ms, zone);
    return clamp_time(local_ms - zone_offset_ms(guess_ms, zone));
}
