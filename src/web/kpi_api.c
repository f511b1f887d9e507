/* GET /api/v1/kpi/ID: the record with its series, its definitions and how it stands. */
#include "web/kpi_view.h"

#include "model/record.h"
#include "store/notes.h"
#include "web/api.h"
#include "web/query.h"
#include "web/route.h"
#include "web/view.h"

#include <math.h>
#include <stdio.h>

static struct value *real(struct arena *arena, bool there, double number)
{
    char text[40];
    struct decimal decimal;
    /* Nine digits: what a forecast says beyond them is noise. */
    int length = there ? snprintf(text, sizeof text, "%.9g", number) : 0;
    if (!there || !isfinite(number) || !decimal_parse(str_make(text, (size_t)length), &decimal))
        return value_null(arena);
    return value_number(arena, decimal);
}

static struct value *exact(struct arena *arena, bool there, struct decimal number)
{
    return there ? value_number(arena, number) : value_null(arena);
}

static struct value *fan_view(struct arena *arena, const struct forecast_year *year)
{
    static const char *const names[FAN_COUNT] = {"50", "80", "95"};
    struct value *fan = value_object(arena);
    for (int i = 0; i < FAN_COUNT; i++) {
        struct value *band = value_list(arena);
        value_append(arena, band, real(arena, true, year->low[i]));
        value_append(arena, band, real(arena, true, year->high[i]));
        value_set(arena, fan, str_from_cstr(names[i]), band);
    }
    return fan;
}

static void add_coverage(struct arena *arena, const struct kpi_point *point, struct value *view)
{
    const struct measure_coverage *coverage = point->coverage;
    struct value *covered = value_object(arena);
    if (!coverage)
        return;
    value_set(arena, covered, STR("expected"), value_int(arena, coverage->expected));
    value_set(arena, covered, STR("reported"), value_int(arena, coverage->reported));
    value_set(arena, covered, STR("silent_last_year"),
              exact(arena, coverage->last.has_value && !coverage->last.suppressed, coverage->last.low));
    value_set(arena, covered, STR("carried_forward"), exact(arena, point->has_carried, point->carried));
    value_set(arena, view, STR("coverage"), covered);
}

static struct value *point_view(struct arena *arena, const struct kpi_point *point)
{
    struct value *view = value_object(arena);
    bool range = point->has_path && point->path_low != point->path_high;
    bool spread = point->has_actual && decimal_cmp(point->low, point->high) != 0;
    value_set(arena, view, STR("year"), value_int(arena, point->year));
    value_set(arena, view, STR("path"), real(arena, point->has_path, point->path_low));
    if (range)
        value_set(arena, view, STR("path_high"), real(arena, true, point->path_high));
    value_set(arena, view, STR("actual"), exact(arena, point->has_actual, point->low));
    if (spread)
        value_set(arena, view, STR("actual_high"), exact(arena, true, point->high));
    value_set(arena, view, STR("estimated"), value_bool(arena, point->has_actual && point->estimated));
    value_set(arena, view, STR("trend"), real(arena, point->has_trend, point->trend));
    value_set(arena, view, STR("forecast"), real(arena, point->has_forecast, point->forecast.median));
    value_set(arena, view, STR("low"), real(arena, point->has_forecast, point->forecast.low[FAN_80]));
    value_set(arena, view, STR("high"), real(arena, point->has_forecast, point->forecast.high[FAN_80]));
    if (point->has_forecast)
        value_set(arena, view, STR("fan"), fan_view(arena, &point->forecast));
    if (point->state.len)
        value_set_text(arena, view, STR("state"), point->state);
    if (point->has_actual || point->cell) {
        value_set_text(arena, view, STR("basis"), point->entry ? STR("entered") : STR("computed"));
        value_set(arena, view, STR("partial"), value_bool(arena, point->partial));
    }
    if (point->cell) {
        value_set(arena, view, STR("suppressed"), value_bool(arena, point->cell->suppressed));
        if (point->cell->rounded_to.mantissa)
            value_set(arena, view, STR("rounded_to"), value_number(arena, point->cell->rounded_to));
        value_set(arena, view, STR("contributors"), value_int(arena, point->cell->contributors));
    }
    add_coverage(arena, point, view);
    return view;
}

static struct value *definition_view(const struct kpi *kpi, const struct found *found, struct arena *arena)
{
    static const struct str members[] = {STR("id"),      STR("version"),   STR("name"),           STR("from"),
                                         STR("to"),      STR("counts"),    STR("population"),     STR("scope"),
                                         STR("measure"), STR("year_axis"), STR("open_questions"), STR("threshold")};
    struct value *view = value_object(arena);
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        const struct value *value = value_get(found->record, members[i]);
        if (value)
            value_set(arena, view, members[i], value_copy(arena, value));
    }
    value_set(arena, view, STR("current"), value_bool(arena, found == kpi->definition));
    return view;
}

static void add_verdict(const struct kpi *kpi, struct arena *arena, struct value *record)
{
    const struct kpi_verdict *verdict = &kpi->verdict;
    struct value *growth = value_object(arena);
    value_set_text(arena, record, STR("status"), str_from_cstr(kpi_status_names[verdict->status]));
    value_set_text(arena, record, STR("status_reason"), str_from_cstr(kpi_reason_names[verdict->reason]));
    if (kpi->missing)
        value_set_text(arena, record, STR("not_defined"), kpi->missing->name);
    value_set_text(arena, growth, STR("kind"), verdict->growth_is_rate ? STR("yearly-rate") : STR("yearly-change"));
    value_set(arena, growth, STR("so_far"), real(arena, verdict->has_growth, verdict->growth_so_far));
    value_set(arena, growth, STR("planned"), real(arena, verdict->has_growth, verdict->growth_planned));
    value_set(arena, growth, STR("needed"), real(arena, verdict->has_needed, verdict->growth_needed));
    value_set(arena, record, STR("growth"), growth);
    value_set(arena, record, STR("probability"), real(arena, kpi->has_forecast, kpi->probability));
}

void kpi_add_to_record(const struct kpi *kpi, struct arena *arena, struct value *record)
{
    struct value *series = value_list(arena), *definitions = value_list(arena);
    for (size_t i = 0; i < kpi->point_count; i++)
        value_append(arena, series, point_view(arena, &kpi->points[i]));
    for (size_t i = 0; i < kpi->definition_count; i++)
        value_append(arena, definitions, definition_view(kpi, &kpi->definitions[i], arena));
    value_set(arena, record, STR("series"), series);
    value_set(arena, record, STR("definitions"), definitions);
    add_verdict(kpi, arena, record);
}

/* Everything that can go wrong has been answered before: by the register's own handler. */
static int build(struct call *call, struct reader *reader, const struct reg *reg, struct value **ret_view,
                 int64_t *ret_seq, struct err *err)
{
    struct viewing viewing;
    struct community community;
    struct kpi *kpi = ARENA_NEW(call->arena, struct kpi);
    viewing_init(&viewing, call->site->model, reader, call->arena);
    if (community_read(call, reader, &community, err) != 0 ||
        kpi_read(reader, call->site->model, call->params.id, STR(""), reader_today(reader, community.zone), call->arena,
                 kpi, err) != 0 ||
        view_record(&viewing, reg, kpi->record->record, ret_view, err) != 0)
        return -1;
    kpi_add_to_record(kpi, call->arena, *ret_view);
    *ret_seq = kpi->record->seq;
    return 0;
}

void api_kpi(struct call *call)
{
    const struct reg *reg = model_role(call->site->model, ROLE_KPI);
    struct value *view = NULL;
    struct query query;
    struct err err = {0};
    int64_t seq = 0;
    READER_AUTO *reader = NULL;
    call->params.reg = kpi_register(call);
    if (!reg || !model_role(call->site->model, ROLE_KPI_VALUE) || !model_role(call->site->model, ROLE_KPI_DEFINITION)) {
        api_record(call);
        return;
    }
    if (api_query(call, reg, QUERY_AS_OF | QUERY_LANG, &query) != 0) {
        return;
    }
    if (call_read(call, &query.options, &reader) != 0)
        return;
    if (build(call, reader, reg, &view, &seq, &err) != 0) {
        reader_release(reader);
        reader = NULL;
        api_record(call);
        return;
    }
    call_send_json(call, view, "application/json", seq);
}
