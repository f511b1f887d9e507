/* Searching an invented community: what is found, by whom, and after what has happened to the store and to the index. */
#include "search/community.h"
#include "unit.h"

#include "base/file.h"
#include "model/record.h"
#include "search/search.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct world {
    char folder[64];
    struct arena arena;
    struct model *model;
    struct store *store;
    struct search *search;
    struct value *rules;
};

static void open_search(struct world *world)
{
    struct search_config config = {.store = world->store, .rules = world->rules};
    struct err err = {0};
    if (search_open(&config, &world->search, &err) != 0) {
        fail_msg("%s", err.message);
    }
}

static void catch_up(struct world *world)
{
    struct err err = {0};
    if (search_catch_up(world->search, &err) != 0) {
        fail_msg("%s", err.message);
    }
}

static void world_open(struct world *world)
{
    struct problems problems;
    struct err err = {0};
    *world = (struct world){.folder = "/tmp/musubi-search-XXXXXX"};
    assert_non_null(mkdtemp(world->folder));
    arena_init(&world->arena, (size_t)256 << 20);
    problems_init(&problems, &world->arena);
    if (model_read(model_files, sizeof model_files / sizeof model_files[0], &problems, &world->model, &err)) {
        fail_msg("%s: %s", err.message, problems.count ? problems.lines[0].ptr : "");
    }
    struct store_config config = {.url = "sqlite:", .folder = world->folder, .model = world->model};
    assert_int_equal(store_open(&config, &world->store, &err), 0);
    assert_int_equal(json_read(&world->arena, str_from_cstr(rules_json), NULL, &world->rules, &err), 0);
    open_search(world);
}

static void world_close(struct world *world)
{
    static const char *const names[] = {"store.db",  "store.db-wal",  "store.db-shm",  "lock",
                                        "search.db", "search.db-wal", "search.db-shm", "search.db.new"};
    char path[160];
    search_close(world->search);
    store_close(world->store);
    model_free(world->model);
    arena_free(&world->arena);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", world->folder, names[i]);
        unlink(path);
    }
    rmdir(world->folder);
}

struct putting {
    const struct reg *reg;
    struct value *record;
    struct arena *arena;
};

static int fill_put(void *context, struct change_set *changes, struct err *err)
{
    struct putting *putting = context;
    return change_put(changes, putting->reg, putting->record, SEQ_ANY, putting->arena, err);
}

static void write_set(struct world *world, int (*fill)(void *, struct change_set *, struct err *), void *context)
{
    struct write_request request = {
        .author = STR("tests"), .reason = STR("testing"), .kind = STR("edit"), .fill = fill, .context = context};
    struct write_outcome outcome;
    struct err err = {0};
    if (store_write(world->store, &request, &outcome, &err) != 0) {
        fail_msg("%s", err.message);
    }
}

static void put(struct world *world, const char *register_name, const char *json)
{
    struct putting putting = {.reg = model_register(world->model, str_from_cstr(register_name)),
                              .arena = &world->arena};
    struct record_problems problems;
    struct value *given = NULL;
    struct err err = {0};
    record_problems_init(&problems, &world->arena);
    assert_int_equal(json_read(&world->arena, str_from_cstr(json), NULL, &given, &err), 0);
    if (record_from_value(world->model, putting.reg, given, &world->arena, &problems, &putting.record) != 0) {
        fail_msg("%.*s", STR_ARG(problems.items[0].message));
    }
    write_set(world, fill_put, &putting);
}

struct naming {
    const struct reg *reg;
    struct str id, other;
    enum change_kind kind;
};

static int fill_naming(void *context, struct change_set *changes, struct err *err)
{
    struct naming *naming = context;
    switch (naming->kind) {
    case CHANGE_RENAME:
        return change_rename(changes, naming->reg, naming->id, naming->other, err);
    case CHANGE_MERGE:
        return change_merge(changes, naming->reg, naming->id, naming->other, err);
    case CHANGE_REDACT:
        return change_redact(changes, naming->reg, naming->id, NULL, 0, err);
    default:
        return change_delete(changes, naming->reg, naming->id, SEQ_ANY, err);
    }
}

static void change(struct world *world, enum change_kind kind, const char *register_name, const char *id,
                   const char *other)
{
    struct naming naming = {model_register(world->model, str_from_cstr(register_name)), str_from_cstr(id),
                            str_from_cstr(other), kind};
    write_set(world, fill_naming, &naming);
}

static struct search_result ask(struct world *world, struct search_query query)
{
    struct search_result result;
    struct err err = {0};
    query.limit = query.limit == 0 ? 20 : query.limit;
    if (search_run(world->search, &query, &world->arena, &result, &err) != 0) {
        fail_msg("%.*s: %s", STR_ARG(query.text), err.message);
    }
    return result;
}

static int by_id(const void *a, const void *b)
{
    return str_cmp(((const struct search_hit *)a)->id, ((const struct search_hit *)b)->id);
}

/* Ids that a query finds, in their own order. */
static const char *found(struct world *world, const char *text, enum visibility sees)
{
    struct search_result result =
        ask(world, (struct search_query){.text = str_from_cstr(text), .lang = LANG_EN, .viewer = {.sees = sees}});
    struct str ids = STR("");
    if (result.total != (int64_t)result.hit_count) {
        fail_msg("%s: %lld found, %zu shown", text, (long long)result.total, result.hit_count);
    }
    qsort(result.hits, result.hit_count, sizeof result.hits[0], by_id);
    for (size_t i = 0; i < result.hit_count; i++) {
        ids = arena_concat(&world->arena, 3, ids, i == 0 ? STR("") : STR(" "), result.hits[i].id);
    }
    return ids.ptr == NULL || ids.len == 0 ? "" : arena_copy(&world->arena, ids).ptr;
}

#define FINDS(text, ids) assert_string_equal(found(world, text, VISIBILITY_PUBLIC), ids)
#define MEMBERS_FIND(text, ids) assert_string_equal(found(world, text, VISIBILITY_MEMBERS), ids)

static void collect_line(void *context, struct str line)
{
    fail_msg("%.*s%s", STR_ARG(line), (const char *)context);
}

static void check_sound(struct world *world)
{
    int64_t findings = -1;
    struct err err = {0};
    if (search_check(world->search, collect_line, "", &findings, &err) != 0) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(findings, 0);
}

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

/* Enough records that common terms get lists when the index is made anew, of more than one row of places. */
#define MANY 1400
/* In one record a word stands more often than is counted. */
#define TEN "common common common common common common common common common common "

static int fill_many(void *context, struct change_set *changes, struct err *err)
{
    static const char *const bodies[] = {"clinic", "firm"};
    struct world *world = context;
    const struct reg *reg = model_register(world->model, STR("seed"));
    for (int i = 0; i < MANY; i++) {
        struct record_problems problems;
        struct value *given = NULL, *record = NULL;
        struct str json = arena_format(
            &world->arena,
            "{\"id\":\"many-%04d\",\"title\":{\"ja\":\"%s水素%s\",\"en\":\"Common %s%s\"},\"words\":{\"en\":\"%s\"},"
            "\"owner_body\":\"%s\",\"year\":%d}",
            i, i % 3 == 0 ? "抗体と" : "", i % 5 == 0 ? "の水素" : "", i % 2 == 0 ? "engine" : "pump",
            i % 7 == 0 ? " common common" : "",
            i == 33      ? TEN TEN TEN TEN TEN TEN TEN "zebra " TEN
            : i % 4 == 0 ? "common, engine"
                         : "pump",
            bodies[i % 2], 2000 + i % 9);
        record_problems_init(&problems, &world->arena);
        if (json_read(&world->arena, json, NULL, &given, err) != 0 ||
            record_from_value(world->model, reg, given, &world->arena, &problems, &record) != 0 ||
            change_put(changes, reg, record, SEQ_ANY, &world->arena, err) != 0) {
            return -1;
        }
    }
    return 0;
}

static const char *const many_asked[] = {
    "common", "水素", "hydrogen", "common -engine", "common 水素", "engine OR pump", "\"common pump\"",
    "common year:2003", "common by:clinic", "抗体 common", "comm*", "common antibody pump",
    /* where rare and common terms meet, over the end of a run, too often to be counted: */
    "\"水素の水素\"", "\"抗体と水素の水素\"", "\"と水素\"", "体と水素", "\"common common\"", "\"common pump common\"",
    "\"zebra common common\"", "\"common zebra\""};

static struct search_result ask_many(struct world *world, size_t number, bool any)
{
    return ask(world, (struct search_query){
                          .text = str_from_cstr(many_asked[number]), .lang = LANG_EN, .limit = 50, .any = any});
}

static void assert_same_result(const struct search_result *a, const struct search_result *b)
{
    assert_int_equal(a->total, b->total);
    assert_int_equal(a->hit_count, b->hit_count);
    for (size_t i = 0; i < a->hit_count; i++) {
        assert_true(str_eq(a->hits[i].id, b->hits[i].id));
        assert_near(a->hits[i].score, b->hits[i].score, 0.0002);
    }
    assert_int_equal(a->facet_count, b->facet_count);
    for (size_t f = 0; f < a->facet_count; f++) {
        assert_int_equal(a->facets[f].count, b->facets[f].count);
        for (size_t v = 0; v < a->facets[f].count; v++) {
            assert_int_equal(a->facets[f].values[v].count, b->facets[f].values[v].count);
        }
    }
}

/* Lists answer as FTS5 does, and what changed after they were written counts. */
static void lists_say_the_same(void **state)
{
    enum { ASKED = sizeof many_asked / sizeof many_asked[0] };
    struct search_result rows[ASKED][2];
    struct world here, *world = &here;
    struct err err = {0};
    (void)state;
    world_open(world);
    fill_world(world);
    write_set(world, fill_many, world);
    catch_up(world);
    for (size_t i = 0; i < ASKED; i++) {
        rows[i][0] = ask_many(world, i, false);
        rows[i][1] = ask_many(world, i, true);
        assert_true(rows[i][0].total > 0);
    }
    assert_int_equal(search_rebuild(world->search, &err), 0);
    for (size_t i = 0; i < ASKED; i++) {
        struct search_result lists[2] = {ask_many(world, i, false), ask_many(world, i, true)};
        assert_same_result(&rows[i][0], &lists[0]);
        assert_same_result(&rows[i][1], &lists[1]);
    }
    put(world, "seed", "{\"id\":\"many-0001\",\"title\":{\"en\":\"Something else\"}}");
    change(world, CHANGE_DELETE, "seed", "many-0002", "");
    put(world, "seed", "{\"id\":\"newest\",\"title\":{\"en\":\"Common sense\"}}");
    catch_up(world);
    assert_int_equal(ask_many(world, 0, false).total, rows[0][0].total - 1);
    FINDS("\"common sense\"", "newest");
    check_sound(world);
    /* With next to no time allowed what was found so far comes, and says that it is not all. */
    search_close(world->search);
    struct search_config config = {.store = world->store, .rules = world->rules, .budget_us = 1};
    assert_int_equal(search_open(&config, &world->search, &err), 0);
    struct search_result cut = ask_many(world, 0, false);
    assert_true(cut.cut_off && !cut.total_exact && cut.total < rows[0][0].total);
    world_close(world);
}

UNIT_TESTS(TEST(finds_words), TEST(finds_across_languages), TEST(tolerates_one_letter),
           TEST(hides_what_may_not_be_seen), TEST(follows_changes), TEST(comes_back), TEST(near_a_place),
           TEST(like_a_record), TEST(prefers_most_of_the_words), TEST(lists_say_the_same))
