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
    if (db_statement(reader->db,
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

/* Seqs at which rows of these ids begin or end, newest first. Beginnings stand in both tables, ends in the past one. */
static void sql_moments(struct sql *sql, const struct table *table, const int *id_args, size_t id_count)
{
    const struct {
        struct str name;
        const char *column;
    } parts[] = {{table->name, "seq_from"}, {table->past_name, "seq_from"}, {table->past_name, "seq_to"}};
    for (size_t p = 0; p < 3; p++) {
        sql_add(sql, "%sSELECT \"%s\" AS \"seq\" FROM \"%.*s\" WHERE \"id\" IN (", p ? " UNION " : "", parts[p].column,
                STR_ARG(parts[p].name));
        for (size_t i = 0; i < id_count; i++)
            sql_add(sql, "%s$%d", i ? "," : "", id_args[i]);
        sql_add(sql, ")");
    }
}

static int read_revisions(struct reader *reader, const struct table *table, const struct str *ids, size_t id_count,
                          size_t limit, int64_t before_seq, struct arena *arena, struct revision *revisions,
                          size_t *ret_count, struct err *err)
{
    SQL_AUTO sql;
    sql_init(&sql);
    int id_args[IDS_MAX];
    for (size_t i = 0; i < id_count; i++)
        id_args[i] = sql_text_arg(&sql, ids[i]);
    int newest = sql_int_arg(&sql, reader_seq(reader));
    int before = sql_int_arg(&sql, before_seq > 0 ? before_seq : INT64_MAX);
    int limit_arg = sql_int_arg(&sql, (int64_t)limit);
    sql_add(
        &sql,
        "SELECT r.\"seq\",r.\"kind\",r.\"change_set\",c.\"decided_ms\",c.\"author\",c.\"reason\",c.\"sources\" FROM (");
    sql_moments(&sql, table, id_args, id_count);
    sql_add(
        &sql,
        ") AS m JOIN \"revision\" AS r ON r.\"seq\"=m.\"seq\" JOIN \"change_set\" AS c ON c.\"no\"=r.\"change_set\" "
        "WHERE r.\"seq\"<=$%d AND r.\"seq\"<$%d ORDER BY r.\"seq\" DESC LIMIT $%d",
        newest, before, limit_arg);
    struct stmt *stmt;
    if (sql_statement(&sql, reader->db, &stmt, err))
        return -1;
    size_t count = 0;
    int step;
    while ((step = stmt_step(stmt, err)) == 1) {
        struct revision *revision = &revisions[count++];
        *revision = (struct revision){.seq = stmt_int(stmt, 0),
                                      .kind = (enum change_kind)stmt_int(stmt, 1),
                                      .change_set = stmt_int(stmt, 2),
                                      .at_ms = stmt_int(stmt, 3),
                                      .author = arena_copy(arena, stmt_text(stmt, 4)),
                                      .reason = arena_copy(arena, stmt_text(stmt, 5))};
        struct str sources = stmt_text(stmt, 6);
        if (sources.len && json_read(arena, sources, NULL, &revision->sources, err)) {
            stmt_reset(stmt);
            return -1;
        }
    }
    *ret_count = count;
    return step;
}

/* The row of any of these ids that begins (or, in the past table, ends) with this seq. */
static int side_row(struct reader *reader, const struct table *table, enum tense tense, const char *column, int64_t seq,
                    const struct str *ids, size_t id_count, struct arena *arena, struct value **ret_record,
                    struct err *err)
{
    SQL_AUTO sql;
    sql_init(&sql);
    struct shared_args args = {.sees = sql_int_arg(&sql, reader->options.viewer.sees)};
    if (reader->options.viewer.owner.len)
        args.owner = sql_text_arg(&sql, reader->options.viewer.owner);
    int seq_arg = sql_int_arg(&sql, seq);
    sql_add(&sql, "SELECT %.*s FROM \"%.*s\" AS t WHERE t.\"id\" IN (", STR_ARG(table->read_columns),
            STR_ARG(tense_table(table, tense)));
    for (size_t i = 0; i < id_count; i++)
        sql_add(&sql, "%s$%d", i ? "," : "", sql_text_arg(&sql, ids[i]));
    sql_add(&sql, ") AND t.\"%s\"=$%d", column, seq_arg);
    sql_visible(&sql, "t", &args);
    struct stmt *stmt;
    if (sql_statement(&sql, reader->db, &stmt, err))
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
    if (side_row(reader, table, TENSE_PAST, "seq_to", revision->seq, ids, id_count, arena, &revision->before, err) ||
        side_row(reader, table, TENSE_PRESENT, "seq_from", revision->seq, ids, id_count, arena, &revision->after, err))
        return -1;
    if (revision->after)
        return 0;
    return side_row(reader, table, TENSE_PAST, "seq_from", revision->seq, ids, id_count, arena, &revision->after, err);
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
    sql_add(sql, " FROM \"%.*s\" AS t WHERE ", STR_ARG(tense_table(table, tense)));
    if (place->link)
        sql_linked(sql, place->link, id_arg, tense);
    else
        sql_add(sql, "t.\"%.*s\"=$%d", STR_ARG(place->field->name), id_arg);
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

/* Ids in the list's order, and how many there are: of what is shown the labels are then read. */
static int read_inbound_ids(struct inbound *inbound, const struct place *place, struct str *ids, size_t *id_count,
                            int64_t *total, struct err *err)
{
    const struct reg *reg = place->table->reg;
    bool look = !place->field && reg_has_hidden_fields(reg, &inbound->reader->options.viewer);
    struct stmt *stmt;
    if (prepare_inbound(inbound, place, &stmt, err))
        return -1;
    int step;
    while ((step = stmt_step(stmt, err)) == 1) {
        bool shown = true;
        if (look && source_is_shown(inbound, reg, stmt, &shown, err)) {
            stmt_reset(stmt);
            return -1;
        }
        if (!shown)
            continue;
        ++*total;
        if (*id_count < inbound->limit_each)
            ids[(*id_count)++] = arena_copy(inbound->arena, stmt_text(stmt, 0));
    }
    return step;
}

static int read_inbound_labels(struct inbound *inbound, const struct str *ids, size_t id_count,
                               struct inbound_group *group, struct err *err)
{
    group->items = ARENA_NEW_ARRAY(inbound->arena, id_count, struct inbound_item);
    for (group->count = 0; group->count < id_count; group->count++) {
        struct inbound_item *item = &group->items[group->count];
        item->id = ids[group->count];
        if (store_label(inbound->reader, group->reg, item->id, inbound->arena, &item->label, err))
            return -1;
    }
    return 0;
}

/* Most places hold nobody; asking that first is a fraction of reading. Of the past nothing is known so cheaply. */
static int place_is_empty(struct inbound *inbound, const struct place *place, bool *ret_empty, struct err *err)
{
    *ret_empty = false;
    if (inbound->reader->options.as_of)
        return 0;
    struct stmt *stmt;
    if (reader_quick(inbound->reader, place->quick, place->probe, &stmt, err))
        return -1;
    stmt_bind_text_or_empty(stmt, 1, inbound->id);
    int step = stmt_step(stmt, err);
    if (step < 0)
        return -1;
    if (step)
        stmt_reset(stmt);
    *ret_empty = step == 0;
    return 0;
}

static int add_group(struct inbound *inbound, const struct place *place, struct err *err)
{
    bool empty;
    if (place_is_empty(inbound, place, &empty, err))
        return -1;
    if (empty)
        return 0;
    struct inbound_group group = {.reg = place->table->reg, .field = place->field};
    struct str *ids = ARENA_NEW_ARRAY(inbound->arena, inbound->limit_each, struct str);
    size_t id_count = 0;
    if (read_inbound_ids(inbound, place, ids, &id_count, &group.total, err) ||
        read_inbound_labels(inbound, ids, id_count, &group, err))
        return -1;
    group.total_exact = group.total <= INBOUND_TOTAL_MAX;
    if (!group.total_exact)
        group.total = INBOUND_TOTAL_MAX;
    if (group.total)
        inbound->groups[inbound->count++] = group;
    return 0;
}

int store_inbound(struct reader *reader, const struct reg *reg, struct str id, size_t limit_each, struct arena *arena,
                  struct inbound_group **ret_groups, size_t *ret_count, struct err *err)
{
    struct inbound inbound = {.reader = reader, .target = reg, .id = id, .limit_each = limit_each, .arena = arena};
    const struct layout *layout = reader->store->layout;
    inbound.groups = ARENA_NEW_ARRAY(arena, layout->place_count, struct inbound_group);
    note_referrers(reader, reg, id);
    bool visible;
    if (record_is_visible(reader, reg, id, &visible, err))
        return -1;
    for (size_t i = 0; visible && i < layout->place_count; i++) {
        const struct place *place = &layout->places[i];
        bool shown = !place->field || viewer_sees_field(&reader->options.viewer, place->field, STR(""));
        if (place->target == reg && shown && add_group(&inbound, place, err))
            return -1;
    }
    *ret_groups = inbound.groups;
    *ret_count = inbound.count;
    return 0;
}
