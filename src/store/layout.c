#include "store/layout.h"

#include "base/digest.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const struct str fixed_columns[FIXED_COUNT] = {
    [FIXED_ID] = {"id", 2},
    [FIXED_OWNER] = {"owner", 5},
    [FIXED_VISIBILITY] = {"visibility", 10},
    [FIXED_FROM] = {"from", 4},
    [FIXED_TO] = {"to", 2},
    [FIXED_ATTESTED_ON] = {"attested_on", 11},
    [FIXED_SOURCES] = {"sources", 7},
    [FIXED_REDACTED] = {"redacted", 8},
    [FIXED_SEQ_FROM] = {"seq_from", 8},
};

/* Most slots a field takes: a figure's eight. */
#define SLOTS_A_FIELD 8

struct part_shape {
    enum slot_part part;
    enum sql_type type;
    const char *suffix;
};

static const struct part_shape figure_parts[] = {
    {SLOT_LOW, SQL_NUMBER, "_low"},           {SLOT_HIGH, SQL_NUMBER, "_high"},
    {SLOT_QUALIFIER, SQL_TEXT, "_qualifier"}, {SLOT_ESTIMATED, SQL_INT, "_estimated"},
    {SLOT_UNIT, SQL_TEXT, "_unit"},           {SLOT_CURRENCY, SQL_TEXT, "_currency"},
    {SLOT_PERIOD, SQL_TEXT, "_period"},       {SLOT_PRECISION, SQL_INT, "_precision"}};
static const struct part_shape geopoint_parts[] = {
    {SLOT_LAT, SQL_NUMBER, "_lat"}, {SLOT_LON, SQL_NUMBER, "_lon"}, {SLOT_APPROXIMATE, SQL_INT, "_approximate"}};
static const struct part_shape bilingual_parts[] = {{SLOT_JA, SQL_TEXT, "_ja"}, {SLOT_EN, SQL_TEXT, "_en"}};
static const struct part_shape party_parts[] = {
    {SLOT_WHOLE, SQL_TEXT, ""}, {SLOT_JA, SQL_TEXT, "_ja"}, {SLOT_EN, SQL_TEXT, "_en"}};
static const struct part_shape text_parts[] = {{SLOT_WHOLE, SQL_TEXT, ""}};
static const struct part_shape integer_parts[] = {{SLOT_WHOLE, SQL_INT, ""}};
static const struct part_shape number_parts[] = {{SLOT_WHOLE, SQL_NUMBER, ""}};
static const struct part_shape list_parts[] = {{SLOT_LIST, SQL_TEXT, ""}};

#define PARTS(array) (*ret_count = sizeof(array) / sizeof(array)[0], (array))

static const struct part_shape *parts_of(const struct field *field, size_t *ret_count)
{
    switch (field->type) {
    case FIELD_FIGURE:
        return PARTS(figure_parts);
    case FIELD_GEOPOINT:
        return PARTS(geopoint_parts);
    case FIELD_LIST:
        return PARTS(list_parts);
    case FIELD_NUMBER:
        return PARTS(number_parts);
    case FIELD_INTEGER:
    case FIELD_BOOLEAN:
    case FIELD_DATETIME:
        return PARTS(integer_parts);
    case FIELD_DATE:
        return PARTS(text_parts);
    case FIELD_TEXT:
        break;
    }
    if (field->bilingual)
        return PARTS(bilingual_parts);
    return field->party ? PARTS(party_parts) : PARTS(text_parts);
}

/* PostgreSQL cuts names at 63 bytes: a longer one ends in a digest of the whole instead. */
#define SQL_NAME_MAX 63
#define SQL_NAME_KEPT 46

struct str layout_sql_name(struct arena *arena, struct str name)
{
    if (name.len <= SQL_NAME_MAX)
        return name;
    char hex[DIGEST_HEX_MAX];
    digest_hex(digest_of(name), hex);
    return arena_format(arena, "%.*s_%.16s", SQL_NAME_KEPT, name.ptr, hex);
}

/* Register names have hyphens, which would have to be quoted for ever in psql; tables have underscores. */
static struct str table_name(struct arena *arena, const char *prefix, struct str name)
{
    struct str copy = arena_format(arena, "%s%.*s", prefix, STR_ARG(name));
    char *bytes = (char *)copy.ptr;
    for (size_t i = 0; i < copy.len; i++)
        if (bytes[i] == '-')
            bytes[i] = '_';
    return copy;
}

static void add_slots(struct table *table, struct arena *arena)
{
    const struct reg *reg = table->reg;
    table->slots = ARENA_NEW_ARRAY(arena, reg->field_count * SLOTS_A_FIELD, struct slot);
    table->places = ARENA_NEW_ARRAY(arena, reg->field_count, struct field_place);
    for (size_t i = 0; i < reg->field_count; i++) {
        const struct field *field = &reg->fields[i];
        size_t count;
        const struct part_shape *parts = parts_of(field, &count);
        table->places[i] = (struct field_place){.first_slot = table->slot_count, .slot_count = count};
        for (size_t p = 0; p < count; p++)
            table->slots[table->slot_count++] =
                (struct slot){.column = arena_format(arena, "%.*s%s", STR_ARG(field->name), parts[p].suffix),
                              .type = parts[p].type,
                              .part = parts[p].part,
                              .field = field};
    }
}

static bool needs_sort_key(const struct reg *reg, const struct field *field)
{
    return (field->sortable || field == reg->sort) && field->type != FIELD_LIST && field->type != FIELD_GEOPOINT;
}

/* Text is ordered by language; all else is the same in each. */
static bool sorts_by_language(const struct field *field)
{
    return field->type == FIELD_TEXT && !field->vocabulary && !field->reference;
}

static void add_sort_keys(struct table *table, struct arena *arena)
{
    const struct reg *reg = table->reg;
    table->sort_keys = ARENA_NEW_ARRAY(arena, reg->field_count * LANG_COUNT, struct sort_key);
    for (size_t i = 0; i < reg->field_count; i++) {
        const struct field *field = &reg->fields[i];
        if (!needs_sort_key(reg, field))
            continue;
        if (!sorts_by_language(field)) {
            table->sort_keys[table->sort_key_count++] =
                (struct sort_key){arena_format(arena, "%.*s__k", STR_ARG(field->name)), field, -1};
            continue;
        }
        for (int lang = 0; lang < LANG_COUNT; lang++)
            table->sort_keys[table->sort_key_count++] = (struct sort_key){
                arena_format(arena, "%.*s__%.*s", STR_ARG(field->name), STR_ARG(lang_codes[lang])), field, lang};
    }
}

static void add_link(struct table *table, struct arena *arena, const struct field *field)
{
    struct str name = field ? field->name : fixed_columns[FIXED_SOURCES];
    struct str reg_part = table_name(arena, "", table->reg->name);
    struct str link_name = arena_format(arena, "l_%.*s__%.*s", STR_ARG(reg_part), STR_ARG(name));
    struct str past_name = arena_format(arena, "lp_%.*s__%.*s", STR_ARG(reg_part), STR_ARG(name));
    table->links[table->link_count++] = (struct link){
        .table = layout_sql_name(arena, link_name),
        .past_table = layout_sql_name(arena, past_name),
        .field = field,
        .keyed = field && field->facet,
    };
}

static void add_links(struct table *table, struct arena *arena)
{
    const struct reg *reg = table->reg;
    table->links = ARENA_NEW_ARRAY(arena, reg->field_count + 1, struct link);
    add_link(table, arena, NULL);
    for (size_t i = 0; i < reg->field_count; i++) {
        const struct field *field = &reg->fields[i];
        if (field->type != FIELD_LIST || !(field->vocabulary || field->reference))
            continue;
        add_link(table, arena, field);
        table->places[i].link = &table->links[table->link_count - 1];
    }
}

static void write_column_lists(struct table *table, struct arena *arena)
{
    BUF_AUTO columns;
    buf_init(&columns, 1u << 20);
    for (int i = 0; i < FIXED_COUNT; i++)
        buf_add_format(&columns, "%s\"%.*s\"", i ? "," : "", STR_ARG(fixed_columns[i]));
    for (size_t i = 0; i < table->slot_count; i++)
        buf_add_format(&columns, ",\"%.*s\"", STR_ARG(table->slots[i].column));
    table->read_count = FIXED_COUNT + table->slot_count;
    table->read_columns = arena_copy(arena, buf_str(&columns));
    for (size_t i = 0; i < table->sort_key_count; i++)
        buf_add_format(&columns, ",\"%.*s\"", STR_ARG(table->sort_keys[i].column));
    table->all_count = table->read_count + table->sort_key_count;
    table->all_columns = arena_copy(arena, buf_str(&columns));
    buf_clear(&columns);
    buf_add_format(&columns, "t.\"%.*s\"", STR_ARG(fixed_columns[FIXED_OWNER]));
    for (size_t i = 0; i < table->reg->label_count; i++) {
        const struct field_place *place = &table->places[table->reg->label[i]->position];
        for (size_t s = 0; s < place->slot_count; s++)
            buf_add_format(&columns, ",t.\"%.*s\"", STR_ARG(table->slots[place->first_slot + s].column));
    }
    table->label_columns = arena_copy(arena, buf_str(&columns));
}

static void add_place(struct layout *layout, const struct table *table, const struct field *field,
                      const struct link *link, const struct reg *target)
{
    assert(link || field);
    struct place *place = &layout->places[layout->place_count++];
    struct str name = link ? link->table : table->name, past_name = link ? link->past_table : table->past_name;
    /* cppcheck-suppress nullPointer ; a link stands for the missing field */
    struct str column = link ? STR("value") : field->name;
    *place = (struct place){.table = table, .field = field, .link = link, .target = target};
    place->probe =
        arena_format(&layout->arena, "SELECT 1 FROM \"%.*s\" WHERE \"%.*s\"=$1", STR_ARG(name), STR_ARG(column));
    place->probe_past =
        arena_format(&layout->arena, "SELECT 1 FROM \"%.*s\" WHERE \"%.*s\"=$1", STR_ARG(past_name), STR_ARG(column));
    place->quick = layout->quick_count;
    layout->quick_count += 2 * (size_t)LANG_COUNT;
}

static void add_places(struct layout *layout)
{
    const struct reg *source = model_role(layout->model, ROLE_SOURCE);
    size_t most = 0;
    for (size_t i = 0; i < layout->model->register_count; i++)
        most += layout->tables[i].reg->field_count + 1;
    layout->places = ARENA_NEW_ARRAY(&layout->arena, most, struct place);
    layout->quick_count = QUICK_COUNT * layout->model->register_count;
    for (size_t i = 0; i < layout->model->register_count; i++) {
        const struct table *table = &layout->tables[i];
        for (size_t k = 0; k < table->reg->field_count; k++)
            if (table->reg->fields[k].reference)
                add_place(layout, table, &table->reg->fields[k], table->places[k].link,
                          table->reg->fields[k].reference);
        if (source)
            add_place(layout, table, NULL, &table->links[0], source);
    }
}

struct layout *layout_make(const struct model *model)
{
    struct layout *layout = calloc(1, sizeof *layout);
    if (!layout)
        abort();
    arena_init(&layout->arena, (size_t)256 << 20);
    layout->model = model;
    layout->tables = ARENA_NEW_ARRAY(&layout->arena, model->register_count, struct table);
    for (size_t i = 0; i < model->register_count; i++) {
        struct table *table = &layout->tables[i];
        table->reg = &model->registers[i];
        table->name = table_name(&layout->arena, "r_", table->reg->name);
        table->past_name = table_name(&layout->arena, "p_", table->reg->name);
        add_slots(table, &layout->arena);
        add_sort_keys(table, &layout->arena);
        add_links(table, &layout->arena);
        write_column_lists(table, &layout->arena);
        layout_write_sql(table, &layout->arena);
    }
    add_places(layout);
    return layout;
}

void layout_free(struct layout *layout)
{
    if (!layout)
        return;
    arena_free(&layout->arena);
    free(layout);
}

const struct table *layout_table(const struct layout *layout, const struct reg *reg)
{
    return &layout->tables[reg->position];
}

const struct sort_key *table_sort_key(const struct table *table, const struct field *field, enum lang lang)
{
    for (size_t i = 0; i < table->sort_key_count; i++) {
        const struct sort_key *key = &table->sort_keys[i];
        if (key->field == field && (key->lang == -1 || key->lang == (int)lang))
            return key;
    }
    return NULL;
}
