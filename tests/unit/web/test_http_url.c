#include "unit.h"

#include "web/http_internal.h"

static struct arena arena;
static struct http_request request;
static struct err err;

static int read_target(const char *target)
{
    arena_reset(&arena);
    memset(&request, 0, sizeof request);
    memset(&err, 0, sizeof err);
    return http_target_read(&arena, str_from_cstr(target), &request, &err);
}

static void assert_text(struct str actual, const char *expected)
{
    if (!str_eq(actual, str_from_cstr(expected))) {
        fail_msg("'%.*s' is not '%s'", STR_ARG(actual), expected);
    }
}

static void assert_path(const char *target, const char *path)
{
    if (read_target(target) < 0) {
        fail_msg("%s: %s", target, err.message);
    }
    assert_text(request.path, path);
}

static void assert_refused(const char *target, const char *part_of_message)
{
    assert_int_equal(read_target(target), -1);
    if (!strstr(err.message, part_of_message)) {
        fail_msg("%s: '%s' does not say '%s'", target, err.message, part_of_message);
    }
}

static void paths_are_decoded(void **state)
{
    (void)state;
    assert_path("/", "/");
    assert_path("/ja/", "/ja/");
    assert_path("/api/v1/organisation/utokyo", "/api/v1/organisation/utokyo");
    assert_path("/%E6%9D%B1%e4%ba%ac", "/東京");
    assert_path("/東京", "/東京");
    assert_path("/a%20b+c", "/a b+c");
    assert_path("/a;b=c,d@e:f", "/a;b=c,d@e:f");
    assert_path("/...", "/...");
    assert_path("/.well-known/security.txt", "/.well-known/security.txt");
    assert_path("/%2541", "/%41"); /* decoded once only */
    assert_path("/x?a", "/x");
}

static void paths_that_can_be_read_in_two_ways_are_refused(void **state)
{
    (void)state;
    static const char *const dots[] = {"/.",          "/..",         "/../x",     "/a/../b",   "/a/..", "/a/./b",
                                       "/a/%2e%2e/b", "/%2E%2E/%2e", "/a/.%2e/b", "/a/%2e./b", "/%2e"};
    for (size_t i = 0; i < sizeof dots / sizeof dots[0]; i++) {
        assert_refused(dots[i], "dot segment");
    }
    assert_refused("//evil.example/", "empty segment");
    assert_refused("/a//b", "empty segment");
    assert_refused("/a//", "empty segment");
    assert_refused("/a%2fb", "encoded slash");
    assert_refused("/a%2Fb", "encoded slash");
    assert_refused("/a%5cb", "encoded slash or backslash");
    assert_refused("/a\\b", "must be written as %XX");
    assert_refused("/a b", "must be written as %XX");
    assert_refused("/a#b", "must be written as %XX");
    assert_refused("/a<b", "must be written as %XX");
    assert_refused("/a%", "two hexadecimal digits");
    assert_refused("/a%2", "two hexadecimal digits");
    assert_refused("/a%zz", "two hexadecimal digits");
    assert_refused("/a%2x", "two hexadecimal digits");
    assert_refused("/a%00b", "control character");
    assert_refused("/a%0d%0ab", "control character");
    assert_refused("/a%7f", "control character");
    assert_refused("/a%c2%85", "control character");
    assert_refused("/a%ff", "not UTF-8");
    assert_refused("/a%c0%ae", "not UTF-8");       /* '.' in two bytes */
    assert_refused("/a%ed%a0%80", "not UTF-8");    /* half a surrogate pair */
    assert_refused("/a%f4%90%80%80", "not UTF-8"); /* above U+10FFFF */
    assert_refused("/\xe6\x9d", "not UTF-8");
    assert_refused("", "begins with '/'");
    assert_refused("*", "begins with '/'");
    assert_refused("http://example.org/", "begins with '/'");
    assert_refused("example.org:443", "begins with '/'");
    assert_refused("?a", "begins with '/'");
}

static void queries_are_decoded(void **state)
{
    (void)state;
    struct str value;
    assert_int_equal(read_target("/s?q=%E6%9D%B1+%2B&a=&b&&c=d=e&q=2&%61=x%0Ay&[k]={v}|"), 0);
    assert_int_equal(request.query_count, 7);
    assert_true(http_query(&request, "q", &value));
    assert_text(value, "東 +");
    assert_true(http_query(&request, "a", &value));
    assert_text(value, "");
    assert_true(http_query(&request, "b", &value));
    assert_text(value, "");
    assert_true(http_query(&request, "c", &value));
    assert_text(value, "d=e");
    assert_text(request.query[5].name, "a");
    assert_text(request.query[5].value, "x\ny");
    assert_true(http_query(&request, "[k]", &value));
    assert_text(value, "{v}|");
    assert_false(http_query(&request, "nothing", &value));
    assert_int_equal(read_target("/s?"), 0);
    assert_int_equal(request.query_count, 0);
}

static void queries_that_are_no_text_are_refused(void **state)
{
    (void)state;
    assert_refused("/?a=%", "two hexadecimal digits");
    assert_refused("/?a=%g0", "two hexadecimal digits");
    assert_refused("/?%0=1", "two hexadecimal digits");
    assert_refused("/?a=%00", "control character");
    assert_refused("/?a=%1b", "control character");
    assert_refused("/?a=%fe", "not UTF-8");
    assert_refused("/?\xff=1", "not UTF-8");
    assert_refused("/?a=<", "must be written as %XX");
    assert_refused("/?a=\"", "must be written as %XX");
    assert_refused("/?a#b", "must be written as %XX");
    char many[2 + 2 * HTTP_MAX_QUERY_PAIRS + 2] = "/?";
    for (size_t i = 0; i <= HTTP_MAX_QUERY_PAIRS; i++) {
        memcpy(many + 2 + 2 * i, i < HTTP_MAX_QUERY_PAIRS ? "a&" : "a", i < HTTP_MAX_QUERY_PAIRS ? 3 : 2);
    }
    assert_refused(many, "more than 256 parameters");
}

static void forms_are_read(void **state)
{
    (void)state;
    struct http_pair *pairs;
    size_t count;
    arena_reset(&arena);
    assert_int_equal(http_form_read(&arena, STR("text=a%0D%0Ab&name=%E5%B1%B1+x"), 10, &pairs, &count, &err), 0);
    assert_int_equal(count, 2);
    assert_text(pairs[0].value, "a\r\nb");
    assert_text(pairs[1].value, "山 x");
    assert_int_equal(http_form_read(&arena, STR("a&b&c"), 2, &pairs, &count, &err), -1);
    assert_int_equal(http_form_read(&arena, STR(""), 2, &pairs, &count, &err), 0);
    assert_int_equal(count, 0);
}

static void encoding_is_undone_by_decoding(void **state)
{
    (void)state;
    BUF_AUTO buf;
    struct http_pair *pairs;
    size_t count;
    buf_init(&buf, 10000);
    http_percent_encode(&buf, STR("az-._~/?&=+ %東"));
    assert_text(buf_str(&buf), "az-._~%2F%3F%26%3D%2B%20%25%E6%9D%B1");
    assert_int_equal(http_form_read(&arena, buf_str(&buf), 10, &pairs, &count, &err), 0);
    assert_text(pairs[0].name, "az-._~/?&=+ %東");
}

static int begin(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 24);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(paths_are_decoded),   TEST(paths_that_can_be_read_in_two_ways_are_refused),
        TEST(queries_are_decoded), TEST(queries_that_are_no_text_are_refused),
        TEST(forms_are_read),      TEST(encoding_is_undone_by_decoding),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
