/* Searching an invented community: what is found, by whom, and after what has happened to the store and to the index. */
#include "search/world.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void fill_world(struct world *world)
{
    put(world, "body",
        "{\"id\":\"clinic\",\"name\":{\"ja\":\"海辺病院\",\"en\":\"Seaside Hospital\"},\"kana\":\"うみべびょういん\","
        "\"about\":{\"en\":\"Trials of antibodies\"},\"kind\":\"k-1\",\"place\":{\"lat\":35.5,\"lon\":139.7}}");
    put(world, "body",
        "{\"id\":\"firm\",\"name\":{\"ja\":\"山の会社\"},\"about\":{\"ja\":\"抗体をつくる\"},\"plans\":\"ロケット\","
        "\"kind\":\"k-2\",\"place\":{\"lat\":36.5,\"lon\":139.7}}");
    put(world, "body",
        "{\"id\":\"hidden\",\"visibility\":\"members\",\"name\":{\"ja\":\"秘密研究所\",\"en\":\"Secret Laboratory\"}}");
    put(world, "seed", "{\"id\":\"one\",\"title\":{\"ja\":\"抗体の精製\"},\"owner_body\":\"clinic\",\"year\":2020}");
    put(world, "seed",
        "{\"id\":\"two\",\"title\":{\"en\":\"Fermentation of yeast\"},\"owner_body\":\"hidden\",\"year\":2021}");
    catch_up(world);
}

static void finds_words(void **state)
{
    struct world here, *world = &here;
    (void)state;
    world_open(world);
    fill_world(world);
    FINDS("精製", "one");
    FINDS("yeast", "two");
    FINDS("yeasts fermentation", "two");
    FINDS("海辺", "clinic one");
    FINDS("\"seaside hospital\"", "clinic one");
    FINDS("\"hospital seaside\"", "");
    FINDS("antibody -trials", "firm one");
    FINDS("精製 OR yeast", "one two");
    FINDS("ferm*", "two");
    FINDS("山", "firm");
    FINDS("kind:1", "clinic");
    FINDS("kind:Hospital seaside", "clinic");
    FINDS("-kind:1 抗体", "firm one");
    FINDS("register:seed year:2020", "one");
    FINDS("by:clinic", "clinic one");
    FINDS("umibe", "clinic");
    check_sound(world);
    world_close(world);
}

static void finds_across_languages(void **state)
{
    struct world here, *world = &here;
    struct search_result result;
    (void)state;
    world_open(world);
    fill_world(world);
    result = ask(world, (struct search_query){.text = STR("antibody"), .lang = LANG_EN});
    assert_int_equal(result.total, 3);
    for (size_t i = 0; i < result.hit_count; i++) {
        if (str_eq(result.hits[i].id, STR("one"))) {
            assert_int_equal(result.hits[i].reason_count, 1);
            assert_true(str_eq(result.hits[i].reasons[0], STR("抗体 = antibody")));
            assert_int_equal(result.hits[i].title_mark_count[LANG_JA], 1);
        }
        if (str_eq(result.hits[i].id, STR("clinic"))) {
            assert_int_equal(result.hits[i].reason_count, 0);
        }
    }
    /* What records say of themselves: a name in both languages. */
    put(world, "seed", "{\"id\":\"three\",\"title\":{\"ja\":\"ぽよぽよ測定器\",\"en\":\"Zorblatometer\"}}");
    put(world, "seed", "{\"id\":\"four\",\"title\":{\"ja\":\"小型ぽよぽよ測定器の校正\"}}");
    catch_up(world);
    FINDS("zorblatometer", "four three");
    FINDS("発酵", "two");
    result = ask(world, (struct search_query){.text = STR("antibody"), .lang = LANG_EN, .own_language_only = true});
    assert_int_equal(result.total, 1);
    /* What a translation finds comes behind what is as good in the query's own language. */
    put(world, "seed", "{\"id\":\"a-ja\",\"title\":{\"ja\":\"水素\"}}");
    put(world, "seed", "{\"id\":\"b-en\",\"title\":{\"en\":\"Hydrogen\"}}");
    catch_up(world);
    result = ask(world, (struct search_query){.text = STR("hydrogen"), .lang = LANG_EN});
    assert_int_equal(result.total, 2);
    assert_str(result.hits[0].id, "b-en");
    result = ask(world, (struct search_query){.text = STR("水素"), .lang = LANG_EN});
    assert_int_equal(result.total, 2);
    assert_str(result.hits[0].id, "a-ja");
    world_close(world);
}

static void tolerates_one_letter(void **state)
{
    struct world here, *world = &here;
    struct search_result result;
    (void)state;
    world_open(world);
    fill_world(world);
    put(world, "seed", "{\"id\":\"rocket\",\"title\":{\"ja\":\"ロケット\"}}");
    catch_up(world);
    result = ask(world, (struct search_query){.text = STR("seeside"), .lang = LANG_EN});
    assert_int_equal(result.relaxed, SEARCH_SPELLED);
    assert_true(str_eq(result.spelled, STR("seaside")));
    assert_int_equal(result.total, 2);
    FINDS("ロケツド", "rocket");
    result = ask(world, (struct search_query){.text = STR("seeside"), .lang = LANG_EN, .exact = true});
    assert_int_equal(result.total, 0);
    /* Not all words: what has most of them. */
    result = ask(world, (struct search_query){.text = STR("seaside yeast telescope"), .lang = LANG_EN});
    assert_int_equal(result.relaxed, SEARCH_ANY);
    assert_true(result.total >= 2);
    world_close(world);
}

static int64_t facet_count(const struct search_result *result, const char *name, const char *value)
{
    for (size_t f = 0; f < result->facet_count; f++) {
        for (size_t i = 0; i < result->facets[f].count; i++) {
            if (str_eq(result->facets[f].name, str_from_cstr(name)) &&
                str_eq(result->facets[f].values[i].value, str_from_cstr(value))) {
                return result->facets[f].values[i].count;
            }
        }
    }
    return 0;
}

static void hides_what_may_not_be_seen(void **state)
{
    struct world here, *world = &here;
    struct search_result result;
    struct search_suggestion *items;
    struct viewer everybody = {.sees = VISIBILITY_PUBLIC}, members = {.sees = VISIBILITY_MEMBERS};
    struct err err = {0};
    size_t count;
    (void)state;
    world_open(world);
    fill_world(world);
    FINDS("ロケット", "");
    MEMBERS_FIND("ロケット", "firm");
    FINDS("secret", "");
    MEMBERS_FIND("secret", "hidden two");
    FINDS("by:hidden", "");
    MEMBERS_FIND("by:hidden", "hidden two");
    /* Each record once, whoever asks. */
    FINDS("抗体", "clinic firm one");
    MEMBERS_FIND("抗体", "clinic firm one");
    result = ask(world, (struct search_query){.text = STR("kind:k-1 OR"), .lang = LANG_EN});
    assert_int_equal(facet_count(&result, "kind", "k-1"), 1);
    result = ask(world, (struct search_query){.text = STR("register:body"), .lang = LANG_EN});
    assert_int_equal(result.total, 2);
    assert_int_equal(facet_count(&result, "by", "hidden"), 0);
    assert_int_equal(facet_count(&result, "by", "clinic"), 1);
    assert_int_equal(
        search_suggest(world->search, &everybody, LANG_EN, STR("secr"), 8, &world->arena, &items, &count, &err), 0);
    assert_int_equal(count, 0);
    assert_int_equal(
        search_suggest(world->search, &members, LANG_EN, STR("secr"), 8, &world->arena, &items, &count, &err), 0);
    assert_int_equal(count, 1);
    /* A record that turns secret is gone at once for those who may not see it, even before the index knows. */
    put(world, "seed",
        "{\"id\":\"one\",\"visibility\":\"members\",\"title\":{\"ja\":\"抗体の精製\"},\"owner_body\":\"clinic\"}");
    result = ask(world, (struct search_query){.text = STR("精製"), .lang = LANG_EN});
    assert_int_equal(result.hit_count, 0);
    catch_up(world);
    FINDS("精製", "");
    MEMBERS_FIND("精製", "one");
    check_sound(world);
    world_close(world);
}

static void follows_changes(void **state)
{
    struct world here, *world = &here;
    (void)state;
    world_open(world);
    fill_world(world);
    put(world, "body",
        "{\"id\":\"clinic\",\"name\":{\"ja\":\"山麓病院\",\"en\":\"Foothill Hospital\"},\"contact\":\"Zebedee\"}");
    catch_up(world);
    /* Also in what refers to it. */
    FINDS("seaside", "");
    FINDS("foothill", "clinic one");
    FINDS("zebedee", "clinic");
    change(world, CHANGE_RENAME, "body", "clinic", "hospital");
    catch_up(world);
    FINDS("foothill", "hospital one");
    FINDS("by:clinic", "");
    check_sound(world);
    change(world, CHANGE_REDACT, "body", "hospital", "");
    catch_up(world);
    FINDS("zebedee", "");
    change(world, CHANGE_MERGE, "body", "hospital", "firm");
    catch_up(world);
    FINDS("foothill", "");
    FINDS("by:firm", "firm one");
    change(world, CHANGE_DELETE, "seed", "one", "");
    catch_up(world);
    FINDS("by:firm", "firm");
    check_sound(world);
    world_close(world);
}

static void spoil(struct world *world, const char *name)
{
    char path[160];
    int fd;
    snprintf(path, sizeof path, "%s/%s", world->folder, name);
    fd = open(path, O_WRONLY | O_TRUNC);
    if (fd >= 0) {
        assert_int_equal(write(fd, "this is no database, whatever its name may be", 45), 45);
        close(fd);
    }
}

static void comes_back(void **state)
{
    struct world here, *world = &here;
    char path[160];
    (void)state;
    world_open(world);
    fill_world(world);
    search_close(world->search);
    /* Kept. */
    open_search(world);
    assert_int_equal(search_status(world->search).state, SEARCH_READY);
    FINDS("yeast", "two");
    search_close(world->search);
    /* Lost. */
    snprintf(path, sizeof path, "%s/search.db", world->folder);
    assert_int_equal(unlink(path), 0);
    open_search(world);
    assert_int_equal(search_status(world->search).state, SEARCH_BUILDING);
    {
        struct search_query query = {.text = STR("yeast"), .limit = 1};
        struct search_result result;
        struct err err = {0};
        assert_int_equal(search_run(world->search, &query, &world->arena, &result, &err), -1);
        assert_int_equal(err.code, ERR_BUSY);
    }
    catch_up(world);
    FINDS("yeast", "two");
    search_close(world->search);
    /* Damaged. */
    spoil(world, "search.db");
    open_search(world);
    catch_up(world);
    FINDS("yeast", "two");
    check_sound(world);
    world_close(world);
}

static void near_a_place(void **state)
{
    struct world here, *world = &here;
    struct search_result result;
    (void)state;
    world_open(world);
    fill_world(world);
    result = ask(world,
                 (struct search_query){
                     .text = STR(""), .lang = LANG_EN, .has_point = true, .lat = 35.55, .lon = 139.7, .radius_km = 10});
    assert_int_equal(result.total, 1);
    assert_true(str_eq(result.hits[0].id, STR("clinic")));
    assert_near(result.hits[0].distance_km, 5.56, 0.05);
    result =
        ask(world,
            (struct search_query){
                .text = STR("抗体"), .lang = LANG_JA, .has_point = true, .lat = 35.5, .lon = 139.7, .radius_km = 200});
    assert_int_equal(result.total, 2);
    world_close(world);
}

static void like_a_record(void **state)
{
    struct world here, *world = &here;
    struct search_result result;
    struct err err = {0};
    struct search_query query = {.like_register = STR("seed"), .like_id = STR("one"), .limit = 10};
    (void)state;
    world_open(world);
    fill_world(world);
    put(world, "seed", "{\"id\":\"five\",\"title\":{\"ja\":\"抗体の精製装置\"}}");
    catch_up(world);
    result = ask(world, query);
    assert_true(result.total >= 1);
    assert_true(str_eq(result.hits[0].id, STR("five")));
    query.like_id = STR("nowhere");
    assert_int_equal(search_run(world->search, &query, &world->arena, &result, &err), -1);
    assert_int_equal(err.code, ERR_NOT_FOUND);
    world_close(world);
}

/* Where any word will do, a record that has both comes before one that has the rarer of them often. */
static void prefers_most_of_the_words(void **state)
{
    struct world here, *world = &here;
    struct search_result result;
    (void)state;
    world_open(world);
    for (int i = 0; i < 30; i++) {
        put(world, "seed",
            arena_format(&world->arena, "{\"id\":\"common-%d\",\"title\":{\"en\":\"Trout number %d\"}}", i, i).ptr);
    }
    put(world, "seed", "{\"id\":\"often\",\"title\":{\"en\":\"Salmon salmon salmon\"}}");
    put(world, "seed", "{\"id\":\"twice\",\"title\":{\"en\":\"Trout and salmon\"}}");
    catch_up(world);
    result = ask(world, (struct search_query){.text = STR("salmon trout"), .lang = LANG_EN, .any = true});
    assert_int_equal(result.total, 32);
    assert_string_equal(result.hits[0].id.ptr, "twice");
    assert_string_equal(result.hits[1].id.ptr, "often");
    world_close(world);
}

/* What a word matched in a short line alone is shown there, though the title tells of another word. */
static void shows_the_only_evidence(void **state)
{
    struct world here, *world = &here;
    struct search_result result;
    (void)state;
    world_open(world);
    put(world, "body",
        "{\"id\":\"both\",\"name\":{\"en\":\"Yeast\"},\"kana\":\"antibody\",\"about\":{\"ja\":\"抗体\",\"en\":\"A house by "
        "the sea in which nobody has lived for as long as anybody can remember\"}}");
    catch_up(world);
    result = ask(world, (struct search_query){.text = STR("yeast antibody"), .lang = LANG_EN});
    assert_int_equal(result.hit_count, 1);
    assert_string_equal(result.hits[0].snippet.ptr, "antibody");
    assert_int_equal(result.hits[0].reason_count, 0);
    /* What the title tells too, is told by it: then stands what the body is about. */
    result = ask(world, (struct search_query){.text = STR("yeast"), .lang = LANG_EN});
    assert_int_equal(result.hit_count, 1);
    assert_true(str_starts_with(result.hits[0].snippet, STR("A house")));
    world_close(world);
}

UNIT_TESTS(TEST(finds_words), TEST(finds_across_languages), TEST(tolerates_one_letter),
           TEST(hides_what_may_not_be_seen), TEST(follows_changes), TEST(comes_back), TEST(near_a_place),
           TEST(like_a_record), TEST(prefers_most_of_the_words), TEST(shows_the_only_evidence))
