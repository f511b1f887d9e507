/* The page of one record: every field, how it is known, what refers to it, how it came to be. */
#include "store/notes.h"
#include "web/showing.h"

#include "base/intl.h"
#include "desk/enquiry.h"
#include "model/record.h"
#include "web/citation.h"
#include "web/kpi_view.h"
#include "web/plan_view.h"
#include "web/profile.h"

#define INBOUND_LIMIT 12
#define REVISIONS_SHOWN 5

/* ---- fields ---- */

/* What the page is headed with need not be said again. */
static bool is_heading(const struct showing *showing, const struct field *field)
{
    for (size_t i = 0; i < showing->reg->label_count; i++) {
        if (value_get(showing->view, showing->reg->label[i]->name) != NULL) {
            return field == showing->reg->label[i];
        }
    }
    return false;
}

/* The rows of a group of fields that the record has; those that name no group with code empty. */
static struct value *group_rows(struct showing *showing, struct str code)
{
    struct value *rows = value_list(showing->arena);

    for (size_t i = 0; i < showing->reg->field_count; i++) {
        const struct field *field = &showing->reg->fields[i];
        const struct value *value = value_get(showing->view, field->name);
        if (value != NULL && str_eq(field->group, code) && field->notice.in[0].len == 0 &&
            !is_heading(showing, field)) {
            value_append(showing->arena, rows, display_field(&showing->display, field, value));
        }
    }
    return rows;
}

static void add_part(struct showing *showing, struct value *parts, struct str code, struct value *title,
                     struct value *rows)
{
    struct value *part = value_object(showing->arena);

    if (value_count(rows) == 0) {
        return;
    }
    value_set_text(showing->arena, part, STR("code"), code);
    value_set(showing->arena, part, STR("part_title"), title);
    value_set(showing->arena, part, STR("rows"), rows);
    value_append(showing->arena, parts, part);
}

/* The first group's fields are the headline facts. */
static void add_key(struct showing *showing)
{
    struct arena *arena = showing->arena;
    const struct vocabulary *groups = model_vocabulary(showing->call->site->model, STR("field-group"));
    struct value *key = value_list(arena);

    display_set_record(&showing->display, showing->reg, showing->view);
    if (groups != NULL && groups->term_count > 0) {
        key = group_rows(showing, groups->terms[0].code);
    }
    value_set(arena, showing->frame, STR("key"), key);
    value_set(arena, showing->frame, STR("has_key"), value_bool(arena, value_count(key) > 0));
    value_set(arena, showing->frame, STR("notices"),
              notices_of(showing->call, showing->reg, showing->view, value_list(arena)));
}

/* The other groups' fields, in the vocabulary's order; what names no group stands before them. A showing_builder. */
static int build_fields(struct showing *showing, struct err *err)
{
    struct arena *arena = showing->arena;
    const struct vocabulary *groups = model_vocabulary(showing->call->site->model, STR("field-group"));
    struct value *parts = value_list(arena);

    (void)err;
    display_set_record(&showing->display, showing->reg, showing->view);
    add_part(showing, parts, STR("plain"), value_bool(arena, false), group_rows(showing, STR("")));
    for (size_t i = 1; groups != NULL && i < groups->term_count; i++) {
        const struct term *term = &groups->terms[i];
        add_part(showing, parts, term->code, display_text(arena, showing->call->lang, term->label),
                 group_rows(showing, term->code));
    }
    value_set(arena, showing->frame, STR("parts"), parts);
    return 0;
}

/* When it holds and who keeps it. A showing_builder. */
static int build_standing(struct showing *showing, struct err *err)
{
    static const struct {
        const char *name;
        const char *msgid;
    } dates[] = {{"from", "valid-from"}, {"to", "valid-to"}, {"attested_on", "attested-on"}};
    struct display *display = &showing->display;
    struct value *rows = value_list(showing->arena);
    const struct value *owner = value_get(showing->view, STR("owner"));

    (void)err;
    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
        struct str name = str_from_cstr(dates[i].name);
        struct str date = value_get_text(showing->view, name);
        if (date.len > 0) {
            struct value *text = display_plain_text(showing->arena, display_date(display, date));
            value_append(showing->arena, rows, display_row(display, dates[i].msgid, name, text));
        }
    }
    if (owner != NULL && owner->kind == VALUE_OBJECT) {
        value_append(
            showing->arena, rows,
            display_row(display, "owner", STR("owner"), display_link(display, showing->viewing.owner_reg, owner)));
    }
    value_append(
        showing->arena, rows,
        display_row(display, "identifier", STR("id"), display_plain_text(showing->arena, record_id(showing->view))));
    value_set(showing->arena, showing->frame, STR("standing"), rows);
    return 0;
}

/* ---- sources ---- */

static struct value *basis_words(const struct showing *showing, const struct value *basis)
{
    const struct vocabulary *words = model_vocabulary(showing->call->site->model, STR("basis"));
    const struct term *term = NULL;

    if (value_is_null(basis)) {
        return value_bool(showing->arena, false);
    }
    if (words != NULL && basis->kind == VALUE_TEXT) {
        term = vocabulary_term(words, basis->text);
    }
    return display_text(showing->arena, showing->call->lang, term == NULL ? value_bilingual(basis) : term->label);
}

static struct value *confidence_words(const struct showing *showing, struct str confidence)
{
    static const struct {
        const char *code;
        const char *msgid;
    } words[] = {{"high", "confidence-high"}, {"medium", "confidence-medium"}, {"low", "confidence-low"}};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (str_eq(confidence, str_from_cstr(words[i].code))) {
            return value_text(showing->arena, SAY(showing->call, words[i].msgid));
        }
    }
    return value_bool(showing->arena, false);
}

/* The first web address among the fields of a source's own record, and who published it. */
static int source_address(struct showing *showing, const struct reg *sources, struct str id, struct value *ret_view,
                          struct err *err)
{
    struct found found = {0};

    value_set(showing->arena, ret_view, STR("outside"), value_bool(showing->arena, false));
    if (store_get(showing->reader, sources, id, showing->arena, &found, NULL, err) != 0) {
        return err->code == ERR_NOT_FOUND ? 0 : -1;
    }
    citation_source(&showing->display, &found, ret_view);
    for (size_t i = 0; i < sources->field_count; i++) {
        struct str address = value_get_text(found.record, sources->fields[i].name);
        if (sources->fields[i].format == TEXT_URI && display_is_web_address(address)) {
            struct value *outside = value_object(showing->arena);
            value_set_text(showing->arena, outside, STR("href"), address);
            value_set_text(showing->arena, outside, STR("text"), address);
            value_set(showing->arena, ret_view, STR("outside"), outside);
            break;
        }
    }
    return 0;
}

/* What one entry says: where in the source, of which fields, how it is known. */
static struct value *source_entry(const struct showing *showing, const struct value *source)
{
    struct arena *arena = showing->arena;
    struct value *view = value_object(arena);

    value_set(arena, view, STR("locator"), showing_text_or_false(arena, value_get_text(source, STR("locator"))));
    value_set(arena, view, STR("basis"), basis_words(showing, value_get(source, STR("basis"))));
    value_set(arena, view, STR("confidence"), confidence_words(showing, value_get_text(source, STR("confidence"))));
    value_set(arena, view, STR("of_fields"),
              showing_text_or_false(arena, showing_titles(showing, value_get(source, STR("fields")))));
    return view;
}

/* What is said of a source wherever it is named. */
static int source_words(struct showing *showing, const struct reg *sources, struct str id, struct value *view,
                        struct err *err)
{
    struct arena *arena = showing->arena;
    struct value *reference = NULL;
    struct value *link = display_plain_text(arena, id);

    value_set(arena, view, STR("outside"), value_bool(arena, false));
    value_set(arena, view, STR("publisher"), value_bool(arena, false));
    value_set(arena, view, STR("dated"), value_bool(arena, false));
    value_set(arena, view, STR("secondary"), value_bool(arena, false));
    if (sources != NULL && id.len > 0) {
        if (view_reference(&showing->viewing, sources, id, &reference, err) != 0 ||
            source_address(showing, sources, id, view, err) != 0) {
            return -1;
        }
        link = display_link(&showing->display, sources, reference);
    }
    value_set(arena, view, STR("link"), value_get(link, STR("href")) != NULL ? link : value_bool(arena, false));
    value_set(arena, view, STR("name"), value_get(link, STR("href")) == NULL ? link : value_bool(arena, false));
    return 0;
}

struct source_asked {
    struct showing *showing;
    const struct reg *sources;
    struct str id;
};

/* A kept_maker; context is what is asked. Read anew whatever the part has read, so that the notes are whole. */
static int make_source(void *context, struct reader *reader, struct arena *arena, void **ret_value, struct err *err)
{
    const struct source_asked *asked = context;
    struct showing showing = *asked->showing;
    struct value *view = value_object(showing.arena);

    viewing_init(&showing.viewing, showing.call->site->model, reader, showing.arena);
    display_init(&showing.display, showing.call, &showing.viewing, &showing.community, showing.query);
    if (community_note(showing.call, reader, err) != 0 ||
        source_words(&showing, asked->sources, asked->id, view, err) != 0) {
        return -1;
    }
    *ret_value = value_copy(arena, view);
    return 0;
}

/* Many records name the same sources. The view is the caller's, its members may not be changed. */
static int source_view(struct showing *showing, const struct reg *sources, struct str id, struct value **ret_view,
                       struct err *err)
{
    struct arena *arena = showing->arena;
    struct source_asked asked = {showing, sources, id};
    struct str key = arena_concat(arena, 4, STR("source "), showing->call->base, id, showing->display.link_query);
    void *kept = NULL;

    if (reader_kept(showing->reader, key, arena, make_source, &asked, &kept, err) != 0) {
        return -1;
    }
    *ret_view = value_object(arena);
    for (size_t i = 0; i < value_count(kept); i++) {
        const struct value_member *member = &((const struct value *)kept)->object.members[i];
        value_set(arena, *ret_view, member->key, member->value);
    }
    value_set(arena, *ret_view, STR("entries"), value_list(arena));
    return 0;
}

/* Each source once, in the order of its first mention, with everything that is said of it. A showing_builder. */
static int build_sources(struct showing *showing, struct err *err)
{
    const struct reg *sources = model_role(showing->call->site->model, ROLE_SOURCE);
    const struct value *given = value_get(showing->view, STR("sources"));
    struct value *list = value_list(showing->arena);
    struct map by_id;

    map_init(&by_id, showing->arena);
    for (size_t i = 0; i < value_count(given); i++) {
        const struct value *source = value_at(given, i);
        struct str id = value_get_text(source, STR("source"));
        struct value *view = map_get(&by_id, id);
        if (view == NULL) {
            if (source_view(showing, sources, id, &view, err) != 0) {
                return -1;
            }
            map_set(&by_id, id, view);
            value_append(showing->arena, list, view);
        }
        value_append(showing->arena, (struct value *)value_get(view, STR("entries")), source_entry(showing, source));
    }
    value_set(showing->arena, showing->frame, STR("sources"), list);
    value_set(showing->arena, showing->frame, STR("has_sources"), value_bool(showing->arena, value_count(list) > 0));
    return 0;
}

/* ---- what refers to it ---- */

static struct value *inbound_view(struct showing *showing, const struct inbound_group *group)
{
    struct arena *arena = showing->arena;
    enum lang lang = showing->call->lang;
    struct value *view = display_text(arena, lang, group->reg->title);
    struct value *links = value_list(arena);
    struct str field = group->field == NULL ? STR("") : group->field->name;
    struct str through =
        group->field == NULL ? SAY(showing->call, "as-source") : bilingual_best(group->field->title, lang);

    if (str_eq(through, bilingual_best(showing->reg->singular, lang)) ||
        str_eq(through, bilingual_best(showing->reg->title, lang))) {
        through = STR(""); /* "Facilities, as Hub", on the page of a hub */
    }
    for (size_t i = 0; i < group->count; i++) {
        const struct inbound_item *item = &group->items[i];
        struct value *reference = value_object(arena);
        value_set_text(arena, reference, STR("id"), item->id);
        value_set(arena, reference, STR("label"), view_bilingual(arena, item->label));
        value_append(arena, links, display_link(&showing->display, group->reg, reference));
    }
    value_set(arena, view, STR("through"), showing_text_or_false(arena, through));
    value_set(arena, view, STR("notices"), notices_of(showing->call, group->reg, NULL, value_list(arena)));
    value_set_text(arena, view, STR("count"), intl_integer(arena, lang_codes[lang], group->total));
    value_set(arena, view, STR("at_least"), value_bool(arena, !group->total_exact));
    value_set(arena, view, STR("links"), links);
    value_set(arena, view, STR("more_href"), value_bool(arena, false));
    if (group->total > (int64_t)group->count && group->field != NULL &&
        query_can_filter(group->field, VISIBILITY_PUBLIC)) {
        struct str path = arena_concat(arena, 5, group->reg->name, STR("?"), field, STR("="), record_id(showing->view));
        value_set_text(arena, view, STR("more_href"), page_href(showing->call, path));
    }
    return view;
}

/* A showing_builder. */
static int build_inbound(struct showing *showing, struct err *err)
{
    struct inbound_group *groups = NULL;
    struct value *list = value_list(showing->arena);
    size_t count = 0;

    if (store_inbound(showing->reader, showing->reg, record_id(showing->view), INBOUND_LIMIT, showing->arena, &groups,
                      &count, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (!profile_covers(showing, groups[i].reg, groups[i].field)) {
            value_append(showing->arena, list, inbound_view(showing, &groups[i]));
        }
    }
    value_set(showing->arena, showing->frame, STR("inbound"), list);
    value_set(showing->arena, showing->frame, STR("has_inbound"), value_bool(showing->arena, value_count(list) > 0));
    return 0;
}

/* ---- the pages ---- */

/* The name in the languages that are not the page's. */
static void add_other_names(struct showing *showing, struct bilingual label)
{
    struct value *names = value_list(showing->arena);

    for (size_t l = 0; label.in[showing->call->lang].len > 0 && l < LANG_COUNT; l++) {
        if (l != showing->call->lang && label.in[l].len > 0 && !str_eq(label.in[l], label.in[showing->call->lang])) {
            struct value *name = value_object(showing->arena);
            value_set_text(showing->arena, name, STR("code"), lang_codes[l]);
            value_set_text(showing->arena, name, STR("text"), label.in[l]);
            value_append(showing->arena, names, name);
        }
    }
    value_set(showing->arena, showing->frame, STR("other_names"), names);
}

/* Where one writes about this record; false when this model keeps no enquiries. */
static struct value *ask_href(const struct showing *showing)
{
    struct call *call = showing->call;

    if (enquiry_register(call->site->model) == NULL) {
        return value_bool(call->arena, false);
    }
    return value_text(call->arena,
                      arena_concat(call->arena, 4, page_href(call, STR("contact?about=")), showing->reg->name, STR("/"),
                                   url_segment(call->arena, record_id(showing->found.record))));
}

/* What a body has to do in the plan stands on a page of its own. A showing_builder. */
static int build_plan(struct showing *showing, struct err *err)
{
    struct value *link = NULL;

    if (plan_link(showing->call, showing->reader, &showing->found, &link, err) != 0) {
        return -1;
    }
    value_set(showing->arena, showing->frame, STR("plan_link"), link);
    return 0;
}

/* A showing_builder. */
static int build_revisions(struct showing *showing, struct err *err)
{
    size_t count = 0;
    int64_t last = 0;

    return showing_add_revisions(showing, REVISIONS_SHOWN, 0, &count, &last, err);
}

/* Names, headline facts and notices. A showing_builder. */
static int build_head(struct showing *showing, struct err *err)
{
    struct bilingual label = showing_label(showing);
    struct arena *arena = showing->arena;

    (void)err;
    value_set(arena, showing->frame, STR("heading"), display_text(arena, showing->call->lang, label));
    add_other_names(showing, label);
    add_key(showing);
    value_set(arena, showing->frame, STR("redacted"),
              showing_text_or_false(arena, showing_titles(showing, value_get(showing->found.record, STR("redacted")))));
    return 0;
}

/* A showing_builder. */
static int build_summary(struct showing *showing, struct err *err)
{
    const struct value *summary = display_record_summary(&showing->display, showing->reg, showing->view);

    (void)err;
    value_set_text(showing->arena, showing->frame, STR("text"), value_get_text(summary, STR("text")));
    return 0;
}

/* How an indicator stands; false on other records, and where a model's indicators are of another shape. */
static int add_kpi(struct showing *showing, struct err *err)
{
    struct arena *arena = showing->arena;
    struct kpi *kpi = ARENA_NEW(arena, struct kpi);
    struct err cause = {0};

    value_set(arena, showing->frame, STR("kpi"), value_bool(arena, false));
    if (showing->reg->role != ROLE_KPI) {
        return 0;
    }
    kpi_take_older(showing->call, showing->reader);
    if (kpi_read(showing->reader, showing->call->site->model, record_id(showing->found.record), STR(""),
                 reader_today(showing->reader, showing->community.zone), arena, kpi, &cause) != 0) {
        if (cause.code == ERR_NOT_FOUND) {
            return 0;
        }
        *err = cause;
        return -1;
    }
    struct kpi_viewing viewing = {showing->call, arena, &showing->display, kpi, false};
    page_use_charts(showing->call, showing->frame);
    value_set(arena, showing->frame, STR("kpi"), kpi_view(&viewing));
    return kpi_say_older(showing->call, showing->reader, showing->community.zone, showing->frame, err);
}

/* The parts of the page that are kept by themselves, under the name that the page's template has for each. */
static int add_parts(struct showing *showing, struct err *err)
{
    static const struct {
        struct str name, part;
        showing_builder *build;
    } parts[] = {
        {STR("head_html"), STR("record_head"), build_head},
        {STR("fields_html"), STR("record_fields"), build_fields},
        {STR("plan_html"), STR("record_plan"), build_plan},
        {STR("inbound_html"), STR("record_inbound"), build_inbound},
        {STR("sources_html"), STR("record_sources"), build_sources},
        {STR("revisions_html"), STR("revisions"), build_revisions},
        {STR("standing_html"), STR("record_standing"), build_standing},
    };

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        struct str html;
        if (showing_part(showing, parts[i].part, parts[i].build, &html, err) != 0) {
            return -1;
        }
        value_set_text(showing->arena, showing->frame, parts[i].name, html);
    }
    return 0;
}

/* Addresses that lead on from the page, and how to cite it. */
static void add_addresses(struct showing *showing, struct bilingual label)
{
    struct arena *arena = showing->arena;

    value_set_text(arena, showing->frame, STR("api_href"),
                   arena_concat(arena, 3, call_api_root(showing->call), showing_path(showing, STR("")),
                                showing->display.link_query));
    value_set_text(arena, showing->frame, STR("citation"),
                   citation_record(showing->call, &showing->community, bilingual_best(label, showing->call->lang),
                                   showing_path(showing, STR("")), showing->found.seq));
    value_set_text(arena, showing->frame, STR("history_href"),
                   page_href(showing->call, showing_path(showing, STR("/history"))));
    value_set(arena, showing->frame, STR("ask_href"), ask_href(showing));
    value_set_text(arena, showing->frame, STR("similar_href"),
                   showing->call->site->search == NULL ||
                           !search_takes_register(showing->call->site->search, showing->reg)
                       ? STR("")
                       : arena_concat(arena, 4, page_href(showing->call, STR("search?like=")), showing->reg->name,
                                      STR("/"), url_segment(arena, record_id(showing->found.record))));
}

static int build_record(struct showing *showing, struct err *err)
{
    struct bilingual label = showing_label(showing);
    struct str summary;

    if (showing_text_part(showing, STR("summary"), build_summary, &summary, err) != 0) {
        return -1;
    }
    showing_begin_frame(showing, display_text(showing->arena, showing->call->lang, label));
    frame_describe(showing->call, showing->frame, display_plain_text(showing->arena, summary));
    if (add_kpi(showing, err) != 0) {
        return -1;
    }
    add_addresses(showing, label);
    if (showing->query->options.as_of > 0) {
        page_set_past(showing->call, showing->frame, showing->query->options.as_of);
    }
    return profile_add(showing, err) != 0 ? -1 : add_parts(showing, err);
}

void page_record(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct showing showing = {0};
    struct query query;
    struct err err = {0};

    if (model_register(call->site->model, call->params.reg) == NULL) {
        page_send_missing(call, call->params.reg);
        return;
    }
    if (page_query(call, NULL, QUERY_AS_OF, &query) != 0 || call_read(call, &query.options, &reader) != 0) {
        return;
    }
    if (showing_begin(&showing, call, &query, reader, &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    if (showing_find(&showing, STR("")) != 0) {
        return;
    }
    if (build_record(&showing, &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    page_send(call, "record", showing.frame);
}
