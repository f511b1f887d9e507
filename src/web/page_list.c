/* The page of a register: its records, narrowed, ordered, a page at a time, and the forms in which it can be taken away. */
#include "web/page.h"

#include "base/intl.h"
#include "exchange/represent.h"
#include "model/record.h"
#include "web/query.h"

#define FACET_VALUES_MAX 60 /* of one field in its menu */
#define QUICK_MAX 8         /* of the first one, offered as links */
#define ITEM_FACTS_MAX 4    /* fields told of each record beside its name */

struct listing {
    struct call *call;
    struct arena *arena;
    const struct reg *reg;
    const struct query *query;
    struct reader *reader;
    struct viewing viewing;
    struct display display;
    struct value *notices; /* of the records shown */
};

/* ---- addresses that keep the rest of the query ---- */

/* This list's query without the cursor and without parameters of that name (and value, unless it is empty); begins with '?'
 * or is empty. */
static struct str query_without(const struct listing *listing, struct str name, struct str value)
{
    struct arena *arena = listing->arena;
    const struct http_request *request = listing->call->request;
    struct str kept = STR("");

    for (size_t i = 0; i < request->query_count; i++) {
        const struct http_pair *pair = &request->query[i];
        bool dropped = str_eq(pair->name, name) && (value.len == 0 || str_eq(pair->value, value));
        if (dropped || pair->value.len == 0 || str_eq(pair->name, STR("cursor"))) {
            continue;
        }
        kept = arena_concat(arena, 5, kept, kept.len == 0 ? STR("?") : STR("&"), url_segment(arena, pair->name),
                            STR("="), url_segment(arena, pair->value));
    }
    return kept;
}

static struct str list_href(const struct listing *listing, struct str query)
{
    return arena_concat(listing->arena, 2, page_href(listing->call, listing->reg->name), query);
}

static struct value *option(struct arena *arena, struct str value, struct str text, bool selected)
{
    struct value *view = value_object(arena);

    value_set_text(arena, view, STR("value"), value);
    value_set_text(arena, view, STR("text"), text);
    value_set(arena, view, STR("selected"), value_bool(arena, selected));
    return view;
}

/* ---- narrowing ---- */

/* What a filter's or a facet's value is called. */
static int value_words(struct listing *listing, const struct field *field, struct str value, struct str *ret_words,
                       struct err *err)
{
    struct bilingual label = {0};
    const struct term *term;

    *ret_words = value;
    if (field->reference != NULL) {
        if (viewing_label(&listing->viewing, field->reference, value, &label, err) != 0) {
            return -1;
        }
    } else if (field->vocabulary != NULL) {
        term = vocabulary_term(field->vocabulary, value);
        label = term == NULL ? label : term->label;
    } else if (field->type == FIELD_BOOLEAN) {
        *ret_words = SAY(listing->call, str_eq(value, STR("true")) ? "yes" : "no");
    }
    if (bilingual_best(label, listing->call->lang).len > 0) {
        *ret_words = bilingual_best(label, listing->call->lang);
    }
    return 0;
}

static struct str chosen_value(const struct listing *listing, const struct field *field)
{
    for (size_t i = 0; i < listing->query->list.filter_count; i++) {
        if (listing->query->list.filters[i].field == field) {
            return listing->query->list.filters[i].value;
        }
    }
    return STR("");
}

/* The counts are of the whole register as it is now, so they are told only where that is what is shown. */
static bool shows_whole_register(const struct listing *listing)
{
    return listing->query->list.filter_count == 0 && listing->query->on.len == 0 && listing->query->as_of.len == 0;
}

/* The address of the list narrowed by the option that was added last. */
static void set_option_href(struct listing *listing, const struct field *field, struct str value, struct value *options)
{
    struct arena *arena = listing->arena;
    struct value *last = (struct value *)value_at(options, value_count(options) - 1);
    struct str kept = query_without(listing, field->name, STR(""));

    value_set_text(arena, last, STR("href"),
                   list_href(listing, arena_concat(arena, 5, kept, kept.len == 0 ? STR("?") : STR("&"), field->name,
                                                   STR("="), url_segment(arena, value))));
}

static int facet_options(struct listing *listing, const struct field *field, struct value *options, struct err *err)
{
    struct arena *arena = listing->arena;
    struct facet_count *counts = NULL;
    struct str chosen = chosen_value(listing, field);
    struct str words;
    size_t count = 0;
    bool seen = chosen.len == 0;

    if (store_facet(listing->reader, listing->reg, field, arena, &counts, &count, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count && i < FACET_VALUES_MAX; i++) {
        bool selected = str_eq(counts[i].value, chosen);
        if (value_words(listing, field, counts[i].value, &words, err) != 0) {
            return -1;
        }
        if (shows_whole_register(listing)) {
            words = arena_format(arena, "%.*s (%lld)", STR_ARG(words), (long long)counts[i].count);
        }
        value_append(arena, options, option(arena, counts[i].value, words, selected));
        set_option_href(listing, field, counts[i].value, options);
        seen = seen || selected;
    }
    if (!seen) {
        if (value_words(listing, field, chosen, &words, err) != 0) {
            return -1;
        }
        value_append(arena, options, option(arena, chosen, words, true));
    }
    return 0;
}

/* The first facet's most frequent values are offered as links too, where the whole register is shown. */
static struct value *quick_links(struct listing *listing, const struct value *facets)
{
    const struct value *options = value_get(value_at(facets, 0), STR("options"));
    struct value *quick, *first;

    if (!shows_whole_register(listing) || value_count(facets) == 0 || value_count(options) < 2) {
        return value_bool(listing->arena, false);
    }
    quick = value_object(listing->arena);
    first = value_list(listing->arena);
    for (size_t i = 0; i < value_count(options) && i < QUICK_MAX; i++) {
        value_append(listing->arena, first, (struct value *)value_at(options, i));
    }
    value_set_text(listing->arena, quick, STR("title"), value_get_text(value_at(facets, 0), STR("title")));
    value_set(listing->arena, quick, STR("options"), first);
    return quick;
}

static int add_facets(struct listing *listing, struct value *frame, struct err *err)
{
    struct arena *arena = listing->arena;
    struct value *facets = value_list(arena);

    for (size_t i = 0; i < listing->reg->field_count; i++) {
        const struct field *field = &listing->reg->fields[i];
        struct value *options = value_list(arena);
        struct value *facet;
        if (!field->facet || !query_can_filter(field, VISIBILITY_PUBLIC)) {
            continue;
        }
        if (facet_options(listing, field, options, err) != 0) {
            return -1;
        }
        if (value_count(options) == 0) {
            continue;
        }
        facet = value_object(arena);
        value_set_text(arena, facet, STR("name"), field->name);
        value_set_text(arena, facet, STR("title"), bilingual_best(field->title, listing->call->lang));
        value_set(arena, facet, STR("options"), options);
        value_append(arena, facets, facet);
    }
    value_set(arena, frame, STR("facets"), facets);
    value_set(arena, frame, STR("quick"), quick_links(listing, facets));
    return 0;
}

static void add_chosen(struct listing *listing, struct value *chosen, struct str title, struct str words,
                       struct str name, struct str value)
{
    struct arena *arena = listing->arena;
    struct value *view = value_object(arena);

    value_set_text(arena, view, STR("title"), title);
    value_set_text(arena, view, STR("text"), words);
    value_set_text(arena, view, STR("href"), list_href(listing, query_without(listing, name, value)));
    value_append(arena, chosen, view);
}

/* What narrows the list now, each with the address that lifts it. */
static int add_all_chosen(struct listing *listing, struct value *frame, struct err *err)
{
    const struct query *query = listing->query;
    struct value *chosen = value_list(listing->arena);

    for (size_t i = 0; i < query->list.filter_count; i++) {
        const struct filter *filter = &query->list.filters[i];
        struct str title = SAY(listing->call, "owner");
        struct str words = filter->value;
        struct bilingual label = {0};
        if (filter->field != NULL) {
            title = bilingual_best(filter->field->title, listing->call->lang);
            if (value_words(listing, filter->field, filter->value, &words, err) != 0) {
                return -1;
            }
        } else if (listing->viewing.owner_reg != NULL) {
            if (viewing_label(&listing->viewing, listing->viewing.owner_reg, filter->value, &label, err) != 0) {
                return -1;
            }
            words = bilingual_best(label, listing->call->lang);
        }
        add_chosen(listing, chosen, title, words, filter->name, filter->value);
    }
    if (query->on.len > 0) {
        add_chosen(listing, chosen, SAY(listing->call, "valid-on"), display_date(&listing->display, query->on),
                   STR("on"), STR(""));
    }
    value_set(listing->arena, frame, STR("chosen"), chosen);
    value_set(listing->arena, frame, STR("is_narrowed"), value_bool(listing->arena, value_count(chosen) > 0));
    value_set_text(listing->arena, frame, STR("all_href"), list_href(listing, STR("")));
    return 0;
}

static void add_order(struct listing *listing, struct value *options, const struct field *field, bool descending)
{
    struct arena *arena = listing->arena;
    struct str value = arena_concat(arena, 2, descending ? STR("-") : STR(""), field->name);
    struct http_pair pair = {STR("field"), bilingual_best(field->title, listing->call->lang)};
    struct str words = say(listing->call, descending ? "order-descending" : "order-ascending", &pair, 1);

    value_append(arena, options, option(arena, value, words, str_eq(value, listing->query->sort)));
}

static void add_orders(struct listing *listing, struct value *frame)
{
    struct value *options = value_list(listing->arena);

    for (size_t i = 0; i < listing->reg->field_count; i++) {
        const struct field *field = &listing->reg->fields[i];
        if (query_can_sort(field, VISIBILITY_PUBLIC)) {
            add_order(listing, options, field, false);
            add_order(listing, options, field, true);
        }
    }
    value_set(listing->arena, frame, STR("orders"), options);
}

/* ---- the records ---- */

static bool is_label(const struct reg *reg, const struct field *field)
{
    for (size_t i = 0; i < reg->label_count; i++) {
        if (reg->label[i] == field) {
            return true;
        }
    }
    return false;
}

/* Code of the group of headline facts; empty when the register's fields name none. */
static struct str headline_group(const struct model *model, const struct reg *reg)
{
    const struct vocabulary *groups = model_vocabulary(model, STR("field-group"));

    for (size_t i = 0; groups != NULL && groups->term_count > 0 && i < reg->field_count; i++) {
        if (str_eq(reg->fields[i].group, groups->terms[0].code)) {
            return groups->terms[0].code;
        }
    }
    return STR("");
}

/* What a list tells of each record: its headline facts; where the model names none, short things that tell records apart: codes,
 * references, dates, figures; not texts. */
static bool is_fact(const struct reg *reg, const struct field *field, struct str headline)
{
    if (is_label(reg, field) || headline.len > 0) {
        return !is_label(reg, field) && str_eq(field->group, headline);
    }
    if (field->type == FIELD_TEXT) {
        return field->vocabulary != NULL || field->reference != NULL;
    }
    if (field->type == FIELD_LIST) {
        return field->facet;
    }
    return field->type == FIELD_DATE || field->type == FIELD_FIGURE;
}

/* The first figure that the record has: what a list is looked through for. */
static const struct field *leading_figure(const struct reg *reg, const struct value *view)
{
    for (size_t i = 0; i < reg->field_count; i++) {
        if (reg->fields[i].type == FIELD_FIGURE && value_get(view, reg->fields[i].name) != NULL) {
            return &reg->fields[i];
        }
    }
    return NULL;
}

static struct value *item_facts(struct listing *listing, const struct reg *reg, const struct value *view)
{
    struct value *facts = value_list(listing->arena);
    const struct field *figure = leading_figure(reg, view);
    struct str headline = headline_group(listing->call->site->model, reg);
    size_t left = figure == NULL ? ITEM_FACTS_MAX : ITEM_FACTS_MAX - 1;

    display_set_record(&listing->display, reg, view);
    for (size_t i = 0; i < reg->field_count; i++) {
        const struct field *field = &reg->fields[i];
        const struct value *value = value_get(view, field->name);
        if (value == NULL || (field != figure && (left == 0 || !is_fact(reg, field, headline)))) {
            continue;
        }
        value_append(listing->arena, facts, display_field(&listing->display, field, value));
        left -= field != figure;
    }
    return facts;
}

static int list_item(struct listing *listing, const struct found *found, struct value *list, struct err *err)
{
    struct arena *arena = listing->arena;
    struct bilingual label = record_label(listing->call->site->model, found->reg, found->record, arena);
    struct value *item = display_text(arena, listing->call->lang, label);
    struct value *facts;
    struct value *view = NULL;

    if (view_record(&listing->viewing, found->reg, found->record, &view, err) != 0) {
        return -1;
    }
    facts = item_facts(listing, found->reg, view);
    if (value_get_text(item, STR("text")).len == 0) {
        value_set_text(arena, item, STR("text"), record_id(found->record));
    }
    value_set_text(arena, item, STR("href"),
                   display_record_href(&listing->display, found->reg, record_id(found->record)));
    value_set(arena, item, STR("facts"), facts);
    value_set(arena, item, STR("has_facts"), value_bool(arena, value_count(facts) > 0));
    value_set(arena, item, STR("summary"), display_record_summary(&listing->display, found->reg, view));
    notices_of(listing->call, found->reg, view, listing->notices);
    value_append(arena, list, item);
    return 0;
}

/* The store gives a page of nothing when what was asked for is rare in a large register, and goes on from there: people want to
 * see the first that there is. */
static int read_page(struct listing *listing, struct page *ret_page, struct err *err)
{
    struct list_query query = listing->query->list;

    do {
        if (store_list(listing->reader, &query, listing->call->arena, ret_page, err) != 0) {
            return -1;
        }
        query.cursor = ret_page->next;
    } while (ret_page->count == 0 && ret_page->next.len > 0);
    return 0;
}

static int add_items(struct listing *listing, struct value *frame, struct err *err)
{
    struct arena *arena = listing->arena;
    struct call *call = listing->call;
    struct value *items = value_list(arena);
    struct page page = {0};
    struct http_pair count;
    struct str words;

    if (read_page(listing, &page, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < page.count; i++) {
        if (list_item(listing, &page.items[i], items, err) != 0) {
            return -1;
        }
    }
    count =
        (struct http_pair){STR("count"), intl_number(arena, lang_codes[call->lang], decimal_from_int64(page.total), 0)};
    words = page.total == 1 && page.total_exact
                ? SAY(call, "one-record")
                : say(call, page.total_exact ? "records" : "records-at-least", &count, 1);
    value_set_text(arena, frame, STR("total_words"), words);
    value_set(arena, frame, STR("items"), items);
    value_set(arena, frame, STR("notices"), listing->notices);
    value_set(arena, frame, STR("is_empty"), value_bool(arena, page.count == 0));
    if (page.next.len > 0) {
        struct str kept = query_without(listing, STR("cursor"), STR(""));
        value_set_text(arena, frame, STR("next_href"),
                       list_href(listing, arena_concat(arena, 4, kept, kept.len == 0 ? STR("?") : STR("&"),
                                                       STR("cursor="), url_segment(arena, page.next))));
    }
    value_set(arena, frame, STR("first_href"),
              listing->query->list.cursor.len == 0
                  ? value_bool(arena, false)
                  : value_text(arena, list_href(listing, query_without(listing, STR("cursor"), STR("")))));
    return 0;
}

/* ---- taking it away ---- */

static const char *const form_words[REPRESENT_COUNT] = {
    [REPRESENT_CSV] = "form-csv", [REPRESENT_XLSX] = "form-xlsx", [REPRESENT_GEOJSON] = "form-geojson",
    [REPRESENT_ICS] = "form-ics", [REPRESENT_ATOM] = "form-atom", [REPRESENT_JSONLD] = "form-jsonld",
};

static void add_downloads(struct listing *listing, struct value *frame)
{
    struct arena *arena = listing->arena;
    struct value *list = value_list(arena);
    struct str kept = query_without(listing, STR("limit"), STR(""));
    struct str base = arena_concat(arena, 2, call_api_root(listing->call), listing->reg->name);
    struct value *view = value_object(arena);

    for (int form = 0; form < REPRESENT_COUNT; form++) {
        struct str extension = representation_extension((enum representation)form);
        struct value *link = value_object(arena);
        if (!representation_fits(listing->reg, (enum representation)form)) {
            continue;
        }
        value_set_text(arena, link, STR("text"), SAY(listing->call, form_words[form]));
        value_set_text(arena, link, STR("href"),
                       arena_concat(arena, 6, base, STR("."), extension, kept,
                                    kept.len == 0 ? STR("?lang=") : STR("&lang="), lang_codes[listing->call->lang]));
        value_append(arena, list, link);
    }
    value_set_text(arena, view, STR("text"), SAY(listing->call, "form-json"));
    value_set_text(arena, view, STR("href"), arena_concat(arena, 2, base, kept));
    value_append(arena, list, view);
    value_set(arena, frame, STR("downloads"), list);
}

/* ---- the page ---- */

static int build_page(struct listing *listing, struct value *frame, struct err *err)
{
    struct call *call = listing->call;
    struct arena *arena = listing->arena;
    struct str about = bilingual_best(listing->reg->description, call->lang);

    value_set(arena, frame, STR("about"),
              about.len > 0 ? display_text(arena, call->lang, listing->reg->description) : value_bool(arena, false));
    value_set_text(arena, frame, STR("action"), list_href(listing, STR("")));
    value_set_text(arena, frame, STR("on_value"), listing->query->on);
    value_set(arena, frame, STR("as_of_value"),
              listing->query->as_of.len > 0 ? value_text(arena, listing->query->as_of) : value_bool(arena, false));
    if (listing->query->options.as_of > 0) {
        page_set_past(call, frame, listing->query->options.as_of);
    }
    add_orders(listing, frame);
    add_downloads(listing, frame);
    if (add_facets(listing, frame, err) != 0 || add_all_chosen(listing, frame, err) != 0) {
        return -1;
    }
    return add_items(listing, frame, err);
}

void page_list(struct call *call)
{
    READER_AUTO *reader = NULL;
    const struct reg *reg = model_register(call->site->model, call->params.reg);
    struct listing listing = {.call = call, .arena = call->arena, .reg = reg};
    struct community community;
    struct value *frame;
    struct query query;
    struct err err = {0};

    if (reg == NULL) {
        page_send_missing(call, call->params.reg);
        return;
    }
    if (page_query(call, reg, QUERY_LIST & ~QUERY_LANG, &query) != 0 || call_read(call, &query.options, &reader) != 0) {
        return;
    }
    listing.notices = value_list(call->arena);
    listing.query = &query;
    listing.reader = reader;
    viewing_init(&listing.viewing, call->site->model, reader, call->arena);
    if (community_read(call, reader, &community, &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    display_init(&listing.display, call, &listing.viewing, &community, &query);
    frame = page_frame(call, &community, display_text(call->arena, call->lang, reg->title));
    frame_describe(call, frame, display_summary(call->arena, call->lang, reg->description));
    if (build_page(&listing, frame, &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    page_send(call, "list", frame);
}
