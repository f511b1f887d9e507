/* Pages that are about the site itself: what it is, what it keeps of its visitors, whom it can be read by. */
#include "web/site_pages.h"

#include "base/intl.h"
#include "web/kpi_view.h"
#include "web/query.h"
#include "web/route.h"
#include "web/search_page.h"
#include "web/section.h"

static struct value *prose_or_false(struct building *building, struct bilingual text)
{
    if (bilingual_best(text, building->call->lang).len == 0) {
        return value_bool(building->arena, false);
    }
    return display_prose(building->arena, building->call->lang, text);
}

static struct value *licence(struct building *building)
{
    const struct community *community = &building->community;
    struct value *view;

    if (community->licence.len == 0) {
        return value_bool(building->arena, false);
    }
    view = display_plain_text(building->arena, community->licence);
    value_set_text(building->arena, view, STR("href"),
                   display_is_web_address(community->licence_url) ? community->licence_url : STR(""));
    return view;
}

static struct value *link_if_served(struct building *building, struct str path)
{
    if (!route_serves(arena_concat(building->arena, 2, STR("/{lang}/"), path))) {
        return value_bool(building->arena, false);
    }
    return value_text(building->arena, page_href(building->call, path));
}

/* Which state is shown, how many records it has, when the page was asked for. */
static int add_state(struct building *building, struct value *frame, struct err *err)
{
    const struct model *model = building->call->site->model;
    struct str lang = lang_codes[building->call->lang];
    int64_t records = 0;

    for (size_t i = 0; i < model->register_count; i++) {
        int64_t count = 0;
        if (store_count(building->reader, &model->registers[i], &count, err) != 0) {
            return -1;
        }
        records += count;
    }
    value_set_text(building->arena, frame, STR("seq"),
                   intl_integer(building->arena, lang, reader_seq(building->reader)));
    value_set_text(building->arena, frame, STR("records"),
                   intl_number(building->arena, lang, decimal_from_int64(records), 0));
    return 0;
}

/* One of the pages that are words only, with the community's own beside them. */
static void send_words(struct call *call, const char *template_name, const char *title_msgid)
{
    READER_AUTO *reader = NULL;
    struct building building;
    struct value *frame;
    struct query query;
    struct err err = {0};

    if (page_query(call, NULL, 0, &query) != 0 || building_begin(&building, call, &query, &reader) != 0) {
        return;
    }
    frame = page_frame(call, &building.community, display_plain_text(call->arena, SAY(call, title_msgid)));
    if (add_state(&building, frame, &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    value_set(call->arena, frame, STR("community_prose"), prose_or_false(&building, building.community.description));
    value_set(call->arena, frame, STR("caveat"), prose_or_false(&building, building.community.caveat));
    value_set(call->arena, frame, STR("citation"), prose_or_false(&building, building.community.citation));
    value_set(call->arena, frame, STR("licence"), licence(&building));
    value_set(call->arena, frame, STR("contact_href"), link_if_served(&building, STR("contact")));
    value_set(call->arena, frame, STR("data_href"), link_if_served(&building, STR("data")));
    value_set_text(call->arena, frame, STR("completeness_href"), page_href(call, STR("about/completeness")));
    const struct reg *sources = model_role(call->site->model, ROLE_SOURCE);
    value_set(call->arena, frame, STR("sources_href"),
              sources == NULL ? value_bool(call->arena, false)
                              : value_text(call->arena, page_href(call, sources->name)));
    value_set_text(call->arena, frame, STR("version"), STR(MUSUBI_VERSION));
    page_send(call, template_name, frame);
}

static void page_about(struct call *call)
{
    send_words(call, "about", "about");
}

static void page_privacy(struct call *call)
{
    send_words(call, "privacy", "privacy");
}

static void page_accessibility(struct call *call)
{
    send_words(call, "accessibility", "accessibility");
}

const struct route site_routes[] = {
    {"/{lang}/about", page_about, true},
    {"/{lang}/about/organisation", page_chart, true},
    {"/{lang}/about/completeness", page_completeness, true},
    {"/{lang}/about/completeness.csv", completeness_counts, false},
    {"/{lang}/about/completeness-worklist.csv", completeness_worklist, false},
    {"/{lang}/about/privacy", page_privacy, true},
    {"/{lang}/about/accessibility", page_accessibility, true},
    {"/{lang}/search", page_search, true},
    {"/{lang}/search.csv", search_csv, false},
    {"/{lang}/search.atom", search_atom, false},
    {"/{lang}/opensearch.xml", search_description, false},
    {"/{lang}/kpi", page_kpis, true},
    {"/{lang}/kpi/{id}/definition/{name}", page_kpi_definition, true},
    {"/{lang}/kpi/{id}/year/{name}", page_kpi_year, true},
    {"/{lang}/kpi/{id}/workbook.xlsx", page_kpi_workbook, false},
    {"/{lang}/data", page_data, true},
    {"/{lang}/data/everything.xlsx", data_workbook, true},
    {"/{lang}/data/everything.zip", data_archive, true},
    {"/{lang}/titles", page_titles, true},
    {"/data/datapackage.json", data_package, false},
    {"/data/catalog.jsonld", data_catalogue, false},
    {"/sitemap.xml", sitemap_index, false},
    {"/sitemap/{register.form}", sitemap, false},
    {"/robots.txt", robots_txt, false},
    {"/.well-known/security.txt", security_txt, false},
    {"/favicon.ico", favicon, false},
    {NULL, NULL, false},
};
