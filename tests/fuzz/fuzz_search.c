/* The analyser and the query parser with any bytes: terms stay within the text and their limits, and a query is understood or
 * refused. */
#include "fuzz.h"

#include "search/plan.h"
#include "search/sound.h"
#include "search/suggest.h"

#include <assert.h>

struct reading {
    size_t length, last_end;
};

static int each_term(void *context, const struct term_found *term)
{
    struct reading *reading = context;
    assert(term->start <= term->end && term->end <= reading->length);
    assert(term->term.len > 0 && term->term.len <= TERM_BYTES_MAX);
    assert(str_find_byte(term->term, ' ') == term->term.len && str_find_byte(term->term, '"') == term->term.len);
    return 0;
}

static void read_text(struct analyser *analyser, struct str text)
{
    struct reading reading = {.length = text.len};
    struct run run;
    size_t at = 0, before = 0;
    analyser_read(analyser, text);
    while (analyser_next_run(analyser, &at, &run)) {
        assert(run.from < run.to && run.start >= before && run.end <= text.len);
        before = run.start;
        run_terms(analyser, &run, each_term, &reading);
    }
}

static void make_keys(struct analyser *analyser, struct str text)
{
    struct suggest_keys keys;
    char key[PAIR_KEY_MAX], sound[SOUND_MAX];
    suggest_keys_of(analyser, text, &keys);
    for (size_t i = 0; i < keys.count; i++) {
        assert(keys.lengths[i] > 0 && keys.lengths[i] <= SUGGEST_KEY_BYTES);
    }
    size_t len = pair_key_of(analyser, text, key);
    assert(len <= PAIR_KEY_MAX);
    assert(sound_of(str_make(key, len), sound) <= SOUND_MAX);
}

static void parse(struct str text, struct analyser *analyser)
{
    struct rules rules = {.facets = {{.name = STR("hub")}, {.name = STR("year")}}, .facet_count = 2};
    struct arena arena;
    struct parsed parsed;
    struct err err = {0};
    arena_init(&arena, (size_t)64 << 20);
    if (query_parse(&rules, text, &arena, &parsed, &err) == 0) {
        for (size_t i = 0; i < parsed.atom_count; i++) {
            struct phrase phrase;
            assert(parsed.atoms[i].alternative_of <= i);
            if (phrase_of(analyser, parsed.atoms[i].text, &arena, &phrase)) {
                assert(phrase.count <= PHRASE_TERMS_MAX);
            }
        }
    } else {
        assert(err.message[0] != '\0');
    }
    arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_make((const char *)data, size);
    struct analyser *analyser = analyser_new();
    read_text(analyser, text);
    make_keys(analyser, text);
    parse(text, analyser);
    analyser_free(analyser);
    return 0;
}
