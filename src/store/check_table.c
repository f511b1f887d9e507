/* The proofs that go row by row. */
#include "store/check.h"

#include "base/text.h"
#include "model/record.h"

#include <stdio.h>
#include <string.h>

#define CHECK_MEMORY_MAX ((size_t)256 << 20)

#define CHECK(what, ...)                                         \
    do {                                                         \
        struct str check_sql = arena_format(arena, __VA_ARGS__); \
        if (check_rows(checker, what, check_sql, err))           \
            return -1;                                           \
    } while (0)

/* ---- spans ---- */

static int check_spans(struct checker *checker, const struct table *table, struct arena *arena, struct err *err)
{
    struct str name = table->name, past = table->past_name, reg = table->reg->name;
    CHECK("a past row ends before it begins",
          "SELECT '%.*s',\"id\",\"seq_from\",\"seq_to\" FROM \"%.*s\" WHERE \"seq_to\"<=\"seq_from\"", STR_ARG(reg),
          STR_ARG(past));
    CHECK(
        "two past rows of one record overlap",
        "SELECT '%.*s',a.\"id\",a.\"seq_from\",b.\"seq_from\" FROM \"%.*s\" AS a JOIN \"%.*s\" AS b ON a.\"id\"=b.\"id\" AND "
        "a.\"seq_from\"<b.\"seq_from\" AND a.\"seq_to\">b.\"seq_from\"",
        STR_ARG(reg), STR_ARG(past), STR_ARG(past));
    CHECK(
        "a past row reaches into the present one",
        "SELECT '%.*s',a.\"id\",a.\"seq_from\",b.\"seq_from\" FROM \"%.*s\" AS a JOIN \"%.*s\" AS b ON a.\"id\"=b.\"id\" AND "
        "a.\"seq_to\">b.\"seq_from\"",
        STR_ARG(reg), STR_ARG(past), STR_ARG(name));
    /* Between two rows there may be a time without the record only where a revision took it away. */
    CHECK(
        "a record is missing for a while that no revision explains",
        "SELECT '%.*s',a.\"id\",a.\"seq_to\" FROM \"%.*s\" AS a JOIN \"revision\" AS r ON r.\"seq\"=a.\"seq_to\" WHERE r.\"kind\" "
        "IN (%d,%d) AND NOT EXISTS (SELECT 1 FROM \"%.*s\" AS b WHERE b.\"id\"=a.\"id\" AND b.\"seq_from\"=a.\"seq_to\") AND NOT "
        "EXISTS (SELECT 1 FROM \"%.*s\" AS c WHERE c.\"id\"=a.\"id\" AND c.\"seq_from\"=a.\"seq_to\")",
        STR_ARG(reg), STR_ARG(past), CHANGE_UPDATE, CHANGE_REDACT, STR_ARG(past), STR_ARG(name));
    return 0;
}

/* ---- records ---- */

struct record_check {
    struct checker *checker;
    const struct table *table;
    struct arena arena;
    struct err *err;
};

/* A reference of a present record must have its record: the same walk the writer makes. */
static int check_reference(void *context, const struct reg *target, struct value *id_value, const struct field *field,
                           const char *where)
{
    (void)field;
    struct record_check *check = context;
    bool there;
    if (record_is_visible(check->checker->reader, target, id_value->text, &there, check->err))
        return -1;
    if (!there)
        check_say(check->checker, "%.*s: %s refers to %.*s \"%.*s\", which does not exist",
                  STR_ARG(check->table->reg->name), where, STR_ARG(target->name), STR_ARG(id_value->text));
    return 0;
}

/* The record as the table gives it is one that the model accepts; what was required and redacted may be missing. */
static void check_record(struct record_check *check, const struct found *found)
{
    const struct model *model = check->checker->reader->store->model;
    struct str id = record_id(found->record);
    if (!id_is_valid(id))
        check_say(check->checker, "%.*s: \"%.*s\" is no id", STR_ARG(check->table->reg->name), STR_ARG(id));
    if (value_get(found->record, STR("redacted")))
        return;
    struct record_problems problems;
    record_problems_init(&problems, &check->arena);
    struct value *canonical;
    if (record_from_value(model, check->table->reg, found->record, &check->arena, &problems, &canonical) == 0) {
        if (!value_equal(canonical, found->record))
            check_say(check->checker, "%.*s \"%.*s\" is not in canonical form", STR_ARG(check->table->reg->name),
                      STR_ARG(id));
        return;
    }
    for (size_t i = 0; i < problems.count; i++)
        check_say(check->checker, "%.*s \"%.*s\": %.*s: %.*s", STR_ARG(check->table->reg->name), STR_ARG(id),
                  STR_ARG(problems.items[i].field), STR_ARG(problems.items[i].message));
}

static int check_found(void *context, const struct found *found)
{
    struct record_check *check = context;
    arena_reset(&check->arena);
    check_record(check, found);
    return references_each(check->checker->reader->store->model, check->table->reg, found->record, check_reference,
                           check);
}

int check_table(struct checker *checker, const struct table *table, struct err *err)
{
    struct record_check check = {.checker = checker, .table = table, .err = err};
    arena_init(&check.arena, CHECK_MEMORY_MAX);
    int result = check_spans(checker, table, &check.arena, err);
    if (result == 0)
        result = store_each(checker->reader, table->reg, check_found, &check, err);
    arena_free(&check.arena);
    return result;
}

/* ---- counters and redirects ---- */

static int compare_counts(struct checker *checker, const struct table *table, struct str field, struct str counted,
                          struct arena *arena, struct err *err)
{
    struct str reg = table->reg->name;
    CHECK(
        "a kept counter is wrong (register, facet, value, visibility, kept, counted)",
        "SELECT '%.*s','%.*s',n.\"value\",n.\"visibility\",coalesce(k.\"records\",0),n.\"records\" FROM (%.*s) AS n LEFT JOIN "
        "\"counter\" AS k ON k.\"register\"='%.*s' AND k.\"field\"='%.*s' AND k.\"value\"=n.\"value\" AND "
        "k.\"visibility\"=n.\"visibility\" WHERE coalesce(k.\"records\",0)<>n.\"records\"",
        STR_ARG(reg), STR_ARG(field), STR_ARG(counted), STR_ARG(reg), STR_ARG(field));
    CHECK(
        "a kept counter counts nothing (register, facet, value, visibility, kept)",
        "SELECT '%.*s','%.*s',k.\"value\",k.\"visibility\",k.\"records\" FROM \"counter\" AS k WHERE k.\"register\"='%.*s' AND "
        "k.\"field\"='%.*s' AND NOT EXISTS (SELECT 1 FROM (%.*s) AS n WHERE n.\"value\"=k.\"value\" AND "
        "n.\"visibility\"=k.\"visibility\")",
        STR_ARG(reg), STR_ARG(field), STR_ARG(reg), STR_ARG(field), STR_ARG(counted));
    return 0;
}

/* What should be counted of one facet: (value, visibility, records). */
static struct str counted_facet(const struct table *table, const struct field *field, struct arena *arena)
{
    const struct field_place *place = &table->places[field->position];
    if (place->link)
        return arena_format(
            arena,
            "SELECT l.\"value\" AS \"value\",t.\"visibility\" AS \"visibility\",count(*) AS \"records\" FROM "
            "\"%.*s\" AS l JOIN \"%.*s\" AS t ON t.\"id\"=l.\"id\" GROUP BY 1,2",
            STR_ARG(place->link->table), STR_ARG(table->name));
    struct str column = table->slots[place->first_slot].column;
    struct str value = field->type == FIELD_BOOLEAN
                           ? arena_format(arena, "CASE t.\"%.*s\" WHEN 1 THEN 'true' ELSE 'false' END", STR_ARG(column))
                           : arena_format(arena, "CAST(t.\"%.*s\" AS TEXT)", STR_ARG(column));
    return arena_format(
        arena,
        "SELECT %.*s AS \"value\",t.\"visibility\" AS \"visibility\",count(*) AS \"records\" FROM \"%.*s\" AS t "
        "WHERE t.\"%.*s\" IS NOT NULL GROUP BY 1,2",
        STR_ARG(value), STR_ARG(table->name), STR_ARG(column));
}

int check_counters(struct checker *checker, const struct table *table, struct err *err)
{
    ARENA_AUTO arena;
    arena_init(&arena, CHECK_MEMORY_MAX);
    struct str all =
        arena_format(&arena,
                     "SELECT '' AS \"value\",t.\"visibility\" AS \"visibility\",count(*) AS \"records\" FROM \"%.*s\" "
                     "AS t GROUP BY 2",
                     STR_ARG(table->name));
    if (compare_counts(checker, table, STR(""), all, &arena, err))
        return -1;
    for (size_t i = 0; i < table->reg->field_count; i++) {
        const struct field *field = &table->reg->fields[i];
        if (field->facet &&
            compare_counts(checker, table, field->name, counted_facet(table, field, &arena), &arena, err))
            return -1;
    }
    return 0;
}

int check_redirects(struct checker *checker, const struct table *table, struct err *err)
{
    ARENA_AUTO memory;
    arena_init(&memory, CHECK_MEMORY_MAX);
    struct arena *arena = &memory;
    struct str name = table->name, reg = table->reg->name;
    CHECK("an id redirects although its record is there",
          "SELECT d.\"register\",d.\"id\" FROM \"redirect\" AS d JOIN \"%.*s\" AS t ON t.\"id\"=d.\"id\" WHERE "
          "d.\"register\"='%.*s'",
          STR_ARG(name), STR_ARG(reg));
    /* What it leads to may have been deleted since, but it was once there. */
    CHECK(
        "an id redirects to what never was",
        "SELECT d.\"register\",d.\"id\",d.\"to_id\" FROM \"redirect\" AS d WHERE d.\"register\"='%.*s' AND NOT EXISTS (SELECT 1 "
        "FROM \"%.*s\" AS t WHERE t.\"id\"=d.\"to_id\") AND NOT EXISTS (SELECT 1 FROM \"%.*s\" AS p WHERE p.\"id\"=d.\"to_id\")",
        STR_ARG(reg), STR_ARG(name), STR_ARG(table->past_name));
    return 0;
}
