/* Rows of tables by golden file (cells.golden: an object from column to cell in; the record, or problems, out), and back. */
#include "golden.h"

/* Every column of the record as a cell, read again, gives the same record. */
static void check_the_way_back(const struct model *model, const struct reg *reg, const struct value *record,
                               struct arena *arena)
{
    struct column *columns;
    size_t count = columns_of(reg, arena, &columns);
    struct str *cells = ARENA_NEW_ARRAY(arena, count, struct str);
    for (size_t i = 0; i < count; i++) {
        cells[i] = record_cell(reg, record, &columns[i], arena);
    }
    struct record_problems problems;
    record_problems_init(&problems, arena);
    struct value *given = NULL;
    struct value *again = NULL;
    if (record_from_cells(model, reg, columns, cells, count, arena, &problems, &given) < 0 ||
        record_from_value(model, reg, given, arena, &problems, &again) < 0) {
        fail_msg("the way back: %.*s", STR_ARG(fixture_problems(&problems, arena)));
    }
    fixture_compare(STR("the way back"), fixture_written(again, arena), fixture_written(record, arena));
}

static struct str row_answer(const struct model *model, struct str question, struct arena *arena)
{
    const struct reg *reg = model_register(model, STR("boat"));
    struct value *row = NULL;
    struct err err = {0};
    if (json_read(arena, question, NULL, &row, &err) < 0) {
        return arena_format(arena, "no JSON: %s", err.message);
    }
    size_t count = value_count(row);
    struct column *columns = ARENA_NEW_ARRAY(arena, count, struct column);
    struct str *cells = ARENA_NEW_ARRAY(arena, count, struct str);
    for (size_t i = 0; i < count; i++) {
        if (!column_from_name(reg, row->object.members[i].key, &columns[i])) {
            return arena_format(arena, "no column %.*s", STR_ARG(row->object.members[i].key));
        }
        cells[i] = row->object.members[i].value->text;
    }
    struct record_problems problems;
    record_problems_init(&problems, arena);
    struct value *given = NULL;
    struct value *record = NULL;
    if (record_from_cells(model, reg, columns, cells, count, arena, &problems, &given) < 0) {
        return fixture_problems(&problems, arena);
    }
    if (record_from_value(model, reg, given, arena, &problems, &record) < 0) {
        size_t column;
        bool known = column_of_problem(columns, count, problems.items[0].field, &column);
        return arena_format(arena, "column %.*s: %.*s", STR_ARG(known ? columns[column].name : STR("?")),
                            STR_ARG(fixture_problems(&problems, arena)));
    }
    check_the_way_back(model, reg, record, arena);
    return fixture_written(record, arena);
}

static void rows_by_golden_file(void **state)
{
    (void)state;
    golden_run("cells.golden", row_answer);
}

static void cells_that_are_not_utf_8(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, FIXTURE_BYTES);
    struct model *model = fixture_model(&arena);
    const struct reg *reg = model_register(model, STR("boat"));
    struct column columns[2] = {{.name = STR("other"), .part = COLUMN_IGNORED}};
    assert_true(column_from_name(reg, STR("name_ja"), &columns[1]));
    const struct str cells[] = {STR("\xFF ignored"), STR("\x8A\xA1 is CP932")};
    struct record_problems problems;
    record_problems_init(&problems, &arena);
    struct value *given = NULL;
    assert_int_equal(record_from_cells(model, reg, columns, cells, 2, &arena, &problems, &given), -1);
    assert_str(fixture_problems(&problems, &arena), "name_ja: is not UTF-8, the file's character set must be right");
    model_free(model);
}

static void cells_need_not_outlive_the_call(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, FIXTURE_BYTES);
    struct model *model = fixture_model(&arena);
    const struct reg *reg = model_register(model, STR("boat"));
    struct column columns[2];
    assert_true(column_from_name(reg, STR("name_en"), &columns[0]));
    assert_true(column_from_name(reg, STR("words"), &columns[1]));
    char *line = strdup("Seabird,a;b");
    const struct str cells[] = {str_make(line, 7), str_make(line + 8, 3)};
    struct record_problems problems;
    record_problems_init(&problems, &arena);
    struct value *given = NULL;
    assert_int_equal(record_from_cells(model, reg, columns, cells, 2, &arena, &problems, &given), 0);
    free(line);
    assert_str(fixture_written(given, &arena), "{\"name\":{\"en\":\"Seabird\"},\"words\":[\"a\",\"b\"]}");
    model_free(model);
}

UNIT_TESTS(TEST(rows_by_golden_file), TEST(cells_that_are_not_utf_8), TEST(cells_need_not_outlive_the_call))
