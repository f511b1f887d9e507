/* What refers to a record: asked of every place of the model that may. */
#include "store/read.h"

#include "base/memory.h"

#include <assert.h>
#include <stdlib.h>

#define INBOUND_TOTAL_MAX 1000
#define INBOUND_FEW 32
#define ID_ARG 1
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

/* That a row of t holds the id in that place. An entry stands once in a link table for each row, so joining repeats none; it
 * saves SQLite the table that it would make of a subquery. */
static void sql_refers(struct sql *sql, const struct place *place, enum tense tense)
{
    if (!place->link)
        sql_add(sql, " WHERE t.\"%.*s\"=$%d", STR_ARG(place->field->name), ID_ARG);
    else
        sql_add(sql, " JOIN \"%.*s\" AS l ON l.\"id\"=t.\"id\"%s WHERE l.\"value\"=$%d",
                STR_ARG(tense == TENSE_PRESENT ? place->link->table : place->link->past_table),
                tense == TENSE_PRESENT ? "" : " AND l.\"seq_from\"=t.\"seq_from\"", ID_ARG);
}

/* The arguments that every part of a statement shares: $1 is the id. */
static struct shared_args inbound_args(struct sql *sql, const struct inbound *inbound)
{
    sql_text_arg(sql, inbound->id);
    return shared_args_add(sql, inbound->reader, true);
}

/* The rows of one of a register's two tables that hold the id in one place. */
static void sql_inbound(struct sql *sql, const struct inbound *inbound, const struct place *place,
                        const struct shared_args *args, enum tense tense)
{
    assert(place->link || place->field);
    const struct table *table = place->table;
    const struct sort_key *key = table_sort_key(table, table->reg->sort, inbound->reader->options.lang);
    sql_add(sql, "SELECT t.\"id\" AS \"id\",");
    if (key)
        sql_add(sql, "t.\"%.*s\" AS \"order_key\"", STR_ARG(key->column));
    else
        sql_add(sql, "t.\"id\" AS \"order_key\"");
    if (!place->field)
        sql_add(sql, ",t.\"sources\" AS \"sources\",t.\"owner\" AS \"owner\"");
    sql_add(sql, " FROM \"%.*s\" AS t", STR_ARG(tense_table(table, tense)));
    sql_refers(sql, place, tense);
    sql_visible(sql, "t", args);
    sql_known(sql, "t", args, tense);
    sql_holds(sql, "t", table, args);
}

/* Those of the reader's state, in no order. */
static void sql_inbound_state(struct sql *sql, const struct inbound *inbound, const struct place *place,
                              const struct shared_args *args)
{
    sql_inbound(sql, inbound, place, args, TENSE_PRESENT);
    if (!inbound->reader->options.as_of)
        return;
    sql_add(sql, " UNION ALL ");
    sql_inbound(sql, inbound, place, args, TENSE_PAST);
}

/* What names no hidden field need not be taken apart. */
static bool may_be_hidden(const struct inbound *inbound, const struct reg *reg, struct str sources)
{
    for (size_t i = 0; i < reg->field_count; i++)
        if (!viewer_sees_field(&inbound->reader->options.viewer, &reg->fields[i], STR("")) &&
            str_find(sources, reg->fields[i].name) != SIZE_MAX)
            return true;
    return str_find(sources, STR("[]")) != SIZE_MAX;
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
    struct shared_args args = inbound_args(&sql, inbound);
    sql_add(&sql, "SELECT * FROM (");
    sql_inbound_state(&sql, inbound, place, &args);
    sql_add(&sql, ") AS r ORDER BY \"order_key\",\"id\" LIMIT $%d", sql_int_arg(&sql, INBOUND_TOTAL_MAX + 1));
    return sql_statement(&sql, inbound->reader->db, ret_stmt, err);
}

/* The same without order and limit, for few rows: SQLite would make a table of its own to order them. Kept by its number. */
static int prepare_few(struct inbound *inbound, const struct place *place, struct stmt **ret_stmt, struct err *err)
{
    const struct read_options *options = &inbound->reader->options;
    size_t number = place->quick + (options->as_of ? LANG_COUNT : 0) + (size_t)options->lang;
    SQL_AUTO sql;
    sql_init(&sql);
    struct shared_args args = inbound_args(&sql, inbound);
    if (!reader_has_quick(inbound->reader, number))
        sql_inbound_state(&sql, inbound, place, &args);
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
        if (look && may_be_hidden(inbound, reg, stmt_text(stmt, 2)) &&
            source_is_shown(inbound, reg, stmt, &shown, err)) {
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
        qsort(rows, *ret_total < (int64_t)most ? (size_t)*ret_total : most, sizeof *rows, compare_referring);
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

/* Which places that may refer to a register hold anything at all, in one state of the store: now, or now or once. Places are bits in the
 * layout's order; from the last bit on all count as used. */
struct referring_places {
    int64_t seq;
    unsigned long long commits;
    uint64_t used;
    uint64_t asked; /* the places that the kept statement asks */
};
#define LAST_BIT 63

static struct referring_places *places_of(const struct inbound *inbound)
{
    struct reader *reader = inbound->reader;
    if (!reader->places)
        reader->places = memory_alloc_zeroed(2 * reader->store->model->register_count, sizeof *reader->places);
    return &reader->places[2 * inbound->target->position + (reader->options.as_of ? 1 : 0)];
}

static void sql_any(struct sql *sql, const struct place *place, enum tense tense)
{
    struct str name = tense_table(place->table, tense);
    if (place->link)
        name = tense == TENSE_PRESENT ? place->link->table : place->link->past_table;
    sql_add(sql, "EXISTS(SELECT 1 FROM \"%.*s\" WHERE \"%.*s\">'')", STR_ARG(name),
            STR_ARG(place->link ? STR("value") : place->field->name));
}

static void sql_used(struct sql *sql, const struct inbound *inbound)
{
    const struct layout *layout = inbound->reader->store->layout;
    unsigned bit = 0;
    for (size_t i = 0; i < layout->place_count && bit < LAST_BIT; i++) {
        const struct place *place = &layout->places[i];
        if (place->target != inbound->target)
            continue;
        sql_add(sql, bit++ ? "," : "SELECT ");
        sql_any(sql, place, TENSE_PRESENT);
        if (!inbound->reader->options.as_of)
            continue;
        sql_add(sql, " OR ");
        sql_any(sql, place, TENSE_PAST);
    }
}

/* Asked once in each state of the store. */
static int find_used(struct inbound *inbound, uint64_t *ret_used, struct err *err)
{
    struct reader *reader = inbound->reader;
    struct referring_places *places = places_of(inbound);
    *ret_used = places->used;
    if (places->seq == reader->snapshot_seq && places->commits == reader->snapshot_commits)
        return 0;
    size_t number = inbound->target->position * QUICK_COUNT + (reader->options.as_of ? QUICK_USED_EVER : QUICK_USED);
    struct stmt *stmt;
    SQL_AUTO sql;
    sql_init(&sql);
    if (!reader_has_quick(reader, number))
        sql_used(&sql, inbound);
    if (reader_quick(reader, number, buf_str(&sql.text), &stmt, err) || stmt_step(stmt, err) < 0)
        return -1;
    uint64_t used = UINT64_C(1) << LAST_BIT;
    for (int column = 0; column < stmt_column_count(stmt); column++)
        used |= (uint64_t)(stmt_int(stmt, column) != 0) << column;
    stmt_reset(stmt);
    places->seq = reader->snapshot_seq;
    places->commits = reader->snapshot_commits;
    places->used = used;
    *ret_used = used;
    return 0;
}

/* Rows of either table that held by that seq, $2. */
static void sql_held_place(struct sql *sql, const struct place *place, bool as_of)
{
    if (as_of)
        sql_add(sql, "(SELECT count(*) FROM (%.*s AND \"seq_from\"<=$2 LIMIT %d) AS few)+", STR_ARG(place->probe),
                INBOUND_FEW + 1);
    sql_add(sql, "(SELECT count(*) FROM (%.*s%s LIMIT %d) AS few)", STR_ARG(as_of ? place->probe_past : place->probe),
            as_of ? " AND \"seq_from\"<=$2 AND \"seq_to\">$2" : "", INBOUND_FEW + 1);
}

static void sql_held(struct sql *sql, const struct inbound *inbound, uint64_t used)
{
    const struct layout *layout = inbound->reader->store->layout;
    const char *before = "SELECT ";
    unsigned bit = 0;
    for (size_t i = 0; i < layout->place_count; i++) {
        if (layout->places[i].target != inbound->target)
            continue;
        if (used >> bit & 1) {
            sql_add(sql, "%s", before);
            sql_held_place(sql, &layout->places[i], inbound->reader->options.as_of != 0);
            before = ",";
        }
        bit += bit < LAST_BIT;
    }
}

/* Most places hold nobody; asking all of them first how many they hold, up to a few, in one statement, is a fraction of reading.
 * The array is by place. */
static int ask_places(struct inbound *inbound, int64_t **ret_held, struct err *err)
{
    const struct layout *layout = inbound->reader->store->layout;
    struct referring_places *places = places_of(inbound);
    int64_t as_of = inbound->reader->options.as_of;
    size_t number = inbound->target->position * QUICK_COUNT + (as_of ? QUICK_REFERRED_IN : QUICK_REFERRED);
    uint64_t used;
    struct stmt *stmt;
    *ret_held = ARENA_NEW_ARRAY(inbound->arena, layout->place_count, int64_t);
    if (find_used(inbound, &used, err))
        return -1;
    SQL_AUTO sql;
    sql_init(&sql);
    if (reader_has_quick(inbound->reader, number) && places->asked != used)
        inbound->reader->quick[number] = NULL; /* stays with the connection under its text */
    if (!reader_has_quick(inbound->reader, number))
        sql_held(&sql, inbound, used);
    places->asked = used;
    if (sql.text.len == 0 && !reader_has_quick(inbound->reader, number))
        return 0;
    if (reader_quick(inbound->reader, number, buf_str(&sql.text), &stmt, err))
        return -1;
    stmt_bind_text_or_empty(stmt, 1, inbound->id);
    if (as_of)
        stmt_bind_int(stmt, 2, as_of);
    if (stmt_step(stmt, err) < 0)
        return -1;
    int column = 0;
    unsigned bit = 0;
    for (size_t i = 0; i < layout->place_count; i++) {
        if (layout->places[i].target != inbound->target)
            continue;
        if (used >> bit & 1)
            (*ret_held)[i] = stmt_int(stmt, column++);
        bit += bit < LAST_BIT;
    }
    stmt_reset(stmt);
    return 0;
}

static int add_group(struct inbound *inbound, const struct place *place, bool few, struct err *err)
{
    struct inbound_group group = {.reg = place->table->reg, .field = place->field};
    struct referring *rows;
    if (read_inbound(inbound, place, few, &rows, &group.total, err))
        return -1;
    size_t most = few && inbound->limit_each > INBOUND_FEW ? INBOUND_FEW : inbound->limit_each;
    size_t shown = group.total < (int64_t)most ? (size_t)group.total : most;
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

static size_t count_places(const struct inbound *inbound)
{
    const struct layout *layout = inbound->reader->store->layout;
    size_t count = 0;
    for (size_t i = 0; i < layout->place_count; i++)
        count += layout->places[i].target == inbound->target;
    return count;
}

/* Whatever holds in the state, for a viewer without records of its own. */
static bool is_usual(const struct read_options *options)
{
    return options->viewer.owner.len == 0 && !date_is_set(options->on);
}

int store_inbound(struct reader *reader, const struct reg *reg, struct str id, size_t limit_each, struct arena *arena,
                  struct inbound_group **ret_groups, size_t *ret_count, struct err *err)
{
    struct inbound inbound = {.reader = reader, .target = reg, .id = id, .limit_each = limit_each, .arena = arena};
    const struct layout *layout = reader->store->layout;
    size_t places = count_places(&inbound);
    inbound.groups = ARENA_NEW_ARRAY(arena, places, struct inbound_group);
    note_referrers(reader, reg, id);
    const struct read_options *options = &reader->options;
    bool usual = is_usual(options);
    int64_t *held = NULL;
    bool visible;
    if (record_is_visible(reader, reg, id, &visible, err))
        return -1;
    visible = visible && places > 0;
    if (visible && ask_places(&inbound, &held, err))
        return -1;
    for (size_t i = 0; visible && i < layout->place_count; i++) {
        if (may_hold(&inbound, &layout->places[i]) && held[i] > 0 &&
            add_group(&inbound, &layout->places[i], usual && held[i] <= INBOUND_FEW, err))
            return -1;
    }
    *ret_groups = inbound.groups;
    *ret_count = inbound.count;
    return 0;
}
