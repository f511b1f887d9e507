/* From what was typed to an expression of FTS5. Words are looked for as they are; translate.c adds what they are in the other
 * language. */
#include "search/plan_internal.h"

#include <math.h>
#include <string.h>

/* ---- phrases ---- */

static void add_term(struct phrase_making *making, struct str term)
{
    if (making->count == PHRASE_TERMS_MAX) {
        return;
    }
    if (making->count++ > 0) {
        buf_add_byte(&making->terms, ' ');
    }
    buf_add(&making->terms, term);
}

/* The pairs of a run; when something follows it in the phrase also the last character alone, as documents have it. */
static void add_cjk(struct phrase_making *making, struct analyser *analyser, const struct run *run, bool last)
{
    for (size_t i = run->from; i + 1 < run->to; i++) {
        add_term(making, run_text(analyser, run, i, i + 2));
    }
    if (!last || run->to - run->from == 1) {
        add_term(making, run_text(analyser, run, run->to - 1, run->to));
        making->prefix = last;
    }
}

static void add_word(struct phrase_making *making, struct analyser *analyser, const struct run *run)
{
    struct word word;

    run_word(analyser, run, &word);
    for (size_t i = 0; i < word.count; i++) {
        add_term(making, str_make(word.parts[i].term, word.parts[i].term_len));
    }
}

static void phrase_end(struct phrase_making *making, struct arena *arena, struct phrase *ret_phrase)
{
    *ret_phrase = (struct phrase){.terms = arena_copy(arena, buf_str(&making->terms)),
                                  .count = making->count,
                                  .prefix = making->prefix,
                                  .weight = 1};
    buf_free(&making->terms);
}

bool phrase_of(struct analyser *analyser, struct str text, struct arena *arena, struct phrase *ret_phrase)
{
    struct phrase_making making = {0};
    struct run run, next;
    size_t at = 0;
    bool more;

    buf_init(&making.terms, PHRASE_TERMS_MAX * (TERM_BYTES_MAX + 1));
    analyser_read(analyser, text);
    for (more = analyser_next_run(analyser, &at, &run); more; run = next) {
        more = analyser_next_run(analyser, &at, &next);
        if (run.kind == RUN_CJK) {
            add_cjk(&making, analyser, &run, !more);
        } else {
            add_word(&making, analyser, &run);
        }
    }
    phrase_end(&making, arena, ret_phrase);
    return ret_phrase->count > 0;
}

uint32_t phrase_documents(const struct common *common, const struct phrase *phrase)
{
    struct str rest = phrase->terms, term;
    uint32_t least = UINT32_MAX;
    bool done = phrase->terms.len == 0;

    while (!done && str_next_part(&rest, ' ', &done, &term)) {
        uint32_t in = common_in(common, term);
        least = in < least ? in : least;
    }
    return least == UINT32_MAX ? 0 : least;
}

/* ---- clauses ---- */

static const char *const stop_words[] = {
    "a",       "about", "all",   "also", "an",   "and",  "any",   "are",   "as",    "at",   "based", "be",    "been",
    "between", "both",  "but",   "by",   "can",  "do",   "each",  "for",   "from",  "has",  "have",  "if",    "in",
    "into",    "is",    "it",    "its",  "more", "most", "no",    "not",   "of",    "on",   "one",   "only",  "or",
    "other",   "some",  "such",  "than", "that", "the",  "their", "them",  "these", "they", "this",  "those", "to",
    "use",     "used",  "using", "via",  "was",  "were", "when",  "which", "will",  "with", "you",   "your",
};

bool is_stop_word(struct str word)
{
    for (size_t i = 0; i < sizeof stop_words / sizeof stop_words[0]; i++) {
        if (str_eq(word, str_from_cstr(stop_words[i]))) {
            return true;
        }
    }
    return false;
}

struct phrase *plan_add_phrase(struct plan *plan, const struct phrase *phrase)
{
    for (size_t i = 0; i < plan->phrase_count; i++) {
        struct phrase *known = &plan->phrases[i];
        if (known->clause == phrase->clause && known->group == phrase->group && known->prefix == phrase->prefix &&
            str_eq(known->terms, phrase->terms)) {
            known->weight = known->weight > phrase->weight ? known->weight : phrase->weight;
            return known;
        }
    }
    if (plan->phrase_count == PHRASES_MAX || phrase->count == 0) {
        plan->cut = plan->cut || phrase->count > 0;
        return NULL;
    }
    plan->phrases[plan->phrase_count] = *phrase;
    return &plan->phrases[plan->phrase_count++];
}

/* A clause of its own for a text; NULL when there is nothing in it, or no room. */
static struct clause *add_clause(struct making_plan *making, struct str text, bool negative)
{
    struct plan *plan = making->plan;
    struct phrase phrase;

    if (!phrase_of(making->planning->db->analyser, text, making->planning->arena, &phrase)) {
        return NULL;
    }
    if (plan->clause_count == CLAUSES_MAX) {
        plan->cut = true;
        return NULL;
    }
    plan->clauses[plan->clause_count] = (struct clause){.negative = negative, .words = text, .weight = 1};
    phrase.clause = (uint8_t)plan->clause_count++;
    plan_add_phrase(plan, &phrase);
    return &plan->clauses[phrase.clause];
}

/* "IL-6" is also found as IL6. */
static void add_whole(struct making_plan *making, uint8_t clause, struct str text)
{
    struct analyser *analyser = making->planning->db->analyser;
    struct run run, other;
    struct word word;
    size_t at = 0;

    analyser_read(analyser, text);
    if (!analyser_next_run(analyser, &at, &run) || run.kind != RUN_WORD || analyser_next_run(analyser, &at, &other)) {
        return;
    }
    run_word(analyser, &run, &word);
    if (word.has_whole) {
        struct phrase phrase = {.terms =
                                    arena_copy(making->planning->arena, str_make(word.whole.term, word.whole.term_len)),
                                .count = 1,
                                .clause = clause,
                                .weight = 1};
        plan_add_phrase(making->plan, &phrase);
    }
}

/* What a single word looks like, for when it is misspelt or unfinished. */
static void note_word(struct making_plan *making, struct clause *clause, struct str text)
{
    struct analyser *analyser = making->planning->db->analyser;
    struct run run, other;
    struct word word;
    size_t at = 0;

    analyser_read(analyser, text);
    if (!analyser_next_run(analyser, &at, &run) || analyser_next_run(analyser, &at, &other)) {
        return;
    }
    if (run.kind == RUN_CJK) {
        bool katakana = true;
        for (size_t i = run.from; i < run.to; i++) {
            katakana = katakana && run_was_katakana(analyser, i);
        }
        clause->is_word = katakana;
        clause->surface = arena_copy(making->planning->arena, run_text(analyser, &run, run.from, run.to));
        return;
    }
    run_word(analyser, &run, &word);
    clause->is_word = word.count == 1;
    clause->surface = arena_copy(making->planning->arena, str_make(word.whole.surface, word.whole.surface_len));
}

#define PREFIX_TERMS_MAX 60

/* Words that go on from an unfinished one, as terms. */
static int add_unfinished(struct making_plan *making, struct clause *clause, uint8_t number, struct err *err)
{
    struct index_db *db = making->planning->db;
    sqlite3_stmt *stmt = index_statement(db, &db->prefix,
                                         "SELECT term, sum(count) FROM word WHERE surface >= ?1 AND surface < ?1 || "
                                         "char(1114111) GROUP BY term ORDER BY 2 DESC LIMIT 60");

    if (stmt == NULL) {
        return index_fail(db, err);
    }
    index_bind_text(stmt, 1, clause->surface);
    for (size_t i = 0; i < PREFIX_TERMS_MAX && sqlite3_step(stmt) == SQLITE_ROW; i++) {
        struct phrase phrase;
        /* Katakana words are looked for as such; the term of an English word is a term already. */
        if (!str_starts_with(index_column(stmt, 0), STR("\xE3"))) {
            phrase = (struct phrase){
                .terms = arena_copy(making->planning->arena, index_column(stmt, 0)), .count = 1, .weight = 0.9f};
        } else if (!phrase_of(db->analyser, arena_copy(making->planning->arena, index_column(stmt, 0)),
                              making->planning->arena, &phrase)) {
            continue;
        }
        phrase.clause = number;
        plan_add_phrase(making->plan, &phrase);
    }
    sqlite3_reset(stmt);
    return 0;
}

/* ---- atoms to clauses ---- */

/* Pieces of an atom that are looked for apart: each word; runs of kanji and kana as the lexicons know them, else where the script
 * changes; hiragana alone says too little. */
static void add_loose(struct making_plan *making, struct str text)
{
    struct str pieces[LOOSE_PIECES_MAX];
    size_t count = loose_pieces(making->planning, text, pieces);

    for (size_t i = 0; i < count; i++) {
        struct clause *clause = add_clause(making, pieces[i], false);
        if (clause == NULL) {
            continue;
        }
        note_word(making, clause, pieces[i]);
        clause->translatable = true;
    }
}

/* An alternative ("a OR b") joins the clause of its first. */
static void join_clause(struct making_plan *making, size_t clause, struct str text)
{
    struct phrase phrase;

    if (phrase_of(making->planning->db->analyser, text, making->planning->arena, &phrase)) {
        phrase.clause = (uint8_t)clause;
        plan_add_phrase(making->plan, &phrase);
    }
}

static bool is_stopped(const struct making_plan *making, const struct atom *atom)
{
    return making->has_content && !atom->quoted && !atom->negative && is_stop_word(atom->text);
}

static bool is_unfinished(const struct making_plan *making, const struct atom *atom, size_t number)
{
    bool last = making->planning->typing && number + 1 == making->parsed->atom_count;

    return (atom->prefix || last) && !atom->quoted;
}

static int add_atom(struct making_plan *making, size_t number, struct err *err)
{
    const struct atom *atom = &making->parsed->atoms[number];
    struct plan *plan = making->plan;
    struct clause *clause;
    size_t at = plan->clause_count;

    if (atom->alternative_of != number) {
        if (making->clause_of[atom->alternative_of] != SIZE_MAX) {
            join_clause(making, making->clause_of[atom->alternative_of], atom->text);
        }
        return 0;
    }
    if (is_stopped(making, atom)) {
        return 0;
    }
    if (making->kind != PLAN_ALL && !atom->quoted && !atom->negative) {
        add_loose(making, atom->text);
        return 0;
    }
    clause = add_clause(making, atom->text, atom->negative);
    if (clause == NULL) {
        return 0;
    }
    making->clause_of[number] = at;
    clause->translatable = !atom->quoted && !atom->negative;
    if (!atom->quoted) {
        note_word(making, clause, atom->text);
        add_whole(making, (uint8_t)at, atom->text);
    }
    if (is_unfinished(making, atom, number) && clause->is_word && clause->surface.len >= 2) {
        clause->from_typing = true;
        return add_unfinished(making, clause, (uint8_t)at, err);
    }
    return 0;
}

static bool has_content(const struct parsed *parsed)
{
    for (size_t i = 0; i < parsed->atom_count; i++) {
        if (!is_stop_word(parsed->atoms[i].text) && !parsed->atoms[i].negative) {
            return true;
        }
    }
    return false;
}

/* ---- the expression ---- */

static void write_phrase(struct making_plan *making, struct phrase *phrase, struct phrase *ordered, size_t *count)
{
    buf_add_literal(&making->out, "\"");
    buf_add(&making->out, phrase->terms);
    buf_add_literal(&making->out, "\"");
    if (phrase->prefix) {
        buf_add_literal(&making->out, " *");
    }
    ordered[(*count)++] = *phrase;
}

static size_t write_group(struct making_plan *making, size_t clause, size_t group, struct phrase *ordered,
                          size_t *count)
{
    struct plan *plan = making->plan;
    size_t written = 0;

    for (size_t i = 0; i < plan->phrase_count; i++) {
        if (plan->phrases[i].clause == clause && plan->phrases[i].group == group) {
            buf_add(&making->out, written++ == 0 ? STR("(") : STR(" OR "));
            write_phrase(making, &plan->phrases[i], ordered, count);
        }
    }
    if (written > 0) {
        buf_add_literal(&making->out, ")");
    }
    return written;
}

/* The direct terms, or all groups of translations. */
static void write_clause(struct making_plan *making, size_t clause, struct phrase *ordered, size_t *count)
{
    struct clause *given = &making->plan->clauses[clause];
    size_t groups = 0;

    given->asked = true;
    buf_add_literal(&making->out, "(");
    write_group(making, clause, GROUP_DIRECT, ordered, count);
    for (size_t g = 1; g <= given->group_count; g++) {
        buf_add(&making->out, groups++ == 0 ? STR(" OR (") : STR(" AND "));
        write_group(making, clause, g, ordered, count);
    }
    buf_add(&making->out, groups > 0 ? STR("))") : STR(")"));
}

/* Groups are numbered without gaps, so that none is written empty. */
static void close_gaps(struct plan *plan)
{
    for (size_t c = 0; c < plan->clause_count; c++) {
        size_t kept = 0;
        for (size_t g = 1; g <= plan->clauses[c].group_count; g++) {
            bool used = false;
            for (size_t i = 0; i < plan->phrase_count; i++) {
                if (plan->phrases[i].clause == c && plan->phrases[i].group == g) {
                    plan->phrases[i].group = (uint8_t)(kept + 1);
                    used = true;
                }
            }
            kept += used;
        }
        plan->clauses[c].group_count = kept;
    }
}

static void weigh_clauses(struct making_plan *making)
{
    struct plan *plan = making->plan;
    const struct common *common = making->planning->index->common;
    double all = 1.0 + (double)atomic_load(&((struct common *)common)->documents);

    for (size_t c = 0; c < plan->clause_count; c++) {
        double most = 0;
        for (size_t i = 0; i < plan->phrase_count; i++) {
            const struct phrase *phrase = &plan->phrases[i];
            double in = phrase_documents(common, phrase) * (double)phrase->weight;
            if (phrase->clause == c && in > most) {
                most = in;
            }
        }
        plan->clauses[c].weight = (float)log(1.0 + all / (most + 0.5));
    }
}

/* In a query of which any word may be missing the commonest words would make every record a candidate: they are left out
 * unless nothing else is there. */
static bool is_worth_it(const struct plan *plan, enum plan_kind kind, size_t clause)
{
    float best = 0;

    for (size_t c = 0; c < plan->clause_count; c++) {
        best = plan->clauses[c].weight > best ? plan->clauses[c].weight : best;
    }
    return kind != PLAN_ANY || plan->clauses[clause].weight >= best * 0.2f;
}

static void write_expression(struct making_plan *making)
{
    struct plan *plan = making->plan;
    struct phrase *ordered = ARENA_NEW_ARRAY(making->planning->arena, plan->phrase_count + 1, struct phrase);
    size_t count = 0, written = 0;

    buf_init(&making->out, (size_t)1 << 20);
    for (size_t c = 0; c < plan->clause_count; c++) {
        if (!plan->clauses[c].negative && is_worth_it(plan, making->kind, c)) {
            if (written++ > 0) {
                buf_add(&making->out, making->kind == PLAN_ANY ? STR(" OR ") : STR(" AND "));
            }
            write_clause(making, c, ordered, &count);
        }
    }
    for (size_t c = 0; written > 0 && c < plan->clause_count; c++) {
        if (plan->clauses[c].negative) {
            BUF_AUTO whole;
            buf_init(&whole, (size_t)1 << 20);
            buf_add_literal(&whole, "(");
            buf_add(&whole, buf_str(&making->out));
            buf_add_literal(&whole, ") NOT ");
            buf_clear(&making->out);
            buf_add(&making->out, buf_str(&whole));
            write_clause(making, c, ordered, &count);
        }
    }
    memcpy(plan->phrases, ordered, count * sizeof *ordered);
    plan->phrase_count = count;
    plan->expression = written == 0 ? STR("") : arena_copy(making->planning->arena, buf_str(&making->out));
    buf_free(&making->out);
}

int plan_make(const struct planning *planning, const struct parsed *parsed, enum plan_kind kind, struct plan *ret_plan,
              struct err *err)
{
    struct making_plan making = {.planning = planning,
                                 .parsed = parsed,
                                 .kind = kind,
                                 .plan = ret_plan,
                                 .has_content = has_content(parsed),
                                 .clause_of = ARENA_NEW_ARRAY(planning->arena, parsed->atom_count + 1, size_t)};

    memset(ret_plan, 0, sizeof *ret_plan);
    ret_plan->any = kind == PLAN_ANY;
    ret_plan->prefers_most = ret_plan->any;
    for (size_t i = 0; i < parsed->atom_count; i++) {
        making.clause_of[i] = SIZE_MAX;
    }
    for (size_t i = 0; i < parsed->atom_count; i++) {
        if (add_atom(&making, i, err) != 0) {
            return -1;
        }
    }
    if (!planning->own_language_only && translate_plan(&making, err) != 0) {
        return -1;
    }
    close_gaps(ret_plan);
    weigh_clauses(&making);
    write_expression(&making);
    return 0;
}
