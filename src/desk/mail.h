/* Mail about enquiries. What is to be sent stands in the register `mail`, written in the change set that calls for it, so that
 * nothing is lost when a server of mail or this process is away; address and text are made from the enquiry when it is sent, so
 * that what is redacted there is nowhere else. A thread of its own sends; no request ever waits for it. */
#ifndef MUSUBI_DESK_MAIL_H
#define MUSUBI_DESK_MAIL_H

#include "desk/settings.h"

enum mail_kind { MAIL_NOTICE, MAIL_RECEIPT, MAIL_ANSWER, MAIL_KINDS };
extern const struct str mail_kind_names[MAIL_KINDS]; /* codes of the vocabulary mail-kind */

/* Adds a mail about an enquiry to a change set. Nothing happens when the model has no register `mail`. */
int mail_queue(struct change_set *changes, const struct model *model, enum mail_kind kind, struct str enquiry,
               int64_t now_ms, struct arena *arena, struct err *err);

/* ---- one message ---- */

struct mail_message {
    struct str from; /* address; the header has the name before it */
    struct str from_name;
    struct str to;       /* one address */
    struct str reply_to; /* address, or empty */
    struct str subject;
    struct str body; /* UTF-8, \n at line ends */
    struct str id;   /* without < > and @: made into the Message-ID with the sender's host */
    int64_t date_ms;
    bool automatic; /* nobody wrote it: so that no automatic answer comes */
};

/* True for an address that can stand in a header and an envelope as it is: ASCII, one @, none of the characters that have a
 * meaning there, at most 254 bytes. */
bool mail_address_is_plain(struct str address);
/* The message as it goes over the wire (RFC 5322, RFC 2045, RFC 2047): headers in ASCII, the text as base64, lines end with
 * CR LF. ERR_INVALID when an address is none; control characters in other headers become spaces. */
int mail_message_write(const struct mail_message *message, struct buf *out, struct err *err);

/* ---- sending ---- */

struct smtp_config {
    struct str url;     /* "smtp://mail.example.org:587", "smtps://…"; with STARTTLS where the server offers it */
    struct str user;    /* empty: no login; with one, TLS is required unless the server is on this machine */
    struct str ca_file; /* PEM; empty: the system's certificates */
    struct str password;
    int timeout_ms;                   /* for the whole of it; 0: 60 seconds */
    bool (*cancelled)(void *context); /* asked now and then while sending; true: it is broken off. May be NULL */
    void *cancel_context;
};

/* Hands a message over. -1 with a message that names no address; *ret_for_good: the server refused it so that trying again is
 * of no use (5xx). */
int mail_send(const struct smtp_config *config, const struct mail_message *message, bool *ret_for_good,
              struct err *err);

#endif
