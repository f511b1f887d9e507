/* The composite index as a public page: only while the community's record names the decision that released it (site/insight.json,
 * "index", "release"); else there is no such page. By the default method, with each rank's interval. */
#include "base/intl.h"
#include "insight/hub_index.h"
#include "model/record.h"
#include "web/compare_page.h"
#include "web/query.h"
#include "web/section.h"
#include "web/showing.h"

struct index_page {
    struct building building;
    const struct value *roles, *part;
    const struct reg *units;
    struct index_result result;
    struct value *frame;
};

static struct str whole_number(const struct index_page *page, size_t number)
{
    return intl_integer(page->building.arena, lang_codes[page->building.call->lang], (int64_t)number);
}

/* "3", "2–4". */
static struct str interval_words(const struct index_page *page, const struct composite_interval *interval)
{
    struct str low = whole_number(page, interval->low), high = whole_number(page, interval->high);

    return interval->low == interval->high ? low : arena_concat(page->building.arena, 3, low, STR("–"), high);
}

static struct value *unit_row(struct index_page *page, const struct index_unit *unit)
{
    struct building *building = &page->building;
    struct arena *arena = building->arena;
    struct value *row = display_text(arena, building->call->lang, unit->label);
    struct http_pair known[] = {{STR("known"), whole_number(page, unit->known)},
                                {STR("all"), whole_number(page, page->result.indicators_used)}};

    value_set_text(arena, row, STR("href"), display_record_href(&building->display, page->units, unit->id));
    value_set_text(arena, row, STR("known"), say(building->call, "index-known", known, 2));
    if (unit->used) {
        value_set_text(arena, row, STR("rank"), whole_number(page, unit->rank));
        value_set_text(arena, row, STR("score"), arena_format(arena, "%.1f", unit->score));
        value_set_text(arena, row, STR("interval"), interval_words(page, &unit->interval));
        value_set_text(arena, row, STR("low"), arena_format(arena, "%u", (unsigned)unit->interval.low));
        value_set_text(arena, row, STR("high"), arena_format(arena, "%u", (unsigned)unit->interval.high));
    }
    return row;
}

static void add_units(struct index_page *page)
{
    struct arena *arena = page->building.arena;
    struct value *ranked = value_list(arena), *left_out = value_list(arena);
    bool ranks = page->result.state == INDEX_RANKED;

    for (size_t i = 0; i < page->result.unit_count; i++) {
        const struct index_unit *unit = &page->result.units[i];
        value_append(arena, ranks && unit->used ? ranked : left_out, unit_row(page, unit));
    }
    value_set(arena, page->frame, STR("ranked"), ranked);
    value_set(arena, page->frame, STR("ranks"), value_bool(arena, ranks));
    value_set(arena, page->frame, STR("left_out"), left_out);
    value_set(arena, page->frame, STR("leaves_out"), value_bool(arena, value_count(left_out) > 0));
}

/* An indicator that is not for everybody takes part without being named. */
static int add_indicators(struct index_page *page, struct err *err)
{
    struct building *building = &page->building;
    struct arena *arena = building->arena;
    struct value *rows = value_list(arena);
    const struct reg *reg = roles_register(value_get(page->part, STR("indicator")), building->call->site->model);

    for (size_t i = 0; i < page->result.indicator_count; i++) {
        const struct index_indicator *indicator = &page->result.indicators[i];
        struct bilingual label;
        struct value *row;
        if (viewing_label(&building->viewing, reg, indicator->id, &label, err) != 0) {
            return -1;
        }
        if (!indicator->used || bilingual_best(label, building->call->lang).len == 0) {
            continue;
        }
        row = display_text(arena, building->call->lang, label);
        value_set_text(arena, row, STR("href"), display_record_href(&building->display, reg, indicator->id));
        value_set_text(arena, row, STR("weight"), arena_format(arena, "%.0f", 100 * indicator->weight));
        value_append(arena, rows, row);
    }
    value_set(arena, page->frame, STR("indicators"), rows);
    return 0;
}

/* A choice in the words of its vocabulary. */
static struct str choice(const struct index_page *page, const char *vocabulary, struct str code)
{
    const struct vocabulary *words = model_vocabulary(page->building.call->site->model, str_from_cstr(vocabulary));
    const struct term *term = words == NULL ? NULL : vocabulary_term(words, code);

    return term == NULL ? code : bilingual_best(term->label, page->building.call->lang);
}

static void add_method(struct index_page *page)
{
    const struct index_result *result = &page->result;
    struct arena *arena = page->building.arena;
    struct http_pair pairs[] = {
        {STR("normalisation"), choice(page, "normalisation", index_normalisation_codes[result->method.normalisation])},
        {STR("weighting"), choice(page, "index-weighting", index_weighting_codes[result->weighting])},
        {STR("aggregation"), choice(page, "index-aggregation", index_aggregation_codes[result->method.aggregation])},
        {STR("missing"), choice(page, "index-missing", index_missing_codes[result->method.missing])},
        {STR("year"), arena_format(arena, "%d", result->year)},
        {STR("runs"), whole_number(page, result->runs)},
        {STR("share"), arena_format(arena, "%.0f", 100 * (result->high - result->low))},
    };

    value_set_text(arena, page->frame, STR("method"),
                   say(page->building.call, "index-method", pairs, sizeof pairs / sizeof pairs[0]));
}

/* The decision: a link where the community's record refers to one, else its name. */
static int add_release(struct index_page *page, struct str decision, struct err *err)
{
    struct building *building = &page->building;
    const struct reg *reg =
        building->community.record == NULL ? NULL : model_role(building->call->site->model, ROLE_COMMUNITY);
    const struct field *field = reg == NULL ? NULL : reg_field(reg, value_get_text(page->part, STR("release")));
    struct value *reference, *link = display_plain_text(building->arena, decision);

    if (field != NULL && field->reference != NULL) {
        if (view_reference(&building->viewing, field->reference, decision, &reference, err) != 0) {
            return -1;
        }
        link = display_link(&building->display, field->reference, reference);
    }
    if (value_get(link, STR("href")) == NULL) {
        value_set(building->arena, link, STR("href"), value_bool(building->arena, false));
    }
    value_set(building->arena, page->frame, STR("release"), link);
    return 0;
}

/* Figures as everybody may see them; which indicators take part is a mark that only the secretariat sees, and the decision
 * released what is made of it. */
static int compute(struct index_page *page, struct reader *reader, struct reader *methods, struct err *err)
{
    struct call *call = page->building.call;
    struct index_request request = {
        .model = call->site->model, .figures = reader, .methods = methods, .zone = page->building.community.zone};

    page->units = roles_register(value_get(page->part, STR("unit")), call->site->model);
    return index_compute(page->roles, &request, call->arena, &page->result, err);
}

void page_index(struct call *call)
{
    READER_AUTO *reader = NULL;
    READER_AUTO *methods = NULL;
    struct index_page page = {0};
    struct str decision;
    struct query query;
    struct read_options whole;
    struct err err = {0};

    if (page_query(call, NULL, QUERY_ON | QUERY_AS_OF, &query) != 0 ||
        building_begin(&page.building, call, &query, &reader) != 0) {
        return;
    }
    if (roles_read(call->arena, &page.roles, &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    page.part = value_get(page.roles, STR("index"));
    decision = index_release(page.roles, page.building.community.record);
    if (decision.len == 0) {
        page_send_missing(call, call->request->path);
        return;
    }
    whole = query.options;
    whole.viewer.sees = VISIBILITY_SECRETARIAT;
    if (call_read(call, &whole, &methods) != 0) {
        return;
    }
    call_keep_until_commit(call, reader, page.building.community.zone);
    page.frame = page_frame(call, &page.building.community, display_plain_text(call->arena, SAY(call, "index")));
    if (query.options.as_of > 0) {
        page_set_past(call, page.frame, query.options.as_of);
    }
    if (compute(&page, reader, methods, &err) != 0 || add_release(&page, decision, &err) != 0 ||
        add_indicators(&page, &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    add_units(&page);
    add_method(&page);
    value_set_text(call->arena, page.frame, STR("compare_href"), page_href(call, STR("compare")));
    page_use_charts(call, page.frame);
    page_send(call, "index", page.frame);
}
