/* Reading models that are good, asking them, and the limits that would make too long a case for refused/. */
#include "unit.h"

#include "base/buf.h"
#include "base/file.h"
#include "model/model.h"

#define ENOUGH_BYTES ((size_t)256 * 1024 * 1024)

#define THING                                                                                                         \
    "{\"name\":\"thing\",\"title\":{\"ja\":\"物\",\"en\":\"Things\"},\"group\":\"any\",\"label\":[\"name\"],"        \
    "\"naturalKey\":[\"code\"],\"oneAtATime\":[\"code\",\"owner_of\"],\"visibility\":\"members\",\"was\":\"item\","   \
    "\"fields\":["                                                                                                    \
    "{\"name\":\"name\",\"title\":{\"ja\":\"名\",\"en\":\"Name\"},\"type\":\"string\",\"bilingual\":true,"           \
    "\"reading\":\"kana\",\"searchWeight\":8,\"constraints\":{\"required\":true,\"minLength\":2}},"                   \
    "{\"name\":\"kana\",\"title\":{\"ja\":\"読み\",\"en\":\"Reading\"},\"type\":\"string\"},"                       \
    "{\"name\":\"code\",\"title\":{\"ja\":\"号\",\"en\":\"Code\"},\"type\":\"string\",\"sortable\":true,"            \
    "\"constraints\":{\"unique\":true,\"pattern\":\"[A-Z]+\",\"maxLength\":5}},"                                      \
    "{\"name\":\"colour\",\"title\":{\"ja\":\"色\",\"en\":\"Colour\"},\"type\":\"list\",\"vocabulary\":\"colour\","  \
    "\"facet\":true},"                                                                                                \
    "{\"name\":\"size\",\"title\":{\"ja\":\"大\",\"en\":\"Size\"},\"type\":\"number\",\"figure\":true,"              \
    "\"currency\":\"JPY\",\"sortable\":true,\"constraints\":{\"minimum\":-5,\"maximum\":1e3}},"                       \
    "{\"name\":\"owner_of\",\"title\":{\"ja\":\"主\",\"en\":\"Owner\"},\"type\":\"string\",\"reference\":\"thing\"," \
    "\"party\":true,\"personal\":true,\"visibility\":\"secretariat\",\"was\":\"keeper\"}]}"
#define COLOUR                                                                                                          \
    "{\"name\":\"colour\",\"title\":{\"ja\":\"色\",\"en\":\"Colour\"},\"terms\":["                                     \
    "{\"code\":\"red\",\"ja\":\"赤\",\"en\":\"Red\",\"also\":[\"ﾚｯﾄﾞ\",\"Crimson Red\"],\"broader\":\"any\"}," \
    "{\"code\":\"any\",\"ja\":\"色\",\"en\":\"Any colour\",\"retired\":true}]}"

static struct model *read_good(const struct model_file *files, size_t count, struct arena *arena)
{
    struct problems problems;
    problems_init(&problems, arena);
    struct model *model = NULL;
    struct err err = {0};
    if (model_read(files, count, &problems, &model, &err) < 0) {
        fail_msg("%s: %.*s", err.message, STR_ARG(problems.lines[0]));
    }
    return model;
}

static void a_good_model_is_read(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, ENOUGH_BYTES);
    const struct model_file files[] = {{STR("thing.json"), STR(THING)}, {STR("vocabulary/colour.json"), STR(COLOUR)}};
    struct model *model = read_good(files, 2, &arena);
    assert_int_equal(model->register_count, 1);
    assert_int_equal(model->vocabulary_count, 1);
    assert_null(model_register(model, STR("colour")));
    const struct reg *reg = model_register(model, STR("thing"));
    assert_ptr_equal(reg, &model->registers[0]);
    assert_str(reg->title.in[LANG_EN], "Things");
    assert_str(reg->singular.in[LANG_JA], "物");
    assert_int_equal(reg->visibility, VISIBILITY_MEMBERS);
    assert_str(reg->was, "item");
    assert_int_equal(reg->field_count, 6);
    assert_int_equal(reg->label_count, 1);
    assert_ptr_equal(reg->sort, reg_field(reg, STR("name")));
    assert_true(reg->sort->sortable);
    assert_ptr_equal(reg->natural_key[0], reg_field(reg, STR("code")));
    assert_int_equal(reg->one_at_a_time_count, 2);
    const struct field *name = reg_field(reg, STR("name"));
    assert_ptr_equal(name->reading, reg_field(reg, STR("kana")));
    assert_true(name->required && name->bilingual);
    assert_int_equal(name->min_length, 2);
    assert_int_equal(name->max_length, 1000);
    assert_int_equal(name->search_weight, 8);
    const struct field *code = reg_field(reg, STR("code"));
    assert_true(code->unique && code->pattern_compiled);
    assert_int_equal(code->position, 2);
    const struct field *size = reg_field(reg, STR("size"));
    assert_int_equal(size->type, FIELD_FIGURE);
    assert_int_equal(size->maximum.mantissa, 1000);
    const struct field *owner = reg_field(reg, STR("owner_of"));
    assert_ptr_equal(owner->reference, reg);
    assert_true(owner->party && owner->personal);
    assert_null(reg_field(reg, STR("id")));
    model_free(model);
}

static void terms_are_found_by_every_spelling(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, ENOUGH_BYTES);
    const struct model_file files[] = {{STR("thing.json"), STR(THING)}, {STR("vocabulary/colour.json"), STR(COLOUR)}};
    struct model *model = read_good(files, 2, &arena);
    const struct vocabulary *colour = model_vocabulary(model, STR("colour"));
    const struct term *red = vocabulary_term(colour, STR("red"));
    static const struct str spellings[] = {
        STR("red"),  STR("RED"),    STR("Ｒｅｄ"),      STR("赤"),
        STR("ﾚｯﾄﾞ"), STR("レッド"), STR("crimson red"), STR(" Crimson Red\xE3\x80\x80")};
    for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
        assert_ptr_equal(vocabulary_find(colour, spellings[i]), red);
    }
    assert_null(vocabulary_term(colour, STR("RED")));
    assert_null(vocabulary_find(colour, STR("blue")));
    assert_null(vocabulary_find(colour, STR("")));
    assert_true(colour->terms[1].retired);
    assert_str(red->broader, "any");
    model_free(model);
}

static void the_order_of_files_does_not_matter(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, ENOUGH_BYTES);
    const struct model_file files[] = {{STR("thing.json"), STR(THING)}, {STR("vocabulary/colour.json"), STR(COLOUR)}};
    const struct model_file turned[] = {files[1], files[0]};
    struct model *first = read_good(files, 2, &arena);
    struct model *second = read_good(turned, 2, &arena);
    assert_true(str_eq(first->canonical_json, second->canonical_json));
    assert_true(str_starts_with(first->canonical_json, STR("{\"registers\":{\"thing\":{")));
    assert_true(str_find(first->canonical_json, STR("\"vocabularies\":{\"colour\":{")) != SIZE_MAX);
    model_free(first);
    model_free(second);
}

static size_t problems_of(const struct model_file *files, size_t count, struct arena *arena, struct str *ret_first)
{
    struct problems problems;
    problems_init(&problems, arena);
    struct model *model = NULL;
    struct err err = {0};
    assert_int_equal(model_read(files, count, &problems, &model, &err), -1);
    *ret_first = problems.lines[0];
    return problems.count + problems.dropped;
}

static void too_many_registers_are_refused(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, ENOUGH_BYTES);
    struct model_file *files = ARENA_NEW_ARRAY(&arena, 201, struct model_file);
    for (int i = 0; i < 201; i++) {
        files[i] = (struct model_file){arena_format(&arena, "r%d.json", i), STR("{}")};
    }
    struct str first;
    assert_int_equal(problems_of(files, 201, &arena, &first), 1);
    assert_str(first, "model:1:1: 201 registers, 0 vocabularies and 0 measures, at most 200, 500 and 500 are allowed");
}

static void too_many_terms_are_refused(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, ENOUGH_BYTES);
    BUF_AUTO buf;
    buf_init(&buf, (size_t)1024 * 1024);
    buf_add_literal(&buf, "{\"name\":\"colour\",\"title\":{\"ja\":\"色\",\"en\":\"Colour\"},\"terms\":[");
    for (int i = 0; i < 5001; i++) {
        buf_add_format(&buf, "%s{\"code\":\"c%d\",\"ja\":\"色%d\",\"en\":\"Colour %d\"}", i > 0 ? "," : "", i, i, i);
    }
    buf_add_literal(&buf, "]}");
    const struct model_file files[] = {{STR("thing.json"), STR(THING)}, {STR("vocabulary/colour.json"), buf_str(&buf)}};
    struct str first;
    assert_int_equal(problems_of(files, 2, &arena, &first), 1);
    assert_true(str_ends_with(first, STR("the vocabulary has 5001 terms, at most 5000 are allowed")));
}

static void the_model_in_the_repository_is_good(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, ENOUGH_BYTES);
    const char *root = getenv("MUSUBI_SOURCE_ROOT");
    struct str folder = file_join(&arena, str_from_cstr(root ? root : "."), STR("model"));
    struct problems problems;
    problems_init(&problems, &arena);
    struct model *model = NULL;
    struct err err = {0};
    if (model_read_folder(folder.ptr, &problems, &model, &err) < 0) {
        for (size_t i = 0; i < problems.count; i++) {
            print_message("%.*s\n", STR_ARG(problems.lines[i]));
        }
        fail_msg("%s", err.message);
    }
    assert_non_null(model_register(model, STR("organisation")));
    assert_non_null(model_register(model, STR("source")));
    model_free(model);
}

static void a_folder_that_is_not_there(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, ENOUGH_BYTES);
    struct problems problems;
    problems_init(&problems, &arena);
    struct model *model = NULL;
    struct err err = {0};
    assert_int_equal(model_read_folder("/no/such/folder", &problems, &model, &err), -1);
    assert_null(model);
    assert_true(err.message[0] != '\0');
    model_free(NULL);
}

static void languages_and_visibilities(void **state)
{
    (void)state;
    enum lang lang = LANG_JA;
    enum visibility visibility = VISIBILITY_PUBLIC;
    assert_true(lang_from_code(STR("en"), &lang));
    assert_int_equal(lang, LANG_EN);
    assert_false(lang_from_code(STR("fr"), &lang));
    assert_true(visibility_from_name(STR("secretariat"), &visibility));
    assert_int_equal(visibility, VISIBILITY_SECRETARIAT);
    assert_false(visibility_from_name(STR("Public"), &visibility));
    struct bilingual text = {.in = {[LANG_EN] = STR("only")}};
    assert_str(bilingual_best(text, LANG_JA), "only");
    assert_str(bilingual_best((struct bilingual){0}, LANG_JA), "");
}

UNIT_TESTS(TEST(a_good_model_is_read), TEST(terms_are_found_by_every_spelling),
           TEST(the_order_of_files_does_not_matter), TEST(too_many_registers_are_refused),
           TEST(too_many_terms_are_refused), TEST(the_model_in_the_repository_is_good),
           TEST(a_folder_that_is_not_there), TEST(languages_and_visibilities))
