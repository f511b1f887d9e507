/* The texts of mails about enquiries, in the words of the interface. */
#ifndef MUSUBI_WEB_CONTACT_MAIL_H
#define MUSUBI_WEB_CONTACT_MAIL_H

#include "desk/desk.h"

/* A mail_compose; its context is the struct site. A notice goes to the desk and tells what was asked, by whom; a receipt
 * tells the sender number and due day and repeats nothing that was typed, so that nobody can have words of his sent to
 * somebody else; an answer is the answer. */
int contact_mail_compose(void *context, const struct mail_job *job, struct arena *arena, struct mail_message *message,
                         struct err *err);

#endif
