/* A record's revisions: who, when, why, before, after. What came before and after stands in the present and past tables; the
 * revision itself is only the moment. A rename carries the history of the old id along. */
#include "store/read.h"

#include "model/record.h"

#include <stdlib.h>

#define IDS_MAX 16
#define LIMIT_MAX 1000

/* The id itself and those that were renamed to it. */
static int earlier_ids(struct reader *reader, const struct reg *reg, struct str id, struct arena *arena,
                       struct str *ids, size_t *ret_count, struct err *err)
{
    size_t count = 0;
    ids[count++] = id;
    struct stmt *stmt;
    if (db_kept_statement(
            reader->db,
            STR("SELECT \"id\" FROM \"redirect\" WHERE \"register\"=$1 AND \"to_id\"=$2 AND \"renamed\"=1 "
                "ORDER BY \"seq\" DESC LIMIT $3"),
            &stmt, err))
        return -1;
    stmt_bind_text(stmt, 1, reg->name);
    stmt_bind_text_or_empty(stmt, 2, id);
    stmt_bind_int(stmt, 3, IDS_MAX - 1);
    int step;
    while ((step = stmt_step(stmt, err)) == 1)
        ids[count++] = arena_copy(arena, stmt_text(stmt, 0));
    *ret_count = count;
    return step;
}

/* Statements for one id and a viewer without records of its own are kept by their numbers. */
static bool is_usual(const struct reader *reader, size_t id_count)
{
    return id_count == 1 && reader->options.viewer.owner.len == 0;
}

/* Prepares and binds; the text is not looked at when the statement is one that is kept already. */
static int statement(struct sql *sql, struct reader *reader, const struct table *table, enum quick quick,
                     size_t id_count, struct stmt **ret_stmt, struct err *err)
{
    if (!is_usual(reader, id_count))
        return sql_statement(sql, reader->db, ret_stmt, err);
    size_t number = table->reg->position * QUICK_COUNT + quick;
    if (reader_quick(reader, number, buf_str(&sql->text), ret_stmt, err))
        return -1;
    sql_bind(sql, *ret_stmt);
    return 0;
}

static bool needs_text(const struct reader *reader, const struct table *table, enum quick quick, size_t id_count)
{
    return !is_usual(reader, id_count) || !reader_has_quick(reader, table->reg->position * QUICK_COUNT + quick);
}

/* Seqs at which a row of any of the ids begins or ends. */
struct moments {
    int64_t *seqs;
    size_t count;
    int64_t before; /* those of this seq and later do not matter */
};

static void add_moment(struct moments *moments, int64_t seq)
{
    if (seq < moments->before)
        moments->seqs[moments->count++] = seq;
}

/* The present row begins; rows of the past begin and end. One id's rows follow each other, so those that began last ended last: as many
 * of them as revisions are wanted have them all. */
static int add_moments(struct reader *reader, const struct table *table, struct str id, size_t limit,
                       struct moments *moments, struct err *err)
{
    size_t number = table->reg->position * QUICK_COUNT + QUICK_MOMENTS;
    struct stmt *stmt;
    if (db_kept_statement(reader->db, table->sql.seq, &stmt, err))
        return -1;
    stmt_bind_text_or_empty(stmt, 1, id);
    int step = stmt_step(stmt, err);
    if (step < 0)
        return -1;
    if (step)
        add_moment(moments, stmt_int(stmt, 0));
    stmt_reset(stmt);
    SQL_AUTO sql;
    sql_init(&sql);
    if (!reader_has_quick(reader, number))
        sql_add(&sql,
                "SELECT \"seq_from\",\"seq_to\" FROM \"%.*s\" WHERE \"id\"=$1 AND \"seq_from\"<$2 "
                "ORDER BY \"seq_from\" DESC LIMIT $3",
                STR_ARG(table->past_name));
    if (reader_quick(reader, number, buf_str(&sql.text), &stmt, err))
        return -1;
    stmt_bind_text_or_empty(stmt, 1, id);
    stmt_bind_int(stmt, 2, moments->before);
    stmt_bind_int(stmt, 3, (int64_t)limit + 1);
    while ((step = stmt_step(stmt, err)) == 1) {
        add_moment(moments, stmt_int(stmt, 0));
        add_moment(moments, stmt_int(stmt, 1));
    }
    return step;
}

static int compare_newest_first(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a < b) - (a > b);
}

/* 1: there is such a revision; 0: there is none; -1: failed. */
static int read_revision(struct reader *reader, int64_t seq, struct arena *arena, struct revision *ret_revision,
                         struct err *err)
{
    struct stmt *stmt;
    if (db_kept_statement(
            reader->db,
            STR("SELECT r.\"kind\",r.\"change_set\",c.\"decided_ms\",c.\"author\",c.\"reason\",c.\"sources\" FROM "
                "\"revision\" AS r JOIN \"change_set\" AS c ON c.\"no\"=r.\"change_set\" WHERE r.\"seq\"=$1"),
            &stmt, err))
        return -1;
    stmt_bind_int(stmt, 1, seq);
    int step = stmt_step(stmt, err);
    if (step <= 0)
        return step;
    *ret_revision = (struct revision){.seq = seq,
                                      .kind = (enum change_kind)stmt_int(stmt, 0),
                                      .change_set = stmt_int(stmt, 1),
                                      .at_ms = stmt_int(stmt, 2),
                                      .author = arena_copy(arena, stmt_text(stmt, 3)),
                                      .reason = arena_copy(arena, stmt_text(stmt, 4))};
    struct str sources = stmt_text(stmt, 5);
    int result = sources.len ? json_read(arena, sources, NULL, &ret_revision->sources, err) : 0;
    stmt_reset(stmt);
    return result ? -1 : 1;
}

static int read_revisions(struct reader *reader, const struct table *table, const struct str *ids, size_t id_count,
                          size_t limit, int64_t before_seq, struct arena *arena, struct revision *revisions,
                          size_t *ret_count, struct err *err)
{
    struct moments moments = {.before = reader_seq(reader) + 1};
    size_t count = 0;
    if (before_seq > 0 && before_seq < moments.before)
        moments.before = before_seq;
    moments.seqs = ARENA_NEW_ARRAY(arena, id_count * (2 * limit + 3), int64_t);
    for (size_t i = 0; i < id_count; i++)
        if (add_moments(reader, table, ids[i], limit, &moments, err))
            return -1;
    qsort(moments.seqs, moments.count, sizeof moments.seqs[0], compare_newest_first);
    for (size_t i = 0; i < moments.count && count < limit; i++) {
        if (i > 0 && moments.seqs[i] == moments.seqs[i - 1])
            continue; /* one row ended, another began */
        int found = read_revision(reader, moments.seqs[i], arena, &revisions[count], err);
        if (found < 0)
            return -1;
        count += (size_t)found;
    }
    *ret_count = count;
    return 0;
}

/* Which row of a revision's two sides is looked for, and where. */
static const struct side {
    enum tense tense;
    const char *column;
    enum quick quick;
} side_before = {TENSE_PAST, "seq_to", QUICK_BEFORE}, side_after = {TENSE_PRESENT, "seq_from", QUICK_AFTER},
  side_after_ended = {TENSE_PAST, "seq_from", QUICK_AFTER_ENDED};

/* The row of any of these ids that begins (or, in the past table, ends) with this seq. */
static int side_row(struct reader *reader, const struct table *table, const struct side *side, int64_t seq,
                    const struct str *ids, size_t id_count, struct arena *arena, struct value **ret_record,
                    struct err *err)
{
    SQL_AUTO sql;
    sql_init(&sql);
    struct shared_args args = {.sees = sql_int_arg(&sql, reader->options.viewer.sees)};
    if (reader->options.viewer.owner.len)
        args.owner = sql_text_arg(&sql, reader->options.viewer.owner);
    int seq_arg = sql_int_arg(&sql, seq);
    int first_id = sql_text_arg(&sql, ids[0]);
    for (size_t i = 1; i < id_count; i++)
        sql_text_arg(&sql, ids[i]); /* numbered one after the other */
    if (needs_text(reader, table, side->quick, id_count)) {
        sql_add(&sql, "SELECT %.*s FROM \"%.*s\" AS t WHERE t.\"id\" IN (", STR_ARG(table->read_columns),
                STR_ARG(tense_table(table, side->tense)));
        for (size_t i = 0; i < id_count; i++)
            sql_add(&sql, "%s$%d", i ? "," : "", first_id + (int)i);
        sql_add(&sql, ") AND t.\"%s\"=$%d", side->column, seq_arg);
        sql_visible(&sql, "t", &args);
    }
    struct stmt *stmt;
    if (statement(&sql, reader, table, side->quick, id_count, &stmt, err))
        return -1;
    int step = stmt_step(stmt, err);
    if (step <= 0)
        return step;
    struct found found;
    int result = read_found(reader, table, stmt, 0, arena, &found, err);
    stmt_reset(stmt);
    if (result == 0)
        *ret_record = found.record;
    return result;
}

/* A creation has nothing before it; what is known already is not read again. */
static int read_sides(struct reader *reader, const struct table *table, const struct str *ids, size_t id_count,
                      const struct found *known, struct revision *revision, struct arena *arena, struct err *err)
{
    int64_t seq = revision->seq;
    if (revision->kind != CHANGE_CREATE &&
        side_row(reader, table, &side_before, seq, ids, id_count, arena, &revision->before, err))
        return -1;
    if (known && known->seq == seq) {
        revision->after = known->record;
        return 0;
    }
    if (side_row(reader, table, &side_after, seq, ids, id_count, arena, &revision->after, err))
        return -1;
    if (revision->after)
        return 0;
    return side_row(reader, table, &side_after_ended, seq, ids, id_count, arena, &revision->after, err);
}

static int read_history(struct reader *reader, const struct reg *reg, struct str id, const struct found *known,
                        size_t limit, int64_t before_seq, struct arena *arena, struct revision **ret_revisions,
                        size_t *ret_count, struct err *err)
{
    if (limit < 1 || limit > LIMIT_MAX)
        return err_set_field(err, ERR_INVALID, STR("limit"), "limit is 1 to %d", LIMIT_MAX);
    const struct table *table = layout_table(reader->store->layout, reg);
    note_record(reader, reg, id);
    struct str ids[IDS_MAX];
    size_t id_count, count, kept = 0;
    struct revision *revisions = ARENA_NEW_ARRAY(arena, limit, struct revision);
    if (earlier_ids(reader, reg, id, arena, ids, &id_count, err) ||
        read_revisions(reader, table, ids, id_count, limit, before_seq, arena, revisions, &count, err))
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (read_sides(reader, table, ids, id_count, known, &revisions[i], arena, err))
            return -1;
        if (revisions[i].before || revisions[i].after)
            revisions[kept++] = revisions[i];
    }
    *ret_revisions = revisions;
    *ret_count = kept;
    return 0;
}

int store_history(struct reader *reader, const struct reg *reg, struct str id, size_t limit, int64_t before_seq,
                  struct arena *arena, struct revision **ret_revisions, size_t *ret_count, struct err *err)
{
    return read_history(reader, reg, id, NULL, limit, before_seq, arena, ret_revisions, ret_count, err);
}

int store_history_of(struct reader *reader, const struct found *found, size_t limit, int64_t before_seq,
                     struct arena *arena, struct revision **ret_revisions, size_t *ret_count, struct err *err)
{
    return read_history(reader, found->reg, record_id(found->record), found, limit, before_seq, arena, ret_revisions,
                        ret_count, err);
}
