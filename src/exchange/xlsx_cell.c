#include "exchange/xlsx_cell.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMN_LETTERS_MAX 3
#define RAW_MAX 64
#define SERIAL_FIRST 61.0     /* 1 March 1900 */
#define SERIAL_LAST 2958466.0 /* the day after 9999-12-31 */
#define DAYS_1904 1462        /* between the two beginnings */
#define DAYS_TO_1899 693899   /* from 0000-03-01 to 1899-12-30 */
#define SECONDS_A_DAY 86400

enum xlsx_format xlsx_format_built_in(int64_t id)
{
    if ((id >= 14 && id <= 17) || (id >= 27 && id <= 31) || id == 36 || (id >= 50 && id <= 58)) {
        return XLSX_DATE;
    }
    if (id == 22) {
        return XLSX_DATE_TIME;
    }
    if ((id >= 18 && id <= 21) || (id >= 32 && id <= 35) || (id >= 45 && id <= 47)) {
        return XLSX_TIME;
    }
    return XLSX_NUMBER;
}

/* Takes literal text ("…", \x, _x, *x) and conditions or locales ([…]) off the front; false when a letter of the code stands there. */
static bool skip_literal(struct str *rest)
{
    char first = rest->ptr[0];
    size_t used = 0;
    if (first == '"' || first == '[') {
        char end = first == '"' ? '"' : ']';
        used = 2 + str_find_byte(str_slice(*rest, 1, rest->len), end);
    } else if (first == '\\' || first == '_' || first == '*') {
        used = 2;
    }
    *rest = str_slice(*rest, used, rest->len);
    return used > 0;
}

/* What a letter of a format's code asks for. An e before a sign is an exponent; alone it is a year of an era. */
static void note_letter(struct str rest, bool *date, bool *time)
{
    char letter = (char)(rest.ptr[0] | 0x20);
    bool exponent = letter == 'e' && rest.len > 1 && (rest.ptr[1] == '+' || rest.ptr[1] == '-');
    *date = *date || (memchr("ydge", letter, 4) && !exponent);
    *time = *time || letter == 'h' || letter == 's';
}

enum xlsx_format xlsx_format_of_code(struct str code)
{
    bool date = false;
    bool time = false;
    struct str rest = code;
    if (str_eq(code, STR("General"))) {
        return XLSX_NUMBER;
    }
    while (rest.len > 0 && rest.ptr[0] != ';') {
        if (!skip_literal(&rest)) {
            note_letter(rest, &date, &time);
            rest = str_slice(rest, 1, rest.len);
        }
    }
    /* "mmm" alone: a month. */
    date = date || (!time && code.len > 0 && (code.ptr[0] | 0x20) == 'm');
    if (!date) {
        return time ? XLSX_TIME : XLSX_NUMBER;
    }
    return time ? XLSX_DATE_TIME : XLSX_DATE;
}

static struct str plain_number(struct arena *arena, double number)
{
    char text[RAW_MAX];
    snprintf(text, sizeof(text), "%.15g", number);
    const char *exponent = strchr(text, 'e');
    if (!exponent) {
        return arena_copy(arena, str_from_cstr(text));
    }
    int power = (int)strtol(exponent + 1, NULL, 10);
    if (power < -15 || power > 300) {
        return arena_copy(arena, str_from_cstr(text));
    }
    if (power > 0) {
        return arena_format(arena, "%.0f", number);
    }
    struct str long_text = arena_format(arena, "%.*f", 14 - power, number);
    while (long_text.len > 0 && long_text.ptr[long_text.len - 1] == '0') {
        long_text.len--;
    }
    return long_text;
}

/* Civil date of days since 0000-03-01 (Howard Hinnant's algorithm, chrono-compatible low-level date algorithms). */
static void civil(int64_t days, int *ret_year, int *ret_month, int *ret_day)
{
    int64_t era = days / 146097;
    int64_t of_era = days - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;
    *ret_day = (int)(of_year - (153 * month + 2) / 5 + 1);
    *ret_month = (int)(month < 10 ? month + 3 : month - 9);
    *ret_year = (int)(year + era * 400 + (*ret_month <= 2));
}

static struct str clock_text(struct arena *arena, int64_t seconds)
{
    return arena_format(arena, "%02d:%02d:%02d", (int)(seconds / 3600), (int)(seconds / 60 % 60), (int)(seconds % 60));
}

static struct str date_text(struct arena *arena, double serial, enum xlsx_format format)
{
    int year, month, day;
    double whole = floor(serial);
    int64_t seconds = llround((serial - whole) * SECONDS_A_DAY);
    if (seconds == SECONDS_A_DAY) {
        seconds = 0;
        whole += 1;
    }
    civil((int64_t)whole + DAYS_TO_1899, &year, &month, &day);
    struct str date = arena_format(arena, "%04d-%02d-%02d", year, month, day);
    return format == XLSX_DATE ? date : arena_concat(arena, 3, date, STR("T"), clock_text(arena, seconds));
}

struct str xlsx_number_text(struct arena *arena, struct str raw, enum xlsx_format format, bool since_1904)
{
    char text[RAW_MAX];
    char *end;
    if (raw.len == 0 || raw.len >= sizeof(text)) {
        return raw;
    }
    memcpy(text, raw.ptr, raw.len);
    text[raw.len] = '\0';
    double number = strtod(text, &end);
    if (*end != '\0' || !isfinite(number)) {
        return raw;
    }
    double serial = number + (since_1904 ? DAYS_1904 : 0);
    if (format == XLSX_TIME && number >= 0 && number < 1) {
        int64_t seconds = llround(number * SECONDS_A_DAY);
        return clock_text(arena, seconds == SECONDS_A_DAY ? 0 : seconds);
    }
    if (format != XLSX_NUMBER && format != XLSX_TIME && serial >= SERIAL_FIRST &&
        serial < SERIAL_LAST - 1.0 / SECONDS_A_DAY) {
        return date_text(arena, serial, format);
    }
    return plain_number(arena, number);
}

size_t xlsx_column(struct str reference)
{
    size_t column = 0;
    size_t letters = 0;
    while (letters < reference.len && letters < COLUMN_LETTERS_MAX + 1) {
        char letter = reference.ptr[letters];
        if (letter < 'A' || letter > 'Z') {
            break;
        }
        column = column * 26 + (size_t)(letter - 'A') + 1;
        letters++;
    }
    return letters == 0 || letters > COLUMN_LETTERS_MAX ? SIZE_MAX : column - 1;
}
