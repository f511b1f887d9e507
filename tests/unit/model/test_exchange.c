/* Periods as days; which rate is chosen for which time; figures told in another currency. */
#include "fixture.h"

#include "base/err.h"
#include "model/exchange.h"
#include "model/period.h"

static struct date day(const char *text)
{
    struct date date = {0};
    assert_true(date_parse(str_from_cstr(text), &date));
    return date;
}

static const char *days_of(const char *period)
{
    static char text[2 * DATE_TEXT_MAX + 2];
    char first_text[DATE_TEXT_MAX], last_text[DATE_TEXT_MAX];
    struct date first, last;
    if (!period_days(str_from_cstr(period), &first, &last)) {
        return "none";
    }
    date_format(first, first_text);
    date_format(last, last_text);
    snprintf(text, sizeof text, "%s %s", first_text, last_text);
    return text;
}

static void periods_are_days(void **state)
{
    (void)state;
    assert_string_equal(days_of("2022-02-21"), "2022-02-21 2022-02-21");
    assert_string_equal(days_of("2024-02"), "2024-02-01 2024-02-29");
    assert_string_equal(days_of("2022"), "2022-01-01 2022-12-31");
    assert_string_equal(days_of("FY2023"), "2023-04-01 2024-03-31");
    assert_string_equal(days_of("2021-07/2022"), "2021-07-01 2022-12-31");
    assert_string_equal(days_of("2022/2021"), "none");
    assert_string_equal(days_of("FY2023-04"), "none");
    assert_string_equal(days_of("FY9999"), "none");
    assert_string_equal(days_of("2022/"), "none");
    assert_string_equal(days_of(""), "none");
}

/* Crowns and shells; one month stands beside its year. */
static struct exchange_rate items[] = {
    {STR("c-2020"), STR("CRN"), STR("SHL"), 100, {2020, 0, 0}, {2020, 0, 0}},
    {STR("c-2022"), STR("CRN"), STR("SHL"), 120, {2022, 0, 0}, {2022, 0, 0}},
    {STR("c-2021"), STR("CRN"), STR("SHL"), 125, {2021, 0, 0}, {2021, 0, 0}},
    {STR("c-2021-05"), STR("CRN"), STR("SHL"), 130, {2021, 5, 0}, {2021, 5, 0}},
    {STR("p-2021"), STR("PRL"), STR("SHL"), 7, {2021, 0, 0}, {2021, 0, 0}},
};
static const struct exchange_rates rates = {items, sizeof items / sizeof items[0]};

static const char *found(const char *from, const char *to, const char *period)
{
    static char text[60];
    struct exchange exchange;
    struct date first, last;
    assert_true(period_days(str_from_cstr(period), &first, &last));
    if (!exchange_find(&rates, str_from_cstr(from), str_from_cstr(to), first, last, &exchange)) {
        return "none";
    }
    snprintf(text, sizeof text, "%s%s%s", exchange.rate->id.ptr, exchange.divide ? " /" : " *",
             exchange.covers ? "" : " before");
    return text;
}

static void the_rate_of_the_time_is_chosen(void **state)
{
    (void)state;
    assert_string_equal(found("SHL", "CRN", "2021"), "c-2021 /");
    assert_string_equal(found("CRN", "SHL", "2021"), "c-2021 *");
    assert_string_equal(found("SHL", "CRN", "2021-05-14"), "c-2021-05 /");
    assert_string_equal(found("SHL", "CRN", "2021-06"), "c-2021 /");
    assert_string_equal(found("SHL", "CRN", "FY2020"), "c-2020 /"); /* nine months of twelve */
    assert_string_equal(found("SHL", "CRN", "2021-05/2022"), "c-2022 /");
    assert_string_equal(found("SHL", "CRN", "2030"), "c-2022 / before");
    assert_string_equal(found("SHL", "CRN", "2019"), "none");
    assert_string_equal(found("SHL", "PRL", "2020-12-31"), "none");
    assert_string_equal(found("CRN", "PRL", "2021"), "none"); /* none is made out of two */
}

static void days_are_counted_over_leap_years(void **state)
{
    (void)state;
    /* A year's end and its beginning: one day decides. */
    struct exchange_rate two[] = {
        {STR("old"), STR("CRN"), STR("SHL"), 1, {1999, 0, 0}, {2000, 2, 28}},
        {STR("new"), STR("CRN"), STR("SHL"), 2, {2000, 2, 29}, {2000, 12, 31}},
    };
    struct exchange_rates both = {two, 2};
    struct exchange exchange;
    assert_true(exchange_find(&both, STR("CRN"), STR("SHL"), day("2000-02-28"), day("2000-03-01"), &exchange));
    assert_string_equal(exchange.rate->id.ptr, "new");
    assert_true(exchange_find(&both, STR("CRN"), STR("SHL"), day("2000-02-27"), day("2000-02-29"), &exchange));
    assert_string_equal(exchange.rate->id.ptr, "old");
}

static const char *converted(const char *json, double rate, bool divide)
{
    static struct arena arena; /* what is returned lives in it until the next call */
    struct exchange_rate one = {STR("x"), STR("CRN"), STR("SHL"), rate, {2020, 0, 0}, {2020, 0, 0}};
    struct exchange exchange = {&one, divide, true};
    struct value *figure = NULL, *result;
    struct err err = {0};
    arena_free(&arena);
    arena_init(&arena, FIXTURE_BYTES);
    assert_int_equal(json_read(&arena, boats_json(&arena, str_from_cstr(json)), NULL, &figure, &err), 0);
    result = exchange_figure(&exchange, figure, STR("CRN"), &arena);
    return result == NULL ? "none" : arena_format(&arena, "%.*s", STR_ARG(fixture_written(result, &arena))).ptr;
}

static void figures_keep_what_was_stated_and_no_more(void **state)
{
    (void)state;
    assert_string_equal(
        converted("{'value':103000000000000,'currency':'SHL','precision':12,'period':'2020'}", 106.7754, true),
        "{\"value\":965000000000,\"qualifier\":\"about\",\"currency\":\"CRN\",\"precision\":9}");
    assert_string_equal(
        converted("{'value':33000000000,'currency':'SHL','precision':9,'unit':'a-year','estimated':true}", 100, true),
        "{\"value\":330000000,\"qualifier\":\"about\",\"estimated\":true,\"unit\":\"a-year\",\"currency\":\"CRN\","
        "\"precision\":7}");
    assert_string_equal(
        converted("{'low':2000000000,'high':3000000000,'currency':'SHL','precision':9}", 109.8429, true),
        "{\"low\":18000000,\"high\":27000000,\"qualifier\":\"about\",\"currency\":\"CRN\",\"precision\":6}");
    assert_string_equal(converted("{'value':5,'qualifier':'at-least','precision':0}", 0.5, false),
                        "{\"value\":2.5,\"qualifier\":\"at-least\",\"currency\":\"CRN\",\"precision\":-1}");
    assert_string_equal(converted("{'value':123456789}", 1, false),
                        "{\"value\":123000000,\"qualifier\":\"about\",\"currency\":\"CRN\",\"precision\":6}");
    assert_string_equal(converted("{'value':0,'precision':6}", 3, false),
                        "{\"value\":0,\"qualifier\":\"about\",\"currency\":\"CRN\",\"precision\":-1}");
    assert_string_equal(converted("{'value':999999999999999999}", 1e30, false), "none");
    assert_string_equal(converted("{'currency':'SHL'}", 1, false), "none");
}

/* The register has figures, dates and the times every record has. */
static const char *days_for(const char *json, const char *today)
{
    static struct arena arena;
    static const char *fields = "{'name':'fund','title':{'ja':'基','en':'Fund'},'label':['name'],'fields':["
                                "{'name':'name','title':{'ja':'名','en':'Name'},'type':'string'},"
                                "{'name':'due','title':{'ja':'日','en':'Due'},'type':'date'},"
                                "{'name':'begun','title':{'ja':'日','en':'Begun'},'type':'date'},"
                                "{'name':'now','title':{'ja':'今','en':'Now'},'type':'number','figure':true},"
                                "{'name':'goal','title':{'ja':'先','en':'Goal'},'type':'number','figure':true}]}";
    struct model_file file = {STR("fund.json"), STR("")};
    struct value *record = NULL;
    struct model *model = NULL;
    struct problems problems;
    struct date first, last;
    struct err err = {0};
    char text[DATE_TEXT_MAX];
    bool found;
    arena_free(&arena);
    arena_init(&arena, FIXTURE_BYTES);
    file.content = boats_json(&arena, str_from_cstr(fields));
    problems_init(&problems, &arena);
    assert_int_equal(model_read(&file, 1, &problems, &model, &err), 0);
    assert_int_equal(json_read(&arena, boats_json(&arena, str_from_cstr(json)), NULL, &record, &err), 0);
    found = exchange_days(model_register(model, STR("fund")), record, value_get(record, STR("goal")), day(today),
                          &first, &last);
    model_free(model);
    if (!found) {
        return "none";
    }
    date_format(last, text);
    return arena_format(&arena, "%s", text).ptr;
}

static void a_target_is_worth_what_it_was_worth_when_it_was_set(void **state)
{
    (void)state;
    assert_string_equal(
        days_for("{'goal':{'value':1,'period':'2021'},'now':{'value':1,'period':'2020'}}", "2024-01-01"), "2021-12-31");
    assert_string_equal(
        days_for("{'goal':{'value':1,'period':'2030'},'now':{'value':1,'period':'2020'}}", "2024-01-01"), "2020-12-31");
    assert_string_equal(days_for("{'goal':{'value':1,'period':'2030'},'due':'2030','begun':'2022-03'}", "2024-01-01"),
                        "2022-03-31");
    assert_string_equal(days_for("{'goal':{'value':1},'attested_on':'2022-02-21','from':'2021'}", "2024-01-01"),
                        "2022-02-21");
    assert_string_equal(days_for("{'goal':{'value':1},'from':'2021'}", "2024-01-01"), "2021-12-31");
    assert_string_equal(days_for("{'goal':{'value':1,'period':'2030'}}", "2024-01-01"), "none");
}

UNIT_TESTS(TEST(periods_are_days), TEST(the_rate_of_the_time_is_chosen), TEST(days_are_counted_over_leap_years),
           TEST(figures_keep_what_was_stated_and_no_more), TEST(a_target_is_worth_what_it_was_worth_when_it_was_set))
