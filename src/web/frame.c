#include "web/frame.h"

#include "web/route.h"

static void add_link(struct call *call, struct value *list, struct str href, struct value *text)
{
    struct arena *arena = call->arena;
    struct str path = page_path(call);
    bool here = str_eq(path, href);
    bool within = !here && str_starts_with(path, arena_concat(arena, 2, href, STR("/")));

    value_set_text(arena, text, STR("href"), href);
    value_set(arena, text, STR("here"), value_bool(arena, here));
    value_set(arena, text, STR("within"), value_bool(arena, within));
    value_append(arena, list, text);
}

/* A page of the site by its path behind the language, when it is served. */
static void add_page(struct call *call, struct value *list, struct str path, struct str msgid)
{
    if (route_serves(arena_concat(call->arena, 2, STR("/{lang}/"), path))) {
        struct str words = words_get(call->site->words, call->lang, msgid);
        add_link(call, list, page_href(call, path), display_plain_text(call->arena, words));
    }
}

/* Where the very page is in the menu, the one above it is not marked too. */
static void mark_one(struct call *call, struct value *list)
{
    bool here = false;

    for (size_t i = 0; i < value_count(list); i++) {
        here = here || value_get_bool(value_at(list, i), STR("here"));
    }
    for (size_t i = 0; here && i < value_count(list); i++) {
        value_set(call->arena, (struct value *)value_at(list, i), STR("within"), value_bool(call->arena, false));
    }
}

/* Which entries of the menu have records: a bool for each. A kept_maker; context is the call. */
static int make_filled(void *context, struct reader *reader, struct arena *arena, void **ret_value, struct err *err)
{
    const struct call *call = context;
    const struct value *menu = call->site->layout.menu;
    bool *filled = ARENA_NEW_ARRAY(arena, value_count(menu), bool);

    for (size_t i = 0; i < value_count(menu); i++) {
        const struct reg *reg = layout_register(value_at(menu, i), call->site->model);
        int64_t count = 0;
        if (reg != NULL && store_count(reader, reg, &count, err) != 0) {
            return -1;
        }
        filled[i] = count > 0;
    }
    *ret_value = filled;
    return 0;
}

static int build_menu(struct call *call, struct reader *reader, struct value **ret_menu, struct err *err)
{
    const struct value *menu = call->site->layout.menu;
    struct value *list = value_list(call->arena);
    void *kept = NULL;
    const bool *filled;

    if (reader_kept(reader, STR("menu"), call->arena, make_filled, call, &kept, err) != 0) {
        return -1;
    }
    filled = kept;
    for (size_t i = 0; i < value_count(menu); i++) {
        const struct value *entry = value_at(menu, i);
        if (filled[i]) {
            const struct reg *reg = layout_register(entry, call->site->model);
            add_link(call, list, page_href(call, reg->name), display_text(call->arena, call->lang, reg->title));
        }
        if (value_get_text(entry, STR("page")).len > 0) {
            add_page(call, list, value_get_text(entry, STR("page")), value_get_text(entry, STR("words")));
        }
    }
    mark_one(call, list);
    *ret_menu = list;
    return 0;
}

static struct value *foot_links(struct call *call)
{
    struct value *list = value_list(call->arena);

    add_page(call, list, STR("contact"), STR("contact"));
    add_page(call, list, STR("about"), STR("about"));
    add_page(call, list, STR("data"), STR("data"));
    if (call->site->is_published) {
        add_link(call, list, page_href(call, STR("search")), display_plain_text(call->arena, SAY(call, "titles")));
    }
    if (store_editions(call->site->store) != NULL) {
        add_page(call, list, STR("edition"), STR("editions"));
    }
    add_page(call, list, STR("about/privacy"), STR("privacy"));
    add_page(call, list, STR("about/accessibility"), STR("accessibility"));
    return list;
}

/* The links of every page's head and foot. */
struct links {
    struct value *menu, *foot;
};

/* A kept_maker; context is the call. */
static int make_links(void *context, struct reader *reader, struct arena *arena, void **ret_value, struct err *err)
{
    struct call *call = context;
    struct links *links = ARENA_NEW(arena, struct links);
    struct value *menu = NULL;

    if (build_menu(call, reader, &menu, err) != 0) {
        return -1;
    }
    links->menu = value_copy(arena, menu);
    links->foot = value_copy(arena, foot_links(call));
    *ret_value = links;
    return 0;
}

/* All records of a register stand at the same place of the menu. An edition that is still the present reads the present, but its
 * links lead into the edition. */
int frame_links(struct call *call, struct reader *reader, struct value **ret_menu, struct value **ret_foot,
                struct err *err)
{
    struct str editions = store_editions(call->site->store) == NULL ? STR("") : STR("editions ");
    void *kept = NULL;

    if (!call->is_page || call->params.reg.len == 0 || call->params.id.len == 0) {
        *ret_foot = foot_links(call);
        return build_menu(call, reader, ret_menu, err);
    }
    if (reader_kept(reader, arena_concat(call->arena, 4, STR("links "), editions, call->base, call->params.reg),
                    call->arena, make_links, call, &kept, err) != 0) {
        return -1;
    }
    *ret_menu = ((const struct links *)kept)->menu;
    *ret_foot = ((const struct links *)kept)->foot;
    return 0;
}

static struct value *licence_link(struct call *call, const struct community *community)
{
    struct value *view;

    if (community->licence.len == 0) {
        return value_bool(call->arena, false);
    }
    view = display_plain_text(call->arena, community->licence);
    value_set_text(call->arena, view, STR("href"),
                   display_is_web_address(community->licence_url) ? community->licence_url : STR(""));
    return view;
}

void frame_add(struct call *call, const struct community *community, struct value *frame)
{
    struct arena *arena = call->arena;
    struct value *foot = value_object(arena);
    struct str description = bilingual_best(community->description, call->lang);

    if (call->site->is_published) { /* the same box, without suggestions: web/titles_page.c answers */
        value_set_text(arena, frame, STR("search_href"), page_href(call, STR("search")));
    }
    if (call->site->search != NULL) {
        value_set_text(arena, frame, STR("search_href"), page_href(call, STR("search")));
        value_set_text(arena, frame, STR("search_script"), asset_named(&call->site->assets, STR("search.js"))->path);
        value_set_text(arena, frame, STR("opensearch"), page_href(call, STR("opensearch.xml")));
    }
    value_set(arena, frame, STR("menu"), community->menu == NULL ? value_list(arena) : community->menu);
    value_set(arena, foot, STR("links"), community->foot == NULL ? foot_links(call) : community->foot);
    value_set(arena, foot, STR("licence"), licence_link(call, community));
    value_set(arena, foot, STR("website"),
              display_is_web_address(community->website) ? value_text(arena, community->website)
                                                         : value_bool(arena, false));
    value_set(arena, frame, STR("foot"), foot);
    value_set_text(arena, frame, STR("description"), description);
    value_set_text(arena, frame, STR("icon"), asset_named(&call->site->assets, STR("icon.svg"))->path);
    value_set_text(
        arena, frame, STR("card"),
        arena_concat(arena, 2, call_site_url(call), asset_named(&call->site->assets, STR("card.png"))->path));
}

void frame_describe(struct call *call, struct value *frame, const struct value *summary)
{
    struct str text = value_get_text(summary, STR("text"));

    if (text.len > 0) {
        value_set_text(call->arena, frame, STR("description"), text);
    }
}
