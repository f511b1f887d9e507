/* The pages of indicators beside the record's own: the tree of all, the series of another definition, how the number of one
 * year was made, and the workbook. */
#include "base/intl.h"
#include "exchange/kpi_workbook.h"
#include "exchange/represent.h"
#include "model/record.h"
#include "store/notes.h"
#include "web/kpi_view.h"
#include "web/kpi_who.h"
#include "web/plan_view.h"
#include "web/query.h"
#include "web/section.h"

#include <stdio.h>

#define KPIS_MAX 200
#define ROWS_SHOWN 100
#define DOWNLOAD_BYTES_MAX ((size_t)128 << 20)

struct kpi_page {
    struct building building;
    struct query query;
    struct kpi *kpi;
    struct kpi_viewing viewing;
    int year;         /* of a page about one year */
    bool takes_older; /* the page says so when its numbers are being computed anew */
};

/* Reads the indicator of the path; when -1 it has been answered. */
static int begin(struct kpi_page *page, struct call *call, struct str definition, struct reader **ret_reader)
{
    struct building *building = &page->building;
    struct err err = {0};
    call->params.reg = kpi_register(call);
    if (page_query(call, NULL, QUERY_AS_OF, &page->query) != 0 ||
        building_begin(building, call, &page->query, ret_reader) != 0)
        return -1;
    page->kpi = ARENA_NEW(call->arena, struct kpi);
    if (page->takes_older)
        kpi_take_older(call, building->reader);
    struct date today = reader_today(building->reader, building->community.zone);
    if (kpi_read(building->reader, call->site->model, call->params.id, definition, today, call->arena, page->kpi,
                 &err)) {
        if (err.code == ERR_NOT_FOUND)
            page_send_missing(call, definition.len ? definition : call->params.id);
        else
            page_send_err(call, &err);
        return -1;
    }
    page->viewing = (struct kpi_viewing){call, call->arena, &building->display, page->kpi, false};
    return 0;
}

static struct str kpi_name(const struct kpi_page *page)
{
    struct call *call = page->building.call;
    return bilingual_best(record_label(call->site->model, page->kpi->reg, page->kpi->record->record, call->arena),
                          call->lang);
}

static struct value *frame_of(struct kpi_page *page, struct value *title)
{
    struct call *call = page->building.call;
    struct value *frame = page_frame(call, &page->building.community, title);
    if (page->query.options.as_of > 0)
        page_set_past(call, frame, page->query.options.as_of);
    value_set_text(call->arena, frame, STR("kpi_name"), kpi_name(page));
    value_set_text(call->arena, frame, STR("kpi_href"),
                   page_href(call, arena_concat(call->arena, 3, STR("kpi/"), record_id(page->kpi->record->record),
                                                page->building.display.link_query)));
    return frame;
}

/* ---- the tree ---- */

static int add_node(struct kpi_page *page, struct planning *planning, const struct found *found, struct value *list,
                    struct err *err)
{
    struct call *call = page->building.call;
    struct arena *arena = call->arena;
    struct str id = record_id(found->record);
    struct date today = reader_today(page->building.reader, page->building.community.zone);
    struct value *view = section_link(&page->building, found), *facts, *who;
    if (kpi_read(page->building.reader, call->site->model, id, STR(""), today, arena, page->kpi, err) ||
        kpi_who_view(planning, id, &who, err))
        return -1;
    value_set(arena, view, STR("who"), who);
    facts = kpi_view(&page->viewing);
    const struct vocabulary *standings = model_vocabulary(call->site->model, STR("kpi-status"));
    const struct term *term =
        standings ? vocabulary_term(standings, value_get_text(found->record, STR("standing"))) : NULL;
    value_set_text(arena, view, STR("id"), id);
    value_set_text(arena, view, STR("parent"), value_get_text(found->record, STR("parent")));
    value_set_text(arena, view, STR("standing"), term ? bilingual_best(term->label, call->lang) : STR(""));
    value_set(arena, view, STR("status"), (struct value *)value_get(facts, STR("status")));
    value_set(arena, view, STR("facts"), (struct value *)value_get(facts, STR("facts")));
    value_append(arena, list, view);
    return 0;
}

static int add_tree(struct kpi_page *page, struct value *frame, struct err *err)
{
    struct call *call = page->building.call;
    const struct reg *reg = model_role(call->site->model, ROLE_KPI);
    struct list_query query = {.reg = reg, .limit = KPIS_MAX};
    struct page found;
    struct value *list = value_list(call->arena);
    struct planning planning;
    if (store_list(page->building.reader, &query, call->arena, &found, err) ||
        kpi_who_begin(&page->building, &planning, err))
        return -1;
    for (size_t i = 0; i < found.count; i++)
        if (add_node(page, &planning, &found.items[i], list, err))
            return -1;
    value_set(call->arena, frame, STR("pages"), planning_pages(call));
    value_set(call->arena, frame, STR("nodes"), list);
    value_set(call->arena, frame, STR("is_empty"), value_bool(call->arena, found.count == 0));
    return 0;
}

/* What is asked for with a filter or an order is the register's list. */
static bool asks_for_list(const struct call *call)
{
    for (size_t i = 0; i < call->request->query_count; i++)
        if (!str_eq(call->request->query[i].name, STR("as_of")))
            return true;
    return !model_role(call->site->model, ROLE_KPI_DEFINITION) || !model_role(call->site->model, ROLE_KPI_VALUE);
}

void page_kpis(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct kpi_page page = {0};
    struct err err = {0};
    call->params.reg = kpi_register(call);
    if (asks_for_list(call)) {
        page_list(call);
        return;
    }
    if (page_query(call, NULL, QUERY_AS_OF, &page.query) != 0 ||
        building_begin(&page.building, call, &page.query, &reader) != 0)
        return;
    page.kpi = ARENA_NEW(call->arena, struct kpi);
    page.viewing = (struct kpi_viewing){call, call->arena, &page.building.display, page.kpi, .elsewhere = true};
    kpi_take_older(call, reader);
    struct value *frame =
        page_frame(call, &page.building.community, display_plain_text(call->arena, SAY(call, "kpis")));
    if (page.query.options.as_of > 0)
        page_set_past(call, frame, page.query.options.as_of);
    if (add_tree(&page, frame, &err) || kpi_say_older(call, reader, page.building.community.zone, frame, &err)) {
        page_send_err(call, &err);
        return;
    }
    page_use_charts(call, frame);
    value_set_text(call->arena, frame, STR("list_href"), page_href(call, STR("kpi?sort=no")));
    page_send(call, "kpi_tree", frame);
}

/* ---- another definition ---- */

void page_kpi_definition(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct kpi_page page = {.takes_older = true};
    struct err err = {0};
    if (begin(&page, call, call->params.name, &reader) != 0)
        return;
    struct value *title =
        display_text(call->arena, call->lang, value_bilingual(value_get(page.kpi->definition->record, STR("name"))));
    struct value *frame = frame_of(&page, title);
    page_use_charts(call, frame);
    value_set(call->arena, frame, STR("kpi"), kpi_view(&page.viewing));
    if (kpi_say_older(call, reader, page.building.community.zone, frame, &err)) {
        page_send_err(call, &err);
        return;
    }
    page_send(call, "kpi_definition", frame);
}

/* ---- one year ---- */

struct row_views {
    struct kpi_page *page;
    struct value *list;
    double total;
    struct counted {
        const struct measure *measure;
        size_t count; /* what is not shown too */
    } counted[2];     /* a ratio's rows are of two measures */
    bool more;
    struct err *err;
};

static struct str share_text(const struct kpi_page *page, double part, double total)
{
    struct decimal percent = {0, 0};
    char text[40];
    int length = total != 0 ? snprintf(text, sizeof text, "%.2f", 100 * part / total) : 0;
    if (!decimal_parse(str_make(text, (size_t)length), &percent))
        return STR("");
    struct arena *arena = page->building.arena;
    return arena_concat(arena, 2, intl_number(arena, lang_codes[page->building.call->lang], percent, 0), STR("%"));
}

static int record_link(struct kpi_page *page, const struct reg *reg, struct str id, struct value **ret_link,
                       struct err *err)
{
    struct value *reference = NULL;
    *ret_link = value_bool(page->building.arena, false);
    if (!reg || id.len == 0)
        return 0;
    if (view_reference(&page->building.viewing, reg, id, &reference, err))
        return -1;
    struct value *link = display_link(&page->building.display, reg, reference);
    if (value_get(link, STR("href")))
        *ret_link = link;
    return 0;
}

static const struct reg *contributor_register(const struct measure *measure)
{
    return measure->contributor.count ? measure->contributor.steps[measure->contributor.count - 1]->reference : NULL;
}

/* What a ratio is of is not in the ratio's unit: the numbers alone, and which of the two they belong to. */
static struct str row_number(const struct kpi_page *page, const struct measure_row *row)
{
    const struct call *call = page->building.call;
    struct str lang = lang_codes[call->lang];
    if (!row->has_value)
        return STR("");
    if (row->measure == page->kpi->measure)
        return kpi_amount(&page->viewing, row->low, row->high);
    struct str low = intl_number(call->arena, lang, row->low, 0);
    return decimal_cmp(row->low, row->high) == 0
               ? low
               : arena_concat(call->arena, 3, low, STR("–"), intl_number(call->arena, lang, row->high, 0));
}

static struct str row_use(const struct kpi_page *page, const struct measure_row *row)
{
    static const char *const uses[] = {"kpi-use-0", "kpi-use-1", "kpi-use-2", "kpi-use-3"};
    struct call *call = page->building.call;
    struct str use = say(call, uses[row->use], NULL, 0);
    if (row->measure == page->kpi->measure)
        return use;
    return arena_concat(call->arena, 3, bilingual_best(row->measure->title, call->lang), STR(" · "), use);
}

/* Whether so many of the row's measure were shown before it that it is not. */
static bool is_one_too_many(struct row_views *rows, const struct measure_row *row)
{
    struct counted *counted = &rows->counted[rows->counted[0].measure && rows->counted[0].measure != row->measure];
    counted->measure = row->measure;
    return counted->count++ >= ROWS_SHOWN;
}

static int add_row(void *context, const struct measure_row *row)
{
    struct row_views *rows = context;
    struct kpi_page *page = rows->page;
    struct arena *arena = page->building.arena;
    struct value *view = value_object(arena), *record, *contributor;
    if (is_one_too_many(rows, row)) {
        rows->more = true;
        return 0;
    }
    struct str id = arena_copy(arena, row->id), whose = arena_copy(arena, row->contributor);
    bool counted = row->use == USE_COUNTED && row->has_value && row->measure == page->kpi->measure;
    if (record_link(page, row->measure->reg, id, &record, rows->err) ||
        record_link(page, contributor_register(row->measure), whose, &contributor, rows->err))
        return -1;
    value_set(arena, view, STR("record"), record);
    value_set(arena, view, STR("contributor"), contributor);
    value_set_text(arena, view, STR("value"), row_number(page, row));
    value_set_text(arena, view, STR("share"),
                   counted ? share_text(page, decimal_to_double(row->low), rows->total) : STR(""));
    value_set_text(arena, view, STR("use"), row_use(page, row));
    value_append(arena, rows->list, view);
    return 0;
}

static int add_rows(struct kpi_page *page, struct value *frame, double total, struct err *err)
{
    struct call *call = page->building.call;
    struct row_views rows = {.page = page, .list = value_list(call->arena), .total = total, .err = err};
    if (store_measure_each(page->building.reader, &page->kpi->query, page->year, STR(""), 0, ROWS_SHOWN + 1, add_row,
                           &rows, err))
        return -1;
    struct http_pair pair = {STR("number"), intl_integer(call->arena, lang_codes[call->lang], ROWS_SHOWN)};
    value_set(call->arena, frame, STR("records"), rows.list);
    value_set(call->arena, frame, STR("has_records"), value_bool(call->arena, value_count(rows.list) > 0));
    value_set_text(call->arena, frame, STR("more"), rows.more ? say(call, "kpi-more", &pair, 1) : STR(""));
    return 0;
}

static int part_name(struct kpi_page *page, const struct measure_split *split, struct str code, struct value **ret_name,
                     struct err *err)
{
    struct call *call = page->building.call;
    const struct field *field = split->field.field;
    struct arena *arena = call->arena;
    *ret_name = display_plain_text(arena, code.len ? code : SAY(call, "kpi-part-none"));
    if (split->grouped && code.len)
        *ret_name = display_text(arena, call->lang, str_eq(code, STR("inside")) ? split->inside : split->outside);
    else if (field->vocabulary && code.len) {
        const struct term *term = vocabulary_term(field->vocabulary, code);
        if (term)
            *ret_name = display_text(arena, call->lang, term->label);
    } else if (field->reference && code.len) {
        struct bilingual label;
        if (viewing_label(&page->building.viewing, field->reference, code, &label, err))
            return -1;
        *ret_name = display_text(arena, call->lang, label);
    } else if (field->type == FIELD_BOOLEAN && code.len)
        *ret_name = display_plain_text(arena, say(call, str_eq(code, STR("1")) ? "yes" : "no", NULL, 0));
    return 0;
}

static int add_part(struct kpi_page *page, const struct measure_split *split, const struct measure_cell *cell,
                    double total, struct value *list, struct err *err)
{
    struct arena *arena = page->building.arena;
    struct value *view = value_object(arena), *name;
    bool shown = cell->has_value && !cell->suppressed;
    double number = decimal_to_double(cell->low);
    char text[DECIMAL_TEXT_MAX];
    if (part_name(page, split, cell->split, &name, err))
        return -1;
    value_set(arena, view, STR("name"), name);
    value_set_text(arena, view, STR("value"), shown ? kpi_amount(&page->viewing, cell->low, cell->high) : STR(""));
    value_set_text(arena, view, STR("number"),
                   shown ? arena_copy(arena, str_make(text, decimal_format(cell->low, text))) : STR(""));
    value_set_text(arena, view, STR("share"), shown ? share_text(page, number, total) : STR(""));
    value_set(arena, view, STR("suppressed"), value_bool(arena, cell->suppressed));
    value_append(arena, list, view);
    return 0;
}

static int add_splits(struct kpi_page *page, struct value *frame, double total, struct err *err)
{
    struct call *call = page->building.call;
    const struct measure *measure = page->kpi->measure;
    struct value *splits = value_list(call->arena);
    for (size_t i = 0; i < measure->split_count; i++) {
        struct measure_query query = page->kpi->query;
        struct value *parts = value_list(call->arena);
        struct measure_cell *cells;
        size_t count;
        query.from_year = query.to_year = page->year;
        query.split = &measure->splits[i];
        if (store_measure(page->building.reader, &query, call->arena, &cells, &count, err))
            return -1;
        for (size_t k = 0; k < count; k++)
            if (cells[k].year == page->year && add_part(page, query.split, &cells[k], total, parts, err))
                return -1;
        if (value_count(parts) == 0 || (count == 1 && cells[0].split.len == 0))
            continue;
        struct value *view = display_text(call->arena, call->lang, query.split->title);
        value_set(call->arena, view, STR("parts"), parts);
        value_append(call->arena, splits, view);
    }
    value_set(call->arena, frame, STR("splits"), splits);
    return 0;
}

static bool is_shown(const struct measure_cell *cell)
{
    return cell && cell->has_value && !cell->suppressed;
}

static struct str whole(const struct kpi_page *page, int64_t number)
{
    return intl_integer(page->building.arena, lang_codes[page->building.call->lang], number);
}

static void add_coverage(struct kpi_page *page, struct value *frame, const struct kpi_point *point)
{
    struct call *call = page->building.call;
    struct arena *arena = call->arena;
    const struct measure_coverage *coverage = point->coverage;
    const struct kpi_point *before = kpi_point_of(page->kpi, page->year - 1);
    static const struct str names[] = {STR("coverage"), STR("silent_share"), STR("carried")};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        value_set_text(arena, frame, names[i], STR(""));
    if (!coverage)
        return;
    struct http_pair pairs[] = {{STR("reported"), whole(page, coverage->reported)},
                                {STR("expected"), whole(page, coverage->expected)}};
    value_set_text(arena, frame, STR("coverage"), say(call, "kpi-coverage", pairs, 2));
    if (before && is_shown(before->cell) && is_shown(&coverage->last))
        value_set_text(arena, frame, STR("silent_share"),
                       share_text(page, decimal_to_double(coverage->last.low), decimal_to_double(before->cell->low)));
    if (point->has_carried)
        value_set_text(arena, frame, STR("carried"), kpi_amount(&page->viewing, point->carried, point->carried));
}

static void add_total(struct kpi_page *page, struct value *frame, const struct kpi_point *point)
{
    struct call *call = page->building.call;
    struct arena *arena = call->arena;
    const struct measure_cell *cell = point->cell;
    struct str lang = lang_codes[call->lang], currency = page->kpi->currency, exact = STR("");
    if (is_shown(cell) && currency.len)
        exact = arena_concat(arena, 3, intl_number(arena, lang, cell->low, 0), STR(" "),
                             intl_currency(arena, lang, currency));
    else if (is_shown(cell))
        exact = intl_number(arena, lang, cell->low, 0);
    value_set_text(arena, frame, STR("total"), exact);
    value_set_text(arena, frame, STR("entered"),
                   point->entry ? kpi_amount(&page->viewing, point->low, point->high) : STR(""));
    value_set(arena, frame, STR("suppressed"), value_bool(arena, cell->suppressed));
    value_set(arena, frame, STR("rounded"), value_bool(arena, cell->rounded_to.mantissa != 0));
    struct http_pair closed = {STR("number"), whole(page, cell->closed)};
    value_set_text(arena, frame, STR("closed"), cell->closed ? say(call, "kpi-closed", &closed, 1) : STR(""));
    value_set_text(arena, frame, STR("missing"), cell->missing ? whole(page, cell->missing) : STR(""));
    add_coverage(page, frame, point);
}

static void send_year(struct kpi_page *page)
{
    struct call *call = page->building.call;
    struct arena *arena = call->arena;
    const struct kpi_point *point = kpi_point_of(page->kpi, page->year);
    struct err err = {0};
    struct http_pair pair = {STR("year"), arena_format(arena, "%d", page->year)};
    struct value *frame = frame_of(page, display_plain_text(arena, say(call, "kpi-of-year", &pair, 1)));
    add_total(page, frame, point);
    bool has_shares = is_shown(point->cell) && page->kpi->measure->kind != MEASURE_RATIO;
    double total = has_shares ? decimal_to_double(point->cell->low) : 0;
    if (add_splits(page, frame, total, &err) || add_rows(page, frame, total, &err)) {
        page_send_err(call, &err);
        return;
    }
    struct str path = page_href(call, kpi_year_path(page->kpi, page->year, arena));
    struct value *view = kpi_view(&page->viewing);
    value_set(arena, frame, STR("formula"), (struct value *)value_get(view, STR("formula")));
    value_set(arena, frame, STR("definition"), section_link(&page->building, page->kpi->definition));
    value_set_text(arena, frame, STR("csv_href"),
                   arena_concat(arena, 3, path, STR(".csv"), page->building.display.link_query));
    value_set_text(arena, frame, STR("xlsx_href"),
                   arena_concat(arena, 3, path, STR(".xlsx"), page->building.display.link_query));
    page_use_charts(call, frame);
    page_send(call, "kpi_year", frame);
}

/* ---- files ---- */

static struct str say_words(const void *context, const char *msgid)
{
    return say(context, msgid, NULL, 0);
}

static struct kpi_workbook workbook_of(const struct kpi_page *page)
{
    struct call *call = page->building.call;
    return (struct kpi_workbook){call->site->model, page->kpi, page->building.reader, call->lang, say_words, call};
}

static void send_file(struct call *call, int result, struct buf *out, enum representation form, struct str name,
                      const struct err *err)
{
    if (result != 0) {
        buf_free(out);
        page_send_err(call, err);
        return;
    }
    http_response_header(call->response, "Content-Disposition",
                         arena_format(call->arena, "attachment; filename=\"%.*s.%.*s\"", STR_ARG(name),
                                      STR_ARG(representation_extension(form))));
    call_send_buf(call, representation_media_type(form), out, 0);
}

/* "2021", "2021-DEFINITION", each with ".csv" or ".xlsx" behind it. */
static bool year_name(struct str name, int *ret_year, struct str *ret_definition, struct str *ret_form)
{
    int64_t year;
    static const struct str forms[] = {STR(".csv"), STR(".xlsx")};
    *ret_form = STR("");
    for (size_t i = 0; i < 2; i++)
        if (str_ends_with(name, forms[i])) {
            *ret_form = forms[i];
            name = str_slice(name, 0, name.len - forms[i].len);
        }
    if (!str_to_int64(str_slice(name, 0, 4), &year) || year < 1 || (name.len > 4 && name.ptr[4] != '-'))
        return false;
    *ret_definition = str_slice(name, 5, name.len);
    *ret_year = (int)year;
    return name.len >= 4;
}

void page_kpi_year(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct kpi_page page = {0};
    struct str definition, form, name = call->params.name;
    struct err err = {0};
    struct buf out;
    if (!year_name(name, &page.year, &definition, &form)) {
        page_send_missing(call, name);
        return;
    }
    if (begin(&page, call, definition, &reader) != 0)
        return;
    const struct kpi_point *point = kpi_point_of(page.kpi, page.year);
    if (!page.kpi->measure || page.kpi->missing || !point || !point->cell) {
        page_send_missing(call, name);
        return;
    }
    struct kpi_workbook workbook = workbook_of(&page);
    if (form.len == 0) {
        send_year(&page);
        return;
    }
    bool csv = str_eq(form, STR(".csv"));
    buf_init(&out, DOWNLOAD_BYTES_MAX);
    int result = csv ? kpi_write_year_csv(&workbook, page.year, &out, &err)
                     : kpi_workbook_write_year(&workbook, page.year, &out, &err);
    struct str file = arena_format(call->arena, "%.*s-%d", STR_ARG(record_id(page.kpi->record->record)), page.year);
    send_file(call, result, &out, csv ? REPRESENT_CSV : REPRESENT_XLSX, file, &err);
}

void page_kpi_workbook(struct call *call)
{
    READER_AUTO *reader = NULL;
    struct kpi_page page = {0};
    struct err err = {0};
    struct buf out;
    if (begin(&page, call, STR(""), &reader) != 0)
        return;
    struct kpi_workbook workbook = workbook_of(&page);
    buf_init(&out, DOWNLOAD_BYTES_MAX);
    int result = kpi_workbook_write(&workbook, &out, &err);
    send_file(call, result, &out, REPRESENT_XLSX, record_id(page.kpi->record->record), &err);
}
