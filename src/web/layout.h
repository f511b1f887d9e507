/* What the pages show of which registers: site/site.json, with the outlines that maps are drawn from (site/outlines.geojson).
 * Both are data that travel in the binary, so that no page's code knows a register beyond the fields it is told of here.
 *
 *   menu       of every page: {"register"} or {"page": path behind the language, "words": msgid}
 *   home       {"en": [section…], "ja": [section…]}: the home page's sections, in order, by language
 *   sections   {name: {"kind", "title", "text", …}}; `kind` says what is shown and which other keys there are:
 *     doors      "doors": [{"title", "text", "topic", "links": [{"register", "filter", "sort", "text"}
 *                or {"page": path behind the language, "text"}]}]
 *     records    "register", "filter", "sort" ("-" before it: descending), "limit", "fields" told of each, "numbered";
 *                "in_line": what is told of each stands in one line; "next" instead of "sort": a date field, what is to come first; "past_title": said
 *                instead of "title" when nothing is to come
 *     figures    "register", "figures" (names of figure fields) and "from" (a field of the community's record that lists
 *                references) or "filter", "sort", "limit"
 *     counts     "register", "each" (code fields: one count a term), "also" (links as in doors), "chart": link to it
 *     map        "register", and its fields: "place" (a geopoint), "label", "number", "about"
 *     registers  every register that is not empty, by group
 *   chart      the organisation chart: "root" (field of the community's record), "unit", "seat" and "topic" name a register each
 *              and its fields
 *   plan       the plan and its progress: plan/tree.h
 *   profiles   what the pages of a register's records show besides (web/profile.h)
 *   council    meetings and their papers: "group" (register and its field "per_year"), "meeting", "seat", "attendance", "kpi", "value": a
 *              register each and its fields; "year_starts": the month in which a year of meetings begins
 *   ledger     the rounds of investment: web/ledger_page.c
 *   source     which fields of a source's record are its "publisher", "date" and "secondary"
 *   map        "vocabulary" whose codes the outlines' ids are; "of": the field of the community's record that lists its own
 *
 * A filter is {"field": "value"}. A register or field that the model does not have is passed over, so that a model with fewer
 * registers needs no other file. Texts are {"ja", "en"}. */
#ifndef MUSUBI_WEB_LAYOUT_H
#define MUSUBI_WEB_LAYOUT_H

#include "base/err.h"
#include "base/value.h"
#include "model/model.h"

struct layout {
    const struct value *menu, *home, *sections, *chart, *plan, *council, *ledger, *map, *source, *profiles;
    const struct value *outlines; /* a GeoJSON feature collection */
};

/* Reads both; what lies in the arena lives as long as that. On failure the message begins with the file's name. */
int layout_read(struct str site_json, struct str outlines_json, struct arena *arena, struct layout *ret_layout,
                struct err *err);
/* A section by name; NULL: there is none. */
const struct value *layout_section(const struct layout *layout, struct str name);
/* {"ja", "en"} of a member; empty in both when there is none. */
struct bilingual layout_text(const struct value *part, struct str name);
/* The register a part names, or NULL. */
const struct reg *layout_register(const struct value *part, const struct model *model);
/* The register's field that a member of the part names, or NULL. */
const struct field *layout_field(const struct value *part, struct str name, const struct reg *reg);
/* A whole number, or the default. */
size_t layout_number(const struct value *part, struct str name, size_t otherwise);

#endif
