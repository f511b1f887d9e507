#include "model/number_words.h"

#include "model/names.h"

struct word {
    struct str text;
    int power;
};

static const struct word small_words[] = {{STR("十"), 1}, {STR("百"), 2}, {STR("千"), 3}};
static const struct word big_words[] = {{STR("万"), 4}, {STR("億"), 8}, {STR("兆"), 12}, {STR("京"), 16}};
static const struct word kanji_digits[] = {
    {STR("〇"), 0}, {STR("零"), 0}, {STR("一"), 1}, {STR("二"), 2}, {STR("三"), 3}, {STR("四"), 4},
    {STR("五"), 5}, {STR("六"), 6}, {STR("七"), 7}, {STR("八"), 8}, {STR("九"), 9},
};
static const struct word english_words[] = {
    {STR("thousand"), 3}, {STR("million"), 6}, {STR("mn"), 6},
    {STR("billion"), 9},  {STR("bn"), 9},      {STR("trillion"), 12},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
/* Larger than any multiplier. */
#define NO_POWER 99

static bool is_digit(struct str s, size_t i)
{
    return i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool starts_with_word(struct str text, struct str word)
{
    if (!str_eq_ignoring_case(str_slice(text, 0, word.len), word)) {
        return false;
    }
    return text.len == word.len || !is_letter(word.ptr[word.len - 1]) || !is_letter(text.ptr[word.len]);
}

/* Power of the multiplier at the beginning, its length in *ret_length; 0: none. */
static int multiplier_at_start(struct str text, const struct word *words, size_t count, size_t *ret_length)
{
    for (size_t i = 0; i < count; i++) {
        if (starts_with_word(text, words[i].text)) {
            *ret_length = words[i].text.len;
            return words[i].power;
        }
    }
    *ret_length = 0;
    return 0;
}

/* Length of the whole part: digits, or groups of three with commas between. */
static size_t whole_at_start(struct str text)
{
    size_t i = 0;
    while (is_digit(text, i)) {
        i++;
    }
    bool grouped = i >= 1 && i <= 3 && text.ptr[0] != '0'; /* 0,123 is no thousand: who writes so means a fraction */
    while (grouped && i < text.len && text.ptr[i] == ',') {
        size_t group = 0;
        while (is_digit(text, i + 1 + group)) {
            group++;
        }
        if (group != 3) {
            break;
        }
        i += 1 + group;
    }
    return i;
}

/* Length of a point and the digits after it; 0 when no digit follows. */
static size_t fraction_at(struct str text, size_t i)
{
    if (i >= text.len || text.ptr[i] != '.' || !is_digit(text, i + 1)) {
        return 0;
    }
    size_t length = 1;
    while (is_digit(text, i + length)) {
        length++;
    }
    return length;
}

/* Digits with commas between groups of three, and a fraction. Returns the length, 0 when there are none or too many. */
static size_t digits_at_start(struct str text, struct decimal *ret_value, int *ret_precision)
{
    char plain[32];
    size_t count = 0;
    size_t whole = whole_at_start(text);
    size_t fraction = whole > 0 ? fraction_at(text, whole) : 0;
    size_t i = 0;
    while (i + 1 < whole && text.ptr[i] == '0') {
        i++; /* decimal_parse takes no leading zeros */
    }
    for (; i < whole + fraction; i++) {
        if (text.ptr[i] == ',') {
            continue;
        }
        if (count == sizeof(plain)) {
            return 0;
        }
        plain[count++] = text.ptr[i];
    }
    *ret_precision = fraction > 0 ? -(int)(fraction - 1) : 0;
    return whole > 0 && decimal_parse(str_make(plain, count), ret_value) ? whole + fraction : 0;
}

/* The kanji digit at the beginning; -1: none. */
static int kanji_digit_at_start(struct str text, size_t *ret_length)
{
    for (size_t i = 0; i < COUNT(kanji_digits); i++) {
        if (str_starts_with(text, kanji_digits[i].text)) {
            *ret_length = kanji_digits[i].text.len;
            return kanji_digits[i].power;
        }
    }
    return -1;
}

/* 五 · 二〇二五, place by place. Returns the length, 0 when there are none or too many. */
static size_t kanji_at_start(struct str text, struct decimal *ret_value)
{
    int64_t value = 0;
    size_t length = 0, one;
    int digit;
    while ((digit = kanji_digit_at_start(str_slice(text, length, text.len), &one)) >= 0) {
        if (value > INT64_MAX / 100) {
            return 0;
        }
        value = value * 10 + digit;
        length += one;
    }
    *ret_value = decimal_from_int64(value);
    return length;
}

/* Whether another part may begin: a digit of either kind, or 十, 百, 千 by itself after kanji. */
static bool part_follows(struct str text, bool kanji)
{
    size_t length;
    return is_digit(text, 0) || kanji_digit_at_start(text, &length) >= 0 ||
           (kanji && multiplier_at_start(text, small_words, COUNT(small_words), &length) > 0);
}

/* The number being put together: what stands before the next 万, 億 …, and all before that. */
struct sum {
    struct decimal total;
    struct decimal section;
    int last_small;
    int last_big;
    int precision;
    int multiplier; /* of the latest part */
    size_t parts;
    bool kanji; /* no part has other digits */
    int bigs;   /* how many 万, 億 … */
    bool ends_big;
};

/* Adds one part; returns its length, 0 when it does not fit. */
static size_t part_add(struct sum *sum, struct str text)
{
    struct decimal value;
    int precision = 0;
    size_t small_length;
    size_t big_length;
    size_t length = digits_at_start(text, &value, &precision);
    bool kanji = length == 0;
    if (kanji) {
        length = kanji_at_start(text, &value);
    }
    struct str rest = str_slice(text, length, text.len);
    int small = multiplier_at_start(rest, small_words, COUNT(small_words), &small_length);
    bool several = kanji && length > STR("一").len;
    if ((length == 0 && small == 0) || (several && small > 0)) {
        return 0; /* 五五十 is no number */
    }
    if (length == 0) {
        value = decimal_from_int64(1); /* 百 is 一百 */
    }
    rest = str_slice(rest, small_length, rest.len);
    int big = multiplier_at_start(rest, big_words, COUNT(big_words), &big_length);
    if (small >= sum->last_small || big >= sum->last_big || !decimal_shift(value, small, &value) ||
        !decimal_add(sum->section, value, &sum->section)) {
        return 0;
    }
    sum->last_small = small;
    sum->precision = precision + small + big;
    sum->multiplier = small + big;
    sum->parts++;
    sum->kanji &= kanji;
    sum->bigs += big > 0;
    sum->ends_big = big > 0;
    if (big > 0) {
        if (!decimal_shift(sum->section, big, &value) || !decimal_add(sum->total, value, &sum->total)) {
            return 0;
        }
        sum->section = (struct decimal){0};
        sum->last_small = NO_POWER;
        sum->last_big = big;
    }
    return length + small_length + big_length;
}

/* Sums may get more digits than a decimal that is read may have; what is written out must be readable again. */
static bool is_readable(struct decimal number)
{
    char text[DECIMAL_TEXT_MAX];
    struct decimal again;
    return decimal_parse(str_make(text, decimal_format(number, text)), &again);
}

/* " billion" and the like, after a number without other multipliers. */
static bool english_multiplier(struct str text, struct written_number *number)
{
    size_t spaces = 0;
    while (number->length + spaces < text.len && text.ptr[number->length + spaces] == ' ') {
        spaces++;
    }
    struct str rest = str_slice(text, number->length + spaces, text.len);
    size_t length;
    int power = multiplier_at_start(rest, english_words, COUNT(english_words), &length);
    if (power == 0) {
        return true;
    }
    number->length += spaces + length;
    number->multiplier = power;
    number->precision += power;
    return decimal_shift(number->value, power, &number->value) && is_readable(number->value);
}

bool number_at_start(struct str text, struct written_number *ret_number)
{
    struct sum sum = {.last_small = NO_POWER, .last_big = NO_POWER, .kanji = true};
    size_t length = 0;
    do {
        size_t part = part_add(&sum, str_slice(text, length, text.len));
        if (part == 0) {
            return false;
        }
        length += part;
    } while (part_follows(str_slice(text, length, text.len), sum.kanji));
    struct written_number number = {.precision = sum.precision, .length = length};
    number.multiplier = sum.parts == 1 ? sum.multiplier : 0;
    if (sum.kanji) {
        number.multiplier = sum.bigs == 1 && sum.ends_big ? sum.last_big : 0; /* 十, 百 and 千 are digits here */
    }
    if (!decimal_add(sum.total, sum.section, &number.value) || !is_readable(number.value)) {
        return false;
    }
    if (sum.parts == 1 && sum.multiplier == 0 && !english_multiplier(text, &number)) {
        return false;
    }
    *ret_number = number;
    return true;
}

size_t sign_at_start(struct str text, bool *ret_negative)
{
    static const struct str minuses[] = {STR("-"), STR("−"), STR("△"), STR("▲"), STR("－"), STR("‐")};
    *ret_negative = false;
    size_t length = str_starts_with(text, STR("+"));
    for (size_t i = 0; i < COUNT(minuses); i++) {
        if (str_starts_with(text, minuses[i])) {
            *ret_negative = true;
            length = minuses[i].len;
        }
    }
    while (length > 0 && length < text.len && text.ptr[length] == ' ') {
        length++;
    }
    return length;
}

bool number_from_text(struct str text, struct decimal *ret_number)
{
    bool negative;
    size_t sign = sign_at_start(text, &negative);
    struct str rest = str_slice(text, sign, text.len);
    struct written_number number;
    if (!number_at_start(rest, &number) || number.length != rest.len) {
        return false;
    }
    *ret_number = number.value;
    ret_number->mantissa = negative ? -number.value.mantissa : number.value.mantissa;
    return true;
}

struct currency_word {
    struct str text;
    struct str code;
};

/* Longer ones before those they begin with. */
static const struct currency_word currency_words[] = {
    {STR("円"), STR("JPY")},     {STR("¥"), STR("JPY")},          {STR("yen"), STR("JPY")},
    {STR("US$"), STR("USD")},    {STR("$"), STR("USD")},          {STR("米ドル"), STR("USD")},
    {STR("ドル"), STR("USD")},   {STR("US dollars"), STR("USD")}, {STR("dollars"), STR("USD")},
    {STR("dollar"), STR("USD")}, {STR("€"), STR("EUR")},          {STR("ユーロ"), STR("EUR")},
    {STR("euros"), STR("EUR")},  {STR("euro"), STR("EUR")},       {STR("£"), STR("GBP")},
    {STR("ポンド"), STR("GBP")},
};

size_t currency_at_start(struct str text, struct str *ret_code)
{
    for (size_t i = 0; i < COUNT(currency_words); i++) {
        if (starts_with_word(text, currency_words[i].text)) {
            *ret_code = currency_words[i].code;
            return currency_words[i].text.len;
        }
    }
    struct str code = str_slice(text, 0, 3);
    if (currency_is_known(code) && (text.len == 3 || !is_letter(text.ptr[3]))) {
        *ret_code = code;
        return 3;
    }
    return 0;
}
