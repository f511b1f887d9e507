#include "store/layout.h"

#include <string.h>

static const char *const type_names[DIALECT_COUNT][4] = {
    /* A NUMERIC column of SQLite keeps whole numbers whole; text compares by bytes in both. */
    [DIALECT_SQLITE] = {"TEXT", "INTEGER", "NUMERIC", "BLOB"},
    [DIALECT_POSTGRESQL] = {"TEXT COLLATE \"C\"", "BIGINT", "NUMERIC", "BYTEA"},
};

const char *ddl_type(enum dialect dialect, enum sql_type type)
{
    return type_names[dialect][type];
}

/* ---- the store's own tables ---- */

struct system_column {
    const char *name;
    enum sql_type type;
    bool required;
};

struct system_table {
    const char *name;
    const char *primary_key;
    const char *index; /* a second index's columns, or NULL */
    struct system_column columns[16];
};

static const struct system_table system_tables[] = {
    {"meta", "\"key\"", NULL, {{"key", SQL_TEXT, true}, {"value", SQL_TEXT, true}}},
    /* Every model this store has had, with the first seq it may have shaped. */
    {"model_version",
     "\"no\"",
     NULL,
     {{"no", SQL_INT, true}, {"seq", SQL_INT, true}, {"at_ms", SQL_INT, true}, {"model", SQL_TEXT, true}}},
    {"change_set",
     "\"no\"",
     "\"state\",\"no\"",
     {{"no", SQL_INT, true},
      {"author", SQL_TEXT, true},
      {"reason", SQL_TEXT, true},
      {"kind", SQL_TEXT, true},
      {"pack", SQL_TEXT, false},
      {"sources", SQL_TEXT, false},
      {"state", SQL_INT, true},
      {"created_ms", SQL_INT, true},
      {"decided_ms", SQL_INT, false},
      {"decided_by", SQL_TEXT, false},
      {"note", SQL_TEXT, false}}},
    /* Changes that wait for a decision, and what was decided; what came in at once is in the revisions alone. */
    {"change",
     "\"change_set\",\"position\"",
     "\"register\",\"id\"",
     {{"change_set", SQL_INT, true},
      {"position", SQL_INT, true},
      {"register", SQL_TEXT, true},
      {"id", SQL_TEXT, true},
      {"kind", SQL_INT, true},
      {"base_seq", SQL_INT, true},
      {"record", SQL_TEXT, false},
      {"accepted", SQL_INT, true}}},
    {"revision",
     "\"seq\"",
     NULL,
     {{"seq", SQL_INT, true},
      {"change_set", SQL_INT, true},
      {"register", SQL_TEXT, true},
      {"id", SQL_TEXT, true},
      {"kind", SQL_INT, true},
      {"other_id", SQL_TEXT, false}}},
    {"redirect",
     "\"register\",\"id\"",
     "\"register\",\"to_id\"",
     {{"register", SQL_TEXT, true},
      {"id", SQL_TEXT, true},
      {"to_id", SQL_TEXT, true},
      {"renamed", SQL_INT, true},
      {"seq", SQL_INT, true}}},
    {"counter",
     "\"register\",\"field\",\"value\",\"visibility\"",
     NULL,
     {{"register", SQL_TEXT, true},
      {"field", SQL_TEXT, true},
      {"value", SQL_TEXT, true},
      {"visibility", SQL_INT, true},
      {"records", SQL_INT, true}}},
    {"loaded",
     "\"pack\",\"register\",\"id\"",
     NULL,
     {{"pack", SQL_TEXT, true},
      {"register", SQL_TEXT, true},
      {"id", SQL_TEXT, true},
      {"seq", SQL_INT, true},
      {"round", SQL_INT, true},
      {"digest", SQL_BLOB, true}}},
    {"edition",
     "\"name\"",
     NULL,
     {{"name", SQL_TEXT, true},
      {"seq", SQL_INT, true},
      {"frozen_ms", SQL_INT, true},
      {"note", SQL_TEXT, false},
      {"frozen_by", SQL_TEXT, false},
      {"gaps", SQL_TEXT, false}}},
    /* What the counters said when an edition was frozen. */
    {"edition_counter",
     "\"edition\",\"register\",\"field\",\"value\",\"visibility\"",
     NULL,
     {{"edition", SQL_TEXT, true},
      {"register", SQL_TEXT, true},
      {"field", SQL_TEXT, true},
      {"value", SQL_TEXT, true},
      {"visibility", SQL_INT, true},
      {"records", SQL_INT, true}}},
};

/* A table keyed by one integer is SQLite's rowid; by text, WITHOUT ROWID keeps one tree instead of two. */
static const char *table_end(enum dialect dialect, const struct system_table *table)
{
    bool by_number = table->columns[0].type == SQL_INT && !strchr(table->primary_key, ',');
    return dialect == DIALECT_SQLITE && !by_number ? ") WITHOUT ROWID;\n" : ");\n";
}

static void system_table_ddl(const struct system_table *table, enum dialect dialect, struct buf *out)
{
    buf_add_format(out, "CREATE TABLE \"%s\" (", table->name);
    for (const struct system_column *column = table->columns; column->name; column++)
        buf_add_format(out, "\"%s\" %s%s,", column->name, ddl_type(dialect, column->type),
                       column->required ? " NOT NULL" : "");
    buf_add_format(out, "PRIMARY KEY (%s)%s", table->primary_key, table_end(dialect, table));
    if (table->index)
        buf_add_format(out, "CREATE INDEX \"i_%s\" ON \"%s\" (%s);\n", table->name, table->name, table->index);
}

#define SYSTEM_TABLE_COUNT (sizeof system_tables / sizeof system_tables[0])

void ddl_system(enum dialect dialect, struct buf *out)
{
    for (size_t i = 0; i < SYSTEM_TABLE_COUNT; i++)
        system_table_ddl(&system_tables[i], dialect, out);
}

const char *ddl_system_name(size_t number)
{
    return number < SYSTEM_TABLE_COUNT ? system_tables[number].name : NULL;
}

void ddl_system_table(size_t number, enum dialect dialect, struct buf *out)
{
    system_table_ddl(&system_tables[number], dialect, out);
}

const char *ddl_system_column(size_t number, size_t column, enum sql_type *ret_type)
{
    const struct system_column *columns = system_tables[number].columns;
    bool there = column < sizeof system_tables[0].columns / sizeof columns[0] && columns[column].name;
    if (there)
        *ret_type = columns[column].type;
    return there ? columns[column].name : NULL;
}

/* ---- a register's tables ---- */

static enum sql_type fixed_type(int column)
{
    return column == FIXED_VISIBILITY || column == FIXED_SEQ_FROM ? SQL_INT : SQL_TEXT;
}

static bool fixed_required(int column)
{
    return column == FIXED_ID || column == FIXED_VISIBILITY || column == FIXED_SEQ_FROM;
}

/* Sort keys and facets stand before what is only shown: to reach a column, SQLite steps over every column before it, and each
 * index that is built over a large register does that for each of its rows. */
static bool stands_first(const struct slot *slot)
{
    return slot->field->facet && slot->field->type != FIELD_LIST;
}

static void slot_columns(const struct table *table, enum dialect dialect, bool first, struct buf *out)
{
    for (size_t i = 0; i < table->slot_count; i++)
        if (stands_first(&table->slots[i]) == first)
            buf_add_format(out, "\"%.*s\" %s,", STR_ARG(table->slots[i].column),
                           ddl_type(dialect, table->slots[i].type));
}

static void record_columns(const struct table *table, enum dialect dialect, struct buf *out)
{
    for (int i = 0; i < FIXED_COUNT; i++)
        buf_add_format(out, "\"%.*s\" %s%s,", STR_ARG(fixed_columns[i]), ddl_type(dialect, fixed_type(i)),
                       fixed_required(i) ? " NOT NULL" : "");
    for (size_t i = 0; i < table->sort_key_count; i++)
        buf_add_format(out, "\"%.*s\" %s NOT NULL,", STR_ARG(table->sort_keys[i].column), ddl_type(dialect, SQL_BLOB));
    slot_columns(table, dialect, true, out);
    slot_columns(table, dialect, false, out);
}

static void link_ddl(const struct link *link, enum dialect dialect, bool past, struct buf *out)
{
    const char *text = ddl_type(dialect, SQL_TEXT);
    const char *number = ddl_type(dialect, SQL_INT);
    struct str name = past ? link->past_table : link->table;
    buf_add_format(out, "CREATE TABLE \"%.*s\" (\"value\" %s NOT NULL,\"id\" %s NOT NULL,\"seq_from\" %s NOT NULL,",
                   STR_ARG(name), text, text, number);
    if (past)
        buf_add_format(out, "\"seq_to\" %s NOT NULL,", number);
    if (link->keyed)
        for (int lang = 0; lang < LANG_COUNT; lang++)
            buf_add_format(out, "\"key_%.*s\" %s NOT NULL,", STR_ARG(lang_codes[lang]), ddl_type(dialect, SQL_BLOB));
    buf_add_format(out, "PRIMARY KEY (\"value\",\"id\"%s)%s", past ? ",\"seq_from\"" : "",
                   dialect == DIALECT_SQLITE ? ") WITHOUT ROWID;\n" : ");\n");
}

void ddl_links(const struct table *table, enum dialect dialect, struct buf *out)
{
    for (size_t i = 0; i < table->link_count; i++) {
        link_ddl(&table->links[i], dialect, false, out);
        link_ddl(&table->links[i], dialect, true, out);
    }
}

void ddl_register(const struct table *table, enum dialect dialect, struct buf *out)
{
    buf_add_format(out, "CREATE TABLE \"%.*s\" (", STR_ARG(table->name));
    record_columns(table, dialect, out);
    buf_add_literal(out, "UNIQUE (\"id\"));\n");
    buf_add_format(out, "CREATE TABLE \"%.*s\" (", STR_ARG(table->past_name));
    record_columns(table, dialect, out);
    buf_add_format(out, "\"seq_to\" %s NOT NULL,UNIQUE (\"id\",\"seq_from\"));\n", ddl_type(dialect, SQL_INT));
    ddl_links(table, dialect, out);
}

/* ---- indexes ---- */

struct index_list {
    struct arena *arena;
    struct index *items;
    size_t count;
    size_t capacity;
};

__attribute__((format(printf, 5, 6))) static void add_index(struct index_list *list, struct str table,
                                                            const char *suffix, const struct field *unique,
                                                            const char *columns, ...)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 16;
        struct index *items = ARENA_NEW_ARRAY(list->arena, capacity, struct index);
        if (list->count)
            memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
        list->capacity = capacity;
    }
    va_list args;
    va_start(args, columns);
    struct str on = arena_vformat(list->arena, columns, args);
    va_end(args);
    struct str name = layout_sql_name(list->arena, arena_format(list->arena, "i_%.*s__%s", STR_ARG(table), suffix));
    struct str sql = arena_format(list->arena, "CREATE %sINDEX \"%.*s\" ON \"%.*s\" %.*s", unique ? "UNIQUE " : "",
                                  STR_ARG(name), STR_ARG(table), STR_ARG(on));
    list->items[list->count++] = (struct index){.name = name, .sql = sql, .unique = unique};
}

/* One field's value, then the list's order: a page of a facet is one walk along its index. What is absent is not in it. */
static void add_facet_indexes(struct index_list *list, const struct table *table, const struct slot *slot)
{
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        const struct sort_key *key = table_sort_key(table, table->reg->sort, (enum lang)lang);
        if (!key || (key->lang == -1 && lang > 0))
            break;
        struct str suffix = arena_format(list->arena, "%.*s_%d", STR_ARG(slot->column), lang);
        add_index(list, table->name, suffix.ptr, NULL, "(\"%.*s\",\"%.*s\",\"id\") WHERE \"%.*s\" IS NOT NULL",
                  STR_ARG(slot->column), STR_ARG(key->column), STR_ARG(slot->column));
        add_index(list, table->past_name, suffix.ptr, NULL,
                  "(\"%.*s\",\"%.*s\",\"id\",\"seq_to\",\"seq_from\") WHERE \"%.*s\" IS NOT NULL",
                  STR_ARG(slot->column), STR_ARG(key->column), STR_ARG(slot->column));
    }
}

static void add_field_indexes(struct index_list *list, const struct table *table, const struct field *field)
{
    const struct slot *slot = &table->slots[table->places[field->position].first_slot];
    if (field->type == FIELD_LIST)
        return;
    if (field->facet)
        add_facet_indexes(list, table, slot);
    else if (field->reference || field->unique)
        add_index(list, table->name, slot->column.ptr, field->unique ? field : NULL,
                  "(\"%.*s\") WHERE \"%.*s\" IS NOT NULL", STR_ARG(slot->column), STR_ARG(slot->column));
    if (field->reference && !field->facet)
        add_index(list, table->past_name, slot->column.ptr, NULL,
                  "(\"%.*s\",\"seq_to\",\"seq_from\") WHERE \"%.*s\" IS NOT NULL", STR_ARG(slot->column),
                  STR_ARG(slot->column));
}

static void add_link_indexes(struct index_list *list, const struct link *link)
{
    for (int lang = 0; link->keyed && lang < LANG_COUNT; lang++) {
        add_index(list, link->table, lang_codes[lang].ptr, NULL, "(\"value\",\"key_%.*s\",\"id\")",
                  STR_ARG(lang_codes[lang]));
        add_index(list, link->past_table, lang_codes[lang].ptr, NULL, "(\"value\",\"key_%.*s\",\"id\",\"seq_to\")",
                  STR_ARG(lang_codes[lang]));
    }
    add_index(list, link->table, "id", NULL, "(\"id\")");
    add_index(list, link->past_table, "id", NULL, "(\"id\",\"seq_from\")");
}

void table_indexes(const struct table *table, struct arena *arena, struct index **ret_indexes, size_t *ret_count)
{
    struct index_list list = {.arena = arena};
    for (size_t i = 0; i < table->sort_key_count; i++) {
        const struct sort_key *key = &table->sort_keys[i];
        add_index(&list, table->name, key->column.ptr, NULL, "(\"%.*s\",\"id\")", STR_ARG(key->column));
        if (key->field == table->reg->sort)
            add_index(&list, table->past_name, key->column.ptr, NULL, "(\"%.*s\",\"id\",\"seq_to\",\"seq_from\")",
                      STR_ARG(key->column));
    }
    for (size_t i = 0; i < table->reg->field_count; i++)
        add_field_indexes(&list, table, &table->reg->fields[i]);
    for (size_t i = 0; i < table->link_count; i++)
        add_link_indexes(&list, &table->links[i]);
    *ret_indexes = list.items;
    *ret_count = list.count;
}
