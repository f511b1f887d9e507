/* One search: the query's plan, looser ones when it finds nothing, the records, the facets. */
#include "search/follow.h"
#include "search/lists.h"
#include "search/snippet.h"

#include "model/record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STEPS_BETWEEN_LOOKS 2000

struct running {
    struct search *search;
    const struct search_query *query;
    struct index *index;
    struct index_db *db;
    struct arena *arena;
    struct parsed parsed;
    struct plan *plan;
    struct collector *collector;
    struct search_result *result;
    int64_t ends_us;
};

static int64_t cpu_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* ---- filters ---- */

/* Whether a facet's value is the one that was asked for: itself, its last part behind a hyphen, a spelling or label. */
static bool value_fits(struct running *running, int facet, struct str value, struct str wanted)
{
    const struct rules *rules = running->index->rules;
    size_t tail = value.len > wanted.len ? value.len - wanted.len : 0;

    if (str_eq_ignoring_case(value, wanted)) {
        return true;
    }
    if (facet >= 0 && tail > 0 && value.ptr[tail - 1] == '-' && str_ends_with(value, wanted)) {
        return true;
    }
    if (facet >= 0 && rules->facets[facet].reference.len == 0) {
        struct bilingual label = rules_value_label(rules, &rules->facets[facet], value, NULL, running->arena);
        return str_eq_ignoring_case(label.in[LANG_JA], wanted) || str_eq_ignoring_case(label.in[LANG_EN], wanted);
    }
    return false;
}

static int accept(struct running *running, const struct search_filter *filter, bool negative, struct err *err)
{
    struct collector *collector = running->collector;
    int facet = str_eq(filter->facet, STR("register")) ? -1 : rules_facet(running->index->rules, filter->facet);
    uint8_t *marks = collector->accepts;

    if (facet < 0 && !str_eq(filter->facet, STR("register"))) {
        return err_set_field(err, ERR_INVALID, filter->facet, "there is no facet “%.*s”", STR_ARG(filter->facet));
    }
    if (negative) {
        if (collector->refuses == NULL) {
            collector->refuses = arena_alloc(running->arena, collector->value_count + 1);
        }
        marks = collector->refuses;
    } else {
        collector->needed |= (uint16_t)(1u << (facet < 0 ? RULES_FACETS_MAX : facet));
    }
    pthread_rwlock_rdlock(&running->index->values.lock);
    for (size_t i = 0; i < collector->value_count; i++) {
        if (running->index->values.items[i].facet == facet &&
            value_fits(running, facet, running->index->values.items[i].value, filter->value)) {
            marks[i] = 1;
        }
    }
    pthread_rwlock_unlock(&running->index->values.lock);
    return 0;
}

static int make_collector(struct running *running, struct err *err)
{
    const struct search_query *query = running->query;
    struct collector *collector = ARENA_NEW(running->arena, struct collector);

    running->collector = collector;
    collector->index = running->index;
    collector->level = (uint8_t)query->viewer.sees;
    collector->count_facets = !query->no_facets;
    pthread_rwlock_rdlock(&running->index->values.lock);
    collector->value_count = (uint32_t)running->index->values.count;
    collector->facet_of = arena_alloc(running->arena, collector->value_count + 1);
    for (size_t i = 0; i < collector->value_count; i++) {
        int facet = running->index->values.items[i].facet;
        collector->facet_of[i] = (uint8_t)(facet < 0 ? RULES_FACETS_MAX : facet);
    }
    pthread_rwlock_unlock(&running->index->values.lock);
    collector->accepts = arena_alloc(running->arena, collector->value_count + 1);
    collector->counts = ARENA_NEW_ARRAY(running->arena, collector->value_count + 1, uint32_t);
    collector->best_max = query->offset + query->limit;
    collector->best = ARENA_NEW_ARRAY(running->arena, collector->best_max + 1, struct ranked);
    collector->has_point = query->has_point;
    collector->lat = (float)query->lat;
    collector->lon = (float)query->lon;
    collector->lon_scale = 111.2f * cosf((float)query->lat * (float)M_PI / 180.0f);
    collector->radius_km = (float)query->radius_km;
    for (size_t r = 0; r < running->index->rules->model->register_count && r < 256; r++) {
        collector->reg_weight[r] = rules_weight(running->index->rules, &running->index->rules->model->registers[r]);
    }
    for (size_t i = 0; i < query->filter_count; i++) {
        if (accept(running, &query->filters[i], false, err) != 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < running->parsed.filter_count; i++) {
        if (accept(running, &running->parsed.filters[i], running->parsed.filter_negative[i], err) != 0) {
            return -1;
        }
    }
    return 0;
}

static void reset_collector(struct collector *collector)
{
    collector->best_count = 0;
    collector->total = 0;
    memset(collector->counts, 0, collector->value_count * sizeof *collector->counts);
}

/* ---- running a plan ---- */

static int is_over_budget(void *context)
{
    const struct running *running = context;

    return cpu_us() > running->ends_us;
}

static int run_statement(struct running *running, sqlite3_stmt *stmt, struct err *err)
{
    int code;

    if (stmt == NULL) {
        return index_fail(running->db, err);
    }
    index_bind_text(stmt, 1, running->plan->expression);
    while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
    }
    if (code == SQLITE_INTERRUPT) {
        running->result->cut_off = true;
        code = SQLITE_DONE;
    }
    if (code != SQLITE_DONE) {
        index_fail(running->db, err);
    }
    sqlite3_reset(stmt);
    return code == SQLITE_DONE ? 0 : -1;
}

/* Rows of FTS5 behind the lists. */
static int run_newer(struct running *running, struct err *err)
{
    struct index_db *db = running->db;
    sqlite3_stmt *stmt =
        index_statement(db, &db->match_newer, "SELECT musubi_collect(fts) FROM fts WHERE fts MATCH ?1 AND rowid > ?2");

    if (stmt != NULL) {
        sqlite3_bind_int64(stmt, 2, running->index->listed);
    }
    return run_statement(running, stmt, err);
}

static int run_rows(struct running *running, struct err *err)
{
    const struct plan *plan = running->plan;
    struct index_db *db = running->db;
    bool whole = plan->phrase_count == 1 && !plan->phrases[0].prefix;
    int result;

    running->collector->whole_phrase = whole;
    result = run_statement(
        running,
        whole ? index_statement(db, &db->match_phrase, "SELECT musubi_collect(fts) FROM fts WHERE fts MATCH ?1 LIMIT 1")
              : index_statement(db, &db->match, "SELECT musubi_collect(fts) FROM fts WHERE fts MATCH ?1"),
        err);
    running->collector->whole_phrase = false;
    return result;
}

static int run_lists(struct running *running, struct err *err)
{
    uint32_t count = atomic_load(&((struct entries *)running->index->entries)->count);
    bool done = false, cut = false;

    if (lists_run(running->db, running->plan, running->collector, running->arena, &done, &cut, err) != 0) {
        return -1;
    }
    if (!done) {
        return run_rows(running, err);
    }
    running->result->cut_off = running->result->cut_off || cut;
    return (int64_t)count > running->index->listed + 1 && !cut ? run_newer(running, err) : 0;
}

static int run_expression(struct running *running, struct err *err)
{
    struct index_db *db = running->db;
    bool suit = false;
    int result;

    if (is_over_budget(running)) { /* by translating, or by what was tried before */
        running->result->cut_off = true;
        return 0;
    }
    running->collector->plan = running->plan;
    running->collector->is_over = is_over_budget;
    running->collector->context = running;
    db->collector = running->collector;
    sqlite3_progress_handler(db->db, STEPS_BETWEEN_LOOKS, is_over_budget, running);
    result = running->index->listed > 0 ? lists_suit(db, running->index->common, running->plan, &suit, err) : 0;
    if (result == 0) {
        result = suit ? run_lists(running, err) : run_rows(running, err);
    }
    sqlite3_progress_handler(db->db, 0, NULL, NULL);
    db->collector = NULL;
    return result;
}

/* No words, only conditions: every record that fits, the fuller and fresher first. */
static void run_everything(struct running *running)
{
    struct collector *collector = running->collector;
    uint32_t count = atomic_load(&((struct entries *)running->index->entries)->count);

    for (uint32_t number = 1; number < count; number++) {
        if (number % 65536 == 0 && is_over_budget(running)) {
            running->result->cut_off = true;
            return;
        }
        collector_take(collector, number);
    }
}

static int run_plan(struct running *running, enum plan_kind kind, struct err *err)
{
    struct planning planning = {.index = running->index,
                                .db = running->db,
                                .lexicon = running->search->lexicon,
                                .arena = running->arena,
                                .own_language_only = running->query->own_language_only,
                                .typing = running->query->typing};

    running->plan = ARENA_NEW(running->arena, struct plan);
    reset_collector(running->collector);
    if (plan_make(&planning, &running->parsed, kind, running->plan, err) != 0) {
        return -1;
    }
    if (running->plan->expression.len > 0) {
        return run_expression(running, err);
    }
    if (running->parsed.atom_count == 0 &&
        (running->query->filter_count + running->parsed.filter_count > 0 || running->query->has_point)) {
        run_everything(running);
    }
    return 0;
}

/* ---- one letter ---- */

static bool one_letter_apart(struct str a, struct str b)
{
    struct str longer = a.len >= b.len ? a : b, shorter = a.len >= b.len ? b : a;
    size_t head = 0, tail = 0;

    while (head < shorter.len && longer.ptr[head] == shorter.ptr[head]) {
        head++;
    }
    while (tail < shorter.len - head && longer.ptr[longer.len - 1 - tail] == shorter.ptr[shorter.len - 1 - tail]) {
        tail++;
    }
    longer = str_slice(longer, head, longer.len - tail);
    shorter = str_slice(shorter, head, shorter.len - tail);
    if (longer.len == 2 && shorter.len == 2) {
        return longer.ptr[0] == shorter.ptr[1] && longer.ptr[1] == shorter.ptr[0]; /* two letters changed places */
    }
    /* A kana is three bytes, of which the first may be the same in both. */
    return longer.len <= 3 && shorter.len <= 3 &&
           ((unsigned char)a.ptr[0] >= 0x80 || (longer.len <= 1 && shorter.len <= 1));
}

/* The commonest known word that is one letter from this one; empty when there is none. */
static struct str nearest_word(struct running *running, struct str surface)
{
    static const char sql[] = "SELECT surface FROM word WHERE katakana = ?1 AND length(surface) BETWEEN ?2 AND ?3 "
                              "ORDER BY count DESC";
    bool kana = (unsigned char)surface.ptr[0] >= 0x80;
    size_t letters = str_count_codepoints(surface);
    sqlite3_stmt *stmt = NULL;
    struct str best = STR("");

    if (letters < (kana ? 3u : 4u) || sqlite3_prepare_v2(running->db->db, sql, -1, &stmt, NULL) != SQLITE_OK) {
        return best;
    }
    sqlite3_bind_int(stmt, 1, kana);
    sqlite3_bind_int64(stmt, 2, (int64_t)letters - 1);
    sqlite3_bind_int64(stmt, 3, (int64_t)letters + 1);
    while (best.len == 0 && sqlite3_step(stmt) == SQLITE_ROW) {
        struct str word = index_column(stmt, 0);
        if (!str_eq(word, surface) && one_letter_apart(word, surface)) {
            best = arena_copy(running->arena, word);
        }
    }
    sqlite3_finalize(stmt);
    return best;
}

/* Changes each misspelt word of the query to the nearest one; false when none is known. Words that are found are left alone. */
static bool respell(struct running *running)
{
    struct parsed *parsed = &running->parsed;
    struct str spelled = STR("");
    bool changed = false;

    for (size_t i = 0; i < parsed->atom_count; i++) {
        struct atom *atom = &parsed->atoms[i];
        for (size_t c = 0; c < running->plan->clause_count && !atom->quoted && !atom->negative; c++) {
            const struct clause *clause = &running->plan->clauses[c];
            struct str nearest;
            struct phrase phrase;
            if (!str_eq(clause->words, atom->text) || !clause->is_word || clause->surface.len == 0 ||
                !phrase_of(running->db->analyser, atom->text, running->arena, &phrase) ||
                phrase_documents(running->index->common, &phrase) > 2) {
                continue;
            }
            nearest = nearest_word(running, clause->surface);
            if (nearest.len > 0) {
                atom->text = nearest;
                changed = true;
                break;
            }
        }
        spelled = arena_concat(running->arena, 3, spelled, i == 0 ? STR("") : STR(" "), atom->text);
    }
    running->result->spelled = changed ? spelled : STR("");
    return changed;
}

/* ---- looser and looser ---- */

static size_t positive_atoms(const struct parsed *parsed)
{
    size_t count = 0;

    for (size_t i = 0; i < parsed->atom_count; i++) {
        count += !parsed->atoms[i].negative;
    }
    return count;
}

/* Runs a plan that asks for less; true in *ret_done when there is nothing more to try. */
static int run_looser(struct running *running, enum search_relaxed relaxed, enum plan_kind kind, bool *ret_done,
                      struct err *err)
{
    running->result->relaxed = relaxed;
    if (run_plan(running, kind, err) != 0) {
        return -1;
    }
    *ret_done = running->collector->total > 0 || running->result->cut_off;
    return 0;
}

static int run_relaxed(struct running *running, struct err *err)
{
    struct search_result *result = running->result;
    bool done = false;

    if (run_looser(running, SEARCH_AS_ASKED, running->query->any ? PLAN_ANY : PLAN_ALL, &done, err) != 0) {
        return -1;
    }
    if (done || running->query->exact || running->query->any || positive_atoms(&running->parsed) == 0) {
        return 0;
    }
    if (run_looser(running, SEARCH_LOOSENED, PLAN_LOOSE, &done, err) != 0) {
        return -1;
    }
    if (!done && respell(running)) {
        if (run_looser(running, SEARCH_SPELLED, PLAN_ALL, &done, err) != 0) {
            return -1;
        }
        result->spelled = done ? result->spelled : STR("");
    }
    if (!done && run_looser(running, SEARCH_ANY, PLAN_ANY, &done, err) != 0) {
        return -1;
    }
    result->relaxed = done ? result->relaxed : SEARCH_AS_ASKED;
    return 0;
}

/* ---- like a record ---- */

#define LIKE_TERMS 24

/* The rarest terms of the record's title and heaviest fields, any of them. */
static int plan_like(struct running *running, struct err *err)
{
    struct index_db *db = running->db;
    const struct reg *reg = model_register(running->index->rules->model, running->query->like_register);
    sqlite3_stmt *stmt =
        index_statement(db, &db->record,
                        "SELECT doc.id, text.title, text.key, text.body, text.also FROM doc, text WHERE "
                        "doc.record = ?1 AND doc.reg = ?2 AND doc.level <= ?3 AND doc.next > ?3 AND "
                        "text.id = doc.id");
    struct str words = STR("");

    if (stmt == NULL) {
        return index_fail(db, err);
    }
    if (reg == NULL) {
        return err_set(err, ERR_NOT_FOUND, "there is no such register");
    }
    index_bind_text(stmt, 1, running->query->like_id);
    sqlite3_bind_int64(stmt, 2, (int64_t)reg->position);
    sqlite3_bind_int(stmt, 3, (int)running->query->viewer.sees);
    if (sqlite3_step(stmt) != SQLITE_ROW) {
        sqlite3_reset(stmt);
        return err_set(err, ERR_NOT_FOUND, "there is no such record in the search index");
    }
    running->collector->without = (uint32_t)sqlite3_column_int64(stmt, 0);
    for (int c = 1; c <= 3; c++) { /* not the words of what it refers to: that is found by them anyway */
        words = arena_concat(running->arena, 3, words, STR("\n"), str_slice(index_column(stmt, c), 0, 3000));
    }
    sqlite3_reset(stmt);
    running->plan = ARENA_NEW(running->arena, struct plan);
    return plan_like_text(running->index, db, words, LIKE_TERMS, running->arena, running->plan, err);
}

static int run_like(struct running *running, struct err *err)
{
    if (plan_like(running, err) != 0) {
        return -1;
    }
    reset_collector(running->collector);
    return running->plan->expression.len == 0 ? 0 : run_expression(running, err);
}

/* ---- facets ---- */

static int most_first(const void *a, const void *b)
{
    const struct search_facet_value *left = a, *right = b;

    if (left->count != right->count) {
        return left->count < right->count ? 1 : -1;
    }
    return str_cmp(left->value, right->value);
}

static void make_facet(struct running *running, int number, struct reader *reader, struct search_facet *ret_facet)
{
    const struct rules *rules = running->index->rules;
    const struct collector *collector = running->collector;
    struct arena *arena = running->arena;
    size_t slot = number < 0 ? RULES_FACETS_MAX : (size_t)number;

    ret_facet->values = ARENA_NEW_ARRAY(arena, collector->value_count + 1, struct search_facet_value);
    for (size_t i = 0; i < collector->value_count; i++) {
        struct search_facet_value *value = &ret_facet->values[ret_facet->count];
        if (collector->facet_of[i] != slot || (collector->counts[i] == 0 && !collector->accepts[i])) {
            continue;
        }
        pthread_rwlock_rdlock(&running->index->values.lock);
        value->value = running->index->values.items[i].value;
        pthread_rwlock_unlock(&running->index->values.lock);
        value->count = collector->counts[i];
        value->chosen = collector->accepts[i] != 0;
        if (number < 0) {
            const struct reg *reg = model_register(rules->model, value->value);
            value->label = reg == NULL ? (struct bilingual){{value->value, value->value}} : reg->title;
        } else {
            value->label = rules_value_label(rules, &rules->facets[number], value->value, reader, arena);
        }
        /* A record that this viewer may not see is not named, even though others refer to it. */
        ret_facet->count += bilingual_best(value->label, LANG_JA).len > 0;
        value->value = arena_copy(arena, value->value);
    }
    qsort(ret_facet->values, ret_facet->count, sizeof ret_facet->values[0], most_first);
}

/* Which of the query's conditions are among the facet's chosen values. */
static void tell_filters(struct running *running, int number, const struct search_facet *facet)
{
    const struct search_query *query = running->query;

    for (size_t i = 0; i < query->filter_count; i++) {
        const struct search_filter *filter = &query->filters[i];
        for (size_t v = 0; v < facet->count && str_eq(filter->facet, facet->name); v++) {
            running->result->filter_told[i] =
                running->result->filter_told[i] ||
                (facet->values[v].chosen && value_fits(running, number, facet->values[v].value, filter->value));
        }
    }
}

static void make_facets(struct running *running, struct reader *reader)
{
    const struct rules *rules = running->index->rules;
    struct search_result *result = running->result;

    result->facets = ARENA_NEW_ARRAY(running->arena, rules->facet_count + 1, struct search_facet);
    for (int f = -1; f < (int)rules->facet_count; f++) {
        struct search_facet *facet = &result->facets[result->facet_count];
        facet->name = f < 0 ? STR("register") : rules->facets[f].name;
        facet->title = f < 0 ? (struct bilingual){0} : rules->facets[f].title;
        make_facet(running, f, reader, facet);
        tell_filters(running, f, facet);
        result->facet_count += facet->count > 0;
        if (facet->count == 0) {
            *facet = (struct search_facet){0};
        }
    }
}

/* ---- all together ---- */

static int check_query(const struct search_query *query, struct err *err)
{
    if (query->offset + query->limit > SEARCH_REACH_MAX || query->filter_count > SEARCH_FILTERS_MAX) {
        return err_set(err, ERR_LIMIT, "results beyond the first %d cannot be reached; allowed: a narrower search",
                       SEARCH_REACH_MAX);
    }
    if (query->has_point &&
        !(query->radius_km > 0 && query->radius_km <= 20100 && fabs(query->lat) <= 90 && fabs(query->lon) <= 180)) {
        return err_set_field(err, ERR_INVALID, STR("near"),
                             "that is no place; allowed: latitude, longitude and kilometres, as in 35.68,139.77,10");
    }
    return 0;
}

static int run_all(struct running *running, struct err *err)
{
    struct read_options options = {.viewer = running->query->viewer, .lang = running->query->lang};
    struct search_result *result = running->result;
    READER_AUTO *reader = NULL;

    /* Asked before the file is looked at, so what is seen there is of this revision or a later one. */
    result->seq = atomic_load(&running->index->seq);
    if (query_parse(running->index->rules, running->query->text, running->arena, &running->parsed, err) != 0 ||
        make_collector(running, err) != 0 || store_read(running->search->store, &options, &reader, err) != 0) {
        return -1;
    }
    if ((running->query->like_id.len > 0 ? run_like(running, err) : run_relaxed(running, err)) != 0) {
        return -1;
    }
    collector_sort(running->collector);
    result->total = running->collector->total;
    result->total_exact = !result->cut_off;
    if (collect_hits(running->query, running->index, running->db, running->plan, running->collector, reader,
                     running->arena, result, err) != 0) {
        return -1;
    }
    if (!running->query->no_facets) {
        make_facets(running, reader);
    }
    return 0;
}

int search_run(struct search *search, const struct search_query *query, struct arena *arena,
               struct search_result *ret_result, struct err *err)
{
    struct running running = {.search = search,
                              .query = query,
                              .arena = arena,
                              .result = ret_result,
                              .ends_us = cpu_us() + search->budget_us};
    int result;

    *ret_result = (struct search_result){0};
    if (check_query(query, err) != 0 || search_hold(search, &running.index, &running.db, err) != 0) {
        return -1;
    }
    result = index_begin(running.db, err);
    if (result == 0) {
        result = run_all(&running, err);
        index_end(running.db);
    }
    search_let_go(search, running.index, running.db);
    return result;
}
