#include "unit.h"

#include "search/sound.h"

#include <string.h>

static void same_sound(const char *english, const char *kana)
{
    char a[SOUND_MAX], b[SOUND_MAX];
    size_t a_len = sound_of(str_from_cstr(english), a), b_len = sound_of(str_from_cstr(kana), b);
    if (a_len != b_len || memcmp(a, b, a_len) != 0) {
        fail_msg("%s: %.*s, %s: %.*s", english, (int)a_len, a, kana, (int)b_len, b);
    }
}

static void loan_words(void **state)
{
    (void)state;
    same_sound("sensor", "せんさ");
    same_sound("polymer", "ぽりま");
    same_sound("network", "ねつとわく");
    same_sound("genome", "げのむ");
    assert_true(sound_likeness(STR("sensor"), STR("せんさ")) > 0.7);
    assert_true(sound_likeness(STR("sensor"), STR("ばなな")) < 0.4);
}

static void typed_in_latin_letters(void **state)
{
    char out[64];
    size_t len = latin_to_kana(STR("kawasaki"), out, sizeof out);
    (void)state;
    assert_true(str_eq(str_make(out, len), STR("かわさき")));
    len = latin_to_kana(STR("nihombashi"), out, sizeof out);
    assert_int_equal(len, 0);
    len = latin_to_kana(STR("nippon"), out, sizeof out);
    assert_true(str_eq(str_make(out, len), STR("につぽん")));
    len = kana_to_latin(STR("かわさき"), out, sizeof out);
    assert_true(str_eq(str_make(out, len), STR("kawasaki")));
    assert_int_equal(kana_to_latin(STR("漢字"), out, sizeof out), 0);
    assert_int_equal(latin_to_kana(STR("kawasaki"), out, 3), 0);
}

UNIT_TESTS(TEST(loan_words), TEST(typed_in_latin_letters))
