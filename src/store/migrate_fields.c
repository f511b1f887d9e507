/* One register's columns, from what they were to what the model says now. */
#include "store/migrate.h"

static struct value *former_fields(struct value *former)
{
    return (struct value *)value_get(former, STR("fields"));
}

static struct str kind_part(struct str kind)
{
    return str_slice(kind, 0, str_find_byte(kind, ':'));
}

/* Kinds whose one column means the same text whatever the model calls it. */
static bool is_plain(struct str kind)
{
    struct str part = kind_part(kind);
    return str_eq(part, STR("text")) || str_eq(part, STR("code")) || str_eq(part, STR("date")) ||
           str_eq(part, STR("reference"));
}

/* Whether every value of the former kind is one of the new kind, in the same columns. Codes, references and dates become text;
 * text becomes codes or references when migrate_check_values finds each of them to be one; whole numbers become numbers. */
static bool kinds_agree(struct str former, struct str now)
{
    if (str_eq(former, now))
        return true;
    if (str_starts_with(former, STR("list:")) && str_starts_with(now, STR("list:")))
        return is_plain(str_slice(former, 5, former.len)) && is_plain(str_slice(now, 5, now.len));
    if (str_eq(now, STR("date")))
        return false;
    if (is_plain(former) && is_plain(now))
        return true;
    return str_eq(former, STR("integer")) && str_eq(now, STR("number"));
}

static int column_has_values(struct migration *migration, struct str table, struct str column, bool *has,
                             struct err *err)
{
    struct str sql = arena_format(migration->arena,
                                  "SELECT count(*) FROM (SELECT 1 FROM \"%.*s\" WHERE \"%.*s\" IS NOT "
                                  "NULL LIMIT 1)",
                                  STR_ARG(table), STR_ARG(column));
    int64_t count;
    if (db_query_int(migration->db, sql, &count, err))
        return -1;
    *has |= count > 0;
    return 0;
}

/* A field whose kind changed beyond what its columns can hold: fine while nobody has entered anything. */
static int drop_empty(struct migration *migration, const struct table *table, const struct field *field,
                      const struct value *former, struct err *err)
{
    const struct value *columns = value_get(former, STR("columns"));
    bool has = false;
    for (size_t i = 0; i < value_count(columns); i++)
        if (column_has_values(migration, table->name, columns->object.members[i].key, &has, err) ||
            column_has_values(migration, table->past_name, columns->object.members[i].key, &has, err))
            return -1;
    struct str former_kind = value_get_text(former, STR("kind"));
    struct str kind = field_kind(field, migration->arena);
    if (has)
        return err_set_field(
            err, ERR_CONFLICT, field->name,
            "the field %.*s was %.*s and is now %.*s, and records have values in it that this would lose: "
            "give the new field another name, carry the values over, then take the old one out",
            STR_ARG(field->name), STR_ARG(former_kind), STR_ARG(kind));
    for (size_t i = 0; i < value_count(columns); i++) {
        struct str column = columns->object.members[i].key;
        if (migrate_exec(migration, err, "ALTER TABLE \"%.*s\" DROP COLUMN \"%.*s\"", STR_ARG(table->name),
                         STR_ARG(column)) ||
            migrate_exec(migration, err, "ALTER TABLE \"%.*s\" DROP COLUMN \"%.*s\"", STR_ARG(table->past_name),
                         STR_ARG(column)))
            return -1;
    }
    return 0;
}

static int add_columns(struct migration *migration, const struct table *table, const struct field *field,
                       const struct value *present_columns, struct err *err)
{
    const struct field_place *place = &table->places[field->position];
    for (size_t i = 0; i < place->slot_count; i++) {
        const struct slot *slot = &table->slots[place->first_slot + i];
        if (value_get(present_columns, slot->column))
            continue;
        const char *type = ddl_type(DIALECT_SQLITE, slot->type);
        if (migrate_exec(migration, err, "ALTER TABLE \"%.*s\" ADD COLUMN \"%.*s\" %s", STR_ARG(table->name),
                         STR_ARG(slot->column), type) ||
            migrate_exec(migration, err, "ALTER TABLE \"%.*s\" ADD COLUMN \"%.*s\" %s", STR_ARG(table->past_name),
                         STR_ARG(slot->column), type))
            return err_prefix(err, "the field %.*s", STR_ARG(field->name));
    }
    return 0;
}

static int rename_columns(struct migration *migration, const struct table *table, const struct field *field,
                          struct str former_name, const struct value *former, struct err *err)
{
    const struct value *columns = value_get(former, STR("columns"));
    for (size_t i = 0; i < value_count(columns); i++) {
        struct str column = columns->object.members[i].key;
        struct str suffix = str_slice(column, former_name.len, column.len);
        struct str names[] = {table->name, table->past_name};
        for (int k = 0; k < 2; k++)
            if (migrate_exec(migration, err, "ALTER TABLE \"%.*s\" RENAME COLUMN \"%.*s\" TO \"%.*s%.*s\"",
                             STR_ARG(names[k]), STR_ARG(column), STR_ARG(field->name), STR_ARG(suffix)))
                return err_prefix(err, "the field %.*s", STR_ARG(field->name));
    }
    return 0;
}

static int migrate_field(struct migration *migration, const struct table *table, const struct field *field,
                         struct value *fields, struct err *err)
{
    struct str former_name = field->name;
    struct value *former = (struct value *)value_get(fields, former_name);
    if (!former && field->was.len) {
        former_name = field->was;
        former = (struct value *)value_get(fields, former_name);
    }
    if (!former)
        return add_columns(migration, table, field, NULL, err);
    struct str former_kind = value_get_text(former, STR("kind")), kind = field_kind(field, migration->arena);
    value_set(migration->arena, former, STR("taken"), value_bool(migration->arena, true));
    bool to_party = str_starts_with(former_kind, STR("reference:")) && str_starts_with(kind, STR("party:"));
    if (!to_party && !kinds_agree(former_kind, kind))
        return drop_empty(migration, table, field, former, err) || add_columns(migration, table, field, NULL, err) ? -1
                                                                                                                   : 0;
    if (!str_eq(former_name, field->name))
        return rename_columns(migration, table, field, former_name, former, err);
    return to_party ? add_columns(migration, table, field, value_get(former, STR("columns")), err) : 0;
}

int migrate_fields(struct migration *migration, const struct table *table, struct value *former, struct err *err)
{
    for (size_t i = 0; i < table->reg->field_count; i++)
        if (migrate_field(migration, table, &table->reg->fields[i], former_fields(former), err))
            return -1;
    return 0;
}

/* ---- values that the model no longer allows ---- */

static int check_code(const struct field *field, struct str code, struct err *err)
{
    if (vocabulary_term(field->vocabulary, code))
        return 0;
    return err_set_field(
        err, ERR_CONFLICT, field->name,
        "records have the code \"%.*s\" in %.*s, which the vocabulary %.*s does not have: keep it there "
        "and mark it \"retired\": true",
        STR_ARG(code), STR_ARG(field->name), STR_ARG(field->vocabulary->name));
}

/* Facets are counted, so their values are known without reading a row. */
static int check_counted_codes(struct migration *migration, const struct reg *reg, const struct field *field,
                               struct err *err)
{
    SQL_AUTO sql;
    sql_init(&sql);
    sql_add(&sql, "SELECT DISTINCT \"value\" FROM \"counter\" WHERE \"register\"=$1 AND \"field\"=$2");
    sql_text_arg(&sql, reg->name);
    sql_text_arg(&sql, field->name);
    struct stmt *stmt;
    if (sql_statement(&sql, migration->db, &stmt, err))
        return -1;
    int step;
    while ((step = stmt_step(stmt, err)) == 1)
        if (check_code(field, stmt_text(stmt, 0), err)) {
            stmt_reset(stmt);
            return -1;
        }
    return step;
}

int migrate_check_values(struct migration *migration, const struct table *table, struct err *err)
{
    for (size_t i = 0; i < table->reg->field_count; i++) {
        const struct field *field = &table->reg->fields[i];
        if (field->vocabulary && field->facet && check_counted_codes(migration, table->reg, field, err))
            return -1;
    }
    return 0;
}
