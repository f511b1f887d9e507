/* Patterns of addresses and paths, both taken apart at their slashes. Shared by route_match.c and route_find.c only. */
#ifndef MUSUBI_WEB_ROUTE_MATCH_H
#define MUSUBI_WEB_ROUTE_MATCH_H

#include "web/route.h"

/* No pattern has more parts, what stands before the first slash counted. */
#define ROUTE_PARTS_MAX 10

enum route_part_kind { PART_WORD, PART_LANG, PART_REGISTER, PART_FORM, PART_ID, PART_NAME };

struct route_pattern {
    size_t parts;
    enum route_part_kind kinds[ROUTE_PARTS_MAX];
    struct str words[ROUTE_PARTS_MAX]; /* of PART_WORD */
};

struct route_path {
    size_t parts;
    struct str part[ROUTE_PARTS_MAX];
};

/* A pattern without its method; one with more parts than the maximum is a bug. */
void route_pattern_read(const char *pattern, struct route_pattern *ret_pattern);
/* False when it has more parts than any pattern. */
bool route_path_read(struct str path, struct route_path *ret_path);
bool route_pattern_fits(const struct route_pattern *pattern, const struct route_path *path,
                        struct route_params *ret_params);

#endif
