/* Figures from words. The grammar, on the NFKC form of the text:
 *
 *   figure = before* side [range side] measure after*
 *   side   = [sign] [currency] number [measure]
 *   before, after = words for about, at least, at most, estimated
 *   range  = ~ 〜 ～ - – — から before another side; まで may end what から began
 *   measure = currency and unit, either, or neither
 */
#include "base/message.h"
#include "base/text.h"
#include "model/names.h"
#include "model/number_words.h"
#include "model/record.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum saying { SAYS_ABOUT, SAYS_AT_LEAST, SAYS_AT_MOST, SAYS_ESTIMATED };

struct saying_word {
    struct str text;
    enum saying saying;
};

/* Longer words before those they begin with. */
static const struct saying_word words_before[] = {
    {STR("約"), SAYS_ABOUT},
    {STR("およそ"), SAYS_ABOUT},
    {STR("おおよそ"), SAYS_ABOUT},
    {STR("approximately"), SAYS_ABOUT},
    {STR("approx."), SAYS_ABOUT},
    {STR("approx"), SAYS_ABOUT},
    {STR("about"), SAYS_ABOUT},
    {STR("around"), SAYS_ABOUT},
    {STR("circa"), SAYS_ABOUT},
    {STR("ca."), SAYS_ABOUT},
    {STR("at least"), SAYS_AT_LEAST},
    {STR("少なくとも"), SAYS_AT_LEAST},
    {STR("≥"), SAYS_AT_LEAST},
    {STR("≧"), SAYS_AT_LEAST},
    {STR(">="), SAYS_AT_LEAST},
    {STR("at most"), SAYS_AT_MOST},
    {STR("up to"), SAYS_AT_MOST},
    {STR("≤"), SAYS_AT_MOST},
    {STR("≦"), SAYS_AT_MOST},
    {STR("<="), SAYS_AT_MOST},
    {STR("推定"), SAYS_ESTIMATED},
    {STR("推計"), SAYS_ESTIMATED},
    {STR("estimated"), SAYS_ESTIMATED},
    {STR("est."), SAYS_ESTIMATED},
    {STR("est"), SAYS_ESTIMATED},
};

static const struct saying_word words_after[] = {
    {STR("以上"), SAYS_AT_LEAST},    {STR("or more"), SAYS_AT_LEAST}, {STR("+"), SAYS_AT_LEAST},
    {STR("以下"), SAYS_AT_MOST},     {STR("以内"), SAYS_AT_MOST},     {STR("or less"), SAYS_AT_MOST},
    {STR("程度"), SAYS_ABOUT},       {STR("前後"), SAYS_ABOUT},       {STR("(推定)"), SAYS_ESTIMATED},
    {STR("(推計)"), SAYS_ESTIMATED}, {STR("(est.)"), SAYS_ESTIMATED}, {STR("(estimated)"), SAYS_ESTIMATED},
};

static const struct str qualifier_names[] = {
    [SAYS_ABOUT] = STR("about"),
    [SAYS_AT_LEAST] = STR("at-least"),
    [SAYS_AT_MOST] = STR("at-most"),
};

#define FIGURE_EXAMPLES "allowed are figures as 1,700億円, 20～30億円, 約3980万人, 35.6%, △5百万円, 5 billion yen"

struct side {
    struct written_number number;
    bool negative;
    struct str currency; /* named before the number; empty: none */
    struct str measure;  /* text after the number, trimmed */
};

struct figure_words {
    struct str qualifier; /* empty: none */
    bool estimated;
    struct side sides[2];
    size_t side_count;
    struct str currency;
    struct str unit;
};

static int refuse(struct err *err, struct arena *arena, struct str text, const char *why)
{
    return err_set(err, ERR_INVALID, "%.*s %s; %s", STR_ARG(quoted(arena, text)), message_text(why),
                   message_text(FIGURE_EXAMPLES));
}

static int saying_take(struct figure_words *words, enum saying saying)
{
    if (saying == SAYS_ESTIMATED) {
        words->estimated = true;
        return 0;
    }
    if (words->qualifier.len > 0 && !str_eq(words->qualifier, qualifier_names[saying])) {
        return -1;
    }
    words->qualifier = qualifier_names[saying];
    return 0;
}

/* Takes the words off both ends. Fails when two of them disagree. */
static int sayings_take(struct figure_words *words, struct str *text)
{
    bool found = true;
    while (found) {
        found = false;
        for (size_t i = 0; i < COUNT(words_before) && !found; i++) {
            if (starts_with_word(*text, words_before[i].text)) {
                *text = str_trim(str_slice(*text, words_before[i].text.len, text->len));
                found = true;
                if (saying_take(words, words_before[i].saying) < 0) {
                    return -1;
                }
            }
        }
        for (size_t i = 0; i < COUNT(words_after) && !found; i++) {
            struct str word = words_after[i].text;
            if (text->len > word.len && str_ends_with(*text, word)) {
                *text = str_trim(str_slice(*text, 0, text->len - word.len));
                found = true;
                if (saying_take(words, words_after[i].saying) < 0) {
                    return -1;
                }
            }
        }
    }
    return 0;
}

/* Sign, currency and number; returns the length, 0 when it is none. */
static size_t side_at_start(struct str text, struct side *ret_side)
{
    struct side side = {0};
    size_t length = sign_at_start(text, &side.negative);
    length += currency_at_start(str_slice(text, length, text.len), &side.currency);
    if (!side.negative && side.currency.len > 0) {
        length += sign_at_start(str_slice(text, length, text.len), &side.negative);
    }
    while (side.currency.len > 0 && length < text.len && text.ptr[length] == ' ') {
        length++;
    }
    if (!number_at_start(str_slice(text, length, text.len), &side.number)) {
        return 0;
    }
    *ret_side = side;
    return length + side.number.length;
}

/* Finds the range mark after the first side; the text behind it must begin another one. */
static bool second_side_find(struct str text, struct side *ret_second, size_t *ret_before, struct str *ret_after)
{
    static const struct str marks[] = {STR("~"), STR("〜"), STR("～"), STR("-"), STR("–"), STR("—"), STR("から")};
    for (size_t i = 0; i < text.len; i++) {
        for (size_t k = 0; k < COUNT(marks); k++) {
            struct str rest = str_slice(text, i, text.len);
            if (!str_starts_with(rest, marks[k])) {
                continue;
            }
            rest = str_trim(str_slice(rest, marks[k].len, rest.len));
            size_t length = side_at_start(rest, ret_second);
            if (length > 0) {
                *ret_before = i;
                *ret_after = str_slice(rest, length, rest.len);
                if (str_eq(marks[k], STR("から")) && str_ends_with(*ret_after, STR("まで"))) {
                    ret_after->len -= STR("まで").len;
                }
                return true;
            }
        }
    }
    return false;
}

static int sides_read(struct figure_words *words, struct str text)
{
    size_t length = side_at_start(text, &words->sides[0]);
    if (length == 0) {
        return -1;
    }
    words->side_count = 1;
    struct str rest = str_slice(text, length, text.len);
    size_t before;
    struct str after;
    if (second_side_find(rest, &words->sides[1], &before, &after)) {
        words->side_count = 2;
        words->sides[1].measure = str_trim(after);
        rest = str_slice(rest, 0, before);
    }
    words->sides[0].measure = str_trim(rest);
    return 0;
}

/* 20～30億円 is 20億円～30億円: the first side takes the multiplier of the second when it says nothing itself. */
static bool multiplier_share(struct figure_words *words)
{
    struct side *first = &words->sides[0];
    const struct side *second = &words->sides[1];
    if (words->side_count < 2 || first->number.multiplier > 0 || first->measure.len > 0 ||
        second->number.multiplier == 0) {
        return true;
    }
    first->number.precision += second->number.multiplier;
    return decimal_shift(first->number.value, second->number.multiplier, &first->number.value);
}

static struct str term_code_at(const void *items, size_t i)
{
    return ((const struct term *)items)[i].code;
}

static int unit_find(const struct model *model, struct str text, struct arena *arena, struct str *ret_unit,
                     struct err *err)
{
    const struct vocabulary *units = model_vocabulary(model, STR("unit"));
    if (!units && name_is_code(text)) {
        *ret_unit = text;
        return 0;
    }
    if (!units) {
        return err_set(err, ERR_INVALID,
                       "the unit %.*s is no code, units are letters, digits, \".\", \"%%\" and \"-\", at most 40",
                       STR_ARG(quoted(arena, text)));
    }
    const struct term *term = vocabulary_find(units, text);
    if (!term) {
        return err_set(
            err, ERR_INVALID, "the unit %.*s is not known, allowed are currencies and the vocabulary unit: %.*s",
            STR_ARG(quoted(arena, text)), STR_ARG(listed(arena, units->term_count, term_code_at, units->terms)));
    }
    *ret_unit = term->code;
    return 0;
}

static int set_once(struct str *place, struct str found, struct err *err)
{
    if (place->len > 0 && !str_eq(*place, found)) {
        return err_set(err, ERR_INVALID, "the figure is in \"%.*s\" and in \"%.*s\", must be in one of them",
                       STR_ARG(*place), STR_ARG(found));
    }
    *place = found;
    return 0;
}

/* What stands after a number: a unit; or a currency, and after it perhaps a unit (円/年). */
static int measure_read(const struct model *model, struct str text, struct arena *arena, struct figure_words *words,
                        struct err *err)
{
    const struct vocabulary *units = model_vocabulary(model, STR("unit"));
    const struct term *term = units && text.len > 0 ? vocabulary_find(units, text) : NULL;
    if (text.len == 0) {
        return 0;
    }
    if (term) {
        return set_once(&words->unit, term->code, err);
    }
    struct str currency;
    size_t length = currency_at_start(text, &currency);
    if (length > 0 && set_once(&words->currency, currency, err) < 0) {
        return -1;
    }
    text = str_trim(str_slice(text, length, text.len));
    struct str unit;
    if (text.len == 0) {
        return 0;
    }
    return unit_find(model, text, arena, &unit, err) < 0 ? -1 : set_once(&words->unit, unit, err);
}

static int measures_read(const struct model *model, struct arena *arena, struct figure_words *words, struct err *err)
{
    for (size_t i = 0; i < words->side_count; i++) {
        const struct side *side = &words->sides[i];
        if (side->currency.len > 0 && set_once(&words->currency, side->currency, err) < 0) {
            return -1;
        }
        if (measure_read(model, side->measure, arena, words, err) < 0) {
            return -1;
        }
    }
    return 0;
}

static struct value *side_value(const struct side *side, struct arena *arena)
{
    struct decimal number = side->number.value;
    number.mantissa = side->negative ? -number.mantissa : number.mantissa;
    return value_number(arena, number);
}

static struct value *figure_value(const struct figure_words *words, struct arena *arena)
{
    struct value *figure = value_object(arena);
    bool range = words->side_count == 2;
    value_set(arena, figure, range ? STR("low") : STR("value"), side_value(&words->sides[0], arena));
    int precision = words->sides[0].number.precision;
    if (range) {
        value_set(arena, figure, STR("high"), side_value(&words->sides[1], arena));
        int other = words->sides[1].number.precision;
        precision = other < precision ? other : precision;
    }
    if (words->qualifier.len > 0) {
        value_set_text(arena, figure, STR("qualifier"), words->qualifier);
    }
    if (words->estimated) {
        value_set(arena, figure, STR("estimated"), value_bool(arena, true));
    }
    if (words->unit.len > 0) {
        value_set_text(arena, figure, STR("unit"), words->unit);
    }
    if (words->currency.len > 0) {
        value_set_text(arena, figure, STR("currency"), words->currency);
    }
    value_set(arena, figure, STR("precision"), value_int(arena, precision));
    return figure;
}

int figure_from_text(const struct model *model, const struct field *field, struct str text, struct arena *arena,
                     struct value **ret_figure, struct err *err)
{
    (void)field;
    struct decimal plain;
    struct str trimmed = str_trim(text);
    if (decimal_parse(trimmed, &plain)) {
        struct value *figure = value_object(arena);
        value_set(arena, figure, STR("value"), value_number(arena, plain));
        *ret_figure = figure;
        return 0;
    }
    if (trimmed.len > 200) {
        return err_set(err, ERR_INVALID, "a figure of %zu bytes is too long; %s", trimmed.len,
                       message_text(FIGURE_EXAMPLES));
    }
    struct str rest = str_trim(text_nfkc(arena, trimmed));
    struct figure_words words = {0};
    if (sayings_take(&words, &rest) < 0) {
        return refuse(err, arena, trimmed, "says two things about how exact it is");
    }
    if (sides_read(&words, rest) < 0 || !multiplier_share(&words)) {
        return refuse(err, arena, trimmed, "is no figure, or has too many digits");
    }
    if (measures_read(model, arena, &words, err) < 0) {
        return -1;
    }
    *ret_figure = figure_value(&words, arena);
    return 0;
}
