#include "unit.h"

#include "base/date.h"

static void reads_iso_dates_and_nothing_else(void **state)
{
    (void)state;
    static const char *const good[] = {"0001", "2022", "9999", "2022-02", "2022-02-21", "2024-02-29", "2000-02-29"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct date date;
        char text[DATE_TEXT_MAX];
        assert_true(date_parse(str_from_cstr(good[i]), &date));
        assert_int_equal(date_format(date, text), strlen(good[i]));
        assert_string_equal(text, good[i]);
    }
    static const char *const bad[] = {
        "",           "0000",       "202",         "20222",       "2022-2",     "2022-13",
        "2022-00",    "2022/02/21", "2022-02-00",  "2022-02-29",  "1900-02-29", "2022-04-31",
        "2022-02-2a", " 2022",      "2022-02-21 ", "2022-02-2１", "-022",       "2022-0-21"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct date date = {.year = 7};
        if (date_parse(str_from_cstr(bad[i]), &date)) {
            fail_msg("\"%s\" is accepted", bad[i]);
        }
        assert_int_equal(date.year, 7);
    }
}

static void reads_what_people_write(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"2022", "2022"},
        {"2022年", "2022"},
        {"2022年2月", "2022-02"},
        {"2022年2月21日", "2022-02-21"},
        {"2022年02月21日", "2022-02-21"},
        {"２０２２年２月２１日", "2022-02-21"},
        {" \t2022 年 2 月 21 日\n", "2022-02-21"},
        {"　２０２２年　２月　", "2022-02"},
        {"2022/2/21", "2022-02-21"},
        {"２０２２／２／２１", "2022-02-21"},
        {"2022.2.21", "2022-02-21"},
        {"2022-2-1", "2022-02-01"},
        {"2022/2", "2022-02"},
        {"2022-02-21", "2022-02-21"},
        {"令和4年2月21日", "2022-02-21"},
        {"令和4年", "2022"},
        {"令和4", "2022"},
        {"令和元年", "2019"},
        {"令和元年5月", "2019-05"},
        {"令和元年5月1日", "2019-05-01"},
        {"㋿元年5月1日", "2019-05-01"},
        {"R4.2.21", "2022-02-21"},
        {"r4.2.21", "2022-02-21"},
        {"Ｒ４．２．２１", "2022-02-21"},
        {"R元.5.1", "2019-05-01"},
        {"H31/4/30", "2019-04-30"},
        {"平成31年", "2019"},
        {"平成31年4月", "2019-04"},
        {"平成元年1月8日", "1989-01-08"},
        {"昭和64年1月7日", "1989-01-07"},
        {"昭和64年1月", "1989-01"},
        {"S1.12.25", "1926-12-25"},
        {"大正15年12月25日", "1926-12-25"},
        {"T1.7.30", "1912-07-30"},
        {"明治45年7月30日", "1912-07-30"},
        {"明治6年1月1日", "1873-01-01"},
        {"明治元年", "1868"},
        {"M5", "1872"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct date date;
        char text[DATE_TEXT_MAX];
        if (!date_parse_loosely(str_from_cstr(cases[i][0]), &date)) {
            fail_msg("\"%s\" is refused", cases[i][0]);
        }
        date_format(date, text);
        assert_string_equal(text, cases[i][1]);
    }
}

static void refuses_what_is_no_date(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        " ",
        "年",
        "2022年2",
        "2022年2月21",
        "2022年21日",
        "2022年13月",
        "2022年2月30日",
        "2022年0月",
        "22/2/21",
        "2022/2.21",
        "2022//21",
        "2022/",
        "2022/2/",
        "2022/2/21/",
        "2022/2/21年",
        "20220221",
        "2022年2月21日まで",
        "約2022年",
        "20222年",
        "令和",
        "令和0年",
        "令和00年",
        "令和100年",
        "元年",
        "2022元年",
        "令和4元年",
        /* outside their era */
        "平成31年5月",
        "平成31年5月1日",
        "平成32年",
        "令和元年4月",
        "令和元年4月30日",
        "昭和64年1月8日",
        "昭和64年2月",
        "平成元年1月7日",
        "昭和元年12月24日",
        "大正15年12月26日",
        "大正元年7月29日",
        "明治45年7月31日",
        "昭和65年",
        "大正16年",
        "明治46年",
        /* another calendar */
        "明治5年1月1日",
        "明治元年10月",
        "\xff",
        "2022\x80",
        "令和9999年",
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct date date = {.year = 7};
        if (date_parse_loosely(str_from_cstr(cases[i]), &date)) {
            fail_msg("\"%s\" is accepted", cases[i]);
        }
        assert_int_equal(date.year, 7);
    }
}

static void days_of_what_a_date_covers(void **state)
{
    (void)state;
    char text[DATE_TEXT_MAX];
    date_format(date_first_day((struct date){2024, 2, 0}), text);
    assert_string_equal(text, "2024-02-01");
    date_format(date_last_day((struct date){2024, 2, 0}), text);
    assert_string_equal(text, "2024-02-29");
    date_format(date_first_day((struct date){2024, 0, 0}), text);
    assert_string_equal(text, "2024-01-01");
    date_format(date_last_day((struct date){2024, 0, 0}), text);
    assert_string_equal(text, "2024-12-31");
    date_format(date_last_day((struct date){2024, 3, 4}), text);
    assert_string_equal(text, "2024-03-04");
    assert_false(date_is_set(date_last_day((struct date){0, 0, 0})));
    assert_int_equal(date_format((struct date){0, 0, 0}, text), 0);
    assert_string_equal(text, "");
}

static void orders_by_first_day_then_precision(void **state)
{
    (void)state;
    static const struct date ascending[] = {{0, 0, 0},    {2021, 12, 31}, {2022, 0, 0}, {2022, 1, 0},
                                            {2022, 1, 1}, {2022, 1, 2},   {2022, 2, 0}, {2022, 2, 1},
                                            {2023, 0, 0}, {2023, 1, 0},   {2023, 1, 1}};
    int count = sizeof(ascending) / sizeof(ascending[0]);
    for (int i = 0; i < count; i++) {
        for (int j = 0; j < count; j++) {
            int order = date_cmp(ascending[i], ascending[j]);
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
    }
}

static void knows_what_is_valid(void **state)
{
    (void)state;
    assert_true(date_is_valid((struct date){2022, 0, 0}));
    assert_true(date_is_valid((struct date){2022, 12, 31}));
    assert_false(date_is_valid((struct date){0, 0, 0}));
    assert_false(date_is_valid((struct date){10000, 1, 1}));
    assert_false(date_is_valid((struct date){2022, 0, 1}));
    assert_false(date_is_valid((struct date){2022, 13, 1}));
    assert_false(date_is_valid((struct date){2022, 2, 29}));
    assert_false(date_is_valid((struct date){2022, -1, 0}));
    assert_false(date_is_valid((struct date){2022, 1, -1}));
}

UNIT_TESTS(TEST(reads_iso_dates_and_nothing_else), TEST(reads_what_people_write), TEST(refuses_what_is_no_date),
           TEST(days_of_what_a_date_covers), TEST(orders_by_first_day_then_precision), TEST(knows_what_is_valid))
