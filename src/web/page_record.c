/* The page of one record: every field, how it is known, what refers to it, how it came to be; and its whole history. */
#include "web/page.h"

#include "base/date.h"
#include "base/intl.h"
#include "model/record.h"
#include "web/citation.h"
#include "web/query.h"

#define INBOUND_LIMIT 12
#define REVISIONS_SHOWN 5
#define REVISIONS_LIMIT 50

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

/* ---- fields ---- */

static void add_fields(struct showing *showing)
{
    struct value *fields = value_list(showing->arena);

    for (size_t i = 0; i < showing->reg->field_count; i++) {
        const struct field *field = &showing->reg->fields[i];
        const struct value *value = value_get(showing->view, field->name);
        if (value != NULL) {
            value_append(showing->arena, fields, display_field(&showing->display, field, value));
        }
    }
    value_set(showing->arena, showing->frame, STR("fields"), fields);
}

/* When it holds and who keeps it. */
static void add_standing(struct showing *showing)
{
    static const struct {
        const char *name;
        const char *msgid;
    } dates[] = {{"from", "valid-from"}, {"to", "valid-to"}, {"attested_on", "attested-on"}};
    struct display *display = &showing->display;
    struct value *rows = value_list(showing->arena);
    const struct value *owner = value_get(showing->view, STR("owner"));

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
}

/* ---- sources ---- */

/* What a member of a record is called: a field by its title, the others by the interface's words. */
static struct str member_title(const struct showing *showing, struct str name)
{
    static const struct {
        const char *name;
        const char *msgid;
    } common[] = {{"owner", "owner"},  {"visibility", "visible-to"},   {"from", "valid-from"},
                  {"to", "valid-to"},  {"attested_on", "attested-on"}, {"sources", "sources"},
                  {"id", "identifier"}};
    const struct field *field = reg_field(showing->reg, name);

    for (size_t i = 0; field == NULL && i < sizeof common / sizeof common[0]; i++) {
        if (str_eq(name, str_from_cstr(common[i].name))) {
            return SAY(showing->call, common[i].msgid);
        }
    }
    return field == NULL ? name : bilingual_best(field->title, showing->call->lang);
}

/* The titles of the fields a source speaks of: "Name, Website". */
static struct str field_titles(const struct showing *showing, const struct value *names)
{
    struct str joined = STR("");

    for (size_t i = 0; i < value_count(names); i++) {
        struct str title = member_title(showing, value_text_of(value_at(names, i)));
        joined =
            arena_concat(showing->arena, 3, joined, i == 0 ? STR("") : SAY(showing->call, "list-separator"), title);
    }
    return joined;
}

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

static struct value *text_or_false(struct arena *arena, struct str text)
{
    return text.len > 0 ? value_text(arena, text) : value_bool(arena, false);
}

/* What one entry says: where in the source, of which fields, how it is known. */
static struct value *source_entry(const struct showing *showing, const struct value *source)
{
    struct arena *arena = showing->arena;
    struct value *view = value_object(arena);

    value_set(arena, view, STR("locator"), text_or_false(arena, value_get_text(source, STR("locator"))));
    value_set(arena, view, STR("basis"), basis_words(showing, value_get(source, STR("basis"))));
    value_set(arena, view, STR("confidence"), confidence_words(showing, value_get_text(source, STR("confidence"))));
    value_set(arena, view, STR("of_fields"),
              text_or_false(arena, field_titles(showing, value_get(source, STR("fields")))));
    return view;
}

static int source_view(struct showing *showing, const struct reg *sources, struct str id, struct value **ret_view,
                       struct err *err)
{
    struct arena *arena = showing->arena;
    struct value *view = value_object(arena);
    struct value *reference = NULL;
    struct value *link = display_plain_text(arena, id);

    value_set(arena, view, STR("outside"), value_bool(arena, false));
    value_set(arena, view, STR("publisher"), value_bool(arena, false));
    value_set(arena, view, STR("dated"), value_bool(arena, false));
    value_set(arena, view, STR("secondary"), value_bool(arena, false));
    value_set(arena, view, STR("entries"), value_list(arena));
    if (sources != NULL && id.len > 0) {
        if (view_reference(&showing->viewing, sources, id, &reference, err) != 0 ||
            source_address(showing, sources, id, view, err) != 0) {
            return -1;
        }
        link = display_link(&showing->display, sources, reference);
    }
    value_set(arena, view, STR("link"), value_get(link, STR("href")) != NULL ? link : value_bool(arena, false));
    value_set(arena, view, STR("name"), value_get(link, STR("href")) == NULL ? link : value_bool(arena, false));
    *ret_view = view;
    return 0;
}

/* Each source once, in the order of its first mention, with everything that is said of it. */
static int add_sources(struct showing *showing, struct err *err)
{
    const struct reg *sources = model_register(showing->call->site->model, STR("source"));
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

    for (size_t i = 0; i < group->count; i++) {
        const struct found *found = &group->items[i];
        struct bilingual label = record_label(showing->call->site->model, found->reg, found->record, arena);
        struct value *reference = value_object(arena);
        value_set_text(arena, reference, STR("id"), record_id(found->record));
        value_set(arena, reference, STR("label"), view_bilingual(arena, label));
        value_append(arena, links, display_link(&showing->display, found->reg, reference));
    }
    value_set_text(arena, view, STR("through"), through);
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

static int add_inbound(struct showing *showing, struct err *err)
{
    struct inbound_group *groups = NULL;
    struct value *list = value_list(showing->arena);
    size_t count = 0;

    if (store_inbound(showing->reader, showing->reg, record_id(showing->view), INBOUND_LIMIT, showing->arena, &groups,
                      &count, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        value_append(showing->arena, list, inbound_view(showing, &groups[i]));
    }
    value_set(showing->arena, showing->frame, STR("inbound"), list);
    value_set(showing->arena, showing->frame, STR("has_inbound"), value_bool(showing->arena, count > 0));
    return 0;
}

/* ---- history ---- */

static const char *kind_words(enum change_kind kind)
{
    switch (kind) {
    case CHANGE_CREATE:
        return "change-create";
    case CHANGE_UPDATE:
        return "change-update";
    case CHANGE_DELETE:
        return "change-delete";
    case CHANGE_RENAME:
        return "change-rename";
    case CHANGE_MERGE:
        return "change-merge";
    case CHANGE_REDACT:
        break;
    }
    return "change-redact";
}

static struct str record_path(const struct showing *showing, struct str tail)
{
    return arena_concat(showing->arena, 4, showing->reg->name, STR("/"), showing->call->params.id, tail);
}

static struct value *revision_view(const struct showing *showing, const struct revision *revision)
{
    struct arena *arena = showing->arena;
    struct value *view = value_object(arena);
    char at_iso[TIME_TEXT_MAX];
    struct str when = intl_time(arena, lang_codes[showing->call->lang], revision->at_ms, showing->community.zone);
    struct str at = arena_format(arena, "?as_of=seq:%lld", (long long)revision->seq);
    struct str changed = STR("");

    time_format(revision->at_ms, at_iso);
    if (revision->kind == CHANGE_UPDATE) {
        changed = field_titles(showing, view_changed(arena, revision));
    }
    value_set_text(arena, view, STR("kind"), SAY(showing->call, kind_words(revision->kind)));
    value_set_text(arena, view, STR("when"), when);
    value_set_text(arena, view, STR("when_iso"), arena_copy(arena, str_from_cstr(at_iso)));
    value_set_text(arena, view, STR("author"), revision->author);
    value_set(arena, view, STR("reason"), text_or_false(arena, revision->reason));
    value_set(arena, view, STR("changed"), text_or_false(arena, changed));
    value_set(arena, view, STR("then_href"),
              revision->after == NULL ? value_bool(arena, false)
                                      : value_text(arena, page_href(showing->call, record_path(showing, at))));
    return view;
}

/* Adds the newest revisions before before_seq; the count of those there are, and the last one's seq. */
static int add_revisions(struct showing *showing, size_t limit, int64_t before_seq, size_t *ret_count,
                         int64_t *ret_last_seq, struct err *err)
{
    struct revision *revisions = NULL;
    struct value *list = value_list(showing->arena);
    size_t count = 0;

    if (store_history(showing->reader, showing->reg, showing->call->params.id, limit, before_seq, showing->arena,
                      &revisions, &count, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        value_append(showing->arena, list, revision_view(showing, &revisions[i]));
    }
    value_set(showing->arena, showing->frame, STR("revisions"), list);
    *ret_count = count;
    *ret_last_seq = count == 0 ? 0 : revisions[count - 1].seq;
    return 0;
}

/* ---- the pages ---- */

static struct bilingual label_of(const struct showing *showing)
{
    struct bilingual label =
        record_label(showing->call->site->model, showing->reg, showing->found.record, showing->arena);

    for (size_t l = 0; bilingual_best(label, LANG_JA).len == 0 && l < LANG_COUNT; l++) {
        label.in[l] = showing->call->params.id;
    }
    return label;
}

static void begin_frame(struct showing *showing, struct value *title)
{
    struct arena *arena = showing->arena;
    struct value *crumbs = value_list(arena);
    struct value *reg_title = display_text(arena, showing->call->lang, showing->reg->title);

    showing->frame = page_frame(showing->call, &showing->community, title);
    value_append(
        arena, crumbs,
        page_crumb(arena,
                   arena_concat(arena, 2, page_href(showing->call, showing->reg->name), showing->display.link_query),
                   reg_title));
    value_set(arena, showing->frame, STR("crumbs"), crumbs);
}

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

static int build_record(struct showing *showing, struct err *err)
{
    struct bilingual label = label_of(showing);
    struct arena *arena = showing->arena;
    size_t count = 0;
    int64_t last = 0;

    begin_frame(showing, display_text(arena, showing->call->lang, label));
    add_other_names(showing, label);
    add_fields(showing);
    add_standing(showing);
    value_set(arena, showing->frame, STR("redacted"),
              text_or_false(arena, field_titles(showing, value_get(showing->found.record, STR("redacted")))));
    value_set_text(arena, showing->frame, STR("api_href"),
                   arena_concat(arena, 3, STR("/api/v1/"), record_path(showing, STR("")), showing->display.link_query));
    value_set_text(arena, showing->frame, STR("citation"),
                   citation_record(showing->call, &showing->community, bilingual_best(label, showing->call->lang),
                                   record_path(showing, STR("")), showing->found.seq));
    value_set_text(arena, showing->frame, STR("history_href"),
                   page_href(showing->call, record_path(showing, STR("/history"))));
    if (showing->query->options.as_of > 0) {
        page_set_past(showing->call, showing->frame, showing->query->options.as_of);
    }
    if (add_sources(showing, err) != 0 || add_inbound(showing, err) != 0) {
        return -1;
    }
    return add_revisions(showing, REVISIONS_SHOWN, 0, &count, &last, err);
}

static int begin(struct showing *showing, struct call *call, const struct query *query, struct reader *reader,
                 struct err *err)
{
    showing->call = call;
    showing->arena = call->arena;
    showing->query = query;
    showing->reader = reader;
    showing->reg = model_register(call->site->model, call->params.reg);
    viewing_init(&showing->viewing, call->site->model, reader, call->arena);
    if (community_read(call, reader, &showing->community, err) != 0) {
        return -1;
    }
    showing->display = (struct display){
        .call = call,
        .viewing = &showing->viewing,
        .arena = call->arena,
        .lang = call->lang,
        .zone = showing->community.zone,
        .link_query = query->as_of.len == 0 ? STR("") : arena_concat(call->arena, 2, STR("?as_of="), query->as_of),
    };
    return 0;
}

/* 0 when the record was found; else it has been answered. */
static int find_record(struct showing *showing, struct str tail)
{
    struct call *call = showing->call;
    struct str moved_to = STR("");
    struct err err = {0};

    if (store_get(showing->reader, showing->reg, call->params.id, call->arena, &showing->found, &moved_to, &err) != 0) {
        if (moved_to.len > 0) {
            struct str path = arena_concat(call->arena, 4, showing->reg->name, STR("/"), moved_to, tail);
            call_redirect(call, 301, page_href(call, path));
        } else if (err.code == ERR_NOT_FOUND) {
            page_send_missing(call, call->params.id);
        } else {
            page_send_err(call, &err);
        }
        return -1;
    }
    if (view_record(&showing->viewing, showing->reg, showing->found.record, &showing->view, &err) != 0) {
        page_send_err(call, &err);
        return -1;
    }
    return 0;
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
    if (begin(&showing, call, &query, reader, &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    if (find_record(&showing, STR("")) != 0) {
        return;
    }
    if (build_record(&showing, &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    page_send(call, "record", showing.frame);
}

static void add_older(struct showing *showing, size_t count, int64_t last_seq)
{
    struct arena *arena = showing->arena;
    struct str tail = arena_format(arena, "/history?cursor=%lld", (long long)last_seq);

    value_set(arena, showing->frame, STR("older_href"),
              count < REVISIONS_LIMIT ? value_bool(arena, false)
                                      : value_text(arena, page_href(showing->call, record_path(showing, tail))));
}

static int build_history(struct showing *showing, struct err *err)
{
    struct arena *arena = showing->arena;
    struct bilingual label = label_of(showing);
    struct str cursor = showing->query->list.cursor;
    struct value *crumbs;
    size_t count = 0;
    int64_t before = 0;
    int64_t last = 0;

    if (cursor.len > 0 && (!str_to_int64(cursor, &before) || before < 1)) {
        return err_set_field(err, ERR_INVALID, STR("cursor"), "cursor is not one that this address gave out");
    }
    begin_frame(showing, display_plain_text(arena, SAY(showing->call, "history")));
    crumbs = (struct value *)value_get(showing->frame, STR("crumbs"));
    value_append(arena, crumbs,
                 page_crumb(arena, page_href(showing->call, record_path(showing, STR(""))),
                            display_text(arena, showing->call->lang, label)));
    value_set_text(arena, showing->frame, STR("api_href"),
                   arena_concat(arena, 2, STR("/api/v1/"), record_path(showing, STR("/history"))));
    if (add_revisions(showing, REVISIONS_LIMIT, before, &count, &last, err) != 0) {
        return -1;
    }
    add_older(showing, count, last);
    return 0;
}

void page_history(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct showing showing = {0};
    struct query query;
    struct err err = {0};

    if (model_register(call->site->model, call->params.reg) == NULL) {
        page_send_missing(call, call->params.reg);
        return;
    }
    if (page_query(call, NULL, QUERY_PAGE, &query) != 0 || call_read(call, &query.options, &reader) != 0) {
        return;
    }
    if (begin(&showing, call, &query, reader, &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    if (find_record(&showing, STR("/history")) != 0) {
        return;
    }
    if (build_history(&showing, &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    page_send(call, "history", showing.frame);
}
