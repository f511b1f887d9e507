#include "base/decimal.h"

#include "base/digits.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_SCALE 18
#define MAX_DIGITS 18

__extension__ typedef __int128 int128;

static const int64_t powers_of_ten[MAX_SCALE + 1] = {
    INT64_C(1),
    INT64_C(10),
    INT64_C(100),
    INT64_C(1000),
    INT64_C(10000),
    INT64_C(100000),
    INT64_C(1000000),
    INT64_C(10000000),
    INT64_C(100000000),
    INT64_C(1000000000),
    INT64_C(10000000000),
    INT64_C(100000000000),
    INT64_C(1000000000000),
    INT64_C(10000000000000),
    INT64_C(100000000000000),
    INT64_C(1000000000000000),
    INT64_C(10000000000000000),
    INT64_C(100000000000000000),
    INT64_C(1000000000000000000),
};

struct decimal decimal_from_int64(int64_t number)
{
    return (struct decimal){.mantissa = number, .scale = 0};
}

/* mantissa * 10^-scale, normalised; false when it does not fit. scale may be negative. */
static bool make(int128 mantissa, int64_t scale, struct decimal *ret_decimal)
{
    if (mantissa == 0) {
        *ret_decimal = decimal_from_int64(0);
        return true;
    }
    while (scale > 0 && mantissa % 10 == 0) {
        mantissa /= 10;
        scale--;
    }
    if (scale < -MAX_SCALE || scale > MAX_SCALE || mantissa > INT64_MAX || mantissa < INT64_MIN) {
        return false;
    }
    if (scale < 0) {
        mantissa *= powers_of_ten[-scale]; /* at most 9.3e18 * 1e18: fits 128 bits */
        scale = 0;
    }
    if (mantissa > INT64_MAX || mantissa < INT64_MIN) {
        return false;
    }
    *ret_decimal = (struct decimal){.mantissa = (int64_t)mantissa, .scale = (int)scale};
    return true;
}

/* The parts of a number as it is written: views into the text, without sign and point. */
struct written {
    bool negative;
    struct str whole;
    struct str fraction;
    int64_t exponent;
};

/* Clamped to this, an exponent is beyond every number that fits. Texts are shorter than the clamp, so that zeros that
 * stand before or after the point cannot make up for it. */
#define EXPONENT_CLAMP (INT64_C(1) << 40)

static struct str take_digits(struct str *rest)
{
    size_t count = 0;
    while (count < rest->len && is_digit(rest->ptr[count])) {
        count++;
    }
    struct str digits = str_slice(*rest, 0, count);
    *rest = str_slice(*rest, count, rest->len);
    return digits;
}

static bool take_exponent(struct str *rest, int64_t *ret_exponent)
{
    bool negative = str_take(rest, STR("-"));
    if (!negative) {
        str_take(rest, STR("+"));
    }
    struct str digits = take_digits(rest);
    int64_t exponent = 0;
    for (size_t i = 0; i < digits.len && exponent < EXPONENT_CLAMP; i++) {
        exponent = exponent * 10 + (digits.ptr[i] - '0');
    }
    exponent = exponent > EXPONENT_CLAMP ? EXPONENT_CLAMP : exponent;
    *ret_exponent = negative ? -exponent : exponent;
    return digits.len > 0;
}

/* JSON's grammar: -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)? */
static bool split(struct str text, struct written *ret_written)
{
    struct written written = {.negative = str_take(&text, STR("-"))};
    written.whole = take_digits(&text);
    if (written.whole.len == 0 || (written.whole.len > 1 && written.whole.ptr[0] == '0')) {
        return false;
    }
    if (str_take(&text, STR("."))) {
        written.fraction = take_digits(&text);
        if (written.fraction.len == 0) {
            return false;
        }
    }
    if (str_take(&text, STR("e")) || str_take(&text, STR("E"))) {
        if (!take_exponent(&text, &written.exponent)) {
            return false;
        }
    }
    *ret_written = written;
    return text.len == 0;
}

/* Digits collected so far. Zeros wait until a digit follows, so that those at the end do not count as significant. */
struct digits {
    int64_t mantissa;
    size_t count;
    size_t zeros;
};

static bool add_digits(struct digits *digits, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '0') {
            digits->zeros += digits->mantissa != 0;
            continue;
        }
        if (digits->zeros >= MAX_DIGITS || digits->count + digits->zeros >= MAX_DIGITS) {
            return false;
        }
        digits->mantissa = digits->mantissa * powers_of_ten[digits->zeros + 1] + (text.ptr[i] - '0');
        digits->count += digits->zeros + 1;
        digits->zeros = 0;
    }
    return true;
}

bool decimal_parse(struct str text, struct decimal *ret_decimal)
{
    struct written written;
    struct digits digits = {0};
    if (!split(text, &written) || !add_digits(&digits, written.whole) || !add_digits(&digits, written.fraction)) {
        return false;
    }
    int64_t scale = (int64_t)written.fraction.len - (int64_t)digits.zeros - written.exponent;
    return make(written.negative ? -digits.mantissa : digits.mantissa, scale, ret_decimal);
}

bool decimal_from_double(double number, struct decimal *ret_decimal)
{
    if (!isfinite(number)) {
        return false;
    }
    /* Up to 15 digits survive the way through a double. Both are exact as doubles here, so that the division is the only
     * rounding: when it gives the number, these are the digits that it was written with. */
    for (int scale = 0; scale <= 9; scale++) {
        double digits = nearbyint(number * (double)powers_of_ten[scale]);
        if (fabs(digits) >= 1e15) {
            break;
        }
        if (digits / (double)powers_of_ten[scale] == number) {
            *ret_decimal = (struct decimal){.mantissa = (int64_t)digits, .scale = scale};
            return true;
        }
    }
    /* 17 tell all doubles apart. */
    char text[32];
    for (int digits = 15; digits <= 17; digits++) {
        int len = snprintf(text, sizeof(text), "%.*g", digits, number);
        if (strtod(text, NULL) == number) {
            return decimal_parse(str_make(text, (size_t)len), ret_decimal);
        }
    }
    return false;
}

size_t decimal_format(struct decimal d, char text[DECIMAL_TEXT_MAX])
{
    assert(d.scale >= 0 && d.scale <= MAX_SCALE);
    char reversed[DECIMAL_TEXT_MAX];
    size_t count = 0;
    uint64_t rest = d.mantissa < 0 ? -(uint64_t)d.mantissa : (uint64_t)d.mantissa;
    for (int position = 0; position <= d.scale || rest > 0; position++) {
        if (position > 0 && position == d.scale) {
            reversed[count++] = '.';
        }
        reversed[count++] = (char)('0' + rest % 10);
        rest /= 10;
    }
    size_t len = 0;
    if (d.mantissa < 0) {
        text[len++] = '-';
    }
    while (count > 0) {
        text[len++] = reversed[--count];
    }
    text[len] = '\0';
    return len;
}

double decimal_to_double(struct decimal d)
{
    /* Both exact as doubles, so that the division is the only rounding. */
    if (d.mantissa >= -(INT64_C(1) << 53) && d.mantissa <= INT64_C(1) << 53) {
        return (double)d.mantissa / (double)powers_of_ten[d.scale];
    }
    char text[DECIMAL_TEXT_MAX];
    decimal_format(d, text);
    return strtod(text, NULL);
}

bool decimal_to_int64(struct decimal d, int64_t *ret_number)
{
    if (d.mantissa % powers_of_ten[d.scale] != 0) {
        return false;
    }
    *ret_number = d.mantissa / powers_of_ten[d.scale];
    return true;
}

int decimal_cmp(struct decimal a, struct decimal b)
{
    int128 left = (int128)a.mantissa * powers_of_ten[b.scale];
    int128 right = (int128)b.mantissa * powers_of_ten[a.scale];
    return (left > right) - (left < right);
}

bool decimal_shift(struct decimal d, int power, struct decimal *ret_decimal)
{
    return make(d.mantissa, (int64_t)d.scale - power, ret_decimal);
}

bool decimal_subtract(struct decimal a, struct decimal b, struct decimal *ret_decimal)
{
    int scale = a.scale > b.scale ? a.scale : b.scale;
    int128 left = (int128)a.mantissa * powers_of_ten[scale - a.scale]; /* at most 9.3e18 * 1e18 each */
    int128 right = (int128)b.mantissa * powers_of_ten[scale - b.scale];
    return make(left - right, scale, ret_decimal);
}

bool decimal_multiply_int(struct decimal a, int64_t factor, struct decimal *ret_decimal)
{
    return make((int128)a.mantissa * factor, a.scale, ret_decimal);
}

int decimal_text_precision(struct str text)
{
    struct written written;
    if (!split(text, &written)) {
        return 0;
    }
    int64_t power = written.exponent - (int64_t)written.fraction.len;
    return power > INT32_MAX ? INT32_MAX : power < INT32_MIN ? INT32_MIN : (int)power;
}

bool decimal_add(struct decimal a, struct decimal b, struct decimal *ret_decimal)
{
    int scale = a.scale > b.scale ? a.scale : b.scale;
    int128 left = (int128)a.mantissa * powers_of_ten[scale - a.scale];
    int128 right = (int128)b.mantissa * powers_of_ten[scale - b.scale];
    return make(left + right, scale, ret_decimal);
}
