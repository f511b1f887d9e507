/* A page as of a seq: rows of the present that were there already, and rows of the past that still were, in one order.
 *
 * Both tables are walked side by side along the list's index, so that a page costs what lies in its own stretch of the list and
 * nothing beyond it. What has to be stepped over is bounded twice more:
 *
 *   - the many past rows of a record that changed often stand together: after a few of them the walk asks for the one that
 *     held, and goes on behind the others;
 *   - a long stretch in which nothing held, such as where records came later, is walked once. That nothing held there as of
 *     that seq stays true for good, so it is kept as a fact (facts.h), and the next reader steps over it at once.
 *
 * An entry stands at (key, id, third): third tells a record's rows apart, seq_to where the index has it, seq_from in the order of
 * ids and in the present. */
#include "store/facts.h"
#include "store/list.h"

#include <assert.h>
#include <string.h>

size_t past_run_max = 8;
size_t past_stretch_min = 200;

struct head {
    struct spot spot;
    int64_t seq_from;
    bool holds;
};

struct stream {
    enum tense tense;
    struct sql sql;
    struct stmt *stmt;
    int key_arg, id_arg, third_arg;
    struct spot bound; /* what the statement's place is bound to */
    struct head head;
    bool ended;
    /* About the past rows of the record at the head. */
    size_t run;
    bool held, jumped;
};

struct walk {
    struct lister *lister;
    bool down;
    bool by_key;
    struct digest of; /* the question, without where it begins */
    struct stream streams[2];
    struct spot at; /* the last that held, or where the walk began */
    bool at_start;  /* nothing before: not even a cursor */
    size_t stepped; /* entries since then that did not hold */
    struct err *err;
};

/* ---- places ---- */

static struct spot spot_make(struct str key, struct str id)
{
    struct spot spot = {.key_length = (unsigned char)key.len, .id_length = (unsigned char)id.len};
    assert(key.len <= sizeof spot.key && id.len < sizeof spot.id);
    if (key.len)
        memcpy(spot.key, key.ptr, key.len);
    if (id.len)
        memcpy(spot.id, id.ptr, id.len);
    return spot;
}

static struct str spot_key(const struct spot *spot)
{
    return str_make((const char *)spot->key, spot->key_length);
}

static struct str spot_id(const struct spot *spot)
{
    return str_make(spot->id, spot->id_length);
}

static int spot_compare(const struct spot *a, const struct spot *b)
{
    int order = str_cmp(spot_key(a), spot_key(b));
    return order ? order : str_cmp(spot_id(a), spot_id(b));
}

/* ---- statements ---- */

bool past_is_ordered(const struct lister *lister)
{
    return !lister->sort_key || lister->sort_key->field == lister->table->reg->sort;
}

static const char *third_column(const struct walk *walk, enum tense tense)
{
    if (tense == TENSE_PRESENT || !walk->lister->sort_key)
        return "t.\"seq_from\"";
    return walk->lister->link ? "k.\"seq_to\"" : "t.\"seq_to\"";
}

static void sql_walk(struct walk *walk, struct stream *stream, struct arena *arena)
{
    const struct lister *lister = walk->lister;
    struct sql *sql = &stream->sql;
    struct str order = lister_order_column(lister, arena);
    const char *id = lister->link ? "k.\"id\"" : "t.\"id\"", *third = third_column(walk, stream->tense);
    const char *down = walk->down ? " DESC" : "";
    sql_add(sql, "SELECT %.*s,%s,t.\"seq_from\",CASE WHEN t.\"seq_from\"<=$%d",
            STR_ARG(order.len ? order : str_from_cstr(id)), id, lister->args.as_of);
    if (stream->tense == TENSE_PAST)
        sql_add(sql, " AND t.\"seq_to\">$%d", lister->args.as_of);
    sql_add(sql, " THEN 1 ELSE 0 END");
    lister_sql_from(sql, lister, stream->tense);
    lister_sql_where(sql, lister, stream->tense);
    if (lister->phase == PHASE_KEYED)
        sql_add(sql, " AND %.*s<$%d", STR_ARG(order), lister->none_arg);
    if (lister->phase == PHASE_KEYLESS)
        sql_add(sql, " AND %.*s=$%d", STR_ARG(order), lister->none_arg);
    if (lister->has_end) {
        int end_key = walk->by_key ? sql_blob_arg(sql, lister->end_key) : 0;
        lister_sql_end(sql, lister, order, end_key, sql_text_arg(sql, lister->end_id));
    }
    stream->key_arg = walk->by_key ? sql_blob_arg(sql, STR("")) : 0;
    stream->id_arg = sql_text_arg(sql, STR(""));
    stream->third_arg = sql_int_arg(sql, 0);
    if (walk->by_key)
        sql_add(sql, " AND (%.*s,%s,%s)%s($%d,$%d,$%d) ORDER BY %.*s%s,", STR_ARG(order), id, third,
                walk->down ? "<" : ">", stream->key_arg, stream->id_arg, stream->third_arg, STR_ARG(order), down);
    else
        sql_add(sql, " AND (%s,%s)%s($%d,$%d) ORDER BY ", id, third, walk->down ? "<" : ">", stream->id_arg,
                stream->third_arg);
    sql_add(sql, "%s%s", id, down);
    if (stream->tense == TENSE_PAST)
        sql_add(sql, ",%s%s", third, down);
}

/* The question as a digest: its text and arguments, without the place, which are the last ones. */
static struct digest digest_question(const struct walk *walk, const struct sql *sql)
{
    BUF_AUTO bytes;
    buf_init(&bytes, (size_t)1 << 20);
    buf_add(&bytes, buf_str(&sql->text));
    for (int i = 0; i < sql->arg_count - (walk->by_key ? 3 : 2); i++) {
        const struct sql_arg *arg = &sql->args[i];
        char decimal[DECIMAL_TEXT_MAX];
        struct str text =
            arg->kind == ARG_DECIMAL ? str_make(decimal, decimal_format(arg->decimal, decimal)) : arg->text;
        if (arg->kind == ARG_INT)
            buf_add_format(&bytes, "|%lld", (long long)arg->number);
        else
            buf_add_format(&bytes, "|%zu:%.*s", text.len, STR_ARG(text));
    }
    return digest_of(buf_str(&bytes));
}

static int open_stream(struct walk *walk, enum tense tense, struct arena *arena)
{
    struct stream *stream = &walk->streams[tense];
    stream->tense = tense;
    if (lister_add_args(walk->lister, &stream->sql, arena, walk->err))
        return -1;
    sql_walk(walk, stream, arena);
    return sql_statement(&stream->sql, walk->lister->reader->db, &stream->stmt, walk->err);
}

/* ---- walking one table ---- */

/* The next entry is the first beyond (spot, third). */
static void seek(const struct walk *walk, struct stream *stream, const struct spot *spot, int64_t third)
{
    stmt_reset(stream->stmt);
    stream->bound = *spot;
    if (walk->by_key)
        stmt_bind_blob(stream->stmt, stream->key_arg, stream->bound.key, stream->bound.key_length);
    stmt_bind_text_or_empty(stream->stmt, stream->id_arg, spot_id(&stream->bound));
    stmt_bind_int(stream->stmt, stream->third_arg, third);
}

static int64_t before_all(const struct walk *walk)
{
    return walk->down ? INT64_MAX : -1;
}

static int64_t behind_all(const struct walk *walk)
{
    return walk->down ? -1 : INT64_MAX;
}

/* From the many rows of one record to the one that may hold, or behind them all. */
static int jump(struct walk *walk, struct stream *stream)
{
    const struct lister *lister = walk->lister;
    struct spot spot = stream->head.spot;
    int64_t third = behind_all(walk), as_of = lister->reader->options.as_of;
    stream->held |= stream->head.holds;
    if (!stream->held && !stream->jumped) {
        struct stmt *stmt;
        if (db_kept_statement(lister->reader->db, lister->table->sql.span, &stmt, walk->err))
            return -1;
        stmt_bind_text_or_empty(stmt, 1, spot_id(&spot));
        stmt_bind_int(stmt, 2, as_of);
        int step = stmt_step(stmt, walk->err);
        if (step < 0)
            return -1;
        int64_t from = step ? stmt_int(stmt, 0) : 0, to = step ? stmt_int(stmt, 1) : 0;
        if (to > as_of)
            third = (lister->sort_key ? to : from) + (walk->down ? 1 : -1);
        stmt_reset(stmt);
    }
    stream->jumped = true;
    stream->run = 0;
    seek(walk, stream, &spot, third);
    return stmt_step(stream->stmt, walk->err);
}

static void read_head(struct stream *stream, bool by_key)
{
    struct str id = stmt_text(stream->stmt, 1);
    struct spot spot = spot_make(by_key ? stmt_blob(stream->stmt, 0) : STR(""), id);
    if (spot_compare(&spot, &stream->head.spot) == 0) {
        stream->run++;
        stream->held |= stream->head.holds;
    } else {
        stream->run = 0;
        stream->held = stream->jumped = false;
    }
    stream->head =
        (struct head){.spot = spot, .seq_from = stmt_int(stream->stmt, 2), .holds = stmt_int(stream->stmt, 3) != 0};
}

static int advance(struct walk *walk, struct stream *stream)
{
    int step = stream->run < past_run_max ? stmt_step(stream->stmt, walk->err) : jump(walk, stream);
    if (step < 0)
        return -1;
    stream->ended = step == 0;
    if (step)
        read_head(stream, walk->by_key);
    return 0;
}

/* ---- walking both ---- */

static int start_at(struct walk *walk, const struct spot *spot, int64_t third)
{
    for (int i = 0; i < 2; i++) {
        struct stream *stream = &walk->streams[i];
        seek(walk, stream, spot, third);
        stream->run = 0;
        stream->held = stream->jumped = false;
        stream->head = (struct head){0};
        if (advance(walk, stream))
            return -1;
    }
    return 0;
}

static struct digest digest_stretch(const struct walk *walk)
{
    unsigned char bytes[DIGEST_BYTES + sizeof walk->at.key + sizeof walk->at.id + 3];
    size_t length = 0;
    memcpy(bytes, walk->of.bytes, DIGEST_BYTES);
    length += DIGEST_BYTES;
    bytes[length++] = walk->at_start;
    bytes[length++] = walk->at.key_length;
    memcpy(bytes + length, walk->at.key, walk->at.key_length);
    length += walk->at.key_length;
    memcpy(bytes + length, walk->at.id, walk->at.id_length);
    length += walk->at.id_length;
    return digest_of(str_make((const char *)bytes, length));
}

static void remember_stretch(struct walk *walk, const struct head *next)
{
    if (walk->stepped < past_stretch_min)
        return;
    struct fact fact = {.of = digest_stretch(walk), .number = next == NULL};
    if (next)
        fact.to = next->spot;
    fact_put(walk->lister->reader, &fact);
}

/* What is known of the stretch that begins here is stepped over. */
static int skip_stretch(struct walk *walk)
{
    struct fact fact;
    if (!facts_any(walk->lister->reader->store) || !fact_get(walk->lister->reader->store, digest_stretch(walk), &fact))
        return 0;
    if (!fact.number)
        return start_at(walk, &fact.to, before_all(walk));
    walk->streams[0].ended = walk->streams[1].ended = true;
    return 0;
}

/* The stream whose entry comes first; NULL at the end of both. */
static struct stream *first_stream(struct walk *walk)
{
    struct stream *a = &walk->streams[0], *b = &walk->streams[1];
    if (a->ended || b->ended)
        return a->ended ? (b->ended ? NULL : b) : a;
    int order = spot_compare(&a->head.spot, &b->head.spot);
    return (walk->down ? order >= 0 : order <= 0) ? a : b;
}

/* Goes to the next row that holds: *ret_stream has it at its head; NULL when there is none. */
static int next_that_holds(struct walk *walk, struct stream **ret_stream)
{
    struct stream *stream;
    while ((stream = first_stream(walk)) && !stream->head.holds) {
        walk->stepped++;
        if (advance(walk, stream))
            return -1;
    }
    remember_stretch(walk, stream ? &stream->head : NULL);
    *ret_stream = stream;
    return 0;
}

/* Leaves the row that was found. */
static int pass(struct walk *walk, struct stream *stream)
{
    walk->at = stream->head.spot;
    walk->at_start = false;
    walk->stepped = 0;
    return advance(walk, stream) || skip_stretch(walk) ? -1 : 0;
}

static int walk_open(struct walk *walk, struct lister *lister, struct arena *arena, struct err *err)
{
    *walk = (struct walk){.lister = lister,
                          .down = lister->query->descending && lister->phase != PHASE_KEYLESS,
                          .by_key = lister->sort_key && lister->phase != PHASE_KEYLESS,
                          .err = err};
    for (int i = 0; i < 2; i++)
        sql_init(&walk->streams[i].sql);
    if (open_stream(walk, TENSE_PRESENT, arena) || open_stream(walk, TENSE_PAST, arena))
        return -1;
    walk->of = digest_question(walk, &walk->streams[TENSE_PAST].sql);
    walk->at_start = !lister->has_cursor;
    if (lister->has_cursor)
        walk->at = spot_make(walk->by_key ? lister->cursor_key : STR(""), lister->cursor_id);
    else if (walk->down)
        walk->at = walk->by_key ? spot_make(STR(SORT_KEY_NONE), STR("")) : spot_make(STR(""), STR("~"));
    return 0;
}

static int walk_start(struct walk *walk)
{
    return start_at(walk, &walk->at, behind_all(walk)) || skip_stretch(walk) ? -1 : 0;
}

static void walk_end(struct walk *walk)
{
    for (int i = 0; i < 2; i++) {
        if (walk->streams[i].stmt)
            stmt_reset(walk->streams[i].stmt);
        sql_free(&walk->streams[i].sql);
    }
}

/* ---- what is wanted ---- */

static int take_version(const struct walk *walk, const struct stream *stream, struct page *page, struct arena *arena)
{
    struct lister *lister = walk->lister;
    bool past = stream->tense == TENSE_PAST;
    struct stmt *stmt;
    if (db_kept_statement(lister->reader->db, past ? lister->table->sql.version : lister->table->sql.current, &stmt,
                          walk->err))
        return -1;
    stmt_bind_text_or_empty(stmt, 1, spot_id(&stream->head.spot));
    if (past)
        stmt_bind_int(stmt, 2, stream->head.seq_from);
    int step = stmt_step(stmt, walk->err);
    if (step < 0)
        return -1;
    if (step == 0)
        return err_set(walk->err, ERR_IO, "%.*s: a row that was listed is not there", STR_ARG(lister->table->name));
    int result = lister_take_row(lister, page, stmt, arena, walk->err);
    stmt_reset(stmt);
    return result;
}

static int fill_page(struct walk *walk, struct page *page, struct str *keys, size_t limit, struct arena *arena)
{
    struct stream *stream;
    while (page->count <= limit) {
        if (next_that_holds(walk, &stream))
            return -1;
        if (!stream)
            return 0;
        struct str key = walk->lister->phase == PHASE_KEYLESS ? STR(SORT_KEY_NONE) : spot_key(&stream->head.spot);
        keys[page->count] = arena_copy(arena, key);
        if (take_version(walk, stream, page, arena) || (++page->count <= limit && pass(walk, stream)))
            return -1;
    }
    return 0;
}

int past_page(struct lister *lister, struct page *page, struct str *keys, size_t limit, struct arena *arena,
              struct err *err)
{
    struct walk walk;
    int result = walk_open(&walk, lister, arena, err) || walk_start(&walk) ? -1 : 0;
    if (result == 0)
        result = fill_page(&walk, page, keys, limit, arena);
    walk_end(&walk);
    return result;
}

static int count_up_to(struct walk *walk, size_t limit, int64_t *count)
{
    struct stream *stream;
    while (*count <= (int64_t)limit) {
        if (next_that_holds(walk, &stream))
            return -1;
        if (!stream)
            return 0;
        ++*count;
        if (pass(walk, stream))
            return -1;
    }
    return 0;
}

int past_count(const struct lister *lister, size_t limit, int64_t *ret_count, struct arena *arena, struct err *err)
{
    struct list_query query = *lister->query;
    query.descending = query.by_id = false;
    query.sort = NULL;
    struct lister own = *lister;
    own.query = &query;
    own.sort_key = table_sort_key(own.table, query.reg->sort, own.reader->options.lang);
    own.has_cursor = false;
    own.phase = PHASE_ALL;
    own.link = NULL;
    lister_choose_link(&own);
    struct walk walk;
    int result = walk_open(&walk, &own, arena, err);
    struct fact fact = {0};
    if (result == 0) {
        unsigned char bytes[DIGEST_BYTES + sizeof limit];
        memcpy(bytes, walk.of.bytes, DIGEST_BYTES);
        memcpy(bytes + DIGEST_BYTES, &limit, sizeof limit);
        struct digest of = digest_of(str_make((const char *)bytes, sizeof bytes));
        if (!fact_get(own.reader->store, of, &fact)) {
            result = walk_start(&walk) || count_up_to(&walk, limit, &fact.number) ? -1 : 0;
            fact.of = of;
            if (result == 0)
                fact_put(own.reader, &fact);
        }
    }
    walk_end(&walk);
    if (result == 0)
        *ret_count = fact.number;
    return result;
}
