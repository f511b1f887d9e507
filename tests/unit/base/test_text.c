#include "unit.h"

#include "base/text.h"

#include <pthread.h>
#include <unicode/ucol.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

static void nfkc_folds_widths(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)1024 * 1024);
    assert_str(text_nfkc(&arena, STR("ＡＢＣ　１２３ ｶﾞｷﾞ ㈱①")), "ABC 123 ガギ (株)1");
    assert_str(text_nfkc(&arena, STR("plain")), "plain");
    assert_str(text_nfkc(&arena, STR("")), "");
    assert_str(text_nfkc(&arena, str_make(NULL, 0)), "");
    assert_str(text_nfkc(&arena, STR("東京")), "東京");
    assert_str(text_nfkc(&arena, STR("Ａ\xff\xe3\x81 1")), "A\xef\xbf\xbd\xef\xbf\xbd 1");
    struct str plain = STR("plain");
    assert_ptr_not_equal(text_nfkc(&arena, plain).ptr, plain.ptr);
}

static void nfkc_has_room_for_what_grows(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)16 * 1024 * 1024);
    char text[3000];
    for (size_t i = 0; i < sizeof(text); i += 3) {
        memcpy(text + i, "\xef\xb7\xba", 3); /* U+FDFA becomes 18 characters, 33 bytes */
    }
    struct str grown = text_nfkc(&arena, str_make(text, sizeof(text)));
    assert_int_equal(grown.len, 33 * 1000);
    assert_true(str_is_utf8(grown));
}

static void nfc_composes_and_borrows_what_is_composed(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)1024 * 1024);
    static const char *const unchanged[] = {"", "abc", "é", "東京ガス", "ｶﾞ", "①", "😀", "한국"};
    for (size_t i = 0; i < sizeof(unchanged) / sizeof(unchanged[0]); i++) {
        assert_ptr_equal(text_nfc(&arena, str_from_cstr(unchanged[i])).ptr, unchanged[i]);
    }
    assert_str(text_nfc(&arena, STR("e\xcc\x81")), "é");
    assert_str(text_nfc(&arena, STR("カ\xe3\x82\x99")), "ガ");
    assert_str(text_nfc(&arena, STR("\xef\xa4\x80")), "豈"); /* a compatibility ideograph */
}

/* The quick way is right only if each character it lets through stays as it is beside any other that it lets through. That
 * holds when none decomposes, none combines and none can be the second half of a composition. */
static void nfc_lets_only_inert_characters_through(void **state)
{
    (void)state;
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *nfc = unorm2_getNFCInstance(&status);
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)16 * 1024 * 1024);
    for (UChar32 c = 0x80; c < 0xffff; c++) {
        UChar unit = (UChar)c;
        char bytes[4];
        int32_t len = 0;
        if (c >= 0xd800 && c <= 0xdfff) {
            continue;
        }
        u_strToUTF8(bytes, sizeof(bytes), &len, &unit, 1, &status);
        struct str s = arena_copy(&arena, str_make(bytes, (size_t)len));
        UChar expected[8];
        int32_t expected_len = unorm2_normalize(nfc, &unit, 1, expected, 8, &status);
        bool same = expected_len == 1 && expected[0] == unit;
        assert_int_equal(text_nfc(&arena, s).ptr == s.ptr, same);
        bool quick =
            c < 0x300 || (c >= 0x3000 && c <= 0x9fff && !(c >= 0x302a && c <= 0x302f) && c != 0x3099 && c != 0x309a);
        if (quick) {
            assert_int_equal(unorm2_quickCheck(nfc, &unit, 1, &status), UNORM_YES);
            assert_int_equal(unorm2_getCombiningClass(nfc, c), 0);
        }
    }
    assert_true(U_SUCCESS(status));
}

static int order(struct str lang, const char *a, const char *b)
{
    unsigned char key_a[TEXT_SORT_KEY_MAX];
    unsigned char key_b[TEXT_SORT_KEY_MAX];
    size_t len_a = text_sort_key(lang, str_from_cstr(a), key_a);
    size_t len_b = text_sort_key(lang, str_from_cstr(b), key_b);
    int result = str_cmp(str_make((char *)key_a, len_a), str_make((char *)key_b, len_b));
    return (result > 0) - (result < 0);
}

static void sort_keys_order_as_the_language_does(void **state)
{
    (void)state;
    static const char *const japanese[] = {"", "1", "A", "b", "あ", "い", "か", "が", "ガス", "き", "亜", "一"};
    for (size_t i = 1; i < sizeof(japanese) / sizeof(japanese[0]); i++) {
        if (order(STR("ja"), japanese[i - 1], japanese[i]) >= 0) {
            fail_msg("%s does not stand before %s", japanese[i - 1], japanese[i]);
        }
    }
    assert_int_equal(order(STR("en"), "resume", "Résumé"), -1);
    assert_int_equal(order(STR("en"), "Résumé", "resumes"), -1);
    assert_int_equal(order(STR("en"), "z", "ä"), 1);
    assert_int_equal(order(STR("sv"), "z", "ä"), -1);
    assert_int_equal(order(STR("a-language-that-is-much-too-long"), "a", "b"), -1);
    assert_int_equal(order(STR(""), "a", "b"), -1);
    assert_int_equal(order(str_make(NULL, 0), "a", "B"), -1);
    assert_int_equal(order(STR("ja"), "\xff", "a\xe3"), order(STR("ja"), "\xff", "a\xe3"));
}

/* Random texts in the order that ICU's comparison says, as far as keys go. */
static void sort_keys_agree_with_comparison(void **state)
{
    (void)state;
    static const char *const pieces[] = {"あ", "ア", "亜", "ー", "が", "か", "A", "a",
                                         "é",  "z",  " ",  "-",  "1",  "株", "😀"};
    UErrorCode status = U_ZERO_ERROR;
    UCollator *collator = ucol_open("ja", &status);
    assert_true(U_SUCCESS(status));
    ucol_setStrength(collator, UCOL_TERTIARY);
    uint32_t random = 1;
    char texts[2][40];
    for (int round = 0; round < 20000; round++) {
        for (int side = 0; side < 2; side++) {
            texts[side][0] = '\0';
            size_t len = 0;
            random = random * 1103515245 + 12345;
            for (uint32_t count = random >> 16 & 7; count > 0; count--) {
                random = random * 1103515245 + 12345;
                const char *piece = pieces[(random >> 16) % (sizeof(pieces) / sizeof(pieces[0]))];
                memcpy(texts[side] + len, piece, strlen(piece) + 1);
                len += strlen(piece);
            }
        }
        UCollationResult expected = ucol_strcollUTF8(collator, texts[0], -1, texts[1], -1, &status);
        if (order(STR("ja"), texts[0], texts[1]) != (int)expected) {
            fail_msg("\"%s\" and \"%s\"", texts[0], texts[1]);
        }
    }
    ucol_close(collator);
}

static void long_sort_keys_are_cut(void **state)
{
    (void)state;
    char text[30000];
    unsigned char whole[TEXT_SORT_KEY_MAX];
    unsigned char part[TEXT_SORT_KEY_MAX];
    /* U+1E900 is outside the plane of 16 bits and its script has long weights: the key does not fit what is kept ready. */
    static const char *const characters[] = {"a", "京", "\xf0\x9e\xa4\x80", "\xef\xb7\xba", "\xf0\x9f\x98\x80"};
    for (size_t i = 0; i < sizeof(characters) / sizeof(characters[0]); i++) {
        size_t len = strlen(characters[i]);
        size_t used = 0;
        for (; used + len <= sizeof(text); used += len) {
            memcpy(text + used, characters[i], len);
        }
        assert_int_equal(text_sort_key(STR("ja"), str_make(text, used), whole), TEXT_SORT_KEY_MAX);
        assert_int_equal(text_sort_key(STR("ja"), str_make(text, 150 * len), part), TEXT_SORT_KEY_MAX);
        assert_memory_equal(whole, part, TEXT_SORT_KEY_MAX);
    }
}

static void *make_keys(void *data)
{
    (void)data;
    static const char *const langs[] = {"ja", "en", "sv", "de", "fr", "ko"};
    size_t *sum = malloc(sizeof(*sum));
    *sum = 0;
    for (int i = 0; i < 300; i++) {
        unsigned char key[TEXT_SORT_KEY_MAX];
        size_t len = text_sort_key(str_from_cstr(langs[i % 6]), STR("東京 Tokyo ä"), key);
        for (size_t j = 0; j < len; j++) {
            *sum = *sum * 31 + key[j];
        }
        *sum += text_sort_key_version(str_from_cstr(langs[i % 6])).len;
    }
    return sum;
}

static void threads_get_the_same_keys(void **state)
{
    (void)state;
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, make_keys, NULL), 0);
    }
    size_t *expected = make_keys(NULL);
    for (int i = 0; i < 3; i++) {
        void *sum;
        assert_int_equal(pthread_join(threads[i], &sum), 0);
        assert_int_equal(*(size_t *)sum, *expected);
        free(sum);
    }
    free(expected);
}

static void sort_key_versions(void **state)
{
    (void)state;
    struct str version = text_sort_key_version(STR("ja"));
    assert_true(version.len > 0);
    assert_ptr_equal(text_sort_key_version(STR("ja")).ptr, version.ptr);
    /* A client could make languages up: then the root's version is given, again and again. */
    for (int i = 0; i < 200; i++) {
        char lang[8];
        snprintf(lang, sizeof(lang), "x%d", i);
        assert_true(text_sort_key_version(str_from_cstr(lang)).len > 0);
    }
    assert_str(text_sort_key_version(STR("x199")), "153.120");
}

static void slugs(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"The University of Tokyo", "the-university-of-tokyo"},
        {"The University of Tokyo 東", "the-university-of-tokyo"},
        {"ÉCOLE Ω № 5", "ecole-no-5"},
        {"  Co., Ltd.  ", "co-ltd"},
        {"Children's Hospital", "children-s-hospital"},
        {"Straße Ærø Café", "strasse-aero-cafe"},
        {"ＡＢＣ　１２", "abc-12"},
        {"バイオ・トウキョウ", "baio-toukyou"},
        {"しんいち", "shinichi"},
        {"ｶﾅ", "kana"},
        {"東京大学 UTokyo", "utokyo"},
        {"Tokyo東京Univ", "tokyo-univ"},
        {"東京", ""},
        {"", ""},
        {"---", ""},
        {"\xff", ""},
    };
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)1024 * 1024);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_string_equal(text_slug(&arena, str_from_cstr(cases[i][0])).ptr, cases[i][1]);
    }
    char text[5000];
    memset(text, 'a', sizeof(text));
    for (size_t i = 7; i < sizeof(text); i += 8) {
        text[i] = ' ';
    }
    struct str slug = text_slug(&arena, str_make(text, sizeof(text)));
    assert_int_equal(slug.len, 79); /* a hyphen does not end it */
    for (size_t i = 0; i + 3 <= sizeof(text); i += 3) {
        memcpy(text + i, "\xef\xb7\xba", 3);
    }
    assert_str(text_slug(&arena, str_make(text, sizeof(text))), "");
}

/* Decodes in pieces of in_step bytes into room for out_max. */
static int decode(struct arena *arena, const char *charset, struct str in, size_t in_step, size_t out_max,
                  struct str *ret_text, struct err *err)
{
    struct text_decoder *decoder;
    if (text_decoder_open(charset, &decoder, err) < 0) {
        return -1;
    }
    char *out = arena_alloc(arena, out_max);
    struct str text = STR("");
    int result = 0;
    size_t at = 0;
    size_t end = 0;
    do {
        end = at + in_step > end ? at + in_step : end;
        end = end < in.len ? end : in.len;
        size_t in_used = 0;
        size_t out_used = 0;
        result =
            text_decoder_feed(decoder, str_slice(in, at, end), end == in.len, out, out_max, &in_used, &out_used, err);
        text = result == 0 ? arena_concat(arena, 2, text, str_make(out, out_used)) : text;
        at += in_used;
    } while (result == 0 && at < in.len);
    text_decoder_close(decoder);
    *ret_text = text;
    return result;
}

static void decodes_in_pieces_of_any_size(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)16 * 1024 * 1024);
    static const struct {
        const char *charset;
        struct str bytes;
        const char *text;
    } cases[] = {
        {"cp932", {"\x83\x6f\x83\x43\x83\x49\x81\x60\x81\x7c\\~\xb1\x87\x40\xfb\xfc", 17}, "バイオ～－\\~ｱ①髙"},
        {"Shift_JIS", {"\x93\x8c\x8b\x9e", 4}, "東京"},
        {"EUC-JP", {"\xc5\xec\xb5\xfe", 4}, "東京"},
        {"ISO-2022-JP", {"\x1b$BEl5~\x1b(B!", 11}, "東京!"},
        {"UTF-16", {"\xff\xfe\x71\x67\xac\x4e\x3d\xd8\x00\xde", 10}, "東京😀"},
        {"UTF-16BE", {"\x67\x71\x4e\xac", 4}, "東京"},
        {"UTF-8", {"\xe6\x9d\xb1\xf0\x9f\x98\x80", 7}, "東😀"},
        {"cp932", {"", 0}, ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (size_t step = 1; step < 20; step++) {
            for (size_t out_max = 64; out_max < 80; out_max += 5) {
                struct str text;
                struct err err;
                if (decode(&arena, cases[i].charset, cases[i].bytes, step, out_max, &text, &err) < 0) {
                    fail_msg("%s: %s", cases[i].charset, err.message);
                }
                assert_string_equal(text.len > 0 ? text.ptr : "", cases[i].text);
            }
        }
    }
}

static void refuses_bytes_that_stand_for_nothing(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)1024 * 1024);
    struct str text;
    struct err err;
    assert_int_equal(decode(&arena, "cp932", STR("ab\x81"), 10, 100, &text, &err), -1);
    assert_int_equal(err.code, ERR_INVALID);
    assert_string_equal(err.message, "the bytes 81 stand for no character in cp932");
    assert_int_equal(decode(&arena, "cp932", STR("ab\x81\x20z"), 1, 100, &text, &err), -1);
    assert_int_equal(err.code, ERR_INVALID);
    assert_int_equal(decode(&arena, "UTF-8", STR("\xed\xa0\x80"), 10, 100, &text, &err), -1);
    assert_int_equal(err.code, ERR_INVALID);
    assert_int_equal(decode(&arena, "UTF-16LE", STR("\x00\xd8x"), 10, 100, &text, &err), -1);
    assert_int_equal(err.code, ERR_INVALID);
    assert_int_equal(decode(&arena, "no-such-set", STR(""), 10, 100, &text, &err), -1);
    assert_int_equal(err.code, ERR_INVALID);
    assert_string_equal(err.message, "the character set \"no-such-set\" is not known");
    assert_int_equal(decode(&arena, "", STR(""), 10, 100, &text, &err), -1);
    text_decoder_close(NULL);
}

UNIT_TESTS(TEST(nfkc_folds_widths), TEST(nfkc_has_room_for_what_grows), TEST(nfc_composes_and_borrows_what_is_composed),
           TEST(nfc_lets_only_inert_characters_through), TEST(sort_keys_order_as_the_language_does),
           TEST(sort_keys_agree_with_comparison), TEST(long_sort_keys_are_cut), TEST(threads_get_the_same_keys),
           TEST(sort_key_versions), TEST(slugs), TEST(decodes_in_pieces_of_any_size),
           TEST(refuses_bytes_that_stand_for_nothing))
