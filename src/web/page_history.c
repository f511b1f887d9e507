/* The whole history of a record, a deleted one's too. */
#include "web/showing.h"

#define REVISIONS_LIMIT 50

/* For a history the last state of a deleted record will do. */
static int find_past_record(struct showing *showing)
{
    struct revision last;
    struct err err = {0};
    bool deleted = false;

    if (view_deletion(&showing->viewing, showing->reg, showing->call->params.id, &deleted, &last, &err) != 0) {
        page_send_err(showing->call, &err);
        return -1;
    }
    if (!deleted) {
        return showing_find(showing, STR("/history"));
    }
    showing->found = (struct found){.reg = showing->reg, .record = last.before, .seq = last.seq};
    return 0;
}

static void add_older(struct showing *showing, size_t count, int64_t last_seq)
{
    struct arena *arena = showing->arena;
    struct str tail = arena_format(arena, "/history?cursor=%lld", (long long)last_seq);

    value_set(arena, showing->frame, STR("older_href"),
              count < REVISIONS_LIMIT ? value_bool(arena, false)
                                      : value_text(arena, page_href(showing->call, showing_path(showing, tail))));
}

static int build_history(struct showing *showing, struct err *err)
{
    struct arena *arena = showing->arena;
    struct bilingual label = showing_label(showing);
    struct str cursor = showing->query->list.cursor;
    struct value *crumbs;
    size_t count = 0;
    int64_t before = 0;
    int64_t last = 0;

    if (cursor.len > 0 && (!str_to_int64(cursor, &before) || before < 1)) {
        return err_set_field(err, ERR_INVALID, STR("cursor"), "cursor is not one that this address gave out");
    }
    showing_begin_frame(showing, display_plain_text(arena, SAY(showing->call, "history")));
    crumbs = (struct value *)value_get(showing->frame, STR("crumbs"));
    value_append(arena, crumbs,
                 page_crumb(arena, page_href(showing->call, showing_path(showing, STR(""))),
                            display_text(arena, showing->call->lang, label)));
    value_set_text(arena, showing->frame, STR("api_href"),
                   arena_concat(arena, 2, call_api_root(showing->call), showing_path(showing, STR("/history"))));
    if (showing_add_revisions(showing, REVISIONS_LIMIT, before, &count, &last, err) != 0) {
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
    if (showing_begin(&showing, call, &query, reader, &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    if (find_past_record(&showing) != 0) {
        return;
    }
    if (build_history(&showing, &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    page_send(call, "history", showing.frame);
}
