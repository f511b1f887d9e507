/* Enquiries: records of the register `enquiry`, each with a number (its id, YEAR-00042), a day by which it is to be answered
 * and a body that is to answer it; changed step by step, every step a revision. Mails about them are queued in the same
 * change set (desk/mail.h). */
#ifndef MUSUBI_DESK_ENQUIRY_H
#define MUSUBI_DESK_ENQUIRY_H

#include "desk/settings.h"

/* The register, or NULL when this model has none that an enquiry can be kept in. */
const struct reg *enquiry_register(const struct model *model);

/* What somebody sent; everything but topic, body and language may be empty. */
struct enquiry_given {
    struct str topic; /* code of the vocabulary enquiry-topic */
    struct str body;  /* the message */
    struct str sender_name, sender_email, sender_organisation;
    struct str country;          /* code */
    struct str language;         /* code: in which an answer is wished for */
    enum lang lang;              /* of the page that was filled in: of the subject's words */
    const struct reg *about_reg; /* NULL: about no record */
    struct str about_id;
    int64_t received_ms;
};

struct enquiry_receipt {
    struct str number;
    struct date due;
};

/* Stores it: number and due date are made here, the body to answer is the owner of the record it is about, else the
 * secretariat. A record that it is about and that the public cannot see counts as none. ERR_INVALID with the field when a
 * value is not allowed. */
int enquiry_receive(struct store *store, const struct enquiry_given *given, struct arena *arena,
                    struct enquiry_receipt *ret_receipt, struct err *err);

/* One step with an enquiry. */
struct enquiry_step {
    struct str number;
    struct str author, reason; /* for the history */
    struct str state;          /* code of enquiry-state */
    struct str answer;         /* text for the sender, who is told of it by mail; empty: none */
    struct str assigned_to;    /* id of an organisation, which is told of it by mail; empty: as it is */
    int64_t now_ms;
};

/* ERR_NOT_FOUND: no such enquiry; ERR_CONFLICT: it is closed (state closed or spam) and the step does not open it again, or
 * there is nothing left of it to answer. */
int enquiry_take_step(struct store *store, const struct enquiry_step *step, struct write_outcome *ret_outcome,
                      struct err *err);

/* Takes out the personal fields of every enquiry whose erase_on is on or before `today`, for good. */
int enquiry_erase_due(struct store *store, struct date today, struct str author, struct write_outcome *ret_outcome,
                      struct err *err);

#endif
