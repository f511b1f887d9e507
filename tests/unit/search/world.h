/* A store of an invented community in a folder of its own, and its search. A step that fails fails the test. */
#ifndef MUSUBI_TESTS_SEARCH_WORLD_H
#define MUSUBI_TESTS_SEARCH_WORLD_H

#include "unit.h"

#include "search/search.h"

struct world {
    char folder[64];
    struct arena arena;
    struct model *model;
    struct store *store;
    struct search *search;
    struct value *rules;
    int64_t unlisted_min; /* of the search's configuration */
};

void world_open(struct world *world);
void world_close(struct world *world);
void open_search(struct world *world);
void catch_up(struct world *world);

void write_set(struct world *world, int (*fill)(void *context, struct change_set *changes, struct err *err),
               void *context);
/* One record as JSON. */
void put(struct world *world, const char *register_name, const char *json);
void change(struct world *world, enum change_kind kind, const char *register_name, const char *id, const char *other);

struct search_result ask(struct world *world, struct search_query query);
/* Ids that a query finds, in their own order. */
const char *found(struct world *world, const char *text, enum visibility sees);
#define FINDS(text, ids) assert_string_equal(found(world, text, VISIBILITY_PUBLIC), ids)
#define MEMBERS_FIND(text, ids) assert_string_equal(found(world, text, VISIBILITY_MEMBERS), ids)
/* Every record is indexed as it is. */
void check_sound(struct world *world);

#endif
