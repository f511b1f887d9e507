/* The form at /{lang}/contact: what was typed, what is wrong with it, and how both are shown. */
#ifndef MUSUBI_WEB_CONTACT_FORM_H
#define MUSUBI_WEB_CONTACT_FORM_H

#include "desk/enquiry.h"
#include "web/page.h"

enum contact_part {
    CONTACT_TOPIC,
    CONTACT_MESSAGE,
    CONTACT_NAME,
    CONTACT_EMAIL,
    CONTACT_ORGANISATION,
    CONTACT_COUNTRY,
    CONTACT_LANGUAGE,
    CONTACT_CONSENT,
    CONTACT_TRAP, /* nobody sees it; what fills it in is a robot, or told what to do */
    CONTACT_ABOUT,
    CONTACT_TOKEN,
    CONTACT_PARTS,
};

struct contact_form {
    struct str typed[CONTACT_PARTS];
    const char *wrong[CONTACT_PARTS]; /* msgid of what is wrong, or NULL */
    const char *wrong_whole;          /* the same, of the form as a whole */
    const struct reg *about_reg;      /* NULL: about no record that can be seen */
    struct str about_id;
    struct bilingual about_label;
};

/* Takes what the pairs say; names that the form does not have are passed over, and so is what comes a second time. */
void contact_form_take(struct contact_form *form, const struct http_pair *pairs, size_t count);
/* The record that "register/id" names, if the reader may see it. */
int contact_form_find_about(struct call *call, struct reader *reader, struct contact_form *form, struct err *err);
/* Notes what is wrong; false when something is. */
bool contact_form_check(struct contact_form *form, const struct reg *reg);
/* Notes a refusal of the store about a field of the register, or about the whole. */
void contact_form_refuse(struct contact_form *form, struct str field);
/* Adds everything that the template shows. */
void contact_form_view(const struct call *call, const struct contact_form *form, const struct reg *reg,
                       struct value *frame);

#endif
