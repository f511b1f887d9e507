/* The model of an invented community whose records are searched, and its rules. */
#ifndef MUSUBI_TESTS_SEARCH_COMMUNITY_H
#define MUSUBI_TESTS_SEARCH_COMMUNITY_H

#include "model/model.h"

#define TITLE "\"title\":{\"ja\":\"題\",\"en\":\"Title\"}"

static const struct model_file model_files[] = {
    {STR("body.json"),
     STR("{\"name\":\"body\"," TITLE ",\"label\":[\"name\"],\"fields\":["
         "{\"name\":\"name\"," TITLE ",\"type\":\"string\",\"bilingual\":true,\"searchWeight\":10,\"sortable\":true,"
         "\"reading\":\"kana\"},"
         "{\"name\":\"kana\"," TITLE ",\"type\":\"string\",\"searchWeight\":5},"
         "{\"name\":\"about\"," TITLE ",\"type\":\"string\",\"bilingual\":true,\"searchWeight\":4},"
         "{\"name\":\"plans\"," TITLE ",\"type\":\"string\",\"searchWeight\":4,\"visibility\":\"members\"},"
         "{\"name\":\"contact\"," TITLE ",\"type\":\"string\",\"searchWeight\":4,\"personal\":true},"
         "{\"name\":\"place\"," TITLE ",\"type\":\"geopoint\"},"
         "{\"name\":\"kind\"," TITLE ",\"type\":\"string\",\"vocabulary\":\"kind\",\"facet\":true}]}")},
    {STR("seed.json"), STR("{\"name\":\"seed\"," TITLE ",\"label\":[\"title\"],\"fields\":["
                           "{\"name\":\"title\"," TITLE ",\"type\":\"string\",\"bilingual\":true,\"searchWeight\":10},"
                           "{\"name\":\"words\"," TITLE ",\"type\":\"string\",\"bilingual\":true,\"searchWeight\":6},"
                           "{\"name\":\"owner_body\"," TITLE
                           ",\"type\":\"string\",\"reference\":\"body\",\"facet\":true,\"searchWeight\":4},"
                           "{\"name\":\"year\"," TITLE ",\"type\":\"integer\",\"facet\":true}]}")},
    {STR("vocabulary/kind.json"), STR("{\"name\":\"kind\"," TITLE ",\"terms\":["
                                      "{\"code\":\"k-1\",\"ja\":\"病院\",\"en\":\"Hospital\"},"
                                      "{\"code\":\"k-2\",\"ja\":\"会社\",\"en\":\"Company\"}]}")},
};

static const char rules_json[] =
    "{\"facets\":[{\"name\":\"kind\",\"field\":\"kind\"},{\"name\":\"by\",\"reference\":\"body\"},"
    "{\"name\":\"year\",\"years\":[\"year\"]},{\"name\":\"language\",\"languages\":true}]}";

#endif
