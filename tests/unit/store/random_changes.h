/* Random records and change sets, given to the store and to the oracle alike. The same seed makes the same run everywhere. */
#ifndef MUSUBI_TESTS_STORE_RANDOM_CHANGES_H
#define MUSUBI_TESTS_STORE_RANDOM_CHANGES_H

#include "fixture.h"
#include "oracle.h"

extern struct fixture fixture;
extern struct oracle oracle;
extern struct arena lasting; /* what the oracle remembers */
extern uint64_t seed;        /* of this run */
extern int set_number;       /* of the last change set */

#define DATE_COUNT 10
extern const char *const dates[DATE_COUNT];

/* A store and an oracle with one hidden record in each register, so that each is one that may have hidden ones. */
void random_begin(uint64_t run_seed);
void random_end(void);
/* One to four operations as one change set. Fails the test when the store accepts what the oracle refuses, the other way
 * round, or makes other revisions. MUSUBI_RANDOM_TELL prints what is done. */
void change_something(void);

size_t chance(size_t below);
bool one_in(size_t number);
const struct reg *any_register(void);
/* "organisation-3": few enough that ids meet again. */
struct str any_id(const struct reg *reg);
/* The id of a present record, if there is one. */
struct str any_existing(const struct reg *reg);
struct str existing_in(const char *register_name);

#endif
