#include "web/conversion.h"

#include "store/notes.h"

void conversion_init(struct conversion *conversion, struct call *call, struct reader *reader,
                     const struct community *community)
{
    *conversion = (struct conversion){
        .call = call,
        .reader = reader,
        .also_in = value_get_text(community->record, STR("also_in")),
        .zone = community->zone,
    };
}

static bool read_rates(struct conversion *conversion)
{
    struct err err = {0};

    if (!conversion->has_read) {
        conversion->has_read = true;
        if (store_exchange_rates(conversion->reader, conversion->call->site->model, conversion->call->arena,
                                 &conversion->rates, &err) != 0) {
            conversion->rates = (struct exchange_rates){0};
        }
    }
    return conversion->rates.count > 0;
}

/* What sums in the second currency are told in. */
static struct str partner(const struct conversion *conversion)
{
    for (size_t i = 0; i < conversion->rates.count; i++) {
        const struct exchange_rate *rate = &conversion->rates.items[i];
        if (str_eq(rate->base, conversion->also_in)) {
            return rate->quote;
        }
        if (str_eq(rate->quote, conversion->also_in)) {
            return rate->base;
        }
    }
    return STR("");
}

struct value *conversion_figure(struct conversion *conversion, const struct reg *reg, const struct value *record,
                                const struct value *figure, struct str currency, struct exchange *ret_exchange)
{
    struct str to = conversion->also_in;
    struct date first, last;

    if (to.len == 0 || !read_rates(conversion)) {
        return NULL;
    }
    if (str_eq(currency, to)) {
        to = partner(conversion);
    }
    if (!exchange_days(reg, record, figure, reader_today(conversion->reader, conversion->zone), &first, &last) ||
        !exchange_find(&conversion->rates, currency, to, first, last, ret_exchange)) {
        return NULL;
    }
    return exchange_figure(ret_exchange, figure, to, conversion->call->arena);
}
