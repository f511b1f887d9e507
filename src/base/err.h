/* Expected failures: a code to act on and one message for a person, written where the facts are known. Bugs are
 * asserts. A function that can fail takes `struct err *err` last and returns 0, or -1 with *err filled; what it
 * returns through out parameters is then untouched. Libraries neither log nor exit. */
#ifndef MUSUBI_BASE_ERR_H
#define MUSUBI_BASE_ERR_H

#include "base/str.h"

enum err_code {
    ERR_NONE = 0,
    ERR_INVALID,   /* what was given is not allowed: refused, nothing changed */
    ERR_NOT_FOUND, /* there is no such thing, or the viewer may not see it */
    ERR_CONFLICT,  /* somebody else changed it in the meantime, or it exists already */
    ERR_DENIED,    /* not allowed to this caller */
    ERR_LIMIT,     /* too large, too many, too long */
    ERR_BUSY,      /* owned or used by another process; try again */
    ERR_IO,        /* disk, network, database */
    ERR_INTERNAL,  /* a library failed in a way it does not explain */
};

struct err {
    enum err_code code;
    char field[64];     /* the field or parameter it is about, or "" */
    char message[1024]; /* one sentence, UTF-8, no newline at the end; cut when longer */
};

/* Fills *err (field left empty) and returns -1, so that a caller may write `return err_set(err, …)`. err may be NULL. */
int err_set(struct err *err, enum err_code code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The same and names the field. */
int err_set_field(struct err *err, enum err_code code, struct str field, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Puts `format` and ": " before the message that is there; returns -1. */
int err_prefix(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "invalid", "not-found", "conflict" … : stable words for machines. */
const char *err_code_name(enum err_code code);

#endif
