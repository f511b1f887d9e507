/* The queue of mails as records: what waits, and what became of it. */
#ifndef MUSUBI_DESK_MAIL_QUEUE_H
#define MUSUBI_DESK_MAIL_QUEUE_H

#include "desk/mail.h"

#define MAIL_AT_ONCE 50

struct waiting_mail {
    struct str id, enquiry;
    enum mail_kind kind;
    int64_t created_ms;
    int64_t next_try_ms;
    int tries;
};

/* Those in the state `waiting`, the next to be tried first, at most MAIL_AT_ONCE of them. */
int mail_waiting(struct store *store, struct arena *arena, struct waiting_mail **ret_mails, size_t *ret_count,
                 struct err *err);

enum mail_outcome { MAIL_WAITS, MAIL_SENT, MAIL_GIVEN_UP };
struct mail_result {
    enum mail_outcome outcome;
    int64_t now_ms;
    int64_t next_try_ms; /* when it waits */
    int tries;
    struct str trouble; /* empty: none */
};
/* Notes what became of a mail. */
int mail_note(struct store *store, struct str id, const struct mail_result *result, struct err *err);

#endif
