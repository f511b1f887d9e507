/* What robots and researchers look for at addresses of their own: robots.txt, sitemaps (sitemaps.org 0.9, with the other language
 * of each page), security.txt (RFC 9116), favicon.ico. */
#include "base/date.h"
#include "insight/roles.h"
#include "model/record.h"
#include "web/problem.h"
#include "web/query.h"
#include "web/route.h"
#include "web/section.h"
#include "web/site_pages.h"

#define SITEMAP_RECORDS_MAX 20000 /* of one file, each in every language; the protocol's limit is 50,000 addresses */
#define SITEMAP_PARTS_MAX 10000
#define SITEMAP_BYTES_MAX ((size_t)48 << 20) /* of one file; the protocol's own limit is 50 MiB */
#define SECURITY_DAYS 180                    /* RFC 9116 wants less than a year */
#define DAY_MS INT64_C(86400000)

static void send_text(struct call *call, const char *type, struct buf *out)
{
    http_response_header(call->response, "Cache-Control", STR("no-cache"));
    call_send_buf(call, str_from_cstr(type), out, 0);
}

static void send_missing(struct call *call)
{
    struct problem problem = problem_of(PROBLEM_NOT_FOUND);

    problem_send(call, &problem);
}

/* ---- robots.txt, security.txt, favicon.ico ---- */

void robots_txt(struct call *call)
{
    struct buf out;

    buf_init(&out, 4096);
    buf_add_literal(&out, "User-agent: *\n"
                          "Disallow: /*?*as_of=\n"
                          "Disallow: /*?*cursor=\n"
                          "Disallow: /metrics\n");
    buf_add_literal(&out, "\nSitemap: ");
    buf_add(&out, call_site_url(call));
    buf_add_literal(&out, "/sitemap.xml\n");
    send_text(call, "text/plain; charset=utf-8", &out);
}

/* Made anew each time: it says until when it holds. */
void security_txt(struct call *call)
{
    char expires[TIME_TEXT_MAX];
    size_t length = time_format(time_now_ms() + SECURITY_DAYS * DAY_MS, expires);
    struct str site = call_site_url(call);
    struct buf out;

    if (!route_serves(STR("/{lang}/contact"))) {
        send_missing(call);
        return;
    }
    buf_init(&out, 4096);
    buf_add_literal(&out, "Contact: ");
    buf_add(&out, site);
    buf_add_literal(&out, "/en/contact\nExpires: ");
    buf_add(&out, str_make(expires, length));
    buf_add_literal(&out, "\nPreferred-Languages: en, ja\nCanonical: ");
    buf_add(&out, site);
    buf_add_literal(&out, "/.well-known/security.txt\n");
    http_response_header(call->response, "Cache-Control", STR("no-store"));
    call->response->content_type = STR("text/plain; charset=utf-8");
    call->response->owned = out;
}

void favicon(struct call *call)
{
    call_redirect(call, 301, asset_named(&call->site->assets, STR("icon.svg"))->path);
}

/* ---- sitemaps ---- */

struct mapping {
    struct str site_url;
    const struct reg *reg;
    int64_t first, seen; /* records before this one are in other parts */
    struct buf out;
};

static void add_head(struct buf *out, const char *element)
{
    buf_add_format(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<%s xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" "
        "xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n",
        element);
}

static void add_address(struct mapping *mapping, enum lang lang, struct str path, struct str id)
{
    buf_add_format(&mapping->out, "%.*s/%.*s/%.*s%s%.*s", STR_ARG(mapping->site_url), STR_ARG(lang_codes[lang]),
                   STR_ARG(path), id.len > 0 ? "/" : "", STR_ARG(id));
}

/* One page in every language, each naming all; id is empty for pages that are no records. Paths hold ids and names of
 * registers only: nothing in them needs escaping. */
static void add_url(struct mapping *mapping, struct str path, struct str id)
{
    struct buf *out = &mapping->out;

    for (size_t l = 0; l < LANG_COUNT; l++) {
        buf_add_literal(out, "<url><loc>");
        add_address(mapping, (enum lang)l, path, id);
        buf_add_literal(out, "</loc>");
        for (size_t other = 0; other < LANG_COUNT; other++) {
            buf_add_format(out, "<xhtml:link rel=\"alternate\" hreflang=\"%.*s\" href=\"", STR_ARG(lang_codes[other]));
            add_address(mapping, (enum lang)other, path, id);
            buf_add_literal(out, "\"/>");
        }
        buf_add_literal(out, "</url>\n");
    }
}

static int each_record(void *context, const struct found *found)
{
    struct mapping *mapping = context;

    if (mapping->seen++ >= mapping->first) {
        add_url(mapping, mapping->reg->name, record_id(found->record));
    }
    return mapping->seen == mapping->first + SITEMAP_RECORDS_MAX;
}

/* Whether the model has a register with places for one of the map's layers. */
static bool has_layers(const struct call *call)
{
    const struct value *layers = value_get(call->site->layout.map, STR("layers"));

    for (size_t i = 0; i < value_count(layers); i++) {
        const struct reg *reg = layout_register(value_at(layers, i), call->site->model);
        if (reg != NULL && layout_field(value_at(layers, i), STR("place"), reg) != NULL) {
            return true;
        }
    }
    return false;
}

static bool has_index(const struct value *part, const struct model *model)
{
    return roles_register(value_get(part, STR("unit")), model) != NULL &&
           roles_register(value_get(part, STR("indicator")), model) != NULL &&
           roles_register(value_get(part, STR("value")), model) != NULL;
}

static bool has_chain(const struct value *part, const struct model *model)
{
    return roles_register(value_get(part, STR("unit")), model) != NULL &&
           model_vocabulary(model, value_get_text(part, STR("steps"))) != NULL &&
           model_vocabulary(model, value_get_text(value_get(part, STR("domains")), STR("vocabulary"))) != NULL;
}

/* Pages that a model may have nothing for: there is then no such page, or an empty one. */
static int add_views(struct mapping *mapping, struct call *call, struct err *err)
{
    const struct model *model = call->site->model;
    const struct value *roles;

    if (roles_read(call->arena, &roles, err) != 0) {
        return -1;
    }
    const struct value *index = value_get(roles, STR("index"));
    const struct {
        const char *path;
        bool there;
    } views[] = {
        {"map", has_layers(call)},
        {"value-chain", has_chain(value_get(roles, STR("chain")), model)},
        {"compare", has_index(index, model)},
        {"compare/regions", roles_register(value_get(roles, STR("regions")), model) != NULL},
    };
    for (size_t i = 0; i < sizeof views / sizeof views[0]; i++) {
        struct str path = str_from_cstr(views[i].path);
        if (views[i].there && route_serves(arena_concat(call->arena, 2, STR("/{lang}/"), path))) {
            add_url(mapping, path, STR(""));
        }
    }
    return 0;
}

/* The pages that are no records: the home page, the registers' lists, the site's own. */
static int add_pages(struct mapping *mapping, struct call *call, struct reader *reader, struct err *err)
{
    static const char *const own[] = {
        "about", "about/organisation", "about/completeness", "about/privacy", "about/accessibility", "data", "contact"};
    const struct model *model = call->site->model;

    add_url(mapping, STR(""), STR(""));
    if (add_views(mapping, call, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        struct str path = str_from_cstr(own[i]);
        if (route_serves(arena_concat(call->arena, 2, STR("/{lang}/"), path))) {
            add_url(mapping, path, STR(""));
        }
    }
    for (size_t i = 0; i < model->register_count; i++) {
        int64_t count = 0;
        if (store_count(reader, &model->registers[i], &count, err) != 0) {
            return -1;
        }
        if (count > 0) {
            add_url(mapping, model->registers[i].name, STR(""));
        }
    }
    return 0;
}

/* "xml" is the first part of a register's sitemap, "2.xml" the second. */
static bool read_part(struct str form, int64_t *ret_first)
{
    int64_t part = 1;

    if (!str_eq(form, STR("xml"))) {
        struct str number = str_slice(form, 0, str_find_byte(form, '.'));
        if (!str_eq(str_slice(form, number.len, form.len), STR(".xml")) || !str_to_int64(number, &part) || part < 2 ||
            part > SITEMAP_PARTS_MAX) {
            return false;
        }
    }
    *ret_first = (part - 1) * SITEMAP_RECORDS_MAX;
    return true;
}

/* Of the pages under the name "site", else of one register. A register called so has its records left out. */
void sitemap(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct read_options options = {.lang = LANG_EN};
    struct mapping mapping = {.site_url = call_site_url(call),
                              .reg = model_register(call->site->model, call->params.reg)};
    bool pages = str_eq(call->params.reg, STR("site"));
    struct err err = {0};
    int failed;

    if (!read_part(call->params.form, &mapping.first) || (mapping.reg == NULL && !pages) ||
        (pages && mapping.first > 0)) {
        send_missing(call);
        return;
    }
    if (call_read(call, &options, &reader) != 0) {
        return;
    }
    buf_init(&mapping.out, SITEMAP_BYTES_MAX);
    add_head(&mapping.out, "urlset");
    failed =
        pages ? add_pages(&mapping, call, reader, &err) : store_each(reader, mapping.reg, each_record, &mapping, &err);
    buf_add_literal(&mapping.out, "</urlset>\n");
    failed = failed > 0 ? 0 : failed; /* the part was full */
    if (failed == 0 && mapping.out.overflow) {
        failed = err_set(&err, ERR_LIMIT, "the sitemap would be larger than %zu bytes", SITEMAP_BYTES_MAX);
    }
    if (failed != 0) {
        buf_free(&mapping.out);
        page_send_err(call, &err);
        return;
    }
    send_text(call, "application/xml", &mapping.out);
}

static void add_sitemap(struct buf *out, struct str site_url, struct str name)
{
    buf_add_format(out, "<sitemap><loc>%.*s/sitemap/%.*s.xml</loc></sitemap>\n", STR_ARG(site_url), STR_ARG(name));
}

void sitemap_index(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct read_options options = {.lang = LANG_EN};
    const struct model *model = call->site->model;
    struct err err = {0};
    struct buf out;

    if (call_read(call, &options, &reader) != 0) {
        return;
    }
    buf_init(&out, 1 << 20);
    add_head(&out, "sitemapindex");
    add_sitemap(&out, call_site_url(call), STR("site"));
    for (size_t i = 0; i < model->register_count; i++) {
        int64_t count = 0;
        if (store_count(reader, &model->registers[i], &count, &err) != 0) {
            buf_free(&out);
            page_send_err(call, &err);
            return;
        }
        for (int64_t first = 0; first < count; first += SITEMAP_RECORDS_MAX) {
            struct str name = model->registers[i].name;
            add_sitemap(&out, call_site_url(call),
                        first == 0 ? name
                                   : arena_format(call->arena, "%.*s.%lld", STR_ARG(name),
                                                  (long long)first / SITEMAP_RECORDS_MAX + 1));
        }
    }
    buf_add_literal(&out, "</sitemapindex>\n");
    send_text(call, "application/xml", &out);
}
