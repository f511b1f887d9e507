/* Exact decimal numbers: mantissa * 10^-scale, as people and files write them. No binary rounding stands between what was
 * entered and what is shown. */
#ifndef MUSUBI_BASE_DECIMAL_H
#define MUSUBI_BASE_DECIMAL_H

#include "base/str.h"

#include <stddef.h>
#include <stdint.h>

struct decimal {
    int64_t mantissa;
    int scale; /* 0 … 18; normalised: no trailing zero after the point, 0 has scale 0 */
};

/* Longest text decimal_format writes, with its NUL. */
#define DECIMAL_TEXT_MAX 32

struct decimal decimal_from_int64(int64_t number);
/* The shortest decimal that reads back as the same double; false for NaN, infinities and what does not fit. */
bool decimal_from_double(double number, struct decimal *ret_decimal);
/* JSON's number syntax (with exponent), at most 18 significant digits; false otherwise. */
bool decimal_parse(struct str text, struct decimal *ret_decimal);
/* "-12.5", never an exponent; returns the length. */
size_t decimal_format(struct decimal d, char text[DECIMAL_TEXT_MAX]);
double decimal_to_double(struct decimal d);
/* False when it has a fraction. */
bool decimal_to_int64(struct decimal d, int64_t *ret_number);
int decimal_cmp(struct decimal a, struct decimal b);
/* d * 10^power; false when it does not fit. */
bool decimal_shift(struct decimal d, int power, struct decimal *ret_decimal);
/* a - b; false when it does not fit. */
bool decimal_subtract(struct decimal a, struct decimal b, struct decimal *ret_decimal);
/* a * factor; false when it does not fit. */
bool decimal_multiply_int(struct decimal a, int64_t factor, struct decimal *ret_decimal);
/* a + b; false when it does not fit. */
bool decimal_add(struct decimal a, struct decimal b, struct decimal *ret_decimal);
/* Power of ten of the last digit written: 103 → 0, 35.6 → -1. (Before normalising, so ask the text: "1.50" → -2.) */
int decimal_text_precision(struct str text);

#endif
