#include "model/exchange.h"

#include "model/period.h"

#include <math.h>

#define DIGITS_MIN 2
#define DIGITS_MAX 3

/* ---- choosing ---- */

/* Days since some day long ago: the civil calendar's 400 years of 146,097 days, counted from a year that begins with March
 * (Howard Hinnant, chrono-Compatible Low-Level Date Algorithms). */
static int64_t day_number(struct date day)
{
    int64_t year = day.month <= 2 ? day.year - 1 : day.year;
    int64_t of_era = year % 400;
    int64_t month = (day.month + 9) % 12;
    int64_t of_year = (153 * month + 2) / 5 + day.day - 1;

    return year / 400 * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year;
}

struct span {
    int64_t first, last;
};

static struct span span_of(struct date first, struct date last)
{
    return (struct span){day_number(date_first_day(first)), day_number(date_last_day(last))};
}

/* In common; negative when they do not meet. */
static int64_t days_in_common(struct span a, struct span b)
{
    int64_t first = a.first > b.first ? a.first : b.first;
    int64_t last = a.last < b.last ? a.last : b.last;

    return last - first + 1;
}

static bool is_between(const struct exchange_rate *rate, struct str from, struct str to, bool *ret_divide)
{
    *ret_divide = str_eq(rate->quote, from) && str_eq(rate->base, to);
    return *ret_divide || (str_eq(rate->base, from) && str_eq(rate->quote, to));
}

/* Whether a rate over `mine` serves better than one over `best`. */
static bool is_better(struct span mine, struct span best, struct span wanted)
{
    int64_t common = days_in_common(mine, wanted), best_common = days_in_common(best, wanted);

    if (common <= 0 && best_common <= 0) {
        return mine.last != best.last ? mine.last > best.last : mine.first > best.first;
    }
    if (common != best_common) {
        return common > best_common;
    }
    if (mine.last - mine.first != best.last - best.first) {
        return mine.last - mine.first < best.last - best.first;
    }
    return mine.last > best.last;
}

bool exchange_find(const struct exchange_rates *rates, struct str from, struct str to, struct date first,
                   struct date last, struct exchange *ret_exchange)
{
    struct span wanted = span_of(first, last), best = {0};
    struct exchange found = {0};

    for (size_t i = 0; i < rates->count; i++) {
        const struct exchange_rate *rate = &rates->items[i];
        struct span mine = span_of(rate->from, rate->to);
        bool divide = false;
        if (!is_between(rate, from, to, &divide) || mine.first > wanted.last) {
            continue;
        }
        if (found.rate == NULL || is_better(mine, best, wanted)) {
            found = (struct exchange){.rate = rate, .divide = divide, .covers = days_in_common(mine, wanted) > 0};
            best = mine;
        }
    }
    if (found.rate == NULL) {
        return false;
    }
    *ret_exchange = found;
    return true;
}

double exchange_amount(const struct exchange *exchange, double amount)
{
    return exchange->divide ? amount / exchange->rate->rate : amount * exchange->rate->rate;
}

/* ---- figures ---- */

static const struct value *number_of(const struct value *figure, struct str name)
{
    const struct value *value = value_get(figure, name);

    return value != NULL && value->kind == VALUE_NUMBER ? value : NULL;
}

/* The power of ten of a number's first digit. */
static int magnitude(double number)
{
    return number == 0 ? 0 : (int)floor(log10(fabs(number)) + 1e-12);
}

/* How many digits a figure's author stood for. */
static int significant_digits(const struct value *figure, double amount)
{
    const struct value *precision = number_of(figure, STR("precision"));
    int64_t power = 0;
    int digits = DIGITS_MAX;

    if (precision != NULL && decimal_to_int64(precision->number, &power) && power > -19 && power < 19) {
        digits = magnitude(amount) - (int)power + 1;
    }
    return digits < DIGITS_MIN ? DIGITS_MIN : digits > DIGITS_MAX ? DIGITS_MAX : digits;
}

/* number rounded to that power of ten. */
static bool round_to(double number, int power, struct decimal *ret_decimal)
{
    double steps = round(number / pow(10, power));

    return decimal_from_double(steps, ret_decimal) && decimal_shift(*ret_decimal, power, ret_decimal);
}

static bool set_converted(const struct exchange *exchange, const struct value *figure, struct str name, int power,
                          struct arena *arena, struct value *view)
{
    const struct value *value = number_of(figure, name);
    struct decimal number;

    if (value == NULL) {
        return true;
    }
    if (!round_to(exchange_amount(exchange, decimal_to_double(value->number)), power, &number)) {
        return false;
    }
    value_set(arena, view, name, value_number(arena, number));
    return true;
}

struct value *exchange_figure(const struct exchange *exchange, const struct value *figure, struct str to,
                              struct arena *arena)
{
    static const struct str numbers[] = {STR("value"), STR("low"), STR("high")};
    const struct value *measure = NULL; /* the smallest: its digits must not vanish */
    struct str qualifier = value_get_text(figure, STR("qualifier"));
    struct value *view = value_object(arena);
    double amount = 0;
    int power = 0;

    for (size_t i = 0; measure == NULL && i < 3; i++) {
        measure = number_of(figure, numbers[i]);
    }
    if (measure == NULL) {
        return NULL;
    }
    amount = decimal_to_double(measure->number);
    power = magnitude(exchange_amount(exchange, amount)) - significant_digits(figure, amount) + 1;
    for (size_t i = 0; i < 3; i++) {
        if (!set_converted(exchange, figure, numbers[i], power, arena, view)) {
            return NULL;
        }
    }
    value_set_text(arena, view, STR("qualifier"), str_starts_with(qualifier, STR("at-")) ? qualifier : STR("about"));
    if (value_get_bool(figure, STR("estimated"))) {
        value_set(arena, view, STR("estimated"), value_bool(arena, true));
    }
    value_set(arena, view, STR("unit"), (struct value *)value_get(figure, STR("unit")));
    value_set_text(arena, view, STR("currency"), to);
    value_set(arena, view, STR("precision"), value_int(arena, power));
    return view;
}

/* ---- days ---- */

/* A period that has begun. */
static bool begun(struct str period, struct date today, struct date *ret_first, struct date *ret_last)
{
    struct date first, last;

    if (!period_days(period, &first, &last) || date_cmp(first, today) > 0) {
        return false;
    }
    *ret_first = first;
    *ret_last = last;
    return true;
}

static bool of_figures(const struct reg *reg, const struct value *record, struct date today, struct date *ret_first,
                       struct date *ret_last)
{
    bool found = false;

    for (size_t i = 0; i < reg->field_count; i++) {
        const struct field *field = &reg->fields[i];
        struct date first, last;
        if (field->type == FIELD_FIGURE &&
            begun(value_get_text(value_get(record, field->name), STR("period")), today, &first, &last) &&
            (!found || date_cmp(first, *ret_first) < 0)) {
            *ret_first = first;
            *ret_last = last;
            found = true;
        }
    }
    return found;
}

bool exchange_days(const struct reg *reg, const struct value *record, const struct value *figure, struct date today,
                   struct date *ret_first, struct date *ret_last)
{
    if (begun(value_get_text(figure, STR("period")), today, ret_first, ret_last) ||
        of_figures(reg, record, today, ret_first, ret_last)) {
        return true;
    }
    for (size_t i = 0; i < reg->field_count; i++) {
        if (reg->fields[i].type == FIELD_DATE &&
            begun(value_get_text(record, reg->fields[i].name), today, ret_first, ret_last)) {
            return true;
        }
    }
    return begun(value_get_text(record, STR("attested_on")), today, ret_first, ret_last) ||
           begun(value_get_text(record, STR("from")), today, ret_first, ret_last);
}
