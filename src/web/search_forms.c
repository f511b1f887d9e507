/* Search results to take away: CSV, an Atom feed, and the description that lets browsers search here (OpenSearch 1.1). */
#include "base/date.h"
#include "exchange/csv.h"
#include "web/page.h"
#include "web/search_ask.h"
#include "web/search_page.h"

#define FORM_BYTES_MAX ((size_t)8 << 20)
#define CSV_ROWS_MAX SEARCH_REACH_MAX
#define FEED_ENTRIES 50

static struct str record_url(struct call *call, const struct search_hit *hit)
{
    struct arena *arena = call->arena;
    struct str path = page_href(call, arena_concat(arena, 3, hit->reg->name, STR("/"), url_segment(arena, hit->id)));

    return arena_concat(arena, 2, call_site_url(call), path);
}

static void add_csv_row(struct call *call, struct buf *out, const struct search_hit *hit)
{
    struct str reasons = STR("");

    for (size_t i = 0; i < hit->reason_count; i++) {
        reasons = arena_concat(call->arena, 3, reasons, i == 0 ? STR("") : STR("; "), hit->reasons[i]);
    }
    const struct str cells[] = {
        hit->reg->name,
        hit->id,
        hit->title.in[LANG_JA],
        hit->title.in[LANG_EN],
        hit->snippet,
        reasons,
        arena_format(call->arena, "%.4f", hit->score),
        hit->has_place ? arena_format(call->arena, "%.5f", hit->lat) : STR(""),
        hit->has_place ? arena_format(call->arena, "%.5f", hit->lon) : STR(""),
        record_url(call, hit),
    };
    csv_write_sheet_row(out, cells, sizeof cells / sizeof cells[0], ',');
}

static int run_form(struct call *call, size_t limit, struct search_ask *ask, struct search_result *result)
{
    if (search_ask_read(call, false, ask) != 0) {
        return -1;
    }
    ask->query.limit = limit;
    ask->query.offset = 0;
    ask->query.no_facets = true;
    ask->query.lang = call->lang;
    return search_ask_run(call, ask, result);
}

void search_csv(struct call *call)
{
    struct search_ask ask;
    struct search_result result;
    struct buf out;

    if (run_form(call, CSV_ROWS_MAX, &ask, &result) != 0) {
        return;
    }
    buf_init(&out, FORM_BYTES_MAX);
    buf_add_literal(&out, "\xEF\xBB\xBFregister,id,title_ja,title_en,snippet,matched,score,lat,lon,url\r\n");
    for (size_t i = 0; i < result.hit_count; i++) {
        add_csv_row(call, &out, &result.hits[i]);
    }
    http_response_header(call->response, "Content-Disposition", STR("attachment; filename=\"search.csv\""));
    call_send_buf(call, STR("text/csv; charset=utf-8"), &out, 0);
}

/* ---- XML ---- */

static void add_xml(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        switch (text.ptr[i]) {
        case '&':
            buf_add_literal(out, "&amp;");
            break;
        case '<':
            buf_add_literal(out, "&lt;");
            break;
        case '>':
            buf_add_literal(out, "&gt;");
            break;
        case '"':
            buf_add_literal(out, "&quot;");
            break;
        default:
            if ((unsigned char)text.ptr[i] >= 0x20) {
                buf_add_byte(out, text.ptr[i]);
            }
        }
    }
}

static void add_element(struct buf *out, const char *name, struct str text)
{
    buf_add_format(out, "<%s>", name);
    add_xml(out, text);
    buf_add_format(out, "</%s>\n", name);
}

static void add_time(struct buf *out, int64_t at_ms)
{
    char text[TIME_TEXT_MAX];
    size_t length = time_format(at_ms, text);

    add_element(out, "updated", str_make(text, length));
}

static void add_link(struct buf *out, const char *rel, const char *type, struct str href)
{
    buf_add_format(out, "<link rel=\"%s\" type=\"%s\" href=\"", rel, type);
    add_xml(out, href);
    buf_add_literal(out, "\"/>\n");
}

/* When a record came to be as it is. */
static int64_t changed_ms(struct reader *reader, struct call *call, const struct search_hit *hit)
{
    struct revision *revisions = NULL;
    size_t count = 0;
    struct err err = {0};

    if (store_history(reader, hit->reg, hit->id, 1, 0, call->arena, &revisions, &count, &err) != 0 || count == 0) {
        return call->site->started_ms;
    }
    return revisions[0].at_ms;
}

static void add_entry(struct call *call, struct buf *out, const struct search_hit *hit, int64_t at_ms)
{
    struct str url = record_url(call, hit);

    buf_add_literal(out, "<entry>\n");
    add_element(out, "id", url);
    add_element(out, "title", bilingual_best(hit->title, call->lang));
    add_time(out, at_ms);
    add_link(out, "alternate", "text/html", url);
    if (hit->snippet.len > 0) {
        add_element(out, "summary", hit->snippet);
    }
    buf_add_literal(out, "</entry>\n");
}

static void write_feed(struct call *call, struct reader *reader, const struct search_ask *ask,
                       const struct search_result *result, struct buf *out)
{
    struct http_pair words = {STR("words"), ask->query.text};
    struct str query = search_address(call, STR("view"), STR(""), STR(""), STR(""));
    struct str site = call_site_url(call);
    int64_t *times = ARENA_NEW_ARRAY(call->arena, result->hit_count + 1, int64_t), newest = 0;

    for (size_t i = 0; i < result->hit_count; i++) {
        times[i] = changed_ms(reader, call, &result->hits[i]);
        newest = times[i] > newest ? times[i] : newest;
    }
    buf_add_format(
        out,
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"%.*s\">\n",
        STR_ARG(lang_codes[call->lang]));
    add_element(out, "id", arena_concat(call->arena, 3, site, page_href(call, STR("search.atom")), query));
    add_element(out, "title", say(call, "search-title", &words, 1));
    add_time(out, newest == 0 ? call->site->started_ms : newest);
    add_link(out, "self", "application/atom+xml",
             arena_concat(call->arena, 3, site, page_href(call, STR("search.atom")), query));
    add_link(out, "alternate", "text/html", arena_concat(call->arena, 3, site, page_href(call, STR("search")), query));
    buf_add_literal(out, "<author><name>");
    add_xml(out, site);
    buf_add_literal(out, "</name></author>\n");
    for (size_t i = 0; i < result->hit_count; i++) {
        add_entry(call, out, &result->hits[i], times[i]);
    }
    buf_add_literal(out, "</feed>\n");
}

void search_atom(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct read_options options = {.lang = call->lang};
    struct search_ask ask;
    struct search_result result;
    struct buf out;

    if (run_form(call, FEED_ENTRIES, &ask, &result) != 0 || call_read(call, &options, &reader) != 0) {
        return;
    }
    buf_init(&out, FORM_BYTES_MAX);
    write_feed(call, reader, &ask, &result, &out);
    call_send_buf(call, STR("application/atom+xml; charset=utf-8"), &out, 0);
}

void search_description(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct read_options options = {.lang = call->lang};
    struct community community;
    struct err err = {0};
    struct str site = call_site_url(call);
    struct buf out;

    if (call_read(call, &options, &reader) != 0) {
        return;
    }
    if (community_read(call, reader, &community, &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    buf_init(&out, FORM_BYTES_MAX);
    buf_add_literal(&out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                          "<OpenSearchDescription xmlns=\"http://a9.com/-/spec/opensearch/1.1/\">\n");
    /* The protocol allows sixteen characters here. */
    add_element(&out, "ShortName",
                community.abbreviation.len > 0 ? str_slice(community.abbreviation, 0, 16) : STR("Musubi"));
    add_element(&out, "Description", bilingual_best(community.name, call->lang));
    add_element(&out, "Language", lang_codes[call->lang]);
    add_element(&out, "InputEncoding", STR("UTF-8"));
    buf_add_literal(&out, "<Url type=\"text/html\" template=\"");
    add_xml(&out, arena_concat(call->arena, 2, site, page_href(call, STR("search?q={searchTerms}"))));
    buf_add_literal(&out, "\"/>\n<Url type=\"application/atom+xml\" template=\"");
    add_xml(&out, arena_concat(call->arena, 2, site, page_href(call, STR("search.atom?q={searchTerms}"))));
    buf_add_literal(&out, "\"/>\n</OpenSearchDescription>\n");
    call_send_buf(call, STR("application/opensearchdescription+xml; charset=utf-8"), &out, 0);
}
