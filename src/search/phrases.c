#include "search/phrases.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define LIST_BYTES_MAX ((size_t)1 << 30)
/* A term without a list that seems to be in more documents than this is left to FTS5, with the whole phrase. */
#define RARE_MAX ((uint32_t)LIST_DOCUMENTS_MIN * 4)
/* Documents of the rarest term between two looks at the time: each may have a row of places read for every other term. */
#define LOOK_CANDIDATES 1024
/* Where a term stands, in one number: the column, then how many terms of it are before. */
#define COLUMN_SHIFT 28

/* One term of the phrase. */
struct part {
    struct str term;
    uint32_t offset;         /* its place in the phrase */
    uint32_t documents;      /* roughly */
    int64_t list;            /* 0: read from FTS5 */
    struct list_making read; /* what its list has: all documents, the marks; the places of one row, or of all */
    const struct list_mark *marks;
    size_t mark_count;
    struct list_reader at;
    uint32_t count;  /* of the document it stands at */
    uint32_t behind; /* occurrences since the mark before it */
    int64_t row;     /* which is in read.places; -1: none */
};

struct phrase_walk {
    struct index_db *db;
    const struct phrase *phrase;
    struct part *parts; /* the rarest first */
    size_t count;
    struct list_making *making;
    uint32_t found[OCCURRENCES_MAX]; /* where the phrase may begin in the present document */
    size_t found_count;
    struct err *err;
};

bool phrase_suits(const struct common *common, const struct phrase *phrase)
{
    struct str rest = phrase->terms, term;
    bool done = phrase->terms.len == 0, suits = false;

    if (phrase->count < 2 || phrase->prefix) {
        return false;
    }
    while (!suits && !done && str_next_part(&rest, ' ', &done, &term)) {
        suits = common_in(common, term) >= LIST_DOCUMENTS_MIN;
    }
    return suits;
}

/* ---- opening ---- */

static void part_init(struct part *part, struct str term, uint32_t offset, const struct list_making *making)
{
    *part = (struct part){.term = term, .offset = offset, .row = -1};
    part->read.with_places = true;
    part->read.up_to = making->up_to;
    part->read.is_over = making->is_over;
    part->read.context = making->context;
    buf_init(&part->read.bytes, LIST_BYTES_MAX);
    buf_init(&part->read.marks, LIST_BYTES_MAX);
    buf_init(&part->read.places, LIST_BYTES_MAX);
}

static void add_column(struct buf *buf, sqlite3_stmt *stmt, int column)
{
    buf_add(buf, str_make(sqlite3_column_blob(stmt, column), (size_t)sqlite3_column_bytes(stmt, column)));
}

/* Its list, or what FTS5 has of it. False in *ret_can when that would be too much. */
static int open_part(struct phrase_walk *walk, struct part *part, bool *ret_can)
{
    struct index_db *db = walk->db;
    sqlite3_stmt *stmt = index_statement(db, &db->term_list, "SELECT id, marks, docs FROM list WHERE term = ?1");
    bool has = false;

    if (stmt == NULL) {
        return index_fail(db, walk->err);
    }
    index_bind_text(stmt, 1, part->term);
    if (index_find(db, stmt, &has, &part->read.cut, walk->err) != 0) {
        return -1;
    }
    if (has) {
        part->list = sqlite3_column_int64(stmt, 0);
        add_column(&part->read.marks, stmt, 1);
        add_column(&part->read.bytes, stmt, 2);
        sqlite3_reset(stmt);
        if (part->list < 1 || part->list > LIST_NUMBER_MAX) {
            return index_damage(db, walk->err);
        }
    }
    *ret_can = has || part->read.cut || part->documents <= RARE_MAX;
    if (!has && !part->read.cut && *ret_can) {
        if (list_read_rows(db, part->term, false, &part->read, walk->err) != 0) {
            return -1;
        }
        part->row = 0;
    }
    part->marks = (const struct list_mark *)part->read.marks.ptr;
    part->mark_count = part->read.marks.len / sizeof *part->marks;
    list_open(&part->at, buf_str(&part->read.bytes));
    return 0;
}

static int rarest_first(const void *a, const void *b)
{
    const struct part *left = a, *right = b;

    if (left->documents != right->documents) {
        return left->documents < right->documents ? -1 : 1;
    }
    return left->offset < right->offset ? -1 : left->offset > right->offset;
}

static void split(struct phrase_walk *walk, const struct common *common)
{
    struct str rest = walk->phrase->terms, term;
    bool done = false;

    while (walk->count < walk->phrase->count && !done && str_next_part(&rest, ' ', &done, &term)) {
        struct part *part = &walk->parts[walk->count];
        part_init(part, term, (uint32_t)walk->count++, walk->making);
        part->documents = common_in(common, term);
    }
    qsort(walk->parts, walk->count, sizeof walk->parts[0], rarest_first);
}

/* ---- documents ---- */

static bool is_capped(const struct list_reader *at)
{
    return at->tf[0] + at->tf[1] + at->tf[2] + at->tf[3] >= OCCURRENCES_MAX;
}

static void part_next(struct part *part)
{
    uint32_t here = (uint32_t)part->at.tf[0] + part->at.tf[1] + part->at.tf[2] + part->at.tf[3];

    part->behind = ++part->count % LIST_STRIDE == 0 ? 0 : part->behind + (here >= OCCURRENCES_MAX ? 0 : here);
    list_next(&part->at);
}

/* Goes to the last mark before the document, when that is further on. */
static void jump(struct part *part, uint32_t number)
{
    size_t low = part->count / LIST_STRIDE, step = 1, high;
    const struct list_mark *mark;

    while (low + step < part->mark_count && part->marks[low + step].number < number) {
        low += step;
        step *= 2;
    }
    high = low + step < part->mark_count ? low + step : part->mark_count;
    while (low + 1 < high) { /* the mark at `low` is before it, that at `high` is not */
        size_t middle = (low + high) / 2;
        if (part->marks[middle].number < number) {
            low = middle;
        } else {
            high = middle;
        }
    }
    mark = &part->marks[low];
    if (low > part->count / LIST_STRIDE && mark->docs <= part->read.bytes.len) {
        part->at.at = (const unsigned char *)part->read.bytes.ptr + mark->docs;
        part->at.number = mark->number;
        part->count = (uint32_t)(low * LIST_STRIDE);
        part->behind = 0;
        list_next(&part->at);
    }
}

/* To that document, or the first one behind it; 0: there is none. */
static uint32_t part_seek(struct part *part, uint32_t number)
{
    size_t next = part->count / LIST_STRIDE + 1;

    if (next < part->mark_count && part->at.number != 0 && part->marks[next].number < number) {
        jump(part, number);
    }
    while (part->at.number != 0 && part->at.number < number) {
        part_next(part);
    }
    return part->at.number;
}

/* ---- places ---- */

/* The row of the document it stands at. When that took too long, making->cut says so and the places are none. */
static int read_row(struct phrase_walk *walk, struct part *part)
{
    struct index_db *db = walk->db;
    int64_t row = places_row(part->list, part->count);
    sqlite3_stmt *stmt;
    bool has = false;

    if (part->list == 0 || part->row == row) {
        return 0;
    }
    stmt = index_statement(db, &db->place, "SELECT bytes FROM place WHERE id = ?1");
    if (stmt == NULL) {
        return index_fail(db, walk->err);
    }
    sqlite3_bind_int64(stmt, 1, row);
    buf_clear(&part->read.places);
    part->row = -1;
    if (index_find(db, stmt, &has, &walk->making->cut, walk->err) != 0) {
        return -1;
    }
    if (has) {
        add_column(&part->read.places, stmt, 0);
        sqlite3_reset(stmt);
        part->row = row;
    }
    return has || walk->making->cut ? 0 : index_damage(db, walk->err); /* every row is written, be it empty */
}

static const unsigned char *next_varint(const unsigned char *at, const unsigned char *end, uint32_t *ret_number)
{
    uint32_t shift = 0;

    *ret_number = 0;
    while (at < end && shift <= 28) {
        *ret_number |= (uint32_t)(*at & 0x7F) << shift;
        shift += 7;
        if ((*at++ & 0x80) == 0) {
            break;
        }
    }
    return at;
}

static const unsigned char *skip_varints(const unsigned char *at, const unsigned char *end, uint32_t count)
{
    while (count > 0 && at < end) {
        count -= (*at++ & 0x80) == 0;
    }
    return at;
}

/* Where the part's term stands in the document, each as where the phrase would begin then. False: its row does not say it. */
static bool begins(const struct part *part, uint32_t ret_places[OCCURRENCES_MAX], size_t *ret_count)
{
    size_t mark = part->count / LIST_STRIDE, count = 0;
    const unsigned char *end = (const unsigned char *)part->read.places.ptr + part->read.places.len, *at;

    if (mark >= part->mark_count || part->marks[mark].places >= part->read.places.len) {
        return false;
    }
    at = skip_varints((const unsigned char *)part->read.places.ptr + part->marks[mark].places, end, part->behind);
    for (uint32_t c = 0; c < COLUMN_COUNT; c++) {
        uint32_t place = 0;
        for (size_t i = 0; i < part->at.tf[c]; i++) {
            uint32_t distance;
            if (at == end) {
                return false;
            }
            at = next_varint(at, end, &distance);
            place += distance;
            if (place >= part->offset && count < OCCURRENCES_MAX) {
                ret_places[count++] = c << COLUMN_SHIFT | (place - part->offset);
            }
        }
    }
    *ret_count = count;
    return true;
}

/* Keeps of walk->found what the part has too. */
static void keep_common(struct phrase_walk *walk, const uint32_t *places, size_t count)
{
    size_t kept = 0, at = 0;

    for (size_t i = 0; i < walk->found_count; i++) {
        while (at < count && places[at] < walk->found[i]) {
            at++;
        }
        if (at < count && places[at] == walk->found[i]) {
            walk->found[kept++] = walk->found[i];
        }
    }
    walk->found_count = kept;
}

/* ---- the walk ---- */

/* FTS5 tells of one document that has a term so often that not all its places are kept. */
static int ask_fts5(struct phrase_walk *walk, uint32_t number)
{
    struct list_making *making = walk->making;
    struct index_db *db = walk->db;
    sqlite3_stmt *stmt =
        index_statement(db, &db->phrase_row, "SELECT musubi_list(fts) FROM fts WHERE fts MATCH ?1 AND rowid = ?2");
    BUF_AUTO expression;
    bool has;
    int result;

    if (stmt == NULL) {
        return index_fail(db, walk->err);
    }
    buf_init(&expression, (size_t)1 << 16);
    buf_add_literal(&expression, "\"");
    buf_add(&expression, walk->phrase->terms);
    buf_add_literal(&expression, "\"");
    index_bind_text(stmt, 1, buf_str(&expression));
    sqlite3_bind_int64(stmt, 2, number);
    making->prefix = true; /* the row alone */
    db->list = making;
    result = index_find(db, stmt, &has, &making->cut, walk->err);
    db->list = NULL;
    making->prefix = false;
    sqlite3_reset(stmt);
    making->cut = making->cut || list_is_over(making); /* it cost as much as many others */
    return result;
}

static void add_found(struct phrase_walk *walk, uint32_t number)
{
    uint8_t tf[COLUMN_COUNT] = {0};

    for (size_t i = 0; i < walk->found_count; i++) {
        if (i == 0 || walk->found[i] != walk->found[i - 1]) {
            tf[walk->found[i] >> COLUMN_SHIFT & 3]++;
        }
    }
    list_add(walk->making, number, tf);
}

/* The document at which the rarest part stands. *ret_next: the first document that may be the next one. */
static int try_document(struct phrase_walk *walk, uint32_t number, uint32_t *ret_next)
{
    uint32_t places[OCCURRENCES_MAX];

    *ret_next = number + 1;
    walk->found_count = 0;
    for (size_t i = 0; i < walk->count; i++) {
        struct part *part = &walk->parts[i];
        uint32_t there = part_seek(part, number);
        size_t count;
        if (there != number) {
            *ret_next = there; /* 0: no document is left */
            return 0;
        }
        if (is_capped(&part->at)) {
            return ask_fts5(walk, number);
        }
        if (read_row(walk, part) != 0) {
            return -1;
        }
        if (walk->making->cut) {
            return 0;
        }
        if (!begins(part, i == 0 ? walk->found : places, &count)) {
            return index_damage(walk->db, walk->err);
        }
        if (i == 0) {
            walk->found_count = count;
        } else {
            keep_common(walk, places, count);
        }
        if (walk->found_count == 0) {
            return 0;
        }
    }
    add_found(walk, number);
    return 0;
}

static int walk_documents(struct phrase_walk *walk)
{
    struct list_making *making = walk->making;
    uint32_t number = 1;

    while (!making->cut && (number = part_seek(&walk->parts[0], number)) != 0) {
        if (try_document(walk, number, &number) != 0) {
            return -1;
        }
        if (number == 0) {
            return 0;
        }
        making->cut = making->cut || (++making->rows % LOOK_CANDIDATES == 0 && list_is_over(making));
    }
    return 0;
}

int phrase_read(struct index_db *db, const struct common *common, const struct phrase *phrase,
                struct list_making *making, struct err *err)
{
    struct phrase_walk walk = {.db = db, .phrase = phrase, .making = making, .err = err};
    bool can = true;
    int result = 0;

    walk.parts = memory_alloc_zeroed(phrase->count, sizeof *walk.parts);
    split(&walk, common);
    for (size_t i = 0; i < walk.count && can && result == 0 && !making->cut; i++) {
        if (list_is_over(making)) {
            making->cut = true;
            break;
        }
        result = open_part(&walk, &walk.parts[i], &can);
        making->cut = making->cut || walk.parts[i].read.cut;
    }
    making->last = 0;
    if (result == 0 && !making->cut) {
        result = can ? walk_documents(&walk) : list_read_rows(db, phrase->terms, false, making, err);
    }
    for (size_t i = 0; i < walk.count; i++) {
        buf_free(&walk.parts[i].read.bytes);
        buf_free(&walk.parts[i].read.marks);
        buf_free(&walk.parts[i].read.places);
    }
    free(walk.parts);
    return result;
}
