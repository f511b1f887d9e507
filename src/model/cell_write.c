/* The other way: the text of one cell of a canonical record, as record_from_cells reads it back. */
#include "base/buf.h"
#include "model/columns.h"

#define CELL_BYTES_MAX ((size_t)8 << 20)

static void escaped_add(struct buf *buf, struct str text, char mark)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == mark || text.ptr[i] == '\\') {
            buf_add_byte(buf, '\\');
        }
        buf_add_byte(buf, text.ptr[i]);
    }
}

static struct str party_text(const struct value *party, struct arena *arena)
{
    const struct value *name = value_get(party, STR("name"));
    BUF_AUTO buf;
    buf_init(&buf, CELL_BYTES_MAX);
    if (!name) {
        return value_get_text(party, STR("id"));
    }
    escaped_add(&buf, value_get_text(name, lang_codes[LANG_JA]), '|');
    buf_add_byte(&buf, '|');
    escaped_add(&buf, value_get_text(name, lang_codes[LANG_EN]), '|');
    return arena_copy(arena, buf_str(&buf));
}

static struct str list_text(const struct value *list, struct arena *arena)
{
    BUF_AUTO buf;
    buf_init(&buf, CELL_BYTES_MAX);
    for (size_t i = 0; i < list->list.count; i++) {
        const struct value *item = list->list.items[i];
        buf_add(&buf, i > 0 ? STR(";") : STR(""));
        escaped_add(&buf, item->kind == VALUE_OBJECT ? party_text(item, arena) : value_text_of(item), ';');
    }
    return arena_copy(arena, buf_str(&buf));
}

static struct str json_text(const struct value *value, struct arena *arena)
{
    BUF_AUTO buf;
    buf_init(&buf, CELL_BYTES_MAX);
    value_write_json(&buf, value);
    return arena_copy(arena, buf_str(&buf));
}

static struct str scalar_text(const struct value *value, struct arena *arena)
{
    char number[DECIMAL_TEXT_MAX];
    if (value->kind == VALUE_NUMBER) {
        return arena_copy(arena, str_make(number, decimal_format(value->number, number)));
    }
    if (value->kind == VALUE_BOOL) {
        return value->boolean ? STR("true") : STR("false");
    }
    return value_text_of(value);
}

struct str record_cell(const struct reg *reg, const struct value *record, const struct column *column,
                       struct arena *arena)
{
    (void)reg;
    struct str member = column_member(column->part);
    const struct value *value = value_get(record, column->field ? column->field->name : member);
    if (column->field && column->part != COLUMN_WHOLE) {
        value = value_get(value, member);
    } else if (column->field && column->field->type == FIELD_FIGURE) {
        value = value_get(value, STR("value"));
    }
    if (!value || column->part == COLUMN_IGNORED) {
        return STR("");
    }
    if (column->part == COLUMN_SOURCES) {
        return json_text(value, arena);
    }
    if (value->kind == VALUE_LIST) {
        return list_text(value, arena);
    }
    return value->kind == VALUE_OBJECT ? party_text(value, arena) : scalar_text(value, arena);
}
