#include "base/intl.h"

#include "base/memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/ucurr.h>
#include <unicode/udat.h>
#include <unicode/unumberformatter.h>
#include <unicode/unumberrangeformatter.h>
#include <unicode/ustring.h>

#define MIN_FRACTION_MAX 9
#define TEXT_UNITS_MAX 256

/* What ICU has no name for: which regional form of a language is meant and at which powers of ten it has words. */
struct language {
    const char *code;
    const char *locale;
    int magnitude_step;  /* 兆, 億 and 万 are four digits apart, trillion, billion and million three */
    int first_magnitude; /* the smallest one used: ten thousand, a million */
};

static const struct language languages[] = {
    {"ja", "ja_JP", 4, 4},
    {"en", "en_GB", 3, 6},
};
#define LANGUAGES (sizeof languages / sizeof languages[0])

enum style { STYLE_PLAIN, STYLE_INTEGER, STYLE_COMPACT, STYLE_COUNT };
enum date_style { DATE_DAY, DATE_MONTH, DATE_YEAR, DATE_TIME, DATE_STYLE_COUNT };

#define FORMATTED_BITS 6 /* of the number of dates that are kept */

/* A date as it was written last time. */
struct formatted {
    int64_t time_ms;
    size_t l;
    enum date_style style;
    uint8_t length, zone_length; /* length 0: none */
    char text[47], zone[32];
};

/* Opened when first used and closed with the thread. */
struct formatters {
    UNumberFormatter *numbers[LANGUAGES][STYLE_COUNT][MIN_FRACTION_MAX + 1];
    UNumberRangeFormatter *ranges[LANGUAGES][STYLE_COUNT][MIN_FRACTION_MAX + 1];
    UDateFormat *dates[LANGUAGES][DATE_STYLE_COUNT];
    UFormattedNumber *number_result;
    UFormattedNumberRange *range_result;
    struct formatted formatted[1 << FORMATTED_BITS];
};

static pthread_once_t formatters_once = PTHREAD_ONCE_INIT;
static pthread_key_t formatters_key;

static void formatters_free(void *data)
{
    struct formatters *f = data;

    for (size_t l = 0; l < LANGUAGES; l++) {
        for (int s = 0; s < STYLE_COUNT; s++) {
            for (int digits = 0; digits <= MIN_FRACTION_MAX; digits++) {
                unumf_close(f->numbers[l][s][digits]);
                unumrf_close(f->ranges[l][s][digits]);
            }
        }
        for (int s = 0; s < DATE_STYLE_COUNT; s++) {
            udat_close(f->dates[l][s]);
        }
    }
    unumf_closeResult(f->number_result);
    unumrf_closeResult(f->range_result);
    free(f);
}

static void formatters_make_key(void)
{
    if (pthread_key_create(&formatters_key, formatters_free) != 0) {
        memory_die("no key for the formatters of a thread");
    }
}

static struct formatters *formatters_of_thread(void)
{
    struct formatters *f;

    pthread_once(&formatters_once, formatters_make_key);
    f = pthread_getspecific(formatters_key);
    if (f == NULL) {
        UErrorCode status = U_ZERO_ERROR;
        f = memory_alloc(sizeof *f);
        memset(f, 0, sizeof *f);
        f->number_result = unumf_openResult(&status);
        f->range_result = unumrf_openResult(&status);
        if (U_FAILURE(status) || pthread_setspecific(formatters_key, f) != 0) {
            memory_die("no formatters for a thread");
        }
    }
    return f;
}

/* The last one stands for every language that is not in the table. */
static size_t language_index(struct str lang)
{
    size_t i = 0;

    while (i + 1 < LANGUAGES && !str_eq(lang, str_from_cstr(languages[i].code))) {
        i++;
    }
    return i;
}

static struct str text_from_units(struct arena *arena, const UChar *units, int32_t count)
{
    UErrorCode status = U_ZERO_ERROR;
    int32_t length = 0;
    size_t room = (size_t)count * 3 + 1;
    char *text = arena_alloc(arena, room);

    u_strToUTF8(text, (int32_t)room, &length, units, count, &status);
    return U_FAILURE(status) ? STR("") : str_make(text, (size_t)length);
}

/* ---- numbers ---- */

/* ICU's number skeleton: ".00*" is at least two digits after the point and no rounding, ",!" groups every number, ",?" from
 * five digits on. */
static int32_t number_skeleton(enum style style, int min_fraction, UChar *skeleton)
{
    static const char *const heads[STYLE_COUNT] = {",! ", ",? ", "compact-long ,! "};
    char text[64];
    size_t length = strlen(heads[style]);
    int32_t units = 0;

    memcpy(text, heads[style], length);
    text[length++] = '.';
    for (int i = 0; i < min_fraction; i++) {
        text[length++] = '0';
    }
    text[length++] = min_fraction == 0 ? '+' : '*';
    u_charsToUChars(text, skeleton, (int32_t)length);
    units = (int32_t)length;
    return units;
}

static const UNumberFormatter *number_formatter(struct formatters *f, size_t l, enum style style, int min_fraction)
{
    UNumberFormatter **slot = &f->numbers[l][style][min_fraction];

    if (*slot == NULL) {
        UErrorCode status = U_ZERO_ERROR;
        UChar skeleton[64];
        int32_t length = number_skeleton(style, min_fraction, skeleton);
        *slot = unumf_openForSkeletonAndLocale(skeleton, length, languages[l].locale, &status);
        if (U_FAILURE(status)) {
            unumf_close(*slot);
            *slot = NULL;
        }
    }
    return *slot;
}

static const UNumberRangeFormatter *range_formatter(struct formatters *f, size_t l, enum style style, int min_fraction)
{
    UNumberRangeFormatter **slot = &f->ranges[l][style][min_fraction];

    if (*slot == NULL) {
        UErrorCode status = U_ZERO_ERROR;
        UChar skeleton[64];
        int32_t length = number_skeleton(style, min_fraction, skeleton);
        *slot = unumrf_openForSkeletonWithCollapseAndIdentityFallback(skeleton, length, UNUM_RANGE_COLLAPSE_AUTO,
                                                                      UNUM_IDENTITY_FALLBACK_SINGLE_VALUE,
                                                                      languages[l].locale, NULL, &status);
        if (U_FAILURE(status)) {
            unumrf_close(*slot);
            *slot = NULL;
        }
    }
    return *slot;
}

/* As plain digits when ICU fails: a page without its grouping is better than none. */
static struct str format_number(struct arena *arena, size_t l, enum style style, int min_fraction,
                                struct decimal number)
{
    struct formatters *f = formatters_of_thread();
    const UNumberFormatter *formatter = number_formatter(f, l, style, min_fraction);
    char digits[DECIMAL_TEXT_MAX];
    size_t length = decimal_format(number, digits);
    UErrorCode status = U_ZERO_ERROR;
    UChar units[TEXT_UNITS_MAX];
    int32_t count = 0;

    if (formatter != NULL) {
        unumf_formatDecimal(formatter, digits, (int32_t)length, f->number_result, &status);
        count = unumf_resultToString(f->number_result, units, TEXT_UNITS_MAX, &status);
    }
    if (formatter == NULL || U_FAILURE(status)) {
        return arena_copy(arena, str_make(digits, length));
    }
    return text_from_units(arena, units, count);
}

/* Japanese writes 20億～30億 without the blanks that ICU puts around the wave. */
static struct str tighten_wave(struct arena *arena, struct str text)
{
    struct str wide = STR(" ～ ");
    size_t at = str_find(text, wide);

    if (at == SIZE_MAX) {
        return text;
    }
    return arena_concat(arena, 3, str_slice(text, 0, at), STR("～"), str_slice(text, at + wide.len, text.len));
}

static struct str format_range(struct arena *arena, size_t l, enum style style, int min_fraction, struct decimal low,
                               struct decimal high)
{
    struct formatters *f = formatters_of_thread();
    const UNumberRangeFormatter *formatter = range_formatter(f, l, style, min_fraction);
    char first[DECIMAL_TEXT_MAX];
    char second[DECIMAL_TEXT_MAX];
    size_t first_length = decimal_format(low, first);
    size_t second_length = decimal_format(high, second);
    UErrorCode status = U_ZERO_ERROR;
    const UChar *units = NULL;
    int32_t count = 0;

    if (formatter != NULL) {
        unumrf_formatDecimalRange(formatter, first, (int32_t)first_length, second, (int32_t)second_length,
                                  f->range_result, &status);
        units = ufmtval_getString(unumrf_resultAsValue(f->range_result, &status), &count, &status);
    }
    if (formatter == NULL || U_FAILURE(status)) {
        return arena_format(arena, "%.*s–%.*s", (int)first_length, first, (int)second_length, second);
    }
    return tighten_wave(arena, text_from_units(arena, units, count));
}

static int limit_fraction(int min_fraction)
{
    if (min_fraction < 0) {
        return 0;
    }
    return min_fraction > MIN_FRACTION_MAX ? MIN_FRACTION_MAX : min_fraction;
}

struct str intl_number(struct arena *arena, struct str lang, struct decimal number, int min_fraction)
{
    return format_number(arena, language_index(lang), STYLE_PLAIN, limit_fraction(min_fraction), number);
}

struct str intl_integer(struct arena *arena, struct str lang, int64_t number)
{
    return format_number(arena, language_index(lang), STYLE_INTEGER, 0, decimal_from_int64(number));
}

/* Power of ten of the leading digit; 0 for 0. */
static int leading_power(struct decimal number)
{
    int64_t mantissa = number.mantissa;
    int power = -number.scale;

    while (mantissa / 10 != 0) {
        mantissa /= 10;
        power++;
    }
    return number.mantissa == 0 ? 0 : power;
}

/* The power of ten that the language's word for this magnitude stands for; 0 when the number is better shown in digits. */
static int magnitude_of(const struct language *language, struct decimal number)
{
    int power = leading_power(number);
    int magnitude = power - power % language->magnitude_step;
    struct decimal shifted;

    if (power < language->first_magnitude || !decimal_shift(number, -magnitude, &shifted) || shifted.scale > 3) {
        return 0;
    }
    return magnitude;
}

struct str intl_amount(struct arena *arena, struct str lang, struct intl_amount amount)
{
    size_t l = language_index(lang);
    int low = magnitude_of(&languages[l], amount.low);
    int high = magnitude_of(&languages[l], amount.high);
    bool compact = high > 0 && (low > 0 || amount.low.mantissa == 0);
    enum style style = compact ? STYLE_COMPACT : STYLE_PLAIN;
    int fraction = amount.has_precision ? limit_fraction((compact ? high : 0) - amount.precision) : 0;

    if (compact && fraction > 3) {
        style = STYLE_PLAIN;
        fraction = limit_fraction(-amount.precision);
    }
    if (decimal_cmp(amount.low, amount.high) == 0) {
        return format_number(arena, l, style, fraction, amount.high);
    }
    return format_range(arena, l, style, fraction, amount.low, amount.high);
}

struct str intl_currency(struct arena *arena, struct str lang, struct str code)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar units[4] = {0};
    int32_t count = 0;
    const UChar *name;

    if (code.len != 3) {
        return code;
    }
    u_charsToUChars(code.ptr, units, 3);
    name = ucurr_getPluralName(units, languages[language_index(lang)].locale, NULL, "other", &count, &status);
    return U_FAILURE(status) ? code : text_from_units(arena, name, count);
}

/* ---- dates ---- */

/* Patterns of each language's own (Unicode TR 35), because ICU's medium forms abbreviate. */
static const char *const date_patterns[LANGUAGES][DATE_STYLE_COUNT] = {
    {"y\\u5E74M\\u6708d\\u65E5", "y\\u5E74M\\u6708", "y\\u5E74", "y\\u5E74M\\u6708d\\u65E5 HH:mm"},
    {"d MMMM y", "MMMM y", "y", "d MMMM y, HH:mm"},
};

static UDateFormat *date_formatter(struct formatters *f, size_t l, enum date_style style)
{
    UDateFormat **slot = &f->dates[l][style];

    if (*slot == NULL) {
        UErrorCode status = U_ZERO_ERROR;
        UChar pattern[64];
        int32_t length = u_unescape(date_patterns[l][style], pattern, 64);
        *slot = udat_open(UDAT_PATTERN, UDAT_PATTERN, languages[l].locale, u"UTC", -1, pattern, length, &status);
        if (U_FAILURE(status)) {
            udat_close(*slot);
            *slot = NULL;
        } else {
            /* ICU begins with Julian dates before 1582; ours are Gregorian throughout. */
            ucal_setGregorianChange((UCalendar *)udat_getCalendar(*slot), -1e18, &status);
        }
    }
    return *slot;
}

/* ICU takes 25,000 instructions for a date, and the same few dates come again and again. */
static struct formatted *date_place(struct formatters *f, size_t l, enum date_style style, double time_ms,
                                    struct str zone)
{
    uint64_t hash = str_hash(zone) + (uint64_t)(int64_t)time_ms * UINT64_C(0x9E3779B97F4A7C15) +
                    (l * DATE_STYLE_COUNT + (uint64_t)style) * UINT64_C(0xBF58476D1CE4E5B9);

    return &f->formatted[(hash ^ hash >> 32) * UINT64_C(0x94D049BB133111EB) >> (64 - FORMATTED_BITS)];
}

static struct str make_date(struct arena *arena, size_t l, enum date_style style, double time_ms, struct str zone)
{
    UDateFormat *formatter = date_formatter(formatters_of_thread(), l, style);
    UErrorCode status = U_ZERO_ERROR;
    UChar units[TEXT_UNITS_MAX];
    UChar zone_units[64];
    int32_t zone_length = 0;
    int32_t count;

    if (formatter == NULL) {
        return STR("");
    }
    u_strFromUTF8(zone_units, 64, &zone_length, zone.ptr, (int32_t)zone.len, &status);
    ucal_setTimeZone((UCalendar *)udat_getCalendar(formatter), zone_units, zone_length, &status);
    count = udat_format(formatter, time_ms, units, TEXT_UNITS_MAX, NULL, &status);
    return U_FAILURE(status) ? STR("") : text_from_units(arena, units, count);
}

static struct str format_date(struct arena *arena, size_t l, enum date_style style, double time_ms, struct str zone)
{
    struct formatted *kept = date_place(formatters_of_thread(), l, style, time_ms, zone);
    struct str text;

    if (kept->length > 0 && kept->l == l && kept->style == style && kept->time_ms == (int64_t)time_ms &&
        str_eq(str_make(kept->zone, kept->zone_length), zone)) {
        return arena_copy(arena, str_make(kept->text, kept->length));
    }
    text = make_date(arena, l, style, time_ms, zone);
    kept->length = 0;
    if (text.len <= sizeof kept->text && zone.len <= sizeof kept->zone) {
        *kept = (struct formatted){.l = l, .style = style, .time_ms = (int64_t)time_ms};
        memcpy(kept->text, text.ptr, text.len);
        memcpy(kept->zone, zone.ptr, zone.len);
        kept->length = (uint8_t)text.len;
        kept->zone_length = (uint8_t)zone.len;
    }
    return text;
}

struct str intl_date(struct arena *arena, struct str lang, struct date date)
{
    struct date day = date_first_day(date);
    char text[DATE_TEXT_MAX];
    enum date_style style = date.day != 0 ? DATE_DAY : date.month != 0 ? DATE_MONTH : DATE_YEAR;
    int64_t time_ms = 0;
    size_t length;

    if (!date_is_set(date)) {
        return STR("");
    }
    length = date_format(day, text);
    if (!time_parse(arena_format(arena, "%.*sT00:00:00Z", (int)length, text), &time_ms)) {
        return arena_copy(arena, str_make(text, length));
    }
    return format_date(arena, language_index(lang), style, (double)time_ms, STR("UTC"));
}

struct str intl_time(struct arena *arena, struct str lang, int64_t time_ms, struct str zone)
{
    return format_date(arena, language_index(lang), DATE_TIME, (double)time_ms, zone.len == 0 ? STR("UTC") : zone);
}
