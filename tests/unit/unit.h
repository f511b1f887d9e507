/*
 * What every unit test begins with: cmocka and the headers it needs, and two helpers.
 *
 *   static void adds(void **state) { (void)state; assert_int_equal(1 + 1, 2); }
 *   UNIT_TESTS(TEST(adds), TEST(subtracts))
 *
 * UNIT_TESTS makes main(). A test program has exactly one group, because its output is one TAP stream.
 */
#ifndef MUSUBI_TESTS_UNIT_H
#define MUSUBI_TESTS_UNIT_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEST(function) cmocka_unit_test(function)

#define UNIT_TESTS(...)                                        \
    int main(void)                                             \
    {                                                          \
        const struct CMUnitTest unit_tests[] = {__VA_ARGS__};  \
        return cmocka_run_group_tests(unit_tests, NULL, NULL); \
    }

/* Fails unless actual is within tolerance (absolute) of expected; NaN is near nothing. */
#define assert_near(actual, expected, tolerance)                                                          \
    do {                                                                                                  \
        double near_actual = (actual);                                                                    \
        double near_expected = (expected);                                                                \
        if (!(fabs(near_actual - near_expected) <= (tolerance))) {                                        \
            fail_msg("%.17g is not within %g of %.17g", near_actual, (double)(tolerance), near_expected); \
        }                                                                                                 \
    } while (0)

#endif
