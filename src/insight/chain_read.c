/* From records to evidence. */
#include "insight/chain.h"

#include "model/record.h"

#include <stdlib.h>
#include <string.h>

#define EVIDENCE_MAX 200000

struct chaining {
    struct chain *chain;
    struct reader *reader;
    struct arena *arena;
    struct map units; /* id → position + 1 */
    size_t evidence_capacity, support_capacity;
};

/* ---- hubs ---- */

static double order_of(const struct chaining *chaining, const struct value *record)
{
    const struct value *unit = value_get(chaining->chain->roles, STR("unit"));
    const struct value *number = value_get(record, value_get_text(unit, STR("order")));

    return number != NULL && number->kind == VALUE_NUMBER ? decimal_to_double(number->number) : 1e9;
}

static int take_units(struct chaining *chaining, struct err *err)
{
    struct chain *chain = chaining->chain;
    const struct value *part = value_get(chain->roles, STR("unit"));
    struct records records = {0};

    chain->unit_reg = roles_register(part, chain->model);
    if (records_read(chaining->reader, chain->unit_reg, value_get(part, STR("filter")), chaining->arena, &records,
                     err) != 0) {
        return -1;
    }
    chain->units = ARENA_NEW_ARRAY(chaining->arena, records.count, struct chain_unit);
    chain->unit_count = records.count;
    for (size_t i = 0; i < records.count; i++) {
        const struct value *record = records.items[i];
        const struct value *point = value_get(record, value_get_text(part, STR("place")));
        const struct value *lat = value_get(point, STR("lat"));
        const struct value *lon = value_get(point, STR("lon"));
        struct chain_unit unit = {.id = record_id(record), .record = record};
        size_t at = i;
        if (lat != NULL && lon != NULL) {
            unit.located = true;
            unit.lat = decimal_to_double(lat->number);
            unit.lon = decimal_to_double(lon->number);
        }
        for (; at > 0 && order_of(chaining, chain->units[at - 1].record) > order_of(chaining, record); at--) {
            chain->units[at] = chain->units[at - 1];
        }
        chain->units[at] = unit;
    }
    for (size_t i = 0; i < chain->unit_count; i++) {
        map_set(&chaining->units, chain->units[i].id, (void *)(uintptr_t)(i + 1)); // NOLINT(performance-no-int-to-ptr)
    }
    return 0;
}

static size_t unit_position(const struct chaining *chaining, struct str id)
{
    return (size_t)(uintptr_t)map_get(&chaining->units, id) - 1; /* SIZE_MAX when there is none */
}

/* ---- codes ---- */

static uint64_t bit_of(const struct vocabulary *vocabulary, struct str code)
{
    const struct term *term = vocabulary_term(vocabulary, code);

    return term == NULL || term->position >= 64 ? 0 : UINT64_C(1) << term->position;
}

static uint64_t bits_of(const struct vocabulary *vocabulary, const struct value *codes)
{
    uint64_t bits = 0;

    for (size_t i = 0; i < value_count(codes); i++) {
        bits |= bit_of(vocabulary, value_text_of(value_at(codes, i)));
    }
    return bits;
}

/* What a record's field states; without that what follows from another field's codes, {"field", "codes": {code: [code…]}}. */
static uint64_t stated(const struct vocabulary *vocabulary, const struct reg *reg, const struct value *record,
                       const struct field *field, const struct value *by)
{
    const struct field *other = reg_field(reg, value_get_text(by, STR("field")));
    uint64_t bits = 0;

    for (size_t i = 0; i < field_count(record, field); i++) {
        bits |= bit_of(vocabulary, field_text(record, field, i));
    }
    for (size_t i = 0; bits == 0 && i < field_count(record, other); i++) {
        bits |= bits_of(vocabulary, value_get(value_get(by, STR("codes")), field_text(record, other, i)));
    }
    return bits;
}

/* ---- evidence ---- */

static struct chain_evidence *room_for_evidence(struct arena *arena, struct chain_evidence **items, size_t *count,
                                                size_t *capacity)
{
    if (*count == *capacity) {
        size_t more = *capacity == 0 ? 128 : 2 * *capacity;
        struct chain_evidence *moved = ARENA_NEW_ARRAY(arena, more, struct chain_evidence);
        if (*count > 0) {
            memcpy(moved, *items, *count * sizeof *moved);
        }
        *items = moved;
        *capacity = more;
    }
    return &(*items)[(*count)++];
}

static void add_steps(struct chaining *chaining, struct chain_evidence evidence, uint64_t steps)
{
    struct chain *chain = chaining->chain;

    for (size_t step = 0; step < chain->steps->term_count && step < 64; step++) {
        if (steps >> step & 1) {
            evidence.step = step;
            *room_for_evidence(chaining->arena, &chain->evidence, &chain->evidence_count,
                               &chaining->evidence_capacity) = evidence;
        }
    }
}

static int take_evidence(struct chaining *chaining, const struct value *part, struct err *err)
{
    struct chain *chain = chaining->chain;
    const struct reg *reg = roles_register(part, chain->model);
    const struct field *unit = roles_field(part, "unit", reg);
    const struct value *planned = value_get(part, STR("planned"));
    struct records records = {0};

    if (unit == NULL) {
        return 0;
    }
    if (records_read(chaining->reader, reg, value_get(part, STR("filter")), chaining->arena, &records, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < records.count; i++) {
        const struct value *record = records.items[i];
        uint64_t steps =
            stated(chain->steps, reg, record, roles_field(part, "step", reg), value_get(part, STR("steps_by")));
        struct chain_evidence evidence = {
            .reg = reg,
            .record = record,
            .domains = stated(chain->domains, reg, record, roles_field(part, "domain", reg),
                              value_get(part, STR("domains_by"))),
            .planned = planned != NULL && roles_pass(planned, record),
        };
        for (size_t u = 0; u < field_count(record, unit); u++) {
            evidence.unit = unit_position(chaining, field_text(record, unit, u));
            if (evidence.unit != SIZE_MAX) {
                add_steps(chaining, evidence, steps);
            }
        }
        if (chain->evidence_count > EVIDENCE_MAX) {
            return err_set(err, ERR_LIMIT, "more than %d records cover the value chain, too many for one page",
                           EVIDENCE_MAX);
        }
    }
    return 0;
}

static int take_support(struct chaining *chaining, size_t function, const struct value *part, struct err *err)
{
    struct chain *chain = chaining->chain;
    const struct reg *reg = roles_register(part, chain->model);
    const struct field *unit = roles_field(part, "unit", reg);
    struct records records = {0};

    if (unit == NULL) {
        return 0;
    }
    if (records_read(chaining->reader, reg, value_get(part, STR("filter")), chaining->arena, &records, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < records.count; i++) {
        for (size_t u = 0; u < field_count(records.items[i], unit); u++) {
            size_t at = unit_position(chaining, field_text(records.items[i], unit, u));
            if (at != SIZE_MAX) {
                *room_for_evidence(chaining->arena, &chain->support, &chain->support_count,
                                   &chaining->support_capacity) =
                    (struct chain_evidence){.reg = reg, .record = records.items[i], .unit = at, .step = function};
            }
        }
    }
    return 0;
}

/* ---- what touches a step ---- */

static int read_touches(struct chaining *chaining, const struct value *part, struct records *ret_records,
                        struct chain_touch **ret_touches, struct err *err)
{
    const struct reg *reg = roles_register(part, chaining->chain->model);

    *ret_records = (struct records){.reg = reg};
    if (records_read(chaining->reader, reg, value_get(part, STR("filter")), chaining->arena, ret_records, err) != 0) {
        return -1;
    }
    *ret_touches = ARENA_NEW_ARRAY(chaining->arena, ret_records->count, struct chain_touch);
    return 0;
}

static int take_wishes(struct chaining *chaining, struct err *err)
{
    struct chain *chain = chaining->chain;
    const struct value *part = value_get(chain->roles, STR("wanted"));
    struct records records;

    if (read_touches(chaining, part, &records, &chain->wishes, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < records.count; i++) {
        const struct field *theme = roles_field(part, "theme", records.reg);
        struct chain_touch wish = {.reg = records.reg, .record = records.items[i]};
        for (size_t t = 0; t < field_count(wish.record, theme); t++) {
            wish.steps |=
                bits_of(chain->steps, value_get(value_get(part, STR("steps")), field_text(wish.record, theme, t)));
        }
        wish.unit = unit_position(chaining, value_get_text(wish.record, value_get_text(part, STR("unit"))));
        if (wish.unit != SIZE_MAX && wish.steps != 0) {
            chain->wishes[chain->wish_count++] = wish;
        }
    }
    return 0;
}

static int take_proposals(struct chaining *chaining, struct err *err)
{
    struct chain *chain = chaining->chain;
    const struct value *part = value_get(chain->roles, STR("proposals"));
    struct records records;

    if (read_touches(chaining, part, &records, &chain->proposals, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < records.count; i++) {
        struct chain_touch touch = {
            .reg = records.reg,
            .record = records.items[i],
            .steps = stated(chain->steps, records.reg, records.items[i], roles_field(part, "step", records.reg), NULL),
            .domains =
                stated(chain->domains, records.reg, records.items[i], roles_field(part, "domain", records.reg), NULL),
        };
        if (touch.steps != 0) {
            chain->proposals[chain->proposal_count++] = touch;
        }
    }
    return 0;
}

/* An action touches the steps of its part of the plan, and those of the proposals that name it. */
static int take_actions(struct chaining *chaining, struct err *err)
{
    struct chain *chain = chaining->chain;
    const struct value *part = value_get(chain->roles, STR("plan"));
    struct str link = value_get_text(value_get(chain->roles, STR("proposals")), STR("plan"));
    struct records records;

    if (read_touches(chaining, part, &records, &chain->actions, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < records.count; i++) {
        struct chain_touch touch = {
            .reg = records.reg,
            .record = records.items[i],
            .steps = stated(chain->steps, records.reg, records.items[i], NULL, value_get(part, STR("by"))),
        };
        for (size_t p = 0; p < chain->proposal_count; p++) {
            const struct chain_touch *proposal = &chain->proposals[p];
            if (roles_lists(value_get(proposal->record, link), record_id(touch.record))) {
                touch.steps |= proposal->steps;
            }
        }
        if (touch.steps != 0) {
            chain->actions[chain->action_count++] = touch;
        }
    }
    return 0;
}

int chain_read(const struct value *roles, const struct model *model, struct reader *reader, struct arena *arena,
               struct chain *ret_chain, struct err *err)
{
    const struct value *part = value_get(roles, STR("chain"));
    const struct value *evidence = value_get(part, STR("evidence"));
    const struct value *support = value_get(part, STR("support"));
    struct chain chain = {
        .roles = part,
        .model = model,
        .steps = model_vocabulary(model, value_get_text(part, STR("steps"))),
        .domains = model_vocabulary(model, value_get_text(value_get(part, STR("domains")), STR("vocabulary"))),
    };
    struct chaining chaining = {.chain = &chain, .reader = reader, .arena = arena};

    map_init(&chaining.units, arena);
    if (roles_register(value_get(part, STR("unit")), model) == NULL || chain.steps == NULL || chain.domains == NULL) {
        return err_set(err, ERR_INVALID, "this model has nothing to make a value chain of");
    }
    if (take_units(&chaining, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < value_count(evidence); i++) {
        if (take_evidence(&chaining, value_at(evidence, i), err) != 0) {
            return -1;
        }
    }
    for (size_t f = 0; f < value_count(support); f++) {
        const struct value *parts = value_get(value_at(support, f), STR("evidence"));
        for (size_t i = 0; i < value_count(parts); i++) {
            if (take_support(&chaining, f, value_at(parts, i), err) != 0) {
                return -1;
            }
        }
    }
    if (take_wishes(&chaining, err) != 0 || take_proposals(&chaining, err) != 0 || take_actions(&chaining, err) != 0) {
        return -1;
    }
    *ret_chain = chain;
    return 0;
}
