#include "web/search_ask.h"

#include "base/decimal.h"

#define API_LIMIT_MAX 100
#define PAGE_MAX (SEARCH_REACH_MAX / SEARCH_PAGE_ITEMS)

struct asking {
    struct call *call;
    struct search_ask *ask;
    bool strict, has_limit;
};

static int refuse(struct asking *asking, enum problem_kind kind, const struct http_pair *pair, const char *rule,
                  int64_t high)
{
    struct problem problem = problem_of(kind);

    problem.field = pair->name;
    problem.value = pair->value;
    problem.rule = rule;
    problem.low = 1;
    problem.high = high;
    problem_send(asking->call, &problem);
    return -1;
}

static bool read_double(struct str text, double *ret_number)
{
    struct decimal number;

    if (!decimal_parse(str_trim(text), &number)) {
        return false;
    }
    *ret_number = decimal_to_double(number);
    return true;
}

/* "35.68,139.77,10" */
static int read_near(struct asking *asking, const struct http_pair *pair)
{
    struct search_query *query = &asking->ask->query;
    double *const numbers[] = {&query->lat, &query->lon, &query->radius_km};
    struct str rest = pair->value, part;
    bool done = false;

    for (size_t i = 0; i < 3; i++) {
        if (done || !str_next_part(&rest, ',', &done, &part) || !read_double(part, numbers[i])) {
            return refuse(asking, PROBLEM_INVALID_VALUE, pair, "rule-near", 0);
        }
    }
    query->has_point = true;
    asking->ask->near = pair->value;
    return 0;
}

static int read_number(struct asking *asking, const struct http_pair *pair, int64_t high, size_t *ret_number)
{
    int64_t number = 0;

    if (!str_to_int64(pair->value, &number) || number < 1 || number > high) {
        return refuse(asking, PROBLEM_INVALID_VALUE, pair, "rule-range", high);
    }
    *ret_number = (size_t)number;
    return 0;
}

static int read_like(struct asking *asking, const struct http_pair *pair)
{
    size_t slash = str_find_byte(pair->value, '/');

    if (slash == pair->value.len) {
        return refuse(asking, PROBLEM_INVALID_VALUE, pair, "rule-like", 0);
    }
    asking->ask->query.like_register = str_slice(pair->value, 0, slash);
    asking->ask->query.like_id = str_slice(pair->value, slash + 1, pair->value.len);
    return 0;
}

static int read_filter(struct asking *asking, const struct http_pair *pair)
{
    struct search_query *query = &asking->ask->query;
    bool known = str_eq(pair->name, STR("register")) || search_has_facet(asking->call->site->search, pair->name);

    if (!known) {
        return asking->strict ? refuse(asking, PROBLEM_UNKNOWN_PARAMETER, pair, NULL, 0) : 0;
    }
    if (query->filter_count == SEARCH_FILTERS_MAX) {
        return refuse(asking, PROBLEM_TOO_MANY_FILTERS, pair, NULL, 0);
    }
    asking->ask->filters[query->filter_count++] = (struct search_filter){.facet = pair->name, .value = pair->value};
    return 0;
}

static int read_pair(struct asking *asking, const struct http_pair *pair)
{
    struct search_ask *ask = asking->ask;

    if (pair->value.len == 0) {
        return 0;
    }
    if (str_eq(pair->name, STR("q"))) {
        ask->query.text = pair->value;
        return 0;
    }
    if (str_eq(pair->name, STR("near"))) {
        return read_near(asking, pair);
    }
    if (str_eq(pair->name, STR("like"))) {
        return read_like(asking, pair);
    }
    if (str_eq(pair->name, STR("page"))) {
        return read_number(asking, pair, PAGE_MAX, &ask->page);
    }
    if (str_eq(pair->name, STR("limit"))) {
        return read_number(asking, pair, API_LIMIT_MAX, &ask->query.limit);
    }
    if (str_eq(pair->name, STR("match"))) {
        ask->query.any = str_eq(pair->value, STR("any"));
        return ask->query.any || str_eq(pair->value, STR("all"))
                   ? 0
                   : refuse(asking, PROBLEM_INVALID_VALUE, pair, "rule-match", 0);
    }
    if (str_eq(pair->name, STR("view"))) {
        ask->view = str_eq(pair->value, STR("map")) ? pair->value : STR("");
        return 0;
    }
    if (str_eq(pair->name, STR("lang"))) {
        return lang_from_code(pair->value, &ask->query.lang)
                   ? 0
                   : refuse(asking, PROBLEM_INVALID_VALUE, pair, "rule-term", 0);
    }
    return read_filter(asking, pair);
}

int search_ask_read(struct call *call, bool strict, struct search_ask *ret_ask)
{
    struct asking asking = {.call = call, .ask = ret_ask, .strict = strict};

    *ret_ask = (struct search_ask){.query = {.lang = call->lang, .limit = SEARCH_PAGE_ITEMS}, .page = 1};
    ret_ask->query.filters = ret_ask->filters;
    if (call->site->search == NULL) {
        struct problem problem = problem_of(PROBLEM_UNAVAILABLE);
        problem_send(call, &problem);
        return -1;
    }
    for (size_t i = 0; i < call->request->query_count; i++) {
        if (read_pair(&asking, &call->request->query[i]) != 0) {
            return -1;
        }
    }
    ret_ask->query.offset = (ret_ask->page - 1) * ret_ask->query.limit;
    if (ret_ask->query.offset + ret_ask->query.limit > SEARCH_REACH_MAX) {
        struct http_pair pair = {STR("page"), STR("")};
        return refuse(&asking, PROBLEM_INVALID_VALUE, &pair, "rule-range",
                      (int64_t)(SEARCH_REACH_MAX / ret_ask->query.limit));
    }
    return 0;
}

struct str search_address(struct call *call, struct str without, struct str value, struct str add_name,
                          struct str add_value)
{
    struct arena *arena = call->arena;
    struct str kept = STR("");

    for (size_t i = 0; i < call->request->query_count; i++) {
        const struct http_pair *pair = &call->request->query[i];
        bool dropped = str_eq(pair->name, without) && (value.len == 0 || str_eq(pair->value, value));
        if (dropped || pair->value.len == 0 || str_eq(pair->name, STR("page"))) {
            continue;
        }
        kept = arena_concat(arena, 5, kept, kept.len == 0 ? STR("?") : STR("&"), url_segment(arena, pair->name),
                            STR("="), url_segment(arena, pair->value));
    }
    if (add_name.len > 0) {
        kept = arena_concat(arena, 5, kept, kept.len == 0 ? STR("?") : STR("&"), url_segment(arena, add_name), STR("="),
                            url_segment(arena, add_value));
    }
    return kept;
}

int search_ask_run(struct call *call, const struct search_ask *ask, struct search_result *ret_result)
{
    struct err err = {0};

    call->readings += 2;
    if (search_run(call->site->search, &ask->query, call->arena, ret_result, &err) != 0) {
        struct problem problem = problem_from_err(&err);
        if (err.code == ERR_BUSY) {
            http_response_header(call->response, "Retry-After", STR("5"));
        }
        problem_send(call, &problem);
        return -1;
    }
    return 0;
}
