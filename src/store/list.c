/* Lists: filtered, ordered, paged by (key, id), in the present or as of a seq.
 *
 * A page of the present is one SELECT; how a page of the past is found, list_past.c says. An order has the stored sort key as its first column, `id` as its
 * second. What has no key (0xFF) comes last: ascending by itself, descending by a second phase that begins where the first
 * ends. Cursors are HEX(key)~id, or ~id when the order is by id; with a "+" before them in the second phase. */
#include "store/list.h"

#include "base/text.h"
#include "store/list_shape.h"

#include <stdlib.h>
#include <string.h>

/* What is read of a row whose JSON is kept: KEPT_COLUMNS, then the key. */
#define KEPT_COLUMNS "\"id\",\"seq_from\""
#define KEPT_SEQ_COLUMN 1
#define KEPT_KEY_COLUMN 2
/* Longer lists would only put one another out of what is kept. */
#define KEPT_LIMIT_MAX 50

/* ---- cursors ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool decode_hex(struct str hex, struct arena *arena, struct str *ret_bytes)
{
    if (hex.len % 2 || hex.len > (size_t)2 * TEXT_SORT_KEY_MAX)
        return false;
    char *bytes = arena_alloc(arena, hex.len / 2 + 1);
    for (size_t i = 0; i < hex.len; i += 2) {
        int high = hex_digit(hex.ptr[i]), low = hex_digit(hex.ptr[i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[i / 2] = (char)(high << 4 | low);
    }
    *ret_bytes = str_make(bytes, hex.len / 2);
    return true;
}

static int read_cursor(struct lister *lister, struct arena *arena, struct err *err)
{
    struct str cursor = lister->query->cursor;
    if (cursor.len == 0)
        return 0;
    if (cursor.ptr[0] == '+') {
        lister->phase = PHASE_KEYLESS;
        cursor = str_slice(cursor, 1, cursor.len);
    }
    size_t tilde = str_find_byte(cursor, '~');
    struct str key = str_slice(cursor, 0, tilde), id = str_slice(cursor, tilde + 1, cursor.len);
    bool fits = tilde < cursor.len && decode_hex(key, arena, &lister->cursor_key) && (id.len == 0 || id_is_valid(id)) &&
                (lister->sort_key || key.len == 0);
    if (!fits)
        return err_set_field(err, ERR_INVALID, STR("cursor"),
                             "this cursor does not belong to this list; take `next` of the page before as it is");
    lister->has_cursor = true;
    lister->cursor_id = id;
    return 0;
}

static struct str write_cursor(const struct lister *lister, struct str key, struct str id, enum phase phase,
                               struct arena *arena)
{
    BUF_AUTO cursor;
    buf_init(&cursor, 400);
    if (phase == PHASE_KEYLESS)
        buf_add_byte(&cursor, '+');
    for (size_t i = 0; lister->sort_key && i < key.len; i++)
        buf_add_format(&cursor, "%02x", (unsigned char)key.ptr[i]);
    buf_add_byte(&cursor, '~');
    buf_add(&cursor, id);
    return arena_copy(arena, buf_str(&cursor));
}

/* ---- filters ---- */

static int refuse_value(struct err *err, const struct filter *filter, const char *allowed)
{
    return err_set_field(err, ERR_INVALID, filter->name, "\"%.*s\" is not a value of %.*s; allowed is %s",
                         STR_ARG(str_slice(filter->value, 0, 100)), STR_ARG(filter->name), allowed);
}

static int add_number_arg(struct sql *sql, const struct filter *filter, int *ret_arg, struct err *err)
{
    struct decimal number;
    if (!decimal_parse(filter->value, &number))
        return refuse_value(err, filter, "a number");
    *ret_arg = sql_decimal_arg(sql, number);
    return 0;
}

static int add_boolean_arg(struct sql *sql, const struct filter *filter, int *ret_arg, struct err *err)
{
    bool yes = str_eq(filter->value, STR("true"));
    if (!yes && !str_eq(filter->value, STR("false")))
        return refuse_value(err, filter, "true or false");
    *ret_arg = sql_int_arg(sql, yes);
    return 0;
}

/* A date matches those that lie within it: 2022 matches 2022-02-21, as text [2022, 2022~). */
static int add_date_args(struct sql *sql, const struct filter *filter, int args[2], struct arena *arena,
                         struct err *err)
{
    struct date date;
    if (!date_parse(filter->value, &date))
        return refuse_value(err, filter, "a date: 2022, 2022-02 or 2022-02-21");
    args[0] = sql_text_arg(sql, filter->value);
    args[1] = sql_text_arg(sql, arena_format(arena, "%.*s~", STR_ARG(filter->value)));
    return 0;
}

static int add_filter_args(struct sql *sql, const struct filter *filter, int args[2], struct arena *arena,
                           struct err *err)
{
    const struct field *field = filter->field;
    if (field && (field->type == FIELD_NUMBER || field->type == FIELD_INTEGER || field->type == FIELD_FIGURE))
        return add_number_arg(sql, filter, &args[0], err);
    if (field && field->type == FIELD_BOOLEAN)
        return add_boolean_arg(sql, filter, &args[0], err);
    if (field && field->type == FIELD_DATE)
        return add_date_args(sql, filter, args, arena, err);
    if (field && field->type == FIELD_DATETIME) {
        int64_t time_ms;
        if (!time_parse(filter->value, &time_ms))
            return refuse_value(err, filter, "a time: 2022-02-21T10:00:00Z");
        args[0] = sql_int_arg(sql, time_ms);
        return 0;
    }
    if (field && field->vocabulary && !vocabulary_term(field->vocabulary, filter->value))
        return err_set_field(err, ERR_INVALID, filter->name,
                             "\"%.*s\" is not a value of %.*s; allowed are the codes of the vocabulary %.*s",
                             STR_ARG(str_slice(filter->value, 0, 100)), STR_ARG(filter->name),
                             STR_ARG(field->vocabulary->name));
    args[0] = sql_text_arg(sql, filter->value);
    return 0;
}

static bool can_filter(const struct lister *lister, const struct filter *filter)
{
    const struct field *field = filter->field;
    if (!field)
        return str_eq(filter->name, STR("owner"));
    if (!viewer_sees_field(&lister->reader->options.viewer, field, STR("")))
        return false;
    return field->type != FIELD_GEOPOINT && (field->type != FIELD_LIST || field->vocabulary || field->reference);
}

static void sql_filter(struct sql *sql, const struct lister *lister, size_t index, enum tense tense)
{
    const struct filter *filter = &lister->query->filters[index];
    const int *args = lister->filter_args[index];
    const struct field *field = filter->field;
    if (!field) {
        sql_add(sql, " AND t.\"owner\"=$%d", args[0]);
        return;
    }
    const struct field_place *place = &lister->table->places[field->position];
    if (place->link) {
        if (lister->link == place->link && lister->link_filter == index)
            sql_add(sql, " AND k.\"value\"=$%d", args[0]);
        else {
            sql_add(sql, " AND ");
            sql_linked(sql, place->link, args[0], tense);
        }
        return;
    }
    struct str column = lister->table->slots[place->first_slot].column;
    if (args[1]) {
        sql_add(sql, " AND t.\"%.*s\">=$%d AND t.\"%.*s\"<$%d", STR_ARG(column), args[0], STR_ARG(column), args[1]);
    } else if (field->bilingual) {
        struct str other = lister->table->slots[place->first_slot + 1].column;
        sql_add(sql, " AND (t.\"%.*s\"=$%d OR t.\"%.*s\"=$%d)", STR_ARG(column), args[0], STR_ARG(other), args[0]);
    } else {
        sql_add(sql, " AND t.\"%.*s\"=$%d", STR_ARG(column), args[0]);
    }
}

/* ---- one table's part ---- */

void lister_sql_where(struct sql *sql, const struct lister *lister, enum tense tense)
{
    sql_add(sql, " WHERE 1=1");
    for (size_t i = 0; i < lister->query->filter_count; i++)
        sql_filter(sql, lister, i, tense);
    sql_visible(sql, "t", &lister->args);
    sql_holds(sql, "t", lister->table, &lister->args);
}

struct str lister_order_column(const struct lister *lister, struct arena *arena)
{
    if (!lister->sort_key)
        return STR("");
    enum lang lang = lister->reader->options.lang;
    if (lister->link)
        return arena_format(arena, "k.\"key_%.*s\"", STR_ARG(lang_codes[lang]));
    return arena_format(arena, "t.\"%.*s\"", STR_ARG(lister->sort_key->column));
}

void lister_sql_from(struct sql *sql, const struct lister *lister, enum tense tense)
{
    struct str name = tense_table(lister->table, tense);
    if (!lister->link) {
        sql_add(sql, " FROM \"%.*s\" AS t", STR_ARG(name));
        return;
    }
    bool past = tense == TENSE_PAST;
    sql_add(sql, " FROM \"%.*s\" AS k JOIN \"%.*s\" AS t ON t.\"id\"=k.\"id\"%s",
            STR_ARG(past ? lister->link->past_table : lister->link->table), STR_ARG(name),
            past ? " AND t.\"seq_from\"=k.\"seq_from\"" : "");
}

/* The numbers of the arguments that say which part of the list is wanted. */
struct page_args {
    int key, id, end_key, end_id, limit;
};

static void sql_page(struct sql *sql, const struct lister *lister, const struct page_args *args, enum tense tense,
                     struct arena *arena)
{
    struct str order = lister_order_column(lister, arena);
    const char *id = lister->link ? "k.\"id\"" : "t.\"id\"";
    bool by_key = lister->sort_key && lister->phase != PHASE_KEYLESS;
    const char *down = lister->query->descending && lister->phase != PHASE_KEYLESS ? " DESC" : "";
    const char *beyond = *down ? "<" : ">";
    sql_add(sql, "SELECT t.*");
    sql_add(sql, ",%.*s AS \"order_key\"", STR_ARG(order.len ? order : STR("t.\"id\"")));
    lister_sql_from(sql, lister, tense);
    lister_sql_where(sql, lister, tense);
    sql_known(sql, "t", &lister->args, tense);
    if (lister->phase == PHASE_KEYED)
        sql_add(sql, " AND %.*s<$%d", STR_ARG(order), lister->none_arg);
    if (lister->phase == PHASE_KEYLESS)
        sql_add(sql, " AND %.*s=$%d", STR_ARG(order), lister->none_arg);
    if (lister->has_cursor && by_key)
        sql_add(sql, " AND (%.*s,%s)%s($%d,$%d)", STR_ARG(order), id, beyond, args->key, args->id);
    else if (lister->has_cursor)
        sql_add(sql, " AND %s%s$%d", id, beyond, args->id);
    if (lister->has_end)
        lister_sql_end(sql, lister, order, args->end_key, args->end_id);
    sql_add(sql, " ORDER BY ");
    if (by_key)
        sql_add(sql, "%.*s%s,", STR_ARG(order), down);
    sql_add(sql, "%s%s LIMIT $%d", id, down, args->limit);
}

/* `t.*` is replaced by the columns themselves, so that both tables give the same ones. */
static void sql_columns(struct buf *out, struct str sql, struct str columns)
{
    size_t star;
    while ((star = str_find(sql, STR("t.*"))) != SIZE_MAX) {
        buf_add(out, str_slice(sql, 0, star));
        struct str rest = columns, column;
        bool done = false, first = true;
        while (str_next_part(&rest, ',', &done, &column)) {
            buf_add_format(out, "%st.%.*s", first ? "" : ",", STR_ARG(column));
            first = false;
        }
        sql = str_slice(sql, star + 3, sql.len);
    }
    buf_add(out, sql);
}

/* A page of the past in an order of which the past has no index. */
static void sql_merge(struct sql *sql, const struct lister *lister, const struct page_args *args, struct arena *arena)
{
    const char *down = lister->query->descending && lister->phase != PHASE_KEYLESS ? " DESC" : "";
    sql_add(sql, "SELECT * FROM (");
    sql_page(sql, lister, args, TENSE_PRESENT, arena);
    sql_add(sql, ") AS a UNION ALL SELECT * FROM (");
    sql_page(sql, lister, args, TENSE_PAST, arena);
    sql_add(sql, ") AS b ORDER BY \"order_key\"%s,\"id\"%s LIMIT $%d", down, down, args->limit);
}

/* ---- reading a page ---- */

int lister_add_args(struct lister *lister, struct sql *sql, struct arena *arena, struct err *err)
{
    lister->args = shared_args_add(sql, lister->reader, true);
    memset(lister->filter_args, 0, sizeof lister->filter_args);
    for (size_t i = 0; i < lister->query->filter_count; i++)
        if (add_filter_args(sql, &lister->query->filters[i], lister->filter_args[i], arena, err))
            return -1;
    lister->none_arg = lister->phase != PHASE_ALL ? sql_blob_arg(sql, STR(SORT_KEY_NONE)) : 0;
    return 0;
}

static int add_page_args(struct lister *lister, struct sql *sql, size_t limit, struct page_args *args,
                         struct arena *arena, struct err *err)
{
    if (lister_add_args(lister, sql, arena, err))
        return -1;
    bool by_key = lister->sort_key && lister->phase != PHASE_KEYLESS;
    args->key = lister->has_cursor && by_key ? sql_blob_arg(sql, lister->cursor_key) : 0;
    args->id = lister->has_cursor ? sql_text_arg(sql, lister->cursor_id) : 0;
    args->end_key = lister->has_end && by_key ? sql_blob_arg(sql, lister->end_key) : 0;
    args->end_id = lister->has_end ? sql_text_arg(sql, lister->end_id) : 0;
    args->limit = sql_int_arg(sql, (int64_t)limit);
    return 0;
}

int lister_take_row(struct lister *lister, struct page *page, struct stmt *stmt, struct arena *arena, struct err *err)
{
    struct found *item = &page->items[page->count];
    if (!lister->json)
        return read_found(lister->reader, lister->table, stmt, 0, arena, item, err);
    struct str id = arena_copy(arena, stmt_text(stmt, FIXED_ID));
    *item = (struct found){.reg = lister->table->reg, .record = value_object(arena)};
    item->seq = stmt_int(stmt, lister->from_kept ? KEPT_SEQ_COLUMN : FIXED_SEQ_FROM);
    value_set_text(arena, item->record, STR("id"), id);
    if (page->count == lister->query->limit)
        return 0;
    if (page->count)
        buf_add_byte(lister->json, ',');
    if (lister->from_kept)
        return kept_json(lister->reader, lister->table->reg, id, arena, lister->json, err);
    return row_write_json(lister->reader, lister->table, stmt, 0, arena, lister->json, err);
}

static int write_statement(struct lister *lister, struct sql *draft, const struct page_args *args, struct arena *arena,
                           struct stmt **ret_stmt, struct err *err)
{
    if (lister->reader->options.as_of)
        sql_merge(draft, lister, args, arena);
    else
        sql_page(draft, lister, args, TENSE_PRESENT, arena);
    BUF_AUTO text;
    buf_init(&text, SQL_TEXT_MAX);
    sql_columns(&text, buf_str(&draft->text), lister->from_kept ? STR(KEPT_COLUMNS) : lister->table->read_columns);
    return db_statement(lister->reader->db, buf_str(&text), ret_stmt, err);
}

static bool is_usual(const struct lister *lister)
{
    const struct read_options *options = &lister->reader->options;
    return lister->query->filter_count <= SHAPE_FILTERS_MAX && !options->as_of && options->viewer.owner.len == 0 &&
           !date_is_set(options->on) && !lister->has_end;
}

/* The statement of a page; that of a list of the present with few filters is found again without writing it. */
static int page_statement(struct lister *lister, struct sql *draft, const struct page_args *args, struct arena *arena,
                          struct stmt **ret_stmt, struct err *err)
{
    const struct list_query *query = lister->query;
    struct list_shape shape = {.table = lister->table,
                               .filter_count = query->filter_count,
                               .link = lister->link,
                               .link_filter = lister->link_filter,
                               .sort_key = lister->sort_key,
                               .phase = (int)lister->phase,
                               .descending = query->descending,
                               .has_cursor = lister->has_cursor,
                               .from_kept = lister->from_kept};
    if (!is_usual(lister))
        return write_statement(lister, draft, args, arena, ret_stmt, err);
    for (size_t i = 0; i < query->filter_count; i++)
        shape.filters[i] = query->filters[i].field;
    struct stmt **place = list_statement(lister->reader, &shape);
    if (!*place && write_statement(lister, draft, args, arena, place, err))
        return -1;
    *ret_stmt = *place;
    return 0;
}

/* Reads one phase's rows into the page, one more than fits to know whether there is a next. */
static int read_phase(struct lister *lister, struct page *page, struct str *keys, size_t limit, struct arena *arena,
                      struct err *err)
{
    if (lister_find_end(lister, arena, err))
        return -1;
    if (lister->reader->options.as_of && past_is_ordered(lister))
        return past_page(lister, page, keys, limit, arena, err);
    SQL_AUTO draft;
    sql_init(&draft);
    struct page_args args;
    if (add_page_args(lister, &draft, limit + 1 - page->count, &args, arena, err))
        return -1;
    struct stmt *stmt;
    if (page_statement(lister, &draft, &args, arena, &stmt, err))
        return -1;
    sql_bind(&draft, stmt);
    int step;
    while ((step = stmt_step(stmt, err)) == 1) {
        keys[page->count] =
            arena_copy(arena, stmt_blob(stmt, lister->from_kept ? KEPT_KEY_COLUMN : (int)lister->table->read_count));
        if (lister_take_row(lister, page, stmt, arena, err)) {
            stmt_reset(stmt);
            return -1;
        }
        page->count++;
    }
    return step;
}

static int read_page(struct lister *lister, struct page *page, struct arena *arena, struct err *err)
{
    size_t limit = lister->query->limit;
    struct str *keys = ARENA_NEW_ARRAY(arena, limit + 1, struct str);
    page->items = ARENA_NEW_ARRAY(arena, limit + 1, struct found);
    if (read_phase(lister, page, keys, limit, arena, err))
        return -1;
    if (lister->phase == PHASE_KEYED && page->count <= limit && !lister->has_end) {
        lister->phase = PHASE_KEYLESS;
        lister->has_cursor = false;
        if (read_phase(lister, page, keys, limit, arena, err))
            return -1;
    }
    if (page->count <= limit) {
        if (lister->has_end)
            page->next = write_cursor(lister, lister->end_key, lister->end_id, lister->phase, arena);
        return 0;
    }
    page->count = limit;
    bool keyless = lister->query->descending && str_eq(keys[limit - 1], STR(SORT_KEY_NONE));
    struct str id = value_get_text(page->items[limit - 1].record, STR("id"));
    page->next = write_cursor(lister, keys[limit - 1], id, keyless ? PHASE_KEYLESS : PHASE_ALL, arena);
    return 0;
}

/* ---- totals ---- */

static int present_count(struct lister *lister, size_t limit, int64_t *ret_count, struct arena *arena, struct err *err)
{
    SQL_AUTO sql;
    sql_init(&sql);
    lister->phase = PHASE_ALL;
    if (lister_add_args(lister, &sql, arena, err))
        return -1;
    sql_add(&sql, "SELECT count(*) FROM (SELECT 1 AS one");
    lister_sql_from(&sql, lister, TENSE_PRESENT);
    lister_sql_where(&sql, lister, TENSE_PRESENT);
    sql_add(&sql, " LIMIT $%d) AS c", sql_int_arg(&sql, (int64_t)limit + 1));
    struct stmt *stmt;
    if (sql_statement(&sql, lister->reader->db, &stmt, err) || stmt_step(stmt, err) < 0)
        return -1;
    *ret_count = stmt_int(stmt, 0);
    stmt_reset(stmt);
    return 0;
}

/* Whether a kept counter answers: the present or an edition, everything or one facet's value. */
static bool counter_answers(const struct lister *lister)
{
    const struct read_options *options = &lister->reader->options;
    const struct list_query *query = lister->query;
    bool kept = !options->as_of || edition_at(lister->reader->store, options->as_of);
    if (!kept || date_is_set(options->on) || options->viewer.owner.len)
        return false;
    return query->filter_count == 0 ||
           (query->filter_count == 1 && query->filters[0].field && query->filters[0].field->facet);
}

/* 1: the total was read from a counter; 0: it must be counted. */
static int read_counter(struct lister *lister, int64_t *ret_total, struct err *err)
{
    const struct list_query *query = lister->query;
    const struct filter *filter = query->filter_count ? &query->filters[0] : NULL;
    if (!counter_answers(lister))
        return 0;
    if (counter_read(lister->reader, query->reg, filter ? filter->field : NULL, filter ? filter->value : STR(""),
                     ret_total, err))
        return -1;
    /* An edition's counts by a field are forgotten when something of it is redacted. */
    return *ret_total || !lister->reader->options.as_of;
}

static int read_total(struct lister *lister, struct page *page, struct arena *arena, struct err *err)
{
    const struct list_query *query = lister->query;
    page->total_exact = true;
    int read = read_counter(lister, &page->total, err);
    if (read)
        return read < 0 ? -1 : 0;
    if (lister->walks) {
        lister_walk_total(lister, page);
        return 0;
    }
    page->total = 0;
    int64_t whole;
    if (store_count(lister->reader, query->reg, &whole, err))
        return -1;
    bool past = lister->reader->options.as_of != 0;
    int64_t some = past ? COUNT_SOME_PAST : COUNT_SOME;
    int64_t limit = whole <= COUNT_ALL_UP_TO ? COUNT_ALL_UP_TO : some;
    if (past ? past_count(lister, (size_t)limit, &page->total, arena, err)
             : present_count(lister, (size_t)limit, &page->total, arena, err))
        return -1;
    page->total_exact = page->total <= limit;
    if (!page->total_exact)
        page->total = limit;
    return 0;
}

/* ---- the whole ---- */

/* A filter by a record that the viewer may not know of finds nothing, whatever refers to it. */
static int filters_are_visible(struct lister *lister, bool *ret_visible, struct err *err)
{
    *ret_visible = true;
    for (size_t i = 0; i < lister->query->filter_count && *ret_visible; i++) {
        const struct filter *filter = &lister->query->filters[i];
        const struct reg *target =
            filter->field ? filter->field->reference : model_role(lister->reader->store->model, ROLE_ORGANISATION);
        if (target && lister->reader->options.viewer.sees < VISIBILITY_SECRETARIAT &&
            atomic_load(&lister->reader->store->has_hidden[target->position]) &&
            record_is_visible(lister->reader, target, filter->value, ret_visible, err))
            return -1;
    }
    return 0;
}

static int check_query(const struct lister *lister, struct err *err)
{
    const struct list_query *query = lister->query;
    if (query->limit < 1 || query->limit > LIMIT_MAX)
        return err_set_field(err, ERR_INVALID, STR("limit"), "limit is 1 to %d", LIMIT_MAX);
    if (query->filter_count > FILTERS_MAX)
        return err_set(err, ERR_INVALID, "at most %d filters at once", FILTERS_MAX);
    struct str sort = query->sort ? query->sort->name : STR("its label");
    if (!query->by_id && !lister->sort_key)
        return err_set_field(err, ERR_INVALID, STR("sort"), "%.*s cannot be ordered by %.*s", STR_ARG(query->reg->name),
                             STR_ARG(sort));
    if (query->sort && !viewer_sees_field(&lister->reader->options.viewer, query->sort, STR("")))
        return err_set_field(err, ERR_INVALID, STR("sort"), "%.*s cannot be ordered by that",
                             STR_ARG(query->reg->name));
    for (size_t i = 0; i < query->filter_count; i++)
        if (!can_filter(lister, &query->filters[i]))
            return err_set_field(err, ERR_INVALID, query->filters[i].name, "%.*s cannot be filtered by %.*s",
                                 STR_ARG(query->reg->name), STR_ARG(query->filters[i].name));
    return 0;
}

void lister_choose_link(struct lister *lister)
{
    const struct list_query *query = lister->query;
    bool default_order = !query->by_id && (!query->sort || query->sort == query->reg->sort);
    if (!default_order)
        return;
    for (size_t i = 0; i < query->filter_count; i++) {
        const struct field *field = query->filters[i].field;
        const struct link *link = field ? lister->table->places[field->position].link : NULL;
        if (link && link->keyed) {
            lister->link = link;
            lister->link_filter = i;
            return;
        }
    }
}

static int list_into(struct reader *reader, const struct list_query *query, struct buf *json, struct arena *arena,
                     struct page *ret_page, struct err *err)
{
    struct lister lister = {.reader = reader, .query = query, .table = layout_table(reader->store->layout, query->reg)};
    lister.json = json;
    lister.from_kept = json && query->limit <= KEPT_LIMIT_MAX && is_usual(&lister);
    if (!query->by_id)
        lister.sort_key =
            table_sort_key(lister.table, query->sort ? query->sort : query->reg->sort, reader->options.lang);
    note_register(reader, query->reg);
    struct page page = {.total_exact = true};
    bool visible;
    if (check_query(&lister, err) || filters_are_visible(&lister, &visible, err) || lister_begin_walk(&lister, err))
        return -1;
    lister_choose_link(&lister);
    lister.phase = query->descending && lister.sort_key ? PHASE_KEYED : PHASE_ALL;
    if (read_cursor(&lister, arena, err))
        return -1;
    if (visible && (read_page(&lister, &page, arena, err) || read_total(&lister, &page, arena, err)))
        return -1;
    *ret_page = page;
    return 0;
}

int store_list(struct reader *reader, const struct list_query *query, struct arena *arena, struct page *ret_page,
               struct err *err)
{
    return list_into(reader, query, NULL, arena, ret_page, err);
}

int store_list_json(struct reader *reader, const struct list_query *query, struct arena *arena, struct buf *out,
                    struct page *ret_page, struct err *err)
{
    buf_add_byte(out, '[');
    if (list_into(reader, query, out, arena, ret_page, err))
        return -1;
    buf_add_byte(out, ']');
    return 0;
}
