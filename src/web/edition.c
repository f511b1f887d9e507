#include "web/edition.h"

#include "base/date.h"
#include "base/intl.h"
#include "web/route.h"

#define NAMED STR("edition/")

/* Takes "edition/NAME" off the rest of a path behind its beginning; *rest is what follows, from the slash on, or empty. False when
 * it does not begin so. */
static bool take_name(struct str *rest, struct str *ret_name)
{
    size_t end;

    if (!str_take(rest, NAMED)) {
        return false;
    }
    end = str_find_byte(*rest, '/');
    *ret_name = str_slice(*rest, 0, end);
    *rest = str_slice(*rest, end, rest->len);
    return ret_name->len > 0;
}

/* What an address that names an edition speaks of. */
struct parts {
    struct str path; /* without the edition */
    struct str name;
};

static bool take_apart(struct str path, struct arena *arena, struct parts *ret_parts)
{
    struct str rest = path;
    struct str begin = STR("/api/v1/");
    enum lang lang;

    if (!str_take(&rest, begin)) {
        begin = str_slice(path, 0, 4);
        rest = str_slice(path, 4, path.len);
        if (begin.len < 4 || begin.ptr[3] != '/' || !lang_from_code(str_slice(begin, 1, 3), &lang)) {
            return false;
        }
    }
    if (!take_name(&rest, &ret_parts->name)) {
        return false;
    }
    ret_parts->path = arena_concat(arena, 2, str_slice(begin, 0, begin.len - 1), rest);
    if (begin.len == 4 && (str_starts_with(rest, STR("/api/")) || str_starts_with(rest, STR("/data/"))) &&
        route_find(rest, HTTP_GET).route != NULL) {
        ret_parts->path = rest;
    }
    return true;
}

struct str edition_path(struct str path, struct arena *arena)
{
    struct parts parts;

    return take_apart(path, arena, &parts) ? parts.path : path;
}

bool edition_begin(struct call *call)
{
    struct parts parts;

    call->edition = call->site->edition;
    call->base = STR("");
    if (call->edition != NULL || !take_apart(call->request->path, call->arena, &parts)) {
        return true;
    }
    call->edition = store_edition(call->site->store, parts.name);
    if (call->edition == NULL) {
        return false;
    }
    call->base = arena_concat(call->arena, 3, NAMED, parts.name, STR("/"));
    call->request->path = parts.path;
    return true;
}

/* ---- what is told of an edition ---- */

struct str edition_citation(struct call *call, const struct community *community, const struct edition *edition)
{
    struct arena *arena = call->arena;
    struct str code = lang_codes[call->lang];
    struct str base = call->site->edition != NULL ? STR("") : arena_concat(arena, 3, NAMED, edition->name, STR("/"));
    struct http_pair pairs[] = {
        {STR("site"), bilingual_best(community->name, call->lang)},
        {STR("edition"), edition->name},
        {STR("date"), intl_date(arena, code, date_in_zone(edition->frozen_ms, community->zone))},
        {STR("seq"), intl_integer(arena, code, edition->seq)},
        {STR("url"), arena_concat(arena, 5, call_site_url(call), STR("/"), code, STR("/"), base)},
    };

    return say(call, "edition-citation", pairs, sizeof pairs / sizeof pairs[0]);
}

struct str edition_href(struct call *call, const struct edition *edition, struct str path)
{
    struct str base = STR("/");

    if (edition == call->edition) {
        return page_href(call, path);
    }
    if (edition != NULL) {
        base = arena_concat(call->arena, 3, STR("/edition/"), edition->name, STR("/"));
    }
    return arena_concat(call->arena, 4, STR("/"), lang_codes[call->lang], base, path);
}

struct value *edition_notice(struct call *call, const struct community *community)
{
    struct arena *arena = call->arena;
    const struct edition *edition = call->edition;
    struct value *view;
    struct str date;

    if (edition == NULL) {
        return value_bool(arena, false);
    }
    date = intl_date(arena, lang_codes[call->lang], date_in_zone(edition->frozen_ms, community->zone));
    view = value_object(arena);
    value_set_text(arena, view, STR("edition_name"), edition->name);
    value_set_text(arena, view, STR("edition_date"), date);
    value_set(arena, view, STR("has_gaps"), value_bool(arena, edition->gaps.len > 0));
    return view;
}
