/* One record while its pages are being made: what page_record.c and page_history.c share. */
#ifndef MUSUBI_WEB_SHOWING_H
#define MUSUBI_WEB_SHOWING_H

#include "web/page.h"
#include "web/query.h"

struct showing {
    struct call *call;
    struct arena *arena;
    const struct reg *reg;
    const struct query *query;
    struct reader *reader;
    struct community community;
    struct viewing viewing;
    struct display display;
    struct found found;
    struct value *view; /* of view_record */
    struct value *frame;
};

/* Begins on the register and the id of the call's path; what it is given must outlive it. */
int showing_begin(struct showing *showing, struct call *call, const struct query *query, struct reader *reader,
                  struct err *err);
/* Fills found and view, which nobody may change. -1 when there is no such record: then it has been answered, with a redirect to SHOWING/NEW-ID + tail
 * when it moved. */
int showing_find(struct showing *showing, struct str tail);
/* What the found record is called: its id when nothing else. */
struct bilingual showing_label(const struct showing *showing);
/* "organisation/abc" + tail. */
struct str showing_path(const struct showing *showing, struct str tail);
/* Makes the page's frame with its title and the way back to the list. */
void showing_begin_frame(struct showing *showing, struct value *title);
/* What a member of a record is called: a field by its title, what every record has by the interface's words. */
struct str member_title(const struct call *call, const struct reg *reg, struct str name);
/* Titles of a list of members' names, one after the other: "Name, Website". */
struct str showing_titles(const struct showing *showing, const struct value *names);
struct value *showing_text_or_false(struct arena *arena, struct str text);
/* Adds the newest revisions before before_seq (0: all) to the frame, at most limit; how many, and the last one's seq. */
int showing_add_revisions(struct showing *showing, size_t limit, int64_t before_seq, size_t *ret_count,
                          int64_t *ret_last_seq, struct err *err);

/* A part of the record's page as HTML, made of the template PART ("record_fields") and kept until something of it changes
 * (reader_kept): `build` fills showing->frame, which is the part's own. It may use of showing what showing_begin and showing_find
 * gave, and nothing of the request but its language. */
typedef int showing_builder(struct showing *showing, struct err *err);
int showing_part(struct showing *showing, struct str part, showing_builder *build, struct str *ret_html,
                 struct err *err);
/* The same of a text: what `build` sets as "text". */
int showing_text_part(struct showing *showing, struct str part, showing_builder *build, struct str *ret_text,
                      struct err *err);

#endif
