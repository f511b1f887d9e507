/* Values as people read them, for the templates. A text is {"text", "foreign"}: foreign is false, or {"code", "mark"} when the
 * page's language has no form of it and another language stands in. A value is an object with exactly one of
 *   "plain": text · "link": text and "href" · "outside": "href" and "text" · "prose": "body_html" and "foreign"
 * and "converted": false, or a sum in the second currency as display_converted gives it.
 * Keys are never left to mustache's look-up in outer views: each object has all of its own. */
#ifndef MUSUBI_WEB_DISPLAY_H
#define MUSUBI_WEB_DISPLAY_H

#include "web/site.h"
#include "web/view.h"

struct display {
    const struct call *call;
    struct viewing *viewing;
    struct arena *arena;
    enum lang lang;
    struct str zone;       /* IANA time zone of the community */
    struct str link_query; /* "?as_of=seq:12" behind links to records, or empty */
    struct conversion *conversion;
    /* whose values are shown now: their times decide at which rate money is converted. record NULL: it is not */
    const struct reg *reg;
    const struct value *record;
};

/* For a page that reads what `query` asks for; `viewing` and `community` must outlive it. */
struct community;
struct query;
void display_init(struct display *display, struct call *call, struct viewing *viewing,
                  const struct community *community, const struct query *query);
/* Whose values come next. */
void display_set_record(struct display *display, const struct reg *reg, const struct value *record);

/* Adds to `list` the notices of a record's fields that are true, each once: {"text", "foreign"}; record NULL: all that the
 * register has. Returns the list. */
struct value *notices_of(struct call *call, const struct reg *reg, const struct value *record, struct value *list);

struct value *display_text(struct arena *arena, enum lang lang, struct bilingual text);
/* A text that is in no language. */
struct value *display_plain_text(struct arena *arena, struct str text);
/* {"body_html", "foreign"} of Markdown. */
struct value *display_prose(struct arena *arena, enum lang lang, struct bilingual markdown);
/* The beginning of a text, Markdown or not, as plain text of a few lines: {"text", "foreign"}. */
struct value *display_summary(struct arena *arena, enum lang lang, struct bilingual text);
/* What a record is, in a few lines: the beginning of the text that its register calls its description (schemaProperty); false when
 * it has none. */
struct value *display_record_summary(const struct display *display, const struct reg *reg, const struct value *record);
/* http or https: the only schemes that become links. */
bool display_is_web_address(struct str text);

/* "/en/organisation/abc". */
struct str display_record_href(const struct display *display, const struct reg *reg, struct str id);
/* A link to a record by a view's {"id", "label"}: text and "href". What has no label is not there, or not to be seen, or was
 * not there yet in the past that is read: then the id as a text, without "href". */
struct value *display_link(const struct display *display, const struct reg *reg, const struct value *reference);
/* {"title", "name", "values", "wide"}; value as view_record gives it. `wide`: prose or many values. */
struct value *display_field(const struct display *display, const struct field *field, const struct value *value);
/* {"title", "name", "values": […], "wide": false} around one text. */
struct value *display_row(const struct display *display, const char *title_msgid, struct str name, struct value *text);
/* A figure with its unit, qualifier and period: "約103兆円（2020年度）". */
struct str display_figure(const struct display *display, const struct field *field, const struct value *figure);
/* The record's figure in the second currency: {"text", "rate", "href"} with the words that name the rate and its record's
 * address; NULL when it is no money or no rate is known. */
struct value *display_converted(const struct display *display, const struct field *field, const struct value *figure);
/* A date, fiscal year or two dates with a slash. */
struct str display_period(const struct display *display, struct str period);
/* A date of ISO 8601; what is none stays as it is. */
struct str display_date(const struct display *display, struct str text);

#endif
