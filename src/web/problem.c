#include "web/problem.h"

#include "base/log.h"
#include "web/page.h"
#include "web/site.h"

#define TOLD_VALUE_MAX 120 /* bytes of a refused value that are repeated */
#define TOLD_VALUES_MAX 12 /* allowed values named in the sentence; the list has them all */

static enum problem_kind kind_of_code(enum err_code code)
{
    switch (code) {
    case ERR_INVALID:
        return PROBLEM_INVALID_VALUE;
    case ERR_NOT_FOUND:
        return PROBLEM_NO_RECORD;
    case ERR_CONFLICT:
        return PROBLEM_CONFLICT;
    case ERR_DENIED:
        return PROBLEM_DENIED;
    case ERR_LIMIT:
        return PROBLEM_TOO_LARGE;
    case ERR_BUSY:
        return PROBLEM_UNAVAILABLE;
    case ERR_NONE:
    case ERR_IO:
    case ERR_INTERNAL:
        break;
    }
    return PROBLEM_INTERNAL;
}

struct problem problem_from_err(const struct err *err)
{
    struct problem problem = problem_of(kind_of_code(err->code));

    if (problem.kind == PROBLEM_INTERNAL || problem.kind == PROBLEM_UNAVAILABLE) {
        log_write(LOG_ERROR, "request-failed", 2, "code", str_from_cstr(err_code_name(err->code)), "message",
                  str_from_cstr(err->message));
    } else if (err->code == ERR_INVALID && str_eq(str_from_cstr(err->field), STR("cursor"))) {
        problem.kind = PROBLEM_INVALID_CURSOR;
        problem.field = STR("cursor");
    } else if (err->code == ERR_INVALID || err->code == ERR_LIMIT) {
        problem.field = str_from_cstr(err->field);
        problem.detail = str_from_cstr(err->message);
    }
    return problem;
}

/* The beginning of a text, cut between characters. */
static struct str shorten(struct arena *arena, struct str text)
{
    size_t end = TOLD_VALUE_MAX;

    if (text.len <= TOLD_VALUE_MAX) {
        return text;
    }
    while (end > 0 && ((unsigned char)text.ptr[end] & 0xC0) == 0x80) {
        end--;
    }
    return arena_concat(arena, 2, str_slice(text, 0, end), STR("…"));
}

static struct str join_values(struct arena *arena, const struct value *values)
{
    struct str joined = STR("");

    for (size_t i = 0; i < value_count(values) && i < TOLD_VALUES_MAX; i++) {
        struct str separator = i == 0 ? STR("") : STR(", ");
        joined = arena_concat(arena, 3, joined, separator, value_text_of(value_at(values, i)));
    }
    return value_count(values) > TOLD_VALUES_MAX ? arena_concat(arena, 2, joined, STR(", …")) : joined;
}

/* "… Allowed: …", or nothing. */
static struct str allowed_sentence(const struct call *call, const struct problem *problem)
{
    struct arena *arena = call->arena;
    struct str what = STR("");
    struct http_pair pairs[] = {
        {STR("low"), arena_format(arena, "%lld", (long long)problem->low)},
        {STR("high"), arena_format(arena, "%lld", (long long)problem->high)},
    };

    if (problem->rule != NULL) {
        what = say(call, problem->rule, pairs, 2);
    }
    if (value_count(problem->values) > 0) {
        struct str separator = what.len == 0 ? STR("") : STR(": ");
        what = arena_concat(arena, 3, what, separator, join_values(arena, problem->values));
    }
    if (what.len == 0) {
        return what;
    }
    return say(call, "problem-allowed", &(struct http_pair){STR("what"), what}, 1);
}

static struct str detail_of(const struct call *call, const struct problem *problem)
{
    struct str allowed = allowed_sentence(call, problem);
    struct str detail = problem->detail;
    struct http_pair pairs[] = {
        {STR("field"), shorten(call->arena, problem->field)},
        {STR("value"), shorten(call->arena, problem->value)},
    };

    if (detail.len == 0) {
        detail = say(call, problem_detail(problem->kind), pairs, 2);
    }
    return allowed.len == 0 ? detail : arena_concat(call->arena, 3, detail, STR(" "), allowed);
}

struct value *problem_document(const struct call *call, const struct problem *problem)
{
    struct arena *arena = call->arena;
    struct value *document = value_object(arena);

    value_set_text(arena, document, STR("type"),
                   arena_format(arena, "urn:musubi:problem:%s", problem_kind_name(problem->kind)));
    value_set_text(arena, document, STR("title"), SAY(call, problem_title(problem->kind)));
    value_set(arena, document, STR("status"), value_int(arena, problem_status(problem->kind)));
    value_set_text(arena, document, STR("detail"), detail_of(call, problem));
    if (problem->field.len > 0) {
        value_set_text(arena, document, STR("field"), shorten(arena, problem->field));
    }
    if (problem->values != NULL) {
        value_set(arena, document, STR("allowed"), value_copy(arena, problem->values));
    }
    return document;
}

void problem_send(struct call *call, const struct problem *problem)
{
    struct value *document = problem_document(call, problem);
    struct http_response *response = call->response;

    response->status = problem_status(problem->kind);
    http_response_header(response, "Cache-Control", STR("no-store"));
    if (problem->kind == PROBLEM_METHOD) {
        http_response_header(response, "Allow", call->allow.len > 0 ? call->allow : STR("GET, HEAD, OPTIONS"));
    }
    if (problem->kind == PROBLEM_UNAVAILABLE) {
        http_response_header(response, "Retry-After", STR("2"));
    }
    if (call->is_page && page_send_problem(call, document) == 0) {
        return;
    }
    buf_init(&response->owned, 1 << 20);
    value_write_json(&response->owned, document);
    response->content_type = STR("application/problem+json");
    http_response_header(response, "Content-Language", lang_codes[call->lang]);
}
