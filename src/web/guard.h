/* What keeps robots from forms that anybody may send, without cookies and without anybody else's help: a signed token that says
 * when the form was shown, a limit by address and in total, and a memory of the forms that were sent, so that sending twice
 * stores once. All of it is in memory, bounded, and forgotten when the process ends; nothing of it names a person. */
#ifndef MUSUBI_WEB_GUARD_H
#define MUSUBI_WEB_GUARD_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct guard;

struct guard_config {
    int least_fill_ms; /* a form that comes back sooner was not filled in by a person */
    int each_an_hour;  /* from one address (IPv6: one /64): so many at once, and so many an hour */
    int total_an_hour; /* the same for all together */
};

#define GUARD_TOKEN_AGE_MS (24 * 3600 * 1000)
/* Addresses remembered; when more come in an hour, those unheard of for longest are forgotten: the total still holds. */
#define GUARD_ADDRESSES 4096
/* Sent forms remembered. */
#define GUARD_SENT 1024

struct guard *guard_new(const struct guard_config *config);
void guard_free(struct guard *guard); /* NULL is fine */

/* ---- tokens: "SECONDS-NONCE-MAC", the MAC keyed BLAKE2b with the key of the day on which the form was shown ---- */

enum guard_verdict { GUARD_GOOD, GUARD_FORGED, GUARD_OLD, GUARD_HASTY };
struct str guard_token(struct guard *guard, int64_t now_ms, struct arena *arena);
enum guard_verdict guard_check_token(struct guard *guard, struct str token, int64_t now_ms);
/* A seal under a text that comes back by way of an address; it holds on that day and the next. */
struct str guard_seal(struct guard *guard, struct str text, int64_t now_ms, struct arena *arena);
bool guard_seal_holds(struct guard *guard, struct str text, struct str seal, int64_t now_ms);

/* ---- sending: between begin and end no other form is sent ---- */

/* Waits its turn. When this token's form was sent already: true, and *ret_answer is what guard_end was given then. */
bool guard_begin(struct guard *guard, struct str token, struct arena *arena, struct str *ret_answer);
/* `answer` empty: nothing was sent. It is cut to 255 bytes. */
void guard_end(struct guard *guard, struct str token, struct str answer);
/* Takes one of what the address, and all together, may send; false with the seconds to wait when there is none left. Between
 * begin and end. */
bool guard_take(struct guard *guard, struct str address, int64_t now_ms, int *ret_wait_s);
/* Gives back what guard_take took. */
void guard_give_back(struct guard *guard, struct str address, int64_t now_ms);

#endif
