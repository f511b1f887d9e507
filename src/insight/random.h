/* Random numbers for simulations: xoshiro256** (Blackman and Vigna, 2018), seeded through SplitMix64. The same seed gives the
 * same numbers on every machine. Not for secrets. */
#ifndef MUSUBI_INSIGHT_RANDOM_H
#define MUSUBI_INSIGHT_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct random {
    uint64_t state[4];
};

void random_seed(struct random *random, uint64_t seed);
uint64_t random_next(struct random *random);
/* 0 ≤ x < 1 in steps of 2^-53. */
double random_unit(struct random *random);
/* 0 … count - 1, each as likely; count at least 1. */
size_t random_below(struct random *random, size_t count);

#endif
