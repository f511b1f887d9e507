/* Cases by the rules of mustache's public specification (interpolation, sections, inverted sections, partials, comments,
 * delimiters), then what this engine adds or refuses. */
#include "unit.h"

#include "web/template.h"

#define JA_PO                                                                                        \
    "msgid \"\"\nmsgstr \"Plural-Forms: nplurals=1; plural=0;\\n\"\n\n"                              \
    "msgid \"Search\"\nmsgstr \"検索\"\n\n"                                                        \
    "msgid \"Page %(n) of %(all.count)\"\nmsgstr \"%(all.count)ページ中%(n)ページ\"\n\n"      \
    "msgid \"<Q&A>\"\nmsgstr \"<質問&回答>\"\n\nmsgid \"only-ja\"\nmsgstr \"日本語だけ\"\n" \
    "\nmsgid \"drops %(n)\"\nmsgstr \"落とす\"\n"
#define EN_PO                                                                       \
    "msgid \"\"\nmsgstr \"Plural-Forms: nplurals=2; plural=(n != 1);\\n\"\n\n"      \
    "msgid \"Search\"\nmsgstr \"Search\"\n\n"                                       \
    "msgid \"Page %(n) of %(all.count)\"\nmsgstr \"Page %(n) of %(all.count)\"\n\n" \
    "msgid \"<Q&A>\"\nmsgstr \"<Q&A>\"\n\nmsgid \"drops %(n)\"\nmsgstr \"drops %(n)\"\n"

struct scene {
    struct arena arena;
    struct words *words;
    struct templates *templates;
    struct buf out;
    struct err err;
};

static void scene_free(struct scene *scene)
{
    templates_free(scene->templates);
    words_free(scene->words);
    buf_free(&scene->out);
    arena_free(&scene->arena);
}

#define SCENE __attribute__((cleanup(scene_free))) struct scene scene = scene_begin()

static struct scene scene_begin(void)
{
    struct scene scene = {0};
    struct str contents[LANG_COUNT];
    contents[LANG_JA] = STR(JA_PO);
    contents[LANG_EN] = STR(EN_PO);
    arena_init(&scene.arena, 1 << 24);
    buf_init(&scene.out, 1 << 20);
    if (words_read(contents, &scene.words, &scene.err) < 0) {
        fail_msg("%s", scene.err.message);
    }
    return scene;
}

/* Templates "main" and, when given, "part" and "outer". */
static int compile(struct scene *scene, const char *main_text, const char *part, const char *outer)
{
    struct template_file files[3] = {{STR("main.html"), str_from_cstr(main_text)}};
    size_t count = 1;
    if (part) {
        files[count++] = (struct template_file){STR("part.html"), str_from_cstr(part)};
    }
    if (outer) {
        files[count++] = (struct template_file){STR("outer.html"), str_from_cstr(outer)};
    }
    return templates_compile(files, count, scene->words, &scene->templates, &scene->err);
}

static int render(struct scene *scene, const char *view_json, enum lang lang)
{
    struct value *view = NULL;
    if (json_read(&scene->arena, str_from_cstr(view_json), NULL, &view, &scene->err) < 0) {
        fail_msg("%s", scene->err.message);
    }
    return templates_render(scene->templates, STR("main"), lang, view, &scene->out, &scene->err);
}

static void check(const char *view, const char *main_text, const char *part, const char *expected)
{
    SCENE;
    if (compile(&scene, main_text, part, NULL) < 0 || render(&scene, view, LANG_EN) < 0) {
        fail_msg("%s\n%s", main_text, scene.err.message);
    }
    buf_add_byte(&scene.out, '\0');
    assert_string_equal(scene.out.ptr, expected);
}

struct example {
    const char *view;
    const char *text;
    const char *expected;
};

static void check_all(const struct example *examples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        check(examples[i].view, examples[i].text, NULL, examples[i].expected);
    }
}
#define CHECK_ALL(examples) check_all((examples), sizeof(examples) / sizeof((examples)[0]))

static void variables_are_replaced_and_escaped(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"{}", "plain, no tag\n", "plain, no tag\n"},
        {"{\"a\":\"x\"}", "<{{a}}>", "<x>"},
        {"{\"a\":\"x\"}", "<{{  a  }}>", "<x>"},
        {"{\"a\":\"x\"}", "<{{\na\n}}>", "<x>"},
        {"{\"a\":\"& \\\" < > '\"}", "{{a}}", "&amp; &quot; &lt; &gt; &#39;"},
        {"{\"a_html\":\"<b>\"}", "{{{a_html}}}{{&a_html}}{{& a_html }}{{a_html}}", "<b><b><b>&lt;b&gt;"},
        {"{\"a\":85}", "{{a}} miles", "85 miles"},
        {"{\"a\":1.21}", "{{a}}", "1.21"},
        {"{\"a\":-0.5}", "{{a}}", "-0.5"},
        {"{\"a\":null}", "[{{a}}]", "[]"},
        {"{}", "[{{a}}{{a.b.c}}]", "[]"},
        {"{\"a\":true}", "{{a}}", "true"},
        {"{\"a\":{\"b\":{\"c\":\"deep\"}}}", "{{a.b.c}}", "deep"},
        {"{\"a\":{\"b\":\"text\"}}", "[{{a.b.c}}]", "[]"},
        {"\"text\"", "{{.}}", "text"},
        {"{\"a\":\"x\"}", " {{a}} {{a}}\n", " x x\n"},
        {"{\"a\":\"x\"}", "<a href=\"/l?b={{a}}&amp;c={{a}}\" id='{{a}}'>={{a}}",
         "<a href=\"/l?b=x&amp;c=x\" id='x'>=x"},
        {"{\"a\":\"{{b}}\",\"b\":\"no\"}", "{{a}}", "{{b}}"},
    };
    CHECK_ALL(examples);
}

static void sections_show_truth_and_lists(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"{\"a\":true}", "{{#a}}yes{{/a}}", "yes"},
        {"{\"a\":false}", "[{{#a}}yes{{/a}}]", "[]"},
        {"{\"a\":null}", "[{{#a}}yes{{/a}}]", "[]"},
        {"{}", "[{{#a}}yes{{/a}}]", "[]"},
        {"{\"a\":\"\"}", "[{{#a}}yes{{/a}}]", "[]"},
        {"{\"a\":0}", "[{{#a}}{{.}}{{/a}}]", "[0]"},
        {"{\"a\":[]}", "[{{#a}}yes{{/a}}]", "[]"},
        {"{\"a\":{\"b\":\"in\"}}", "{{#a}}{{b}}{{/a}}", "in"},
        {"{\"a\":{},\"b\":\"out\"}", "{{#a}}{{b}}{{/a}}", "out"},
        {"{\"a\":{\"b\":\"in\"},\"b\":\"out\"}", "{{#a}}{{b}}{{/a}}{{b}}", "inout"},
        {"{\"a\":[{\"n\":1},{\"n\":2},{\"n\":3}]}", "{{#a}}{{n}}{{/a}}", "123"},
        {"{\"a\":[1,\"b\",2.5]}", "{{#a}}({{.}}){{/a}}", "(1)(b)(2.5)"},
        {"{\"a\":[[1,2],[3]]}", "{{#a}}<{{#.}}{{.}}{{/.}}>{{/a}}", "<12><3>"},
        {"{\"a\":[{\"b\":[1]},{\"b\":[2,3]}]}", "{{#a}}{{#b}}{{.}}{{/b}};{{/a}}", "1;23;"},
        {"{\"a\":{\"b\":{\"c\":[1,2]}}}", "{{#a.b.c}}{{.}}{{/a.b.c}}", "12"},
        {"{\"a\":{\"b\":1},\"c\":{\"a\":{}}}", "{{#c}}[{{a.b}}]{{/c}}", "[]"},
        {"{\"a\":\"& more\"}", "{{#a}}{{.}}{{/a}}", "&amp; more"},
        {"{\"a\":true}", "{{# a }}yes{{/ a }}", "yes"},
        {"{\"a\":true,\"b\":2}", "{{#a}}1{{#a}}{{b}}{{/a}}3{{/a}}", "123"},
    };
    CHECK_ALL(examples);
}

static void inverted_sections_show_what_is_missing(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"{\"a\":false}", "{{^a}}no{{/a}}", "no"}, {"{\"a\":true}", "[{{^a}}no{{/a}}]", "[]"},
        {"{\"a\":{}}", "[{{^a}}no{{/a}}]", "[]"},  {"{\"a\":[1]}", "[{{^a}}no{{/a}}]", "[]"},
        {"{\"a\":[]}", "{{^a}}no{{/a}}", "no"},    {"{\"a\":\"\"}", "{{^a}}no{{/a}}", "no"},
        {"{\"a\":0}", "[{{^a}}no{{/a}}]", "[]"},   {"{}", "{{^a.b}}no{{/a.b}}", "no"},
        {"{\"b\":1}", "{{^a}}{{b}}{{/a}}", "1"},
    };
    CHECK_ALL(examples);
}

static void tags_alone_on_a_line_take_it_with_them(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"{\"a\":true}", "1\n{{#a}}\n2\n{{/a}}\n3\n", "1\n2\n3\n"},
        {"{\"a\":true}", "1\n  {{#a}}\n2\n\t{{/a}} \n3\n", "1\n2\n3\n"},
        {"{\"a\":true}", "1\r\n{{#a}}\r\n{{/a}}\r\n3", "1\r\n3"},
        {"{\"a\":true}", "  {{#a}}\n#\n{{/a}}", "#\n"},
        {"{\"a\":true}", "#{{#a}}\n/\n  {{/a}}", "#\n/\n"},
        {"{\"a\":true}", " | {{#a}}\t|\t{{/a}} | \n", " | \t|\t | \n"},
        {"{\"a\":true}", " | {{#a}} {{! no }}\n {{/a}} | \n", " |  \n  | \n"},
        {"{\"a\":true}", " {{#a}}yes{{/a}}\n {{#a}}good{{/a}}\n", " yes\n good\n"},
        {"{}", "1\n{{^a}}\n2\n{{/a}}\n3", "1\n2\n3"},
        {"{}", "1{{! gone }}2", "12"},
        {"{}", "1\n  {{! gone }}\n2\n", "1\n2\n"},
        {"{}", "1\n{{!\ngone\n}}\n2\n", "1\n2\n"},
        {"{}", "  12 {{! stays inline }}\n", "  12 \n"},
        {"{}", "{{! alone }}", ""},
        {"{\"a\":\"x\"}", "  {{a}}\n", "  x\n"},
    };
    CHECK_ALL(examples);
}

static void delimiters_can_be_changed(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"{\"a\":\"x\"}", "{{=<% %>=}}(<%a%>{{a}})", "(x{{a}})"},
        {"{\"a\":\"x\"}", "{{=| |=}}|a||= {{ }} =|{{a}}", "xx"},
        {"{\"a\":true,\"b\":1}", "{{#a}}{{b}}{{= | | =}}|b||/a||b|", "111"},
        {"{\"a\":\"x\"}", "{{= @   @ =}}(@a@)", "(x)"},
        {"{}", "1\n  {{=@ @=}}\n2\n", "1\n2\n"},
        {"{}", " {{=@ @=}} .\n", "  .\n"},
        {"{\"a_html\":\"<\"}", "{{=@ @=}}@&a_html@", "<"},
    };
    CHECK_ALL(examples);
}

static void partials_are_included(void **state)
{
    (void)state;
    check("{}", "[{{>part}}]", "from partial", "[from partial]");
    check("{\"a\":\"x\"}", "{{> part }}", "*{{a}}*", "*x*");
    check("{\"a\":[1,2]}", "{{#a}}{{>part}}{{/a}}", "<{{.}}>", "<1><2>");
    check("{\"c\":\"X\",\"n\":[{\"c\":\"Y\",\"n\":[]}]}", "{{>part}}", "{{c}}<{{#n}}{{>part}}{{/n}}>", "X<Y<>>");
    /* Alone on its line: its lines are indented, the values in them are not. */
    check("{\"a\":\"<\\n->\"}", "\\\n {{>part}}\n/\n", "|\n{{a}}\n|\n", "\\\n |\n &lt;\n-&gt;\n |\n/\n");
    check("{}", "  {{>part}}\n>", ">\n>", "  >\n  >>");
    check("{\"a\":\"|\"}", "  {{a}}  {{> part}}\n", ">\n>", "  |  >\n>\n");
    check("{\"a\":true}", "  {{>part}}\n", "{{#a}}\n1\n{{/a}}\n{{#a}}2{{/a}}\n", "  1\n  2\n");
    check("{\"a\":[1,2]}", "  {{>part}}\n", "{{#a}}\n{{.}}\n{{/a}}\n", "  1\n  2\n");
    check("{}", "|\r\n{{>part}}\r\n|", ">", "|\r\n>|");
    check("{}", "{{=| |=}}|>part| {{a}}", "{{! usual delimiters here }}ok", "ok {{a}}");
}

static void nested_indentation_adds_up(void **state)
{
    (void)state;
    SCENE;
    assert_int_equal(compile(&scene, " {{>outer}}\n", "b\nc\n", "a\n  {{>part}}\nd\n"), 0);
    assert_int_equal(render(&scene, "{}", LANG_EN), 0);
    buf_add_byte(&scene.out, '\0');
    assert_string_equal(scene.out.ptr, " a\n   b\n   c\n d\n");
}

static void words_come_in_the_page_s_language(void **state)
{
    (void)state;
    static const char text[] = "{{_ Search }}|{{_ Page %(n) of %(all.count)|n|all.count}}|{{_ <Q&A> }}";
    static const char view[] = "{\"n\":\"<1>\",\"all\":{\"count\":9}}";
    SCENE;
    assert_int_equal(compile(&scene, text, NULL, NULL), 0);
    assert_int_equal(render(&scene, view, LANG_JA), 0);
    buf_add_byte(&scene.out, '\n');
    assert_int_equal(render(&scene, view, LANG_EN), 0);
    buf_add_byte(&scene.out, '\0');
    assert_string_equal(scene.out.ptr, "検索|9ページ中&lt;1&gt;ページ|&lt;質問&amp;回答&gt;\n"
                                       "Search|Page &lt;1&gt; of 9|&lt;Q&amp;A&gt;");
}

struct mistake {
    const char *text;
    const char *message;
};

static void mistakes_name_file_line_and_column(void **state)
{
    (void)state;
    static const struct mistake mistakes[] = {
        {"a\n日本 {{x", "main.html:2:4: this tag is not closed; it ends with: }}"},
        {"{{{x_html}}", "main.html:1:1: this tag is not closed; it ends with: }}}"},
        {"{{=@ @}}", "main.html:1:1: this tag is not closed; it ends with: =}}"},
        {"{{}}", "main.html:1:1: a name is missing here"},
        {"{{# }}", "main.html:1:1: a name is missing here"},
        {"x{{a b}}", "main.html:1:2: a name is made of letters, digits, _ and -, joined by single dots: a b"},
        {"{{a..b}}", "main.html:1:1: a name is made of letters, digits, _ and -, joined by single dots: a..b"},
        {"{{.a}}", "main.html:1:1: a name is made of letters, digits, _ and -, joined by single dots: .a"},
        {"{{a.}}", "main.html:1:1: a name is made of letters, digits, _ and -, joined by single dots: a."},
        {"{{#a}}\n\n", "main.html:1:1: this section is not closed: a"},
        {"\n{{#a}}{{^b}}\n{{/a}}", "main.html:3:1: this closes a, but b is open since line 2"},
        {"{{/a}}", "main.html:1:1: no section is open that could be closed here: a"},
        {"{{>nothing}}", "main.html:1:1: there is no such template: nothing"},
        {"{{{a}}}", "main.html:1:1: only a name that ends in _html may go out without escaping: a"},
        {"{{&.}}", "main.html:1:1: only a name that ends in _html may go out without escaping: ."},
        {"{{{a_html.b}}}", "main.html:1:1: only a name that ends in _html may go out without escaping: a_html.b"},
        {"<a\nx-y:z={{u}}>", "main.html:2:7: the value of an attribute must stand in quotation marks: u"},
        {"<a href={{u}}>", "main.html:1:9: the value of an attribute must stand in quotation marks: u"},
        {"{{=@=}}", "main.html:1:1: two delimiters are expected, without = in them, at most 8 bytes each: @"},
        {"{{== ==}}", "main.html:1:1: two delimiters are expected, without = in them, at most 8 bytes each: = ="},
        {"{{_ unknown }}", "main.html:1:1: locale/ja.po has no translation of: unknown"},
        {"{{_ only-ja }}", "main.html:1:1: locale/en.po has no translation of: only-ja"},
        {"{{_ Page %(n) of %(all.count)|n}}",
         "main.html:1:1: a translation has a %(name) that the tag does not give after |: Page %(n) of %(all.count)|n"},
        {"{{_ drops %(n)|n}}",
         "main.html:1:1: a translation leaves out a %(name) that the tag gives after |: drops %(n)|n"},
        {"{{_ Search|n}}", "main.html:1:1: a translation leaves out a %(name) that the tag gives after |: Search|n"},
        {"\xff", "main.html:1:1: the file is not UTF-8"},
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        SCENE;
        assert_int_equal(compile(&scene, mistakes[i].text, NULL, NULL), -1);
        assert_null(scene.templates);
        assert_string_equal(scene.err.message, mistakes[i].message);
    }
}

static void file_names_are_checked(void **state)
{
    (void)state;
    static const struct template_file twice[] = {{{"a.html", 6}, {"", 0}}, {{"a.html", 6}, {"", 0}}};
    static const struct template_file other = {{"a.txt", 5}, {"", 0}};
    SCENE;
    assert_int_equal(templates_compile(twice, 2, scene.words, &scene.templates, &scene.err), -1);
    assert_string_equal(scene.err.message, "a.html:1:1: there are two templates of this name");
    assert_int_equal(templates_compile(&other, 1, scene.words, &scene.templates, &scene.err), -1);
    assert_string_equal(scene.err.message, "a.txt:1:1: a template's name must end in .html");
}

static void a_view_that_does_not_fit_is_an_error(void **state)
{
    (void)state;
    SCENE;
    assert_int_equal(compile(&scene, "\n {{a}}", NULL, NULL), 0);
    assert_int_equal(render(&scene, "{\"a\":[1]}", LANG_EN), -1);
    assert_string_equal(scene.err.message, "main.html:2:2: the view has a list or an object where text should go out");
}

static void endless_partials_end(void **state)
{
    (void)state;
    SCENE;
    assert_int_equal(compile(&scene, "{{>part}}", "x{{>part}}", NULL), 0);
    assert_int_equal(render(&scene, "{}", LANG_EN), -1);
    assert_int_equal(scene.err.code, ERR_LIMIT);
    assert_string_equal(scene.err.message, "part.html:1:2: sections and partials are nested too deeply");
}

static void deep_sections_are_refused(void **state)
{
    (void)state;
    char text[33 * 6 + 1] = "";
    SCENE;
    for (int i = 0; i < 33; i++) {
        memcpy(text + (size_t)i * 6, "{{#a}}", 7);
    }
    assert_int_equal(compile(&scene, text, NULL, NULL), -1);
    assert_string_equal(scene.err.message, "main.html:1:193: sections are nested too deeply: a");
}

static void pages_have_a_largest_size(void **state)
{
    (void)state;
    SCENE;
    buf_free(&scene.out);
    buf_init(&scene.out, 10);
    assert_int_equal(compile(&scene, "12345{{a}}", NULL, NULL), 0);
    assert_int_equal(render(&scene, "{\"a\":\"123456\"}", LANG_EN), -1);
    assert_int_equal(scene.err.code, ERR_LIMIT);
}

UNIT_TESTS(TEST(variables_are_replaced_and_escaped), TEST(sections_show_truth_and_lists),
           TEST(inverted_sections_show_what_is_missing), TEST(tags_alone_on_a_line_take_it_with_them),
           TEST(delimiters_can_be_changed), TEST(partials_are_included), TEST(nested_indentation_adds_up),
           TEST(words_come_in_the_page_s_language), TEST(mistakes_name_file_line_and_column),
           TEST(file_names_are_checked), TEST(a_view_that_does_not_fit_is_an_error), TEST(endless_partials_end),
           TEST(deep_sections_are_refused), TEST(pages_have_a_largest_size))
