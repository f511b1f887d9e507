#include "unit.h"

#include "base/buf.h"
#include "search/analyse.h"
#include "search/suggest.h"

#include <string.h>

static int add_term(void *context, const struct term_found *term)
{
    struct buf *out = context;
    if (out->len > 0) {
        buf_add_byte(out, term->same_place ? '=' : ' ');
    }
    buf_add(out, term->term);
    return 0;
}

/* Terms of a text, one space between; '=' before one that stands where the term before it stands. */
static void check(const char *text, const char *expected)
{
    struct analyser *analyser = analyser_new();
    struct run run;
    size_t at = 0;
    BUF_AUTO out;
    buf_init(&out, 4096);
    analyser_read(analyser, str_from_cstr(text));
    while (analyser_next_run(analyser, &at, &run)) {
        run_terms(analyser, &run, add_term, &out);
    }
    buf_add_byte(&out, '\0');
    assert_string_equal(out.ptr, expected);
    analyser_free(analyser);
}

/* Both are found by the same terms. */
static void same(const char *one, const char *other)
{
    struct analyser *analyser = analyser_new();
    char a[PAIR_KEY_MAX], b[PAIR_KEY_MAX];
    size_t a_len = pair_key_of(analyser, str_from_cstr(one), a), b_len = pair_key_of(analyser, str_from_cstr(other), b);
    if (a_len != b_len || memcmp(a, b, a_len) != 0) {
        fail_msg("%s: %.*s, %s: %.*s", one, (int)a_len, a, other, (int)b_len, b);
    }
    analyser_free(analyser);
}

static void kanji_and_kana(void **state)
{
    (void)state;
    check("抗体医薬", "抗体 体医 医薬 薬");
    check("抗体、薬", "抗体 体 薬");
    check("薬", "薬");
    check("佐々木", "佐佐 佐木 木");
    check("", "");
    check("。、", "");
}

static void forms_of_one_word(void **state)
{
    (void)state;
    same("がん", "ガン");
    same("ｶﾞﾝ", "ガン");
    same("コンピューター", "コンピュータ");
    same("センター", "センタ");
    same("メモリー", "メモリ");
    same("テクノロジー", "テクノロジ");
    same("ウイルス", "ウィルス");
    same("ヴァイオリン", "バイオリン");
    same("ドラッグ・デリバリー", "ドラッグデリバリー");
    same("コ−ド", "コード");
    same("學醫藥", "学医薬");
    same("髙﨑", "高崎");
    same("㈱", "(株)");
    same("ＤＮＡ", "dna");
    same("Café", "cafe");
    same("CO₂", "CO2");
    same("TNF-α", "tnf-alpha");
    same("か\u3099ん", "がん");
}

static void but_not_of_two(void **state)
{
    struct analyser *analyser = analyser_new();
    char a[PAIR_KEY_MAX], b[PAIR_KEY_MAX];
    size_t a_len, b_len;
    (void)state;
    a_len = pair_key_of(analyser, STR("チーズ"), a);
    b_len = pair_key_of(analyser, STR("ちず"), b);
    assert_false(a_len == b_len && memcmp(a, b, a_len) == 0);
    /* A dot between what is not katakana divides: 東京・大阪 has no 京大. */
    check("東京・大阪", "東京 京 大阪 阪");
    analyser_free(analyser);
}

/* What is found in a word is what is found of it alone: each looks at its neighbours only. */
static void parts_are_as_in_the_whole(void **state)
{
    (void)state;
    check("スマートカード", "すま まと とか かど ど");
    check("カード", "かど ど");
}

static void words(void **state)
{
    (void)state;
    check("Antibodies", "antibodi");
    check("IL-6", "il=il6 6");
    check("2,4-D", "2=24d 4 d");
    check("1,000 3.5", "1000 3.5");
    check("Parkinson's", "parkinson");
    check("SARS-CoV-2", "sar=sarscov2 cov 2");
    check("iPS細胞", "ip 細胞 胞");
    check("U.S.A.", "usa");
    same("tumour", "tumor");
    same("commercialisation", "commercialization");
    same("haemoglobin", "hemoglobin");
    same("fibre", "fiber");
    same("programmes", "programs");
}

static void places_in_the_text(void **state)
{
    struct analyser *analyser = analyser_new();
    struct run run;
    size_t at = 0;
    struct str text = STR("a ㈱抗体 b");
    (void)state;
    analyser_read(analyser, text);
    assert_true(analyser_next_run(analyser, &at, &run));
    assert_int_equal(run.kind, RUN_WORD);
    assert_true(analyser_next_run(analyser, &at, &run));
    assert_int_equal(run.kind, RUN_CJK);
    assert_int_equal(run.start, 2);
    assert_true(analyser_next_run(analyser, &at, &run));
    assert_int_equal(run.end, text.ptr ? 11 : 0);
    analyser_free(analyser);
}

static void any_bytes(void **state)
{
    (void)state;
    check("\xff\xfe abc \xe3\x81", "abc");
}

UNIT_TESTS(TEST(kanji_and_kana), TEST(forms_of_one_word), TEST(but_not_of_two), TEST(parts_are_as_in_the_whole),
           TEST(words), TEST(places_in_the_text), TEST(any_bytes))
