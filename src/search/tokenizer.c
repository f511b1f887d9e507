/* The analyser as FTS5 sees it. Documents are analysed; queries come as terms already (plan.c makes them), one space apart, and
 * are only cut at the spaces. */
#include "search/lists.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

typedef int token_callback(void *context, int flags, const char *token, int token_len, int start, int end);

struct tokenizing {
    struct index_db *db;
    void *context;
    token_callback *token;
};

static int give_term(void *context, const struct term_found *term)
{
    struct tokenizing *tokenizing = context;
    struct harvest *harvest = tokenizing->db->harvest;
    uint32_t slot = 0;
    int result;

    if (harvest != NULL) { /* its counter comes from memory while FTS5 works */
        slot = common_slot(term->term);
        harvest_expect(harvest, slot);
    }
    result = tokenizing->token(tokenizing->context, term->same_place ? FTS5_TOKEN_COLOCATED : 0, term->term.ptr,
                               (int)term->term.len, (int)term->start, (int)term->end);
    if (harvest != NULL) {
        harvest_term(harvest, slot, term->term);
    }
    return result;
}

#define KATAKANA_WORD_MIN 3
#define KATAKANA_WORD_MAX 20

/* Katakana words of a run, as they will be looked for when a query has one letter wrong. */
static void harvest_katakana(struct index_db *db, const struct run *run)
{
    size_t from = run->from;

    while (from < run->to) {
        size_t to = from;
        while (to < run->to && run_was_katakana(db->analyser, to)) {
            to++;
        }
        if (to - from >= KATAKANA_WORD_MIN && to - from <= KATAKANA_WORD_MAX) {
            struct str word = run_text(db->analyser, run, from, to);
            harvest_word(db->harvest, word, word, true);
        }
        from = to + 1;
    }
}

static void harvest_words(struct index_db *db, const struct word *word)
{
    for (size_t i = 0; i < word->count; i++) {
        const struct word_part *part = &word->parts[i];
        if (part->surface_len >= 3 && part->surface[0] >= 'a' && part->surface[0] <= 'z') {
            harvest_word(db->harvest, str_make(part->surface, part->surface_len), str_make(part->term, part->term_len),
                         false);
        }
    }
}

static int tokenize_document(struct tokenizing *tokenizing, struct str text)
{
    struct index_db *db = tokenizing->db;
    bool harvests = db->harvest != NULL && db->harvest->takes_words;
    struct run run;
    int result = SQLITE_OK;

    analyser_read(db->analyser, text);
    for (size_t at = 0; result == SQLITE_OK && analyser_next_run(db->analyser, &at, &run);) {
        if (run.kind == RUN_CJK) {
            if (harvests) {
                harvest_katakana(db, &run);
            }
            result = run_terms(db->analyser, &run, give_term, tokenizing);
        } else {
            struct word word;
            run_word(db->analyser, &run, &word);
            if (harvests) {
                harvest_words(db, &word);
            }
            result = word_terms(&word, give_term, tokenizing);
        }
    }
    return result;
}

static int tokenize_query(struct tokenizing *tokenizing, struct str text)
{
    struct str rest = text, term;
    bool done = text.len == 0;
    int result = SQLITE_OK;

    while (result == SQLITE_OK && !done && str_next_part(&rest, ' ', &done, &term)) {
        int start = (int)(term.ptr - text.ptr);
        if (term.len > 0) {
            result = tokenizing->token(tokenizing->context, 0, term.ptr, (int)term.len, start, start + (int)term.len);
        }
    }
    return result;
}

static int tokenize(Fts5Tokenizer *tokenizer, void *context, int flags, const char *text, int length,
                    token_callback *token)
{
    struct tokenizing tokenizing = {.db = (struct index_db *)tokenizer, .context = context, .token = token};
    struct str given = str_make(text == NULL ? "" : text, (size_t)length);

    return (flags & FTS5_TOKENIZE_QUERY) != 0 ? tokenize_query(&tokenizing, given)
                                              : tokenize_document(&tokenizing, given);
}

static int create(void *context, const char **arguments, int count, Fts5Tokenizer **ret_tokenizer)
{
    (void)arguments;
    (void)count;
    *ret_tokenizer = context;
    return SQLITE_OK;
}

static void destroy(Fts5Tokenizer *tokenizer)
{
    (void)tokenizer;
}

int tokenizer_register(struct index_db *db)
{
    fts5_tokenizer tokenizer = {create, destroy, tokenize};
    fts5_api *api = fts5_of(db->db);

    return api == NULL ? SQLITE_ERROR : api->xCreateTokenizer(api, "musubi", db, &tokenizer, NULL);
}

/* ---- harvest ---- */

void harvest_begin(struct harvest *harvest, uint32_t document)
{
    for (size_t i = 0; i < harvest->slot_count; i++) {
        harvest->in_document[harvest->slots[i] / 64] = 0;
    }
    harvest->slot_count = 0;
    harvest->terms = 0;
    harvest->document = document;
}

void harvest_free(struct harvest *harvest)
{
    free(harvest->seen);
    free(harvest->in_document);
    free(harvest->slots);
    harvest->seen = NULL;
    harvest->in_document = NULL;
    harvest->slots = NULL;
    harvest->slot_count = 0;
    harvest->slot_capacity = 0;
}

/* Notes the slot; false when the present document had it before. */
static bool is_first(struct harvest *harvest, uint32_t slot)
{
    uint64_t bit = UINT64_C(1) << slot % 64;

    if (harvest->in_document == NULL) {
        harvest->in_document = memory_alloc_zeroed(COMMON_SLOTS / 64, sizeof *harvest->in_document);
    }
    if ((harvest->in_document[slot / 64] & bit) != 0) {
        return false;
    }
    harvest->in_document[slot / 64] |= bit;
    if (harvest->slot_count == harvest->slot_capacity) {
        harvest->slot_capacity = harvest->slot_capacity == 0 ? 1024 : harvest->slot_capacity * 2;
        harvest->slots = memory_resize(harvest->slots, harvest->slot_capacity * sizeof *harvest->slots);
    }
    harvest->slots[harvest->slot_count++] = slot;
    return true;
}

/* The same, counted aside: in how many documents the slot was so far; 0 when the present one had it before. */
static uint32_t count_aside(struct harvest *harvest, uint32_t slot)
{
    struct harvest_seen *seen;

    if (harvest->seen == NULL) {
        harvest->seen = memory_alloc_zeroed(COMMON_SLOTS, sizeof *harvest->seen);
    }
    seen = &harvest->seen[slot];
    if (seen->document == harvest->document) {
        return 0;
    }
    seen->document = harvest->document;
    return ++seen->documents;
}

void harvest_expect(const struct harvest *harvest, uint32_t slot)
{
    if (harvest->seen != NULL) {
        __builtin_prefetch(&harvest->seen[slot], 1);
    }
}

void harvest_term(struct harvest *harvest, uint32_t slot, struct str term)
{
    uint32_t documents = 0;

    harvest->terms++;
    if (harvest->counts_aside) {
        documents = count_aside(harvest, slot);
    } else if (is_first(harvest, slot)) {
        documents = common_add(harvest->common, slot, 1);
    }
    /* Not only the first time: another term of the same slot may be the common one. */
    if (harvest->often_min > 0 && documents > 0 && documents % harvest->often_min == 0 &&
        map_get(&harvest->often, term) == NULL) {
        map_set(&harvest->often, arena_copy(&harvest->often_arena, term), harvest);
    }
}

void harvest_counted(struct harvest *harvest)
{
    harvest->counts_aside = false;
    for (uint32_t slot = 0; harvest->seen != NULL && slot < COMMON_SLOTS; slot++) {
        if (harvest->seen[slot].documents > 0) {
            common_add(harvest->common, slot, harvest->seen[slot].documents);
            harvest->seen[slot].documents = 0;
        }
    }
}

void harvest_word(struct harvest *harvest, struct str surface, struct str term, bool katakana)
{
    struct harvest_word *word = map_get(&harvest->words, surface);

    if (word == NULL) {
        word = ARENA_NEW(&harvest->arena, struct harvest_word);
        word->surface = arena_copy(&harvest->arena, surface);
        word->term = arena_copy(&harvest->arena, term);
        word->katakana = katakana;
        map_set(&harvest->words, word->surface, word);
    }
    word->count++;
}
