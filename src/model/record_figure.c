/* Figures in canonical form: a value or a range, with everything that was said about it. */
#include "base/date.h"
#include "model/names.h"
#include "model/record_check.h"

enum part {
    PART_VALUE,
    PART_LOW,
    PART_HIGH,
    PART_QUALIFIER,
    PART_ESTIMATED,
    PART_UNIT,
    PART_CURRENCY,
    PART_PERIOD,
    PART_PRECISION,
    PART_COUNT
};

static const struct str part_names[PART_COUNT] = {
    [PART_VALUE] = STR("value"),         [PART_LOW] = STR("low"),
    [PART_HIGH] = STR("high"),           [PART_QUALIFIER] = STR("qualifier"),
    [PART_ESTIMATED] = STR("estimated"), [PART_UNIT] = STR("unit"),
    [PART_CURRENCY] = STR("currency"),   [PART_PERIOD] = STR("period"),
    [PART_PRECISION] = STR("precision"),
};

#define POWER_MAX 18

struct figure {
    const struct check *check;
    const struct place *place;
    const struct field *field;
    const struct value *given[PART_COUNT]; /* NULL: not said */
    struct value *parts[PART_COUNT];       /* canonical; NULL: nothing */
};

static struct place part_place(const struct figure *figure, enum part part)
{
    return (struct place){.in = figure->place, .name = part_names[part]};
}

#define FIGURE_PROBLEM(figure, part, ...)                      \
    do {                                                       \
        struct place part_at = part_place((figure), (part));   \
        check_problem((figure)->check, &part_at, __VA_ARGS__); \
    } while (0)

static bool number_part(struct figure *figure, enum part part)
{
    const struct value *given = figure->given[part];
    if (!given) {
        return true;
    }
    if (given->kind != VALUE_NUMBER) {
        FIGURE_PROBLEM(figure, part, "is %s, must be a number", value_kind_words(given->kind));
        return false;
    }
    struct place place = part_place(figure, part);
    if (!check_within(figure->check, &place, figure->field, given->number)) {
        return false;
    }
    figure->parts[part] = value_number(figure->check->arena, given->number);
    return true;
}

/* A value, or low and high; a range whose ends are the same is a value. */
static bool numbers_check(struct figure *figure)
{
    if (!number_part(figure, PART_VALUE) || !number_part(figure, PART_LOW) || !number_part(figure, PART_HIGH)) {
        return false;
    }
    struct value *low = figure->parts[PART_LOW];
    struct value *high = figure->parts[PART_HIGH];
    bool one = figure->parts[PART_VALUE] && !low && !high;
    bool range = !figure->parts[PART_VALUE] && low && high;
    if (!one && !range) {
        check_problem(figure->check, figure->place,
                      "must have either \"value\", or \"low\" and \"high\"; one bound alone is a value with the "
                      "qualifier at-least or at-most");
        return false;
    }
    int order = range ? decimal_cmp(low->number, high->number) : 0;
    if (order > 0) {
        check_problem(figure->check, figure->place, "has \"low\" above \"high\", must not be above");
        return false;
    }
    if (range && order == 0) {
        figure->parts[PART_VALUE] = low;
        figure->parts[PART_LOW] = figure->parts[PART_HIGH] = NULL;
    }
    return true;
}

static bool qualifier_check(struct figure *figure)
{
    static const struct str allowed[] = {STR("exact"), STR("about"), STR("at-least"), STR("at-most")};
    const struct value *given = figure->given[PART_QUALIFIER];
    if (!given) {
        return true;
    }
    size_t i = 0;
    while (i < 4 && !str_eq(value_text_of(given), allowed[i])) {
        i++;
    }
    if (i == 4 || (i > 1 && figure->parts[PART_LOW])) {
        FIGURE_PROBLEM(figure, PART_QUALIFIER, "must be exact or about, or, for one value, at-least or at-most");
        return false;
    }
    if (i > 0) {
        figure->parts[PART_QUALIFIER] = value_text(figure->check->arena, allowed[i]);
    }
    return true;
}

/* The named unit must be one of the vocabulary's; where the field has a unit no other may be named. */
static bool unit_check(struct figure *figure)
{
    const struct check *check = figure->check;
    struct str unit = figure->field->unit;
    if (figure->given[PART_UNIT]) {
        struct place place = part_place(figure, PART_UNIT);
        if (!check_plain_text(check, &place, figure->given[PART_UNIT], 200, &unit, NULL)) {
            return false;
        }
        const struct vocabulary *units = model_vocabulary(check->model, STR("unit"));
        if (units ? !vocabulary_term(units, unit) : !name_is_code(unit)) {
            check_problem(check, &place, "is %.*s, must be a code of the vocabulary unit",
                          STR_ARG(quoted(check->arena, unit)));
            return false;
        }
        if (figure->field->unit.len > 0 && !str_eq(unit, figure->field->unit)) {
            check_problem(check, &place, "is \"%.*s\", this field's figures are in \"%.*s\"", STR_ARG(unit),
                          STR_ARG(figure->field->unit));
            return false;
        }
    }
    if (unit.len > 0) {
        figure->parts[PART_UNIT] = value_text(check->arena, unit);
    }
    return true;
}

static bool currency_check(struct figure *figure)
{
    const struct check *check = figure->check;
    struct str currency = figure->field->currency;
    if (figure->given[PART_CURRENCY]) {
        struct place place = part_place(figure, PART_CURRENCY);
        if (!check_plain_text(check, &place, figure->given[PART_CURRENCY], 200, &currency, NULL)) {
            return false;
        }
        if (!currency_is_known(currency)) {
            check_problem(check, &place, "is %.*s, must be a currency of ISO 4217 as JPY",
                          STR_ARG(quoted(check->arena, currency)));
            return false;
        }
        if (figure->field->unit.len > 0 && figure->field->currency.len == 0) {
            check_problem(check, &place, "is \"%.*s\", this field's figures are in \"%.*s\" and no money",
                          STR_ARG(currency), STR_ARG(figure->field->unit));
            return false;
        }
    }
    if (currency.len > 0) {
        figure->parts[PART_CURRENCY] = value_text(check->arena, currency);
    }
    return true;
}

/* What is counted must be said, and yen are whole. */
static bool measure_check(struct figure *figure)
{
    bool good = unit_check(figure);
    good &= currency_check(figure);
    if (!good) {
        return false;
    }
    const struct value *currency = figure->parts[PART_CURRENCY];
    if (!currency && !figure->parts[PART_UNIT]) {
        check_problem(figure->check, figure->place, "has neither \"unit\" nor \"currency\", must say what it counts");
        return false;
    }
    static const enum part numbers[] = {PART_VALUE, PART_LOW, PART_HIGH};
    for (size_t i = 0; currency && str_eq(currency->text, STR("JPY")) && i < 3; i++) {
        const struct value *number = figure->parts[numbers[i]];
        if (number && number->number.scale > 0) {
            FIGURE_PROBLEM(figure, numbers[i], "has a fraction, money in yen is a whole number");
            return false;
        }
    }
    return true;
}

static bool fiscal_year_is_good(struct str text)
{
    struct date year;
    return text.len == 6 && str_starts_with(text, STR("FY")) && date_parse(str_slice(text, 2, 6), &year);
}

static bool period_is_good(struct str text)
{
    struct date from;
    struct date to;
    size_t slash = str_find_byte(text, '/');
    if (slash == text.len) {
        return date_parse(text, &from) || fiscal_year_is_good(text);
    }
    return date_parse(str_slice(text, 0, slash), &from) && date_parse(str_slice(text, slash + 1, text.len), &to) &&
           date_cmp(date_first_day(from), date_last_day(to)) <= 0;
}

static bool period_check(struct figure *figure)
{
    const struct check *check = figure->check;
    struct place place = part_place(figure, PART_PERIOD);
    struct str text;
    if (!figure->given[PART_PERIOD]) {
        return true;
    }
    if (!check_plain_text(check, &place, figure->given[PART_PERIOD], 200, &text, NULL)) {
        return false;
    }
    if (!period_is_good(text)) {
        check_problem(
            check, &place,
            "is %.*s, must be a date (2022, 2022-02, 2022-02-21), a fiscal year (FY2020), or two dates with a "
            "slash, the first not later",
            STR_ARG(quoted(check->arena, text)));
        return false;
    }
    figure->parts[PART_PERIOD] = value_text(check->arena, text);
    return true;
}

/* True when the number has no digit below 10^power. */
static bool has_no_digit_below(const struct value *number, int64_t power)
{
    struct decimal shifted;
    return !number || number->number.mantissa == 0 ||
           (decimal_shift(number->number, (int)-power, &shifted) && shifted.scale == 0);
}

static bool precision_check(struct figure *figure)
{
    const struct value *given = figure->given[PART_PRECISION];
    int64_t power;
    if (!given) {
        return true;
    }
    if (given->kind != VALUE_NUMBER || !decimal_to_int64(given->number, &power) || power < -POWER_MAX ||
        power > POWER_MAX) {
        FIGURE_PROBLEM(figure, PART_PRECISION,
                       "must be a whole number from -%d to %d, the power of ten of the last "
                       "stated digit",
                       POWER_MAX, POWER_MAX);
        return false;
    }
    for (enum part part = PART_VALUE; part <= PART_HIGH; part++) {
        if (!has_no_digit_below(figure->parts[part], power)) {
            FIGURE_PROBLEM(figure, PART_PRECISION, "is %d, but \"%.*s\" has digits below that; both must agree",
                           (int)power, STR_ARG(part_names[part]));
            return false;
        }
    }
    figure->parts[PART_PRECISION] = value_int(figure->check->arena, power);
    return true;
}

static bool estimated_check(struct figure *figure)
{
    struct place place = part_place(figure, PART_ESTIMATED);
    if (!figure->given[PART_ESTIMATED]) {
        return true;
    }
    struct value *flag = check_boolean(figure->check, &place, figure->given[PART_ESTIMATED]);
    if (flag && flag->boolean) {
        figure->parts[PART_ESTIMATED] = flag;
    }
    return flag != NULL;
}

struct value *check_figure(const struct check *check, const struct place *place, const struct field *field,
                           const struct value *given)
{
    struct figure figure = {.check = check, .place = place, .field = field};
    if (given->kind != VALUE_OBJECT) {
        check_problem(check, place, "is %s, must be a figure as {\"value\": …, \"unit\": …}",
                      value_kind_words(given->kind));
        return NULL;
    }
    if (!check_members(check, place, given, part_names, PART_COUNT)) {
        return NULL;
    }
    for (int part = 0; part < PART_COUNT; part++) {
        const struct value *member = value_get(given, part_names[part]);
        figure.given[part] = value_is_empty(member) ? NULL : member;
    }
    /* Each says its own problem; all of them are asked, so that a person sees all at once. */
    bool good = numbers_check(&figure);
    good &= qualifier_check(&figure);
    good &= estimated_check(&figure);
    good &= measure_check(&figure);
    good &= period_check(&figure);
    good = good && precision_check(&figure);
    if (!good) {
        return NULL;
    }
    struct value *result = object_with_room(check->arena, PART_COUNT);
    for (int part = 0; part < PART_COUNT; part++) {
        if (figure.parts[part]) {
            object_add(result, part_names[part], figure.parts[part]);
        }
    }
    return result;
}
