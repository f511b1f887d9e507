#include "web/section.h"

#include "base/intl.h"
#include "model/record.h"
#include "store/notes.h"
#include "web/query.h"
#include "web/route.h"

#define FILTERS_MAX 8

int building_begin(struct building *building, struct call *call, const struct query *query, struct reader **ret_reader)
{
    struct err err = {0};

    *building = (struct building){.call = call, .arena = call->arena};
    if (call_read(call, &query->options, ret_reader) != 0) {
        return -1;
    }
    building->reader = *ret_reader;
    viewing_init(&building->viewing, call->site->model, *ret_reader, call->arena);
    if (community_read(call, *ret_reader, &building->community, &err) != 0) {
        page_send_err(call, &err);
        return -1;
    }
    display_init(&building->display, call, &building->viewing, &building->community, query);
    return 0;
}

/* ---- asking ---- */

bool section_filters(struct building *building, const struct value *part, const struct reg *reg,
                     struct list_query *query)
{
    const struct value *given = value_get(part, STR("filter"));
    struct filter *filters = ARENA_NEW_ARRAY(building->arena, FILTERS_MAX, struct filter);
    size_t count = 0;

    for (size_t i = 0; given != NULL && i < given->object.count; i++) {
        const struct value_member *member = &given->object.members[i];
        const struct field *field = reg_field(reg, member->key);
        if (count == FILTERS_MAX || field == NULL || !query_can_filter(field, VISIBILITY_PUBLIC)) {
            return false;
        }
        filters[count++] = (struct filter){.field = field, .name = field->name, .value = value_text_of(member->value)};
    }
    query->filters = filters;
    query->filter_count = count;
    return true;
}

/* Whether the list that the part leads to can be asked for in the part's order. */
static bool linked_sort(struct building *building, const struct value *part)
{
    const struct reg *reg = layout_register(part, building->call->site->model);
    struct str name = value_get_text(part, STR("sort"));
    const struct field *field;

    (void)str_take(&name, STR("-"));
    field = reg == NULL ? NULL : reg_field(reg, name);
    return field != NULL && query_can_sort(field, VISIBILITY_PUBLIC);
}

struct str section_href(struct building *building, const struct value *part)
{
    const struct value *given = value_get(part, STR("filter"));
    struct str href = page_href(building->call, value_get_text(part, STR("register")));

    for (size_t i = 0; given != NULL && i < given->object.count; i++) {
        const struct value_member *member = &given->object.members[i];
        href = arena_concat(building->arena, 5, href, i == 0 ? STR("?") : STR("&"), member->key, STR("="),
                            url_segment(building->arena, value_text_of(member->value)));
    }
    if (linked_sort(building, part)) {
        href = arena_concat(building->arena, 4, href, str_find_byte(href, '?') < href.len ? STR("&") : STR("?"),
                            STR("sort="), value_get_text(part, STR("sort")));
    }
    return href;
}

static void set_sort(const struct value *part, const struct reg *reg, struct list_query *query)
{
    struct str sort = value_get_text(part, STR("sort"));
    struct str name = sort;
    const struct field *field;

    if (str_take(&name, STR("-"))) {
        query->descending = true;
    }
    field = reg_field(reg, name);
    query->sort = field != NULL && query_can_sort(field, VISIBILITY_PUBLIC) ? field : NULL;
    query->descending = query->descending && query->sort != NULL;
}

int section_list(struct building *building, const struct value *part, size_t limit, struct page *ret_page,
                 struct err *err)
{
    struct list_query query = {.reg = layout_register(part, building->call->site->model), .limit = limit};

    *ret_page = (struct page){0};
    if (query.reg == NULL || !section_filters(building, part, query.reg, &query)) {
        return 0;
    }
    set_sort(part, query.reg, &query);
    return store_list(building->reader, &query, building->arena, ret_page, err);
}

int section_count(struct building *building, const struct value *part, int64_t *ret_count, struct err *err)
{
    struct page page;

    if (section_list(building, part, 1, &page, err) != 0) {
        return -1;
    }
    *ret_count = page.total;
    return 0;
}

/* ---- telling ---- */

struct value *section_link(struct building *building, const struct found *found)
{
    struct value *view = section_label(building, found, NULL);

    value_set_text(building->arena, view, STR("href"),
                   display_record_href(&building->display, found->reg, record_id(found->record)));
    return view;
}

struct value *section_label(struct building *building, const struct found *found, const struct field *field)
{
    const struct value *own = field == NULL ? NULL : value_get(found->record, field->name);
    struct bilingual label =
        own != NULL ? value_bilingual(own)
                    : record_label(building->call->site->model, found->reg, found->record, building->arena);

    if (bilingual_best(label, building->call->lang).len == 0) {
        return display_plain_text(building->arena, record_id(found->record));
    }
    return display_text(building->arena, building->call->lang, label);
}

/* A target speaks of a time that has not come. */
static bool is_to_come(struct building *building, struct str period)
{
    struct str first = str_slice(period, 0, str_find_byte(period, '/'));
    struct date date;

    if (str_starts_with(first, STR("FY"))) {
        first = str_slice(first, 2, first.len);
    }
    return date_parse(first, &date) &&
           date_cmp(date_first_day(date), reader_today(building->reader, building->community.zone)) > 0;
}

struct str section_as_of(struct building *building, const struct value *record, const struct value *figure)
{
    struct str period = value_get_text(figure, STR("period"));
    struct http_pair when = {STR("when"), STR("")};

    if (period.len == 0) {
        period = value_get_text(record, STR("attested_on"));
    }
    if (period.len == 0) {
        return SAY(building->call, "as-of-unknown");
    }
    when.value = display_period(&building->display, period);
    return say(building->call, is_to_come(building, period) ? "for-when" : "as-of", &when, 1);
}

static struct value *text_or_false(struct building *building, struct bilingual text)
{
    if (bilingual_best(text, building->call->lang).len == 0) {
        return value_bool(building->arena, false);
    }
    return display_text(building->arena, building->call->lang, text);
}

static struct str count_words(struct building *building, int64_t count)
{
    return intl_integer(building->arena, lang_codes[building->call->lang], count);
}

/* {"text", "href", "count"} of a part with "register", "filter" and "text"; NULL when it stands for no record. */
static int counted_link(struct building *building, const struct value *part, struct bilingual text,
                        struct value **ret_view, struct err *err)
{
    int64_t count = 0;
    struct value *view;

    *ret_view = NULL;
    if (section_count(building, part, &count, err) != 0) {
        return -1;
    }
    if (count > 0) {
        view = display_text(building->arena, building->call->lang, text);
        value_set_text(building->arena, view, STR("href"), section_href(building, part));
        value_set_text(building->arena, view, STR("count"), count_words(building, count));
        *ret_view = view;
    }
    return 0;
}

static int add_links(struct building *building, const struct value *parts, struct value *list, struct err *err)
{
    for (size_t i = 0; i < value_count(parts); i++) {
        const struct value *part = value_at(parts, i);
        struct value *view = NULL;
        struct str page = value_get_text(part, STR("page"));
        if (page.len == 0 && counted_link(building, part, layout_text(part, STR("text")), &view, err) != 0) {
            return -1;
        }
        if (page.len > 0 && route_serves(arena_concat(building->arena, 2, STR("/{lang}/"), page))) {
            view = display_text(building->arena, building->call->lang, layout_text(part, STR("text")));
            value_set_text(building->arena, view, STR("href"), page_href(building->call, page));
            value_set(building->arena, view, STR("count"), value_bool(building->arena, false));
        }
        if (view != NULL) {
            value_append(building->arena, list, view);
        }
    }
    return 0;
}

/* ---- doors ---- */

static int doors_view(struct building *building, const struct value *section, struct value **ret_view, struct err *err)
{
    const struct value *doors = value_get(section, STR("doors"));
    struct value *list = value_list(building->arena);
    bool can_write = route_serves(STR("/{lang}/contact"));

    for (size_t i = 0; i < value_count(doors); i++) {
        const struct value *door = value_at(doors, i);
        struct value *view = display_text(building->arena, building->call->lang, layout_text(door, STR("title")));
        struct value *links = value_list(building->arena);
        struct str contact = arena_concat(building->arena, 2, page_href(building->call, STR("contact?topic=")),
                                          value_get_text(door, STR("topic")));
        if (add_links(building, value_get(door, STR("links")), links, err) != 0) {
            return -1;
        }
        value_set(building->arena, view, STR("about"), text_or_false(building, layout_text(door, STR("text"))));
        value_set(building->arena, view, STR("links"), links);
        value_set(building->arena, view, STR("contact_href"),
                  can_write ? value_text(building->arena, contact) : value_bool(building->arena, false));
        value_append(building->arena, list, view);
    }
    *ret_view = NULL;
    if (value_count(list) > 0) {
        *ret_view = value_object(building->arena);
        value_set(building->arena, *ret_view, STR("items"), list);
    }
    return 0;
}

/* ---- records ---- */

static int record_view(struct building *building, const struct value *section, const struct found *found,
                       struct value **ret_view, struct err *err)
{
    const struct value *names = value_get(section, STR("fields"));
    struct value *item = section_link(building, found);
    struct value *facts = value_list(building->arena);
    struct value *whole = NULL;

    if (view_record(&building->viewing, found->reg, found->record, &whole, err) != 0) {
        return -1;
    }
    display_set_record(&building->display, found->reg, whole);
    for (size_t i = 0; i < value_count(names); i++) {
        const struct field *field = reg_field(found->reg, value_text_of(value_at(names, i)));
        const struct value *value = field == NULL ? NULL : value_get(whole, field->name);
        if (value != NULL) {
            value_append(building->arena, facts, display_field(&building->display, field, value));
        }
    }
    value_set(building->arena, item, STR("to_come"),
              value_bool(building->arena, section_is_to_come(building, section, found)));
    value_set(building->arena, item, STR("facts"), facts);
    value_set(building->arena, item, STR("has_facts"), value_bool(building->arena, value_count(facts) > 0));
    *ret_view = item;
    return 0;
}

static struct value *all_link(struct building *building, const struct value *section)
{
    struct value *view = value_object(building->arena);

    value_set_text(building->arena, view, STR("href"), section_href(building, section));
    return view;
}

static int records_view(struct building *building, const struct value *section, struct value **ret_view,
                        struct err *err)
{
    struct value *view = value_object(building->arena);
    struct value *items = value_list(building->arena);
    struct page page = {0};

    *ret_view = NULL;
    if ((value_get(section, STR("next")) != NULL ? section_next : section_list)(
            building, section, layout_number(section, STR("limit"), 6), &page, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < page.count; i++) {
        struct value *item = NULL;
        if (record_view(building, section, &page.items[i], &item, err) != 0) {
            return -1;
        }
        value_append(building->arena, items, item);
    }
    value_set(building->arena, view, STR("items"), items);
    value_set(building->arena, view, STR("numbered"),
              value_bool(building->arena, value_get_bool(section, STR("numbered"))));
    value_set(building->arena, view, STR("in_line"),
              value_bool(building->arena, value_get_bool(section, STR("in_line"))));
    value_set(building->arena, view, STR("all"),
              page.total > (int64_t)page.count ? all_link(building, section) : value_bool(building->arena, false));
    *ret_view = page.count > 0 ? view : NULL;
    return 0;
}

/* ---- figures ---- */

/* {"title", "number", "as_of"}: the period stands beside the figure, not in it. */
static struct value *figure_view(struct building *building, const struct field *field, const struct value *record,
                                 const struct value *figure)
{
    struct value *view = value_object(building->arena);
    struct value *bare = value_copy(building->arena, figure);
    struct value *converted = display_converted(&building->display, field, figure);

    value_set(building->arena, bare, STR("period"), NULL);
    value_set_text(building->arena, view, STR("title"), bilingual_best(field->title, building->call->lang));
    value_set_text(building->arena, view, STR("number"), display_figure(&building->display, field, bare));
    value_set(building->arena, view, STR("converted"),
              converted == NULL ? value_bool(building->arena, false) : converted);
    value_set_text(building->arena, view, STR("as_of"), section_as_of(building, record, figure));
    return view;
}

static void add_figures(struct building *building, const struct value *section, const struct found *found,
                        struct value *items)
{
    const struct value *names = value_get(section, STR("figures"));
    struct value *figures = value_list(building->arena);
    struct value *item;

    display_set_record(&building->display, found->reg, found->record);
    for (size_t i = 0; i < value_count(names); i++) {
        const struct field *field = reg_field(found->reg, value_text_of(value_at(names, i)));
        const struct value *figure = field == NULL ? NULL : value_get(found->record, field->name);
        if (figure != NULL && field->type == FIELD_FIGURE) {
            value_append(building->arena, figures, figure_view(building, field, found->record, figure));
        }
    }
    if (value_count(figures) > 0) {
        item = section_link(building, found);
        value_set(building->arena, item, STR("figures"), figures);
        value_append(building->arena, items, item);
    }
}

/* Those that the community's record lists. */
static int add_listed(struct building *building, const struct value *section, struct value *items, struct err *err)
{
    const struct reg *reg = layout_register(section, building->call->site->model);
    const struct value *ids = value_get(building->community.record, value_get_text(section, STR("from")));

    for (size_t i = 0; reg != NULL && i < value_count(ids); i++) {
        struct found found = {0};
        if (store_get(building->reader, reg, value_text_of(value_at(ids, i)), building->arena, &found, NULL, err) ==
            0) {
            add_figures(building, section, &found, items);
        } else if (err->code != ERR_NOT_FOUND) {
            return -1;
        }
    }
    return 0;
}

static int figures_view(struct building *building, const struct value *section, struct value **ret_view,
                        struct err *err)
{
    struct value *view = value_object(building->arena);
    struct value *items = value_list(building->arena);
    struct page page = {0};

    *ret_view = NULL;
    if (value_get(section, STR("from")) != NULL) {
        if (add_listed(building, section, items, err) != 0) {
            return -1;
        }
    } else if (section_list(building, section, layout_number(section, STR("limit"), 8), &page, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < page.count; i++) {
        add_figures(building, section, &page.items[i], items);
    }
    value_set(building->arena, view, STR("items"), items);
    value_set(building->arena, view, STR("pairs"),
              value_bool(building->arena, value_count(value_get(section, STR("figures"))) > 1));
    value_set(building->arena, view, STR("all"), all_link(building, section));
    *ret_view = value_count(items) > 0 ? view : NULL;
    return 0;
}

/* ---- counts ---- */

/* One count for each term of a field's vocabulary. */
static int add_terms(struct building *building, const struct value *section, const struct field *field,
                     struct value *list, struct err *err)
{
    for (size_t i = 0; i < field->vocabulary->term_count; i++) {
        const struct term *term = &field->vocabulary->terms[i];
        struct value *part = value_object(building->arena);
        struct value *filter = value_object(building->arena);
        struct value *view = NULL;
        value_set_text(building->arena, part, STR("register"), value_get_text(section, STR("register")));
        value_set_text(building->arena, filter, field->name, term->code);
        value_set(building->arena, part, STR("filter"), filter);
        if (counted_link(building, part, term->label, &view, err) != 0) {
            return -1;
        }
        if (view != NULL) {
            value_append(building->arena, list, view);
        }
    }
    return 0;
}

static int counts_view(struct building *building, const struct value *section, struct value **ret_view, struct err *err)
{
    const struct reg *reg = layout_register(section, building->call->site->model);
    const struct value *names = value_get(section, STR("each"));
    struct value *list = value_list(building->arena);
    struct value *view = value_object(building->arena);

    *ret_view = NULL;
    for (size_t i = 0; reg != NULL && i < value_count(names); i++) {
        const struct field *field = reg_field(reg, value_text_of(value_at(names, i)));
        if (field != NULL && field->vocabulary != NULL && query_can_filter(field, VISIBILITY_PUBLIC) &&
            add_terms(building, section, field, list, err) != 0) {
            return -1;
        }
    }
    if (add_links(building, value_get(section, STR("also")), list, err) != 0) {
        return -1;
    }
    value_set(building->arena, view, STR("items"), list);
    value_set(building->arena, view, STR("chart_href"),
              value_get_bool(section, STR("chart")) && route_serves(STR("/{lang}/about/organisation"))
                  ? value_text(building->arena, page_href(building->call, STR("about/organisation")))
                  : value_bool(building->arena, false));
    *ret_view = value_count(list) > 0 ? view : NULL;
    return 0;
}

/* ---- one section ---- */

static const struct {
    const char *kind;
    int (*view)(struct building *building, const struct value *section, struct value **ret_view, struct err *err);
} kinds[] = {
    {"doors", doors_view},   {"records", records_view}, {"figures", figures_view},
    {"counts", counts_view}, {"map", map_view},         {"registers", registers_view},
};

/* What is to come stands first. */
static struct bilingual title_of(const struct value *section, const struct value *content)
{
    struct bilingual past = layout_text(section, STR("past_title"));
    const struct value *first = value_at(value_get(content, STR("items")), 0);

    return past.in[0].len == 0 || first == NULL || value_get_bool(first, STR("to_come"))
               ? layout_text(section, STR("title"))
               : past;
}

int section_view(struct building *building, struct str name, struct value **ret_view, struct err *err)
{
    const struct value *section = layout_section(&building->call->site->layout, name);
    struct str kind = value_get_text(section, STR("kind"));
    struct value *view = value_object(building->arena);
    bool shown = false;

    value_set_text(building->arena, view, STR("name"), name);
    value_set(building->arena, view, STR("title"), text_or_false(building, title_of(section, NULL)));
    value_set(building->arena, view, STR("lead"), text_or_false(building, layout_text(section, STR("text"))));
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct str key = str_from_cstr(kinds[i].kind);
        struct value *content = NULL;
        if (str_eq(kind, key) && kinds[i].view(building, section, &content, err) != 0) {
            return -1;
        }
        if (content != NULL) {
            value_set(building->arena, view, STR("title"), text_or_false(building, title_of(section, content)));
            shown = true;
        }
        value_set(building->arena, view, key, content == NULL ? value_bool(building->arena, false) : content);
    }
    *ret_view = shown ? view : NULL;
    return 0;
}
