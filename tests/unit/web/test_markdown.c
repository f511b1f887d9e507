#include "unit.h"

#include "web/template.h"

#include <time.h>

static void assert_html(const char *markdown, const char *expected)
{
    ARENA_AUTO arena;
    arena_init(&arena, 1 << 24);
    struct str html = markdown_to_html(&arena, str_from_cstr(markdown));
    assert_string_equal(html.ptr, expected);
}

static void text_becomes_html(void **state)
{
    (void)state;
    assert_html("", "");
    assert_html("# 見出し\n\n*斜体* と **太字**", "<h1>見出し</h1>\n<p><em>斜体</em> と <strong>太字</strong></p>\n");
    assert_html("[a](https://example.org/?a=1&b=2)", "<p><a href=\"https://example.org/?a=1&amp;b=2\">a</a></p>\n");
    assert_html("a & b < c", "<p>a &amp; b &lt; c</p>\n");
    assert_html("https://example.org/a ~~b~~",
                "<p><a href=\"https://example.org/a\">https://example.org/a</a> <del>b</del></p>\n");
}

static void nothing_active_comes_through(void **state)
{
    (void)state;
    assert_html("<script>alert(1)</script>", "<!-- raw HTML omitted -->\n");
    assert_html("a <img src=x onerror=alert(1)> b", "<p>a <!-- raw HTML omitted --> b</p>\n");
    assert_html("[a](javascript:alert(1))", "<p><a href=\"\">a</a></p>\n");
    assert_html("[a](JaVaScRiPt:alert(1))", "<p><a href=\"\">a</a></p>\n");
    assert_html("![a](data:text/html,x)", "<p><img src=\"\" alt=\"a\" /></p>\n");
    assert_html("<javascript:alert(1)>", "<p><a href=\"\">javascript:alert(1)</a></p>\n");
    assert_html("[a](https://e.org/\"onclick=\"x)", "<p><a href=\"https://e.org/%22onclick=%22x\">a</a></p>\n");
}

/* Each of these has made some Markdown reader slow. */
static void nothing_takes_long(void **state)
{
    (void)state;
    static const char *const units[] = {"[",    "![l", "*a ",  "<",       "`",      "> ",  "- ",
                                        "www.", "a@",  "~",    "\n",      "[a](<b", "_",   "a**b**c* ",
                                        "|\n",  "|a",  "|-\n", "http://", "-\nx\n", "<!-", "[a]: b\n"};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        ARENA_AUTO arena;
        BUF_AUTO buf;
        arena_init(&arena, 1 << 28);
        buf_init(&buf, 1 << 16);
        while (buf.len + strlen(units[i]) <= 1 << 16) {
            buf_add(&buf, str_from_cstr(units[i]));
        }
        clock_t began = clock();
        struct str html = markdown_to_html(&arena, buf_str(&buf));
        if (clock() - began > CLOCKS_PER_SEC || html.len > 4 << 20) {
            fail_msg("'%s' takes %ld us and makes %zu bytes", units[i], (long)(clock() - began), html.len);
        }
    }
}

static void what_is_too_long_stays_plain(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    BUF_AUTO buf;
    arena_init(&arena, 1 << 24);
    buf_init(&buf, 1 << 20);
    while (buf.len <= 65536) {
        buf_add_literal(&buf, "# <b>\n");
    }
    struct str html = markdown_to_html(&arena, buf_str(&buf));
    assert_true(str_starts_with(html, STR("<pre># &lt;b&gt;\n")));
}

UNIT_TESTS(TEST(text_becomes_html), TEST(nothing_takes_long), TEST(what_is_too_long_stays_plain),
           TEST(nothing_active_comes_through))
