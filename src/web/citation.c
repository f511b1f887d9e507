#include "web/citation.h"

#include "base/intl.h"
#include "model/record.h"

struct str citation_record(struct call *call, const struct community *community, struct str title, struct str path,
                           int64_t seq)
{
    struct arena *arena = call->arena;
    struct str revision = arena_format(arena, "?as_of=seq:%lld", (long long)seq);
    const struct edition *edition = call->edition;
    struct http_pair pairs[] = {
        {STR("title"), title},
        {STR("site"), bilingual_best(community->name, call->lang)},
        {STR("seq"), intl_integer(arena, lang_codes[call->lang], seq)},
        {STR("edition"), edition == NULL ? STR("") : edition->name},
        {STR("url"),
         arena_concat(arena, 3, call_site_url(call), page_href(call, path), edition == NULL ? revision : STR(""))},
    };

    return say(call, edition == NULL ? "citation-of-record" : "citation-of-record-in-edition", pairs,
               sizeof pairs / sizeof pairs[0]);
}

/* The field of a source's record that the layout names. */
static const struct value *source_part(const struct display *display, const struct found *source, struct str part)
{
    const struct value *fields = display->call->site->layout.source;

    return value_get(source->record, value_get_text(fields, part));
}

void citation_source(const struct display *display, const struct found *source, struct value *ret_view)
{
    struct arena *arena = display->arena;
    const struct value *publisher = source_part(display, source, STR("publisher"));
    const struct value *date = source_part(display, source, STR("date"));
    const struct value *secondary = source_part(display, source, STR("secondary"));

    value_set(arena, ret_view, STR("publisher"),
              publisher == NULL ? value_bool(arena, false)
                                : display_text(arena, display->lang, value_bilingual(publisher)));
    value_set(arena, ret_view, STR("dated"),
              date == NULL ? value_bool(arena, false) : value_text(arena, display_date(display, value_text_of(date))));
    value_set(arena, ret_view, STR("secondary"),
              value_bool(arena, secondary != NULL && secondary->kind == VALUE_BOOL && secondary->boolean));
}
