/* Totals and facets from kept counters, and walks over whole registers. */
#include "store/measure.h"
#include "store/read.h"

#include <stdlib.h>
#include <string.h>

/* The text for the present, or the one for the edition that is read, whose name is its last parameter. */
static int counts_statement(struct reader *reader, struct str present, struct str edition_text, int edition_parameter,
                            struct stmt **ret_stmt, struct err *err)
{
    const struct edition *edition = reader->options.as_of ? edition_at(reader->store, reader->options.as_of) : NULL;
    if (db_kept_statement(reader->db, edition ? edition_text : present, ret_stmt, err))
        return -1;
    if (edition)
        stmt_bind_text_or_empty(*ret_stmt, edition_parameter, edition->name);
    return 0;
}

int counter_read(struct reader *reader, const struct reg *reg, const struct field *field, struct str value,
                 int64_t *ret_count, struct err *err)
{
    note_register(reader, reg);
    struct stmt *stmt;
    if (counts_statement(reader,
                         STR("SELECT sum(\"records\") FROM \"counter\" WHERE \"register\"=$1 AND \"field\"=$2 AND "
                             "\"value\"=$3 AND \"visibility\"<=$4"),
                         STR("SELECT sum(\"records\") FROM \"edition_counter\" WHERE \"register\"=$1 AND \"field\"=$2 "
                             "AND \"value\"=$3 AND \"visibility\"<=$4 AND \"edition\"=$5"),
                         5, &stmt, err))
        return -1;
    stmt_bind_text_or_empty(stmt, 1, reg->name);
    stmt_bind_text_or_empty(stmt, 2, field ? field->name : STR(""));
    stmt_bind_text_or_empty(stmt, 3, value);
    stmt_bind_int(stmt, 4, reader->options.viewer.sees);
    if (stmt_step(stmt, err) < 0)
        return -1;
    *ret_count = stmt_int(stmt, 0);
    stmt_reset(stmt);
    return 0;
}

int store_count(struct reader *reader, const struct reg *reg, int64_t *ret_count, struct err *err)
{
    return counter_read(reader, reg, NULL, STR(""), ret_count, err);
}

/* Whether a facet's value is a record the viewer may not know of. */
static int value_is_visible(struct reader *reader, const struct field *field, struct str value, bool *ret_visible,
                            struct err *err)
{
    *ret_visible = true;
    if (!field->reference || reader->options.viewer.sees == VISIBILITY_SECRETARIAT ||
        !atomic_load(&reader->store->has_hidden[field->reference->position]))
        return 0;
    return record_is_visible(reader, field->reference, value, ret_visible, err);
}

#define FACET_VALUES_MAX 1000

int store_facet(struct reader *reader, const struct reg *reg, const struct field *field, struct arena *arena,
                struct facet_count **ret_counts, size_t *ret_count, struct err *err)
{
    if (!field->facet || !viewer_sees_field(&reader->options.viewer, field, STR("")))
        return err_set_field(err, ERR_INVALID, field->name, "%.*s is no facet of %.*s", STR_ARG(field->name),
                             STR_ARG(reg->name));
    struct stmt *stmt;
    if (counts_statement(
            reader,
            STR("SELECT \"value\",sum(\"records\") FROM \"counter\" WHERE \"register\"=$1 AND \"field\"=$2 AND "
                "\"visibility\"<=$3 GROUP BY \"value\" ORDER BY sum(\"records\") DESC,\"value\" LIMIT $4"),
            STR("SELECT \"value\",sum(\"records\") FROM \"edition_counter\" WHERE \"register\"=$1 AND \"field\"=$2 AND "
                "\"visibility\"<=$3 AND \"edition\"=$5 GROUP BY \"value\" ORDER BY sum(\"records\") DESC,\"value\" "
                "LIMIT $4"),
            5, &stmt, err))
        return -1;
    stmt_bind_text_or_empty(stmt, 1, reg->name);
    stmt_bind_text_or_empty(stmt, 2, field->name);
    stmt_bind_int(stmt, 3, reader->options.viewer.sees);
    stmt_bind_int(stmt, 4, FACET_VALUES_MAX);
    note_register(reader, reg);
    struct facet_count *counts = ARENA_NEW_ARRAY(arena, FACET_VALUES_MAX, struct facet_count);
    size_t count = 0;
    int step;
    while ((step = stmt_step(stmt, err)) == 1)
        counts[count++] = (struct facet_count){arena_copy(arena, stmt_text(stmt, 0)), stmt_int(stmt, 1)};
    if (step < 0)
        return -1;
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        bool visible;
        if (value_is_visible(reader, field, counts[i].value, &visible, err))
            return -1;
        if (visible)
            counts[kept++] = counts[i];
    }
    *ret_counts = counts;
    *ret_count = kept;
    return 0;
}

/* ---- walking a register ---- */

#define EACH_AT_ONCE 200
#define EACH_MEMORY_MAX ((size_t)512 << 20)

int store_each(struct reader *reader, const struct reg *reg, int (*each)(void *context, const struct found *found),
               void *context, struct err *err)
{
    ARENA_AUTO arena;
    arena_init(&arena, EACH_MEMORY_MAX);
    BUF_AUTO cursor;
    buf_init(&cursor, 1000);
    do {
        arena_reset(&arena);
        struct list_query query = {
            .reg = reg, .by_id = true, .limit = EACH_AT_ONCE, .cursor = arena_copy(&arena, buf_str(&cursor))};
        struct page page;
        if (store_list(reader, &query, &arena, &page, err))
            return -1;
        for (size_t i = 0; i < page.count; i++) {
            int result = each(context, &page.items[i]);
            if (result)
                return result;
        }
        buf_clear(&cursor);
        buf_add(&cursor, page.next);
    } while (cursor.len);
    return 0;
}

#define ELDEST_AMONG 100

/* The seq at which it came into the register for the first time. */
static int first_seq(struct reader *reader, const struct found *found, struct arena *arena, int64_t *ret_seq,
                     struct err *err)
{
    const struct table *table = layout_table(reader->store->layout, found->reg);
    struct str sql =
        arena_format(arena, "SELECT min(\"seq_from\") FROM \"%.*s\" WHERE \"id\"=$1", STR_ARG(table->past_name));
    struct stmt *stmt;
    if (db_statement(reader->db, sql, &stmt, err))
        return -1;
    stmt_bind_text_or_empty(stmt, 1, value_get_text(found->record, STR("id")));
    int step = stmt_step(stmt, err);
    if (step < 0)
        return -1;
    int64_t past = step ? stmt_int(stmt, 0) : 0;
    stmt_reset(stmt);
    *ret_seq = past && past < found->seq ? past : found->seq;
    return 0;
}

int store_eldest(struct reader *reader, const struct reg *reg, struct arena *arena, const struct found **ret_found,
                 struct err *err)
{
    struct list_query query = {.reg = reg, .by_id = true, .limit = ELDEST_AMONG};
    struct page page;
    if (store_list(reader, &query, arena, &page, err))
        return -1;
    *ret_found = page.count ? page.items : NULL;
    int64_t least = INT64_MAX;
    for (size_t i = 0; page.count > 1 && i < page.count; i++) {
        int64_t seq;
        if (first_seq(reader, page.items + i, arena, &seq, err))
            return -1;
        if (seq < least) {
            least = seq;
            *ret_found = page.items + i;
        }
    }
    return 0;
}

/* ---- the feed ---- */

int store_feed(struct reader *reader, int64_t after, size_t limit, struct arena *arena, struct feed_item **ret_items,
               size_t *ret_count, struct err *err)
{
    struct stmt *stmt;
    if (db_kept_statement(
            reader->db,
            STR("SELECT \"seq\",\"register\",\"id\",\"kind\",\"other_id\" FROM \"revision\" WHERE \"seq\">$1 AND \"seq\"<=$2 "
                "ORDER BY \"seq\" LIMIT $3"),
            &stmt, err))
        return -1;
    stmt_bind_int(stmt, 1, after);
    stmt_bind_int(stmt, 2, reader_seq(reader));
    stmt_bind_int(stmt, 3, (int64_t)limit);
    note_everything(reader);
    struct feed_item *items = ARENA_NEW_ARRAY(arena, limit, struct feed_item);
    size_t count = 0;
    int step;
    while ((step = stmt_step(stmt, err)) == 1) {
        const struct reg *reg = model_register(reader->store->model, stmt_text(stmt, 1));
        if (reg) /* else the register has left the model */
            items[count++] =
                (struct feed_item){stmt_int(stmt, 0), reg, arena_copy(arena, stmt_text(stmt, 2)),
                                   (enum change_kind)stmt_int(stmt, 3), arena_copy(arena, stmt_text(stmt, 4))};
    }
    if (step < 0)
        return -1;
    *ret_items = items;
    *ret_count = count;
    return 0;
}

static int decided_ms(struct reader *reader, int64_t seq, int64_t *ret_ms, struct err *err)
{
    struct stmt *stmt;
    if (db_statement(reader->db,
                     STR("SELECT c.\"decided_ms\" FROM \"revision\" AS r JOIN \"change_set\" AS c ON "
                         "c.\"no\"=r.\"change_set\" WHERE r.\"seq\"=$1"),
                     &stmt, err))
        return -1;
    stmt_bind_int(stmt, 1, seq);
    int step = stmt_step(stmt, err);
    if (step < 0)
        return -1;
    *ret_ms = step ? stmt_int(stmt, 0) : 0;
    stmt_reset(stmt);
    if (!reader->options.as_of) /* when a past state was decided never changes */
        note_everything(reader);
    return 0;
}

int store_changed_ms(struct reader *reader, int64_t *ret_ms, struct err *err)
{
    return decided_ms(reader, reader_seq(reader), ret_ms, err);
}

int reader_older_measures_ms(struct reader *reader, int64_t *ret_ms, struct err *err)
{
    *ret_ms = 0;
    return reader->older_seq ? decided_ms(reader, reader->older_seq, ret_ms, err) : 0;
}
