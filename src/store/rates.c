#include "store/rates.h"

#include "model/record.h"

#define RATES_A_PAGE 1000

static bool take_rate(const struct value *record, struct exchange_rate *ret_rate)
{
    const struct value *rate = value_get(record, STR("rate"));
    struct str to = value_get_text(record, STR("to"));
    struct exchange_rate taken = {
        .id = record_id(record),
        .base = value_get_text(record, STR("base")),
        .quote = value_get_text(record, STR("quote")),
    };

    if (rate == NULL || rate->kind != VALUE_NUMBER || !date_parse(value_get_text(record, STR("from")), &taken.from)) {
        return false;
    }
    if (to.len == 0) {
        taken.to = taken.from;
    } else if (!date_parse(to, &taken.to)) {
        return false;
    }
    taken.rate = decimal_to_double(rate->number);
    *ret_rate = taken;
    return taken.rate > 0;
}

int store_exchange_rates(struct reader *reader, const struct model *model, struct arena *arena,
                         struct exchange_rates *ret_rates, struct err *err)
{
    struct list_query query = {.reg = model_role(model, ROLE_EXCHANGE_RATE), .by_id = true, .limit = RATES_A_PAGE};
    struct exchange_rates rates = {0};
    struct page page = {0};

    while (query.reg != NULL) {
        struct exchange_rate *items;
        if (store_list(reader, &query, arena, &page, err) != 0) {
            return -1;
        }
        items = ARENA_NEW_ARRAY(arena, rates.count + page.count + 1, struct exchange_rate);
        for (size_t i = 0; i < rates.count; i++) {
            items[i] = rates.items[i];
        }
        rates.items = items;
        for (size_t i = 0; i < page.count; i++) {
            rates.count += take_rate(page.items[i].record, &items[rates.count]) ? 1 : 0;
        }
        if (page.next.len == 0) {
            break;
        }
        query.cursor = page.next;
    }
    *ret_rates = rates;
    return 0;
}
