/* What all pages share: the community's words, the frame around the content, sending. */
#ifndef MUSUBI_WEB_PAGE_H
#define MUSUBI_WEB_PAGE_H

#include "web/display.h"
#include "web/site.h"

/* What the one record of the register `community` says; the product's name when there is none. */
struct community {
    struct bilingual name, tagline, description, caveat, citation;
    struct str abbreviation, zone, licence, licence_url, website;
    struct value *menu, *foot;  /* links of every page's head and foot; nobody may change them */
    const struct value *record; /* the whole of it; NULL when there is none */
};
int community_read(struct call *call, struct reader *reader, struct community *ret_community, struct err *err);
/* Only notes that what is being made is made of it: for parts that are kept by themselves. */
int community_note(struct call *call, struct reader *reader, struct err *err);

/* The frame's view: language, titles, the way to the other language, alternates, notices. `title` is the page's own, empty on
 * the home page. The caller adds its content and gives it to page_send. */
struct value *page_frame(struct call *call, const struct community *community, struct value *title);
/* What search engines and social cards tell of the page, instead of the community's own words; nothing changes when the summary
 * (of display_summary) says nothing. */
void frame_describe(struct call *call, struct value *frame, const struct value *summary);
/* {"code", "href", "text"} of a link's parts. */
struct value *page_crumb(struct arena *arena, struct str href, struct value *text);
/* "/en/organisation". */
struct str page_href(struct call *call, struct str path);
/* The address of this very page without its query, as page_href writes it, however it was spelt. */
struct str page_path(struct call *call);
/* Marks the page as reading the past. */
void page_set_past(struct call *call, struct value *frame, int64_t seq);
/* Lets the page load the script that draws its `<figure class="chart">` (docs/charts.md). */
void page_use_charts(struct call *call, struct value *frame);
void page_send(struct call *call, const char *template_name, const struct value *view);
/* The page of a problem with its document; -1 when even that cannot be made. */
int page_send_problem(struct call *call, const struct value *document);
void page_send_err(struct call *call, const struct err *err);
void page_send_missing(struct call *call, struct str value);

/* Whether a request's query is understood here; else the problem has been sent. */
struct query;
int page_query(struct call *call, const struct reg *reg, unsigned parts, struct query *ret_query);

/* Handlers with files of their own. */
void page_home(struct call *call);
void page_list(struct call *call);
void page_record(struct call *call);
void page_history(struct call *call);

#endif
