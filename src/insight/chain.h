/* The value chain: who covers which step, in which hub, for which domain, shown by records; what nobody covers; and how far one gets
 * from a hub. What counts as evidence is said in site/insight.json under "chain":
 *
 *   "unit"      {"register", "place", "order", "label"}: the hubs
 *   "steps", "domains"   the vocabularies whose codes rows and domains are; "domains" {"vocabulary", "prefix"}
 *   "needs"     {domain or "default": [step…]}: the steps that a domain's chain needs, in their order
 *   "evidence"  [{"register", "unit", "domain", "step": fields, "filter": {field: [code…]},
 *               "steps_by": {"field", "codes": {code: [step…]}}: steps of records that state none,
 *               "domains_by": the same for domains, "planned": {field: [code…]}: not there yet}]
 *   "support"   [{"name", "title", "evidence": [{"register", "unit", "filter"}], "wanted": [theme…]}]: functions beside the chain
 *   "wanted"    {"register", "unit", "theme", "steps": {theme: [step…]}}: hubs that say they want something
 *   "proposals" {"register", "step", "domain", "plan"}, "plan" {"register", "filter", "by": {"field", "codes": {code: [step…]}}}
 *
 * A record that states neither a step nor a kind from which one follows shows nothing; one that states no domain may serve any,
 * which is shown as possible and fills no gap. */
#ifndef MUSUBI_INSIGHT_CHAIN_H
#define MUSUBI_INSIGHT_CHAIN_H

#include "insight/roles.h"

#define CHAIN_STEPS_MAX 64
#define CHAIN_DOMAINS_MAX 64

struct chain_unit {
    struct str id;
    const struct value *record;
    bool located;
    double lat, lon;
};

/* One record that covers one step in one hub. */
struct chain_evidence {
    const struct reg *reg;
    const struct value *record;
    size_t unit, step; /* positions; for functions of support `step` is theirs */
    uint64_t domains;  /* a bit a domain; 0: it states none */
    bool planned;
};

/* A hub that says it wants a step, or a proposal or action that touches it. */
struct chain_touch {
    const struct reg *reg;
    const struct value *record;
    uint64_t steps;
    uint64_t domains; /* 0: any */
    size_t unit;      /* of wishes */
};

struct chain {
    const struct value *roles; /* the part "chain" */
    const struct model *model;
    const struct reg *unit_reg;
    const struct vocabulary *steps, *domains;
    struct chain_unit *units;
    size_t unit_count;
    struct chain_evidence *evidence, *support;
    size_t evidence_count, support_count;
    struct chain_touch *wishes, *proposals, *actions;
    size_t wish_count, proposal_count, action_count;
};

/* ERR_INVALID when this model has no hubs, steps or domains. */
int chain_read(const struct value *roles, const struct model *model, struct reader *reader, struct arena *arena,
               struct chain *ret_chain, struct err *err);

/* The steps that a domain's chain needs, as positions in the vocabulary, in the order of the chain; at most CHAIN_STEPS_MAX. */
size_t chain_needs(const struct chain *chain, size_t domain, size_t steps[CHAIN_STEPS_MAX]);

enum chain_state { CHAIN_EMPTY, CHAIN_PLANNED, CHAIN_POSSIBLE, CHAIN_FILLED };
/* What the best record in that hub shows for a step of a domain. */
enum chain_state chain_cell(const struct chain *chain, size_t unit, size_t step, size_t domain);
/* Whether this record belongs in that cell, and as what. */
enum chain_state chain_shows(const struct chain_evidence *evidence, size_t domain);

/* Kilometres along the great circle (haversine, radius 6371.0088 km), of degrees. */
double great_circle_km(double lat, double lon, double other_lat, double other_lon);
/* Between two hubs; NAN when one has no place. */
double chain_distance(const struct chain *chain, size_t from, size_t to);
/* The nearest other hub that fills the step for the domain; SIZE_MAX when there is none. Hubs without a place come last. */
size_t chain_nearest(const struct chain *chain, size_t from, size_t step, size_t domain);

/* From a hub along the steps that the domain needs: at each the place one stands at, when it fills the step, else the nearest
 * that does. Where nobody does the chain breaks, and goes on from the same place. */
struct chain_stop {
    size_t step;
    size_t unit; /* SIZE_MAX: it breaks here */
    double km;   /* from the place before; 0 when one stays */
};
size_t chain_walk(const struct chain *chain, size_t from, size_t domain, struct chain_stop stops[CHAIN_STEPS_MAX]);
/* Stops before the first break. */
size_t chain_reach(const struct chain_stop *stops, size_t count);

#endif
