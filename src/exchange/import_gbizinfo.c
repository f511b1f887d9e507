/* gBizINFO (API v2): {"hojin-infos": [{"corporate_number", "name", "finance": {"accounting_standards", "fiscal_year_cover_page",
 * "management_index": [{"period", "net_sales_summary_of_business_results", …_unit_ref}]}}]}. What is absent may be the string "Null".
 *
 * The years of the index are named by their number only (第12期); the cover page names one number with its dates. So only the
 * index of that number has a year end that is stated; the others are listed, their ends are not made up. Nor is it said whether
 * the figures are consolidated: the config says what they are taken for, and the record's sources that this was inferred. */
#include "exchange/import_internal.h"

static struct str stated(const struct value *object, struct str name)
{
    struct str text = str_trim(value_get_text(object, name));
    return str_eq(text, STR("Null")) || str_eq(text, STR("null")) ? STR("") : text;
}

/* "第12期" anywhere in the text; empty when there is none. */
static struct str period_number(struct str text)
{
    size_t from = str_find(text, STR("第"));
    struct str rest = from == SIZE_MAX ? STR("") : str_slice(text, from, text.len);
    size_t to = str_find(rest, STR("期"));
    return to == SIZE_MAX ? STR("") : str_slice(rest, 0, to + STR("期").len);
}

/* The date after a word ("自", "至") up to a closing mark or the next word. */
static struct date date_after(struct str text, struct str word)
{
    static const char *const ends[] = {"至", "）", ")", "～", "〜"};
    size_t from = str_find(text, word);
    struct str rest = from == SIZE_MAX ? STR("") : str_slice(text, from + word.len, text.len);
    struct date date;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        size_t to = str_find(rest, str_from_cstr(ends[i]));
        rest = to == SIZE_MAX ? rest : str_slice(rest, 0, to);
    }
    while (str_take(&rest, STR("　")) || str_take(&rest, STR(" "))) {
    }
    return date_parse_loosely(rest, &date) ? date : (struct date){0};
}

static bool find_sales(struct importing *importing, const struct value *index, struct found_result *found)
{
    const struct value *names = value_get(importing->config, STR("sales"));
    for (size_t i = 0; i < value_count(names); i++) {
        struct str name = value_text_of(value_at(names, i));
        const struct value *value = value_get(index, name);
        struct str unit = stated(index, arena_concat(importing->arena, 2, name, STR("_unit_ref")));
        bool number = value && value->kind == VALUE_NUMBER;
        if (number || decimal_parse(stated(index, name), &found->sales)) {
            found->sales = number ? value->number : found->sales;
            found->currency = unit.len == 3 ? unit : STR("JPY");
            return true;
        }
    }
    return false;
}

static void take_index(struct importing *importing, const struct value *index, const struct found_result *base,
                       struct str covered)
{
    struct found_result found = *base;
    struct str period = period_number(stated(index, STR("period")));
    if (!find_sales(importing, index, &found)) {
        return;
    }
    if (!date_is_set(base->end) || period.len == 0 || !str_eq(period, covered)) {
        import_note(importing, IMPORT_SKIPPED, base->where, "the end of %.*s of %.*s is not stated",
                    STR_ARG(period.len ? period : STR("a year")), STR_ARG(base->company->id));
        return;
    }
    import_result_stage(importing, &found);
}

static void take_company(struct importing *importing, const struct value *info, struct str where)
{
    const struct value *finance = value_get(info, STR("finance"));
    const struct value *indexes = value_get(finance, STR("management_index"));
    struct str cover = stated(finance, STR("fiscal_year_cover_page"));
    struct str number = stated(info, STR("corporate_number"));
    struct found_result found = {
        .company = import_company(importing, number, stated(info, STR("name")), where),
        .start = date_after(cover, STR("自")),
        .end = date_after(cover, STR("至")),
        .consolidated = value_get_bool(importing->config, STR("consolidated")),
        .consolidated_inferred = true,
        .accounting = stated(finance, STR("accounting_standards")),
        .locator = number,
        .where = where,
    };
    for (size_t i = 0; found.company && i < value_count(indexes); i++) {
        take_index(importing, value_at(indexes, i), &found, period_number(cover));
    }
}

int import_gbizinfo(struct importing *importing, const struct import_file *file, struct str content, struct err *err)
{
    struct value *answer;
    const struct value *infos;
    if (json_read(importing->arena, content, NULL, &answer, err)) {
        return err_prefix(err, "%.*s", STR_ARG(file->shown));
    }
    infos = value_get(answer, STR("hojin-infos"));
    if (!infos || infos->kind != VALUE_LIST) {
        return err_set(err, ERR_INVALID, "%.*s: no answer of gBizINFO; it needs \"hojin-infos\": [...]",
                       STR_ARG(file->shown));
    }
    for (size_t i = 0; i < value_count(infos); i++) {
        const struct value *info = value_at(infos, i);
        take_company(importing, info, arena_format(importing->arena, "%.*s:%u", STR_ARG(file->shown), info->line));
    }
    return 0;
}
