#include "web/publish_internal.h"

#include "base/date.h"
#include "web/running.h"

#define OUT_BYTES_MAX ((size_t)1 << 30)

static void want_link(struct publish_page *page, struct str link)
{
    struct destination destination = destination_of(page, link);

    if (destination.reach == REACH_FILE) {
        publish_want(page, &destination);
    }
}

/* ---- what is made of one answer ---- */

static struct str header_of(const struct http_response *response, struct str name)
{
    for (size_t i = 0; i < response->header_count; i++) {
        if (str_eq_ignoring_case(response->headers[i].name, name)) {
            return response->headers[i].value;
        }
    }
    return STR("");
}

/* The front door and addresses that moved: a page that leads on, by itself where the browser does that. */
static void make_pointer(struct publish_page *page, struct str link, struct buf *out)
{
    struct publishing *publishing = page->publishing;

    buf_add_literal(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>");
    buf_add(out, link);
    buf_add_literal(out, "</title>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                         "<meta name=\"robots\" content=\"noindex\">\n<meta http-equiv=\"refresh\" content=\"0; url=");
    buf_add(out, link);
    buf_add_literal(out, "\">\n</head>\n<body>\n<main>\n<ul>\n");
    for (size_t l = 0; l < LANG_COUNT && page->stem.len == 0; l++) {
        buf_add_format(out, "<li><a href=\"%.*s/%.*s/\" lang=\"%.*s\">%.*s</a></li>\n", STR_ARG(publishing->base),
                       STR_ARG(lang_codes[l]), STR_ARG(lang_codes[l]),
                       STR_ARG(words_get(publishing->site->words, (enum lang)l, STR("language-name"))));
    }
    if (page->stem.len > 0) {
        buf_add_format(out, "<li><a href=\"%.*s\">%.*s</a></li>\n", STR_ARG(link), STR_ARG(link));
    }
    buf_add_literal(out, "</ul>\n</main>\n</body>\n</html>\n");
}

static int write_pointer(struct publish_page *page, struct str file, struct str location)
{
    BUF_AUTO out;
    struct destination destination = destination_of(page, location);
    struct str link = destination.reach == REACH_OUTSIDE ? location : destination_link(page, &destination);

    if (destination.reach == REACH_FILE) {
        publish_want(page, &destination);
    }
    buf_init(&out, OUT_BYTES_MAX);
    make_pointer(page, link, &out);
    return output_write(&page->publishing->output, &page->worker->writer, file, buf_str(&out), page->err);
}

/* The addresses that stand between two marks. */
static void follow(struct publish_page *page, struct str text, struct str open, struct str close)
{
    size_t at;

    while ((at = str_find(text, open)) != SIZE_MAX) {
        text = str_slice(text, at + open.len, text.len);
        at = str_find(text, close);
        want_link(page, str_slice(text, 0, at));
    }
}

/* What a sitemap or its index names, and the lists to which what describes the data leads machines. */
static void follow_text(struct publish_page *page, struct str text)
{
    if (str_starts_with(page->path, STR("/sitemap"))) {
        follow(page, text, STR("<loc>"), STR("</loc>"));
    } else if (str_starts_with(page->path, STR("/data/"))) {
        follow(page, text, STR("\"path\":\""), STR("\""));
        follow(page, text, STR("\"dcat:downloadURL\":{\"@id\":\""), STR("\""));
    }
}

/* A spreadsheet's type has "xml" in it too, and is none. */
static bool is_text(struct str type)
{
    static const struct str subtypes[] = {STR("/json"), STR("+json"), STR("/xml"), STR("+xml")};

    for (size_t i = 0; i < sizeof subtypes / sizeof subtypes[0]; i++) {
        if (str_find(type, subtypes[i]) != SIZE_MAX) {
            return true;
        }
    }
    return str_starts_with(type, STR("text/"));
}

static int write_answer(struct publish_page *page, struct str file, const struct http_response *response)
{
    struct publishing *publishing = page->publishing;
    struct str body = response->owned.ptr != NULL ? buf_str(&response->owned) : response->body;
    bool html = str_starts_with(response->content_type, STR("text/html"));
    bool text = is_text(response->content_type);
    BUF_AUTO out;

    buf_init(&out, OUT_BYTES_MAX);
    if (html) {
        publish_html(page, body, &out);
        page->is_html = true;
    } else if (text && !str_starts_with(page->path, STR("/static/"))) {
        publish_text(publishing, body, &out);
        follow_text(page, body);
    }
    if (out.overflow) {
        return err_set(page->err, ERR_LIMIT, "%.*s would be larger than %zu bytes", STR_ARG(page->path), OUT_BYTES_MAX);
    }
    return output_write(&publishing->output, &page->worker->writer, file, out.len > 0 ? buf_str(&out) : body,
                        page->err);
}

/* ---- asking the site ---- */

int publish_ask(struct publish_page *page, struct str target, struct str file)
{
    struct publishing *publishing = page->publishing;
    struct http_pair headers[] = {{STR("Host"), STR("site.invalid")}};
    struct http_request request = {.method = HTTP_GET,
                                   .method_name = STR("GET"),
                                   .headers = headers,
                                   .header_count = 1,
                                   .peer = STR("127.0.0.1"),
                                   .received_ms = publishing->site->started_ms,
                                   .arena = page->arena};
    struct http_response response = {.status = 200};
    int failed = 0;

    if (http_target_read(page->arena, target, &request, page->err) != 0) {
        return -1;
    }
    page->path = request.path;
    page_place(page, file);
    route_request(publishing->site, &request, &response);
    if (response.status == 200) {
        failed = write_answer(page, file, &response);
    } else if (response.status > 300 && response.status < 400) {
        failed = write_pointer(page, file, header_of(&response, STR("Location")));
    } else {
        page->refused = response.status;
    }
    buf_free(&response.owned);
    if (response.release != NULL) {
        response.release(response.release_context);
    }
    return failed;
}

/* ---- the whole ---- */

/* Where a reader, or a robot, would come in; and the assets, which styles and scripts may name. */
void publish_doors(struct publish_page *page)
{
    static const char *const doors[] = {"/", "/robots.txt", "/sitemap.xml", "/data/datapackage.json",
                                        "/data/catalog.jsonld"};
    const struct assets *assets = &page->publishing->site->assets;

    for (size_t i = 0; i < sizeof doors / sizeof doors[0]; i++) {
        want_link(page, str_from_cstr(doors[i]));
    }
    for (size_t l = 0; l < LANG_COUNT; l++) {
        want_link(page, arena_concat(page->arena, 3, STR("/"), lang_codes[l], STR("/")));
        want_link(page, arena_concat(page->arena, 3, STR("/"), lang_codes[l], STR("/search")));
    }
    for (size_t i = 0; i < assets->count; i++) {
        want_link(page, assets->items[i].path);
    }
}

/* "https://example.org/2026" → "https://example.org" and "/2026". */
static void split_url(struct publishing *publishing, struct str url)
{
    size_t scheme = str_find(url, STR("://"));
    size_t begin = scheme == SIZE_MAX ? 0 : scheme + 3;
    size_t slash;

    while (str_ends_with(url, STR("/"))) {
        url = str_slice(url, 0, url.len - 1);
    }
    slash = begin + str_find_byte(str_slice(url, begin, url.len), '/');
    publishing->origin = str_slice(url, 0, slash);
    publishing->base = str_slice(url, slash, url.len);
    publishing->site_url = url.len > 0 ? url : SITE_UNNAMED;
}

/* What says when it was made says when the records were last changed, so that publishing again changes nothing. */
static int stop_clock(struct publishing *publishing, struct err *err)
{
    READER_AUTO *reader = NULL;
    const struct edition *edition = publishing->config->edition;
    struct read_options options = {.lang = LANG_EN, .as_of = edition == NULL ? 0 : edition->seq};

    return store_read(publishing->site->store, &options, &reader, err) != 0 ||
                   store_changed_ms(reader, &publishing->site->started_ms, err) != 0
               ? -1
               : 0;
}

static int publish_all(struct publishing *publishing, struct err *err)
{
    struct publish_result *result = &publishing->result;

    if (stop_clock(publishing, err) != 0 || output_open(&publishing->output, publishing->config->folder, err) != 0 ||
        publish_walk(publishing, err) != 0 || publish_titles(publishing, err) != 0 ||
        output_finish(&publishing->output, err) != 0) {
        return -1;
    }
    result->written = publishing->output.written;
    result->unchanged = publishing->output.unchanged;
    result->removed = publishing->output.removed;
    result->files = result->written + result->unchanged;
    result->bytes = publishing->output.bytes;
    result->seconds = publish_now() - publishing->began;
    return 0;
}

int publish(struct store *store, const struct publish_config *config, struct publish_result *ret_result,
            struct err *err)
{
    struct publishing publishing = {.config = config, .output = {.folder = -1, .lock = -1}, .began = publish_now()};
    struct running *running = NULL;
    struct serve_config serve = serve_config_default();
    int failed;

    if (store_is_sample(store)) {
        return err_set(err, ERR_DENIED, "the store holds invented records; they are not published");
    }
    split_url(&publishing, config->url);
    serve.cache_bytes = 0;
    if (running_make(store, &serve, &running, err) != 0) {
        return -1;
    }
    publishing.site = &running->site;
    running->site.public_url = publishing.site_url;
    running->site.edition = config->edition;
    running->site.is_published = true;
    running->site.root =
        publishing.base.len == 0 ? STR("/") : arena_concat(&running->arena, 2, publishing.base, STR("/"));
    failed = publish_all(&publishing, err);
    output_close(&publishing.output);
    running_free(running);
    if (failed == 0) {
        *ret_result = publishing.result;
    }
    return failed;
}
