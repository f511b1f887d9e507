/* The page of all editions, and what programs are told of them. */
#include "web/edition.h"

#include "base/date.h"
#include "base/intl.h"
#include "model/record.h"
#include "web/api.h"
#include "web/problem.h"
#include "web/query.h"
#include "web/route.h"
#include "web/section.h"

/* ---- what was missing ---- */

/* The parsed gaps of an edition; NULL when nothing was missing. */
static int gaps_of(struct call *call, const struct edition *edition, struct value **ret_gaps, struct err *err)
{
    *ret_gaps = NULL;
    return edition->gaps.len == 0 ? 0 : json_read(call->arena, edition->gaps, NULL, ret_gaps, err);
}

static int64_t number_of(const struct value *object, struct str name)
{
    const struct value *value = value_get(object, name);
    int64_t number = 0;

    if (value != NULL && value->kind == VALUE_NUMBER) {
        (void)decimal_to_int64(value->number, &number);
    }
    return number;
}

static struct value *gaps_view(struct call *call, const struct value *gaps)
{
    struct arena *arena = call->arena;
    struct str code = lang_codes[call->lang];
    struct http_pair pairs[2];

    if (gaps == NULL) {
        return value_bool(arena, false);
    }
    pairs[0] = (struct http_pair){STR("sources"), intl_integer(arena, code, number_of(gaps, STR("sources")))};
    pairs[1] = (struct http_pair){STR("translations"), intl_integer(arena, code, number_of(gaps, STR("translations")))};
    return value_text(arena, say(call, "edition-gaps", pairs, 2));
}

/* ---- errata ---- */

#define ERRATA_MAX 200

static struct value *erratum_view(struct building *building, const struct edition *edition, const struct found *found)
{
    struct arena *arena = building->arena;
    struct call *call = building->call;
    const struct value *text = value_get(found->record, STR("text"));
    struct value *view = display_text(arena, call->lang, text == NULL ? (struct bilingual){0} : value_bilingual(text));
    struct str about = value_get_text(found->record, STR("about"));
    value_set_text(arena, view, STR("day"),
                   display_date(&building->display, value_get_text(found->record, STR("day"))));
    value_set(arena, view, STR("about"), about.len > 0 ? value_text(arena, about) : value_bool(arena, false));
    value_set_text(arena, view, STR("about_href"), edition_href(call, edition, about));
    return view;
}

/* What has been told since of errors in it, as far as is known now: also where the page itself is of that edition. */
static int errata_of(struct building *building, const struct edition *edition, struct value **ret_errata,
                     struct err *err)
{
    struct call *call = building->call;
    READER_AUTO *own = NULL;
    struct read_options now = {.lang = call->lang};
    const struct reg *reg = model_role(call->site->model, ROLE_ERRATUM);
    struct filter filter = {.name = STR("edition"), .value = edition->name};
    struct list_query query = {.reg = reg, .filters = &filter, .filter_count = 1, .limit = ERRATA_MAX};
    struct page page = {0};

    *ret_errata = value_list(call->arena);
    filter.field = reg == NULL ? NULL : reg_field(reg, STR("edition"));
    if (filter.field == NULL) {
        return 0;
    }
    if (call->edition != NULL && store_read(call->site->store, &now, &own, err) != 0) {
        return -1;
    }
    if (store_list(own != NULL ? own : building->reader, &query, call->arena, &page, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < page.count; i++) {
        value_append(call->arena, *ret_errata, erratum_view(building, edition, &page.items[i]));
    }
    return 0;
}

/* ---- the page ---- */

static int edition_row(struct building *building, const struct edition *edition, struct value *rows, struct err *err)
{
    struct call *call = building->call;
    struct arena *arena = call->arena;
    struct str code = lang_codes[call->lang];
    struct value *row = value_object(arena);
    struct value *gaps, *errata;

    if (gaps_of(call, edition, &gaps, err) != 0 || errata_of(building, edition, &errata, err) != 0) {
        return -1;
    }
    value_set(arena, row, STR("errata"), errata);
    value_set(arena, row, STR("has_errata"), value_bool(arena, value_count(errata) > 0));
    value_set_text(arena, row, STR("name"), edition->name);
    value_set_text(arena, row, STR("href"), edition_href(call, edition, STR("")));
    value_set_text(arena, row, STR("date"),
                   intl_date(arena, code, date_in_zone(edition->frozen_ms, building->community.zone)));
    value_set_text(arena, row, STR("seq"), intl_integer(arena, code, edition->seq));
    value_set(arena, row, STR("note"),
              edition->note.len > 0 ? value_text(arena, edition->note) : value_bool(arena, false));
    value_set(arena, row, STR("gaps"), gaps_view(call, gaps));
    value_set_text(arena, row, STR("citation"), edition_citation(call, &building->community, edition));
    value_set(arena, row, STR("older"),
              edition->older == NULL ? value_bool(arena, false) : value_text(arena, edition->older->name));
    value_set_text(arena, row, STR("changes_href"), edition_href(call, edition, STR("changes")));
    value_append(arena, rows, row);
    return 0;
}

/* Newest first; where only one edition is shown, that one and those before it. */
static int add_rows(struct building *building, struct value *frame, struct err *err)
{
    struct call *call = building->call;
    struct value *rows = value_list(call->arena);

    for (const struct edition *edition = store_editions(call->site->store); edition != NULL; edition = edition->older) {
        if (call->site->edition != NULL && edition != call->site->edition) {
            continue;
        }
        if (edition_row(building, edition, rows, err) != 0) {
            return -1;
        }
    }
    value_set(call->arena, frame, STR("editions"), rows);
    value_set(call->arena, frame, STR("has_editions"), value_bool(call->arena, value_count(rows) > 0));
    value_set(call->arena, frame, STR("since_href"),
              call->edition == NULL && value_count(rows) > 0 ? value_text(call->arena, page_href(call, STR("changes")))
                                                             : value_bool(call->arena, false));
    return 0;
}

void page_editions(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct building building;
    struct value *frame;
    struct query query;
    struct err err = {0};

    if (page_query(call, NULL, 0, &query) != 0 || building_begin(&building, call, &query, &reader) != 0) {
        return;
    }
    frame = page_frame(call, &building.community, display_plain_text(call->arena, SAY(call, "editions")));
    if (add_rows(&building, frame, &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    page_send(call, "editions", frame);
}

/* ---- for programs ---- */

struct value *edition_value(struct call *call, const struct edition *edition, struct err *err)
{
    struct arena *arena = call->arena;
    struct value *view = value_object(arena);
    struct value *gaps;
    char at[TIME_TEXT_MAX];
    size_t length = time_format(edition->frozen_ms, at);

    if (gaps_of(call, edition, &gaps, err) != 0) {
        return NULL;
    }
    value_set_text(arena, view, STR("name"), edition->name);
    value_set(arena, view, STR("seq"), value_int(arena, edition->seq));
    value_set_text(arena, view, STR("frozen_at"), arena_copy(arena, str_make(at, length)));
    value_set_text(arena, view, STR("frozen_by"), edition->frozen_by);
    if (edition->note.len > 0) {
        value_set_text(arena, view, STR("note"), edition->note);
    }
    if (gaps != NULL) {
        value_set(arena, view, STR("gaps"), gaps);
    }
    value_set_text(arena, view, STR("url"), arena_concat(arena, 2, STR("/api/v1/edition/"), edition->name));
    return view;
}

void api_editions(struct call *call)
{
    struct value *answer = value_object(call->arena);
    struct value *items = value_list(call->arena);
    struct err err = {0};

    if (!api_takes_no_query(call)) {
        return;
    }
    for (const struct edition *edition = store_editions(call->site->store); edition != NULL; edition = edition->older) {
        struct value *view = edition_value(call, edition, &err);
        if (view == NULL) {
            struct problem problem = problem_from_err(&err);
            problem_send(call, &problem);
            return;
        }
        value_append(call->arena, items, view);
    }
    value_set(call->arena, answer, STR("total"), value_int(call->arena, (int64_t)value_count(items)));
    value_set(call->arena, answer, STR("items"), items);
    call_send_json(call, answer, "application/json", 0);
}

const struct route edition_routes[] = {
    {"/{lang}/edition", page_editions, true},
    {"/api/v1/edition", api_editions, false},
    {"/{lang}/changes", page_changes, true},
    {"/api/v1/changes", api_changes, false},
    {NULL, NULL, false},
};
