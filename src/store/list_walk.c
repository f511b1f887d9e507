/* A filter that no index serves makes a page look at every record in its order until enough fit. In a large register a page
 * looks at so many at most, and says where it stopped: whoever asks goes on from there. */
#include "store/list.h"

size_t list_walk_max = 100000;

/* Few records refer to one, so what else is asked for costs little there. */
static bool is_selective(const struct filter *filter)
{
    return filter->field && (filter->field->unique || filter->field->reference);
}

static bool has_index(const struct lister *lister, const struct filter *filter)
{
    const struct field *field = filter->field;
    return field && (field->facet || field->unique || field->reference || lister->table->places[field->position].link);
}

int lister_begin_walk(struct lister *lister, struct err *err)
{
    const struct read_options *options = &lister->reader->options;
    bool walks = date_is_set(options->on), selective = false;
    int64_t all = 0;
    for (size_t i = 0; i < lister->query->filter_count; i++) {
        walks |= !has_index(lister, &lister->query->filters[i]);
        selective |= is_selective(&lister->query->filters[i]);
    }
    if (!walks || selective || options->as_of)
        return 0;
    if (store_count(lister->reader, lister->query->reg, &all, err))
        return -1;
    lister->walks = all > (int64_t)list_walk_max;
    return 0;
}

void lister_walk_total(const struct lister *lister, struct page *page)
{
    page->total = (int64_t)page->count;
    page->total_exact = lister->query->cursor.len == 0 && page->next.len == 0;
}

/* Of those that the viewer may see: the place goes into a cursor, which is not to tell of others. */
static void sql_end(struct sql *sql, const struct lister *lister, const char *order)
{
    bool by_key = lister->sort_key && lister->phase != PHASE_KEYLESS;
    const char *down = lister->query->descending && lister->phase != PHASE_KEYLESS ? " DESC" : "";
    const char *beyond = *down ? "<" : ">";
    struct shared_args args = shared_args_add(sql, lister->reader, false);
    sql_add(sql, "SELECT %s,t.\"id\" FROM \"%.*s\" AS t WHERE 1=1", order, STR_ARG(lister->table->name));
    sql_visible(sql, "t", &args);
    if (lister->phase != PHASE_ALL)
        sql_add(sql, " AND %s%s$%d", order, lister->phase == PHASE_KEYED ? "<" : "=",
                sql_blob_arg(sql, STR(SORT_KEY_NONE)));
    if (lister->has_cursor && by_key) {
        int key = sql_blob_arg(sql, lister->cursor_key);
        sql_add(sql, " AND (%s,t.\"id\")%s($%d,$%d)", order, beyond, key, sql_text_arg(sql, lister->cursor_id));
    } else if (lister->has_cursor) {
        sql_add(sql, " AND t.\"id\"%s$%d", beyond, sql_text_arg(sql, lister->cursor_id));
    }
    sql_add(sql, " ORDER BY ");
    if (by_key)
        sql_add(sql, "%s%s,", order, down);
    sql_add(sql, "t.\"id\"%s LIMIT 1 OFFSET $%d", down, sql_int_arg(sql, (int64_t)list_walk_max - 1));
}

int lister_find_end(struct lister *lister, struct arena *arena, struct err *err)
{
    lister->has_end = false;
    if (!lister->walks)
        return 0;
    SQL_AUTO sql;
    sql_init(&sql);
    struct str order =
        lister->sort_key ? arena_format(arena, "t.\"%.*s\"", STR_ARG(lister->sort_key->column)) : STR("t.\"id\"");
    sql_end(&sql, lister, order.ptr);
    struct stmt *stmt;
    if (sql_statement(&sql, lister->reader->db, &stmt, err))
        return -1;
    int step = stmt_step(stmt, err);
    if (step < 0)
        return -1;
    lister->has_end = step == 1;
    if (lister->has_end) {
        lister->end_key = arena_copy(arena, stmt_blob(stmt, 0));
        lister->end_id = arena_copy(arena, stmt_text(stmt, 1));
        stmt_reset(stmt);
    }
    return 0;
}

void lister_sql_end(struct sql *sql, const struct lister *lister, struct str order, int key_arg, int id_arg)
{
    const char *id = lister->link ? "k.\"id\"" : "t.\"id\"";
    const char *until = lister->query->descending && lister->phase != PHASE_KEYLESS ? ">=" : "<=";
    if (key_arg)
        sql_add(sql, " AND (%.*s,%s)%s($%d,$%d)", STR_ARG(order), id, until, key_arg, id_arg);
    else
        sql_add(sql, " AND %s%s$%d", id, until, id_arg);
}
