/* Decimals: what is read, written and read again is the same number, and arithmetic agrees with itself. */
#include "fuzz.h"

#include "base/decimal.h"

#include <math.h>
#include <string.h>

static bool is_normalised(struct decimal d)
{
    bool in_range = d.scale >= 0 && d.scale <= 18;
    return in_range && (d.scale == 0 || (d.mantissa % 10 != 0 && d.mantissa != 0));
}

static void try_number(struct decimal d)
{
    char text[DECIMAL_TEXT_MAX];
    struct decimal again;
    size_t len = decimal_format(d, text);
    assert(len < DECIMAL_TEXT_MAX && text[len] == '\0' && is_normalised(d));
    if (decimal_parse(str_make(text, len), &again)) {
        assert(decimal_cmp(again, d) == 0 && again.mantissa == d.mantissa && again.scale == d.scale);
    }
    assert(decimal_text_precision(str_make(text, len)) == -d.scale);
    double number = decimal_to_double(d);
    assert(isfinite(number) && (number < 0) == (d.mantissa < 0));
    int64_t integer;
    assert(decimal_to_int64(d, &integer) == (d.scale == 0));
}

static void try_arithmetic(struct decimal d, int power, int64_t factor)
{
    struct decimal shifted;
    struct decimal back;
    if (decimal_shift(d, power, &shifted)) {
        try_number(shifted);
        bool fits = decimal_shift(shifted, -power, &back);
        assert(fits && decimal_cmp(back, d) == 0);
    }
    struct decimal product;
    if (decimal_multiply_int(d, factor, &product)) {
        try_number(product);
        int sign = factor > 0 ? 1 : factor < 0 ? -1 : 0;
        assert(decimal_cmp(product, decimal_from_int64(0)) == sign * decimal_cmp(d, decimal_from_int64(0)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int8_t power = 0;
    int64_t factor = 0;
    double number = 0;
    if (size < sizeof(power) + sizeof(factor)) {
        return 0;
    }
    memcpy(&power, data, sizeof(power));
    memcpy(&factor, data + sizeof(power), sizeof(factor));
    memcpy(&number, &factor, sizeof(number));
    size_t used = sizeof(power) + sizeof(factor);
    struct str text = str_make((const char *)data + used, size - used);
    struct decimal d;
    decimal_text_precision(text);
    if (decimal_parse(text, &d)) {
        try_number(d);
        try_arithmetic(d, power, factor);
    }
    if (decimal_from_double(number, &d)) {
        try_number(d);
        assert(decimal_to_double(d) == number);
    }
    return 0;
}
