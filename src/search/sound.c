#include "search/sound.h"

#include <string.h>

/* ---- kana ---- */

struct kana {
    const char *kana, *latin;
};

/* Longest first where one begins with another's kana: pairs that small kana made, then single ones. */
static const struct kana kanas[] = {
    {"きや", "kya"}, {"きゆ", "kyu"}, {"きよ", "kyo"}, {"しや", "sha"}, {"しゆ", "shu"}, {"しよ", "sho"},
    {"しえ", "she"}, {"ちや", "cha"}, {"ちゆ", "chu"}, {"ちよ", "cho"}, {"ちえ", "che"}, {"にや", "nya"},
    {"にゆ", "nyu"}, {"によ", "nyo"}, {"ひや", "hya"}, {"ひゆ", "hyu"}, {"ひよ", "hyo"}, {"みや", "mya"},
    {"みゆ", "myu"}, {"みよ", "myo"}, {"りや", "rya"}, {"りゆ", "ryu"}, {"りよ", "ryo"}, {"ぎや", "gya"},
    {"ぎゆ", "gyu"}, {"ぎよ", "gyo"}, {"じや", "ja"},  {"じゆ", "ju"},  {"じよ", "jo"},  {"じえ", "je"},
    {"びや", "bya"}, {"びゆ", "byu"}, {"びよ", "byo"}, {"ぴや", "pya"}, {"ぴゆ", "pyu"}, {"ぴよ", "pyo"},
    {"ふあ", "fa"},  {"ふい", "fi"},  {"ふえ", "fe"},  {"ふお", "fo"},  {"てい", "ti"},  {"でい", "di"},
    {"うい", "wi"},  {"うえ", "we"},  {"うお", "wo"},  {"あ", "a"},     {"い", "i"},     {"う", "u"},
    {"え", "e"},     {"お", "o"},     {"か", "ka"},    {"き", "ki"},    {"く", "ku"},    {"け", "ke"},
    {"こ", "ko"},    {"さ", "sa"},    {"し", "shi"},   {"す", "su"},    {"せ", "se"},    {"そ", "so"},
    {"た", "ta"},    {"ち", "chi"},   {"つ", "tsu"},   {"て", "te"},    {"と", "to"},    {"な", "na"},
    {"に", "ni"},    {"ぬ", "nu"},    {"ね", "ne"},    {"の", "no"},    {"は", "ha"},    {"ひ", "hi"},
    {"ふ", "fu"},    {"へ", "he"},    {"ほ", "ho"},    {"ま", "ma"},    {"み", "mi"},    {"む", "mu"},
    {"め", "me"},    {"も", "mo"},    {"や", "ya"},    {"ゆ", "yu"},    {"よ", "yo"},    {"ら", "ra"},
    {"り", "ri"},    {"る", "ru"},    {"れ", "re"},    {"ろ", "ro"},    {"わ", "wa"},    {"を", "o"},
    {"ん", "n"},     {"が", "ga"},    {"ぎ", "gi"},    {"ぐ", "gu"},    {"げ", "ge"},    {"ご", "go"},
    {"ざ", "za"},    {"じ", "ji"},    {"ず", "zu"},    {"ぜ", "ze"},    {"ぞ", "zo"},    {"だ", "da"},
    {"で", "de"},    {"ど", "do"},    {"ば", "ba"},    {"び", "bi"},    {"ぶ", "bu"},    {"べ", "be"},
    {"ぼ", "bo"},    {"ぱ", "pa"},    {"ぴ", "pi"},    {"ぷ", "pu"},    {"ぺ", "pe"},    {"ぽ", "po"},
    {"ー", ""},
};
#define KANA_COUNT (sizeof kanas / sizeof kanas[0])

static bool put(char *out, size_t *len, size_t max, const char *text)
{
    size_t size = strlen(text);

    if (*len + size > max) {
        return false;
    }
    memcpy(out + *len, text, size);
    *len += size;
    return true;
}

static const struct kana *kana_at(struct str rest)
{
    for (size_t i = 0; i < KANA_COUNT; i++) {
        if (str_starts_with(rest, str_from_cstr(kanas[i].kana))) {
            return &kanas[i];
        }
    }
    return NULL;
}

/* tsu before k, s and p of a loan word was a small one more often than not: it doubles, which Latin spelling need not tell. */
static bool doubles(const struct kana *kana, struct str rest)
{
    const struct kana *next = strcmp(kana->latin, "tsu") == 0 ? kana_at(rest) : NULL;

    return next != NULL && next->latin[0] != '\0' && strchr("kspt", next->latin[0]) != NULL;
}

size_t kana_to_latin(struct str kana, char *out, size_t max)
{
    size_t len = 0;

    while (kana.len > 0) {
        const struct kana *first = kana_at(kana);
        if (first == NULL) {
            return 0;
        }
        kana = str_slice(kana, strlen(first->kana), kana.len);
        if (!doubles(first, kana) && !put(out, &len, max, first->latin)) {
            return 0;
        }
    }
    return len;
}

/* Spellings that people type beside Hepburn. */
static const struct kana typed[] = {{"し", "si"},    {"ち", "ti"},    {"つ", "tu"},    {"ふ", "hu"},    {"じ", "zi"},
                                    {"しや", "sya"}, {"しゆ", "syu"}, {"しよ", "syo"}, {"ちや", "tya"}, {"ちゆ", "tyu"},
                                    {"ちよ", "tyo"}, {"ん", "nn"},    {"ん", "n'"}};

static const struct kana *latin_at(struct str rest)
{
    const struct kana *best = NULL;
    size_t best_len = 0;

    for (size_t i = 0; i < KANA_COUNT + sizeof typed / sizeof typed[0]; i++) {
        const struct kana *kana = i < KANA_COUNT ? &kanas[i] : &typed[i - KANA_COUNT];
        size_t len = strlen(kana->latin);
        if (len > best_len && str_starts_with(rest, str_from_cstr(kana->latin))) {
            best = kana;
            best_len = len;
        }
    }
    return best;
}

size_t latin_to_kana(struct str latin, char *out, size_t max)
{
    size_t len = 0;

    while (latin.len > 0) {
        const struct kana *first = latin_at(latin);
        bool twice = latin.len > 1 && latin.ptr[0] == latin.ptr[1] && strchr("kstp", latin.ptr[0]) != NULL;
        if (twice) {
            if (!put(out, &len, max, "つ")) {
                return 0;
            }
            latin = str_slice(latin, 1, latin.len);
            continue;
        }
        if (first == NULL || !put(out, &len, max, first->kana)) {
            return 0;
        }
        latin = str_slice(latin, strlen(first->latin), latin.len);
    }
    return len;
}

/* ---- classes ---- */

static bool is_vowel(char c)
{
    return c != '\0' && strchr("aeiouyw", c) != NULL;
}

/* Two letters for one sound; '\0': they are two. */
static char pair_class(const char *word, size_t len, size_t i)
{
    char next = i + 2 < len ? word[i + 2] : '\0';

    switch (word[i]) {
    case 'p':
        return 'h';
    case 's':
    case 't':
        return 's';
    case 'c':
        return next != '\0' && !is_vowel(next) ? 'k' : 't';
    default:
        return '\0';
    }
}

/* Class of each letter alone; 0: not heard, or not alone. */
static const char letter_classes[26] = {0,   'b', 0,   't', 0, 'h', 'k', 'h', 0,   's', 'k', 'r', 'n',
                                        'n', 0,   'p', 'k', 0, 's', 't', 0,   'b', 0,   'k', 0,   's'};

static bool says_shun(struct str rest)
{
    return str_starts_with(rest, STR("tion")) || str_starts_with(rest, STR("sion"));
}

static bool is_soft(char next)
{
    return next == 'e' || next == 'i' || next == 'y';
}

/* The class of the sound at i, and how many letters it takes. '\0': nothing is heard. */
static char class_at(const char *word, size_t len, size_t i, bool english, size_t *ret_taken)
{
    char c = word[i], next = i + 1 < len ? word[i + 1] : '\0';

    *ret_taken = 1;
    if (english && says_shun(str_make(word + i, len - i))) {
        return 's';
    }
    if (next == 'h' && pair_class(word, len, i) != '\0') {
        *ret_taken = 2;
        return pair_class(word, len, i);
    }
    if (c == 'c') {
        return is_soft(next) ? 's' : 'k';
    }
    if (c == 'r') {
        return english && !is_vowel(next) ? '\0' : 'r';
    }
    return c >= 'a' && c <= 'z' ? letter_classes[c - 'a'] : '\0';
}

static size_t classes(const char *word, size_t len, bool english, char out[SOUND_MAX])
{
    size_t count = 0;

    if (len > 0 && is_vowel(word[0]) && word[0] != 'y' && word[0] != 'w') {
        out[count++] = 'a';
    }
    for (size_t i = 0; i < len && count < SOUND_MAX;) {
        size_t taken;
        char class_of = class_at(word, len, i, english, &taken);
        if (class_of != '\0' && (count == 0 || out[count - 1] != class_of)) {
            out[count++] = class_of;
        }
        i += taken;
    }
    return count;
}

static bool is_latin(struct str word)
{
    for (size_t i = 0; i < word.len; i++) {
        if (word.ptr[i] < 'a' || word.ptr[i] > 'z') {
            return false;
        }
    }
    return word.len > 0;
}

size_t sound_of(struct str word, char out[SOUND_MAX])
{
    char latin[128];
    size_t len;

    if (is_latin(word)) {
        return classes(word.ptr, word.len, true, out);
    }
    len = kana_to_latin(word, latin, sizeof latin);
    /* "tsu" is the class of t, "sh" and "ch" are told apart by class_at as they are in English. */
    return classes(latin, len, false, out);
}

/* ---- likeness ---- */

/* Letters that Japanese does not tell apart become one. */
static char plain(char c)
{
    switch (c) {
    case 'l':
        return 'r';
    case 'v':
        return 'b';
    case 'c':
    case 'q':
        return 'k';
    case 'y':
        return 'i';
    default:
        return c;
    }
}

double sound_likeness(struct str english, struct str kana)
{
    char latin[96];
    size_t len = kana_to_latin(kana, latin, sizeof latin);
    unsigned char row[97] = {0};

    if (len == 0 || english.len == 0 || english.len > 64) {
        return 0;
    }
    for (size_t i = 0; i < english.len; i++) {
        unsigned char diagonal = 0;
        for (size_t j = 1; j <= len; j++) {
            unsigned char above = row[j];
            if (plain(english.ptr[i]) == plain(latin[j - 1])) {
                row[j] = (unsigned char)(diagonal + 1);
            } else if (row[j - 1] > row[j]) {
                row[j] = row[j - 1];
            }
            diagonal = above;
        }
    }
    return 2.0 * (double)row[len] / (double)(english.len + len);
}
