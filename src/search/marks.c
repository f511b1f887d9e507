#include "search/marks.h"

#include <string.h>

#define BUCKETS 1024
#define TOKENS_MAX 2048
#define TEXT_MAX_BYTES ((size_t)64 << 10)

struct wanted {
    struct str terms[PHRASE_TERMS_MAX];
    uint64_t first;
    size_t count;
    bool prefix;
    uint16_t phrase;
    struct wanted *next;
};

struct token {
    uint64_t hash;
    char bytes[TERM_BYTES_MAX];
    uint32_t len;
    uint32_t start, end, place;
};

static struct str token_text(const struct token *token)
{
    return str_make(token->bytes, token->len);
}

struct marker {
    struct analyser *analyser;
    struct wanted *buckets[BUCKETS];
    struct wanted *prefixes; /* of one term, which may go on */
    struct token *tokens;
    size_t count;
    uint32_t place;
};

static void want(struct marker *marker, const struct phrase *phrase, uint16_t number, struct arena *arena)
{
    struct wanted *wanted = ARENA_NEW(arena, struct wanted);
    struct str rest = phrase->terms;
    bool done = false;

    while (!done && wanted->count < PHRASE_TERMS_MAX &&
           str_next_part(&rest, ' ', &done, &wanted->terms[wanted->count])) {
        wanted->count++;
    }
    wanted->first = str_hash(wanted->terms[0]);
    wanted->prefix = phrase->prefix;
    wanted->phrase = number;
    if (phrase->prefix && wanted->count == 1) {
        wanted->next = marker->prefixes;
        marker->prefixes = wanted;
    } else {
        wanted->next = marker->buckets[wanted->first % BUCKETS];
        marker->buckets[wanted->first % BUCKETS] = wanted;
    }
}

struct marker *marker_new(const struct plan *plan, struct analyser *analyser, struct arena *arena)
{
    struct marker *marker = ARENA_NEW(arena, struct marker);

    marker->analyser = analyser;
    marker->tokens = ARENA_NEW_ARRAY(arena, TOKENS_MAX, struct token);
    for (size_t i = 0; i < plan->phrase_count; i++) {
        if (!plan->clauses[plan->phrases[i].clause].negative) {
            want(marker, &plan->phrases[i], (uint16_t)i, arena);
        }
    }
    return marker;
}

static int add_token(void *context, const struct term_found *term)
{
    struct marker *marker = context;
    struct token *token = &marker->tokens[marker->count];

    if (marker->count == TOKENS_MAX) {
        return 1;
    }
    if (!term->same_place) {
        marker->place++;
    }
    token->hash = str_hash(term->term);
    token->len = (uint32_t)(term->term.len < TERM_BYTES_MAX ? term->term.len : TERM_BYTES_MAX);
    memcpy(token->bytes, term->term.ptr, token->len);
    token->start = (uint32_t)term->start;
    token->end = (uint32_t)term->end;
    token->place = marker->place;
    marker->count++;
    return 0;
}

/* The token of that term at a place, looked for from a token that does not stand behind it. */
static const struct token *token_at(const struct marker *marker, size_t from, uint32_t place, struct str term,
                                    bool prefix)
{
    for (size_t i = from; i < marker->count && marker->tokens[i].place <= place; i++) {
        const struct token *token = &marker->tokens[i];
        if (token->place == place &&
            (prefix ? str_starts_with(token_text(token), term) : str_eq(token_text(token), term))) {
            return token;
        }
    }
    return NULL;
}

static bool stands_at(const struct marker *marker, const struct wanted *wanted, size_t at, size_t *ret_end)
{
    const struct token *token = &marker->tokens[at];

    *ret_end = token->end;
    for (size_t t = 1; t < wanted->count; t++) {
        const struct token *next = token_at(marker, at, token->place + (uint32_t)t, wanted->terms[t],
                                            wanted->prefix && t + 1 == wanted->count);
        if (next == NULL) {
            return false;
        }
        *ret_end = next->end;
    }
    return true;
}

static size_t add_mark(struct mark marks[MARKS_MAX], size_t count, size_t start, size_t end, uint16_t phrase)
{
    if (count < MARKS_MAX) {
        marks[count++] = (struct mark){start, end, phrase};
    }
    return count;
}

size_t marker_read(struct marker *marker, struct str text, struct mark marks[MARKS_MAX])
{
    struct run run;
    size_t at = 0, count = 0;

    marker->count = 0;
    marker->place = 0;
    analyser_read(marker->analyser, str_slice(text, 0, TEXT_MAX_BYTES));
    while (analyser_next_run(marker->analyser, &at, &run)) {
        if (run_terms(marker->analyser, &run, add_token, marker) != 0) {
            break;
        }
    }
    for (size_t i = 0; i < marker->count; i++) {
        const struct token *token = &marker->tokens[i];
        size_t end;
        for (const struct wanted *w = marker->buckets[token->hash % BUCKETS]; w != NULL; w = w->next) {
            if (w->first == token->hash && str_eq(w->terms[0], token_text(token)) && stands_at(marker, w, i, &end)) {
                count = add_mark(marks, count, token->start, end, w->phrase);
            }
        }
        for (const struct wanted *w = marker->prefixes; w != NULL; w = w->next) {
            if (str_starts_with(token_text(token), w->terms[0])) {
                /* A single character of what is written without spaces is marked alone. */
                end = (unsigned char)w->terms[0].ptr[0] >= 0xE0 ? token->start + w->terms[0].len : token->end;
                count = add_mark(marks, count, token->start, end < token->end ? end : token->end, w->phrase);
            }
        }
    }
    return count;
}
