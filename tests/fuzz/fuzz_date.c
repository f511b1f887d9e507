/* Dates and times: what is read is valid, and what is written of it reads as the same. */
#include "fuzz.h"

#include "base/date.h"

#include <string.h>

static void try_date(struct date date)
{
    char text[DATE_TEXT_MAX];
    struct date again;
    assert(date_is_set(date) && date_is_valid(date));
    size_t len = date_format(date, text);
    assert(len < DATE_TEXT_MAX && text[len] == '\0');
    bool strictly = date_parse(str_make(text, len), &again);
    assert(strictly && date_cmp(date, again) == 0);
    bool loosely = date_parse_loosely(str_make(text, len), &again);
    assert(loosely && date_cmp(date, again) == 0);
    struct date first = date_first_day(date);
    struct date last = date_last_day(date);
    assert(date_is_valid(first) && date_is_valid(last) && first.day > 0 && last.day > 0);
    assert(date_cmp(date, first) <= 0 && date_cmp(first, last) <= 0);
}

static void try_time(int64_t time_ms)
{
    char text[TIME_TEXT_MAX];
    int64_t again;
    size_t len = time_format(time_ms, text);
    assert(len == TIME_TEXT_MAX - 1);
    bool read = time_parse(str_make(text, len), &again);
    assert(read && again == time_ms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_make((const char *)data, size);
    struct date date;
    struct date loose;
    int64_t time_ms;
    if (date_parse(text, &date)) {
        try_date(date);
        bool loosely = date_parse_loosely(text, &loose);
        assert(loosely && date_cmp(date, loose) == 0);
    }
    if (date_parse_loosely(text, &loose)) {
        try_date(loose);
    }
    if (time_parse(text, &time_ms)) {
        try_time(time_ms);
    }
    if (size >= sizeof(time_ms)) {
        memcpy(&time_ms, data, sizeof(time_ms));
        struct str zone = str_slice(text, sizeof(time_ms), size);
        assert(date_is_valid(date_in_zone(time_ms, zone)));
    }
    return 0;
}
