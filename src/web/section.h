/* The parts that pages are put together from as site/site.json says (web/layout.h): each asks the store and gives a view. */
#ifndef MUSUBI_WEB_SECTION_H
#define MUSUBI_WEB_SECTION_H

#include "web/display.h"
#include "web/page.h"

/* One page being put together. */
struct building {
    struct call *call;
    struct arena *arena;
    struct reader *reader;
    struct community community;
    struct viewing viewing;
    struct display display;
};

/* Opens a reader on what the query asks for and reads the community; 0, or -1 when it has been answered. */
struct query;
int building_begin(struct building *building, struct call *call, const struct query *query, struct reader **ret_reader);

/* The view of a section by its name: {"name", "title", "text", and one of "doors", "records", "figures", "counts", "map",
 * "registers" with its content, the others false}; *ret_view is NULL when there is nothing to show. */
int section_view(struct building *building, struct str name, struct value **ret_view, struct err *err);

/* A layout's filter as the store takes it; false when it names a field that lists cannot be narrowed by. */
bool section_filters(struct building *building, const struct value *part, const struct reg *reg,
                     struct list_query *query);
/* "/en/organisation?kind=venture" of a part with "register" and "filter". */
struct str section_href(struct building *building, const struct value *part);
/* How many records a part with "register" and "filter" stands for. */
int section_count(struct building *building, const struct value *part, int64_t *ret_count, struct err *err);
/* The records of a part with "register", "filter", "sort" and "limit"; none when its register is not there. */
int section_list(struct building *building, const struct value *part, size_t limit, struct page *ret_page,
                 struct err *err);
/* The records of a part with "register", "filter" and "next", a sortable date field: those whose day has not passed, the nearest
 * first, then those of the past, the latest first. Looks through at most a thousand that are to come. */
int section_next(struct building *building, const struct value *part, size_t limit, struct page *ret_page,
                 struct err *err);
/* Whether the record's day by the part's "next" has not passed; false when the part has none. */
bool section_is_to_come(struct building *building, const struct value *part, const struct found *found);
/* A record's name as a link: {"text", "foreign", "href"}. */
struct value *section_link(struct building *building, const struct found *found);
/* What a record is called in the page's language, shortened to the field when it has one. */
struct value *section_label(struct building *building, const struct found *found, const struct field *field);
/* Since when or on which day a record is known to hold: "As of 21 February 2022"; empty when it does not say. */
struct str section_as_of(struct building *building, const struct value *record, const struct value *figure);

/* Content of a section of kind "map" (web/map.c) and "registers" (web/home.c); NULL when there is nothing. */
int map_view(struct building *building, const struct value *section, struct value **ret_view, struct err *err);
/* Any places as a map: each link is {"text", "foreign", "href"}. NULL when none of them is on it. */
struct found_place {
    double lat, lon;
    struct value *link;
};
struct value *map_of_places(struct building *building, const struct found_place *places, size_t count);
int registers_view(struct building *building, const struct value *section, struct value **ret_view, struct err *err);

#endif
