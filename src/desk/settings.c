#include "desk/settings.h"

#include "model/record.h"

#include <stdlib.h>

#define CLOSED_DAYS_MAX 400 /* of one year */

int desk_read(struct store *store, struct reader **ret_reader, struct err *err)
{
    struct read_options options = {.viewer = {.sees = VISIBILITY_SECRETARIAT}};

    return store_read(store, &options, ret_reader, err);
}

int desk_number(const struct value *record, struct str name, int otherwise)
{
    const struct value *value = value_get(record, name);
    int64_t number;

    if (value == NULL || value->kind != VALUE_NUMBER || !decimal_to_int64(value->number, &number) || number < 0 ||
        number > INT32_MAX) {
        return otherwise;
    }
    return (int)number;
}

static unsigned working_days(const struct value *codes)
{
    static const struct str names[WEEKDAYS] = {STR("mon"), STR("tue"), STR("wed"), STR("thu"),
                                               STR("fri"), STR("sat"), STR("sun")};
    unsigned days = 0;

    for (size_t i = 0; i < value_count(codes); i++) {
        for (size_t day = 0; day < WEEKDAYS; day++) {
            if (str_eq(value_text_of(value_at(codes, i)), names[day])) {
                days |= 1u << day;
            }
        }
    }
    return days;
}

static void take_community(const struct value *record, struct desk_settings *settings)
{
    struct str zone = value_get_text(record, STR("time_zone"));
    struct str first = value_text_of(value_at(value_get(record, STR("languages")), 0));

    if (value_get(record, STR("name")) != NULL) {
        settings->name = value_bilingual(value_get(record, STR("name")));
    }
    settings->zone = zone.len > 0 ? zone : STR("UTC");
    settings->secretariat = value_get_text(record, STR("secretariat"));
    settings->contact_email = value_get_text(record, STR("contact_email"));
    if (!lang_from_code(first, &settings->lang)) {
        settings->lang = LANG_EN;
    }
    settings->week.days = working_days(value_get(record, STR("working_days")));
    settings->answer_days = desk_number(record, STR("answer_days"), DESK_ANSWER_DAYS);
    settings->keep_days = desk_number(record, STR("enquiry_keep_days"), DESK_KEEP_DAYS);
}

/* Adds the closed days of a year, in their order. */
static int add_closed_days(struct reader *reader, const struct reg *reg, int year, struct arena *arena,
                           struct date *days, size_t *count, struct err *err)
{
    const struct field *field = reg_field(reg, STR("day"));
    struct filter filter = {.field = field, .name = STR("day"), .value = arena_format(arena, "%04d", year)};
    struct list_query query = {
        .reg = reg, .filters = &filter, .filter_count = 1, .sort = field, .limit = CLOSED_DAYS_MAX};
    struct page page = {0};

    if (field == NULL || field->type != FIELD_DATE || !field->sortable) {
        return 0;
    }
    if (store_list(reader, &query, arena, &page, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < page.count; i++) {
        if (date_parse(value_get_text(page.items[i].record, STR("day")), &days[*count])) {
            (*count)++;
        }
    }
    return 0;
}

static int read_closed_days(struct reader *reader, const struct model *model, int year, struct arena *arena,
                            struct work_week *week, struct err *err)
{
    const struct reg *reg = model_role(model, ROLE_CLOSED_DAY);
    struct date *days = ARENA_NEW_ARRAY(arena, (size_t)2 * CLOSED_DAYS_MAX, struct date);
    size_t count = 0;

    if (reg != NULL && (add_closed_days(reader, reg, year, arena, days, &count, err) != 0 ||
                        add_closed_days(reader, reg, year + 1, arena, days, &count, err) != 0)) {
        return -1;
    }
    week->closed = days;
    week->closed_count = count;
    return 0;
}

int desk_settings_read(struct store *store, int64_t now_ms, struct arena *arena, struct desk_settings *ret_settings,
                       struct err *err)
{
    READER_AUTO *reader = NULL;
    const struct model *model = store_model(store);
    const struct reg *reg = model_role(model, ROLE_COMMUNITY);
    struct desk_settings settings = {0};
    const struct found *found = NULL;

    if (desk_read(store, &reader, err) != 0 || (reg != NULL && store_eldest(reader, reg, arena, &found, err) != 0)) {
        return -1;
    }
    take_community(found != NULL ? found->record : NULL, &settings);
    if (read_closed_days(reader, model, date_in_zone(now_ms, settings.zone).year, arena, &settings.week, err) != 0) {
        return -1;
    }
    *ret_settings = settings;
    return 0;
}
