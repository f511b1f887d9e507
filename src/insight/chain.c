#include "insight/chain.h"

#include <math.h>

#define EARTH_KM 6371.0088

size_t chain_needs(const struct chain *chain, size_t domain, size_t steps[CHAIN_STEPS_MAX])
{
    const struct value *needs = value_get(chain->roles, STR("needs"));
    const struct value *list = value_get(needs, chain->domains->terms[domain].code);
    size_t count = 0;

    list = list == NULL ? value_get(needs, STR("default")) : list;
    for (size_t i = 0; i < value_count(list) && count < CHAIN_STEPS_MAX; i++) {
        const struct term *term = vocabulary_term(chain->steps, value_text_of(value_at(list, i)));
        if (term != NULL) {
            steps[count++] = term->position;
        }
    }
    return count;
}

enum chain_state chain_shows(const struct chain_evidence *evidence, size_t domain)
{
    if (evidence->domains != 0 && (evidence->domains >> domain & 1) == 0) {
        return CHAIN_EMPTY;
    }
    if (evidence->planned) {
        return CHAIN_PLANNED;
    }
    return evidence->domains == 0 ? CHAIN_POSSIBLE : CHAIN_FILLED;
}

enum chain_state chain_cell(const struct chain *chain, size_t unit, size_t step, size_t domain)
{
    enum chain_state best = CHAIN_EMPTY;

    for (size_t i = 0; i < chain->evidence_count; i++) {
        const struct chain_evidence *evidence = &chain->evidence[i];
        if (evidence->unit == unit && evidence->step == step) {
            enum chain_state state = chain_shows(evidence, domain);
            best = state > best ? state : best;
        }
    }
    return best;
}

double great_circle_km(double lat, double lon, double other_lat, double other_lon)
{
    double radians = M_PI / 180.0;
    double half_lat = sin((other_lat - lat) * radians / 2);
    double half_lon = sin((other_lon - lon) * radians / 2);
    double h = half_lat * half_lat + cos(lat * radians) * cos(other_lat * radians) * half_lon * half_lon;

    return 2 * EARTH_KM * asin(sqrt(fmin(1, h)));
}

double chain_distance(const struct chain *chain, size_t from, size_t to)
{
    const struct chain_unit *a = &chain->units[from];
    const struct chain_unit *b = &chain->units[to];

    if (from == to) {
        return 0;
    }
    return a->located && b->located ? great_circle_km(a->lat, a->lon, b->lat, b->lon) : (double)NAN;
}

size_t chain_nearest(const struct chain *chain, size_t from, size_t step, size_t domain)
{
    size_t nearest = SIZE_MAX;
    double least = (double)INFINITY;

    for (size_t u = 0; u < chain->unit_count; u++) {
        double km;
        if (u == from || chain_cell(chain, u, step, domain) != CHAIN_FILLED) {
            continue;
        }
        km = chain_distance(chain, from, u);
        if (nearest == SIZE_MAX || km < least) {
            nearest = u;
            least = isnan(km) ? (double)INFINITY : km;
        }
    }
    return nearest;
}

size_t chain_walk(const struct chain *chain, size_t from, size_t domain, struct chain_stop stops[CHAIN_STEPS_MAX])
{
    size_t steps[CHAIN_STEPS_MAX];
    size_t count = chain_needs(chain, domain, steps);
    size_t here = from;

    for (size_t s = 0; s < count; s++) {
        struct chain_stop *stop = &stops[s];
        *stop = (struct chain_stop){.step = steps[s], .unit = here};
        if (chain_cell(chain, here, steps[s], domain) != CHAIN_FILLED) {
            stop->unit = chain_nearest(chain, here, steps[s], domain);
        }
        if (stop->unit != SIZE_MAX) {
            stop->km = chain_distance(chain, here, stop->unit);
            here = stop->unit;
        }
    }
    return count;
}

size_t chain_reach(const struct chain_stop *stops, size_t count)
{
    size_t reach = 0;

    while (reach < count && stops[reach].unit != SIZE_MAX) {
        reach++;
    }
    return reach;
}
