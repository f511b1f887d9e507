/* Dates as people in Japan write them. The text is brought to NFKC first, so that full-width digits, letters and signs and
 * the single-character eras (U+337B … U+32FF) need no cases of their own. Then:
 *
 *   date   := year [ "年" [ month "月" [ day "日" ] ] ]
 *           | year sign month [ sign day ]          with the same sign twice: "/", "." or "-"
 *   year   := four digits | era ( "元" | one or two digits )
 *   era    := 明治 大正 昭和 平成 令和, or their letters M T S H R
 *
 * White space may stand between any two parts. */
#include "base/date.h"

#include "base/arena.h"
#include "base/digits.h"
#include "base/text.h"

/* Longer texts are no dates; it also bounds the work. */
#define TEXT_MAX_BYTES 128

struct era {
    struct str name;
    char letter;
    struct date first; /* day on which it began */
    struct date last;
};

/* The eras' days as in the edicts and cabinet orders on them. Taisho and Showa began on the day on which the era before
 * ended, so that day belongs to both. */
static const struct era eras[] = {
    {{"明治", 6}, 'M', {1868, 1, 25}, {1912, 7, 30}}, {{"大正", 6}, 'T', {1912, 7, 30}, {1926, 12, 25}},
    {{"昭和", 6}, 'S', {1926, 12, 25}, {1989, 1, 7}}, {{"平成", 6}, 'H', {1989, 1, 8}, {2019, 4, 30}},
    {{"令和", 6}, 'R', {2019, 5, 1}, {9999, 12, 31}},
};

/* Until 2 December of Meiji 5 the lunisolar calendar was in use: months and days of then are not ours. */
#define FIRST_GREGORIAN_YEAR 1873

static void skip_space(struct str *rest)
{
    size_t at = 0;
    while (at < rest->len && (rest->ptr[at] == ' ' || (rest->ptr[at] >= '\t' && rest->ptr[at] <= '\r'))) {
        at++;
    }
    *rest = str_slice(*rest, at, rest->len);
}

static bool take(struct str *rest, struct str what)
{
    skip_space(rest);
    return str_take(rest, what);
}

/* A number of min to max digits, not followed by another digit; 0 or more, or -1. */
static int take_number(struct str *rest, size_t min, size_t max)
{
    skip_space(rest);
    int number = 0;
    size_t count = 0;
    while (count < rest->len && is_digit(rest->ptr[count])) {
        if (count == max) {
            return -1;
        }
        number = number * 10 + (rest->ptr[count] - '0');
        count++;
    }
    if (count < min) {
        return -1;
    }
    *rest = str_slice(*rest, count, rest->len);
    return number;
}

static const struct era *take_era(struct str *rest)
{
    for (size_t i = 0; i < sizeof(eras) / sizeof(eras[0]); i++) {
        if (take(rest, eras[i].name)) {
            return &eras[i];
        }
        if (rest->len > 0 && (rest->ptr[0] == eras[i].letter || rest->ptr[0] == eras[i].letter - 'A' + 'a')) {
            *rest = str_slice(*rest, 1, rest->len);
            return &eras[i];
        }
    }
    return NULL;
}

/* Sets *ret_era to NULL for a year of the common era. */
static bool take_year(struct str *rest, const struct era **ret_era, int *ret_year)
{
    const struct era *era = take_era(rest);
    *ret_era = era;
    if (!era) {
        *ret_year = take_number(rest, 4, 4);
        return *ret_year > 0;
    }
    int number = take(rest, STR("元")) ? 1 : take_number(rest, 1, 2);
    *ret_year = era->first.year + number - 1;
    return number > 0;
}

/* After the year, in words; what is not there stays 0. */
static bool take_month_and_day_in_words(struct str *rest, struct date *date)
{
    skip_space(rest);
    if (rest->len == 0) {
        return true;
    }
    date->month = take_number(rest, 1, 2);
    if (date->month < 1 || !take(rest, STR("月"))) {
        return false;
    }
    skip_space(rest);
    if (rest->len == 0) {
        return true;
    }
    date->day = take_number(rest, 1, 2);
    return date->day >= 1 && take(rest, STR("日"));
}

/* After the year, at a sign. */
static bool take_month_and_day_after_signs(struct str *rest, struct date *date)
{
    struct str sign = str_slice(*rest, 0, 1);
    if (!str_eq(sign, STR("/")) && !str_eq(sign, STR(".")) && !str_eq(sign, STR("-"))) {
        return false;
    }
    take(rest, sign);
    date->month = take_number(rest, 1, 2);
    if (date->month < 1) {
        return false;
    }
    if (!take(rest, sign)) {
        return true;
    }
    date->day = take_number(rest, 1, 2);
    return date->day >= 1;
}

static bool is_in_era(const struct era *era, struct date date)
{
    if (date.month > 0 && date.year < FIRST_GREGORIAN_YEAR) {
        return false;
    }
    return date_cmp(date_last_day(date), era->first) >= 0 && date_cmp(date_first_day(date), era->last) <= 0;
}

static bool parse_normalised(struct str text, struct date *ret_date)
{
    struct date date = {0};
    const struct era *era;
    if (!take_year(&text, &era, &date.year)) {
        return false;
    }
    skip_space(&text);
    if (text.len > 0) {
        bool taken = take(&text, STR("年")) ? take_month_and_day_in_words(&text, &date)
                                            : take_month_and_day_after_signs(&text, &date);
        skip_space(&text);
        if (!taken || text.len > 0) {
            return false;
        }
    }
    if (!date_is_valid(date) || (era && !is_in_era(era, date))) {
        return false;
    }
    *ret_date = date;
    return true;
}

bool date_parse_loosely(struct str text, struct date *ret_date)
{
    text = str_trim(text);
    if (date_parse(text, ret_date)) {
        return true;
    }
    if (text.len > TEXT_MAX_BYTES || !str_is_utf8(text)) {
        return false;
    }
    ARENA_AUTO scratch;
    arena_init(&scratch, (size_t)64 * 1024);
    return parse_normalised(text_nfkc(&scratch, text), ret_date);
}
