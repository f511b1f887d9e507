#include "insight/roles.h"

#include "base/embed.h"
#include "model/record.h"

#include <math.h>

#define ROLES_FILE "site/insight.json"

int roles_read(struct arena *arena, const struct value **ret_roles, struct err *err)
{
    const struct embedded_file *file = embed_find(ROLES_FILE);
    struct err reason = {0};
    struct value *roles = NULL;

    if (file == NULL) {
        return err_set(err, ERR_INTERNAL, ROLES_FILE " is not in the program");
    }
    if (json_read(arena, str_make((const char *)file->data, file->size), NULL, &roles, &reason) != 0) {
        return err_set(err, ERR_INVALID, ROLES_FILE ":%s", reason.message);
    }
    *ret_roles = roles;
    return 0;
}

const struct reg *roles_register(const struct value *part, const struct model *model)
{
    return model_register(model, value_get_text(part, STR("register")));
}

const struct field *roles_field(const struct value *part, const char *member, const struct reg *reg)
{
    return reg == NULL ? NULL : reg_field(reg, value_get_text(part, str_from_cstr(member)));
}

double roles_number(const struct value *part, const char *member, double otherwise)
{
    const struct value *number = value_get(part, str_from_cstr(member));

    return number == NULL || number->kind != VALUE_NUMBER ? otherwise : decimal_to_double(number->number);
}

bool roles_lists(const struct value *list, struct str text)
{
    for (size_t i = 0; list != NULL && list->kind == VALUE_LIST && i < value_count(list); i++) {
        if (str_eq(value_text_of(value_at(list, i)), text)) {
            return true;
        }
    }
    return false;
}

static bool has_one_of(const struct value *value, const struct value *codes)
{
    if (value == NULL) {
        return false;
    }
    if (value->kind == VALUE_BOOL) {
        return roles_lists(codes, value->boolean ? STR("true") : STR("false"));
    }
    if (value->kind != VALUE_LIST) {
        return roles_lists(codes, value_text_of(value));
    }
    for (size_t i = 0; i < value_count(value); i++) {
        if (roles_lists(codes, value_text_of(value_at(value, i)))) {
            return true;
        }
    }
    return false;
}

bool roles_pass(const struct value *filter, const struct value *record)
{
    for (size_t i = 0; filter != NULL && i < filter->object.count; i++) {
        const struct value_member *member = &filter->object.members[i];
        if (!has_one_of(value_get(record, member->key), member->value)) {
            return false;
        }
    }
    return true;
}

/* ---- records ---- */

struct gathering {
    struct records *records;
    size_t capacity;
    const struct value *filter;
    struct arena *arena;
    struct err *err;
};

static int gather(void *context, const struct found *found)
{
    struct gathering *gathering = context;
    struct records *records = gathering->records;

    if (!roles_pass(gathering->filter, found->record)) {
        return 0;
    }
    if (records->count == RECORDS_MAX) {
        return err_set(gathering->err, ERR_LIMIT, "the register %.*s has more than %d records, too many to be compared",
                       STR_ARG(records->reg->name), RECORDS_MAX);
    }
    if (records->count == gathering->capacity) {
        size_t capacity = gathering->capacity == 0 ? 64 : 2 * gathering->capacity;
        const struct value **items = ARENA_NEW_ARRAY(gathering->arena, capacity, const struct value *);
        for (size_t i = 0; i < records->count; i++) {
            items[i] = records->items[i];
        }
        records->items = items;
        gathering->capacity = capacity;
    }
    records->items[records->count++] = value_copy(gathering->arena, found->record);
    return 0;
}

int records_read(struct reader *reader, const struct reg *reg, const struct value *filter, struct arena *arena,
                 struct records *ret_records, struct err *err)
{
    struct records records = {.reg = reg};
    struct gathering gathering = {.records = &records, .filter = filter, .arena = arena, .err = err};

    if (reg != NULL && store_each(reader, reg, gather, &gathering, err) != 0) {
        return -1;
    }
    *ret_records = records;
    return 0;
}

/* ---- values ---- */

/* The text of a code, a reference, or a party that is in a register. */
static struct str entry_text(const struct value *entry)
{
    return entry != NULL && entry->kind == VALUE_OBJECT ? value_get_text(entry, STR("id")) : value_text_of(entry);
}

size_t field_count(const struct value *record, const struct field *field)
{
    if (field == NULL) {
        return 0;
    }
    const struct value *value = value_get(record, field->name);

    if (value_is_null(value)) {
        return 0;
    }
    return value->kind == VALUE_LIST ? value_count(value) : 1;
}

struct str field_text(const struct value *record, const struct field *field, size_t at)
{
    const struct value *value = field == NULL ? NULL : value_get(record, field->name);

    return entry_text(value != NULL && value->kind == VALUE_LIST ? value_at(value, at) : value);
}

static double number_of(const struct value *value)
{
    return value == NULL || value->kind != VALUE_NUMBER ? (double)NAN : decimal_to_double(value->number);
}

double figure_number(const struct value *figure)
{
    double value = number_of(value_get(figure, STR("value")));

    if (!isnan(value)) {
        return value;
    }
    return (number_of(value_get(figure, STR("low"))) + number_of(value_get(figure, STR("high")))) / 2;
}
