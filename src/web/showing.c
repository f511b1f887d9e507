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

    if ((showing->view != NULL ? store_history_of(showing->reader, &showing->found, limit, before_seq, showing->arena,
                                                  &revisions, &count, err)
                               : store_history(showing->reader, showing->reg, showing->call->params.id, limit,
                                               before_seq, showing->arena, &revisions, &count, err)) != 0) {
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

/* A record with the view of it. */
struct whole {
    struct found found;
    struct value *view;
};

struct finding {
    struct showing *showing;
    struct str moved_to;
};

/* A kept_maker; context is the finding. */
static int make_whole(void *context, struct reader *reader, struct arena *arena, void **ret_value, struct err *err)
{
    struct finding *finding = context;
    const struct showing *showing = finding->showing;
    struct whole *whole = ARENA_NEW(arena, struct whole);
    struct str moved_to = STR("");
    struct viewing viewing;

    viewing_init(&viewing, showing->call->site->model, reader, arena);
    if (store_get(reader, showing->reg, showing->call->params.id, arena, &whole->found, &moved_to, err) != 0) {
        finding->moved_to = arena_copy(showing->arena, moved_to);
        return -1;
    }
    *ret_value = whole;
    return view_record(&viewing, showing->reg, whole->found.record, &whole->view, err);
}

/* Where the past that is asked for is still the present, what is read is the same but links lead into that past: so the key says
 * where they lead. */
static struct str kept_key(const struct showing *showing, struct str part)
{
    return arena_concat(showing->arena, 7, part, STR(" "), showing->call->base, showing->reg->name, STR("/"),
                        showing->call->params.id, showing->display.link_query);
}

static int find_whole(struct showing *showing, struct str *ret_moved_to, struct err *err)
{
    struct finding finding = {.showing = showing};
    void *kept = NULL;

    if (reader_kept(showing->reader, kept_key(showing, STR("record")), showing->arena, make_whole, &finding, &kept,
                    err) != 0) {
        *ret_moved_to = finding.moved_to;
        return -1;
    }
    showing->found = ((const struct whole *)kept)->found;
    showing->view = ((const struct whole *)kept)->view;
    return 0;
}

/* 0 when the record was found; else it has been answered. */
int showing_find(struct showing *showing, struct str tail)
{
    struct str moved_to = STR("");
    struct err err = {0};

    if (find_whole(showing, &moved_to, &err) != 0) {
        send_missing(showing, moved_to, tail, &err);
        return -1;
    }
    return 0;
}

/* ---- parts ---- */

#define PART_BYTES_MAX (8u << 20)

struct part {
    struct showing *showing;
    struct str name;
    showing_builder *build;
    bool is_text;
};

/* What was read for other parts is read again, so that this one's notes are whole. */
static int begin_part(struct showing *showing, struct err *err)
{
    struct str moved_to = STR("");

    viewing_init(&showing->viewing, showing->call->site->model, showing->reader, showing->arena);
    display_init(&showing->display, showing->call, &showing->viewing, &showing->community, showing->query);
    showing->frame = value_object(showing->arena);
    if (community_note(showing->call, showing->reader, err) != 0) {
        return -1;
    }
    return find_whole(showing, &moved_to, err);
}

/* Without the end of its last line, which stands in the page's template. */
static int render_part(const struct showing *showing, struct str template_name, struct arena *arena,
                       struct str *ret_html, struct err *err)
{
    struct str html;
    BUF_AUTO out;

    buf_init(&out, PART_BYTES_MAX);
    if (templates_render(showing->call->site->templates, template_name, showing->call->lang, showing->frame, &out,
                         err) != 0) {
        return -1;
    }
    html = buf_str(&out);
    *ret_html = arena_copy(arena, str_ends_with(html, STR("\n")) ? str_slice(html, 0, html.len - 1) : html);
    return 0;
}

/* A kept_maker; context is the part. */
static int make_part(void *context, struct reader *reader, struct arena *arena, void **ret_value, struct err *err)
{
    struct part *part = context;
    struct showing showing = *part->showing;
    struct str *made = ARENA_NEW(arena, struct str);

    (void)reader;
    if (begin_part(&showing, err) != 0 || part->build(&showing, err) != 0) {
        return -1;
    }
    *ret_value = made;
    if (part->is_text) {
        *made = arena_copy(arena, value_get_text(showing.frame, STR("text")));
        return 0;
    }
    return render_part(&showing, part->name, arena, made, err);
}

static int keep_part(struct part *part, struct str *ret_made, struct err *err)
{
    struct showing *showing = part->showing;
    void *kept = NULL;

    if (reader_kept(showing->reader, kept_key(showing, part->name), showing->arena, make_part, part, &kept, err) != 0) {
        return -1;
    }
    *ret_made = *(const struct str *)kept;
    return 0;
}

int showing_part(struct showing *showing, struct str part, showing_builder *build, struct str *ret_html,
                 struct err *err)
{
    return keep_part(&(struct part){showing, part, build, false}, ret_html, err);
}

int showing_text_part(struct showing *showing, struct str part, showing_builder *build, struct str *ret_text,
                      struct err *err)
{
    return keep_part(&(struct part){showing, part, build, true}, ret_text, err);
}
