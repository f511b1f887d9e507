/* Leads the links of a finished page to the files of a published site. The pages are our own templates', so this reads the
 * HTML they write (attributes in double quotes, the five escapes), not any HTML there is; but it must not lose a byte of
 * what it does not understand. */
#include "web/publish_internal.h"

#include <string.h>

struct rewriting {
    struct publish_page *page;
    struct buf *out;
    struct str rest;
    size_t section, details; /* where the last one begins in out */
    bool dropped;            /* something was taken out of it */
};

/* ---- escapes ---- */

static const struct {
    struct str escape;
    char byte;
} escapes[] = {{STR("&amp;"), '&'}, {STR("&quot;"), '"'}, {STR("&#39;"), '\''}, {STR("&lt;"), '<'}, {STR("&gt;"), '>'}};

static struct str unescape(struct arena *arena, struct str text)
{
    char *plain;
    size_t length = 0;

    if (memchr(text.ptr, '&', text.len) == NULL) {
        return text;
    }
    plain = arena_alloc(arena, text.len + 1);
    while (text.len > 0) {
        size_t taken = 1;
        plain[length] = text.ptr[0];
        for (size_t i = 0; i < sizeof escapes / sizeof escapes[0]; i++) {
            if (str_starts_with(text, escapes[i].escape)) {
                plain[length] = escapes[i].byte;
                taken = escapes[i].escape.len;
            }
        }
        length++;
        text = str_slice(text, taken, text.len);
    }
    return str_make(plain, length);
}

static void add_escaped(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '&') {
            buf_add_literal(out, "&amp;");
        } else if (text.ptr[i] == '"') {
            buf_add_literal(out, "&quot;");
        } else {
            buf_add_byte(out, text.ptr[i]);
        }
    }
}

/* ---- the site's address in text ---- */

static bool ends_address(char c)
{
    return c <= ' ' || (unsigned char)c >= 0x7F || c == '"' || c == '<' || c == '>' || c == ',' || c == ')';
}

/* What a person reads, and may type: the file's address, else the live one, else that of the page without its query. */
static struct str said_address(struct publish_page *page, struct str address)
{
    struct destination destination = destination_of(page, address);
    struct str link;

    if (destination.reach == REACH_LIVE && page->publishing->config->live.len == 0) {
        destination = destination_of(page, str_slice(address, 0, str_find_byte(address, '?')));
    }
    link = destination_link(page, &destination);
    if (link.len == 0) { /* another edition, say: where it would stand beside this one */
        struct str rest = str_slice(address, page->publishing->site_url.len, address.len);
        link = arena_concat(page->arena, 3, page->publishing->origin, page->publishing->base, rest);
    }
    return link;
}

static void add_text(struct publish_page *page, struct str text, struct buf *out)
{
    struct str site = page->publishing->site_url;
    size_t at;

    while ((at = str_find(text, site)) != SIZE_MAX) {
        size_t end = at;
        while (end < text.len && !ends_address(text.ptr[end])) {
            end++;
        }
        while (end > at && text.ptr[end - 1] == '.') {
            end--;
        }
        buf_add(out, str_slice(text, 0, at));
        add_escaped(out, said_address(page, unescape(page->arena, str_slice(text, at, end))));
        text = str_slice(text, end, text.len);
    }
    buf_add(out, text);
}

void publish_text(struct publishing *publishing, struct str text, struct buf *out)
{
    size_t at;

    while ((at = str_find(text, publishing->site_url)) != SIZE_MAX) {
        buf_add(out, str_slice(text, 0, at));
        buf_add(out, publishing->origin);
        buf_add(out, publishing->base);
        text = str_slice(text, at + publishing->site_url.len, text.len);
    }
    buf_add(out, text);
}

/* ---- tags ---- */

struct attribute {
    struct str name, value; /* value: as it stands, escaped */
    bool has_value;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* The end of the tag that rest begins with, behind its ">"; a ">" in quotation marks is none. */
static size_t tag_end(struct str rest)
{
    bool quoted = false;

    for (size_t i = 0; i < rest.len; i++) {
        quoted = rest.ptr[i] == '"' ? !quoted : quoted;
        if (rest.ptr[i] == '>' && !quoted) {
            return i + 1;
        }
    }
    return rest.len;
}

static bool next_attribute(struct str *inner, struct attribute *ret_attribute)
{
    struct str rest = *inner;
    size_t at = 0, begin;

    while (at < rest.len && is_space(rest.ptr[at])) {
        at++;
    }
    begin = at;
    while (at < rest.len && !is_space(rest.ptr[at]) && rest.ptr[at] != '=') {
        at++;
    }
    *ret_attribute = (struct attribute){.name = str_slice(rest, begin, at)};
    if (at + 1 < rest.len && rest.ptr[at] == '=' && rest.ptr[at + 1] == '"') {
        size_t length = str_find_byte(str_slice(rest, at + 2, rest.len), '"');
        ret_attribute->has_value = true;
        ret_attribute->value = str_slice(rest, at + 2, at + 2 + length);
        at += length + 3;
    } else if (at < rest.len && rest.ptr[at] == '=') {
        at++; /* not of our templates: the rest of it is taken for an attribute of its own, and written as it is */
    }
    *inner = str_slice(rest, at, rest.len);
    return ret_attribute->name.len > 0;
}

static bool holds_link(struct str name, struct str value)
{
    static const struct str names[] = {STR("href"), STR("src"), STR("action"), STR("poster"), STR("xlink:href")};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (str_eq(name, names[i])) {
            return true;
        }
    }
    return str_starts_with(name, STR("data-")) && str_starts_with(value, STR("/"));
}

static void add_attribute(struct buf *out, struct str name, struct str value)
{
    buf_add_byte(out, ' ');
    buf_add(out, name);
    buf_add_literal(out, "=\"");
    add_escaped(out, value);
    buf_add_byte(out, '"');
}

/* False when the link leads nowhere: then the attribute is left out. */
static bool add_link(struct rewriting *rewriting, const struct attribute *attribute)
{
    struct publish_page *page = rewriting->page;
    struct str link = unescape(page->arena, attribute->value);
    struct destination destination = destination_of(page, link);
    struct str written = destination.reach == REACH_OUTSIDE ? link : destination_link(page, &destination);

    if (written.len == 0 && link.len > 0) {
        return false;
    }
    if (destination.reach == REACH_FILE) {
        publish_want(page, &destination);
    }
    add_attribute(rewriting->out, attribute->name, written);
    return true;
}

static void add_one(struct rewriting *rewriting, const struct attribute *attribute)
{
    struct publish_page *page = rewriting->page;
    struct str value = attribute->value;

    if (attribute->has_value && holds_link(attribute->name, value)) {
        add_link(rewriting, attribute);
    } else if (attribute->has_value && str_eq(attribute->name, STR("content")) &&
               str_starts_with(value, page->publishing->site_url)) {
        add_attribute(rewriting->out, attribute->name, said_address(page, unescape(page->arena, value)));
    } else {
        buf_add_byte(rewriting->out, ' ');
        buf_add(rewriting->out, attribute->name);
        if (attribute->has_value) {
            buf_add_literal(rewriting->out, "=\"");
            buf_add(rewriting->out, value);
            buf_add_byte(rewriting->out, '"');
        }
    }
}

static struct str attribute_value(struct str inner, struct str name)
{
    struct attribute attribute;

    while (next_attribute(&inner, &attribute)) {
        if (str_eq(attribute.name, name)) {
            return attribute.value;
        }
    }
    return STR("");
}

/* Whether what the form asks can be answered: by the page that searches titles, or by a live site. */
static bool form_is_kept(struct rewriting *rewriting, struct str inner)
{
    struct publish_page *page = rewriting->page;
    struct destination destination = destination_of(page, unescape(page->arena, attribute_value(inner, STR("action"))));

    return page->publishing->config->live.len > 0 ||
           (destination.reach == REACH_FILE && str_ends_with(destination.file, STR("/search/index.html")));
}

/* A button of a form that stands elsewhere in the page, and before it (form="its id"), goes when that form went. */
static bool lost_its_form(const struct rewriting *rewriting, struct str inner)
{
    struct str form = attribute_value(inner, STR("form"));
    struct str before = buf_str(rewriting->out);
    size_t at;

    if (form.len == 0) {
        return false;
    }
    while ((at = str_find(before, STR(" id=\""))) != SIZE_MAX) {
        before = str_slice(before, at + 5, before.len);
        if (str_starts_with(before, form) && before.len > form.len && before.ptr[form.len] == '"') {
            return false;
        }
    }
    return true;
}

/* With a live site a form is sent there; the search over titles stays here. */
static void add_form(struct rewriting *rewriting, struct str inner)
{
    struct publish_page *page = rewriting->page;
    struct attribute attribute;

    buf_add_literal(rewriting->out, "<form");
    while (next_attribute(&inner, &attribute)) {
        struct str action = unescape(page->arena, attribute.value);
        struct destination destination = destination_of(page, action);
        bool is_action = str_eq(attribute.name, STR("action"));
        if (is_action && destination.reach != REACH_OUTSIDE &&
            !str_ends_with(destination.file, STR("/search/index.html"))) {
            destination.reach = REACH_LIVE;
            destination.target = action;
            add_attribute(rewriting->out, attribute.name, destination_link(page, &destination));
        } else {
            add_one(rewriting, &attribute);
        }
    }
    buf_add_byte(rewriting->out, '>');
}

static void skip_past(struct rewriting *rewriting, struct str mark)
{
    size_t at = str_find(rewriting->rest, mark);

    rewriting->rest = at == SIZE_MAX ? STR("") : str_slice(rewriting->rest, at + mark.len, rewriting->rest.len);
}

/* Copies up to and with the mark, as it is. */
static void copy_past(struct rewriting *rewriting, struct str mark)
{
    size_t at = str_find(rewriting->rest, mark);
    size_t end = at == SIZE_MAX ? rewriting->rest.len : at + mark.len;

    buf_add(rewriting->out, str_slice(rewriting->rest, 0, end));
    rewriting->rest = str_slice(rewriting->rest, end, rewriting->rest.len);
}

/* An entry or a paragraph that holds nothing but a link that leads nowhere goes with it. False: it holds more. */
static bool drop_around(struct rewriting *rewriting)
{
    static const struct {
        struct str open, close;
    } around[] = {{STR("<li>"), STR("</li>")}, {STR("<p>"), STR("</p>")}};
    size_t at = str_find(rewriting->rest, STR("</a>"));
    struct str after = at == SIZE_MAX ? STR("") : str_slice(rewriting->rest, at + 4, rewriting->rest.len);

    for (size_t i = 0; i < sizeof around / sizeof around[0]; i++) {
        if (str_ends_with(buf_str(rewriting->out), around[i].open) && str_starts_with(after, around[i].close)) {
            rewriting->dropped = true;
            rewriting->out->len -= around[i].open.len;
            rewriting->rest = str_slice(after, around[i].close.len, after.len);
            return true;
        }
    }
    return false;
}

static bool leads_nowhere(struct rewriting *rewriting, struct str inner)
{
    struct str link = unescape(rewriting->page->arena, attribute_value(inner, STR("href")));
    struct destination destination = destination_of(rewriting->page, link);

    return link.len > 0 && destination.reach == REACH_LIVE && rewriting->page->publishing->config->live.len == 0;
}

static bool is_blank(struct str text)
{
    return str_trim(text).len == 0;
}

/* What has a head and, now, nothing under it goes too: the part of out from `begin` on, when only white space follows `head`. */
static bool drop_empty(struct rewriting *rewriting, size_t begin, struct str head, struct str close)
{
    struct str part = str_slice(buf_str(rewriting->out), begin, rewriting->out->len);
    size_t at = str_find(part, head);

    if (!rewriting->dropped || at == SIZE_MAX || !is_blank(str_slice(part, at + head.len, part.len))) {
        return false;
    }
    rewriting->out->len = begin;
    rewriting->rest = str_slice(rewriting->rest, close.len, rewriting->rest.len);
    return true;
}

static void add_end_tag(struct rewriting *rewriting)
{
    struct str section = STR("</section>"), details = STR("</details>");

    if (str_starts_with(rewriting->rest, section) && drop_empty(rewriting, rewriting->section, STR("</h2>"), section)) {
        return;
    }
    if (str_starts_with(rewriting->rest, details) &&
        drop_empty(rewriting, rewriting->details, STR("</summary>"), details)) {
        return;
    }
    copy_past(rewriting, STR(">"));
}

/* A button or a link that can do nothing here is left out. False: it stays. */
static bool drop_element(struct rewriting *rewriting, struct str tag, struct str inner)
{
    if (str_eq(tag, STR("<button")) && lost_its_form(rewriting, inner)) {
        rewriting->dropped = true;
        skip_past(rewriting, STR("</button>"));
        return true;
    }
    return str_eq(tag, STR("<a")) && leads_nowhere(rewriting, inner) && drop_around(rewriting);
}

/* The rest begins with "<" and a letter. */
static void add_tag(struct rewriting *rewriting)
{
    size_t end = tag_end(rewriting->rest);
    size_t name_end = 1;
    struct str tag, inner;
    struct attribute attribute;

    while (name_end < end && !is_space(rewriting->rest.ptr[name_end]) && rewriting->rest.ptr[name_end] != '>') {
        name_end++;
    }
    tag = str_slice(rewriting->rest, 0, name_end);
    inner = str_slice(rewriting->rest, name_end, end - 1);
    rewriting->rest = str_slice(rewriting->rest, end, rewriting->rest.len);
    if (str_eq(tag, STR("<form"))) {
        if (form_is_kept(rewriting, inner)) {
            add_form(rewriting, inner);
        } else {
            rewriting->dropped = true;
            skip_past(rewriting, STR("</form>"));
        }
        return;
    }
    if (drop_element(rewriting, tag, inner)) {
        return;
    }
    if (str_eq(tag, STR("<section"))) {
        rewriting->section = rewriting->out->len;
        rewriting->dropped = false;
    } else if (str_eq(tag, STR("<details"))) {
        rewriting->details = rewriting->out->len;
        rewriting->dropped = false;
    }
    buf_add(rewriting->out, tag);
    while (next_attribute(&inner, &attribute)) {
        add_one(rewriting, &attribute);
    }
    buf_add_byte(rewriting->out, '>');
    if (str_eq(tag, STR("<script"))) {
        copy_past(rewriting, STR("</script>"));
    } else if (str_eq(tag, STR("<style"))) {
        copy_past(rewriting, STR("</style>"));
    }
}

void publish_html(struct publish_page *page, struct str html, struct buf *out)
{
    struct rewriting rewriting = {.page = page, .out = out, .rest = html};

    while (rewriting.rest.len > 0) {
        size_t open = str_find_byte(rewriting.rest, '<');
        char next;
        add_text(page, str_slice(rewriting.rest, 0, open), out);
        rewriting.rest = str_slice(rewriting.rest, open, rewriting.rest.len);
        if (rewriting.rest.len == 0) {
            return;
        }
        next = rewriting.rest.len > 1 ? rewriting.rest.ptr[1] : '\0';
        if ((next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z')) {
            add_tag(&rewriting);
        } else if (str_starts_with(rewriting.rest, STR("<!--"))) {
            copy_past(&rewriting, STR("-->"));
        } else {
            add_end_tag(&rewriting);
        }
    }
}
