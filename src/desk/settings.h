/* How the desk of a community works: what the record of the register `community` says of it, with defaults for what it does not
 * say. Read with everything visible: nothing of this is shown to the public. */
#ifndef MUSUBI_DESK_SETTINGS_H
#define MUSUBI_DESK_SETTINGS_H

#include "desk/workdays.h"
#include "store/store.h"

#define DESK_ANSWER_DAYS 5
#define DESK_KEEP_DAYS 365

struct desk_settings {
    struct bilingual name;    /* the community's */
    struct str zone;          /* IANA time zone; "UTC" when there is no community */
    struct str secretariat;   /* id of an organisation, or empty */
    struct str contact_email; /* where enquiries are told of, or empty */
    enum lang lang;           /* the first language of the community: of what is written to the desk */
    struct work_week week;    /* with the closed days of this year and the next */
    int answer_days;          /* working days */
    int keep_days;            /* days for which a sender's details are kept */
};

int desk_settings_read(struct store *store, int64_t now_ms, struct arena *arena, struct desk_settings *ret_settings,
                       struct err *err);
/* A reader with everything visible. */
int desk_read(struct store *store, struct reader **ret_reader, struct err *err);
/* A whole number of a record, or the default. */
int desk_number(const struct value *record, struct str name, int otherwise);

#endif
