/* Kept counters: how many records of each visibility a register has, in all and for each value of its facets, so that a total
 * costs the same with a thousand records and with a million. Collected in memory while a change set is filled, written at
 * its end. */
#include "store/internal.h"

#include <string.h>

struct counter_delta {
    struct str register_name;
    struct str field;
    struct str value;
    int visibility;
    int64_t by;
};

static void add_one(struct change_set *changes, struct str register_name, struct str field, struct str value,
                    int visibility, int by)
{
    char key_text[400];
    size_t length = 0;
    const struct str parts[] = {register_name, field, value};
    if (register_name.len + field.len + value.len + sizeof parts / sizeof parts[0] + 1 > sizeof key_text)
        return; /* no code or id is that long */
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i].len)
            memcpy(key_text + length, parts[i].ptr, parts[i].len);
        length += parts[i].len;
        key_text[length++] = '|';
    }
    key_text[length++] = (char)('0' + visibility);
    struct str key = str_make(key_text, length);
    struct counter_delta *delta = map_get(&changes->counters, key);
    if (!delta) {
        delta = ARENA_NEW(&changes->arena, struct counter_delta);
        *delta = (struct counter_delta){arena_copy(&changes->arena, register_name), arena_copy(&changes->arena, field),
                                        arena_copy(&changes->arena, value), visibility, 0};
        map_set(&changes->counters, arena_copy(&changes->arena, key), delta);
    }
    delta->by += by;
}

/* A facet's value as the text it is counted and asked for by. */
static struct str facet_text(const struct value *value, char text[DECIMAL_TEXT_MAX])
{
    if (value->kind == VALUE_BOOL)
        return value->boolean ? STR("true") : STR("false");
    if (value->kind == VALUE_NUMBER)
        return str_make(text, decimal_format(value->number, text));
    return value->kind == VALUE_OBJECT ? value_get_text(value, STR("id")) : value_text_of(value);
}

static bool came_before(const struct value *list, size_t index, struct str text)
{
    char other[DECIMAL_TEXT_MAX];
    for (size_t i = 0; i < index; i++)
        if (str_eq(facet_text(value_at(list, i), other), text))
            return true;
    return false;
}

static void add_facet(struct change_set *changes, const struct reg *reg, const struct field *field,
                      const struct value *value, int visibility, int by)
{
    char number[DECIMAL_TEXT_MAX];
    if (value->kind != VALUE_LIST) {
        struct str text = facet_text(value, number);
        if (text.len)
            add_one(changes, reg->name, field->name, text, visibility, by);
        return;
    }
    for (size_t i = 0; i < value_count(value); i++) {
        struct str text = facet_text(value_at(value, i), number);
        if (text.len && !came_before(value, i, text))
            add_one(changes, reg->name, field->name, text, visibility, by);
    }
}

void counters_add(struct change_set *changes, const struct reg *reg, const struct value *record, int by)
{
    enum visibility visibility = reg->visibility;
    visibility_from_name(value_get_text(record, STR("visibility")), &visibility);
    add_one(changes, reg->name, STR(""), STR(""), visibility, by);
    for (size_t i = 0; i < reg->field_count; i++) {
        const struct field *field = &reg->fields[i];
        const struct value *value = field->facet ? value_get(record, field->name) : NULL;
        if (!value_is_null(value))
            add_facet(changes, reg, field, value, visibility, by);
    }
}

/* A count that may have come to nothing is not kept. */
static int drop_empty(struct change_set *changes, const struct counter_delta *delta, struct err *err)
{
    struct stmt *stmt;
    if (db_kept_statement(changes->db,
                          STR("DELETE FROM \"counter\" WHERE \"register\"=$1 AND \"field\"=$2 AND \"value\"=$3 AND "
                              "\"visibility\"=$4 AND \"records\"=0"),
                          &stmt, err))
        return -1;
    stmt_bind_text_or_empty(stmt, 1, delta->register_name);
    stmt_bind_text_or_empty(stmt, 2, delta->field);
    stmt_bind_text_or_empty(stmt, 3, delta->value);
    stmt_bind_int(stmt, 4, delta->visibility);
    return stmt_run(stmt, err);
}

int counters_write(struct change_set *changes, struct err *err)
{
    for (size_t i = 0; i < changes->counters.capacity; i++) {
        const struct counter_delta *delta = changes->counters.slots[i].value;
        if (!delta || delta->by == 0)
            continue;
        struct stmt *stmt;
        if (db_kept_statement(
                changes->db,
                STR("INSERT INTO \"counter\" (\"register\",\"field\",\"value\",\"visibility\",\"records\") "
                    "VALUES ($1,$2,$3,$4,$5) ON CONFLICT (\"register\",\"field\",\"value\",\"visibility\") "
                    "DO UPDATE SET \"records\"=\"counter\".\"records\"+excluded.\"records\""),
                &stmt, err))
            return -1;
        stmt_bind_text_or_empty(stmt, 1, delta->register_name);
        stmt_bind_text_or_empty(stmt, 2, delta->field);
        stmt_bind_text_or_empty(stmt, 3, delta->value);
        stmt_bind_int(stmt, 4, delta->visibility);
        stmt_bind_int(stmt, 5, delta->by);
        if (stmt_run(stmt, err) || (delta->by < 0 && drop_empty(changes, delta, err)))
            return -1;
    }
    return 0;
}
