#include "web/search_page.h"

#include "base/intl.h"
#include "web/query.h"
#include "web/search_ask.h"
#include "web/section.h"

#define FACET_VALUES_SHOWN 12

struct finding {
    struct call *call;
    struct arena *arena;
    struct search_ask ask;
    struct search_result result;
    struct building building;
    struct value *frame;
};

static struct str search_href(struct finding *finding, struct str query)
{
    return arena_concat(finding->arena, 2, page_href(finding->call, STR("search")), query);
}

static void set_flag(struct finding *finding, struct value *view, const char *name, bool flag)
{
    value_set(finding->arena, view, str_from_cstr(name), value_bool(finding->arena, flag));
}

/* ---- hits ---- */

static void set_register(struct finding *finding, const struct search_hit *hit, struct value *item)
{
    const struct bilingual words =
        bilingual_best(hit->reg->singular, LANG_JA).len > 0 ? hit->reg->singular : hit->reg->title;

    value_set_text(finding->arena, item, STR("register_title"), bilingual_best(words, finding->call->lang));
}

static struct str distance_words(struct finding *finding, double km)
{
    struct http_pair pair = {STR("km"), arena_format(finding->arena, km < 10 ? "%.1f" : "%.0f", km)};

    return say(finding->call, "search-distance", &pair, 1);
}

static struct value *hit_view(struct finding *finding, const struct search_hit *hit)
{
    struct arena *arena = finding->arena;
    enum lang lang = finding->call->lang;
    enum lang shown = hit->title.in[lang].len > 0 ? lang : lang == LANG_JA ? LANG_EN : LANG_JA;
    struct value *item = display_text(arena, lang, hit->title);
    struct value *reasons = value_list(arena);

    if (value_get_text(item, STR("text")).len == 0) {
        value_set_text(arena, item, STR("text"), hit->id);
        value_set(arena, item, STR("title_parts"), search_parts(arena, hit->id, NULL, 0));
    } else {
        value_set(arena, item, STR("title_parts"),
                  search_parts(arena, hit->title.in[shown], hit->title_marks[shown], hit->title_mark_count[shown]));
    }
    value_set_text(arena, item, STR("href"), display_record_href(&finding->building.display, hit->reg, hit->id));
    set_register(finding, hit, item);
    value_set(arena, item, STR("snippet_parts"),
              search_parts(arena, hit->snippet, hit->snippet_marks, hit->snippet_mark_count));
    set_flag(finding, item, "has_snippet", hit->snippet.len > 0);
    value_set_text(arena, item, STR("snippet_lang"), lang_codes[hit->snippet_lang]);
    for (size_t i = 0; i < hit->reason_count; i++) {
        struct value *reason = value_object(arena);
        value_set_text(arena, reason, STR("reason"), hit->reasons[i]);
        value_append(arena, reasons, reason);
    }
    value_set(arena, item, STR("reasons"), reasons);
    set_flag(finding, item, "has_reasons", hit->reason_count > 0);
    value_set_text(arena, item, STR("distance"),
                   finding->ask.query.has_point && hit->has_place ? distance_words(finding, hit->distance_km)
                                                                  : STR(""));
    return item;
}

static void add_hits(struct finding *finding)
{
    struct value *items = value_list(finding->arena);

    for (size_t i = 0; i < finding->result.hit_count; i++) {
        value_append(finding->arena, items, hit_view(finding, &finding->result.hits[i]));
    }
    value_set(finding->arena, finding->frame, STR("items"), items);
    set_flag(finding, finding->frame, "has_items", finding->result.hit_count > 0);
}

/* ---- facets ---- */

static struct str facet_title(struct finding *finding, struct bilingual words)
{
    struct str title = bilingual_best(words, finding->call->lang);

    return title.len > 0 ? title : SAY(finding->call, "search-register");
}

static struct value *facet_option(struct finding *finding, const struct search_facet *facet,
                                  const struct search_facet_value *value)
{
    struct arena *arena = finding->arena;
    struct value *option = value_object(arena);
    struct str label = bilingual_best(value->label, finding->call->lang);
    struct str query = value->chosen ? search_address(finding->call, facet->name, value->value, STR(""), STR(""))
                                     : search_address(finding->call, STR(""), STR(""), facet->name, value->value);

    if (str_eq(facet->name, STR("language"))) {
        label = SAY(finding->call, str_eq(value->value, lang_codes[LANG_JA]) ? "search-in-ja" : "search-in-en");
    }
    value_set_text(arena, option, STR("text"), label);
    value_set_text(arena, option, STR("count"), intl_integer(arena, lang_codes[finding->call->lang], value->count));
    value_set_text(arena, option, STR("href"), search_href(finding, query));
    set_flag(finding, option, "chosen", value->chosen);
    return option;
}

/* A value that no record has is no option of its facet, but it narrows as well, and can be taken away as it was asked for. */
static void add_untold(struct finding *finding, struct value *chosen)
{
    const struct search_query *query = &finding->ask.query;
    struct arena *arena = finding->arena;

    for (size_t i = 0; i < query->filter_count; i++) {
        const struct search_filter *filter = &query->filters[i];
        struct value *option = value_object(arena);
        if (finding->result.filter_told[i]) {
            continue;
        }
        value_set_text(arena, option, STR("title"),
                       facet_title(finding, search_facet_title(finding->call->site->search, filter->facet)));
        value_set_text(arena, option, STR("text"), filter->value);
        value_set_text(
            arena, option, STR("href"),
            search_href(finding, search_address(finding->call, filter->facet, filter->value, STR(""), STR(""))));
        value_append(arena, chosen, option);
    }
}

static void add_facets(struct finding *finding)
{
    struct arena *arena = finding->arena;
    struct value *facets = value_list(arena), *chosen = value_list(arena);

    for (size_t f = 0; f < finding->result.facet_count; f++) {
        const struct search_facet *facet = &finding->result.facets[f];
        struct value *view = value_object(arena), *options = value_list(arena), *more = value_list(arena);
        for (size_t i = 0; i < facet->count; i++) {
            struct value *option = facet_option(finding, facet, &facet->values[i]);
            value_append(arena, i < FACET_VALUES_SHOWN || facet->values[i].chosen ? options : more, option);
            if (facet->values[i].chosen) {
                value_set_text(arena, option, STR("title"), facet_title(finding, facet->title));
                value_append(arena, chosen, option);
            }
        }
        value_set_text(arena, view, STR("title"), facet_title(finding, facet->title));
        value_set(arena, view, STR("options"), options);
        value_set(arena, view, STR("more"), more);
        set_flag(finding, view, "has_more", value_count(more) > 0);
        set_flag(finding, view, "open", f < 3);
        value_append(arena, facets, view);
    }
    value_set(arena, finding->frame, STR("facets"), facets);
    set_flag(finding, finding->frame, "has_facets", value_count(facets) > 0);
    add_untold(finding, chosen);
    value_set(arena, finding->frame, STR("chosen"), chosen);
    set_flag(finding, finding->frame, "is_narrowed", value_count(chosen) > 0 || finding->ask.query.has_point);
    value_set_text(arena, finding->frame, STR("near_href"),
                   finding->ask.query.has_point
                       ? search_href(finding, search_address(finding->call, STR("near"), STR(""), STR(""), STR("")))
                       : STR(""));
    value_set_text(
        arena, finding->frame, STR("all_href"),
        search_href(finding, finding->ask.query.text.len == 0
                                 ? STR("")
                                 : arena_concat(arena, 2, STR("?q="), url_segment(arena, finding->ask.query.text))));
}

/* ---- what is said above the results ---- */

static void add_total(struct finding *finding)
{
    struct call *call = finding->call;
    struct http_pair count = {STR("count"), intl_number(finding->arena, lang_codes[call->lang],
                                                        decimal_from_int64(finding->result.total), 0)};
    struct str words = finding->result.total == 1 && finding->result.total_exact
                           ? SAY(call, "one-record")
                           : say(call, finding->result.total_exact ? "records" : "records-at-least", &count, 1);

    value_set_text(finding->arena, finding->frame, STR("total_words"), words);
}

static void add_notices(struct finding *finding)
{
    static const char *const notices[] = {NULL, "search-loosened", NULL, "search-any"};
    const struct search_result *result = &finding->result;
    struct http_pair spelled = {STR("spelled"), result->spelled};
    struct value *list = value_list(finding->arena);
    struct str words[3];
    size_t count = 0;

    if (result->relaxed == SEARCH_SPELLED) {
        words[count++] = say(finding->call, "search-spelled", &spelled, 1);
    } else if (notices[result->relaxed] != NULL && result->total > 0) {
        words[count++] = SAY(finding->call, notices[result->relaxed]);
    }
    if (result->cut_off) {
        words[count++] = SAY(finding->call, "search-cut-off");
    }
    for (size_t i = 0; i < count; i++) {
        struct value *view = value_object(finding->arena);
        value_set_text(finding->arena, view, STR("notice"), words[i]);
        value_append(finding->arena, list, view);
    }
    value_set(finding->arena, finding->frame, STR("notices"), list);
}

static void add_pages(struct finding *finding)
{
    size_t shown = finding->ask.query.offset + finding->ask.query.limit;
    bool more = finding->result.total > (int64_t)shown && shown < SEARCH_REACH_MAX;
    struct str next = arena_format(finding->arena, "%zu", finding->ask.page + 1);
    struct str before = arena_format(finding->arena, "%zu", finding->ask.page - 1);
    struct call *call = finding->call;

    value_set_text(finding->arena, finding->frame, STR("next_href"),
                   more ? search_href(finding, search_address(call, STR(""), STR(""), STR("page"), next)) : STR(""));
    value_set_text(finding->arena, finding->frame, STR("before_href"),
                   finding->ask.page > 1
                       ? search_href(finding, search_address(call, STR(""), STR(""), STR("page"), before))
                       : STR(""));
}

static void add_forms(struct finding *finding)
{
    struct call *call = finding->call;
    struct arena *arena = finding->arena;
    struct str query = search_address(call, STR("view"), STR(""), STR(""), STR(""));
    struct str lang =
        arena_concat(arena, 3, query, query.len == 0 ? STR("?lang=") : STR("&lang="), lang_codes[call->lang]);

    value_set_text(arena, finding->frame, STR("csv_href"),
                   arena_concat(arena, 2, page_href(call, STR("search.csv")), query));
    value_set_text(arena, finding->frame, STR("atom_href"),
                   arena_concat(arena, 2, page_href(call, STR("search.atom")), query));
    value_set_text(arena, finding->frame, STR("api_href"), arena_concat(arena, 2, STR("/api/v1/search"), lang));
    value_set_text(arena, finding->frame, STR("saved_href"), search_href(finding, query));
    value_set_text(arena, finding->frame, STR("saved_url"),
                   arena_concat(arena, 2, call_site_url(call), search_href(finding, query)));
    value_set_text(arena, finding->frame, STR("list_href"), search_href(finding, query));
    value_set_text(arena, finding->frame, STR("map_href"),
                   search_href(finding, search_address(call, STR("view"), STR(""), STR("view"), STR("map"))));
    set_flag(finding, finding->frame, "shows_map", finding->ask.view.len > 0);
}

/* What narrows the search stays when other words are typed. */
static void add_kept(struct finding *finding)
{
    struct value *kept = value_list(finding->arena);

    for (size_t i = 0; i < finding->call->request->query_count; i++) {
        const struct http_pair *pair = &finding->call->request->query[i];
        if (pair->value.len > 0 && !str_eq(pair->name, STR("q")) && !str_eq(pair->name, STR("page")) &&
            !str_eq(pair->name, STR("like"))) {
            struct value *view = value_object(finding->arena);
            value_set_text(finding->arena, view, STR("name"), pair->name);
            value_set_text(finding->arena, view, STR("value"), pair->value);
            value_append(finding->arena, kept, view);
        }
    }
    value_set(finding->arena, finding->frame, STR("kept"), kept);
}

/* ---- the page ---- */

static int make_map(struct finding *finding, struct err *err)
{
    struct found_place *places = ARENA_NEW_ARRAY(finding->arena, finding->result.hit_count + 1, struct found_place);
    struct value *map = NULL;
    size_t count = 0;

    for (size_t i = 0; finding->ask.view.len > 0 && i < finding->result.hit_count; i++) {
        const struct search_hit *hit = &finding->result.hits[i];
        if (hit->has_place) {
            places[count].lat = hit->lat;
            places[count].lon = hit->lon;
            places[count++].link = hit_view(finding, hit);
        }
    }
    (void)err;
    if (finding->ask.view.len > 0) {
        map = map_of_places(&finding->building, places, count);
    }
    value_set(finding->arena, finding->frame, STR("map"), map == NULL ? value_bool(finding->arena, false) : map);
    return 0;
}

static bool asks_something(const struct search_ask *ask)
{
    return ask->query.text.len > 0 || ask->query.filter_count > 0 || ask->query.has_point || ask->query.like_id.len > 0;
}

static struct str page_title(struct finding *finding)
{
    struct http_pair pair = {STR("words"), finding->ask.query.text};

    if (finding->ask.query.like_id.len > 0) {
        return SAY(finding->call, "search-similar");
    }
    return finding->ask.query.text.len == 0 ? SAY(finding->call, "search")
                                            : say(finding->call, "search-title", &pair, 1);
}

static int build(struct finding *finding, struct err *err)
{
    bool asked = asks_something(&finding->ask);

    finding->frame = page_frame(finding->call, &finding->building.community,
                                display_plain_text(finding->arena, page_title(finding)));
    value_set_text(finding->arena, finding->frame, STR("search_words"), finding->ask.query.text);
    set_flag(finding, finding->frame, "asked", asked);
    value_set(finding->arena, finding->frame, STR("search_href"), NULL); /* the page has its own box */
    set_flag(finding, finding->frame, "is_empty", asked && finding->result.hit_count == 0);
    value_set_text(finding->arena, finding->frame, STR("action"), page_href(finding->call, STR("search")));
    add_hits(finding);
    add_facets(finding);
    add_total(finding);
    add_notices(finding);
    add_pages(finding);
    add_forms(finding);
    add_kept(finding);
    return make_map(finding, err);
}

/* While there is no index the page says so and how far it is. */
static bool is_building(struct finding *finding)
{
    struct search_status status = search_status(finding->call->site->search);
    struct http_pair percent = {STR("percent"), arena_format(finding->arena, "%d", (int)(status.progress * 100))};

    if (status.state != SEARCH_BUILDING || status.records > 0) {
        return false;
    }
    finding->call->readings += 2;
    finding->result.total_exact = true;
    if (build(finding, NULL) == 0) {
        struct value *list = value_list(finding->arena), *view = value_object(finding->arena);
        value_set_text(finding->arena, view, STR("notice"), say(finding->call, "search-building", &percent, 1));
        value_append(finding->arena, list, view);
        value_set(finding->arena, finding->frame, STR("notices"), list);
        set_flag(finding, finding->frame, "is_empty", false);
        set_flag(finding, finding->frame, "asked", false);
        finding->call->response->status = 503;
        http_response_header(finding->call->response, "Retry-After", STR("5"));
        page_send(finding->call, "search", finding->frame);
    }
    return true;
}

void page_search(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct finding finding = {.call = call, .arena = call->arena, .result = {.total_exact = true}};
    struct query query = {.options = {.lang = call->lang}};
    struct err err = {0};

    if (search_ask_read(call, false, &finding.ask) != 0 ||
        building_begin(&finding.building, call, &query, &reader) != 0 || is_building(&finding)) {
        return;
    }
    finding.ask.query.limit = SEARCH_PAGE_ITEMS;
    if (finding.ask.view.len > 0) {
        finding.ask.query.limit = 200;
        finding.ask.query.offset = 0;
    }
    if (search_ask_run(call, &finding.ask, &finding.result) != 0) {
        return;
    }
    if (build(&finding, &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    page_send(call, "search", finding.frame);
}
