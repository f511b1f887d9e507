/* Decimal digits in ASCII. Only for the files of this folder. */
#ifndef MUSUBI_BASE_DIGITS_H
#define MUSUBI_BASE_DIGITS_H

#include <stdbool.h>
#include <stdint.h>

static inline bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* Writes the last `count` digits of a number that is not negative, zeros in front; returns the end. */
static inline char *put_digits(char *to, int64_t number, int count)
{
    for (int i = count - 1; i >= 0; i--) {
        to[i] = (char)('0' + number % 10);
        number /= 10;
    }
    return to + count;
}

#endif
