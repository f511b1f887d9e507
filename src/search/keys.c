#include "search/suggest.h"

#include <string.h>

#define RUNS_MAX 24

/* Appends as much as there is room for, whole characters only. */
static size_t append(char *out, size_t len, size_t max, struct str text)
{
    size_t take = text.len < max - len ? text.len : max - len;

    while (take > 0 && take < text.len && ((unsigned char)text.ptr[take] & 0xC0) == 0x80) {
        take--;
    }
    memcpy(out + len, text.ptr, take);
    return len + take;
}

/* The text from one character on: words by their surface with a space between, runs of kanji and kana as they are. */
static size_t key_from(struct analyser *analyser, const struct run *runs, size_t count, size_t first, size_t from,
                       char key[SUGGEST_KEY_BYTES])
{
    size_t len = 0;

    for (size_t r = first; r < count && len < SUGGEST_KEY_BYTES - 4; r++) {
        struct word word;
        if (runs[r].kind == RUN_CJK) {
            len = append(key, len, SUGGEST_KEY_BYTES,
                         run_text(analyser, &runs[r], r == first ? from : runs[r].from, runs[r].to));
            continue;
        }
        if (len > 0) {
            key[len++] = ' ';
        }
        run_word(analyser, &runs[r], &word);
        len = append(key, len, SUGGEST_KEY_BYTES, str_make(word.whole.surface, word.whole.surface_len));
    }
    return len;
}

static void add_key(struct analyser *analyser, const struct run *runs, size_t count, size_t first, size_t from,
                    struct suggest_keys *keys)
{
    if (keys->count < SUGGEST_KEYS_MAX) {
        size_t len = key_from(analyser, runs, count, first, from, keys->keys[keys->count]);
        if (len > 0) {
            keys->lengths[keys->count++] = len;
        }
    }
}

/* Whether a word may begin there: where kana and kanji meet. */
static bool may_begin(const struct analyser *analyser, size_t at)
{
    return run_is_kana(analyser, at) != run_is_kana(analyser, at - 1) ||
           run_was_katakana(analyser, at) != run_was_katakana(analyser, at - 1);
}

static size_t read_runs(struct analyser *analyser, struct str text, struct run runs[RUNS_MAX])
{
    size_t count = 0, at = 0;

    analyser_read(analyser, text);
    while (count < RUNS_MAX && analyser_next_run(analyser, &at, &runs[count])) {
        count++;
    }
    return count;
}

void suggest_keys_of(struct analyser *analyser, struct str name, struct suggest_keys *ret_keys)
{
    struct run runs[RUNS_MAX];
    size_t count = read_runs(analyser, str_slice(name, 0, 400), runs);

    ret_keys->count = 0;
    for (size_t r = 0; r < count; r++) {
        add_key(analyser, runs, count, r, runs[r].from, ret_keys);
        for (size_t at = runs[r].from + 1; runs[r].kind == RUN_CJK && at < runs[r].to; at++) {
            if (may_begin(analyser, at)) {
                add_key(analyser, runs, count, r, at, ret_keys);
            }
        }
    }
}

size_t suggest_key_of(struct analyser *analyser, struct str typed, char key[SUGGEST_KEY_BYTES])
{
    struct run runs[RUNS_MAX];
    size_t count = read_runs(analyser, str_slice(typed, 0, 400), runs);

    return count == 0 ? 0 : key_from(analyser, runs, count, 0, runs[0].from, key);
}

static bool says_nothing(struct str word)
{
    return str_eq(word, STR("a")) || str_eq(word, STR("an")) || str_eq(word, STR("the")) || str_eq(word, STR("to"));
}

static size_t add_part(char *key, size_t len, struct str part)
{
    if (len + part.len + 1 > PAIR_KEY_MAX) {
        return SIZE_MAX;
    }
    if (len > 0) {
        key[len++] = ' ';
    }
    memcpy(key + len, part.ptr, part.len);
    return len + part.len;
}

size_t pair_key_of(struct analyser *analyser, struct str text, char key[PAIR_KEY_MAX])
{
    struct run run;
    size_t len = 0, at = 0;

    analyser_read(analyser, text);
    while (analyser_next_run(analyser, &at, &run)) {
        struct word word;
        if (run.kind == RUN_CJK) {
            len = add_part(key, len, run_text(analyser, &run, run.from, run.to));
            if (len == SIZE_MAX) {
                return 0;
            }
            continue;
        }
        run_word(analyser, &run, &word);
        for (size_t i = 0; i < word.count; i++) {
            struct str term = str_make(word.parts[i].term, word.parts[i].term_len);
            if (len == 0 && word.count == 1 && says_nothing(term)) {
                continue;
            }
            len = add_part(key, len, term);
            if (len == SIZE_MAX) {
                return 0;
            }
        }
    }
    return len;
}
