#include "exchange/kpi_workbook.h"

#include "exchange/csv.h"
#include "exchange/xlsx_file.h"
#include "model/record.h"

#include <stdio.h>
#include <xlsxwriter.h>

#define BOOK_BYTES_MAX ((size_t)256 << 20)
#define ROWS_MAX 1000000

struct book {
    const struct kpi_workbook *asked;
    struct arena arena;   /* of the whole */
    struct arena scratch; /* of a row */
    struct xlsx_file file;
    lxw_workbook *book;
    lxw_worksheet *sheet;
    lxw_format *heading, *wrapped;
    lxw_row_t row;
    double total;       /* of the year that is told; 0: not known */
    struct map sources; /* ids of sources that were met */
    struct err *err;
};

/* ---- cells ---- */

static struct str word(const struct book *book, const char *msgid)
{
    return book->asked->say(book->asked->say_context, msgid);
}

static void put_text(struct book *book, int column, struct str text, lxw_format *format)
{
    if (text.len)
        worksheet_write_string(book->sheet, book->row, (lxw_col_t)column, xlsx_cell_text(&book->scratch, text), format);
}

static void put_number(struct book *book, int column, bool there, double number)
{
    if (there)
        worksheet_write_number(book->sheet, book->row, (lxw_col_t)column, number, NULL);
}

static void begin_sheet(struct book *book, const char *title, const char *const *headings, size_t count)
{
    book->sheet = workbook_add_worksheet(book->book, xlsx_sheet_title(&book->scratch, word(book, title)));
    book->row = 0;
    for (size_t i = 0; i < count; i++)
        put_text(book, (int)i, word(book, headings[i]), book->heading);
    worksheet_freeze_panes(book->sheet, 1, 1);
    worksheet_set_column(book->sheet, 0, (lxw_col_t)(count - 1), 18, NULL);
    book->row = 1;
    arena_reset(&book->scratch);
}

static int open_book(struct book *book, const struct kpi_workbook *asked, struct err *err)
{
    int64_t created_ms = 0; /* of the same state of the data the same, so that the files are the same too */
    *book = (struct book){.asked = asked, .err = err};
    if (store_changed_ms(asked->reader, &created_ms, err) || xlsx_file_open(&book->file, err))
        return -1;
    book->book = workbook_new(book->file.path);
    if (!book->book) {
        xlsx_file_close(&book->file);
        return err_set(err, ERR_IO, "no spreadsheet can be begun");
    }
    workbook_set_properties(book->book, &(lxw_doc_properties){.created = (time_t)(created_ms / 1000)});
    arena_init(&book->arena, BOOK_BYTES_MAX);
    arena_init(&book->scratch, BOOK_BYTES_MAX);
    map_init(&book->sources, &book->arena);
    book->heading = workbook_add_format(book->book);
    format_set_bold(book->heading);
    book->wrapped = workbook_add_format(book->book);
    format_set_text_wrap(book->wrapped);
    format_set_align(book->wrapped, LXW_ALIGN_VERTICAL_TOP);
    return 0;
}

static int close_book(struct book *book, int result, struct buf *out, struct err *err)
{
    lxw_error failed = workbook_close(book->book);
    if (result == 0 && failed != LXW_NO_ERROR)
        result = err_set(err, ERR_IO, "the spreadsheet cannot be written: %s", lxw_strerror(failed));
    if (result == 0)
        result = xlsx_file_read_all(&book->file, out, err);
    xlsx_file_close(&book->file);
    arena_free(&book->arena);
    arena_free(&book->scratch);
    return result;
}

/* ---- the series ---- */

static void put_point(struct book *book, const struct kpi_point *point)
{
    put_number(book, 0, true, point->year);
    put_number(book, 1, point->has_actual, (decimal_to_double(point->low) + decimal_to_double(point->high)) / 2);
    put_text(book, 2, !point->has_actual ? STR("") : point->estimated ? word(book, "kpi-estimated") : STR(""), NULL);
    put_number(book, 3, point->has_path, point->path_low);
    put_number(book, 4, point->has_forecast, point->forecast.median);
    for (int fan = 0; fan < FAN_COUNT; fan++) {
        put_number(book, 5 + 2 * fan, point->has_forecast, point->forecast.low[fan]);
        put_number(book, 6 + 2 * fan, point->has_forecast, point->forecast.high[fan]);
    }
    if (point->coverage) {
        put_number(book, 11, true, (double)point->coverage->reported);
        put_number(book, 12, true, (double)point->coverage->expected);
    }
    put_number(book, 13, point->has_carried, decimal_to_double(point->carried));
    put_number(book, 14, point->has_trend, point->trend);
    book->row++;
    arena_reset(&book->scratch);
}

static void add_line(struct book *book, lxw_chart *chart, lxw_col_t column, const char *name, lxw_row_t last)
{
    const char *sheet = xlsx_cell_text(&book->scratch, word(book, "kpi-sheet-series"));
    lxw_chart_series *series = chart_add_series(chart, NULL, NULL);
    chart_series_set_categories(series, sheet, 1, 0, last, 0);
    chart_series_set_values(series, sheet, 1, column, last, column);
    chart_series_set_name(series, xlsx_cell_text(&book->scratch, word(book, name)));
    if (column == 1)
        chart_series_set_marker_type(series, LXW_CHART_MARKER_CIRCLE);
}

static void put_series(struct book *book)
{
    static const char *const headings[] = {"kpi-year",     "kpi-actual",        "kpi-estimated", "kpi-path",
                                           "kpi-forecast", "kpi-low50",         "kpi-high50",    "kpi-low80",
                                           "kpi-high80",   "kpi-low95",         "kpi-high95",    "kpi-reported",
                                           "kpi-expected", "kpi-carried-short", "kpi-trend"};
    const struct kpi *kpi = book->asked->kpi;
    begin_sheet(book, "kpi-sheet-series", headings, sizeof headings / sizeof headings[0]);
    for (size_t i = 0; i < kpi->point_count; i++)
        put_point(book, &kpi->points[i]);
    if (kpi->point_count == 0)
        return;
    lxw_row_t last = (lxw_row_t)kpi->point_count;
    lxw_chart *chart = workbook_add_chart(book->book, LXW_CHART_LINE);
    add_line(book, chart, 1, "kpi-actual", last);
    add_line(book, chart, 3, "kpi-path", last);
    if (kpi->has_forecast) {
        add_line(book, chart, 4, "kpi-forecast", last);
        add_line(book, chart, 7, "kpi-low80", last);
        add_line(book, chart, 8, "kpi-high80", last);
    }
    struct str name = bilingual_best(record_label(book->asked->model, kpi->reg, kpi->record->record, &book->arena),
                                     book->asked->lang);
    chart_title_set_name(chart, xlsx_cell_text(&book->scratch, name));
    chart_show_blanks_as(chart, LXW_CHART_BLANKS_AS_GAP);
    if (kpi->rank)
        chart_axis_set_reverse(chart->y_axis);
    lxw_chart_options options = {.x_scale = 1.6, .y_scale = 1.4};
    worksheet_insert_chart_opt(book->sheet, last + 2, 0, chart, &options);
}

/* ---- definitions and sources ---- */

static void note_sources(struct book *book, const struct value *record)
{
    const struct value *sources = value_get(record, STR("sources"));
    for (size_t i = 0; i < value_count(sources); i++) {
        struct str id = value_get_text(value_at(sources, i), STR("source"));
        if (id.len && !map_get(&book->sources, id) && book->sources.count < 5000) {
            struct str *kept = ARENA_NEW(&book->arena, struct str);
            *kept = arena_copy(&book->arena, id);
            map_set(&book->sources, *kept, kept);
        }
    }
}

static struct str best(const struct book *book, const struct value *record, const char *name)
{
    return bilingual_best(value_bilingual(value_get(record, str_from_cstr(name))), book->asked->lang);
}

static void put_definitions(struct book *book)
{
    static const char *const headings[] = {"kpi-definitions", "kpi-definition-id", "kpi-counts", "kpi-scope",
                                           "kpi-open-questions"};
    static const char *const fields[] = {"name", NULL, "counts", "scope", "open_questions"};
    const struct kpi *kpi = book->asked->kpi;
    begin_sheet(book, "kpi-sheet-definitions", headings, 5);
    worksheet_set_column(book->sheet, 2, 4, 60, NULL);
    for (size_t i = 0; i < kpi->definition_count; i++) {
        const struct value *record = kpi->definitions[i].record;
        for (int column = 0; column < 5; column++)
            put_text(book, column, fields[column] ? best(book, record, fields[column]) : record_id(record),
                     book->wrapped);
        note_sources(book, record);
        book->row++;
        arena_reset(&book->scratch);
    }
    if (kpi->measure) {
        put_text(book, 0, word(book, "kpi-formula"), book->heading);
        put_text(book, 1, kpi->measure->name, NULL);
        put_text(book, 2, bilingual_best(kpi->measure->description, book->asked->lang), book->wrapped);
    }
}

static int put_sources(struct book *book, struct err *err)
{
    static const char *const headings[] = {"kpi-source", "kpi-source-title", "kpi-source-publisher", "kpi-source-url",
                                           "kpi-source-date"};
    const struct reg *reg = model_role(book->asked->model, ROLE_SOURCE);
    begin_sheet(book, "kpi-sheet-sources", headings, 5);
    worksheet_set_column(book->sheet, 1, 3, 50, NULL);
    for (size_t i = 0; reg && i < book->sources.capacity; i++) {
        const struct map_slot *slot = &book->sources.slots[i];
        struct found found;
        struct err missing = {0};
        if (!slot->value)
            continue;
        put_text(book, 0, slot->key, NULL);
        if (store_get(book->asked->reader, reg, slot->key, &book->scratch, &found, NULL, &missing) == 0) {
            put_text(book, 1, best(book, found.record, "title"), book->wrapped);
            put_text(book, 2, best(book, found.record, "publisher"), NULL);
            put_text(book, 3, value_get_text(found.record, STR("url")), NULL);
            put_text(book, 4, value_get_text(found.record, STR("date")), NULL);
        } else if (missing.code != ERR_NOT_FOUND) {
            *err = missing;
            return -1;
        }
        book->row++;
        arena_reset(&book->scratch);
    }
    return 0;
}

int kpi_workbook_write(const struct kpi_workbook *workbook, struct buf *out, struct err *err)
{
    struct book book;
    if (open_book(&book, workbook, err))
        return -1;
    note_sources(&book, workbook->kpi->record->record);
    for (size_t i = 0; i < workbook->kpi->value_count; i++)
        note_sources(&book, workbook->kpi->values[i].record);
    put_series(&book);
    put_definitions(&book);
    return close_book(&book, put_sources(&book, err), out, err);
}

/* ---- one year ---- */

static const struct reg *contributor_register(const struct measure *measure)
{
    const struct field_path *path = &measure->contributor;
    return path->count ? path->steps[path->count - 1]->reference : NULL;
}

static struct str name_of(struct book *book, const struct reg *reg, struct str id)
{
    struct bilingual label = {0};
    struct err err = {0};
    if (reg && id.len)
        store_label(book->asked->reader, reg, id, &book->scratch, &label, &err);
    return bilingual_best(label, book->asked->lang);
}

static const char *use_word(enum measure_use use)
{
    static const char *const words[] = {"kpi-use-0", "kpi-use-1", "kpi-use-2", "kpi-use-3"};
    return words[use];
}

static int put_row(void *context, const struct measure_row *row)
{
    struct book *book = context;
    struct found found;
    struct err missing = {0};
    if (store_get(book->asked->reader, row->measure->reg, row->id, &book->scratch, &found, NULL, &missing) == 0)
        note_sources(book, found.record);
    put_text(book, 0, row->id, NULL);
    put_text(book, 1, row->contributor, NULL);
    put_text(book, 2, name_of(book, contributor_register(row->measure), row->contributor), NULL);
    put_number(book, 3, row->has_value, decimal_to_double(row->low));
    put_number(book, 4, row->has_value && row->use == USE_COUNTED && book->total != 0,
               decimal_to_double(row->low) / (book->total != 0 ? book->total : 1));
    put_text(book, 5, word(book, use_word(row->use)), NULL);
    put_text(book, 6, bilingual_best(row->measure->title, book->asked->lang), NULL);
    book->row++;
    arena_reset(&book->scratch);
    return 0;
}

static const struct measure_cell *cell_of(const struct kpi *kpi, int year)
{
    const struct kpi_point *point = kpi_point_of(kpi, year);
    return point ? point->cell : NULL;
}

static double total_of(const struct kpi *kpi, int year)
{
    const struct measure_cell *cell = cell_of(kpi, year);
    return cell && cell->has_value && !cell->suppressed ? decimal_to_double(cell->low) : 0;
}

static int put_splits(struct book *book, int year, struct err *err)
{
    static const char *const headings[] = {"kpi-part", "kpi-part", "kpi-value", "kpi-share", "kpi-suppressed"};
    const struct measure *measure = book->asked->kpi->measure;
    begin_sheet(book, "kpi-sheet-parts", headings, 5);
    for (size_t i = 0; i < measure->split_count; i++) {
        struct measure_query query = book->asked->kpi->query;
        struct measure_cell *cells;
        size_t count;
        query.from_year = query.to_year = year;
        query.split = &measure->splits[i];
        if (store_measure(book->asked->reader, &query, &book->arena, &cells, &count, err))
            return -1;
        for (size_t k = 0; k < count; k++) {
            put_text(book, 0, bilingual_best(measure->splits[i].title, book->asked->lang), NULL);
            put_text(book, 1, cells[k].split.len ? cells[k].split : word(book, "kpi-part-none"), NULL);
            put_number(book, 2, cells[k].has_value && !cells[k].suppressed, decimal_to_double(cells[k].low));
            put_number(book, 3, cells[k].has_value && !cells[k].suppressed && book->total != 0,
                       decimal_to_double(cells[k].low) / (book->total != 0 ? book->total : 1));
            put_text(book, 4, cells[k].suppressed ? word(book, "kpi-suppressed") : STR(""), NULL);
            book->row++;
            arena_reset(&book->scratch);
        }
    }
    return 0;
}

/* What a ratio is of has no share in it. */
static void begin_year(struct book *book, int year)
{
    const struct kpi *kpi = book->asked->kpi;
    book->total = kpi->measure->kind == MEASURE_RATIO ? 0 : total_of(kpi, year);
}

int kpi_workbook_write_year(const struct kpi_workbook *workbook, int year, struct buf *out, struct err *err)
{
    static const char *const headings[] = {"kpi-records", "kpi-contributor", "kpi-name",   "kpi-value",
                                           "kpi-share",   "kpi-use",         "kpi-formula"};
    struct book book;
    if (open_book(&book, workbook, err))
        return -1;
    begin_year(&book, year);
    begin_sheet(&book, "kpi-records", headings, 7);
    int result =
        store_measure_each(workbook->reader, &workbook->kpi->query, year, STR(""), 0, ROWS_MAX, put_row, &book, err);
    if (result == 0)
        result = put_splits(&book, year, err);
    put_definitions(&book);
    if (result == 0)
        result = put_sources(&book, err);
    return close_book(&book, result, out, err);
}

/* ---- CSV ---- */

struct csv_rows {
    struct book book; /* for names alone */
    struct buf *out;
};

static int write_row(void *context, const struct measure_row *row)
{
    struct csv_rows *rows = context;
    struct book *book = &rows->book;
    char value[DECIMAL_TEXT_MAX], share[40];
    bool counted = row->has_value && row->use == USE_COUNTED && book->total != 0;
    int share_length = counted ? snprintf(share, sizeof share, "%.6f", decimal_to_double(row->low) / book->total) : 0;
    static const struct str uses[] = {STR("counted"), STR("no-number"), STR("other-period"), STR("in-group")};
    struct str cells[] = {
        row->id,
        row->contributor,
        name_of(book, contributor_register(row->measure), row->contributor),
        row->has_value ? str_make(value, decimal_format(row->low, value)) : STR(""),
        str_make(share, (size_t)share_length),
        uses[row->use],
        row->measure->name,
    };
    csv_write_row(rows->out, cells, sizeof cells / sizeof cells[0], ',');
    arena_reset(&book->scratch);
    return rows->out->overflow;
}

int kpi_write_year_csv(const struct kpi_workbook *workbook, int year, struct buf *out, struct err *err)
{
    static const struct str headings[] = {STR("id"),    STR("contributor"), STR("name"),   STR("value"),
                                          STR("share"), STR("use"),         STR("measure")};
    struct csv_rows rows = {.book = {.asked = workbook}, .out = out};
    arena_init(&rows.book.scratch, BOOK_BYTES_MAX);
    begin_year(&rows.book, year);
    buf_add(out, CSV_BYTE_ORDER_MARK);
    csv_write_row(out, headings, sizeof headings / sizeof headings[0], ',');
    int result =
        store_measure_each(workbook->reader, &workbook->kpi->query, year, STR(""), 0, ROWS_MAX, write_row, &rows, err);
    arena_free(&rows.book.scratch);
    if (out->overflow)
        return err_set(err, ERR_LIMIT, "the list is larger than %zu MiB", out->max >> 20);
    return result;
}
