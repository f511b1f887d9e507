/* record_from_value by golden file (record.golden: JSON in, canonical JSON or problems out), labels, ids, Table Schema. */
#include "golden.h"

static struct str record_answer(const struct model *model, struct str question, struct arena *arena)
{
    struct value *given = NULL;
    struct err err = {0};
    if (json_read(arena, boats_json(arena, question), NULL, &given, &err) < 0) {
        return arena_format(arena, "no JSON: %s", err.message);
    }
    struct record_problems problems;
    record_problems_init(&problems, arena);
    struct value *record = NULL;
    const struct reg *reg = model_register(model, STR("boat"));
    if (record_from_value(model, reg, given, arena, &problems, &record) < 0) {
        assert_null(record);
        assert_true(problems.count > 0);
        return fixture_problems(&problems, arena);
    }
    assert_int_equal(problems.count, 0);
    /* What is canonical stays as it is. */
    struct value *again = NULL;
    assert_int_equal(record_from_value(model, reg, record, arena, &problems, &again), 0);
    fixture_compare(question, fixture_written(again, arena), fixture_written(record, arena));
    return fixture_written(record, arena);
}

static void records_by_golden_file(void **state)
{
    (void)state;
    golden_run("record.golden", record_answer);
}

static struct value *json_of(const char *text, struct arena *arena)
{
    struct value *value = NULL;
    struct err err = {0};
    if (json_read(arena, boats_json(arena, str_from_cstr(text)), NULL, &value, &err) < 0) {
        fail_msg("%s", err.message);
    }
    return value;
}

static void nothing_is_no_record(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, FIXTURE_BYTES);
    struct model *model = fixture_model(&arena);
    struct record_problems problems;
    record_problems_init(&problems, &arena);
    struct value *record = NULL;
    assert_int_equal(record_from_value(model, model_register(model, STR("yard")), NULL, &arena, &problems, &record),
                     -1);
    struct value *empty = value_object(&arena);
    assert_int_equal(record_from_value(model, model_register(model, STR("yard")), empty, &arena, &problems, &record),
                     -1);
    assert_str(fixture_problems(&problems, &arena),
               ": a record is null, must be an object\nname: is missing, it is required");
    model_free(model);
}

static void labels(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, FIXTURE_BYTES);
    struct model *model = fixture_model(&arena);
    const struct reg *boat = model_register(model, STR("boat"));
    struct bilingual label =
        record_label(model, boat, json_of("{'id':'b','name':{'ja':'海','en':'Sea'},'code':'AB1'}", &arena), &arena);
    assert_str(label.in[LANG_JA], "海");
    assert_str(label.in[LANG_EN], "Sea");
    label = record_label(model, boat, json_of("{'id':'b','code':'AB1'}", &arena), &arena);
    assert_str(label.in[LANG_JA], "AB1");
    label = record_label(model, boat, json_of("{'id':'b'}", &arena), &arena);
    assert_str(label.in[LANG_EN], "b");
    assert_str(value_bilingual(json_of("'x'", &arena)).in[LANG_JA], "x");
    assert_str(value_bilingual(json_of("{'ja':'x'}", &arena)).in[LANG_EN], "");
    assert_str(value_bilingual(NULL).in[LANG_EN], "");
    model_free(model);
}

/* A register whose label and key are anything but text. */
static void labels_and_ids_of_codes_numbers_and_parties(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, FIXTURE_BYTES);
    struct model_file files[BOATS_FILES + 1];
    boats_files(&arena, files);
    files[BOATS_FILES] = (struct model_file){
        STR("race.json"),
        boats_json(&arena, STR("{'name':'race','title':{'ja':'競走','en':'Races'},'label':['colour','year','winner'],"
                               "'naturalKey':['winner','done','year'],'fields':["
                               "{'name':'colour','title':{'ja':'色','en':'Colour'},'type':'string',"
                               "'vocabulary':'colour'},"
                               "{'name':'year','title':{'ja':'年','en':'Year'},'type':'integer'},"
                               "{'name':'winner','title':{'ja':'勝者','en':'Winner'},'type':'string',"
                               "'reference':'yard','party':true},"
                               "{'name':'done','title':{'ja':'済','en':'Done'},'type':'boolean'}]}"))};
    struct problems problems;
    problems_init(&problems, &arena);
    struct model *model = NULL;
    struct err err = {0};
    assert_int_equal(model_read(files, BOATS_FILES + 1, &problems, &model, &err), 0);
    const struct reg *race = model_register(model, STR("race"));
    struct value *record = json_of("{'colour':'red','winner':{'id':'y1'},'done':true,'year':2022}", &arena);
    assert_str(record_label(model, race, record, &arena).in[LANG_JA], "赤");
    assert_str(record_make_id(race, record, &arena), "y1-true-2022");
    record = json_of("{'year':2022,'winner':{'name':{'ja':'山','en':'Yama Ltd.'}},'done':false}", &arena);
    assert_str(record_label(model, race, record, &arena).in[LANG_EN], "2022");
    assert_str(record_make_id(race, record, &arena), "yama-ltd-false-2022");
    record = json_of("{'winner':{'name':{'ja':'山','en':'Yama'}}}", &arena);
    assert_str(record_label(model, race, record, &arena).in[LANG_JA], "山");
    record = json_of("{'winner':{'id':'y1'}}", &arena);
    assert_str(record_label(model, race, record, &arena).in[LANG_JA], "y1");
    model_free(model);
}

/* Where a model has no vocabulary `unit`, units only have the shape of codes. */
static void units_without_their_vocabulary(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, FIXTURE_BYTES);
    const struct model_file file = {
        STR("thing.json"),
        boats_json(&arena, STR("{'name':'thing','title':{'ja':'物','en':'Things'},'label':['x'],'fields':["
                               "{'name':'x','title':{'ja':'何','en':'X'},'type':'string'},"
                               "{'name':'n','title':{'ja':'数','en':'N'},'type':'number','figure':true}]}"))};
    struct problems problems;
    problems_init(&problems, &arena);
    struct model *model = NULL;
    struct err err = {0};
    assert_int_equal(model_read(&file, 1, &problems, &model, &err), 0);
    struct value *figure = NULL;
    const struct field *field = reg_field(&model->registers[0], STR("n"));
    assert_int_equal(figure_from_text(model, field, STR("5 kg"), &arena, &figure, &err), 0);
    assert_str(fixture_written(figure, &arena), "{\"value\":5,\"unit\":\"kg\",\"precision\":0}");
    assert_int_equal(figure_from_text(model, field, STR("5 人"), &arena, &figure, &err), -1);
    assert_string_equal(err.message,
                        "the unit \"人\" is no code, units are letters, digits, \".\", \"%\" and \"-\", at most 40");
    assert_int_equal(figure_from_text(model, field, STR(""), &arena, &figure, &err), -1);
    assert_int_equal(figure_from_text(model, field, STR(" 5 "), &arena, &figure, &err), 0);
    assert_str(fixture_written(figure, &arena), "{\"value\":5}");
    model_free(model);
}

static void ids_made_from_long_or_foreign_keys_stay_apart(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, FIXTURE_BYTES);
    struct model *model = fixture_model(&arena);
    const struct reg *boat = model_register(model, STR("boat"));
    struct str first = record_make_id(boat, json_of("{'code':'東京1'}", &arena), &arena);
    struct str second = record_make_id(boat, json_of("{'code':'大阪1'}", &arena), &arena);
    assert_true(id_is_valid(first) && id_is_valid(second) && !str_eq(first, second));
    struct str tens = STR("1234567890");
    struct str hundred = arena_concat(&arena, 10, tens, tens, tens, tens, tens, tens, tens, tens, tens, tens);
    struct value *one = value_object(&arena);
    value_set_text(&arena, one, STR("code"), arena_concat(&arena, 2, hundred, STR("1")));
    struct value *other = value_object(&arena);
    value_set_text(&arena, other, STR("code"), arena_concat(&arena, 2, hundred, STR("2")));
    first = record_make_id(boat, one, &arena);
    second = record_make_id(boat, other, &arena);
    assert_int_equal(first.len, ID_MAX);
    assert_true(id_is_valid(first) && !str_eq(first, second));
    assert_str(record_make_id(boat, json_of("{'name':{'ja':'東京 No. 1'}}", &arena), &arena), "");
    assert_str(record_make_id(boat, json_of("{}", &arena), &arena), "");
    model_free(model);
}

static void a_hostile_text_does_not_hold_a_pattern_for_long(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, FIXTURE_BYTES);
    const struct model_file file = {
        STR("thing.json"), boats_json(&arena, STR("{'name':'thing','title':{'ja':'物','en':'Things'},'label':['x'],"
                                                  "'fields':[{'name':'x','title':{'ja':'何','en':'X'},"
                                                  "'type':'string','constraints':{'pattern':'(a+)+b'}}]}"))};
    struct problems model_problems;
    problems_init(&model_problems, &arena);
    struct model *model = NULL;
    struct err err = {0};
    assert_int_equal(model_read(&file, 1, &model_problems, &model, &err), 0);
    struct record_problems problems;
    record_problems_init(&problems, &arena);
    struct value *record = NULL;
    struct value *given =
        json_of("{'x':'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'}", &arena);
    assert_int_equal(record_from_value(model, &model->registers[0], given, &arena, &problems, &record), -1);
    assert_int_equal(problems.count, 1);
    model_free(model);
}

static void the_table_schema(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, FIXTURE_BYTES);
    struct model *model = fixture_model(&arena);
    const struct reg *boat = model_register(model, STR("boat"));
    const struct value *schema = reg_table_schema(model, boat, &arena);
    struct column *columns;
    size_t count = columns_of(boat, &arena, &columns);
    const struct value *fields = value_get(schema, STR("fields"));
    assert_int_equal(value_count(fields), count);
    for (size_t i = 0; i < count; i++) {
        const struct value *field = value_at(fields, i);
        struct column column;
        assert_true(str_eq(value_get_text(field, STR("name")), columns[i].name));
        assert_true(column_from_name(boat, columns[i].name, &column));
        assert_ptr_equal(column.field, columns[i].field);
        assert_int_equal(column.part, columns[i].part);
    }
    assert_str(fixture_written(value_at(fields, 0), &arena),
               "{\"name\":\"id\",\"type\":\"string\",\"constraints\":{\"required\":true,\"unique\":true}}");
    assert_str(fixture_written(value_at(fields, 5), &arena),
               "{\"name\":\"colour\",\"type\":\"string\",\"title\":\"Colour / 色\",\"constraints\":{\"enum\":[\"red\","
               "\"blue\",\"green\",\"grey\"]}}");
    assert_str(fixture_written(value_get(schema, STR("primaryKey")), &arena), "[\"id\"]");
    assert_str(fixture_written(value_get(schema, STR("foreignKeys")), &arena),
               "[{\"fields\":[\"home\"],\"reference\":{\"resource\":\"yard\",\"fields\":[\"id\"]}}]");
    model_free(model);
}

UNIT_TESTS(TEST(records_by_golden_file), TEST(nothing_is_no_record), TEST(labels),
           TEST(labels_and_ids_of_codes_numbers_and_parties), TEST(units_without_their_vocabulary),
           TEST(ids_made_from_long_or_foreign_keys_stay_apart), TEST(a_hostile_text_does_not_hold_a_pattern_for_long),
           TEST(the_table_schema))
