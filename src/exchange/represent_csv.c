#include "exchange/csv.h"
#include "exchange/represent_internal.h"

struct csv_form {
    struct column *columns;
    size_t count;
    struct str *cells;
};

static int open_csv(struct represent *r, struct err *err)
{
    (void)err;
    struct csv_form *form = ARENA_NEW(&r->arena, struct csv_form);
    form->count = columns_of(r->config.reg, &r->arena, &form->columns);
    form->cells = ARENA_NEW_ARRAY(&r->arena, form->count, struct str);
    for (size_t i = 0; i < form->count; i++) {
        form->cells[i] = form->columns[i].name;
    }
    r->form = form;
    buf_add(r->out, CSV_BYTE_ORDER_MARK);
    csv_write_sheet_row(r->out, form->cells, form->count, ',');
    return 0;
}

static int add_csv(struct represent *r, const struct found *found, struct err *err)
{
    (void)err;
    struct csv_form *form = r->form;
    for (size_t i = 0; i < form->count; i++) {
        form->cells[i] = record_cell(found->reg, found->record, &form->columns[i], &r->record);
    }
    csv_write_sheet_row(r->out, form->cells, form->count, ',');
    return 0;
}

static int close_csv(struct represent *r, struct err *err)
{
    (void)r;
    (void)err;
    return 0;
}

const struct represent_form represent_csv = {
    .extension = STR("csv"),
    .media_type = STR("text/csv; charset=utf-8"),
    .open = open_csv,
    .add = add_csv,
    .close = close_csv,
};
