/* Sums shown in a second currency beside their own: the one the community's record names (`also_in`), at the rate on record for the
 * time of the sum. A sum that is in that currency already is shown in the one its rates are quoted in. */
#ifndef MUSUBI_WEB_CONVERSION_H
#define MUSUBI_WEB_CONVERSION_H

#include "store/rates.h"
#include "web/page.h"

struct conversion {
    struct call *call;
    struct reader *reader;
    struct str also_in; /* empty: nothing is converted */
    struct str zone;
    bool has_read;
    struct exchange_rates rates;
};

/* Reads nothing yet: most pages have no money on them. */
void conversion_init(struct conversion *conversion, struct call *call, struct reader *reader,
                     const struct community *community);
/* The record's figure of money in `currency` in the other currency; NULL when no rate is known for its time. A store that
 * cannot be read now gives none either: the page then says less, and what it reads next tells. */
struct value *conversion_figure(struct conversion *conversion, const struct reg *reg, const struct value *record,
                                const struct value *figure, struct str currency, struct exchange *ret_exchange);

#endif
