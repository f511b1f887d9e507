/* Sheets by libxlsxwriter, row by row: what is done of a sheet stands in a temporary file, and so does the workbook, which is
 * handed to the answer as the file that it is. A list is one sheet, the workbook of everything one for each register. */
#include "exchange/represent_internal.h"
#include "exchange/xlsx_file.h"

#include "base/message.h"

#include <string.h>
#include <xlsxwriter.h>

/* What a sheet can hold; its first row is the heading. */
#define XLSX_ROWS_MAX 1048576
#define XLSX_LINKS_MAX 5000
/* Rows after which the temporary files are looked at. */
#define XLSX_ROWS_UNSEEN 1000

struct xlsx_form {
    struct xlsx_file file;
    lxw_workbook *book;
    lxw_worksheet *sheet;
    lxw_format *heading;
    bool cut; /* some rows could not be kept */
};

static const char *cell_text(struct represent *r, struct str text)
{
    return xlsx_cell_text(&r->record, text);
}

static void write_text(struct represent *r, lxw_row_t row, lxw_col_t column, struct str text, lxw_format *format)
{
    struct xlsx_form *form = r->form;
    if (text.len > 0) {
        worksheet_write_string(form->sheet, row, column, cell_text(r, text), format);
    }
}

/* A figure takes two columns: its number, and its unit or currency. */
static lxw_col_t columns_for(const struct field *field)
{
    return field->type == FIELD_FIGURE ? 2 : 1;
}

static void write_headings(struct represent *r)
{
    struct xlsx_form *form = r->form;
    const struct reg *reg = r->config.reg;
    enum lang lang = r->config.lang;
    lxw_col_t column = 0;
    write_text(r, 0, column++, STR("id"), form->heading);
    for (size_t i = 0; i < reg->field_count; i++) {
        struct str title = bilingual_best(reg->fields[i].title, lang);
        write_text(r, 0, column, title, form->heading);
        if (columns_for(&reg->fields[i]) == 2) {
            struct str unit = lang == LANG_JA ? STR("単位") : STR("unit");
            write_text(r, 0, column + 1, arena_concat(&r->record, 4, title, STR(" ("), unit, STR(")")), form->heading);
        }
        column = (lxw_col_t)(column + columns_for(&reg->fields[i]));
    }
    worksheet_freeze_panes(form->sheet, 1, 1);
    worksheet_set_column(form->sheet, 0, column, 20, NULL);
}

/* libxlsxwriter does not say when a sheet's rows could not be kept. */
static void look_at_rows(struct xlsx_form *form)
{
    FILE *rows = form->sheet ? form->sheet->optimize_tmpfile : NULL;
    form->cut = form->cut || (rows && (fflush(rows) != 0 || ferror(rows)));
}

/* The sheet of the register that is told now. A title that another sheet has gives way to the register's own name. */
static int add_sheet(struct represent *r, struct err *err)
{
    struct xlsx_form *form = r->form;
    const char *name = xlsx_sheet_title(&r->record, bilingual_best(r->config.reg->title, r->config.lang));

    if (workbook_validate_sheet_name(form->book, name) != LXW_NO_ERROR) {
        name = xlsx_sheet_title(&r->record, r->config.reg->name);
    }
    look_at_rows(form);
    form->sheet = workbook_add_worksheet(form->book, name);
    if (!form->sheet) {
        return err_set(err, ERR_IO, "no sheet can be begun");
    }
    r->count = 0;
    write_headings(r);
    return 0;
}

static int open_xlsx(struct represent *r, struct err *err)
{
    struct xlsx_form *form = ARENA_NEW(&r->arena, struct xlsx_form);
    r->form = form;
    if (xlsx_file_open(&form->file, err)) {
        return -1;
    }
    lxw_workbook_options options = {.constant_memory = LXW_TRUE, .tmpdir = (char *)spool_folder()};
    form->book = workbook_new_opt(form->file.path, &options);
    if (!form->book) {
        return err_set(err, ERR_IO, "no spreadsheet can be begun");
    }
    lxw_doc_properties properties = {.title =
                                         (char *)cell_text(r, bilingual_best(r->config.reg->title, r->config.lang)),
                                     .created = (time_t)(r->config.now_ms / 1000)};
    workbook_set_properties(form->book, &properties);
    form->heading = workbook_add_format(form->book);
    format_set_bold(form->heading);
    return add_sheet(r, err);
}

static void write_figure(struct represent *r, lxw_row_t row, lxw_col_t column, const struct field *field,
                         const struct value *value)
{
    struct xlsx_form *form = r->form;
    const struct value *number = value_get(value, STR("value"));
    if (number) {
        worksheet_write_number(form->sheet, row, column, decimal_to_double(number->number), NULL);
    } else {
        write_text(r, row, column, represent_words(r, field, value), NULL);
    }
    struct str unit = value_get_text(value, STR("unit"));
    const struct vocabulary *units = model_vocabulary(r->config.model, STR("unit"));
    const struct term *term = units ? vocabulary_term(units, unit) : NULL;
    write_text(r, row, column + 1,
               unit.len == 0 ? value_get_text(value, STR("currency"))
               : term        ? bilingual_best(term->label, r->config.lang)
                             : unit,
               NULL);
}

static void write_field(struct represent *r, lxw_row_t row, lxw_col_t column, const struct field *field,
                        const struct value *value)
{
    struct xlsx_form *form = r->form;
    if (!value) {
        return;
    }
    if (field->type == FIELD_FIGURE) {
        write_figure(r, row, column, field, value);
    } else if (value->kind == VALUE_NUMBER) {
        worksheet_write_number(form->sheet, row, column, decimal_to_double(value->number), NULL);
    } else if (value->kind == VALUE_BOOL) {
        worksheet_write_boolean(form->sheet, row, column, value->boolean, NULL);
    } else {
        write_text(r, row, column, represent_words(r, field, value), NULL);
    }
}

/* Every row says what is allowed when the sheet, its file or the disk is full: libxlsxwriter goes on without a word. */
static int check_room(const struct represent *r, struct err *err)
{
    const struct xlsx_form *form = r->form;
    FILE *rows = form->sheet->optimize_tmpfile;

    if (represent_expect(r, (int64_t)r->count + 1, err)) {
        return -1;
    }
    if (r->config.spool == NULL || r->count % XLSX_ROWS_UNSEEN != 0) {
        return 0;
    }
    if (ferror(rows)) {
        return err_set(err, ERR_IO, "the spreadsheet could not be written: %s", message_text("the disk takes no more"));
    }
    return spool_check_room(r->config.spool, form->file.fd, (uint64_t)ftello(rows), err);
}

static int add_xlsx(struct represent *r, const struct found *found, struct err *err)
{
    struct xlsx_form *form = r->form;
    lxw_row_t row = (lxw_row_t)(r->count + 1);
    if (check_room(r, err)) {
        return -1;
    }
    struct str id = record_id(found->record);
    if (r->count < XLSX_LINKS_MAX && r->config.site_url.len > 0) {
        worksheet_write_url_opt(form->sheet, row, 0, represent_link(r, found->reg, id).ptr, NULL, cell_text(r, id),
                                NULL);
    } else {
        write_text(r, row, 0, id, NULL);
    }
    lxw_col_t column = 1;
    for (size_t i = 0; i < found->reg->field_count; i++) {
        const struct field *field = &found->reg->fields[i];
        write_field(r, row, column, field, value_get(found->record, field->name));
        column = (lxw_col_t)(column + columns_for(field));
    }
    return 0;
}

static int close_xlsx(struct represent *r, struct err *err)
{
    struct xlsx_form *form = r->form;
    look_at_rows(form);
    lxw_error failed = workbook_close(form->book);
    form->book = NULL;
    if (form->cut || failed != LXW_NO_ERROR) {
        return err_set(err, ERR_IO, "the spreadsheet could not be written: %s",
                       form->cut ? message_text("the disk takes no more") : lxw_strerror(failed));
    }
    return r->config.spool ? xlsx_file_hand_over(&form->file, r->config.spool, err)
                           : xlsx_file_read_all(&form->file, r->out, err);
}

static void abandon_xlsx(struct represent *r)
{
    struct xlsx_form *form = r->form;
    if (form && form->book) {
        (void)workbook_close(form->book);
    }
    if (form) {
        xlsx_file_close(&form->file);
    }
}

const struct represent_form represent_xlsx = {
    .extension = STR("xlsx"),
    .media_type = STR("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    .records_max = XLSX_ROWS_MAX - 1,
    .open = open_xlsx,
    .add = add_xlsx,
    .close = close_xlsx,
    .abandon = abandon_xlsx,
};

/* ---- the workbook of everything ---- */

struct filling {
    struct represent *represent;
    struct err *err;
};

static int fill(void *context, const struct found *found)
{
    struct filling *filling = context;

    return represent_add(filling->represent, found, filling->err);
}

static int next_sheet(struct represent *represent, const struct reg *reg, struct err *err)
{
    arena_reset(&represent->record);
    represent->config.reg = reg;
    return add_sheet(represent, err);
}

int represent_workbook(const struct represent_config *config, struct buf *out, struct err *err)
{
    struct represent_config sheet = *config;
    struct filling filling = {.err = err};

    sheet.representation = REPRESENT_XLSX;
    for (size_t i = 0; i < config->model->register_count; i++) {
        const struct reg *reg = &config->model->registers[i];
        int64_t count = 0;
        if (store_count(config->reader, reg, &count, err) != 0) {
            represent_abandon(filling.represent);
            return -1;
        }
        if (count == 0) {
            continue;
        }
        sheet.reg = reg;
        if ((filling.represent == NULL ? represent_open(&sheet, out, &filling.represent, err)
                                       : next_sheet(filling.represent, reg, err)) != 0 ||
            store_each(config->reader, reg, fill, &filling, err) != 0) {
            represent_abandon(filling.represent);
            return -1;
        }
    }
    if (filling.represent == NULL) {
        return err_set(err, ERR_NOT_FOUND, "no register has a record that may be shown");
    }
    return represent_close(filling.represent, err);
}
