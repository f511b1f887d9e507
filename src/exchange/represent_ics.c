/* RFC 5545 by libical: an event a record that has a date. The dates are the fields with the schema.org properties startDate
 * and endDate, else the time in which the record holds. Where the register has fields of these names they are used too:
 * start_time and end_time ("13:30"), time_zone (IANA; else the community's), recurrence (an RRULE). */
#include "exchange/represent_internal.h"

#include "base/date.h"

#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENT_TYPE STR("Event")

#define ZONES_MAX 16

struct ics_form {
    struct str zones[ZONES_MAX]; /* described so far */
    size_t zone_count;
    const struct field *start, *end, *location, *description, *url;
    struct str time_zone; /* the community's, or empty */
    struct str host;      /* for UIDs */
};

static bool fits(const struct reg *reg)
{
    return str_ends_with(reg->schema_type, EVENT_TYPE);
}

static struct str community_zone(struct represent *r)
{
    const struct reg *reg = model_role(r->config.model, ROLE_COMMUNITY);
    const struct found *found = NULL;
    if (reg && r->config.reader) {
        (void)store_eldest(r->config.reader, reg, &r->arena, &found, NULL);
    }
    return found ? value_get_text(found->record, STR("time_zone")) : (struct str){0};
}

static struct str host_of(struct str url)
{
    size_t at = str_find(url, STR("://"));
    struct str host = at == SIZE_MAX ? url : str_slice(url, at + 3, url.len);
    host = str_slice(host, 0, str_find_byte(host, '/'));
    return host.len > 0 ? host : STR("localhost");
}

static int open_ics(struct represent *r, struct err *err)
{
    (void)err;
    const struct reg *reg = r->config.reg;
    struct ics_form *form = ARENA_NEW(&r->arena, struct ics_form);
    form->start = represent_field_for(reg, "startDate");
    form->end = represent_field_for(reg, "endDate");
    form->location = represent_field_for(reg, "location");
    form->description = represent_field_for(reg, "description");
    form->url = represent_field_for(reg, "url");
    form->time_zone = community_zone(r);
    form->host = host_of(r->config.site_url);
    r->form = form;
    icalerror_set_errors_are_fatal(0);
    /* The beginning and the end are written by hand, so that the events between can be written one by one. */
    buf_add_literal(r->out, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Musubi//Musubi//EN\r\nCALSCALE:GREGORIAN\r\n");
    return 0;
}

/* ---- time ---- */

static struct icaltimetype day(struct date date)
{
    struct icaltimetype time = icaltime_null_date();
    time.year = date.year;
    time.month = date.month;
    time.day = date.day;
    return time;
}

static struct icaltimetype instant(int64_t time_ms)
{
    return icaltime_from_timet_with_zone((time_t)(time_ms / 1000), 0, icaltimezone_get_utc_timezone());
}

/* "13:30" on that day in the zone, as UTC; the day alone when there is no time. */
static struct icaltimetype moment(struct date date, struct str clock, struct str zone)
{
    int64_t hour;
    int64_t minute;
    if (clock.len != 5 || !str_to_int64(str_slice(clock, 0, 2), &hour) ||
        !str_to_int64(str_slice(clock, 3, 5), &minute)) {
        return day(date);
    }
    return instant(time_in_zone(date, (int)(hour * 60 + minute), zone));
}

/* A time of the record: of a field, else of what every record has. A point in time gives *ret_instant. */
static bool read_time(const struct value *record, const struct field *field, struct str otherwise,
                      struct date *ret_date, int64_t *ret_instant_ms)
{
    struct str text = value_get_text(record, field ? field->name : otherwise);
    *ret_instant_ms = -1;
    if (field && field->type == FIELD_DATETIME) {
        return time_parse(text, ret_instant_ms);
    }
    return date_parse(text, ret_date);
}

struct span {
    struct icaltimetype start, end; /* the end is null when nobody says when it is */
    struct str zone;                /* of both when they are local times; else empty */
};

static bool zone_is_name(struct str zone)
{
    for (size_t i = 0; i < zone.len; i++) {
        char c = zone.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("/_+-", c))) {
            return false;
        }
    }
    return zone.len > 0;
}

static struct icaltimetype local_time(struct icaltimetype utc, int offset_s)
{
    icaltime_adjust(&utc, 0, 0, 0, offset_s);
    utc.zone = NULL;
    return utc;
}

/* Describes a zone before the first event that names it, by the one offset it has then: programs that know the name go by
 * their own knowledge of it, for the others this is right until clocks change. */
static void describe_zone(struct represent *r, struct str zone, int offset_s)
{
    struct ics_form *form = r->form;
    for (size_t i = 0; i < form->zone_count; i++) {
        if (str_eq(form->zones[i], zone)) {
            return;
        }
    }
    if (form->zone_count < ZONES_MAX) {
        form->zones[form->zone_count++] = arena_copy(&r->arena, zone);
    }
    int minutes = abs(offset_s) / 60;
    char offset[16];
    snprintf(offset, sizeof(offset), "%c%02d%02d", offset_s < 0 ? '-' : '+', minutes / 60 % 100, minutes % 60);
    buf_add_format(r->out,
                   "BEGIN:VTIMEZONE\r\nTZID:%.*s\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
                   "TZOFFSETFROM:%s\r\nTZOFFSETTO:%s\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n",
                   STR_ARG(zone), offset, offset);
}

/* What recurs does so by the clock and the calendar of its place: the second Wednesday there is not always one in UTC. */
static void make_local(struct represent *r, struct span *span, struct date first, struct str zone)
{
    if (span->start.is_date || !zone_is_name(zone)) {
        return;
    }
    int64_t offset_ms = time_in_zone(first, 0, STR("UTC")) - time_in_zone(first, 0, zone);
    int offset_s = (int)(offset_ms / 1000);
    describe_zone(r, zone, offset_s);
    span->start = local_time(span->start, offset_s);
    if (!icaltime_is_null_time(span->end)) {
        span->end = local_time(span->end, offset_s);
    }
    span->zone = zone;
}

/* False when the record has no date to begin with. */
static bool read_span(struct represent *r, const struct value *record, struct span *ret_span)
{
    const struct ics_form *form = r->form;
    struct date start = {0};
    struct date end = {0};
    int64_t start_ms;
    int64_t end_ms;
    if (!read_time(record, form->start, STR("from"), &start, &start_ms)) {
        return false;
    }
    bool has_end = read_time(record, form->end, STR("to"), &end, &end_ms);
    if (start_ms >= 0) {
        bool known = has_end && end_ms > start_ms;
        *ret_span = (struct span){.start = instant(start_ms), .end = known ? instant(end_ms) : icaltime_null_time()};
        return true;
    }
    struct str zone = value_get_text(record, STR("time_zone"));
    zone = zone.len > 0 ? zone : form->time_zone;
    struct date first = date_first_day(start);
    struct date last = has_end && date_is_set(end) ? date_last_day(end) : date_last_day(start);
    ret_span->start = moment(first, value_get_text(record, STR("start_time")), zone);
    ret_span->end = moment(last, value_get_text(record, STR("end_time")), zone);
    if (!ret_span->start.is_date && ret_span->end.is_date && date_cmp(first, last) == 0) {
        ret_span->end = icaltime_null_time();
    } else if (ret_span->start.is_date || ret_span->end.is_date) {
        /* Whole days: the end is the day after the last. */
        ret_span->start = day(first);
        ret_span->end = day(last);
        icaltime_adjust(&ret_span->end, 1, 0, 0, 0);
    }
    if (value_get(record, STR("recurrence"))) {
        make_local(r, ret_span, first, zone);
    }
    return true;
}

/* ---- events ---- */

static const char *words(struct represent *r, const struct field *field, const struct value *record)
{
    struct str text = represent_words(r, field, value_get(record, field->name));
    return arena_copy(&r->record, text).ptr;
}

static void add_texts(struct represent *r, icalcomponent *event, const struct value *record)
{
    const struct ics_form *form = r->form;
    const struct {
        const struct field *field;
        icalproperty *(*make)(const char *text);
    } texts[] = {
        {form->location, icalproperty_new_location},
        {form->description, icalproperty_new_description},
        {form->url, icalproperty_new_url},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (texts[i].field && value_get(record, texts[i].field->name)) {
            icalcomponent_add_property(event, texts[i].make(words(r, texts[i].field, record)));
        }
    }
}

static void add_recurrence(struct represent *r, icalcomponent *event, const struct value *record)
{
    struct str rule = value_get_text(record, STR("recurrence"));
    if (rule.len == 0) {
        return;
    }
    struct icalrecurrencetype parsed = icalrecurrencetype_from_string(arena_copy(&r->record, rule).ptr);
    if (parsed.freq != ICAL_NO_RECURRENCE) {
        icalcomponent_add_property(event, icalproperty_new_rrule(parsed));
    }
}

static icalproperty *in_zone(struct represent *r, icalproperty *property, struct str zone)
{
    if (zone.len > 0) {
        icalproperty_add_parameter(property, icalparameter_new_tzid(arena_copy(&r->record, zone).ptr));
    }
    return property;
}

static int add_ics(struct represent *r, const struct found *found, struct err *err)
{
    (void)err;
    const struct ics_form *form = r->form;
    struct span span = {0};
    if (!read_span(r, found->record, &span)) {
        return 0;
    }
    struct str id = record_id(found->record);
    struct str uid = arena_concat(&r->record, 5, id, STR("."), found->reg->name, STR("@"), form->host);
    struct bilingual label = record_label(r->config.model, found->reg, found->record, &r->record);
    struct str summary = bilingual_best(label, r->config.lang);
    icalcomponent *event = icalcomponent_new_vevent();
    if (!event) {
        return err_set(err, ERR_INTERNAL, "no event can be made");
    }
    icalcomponent_add_property(event, icalproperty_new_uid(uid.ptr));
    icalcomponent_add_property(event, icalproperty_new_dtstamp(instant(r->config.now_ms)));
    icalcomponent_add_property(event, in_zone(r, icalproperty_new_dtstart(span.start), span.zone));
    if (!icaltime_is_null_time(span.end)) {
        icalcomponent_add_property(event, in_zone(r, icalproperty_new_dtend(span.end), span.zone));
    }
    icalcomponent_add_property(event, icalproperty_new_summary(arena_copy(&r->record, summary).ptr));
    add_texts(r, event, found->record);
    add_recurrence(r, event, found->record);
    char *text = icalcomponent_as_ical_string_r(event);
    buf_add(r->out, str_from_cstr(text));
    free(text);
    icalcomponent_free(event);
    return 0;
}

static int close_ics(struct represent *r, struct err *err)
{
    (void)err;
    buf_add_literal(r->out, "END:VCALENDAR\r\n");
    return 0;
}

const struct represent_form represent_ics = {
    .extension = STR("ics"),
    .media_type = STR("text/calendar; charset=utf-8"),
    .fits = fits,
    .open = open_ics,
    .add = add_ics,
    .close = close_ics,
};
