/* Dates of day, month or year precision, in the proleptic Gregorian calendar. */
#ifndef MUSUBI_BASE_DATE_H
#define MUSUBI_BASE_DATE_H

#include "base/err.h"
#include "base/str.h"

#include <stdint.h>

struct date {
    int year;  /* 1 … 9999; 0: no date */
    int month; /* 1 … 12; 0: only the year is known */
    int day;   /* 1 … 31; 0: only year and month are known */
};

#define DATE_TEXT_MAX 11 /* "2022-02-21" and NUL */

bool date_is_set(struct date date);
/* A real day (or month, or year) within 0001 … 9999. */
bool date_is_valid(struct date date);
/* ISO 8601: "2022", "2022-02", "2022-02-21"; nothing else. */
bool date_parse(struct str text, struct date *ret_date);
/* As people in Japan write it as well: 2022年2月21日, 2022/2/21, 2022.2.21, 令和4年2月21日, 令和元年, R4.2.21, H31/4/30, with
 * full-width digits and white space around and between. Eras: Meiji, Taisho, Showa, Heisei, Reiwa, in words or by their
 * letter; a day outside its era is refused, and so are month and day before Meiji 6 (1873), which another calendar
 * counted. The grammar stands in date_loose.c. */
bool date_parse_loosely(struct str text, struct date *ret_date);
/* As date_parse reads it; empty when the date is not valid. Returns the length. */
size_t date_format(struct date date, char text[DATE_TEXT_MAX]);
/* First and last day of what the date covers. */
struct date date_first_day(struct date date);
struct date date_last_day(struct date date);
/* By first day; a less precise date comes before a more precise one with the same first day. One that is not set comes
 * first. */
int date_cmp(struct date a, struct date b);
int date_days_in_month(int year, int month);

/* Now, in milliseconds since 1970-01-01T00:00:00Z. Tests may fix it with MUSUBI_NOW, as time_parse reads it; anything else
 * is ignored. */
int64_t time_now_ms(void);
#define TIME_TEXT_MAX 25 /* "2022-02-21T12:34:56.789Z" and NUL */
/* Times outside the years 1 … 9999 are written as the first or last moment of these. Returns the length. */
size_t time_format(int64_t time_ms, char text[TIME_TEXT_MAX]);
/* ISO 8601 date and time with "Z" or an offset; seconds and fraction may be missing. */
bool time_parse(struct str text, int64_t *ret_time_ms);
/* The day it is at that time in an IANA time zone ("Europe/Paris"); an unknown zone counts as UTC. */
struct date date_in_zone(int64_t time_ms, struct str zone);
/* When a clock in that zone shows this minute of that whole day (0 … 1439). Of a time that comes twice or never because
 * clocks change, one within an hour of it. An unknown zone counts as UTC. */
int64_t time_in_zone(struct date day, int minute, struct str zone);

#endif
