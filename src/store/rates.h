/* The exchange rates on record: the register `exchange-rate` of the reader's state, for converting with
 * model/exchange.h. */
#ifndef MUSUBI_STORE_RATES_H
#define MUSUBI_STORE_RATES_H

#include "model/exchange.h"
#include "store/store.h"

/* All that the reader may see; none when the model has no such register. A record is passed over that has no `from`, or whose
 * rate is not more than 0; without `to`, its `from` is the whole of its time. */
int store_exchange_rates(struct reader *reader, const struct model *model, struct arena *arena,
                         struct exchange_rates *ret_rates, struct err *err);

#endif
