/* The kinds of problems: their stable words, statuses and texts. Apart from problem.c, so that what only tells of problems
 * needs neither pages nor answers. */
#include "web/problem.h"

struct problem_type {
    const char *name;
    int status;
    const char *title;  /* msgid */
    const char *detail; /* msgid; may use %(field) and %(value) */
};

static const struct problem_type types[PROBLEM_KINDS] = {
    [PROBLEM_NOT_FOUND] = {"not-found", 404, "problem-not-found", "problem-not-found-detail"},
    [PROBLEM_NO_REGISTER] = {"no-register", 404, "problem-not-found", "problem-no-register-detail"},
    [PROBLEM_NO_RECORD] = {"no-record", 404, "problem-not-found", "problem-no-record-detail"},
    [PROBLEM_NO_EDITION] = {"no-edition", 404, "problem-not-found", "problem-no-edition-detail"},
    [PROBLEM_GONE] = {"gone", 410, "problem-gone", "problem-gone-detail"},
    [PROBLEM_NO_FORM] = {"no-form", 404, "problem-not-found", "problem-no-form-detail"},
    [PROBLEM_UNKNOWN_PARAMETER] = {"unknown-parameter", 400, "problem-request", "problem-unknown-parameter-detail"},
    [PROBLEM_REPEATED_PARAMETER] = {"repeated-parameter", 400, "problem-request", "problem-repeated-parameter-detail"},
    [PROBLEM_TOO_MANY_FILTERS] = {"too-many-filters", 400, "problem-request", "problem-too-many-filters-detail"},
    [PROBLEM_INVALID_VALUE] = {"invalid-value", 400, "problem-request", "problem-invalid-value-detail"},
    [PROBLEM_INVALID_CURSOR] = {"invalid-value", 400, "problem-request", "problem-invalid-cursor-detail"},
    [PROBLEM_METHOD] = {"method-not-allowed", 405, "problem-method", "problem-method-detail"},
    [PROBLEM_CONFLICT] = {"conflict", 409, "problem-conflict", "problem-conflict-detail"},
    [PROBLEM_DENIED] = {"denied", 403, "problem-denied", "problem-denied-detail"},
    [PROBLEM_TOO_LARGE] = {"too-large", 422, "problem-too-large", "problem-too-large-detail"},
    [PROBLEM_BODY_TOO_LARGE] = {"body-too-large", 413, "problem-body-too-large", "problem-body-too-large-detail"},
    [PROBLEM_MEDIA_TYPE] = {"media-type", 415, "problem-media-type", "problem-media-type-detail"},
    [PROBLEM_ELSEWHERE] = {"elsewhere", 403, "problem-elsewhere", "problem-elsewhere-detail"},
    [PROBLEM_UNAVAILABLE] = {"unavailable", 503, "problem-unavailable", "problem-unavailable-detail"},
    [PROBLEM_INTERNAL] = {"internal", 500, "problem-internal", "problem-internal-detail"},
};

struct problem problem_of(enum problem_kind kind)
{
    return (struct problem){.kind = kind};
}

int problem_status(enum problem_kind kind)
{
    return types[kind].status;
}

const char *problem_kind_name(enum problem_kind kind)
{
    return types[kind].name;
}

const char *problem_title(enum problem_kind kind)
{
    return types[kind].title;
}

const char *problem_detail(enum problem_kind kind)
{
    return types[kind].detail;
}
