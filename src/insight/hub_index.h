/* The composite index of a community's hubs (or of whatever site/insight.json names), from its records to ranks with their
 * intervals. Figures come from the records of the register of values, one number for each hub and indicator:
 *   - the newest whose year is not after the year asked for and at most years_back before it;
 *   - not those that cover a part of the hub only, nor those of another kind than stated ones (plans, targets);
 *   - of a range its middle, of “at least” and “at most” the bound.
 * An indicator is left out when fewer than least_known hubs have a figure or all have the same, a hub when it has figures for
 * less than least_share of the indicators that remain (under COMPLETE: for fewer than all); both in turns until nothing more
 * falls out. With fewer hubs than least_units left nothing is ranked. */
#ifndef MUSUBI_INSIGHT_HUB_INDEX_H
#define MUSUBI_INSIGHT_HUB_INDEX_H

#include "insight/composite.h"
#include "insight/measured.h"
#include "insight/roles.h"

enum index_weighting { INDEX_EQUAL, INDEX_GIVEN, INDEX_BY_EDITION };
#define INDEX_WEIGHTINGS 3

/* The codes of the choices in the vocabularies normalisation, index-weighting, index-aggregation, index-missing; the first of
 * each is the default. */
extern const struct str index_normalisation_codes[COMPOSITE_NORMALISATIONS];
extern const struct str index_weighting_codes[INDEX_WEIGHTINGS];
extern const struct str index_aggregation_codes[COMPOSITE_AGGREGATIONS];
extern const struct str index_missing_codes[COMPOSITE_MISSINGS];

struct index_request {
    const struct model *model;
    struct reader *figures; /* hubs and values as this reader sees them */
    struct reader *methods; /* indicators, methods, weights; may be the same */
    struct str zone;        /* in which days begin: the community's */
    struct str method;      /* id of a record of the register of methods; empty: none, all defaults */
    int year;               /* 0: the method's, else the newest year of any value, entered or computed */
    uint32_t runs;          /* 0: the default */
    bool has_seed;
    uint64_t seed;
};

enum index_state {
    INDEX_RANKED,
    INDEX_NO_INDICATOR,    /* none is marked for the index: the result lists all there are */
    INDEX_TOO_FEW_FIGURES, /* none of those marked has figures for enough hubs */
    INDEX_TOO_FEW_UNITS,   /* too few hubs have enough figures */
};

struct index_unit {
    struct str id;
    struct bilingual label;
    size_t known; /* of the indicators used */
    bool used;
    double score;  /* used ones only */
    uint32_t rank; /* the same */
    struct composite_interval interval;
};

struct index_indicator {
    struct str id;
    struct bilingual label;
    bool down;
    signed char own; /* a normalisation of its own, or -1 */
    double weight;   /* in the method; those of the indicators used sum to 1 */
    double given;    /* in the register of indicators; NAN: none */
    size_t known;    /* hubs that have a figure */
    size_t units;    /* hubs there are */
    bool used;
    struct str measure;             /* what it names to be computed by; empty: its figures are entered */
    enum measured_problem computed; /* why it cannot be */
};

struct index_result {
    enum index_state state;
    struct composite_method method; /* its weights are those of the indicators used, in their order */
    enum index_weighting weighting;
    int year;
    uint32_t runs;
    uint64_t seed;
    double spread, low, high;
    size_t least_units, least_known;
    double least_share;
    int years_back;
    struct index_indicator *indicators; /* in order of id */
    size_t indicator_count, indicators_used;
    struct index_unit *units; /* used ones by rank, then the others in order of id */
    size_t unit_count, units_used;
    double *figures; /* unit_count × indicator_count, in these orders; NAN: not known */
    int *years;      /* of the figures; 0: none */
};

/* ERR_NOT_FOUND when the method is not there, ERR_INVALID when this model has nothing to make an index of or the weights of the
 * method are missing. */
int index_compute(const struct value *roles, const struct index_request *request, struct arena *arena,
                  struct index_result *ret_result, struct err *err);

/* The id of the decision by which the community's record releases scores to the public; empty when it names none. */
struct str index_release(const struct value *roles, const struct value *community);

#endif
