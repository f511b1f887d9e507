#include "unit.h"

#include "web/template.h"

#define JA_HEADER "msgid \"\"\nmsgstr \"\"\n\"Plural-Forms: nplurals=1; plural=0;\\n\"\n\n"
#define EN_HEADER "msgid \"\"\nmsgstr \"Plural-Forms: nplurals=2; plural=(n != 1);\\n\"\n\n"

static int read_words(const char *ja, const char *en, struct words **ret_words, struct err *err)
{
    struct str contents[LANG_COUNT];
    contents[LANG_JA] = str_from_cstr(ja);
    contents[LANG_EN] = str_from_cstr(en);
    return words_read(contents, ret_words, err);
}

static void assert_words(struct str actual, const char *expected)
{
    assert_int_equal(actual.len, strlen(expected));
    assert_memory_equal(actual.ptr, expected, actual.len);
}

static void texts_are_found_in_both_languages(void **state)
{
    (void)state;
    struct words *words = NULL;
    struct err err;
    assert_int_equal(read_words(JA_HEADER "# a comment\n#: list.html:3\nmsgid \"Search\"\nmsgstr \"検索\"\n",
                                EN_HEADER "msgid \"Search\"\r\nmsgstr \"Search\"\r\n", &words, &err),
                     0);
    assert_words(words_get(words, LANG_JA, STR("Search")), "検索");
    assert_words(words_get(words, LANG_EN, STR("Search")), "Search");
    assert_words(words_get(words, LANG_EN, STR("Nothing")), "Nothing");
    words_free(words);
}

static void strings_continue_and_are_unescaped(void **state)
{
    (void)state;
    struct words *words = NULL;
    struct err err;
    assert_int_equal(read_words(JA_HEADER "msgid \"\"\n\"two \"\n  \"lines\"\nmsgstr \"a\\n\"\n\"\\\"b\\\"\\t\\\\\"\n",
                                EN_HEADER, &words, &err),
                     -1);
    assert_string_equal(err.message,
                        "locale/ja.po:7:1: a line begins with msgid, msgid_plural, msgstr, a quotation mark or #");
    assert_int_equal(read_words(JA_HEADER "msgid \"\"\n\"two \"\n\"lines\"\nmsgstr \"a\\n\"\n\"\\\"b\\\"\\t\\\\\"\n",
                                EN_HEADER, &words, &err),
                     0);
    assert_words(words_get(words, LANG_JA, STR("two lines")), "a\n\"b\"\t\\");
    words_free(words);
}

static void plurals_follow_the_language(void **state)
{
    (void)state;
    static const char ja[] = JA_HEADER "msgid \"one\"\nmsgid_plural \"many\"\nmsgstr[0] \"件\"\n";
    static const char en[] =
        EN_HEADER "msgid \"one\"\nmsgid_plural \"many\"\nmsgstr[0] \"1 record\"\nmsgstr[1] \"records\"\n";
    struct words *words = NULL;
    struct err err;
    assert_int_equal(read_words(ja, en, &words, &err), 0);
    assert_words(words_get_plural(words, LANG_EN, STR("one"), STR("many"), 1), "1 record");
    assert_words(words_get_plural(words, LANG_EN, STR("one"), STR("many"), 0), "records");
    assert_words(words_get_plural(words, LANG_EN, STR("one"), STR("many"), 2), "records");
    assert_words(words_get_plural(words, LANG_JA, STR("one"), STR("many"), 2), "件");
    assert_words(words_get_plural(words, LANG_JA, STR("x"), STR("xs"), 1), "x");
    assert_words(words_get_plural(words, LANG_JA, STR("x"), STR("xs"), 2), "xs");
    words_free(words);
}

static void unfinished_translations_are_missing(void **state)
{
    (void)state;
    static const char ja[] = JA_HEADER "#, fuzzy\nmsgid \"a\"\nmsgstr \"あ\"\n\nmsgid \"b\"\nmsgstr \"\"\n\n"
                                       "#~ msgid \"c\"\n#~ msgstr \"う\"\n\nmsgid \"d\"\nmsgstr \"え\"\n";
    struct words *words = NULL;
    struct err err;
    assert_int_equal(read_words(ja, EN_HEADER, &words, &err), 0);
    assert_words(words_get(words, LANG_JA, STR("a")), "a");
    assert_words(words_get(words, LANG_JA, STR("b")), "b");
    assert_words(words_get(words, LANG_JA, STR("c")), "c");
    assert_words(words_get(words, LANG_JA, STR("d")), "え");
    words_free(words);
}

static void mistakes_name_file_line_and_column(void **state)
{
    (void)state;
    static const struct {
        const char *ja;
        const char *message;
    } mistakes[] = {
        {"", "locale/ja.po:1:1: the file has no header (the entry with an empty msgid)"},
        {"\xff", "locale/ja.po:1:1: the file is not UTF-8"},
        {"msgid \"\"\nmsgstr \"\"\n\n",
         "locale/ja.po:3:1: the header's Plural-Forms must be 'nplurals=1; plural=0;' or 'nplurals=2; plural=(n != 1);'"},
        {JA_HEADER "msgctxt \"menu\"\n",
         "locale/ja.po:5:1: a line begins with msgid, msgid_plural, msgstr, a quotation mark or #"},
        {JA_HEADER "msgid a\n", "locale/ja.po:5:7: a string in quotation marks is expected here"},
        {JA_HEADER "msgid \"a\n", "locale/ja.po:5:7: a string in quotation marks is expected here"},
        {JA_HEADER "msgid \"a\"b\"\n", "locale/ja.po:5:9: a quotation mark inside a string must be written as \\\""},
        {JA_HEADER "msgid \"a\\x\"\n", "locale/ja.po:5:9: after a backslash, only n, t, r, \" and \\ are allowed"},
        {JA_HEADER "msgstr \"a\"\n", "locale/ja.po:5:1: msgstr stands before msgid"},
        {JA_HEADER "\"a\"\n", "locale/ja.po:5:1: this string belongs to nothing"},
        {JA_HEADER "msgid \"a\"\nmsgid \"b\"\n", "locale/ja.po:6:1: the entry that ends here has no msgstr"},
        {JA_HEADER "msgid \"a\"\nmsgstr \"b\"\nmsgstr \"c\"\n", "locale/ja.po:7:1: this msgstr is given twice"},
        {JA_HEADER "msgid \"a\"\nmsgstr \"b\"\n\nmsgid \"a\"\nmsgstr \"c\"\n\n",
         "locale/ja.po:10:1: the entry that ends here has a msgid that was given before"},
        {JA_HEADER "msgid \"a\"\nmsgstr[0] \"b\"\n",
         "locale/ja.po:6:7: msgstr[0] and, in languages with two forms, msgstr[1] follow msgid_plural"},
        {JA_HEADER "msgid \"a\"\nmsgid_plural \"as\"\nmsgstr \"b\"\n",
         "locale/ja.po:7:7: after msgid_plural, msgstr[0] is expected"},
        {JA_HEADER "msgid_plural \"as\"\n", "locale/ja.po:5:1: msgid_plural must follow msgid"},
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        struct words *words = NULL;
        struct err err = {0};
        assert_int_equal(read_words(mistakes[i].ja, EN_HEADER, &words, &err), -1);
        assert_null(words);
        assert_string_equal(err.message, mistakes[i].message);
    }
}

UNIT_TESTS(TEST(texts_are_found_in_both_languages), TEST(strings_continue_and_are_unescaped),
           TEST(plurals_follow_the_language), TEST(unfinished_translations_are_missing),
           TEST(mistakes_name_file_line_and_column))
