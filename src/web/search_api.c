/* /api/v1/search, /api/v1/suggest. */
#include "web/api.h"

#include "web/search_ask.h"
#include "web/search_page.h"

/* Text with what matched: [{"text", "mark": true}…]. */
struct value *search_parts(struct arena *arena, struct str text, const struct search_span *marks, size_t count)
{
    struct value *list = value_list(arena);
    size_t at = 0;

    for (size_t i = 0; i <= count; i++) {
        size_t start = i < count ? marks[i].start : text.len, end = i < count ? marks[i].end : text.len;
        if (start > at) {
            struct value *part = value_object(arena);
            value_set_text(arena, part, STR("text"), str_slice(text, at, start));
            value_set(arena, part, STR("mark"), value_bool(arena, false));
            value_append(arena, list, part);
        }
        if (i < count && end > start) {
            struct value *part = value_object(arena);
            value_set_text(arena, part, STR("text"), str_slice(text, start, end));
            value_set(arena, part, STR("mark"), value_bool(arena, true));
            value_append(arena, list, part);
        }
        at = end;
    }
    return list;
}

static struct value *texts(struct arena *arena, const struct str *items, size_t count)
{
    struct value *list = value_list(arena);

    for (size_t i = 0; i < count; i++) {
        value_append(arena, list, value_text(arena, items[i]));
    }
    return list;
}

static struct value *real(struct arena *arena, double number, int decimals)
{
    struct decimal decimal;
    struct str text = arena_format(arena, "%.*f", decimals, number);

    return decimal_parse(text, &decimal) ? value_number(arena, decimal) : value_int(arena, 0);
}

static struct value *item_of(struct call *call, const struct search_ask *ask, const struct search_hit *hit)
{
    struct arena *arena = call->arena;
    struct value *item = value_object(arena);

    value_set_text(arena, item, STR("register"), hit->reg->name);
    value_set_text(arena, item, STR("id"), hit->id);
    value_set_text(arena, item, STR("title"), bilingual_best(hit->title, ask->query.lang));
    value_set_text(arena, item, STR("snippet"), hit->snippet);
    value_set(arena, item, STR("score"), real(arena, hit->score, 4));
    value_set(arena, item, STR("snippet_parts"),
              search_parts(arena, hit->snippet, hit->snippet_marks, hit->snippet_mark_count));
    value_set(arena, item, STR("matched"), texts(arena, hit->reasons, hit->reason_count));
    if (hit->has_place) {
        struct value *place = value_object(arena);
        value_set(arena, place, STR("lat"), real(arena, hit->lat, 5));
        value_set(arena, place, STR("lon"), real(arena, hit->lon, 5));
        if (ask->query.has_point) {
            value_set(arena, place, STR("distance_km"), real(arena, hit->distance_km, 2));
        }
        value_set(arena, item, STR("place"), place);
    }
    value_set_text(arena, item, STR("url"),
                   arena_concat(arena, 4, STR("/api/v1/"), hit->reg->name, STR("/"), url_segment(arena, hit->id)));
    return item;
}

static struct value *facets_of(struct call *call, const struct search_ask *ask, const struct search_result *result)
{
    struct arena *arena = call->arena;
    struct value *facets = value_object(arena);

    for (size_t f = 0; f < result->facet_count; f++) {
        struct value *list = value_list(arena);
        for (size_t i = 0; i < result->facets[f].count; i++) {
            const struct search_facet_value *value = &result->facets[f].values[i];
            struct value *entry = value_object(arena);
            value_set_text(arena, entry, STR("value"), value->value);
            value_set_text(arena, entry, STR("label"), bilingual_best(value->label, ask->query.lang));
            value_set(arena, entry, STR("count"), value_int(arena, value->count));
            value_append(arena, list, entry);
        }
        value_set(arena, facets, result->facets[f].name, list);
    }
    return facets;
}

static const char *const relaxed_words[] = {"no", "loosened", "spelled", "any"};

void api_search(struct call *call)
{
    struct arena *arena = call->arena;
    struct value *answer = value_object(arena), *items = value_list(arena);
    struct search_ask ask;
    struct search_result result;

    if (search_ask_read(call, true, &ask) != 0 || search_ask_run(call, &ask, &result) != 0) {
        return;
    }
    for (size_t i = 0; i < result.hit_count; i++) {
        value_append(arena, items, item_of(call, &ask, &result.hits[i]));
    }
    value_set(arena, answer, STR("total"), value_int(arena, result.total));
    value_set(arena, answer, STR("total_exact"), value_bool(arena, result.total_exact));
    value_set(arena, answer, STR("items"), items);
    value_set(arena, answer, STR("facets"), facets_of(call, &ask, &result));
    value_set_text(arena, answer, STR("relaxed"), str_from_cstr(relaxed_words[result.relaxed]));
    if (result.spelled.len > 0) {
        value_set_text(arena, answer, STR("spelled"), result.spelled);
    }
    value_set(arena, answer, STR("cut_off"), value_bool(arena, result.cut_off));
    value_set(arena, answer, STR("seq"), value_int(arena, result.seq));
    call_send_json(call, answer, "application/json", 0);
}

void api_suggest(struct call *call)
{
    struct arena *arena = call->arena;
    struct value *answer = value_object(arena), *items = value_list(arena);
    struct search_suggestion *found = NULL;
    struct search_ask ask;
    size_t count = 0;
    struct err err = {0};

    call->readings += 2;
    if (search_ask_read(call, true, &ask) != 0) {
        return;
    }
    if (search_suggest(call->site->search, &ask.query.viewer, ask.query.lang, ask.query.text,
                       ask.query.limit < 8 ? ask.query.limit : 8, arena, &found, &count, &err) != 0) {
        struct problem problem = problem_from_err(&err);
        problem_send(call, &problem);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct value *item = value_object(arena);
        value_set_text(arena, item, STR("text"), found[i].text);
        value_set_text(arena, item, STR("register"), found[i].reg->name);
        value_set_text(arena, item, STR("id"), found[i].id);
        value_append(arena, items, item);
    }
    value_set(arena, answer, STR("items"), items);
    call_send_json(call, answer, "application/json", 0);
}
