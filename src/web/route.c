#include "web/route.h"

#include "web/edition.h"
#include "web/problem.h"
#include "web/site_pages.h"

#include "base/log.h"

#include <stdio.h>
#include <time.h>

/* The methods of an address as the header Allow lists them. */
static struct str allowed_methods(struct arena *arena, unsigned methods)
{
    static const struct {
        enum http_method method;
        const char *words;
    } all[] = {{HTTP_GET, "GET, HEAD, "}, {HTTP_POST, "POST, "}, {HTTP_PUT, "PUT, "}, {HTTP_DELETE, "DELETE, "}};
    struct str words = STR("");

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if ((methods & 1u << all[i].method) != 0) {
            words = arena_concat(arena, 2, words, str_from_cstr(all[i].words));
        }
    }
    return arena_concat(arena, 2, words, STR("OPTIONS"));
}

/* The store has an index for facets, references and what is unique; by other fields it looks at every record. */
static bool narrows_without_index(const struct reg *reg, const struct http_request *request)
{
    for (size_t i = 0; i < request->query_count; i++) {
        const struct field *field = reg_field(reg, request->query[i].name);
        if (field != NULL && !field->facet && !field->unique && field->reference == NULL) {
            return true;
        }
    }
    return false;
}

/* What looks at every record of every register. */
static bool reads_all(route_handler *handle)
{
    return handle == data_workbook || handle == data_archive || handle == page_completeness ||
           handle == completeness_counts || handle == completeness_worklist;
}

bool route_is_slow(void *context, const struct http_request *request)
{
    const struct site *site = context;
    struct route_match match = route_find(edition_path(request->path, request->arena), request->method);
    const struct reg *reg = match.route == NULL ? NULL : model_register(site->model, match.params.reg);

    if (match.route != NULL && request->method != HTTP_GET && request->method != HTTP_HEAD) {
        return true;
    }
    if (match.route != NULL && reads_all(match.route->handle)) {
        return true;
    }
    if (reg == NULL || match.params.id.len > 0) {
        return false;
    }
    return match.params.form.len > 0 || narrows_without_index(reg, request);
}

/* ---- language ---- */

/* Weight of one language range in thousandths: "en;q=0.8" → 800. */
static int range_weight(struct str *range)
{
    size_t semicolon = str_find_byte(*range, ';');
    struct str weight = str_trim(str_slice(*range, semicolon + 1, range->len));
    struct decimal q;
    int64_t thousandths = 0;

    *range = str_trim(str_slice(*range, 0, semicolon));
    if (weight.len == 0) {
        return 1000;
    }
    if (!str_starts_with(weight, STR("q=")) || !decimal_parse(str_slice(weight, 2, weight.len), &q) ||
        !decimal_shift(q, 3, &q) || !decimal_to_int64(q, &thousandths) || thousandths < 0 || thousandths > 1000) {
        return 0;
    }
    return (int)thousandths;
}

/* English when nothing fits: most readers who know neither language have met it. */
static enum lang accepted_lang(const struct http_request *request)
{
    struct str rest = http_header(request, "Accept-Language");
    struct str range;
    enum lang best = LANG_EN;
    int best_weight = 0;
    bool done = rest.len == 0;

    while (!done && str_next_part(&rest, ',', &done, &range)) {
        int weight = range_weight(&range);
        enum lang lang;
        if (weight > best_weight && lang_from_code(str_slice(range, 0, str_find_byte(range, '-')), &lang)) {
            best = lang;
            best_weight = weight;
        }
    }
    return best;
}

/* ---- headers ---- */

/* No script, no style or image from elsewhere, no frame; nothing is loaded that the site itself does not serve. */
#define POLICY_DATA "default-src 'none'; frame-ancestors 'none'"

struct str route_policy(struct str images_from, struct arena *arena)
{
    return arena_concat(arena, 4, STR("default-src 'none'; style-src 'self'; img-src 'self'"),
                        images_from.len > 0 ? STR(" ") : STR(""), images_from,
                        STR("; font-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; "
                            "base-uri 'none'; frame-ancestors 'none'"));
}

static void add_security_headers(const struct call *call)
{
    struct http_response *response = call->response;
    bool html = str_starts_with(response->content_type, STR("text/html"));

    http_response_header(response, "X-Content-Type-Options", STR("nosniff"));
    http_response_header(response, "Content-Security-Policy", html ? call->site->policy : STR(POLICY_DATA));
    http_response_header(response, "Referrer-Policy", STR("strict-origin-when-cross-origin"));
    if (html) {
        http_response_header(response, "Cross-Origin-Opener-Policy", STR("same-origin"));
        http_response_header(response, "Permissions-Policy", STR("camera=(), geolocation=(), microphone=()"));
    }
    if (call->request->https) {
        http_response_header(response, "Strict-Transport-Security", STR("max-age=31536000"));
    }
}

static bool is_api_path(struct str path)
{
    return str_starts_with(path, STR("/api/")) || str_eq(path, STR("/api"));
}

/* Whoever may read may read from a script of another site too: nothing here depends on who asks. */
static void add_cors_headers(struct http_response *response)
{
    http_response_header(response, "Access-Control-Allow-Origin", STR("*"));
    http_response_header(response, "Access-Control-Expose-Headers", STR("ETag, Link, Location"));
}

static void answer_options(struct call *call)
{
    struct http_response *response = call->response;

    response->status = 204;
    http_response_header(response, "Allow", call->allow.len > 0 ? call->allow : STR("GET, HEAD, OPTIONS"));
    if (is_api_path(call->request->path)) {
        http_response_header(response, "Access-Control-Allow-Methods", STR("GET, HEAD, OPTIONS"));
        http_response_header(response, "Access-Control-Allow-Headers", STR("Accept, Content-Type, If-None-Match"));
        http_response_header(response, "Access-Control-Max-Age", STR("86400"));
    }
}

/* ---- one request ---- */

/* An address with one slash too many or too few at its end moves to the right one. */
static bool redirect_slash(struct call *call)
{
    struct str path = call->request->path;
    struct str raw = call->request->raw_target;
    struct str raw_path = str_slice(raw, 0, str_find_byte(raw, '?'));
    int status = is_api_path(path) ? 308 : 301;

    if (path.len > 1 && str_ends_with(path, STR("/")) &&
        route_find(str_slice(path, 0, path.len - 1), HTTP_GET).route != NULL) {
        call_redirect(call, status, str_slice(raw_path, 0, raw_path.len - 1));
        return true;
    }
    if (!str_ends_with(path, STR("/")) &&
        route_find(arena_concat(call->arena, 2, path, STR("/")), HTTP_GET).route != NULL) {
        call_redirect(call, status, arena_concat(call->arena, 2, raw_path, STR("/")));
        return true;
    }
    return false;
}

static void send_kind(struct call *call, enum problem_kind kind)
{
    struct problem problem = problem_of(kind);

    problem.value = kind == PROBLEM_METHOD ? call->request->method_name : call->request->path;
    problem_send(call, &problem);
}

/* The language that the address names, else the one its reader prefers; English for programs. */
static enum lang lang_of(const struct call *call)
{
    struct str path = call->request->path;
    struct str code = call->params.lang;
    enum lang lang;

    if (code.len == 0 && call->is_page && path.len >= 3) {
        code = str_slice(path, 1, 3);
    }
    if (lang_from_code(code, &lang)) {
        return lang;
    }
    return call->is_page ? accepted_lang(call->request) : LANG_EN;
}

static void answer(struct call *call)
{
    const struct http_request *request = call->request;
    bool known = edition_begin(call);
    struct route_match match = route_find(request->path, request->method);
    const struct route *row = match.route != NULL ? match.route : match.other;
    bool reads = request->method == HTTP_GET || request->method == HTTP_HEAD;

    call->params = match.params;
    call->allow = match.methods != 0 ? allowed_methods(call->arena, match.methods) : STR("");
    call->is_page = row != NULL ? row->is_page : !is_api_path(request->path);
    call->lang = lang_of(call);
    if (!known) {
        send_kind(call, PROBLEM_NO_EDITION);
    } else if (request->method == HTTP_OPTIONS) {
        answer_options(call);
    } else if (match.route != NULL) {
        match.route->handle(call);
    } else if (match.other != NULL) {
        send_kind(call, PROBLEM_METHOD);
    } else if (!reads || !redirect_slash(call)) {
        send_kind(call, PROBLEM_NOT_FOUND);
    }
}

static uint64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* ---- answers that are kept ---- */

/* All that an answer depends on besides the store's records: the address, how the site is called where nobody has said,
 * which editions there are, and whether the store has become one of invented records since. */
static struct str cache_key(const struct call *call)
{
    const struct http_request *request = call->request;
    struct str scheme = request->https ? STR("https ") : STR("http ");
    struct str host = call->site->public_url.len > 0 ? STR("") : http_header(request, "Host");
    struct str sample = store_is_sample(call->site->store) ? STR("sample ") : STR("");
    const struct edition *newest = store_editions(call->site->store);
    struct str editions = newest == NULL ? STR("") : arena_format(call->arena, "%lld ", (long long)newest->number);

    return arena_concat(call->arena, 6, sample, editions, scheme, host, STR(" "), request->raw_target);
}

/* Answers with a tag of their content, made from at most one reading. What has no reading at all is the same as long as this
 * process runs. Exports are made anew: they are large and seldom. */
static bool may_be_kept(const struct call *call)
{
    return call->response->status == 200 && call->readings <= 1 && call->params.form.len == 0 &&
           http_response_value(call->response, "ETag").len > 0 &&
           !str_eq(http_response_value(call->response, "Cache-Control"), STR("no-store"));
}

/* An answer that is not kept but whose tag the client may have. */
static void answer_condition(struct call *call)
{
    struct http_response *response = call->response;
    struct str tag = http_response_value(response, "ETag");

    if (response->status == 200 && tag.len > 0 && etag_matches(http_header(call->request, "If-None-Match"), tag)) {
        response->status = 304;
    }
}

static void keep_answer(struct call *call, struct str key)
{
    struct site *site = call->site;
    struct cache_entry *entry = NULL;
    struct buf owned = call->response->owned;

    if (may_be_kept(call)) {
        entry = cache_keep(site->cache, key, call->request, call->response, call->notes);
    }
    if (entry == NULL) {
        answer_condition(call);
    } else if (cache_answer(site->cache, entry, call->request, call->response)) {
        call->response->owned = (struct buf){0};
        buf_free(&owned);
    }
}

static void answer_anew(struct call *call)
{
    answer(call);
    if (is_api_path(call->request->path)) {
        add_cors_headers(call->response);
    }
    add_security_headers(call);
}

/* Without the query, in which people's words stand, and without the address. */
static void finish(struct site *site, const struct http_request *request, const struct http_response *response,
                   uint64_t took_us)
{
    metrics_count(&site->metrics, response->status, took_us);
    if (site->log_requests) {
        char status[16], took[24];
        snprintf(status, sizeof status, "%d", response->status);
        snprintf(took, sizeof took, "%llu", (unsigned long long)took_us);
        log_write(LOG_INFO, "request", 4, "method", request->method_name, "path", request->path, "status",
                  str_from_cstr(status), "took_us", str_from_cstr(took));
    }
}

bool route_answer_kept(void *context, struct http_request *request, struct http_response *response)
{
    struct site *site = context;
    struct call call = {.site = site, .request = request, .response = response, .arena = request->arena};
    struct cache_entry *entry;
    uint64_t began_us;

    if (site->cache == NULL || (request->method != HTTP_GET && request->method != HTTP_HEAD)) {
        return false;
    }
    began_us = now_us();
    entry = cache_find(site->cache, cache_key(&call));
    if (entry == NULL || !cache_answer(site->cache, entry, request, response)) {
        return false;
    }
    finish(site, request, response, now_us() - began_us);
    return true;
}

void route_request(void *context, struct http_request *request, struct http_response *response)
{
    struct site *site = context;
    struct call call = {.site = site, .request = request, .response = response, .arena = request->arena};
    struct notes notes = {.seq = INT64_MAX};
    uint64_t began_us = now_us();

    if (site->cache != NULL && (request->method == HTTP_GET || request->method == HTTP_HEAD)) {
        struct str key = cache_key(&call); /* before: an edition that is frozen meanwhile has another */
        call.notes = &notes;
        answer_anew(&call);
        keep_answer(&call, key);
    } else {
        answer_anew(&call);
    }
    finish(site, request, response, now_us() - began_us);
}
