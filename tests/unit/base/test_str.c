#include "unit.h"

#include "base/str.h"

static void compares_bytes(void **state)
{
    (void)state;
    assert_true(str_eq(STR(""), str_make(NULL, 0)));
    assert_true(str_eq(STR("a\0b"), STR("a\0b")));
    assert_false(str_eq(STR("a\0b"), STR("a\0c")));
    assert_true(str_cmp(STR("a"), STR("b")) < 0);
    assert_true(str_cmp(STR("a"), STR("ab")) < 0);
    assert_true(str_cmp(STR("\xff"), STR("a")) > 0);
    assert_int_equal(str_cmp(str_make(NULL, 0), STR("")), 0);
    assert_true(str_eq_ignoring_case(STR("Content-Type"), STR("content-tYPE")));
    assert_false(str_eq_ignoring_case(STR("["), STR("{")));
    assert_str(str_from_cstr(NULL), "");
    assert_str(str_from_cstr("abc"), "abc");
}

static void finds_beginnings_and_ends(void **state)
{
    (void)state;
    assert_true(str_starts_with(STR("abc"), STR("ab")));
    assert_true(str_starts_with(STR("abc"), STR("")));
    assert_false(str_starts_with(STR("ab"), STR("abc")));
    assert_true(str_ends_with(STR("abc"), STR("bc")));
    assert_true(str_ends_with(STR("abc"), STR("")));
    assert_false(str_ends_with(STR("bc"), STR("abc")));
}

static void slices_and_trims(void **state)
{
    (void)state;
    assert_str(str_slice(STR("abcdef"), 2, 4), "cd");
    assert_str(str_slice(STR("abc"), 2, 99), "c");
    assert_str(str_slice(STR("abc"), 9, 99), "");
    assert_str(str_slice(STR("abc"), 2, 1), "");
    assert_str(str_slice(str_make(NULL, 0), 1, 2), "");
    assert_str(str_trim(STR(" \t\r\n\v\fa b\n")), "a b");
    assert_str(str_trim(STR(" \n ")), "");
    assert_str(str_trim(STR("\xe3\x80\x80")), "\xe3\x80\x80");
}

static void finds(void **state)
{
    (void)state;
    assert_int_equal(str_find_byte(STR("abcb"), 'b'), 1);
    assert_int_equal(str_find_byte(STR("abc"), 'x'), 3);
    assert_int_equal(str_find_byte(str_make(NULL, 0), 'x'), 0);
    assert_int_equal(str_find(STR("abcabd"), STR("abd")), 3);
    assert_int_equal(str_find(STR("abc"), STR("")), 0);
    assert_true(str_find(STR("ab"), STR("abc")) == SIZE_MAX);
    assert_true(str_find(str_make(NULL, 0), STR("a")) == SIZE_MAX);
}

static size_t count_parts(struct str whole)
{
    bool done = false;
    struct str part;
    size_t count = 0;
    while (str_next_part(&whole, ',', &done, &part)) {
        count++;
    }
    return count;
}

static void takes_parts(void **state)
{
    (void)state;
    struct str rest = STR("a,,b,");
    bool done = false;
    struct str part;
    assert_true(str_next_part(&rest, ',', &done, &part));
    assert_str(part, "a");
    assert_true(str_next_part(&rest, ',', &done, &part));
    assert_str(part, "");
    assert_true(str_next_part(&rest, ',', &done, &part));
    assert_str(part, "b");
    assert_true(str_next_part(&rest, ',', &done, &part));
    assert_str(part, "");
    assert_false(str_next_part(&rest, ',', &done, &part));
    assert_int_equal(count_parts(STR("")), 1);
    assert_int_equal(count_parts(str_make(NULL, 0)), 1);
    assert_int_equal(count_parts(STR(",")), 2);
}

static void takes_prefixes(void **state)
{
    (void)state;
    struct str rest = STR("abc");
    assert_false(str_take(&rest, STR("b")));
    assert_false(str_take(&rest, STR("abcd")));
    assert_str(rest, "abc");
    assert_true(str_take(&rest, STR("ab")));
    assert_true(str_take(&rest, STR("")));
    assert_str(rest, "c");
    assert_true(str_take(&rest, STR("c")));
    assert_str(rest, "");
}

static void reads_integers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t number;
    } good[] = {
        {"0", 0}, {"-0", 0}, {"007", 7}, {"9223372036854775807", INT64_MAX}, {"-9223372036854775808", INT64_MIN},
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        int64_t number = 99;
        assert_true(str_to_int64(str_from_cstr(good[i].text), &number));
        assert_true(number == good[i].number);
    }
    static const char *const bad[] = {
        "", "-", "+1", " 1", "1 ", "1.0", "1e3", "0x1", "--1", "9223372036854775808", "-9223372036854775809", "１",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        int64_t number = 99;
        assert_false(str_to_int64(str_from_cstr(bad[i]), &number));
        assert_int_equal(number, 99);
    }
}

static void hashes_as_fnv_1a_does(void **state)
{
    (void)state;
    assert_true(str_hash(STR("")) == UINT64_C(0xcbf29ce484222325));
    assert_true(str_hash(STR("a")) == UINT64_C(0xaf63dc4c8601ec8c));
    assert_true(str_hash(STR("foobar")) == UINT64_C(0x85944171f73967e8));
}

/* How many bytes a sequence has that begins with this one; 0 when none does. */
static size_t sequence_bytes(unsigned char first)
{
    if (first < 0x80) {
        return 1;
    }
    return first >= 0xf8 ? 0 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 0;
}

/* The definition, slowly: decode by the length of the first byte, then check the range. */
static bool is_utf8_by_definition(const unsigned char *ptr, size_t len)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t count = 0;
    for (size_t at = 0; at < len; at += count) {
        count = sequence_bytes(ptr[at]);
        if (count == 0 || at + count > len) {
            return false;
        }
        uint32_t codepoint = count == 1 ? ptr[at] : ptr[at] & (0x7fU >> count);
        for (size_t i = 1; i < count; i++) {
            if ((ptr[at + i] & 0xc0) != 0x80) {
                return false;
            }
            codepoint = codepoint << 6 | (ptr[at + i] & 0x3f);
        }
        if (codepoint < least[count] || codepoint > 0x10ffff || (codepoint >= 0xd800 && codepoint <= 0xdfff)) {
            return false;
        }
    }
    return true;
}

static void knows_utf8_as_defined(void **state)
{
    (void)state;
    /* Every pair of first and second byte, with one of several endings, behind a run of ASCII of any length up to 16. */
    static const unsigned char endings[][2] = {{'a', 'a'}, {0x80, 'a'}, {0x80, 0x80}, {0xbf, 0xbf}, {0xc0, 0x80}};
    unsigned char text[24];
    for (unsigned first = 0; first < 256; first++) {
        for (unsigned second = 0; second < 256; second++) {
            for (size_t e = 0; e < sizeof(endings) / sizeof(endings[0]); e++) {
                size_t run = (first + second) % 17;
                memset(text, 'x', sizeof(text));
                text[run] = (unsigned char)first;
                text[run + 1] = (unsigned char)second;
                memcpy(text + run + 2, endings[e], 2);
                for (size_t len = run + 1; len <= run + 5; len++) {
                    struct str s = str_make((const char *)text, len);
                    assert_int_equal(str_is_utf8(s), is_utf8_by_definition(text, len));
                }
            }
        }
    }
}

static void says_where_ascii_ends(void **state)
{
    (void)state;
    char text[40];
    memset(text, 'x', sizeof(text));
    assert_int_equal(str_ascii_length(str_make(text, sizeof(text))), sizeof(text));
    assert_int_equal(str_ascii_length(str_make(NULL, 0)), 0);
    for (size_t at = 0; at < sizeof(text); at++) {
        text[at] = '\x80';
        assert_int_equal(str_ascii_length(str_make(text, sizeof(text))), at);
        assert_int_equal(str_ascii_length(str_make(text, at)), at);
        text[at] = '\x7f';
    }
}

static void says_where_utf8_ends(void **state)
{
    (void)state;
    assert_int_equal(str_utf8_length(STR("")), 0);
    assert_int_equal(str_utf8_length(STR("あ\xe3\x81")), 3);
    assert_int_equal(str_utf8_length(STR("12345678\x80")), 8);
    assert_int_equal(str_utf8_length(STR("ab\xed\xa0\x80")), 2);
    assert_int_equal(str_utf8_length(STR("a\0b")), 3);
}

static void counts_codepoints(void **state)
{
    (void)state;
    assert_int_equal(str_count_codepoints(STR("")), 0);
    assert_int_equal(str_count_codepoints(STR("aé東😀")), 4);
    assert_int_equal(str_count_codepoints(STR("東京 Tokyo é 😀😀 東京バイオ 0123456789\x7f")), 31);
}

UNIT_TESTS(TEST(compares_bytes), TEST(finds_beginnings_and_ends), TEST(slices_and_trims), TEST(finds),
           TEST(takes_parts), TEST(takes_prefixes), TEST(reads_integers), TEST(hashes_as_fnv_1a_does),
           TEST(knows_utf8_as_defined), TEST(says_where_ascii_ends), TEST(says_where_utf8_ends),
           TEST(counts_codepoints))
