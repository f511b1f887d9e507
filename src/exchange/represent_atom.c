/* RFC 4287: an entry a record, stamped with its latest revision. */
#include "exchange/represent_internal.h"

#include "base/date.h"

#define FEED_WINDOW 1000
#define FEED_WINDOWS_MAX 20

static void add_element(struct buf *out, const char *name, struct str text)
{
    buf_add_format(out, "<%s>", name);
    represent_add_xml(out, text);
    buf_add_format(out, "</%s>\n", name);
}

static void add_time(struct buf *out, int64_t time_ms)
{
    char text[TIME_TEXT_MAX];
    size_t len = time_format(time_ms, text);
    add_element(out, "updated", str_make(text, len));
}

static void add_link(struct buf *out, const char *rel, const char *type, struct str href)
{
    buf_add_format(out, "<link rel=\"%s\" type=\"%s\" href=\"", rel, type);
    represent_add_xml(out, href);
    buf_add_literal(out, "\"/>\n");
}

/* Written with the first entry, whose time is the feed's: the newest comes first. */
static void write_head(struct represent *r, int64_t updated_ms)
{
    const struct represent_config *config = &r->config;
    buf_add_literal(r->out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\"");
    buf_add_format(r->out, " xml:lang=\"%.*s\">\n", STR_ARG(lang_codes[config->lang]));
    add_element(r->out, "id", config->self_url);
    add_element(r->out, "title", bilingual_best(config->reg->title, config->lang));
    add_time(r->out, updated_ms);
    add_link(r->out, "self", "application/atom+xml", config->self_url);
    struct str page =
        arena_concat(&r->arena, 5, config->site_url, STR("/"), lang_codes[config->lang], STR("/"), config->reg->name);
    add_link(r->out, "alternate", "text/html", page);
    buf_add_literal(r->out, "<author><name>");
    represent_add_xml(r->out, config->site_url);
    buf_add_literal(r->out, "</name></author>\n");
}

static int open_atom(struct represent *r, struct err *err)
{
    (void)r;
    (void)err;
    return 0;
}

static int add_atom(struct represent *r, const struct found *found, struct err *err)
{
    struct str id = record_id(found->record);
    struct revision *revisions = NULL;
    size_t count = 0;
    if (r->config.reader &&
        store_history(r->config.reader, found->reg, id, 1, 0, &r->record, &revisions, &count, err)) {
        return -1;
    }
    int64_t at_ms = count > 0 ? revisions[0].at_ms : r->config.now_ms;
    if (r->count == 0) {
        write_head(r, at_ms);
    }
    struct str link = represent_link(r, found->reg, id);
    struct bilingual label = record_label(r->config.model, found->reg, found->record, &r->record);
    struct str title = bilingual_best(label, r->config.lang);
    buf_add_literal(r->out, "<entry>\n");
    add_element(r->out, "id", link);
    add_element(r->out, "title", title.len > 0 ? title : id);
    add_time(r->out, at_ms);
    add_link(r->out, "alternate", "text/html", link);
    if (count > 0) {
        buf_add_literal(r->out, "<author><name>");
        represent_add_xml(r->out, revisions[0].author);
        buf_add_literal(r->out, "</name></author>\n");
        add_element(r->out, "summary", revisions[0].reason);
    }
    buf_add_literal(r->out, "</entry>\n");
    return 0;
}

static int close_atom(struct represent *r, struct err *err)
{
    (void)err;
    if (r->count == 0) {
        write_head(r, r->config.now_ms);
    }
    buf_add_literal(r->out, "</feed>\n");
    return 0;
}

const struct represent_form represent_atom = {
    .extension = STR("atom"),
    .media_type = STR("application/atom+xml; charset=utf-8"),
    .open = open_atom,
    .add = add_atom,
    .close = close_atom,
};

/* ---- latest changes ---- */

struct latest {
    struct represent *r;
    struct map seen; /* ids */
    struct arena *arena;
    size_t limit;
};

/* The register's records among revisions (after, after + window], newest first. */
static int add_window(struct latest *latest, int64_t after, size_t window, struct err *err)
{
    const struct represent_config *config = &latest->r->config;
    struct feed_item *items;
    size_t count = 0;
    if (store_feed(config->reader, after, window, latest->arena, &items, &count, err)) {
        return -1;
    }
    for (size_t i = count; i-- > 0 && latest->r->count < latest->limit;) {
        if (items[i].reg != config->reg || map_get(&latest->seen, items[i].id)) {
            continue;
        }
        map_set(&latest->seen, items[i].id, &items[i]);
        struct found found;
        struct err cause = {0};
        if (store_get(config->reader, config->reg, items[i].id, latest->arena, &found, NULL, &cause)) {
            if (cause.code != ERR_NOT_FOUND) {
                *err = cause;
                return -1;
            }
            continue; /* deleted, or not for this viewer */
        }
        if (represent_add(latest->r, &found, err)) {
            return -1;
        }
    }
    return 0;
}

static int add_latest(struct latest *latest, struct err *err)
{
    int64_t end = reader_seq(latest->r->config.reader);
    for (size_t i = 0; i < FEED_WINDOWS_MAX && end > 0 && latest->r->count < latest->limit; i++) {
        int64_t begin = end > FEED_WINDOW ? end - FEED_WINDOW : 0;
        if (add_window(latest, begin, (size_t)(end - begin), err)) {
            return -1;
        }
        end = begin;
    }
    return 0;
}

int represent_changes(const struct represent_config *config, size_t limit, struct buf *out, struct err *err)
{
    struct represent_config atom = *config;
    atom.representation = REPRESENT_ATOM;
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)256 << 20);
    struct latest latest = {.arena = &arena, .limit = limit};
    map_init(&latest.seen, &arena);
    if (represent_open(&atom, out, &latest.r, err)) {
        return -1;
    }
    if (add_latest(&latest, err)) {
        represent_abandon(latest.r);
        return -1;
    }
    return represent_close(latest.r, err);
}
