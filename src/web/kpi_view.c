#include "web/kpi_view.h"

#include "base/intl.h"
#include "model/record.h"

#include <math.h>
#include <stdio.h>

#define FIGURES_SHOWN 4

/* ---- numbers ---- */

static struct decimal rounded(double number)
{
    char text[40];
    struct decimal decimal = {0, 0};
    int length = snprintf(text, sizeof text, "%.*g", FIGURES_SHOWN, number);
    if (length <= 0 || !isfinite(number) || !decimal_parse(str_make(text, (size_t)length), &decimal))
        return (struct decimal){0, 0};
    return decimal;
}

static struct str written(const struct kpi_viewing *viewing, struct decimal low, struct decimal high)
{
    struct arena *arena = viewing->arena;
    const struct field *field = reg_field(viewing->kpi->reg, STR("baseline"));
    struct value *figure = value_object(arena);
    bool range = decimal_cmp(low, high) != 0;
    if (!field)
        return STR("");
    value_set(arena, figure, range ? STR("low") : STR("value"), value_number(arena, low));
    if (range)
        value_set(arena, figure, STR("high"), value_number(arena, high));
    if (viewing->kpi->unit.len)
        value_set_text(arena, figure, STR("unit"), viewing->kpi->unit);
    if (viewing->kpi->currency.len)
        value_set_text(arena, figure, STR("currency"), viewing->kpi->currency);
    return display_figure(viewing->display, field, figure);
}

struct str kpi_number(const struct kpi_viewing *viewing, double number)
{
    return written(viewing, rounded(number), rounded(number));
}

struct str kpi_amount(const struct kpi_viewing *viewing, struct decimal low, struct decimal high)
{
    return written(viewing, rounded(decimal_to_double(low)), rounded(decimal_to_double(high)));
}

static struct str plain(struct arena *arena, double number)
{
    char text[40];
    struct decimal decimal;
    int length = snprintf(text, sizeof text, "%.9g", number);
    if (!isfinite(number) || !decimal_parse(str_make(text, (size_t)length), &decimal))
        return STR("");
    return arena_copy(arena, str_make(text, decimal_format(decimal, text)));
}

static struct str percent(const struct kpi_viewing *viewing, double share)
{
    char text[40];
    struct decimal decimal = {0, 0};
    int length = snprintf(text, sizeof text, "%.1f", 100 * share);
    decimal_parse(str_make(text, (size_t)length), &decimal);
    return arena_concat(viewing->arena, 2, intl_number(viewing->arena, lang_codes[viewing->call->lang], decimal, 1),
                        STR("%"));
}

static struct str whole(const struct kpi_viewing *viewing, int64_t number)
{
    return intl_integer(viewing->arena, lang_codes[viewing->call->lang], number);
}

/* In whole per cent, and at the bounds as what it is: no more, or no less, than so much. */
static struct str probability_text(const struct kpi_viewing *viewing, double probability)
{
    struct str lang = lang_codes[viewing->call->lang];
    int64_t number = (int64_t)lround(100 * probability);
    struct http_pair pair = {STR("text"),
                             arena_concat(viewing->arena, 2, intl_integer(viewing->arena, lang, number), STR("%"))};
    if (probability <= FORECAST_PROBABILITY_MIN)
        return say(viewing->call, "kpi-at-most", &pair, 1);
    if (probability >= FORECAST_PROBABILITY_MAX)
        return say(viewing->call, "kpi-at-least", &pair, 1);
    return pair.value;
}

/* ---- how it stands ---- */

struct value *kpi_status_view(const struct kpi_viewing *viewing)
{
    static const char *const looks[KPI_STATUS_COUNT] = {"reached", "on-track", "behind", "wrong", "none"};
    const struct kpi_verdict *verdict = &viewing->kpi->verdict;
    struct arena *arena = viewing->arena;
    struct value *view = value_object(arena);
    struct str code = str_from_cstr(kpi_status_names[verdict->status]);
    struct str reason = str_from_cstr(kpi_reason_names[verdict->reason]);
    value_set_text(arena, view, STR("code"), code);
    value_set_text(arena, view, STR("look"), str_from_cstr(looks[verdict->status]));
    value_set_text(arena, view, STR("text"),
                   say(viewing->call, arena_concat(arena, 2, STR("kpi-status-"), code).ptr, NULL, 0));
    value_set_text(arena, view, STR("reason"),
                   say(viewing->call, arena_concat(arena, 2, STR("kpi-reason-"), reason).ptr, NULL, 0));
    return view;
}

/* A rank goes up by places, whose number falls. */
static struct str places(const struct kpi_viewing *viewing, double number)
{
    struct decimal decimal = {0, 0};
    char text[40];
    int length = snprintf(text, sizeof text, "%.1f", fabs(number));
    if (length < 0 || !decimal_parse(str_make(text, (size_t)length), &decimal))
        return STR("");
    struct http_pair pair = {STR("number"), intl_number(viewing->arena, lang_codes[viewing->call->lang], decimal, 0)};
    return say(viewing->call, number <= 0 ? "kpi-places-up" : "kpi-places-down", &pair, 1);
}

static struct str growth(const struct kpi_viewing *viewing, double number)
{
    if (viewing->kpi->rank)
        return places(viewing, number);
    if (viewing->kpi->verdict.growth_is_rate)
        return percent(viewing, number);
    return kpi_number(viewing, number);
}

struct fact {
    const char *msgid;
    struct str text;
    struct str href; /* to how it was made; on other pages than the indicator's own the others lead there */
    bool estimated;
};

static struct str own_href(const struct kpi_viewing *viewing)
{
    return display_record_href(viewing->display, viewing->kpi->reg, record_id(viewing->kpi->record->record));
}

static void add_fact(const struct kpi_viewing *viewing, struct value *list, struct fact fact)
{
    struct arena *arena = viewing->arena;
    struct value *view = value_object(arena);
    bool is_here = fact.href.len == 0 || fact.href.ptr[0] == '#';
    if (fact.text.len == 0)
        return;
    value_set_text(arena, view, STR("name"), say(viewing->call, fact.msgid, NULL, 0));
    value_set_text(arena, view, STR("text"), fact.text);
    value_set_text(arena, view, STR("href"), viewing->elsewhere && is_here ? own_href(viewing) : fact.href);
    value_set_text(arena, view, STR("mark"), fact.estimated ? SAY(viewing->call, "kpi-estimated") : STR(""));
    value_append(arena, list, view);
}

static struct str in_year(const struct kpi_viewing *viewing, struct str text, int year)
{
    struct arena *arena = viewing->arena;
    struct http_pair pairs[] = {{STR("text"), text}, {STR("year"), arena_format(arena, "%d", year)}};
    return year ? say(viewing->call, "kpi-in-year", pairs, 2) : text;
}

/* Of a figure that nobody gave a year it is said. */
static struct str since_year(const struct kpi_viewing *viewing, struct str text, int year)
{
    struct http_pair pair = {STR("text"), text};
    return year ? in_year(viewing, text, year) : say(viewing->call, "kpi-in-no-year", &pair, 1);
}

static struct str target_text(const struct kpi_viewing *viewing)
{
    const struct kpi *kpi = viewing->kpi;
    if (!kpi->target.there)
        return STR("");
    double low = isfinite(kpi->target.low) ? kpi->target.low : kpi->target.high;
    double high = isfinite(kpi->target.high) ? kpi->target.high : kpi->target.low;
    struct str text = written(viewing, rounded(low), rounded(high));
    struct http_pair pair = {STR("text"), text};
    if (!isfinite(kpi->target.high))
        text = say(viewing->call, "kpi-at-least", &pair, 1);
    else if (!isfinite(kpi->target.low))
        text = say(viewing->call, kpi->rank ? "kpi-within-rank" : "kpi-at-most", &pair, 1);
    if (!kpi->target.every_year)
        return in_year(viewing, text, kpi->target.year);
    struct http_pair pairs[] = {{STR("text"), text},
                                {STR("year"), arena_format(viewing->arena, "%d", kpi->target.year)}};
    return say(viewing->call, kpi->target.year ? "kpi-every-year-until" : "kpi-every-year", pairs, 2);
}

static const struct kpi_point *latest(const struct kpi *kpi)
{
    const struct kpi_point *found = NULL;
    for (size_t i = 0; i < kpi->point_count; i++)
        if (kpi->points[i].has_actual && !kpi->points[i].partial)
            found = &kpi->points[i];
    return found;
}

static struct str point_href(const struct kpi_viewing *viewing, const struct kpi_point *point)
{
    struct arena *arena = viewing->arena;
    if (point->cell)
        return page_href(viewing->call, arena_concat(arena, 2, kpi_year_path(viewing->kpi, point->year, arena),
                                                     viewing->display->link_query));
    if (point->entry)
        return display_record_href(viewing->display, viewing->kpi->value_reg, record_id(point->entry->record));
    return STR("");
}

/* The record that states a figure: the definition where it has one of its own, else the indicator, in the head of its page. */
static struct str figure_href(const struct kpi_viewing *viewing, struct str name)
{
    const struct kpi *kpi = viewing->kpi;
    if (viewing->elsewhere)
        return STR("");
    if (kpi->definition && value_get(kpi->definition->record, name))
        return display_record_href(viewing->display, kpi->definition_reg, record_id(kpi->definition->record));
    return arena_concat(viewing->arena, 2, own_href(viewing), STR("#kpi-stated"));
}

static struct fact where_it_stands(const struct kpi_viewing *viewing)
{
    const struct kpi *kpi = viewing->kpi;
    const struct kpi_point *last = latest(kpi);
    if (last)
        return (struct fact){
            .msgid = "kpi-latest",
            .text = in_year(viewing, kpi_amount(viewing, last->low, last->high), last->year),
            .href = point_href(viewing, last),
            .estimated = last->estimated,
        };
    struct str text =
        kpi->has_baseline ? written(viewing, rounded(kpi->baseline_low), rounded(kpi->baseline_high)) : STR("");
    return (struct fact){
        .msgid = "kpi-baseline",
        .text = text.len ? since_year(viewing, text, kpi->baseline_year) : STR(""),
        .href = figure_href(viewing, STR("baseline")),
        .estimated = kpi->baseline_estimated,
    };
}

static void add_facts(const struct kpi_viewing *viewing, struct value *view)
{
    const struct kpi *kpi = viewing->kpi;
    const struct kpi_verdict *verdict = &kpi->verdict;
    const struct str judged = STR("#kpi-how-status");
    struct value *facts = value_list(viewing->arena);
    add_fact(viewing, facts, where_it_stands(viewing));
    add_fact(viewing, facts,
             (struct fact){"kpi-target", target_text(viewing), figure_href(viewing, STR("target")), false});
    if (verdict->has_growth) {
        add_fact(viewing, facts,
                 (struct fact){"kpi-growth-so-far", growth(viewing, verdict->growth_so_far), judged, false});
        add_fact(viewing, facts,
                 (struct fact){"kpi-growth-planned", growth(viewing, verdict->growth_planned), judged, false});
    }
    if (verdict->has_needed)
        add_fact(viewing, facts,
                 (struct fact){"kpi-growth-needed", growth(viewing, verdict->growth_needed), judged, false});
    if (kpi->has_forecast)
        add_fact(viewing, facts,
                 (struct fact){"kpi-probability", probability_text(viewing, kpi->probability), STR("#kpi-how-forecast"),
                               false});
    value_set(viewing->arena, view, STR("facts"), facts);
}

/* ---- what is missing ---- */

static void add_gap(const struct kpi_viewing *viewing, struct value *list, const char *msgid)
{
    const struct kpi *kpi = viewing->kpi;
    struct http_pair pair = {STR("what"),
                             kpi->missing ? bilingual_best(kpi->missing->title, viewing->call->lang) : STR("")};
    value_append(viewing->arena, list, display_plain_text(viewing->arena, say(viewing->call, msgid, &pair, 1)));
}

static void add_gaps(const struct kpi_viewing *viewing, struct value *view)
{
    const struct kpi *kpi = viewing->kpi;
    struct value *gaps = value_list(viewing->arena);
    size_t settled = kpi->forecast_points;
    if (!kpi->definition)
        add_gap(viewing, gaps, "kpi-gap-definition");
    if (kpi->missing)
        add_gap(viewing, gaps, "kpi-gap-parameter");
    if (!kpi->target.there)
        add_gap(viewing, gaps, "kpi-gap-target");
    if (kpi->has_baseline && kpi->baseline_year == 0)
        add_gap(viewing, gaps, "kpi-gap-baseline-year");
    if (kpi->definition && !kpi->missing && settled < 2)
        add_gap(viewing, gaps, kpi->measure ? "kpi-gap-computed" : "kpi-gap-entered");
    if (kpi->definition && !kpi->has_forecast && settled >= 2)
        add_gap(viewing, gaps, "kpi-gap-forecast");
    value_set(viewing->arena, view, STR("gaps"), gaps);
    value_set(viewing->arena, view, STR("has_gaps"), value_bool(viewing->arena, value_count(gaps) > 0));
}

/* ---- the series ---- */

static struct value *number_cell(const struct kpi_viewing *viewing, bool there, double number)
{
    struct arena *arena = viewing->arena;
    struct value *cell = value_object(arena);
    value_set_text(arena, cell, STR("text"), there ? kpi_number(viewing, number) : STR(""));
    value_set_text(arena, cell, STR("value"), there ? plain(arena, number) : STR(""));
    return cell;
}

static void add_mark(const struct kpi_viewing *viewing, struct value *marks, const char *msgid)
{
    value_append(viewing->arena, marks, display_plain_text(viewing->arena, say(viewing->call, msgid, NULL, 0)));
}

struct str kpi_year_path(const struct kpi *kpi, int year, struct arena *arena)
{
    struct str id = record_id(kpi->record->record);
    struct str own = value_get_text(kpi->record->record, STR("definition"));
    struct str shown = kpi->definition ? record_id(kpi->definition->record) : STR("");
    if (str_eq(own, shown))
        return arena_format(arena, "kpi/%.*s/year/%d", STR_ARG(id), year);
    return arena_format(arena, "kpi/%.*s/year/%d-%.*s", STR_ARG(id), year, STR_ARG(shown));
}

static void add_marks(const struct kpi_viewing *viewing, const struct kpi_point *point, struct value *marks)
{
    bool suppressed = !point->has_actual && point->cell && point->cell->suppressed;
    if (point->estimated)
        add_mark(viewing, marks, "kpi-estimated");
    if (point->partial)
        add_mark(viewing, marks, "kpi-partial");
    if (str_eq(point->state, STR("provisional")))
        add_mark(viewing, marks, "kpi-provisional");
    if (str_eq(point->state, STR("confirmed")))
        add_mark(viewing, marks, "kpi-confirmed");
    if (suppressed)
        add_mark(viewing, marks, "kpi-suppressed");
    if (point->cell && point->cell->rounded_to.mantissa && !point->entry)
        add_mark(viewing, marks, "kpi-rounded");
}

static struct value *actual_cell(const struct kpi_viewing *viewing, const struct kpi_point *point)
{
    struct arena *arena = viewing->arena;
    struct value *cell = value_object(arena), *marks = value_list(arena);
    double low = decimal_to_double(point->low), high = decimal_to_double(point->high);
    value_set_text(arena, cell, STR("text"),
                   point->has_actual ? kpi_amount(viewing, point->low, point->high) : STR(""));
    value_set_text(arena, cell, STR("value"), point->has_actual ? plain(arena, (low + high) / 2) : STR(""));
    value_set_text(arena, cell, STR("mark"),
                   point->partial     ? STR("provisional")
                   : point->estimated ? STR("estimated")
                                      : STR(""));
    value_set_text(arena, cell, STR("href"), point_href(viewing, point));
    add_marks(viewing, point, marks);
    value_set(arena, cell, STR("marks"), marks);
    return cell;
}

struct value *kpi_latest_view(const struct kpi_viewing *viewing)
{
    const struct kpi_point *point = latest(viewing->kpi);
    if (!point)
        return value_bool(viewing->arena, false);
    struct value *view = actual_cell(viewing, point);
    value_set_text(viewing->arena, view, STR("text"),
                   in_year(viewing, kpi_amount(viewing, point->low, point->high), point->year));
    return view;
}

static struct str coverage_text(const struct kpi_viewing *viewing, const struct kpi_point *point)
{
    const struct measure_coverage *coverage = point->coverage;
    if (!coverage)
        return STR("");
    struct http_pair pairs[] = {{STR("reported"), whole(viewing, coverage->reported)},
                                {STR("expected"), whole(viewing, coverage->expected)}};
    return say(viewing->call, "kpi-coverage", pairs, 2);
}

static struct str carried_text(const struct kpi_viewing *viewing, const struct kpi_point *point)
{
    struct str number = point->has_carried ? kpi_amount(viewing, point->carried, point->carried) : STR("");
    struct http_pair pair = {STR("text"), number};
    return number.len ? say(viewing->call, "kpi-carried", &pair, 1) : STR("");
}

static void add_series(const struct kpi_viewing *viewing, struct value *view)
{
    static const char *const lows[FAN_COUNT] = {"low50", "low80", "low95"};
    static const char *const highs[FAN_COUNT] = {"high50", "high80", "high95"};
    const struct kpi *kpi = viewing->kpi;
    struct arena *arena = viewing->arena;
    struct value *rows = value_list(arena);
    bool covered = false, trended = false;
    for (size_t i = 0; i < kpi->point_count; i++) {
        const struct kpi_point *point = &kpi->points[i];
        struct value *row = value_object(arena);
        value_set_text(arena, row, STR("year"), arena_format(arena, "%d", point->year));
        value_set(arena, row, STR("actual"), actual_cell(viewing, point));
        value_set(arena, row, STR("path"), number_cell(viewing, point->has_path, point->path_low));
        value_set(arena, row, STR("trend"), number_cell(viewing, point->has_trend, point->trend));
        value_set(arena, row, STR("median"), number_cell(viewing, point->has_forecast, point->forecast.median));
        for (int fan = 0; fan < FAN_COUNT; fan++) {
            value_set(arena, row, str_from_cstr(lows[fan]),
                      number_cell(viewing, point->has_forecast, point->forecast.low[fan]));
            value_set(arena, row, str_from_cstr(highs[fan]),
                      number_cell(viewing, point->has_forecast, point->forecast.high[fan]));
        }
        value_set_text(arena, row, STR("coverage"), coverage_text(viewing, point));
        value_set_text(arena, row, STR("carried"), carried_text(viewing, point));
        covered |= point->coverage != NULL;
        trended |= point->has_trend;
        value_append(arena, rows, row);
    }
    value_set(arena, view, STR("rows"), rows);
    value_set(arena, view, STR("has_rows"), value_bool(arena, value_count(rows) > 0));
    value_set(arena, view, STR("has_coverage"), value_bool(arena, covered));
    value_set(arena, view, STR("has_forecast"), value_bool(arena, kpi->has_forecast));
    value_set(arena, view, STR("has_trend"), value_bool(arena, trended));
    value_set_text(arena, view, STR("scale"), kpi->rank ? STR("inverse") : STR(""));
}

/* ---- what was entered and is not in the series ---- */

#define BESIDE_MAX 30

static bool is_in_series(const struct kpi *kpi, const struct found *value)
{
    for (size_t i = 0; i < kpi->point_count; i++)
        if (kpi->points[i].entry == value)
            return true;
    return false;
}

/* Figures of other definitions, and such as are only quoted: beside the series, never in it. */
static void add_beside(const struct kpi_viewing *viewing, struct value *view)
{
    const struct kpi *kpi = viewing->kpi;
    struct arena *arena = viewing->arena;
    struct value *list = value_list(arena);
    const struct field *field = reg_field(kpi->value_reg, STR("value"));
    for (size_t i = 0; field && i < kpi->value_count && value_count(list) < BESIDE_MAX; i++) {
        const struct value *record = kpi->values[i].record;
        if (is_in_series(kpi, &kpi->values[i]) || str_eq(value_get_text(record, STR("kind")), STR("milestone")))
            continue;
        struct value *item = display_text(arena, viewing->call->lang,
                                          record_label(viewing->call->site->model, kpi->value_reg, record, arena));
        value_set_text(arena, item, STR("href"),
                       display_record_href(viewing->display, kpi->value_reg, record_id(record)));
        value_set_text(arena, item, STR("figure"),
                       display_figure(viewing->display, field, value_get(record, STR("value"))));
        value_append(arena, list, item);
    }
    value_set(arena, view, STR("beside"), list);
    value_set(arena, view, STR("has_beside"), value_bool(arena, value_count(list) > 0));
}

/* ---- definitions ---- */

static struct value *prose(const struct kpi_viewing *viewing, const struct found *found, const char *name)
{
    struct bilingual text = value_bilingual(value_get(found->record, str_from_cstr(name)));
    if (bilingual_best(text, viewing->call->lang).len == 0)
        return value_bool(viewing->arena, false);
    return display_prose(viewing->arena, viewing->call->lang, text);
}

/* Which version it is, from when to when it holds, when it was decided: what the definition's record says of that. */
static void add_standing(const struct kpi_viewing *viewing, const struct value *record, struct value *view)
{
    static const struct {
        const char *field, *msgid;
    } told[] = {{"version", "kpi-version"}, {"from", "kpi-from"}, {"to", "kpi-to"}, {"decided_on", "kpi-decided-on"}};
    struct arena *arena = viewing->arena;
    struct str lang = lang_codes[viewing->call->lang];
    struct value *list = value_list(arena);
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        const struct value *value = value_get(record, str_from_cstr(told[i].field));
        struct date date = {0};
        struct http_pair pair = {STR("text"), STR("")};
        if (value && value->kind == VALUE_NUMBER)
            pair.value = intl_number(arena, lang, value->number, 0);
        else if (date_parse(value_text_of(value), &date))
            pair.value = intl_date(arena, lang, date);
        if (pair.value.len)
            value_append(arena, list, display_plain_text(arena, say(viewing->call, told[i].msgid, &pair, 1)));
    }
    value_set(arena, view, STR("standing"), list);
    value_set(arena, view, STR("has_standing"), value_bool(arena, value_count(list) > 0));
}

static struct value *definition_view(const struct kpi_viewing *viewing, const struct found *found)
{
    const struct kpi *kpi = viewing->kpi;
    struct arena *arena = viewing->arena;
    struct str id = record_id(found->record);
    struct value *view =
        display_text(arena, viewing->call->lang, value_bilingual(value_get(found->record, STR("name"))));
    value_set_text(arena, view, STR("href"), display_record_href(viewing->display, kpi->definition_reg, id));
    value_set_text(arena, view, STR("series_href"),
                   page_href(viewing->call, arena_format(arena, "kpi/%.*s/definition/%.*s%.*s",
                                                         STR_ARG(record_id(kpi->record->record)), STR_ARG(id),
                                                         STR_ARG(viewing->display->link_query))));
    value_set(arena, view, STR("shown"), value_bool(arena, found == kpi->definition));
    add_standing(viewing, found->record, view);
    value_set(arena, view, STR("counts"), prose(viewing, found, "counts"));
    value_set(arena, view, STR("population"), prose(viewing, found, "population"));
    value_set(arena, view, STR("scope"), prose(viewing, found, "scope"));
    value_set(arena, view, STR("open_questions"), prose(viewing, found, "open_questions"));
    return view;
}

static void add_definitions(const struct kpi_viewing *viewing, struct value *view)
{
    const struct kpi *kpi = viewing->kpi;
    struct arena *arena = viewing->arena;
    struct value *list = value_list(arena), *formula = value_bool(arena, false);
    for (size_t i = 0; i < kpi->definition_count; i++)
        value_append(arena, list, definition_view(viewing, &kpi->definitions[i]));
    if (kpi->measure) {
        formula = display_text(arena, viewing->call->lang, kpi->measure->description);
        value_set_text(arena, formula, STR("name"), bilingual_best(kpi->measure->title, viewing->call->lang));
    }
    value_set(arena, view, STR("definitions"), list);
    value_set(arena, view, STR("has_definitions"), value_bool(arena, value_count(list) > 0));
    value_set(arena, view, STR("formula"), formula);
}

void kpi_take_older(const struct call *call, struct reader *reader)
{
    if (call->site->takes_older_measures)
        reader_take_older_measures(reader);
}

int kpi_say_older(struct call *call, struct reader *reader, struct str zone, struct value *frame, struct err *err)
{
    int64_t ms;
    value_set(call->arena, frame, STR("older"), value_bool(call->arena, false));
    if (reader_older_measures_ms(reader, &ms, err))
        return -1;
    if (ms == 0)
        return 0;
    struct http_pair pair = {STR("when"), intl_time(call->arena, lang_codes[call->lang], ms, zone)};
    value_set_text(call->arena, frame, STR("older"), say(call, "kpi-older", &pair, 1));
    http_response_header(call->response, "Cache-Control", STR("no-store"));
    return 0;
}

struct str kpi_register(const struct call *call)
{
    const struct reg *reg = model_role(call->site->model, ROLE_KPI);
    return reg ? reg->name : role_names[ROLE_KPI];
}

struct value *kpi_view(const struct kpi_viewing *viewing)
{
    struct arena *arena = viewing->arena;
    struct value *view = value_object(arena);
    struct str id = record_id(viewing->kpi->record->record);
    value_set(arena, view, STR("status"), kpi_status_view(viewing));
    value_set_text(arena, view, STR("workbook_href"),
                   page_href(viewing->call, arena_format(arena, "kpi/%.*s/workbook.xlsx%.*s", STR_ARG(id),
                                                         STR_ARG(viewing->display->link_query))));
    value_set(arena, view, STR("about"), prose(viewing, viewing->kpi->record, "description"));
    add_facts(viewing, view);
    add_gaps(viewing, view);
    add_series(viewing, view);
    add_beside(viewing, view);
    add_definitions(viewing, view);
    return view;
}
