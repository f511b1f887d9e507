/* What went wrong with a request, said once: as a problem document (RFC 9457, application/problem+json) to a program, as a
 * page in its language to a person. */
#ifndef MUSUBI_WEB_PROBLEM_H
#define MUSUBI_WEB_PROBLEM_H

#include "base/err.h"
#include "base/value.h"

struct call;

enum problem_kind {
    PROBLEM_NOT_FOUND,
    PROBLEM_NO_REGISTER,
    PROBLEM_NO_RECORD,
    PROBLEM_NO_EDITION,
    PROBLEM_GONE,
    PROBLEM_NO_FORM,
    PROBLEM_UNKNOWN_PARAMETER,
    PROBLEM_REPEATED_PARAMETER,
    PROBLEM_TOO_MANY_FILTERS,
    PROBLEM_INVALID_VALUE,
    PROBLEM_INVALID_CURSOR,
    PROBLEM_METHOD,
    PROBLEM_CONFLICT,
    PROBLEM_DENIED,
    PROBLEM_TOO_LARGE,
    PROBLEM_BODY_TOO_LARGE,
    PROBLEM_MEDIA_TYPE,
    PROBLEM_ELSEWHERE,
    PROBLEM_UNAVAILABLE,
    PROBLEM_INTERNAL,
    PROBLEM_KINDS,
};

struct problem {
    enum problem_kind kind;
    struct str field;           /* the parameter or field it is about, or empty */
    struct str value;           /* what was given for it, or empty */
    const char *rule;           /* msgid of what is allowed ("a date: …"), or NULL; may use %(low) and %(high) */
    int64_t low, high;          /* for the rule */
    const struct value *values; /* list of the texts that are allowed, or NULL */
    struct str detail;          /* a sentence from where it was found (English), or empty */
};

/* Only `kind`, everything else empty. */
struct problem problem_of(enum problem_kind kind);
/* From a failure of the store: kind by its code; what the server is to blame for is logged and not told. */
struct problem problem_from_err(const struct err *err);
/* Answers the call with it. */
void problem_send(struct call *call, const struct problem *problem);
/* The document itself. */
struct value *problem_document(const struct call *call, const struct problem *problem);
int problem_status(enum problem_kind kind);
/* "not-found", "unknown-parameter" …: stable words for machines. */
const char *problem_kind_name(enum problem_kind kind);
/* Msgids of its title and of its sentence, which may use %(field) and %(value). */
const char *problem_title(enum problem_kind kind);
const char *problem_detail(enum problem_kind kind);

#endif
