/* Records as JSON, written straight from their rows: what the API answers with, without a tree of values in between. Texts that
 * are JSON in the row already (lists, sources) were written there from canonical values, so they go out as they are. */
#include "store/labels.h"
#include "store/read.h"

struct json_row {
    struct reader *reader;
    const struct table *table;
    struct stmt *stmt;
    int first;
    struct arena *arena;
    struct buf *out;
    struct err *err;
    struct str owner; /* whose record it is, seen or not */
    bool begun;       /* it has a member already */
};

/* A member's name; names are the model's, and need no escaping. */
static void add_key(struct buf *out, bool *begun, struct str key)
{
    buf_add(out, *begun ? STR(",\"") : STR("{\""));
    buf_add(out, key);
    buf_add_literal(out, "\":");
    *begun = true;
}

static struct str column_text(const struct json_row *row, size_t column)
{
    return stmt_text(row->stmt, row->first + (int)column);
}

static bool column_is_null(const struct json_row *row, size_t column)
{
    return stmt_is_null(row->stmt, row->first + (int)column);
}

static void add_text(struct json_row *row, bool *begun, struct str key, size_t column)
{
    struct str text = column_text(row, column);
    if (text.len) {
        add_key(row->out, begun, key);
        json_write_text(row->out, text);
    }
}

static void write_decimal(struct buf *out, struct decimal number)
{
    char text[DECIMAL_TEXT_MAX];
    buf_add(out, str_make(text, decimal_format(number, text)));
}

static void add_number(struct json_row *row, bool *begun, struct str key, size_t column)
{
    if (!column_is_null(row, column)) {
        add_key(row->out, begun, key);
        write_decimal(row->out, stmt_decimal(row->stmt, row->first + (int)column));
    }
}

static void add_true(struct json_row *row, bool *begun, struct str key, size_t column)
{
    if (stmt_int(row->stmt, row->first + (int)column)) {
        add_key(row->out, begun, key);
        buf_add_literal(row->out, "true");
    }
}

/* The end of an object whose members may all have been left out. */
static void end_object(struct buf *out, bool begun)
{
    buf_add(out, begun ? STR("}") : STR("{}"));
}

/* ---- references ---- */

static int is_hidden(struct json_row *row, const struct reg *target, struct str id, bool *ret_hidden)
{
    bool visible = true;
    if (record_may_be_hidden(row->reader, target) && record_is_visible(row->reader, target, id, &visible, row->err))
        return -1;
    *ret_hidden = !visible;
    return 0;
}

static int write_reference(struct json_row *row, const struct reg *target, struct str id)
{
    const struct kept_label *label;
    if (label_kept(row->reader, target, id, row->arena, &label, row->err))
        return -1;
    buf_add(row->out, label->json);
    return 0;
}

/* A reference as a member, left out when it may not be seen. The id is copied: asking for labels moves no row, but a text of a
 * row is borrowed. */
static int add_reference(struct json_row *row, struct str key, const struct reg *target, struct str id)
{
    bool hidden;
    if (is_hidden(row, target, id, &hidden))
        return -1;
    if (hidden)
        return 0;
    add_key(row->out, &row->begun, key);
    return write_reference(row, target, id);
}

/* Takes one id off a list like ["a","b"]; false when it is none of that shape, or at its end. */
static bool next_plain_id(struct str *rest, struct str *ret_id)
{
    if (rest->len < 4 || (rest->ptr[0] != '[' && rest->ptr[0] != ',') || rest->ptr[1] != '"')
        return false;
    struct str text = str_slice(*rest, 2, rest->len);
    size_t end = str_find_byte(text, '"');
    *ret_id = str_slice(text, 0, end);
    *rest = str_slice(text, end + 1, text.len);
    return end < text.len && str_find_byte(*ret_id, '\\') == ret_id->len;
}

static bool is_plain_ids(struct str list)
{
    struct str id;
    while (next_plain_id(&list, &id))
        ;
    return str_eq(list, STR("]"));
}

/* What stands before an item of a list that begins with its first one that is shown. */
static void begin_item(struct json_row *row, struct str key, bool *begun)
{
    if (*begun) {
        buf_add_byte(row->out, ',');
    } else {
        add_key(row->out, &row->begun, key);
        buf_add_byte(row->out, '[');
    }
    *begun = true;
}

static int add_item(struct json_row *row, const struct field *field, struct str id, bool *begun)
{
    bool hidden;
    if (is_hidden(row, field->reference, id, &hidden))
        return -1;
    if (hidden)
        return 0;
    begin_item(row, field->name, begun);
    return write_reference(row, field->reference, id);
}

/* Parties, and whatever is not a plain list of ids. */
static int add_items(struct json_row *row, const struct field *field, struct str text, bool *begun)
{
    struct value *list;
    if (json_read(row->arena, text, NULL, &list, row->err))
        return err_prefix(row->err, "%.*s.%.*s", STR_ARG(row->table->name), STR_ARG(field->name));
    for (size_t i = 0; i < value_count(list); i++) {
        const struct value *item = value_at(list, i);
        struct str id = item->kind == VALUE_TEXT ? item->text : value_get_text(item, STR("id"));
        if (id.len) {
            if (add_item(row, field, id, begun))
                return -1;
        } else {
            begin_item(row, field->name, begun);
            value_write_json(row->out, item);
        }
    }
    return 0;
}

static int add_list(struct json_row *row, const struct field *field, size_t column)
{
    struct str text = column_text(row, column);
    bool begun = false;
    if (text.len == 0)
        return 0;
    if (!field->reference) {
        add_key(row->out, &row->begun, field->name);
        buf_add(row->out, text);
        return 0;
    }
    if (is_plain_ids(text)) {
        struct str id;
        while (next_plain_id(&text, &id))
            if (add_item(row, field, id, &begun))
                return -1;
    } else if (add_items(row, field, text, &begun)) {
        return -1;
    }
    if (begun)
        buf_add_byte(row->out, ']');
    return 0;
}

/* ---- fields ---- */

static void add_names(struct json_row *row, bool *begun, struct str key, size_t column)
{
    bool inner = false;
    if (column_text(row, column).len == 0 && column_text(row, column + 1).len == 0)
        return;
    add_key(row->out, begun, key);
    add_text(row, &inner, STR("ja"), column);
    add_text(row, &inner, STR("en"), column + 1);
    end_object(row->out, inner);
}

static void add_figure(struct json_row *row, struct str key, size_t column)
{
    int low = row->first + (int)column;
    bool inner = false;
    bool both = !column_is_null(row, column) && !column_is_null(row, column + 1);
    if (column_is_null(row, column) && column_is_null(row, column + 1))
        return;
    add_key(row->out, &row->begun, key);
    if (both && decimal_cmp(stmt_decimal(row->stmt, low), stmt_decimal(row->stmt, low + 1)) == 0) {
        add_number(row, &inner, STR("value"), column);
    } else {
        add_number(row, &inner, STR("low"), column);
        add_number(row, &inner, STR("high"), column + 1);
    }
    add_text(row, &inner, STR("qualifier"), column + 2);
    add_true(row, &inner, STR("estimated"), column + 3);
    add_text(row, &inner, STR("unit"), column + 4);
    add_text(row, &inner, STR("currency"), column + 5);
    add_text(row, &inner, STR("period"), column + 6);
    add_number(row, &inner, STR("precision"), column + 7);
    end_object(row->out, inner);
}

static void add_geopoint(struct json_row *row, struct str key, size_t column)
{
    bool inner = false;
    if (column_is_null(row, column))
        return;
    add_key(row->out, &row->begun, key);
    add_number(row, &inner, STR("lat"), column);
    add_number(row, &inner, STR("lon"), column + 1);
    add_true(row, &inner, STR("approximate"), column + 2);
    end_object(row->out, inner);
}

static int add_party(struct json_row *row, const struct field *field, size_t column)
{
    struct str id = column_text(row, column);
    bool inner = false;
    if (id.len)
        return add_reference(row, field->name, field->reference, arena_copy(row->arena, id));
    if (column_text(row, column + 1).len == 0 && column_text(row, column + 2).len == 0)
        return 0;
    add_key(row->out, &row->begun, field->name);
    add_names(row, &inner, STR("name"), column + 1);
    end_object(row->out, inner);
    return 0;
}

static void add_scalar(struct json_row *row, const struct field *field, size_t column)
{
    int at = row->first + (int)column;
    char text[TIME_TEXT_MAX];
    add_key(row->out, &row->begun, field->name);
    switch (field->type) {
    case FIELD_BOOLEAN:
        buf_add(row->out, stmt_int(row->stmt, at) != 0 ? STR("true") : STR("false"));
        break;
    case FIELD_INTEGER:
    case FIELD_NUMBER:
        write_decimal(row->out, stmt_decimal(row->stmt, at));
        break;
    case FIELD_DATETIME:
        json_write_text(row->out, str_make(text, time_format(stmt_int(row->stmt, at), text)));
        break;
    default:
        json_write_text(row->out, stmt_text(row->stmt, at));
        break;
    }
}

static int add_plain(struct json_row *row, const struct field *field, size_t column)
{
    if (column_is_null(row, column))
        return 0;
    if (field->reference && column_text(row, column).len)
        return add_reference(row, field->name, field->reference, arena_copy(row->arena, column_text(row, column)));
    add_scalar(row, field, column);
    return 0;
}

static int add_field(struct json_row *row, const struct field *field)
{
    size_t column = FIXED_COUNT + row->table->places[field->position].first_slot;
    if (field->type == FIELD_LIST)
        return add_list(row, field, column);
    if (field->type == FIELD_FIGURE)
        add_figure(row, field->name, column);
    else if (field->type == FIELD_GEOPOINT)
        add_geopoint(row, field->name, column);
    else if (field->bilingual)
        add_names(row, &row->begun, field->name, column);
    else if (field->party)
        return add_party(row, field, column);
    else
        return add_plain(row, field, column);
    return 0;
}

/* ---- a row ---- */

static int add_owner(struct json_row *row)
{
    const struct reg *organisations = model_role(row->reader->store->model, ROLE_ORGANISATION);
    if (row->owner.len == 0)
        return 0;
    if (organisations)
        return add_reference(row, STR("owner"), organisations, row->owner);
    add_key(row->out, &row->begun, STR("owner"));
    json_write_text(row->out, row->owner);
    return 0;
}

/* Whether a source, or a field that one speaks of, may have to be left out: not when no hidden field's name stands in the text. */
static bool sources_need_a_look(const struct json_row *row, struct str text)
{
    const struct reg *reg = row->table->reg;
    const struct reg *sources = model_role(row->reader->store->model, ROLE_SOURCE);
    if (sources && record_may_be_hidden(row->reader, sources))
        return true;
    for (size_t i = 0; i < reg->field_count; i++)
        if (!viewer_sees_field(&row->reader->options.viewer, &reg->fields[i], row->owner) &&
            str_find(text, reg->fields[i].name) != SIZE_MAX)
            return true;
    return false;
}

static int add_sources(struct json_row *row)
{
    struct str text = column_text(row, FIXED_SOURCES);
    struct value *sources, *record;
    if (text.len == 0)
        return 0;
    if (!sources_need_a_look(row, text)) {
        add_key(row->out, &row->begun, STR("sources"));
        buf_add(row->out, text);
        return 0;
    }
    if (json_read(row->arena, text, NULL, &sources, row->err))
        return err_prefix(row->err, "%.*s.sources", STR_ARG(row->table->name));
    record = value_object(row->arena);
    value_set_text(row->arena, record, STR("owner"), row->owner);
    value_set(row->arena, record, STR("sources"), sources);
    struct found found = {.reg = row->table->reg, .record = record};
    if (hide_references(row->reader, &found, row->arena, row->err))
        return -1;
    if (value_get(record, STR("sources"))) {
        add_key(row->out, &row->begun, STR("sources"));
        value_write_json(row->out, value_get(record, STR("sources")));
    }
    return 0;
}

static int add_members(struct json_row *row)
{
    const struct viewer *viewer = &row->reader->options.viewer;
    int64_t visibility = stmt_int(row->stmt, row->first + FIXED_VISIBILITY);
    if (visibility < 0 || visibility >= VISIBILITY_COUNT)
        return err_set(row->err, ERR_IO, "%.*s: a row has the impossible visibility %lld", STR_ARG(row->table->name),
                       (long long)visibility);
    add_text(row, &row->begun, STR("id"), FIXED_ID);
    if (add_owner(row))
        return -1;
    add_key(row->out, &row->begun, STR("visibility"));
    json_write_text(row->out, visibility_names[visibility]);
    add_text(row, &row->begun, STR("from"), FIXED_FROM);
    add_text(row, &row->begun, STR("to"), FIXED_TO);
    add_text(row, &row->begun, STR("attested_on"), FIXED_ATTESTED_ON);
    for (size_t i = 0; i < row->table->reg->field_count; i++) {
        const struct field *field = &row->table->reg->fields[i];
        if (viewer_sees_field(viewer, field, row->owner) && add_field(row, field))
            return -1;
    }
    return add_sources(row);
}

int row_write_json(struct reader *reader, const struct table *table, struct stmt *stmt, int first, struct arena *arena,
                   struct buf *out, struct err *err)
{
    struct json_row row = {reader, table, stmt, first, arena, out, err, STR(""), false};
    row.owner = arena_copy(arena, stmt_text(stmt, first + FIXED_OWNER));
    if (add_members(&row))
        return -1;
    struct str redacted = column_text(&row, FIXED_REDACTED);
    if (redacted.len) {
        add_key(out, &row.begun, STR("redacted"));
        buf_add(out, redacted);
    }
    end_object(out, row.begun);
    return 0;
}

/* ---- what is kept of it ---- */

struct wanted {
    const struct reg *reg;
    struct str id;
    struct arena *scratch;
    size_t bytes_max;
};

/* A kept_maker; context is what is wanted. */
static int make_json(void *context, struct reader *reader, struct arena *arena, void **ret_value, struct err *err)
{
    const struct wanted *wanted = context;
    struct str *json = ARENA_NEW(arena, struct str);
    int64_t seq;
    BUF_AUTO out;
    buf_init(&out, wanted->bytes_max);
    if (store_get_json(reader, wanted->reg, wanted->id, wanted->scratch, &out, &seq, NULL, err))
        return -1;
    if (out.overflow)
        return err_set(err, ERR_LIMIT, "%.*s \"%.*s\" is larger than an answer may be", STR_ARG(wanted->reg->name),
                       STR_ARG(wanted->id));
    *json = arena_copy(arena, buf_str(&out));
    *ret_value = json;
    return 0;
}

int kept_json(struct reader *reader, const struct reg *reg, struct str id, struct arena *arena, struct buf *out,
              struct err *err)
{
    struct wanted wanted = {reg, id, arena, out->max};
    void *kept;
    if (reader_kept(reader, arena_concat(arena, 4, STR("json "), reg->name, STR("/"), id), arena, make_json, &wanted,
                    &kept, err))
        return -1;
    buf_add(out, *(const struct str *)kept);
    return 0;
}
