/* Every statement the store prepares, prepared once on a real PostgreSQL: the SQL is written once for both databases, and this is
 * what keeps it so. The statements are not listed anywhere: a store of the product's own model is put through everything it
 * can do, and what it prepared meanwhile is tried. Skipped without PGHOST; tests/suites/50-postgresql sets it. */
#include "fixture.h"

#include "store/layout.h"
#include "store/measure.h"

#include <libpq-fe.h>

static struct fixture fixture;
static char trace_path[128];

/* ---- writing ---- */

struct register_work {
    const struct reg *reg;
    int step;
};

static struct value *bare_record(const char *id, const struct reg *reg, const char *text)
{
    struct value *record = value_object(&fixture.arena);
    value_set_text(&fixture.arena, record, STR("id"), str_from_cstr(id));
    for (size_t i = 0; i < reg->field_count; i++) {
        const struct field *field = &reg->fields[i];
        if (field->type == FIELD_TEXT && !field->bilingual && !field->vocabulary && !field->reference && !field->unique)
            value_set_text(&fixture.arena, record, field->name, str_from_cstr(text));
        if (field->type == FIELD_LIST && field->vocabulary) {
            struct value *list = value_list(&fixture.arena);
            value_append(&fixture.arena, list, value_text(&fixture.arena, field->vocabulary->terms[0].code));
            value_set(&fixture.arena, record, field->name, list);
        }
    }
    return record;
}

static int work_on_register(void *context, struct change_set *changes, struct err *err)
{
    const struct register_work *work = context;
    const struct reg *reg = work->reg;
    struct arena *arena = &fixture.arena;
    bool known;
    struct loaded_row row;
    static const unsigned char digest[16] = {1};
    switch (work->step) {
    case 0:
        return change_put(changes, reg, bare_record("one", reg, "x"), SEQ_ANY, arena, err) ||
               change_put(changes, reg, bare_record("two", reg, "x"), SEQ_ANY, arena, err) ||
               change_put(changes, reg, bare_record("three", reg, "x"), SEQ_ANY, arena, err) ||
               change_loaded(changes, reg, STR("one"), &known, &row, err) ||
               change_set_loaded(changes, reg, STR("one"), digest, err);
    case 1:
        return change_put(changes, reg, bare_record("one", reg, "y"), SEQ_ANY, arena, err);
    case 2:
        return change_rename(changes, reg, STR("one"), STR("four"), err);
    case 3:
        return change_merge(changes, reg, STR("four"), STR("two"), err);
    case 4:
        return change_delete(changes, reg, STR("three"), SEQ_ANY, err);
    default: {
        const struct field **fields = ARENA_NEW_ARRAY(arena, reg->field_count, const struct field *);
        for (size_t i = 0; i < reg->field_count; i++)
            fields[i] = &reg->fields[i];
        return change_redact(changes, reg, STR("two"), fields, reg->field_count, err);
    }
    }
}

static int each_gone(void *context, const struct reg *reg, struct str id)
{
    (void)context;
    (void)reg;
    (void)id;
    return 0;
}

static int look_for_gone(void *context, struct change_set *changes, struct err *err)
{
    (void)context;
    return change_each_gone(changes, each_gone, NULL, true, err);
}

static void write_everything(int first_step, int last_step)
{
    for (size_t i = 0; i < fixture.model->register_count; i++)
        for (int step = first_step; step <= last_step; step++) {
            struct register_work work = {&fixture.model->registers[i], step};
            struct err err = {0};
            if (fill_set(&fixture, work_on_register, &work, NULL, &err))
                fail_msg("%.*s, step %d: %s", STR_ARG(work.reg->name), step, err.message);
        }
}

static void propose_and_decide(void)
{
    const struct reg *reg = model_register(fixture.model, STR("source"));
    struct proposed_change change = {
        .reg = reg, .id = STR("five"), .kind = CHANGE_CREATE, .record = bare_record("five", reg, "z")};
    struct write_request request = {.author = STR("tester"), .reason = STR("a test"), .kind = STR("edit")};
    int64_t no;
    bool accept = true;
    struct err err = {0};
    if (store_propose(fixture.store, &request, &change, 1, &no, &err) ||
        store_decide(fixture.store, no, &accept, 1, STR("tester"), STR("fine"), NULL, &err))
        fail_msg("%s", err.message);
}

/* ---- reading ---- */

/* A value of the field's type, as text. */
static struct str sample_value(const struct field *field)
{
    switch (field->type) {
    case FIELD_INTEGER:
    case FIELD_NUMBER:
    case FIELD_FIGURE:
        return STR("1.5");
    case FIELD_BOOLEAN:
        return STR("true");
    case FIELD_DATE:
        return STR("2022-02");
    case FIELD_DATETIME:
        return STR("2022-02-21T00:00:00Z");
    default:
        return field->vocabulary ? field->vocabulary->terms[0].code : STR("one");
    }
}

static void list_once(struct reader *reader, struct list_query query)
{
    struct page page;
    struct err err = {0};
    query.limit = 1;
    if (store_list(reader, &query, &fixture.arena, &page, &err)) {
        assert_int_equal(err.code, ERR_INVALID); /* a field lists cannot be filtered by */
        return;
    }
    query.cursor = page.next;
    if (page.next.len && store_list(reader, &query, &fixture.arena, &page, &err))
        fail_msg("%s", err.message);
}

static void list_every_way(struct reader *reader, const struct reg *reg)
{
    list_once(reader, (struct list_query){.reg = reg});
    list_once(reader, (struct list_query){.reg = reg, .descending = true});
    list_once(reader, (struct list_query){.reg = reg, .by_id = true});
    for (size_t i = 0; i < reg->field_count; i++) {
        const struct field *field = &reg->fields[i];
        struct filter filter = {.field = field, .name = field->name, .value = sample_value(field)};
        struct filter both[] = {{.name = STR("owner"), .value = STR("one")}, filter};
        list_once(reader, (struct list_query){.reg = reg, .filters = &filter, .filter_count = 1});
        list_once(reader, (struct list_query){.reg = reg, .filters = both, .filter_count = 2, .by_id = true});
        if (field->sortable) {
            list_once(reader, (struct list_query){.reg = reg, .sort = field});
            list_once(reader, (struct list_query){.reg = reg, .sort = field, .descending = true});
        }
    }
}

static void read_register(struct reader *reader, const struct reg *reg)
{
    struct err err = {0};
    struct found found;
    struct str moved_to;
    struct bilingual label;
    struct inbound_group *groups;
    struct revision *revisions;
    struct facet_count *counts;
    size_t count;
    int64_t total;
    list_every_way(reader, reg);
    (void)store_get(reader, reg, STR("one"), &fixture.arena, &found, &moved_to, &err);
    if (store_label(reader, reg, STR("two"), &fixture.arena, &label, &err) || store_count(reader, reg, &total, &err) ||
        store_inbound(reader, reg, STR("two"), 5, &fixture.arena, &groups, &count, &err) ||
        store_history(reader, reg, STR("two"), 5, 0, &fixture.arena, &revisions, &count, &err))
        fail_msg("%.*s: %s", STR_ARG(reg->name), err.message);
    for (size_t i = 0; i < reg->field_count; i++)
        if (reg->fields[i].facet)
            (void)store_facet(reader, reg, &reg->fields[i], &fixture.arena, &counts, &count, &err);
}

static int no_row(void *context, const struct measure_row *row)
{
    (void)context;
    (void)row;
    return 0;
}

/* Every measure of the product, whole and by each of its splits, its coverage, its records. */
static void compute(struct reader *reader, const struct measure *measure)
{
    static const struct str one = {"1", 1};
    struct measure_argument arguments[MEASURE_PARAMETERS_MAX];
    struct measure_query query = {.measure = measure, .arguments = arguments, .from_year = 2020, .to_year = 2022};
    struct measure_cell *cells;
    struct measure_coverage *years;
    struct err err = {0};
    size_t count;
    for (size_t i = 0; i < measure->parameter_count; i++)
        arguments[query.argument_count++] = (struct measure_argument){measure->parameters[i].name, &one, 1};
    for (size_t i = 0; i <= measure->split_count; i++) {
        query.split = i ? &measure->splits[i - 1] : NULL;
        for (int axis = AXIS_DECLARED; axis < AXIS_STOCK; axis++) {
            query.axis = (enum year_axis)axis;
            if (store_measure(reader, &query, &fixture.arena, &cells, &count, &err))
                fail_msg("%.*s: %s", STR_ARG(measure->name), err.message);
        }
        if (measure->kind != MEASURE_RATIO &&
            (store_measure_each(reader, &query, 2021, STR("x"), 0, 5, no_row, NULL, &err) ||
             store_measure_each(reader, &query, 2021, STR(""), 0, 5, no_row, NULL, &err)))
            fail_msg("%.*s: %s", STR_ARG(measure->name), err.message);
    }
    if (measure->population && store_measure_coverage(reader, &query, &fixture.arena, &years, &count, &err))
        fail_msg("%.*s: %s", STR_ARG(measure->name), err.message);
}

static void read_everything(struct read_options options)
{
    struct reader *reader;
    struct err err = {0};
    if (store_read(fixture.store, &options, &reader, &err))
        fail_msg("%s", err.message);
    for (size_t i = 0; i < fixture.model->register_count; i++)
        read_register(reader, &fixture.model->registers[i]);
    for (size_t i = 0; i < fixture.model->measure_count; i++)
        compute(reader, &fixture.model->measures[i]);
    struct feed_item *items;
    struct proposal *proposals, proposal;
    const struct found *eldest;
    size_t count;
    for (size_t i = 0; i < fixture.model->register_count; i++)
        if (store_eldest(reader, &fixture.model->registers[i], &fixture.arena, &eldest, &err))
            fail_msg("%s", err.message);
    if (store_feed(reader, 0, 10, &fixture.arena, &items, &count, &err))
        fail_msg("%s", err.message);
    (void)store_proposals(reader, 10, &fixture.arena, &proposals, &count, &err);
    (void)store_proposal(reader, 1, &fixture.arena, &proposal, &err);
    reader_release(reader);
}

static void no_finding(void *context, struct str line)
{
    (void)context;
    (void)line;
}

static void do_everything(void)
{
    struct date day = {2022, 2, 21};
    write_everything(0, 1);
    read_everything((struct read_options){.viewer = {.sees = VISIBILITY_PUBLIC}, .lang = LANG_JA, .on = day});
    read_everything(
        (struct read_options){.viewer = {.sees = VISIBILITY_MEMBERS, .owner = STR("one")}, .lang = LANG_EN});
    read_everything(
        (struct read_options){.viewer = {.sees = VISIBILITY_SECRETARIAT}, .lang = LANG_EN, .as_of = 2, .on = day});
    write_everything(2, 5);
    struct err err = {0};
    int64_t findings;
    if (fill_set(&fixture, look_for_gone, NULL, NULL, &err) ||
        store_check(fixture.store, no_finding, NULL, &findings, &err))
        fail_msg("%s", err.message);
    propose_and_decide();
}

/* ---- PostgreSQL ---- */

static void expect_ok(PGconn *connection, PGresult *result, const char *sql)
{
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        fail_msg("%s\n%s", PQerrorMessage(connection), sql);
    PQclear(result);
}

static void define_tables(PGconn *connection)
{
    BUF_AUTO ddl;
    buf_init(&ddl, (size_t)64 << 20);
    struct err err = {0};
    if (store_write_definitions(fixture.model, STR("postgresql"), &ddl, &err))
        fail_msg("%s", err.message);
    buf_add_byte(&ddl, '\0');
    expect_ok(connection, PQexec(connection, ddl.ptr), "the tables' definitions");
}

static size_t prepare_statements(PGconn *connection)
{
    FILE *file = fopen(trace_path, "r");
    assert_non_null(file);
    char *line = NULL;
    size_t capacity = 0, count = 0;
    ssize_t length;
    while ((length = getline(&line, &capacity, file)) > 0) {
        line[length - 1] = '\0';
        if (strncmp(line, "/*sqlite*/", 10) == 0)
            continue;
        expect_ok(connection, PQprepare(connection, "", line, 0, NULL), line);
        count++;
    }
    free(line);
    fclose(file);
    return count;
}

static void every_statement_is_understood(void **state)
{
    (void)state;
    if (!getenv("PGHOST"))
        skip();
    fixture_open(&fixture);
    snprintf(trace_path, sizeof trace_path, "%s/statements", fixture.folder);
    struct err err = {0};
    struct problems problems;
    problems_init(&problems, &fixture.arena);
    store_close(fixture.store);
    model_free(fixture.model);
    char path[4096];
    snprintf(path, sizeof path, "%s/store.db", fixture.folder);
    unlink(path);
    snprintf(path, sizeof path, "%s/model", getenv("MUSUBI_SOURCE_ROOT"));
    if (store_trace_statements(trace_path, &err) || model_read_folder(path, &problems, &fixture.model, &err))
        fail_msg("%s", err.message);
    struct store_config config = {.url = "sqlite:", .folder = fixture.folder, .model = fixture.model};
    if (store_open(&config, &fixture.store, &err))
        fail_msg("%s", err.message);
    do_everything();
    PGconn *connection = PQconnectdb("");
    if (PQstatus(connection) != CONNECTION_OK)
        fail_msg("%s", PQerrorMessage(connection));
    define_tables(connection);
    size_t count = prepare_statements(connection);
    print_message("# %zu statements prepared\n", count);
    assert_true(count > 1000); /* fewer would mean that the tracing has come loose */
    PQfinish(connection);
    store_trace_statements(NULL, NULL);
    unlink(trace_path);
    fixture_close(&fixture);
}

UNIT_TESTS(TEST(every_statement_is_understood))
