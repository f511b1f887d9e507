/* What a query's words are in the other language: by what the community's own records say, by the lexicon, by sound.
 *
 * All translations of one clause together weigh at most CROSS_MOST, and a term of the query itself 1, so that several doubtful ones
 * never outrank one that is sure. Among them those weigh more that a source is surer of and that the records use more often
 * (the power USE_POWER of the number of documents); what no record uses is left out. */
#include "search/plan_internal.h"
#include "search/sound.h"
#include "search/suggest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CROSS_MOST 0.75
#define USE_POWER 0.2
#define SENSES_MAX 64
#define SENSES_KEPT 32
#define SPAN_MAX 4
#define OWN_WEIGHT 3.0 /* of what records say themselves, beside the lexicon's 1 */
#define SOUND_WEIGHT 0.5
#define SOUND_LIKE 0.66
#define PIECE_CHARS_MAX 12

struct sense {
    struct str other;
    struct phrase phrase;
    double weight;
};

struct senses {
    struct sense items[SENSES_MAX];
    size_t count;
};

/* ---- looking up ---- */

/* One kana, as "car" becomes when its long vowel is left out: it is in nearly every Japanese text and says nothing. */
static bool is_one_kana(const struct phrase *phrase)
{
    const unsigned char *bytes = (const unsigned char *)phrase->terms.ptr;

    return phrase->count == 1 && phrase->terms.len == 3 && bytes[0] == 0xE3 && (bytes[1] == 0x81 || bytes[1] == 0x82);
}

static void add_sense(struct making_plan *making, struct senses *senses, struct str other, double weight)
{
    const struct planning *planning = making->planning;
    struct sense *sense = &senses->items[senses->count];
    uint32_t documents;

    if (senses->count == SENSES_MAX || !phrase_of(planning->db->analyser, other, planning->arena, &sense->phrase) ||
        is_one_kana(&sense->phrase)) {
        return;
    }
    documents = phrase_documents(planning->index->common, &sense->phrase);
    if (documents == 0) {
        return;
    }
    sense->other = other;
    sense->weight = weight * pow((double)documents, USE_POWER);
    for (size_t i = 0; i < senses->count; i++) {
        if (str_eq(senses->items[i].phrase.terms, sense->phrase.terms)) {
            senses->items[i].weight = fmax(senses->items[i].weight, sense->weight);
            return;
        }
    }
    senses->count++;
}

static int add_own(struct making_plan *making, struct str key, struct senses *senses, struct err *err)
{
    struct index_db *db = making->planning->db;
    sqlite3_stmt *stmt = index_statement(
        db, &db->pair,
        "SELECT other, max(weight), count(*) FROM pair WHERE key = ?1 GROUP BY other ORDER BY 3 DESC LIMIT 12");

    if (stmt == NULL) {
        return index_fail(db, err);
    }
    index_bind_text(stmt, 1, key);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        add_sense(making, senses, arena_copy(making->planning->arena, index_column(stmt, 0)),
                  OWN_WEIGHT * sqlite3_column_double(stmt, 1) / 100.0);
    }
    sqlite3_reset(stmt);
    return 0;
}

static void add_lexicon(struct making_plan *making, struct str key, struct senses *senses)
{
    const struct lexicon *lexicon = making->planning->lexicon;
    const struct lexicon_sense *found = NULL;
    size_t count = lexicon == NULL ? 0 : lexicon_find(lexicon, key, &found);

    for (size_t i = 0; i < count; i++) {
        add_sense(making, senses, lexicon_other(lexicon, &found[i]), (double)found[i].weight / 1000.0);
    }
}

/* Terms of the vocabularies: their labels, other spellings and codes are known to be the same. */
static void add_vocabularies(struct making_plan *making, struct str words, struct senses *senses)
{
    const struct model *model = making->planning->index->rules->model;

    for (size_t v = 0; v < model->vocabulary_count; v++) {
        const struct term *term = vocabulary_find(&model->vocabularies[v], words);
        for (size_t l = 0; term != NULL && l < LANG_COUNT; l++) {
            if (!str_eq(term->label.in[l], words) && term->label.in[l].len > 0) {
                add_sense(making, senses, term->label.in[l], OWN_WEIGHT);
            }
        }
    }
}

static int add_sounding(struct making_plan *making, struct str surface, bool is_kana, struct senses *senses,
                        struct err *err)
{
    struct index_db *db = making->planning->db;
    sqlite3_stmt *stmt =
        index_statement(db, &db->like_sound,
                        "SELECT surface FROM word WHERE sound = ?1 AND katakana = ?2 ORDER BY count DESC LIMIT 60");
    char sound[SOUND_MAX];
    size_t len = sound_of(surface, sound);

    if (stmt == NULL) {
        return index_fail(db, err);
    }
    if (len < 2) {
        return 0;
    }
    index_bind_text(stmt, 1, str_make(sound, len));
    sqlite3_bind_int(stmt, 2, !is_kana);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        struct str other = arena_copy(making->planning->arena, index_column(stmt, 0));
        double like = is_kana ? sound_likeness(other, surface) : sound_likeness(surface, other);
        if (like >= SOUND_LIKE) {
            add_sense(making, senses, other, SOUND_WEIGHT * like);
        }
    }
    sqlite3_reset(stmt);
    return 0;
}

#define SPELT_MAX 128

/* The same word in the other script: "minato" is みなと and the reverse. */
static void add_spelt(struct making_plan *making, struct str surface, bool is_kana, struct senses *senses)
{
    char spelt[SPELT_MAX];
    size_t len = is_kana ? kana_to_latin(surface, spelt, sizeof spelt) : latin_to_kana(surface, spelt, sizeof spelt);

    if (len > 0) {
        add_sense(making, senses, arena_copy(making->planning->arena, str_make(spelt, len)), SOUND_WEIGHT);
    }
}

static bool is_latin(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

/* Everything that the words may be in the other language. surface: the one word they are, folded, or "". */
static int look_up(struct making_plan *making, struct str words, struct str surface, struct senses *senses,
                   struct err *err)
{
    char key[PAIR_KEY_MAX];
    size_t len = pair_key_of(making->planning->db->analyser, words, key);
    bool kana;

    if (len == 0) {
        return 0;
    }
    if (add_own(making, str_make(key, len), senses, err) != 0) {
        return -1;
    }
    add_lexicon(making, str_make(key, len), senses);
    add_vocabularies(making, words, senses);
    if (surface.len < 4) {
        return 0;
    }
    kana = !is_latin(surface);
    if (add_sounding(making, surface, kana, senses, err) != 0) {
        return -1;
    }
    add_spelt(making, surface, kana, senses);
    return 0;
}

/* ---- adding ---- */

static int heaviest_first(const void *a, const void *b)
{
    const struct sense *left = a, *right = b;

    return left->weight < right->weight ? 1 : left->weight > right->weight ? -1 : 0;
}

static void add_group(struct making_plan *making, size_t clause, size_t group, struct str words, struct senses *senses)
{
    struct arena *arena = making->planning->arena;
    size_t kept = senses->count < SENSES_KEPT ? senses->count : SENSES_KEPT;
    double sum = 0;

    qsort(senses->items, senses->count, sizeof senses->items[0], heaviest_first);
    for (size_t i = 0; i < kept; i++) {
        sum += senses->items[i].weight;
    }
    for (size_t i = 0; i < kept; i++) {
        struct phrase phrase = senses->items[i].phrase;
        phrase.clause = (uint8_t)clause;
        phrase.group = (uint8_t)group;
        phrase.weight = (float)(CROSS_MOST * senses->items[i].weight / sum);
        phrase.translated = arena_concat(arena, 3, senses->items[i].other, STR(" = "), words);
        plan_add_phrase(making->plan, &phrase);
    }
}

/* ---- runs without spaces ---- */

/* Whether the lexicons know these characters. */
static bool is_known(const struct planning *planning, struct str key)
{
    const struct lexicon_sense *senses;
    sqlite3_stmt *stmt;
    bool known;

    if (planning->lexicon != NULL && lexicon_find(planning->lexicon, key, &senses) > 0) {
        return true;
    }
    stmt = index_statement(planning->db, &planning->db->known, "SELECT 1 FROM pair WHERE key = ?1 LIMIT 1");
    if (stmt == NULL) {
        return false;
    }
    index_bind_text(stmt, 1, key);
    known = sqlite3_step(stmt) == SQLITE_ROW;
    sqlite3_reset(stmt);
    return known;
}

/* Two katakana are a word too rarely to begin a longer one with them. */
static size_t known_length(const struct planning *planning, const struct run *run, size_t from)
{
    size_t most = run->to - from < PIECE_CHARS_MAX ? run->to - from : PIECE_CHARS_MAX;
    size_t least = run_was_katakana(planning->db->analyser, from) ? 3 : 2;

    for (size_t len = most; len >= least; len--) {
        if (is_known(planning, run_text(planning->db->analyser, run, from, from + len))) {
            return len;
        }
    }
    return 0;
}

/* Characters of one script from there on. */
static size_t script_length(const struct analyser *analyser, const struct run *run, size_t from)
{
    size_t to = from + 1;

    while (to < run->to && run_is_kana(analyser, to) == run_is_kana(analyser, from) &&
           run_was_katakana(analyser, to) == run_was_katakana(analyser, from)) {
        to++;
    }
    return to - from;
}

static size_t add_run_pieces(const struct planning *planning, const struct run *run, struct str text,
                             struct str pieces[LOOSE_PIECES_MAX], size_t count)
{
    const struct analyser *analyser = planning->db->analyser;

    for (size_t at = run->from; at < run->to && count < LOOSE_PIECES_MAX;) {
        bool hiragana = run_is_kana(analyser, at) && !run_was_katakana(analyser, at);
        size_t len = hiragana ? 0 : known_length(planning, run, at);
        if (len == 0) {
            len = script_length(analyser, run, at);
            /* Kanji nobody knows: two by two, so that what is known behind them is found. */
            len = !run_is_kana(analyser, at) && len > 2 ? 2 : len;
        }
        if (!hiragana || len >= 4) {
            size_t start = run_char_start(analyser, at), end = run_char_end(analyser, at + len - 1);
            pieces[count++] = str_slice(text, start, end);
        }
        at += len;
    }
    return count;
}

size_t loose_pieces(const struct planning *planning, struct str text, struct str pieces[LOOSE_PIECES_MAX])
{
    struct run run;
    size_t count = 0, at = 0;

    analyser_read(planning->db->analyser, text);
    while (count < LOOSE_PIECES_MAX && analyser_next_run(planning->db->analyser, &at, &run)) {
        if (run.kind == RUN_CJK) {
            count = add_run_pieces(planning, &run, text, pieces, count);
        } else if (!is_stop_word(str_slice(text, run.start, run.end))) {
            pieces[count++] = str_slice(text, run.start, run.end);
        }
    }
    return count;
}

/* A run that no lexicon knows whole: every piece of it must be there in the other language. */
static int translate_pieces(struct making_plan *making, size_t clause, struct str words, struct senses *senses,
                            struct err *err)
{
    struct str pieces[LOOSE_PIECES_MAX];
    size_t count = loose_pieces(making->planning, words, pieces);
    size_t phrases = making->plan->phrase_count;

    if (count < 2 || count > GROUPS_MAX) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        senses->count = 0;
        if (look_up(making, pieces[i], STR(""), senses, err) != 0) {
            return -1;
        }
        if (is_latin(pieces[i])) {
            add_sense(making, senses, pieces[i], OWN_WEIGHT);
        }
        if (senses->count == 0) {
            making->plan->phrase_count = phrases;
            return 0;
        }
        add_group(making, clause, i + 1, pieces[i], senses);
    }
    making->plan->clauses[clause].group_count = count;
    return 0;
}

/* ---- clauses ---- */

static int translate_clause(struct making_plan *making, size_t number, struct err *err)
{
    struct clause *clause = &making->plan->clauses[number];
    struct senses *senses = ARENA_NEW(making->planning->arena, struct senses);

    if (look_up(making, clause->words, clause->is_word ? clause->surface : STR(""), senses, err) != 0) {
        return -1;
    }
    if (senses->count > 0) {
        add_group(making, number, 1, clause->words, senses);
        clause->group_count = 1;
        return 0;
    }
    return is_latin(clause->words) ? 0 : translate_pieces(making, number, clause->words, senses, err);
}

/* Words that follow each other as one key. */
static struct str span_words(struct making_plan *making, size_t from, size_t to)
{
    struct str words = STR("");

    for (size_t c = from; c < to; c++) {
        words = arena_concat(making->planning->arena, 3, words, c == from ? STR("") : STR(" "),
                             making->plan->clauses[c].words);
    }
    return words;
}

static bool can_span(const struct plan *plan, size_t from, size_t to)
{
    for (size_t c = from; c < to; c++) {
        if (!plan->clauses[c].translatable || plan->clauses[c].group_count > 1) {
            return false;
        }
    }
    return true;
}

/* What several words mean together stands for each of them. */
static int translate_span(struct making_plan *making, size_t from, size_t to, struct senses *senses, struct err *err)
{
    struct str words = span_words(making, from, to);

    senses->count = 0;
    if (look_up(making, words, STR(""), senses, err) != 0) {
        return -1;
    }
    for (size_t c = from; senses->count > 0 && c < to; c++) {
        add_group(making, c, 1, words, senses);
        making->plan->clauses[c].group_count = 1;
    }
    return 0;
}

/* However many sources spoke, the translations of one group together stay below a word of the query itself. */
static void bound_groups(struct plan *plan)
{
    for (size_t c = 0; c < plan->clause_count; c++) {
        for (size_t g = 1; g <= plan->clauses[c].group_count; g++) {
            float sum = 0;
            for (size_t i = 0; i < plan->phrase_count; i++) {
                sum += plan->phrases[i].clause == c && plan->phrases[i].group == g ? plan->phrases[i].weight : 0;
            }
            for (size_t i = 0; sum > (float)CROSS_MOST && i < plan->phrase_count; i++) {
                if (plan->phrases[i].clause == c && plan->phrases[i].group == g) {
                    plan->phrases[i].weight *= (float)CROSS_MOST / sum;
                }
            }
        }
    }
}

int translate_plan(struct making_plan *making, struct err *err)
{
    struct plan *plan = making->plan;
    size_t count = plan->clause_count;
    struct senses *senses = ARENA_NEW(making->planning->arena, struct senses);

    for (size_t c = 0; c < count; c++) {
        if (plan->clauses[c].translatable && translate_clause(making, c, err) != 0) {
            return -1;
        }
    }
    for (size_t from = 0; from < count; from++) {
        for (size_t to = from + 2; to <= count && to - from <= SPAN_MAX; to++) {
            if (can_span(plan, from, to) && translate_span(making, from, to, senses, err) != 0) {
                return -1;
            }
        }
    }
    bound_groups(plan);
    return 0;
}
