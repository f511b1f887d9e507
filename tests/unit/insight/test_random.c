#include "unit.h"

#include "insight/random.h"

/* xoshiro256**'s reference output for the state 1, 2, 3, 4. */
static void follows_the_reference(void **state)
{
    (void)state;
    struct random random = {{1, 2, 3, 4}};
    const uint64_t expected[] = {11520, 0, 1509978240, UINT64_C(1215971899390074240)};

    for (size_t i = 0; i < 4; i++) {
        assert_true(random_next(&random) == expected[i]);
    }
}

static void same_seed_same_numbers(void **state)
{
    (void)state;
    struct random a, b, c;
    bool differs = false;

    random_seed(&a, 7);
    random_seed(&b, 7);
    random_seed(&c, 8);
    for (int i = 0; i < 100; i++) {
        uint64_t number = random_next(&a);
        assert_true(number == random_next(&b));
        differs = differs || number != random_next(&c);
    }
    assert_true(differs);
}

static void is_even(void **state)
{
    (void)state;
    struct random random;
    size_t counts[5] = {0};
    double sum = 0;

    random_seed(&random, 1);
    for (int i = 0; i < 100000; i++) {
        double x = random_unit(&random);
        assert_true(x >= 0 && x < 1);
        sum += x;
        counts[random_below(&random, 5)]++;
    }
    assert_near(sum / 100000, 0.5, 0.005);
    for (size_t i = 0; i < 5; i++) {
        assert_true(counts[i] > 19400 && counts[i] < 20600);
    }
}

UNIT_TESTS(TEST(follows_the_reference), TEST(same_seed_same_numbers), TEST(is_even))
