/* The frame of every page, and the pages of problems. */
#include "web/page.h"

#include "base/intl.h"
#include "model/record.h"
#include "web/edition.h"
#include "web/frame.h"
#include "web/problem.h"
#include "web/query.h"
#include "web/route.h"

#define PAGE_BYTES_MAX (8u << 20)
#define PAGE_BYTES_USUAL (24u << 10) /* most pages need no more */
#define LIST_LIMIT 50

/* ---- the community ---- */

static struct bilingual get_bilingual(const struct value *record, const char *name)
{
    const struct value *value = value_get(record, str_from_cstr(name));

    return value == NULL ? (struct bilingual){0} : value_bilingual(value);
}

/* All but the menu, which depends on the page. A kept_maker; context is the call. */
static int make_community(void *context, struct reader *reader, struct arena *arena, void **ret_value, struct err *err)
{
    const struct call *call = context;
    struct community *community = ARENA_NEW(arena, struct community);
    const struct reg *reg = model_role(call->site->model, ROLE_COMMUNITY);
    const struct found *found = NULL;

    *community = (struct community){.name = {{STR("Musubi"), STR("Musubi")}}, .zone = STR("UTC")};
    if (reg != NULL && store_eldest(reader, reg, arena, &found, err) != 0) {
        return -1;
    }
    if (found != NULL) {
        const struct value *record = found->record;
        community->record = record;
        community->name = get_bilingual(record, "name");
        community->tagline = get_bilingual(record, "tagline");
        community->description = get_bilingual(record, "description");
        community->caveat = get_bilingual(record, "caveat");
        community->citation = get_bilingual(record, "citation");
        community->abbreviation = value_get_text(record, STR("abbreviation"));
        community->zone = value_get_text(record, STR("time_zone"));
        community->licence = value_get_text(record, STR("licence"));
        community->licence_url = value_get_text(record, STR("licence_url"));
        community->website = value_get_text(record, STR("website"));
    }
    *ret_value = community;
    return 0;
}

int community_note(struct call *call, struct reader *reader, struct err *err)
{
    void *kept = NULL;

    return reader_kept(reader, STR("community"), call->arena, make_community, call, &kept, err);
}

int community_read(struct call *call, struct reader *reader, struct community *ret_community, struct err *err)
{
    struct community community;
    void *kept = NULL;

    if (reader_kept(reader, STR("community"), call->arena, make_community, call, &kept, err) != 0) {
        return -1;
    }
    community = *(const struct community *)kept;
    community.zone = arena_copy(call->arena, community.zone); /* what is noted of today outlives the reading */
    if (frame_links(call, reader, &community.menu, &community.foot, err) != 0) {
        return -1;
    }
    *ret_community = community;
    return 0;
}

/* ---- the frame ---- */

struct str page_href(struct call *call, struct str path)
{
    return arena_concat(call->arena, 5, STR("/"), lang_codes[call->lang], STR("/"), call->base, path);
}

/* "a/b" of the path "/en/a/b" or "/en/edition/2026/a/b", escaped anew: the same address however it was spelt. */
static struct str path_behind_base(struct call *call)
{
    struct str rest = call->request->path;
    struct str path = STR("");
    struct str part;
    bool done = call->params.lang.len == 0;

    for (int i = 0; !done && str_next_part(&rest, '/', &done, &part); i++) {
        if (i >= 2) {
            path = arena_concat(call->arena, 3, path, i == 2 ? STR("") : STR("/"), url_segment(call->arena, part));
        }
    }
    return path;
}

struct str page_path(struct call *call)
{
    return page_href(call, path_behind_base(call));
}

/* This address without its language: "/en/a?b" → "a?b", "/en/edition/2026/a" → "edition/2026/a". A cursor belongs to one language's order, so it is left behind. */
static struct str address_behind_lang(struct call *call, bool with_query)
{
    struct arena *arena = call->arena;
    struct str address = arena_concat(arena, 2, call->base, path_behind_base(call));
    struct str separator = STR("?");

    for (size_t i = 0; with_query && i < call->request->query_count; i++) {
        const struct http_pair *pair = &call->request->query[i];
        if (str_eq(pair->name, STR("cursor")) || pair->value.len == 0) {
            continue;
        }
        address = arena_concat(arena, 5, address, separator, url_segment(arena, pair->name), STR("="),
                               url_segment(arena, pair->value));
        separator = STR("&");
    }
    return address;
}

static struct value *alternate(struct call *call, struct str code, struct str url)
{
    struct value *view = value_object(call->arena);

    value_set_text(call->arena, view, STR("code"), code);
    value_set_text(call->arena, view, STR("url"), url);
    return view;
}

/* hreflang links are absolute, reciprocal and name the page itself; whoever reads neither gets the front door's choice or
 * English. */
static struct value *alternates(struct call *call)
{
    struct arena *arena = call->arena;
    struct value *list = value_list(arena);
    struct str site = call_site_url(call);
    struct str address = address_behind_lang(call, false);

    for (size_t l = 0; l < LANG_COUNT; l++) {
        value_append(
            arena, list,
            alternate(call, lang_codes[l], arena_concat(arena, 5, site, STR("/"), lang_codes[l], STR("/"), address)));
    }
    value_append(arena, list,
                 alternate(call, STR("x-default"),
                           address.len == 0 ? arena_concat(arena, 2, site, STR("/"))
                                            : arena_concat(arena, 3, site, STR("/en/"), address)));
    return list;
}

static struct value *other_languages(struct call *call)
{
    struct arena *arena = call->arena;
    struct value *list = value_list(arena);

    for (size_t l = 0; l < LANG_COUNT; l++) {
        struct value *view = value_object(arena);
        if (l == call->lang) {
            continue;
        }
        value_set_text(arena, view, STR("code"), lang_codes[l]);
        value_set_text(arena, view, STR("name"), words_get(call->site->words, (enum lang)l, STR("language-name")));
        value_set_text(arena, view, STR("href"),
                       arena_concat(arena, 4, STR("/"), lang_codes[l], STR("/"), address_behind_lang(call, true)));
        value_append(arena, list, view);
    }
    return list;
}

struct value *page_crumb(struct arena *arena, struct str href, struct value *text)
{
    value_set_text(arena, text, STR("href"), href);
    return text;
}

/* The notice with its two ways out: what editions are, and this page in the present. */
static struct value *edition_view(struct call *call, const struct community *community)
{
    struct arena *arena = call->arena;
    struct value *view = edition_notice(call, community);
    struct str lang = lang_codes[call->lang];

    if (call->edition != NULL) {
        value_set_text(arena, view, STR("editions_href"), arena_concat(arena, 3, STR("/"), lang, STR("/edition")));
        value_set(arena, view, STR("present_href"),
                  call->base.len == 0
                      ? value_bool(arena, false)
                      : value_text(arena, arena_concat(arena, 4, STR("/"), lang, STR("/"), path_behind_base(call))));
    }
    return view;
}

struct value *page_frame(struct call *call, const struct community *community, struct value *title)
{
    struct arena *arena = call->arena;
    struct value *frame = value_object(arena);
    struct str name = bilingual_best(community->name, call->lang);
    struct str own = value_get_text(title, STR("text"));
    struct str whole = own.len == 0 ? name : arena_concat(arena, 3, own, STR(" · "), name);

    value_set_text(arena, frame, STR("lang"), lang_codes[call->lang]);
    value_set_text(arena, frame, STR("document_title"), whole);
    value_set(arena, frame, STR("heading"), title);
    value_set(arena, frame, STR("site"),
              page_crumb(arena, page_href(call, STR("")), display_text(arena, call->lang, community->name)));
    value_set_text(arena, frame, STR("stylesheet"), asset_named(&call->site->assets, STR("site.css"))->path);
    value_set(arena, frame, STR("alternates"), alternates(call));
    value_set_text(arena, frame, STR("canonical"),
                   arena_concat(arena, 5, call_site_url(call), STR("/"), lang_codes[call->lang], STR("/"),
                                address_behind_lang(call, false)));
    value_set(arena, frame, STR("languages"), other_languages(call));
    value_set(arena, frame, STR("sample"), value_bool(arena, store_is_sample(call->site->store)));
    value_set(arena, frame, STR("past"), value_bool(arena, false));
    value_set(arena, frame, STR("edition"), edition_view(call, community));
    value_set(arena, frame, STR("crumbs"), value_list(arena));
    frame_add(call, community, frame);
    return frame;
}

void page_set_past(struct call *call, struct value *frame, int64_t seq)
{
    struct value *past = value_object(call->arena);
    struct str path = path_behind_base(call);

    if (call->edition != NULL && call->edition->seq == seq) {
        return; /* the page says so already */
    }
    value_set_text(call->arena, past, STR("past_seq"), arena_format(call->arena, "%lld", (long long)seq));
    value_set_text(call->arena, past, STR("present_href"), page_href(call, path));
    value_set(call->arena, frame, STR("past"), past);
}

void page_use_charts(struct call *call, struct value *frame)
{
    value_set_text(call->arena, frame, STR("charts"), asset_named(&call->site->assets, STR("charts.js"))->path);
}

void page_send(struct call *call, const char *template_name, const struct value *view)
{
    struct buf out;
    struct err err = {0};

    buf_init(&out, PAGE_BYTES_MAX);
    buf_reserve(&out, PAGE_BYTES_USUAL);
    if (templates_render(call->site->templates, str_from_cstr(template_name), call->lang, view, &out, &err) != 0) {
        buf_free(&out);
        page_send_err(call, &err);
        return;
    }
    http_response_header(call->response, "Content-Language", lang_codes[call->lang]);
    if (call->response->status != 200) {
        call->response->content_type = STR("text/html; charset=utf-8");
        call->response->owned = out;
        return;
    }
    if (http_response_value(call->response, "Cache-Control").len == 0) { /* else the handler has said who may keep it */
        http_response_header(call->response, "Cache-Control", STR("no-cache"));
    }
    call_send_buf(call, STR("text/html; charset=utf-8"), &out, 0);
}

/* ---- problems ---- */

/* Where the history of a deleted record is. */
static struct value *gone_history(struct call *call)
{
    struct str id = url_segment(call->arena, call->params.id);

    if (call->response->status != 410) {
        return value_bool(call->arena, false);
    }
    return value_text(call->arena,
                      page_href(call, arena_concat(call->arena, 4, call->params.reg, STR("/"), id, STR("/history"))));
}

int page_send_problem(struct call *call, const struct value *document)
{
    READER_AUTO *reader = NULL;
    struct arena *arena = call->arena;
    struct read_options options = {.lang = call->lang, .as_of = call->edition == NULL ? 0 : call->edition->seq};
    struct community community;
    struct value *frame;
    struct buf out;
    struct err err = {0};

    if (store_read(call->site->store, &options, &reader, &err) != 0 ||
        community_read(call, reader, &community, &err) != 0) {
        return -1;
    }
    frame = page_frame(call, &community, display_plain_text(arena, value_get_text(document, STR("title"))));
    value_set_text(arena, frame, STR("detail"), value_get_text(document, STR("detail")));
    value_set_text(arena, frame, STR("status"), arena_format(arena, "%d", call->response->status));
    value_set(arena, frame, STR("history_href"), gone_history(call));
    buf_init(&out, PAGE_BYTES_MAX);
    if (templates_render(call->site->templates, STR("problem"), call->lang, frame, &out, &err) != 0) {
        buf_free(&out);
        return -1;
    }
    call->response->content_type = STR("text/html; charset=utf-8");
    call->response->owned = out;
    http_response_header(call->response, "Content-Language", lang_codes[call->lang]);
    return 0;
}

void page_send_err(struct call *call, const struct err *err)
{
    struct problem problem = problem_from_err(err);

    problem_send(call, &problem);
}

void page_send_missing(struct call *call, struct str value)
{
    struct problem problem = problem_of(PROBLEM_NO_RECORD);

    problem.value = value;
    problem_send(call, &problem);
}

int page_query(struct call *call, const struct reg *reg, unsigned parts, struct query *ret_query)
{
    struct problem problem;
    struct query_rules rules = {
        .parts = parts,
        .empty_is_absent = true,
        .unknown_is_ignored = true,
        .lang = call->lang,
        .sees = call->site->sees,
        .default_limit = LIST_LIMIT,
        .max_limit = 200,
        .last_seq = store_last_seq(call->site->store),
        .editions = store_editions(call->site->store),
        .as_of = call->edition == NULL ? 0 : call->edition->seq,
    };

    if (query_read(reg, call->request->query, call->request->query_count, &rules, call->arena, ret_query, &problem) !=
        0) {
        problem_send(call, &problem);
        return -1;
    }
    return 0;
}

/* ---- / ---- */

static void front_door(struct call *call)
{
    http_response_header(call->response, "Vary", STR("Accept-Language"));
    http_response_header(call->response, "Cache-Control", STR("no-cache"));
    call_redirect(call, 302, page_href(call, STR("")));
}

const struct route page_routes[] = {
    {"/", front_door, true},
    {"/{lang}/", page_home, true},
    {"/{lang}/{register}", page_list, true},
    {"/{lang}/{register}/{id}", page_record, true},
    {"/{lang}/{register}/{id}/history", page_history, true},
    {NULL, NULL, false},
};
