/* A record's revisions: who, when, why, before, after. What came before and after stands in the present and past tables; the
 * revision itself is only the moment. A rename carries the history of the old id along. */
#include "store/read.h"

#include <assert.h>
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

/* Seqs at which rows of these ids begin or end. Beginnings stand in both tables, ends in the past one; one at which a row ends
 * and another begins comes twice. */
static void sql_moments(struct sql *sql, const struct table *table, const int *id_args, size_t id_count)
{
    const struct {
        struct str name;
        const char *column;
    } parts[] = {{table->name, "seq_from"}, {table->past_name, "seq_from"}, {table->past_name, "seq_to"}};
    for (size_t p = 0; p < 3; p++) {
        sql_add(sql, "%sSELECT \"%s\" AS \"seq\" FROM \"%.*s\" WHERE \"id\" IN (", p ? " UNION ALL " : "",
                parts[p].column, STR_ARG(parts[p].name));
        for (size_t i = 0; i < id_count; i++)
            sql_add(sql, "%s$%d", i ? "," : "", id_args[i]);
        sql_add(sql, ")");
    }
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

static int moments_statement(struct reader *reader, const struct table *table, const struct str *ids, size_t id_count,
                             size_t limit, int64_t before_seq, struct stmt **ret_stmt, struct err *err)
{
    SQL_AUTO sql;
    sql_init(&sql);
    int id_args[IDS_MAX];
    for (size_t i = 0; i < id_count; i++)
        id_args[i] = sql_text_arg(&sql, ids[i]);
    int newest = sql_int_arg(&sql, reader_seq(reader));
    int before = sql_int_arg(&sql, before_seq > 0 ? before_seq : INT64_MAX);
    int limit_arg = sql_int_arg(&sql, 2 * (int64_t)limit); /* each may come twice */
    if (needs_text(reader, table, QUICK_MOMENTS, id_count)) {
        sql_add(&sql, "SELECT r.\"seq\",r.\"kind\",r.\"change_set\",c.\"decided_ms\",c.\"author\",c.\"reason\","
                      "c.\"sources\" FROM (");
        sql_moments(&sql, table, id_args, id_count);
        sql_add(&sql,
                ") AS m JOIN \"revision\" AS r ON r.\"seq\"=m.\"seq\" JOIN \"change_set\" AS c ON "
                "c.\"no\"=r.\"change_set\" WHERE r.\"seq\"<=$%d AND r.\"seq\"<$%d ORDER BY r.\"seq\" DESC LIMIT $%d",
                newest, before, limit_arg);
    }
    return statement(&sql, reader, table, QUICK_MOMENTS, id_count, ret_stmt, err);
}

static int take_revision(struct stmt *stmt, struct arena *arena, struct revision *ret_revision, struct err *err)
{
    *ret_revision = (struct revision){.seq = stmt_int(stmt, 0),
                                      .kind = (enum change_kind)stmt_int(stmt, 1),
                                      .change_set = stmt_int(stmt, 2),
                                      .at_ms = stmt_int(stmt, 3),
                                      .author = arena_copy(arena, stmt_text(stmt, 4)),
                                      .reason = arena_copy(arena, stmt_text(stmt, 5))};
    struct str sources = stmt_text(stmt, 6);
    return sources.len ? json_read(arena, sources, NULL, &ret_revision->sources, err) : 0;
}

static int read_revisions(struct reader *reader, const struct table *table, const struct str *ids, size_t id_count,
                          size_t limit, int64_t before_seq, struct arena *arena, struct revision *revisions,
                          size_t *ret_count, struct err *err)
{
    struct stmt *stmt;
    if (moments_statement(reader, table, ids, id_count, limit, before_seq, &stmt, err))
        return -1;
    size_t count = 0;
    int step;
    while ((step = stmt_step(stmt, err)) == 1) {
        int64_t seq = stmt_int(stmt, 0);
        if (count > 0 && revisions[count - 1].seq == seq)
            continue;
        if (count == limit) {
            stmt_reset(stmt);
            step = 0;
            break;
        }
        if (take_revision(stmt, arena, &revisions[count++], err)) {
            stmt_reset(stmt);
            return -1;
        }
    }
    *ret_count = count;
    return step;
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

static int read_sides(struct reader *reader, const struct table *table, const struct str *ids, size_t id_count,
                      struct revision *revision, struct arena *arena, struct err *err)
{
    int64_t seq = revision->seq;
    if (side_row(reader, table, &side_before, seq, ids, id_count, arena, &revision->before, err) ||
        side_row(reader, table, &side_after, seq, ids, id_count, arena, &revision->after, err))
        return -1;
    if (revision->after)
        return 0;
    return side_row(reader, table, &side_after_ended, seq, ids, id_count, arena, &revision->after, err);
}

int store_history(struct reader *reader, const struct reg *reg, struct str id, size_t limit, int64_t before_seq,
                  struct arena *arena, struct revision **ret_revisions, size_t *ret_count, struct err *err)
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
        if (read_sides(reader, table, ids, id_count, &revisions[i], arena, err))
            return -1;
        if (revisions[i].before || revisions[i].after)
            revisions[kept++] = revisions[i];
    }
    *ret_revisions = revisions;
    *ret_count = kept;
    return 0;
}

/* ---- what refers to a record ---- */

#define INBOUND_TOTAL_MAX 1000
#define INBOUND_FEW 32
#define SOURCES_MEMORY_MAX ((size_t)64 << 20)

struct inbound {
    struct reader *reader;
    const struct reg *target;
    struct str id;
    size_t limit_each;
    struct arena *arena;
    struct inbound_group *groups;
    size_t count;
};

/* That a row of t holds the id in that place. An entry stands once in a link table of the present, so joining repeats no row;
 * it saves SQLite the table that it would make of a subquery. */
static void sql_refers(struct sql *sql, const struct place *place, int id_arg, enum tense tense)
{
    if (!place->link) {
        sql_add(sql, " WHERE t.\"%.*s\"=$%d", STR_ARG(place->field->name), id_arg);
    } else if (tense == TENSE_PRESENT) {
        sql_add(sql, " JOIN \"%.*s\" AS l ON l.\"id\"=t.\"id\" WHERE l.\"value\"=$%d", STR_ARG(place->link->table),
                id_arg);
    } else {
        sql_add(sql, " WHERE ");
        sql_linked(sql, place->link, id_arg, tense);
    }
}

/* The rows of one of a register's two tables that hold the id in one place. */
static void sql_inbound(struct sql *sql, const struct inbound *inbound, const struct place *place, enum tense tense)
{
    assert(place->link || place->field);
    const struct table *table = place->table;
    const struct sort_key *key = table_sort_key(table, table->reg->sort, inbound->reader->options.lang);
    int id_arg = sql_text_arg(sql, inbound->id);
    struct shared_args args = shared_args_add(sql, inbound->reader, true);
    sql_add(sql, "SELECT t.\"id\" AS \"id\",");
    if (key)
        sql_add(sql, "t.\"%.*s\" AS \"order_key\"", STR_ARG(key->column));
    else
        sql_add(sql, "t.\"id\" AS \"order_key\"");
    if (!place->field)
        sql_add(sql, ",t.\"sources\" AS \"sources\",t.\"owner\" AS \"owner\"");
    sql_add(sql, " FROM \"%.*s\" AS t", STR_ARG(tense_table(table, tense)));
    sql_refers(sql, place, id_arg, tense);
    sql_visible(sql, "t", &args);
    sql_known(sql, "t", &args, tense);
    sql_holds(sql, "t", table, &args);
}

/* Whether one of a row's sources is the record asked for and speaks of something the viewer may see. */
static int source_is_shown(struct inbound *inbound, const struct reg *reg, struct stmt *stmt, bool *ret_shown,
                           struct err *err)
{
    ARENA_AUTO scratch;
    arena_init(&scratch, SOURCES_MEMORY_MAX);
    struct value *sources;
    struct str owner = arena_copy(&scratch, stmt_text(stmt, 3));
    if (json_read(&scratch, stmt_text(stmt, 2), NULL, &sources, err))
        return -1;
    *ret_shown = false;
    for (size_t i = 0; i < value_count(sources) && !*ret_shown; i++) {
        const struct value *source = value_at(sources, i);
        const struct value *fields = value_get(source, STR("fields"));
        if (!str_eq(value_get_text(source, STR("source")), inbound->id))
            continue;
        *ret_shown = fields == NULL;
        for (size_t k = 0; k < value_count(fields) && !*ret_shown; k++) {
            const struct field *field = reg_field(reg, value_text_of(value_at(fields, k)));
            *ret_shown = !field || viewer_sees_field(&inbound->reader->options.viewer, field, owner);
        }
    }
    return 0;
}

static int prepare_inbound(struct inbound *inbound, const struct place *place, struct stmt **ret_stmt, struct err *err)
{
    SQL_AUTO sql;
    sql_init(&sql);
    sql_add(&sql, "SELECT * FROM (");
    sql_inbound(&sql, inbound, place, TENSE_PRESENT);
    if (inbound->reader->options.as_of) {
        sql_add(&sql, " UNION ALL ");
        sql_inbound(&sql, inbound, place, TENSE_PAST);
    }
    sql_add(&sql, ") AS r ORDER BY \"order_key\",\"id\" LIMIT $%d", sql_int_arg(&sql, INBOUND_TOTAL_MAX + 1));
    return sql_statement(&sql, inbound->reader->db, ret_stmt, err);
}

/* The same without order and limit, for few rows: SQLite would make a table of its own to order them. Kept by its number. */
static int prepare_few(struct inbound *inbound, const struct place *place, struct stmt **ret_stmt, struct err *err)
{
    size_t number = place->quick + (size_t)inbound->reader->options.lang;
    SQL_AUTO sql;
    sql_init(&sql);
    if (reader_has_quick(inbound->reader, number)) {
        sql_text_arg(&sql, inbound->id); /* as sql_inbound numbers them */
        sql_int_arg(&sql, inbound->reader->options.viewer.sees);
    } else {
        sql_inbound(&sql, inbound, place, TENSE_PRESENT);
    }
    if (reader_quick(inbound->reader, number, buf_str(&sql.text), ret_stmt, err))
        return -1;
    sql_bind(&sql, *ret_stmt);
    return 0;
}

struct referring {
    struct str key, id;
};

static int compare_referring(const void *left, const void *right)
{
    const struct referring *a = left, *b = right;
    int order = str_cmp(a->key, b->key);
    return order ? order : str_cmp(a->id, b->id);
}

/* Steps through those that are shown: up to `most` into rows, all counted. */
static int read_referring(struct inbound *inbound, const struct place *place, struct stmt *stmt, size_t most,
                          struct referring *rows, int64_t *ret_total, struct err *err)
{
    const struct reg *reg = place->table->reg;
    bool look = !place->field && reg_has_hidden_fields(reg, &inbound->reader->options.viewer);
    int64_t total = 0;
    int step;
    while ((step = stmt_step(stmt, err)) == 1) {
        bool shown = true;
        if (look && source_is_shown(inbound, reg, stmt, &shown, err)) {
            stmt_reset(stmt);
            return -1;
        }
        if (!shown)
            continue;
        if (total < (int64_t)most)
            rows[total] = (struct referring){arena_copy(inbound->arena, stmt_blob(stmt, 1)),
                                             arena_copy(inbound->arena, stmt_text(stmt, 0))};
        total++;
    }
    *ret_total = total;
    return step;
}

/* Those that are shown, in the list's order, and how many there are: of the first ones the labels are then read. */
static int read_inbound(struct inbound *inbound, const struct place *place, bool few, struct referring **ret_rows,
                        int64_t *ret_total, struct err *err)
{
    size_t most = few ? INBOUND_FEW : inbound->limit_each;
    struct referring *rows = ARENA_NEW_ARRAY(inbound->arena, most, struct referring);
    struct stmt *stmt;
    int failed = few ? prepare_few(inbound, place, &stmt, err) : prepare_inbound(inbound, place, &stmt, err);
    if (failed || read_referring(inbound, place, stmt, most, rows, ret_total, err))
        return -1;
    if (few)
        qsort(rows, (size_t)*ret_total, sizeof *rows, compare_referring);
    *ret_rows = rows;
    return 0;
}

static int read_inbound_labels(struct inbound *inbound, const struct referring *rows, size_t count,
                               struct inbound_group *group, struct err *err)
{
    group->items = ARENA_NEW_ARRAY(inbound->arena, count, struct inbound_item);
    for (group->count = 0; group->count < count; group->count++) {
        struct inbound_item *item = &group->items[group->count];
        item->id = rows[group->count].id;
        if (store_label(inbound->reader, group->reg, item->id, inbound->arena, &item->label, err))
            return -1;
    }
    return 0;
}

/* Most places hold nobody; asking all of them first how many they hold, up to a few, in one statement, is a fraction of reading.
 * Of the past nothing is known so cheaply. The array is by place. */
static int ask_places(struct inbound *inbound, int64_t **ret_held, struct err *err)
{
    const struct layout *layout = inbound->reader->store->layout;
    size_t number = inbound->target->position * QUICK_COUNT + QUICK_REFERRED;
    struct stmt *stmt;
    SQL_AUTO sql;
    sql_init(&sql);
    if (!reader_has_quick(inbound->reader, number)) {
        const char *before = "SELECT ";
        for (size_t i = 0; i < layout->place_count; i++) {
            if (layout->places[i].target != inbound->target)
                continue;
            sql_add(&sql, "%s(SELECT count(*) FROM (%.*s LIMIT %d) AS few)", before, STR_ARG(layout->places[i].probe),
                    INBOUND_FEW + 1);
            before = ",";
        }
    }
    if (reader_quick(inbound->reader, number, buf_str(&sql.text), &stmt, err))
        return -1;
    stmt_bind_text_or_empty(stmt, 1, inbound->id);
    if (stmt_step(stmt, err) < 0)
        return -1;
    int64_t *held = ARENA_NEW_ARRAY(inbound->arena, layout->place_count, int64_t);
    int column = 0;
    for (size_t i = 0; i < layout->place_count; i++)
        if (layout->places[i].target == inbound->target)
            held[i] = stmt_int(stmt, column++);
    stmt_reset(stmt);
    *ret_held = held;
    return 0;
}

static int add_group(struct inbound *inbound, const struct place *place, bool few, struct err *err)
{
    struct inbound_group group = {.reg = place->table->reg, .field = place->field};
    struct referring *rows;
    if (read_inbound(inbound, place, few, &rows, &group.total, err))
        return -1;
    size_t shown = group.total < (int64_t)inbound->limit_each ? (size_t)group.total : inbound->limit_each;
    if (read_inbound_labels(inbound, rows, shown, &group, err))
        return -1;
    group.total_exact = group.total <= INBOUND_TOTAL_MAX;
    if (!group.total_exact)
        group.total = INBOUND_TOTAL_MAX;
    if (group.total)
        inbound->groups[inbound->count++] = group;
    return 0;
}

/* A place for references to such records that the viewer may see. */
static bool may_hold(const struct inbound *inbound, const struct place *place)
{
    const struct viewer *viewer = &inbound->reader->options.viewer;
    return place->target == inbound->target && (!place->field || viewer_sees_field(viewer, place->field, STR("")));
}

static bool has_places(const struct inbound *inbound)
{
    const struct layout *layout = inbound->reader->store->layout;
    for (size_t i = 0; i < layout->place_count; i++)
        if (layout->places[i].target == inbound->target)
            return true;
    return false;
}

int store_inbound(struct reader *reader, const struct reg *reg, struct str id, size_t limit_each, struct arena *arena,
                  struct inbound_group **ret_groups, size_t *ret_count, struct err *err)
{
    struct inbound inbound = {.reader = reader, .target = reg, .id = id, .limit_each = limit_each, .arena = arena};
    const struct layout *layout = reader->store->layout;
    inbound.groups = ARENA_NEW_ARRAY(arena, layout->place_count, struct inbound_group);
    note_referrers(reader, reg, id);
    const struct read_options *options = &reader->options;
    bool usual = !options->as_of && options->viewer.owner.len == 0 && !date_is_set(options->on);
    int64_t *held = NULL;
    bool visible;
    if (record_is_visible(reader, reg, id, &visible, err))
        return -1;
    visible = visible && has_places(&inbound);
    if (visible && !options->as_of && ask_places(&inbound, &held, err))
        return -1;
    for (size_t i = 0; visible && i < layout->place_count; i++) {
        if (may_hold(&inbound, &layout->places[i]) && (!held || held[i] > 0) &&
            add_group(&inbound, &layout->places[i], usual && held[i] <= INBOUND_FEW, err))
            return -1;
    }
    *ret_groups = inbound.groups;
    *ret_count = inbound.count;
    return 0;
}
