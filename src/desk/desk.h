/* The thread of the desk: it sends the mails that wait, where a server of mail is named, and takes senders' details out of
 * enquiries whose time is up. No request ever waits for it. */
#ifndef MUSUBI_DESK_DESK_H
#define MUSUBI_DESK_DESK_H

#include "desk/mail.h"

/* What a mail is made of. */
struct mail_job {
    enum mail_kind kind;
    const struct value *enquiry; /* the record, everything visible */
    struct str desk_email;       /* of the body that is to answer, else of the community; or empty */
    struct bilingual desk_name;  /* of the body that is to answer; empty when nobody knows it */
    const struct desk_settings *settings;
};

/* Fills everything but from, id, and date. A `to` that stays empty means that there is nobody to send to. */
typedef int mail_compose(void *context, const struct mail_job *job, struct arena *arena, struct mail_message *message,
                         struct err *err);

struct desk_config {
    struct smtp_config smtp; /* nothing is sent when the url is empty */
    struct str from;
    int first_retry_ms; /* four times as long after each failure, at most six hours; 0: one minute */
    mail_compose *compose;
    void *context;
};

struct desk;
/* Texts of the config are copied. A mail that cannot be handed over within five days of its making is given up. */
int desk_start(struct store *store, const struct desk_config *config, struct desk **ret_desk, struct err *err);
/* Ends it within two seconds; a message that is being handed over is broken off and waits for the next start. NULL is fine. */
void desk_stop(struct desk *desk);

#endif
