/* A filter that no index serves makes a page look at every record in its order until enough fit. In a large register a page
 * looks at so many at most, of the present and of the past each, and says where it stopped: whoever asks goes on from there.
 * The past has fewer indexes: of facets and lists, and of the register's own order. In another order a page of the past sorts all
 * rows, so a large one is refused. */
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
    bool past = lister->reader->options.as_of != 0;
    return field && (field->facet || lister->table->places[field->position].link ||
                     (!past && (field->unique || field->reference)));
}

/* Whether a table has more rows than a page may look at. */
static int is_large(const struct lister *lister, enum tense tense, bool *ret_large, struct err *err)
{
    SQL_AUTO sql;
    sql_init(&sql);
    sql_add(&sql, "SELECT 1 FROM \"%.*s\" LIMIT 1 OFFSET $%d", STR_ARG(tense_table(lister->table, tense)),
            sql_int_arg(&sql, (int64_t)list_walk_max));
    struct stmt *stmt;
    if (sql_statement(&sql, lister->reader->db, &stmt, err))
        return -1;
    int step = stmt_step(stmt, err);
    if (step == 1)
        stmt_reset(stmt);
    *ret_large = step == 1;
    return step < 0 ? -1 : 0;
}

/* Of a state of the past; `walks`: some filter has no index. */
static int begin_past_walk(struct lister *lister, bool walks, struct err *err)
{
    bool ordered = past_is_ordered(lister), past_is_large, present_is_large;
    if (!walks && ordered)
        return 0;
    if (is_large(lister, TENSE_PAST, &past_is_large, err))
        return -1;
    if (!ordered && past_is_large)
        return err_set_field(err, ERR_LIMIT, STR("sort"),
                             "%.*s has more than %zu former states, which are in no order by %.*s; allowed: as_of "
                             "without sort, or sort without as_of",
                             STR_ARG(lister->query->reg->name), list_walk_max, STR_ARG(lister->sort_key->field->name));
    if (!ordered || is_large(lister, TENSE_PRESENT, &present_is_large, err))
        return ordered ? -1 : 0;
    lister->walks = past_is_large || present_is_large;
    return 0;
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
    if (options->as_of)
        return begin_past_walk(lister, walks, err);
    if (!walks || selective)
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

/* A place in the order. */
struct place_found {
    bool is_there;
    struct str key, id;
};

/* Of those that the viewer may see: the place goes into a cursor, which is not to tell of others. */
static void sql_end(struct sql *sql, const struct lister *lister, enum tense tense, const char *order)
{
    bool by_key = lister->sort_key && lister->phase != PHASE_KEYLESS;
    const char *down = lister->query->descending && lister->phase != PHASE_KEYLESS ? " DESC" : "";
    const char *beyond = *down ? "<" : ">";
    struct shared_args args = viewer_args_add(sql, lister->reader);
    sql_add(sql, "SELECT %s,t.\"id\" FROM \"%.*s\" AS t WHERE 1=1", order, STR_ARG(tense_table(lister->table, tense)));
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

static int find_end(const struct lister *lister, enum tense tense, struct arena *arena, struct place_found *ret_place,
                    struct err *err)
{
    SQL_AUTO sql;
    sql_init(&sql);
    struct str order =
        lister->sort_key ? arena_format(arena, "t.\"%.*s\"", STR_ARG(lister->sort_key->column)) : STR("t.\"id\"");
    sql_end(&sql, lister, tense, order.ptr);
    struct stmt *stmt;
    if (sql_statement(&sql, lister->reader->db, &stmt, err))
        return -1;
    int step = stmt_step(stmt, err);
    if (step < 0)
        return -1;
    *ret_place = (struct place_found){.is_there = step == 1};
    if (step == 1) {
        ret_place->key = arena_copy(arena, stmt_blob(stmt, 0));
        ret_place->id = arena_copy(arena, stmt_text(stmt, 1));
        stmt_reset(stmt);
    }
    return 0;
}

static bool is_nearer(const struct lister *lister, const struct place_found *a, const struct place_found *b)
{
    bool by_key = lister->sort_key && lister->phase != PHASE_KEYLESS;
    bool down = lister->query->descending && lister->phase != PHASE_KEYLESS;
    int order = by_key ? str_cmp(a->key, b->key) : 0;
    order = order ? order : str_cmp(a->id, b->id);
    return down ? order > 0 : order < 0;
}

int lister_find_end(struct lister *lister, struct arena *arena, struct err *err)
{
    struct place_found end = {0}, past = {0};
    lister->has_end = false;
    if (!lister->walks)
        return 0;
    if (find_end(lister, TENSE_PRESENT, arena, &end, err) ||
        (lister->reader->options.as_of && find_end(lister, TENSE_PAST, arena, &past, err)))
        return -1;
    if (past.is_there && (!end.is_there || is_nearer(lister, &past, &end)))
        end = past;
    lister->has_end = end.is_there;
    lister->end_key = end.key;
    lister->end_id = end.id;
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
