#include "web/plan_file.h"

#include "exchange/represent.h"
#include "model/record.h"
#include "web/page.h"

#include <assert.h>

#define FILE_BYTES_MAX ((size_t)32 << 20)

/* ---- a table ---- */

void plan_sheet_begin(struct plan_sheet *sheet, struct arena *arena, struct str title, size_t columns, size_t rows_max)
{
    *sheet = (struct plan_sheet){.cells = ARENA_NEW_ARRAY(arena, columns * rows_max, struct table_cell),
                                 .room = columns * rows_max};
    sheet->sheet = (struct table_sheet){.title = title, .cells = sheet->cells, .columns = columns};
}

static void add_cell(struct plan_sheet *sheet, struct table_cell cell)
{
    assert(sheet->used < sheet->room);
    sheet->cells[sheet->used++] = cell;
    sheet->sheet.rows = sheet->used / sheet->sheet.columns;
}

void plan_sheet_text(struct plan_sheet *sheet, struct str text)
{
    add_cell(sheet, (struct table_cell){.text = text});
}

void plan_sheet_number(struct plan_sheet *sheet, double number)
{
    add_cell(sheet, (struct table_cell){.has_number = true, .number = number});
}

void plan_sheet_date(struct plan_sheet *sheet, struct date date, struct arena *arena)
{
    char text[DATE_TEXT_MAX] = "";
    if (date_is_set(date)) {
        date_format(date, text);
    }
    plan_sheet_text(sheet, arena_copy(arena, str_from_cstr(text)));
}

/* ---- offering and sending ---- */

void plan_file_offer(struct planning *planning, struct str path, struct str body)
{
    static const struct str forms[] = {STR(".csv"), STR(".xlsx")}, names[] = {STR("csv_href"), STR("xlsx_href")};
    struct call *call = planning->building.call;
    struct str href = page_href(call, path), query = planning->building.display.link_query;
    if (body.len) {
        query = arena_concat(call->arena, 3, query.len ? query : STR("?"), query.len ? STR("&body=") : STR("body="),
                             url_segment(call->arena, body));
    }
    for (size_t i = 0; i < 2; i++) {
        value_set_text(call->arena, planning->frame, names[i], arena_concat(call->arena, 3, href, forms[i], query));
    }
}

void plan_file_send(struct planning *planning, struct str name, struct plan_sheet *sheets, size_t count)
{
    struct call *call = planning->building.call;
    bool csv = str_ends_with(call->request->path, STR(".csv"));
    enum representation form = csv ? REPRESENT_CSV : REPRESENT_XLSX;
    struct table_sheet *all = ARENA_NEW_ARRAY(call->arena, count, struct table_sheet);
    struct table_book book = {.sheets = all, .count = count};
    struct err err = {0};
    struct buf out;
    int result;
    for (size_t i = 0; i < count; i++) {
        all[i] = sheets[i].sheet;
    }
    buf_init(&out, FILE_BYTES_MAX);
    result = store_changed_ms(planning->building.reader, &book.created_ms, &err);
    if (result == 0) {
        result = csv ? table_csv_write(&all[0], &out, &err) : table_workbook_write(&book, call->arena, &out, &err);
    }
    if (result != 0) {
        buf_free(&out);
        page_send_err(call, &err);
        return;
    }
    http_response_header(call->response, "Content-Disposition",
                         arena_format(call->arena, "attachment; filename=\"%.*s.%.*s\"", STR_ARG(name),
                                      STR_ARG(representation_extension(form))));
    call_send_buf(call, representation_media_type(form), &out, 0);
}

/* ---- the items ---- */

static const char *const columns[] = {
    "plan-column-level", "plan-column-kind",  "plan-column-id",        "plan-column-item",  "plan-column-within",
    "plan-column-who",   "plan-column-group", "plan-column-open",      "plan-column-state", "plan-column-remarks",
    "plan-column-ends",  "plan-column-last",  "plan-column-last-what", "plan-column-next",  "plan-column-evidence",
    "plan-column-count", "plan-column-link",
};
#define COLUMN_COUNT (sizeof columns / sizeof columns[0])

/* Which items a table has. */
typedef bool item_filter(const struct planning *planning, const struct plan_node *node, const void *context);

struct items {
    struct planning *planning;
    struct plan_sheet sheet;
    item_filter *has;
    const void *context;
};

static struct str joined(struct arena *arena, struct str before, struct str text)
{
    return before.len ? arena_concat(arena, 3, before, STR("; "), text) : text;
}

/* The texts of a list of views, their "text" itself or that of the plain or linked value they are. */
static struct str words_of(struct arena *arena, const struct value *list)
{
    static const struct str kinds[] = {STR("plain"), STR("link"), STR("outside")};
    struct str words = STR("");
    for (size_t i = 0; i < value_count(list); i++) {
        const struct value *one = value_at(list, i);
        struct str text = value_get_text(one, STR("text"));
        for (size_t k = 0; k < sizeof kinds / sizeof kinds[0] && !text.len; k++) {
            const struct value *inner = value_get(one, kinds[k]);
            text = inner && inner->kind == VALUE_OBJECT ? value_get_text(inner, STR("text")) : STR("");
        }
        words = joined(arena, words, text);
    }
    return words;
}

/* What display_field gave, or false. */
static struct str field_words(struct arena *arena, const struct value *field)
{
    return field && field->kind == VALUE_OBJECT ? words_of(arena, value_get(field, STR("values"))) : STR("");
}

static struct str evidence_words(struct planning *planning, const struct plan_node *node)
{
    struct str words = STR("");
    for (size_t i = 0; i < node->witness_count; i++) {
        struct value *label = section_label(&planning->building, node->witnesses[i].found, NULL);
        words = joined(planning->building.arena, words, value_get_text(label, STR("text")));
    }
    return words;
}

static struct str name_of(struct planning *planning, size_t node)
{
    const struct found *found = node == PLAN_NONE ? NULL : planning->plan.nodes[node].found;
    return found ? value_get_text(section_label(&planning->building, found, NULL), STR("text")) : STR("");
}

static void add_progress(struct items *items, const struct plan_node *node)
{
    struct planning *planning = items->planning;
    struct arena *arena = planning->building.arena;
    bool noted = node->note_count > 0;
    struct value *last = noted ? section_label(&planning->building, node->notes[0].found, NULL) : NULL;
    plan_sheet_date(&items->sheet, node->ends, arena);
    plan_sheet_date(&items->sheet, noted ? node->notes[0].on : (struct date){0}, arena);
    plan_sheet_text(&items->sheet, last ? value_get_text(last, STR("text")) : STR(""));
    plan_sheet_date(&items->sheet, node->next, arena);
    plan_sheet_text(&items->sheet, evidence_words(planning, node));
    plan_sheet_number(&items->sheet, (double)node->witness_count);
}

static int add_item(struct items *items, const struct plan_node *node, int level, struct err *err)
{
    struct planning *planning = items->planning;
    struct call *call = planning->building.call;
    struct plan_sheet *sheet = &items->sheet;
    struct value *view = NULL;
    if (planning_node(planning, node, &view, err) != 0) {
        return -1;
    }
    const struct value *state = value_get(view, STR("state"));
    if (state->kind != VALUE_OBJECT && node->role == PLAN_ACTION) {
        state = planning_state(planning, node);
    }
    plan_sheet_number(sheet, level);
    plan_sheet_text(sheet, value_get_text(view, STR("kind")));
    plan_sheet_text(sheet, node->id);
    plan_sheet_text(sheet, value_get_text(view, STR("text")));
    plan_sheet_text(sheet, name_of(planning, node->parent));
    plan_sheet_text(sheet, field_words(call->arena, value_get(view, STR("bodies"))));
    plan_sheet_text(sheet, field_words(call->arena, value_get(view, STR("groups"))));
    plan_sheet_text(sheet, value_get_bool(view, STR("others")) ? SAY(call, "yes") : STR(""));
    plan_sheet_text(sheet, state->kind == VALUE_OBJECT ? value_get_text(state, STR("text")) : STR(""));
    plan_sheet_text(sheet, words_of(call->arena, value_get(view, STR("flags"))));
    add_progress(items, node);
    plan_sheet_text(sheet, arena_concat(call->arena, 2, call_lasting_url(call), value_get_text(view, STR("href"))));
    return 0;
}

static int add_items(struct items *items, size_t at, int level, struct err *err)
{
    const struct plan *plan = &items->planning->plan;
    const struct plan_node *node = &plan->nodes[at];
    if (items->has(items->planning, node, items->context) && add_item(items, node, level, err) != 0) {
        return -1;
    }
    for (size_t child = node->first_child; child != PLAN_NONE; child = plan->nodes[child].next_sibling) {
        if (add_items(items, child, level + 1, err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int items_sheet(struct planning *planning, const char *title_msgid, item_filter *has, const void *context,
                       struct plan_sheet *ret_sheet, struct err *err)
{
    struct call *call = planning->building.call;
    struct items items = {.planning = planning, .has = has, .context = context};
    plan_sheet_begin(&items.sheet, call->arena, say(call, title_msgid, NULL, 0), COLUMN_COUNT,
                     planning->plan.count + 1);
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        plan_sheet_text(&items.sheet, say(call, columns[i], NULL, 0));
    }
    for (size_t i = 0; i < planning->plan.root_count; i++) {
        if (add_items(&items, planning->plan.roots[i], 1, err) != 0) {
            return -1;
        }
    }
    *ret_sheet = items.sheet;
    return 0;
}

/* ---- the files ---- */

/* Called like the page whose title it has. */
typedef int plan_sheet_maker(struct planning *planning, struct plan_sheet *ret_sheet, struct err *err);

static bool needs_attention(const struct planning *planning, const struct plan_node *node, const void *context)
{
    (void)planning;
    (void)context;
    return (node->flags & ~(unsigned)PLAN_CLOSED) != 0;
}

static int attention_sheet(struct planning *planning, struct plan_sheet *ret_sheet, struct err *err)
{
    return items_sheet(planning, "plan-attention", needs_attention, NULL, ret_sheet, err);
}

static void send_one(struct call *call, const char *title_msgid, plan_sheet_maker *make)
{
    READER_AUTO *reader = NULL;
    struct planning planning = {0};
    struct plan_sheet sheet;
    struct err err = {0};
    if (planning_begin(&planning, call, title_msgid, &reader) != 0) {
        return;
    }
    if (make(&planning, &sheet, &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    plan_file_send(&planning, str_from_cstr(title_msgid), &sheet, 1);
}

void plan_file_attention(struct call *call)
{
    send_one(call, "plan-attention", attention_sheet);
}

void plan_file_matrix(struct call *call)
{
    send_one(call, "plan-matrix", plan_matrix_sheet);
}

static bool is_ours(const struct planning *planning, const struct plan_node *node, const void *context)
{
    return planning_shows(planning, node) &&
           plan_body_share(context, planning->layout, node->found->record) != PLAN_SHARE_NONE;
}

/* -1 when it has been answered. */
static int body_sheet(struct planning *planning, struct str id, struct plan_sheet *ret_sheet)
{
    struct call *call = planning->building.call;
    const struct reg *reg = layout_register(value_get(planning->layout, STR("body")), call->site->model);
    struct plan_body body;
    struct found found;
    struct err err = {0};
    if (reg == NULL || store_get(planning->building.reader, reg, id, call->arena, &found, NULL, &err) != 0) {
        page_send_missing(call, id);
        return -1;
    }
    if (plan_body_read(planning->building.reader, call->site->model, planning->layout, &found, call->arena, &body,
                       &err) != 0 ||
        items_sheet(planning, "plan-ours", is_ours, &body, ret_sheet, &err) != 0) {
        page_send_err(call, &err);
        return -1;
    }
    return 0;
}

static bool in_tree(const struct planning *planning, const struct plan_node *node, const void *context)
{
    (void)context;
    return planning_holds_shown(planning, node);
}

void plan_file_tree(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct planning planning = {0};
    struct plan_sheet sheets[2];
    struct str body;
    struct err err = {0};
    if (planning_begin(&planning, call, "plan", &reader) != 0) {
        return;
    }
    if (http_query(call->request, "body", &body)) {
        if (body_sheet(&planning, body, &sheets[0]) == 0) {
            plan_file_send(&planning, STR("plan-of-body"), sheets, 1);
        }
        return;
    }
    if (items_sheet(&planning, "plan", in_tree, NULL, &sheets[0], &err) != 0 ||
        plan_matrix_sheet(&planning, &sheets[1], &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    plan_file_send(&planning, STR("plan"), sheets, 2);
}
