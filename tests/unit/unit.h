/*
 * What every unit test begins with: cmocka and the headers it needs, and helpers.
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

#include "base/str.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* Fails unless the string `actual` has exactly the bytes of the literal `expected`. */
#define assert_str(actual, expected)                                           \
    do {                                                                       \
        struct str str_actual = (actual);                                      \
        if (!str_eq(str_actual, STR(expected))) {                              \
            fail_msg("\"%.*s\" is not \"%s\"", STR_ARG(str_actual), expected); \
        }                                                                      \
    } while (0)

/* Fails unless function() ends its process by abort(), as it must on a bug or when memory is used up. It runs in a child
 * whose stderr is closed. */
static inline void assert_aborts(void (*function)(void))
{
    fflush(stdout);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(STDERR_FILENO);
        function();
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

#endif
