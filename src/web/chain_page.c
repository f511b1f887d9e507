/* The value chain: an overview of all domains; for one of them the grid of steps by hubs with the records behind each cell, what
 * nobody covers, and how far one gets from a hub. */
#include "web/chain_page.h"

#include "base/intl.h"
#include "insight/chain.h"
#include "model/record.h"
#include "web/query.h"
#include "web/section.h"

#include <math.h>

#define CELL_RECORDS_MAX 30

struct showing_chain {
    struct building building;
    struct chain chain;
    size_t domain; /* SIZE_MAX: the overview */
    size_t from;   /* SIZE_MAX: none */
    struct value *frame;
};

static const char *const state_words[] = {"chain-empty", "chain-planned", "chain-possible", "chain-filled"};
static const char *const state_classes[] = {"empty", "planned", "possible", "filled"};
static const char *const state_signs[] = {"–", "◌", "○", "●"};

/* ---- parts ---- */

static struct str count_text(struct showing_chain *showing, size_t count)
{
    return intl_integer(showing->building.arena, lang_codes[showing->building.call->lang], (int64_t)count);
}

static struct value *record_link(struct showing_chain *showing, const struct reg *reg, const struct value *record)
{
    struct found found = {.reg = reg, .record = (struct value *)record};

    return section_link(&showing->building, &found);
}

static struct value *unit_link(struct showing_chain *showing, size_t unit)
{
    const struct value *part = value_get(showing->chain.roles, STR("unit"));
    struct found found = {.reg = showing->chain.unit_reg, .record = (struct value *)showing->chain.units[unit].record};
    struct value *view =
        section_label(&showing->building, &found, layout_field(part, STR("label"), showing->chain.unit_reg));

    value_set_text(showing->building.arena, view, STR("href"),
                   display_record_href(&showing->building.display, found.reg, showing->chain.units[unit].id));
    return view;
}

static struct str term_text(struct showing_chain *showing, const struct vocabulary *vocabulary, size_t position)
{
    return bilingual_best(vocabulary->terms[position].label, showing->building.call->lang);
}

static struct value *km_or_false(struct showing_chain *showing, double km)
{
    struct http_pair pair = {STR("km"), STR("")};

    if (isnan(km)) {
        return value_bool(showing->building.arena, false);
    }
    pair.value = count_text(showing, (size_t)lround(km));
    return value_text(showing->building.arena, say(showing->building.call, "about-km", &pair, 1));
}

static bool domain_is_shown(const struct showing_chain *showing, size_t domain)
{
    const struct value *part = value_get(showing->chain.roles, STR("domains"));
    const struct term *term = &showing->chain.domains->terms[domain];

    return domain < CHAIN_DOMAINS_MAX && !term->retired &&
           str_starts_with(term->code, value_get_text(part, STR("prefix")));
}

static bool filled_anywhere(const struct chain *chain, size_t step, size_t domain)
{
    for (size_t u = 0; u < chain->unit_count; u++) {
        if (chain_cell(chain, u, step, domain) == CHAIN_FILLED) {
            return true;
        }
    }
    return false;
}

/* ---- the overview ---- */

static size_t units_in(const struct chain *chain, size_t step, size_t domain, enum chain_state state)
{
    size_t count = 0;

    for (size_t u = 0; u < chain->unit_count; u++) {
        count += chain_cell(chain, u, step, domain) == state;
    }
    return count;
}

/* How far each domain goes from the starting hub, and where it breaks first: "5 of 13 steps …", or false without one. */
static struct value *overview_walk(struct showing_chain *showing, size_t domain)
{
    struct arena *arena = showing->building.arena;
    const struct chain *chain = &showing->chain;
    struct value *view = value_object(arena);
    struct chain_stop stops[CHAIN_STEPS_MAX];

    if (showing->from == SIZE_MAX) {
        return value_bool(arena, false);
    }
    size_t count = chain_walk(chain, showing->from, domain, stops);
    size_t reach = chain_reach(stops, count);
    struct http_pair words[] = {{STR("reach"), count_text(showing, reach)},
                                {STR("needed"), count_text(showing, count)}};
    value_set_text(arena, view, STR("reached"),
                   say(showing->building.call, reach == count ? "chain-whole" : "chain-reach", words, 2));
    value_set(arena, view, STR("breaks_at"),
              reach == count ? value_bool(arena, false)
                             : value_text(arena, term_text(showing, chain->steps, stops[reach].step)));
    return view;
}

static struct value *overview_row(struct showing_chain *showing, size_t domain)
{
    struct arena *arena = showing->building.arena;
    const struct chain *chain = &showing->chain;
    struct value *row = value_object(arena);
    struct value *cells = value_list(arena);
    size_t steps[CHAIN_STEPS_MAX];
    size_t needed = chain_needs(chain, domain, steps);
    size_t missing = 0;
    struct http_pair counts[] = {{STR("missing"), STR("")}, {STR("needed"), count_text(showing, needed)}};

    for (size_t step = 0; step < chain->steps->term_count; step++) {
        struct value *cell = value_object(arena);
        bool is_needed = false;
        size_t count = units_in(chain, step, domain, CHAIN_FILLED);
        size_t possible = units_in(chain, step, domain, CHAIN_POSSIBLE);
        for (size_t s = 0; s < needed; s++) {
            is_needed = is_needed || steps[s] == step;
        }
        missing += is_needed && count == 0;
        value_set(arena, cell, STR("needed"), value_bool(arena, is_needed));
        value_set_text(arena, cell, STR("class"),
                       !is_needed     ? STR("unneeded")
                       : count > 0    ? STR("filled")
                       : possible > 0 ? STR("possible")
                                      : STR("empty"));
        value_set_text(arena, cell, STR("count"), count_text(showing, count));
        value_set(arena, cell, STR("possible"),
                  possible > 0 ? value_text(arena, count_text(showing, possible)) : value_bool(arena, false));
        value_append(arena, cells, cell);
    }
    counts[0].value = count_text(showing, missing);
    value_set_text(arena, row, STR("text"), term_text(showing, chain->domains, domain));
    value_set_text(arena, row, STR("href"),
                   arena_concat(arena, 4, page_href(showing->building.call, STR("value-chain?domain=")),
                                chain->domains->terms[domain].code, showing->from == SIZE_MAX ? STR("") : STR("&from="),
                                showing->from == SIZE_MAX ? STR("") : chain->units[showing->from].id));
    value_set(arena, row, STR("walked"), overview_walk(showing, domain));
    value_set(arena, row, STR("cells"), cells);
    value_set_text(arena, row, STR("gaps"), say(showing->building.call, "chain-gap-count", counts, 2));
    return row;
}

static void add_overview(struct showing_chain *showing)
{
    struct arena *arena = showing->building.arena;
    const struct chain *chain = &showing->chain;
    struct value *heads = value_list(arena);
    struct value *rows = value_list(arena);

    for (size_t step = 0; step < chain->steps->term_count; step++) {
        struct value *head = value_object(arena);
        value_set_text(arena, head, STR("text"), term_text(showing, chain->steps, step));
        value_append(arena, heads, head);
    }
    for (size_t d = 0; d < chain->domains->term_count; d++) {
        if (domain_is_shown(showing, d)) {
            value_append(arena, rows, overview_row(showing, d));
        }
    }
    value_set(arena, showing->frame, STR("heads"), heads);
    value_set(arena, showing->frame, STR("rows"), rows);
    value_set(arena, showing->frame, STR("start"),
              showing->from == SIZE_MAX ? value_bool(arena, false) : unit_link(showing, showing->from));
}

/* ---- the grid ---- */

struct cell_of {
    const struct chain_evidence *items;
    size_t count;
    bool support;
};

static enum chain_state state_in(const struct showing_chain *showing, const struct cell_of *of,
                                 const struct chain_evidence *evidence)
{
    return of->support ? CHAIN_FILLED : chain_shows(evidence, showing->domain);
}

/* {"class", "sign", "words", "count", "records", "near", "wished"} */
static struct value *cell_view(struct showing_chain *showing, const struct cell_of *of, size_t unit, size_t row)
{
    struct arena *arena = showing->building.arena;
    struct value *cell = value_object(arena);
    struct value *records = value_list(arena);
    enum chain_state best = CHAIN_EMPTY;
    size_t count = 0;

    for (size_t i = 0; i < of->count; i++) {
        const struct chain_evidence *evidence = &of->items[i];
        enum chain_state state;
        struct value *link;
        if (evidence->unit != unit || evidence->step != row ||
            (state = state_in(showing, of, evidence)) == CHAIN_EMPTY) {
            continue;
        }
        best = state > best ? state : best;
        if (count++ >= CELL_RECORDS_MAX) {
            continue;
        }
        link = record_link(showing, evidence->reg, evidence->record);
        value_set_text(arena, link, STR("note"),
                       state == CHAIN_FILLED ? STR("") : SAY(showing->building.call, state_words[state]));
        value_append(arena, records, link);
    }
    value_set_text(arena, cell, STR("class"), str_from_cstr(state_classes[best]));
    value_set_text(arena, cell, STR("sign"), str_from_cstr(state_signs[best]));
    value_set_text(arena, cell, STR("words"), SAY(showing->building.call, state_words[best]));
    value_set_text(arena, cell, STR("count"), count_text(showing, count));
    value_set(arena, cell, STR("has_records"), value_bool(arena, count > 0));
    value_set(arena, cell, STR("records"), records);
    return cell;
}

static void add_nearest(struct showing_chain *showing, struct value *cell, size_t unit, size_t step)
{
    struct arena *arena = showing->building.arena;
    size_t nearest = SIZE_MAX;
    struct value *near = value_bool(arena, false);

    if (chain_cell(&showing->chain, unit, step, showing->domain) != CHAIN_FILLED) {
        nearest = chain_nearest(&showing->chain, unit, step, showing->domain);
    }
    if (nearest != SIZE_MAX) {
        near = unit_link(showing, nearest);
        value_set(arena, near, STR("km"), km_or_false(showing, chain_distance(&showing->chain, unit, nearest)));
    }
    value_set(arena, cell, STR("near"), near);
}

static void add_wished(struct showing_chain *showing, struct value *cell, size_t unit, size_t step)
{
    struct arena *arena = showing->building.arena;
    struct value *wished = value_list(arena);

    for (size_t i = 0; i < showing->chain.wish_count; i++) {
        const struct chain_touch *wish = &showing->chain.wishes[i];
        if (wish->unit == unit && wish->steps >> step & 1) {
            value_append(arena, wished, record_link(showing, wish->reg, wish->record));
        }
    }
    value_set(arena, cell, STR("wished"), wished);
    value_set(arena, cell, STR("is_wished"), value_bool(arena, value_count(wished) > 0));
}

static struct value *grid_row(struct showing_chain *showing, const struct cell_of *of, size_t row, struct str title)
{
    struct arena *arena = showing->building.arena;
    struct value *view = value_object(arena);
    struct value *cells = value_list(arena);

    for (size_t u = 0; u < showing->chain.unit_count; u++) {
        struct value *cell = cell_view(showing, of, u, row);
        value_set(arena, cell, STR("near"), value_bool(arena, false));
        value_set(arena, cell, STR("is_wished"), value_bool(arena, false));
        if (!of->support) {
            add_nearest(showing, cell, u, row);
            add_wished(showing, cell, u, row);
        }
        value_append(arena, cells, cell);
    }
    value_set_text(arena, view, STR("text"), title);
    value_set(arena, view, STR("cells"), cells);
    return view;
}

static void add_grid(struct showing_chain *showing)
{
    struct arena *arena = showing->building.arena;
    const struct chain *chain = &showing->chain;
    const struct value *support = value_get(chain->roles, STR("support"));
    struct cell_of steps_of = {chain->evidence, chain->evidence_count, false};
    struct cell_of support_of = {chain->support, chain->support_count, true};
    struct value *heads = value_list(arena);
    struct value *rows = value_list(arena);
    struct value *functions = value_list(arena);
    size_t steps[CHAIN_STEPS_MAX];
    size_t needed = chain_needs(chain, showing->domain, steps);

    for (size_t u = 0; u < chain->unit_count; u++) {
        value_append(arena, heads, unit_link(showing, u));
    }
    for (size_t s = 0; s < needed; s++) {
        value_append(arena, rows, grid_row(showing, &steps_of, steps[s], term_text(showing, chain->steps, steps[s])));
    }
    for (size_t f = 0; f < value_count(support); f++) {
        struct bilingual title = layout_text(value_at(support, f), STR("title"));
        value_append(arena, functions,
                     grid_row(showing, &support_of, f, bilingual_best(title, showing->building.call->lang)));
    }
    value_set(arena, showing->frame, STR("heads"), heads);
    value_set(arena, showing->frame, STR("rows"), rows);
    value_set(arena, showing->frame, STR("functions"), functions);
    value_set_text(arena, showing->frame, STR("columns"), count_text(showing, chain->unit_count + 1));
}

/* ---- gaps ---- */

/* Hubs that cover the step in that way: for this domain (possible, planned), or for any other. */
static struct value *holders(struct showing_chain *showing, size_t step, enum chain_state wanted, bool elsewhere)
{
    struct arena *arena = showing->building.arena;
    const struct chain *chain = &showing->chain;
    struct value *list = value_list(arena);

    for (size_t u = 0; u < chain->unit_count; u++) {
        enum chain_state state = elsewhere ? CHAIN_EMPTY : chain_cell(chain, u, step, showing->domain);
        for (size_t d = 0; elsewhere && d < chain->domains->term_count && d < CHAIN_DOMAINS_MAX; d++) {
            enum chain_state other = chain_cell(chain, u, step, d);
            state = other > state ? other : state;
        }
        if (state == wanted) {
            struct value *link = unit_link(showing, u);
            value_set(arena, link, STR("km"),
                      showing->from == SIZE_MAX || showing->from == u
                          ? value_bool(arena, false)
                          : km_or_false(showing, chain_distance(chain, showing->from, u)));
            value_append(arena, list, link);
        }
    }
    return list;
}

static struct value *touching(struct showing_chain *showing, const struct chain_touch *items, size_t count, size_t step)
{
    struct arena *arena = showing->building.arena;
    struct value *list = value_list(arena);

    for (size_t i = 0; i < count; i++) {
        bool of_domain = items[i].domains == 0 || (items[i].domains >> showing->domain & 1);
        if (items[i].steps >> step & 1 && of_domain) {
            value_append(arena, list, record_link(showing, items[i].reg, items[i].record));
        }
    }
    return list;
}

static struct value *wishing(struct showing_chain *showing, size_t step)
{
    struct arena *arena = showing->building.arena;
    struct value *list = value_list(arena);

    for (size_t i = 0; i < showing->chain.wish_count; i++) {
        const struct chain_touch *wish = &showing->chain.wishes[i];
        if (wish->steps >> step & 1) {
            struct value *link = unit_link(showing, wish->unit);
            value_set(arena, link, STR("wish"), record_link(showing, wish->reg, wish->record));
            value_append(arena, list, link);
        }
    }
    return list;
}

static void set_part(struct showing_chain *showing, struct value *gap, struct str name, struct value *list)
{
    struct arena *arena = showing->building.arena;

    if (value_count(list) == 0) {
        value_set(arena, gap, name, value_bool(arena, false));
        return;
    }
    struct value *part = value_object(arena);
    value_set(arena, part, STR("links"), list);
    value_set(arena, gap, name, part);
}

static void add_gaps(struct showing_chain *showing)
{
    struct arena *arena = showing->building.arena;
    const struct chain *chain = &showing->chain;
    struct value *gaps = value_list(arena);
    size_t steps[CHAIN_STEPS_MAX];
    size_t needed = chain_needs(chain, showing->domain, steps);

    for (size_t s = 0; s < needed; s++) {
        struct value *gap;
        if (filled_anywhere(chain, steps[s], showing->domain)) {
            continue;
        }
        gap = value_object(arena);
        value_set_text(arena, gap, STR("text"), term_text(showing, chain->steps, steps[s]));
        set_part(showing, gap, STR("possible"), holders(showing, steps[s], CHAIN_POSSIBLE, false));
        set_part(showing, gap, STR("planned"), holders(showing, steps[s], CHAIN_PLANNED, false));
        set_part(showing, gap, STR("elsewhere"), holders(showing, steps[s], CHAIN_FILLED, true));
        set_part(showing, gap, STR("wishes"), wishing(showing, steps[s]));
        set_part(showing, gap, STR("proposals"), touching(showing, chain->proposals, chain->proposal_count, steps[s]));
        set_part(showing, gap, STR("actions"), touching(showing, chain->actions, chain->action_count, steps[s]));
        value_append(arena, gaps, gap);
    }
    value_set(arena, showing->frame, STR("gaps"), gaps);
    value_set(arena, showing->frame, STR("no_gaps"), value_bool(arena, value_count(gaps) == 0));
}

/* ---- the way from a hub ---- */

static void add_walk(struct showing_chain *showing)
{
    struct arena *arena = showing->building.arena;
    const struct chain *chain = &showing->chain;
    struct value *walk = value_object(arena);
    struct value *stops = value_list(arena);
    struct chain_stop found[CHAIN_STEPS_MAX];
    size_t count = chain_walk(chain, showing->from, showing->domain, found);
    size_t reach = chain_reach(found, count);
    size_t here = showing->from;
    struct http_pair words[] = {{STR("reach"), count_text(showing, reach)},
                                {STR("needed"), count_text(showing, count)}};

    for (size_t s = 0; s < count; s++) {
        struct value *stop = value_object(arena);
        bool breaks = found[s].unit == SIZE_MAX;
        value_set_text(arena, stop, STR("text"), term_text(showing, chain->steps, found[s].step));
        value_set(arena, stop, STR("breaks"), value_bool(arena, breaks));
        value_set(arena, stop, STR("unit"), breaks ? value_bool(arena, false) : unit_link(showing, found[s].unit));
        value_set(arena, stop, STR("stays"), value_bool(arena, !breaks && found[s].unit == here));
        value_set(arena, stop, STR("km"),
                  breaks || found[s].unit == here ? value_bool(arena, false) : km_or_false(showing, found[s].km));
        here = breaks ? here : found[s].unit;
        value_append(arena, stops, stop);
    }
    value_set(arena, walk, STR("stops"), stops);
    value_set(arena, walk, STR("start"), unit_link(showing, showing->from));
    value_set_text(arena, walk, STR("reached"),
                   say(showing->building.call, reach == count ? "chain-whole" : "chain-reach", words, 2));
    value_set(arena, showing->frame, STR("walk"), walk);
}

/* ---- the page ---- */

static void add_option(struct showing_chain *showing, struct value *options, struct str value, struct str text,
                       bool selected)
{
    struct arena *arena = showing->building.arena;
    struct value *option = value_object(arena);

    value_set_text(arena, option, STR("value"), value);
    value_set_text(arena, option, STR("text"), text);
    value_set(arena, option, STR("selected"), value_bool(arena, selected));
    value_append(arena, options, option);
}

static void add_form(struct showing_chain *showing)
{
    struct arena *arena = showing->building.arena;
    const struct chain *chain = &showing->chain;
    struct value *domains = value_list(arena);
    struct value *units = value_list(arena);

    for (size_t d = 0; d < chain->domains->term_count; d++) {
        if (domain_is_shown(showing, d)) {
            add_option(showing, domains, chain->domains->terms[d].code, term_text(showing, chain->domains, d),
                       d == showing->domain);
        }
    }
    for (size_t u = 0; u < chain->unit_count; u++) {
        add_option(showing, units, chain->units[u].id, value_get_text(unit_link(showing, u), STR("text")),
                   u == showing->from);
    }
    value_set_text(arena, showing->frame, STR("action"), page_href(showing->building.call, STR("value-chain")));
    value_set(arena, showing->frame, STR("domains"), domains);
    value_set(arena, showing->frame, STR("units"), units);
}

static void read_request(struct showing_chain *showing)
{
    const struct http_request *request = showing->building.call->request;
    const struct chain *chain = &showing->chain;
    struct str domain = {0}, from = {0};
    const struct term *term;

    http_query(request, "domain", &domain);
    http_query(request, "from", &from);
    term = vocabulary_term(chain->domains, domain);
    showing->domain = term != NULL && term->position < CHAIN_DOMAINS_MAX ? term->position : SIZE_MAX;
    showing->from = SIZE_MAX;
    for (size_t u = 0; u < chain->unit_count; u++) {
        showing->from = str_eq(chain->units[u].id, from) ? u : showing->from;
    }
}

static void page_chain(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct showing_chain showing = {0};
    const struct value *roles = NULL;
    struct query query;
    struct err err = {0};
    bool one;

    if (page_query(call, NULL, QUERY_ON | QUERY_AS_OF, &query) != 0 ||
        building_begin(&showing.building, call, &query, &reader) != 0) {
        return;
    }
    if (roles_read(call->arena, &roles, &err) != 0 ||
        chain_read(roles, call->site->model, reader, call->arena, &showing.chain, &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    showing.frame =
        page_frame(call, &showing.building.community, display_plain_text(call->arena, SAY(call, "value-chain")));
    if (query.options.as_of > 0) {
        page_set_past(call, showing.frame, query.options.as_of);
    }
    read_request(&showing);
    add_form(&showing);
    one = showing.domain != SIZE_MAX;
    value_set(call->arena, showing.frame, STR("one"), value_bool(call->arena, one));
    value_set(call->arena, showing.frame, STR("walk"), value_bool(call->arena, false));
    if (one) {
        value_set_text(call->arena, showing.frame, STR("domain_title"),
                       term_text(&showing, showing.chain.domains, showing.domain));
        add_grid(&showing);
        add_gaps(&showing);
    } else {
        add_overview(&showing);
    }
    if (one && showing.from != SIZE_MAX) {
        add_walk(&showing);
    }
    page_send(call, "chain", showing.frame);
}

const struct route chain_routes[] = {
    {"/{lang}/value-chain", page_chain, true},
    {NULL, NULL, false},
};
