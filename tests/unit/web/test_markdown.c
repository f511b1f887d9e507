#include "unit.h"

#include "web/template.h"

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
    assert_html(
        "|a|\n|-|\n|1|\n",
        "<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n</tr>\n</tbody>\n</table>\n");
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

UNIT_TESTS(TEST(text_becomes_html), TEST(nothing_active_comes_through))
