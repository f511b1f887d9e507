/* What an address of the site becomes when there is no server to ask:
 *
 *   /en/hub/minato              en/hub/minato/index.html, at /en/hub/minato/
 *   /en/hub?cursor=…            the next page of a list: en/hub/-/2/index.html; no id is "-"
 *   /en/hub?kind=city           a list narrowed by one field: en/hub/-/kind/city/index.html
 *   /en/value-chain?domain=…    another page by the one choice that makes it, likewise
 *   /static/…, /data/…, …       the same
 *   /api/v1/hub.csv?lang=en     api/v1/en/hub.csv
 *   /en/search                  en/search/index.html, a page of its own that searches titles in the browser
 *
 * Everything else with a query, forms, the API's answers and other editions need a server. */
#include "web/publish_internal.h"

#include "base/memory.h"
#include "web/edition.h"
#include "web/http_internal.h"
#include "web/route.h"

#include <stdlib.h>

#define STEM_MAX 700 /* longer addresses are left to the live site */

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

/* Whether a path can be that of a file, in the same letters. */
static bool path_is_plain(struct str path)
{
    for (size_t i = 0; i < path.len; i++) {
        if (path.ptr[i] != '/' && !is_plain(path.ptr[i])) {
            return false;
        }
    }
    return path.len < STEM_MAX;
}

/* A value as a segment: what is not plain becomes ~XX. */
static struct str value_segment(struct arena *arena, struct str value)
{
    BUF_AUTO out;

    buf_init(&out, value.len * 3 + 1);
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        if (is_plain(c) && c != '~' && (c != '.' || i > 0)) {
            buf_add_byte(&out, c);
        } else {
            buf_add_format(&out, "~%02X", (unsigned)(unsigned char)c);
        }
    }
    return arena_copy(arena, buf_str(&out));
}

static struct str without_slashes(struct str path)
{
    struct str inner = str_slice(path, 1, path.len);

    return str_ends_with(inner, STR("/")) ? str_slice(inner, 0, inner.len - 1) : inner;
}

static void set_page(const struct publish_page *page, struct destination *destination, struct str stem)
{
    const struct publishing *publishing = page->publishing;
    struct str slash = stem.len == 0 ? STR("") : STR("/");

    destination->reach = stem.len < STEM_MAX ? REACH_FILE : REACH_LIVE;
    destination->file = arena_concat(page->arena, 3, stem, slash, STR("index.html"));
    destination->address = arena_concat(page->arena, 4, publishing->base, STR("/"), stem, slash);
}

static void set_file(const struct publish_page *page, struct destination *destination, struct str path)
{
    destination->reach = REACH_FILE;
    destination->file = str_slice(path, 1, path.len);
    destination->address = arena_concat(page->arena, 2, page->publishing->base, path);
}

/* ---- pages with a query ---- */

/* The one parameter that is no cursor and not empty, and the cursor; false when there are more. */
static bool read_parameters(const struct http_request *request, const struct http_pair **ret_filter,
                            const struct http_pair **ret_cursor)
{
    *ret_filter = *ret_cursor = NULL;
    for (size_t i = 0; i < request->query_count; i++) {
        const struct http_pair *pair = &request->query[i];
        const struct http_pair **place = str_eq(pair->name, STR("cursor")) ? ret_cursor : ret_filter;
        if (pair->value.len == 0) {
            continue;
        }
        if (*place != NULL) {
            return false;
        }
        *place = pair;
    }
    return true;
}

/* Pages, behind the language, which a choice makes others that are worth a file each. */
static bool is_choice(struct str path, struct str name)
{
    return str_eq(str_slice(path, 3, path.len), STR("/value-chain")) && str_eq(name, STR("domain"));
}

/* A list narrowed by a field of its register, or such a choice. */
static bool is_filter(const struct publish_page *page, struct str path, const struct route_params *params,
                      const struct http_pair *pair)
{
    const struct reg *reg = model_register(page->publishing->site->model, params->reg);

    if (is_choice(path, pair->name)) {
        return pair->value.len <= 200;
    }
    return reg != NULL && params->id.len == 0 && reg_field(reg, pair->name) != NULL && pair->value.len <= 200;
}

/* What a page's address gives to be taken away is a file of its own name, whose ending says to the web server what it is. */
static bool is_download(struct str path, struct str record)
{
    static const struct str endings[] = {STR(".xlsx"), STR(".csv"), STR(".zip")};

    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        if (str_ends_with(path, endings[i]) && !str_ends_with(record, endings[i])) {
            return true;
        }
    }
    return false;
}

static void page_destination(const struct publish_page *page, const struct http_request *request,
                             const struct route_params *params, struct destination *destination)
{
    const struct http_pair *filter, *cursor;
    struct str stem = without_slashes(request->path);

    destination->reach = REACH_LIVE;
    if (!path_is_plain(request->path) || !read_parameters(request, &filter, &cursor) ||
        (filter != NULL && !is_filter(page, request->path, params, filter))) {
        return;
    }
    if (filter != NULL) {
        stem = arena_concat(page->arena, 5, stem, STR("/-/"), filter->name, STR("/"),
                            value_segment(page->arena, filter->value));
    }
    if (cursor != NULL) {
        /* Only the list itself knows how far its cursor leads. */
        if (!str_eq(stem, page->stem)) {
            return;
        }
        stem = arena_format(page->arena, "%.*s%s%lld", STR_ARG(stem), filter != NULL ? "/" : "/-/",
                            (long long)page->number + 1);
    }
    set_page(page, destination, stem);
}

/* "en/hub/-/3" → "en/hub", "en/hub/-/kind/city/3" → "en/hub/-/kind/city". A field's name is no number. */
void page_place(struct publish_page *page, struct str file)
{
    struct str stem = str_ends_with(file, STR("/index.html")) ? str_slice(file, 0, file.len - 11) : STR("");
    size_t mark = str_find(stem, STR("/-/"));
    struct str rest = mark == SIZE_MAX ? STR("") : str_slice(stem, mark + 3, stem.len);
    size_t slashes = 0, last = 0;

    page->stem = stem;
    page->number = 1;
    for (size_t i = 0; i < rest.len; i++) {
        if (rest.ptr[i] == '/') {
            slashes++;
            last = i;
        }
    }
    if (rest.len == 0 || slashes == 1) {
        return; /* no list, or the first page of a narrowed one */
    }
    page->stem = slashes == 0 ? str_slice(stem, 0, mark) : str_slice(stem, 0, mark + 3 + last);
    (void)str_to_int64(str_slice(rest, slashes == 0 ? 0 : last + 1, rest.len), &page->number);
}

/* ---- everything else ---- */

/* A list in another form: with no parameter, or with the language alone. */
static void form_destination(const struct publish_page *page, const struct http_request *request,
                             struct destination *destination)
{
    enum lang lang;

    destination->reach = REACH_LIVE;
    if (request->query_count == 0) {
        set_file(page, destination, request->path);
    } else if (request->query_count == 1 && str_eq(request->query[0].name, STR("lang")) &&
               lang_from_code(request->query[0].value, &lang)) {
        struct str name = str_slice(request->path, sizeof "/api/v1/" - 1, request->path.len);
        set_file(page, destination, arena_concat(page->arena, 4, STR("/api/v1/"), lang_codes[lang], STR("/"), name));
    }
}

static bool needs_server(const struct route_match *match, struct str path)
{
    static const char *const patterns[] = {"/healthz", "/metrics", "/favicon.ico", "/.well-known/security.txt"};

    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        if (str_eq(path, str_from_cstr(patterns[i]))) {
            return true;
        }
    }
    /* What takes a form is of no use without one who reads it. */
    return (match->methods & 1u << HTTP_POST) != 0 || route_find(path, HTTP_POST).route != NULL;
}

/* The page that searches titles stands where the live site has its search. */
static bool is_search(struct str path)
{
    struct str name = str_slice(path, 3, path.len);
    enum lang lang;

    return (str_eq(name, STR("/search")) || str_eq(name, STR("/titles"))) &&
           lang_from_code(str_slice(path, 1, 3), &lang);
}

/* Nobody but a server can say what these are. */
static bool is_api_answer(struct str path, const struct route_params *params)
{
    return (str_starts_with(path, STR("/api/")) || str_eq(path, STR("/api"))) && params->form.len == 0;
}

static void inside_destination(const struct publish_page *page, struct http_request *request,
                               struct destination *destination)
{
    struct route_match match = route_find(request->path, HTTP_GET);

    if (match.route == NULL && !str_ends_with(request->path, STR("/"))) {
        struct str other = arena_concat(page->arena, 2, request->path, STR("/"));
        struct route_match there = route_find(other, HTTP_GET);
        if (there.route != NULL) {
            match = there;
            request->path = other;
        }
    }
    destination->reach = REACH_LIVE;
    if (is_search(request->path)) {
        set_page(page, destination, arena_concat(page->arena, 2, str_slice(request->path, 1, 3), STR("/search")));
        destination->target = arena_concat(page->arena, 2, str_slice(request->path, 0, 3), STR("/titles"));
    } else if (match.route == NULL || needs_server(&match, request->path) ||
               is_api_answer(request->path, &match.params) ||
               edition_path(request->path, page->arena).ptr != request->path.ptr) {
        return;
    } else if (match.route->is_page && !is_download(request->path, match.params.id)) {
        page_destination(page, request, &match.params, destination);
    } else if (str_starts_with(request->path, STR("/api/"))) {
        form_destination(page, request, destination);
    } else if (request->query_count == 0 && path_is_plain(request->path)) {
        set_file(page, destination, request->path);
    }
}

/* The site's own address taken off; "?a=b" is this page with another query. False: not ours. */
static bool take_site(const struct publish_page *page, struct str *link, bool *ret_absolute)
{
    struct str rest = *link;

    *ret_absolute = str_take(&rest, page->publishing->site_url);
    if (*ret_absolute) {
        *link = rest.len == 0 ? STR("/") : rest;
        return str_starts_with(*link, STR("/"));
    }
    if (str_starts_with(*link, STR("?"))) {
        *link = arena_concat(page->arena, 2, page->path, *link);
        return true;
    }
    return str_starts_with(*link, STR("/")) && !str_starts_with(*link, STR("//"));
}

static struct destination make_destination(const struct publish_page *page, struct str link)
{
    struct destination destination = {.reach = REACH_OUTSIDE};
    struct http_request request = {.arena = page->arena};
    size_t hash = str_find_byte(link, '#');

    destination.fragment = str_slice(link, hash, link.len);
    link = str_slice(link, 0, hash);
    if (link.len == 0 || !take_site(page, &link, &destination.absolute)) {
        return destination;
    }
    destination.reach = REACH_LIVE;
    destination.target = link;
    if (http_target_read(page->arena, link, &request, NULL) == 0) {
        inside_destination(page, &request, &destination);
    }
    return destination;
}

/* ---- links that stood on a page before ---- */

#define MEMO_SLOTS 2048 /* a power of two */
#define MEMO_BYTES 480

struct memo {
    struct str link; /* empty: nothing is kept here */
    struct destination destination;
    bool wanted;
    char bytes[MEMO_BYTES]; /* of all the texts */
};
struct link_memo {
    struct memo slots[MEMO_SLOTS];
};

void link_memo_free(struct link_memo *memo)
{
    free(memo);
}

static struct str memo_put(char **at, struct str text)
{
    char *begin = *at;

    if (text.len > 0) {
        memcpy(begin, text.ptr, text.len);
    }
    *at += text.len;
    return str_make(begin, text.len);
}

static void memo_set(struct memo *memo, struct str link, const struct destination *destination)
{
    char *at = memo->bytes;

    if (link.len + destination->target.len + destination->file.len + destination->address.len +
            destination->fragment.len >
        MEMO_BYTES) {
        return;
    }
    memo->wanted = false;
    memo->link = memo_put(&at, link);
    memo->destination = *destination;
    memo->destination.target = memo_put(&at, destination->target);
    memo->destination.file = memo_put(&at, destination->file);
    memo->destination.address = memo_put(&at, destination->address);
    memo->destination.fragment = memo_put(&at, destination->fragment);
    memo->destination.wanted = &memo->wanted;
}

/* Where a path leads does not depend on the page it stands on, unless it is the next page of its list. */
struct destination destination_of(const struct publish_page *page, struct str link)
{
    struct publish_worker *worker = page->worker;
    struct destination destination;
    struct memo *memo;

    if (!str_starts_with(link, STR("/")) || str_find(link, STR("cursor=")) != SIZE_MAX) {
        return make_destination(page, link);
    }
    if (worker->memo == NULL) {
        worker->memo = memory_alloc_zeroed(1, sizeof *worker->memo);
    }
    memo = &worker->memo->slots[(str_hash(link) * 0x9E3779B97F4A7C15u) >> 53];
    if (str_eq(memo->link, link)) {
        return memo->destination;
    }
    destination = make_destination(page, link);
    memo_set(memo, link, &destination);
    return destination;
}

struct str destination_link(const struct publish_page *page, const struct destination *destination)
{
    const struct publishing *publishing = page->publishing;

    if (destination->reach == REACH_FILE) {
        return arena_concat(page->arena, 3, destination->absolute ? publishing->origin : STR(""), destination->address,
                            destination->fragment);
    }
    if (publishing->config->live.len > 0) {
        return arena_concat(page->arena, 3, publishing->config->live, destination->target, destination->fragment);
    }
    return STR("");
}
