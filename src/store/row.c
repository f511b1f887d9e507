#include "store/row.h"

#include "base/text.h"
#include "model/record.h"

#include <string.h>

#define JSON_COLUMN_MAX ((size_t)16 << 20)

bool viewer_sees_record(const struct viewer *viewer, enum visibility visibility, struct str owner)
{
    return visibility <= viewer->sees || (viewer->owner.len && str_eq(viewer->owner, owner));
}

bool viewer_sees_field(const struct viewer *viewer, const struct field *field, struct str owner)
{
    return viewer_sees_record(viewer, field->visibility, owner);
}

/* ---- sort keys ---- */

static size_t none_key(unsigned char *key)
{
    key[0] = 0xff;
    return 1;
}

static size_t big_endian(uint64_t bits, unsigned char *key)
{
    for (int i = 0; i < 8; i++)
        key[i] = (unsigned char)(bits >> (56 - 8 * i));
    return 8;
}

/* IEEE 754 doubles in the order of their numbers: the sign bit flipped, negative ones inverted. */
static size_t number_key(struct decimal number, unsigned char *key)
{
    double real = decimal_to_double(number);
    uint64_t bits;
    memcpy(&bits, &real, sizeof bits);
    bits = bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
    return big_endian(bits, key);
}

static size_t bytes_key(struct str text, unsigned char *key)
{
    size_t length = text.len < TEXT_SORT_KEY_MAX ? text.len : TEXT_SORT_KEY_MAX;
    memcpy(key, text.ptr, length);
    return length;
}

/* Text in one language: by its reading where the language is written with one, else as it stands, else as the other
 * language has it. */
static size_t text_key(const struct field *field, const struct value *record, enum lang lang, unsigned char *key)
{
    struct str text = STR("");
    if (lang == LANG_JA && field->reading)
        text = value_text_of(value_get(record, field->reading->name));
    if (text.len == 0)
        text = bilingual_best(value_bilingual(value_get(record, field->name)), lang);
    if (text.len == 0)
        return none_key(key);
    size_t length = text_sort_key(lang_codes[lang], text, key);
    return length ? length : none_key(key);
}

static size_t code_key(const struct field *field, struct str code, unsigned char *key)
{
    const struct term *term = field->vocabulary ? vocabulary_term(field->vocabulary, code) : NULL;
    return term ? big_endian(term->position, key) : bytes_key(code, key);
}

size_t row_sort_key(const struct sort_key *sort_key, const struct value *record, unsigned char *key)
{
    const struct field *field = sort_key->field;
    if (sort_key->lang >= 0)
        return text_key(field, record, (enum lang)sort_key->lang, key);
    const struct value *value = value_get(record, field->name);
    if (field->type == FIELD_FIGURE) {
        const struct value *low = value_get(value, STR("value"));
        value = low ? low : value_get(value, STR("low"));
    } else if (value && value->kind == VALUE_OBJECT) {
        value = value_get(value, STR("id"));
    }
    if (value_is_null(value))
        return none_key(key);
    if (value->kind == VALUE_NUMBER)
        return number_key(value->number, key);
    if (value->kind == VALUE_BOOL)
        return big_endian(value->boolean, key);
    return code_key(field, value_text_of(value), key);
}

/* ---- record to columns ---- */

static struct str json_of(const struct value *value, struct arena *scratch)
{
    if (value_is_null(value) || value_count(value) == 0)
        return STR("");
    BUF_AUTO json;
    buf_init(&json, JSON_COLUMN_MAX);
    value_write_json(&json, value);
    return arena_copy(scratch, buf_str(&json));
}

static void bind_number_member(struct stmt *stmt, int parameter, const struct value *object, struct str member,
                               struct str otherwise)
{
    const struct value *value = value_get(object, member);
    if (!value && otherwise.len)
        value = value_get(object, otherwise);
    if (value && value->kind == VALUE_NUMBER)
        stmt_bind_decimal(stmt, parameter, value->number);
    else
        stmt_bind_null(stmt, parameter);
}

static void bind_true(struct stmt *stmt, int parameter, bool on)
{
    if (on)
        stmt_bind_int(stmt, parameter, 1);
    else
        stmt_bind_null(stmt, parameter);
}

/* A point in time is text in a record and milliseconds in a column. */
static void bind_whole(struct stmt *stmt, int parameter, const struct field *field, const struct value *value)
{
    int64_t time_ms;
    if (value && value->kind == VALUE_OBJECT) /* a party */
        stmt_bind_text(stmt, parameter, value_get_text(value, STR("id")));
    else if (field->type == FIELD_DATETIME && time_parse(value_text_of(value), &time_ms))
        stmt_bind_int(stmt, parameter, time_ms);
    else if (value && value->kind == VALUE_NUMBER)
        stmt_bind_decimal(stmt, parameter, value->number);
    else if (value && value->kind == VALUE_BOOL)
        stmt_bind_int(stmt, parameter, value->boolean);
    else
        stmt_bind_text(stmt, parameter, value_text_of(value));
}

/* Parts that are a member of the value, as it is. */
static const struct part_member {
    enum { MEMBER_TEXT, MEMBER_NUMBER, MEMBER_TRUE } kind;
    const char *name;
    const char *otherwise; /* the member that is taken when a number is missing */
} part_members[] = {
    [SLOT_LOW] = {MEMBER_NUMBER, "value", "low"},
    [SLOT_HIGH] = {MEMBER_NUMBER, "value", "high"},
    [SLOT_QUALIFIER] = {MEMBER_TEXT, "qualifier", ""},
    [SLOT_ESTIMATED] = {MEMBER_TRUE, "estimated", ""},
    [SLOT_UNIT] = {MEMBER_TEXT, "unit", ""},
    [SLOT_CURRENCY] = {MEMBER_TEXT, "currency", ""},
    [SLOT_PERIOD] = {MEMBER_TEXT, "period", ""},
    [SLOT_PRECISION] = {MEMBER_NUMBER, "precision", ""},
    [SLOT_LAT] = {MEMBER_NUMBER, "lat", ""},
    [SLOT_LON] = {MEMBER_NUMBER, "lon", ""},
    [SLOT_APPROXIMATE] = {MEMBER_TRUE, "approximate", ""},
};

static void bind_part_member(const struct part_member *member, const struct value *value, struct stmt *stmt,
                             int parameter)
{
    struct str name = str_from_cstr(member->name);
    if (member->kind == MEMBER_TEXT)
        stmt_bind_text(stmt, parameter, value_get_text(value, name));
    else if (member->kind == MEMBER_TRUE)
        bind_true(stmt, parameter, value_get_bool(value, name));
    else
        bind_number_member(stmt, parameter, value, name, str_from_cstr(member->otherwise));
}

static void bind_slot(const struct slot *slot, const struct value *value, struct stmt *stmt, int parameter,
                      struct arena *scratch)
{
    const struct value *names = slot->field->party ? value_get(value, STR("name")) : value;
    switch (slot->part) {
    case SLOT_WHOLE:
        bind_whole(stmt, parameter, slot->field, value);
        break;
    case SLOT_JA:
        stmt_bind_text(stmt, parameter, value_get_text(names, STR("ja")));
        break;
    case SLOT_EN:
        stmt_bind_text(stmt, parameter, value_get_text(names, STR("en")));
        break;
    case SLOT_LIST:
        stmt_bind_text(stmt, parameter, json_of(value, scratch));
        break;
    default:
        bind_part_member(&part_members[slot->part], value, stmt, parameter);
        break;
    }
}

static void bind_fixed(const struct table *table, const struct value *record, int64_t seq, enum fixed_column column,
                       struct stmt *stmt, int parameter, struct arena *scratch)
{
    enum visibility visibility = table->reg->visibility;
    switch (column) {
    case FIXED_VISIBILITY:
        visibility_from_name(value_get_text(record, STR("visibility")), &visibility);
        stmt_bind_int(stmt, parameter, visibility);
        break;
    case FIXED_SOURCES:
    case FIXED_REDACTED:
        stmt_bind_text(stmt, parameter, json_of(value_get(record, fixed_columns[column]), scratch));
        break;
    case FIXED_SEQ_FROM:
        stmt_bind_int(stmt, parameter, seq);
        break;
    default:
        stmt_bind_text(stmt, parameter, value_get_text(record, fixed_columns[column]));
        break;
    }
}

/* Binds columns one after another; chosen NULL: all of them. */
static int bind_columns(const struct table *table, const struct value *record, int64_t seq, const bool *chosen,
                        struct stmt *stmt, struct arena *scratch)
{
    int parameter = 1;
    for (size_t i = 0; i < FIXED_COUNT; i++)
        if (!chosen || chosen[i])
            bind_fixed(table, record, seq, (enum fixed_column)i, stmt, parameter++, scratch);
    const struct value *value = NULL;
    const struct field *field = NULL;
    for (size_t i = 0; i < table->slot_count; i++) {
        const struct slot *slot = &table->slots[i];
        if (chosen && !chosen[FIXED_COUNT + i])
            continue;
        if (slot->field != field) {
            field = slot->field;
            value = value_get(record, field->name);
        }
        bind_slot(slot, value, stmt, parameter++, scratch);
    }
    for (size_t i = 0; i < table->sort_key_count; i++) {
        if (chosen && !chosen[table->read_count + i])
            continue;
        unsigned char *key = arena_alloc(scratch, TEXT_SORT_KEY_MAX);
        size_t length = row_sort_key(&table->sort_keys[i], record, key);
        stmt_bind_blob(stmt, parameter++, key, length);
    }
    return parameter;
}

void row_bind(const struct table *table, const struct value *record, int64_t seq, struct stmt *stmt,
              struct arena *scratch)
{
    bind_columns(table, record, seq, NULL, stmt, scratch);
}

int row_bind_chosen(const struct table *table, const struct value *record, int64_t seq, const bool *chosen,
                    struct stmt *stmt, struct arena *scratch)
{
    return bind_columns(table, record, seq, chosen, stmt, scratch);
}

/* ---- what changed ---- */

static bool member_changed(const struct value *before, const struct value *after, struct str name)
{
    const struct value *a = value_get(before, name), *b = value_get(after, name);
    return a != b && (!a || !b || !value_equal(a, b));
}

bool *row_changed_columns(const struct table *table, const struct value *before, const struct value *after,
                          struct arena *arena)
{
    bool *changed = ARENA_NEW_ARRAY(arena, table->all_count, bool);
    bool *fields = ARENA_NEW_ARRAY(arena, table->reg->field_count, bool);
    for (size_t i = 0; i < FIXED_COUNT; i++)
        changed[i] = i == FIXED_SEQ_FROM || member_changed(before, after, fixed_columns[i]);
    for (size_t i = 0; i < table->reg->field_count; i++) {
        fields[i] = member_changed(before, after, table->reg->fields[i].name);
        const struct field_place *place = &table->places[i];
        for (size_t k = 0; k < place->slot_count; k++)
            changed[FIXED_COUNT + place->first_slot + k] = fields[i];
    }
    for (size_t i = 0; i < table->sort_key_count; i++) {
        const struct field *field = table->sort_keys[i].field;
        changed[table->read_count + i] =
            fields[field->position] || (field->reading && fields[field->reading->position]);
    }
    return changed;
}

struct str row_column(const struct table *table, size_t index)
{
    if (index < FIXED_COUNT)
        return fixed_columns[index];
    if (index < table->read_count)
        return table->slots[index - FIXED_COUNT].column;
    return table->sort_keys[index - table->read_count].column;
}

/* ---- columns to record ---- */

struct row_reader {
    const struct table *table;
    struct stmt *stmt;
    int first;
    struct arena *arena;
    struct value *record;
};

static struct str column_text(const struct row_reader *row, size_t column)
{
    return arena_copy(row->arena, stmt_text(row->stmt, row->first + (int)column));
}

static void set_text(const struct row_reader *row, struct value *object, struct str key, size_t column)
{
    struct str text = stmt_text(row->stmt, row->first + (int)column);
    if (text.len)
        value_set_text(row->arena, object, key, arena_copy(row->arena, text));
}

static void set_number(const struct row_reader *row, struct value *object, struct str key, size_t column)
{
    if (!stmt_is_null(row->stmt, row->first + (int)column))
        value_set(row->arena, object, key, value_number(row->arena, stmt_decimal(row->stmt, row->first + (int)column)));
}

static void set_true(const struct row_reader *row, struct value *object, struct str key, size_t column)
{
    if (stmt_int(row->stmt, row->first + (int)column))
        value_set(row->arena, object, key, value_bool(row->arena, true));
}

static int set_json(const struct row_reader *row, struct str key, size_t column, struct err *err)
{
    struct str text = stmt_text(row->stmt, row->first + (int)column);
    if (text.len == 0)
        return 0;
    struct value *value;
    if (json_read(row->arena, text, NULL, &value, err))
        return err_prefix(err, "%.*s.%.*s", STR_ARG(row->table->name), STR_ARG(key));
    value_set(row->arena, row->record, key, value);
    return 0;
}

static struct value *read_names(const struct row_reader *row, size_t column)
{
    struct value *names = value_object(row->arena);
    set_text(row, names, STR("ja"), column);
    set_text(row, names, STR("en"), column + 1);
    return names->object.count ? names : NULL;
}

static struct value *read_figure(const struct row_reader *row, size_t column)
{
    int low_column = row->first + (int)column;
    if (stmt_is_null(row->stmt, low_column) && stmt_is_null(row->stmt, low_column + 1))
        return NULL;
    struct value *figure = value_object(row->arena);
    bool range = stmt_is_null(row->stmt, low_column) || stmt_is_null(row->stmt, low_column + 1) ||
                 decimal_cmp(stmt_decimal(row->stmt, low_column), stmt_decimal(row->stmt, low_column + 1)) != 0;
    if (range) {
        set_number(row, figure, STR("low"), column);
        set_number(row, figure, STR("high"), column + 1);
    } else {
        set_number(row, figure, STR("value"), column);
    }
    set_text(row, figure, STR("qualifier"), column + 2);
    set_true(row, figure, STR("estimated"), column + 3);
    set_text(row, figure, STR("unit"), column + 4);
    set_text(row, figure, STR("currency"), column + 5);
    set_text(row, figure, STR("period"), column + 6);
    set_number(row, figure, STR("precision"), column + 7);
    return figure;
}

static struct value *read_geopoint(const struct row_reader *row, size_t column)
{
    if (stmt_is_null(row->stmt, row->first + (int)column))
        return NULL;
    struct value *point = value_object(row->arena);
    set_number(row, point, STR("lat"), column);
    set_number(row, point, STR("lon"), column + 1);
    set_true(row, point, STR("approximate"), column + 2);
    return point;
}

static struct value *read_party(const struct row_reader *row, size_t column)
{
    struct value *party = value_object(row->arena);
    struct str id = stmt_text(row->stmt, row->first + (int)column);
    if (id.len) {
        value_set_text(row->arena, party, STR("id"), arena_copy(row->arena, id));
        return party;
    }
    struct value *names = read_names(row, column + 1);
    if (!names)
        return NULL;
    value_set(row->arena, party, STR("name"), names);
    return party;
}

static struct value *read_datetime(const struct row_reader *row, int column)
{
    char text[TIME_TEXT_MAX];
    size_t length = time_format(stmt_int(row->stmt, column), text);
    return value_text(row->arena, arena_copy(row->arena, str_make(text, length)));
}

static struct value *read_plain(const struct row_reader *row, const struct field *field, size_t column)
{
    int at = row->first + (int)column;
    if (stmt_is_null(row->stmt, at))
        return NULL;
    switch (field->type) {
    case FIELD_BOOLEAN:
        return value_bool(row->arena, stmt_int(row->stmt, at) != 0);
    case FIELD_INTEGER:
    case FIELD_NUMBER:
        return value_number(row->arena, stmt_decimal(row->stmt, at));
    case FIELD_DATETIME:
        return read_datetime(row, at);
    default:
        return value_text(row->arena, column_text(row, column));
    }
}

static int read_field(const struct row_reader *row, const struct field *field, struct err *err)
{
    size_t column = FIXED_COUNT + row->table->places[field->position].first_slot;
    struct value *value;
    if (field->type == FIELD_LIST)
        return set_json(row, field->name, column, err);
    if (field->type == FIELD_FIGURE)
        value = read_figure(row, column);
    else if (field->type == FIELD_GEOPOINT)
        value = read_geopoint(row, column);
    else if (field->bilingual)
        value = read_names(row, column);
    else if (field->party)
        value = read_party(row, column);
    else
        value = read_plain(row, field, column);
    if (value)
        value_set(row->arena, row->record, field->name, value);
    return 0;
}

int row_read(const struct table *table, struct stmt *stmt, int first, const struct viewer *viewer, struct arena *arena,
             struct found *ret_found, struct err *err)
{
    struct row_reader row = {table, stmt, first, arena, value_object(arena)};
    set_text(&row, row.record, STR("id"), FIXED_ID);
    struct str owner = column_text(&row, FIXED_OWNER);
    if (owner.len)
        value_set_text(arena, row.record, STR("owner"), owner);
    int64_t visibility = stmt_int(stmt, first + FIXED_VISIBILITY);
    if (visibility < 0 || visibility >= VISIBILITY_COUNT)
        return err_set(err, ERR_IO, "%.*s: a row has the impossible visibility %lld", STR_ARG(table->name),
                       (long long)visibility);
    value_set_text(arena, row.record, STR("visibility"), visibility_names[visibility]);
    set_text(&row, row.record, STR("from"), FIXED_FROM);
    set_text(&row, row.record, STR("to"), FIXED_TO);
    set_text(&row, row.record, STR("attested_on"), FIXED_ATTESTED_ON);
    for (size_t i = 0; i < table->reg->field_count; i++) {
        const struct field *field = &table->reg->fields[i];
        if (viewer_sees_field(viewer, field, owner) && read_field(&row, field, err))
            return -1;
    }
    if (set_json(&row, STR("sources"), FIXED_SOURCES, err) || set_json(&row, STR("redacted"), FIXED_REDACTED, err))
        return -1;
    *ret_found = (struct found){.reg = table->reg, .record = row.record, .seq = stmt_int(stmt, first + FIXED_SEQ_FROM)};
    return 0;
}
