#include "insight/hub_index_internal.h"

#include "model/record.h"

#include <math.h>

const struct str index_normalisation_codes[COMPOSITE_NORMALISATIONS] = {
    {"min-max", 7}, {"z-score", 7}, {"rank", 4}, {"distance-to-best", 16}, {"none", 4},
};
const struct str index_weighting_codes[INDEX_WEIGHTINGS] = {{"equal", 5}, {"given", 5}, {"edition", 7}};
const struct str index_aggregation_codes[COMPOSITE_AGGREGATIONS] = {{"arithmetic", 10}, {"geometric", 9}};
const struct str index_missing_codes[COMPOSITE_MISSINGS] = {{"available", 9}, {"mean", 4}, {"complete", 8}};

/* ---- the method ---- */

static int code_position(const struct str *codes, int count, struct str code, int otherwise)
{
    for (int i = 0; i < count; i++) {
        if (str_eq(codes[i], code)) {
            return i;
        }
    }
    return otherwise;
}

static struct str method_text(const struct indexing *indexing, const char *member)
{
    const struct value *part = value_get(indexing->roles, STR("method"));

    return value_get_text(indexing->method, value_get_text(part, str_from_cstr(member)));
}

static int whole_number(const struct value *record, struct str name)
{
    const struct value *value = value_get(record, name);
    int64_t number = 0;

    if (value == NULL || value->kind != VALUE_NUMBER || !decimal_to_int64(value->number, &number)) {
        return 0;
    }
    return (int)number;
}

static int find_method(struct indexing *indexing, struct err *err)
{
    const struct index_request *request = indexing->request;
    const struct value *part = value_get(indexing->roles, STR("method"));
    const struct reg *reg = roles_register(part, request->model);
    struct found found = {0};

    if (request->method.len == 0) {
        return 0;
    }
    if (reg == NULL) {
        return err_set(err, ERR_INVALID, "this model has no register of methods");
    }
    if (store_get(request->methods, reg, request->method, indexing->arena, &found, NULL, err) != 0) {
        return err->code == ERR_NOT_FOUND ? err_set(err, ERR_NOT_FOUND, "there is no method \"%.*s\" in %.*s",
                                                    STR_ARG(request->method), STR_ARG(reg->name))
                                          : -1;
    }
    indexing->method = found.record;
    return 0;
}

/* The position of the method's code, 0 when it says nothing, -1 with err for one that is none of these. */
static int choice(const struct indexing *indexing, const char *member, const struct str *codes, int count,
                  struct err *err)
{
    struct str code = method_text(indexing, member);
    int position = code.len == 0 ? 0 : code_position(codes, count, code, -1);

    if (position < 0) {
        err_set(err, ERR_INVALID, "the index cannot be made with \"%.*s\" as %s", STR_ARG(code), member);
    }
    return position;
}

static int choose(struct indexing *indexing, struct err *err)
{
    struct index_result *result = indexing->result;
    const struct index_request *request = indexing->request;
    const struct value *defaults = value_get(indexing->roles, STR("defaults"));
    const struct value *part = value_get(indexing->roles, STR("method"));

    int normalisation = choice(indexing, "normalisation", index_normalisation_codes, COMPOSITE_NORMALISATIONS, err);
    int weighting = choice(indexing, "weighting", index_weighting_codes, INDEX_WEIGHTINGS, err);
    int aggregation = choice(indexing, "aggregation", index_aggregation_codes, COMPOSITE_AGGREGATIONS, err);
    int missing = choice(indexing, "missing", index_missing_codes, COMPOSITE_MISSINGS, err);

    if (normalisation < 0 || weighting < 0 || aggregation < 0 || missing < 0) {
        return -1;
    }
    result->method.normalisation = (enum composite_normalisation)normalisation;
    result->weighting = (enum index_weighting)weighting;
    result->method.aggregation = (enum composite_aggregation)aggregation;
    result->method.missing = (enum composite_missing)missing;
    result->year =
        request->year != 0 ? request->year : whole_number(indexing->method, value_get_text(part, STR("year")));
    result->runs = request->runs != 0 ? request->runs : (uint32_t)roles_number(defaults, "runs", 10000);
    result->seed = request->has_seed ? request->seed : (uint64_t)roles_number(defaults, "seed", 1);
    result->spread = roles_number(defaults, "spread", 0.25);
    result->low = roles_number(defaults, "low", 0.05);
    result->high = roles_number(defaults, "high", 0.95);
    result->least_units = (size_t)roles_number(defaults, "least_units", 3);
    result->least_known = (size_t)roles_number(defaults, "least_known", 3);
    result->least_share = roles_number(defaults, "least_share", 0.65);
    result->years_back = (int)roles_number(defaults, "years_back", 5);
    return 0;
}

/* ---- figures ---- */

static int find_id(const struct records *records, struct str id)
{
    size_t low = 0;
    size_t high = records->count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = str_cmp(record_id(records->items[middle]), id);
        if (order == 0) {
            return (int)middle;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return -1;
}

static int value_year(const struct indexing *indexing, const struct value *record)
{
    return whole_number(record, value_get_text(value_get(indexing->roles, STR("value")), STR("year")));
}

/* Whether a value speaks of the whole hub, and of what is rather than of what is wanted. */
static bool counts(const struct indexing *indexing, const struct value *record)
{
    const struct value *part = value_get(indexing->roles, STR("value"));
    const struct value *kinds = value_get(part, STR("kinds"));
    struct str kind = value_get_text(record, value_get_text(part, STR("kind")));

    return !value_get_bool(record, value_get_text(part, STR("part"))) &&
           (kind.len == 0 || value_count(kinds) == 0 || roles_lists(kinds, kind));
}

/* Unless a year was asked for: the newest of any value that counts, entered or computed. */
static void newest_year(struct indexing *indexing)
{
    struct index_result *result = indexing->result;
    bool asked = result->year != 0;

    for (size_t i = 0; !asked && i < indexing->values.count; i++) {
        int year = value_year(indexing, indexing->values.items[i]);
        if (year > result->year && counts(indexing, indexing->values.items[i])) {
            result->year = year;
        }
    }
}

static bool is_in_time(const struct index_result *result, int year)
{
    return year <= result->year && year >= result->year - result->years_back;
}

static void take_figure(struct indexing *indexing, const struct value *record)
{
    struct index_result *result = indexing->result;
    const struct value *part = value_get(indexing->roles, STR("value"));
    int unit = find_id(&indexing->units, value_get_text(record, value_get_text(part, STR("unit"))));
    int indicator = find_id(&indexing->indicators, value_get_text(record, value_get_text(part, STR("indicator"))));
    int year = value_year(indexing, record);
    double number = figure_number(value_get(record, value_get_text(part, STR("figure"))));
    size_t at;

    if (unit < 0 || indicator < 0 || isnan(number) || !is_in_time(result, year) || !counts(indexing, record)) {
        return;
    }
    at = (size_t)unit * result->indicator_count + (size_t)indicator;
    if (year > result->years[at]) {
        result->years[at] = year;
        result->figures[at] = number;
    }
}

static void take_units(struct indexing *indexing)
{
    struct index_result *result = indexing->result;

    result->unit_count = indexing->units.count;
    result->units = ARENA_NEW_ARRAY(indexing->arena, result->unit_count, struct index_unit);
    for (size_t u = 0; u < result->unit_count; u++) {
        const struct value *record = indexing->units.items[u];
        result->units[u] = (struct index_unit){
            .id = record_id(record),
            .label = record_label(indexing->request->model, indexing->units.reg, record, indexing->arena),
            .score = NAN,
        };
    }
}

static void take_indicators(struct indexing *indexing)
{
    struct index_result *result = indexing->result;
    const struct value *part = value_get(indexing->roles, STR("indicator"));

    result->indicator_count = indexing->indicators.count;
    result->indicators = ARENA_NEW_ARRAY(indexing->arena, result->indicator_count, struct index_indicator);
    for (size_t i = 0; i < result->indicator_count; i++) {
        const struct value *record = indexing->indicators.items[i];
        const struct value *weight = value_get(record, value_get_text(part, STR("weight")));
        const struct measure *measure;
        const struct measure_split *split;
        result->indicators[i] = (struct index_indicator){
            .id = record_id(record),
            .label = record_label(indexing->request->model, indexing->indicators.reg, record, indexing->arena),
            .down = str_eq(value_get_text(record, value_get_text(part, STR("direction"))),
                           value_get_text(part, STR("down"))),
            .own = (signed char)code_position(index_normalisation_codes, COMPOSITE_NORMALISATIONS,
                                              value_get_text(record, value_get_text(part, STR("normalisation"))), -1),
            .given = weight != NULL && weight->kind == VALUE_NUMBER ? decimal_to_double(weight->number) : (double)NAN,
            .units = result->unit_count,
            .measure = value_get_text(record, value_get_text(part, STR("measure"))),
            .computed = measured_by(indexing->roles, indexing->request->model, record, &measure, &split),
        };
    }
}

/* {field: ["true"]} for the field that marks indicators for the index. */
static const struct value *marked(struct indexing *indexing)
{
    struct arena *arena = indexing->arena;
    struct value *filter = value_object(arena);
    struct value *codes = value_list(arena);

    value_append(arena, codes, value_text(arena, STR("true")));
    value_set(arena, filter, value_get_text(value_get(indexing->roles, STR("indicator")), STR("in")), codes);
    return filter;
}

int index_read(struct indexing *indexing, struct err *err)
{
    const struct index_request *request = indexing->request;
    const struct value *unit = value_get(indexing->roles, STR("unit"));
    const struct value *indicator = value_get(indexing->roles, STR("indicator"));
    const struct value *value = value_get(indexing->roles, STR("value"));
    const struct reg *unit_reg = roles_register(unit, request->model);
    const struct reg *indicator_reg = roles_register(indicator, request->model);
    const struct reg *value_reg = roles_register(value, request->model);
    size_t cells;

    if (unit_reg == NULL || indicator_reg == NULL || value_reg == NULL) {
        return err_set(err, ERR_INVALID, "this model has no registers to make an index of");
    }
    if (find_method(indexing, err) != 0 ||
        records_read(request->figures, unit_reg, value_get(unit, STR("filter")), indexing->arena, &indexing->units,
                     err) != 0 ||
        records_read(request->methods, indicator_reg, marked(indexing), indexing->arena, &indexing->indicators, err) !=
            0 ||
        records_read(request->figures, value_reg, NULL, indexing->arena, &indexing->values, err) != 0) {
        return -1;
    }
    if (indexing->indicators.count == 0) {
        indexing->result->state = INDEX_NO_INDICATOR;
        if (records_read(request->methods, indicator_reg, NULL, indexing->arena, &indexing->indicators, err) != 0) {
            return -1;
        }
    }
    if (measured_add(indexing->roles, request->model, request->figures, request->zone, &indexing->indicators,
                     indexing->arena, &indexing->values, err) != 0 ||
        choose(indexing, err) != 0) {
        return -1;
    }
    newest_year(indexing);
    take_units(indexing);
    take_indicators(indexing);
    cells = indexing->result->unit_count * indexing->result->indicator_count;
    indexing->result->figures = ARENA_NEW_ARRAY(indexing->arena, cells, double);
    indexing->result->years = ARENA_NEW_ARRAY(indexing->arena, cells, int);
    for (size_t at = 0; at < cells; at++) {
        indexing->result->figures[at] = NAN;
    }
    for (size_t i = 0; i < indexing->values.count; i++) {
        take_figure(indexing, indexing->values.items[i]);
    }
    return 0;
}

/* ---- all of it ---- */

int index_compute(const struct value *roles, const struct index_request *request, struct arena *arena,
                  struct index_result *ret_result, struct err *err)
{
    struct index_result result = {.state = INDEX_RANKED};
    struct indexing indexing = {
        .roles = value_get(roles, STR("index")),
        .request = request,
        .arena = arena,
        .result = &result,
    };

    if (index_read(&indexing, err) != 0 || index_rank(&indexing, err) != 0) {
        return -1;
    }
    *ret_result = result;
    return 0;
}

struct str index_release(const struct value *roles, const struct value *community)
{
    return value_get_text(community, value_get_text(value_get(roles, STR("index")), STR("release")));
}
