#include "search/snippet.h"

#include "model/record.h"
#include "search/marks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SNIPPET_BYTES 260
#define SNIPPET_BEFORE 60
#define LINES_MAX 200
#define REASONS_MAX 4

struct telling {
    const struct search_query *query;
    struct index *index;
    const struct plan *plan;
    struct marker *marker;
    struct arena *arena;
    struct reader *reader;
    bool is_current;          /* index_has_all() */
    bool direct[CLAUSES_MAX]; /* of the present hit: clauses that its own words satisfy */
    bool told[CLAUSES_MAX];   /* of the present hit: clauses of which the title has anything, a translation too */
    struct str reasons[PHRASES_MAX];
    uint8_t reason_clause[PHRASES_MAX];
    size_t reason_count;
};

/* ---- marks ---- */

static void note_phrase(struct telling *telling, uint16_t number)
{
    const struct phrase *phrase = &telling->plan->phrases[number];

    if (phrase->group == GROUP_DIRECT) {
        telling->direct[phrase->clause] = true;
        return;
    }
    for (size_t i = 0; i < telling->reason_count; i++) {
        if (str_eq(telling->reasons[i], phrase->translated)) {
            return;
        }
    }
    if (telling->reason_count < PHRASES_MAX) {
        telling->reason_clause[telling->reason_count] = phrase->clause;
        telling->reasons[telling->reason_count++] = phrase->translated;
    }
}

/* Marks without overlaps, as spans of [from, to) counted from there. */
static size_t spans_of(struct telling *telling, const struct mark *marks, size_t count, size_t from, size_t to,
                       struct search_span **ret_spans)
{
    struct search_span *spans = ARENA_NEW_ARRAY(telling->arena, count + 1, struct search_span);
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        size_t start = marks[i].start, end = marks[i].end < to ? marks[i].end : to;
        if (start < from || start >= to) {
            continue;
        }
        if (kept > 0 && start - from <= spans[kept - 1].end) {
            spans[kept - 1].end = end - from > spans[kept - 1].end ? end - from : spans[kept - 1].end;
        } else {
            spans[kept++] = (struct search_span){start - from, end - from};
        }
    }
    *ret_spans = spans;
    return kept;
}

static bool starts_character(struct str text, size_t at)
{
    return at >= text.len || ((unsigned char)text.ptr[at] & 0xC0) != 0x80;
}

static size_t back_to_character(struct str text, size_t at)
{
    while (at > 0 && !starts_character(text, at)) {
        at--;
    }
    return at;
}

/* ---- snippets ---- */

/* How much of the query a stretch of SNIPPET_BYTES from the mark on tells: the phrases' weights, each once. */
static double worth_from(const struct telling *telling, const struct mark *marks, size_t count, size_t first)
{
    double worth = 0;

    for (size_t i = first; i < count && marks[i].end < marks[first].start + SNIPPET_BYTES - SNIPPET_BEFORE; i++) {
        const struct phrase *phrase = &telling->plan->phrases[marks[i].phrase];
        bool again = false;
        for (size_t k = first; k < i; k++) {
            again = again || marks[k].phrase == marks[i].phrase;
        }
        worth += again ? 0.01 : (double)phrase->weight * (double)telling->plan->clauses[phrase->clause].weight;
    }
    return worth;
}

static bool has_japanese(struct str text)
{
    for (size_t i = 0; i + 2 < text.len; i++) {
        if ((unsigned char)text.ptr[i] >= 0xE3 && (unsigned char)text.ptr[i] <= 0xE9) {
            return true;
        }
    }
    return false;
}

/* A line of fewer bytes is a name or a label. */
#define TELLING_BYTES 40
#define LABEL_BYTES 20

/* Not a name or a label, nor how one is read: hiragana throughout. */
static bool is_telling(struct str line)
{
    size_t at = 0;

    while (at + 2 < line.len && (unsigned char)line.ptr[at] == 0xE3 &&
           ((unsigned char)line.ptr[at + 1] <= 0x82 || (unsigned char)line.ptr[at + 2] == 0xBC)) {
        at += 3;
    }
    return line.len > TELLING_BYTES && at + 2 < line.len;
}

struct best {
    double worth;
    struct str line;
    struct str about; /* what the record is about: the first line that tells it, in the reader's language */
    bool about_tells;
    size_t from;
    struct mark *marks;
    size_t count;
};

static void try_line(struct telling *telling, struct str line, struct best *best)
{
    struct mark marks[MARKS_MAX];
    size_t count;

    if (line.ptr == NULL) { /* of an empty text, which has no line */
        return;
    }
    count = marker_read(telling->marker, line, marks);
    for (size_t i = 0; i < count; i++) {
        double worth = worth_from(telling, marks, count, i);
        note_phrase(telling, marks[i].phrase);
        if (worth > best->worth) {
            if (best->line.ptr != line.ptr || best->count == 0) {
                best->marks = ARENA_NEW_ARRAY(telling->arena, count, struct mark);
                memcpy(best->marks, marks, count * sizeof marks[0]);
                best->count = count;
            }
            best->worth = worth;
            best->line = line;
            best->from = marks[i].start;
        }
    }
    if (!best->about_tells && line.len > LABEL_BYTES && has_japanese(line) == (telling->query->lang == LANG_JA)) {
        bool tells = is_telling(line);
        if (tells || best->about.len == 0) {
            best->about = line;
            best->about_tells = tells;
        }
    }
}

/* Whether the title shows as well all that is marked in the line: the query's own words where the line has these. */
static bool is_told(const struct telling *telling, const bool titled[CLAUSES_MAX], const struct best *best)
{
    for (size_t i = 0; i < best->count; i++) {
        const struct phrase *phrase = &telling->plan->phrases[best->marks[i].phrase];
        if (!(phrase->group == GROUP_DIRECT ? titled : telling->told)[phrase->clause]) {
            return false;
        }
    }
    return true;
}

/* What a name or a label matched is often told by the title too: then it says more what the record is about, and the title alone
 * shows what matched. */
static void prefer_about(const struct telling *telling, const bool titled[CLAUSES_MAX], struct best *best)
{
    if (best->line.len == 0 || (best->about_tells && !is_telling(best->line) && is_told(telling, titled, best))) {
        best->line = best->about;
        best->from = 0;
        best->count = 0;
    }
}

/* Line ends and markup have no place in a line of text. */
static struct str plain(struct arena *arena, struct str text)
{
    struct str copy = arena_copy(arena, text);
    char *bytes = (char *)copy.ptr;

    for (size_t i = 0; i < copy.len; i++) {
        if (bytes[i] == '\n' || bytes[i] == '\r' || bytes[i] == '\t' || bytes[i] == '#' || bytes[i] == '*' ||
            bytes[i] == '`') {
            bytes[i] = ' ';
        }
    }
    return copy;
}

static bool is_latin(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9');
}

/* Where a cut would go through a word that is written in Latin letters or digits. */
static bool cuts_word(struct str line, size_t at)
{
    return at > 0 && at < line.len && is_latin(line.ptr[at - 1]) && is_latin(line.ptr[at]);
}

/* The stretch of the line around the best mark: as much as there is room for, without cutting a word unless one fills it. */
static void choose_stretch(const struct best *best, size_t *ret_from, size_t *ret_to)
{
    struct str line = best->line;
    size_t latest = line.len > SNIPPET_BYTES ? line.len - SNIPPET_BYTES : 0;
    size_t from = best->from > SNIPPET_BEFORE ? best->from - SNIPPET_BEFORE : 0;
    size_t to, least;

    from = back_to_character(line, from < latest ? from : latest);
    while (from > 0 && from < best->from && (cuts_word(line, from) || line.ptr[from] == ' ')) {
        from++;
    }
    to = from + SNIPPET_BYTES < line.len ? back_to_character(line, from + SNIPPET_BYTES) : line.len;
    least = to - (to - from) / 4;
    for (size_t at = to; at > least; at--) {
        if (!cuts_word(line, at) && (at == line.len || line.ptr[at - 1] != ' ')) {
            to = back_to_character(line, at);
            break;
        }
    }
    *ret_from = from;
    *ret_to = to;
}

static void set_snippet(struct telling *telling, const struct best *best, struct search_hit *hit)
{
    struct str line = best->line;
    size_t from, to;
    struct str head, tail;

    if (line.len == 0) {
        return;
    }
    choose_stretch(best, &from, &to);
    head = from > 0 ? STR("… ") : STR("");
    tail = to < line.len ? STR(" …") : STR("");
    hit->snippet = arena_concat(telling->arena, 3, head, plain(telling->arena, str_slice(line, from, to)), tail);
    hit->snippet_lang = has_japanese(hit->snippet) ? LANG_JA : LANG_EN;
    hit->snippet_mark_count = spans_of(telling, best->marks, best->count, from, to, &hit->snippet_marks);
    for (size_t i = 0; i < hit->snippet_mark_count; i++) {
        hit->snippet_marks[i].start += head.len;
        hit->snippet_marks[i].end += head.len;
    }
}

/* The id is found too, but is nothing to read. */
static void tell_texts(struct telling *telling, struct str text, struct str id, struct best *best)
{
    struct str rest = text, line;
    bool done = text.len == 0;

    for (int i = 0; i < LINES_MAX && !done && str_next_part(&rest, '\n', &done, &line); i++) {
        if (!str_eq(line, id)) {
            try_line(telling, line, best);
        }
    }
}

static void tell_titles(struct telling *telling, struct search_hit *hit)
{
    for (size_t l = 0; l < LANG_COUNT; l++) {
        struct mark marks[MARKS_MAX];
        size_t count = marker_read(telling->marker, hit->title.in[l], marks);
        for (size_t i = 0; i < count; i++) {
            note_phrase(telling, marks[i].phrase);
            telling->told[telling->plan->phrases[marks[i].phrase].clause] = true;
        }
        hit->title_mark_count[l] = spans_of(telling, marks, count, 0, hit->title.in[l].len, &hit->title_marks[l]);
    }
}

/* Translations count as the reason only where the query's own words are not there. */
static void set_reasons(struct telling *telling, struct search_hit *hit)
{
    hit->reasons = ARENA_NEW_ARRAY(telling->arena, REASONS_MAX, struct str);
    for (size_t i = 0; i < telling->reason_count && hit->reason_count < REASONS_MAX; i++) {
        if (!telling->direct[telling->reason_clause[i]]) {
            hit->reasons[hit->reason_count++] = telling->reasons[i];
        }
    }
}

/* ---- hits ---- */

/* What the record is called now, and of which revision it is. *ret_seen: the viewer sees it. */
static int read_title(struct telling *telling, sqlite3_stmt *stmt, struct search_hit *hit, int64_t *ret_seq,
                      bool *ret_seen, struct err *err)
{
    struct found found = {0};

    *ret_seen = telling->is_current;
    *ret_seq = hit->seq;
    if (telling->is_current) {
        hit->title = (struct bilingual){
            {arena_copy(telling->arena, index_column(stmt, 3)), arena_copy(telling->arena, index_column(stmt, 4))}};
        return 0;
    }
    if (store_get(telling->reader, hit->reg, hit->id, telling->arena, &found, NULL, err) != 0) {
        return err->code == ERR_NOT_FOUND ? 0 : -1;
    }
    *ret_seen = true;
    *ret_seq = found.seq;
    hit->title = record_label(telling->index->rules->model, hit->reg, found.record, telling->arena);
    return 0;
}

static int read_row(struct telling *telling, sqlite3_stmt *stmt, struct search_hit *hit, bool *ret_seen,
                    struct err *err)
{
    struct best best = {0};
    int position = sqlite3_column_int(stmt, 0);
    bool titled[CLAUSES_MAX];
    int64_t seq;

    if (position < 0 || (size_t)position >= telling->index->rules->model->register_count) { /* of a damaged file */
        *ret_seen = false;
        return 0;
    }
    hit->reg = &telling->index->rules->model->registers[position];
    hit->id = arena_copy(telling->arena, index_column(stmt, 1));
    hit->seq = sqlite3_column_int64(stmt, 2);
    if (read_title(telling, stmt, hit, &seq, ret_seen, err) != 0) {
        return -1;
    }
    if (!*ret_seen || telling->query->no_snippets) {
        return 0;
    }
    memset(telling->direct, 0, sizeof telling->direct);
    memset(telling->told, 0, sizeof telling->told);
    telling->reason_count = 0;
    tell_titles(telling, hit);
    memcpy(titled, telling->direct, sizeof titled);
    if (seq == hit->seq) {
        for (int c = 5; c <= 7; c++) {
            tell_texts(telling, arena_copy(telling->arena, index_column(stmt, c)), hit->id, &best);
        }
        prefer_about(telling, titled, &best);
        set_snippet(telling, &best, hit);
    }
    set_reasons(telling, hit);
    return 0;
}

static void set_place(const struct search_query *query, const struct entry *entry, struct search_hit *hit)
{
    if (entry != NULL && entry->lat < ENTRY_NO_PLACE) {
        hit->has_place = true;
        hit->lat = (double)entry->lat;
        hit->lon = (double)entry->lon;
        hit->distance_km = query->has_point ? entry_distance_km((float)query->lat, (float)query->lon, entry) : 0;
    }
}

static sqlite3_stmt *rows_of(const struct search_query *query, struct index_db *db)
{
    return query->no_snippets
               ? index_statement(db, &db->title, "SELECT reg, record, seq, ja, en FROM doc WHERE id = ?1")
               : index_statement(db, &db->text,
                                 "SELECT doc.reg, doc.record, doc.seq, doc.ja, doc.en, text.key, text.body, text.also "
                                 "FROM doc, text WHERE doc.id = ?1 AND text.id = ?1");
}

int collect_hits(const struct search_query *query, struct index *index, struct index_db *db, const struct plan *plan,
                 const struct collector *collector, struct reader *reader, struct arena *arena,
                 struct search_result *result, struct err *err)
{
    struct telling *telling = ARENA_NEW(arena, struct telling);
    sqlite3_stmt *stmt = rows_of(query, db);

    if (stmt == NULL) {
        return index_fail(db, err);
    }
    telling->query = query;
    telling->index = index;
    telling->plan = plan;
    telling->arena = arena;
    telling->reader = reader;
    telling->is_current = index_has_all(result->seq, reader);
    telling->marker = query->no_snippets ? NULL : marker_new(plan, db->analyser, arena);
    result->hits = ARENA_NEW_ARRAY(arena, query->limit + 1, struct search_hit);
    for (size_t i = query->offset; i < collector->best_count && i < query->offset + query->limit; i++) {
        struct search_hit *hit = &result->hits[result->hit_count];
        bool seen = false;
        sqlite3_reset(stmt);
        sqlite3_bind_int64(stmt, 1, collector->best[i].number);
        if (sqlite3_step(stmt) == SQLITE_ROW && read_row(telling, stmt, hit, &seen, err) != 0) {
            sqlite3_reset(stmt);
            return -1;
        }
        if (!seen) {
            *hit = (struct search_hit){0};
            continue;
        }
        hit->score = round(collector->best[i].score * 10000) / 10000;
        set_place(query, entries_get(index->entries, collector->best[i].number), hit);
        result->hit_count++;
    }
    sqlite3_reset(stmt);
    return 0;
}

/* ---- likeness ---- */

#define COMMON_MIN 50

struct weighed_term {
    struct str term;
    double weight;
};

struct weighing {
    struct arena *arena;
    struct map seen;
    const struct common *common;
    struct weighed_term *terms;
    size_t count, capacity;
};

static bool is_hiragana(struct str term)
{
    return term.len >= 3 && (unsigned char)term.ptr[0] == 0xE3 &&
           ((unsigned char)term.ptr[1] == 0x81 || (unsigned char)term.ptr[1] == 0x82);
}

static int weigh_term(void *context, const struct term_found *found)
{
    struct weighing *weighing = context;
    struct weighed_term *known = map_get(&weighing->seen, found->term);
    double in, all = 1.0 + atomic_load(&((struct common *)weighing->common)->documents);

    if (known != NULL) {
        known->weight *= 1.3;
        return 0;
    }
    if (weighing->count == weighing->capacity || is_hiragana(found->term) || found->term.len < 3) {
        return 0;
    }
    in = common_in(weighing->common, found->term);
    known = &weighing->terms[weighing->count++];
    known->term = arena_copy(weighing->arena, found->term);
    /* What stands in this record alone finds nothing, what stands nearly everywhere tells nothing. */
    known->weight = in < 2 || (in > all / 4 && in > COMMON_MIN) ? 0 : log(1.0 + all / in);
    map_set(&weighing->seen, known->term, known);
    return 0;
}

static int heaviest_first(const void *a, const void *b)
{
    double left = ((const struct weighed_term *)a)->weight, right = ((const struct weighed_term *)b)->weight;

    return left < right ? 1 : left > right ? -1 : 0;
}

#define LIKE_TERMS_READ 4000

int plan_like_text(struct index *index, struct index_db *db, struct str text, size_t terms, struct arena *arena,
                   struct plan *ret_plan, struct err *err)
{
    struct weighing weighing = {.arena = arena, .common = index->common, .capacity = LIKE_TERMS_READ};
    struct str expression = STR("");
    struct run run;
    size_t at = 0;

    (void)err;
    memset(ret_plan, 0, sizeof *ret_plan);
    map_init(&weighing.seen, arena);
    weighing.terms = ARENA_NEW_ARRAY(arena, weighing.capacity, struct weighed_term);
    analyser_read(db->analyser, text);
    while (analyser_next_run(db->analyser, &at, &run)) {
        run_terms(db->analyser, &run, weigh_term, &weighing);
    }
    qsort(weighing.terms, weighing.count, sizeof weighing.terms[0], heaviest_first);
    for (size_t i = 0; i < weighing.count && i < terms && i < CLAUSES_MAX && weighing.terms[i].weight > 0; i++) {
        struct str term = weighing.terms[i].term;
        ret_plan->phrases[ret_plan->phrase_count++] =
            (struct phrase){.terms = term, .count = 1, .clause = (uint8_t)i, .weight = 1};
        ret_plan->clauses[ret_plan->clause_count++] =
            (struct clause){.weight = (float)weighing.terms[i].weight, .words = term, .asked = true};
        expression = arena_concat(arena, 5, expression, i == 0 ? STR("") : STR(" OR "), STR("\""), term, STR("\""));
    }
    ret_plan->expression = expression;
    ret_plan->any = true;
    return 0;
}
