/* Bodies and actions: every action, and the bodies and groups that the plan names for it; as a page and as a file. */
#include "web/plan_file.h"

#include "model/record.h"
#include "web/page.h"

#define COLUMNS_MAX 80

/* A column of the matrix: a group by its code, or a body by its id. */
struct matrix_column {
    struct str key;
    bool is_group;
};

struct matrix {
    struct planning *planning;
    struct matrix_column columns[COLUMNS_MAX];
    size_t count;
};

static struct str party_id(const struct value *party)
{
    return party->kind == VALUE_OBJECT ? value_get_text(party, STR("id")) : value_text_of(party);
}

static const struct value *parties(const struct planning *planning, const struct plan_node *node, const char *member)
{
    const struct value *item = value_get(planning->layout, STR("item"));
    return value_get(node->found->record, value_get_text(item, str_from_cstr(member)));
}

static bool names(const struct planning *planning, const struct plan_node *node, const struct matrix_column *column)
{
    const struct value *list = parties(planning, node, column->is_group ? "groups" : "bodies");
    for (size_t i = 0; i < value_count(list); i++) {
        if (str_eq(party_id(value_at(list, i)), column->key)) {
            return true;
        }
    }
    return false;
}

static void add_columns(struct matrix *matrix, bool groups)
{
    const struct plan *plan = &matrix->planning->plan;
    for (size_t i = 0; i < plan->count; i++) {
        const struct value *list = parties(matrix->planning, &plan->nodes[i], groups ? "groups" : "bodies");
        for (size_t k = 0; plan->nodes[i].role == PLAN_ACTION && k < value_count(list); k++) {
            struct matrix_column column = {.key = party_id(value_at(list, k)), .is_group = groups};
            bool there = column.key.len == 0 || matrix->count == COLUMNS_MAX;
            for (size_t c = 0; c < matrix->count && !there; c++) {
                there = matrix->columns[c].is_group == groups && str_eq(matrix->columns[c].key, column.key);
            }
            if (!there) {
                matrix->columns[matrix->count++] = column;
            }
        }
    }
}

static int column_view(struct matrix *matrix, const struct matrix_column *column, struct value **ret_view,
                       struct err *err)
{
    struct planning *planning = matrix->planning;
    struct building *building = &planning->building;
    const struct reg *bodies = layout_register(value_get(planning->layout, STR("body")), building->call->site->model);
    struct bilingual label = {0};
    struct value *view;
    if (column->is_group || !bodies) {
        view = display_plain_text(building->arena, planning_term(planning, "item", "groups", column->key));
        value_set(building->arena, view, STR("href"), value_bool(building->arena, false));
        *ret_view = view;
        return 0;
    }
    if (viewing_label(&building->viewing, bodies, column->key, &label, err) != 0) {
        return -1;
    }
    view = display_text(building->arena, building->call->lang, label);
    value_set_text(building->arena, view, STR("href"),
                   arena_concat(building->arena, 2, page_href(building->call, STR("plan/body/")), column->key));
    *ret_view = view;
    return 0;
}

static int add_matrix_rows(struct matrix *matrix, struct value *rows, struct err *err)
{
    struct planning *planning = matrix->planning;
    struct arena *arena = planning->building.arena;
    for (size_t i = 0; i < planning->plan.count; i++) {
        const struct plan_node *node = &planning->plan.nodes[i];
        bool heading = planning_is_kind(planning, "sections", node->kind) && planning_shows(planning, node);
        struct value *row = NULL;
        struct value *cells = value_list(arena);
        if (node->role != PLAN_ACTION && !heading) {
            continue;
        }
        if (planning_node(planning, node, &row, err) != 0) {
            return -1;
        }
        for (size_t c = 0; c < matrix->count && !heading; c++) {
            struct value *cell = value_object(arena);
            value_set(arena, cell, STR("is"), value_bool(arena, names(planning, node, &matrix->columns[c])));
            value_append(arena, cells, cell);
        }
        value_set(arena, row, STR("heading"), value_bool(arena, heading));
        value_set(arena, row, STR("cells"), cells);
        value_append(arena, rows, row);
    }
    return 0;
}

static int add_column_views(struct matrix *matrix, struct value *columns, struct err *err)
{
    for (size_t c = 0; c < matrix->count; c++) {
        struct value *column = NULL;
        if (column_view(matrix, &matrix->columns[c], &column, err) != 0) {
            return -1;
        }
        value_append(matrix->planning->building.arena, columns, column);
    }
    return 0;
}

static struct matrix *read_matrix(struct planning *planning)
{
    struct matrix *matrix = ARENA_NEW(planning->building.arena, struct matrix);
    matrix->planning = planning;
    add_columns(matrix, false);
    add_columns(matrix, true);
    return matrix;
}

void page_matrix(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct planning planning = {0};
    struct value *columns = value_list(call->arena);
    struct value *rows = value_list(call->arena);
    struct err err = {0};
    if (planning_begin(&planning, call, "plan-matrix", &reader) != 0) {
        return;
    }
    struct matrix *matrix = read_matrix(&planning);
    if (add_column_views(matrix, columns, &err) != 0 || add_matrix_rows(matrix, rows, &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    value_set(call->arena, planning.frame, STR("columns"), columns);
    value_set_text(call->arena, planning.frame, STR("width"), arena_format(call->arena, "%zu", matrix->count + 1));
    value_set(call->arena, planning.frame, STR("rows"), rows);
    plan_file_offer(&planning, STR("plan/matrix"), STR(""));
    page_send(call, "plan_matrix", planning.frame);
}

/* ---- as a file ---- */

int plan_matrix_sheet(struct planning *planning, struct plan_sheet *ret_sheet, struct err *err)
{
    struct call *call = planning->building.call;
    struct value *columns = value_list(call->arena);
    struct matrix *matrix = read_matrix(planning);
    if (add_column_views(matrix, columns, err) != 0) {
        return -1;
    }
    plan_sheet_begin(ret_sheet, call->arena, SAY(call, "plan-matrix"), matrix->count + 2, planning->plan.count + 1);
    plan_sheet_text(ret_sheet, SAY(call, "plan-column-id"));
    plan_sheet_text(ret_sheet, SAY(call, "plan-action"));
    for (size_t c = 0; c < matrix->count; c++) {
        plan_sheet_text(ret_sheet, value_get_text(value_at(columns, c), STR("text")));
    }
    for (size_t i = 0; i < planning->plan.count; i++) {
        const struct plan_node *node = &planning->plan.nodes[i];
        if (node->role != PLAN_ACTION) {
            continue;
        }
        struct value *label = section_label(&planning->building, node->found, NULL);
        plan_sheet_text(ret_sheet, node->id);
        plan_sheet_text(ret_sheet, value_get_text(label, STR("text")));
        for (size_t c = 0; c < matrix->count; c++) {
            if (names(planning, node, &matrix->columns[c])) {
                plan_sheet_number(ret_sheet, 1);
            } else {
                plan_sheet_text(ret_sheet, STR(""));
            }
        }
    }
    return 0;
}
