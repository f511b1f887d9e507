/* The page that searches titles in the browser: of a site that is published as files, and of no other. */
#include "web/problem.h"
#include "web/query.h"
#include "web/section.h"
#include "web/site_pages.h"

void page_titles(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct building building;
    struct value *frame;
    struct query query;

    if (!call->site->is_published) {
        struct problem problem = problem_of(PROBLEM_NOT_FOUND);
        problem.value = call->request->path;
        problem_send(call, &problem);
        return;
    }
    if (page_query(call, NULL, 0, &query) != 0 || building_begin(&building, call, &query, &reader) != 0) {
        return;
    }
    frame = page_frame(call, &building.community, display_plain_text(call->arena, SAY(call, "titles")));
    value_set_text(call->arena, frame, STR("script"), asset_named(&call->site->assets, STR("titles.js"))->path);
    value_set_text(call->arena, frame, STR("action"), page_href(call, STR("search")));
    value_set_text(call->arena, frame, STR("root_href"), call->site->root);
    page_send(call, "titles", frame);
}
