/* A query as it is run: what was typed, cut into clauses; each clause with the terms that satisfy it; the whole as an FTS5
 * expression. Not for use outside src/search. */
#ifndef MUSUBI_SEARCH_PLAN_H
#define MUSUBI_SEARCH_PLAN_H

#include "search/index_file.h"
#include "search/lexicon.h"
#include "search/search.h"

#define CLAUSES_MAX 48
#define PHRASES_MAX 400
#define GROUPS_MAX 6
#define PHRASE_TERMS_MAX 64
/* The direct group: what the query says. The others hold translations: every one of them must be found. */
#define GROUP_DIRECT 0

/* Terms that follow each other. */
struct phrase {
    struct str terms; /* one space between */
    size_t count;
    bool prefix; /* the last term may go on */
    uint8_t clause, group;
    float weight; /* 0 … 1 */
    struct str
        translated; /* what it stands for and how it is written, "抗体 = antibody"; empty: it is what was asked */
};

struct clause {
    bool negative;
    bool asked;         /* it is in the expression */
    bool from_typing;   /* the unfinished last word */
    bool translatable;  /* neither quoted nor excluded */
    size_t group_count; /* of translations */
    float weight;       /* how much it tells: its rarity */
    struct str words;   /* as typed */
    bool is_word;       /* one English word or katakana, which may be misspelt */
    struct str surface; /* of such a word, folded */
};

/* One piece of what was typed. */
struct atom {
    struct str text;
    bool negative, quoted, prefix;
    size_t alternative_of; /* index of the first atom of an OR; its own index when it is none */
};

struct parsed {
    struct atom *atoms;
    size_t atom_count;
    struct search_filter filters[SEARCH_FILTERS_MAX];
    bool filter_negative[SEARCH_FILTERS_MAX];
    size_t filter_count;
};

enum plan_kind {
    PLAN_ALL,   /* every clause, what stood together together */
    PLAN_LOOSE, /* every clause, runs cut into words */
    PLAN_ANY,   /* any clause */
};

struct plan {
    struct clause clauses[CLAUSES_MAX];
    size_t clause_count;
    struct phrase phrases[PHRASES_MAX]; /* in the order in which the expression has them */
    size_t phrase_count;
    struct str expression; /* empty: nothing to look for */
    bool any;              /* not all clauses need be there */
    bool prefers_most;     /* then: the more of them, the better */
    bool cut;              /* there were more words or translations than are looked for */
};

/* ERR_INVALID: what is wrong with the query. Field names are those of the rules and "register". */
int query_parse(const struct rules *rules, struct str text, struct arena *arena, struct parsed *ret_parsed,
                struct err *err);

struct planning {
    struct index *index;
    struct index_db *db;
    const struct lexicon *lexicon; /* NULL: none */
    struct arena *arena;
    bool own_language_only, typing;
};
int plan_make(const struct planning *planning, const struct parsed *parsed, enum plan_kind kind, struct plan *ret_plan,
              struct err *err);
/* Terms of a text as a phrase; false when there is none. The last character of a single-character word is left to go on. */
bool phrase_of(struct analyser *analyser, struct str text, struct arena *arena, struct phrase *ret_phrase);
/* Roughly in how many documents it is. */
uint32_t phrase_documents(const struct common *common, const struct phrase *phrase);

#endif
