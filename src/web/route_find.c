/* Finding a request's row. The rows are prepared once: taken apart, and sorted by how many parts their paths have, so that a
 * request is compared with few of them and its own path is taken apart once. */
#include "web/chain_page.h"
#include "web/compare_page.h"
#include "web/map_page.h"
#include "web/route.h"

#include "base/memory.h"
#include "web/route_match.h"

#include <pthread.h>
#include <stdlib.h>

static const struct route *const tables[] = {edition_routes, api_routes,     operation_routes, contact_routes,
                                             plan_routes,    meeting_routes, map_routes,       chain_routes,
                                             compare_routes, site_routes,    page_routes};
#define TABLES (sizeof tables / sizeof tables[0])

struct prepared_row {
    const struct route *route;
    enum http_method method;
    struct route_pattern pattern;
};

static struct {
    pthread_once_t once;
    struct prepared_row *rows; /* by the number of their parts, then in the order of the tables */
    size_t first[ROUTE_PARTS_MAX + 2];
    struct str *patterns; /* sorted by bytes */
    size_t count;
} prepared = {.once = PTHREAD_ONCE_INIT};

static int compare_patterns(const void *left, const void *right)
{
    return str_cmp(*(const struct str *)left, *(const struct str *)right);
}

/* The rows with this many parts, behind those that are there. */
static void prepare_rows(size_t parts)
{
    for (size_t t = 0; t < TABLES; t++) {
        for (const struct route *route = tables[t]; route->pattern != NULL; route++) {
            const char *path;
            struct prepared_row row = {.route = route, .method = route_method(route->pattern, &path)};
            route_pattern_read(path, &row.pattern);
            if (row.pattern.parts == parts) {
                prepared.patterns[prepared.count] = str_from_cstr(route->pattern);
                prepared.rows[prepared.count++] = row;
            }
        }
    }
}

static void prepare(void)
{
    size_t count = 0;

    for (size_t t = 0; t < TABLES; t++) {
        for (const struct route *route = tables[t]; route->pattern != NULL; route++) {
            count++;
        }
    }
    /* Kept as long as the process runs. */
    prepared.rows = memory_alloc_array(count, sizeof *prepared.rows);
    prepared.patterns = memory_alloc_array(count, sizeof *prepared.patterns);
    for (size_t parts = 0; parts <= ROUTE_PARTS_MAX; parts++) {
        prepared.first[parts] = prepared.count;
        prepare_rows(parts);
    }
    prepared.first[ROUTE_PARTS_MAX + 1] = prepared.count;
    qsort(prepared.patterns, prepared.count, sizeof *prepared.patterns, compare_patterns);
}

bool route_serves(struct str pattern)
{
    pthread_once(&prepared.once, prepare);
    return bsearch(&pattern, prepared.patterns, prepared.count, sizeof *prepared.patterns, compare_patterns) != NULL;
}

/* Adds what a row that fits the path means for the match; true when it is the one. */
static bool take_row(struct route_match *match, const struct prepared_row *row, enum http_method method,
                     const struct route_params *params)
{
    if (row->method == (method == HTTP_HEAD ? HTTP_GET : method)) {
        match->route = row->route;
        match->params = *params;
        return true;
    }
    if (match->other == NULL) {
        match->other = row->route;
        match->params = *params;
    }
    match->methods |= 1u << row->method;
    return false;
}

struct route_match route_find(struct str path, enum http_method method)
{
    struct route_match match = {0};
    struct route_path taken;

    pthread_once(&prepared.once, prepare);
    if (!route_path_read(path, &taken)) {
        return match;
    }
    for (size_t i = prepared.first[taken.parts]; i < prepared.first[taken.parts + 1]; i++) {
        struct route_params params;
        if (route_pattern_fits(&prepared.rows[i].pattern, &taken, &params) &&
            take_row(&match, &prepared.rows[i], method, &params)) {
            return match;
        }
    }
    return match;
}
