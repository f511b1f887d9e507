/* The reading side of the API. */
#include "web/api.h"

#include "model/record.h"
#include "web/edition.h"
#include "web/kpi_view.h"
#include "web/page.h"
#include "web/problem.h"
#include "web/query.h"
#include "web/route.h"
#include "web/view.h"

#define LIMIT_DEFAULT 100
#define LIMIT_MAX 1000
/* What most records, and lists of twenty, fit into. */
#define RECORD_BYTES_FIRST ((size_t)4 << 10)
#define LIST_BYTES_FIRST ((size_t)32 << 10)

/* ---- what several handlers begin with ---- */

static void send_err(struct call *call, const struct err *err)
{
    struct problem problem = problem_from_err(err);

    problem_send(call, &problem);
}

static void send_not_found(struct call *call, enum problem_kind kind, struct str value)
{
    struct problem problem = problem_of(kind);

    problem.value = value;
    problem_send(call, &problem);
}

/* The register of the path; NULL after the problem has been sent. */
static const struct reg *call_register(struct call *call)
{
    const struct reg *reg = model_register(call->site->model, call->params.reg);

    if (reg == NULL) {
        send_not_found(call, PROBLEM_NO_REGISTER, call->params.reg);
    }
    return reg;
}

int api_query(struct call *call, const struct reg *reg, unsigned parts, struct query *ret_query)
{
    struct problem problem;
    struct query_rules rules = {
        .parts = parts,
        .lang = LANG_JA,
        .sees = VISIBILITY_PUBLIC,
        .default_limit = LIMIT_DEFAULT,
        .max_limit = LIMIT_MAX,
        .last_seq = store_last_seq(call->site->store),
        .editions = store_editions(call->site->store),
        .as_of = call->edition == NULL ? 0 : call->edition->seq,
    };

    if (query_read(reg, call->request->query, call->request->query_count, &rules, call->arena, ret_query, &problem) !=
        0) {
        problem_send(call, &problem);
        return -1;
    }
    return 0;
}

bool api_takes_no_query(struct call *call)
{
    struct query query;

    return api_query(call, NULL, 0, &query) == 0;
}

/* ---- /api/v1 ---- */

static int add_register(struct call *call, struct reader *reader, const struct reg *reg, struct value *list,
                        struct err *err)
{
    struct arena *arena = call->arena;
    struct value *entry = value_object(arena);
    int64_t count = 0;

    if (store_count(reader, reg, &count, err) != 0) {
        return -1;
    }
    if (reg->visibility != VISIBILITY_PUBLIC && count == 0) {
        return 0;
    }
    value_set_text(arena, entry, STR("name"), reg->name);
    value_set(arena, entry, STR("title"), view_bilingual(arena, reg->title));
    value_set(arena, entry, STR("count"), value_int(arena, count));
    value_set_text(arena, entry, STR("url"), arena_concat(arena, 2, call_api_root(call), reg->name));
    value_append(arena, list, entry);
    return 0;
}

static int build_index(struct call *call, struct reader *reader, struct value *index, struct err *err)
{
    const struct model *model = call->site->model;
    struct arena *arena = call->arena;
    struct value *registers = value_list(arena);
    struct community community;

    if (community_read(call, reader, &community, err) != 0) {
        return -1;
    }
    value_set(arena, index, STR("name"), view_bilingual(arena, community.name));
    value_set(arena, index, STR("seq"), value_int(arena, reader_seq(reader)));
    value_set(arena, index, STR("sample"), value_bool(arena, reader_is_sample(reader)));
    for (size_t i = 0; i < model->register_count; i++) {
        if (add_register(call, reader, &model->registers[i], registers, err) != 0) {
            return -1;
        }
    }
    if (call->edition != NULL) {
        struct value *edition = edition_value(call, call->edition, err);
        if (edition == NULL) {
            return -1;
        }
        value_set(arena, index, STR("edition"), edition);
    }
    value_set(arena, index, STR("registers"), registers);
    return 0;
}

static void api_index(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct value *index = value_object(call->arena);
    struct query query;
    struct err err = {0};

    if (api_query(call, NULL, QUERY_LANG, &query) != 0 || call_read(call, &query.options, &reader) != 0) {
        return;
    }
    if (build_index(call, reader, index, &err) != 0) {
        send_err(call, &err);
        return;
    }
    call_send_json(call, index, "application/json", 0);
}

/* ---- /api/v1/REG ---- */

/* The address of the next page: this one with another cursor. */
static struct str next_address(struct call *call, struct str cursor)
{
    struct arena *arena = call->arena;
    struct str address = arena_concat(arena, 3, call_api_root(call), call->params.reg, STR("?"));

    for (size_t i = 0; i < call->request->query_count; i++) {
        const struct http_pair *pair = &call->request->query[i];
        if (!str_eq(pair->name, STR("cursor"))) {
            address = arena_concat(arena, 5, address, url_segment(arena, pair->name), STR("="),
                                   url_segment(arena, pair->value), STR("&"));
        }
    }
    return arena_concat(arena, 3, address, STR("cursor="), url_segment(arena, cursor));
}

static int write_list(struct call *call, const struct query *query, struct reader *reader, struct buf *answer,
                      struct err *err)
{
    struct arena *arena = call->arena;
    struct page page = {0};
    BUF_AUTO items;

    buf_init(&items, CALL_JSON_MAX);
    buf_reserve(&items, LIST_BYTES_FIRST);
    if (store_list_json(reader, &query->list, arena, &items, &page, err) != 0) {
        return -1;
    }
    buf_reserve(answer, items.len + page.next.len + 100);
    buf_add_literal(answer, "{\"total\":");
    buf_add_int64(answer, page.total);
    buf_add_literal(answer, ",\"total_exact\":");
    buf_add(answer, page.total_exact ? STR("true") : STR("false"));
    buf_add_literal(answer, ",\"items\":");
    buf_add(answer, buf_str(&items));
    buf_add_literal(answer, ",\"next\":");
    if (page.next.len > 0) {
        json_write_text(answer, page.next);
        http_response_header(call->response, "Link",
                             arena_concat(arena, 3, STR("<"), next_address(call, page.next), STR(">; rel=\"next\"")));
    } else {
        buf_add_literal(answer, "null");
    }
    buf_add_byte(answer, '}');
    answer->overflow = answer->overflow || items.overflow;
    return 0;
}

static void api_list(struct call *call)
{
    READER_AUTO *reader = NULL;
    const struct reg *reg = call_register(call);
    struct query query;
    struct err err = {0};
    BUF_AUTO answer;

    buf_init(&answer, CALL_JSON_MAX);
    if (reg == NULL || api_query(call, reg, QUERY_LIST, &query) != 0 || call_read(call, &query.options, &reader) != 0) {
        return;
    }
    if (write_list(call, &query, reader, &answer, &err) != 0) {
        send_err(call, &err);
        return;
    }
    call_send_json_buf(call, &answer, "application/json", 0);
}

/* ---- /api/v1/REG/ID ---- */

static struct str record_address(struct call *call, const struct reg *reg, struct str id, struct str tail)
{
    return arena_concat(call->arena, 5, call_api_root(call), reg->name, STR("/"), id, tail);
}

/* Redirects when the id moved, else tells the failure. */
static void send_missing(struct call *call, const struct reg *reg, struct str moved_to, struct str tail,
                         const struct err *err)
{
    if (moved_to.len > 0) {
        call_redirect(call, 308, record_address(call, reg, moved_to, tail));
    } else if (err->code == ERR_NOT_FOUND) {
        send_not_found(call, PROBLEM_NO_RECORD, call->params.id);
    } else {
        send_err(call, err);
    }
}

/* False when the record was not deleted but never was. */
static bool send_gone(struct viewing *viewing, struct call *call, const struct reg *reg)
{
    struct revision last;
    struct err err = {0};
    bool deleted = false;

    if (view_deletion(viewing, reg, call->params.id, &deleted, &last, &err) != 0) {
        send_err(call, &err);
        return true;
    }
    if (deleted) {
        send_not_found(call, PROBLEM_GONE, call->params.id);
    }
    return deleted;
}

void api_record(struct call *call)
{
    READER_AUTO *reader = NULL;
    const struct reg *reg = call_register(call);
    struct viewing viewing;
    struct str moved_to = STR("");
    int64_t seq = 0;
    struct query query;
    struct err err = {0};
    BUF_AUTO body;

    buf_init(&body, CALL_JSON_MAX);
    if (reg == NULL || api_query(call, reg, QUERY_AS_OF | QUERY_LANG, &query) != 0 ||
        call_read(call, &query.options, &reader) != 0) {
        return;
    }
    buf_reserve(&body, RECORD_BYTES_FIRST);
    if (store_get_json(reader, reg, call->params.id, call->arena, &body, &seq, &moved_to, &err) != 0) {
        viewing_init(&viewing, call->site->model, reader, call->arena);
        if (moved_to.len > 0 || err.code != ERR_NOT_FOUND || !send_gone(&viewing, call, reg)) {
            send_missing(call, reg, moved_to, STR(""), &err);
        }
        return;
    }
    call_send_json_buf(call, &body, "application/json", seq);
}

/* ---- /api/v1/REG/ID/history ---- */

static int build_history(struct call *call, const struct reg *reg, const struct query *query, struct reader *reader,
                         struct value *answer, struct err *err)
{
    struct arena *arena = call->arena;
    struct value *items = value_list(arena);
    struct viewing viewing;
    struct revision *revisions = NULL;
    struct str cursor = query->list.cursor;
    size_t count = 0;
    int64_t before = 0;

    if (cursor.len > 0 && (!str_to_int64(cursor, &before) || before < 1)) {
        return err_set_field(err, ERR_INVALID, STR("cursor"), "cursor is not one that this address gave out");
    }
    if (store_history(reader, reg, call->params.id, query->list.limit, before, arena, &revisions, &count, err) != 0) {
        return -1;
    }
    viewing_init(&viewing, call->site->model, reader, arena);
    for (size_t i = 0; i < count; i++) {
        struct value *item = NULL;
        if (view_revision(&viewing, reg, &revisions[i], &item, err) != 0) {
            return -1;
        }
        value_append(arena, items, item);
    }
    if (count == 0 && before == 0) {
        return err_set(err, ERR_NOT_FOUND, "no such record");
    }
    value_set(arena, answer, STR("items"), items);
    value_set(arena, answer, STR("next"),
              count < query->list.limit
                  ? value_null(arena)
                  : value_text(arena, arena_format(arena, "%lld", (long long)revisions[count - 1].seq)));
    return 0;
}

static void api_history(struct call *call)
{
    READER_AUTO *reader = NULL;
    const struct reg *reg = call_register(call);
    struct value *answer = value_object(call->arena);
    struct found found = {0};
    struct str moved_to = STR("");
    struct query query;
    struct err err = {0};

    if (reg == NULL || api_query(call, reg, QUERY_PAGE | QUERY_AS_OF | QUERY_LANG, &query) != 0 ||
        call_read(call, &query.options, &reader) != 0) {
        return;
    }
    if (store_get(reader, reg, call->params.id, call->arena, &found, &moved_to, &err) != 0 && moved_to.len > 0) {
        send_missing(call, reg, moved_to, STR("/history"), &err);
        return;
    }
    err = (struct err){0};
    if (build_history(call, reg, &query, reader, answer, &err) != 0) {
        send_missing(call, reg, STR(""), STR(""), &err);
        return;
    }
    call_send_json(call, answer, "application/json", 0);
}

const struct route api_routes[] = {
    {"/api/v1", api_index, false},
    {"/api/v1/openapi.json", api_openapi, false},
    {"/api/v1/search", api_search, false},
    {"/api/v1/suggest", api_suggest, false},
    {"/api/v1/{register}", api_list, false},
    {"/api/v1/{register.form}", api_form, false},
    {"/api/v1/kpi/{id}", api_kpi, false},
    {"/api/v1/{register}/{id}", api_record, false},
    {"/api/v1/{register}/{id}/history", api_history, false},
    {NULL, NULL, false},
};
