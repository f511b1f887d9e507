#include "web/showing.h"

#include "base/date.h"
#include "base/intl.h"
#include "model/record.h"
#include "web/problem.h"

/* What a member of a record is called: a field by its title, the others by the interface's words. */
struct str member_title(const struct call *call, const struct reg *reg, struct str name)
{
    static const struct {
        const char *name;
        const char *msgid;
    } common[] = {{"owner", "owner"},  {"visibility", "visible-to"},   {"from", "valid-from"},
                  {"to", "valid-to"},  {"attested_on", "attested-on"}, {"sources", "sources"},
                  {"id", "identifier"}};
    const struct field *field = reg_field(reg, name);

    for (size_t i = 0; field == NULL && i < sizeof common / sizeof common[0]; i++) {
        if (str_eq(name, str_from_cstr(common[i].name))) {
            return SAY(call, common[i].msgid);
        }
    }
    return field == NULL ? name : bilingual_best(field->title, call->lang);
}

/* The titles of the fields a source speaks of: "Name, Website". */
struct str showing_titles(const struct showing *showing, const struct value *names)
{
    struct str joined = STR("");

    for (size_t i = 0; i < value_count(names); i++) {
        struct str title = member_title(showing->call, showing->reg, value_text_of(value_at(names, i)));
        joined =
            arena_concat(showing->arena, 3, joined, i == 0 ? STR("") : SAY(showing->call, "list-separator"), title);
    }
    return joined;
}

struct value *showing_text_or_false(struct arena *arena, struct str text)
{
    return text.len > 0 ? value_text(arena, text) : value_bool(arena, false);
}

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

struct str showing_path(const struct showing *showing, struct str tail)
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
        changed = showing_titles(showing, view_changed(arena, revision));
    }
    value_set_text(arena, view, STR("kind"), SAY(showing->call, kind_words(revision->kind)));
    value_set_text(arena, view, STR("when"), when);
    value_set_text(arena, view, STR("when_iso"), arena_copy(arena, str_from_cstr(at_iso)));
    value_set_text(arena, view, STR("author"), revision->author);
    value_set(arena, view, STR("reason"), showing_text_or_false(arena, revision->reason));
    value_set(arena, view, STR("changed"), showing_text_or_false(arena, changed));
    value_set(arena, view, STR("then_href"),
              revision->after == NULL ? value_bool(arena, false)
                                      : value_text(arena, page_href(showing->call, showing_path(showing, at))));
    return view;
}

/* Adds the newest revisions before before_seq; the count of those there are, and the last one's seq. */
int showing_add_revisions(struct showing *showing, size_t limit, int64_t before_seq, size_t *ret_count,
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

struct bilingual showing_label(const struct showing *showing)
{
    struct bilingual label =
        record_label(showing->call->site->model, showing->reg, showing->found.record, showing->arena);

    for (size_t l = 0; bilingual_best(label, LANG_JA).len == 0 && l < LANG_COUNT; l++) {
        label.in[l] = showing->call->params.id;
    }
    return label;
}

void showing_begin_frame(struct showing *showing, struct value *title)
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

int showing_begin(struct showing *showing, struct call *call, const struct query *query, struct reader *reader,
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
    display_init(&showing->display, call, &showing->viewing, &showing->community, query);
    return 0;
}

/* What is told of an id that nothing has now: it moved, was deleted, or never was. */
static void send_missing(struct showing *showing, struct str moved_to, struct str tail, const struct err *err)
{
    struct call *call = showing->call;
    struct problem problem = problem_of(PROBLEM_GONE);
    struct revision last;
    struct err history_err = {0};
    bool deleted = false;

    if (moved_to.len > 0) {
        struct str path = arena_concat(call->arena, 4, showing->reg->name, STR("/"), moved_to, tail);
        call_redirect(call, 301, page_href(call, path));
    } else if (err->code != ERR_NOT_FOUND) {
        page_send_err(call, err);
    } else if (view_deletion(&showing->viewing, showing->reg, call->params.id, &deleted, &last, &history_err) != 0) {
        page_send_err(call, &history_err);
    } else if (deleted) {
        problem.value = call->params.id;
        problem_send(call, &problem);
    } else {
        page_send_missing(call, call->params.id);
    }
}

/* 0 when the record was found; else it has been answered. */
int showing_find(struct showing *showing, struct str tail)
{
    struct call *call = showing->call;
    struct str moved_to = STR("");
    struct err err = {0};

    if (store_get(showing->reader, showing->reg, call->params.id, call->arena, &showing->found, &moved_to, &err) != 0) {
        send_missing(showing, moved_to, tail, &err);
        return -1;
    }
    if (view_record(&showing->viewing, showing->reg, showing->found.record, &showing->view, &err) != 0) {
        page_send_err(call, &err);
        return -1;
    }
    return 0;
}
