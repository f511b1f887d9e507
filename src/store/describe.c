#include "store/describe.h"

#include "base/digest.h"
#include "base/text.h"

static struct str scalar_kind(const struct field *field, struct arena *arena)
{
    if (field->vocabulary)
        return arena_format(arena, "code:%.*s", STR_ARG(field->vocabulary->name));
    if (field->reference)
        return arena_format(arena, "%s:%.*s", field->party ? "party" : "reference", STR_ARG(field->reference->name));
    return field->bilingual ? STR("bilingual") : STR("text");
}

struct str field_kind(const struct field *field, struct arena *arena)
{
    switch (field->type) {
    case FIELD_TEXT:
        return scalar_kind(field, arena);
    case FIELD_LIST:
        return arena_concat(arena, 2, STR("list:"), scalar_kind(field, arena));
    case FIELD_INTEGER:
        return STR("integer");
    case FIELD_NUMBER:
        return STR("number");
    case FIELD_FIGURE:
        return STR("figure");
    case FIELD_BOOLEAN:
        return STR("boolean");
    case FIELD_DATE:
        return STR("date");
    case FIELD_DATETIME:
        return STR("datetime");
    case FIELD_GEOPOINT:
        return STR("geopoint");
    }
    return STR("");
}

static const char *const type_names[] = {
    [SQL_TEXT] = "text", [SQL_INT] = "int", [SQL_NUMBER] = "number", [SQL_BLOB] = "blob"};

static struct value *describe_field(const struct table *table, const struct field *field, struct arena *arena)
{
    struct value *described = value_object(arena), *columns = value_object(arena);
    const struct field_place *place = &table->places[field->position];
    for (size_t i = 0; i < place->slot_count; i++) {
        const struct slot *slot = &table->slots[place->first_slot + i];
        value_set_text(arena, columns, slot->column, str_from_cstr(type_names[slot->type]));
    }
    value_set_text(arena, described, STR("kind"), field_kind(field, arena));
    value_set(arena, described, STR("columns"), columns);
    return described;
}

/* Codes are ordered as in their vocabulary, text by its reading: both are part of what a key depends on. */
static struct str describe_key(const struct sort_key *key, struct arena *arena)
{
    const struct field *field = key->field;
    if (field->reading)
        return arena_concat(arena, 3, key->column, STR(" by "), field->reading->name);
    if (!field->vocabulary)
        return key->column;
    BUF_AUTO codes;
    buf_init(&codes, (size_t)4 << 20);
    for (size_t i = 0; i < field->vocabulary->term_count; i++) {
        buf_add(&codes, field->vocabulary->terms[i].code);
        buf_add_byte(&codes, '\n');
    }
    char hex[DIGEST_HEX_MAX];
    digest_hex(digest_of(buf_str(&codes)), hex);
    return arena_format(arena, "%.*s by %s", STR_ARG(key->column), hex);
}

struct value *describe_table(const struct table *table, struct arena *arena)
{
    struct value *described = value_object(arena), *fields = value_object(arena);
    for (size_t i = 0; i < table->reg->field_count; i++)
        value_set(arena, fields, table->reg->fields[i].name, describe_field(table, &table->reg->fields[i], arena));
    value_set(arena, described, STR("fields"), fields);
    struct value *keys = value_list(arena), *links = value_list(arena), *indexes = value_list(arena);
    for (size_t i = 0; i < table->sort_key_count; i++)
        value_append(arena, keys, value_text(arena, describe_key(&table->sort_keys[i], arena)));
    for (size_t i = 0; i < table->link_count; i++) {
        value_append(arena, links, value_text(arena, table->links[i].table));
        value_append(arena, links, value_text(arena, table->links[i].past_table));
    }
    struct index *list;
    size_t count;
    table_indexes(table, arena, &list, &count);
    for (size_t i = 0; i < count; i++)
        value_append(arena, indexes, value_text(arena, list[i].name));
    value_set(arena, described, STR("keys"), keys);
    value_set(arena, described, STR("links"), links);
    value_set(arena, described, STR("indexes"), indexes);
    return described;
}

struct str describe_sort_keys(struct arena *arena)
{
    struct str versions = STR("");
    for (int lang = 0; lang < LANG_COUNT; lang++)
        versions = arena_format(arena, "%.*s%s%.*s %.*s", STR_ARG(versions), lang ? " " : "", STR_ARG(lang_codes[lang]),
                                STR_ARG(text_sort_key_version(lang_codes[lang])));
    return versions;
}

struct value *describe_layout(const struct layout *layout, struct arena *arena)
{
    struct value *described = value_object(arena), *registers = value_object(arena);
    for (size_t i = 0; i < layout->model->register_count; i++)
        value_set(arena, registers, layout->model->registers[i].name, describe_table(&layout->tables[i], arena));
    value_set_text(arena, described, STR("sort_keys"), describe_sort_keys(arena));
    value_set(arena, described, STR("registers"), registers);
    return described;
}
