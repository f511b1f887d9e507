/* Common terms and phrases out of lists: what FTS5 would say, or less of it when it takes too long, or that the index is damaged. */
#include "search/world.h"

#include "model/record.h"
#include "search/follow.h"
#include "search/lists.h"

#include <stdlib.h>
#include <string.h>

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

/* Records of one title. */
static int put_many(struct world *world, struct change_set *changes, int from, int count, const char *title,
                    struct err *err)
{
    const struct reg *reg = model_register(world->model, STR("seed"));
    for (int i = from; i < from + count; i++) {
        struct record_problems problems;
        struct value *given = NULL, *record = NULL;
        struct str json = arena_format(&world->arena, "{\"id\":\"many-%d\",\"title\":{\"en\":\"%s\"}}", i, title);
        record_problems_init(&problems, &world->arena);
        if (json_read(&world->arena, json, NULL, &given, err) != 0 ||
            record_from_value(world->model, reg, given, &world->arena, &problems, &record) != 0 ||
            change_put(changes, reg, record, SEQ_ANY, &world->arena, err) != 0) {
            return -1;
        }
    }
    return 0;
}

/* With lists of all there is. */
static void fill_world_many(struct world *world)
{
    struct err err = {0};
    put(world, "body", "{\"id\":\"clinic\",\"name\":{\"en\":\"Seaside Hospital\"}}");
    put(world, "body", "{\"id\":\"firm\",\"name\":{\"ja\":\"山の会社\"}}");
    write_set(world, fill_many, world);
    assert_int_equal(search_rebuild(world->search, &err), 0);
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
    put(world, "body", "{\"id\":\"clinic\",\"name\":{\"en\":\"Seaside Hospital\"}}");
    put(world, "body", "{\"id\":\"firm\",\"name\":{\"ja\":\"山の会社\"}}");
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
    world_close(world);
}

/* ---- over the budget ---- */

/* Looks at the time, or steps of SQLite, until it takes too long. */
static int looks_left;

static int is_over(void *context)
{
    (void)context;
    return looks_left-- <= 0;
}

static int is_never_over(void *context)
{
    (void)context;
    return 0;
}

static struct plan *plan_of(struct world *world, struct index_db *db, const char *const *phrases)
{
    struct plan *plan = ARENA_NEW(&world->arena, struct plan);
    for (; *phrases != NULL; phrases++) {
        bool negative = **phrases == '-', other = **phrases == '+';
        struct clause *clause = &plan->clauses[plan->clause_count];
        struct phrase *phrase = &plan->phrases[plan->phrase_count++];
        assert_true(phrase_of(db->analyser, str_from_cstr(*phrases + (negative || other)), &world->arena, phrase));
        phrase->weight = 1;
        if (other) { /* of the clause before */
            phrase->clause = (uint8_t)(plan->clause_count - 1);
            continue;
        }
        phrase->clause = (uint8_t)plan->clause_count++;
        *clause = (struct clause){.asked = true, .weight = 1, .negative = negative};
    }
    return plan;
}

struct given {
    int64_t total;
    bool cut;
};

/* What lists give when it takes too long at the look of that number, or at that step of SQLite. */
static struct given give(struct world *world, const char *const *phrases, int looks, int steps)
{
    struct collector *collector = ARENA_NEW(&world->arena, struct collector);
    struct index *index = NULL;
    struct index_db *db = NULL;
    struct err err = {0};
    struct given given = {0};
    bool done = false;
    assert_int_equal(search_hold(world->search, &index, &db, &err), 0);
    *collector = (struct collector){
        .index = index, .plan = plan_of(world, db, phrases), .is_over = is_over, .level = VISIBILITY_PUBLIC};
    looks_left = looks < steps ? looks : steps;
    if (steps < INT32_MAX) {
        collector->is_over = is_never_over;
        sqlite3_progress_handler(db->db, 1, is_over, NULL);
    }
    if (lists_run(db, collector->plan, collector, &world->arena, &done, &given.cut, &err) != 0) {
        fail_msg("%s: %s", phrases[0], err.message);
    }
    sqlite3_progress_handler(db->db, 0, NULL, NULL);
    given.total = collector->total;
    assert_true(done || given.total == 0);
    search_let_go(world->search, index, db);
    return given;
}

static const char *const cut_plans[][4] = {{"common pump"},       {"common common"},
                                           {"common", "+pump"},   {"common pump", "+common engine"},
                                           {"common", "-engine"}, {"common", "-engine", "-antibody"}};

static void gives_what_was_gathered(void **state)
{
    struct world here, *world = &here;
    struct err err = {0};
    (void)state;
    world_open(world);
    fill_world_many(world);
    for (size_t i = 0; i < sizeof cut_plans / sizeof cut_plans[0]; i++) {
        struct given all = give(world, cut_plans[i], INT32_MAX, INT32_MAX);
        bool cut = true;
        assert_true(all.total > 0 && !all.cut);
        for (int looks = 0; cut; looks++) {
            struct given given = give(world, cut_plans[i], looks, INT32_MAX);
            cut = given.cut;
            assert_true(cut ? given.total <= all.total : given.total == all.total);
        }
        cut = true;
        for (int steps = 0; cut; steps++) {
            struct given given = give(world, cut_plans[i], INT32_MAX, steps);
            cut = given.cut;
            assert_true(cut ? given.total <= all.total : given.total == all.total);
        }
    }
    /* Two parts are opened, then there is a look amid the documents: what was found until then comes. */
    struct given all = give(world, cut_plans[0], INT32_MAX, INT32_MAX), some = give(world, cut_plans[0], 2, INT32_MAX);
    assert_true(some.cut && some.total > 0 && some.total < all.total);
    /* The first list is there when the second would take too long. */
    assert_int_equal(give(world, cut_plans[2], 0, INT32_MAX).total,
                     give(world, (const char *[]){"common", NULL}, 9, INT32_MAX).total);
    /* Without all that is excluded nothing is given. */
    assert_int_equal(give(world, cut_plans[5], 0, INT32_MAX).total, 0);
    /* With next to no time allowed a search says that it is not all. */
    search_close(world->search);
    struct search_config config = {.store = world->store, .rules = world->rules, .budget_us = 1};
    assert_int_equal(search_open(&config, &world->search, &err), 0);
    struct search_result cut = ask_many(world, 0, false);
    assert_true(cut.cut_off && !cut.total_exact);
    world_close(world);
}

/* ---- what came after the lists ---- */

static int64_t listed(struct world *world)
{
    struct index *index = NULL;
    struct index_db *db = NULL;
    struct err err = {0};
    int64_t number;
    assert_int_equal(search_hold(world->search, &index, &db, &err), 0);
    number = index->listed;
    search_let_go(world->search, index, db);
    return number;
}

static int fill_newer(void *context, struct change_set *changes, struct err *err)
{
    return put_many(context, changes, 3000, 300, "Common rocket", err);
}

/* A term that became common after the lists were written has none: FTS5 is asked for the phrase. */
static void asks_for_what_has_no_list(void **state)
{
    struct world here, *world = &here;
    (void)state;
    world_open(world);
    put(world, "seed", "{\"id\":\"first\",\"title\":{\"en\":\"Common rocket\"}}");
    fill_world_many(world);
    int64_t before = listed(world);
    FINDS("\"common rocket\"", "first");
    write_set(world, fill_newer, world);
    catch_up(world);
    assert_int_equal(listed(world), before);
    assert_int_equal(ask(world, (struct search_query){.text = STR("\"common rocket\"")}).total, 301);
    world_close(world);
}

static void makes_outgrown_lists_anew(void **state)
{
    struct world here, *world = &here;
    struct err err = {0};
    (void)state;
    world_open(world);
    put(world, "seed", "{\"id\":\"first\",\"title\":{\"en\":\"Common rocket\"}}");
    assert_int_equal(search_rebuild(world->search, &err), 0);
    int64_t before = listed(world);
    write_set(world, fill_newer, world);
    catch_up(world);
    assert_int_equal(listed(world), before); /* 300 are few */
    search_close(world->search);
    world->unlisted_min = 300;
    open_search(world);
    catch_up(world);
    assert_true(listed(world) >= 301);
    FINDS("\"common rocket\" first", "first");
    check_sound(world);
    world_close(world);
}

/* ---- damage ---- */

static sqlite3 *open_file(struct world *world)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(arena_format(&world->arena, "%s/search.db", world->folder).ptr, &db), SQLITE_OK);
    return db;
}

static void spoil(struct world *world, const char *sql)
{
    sqlite3 *db = open_file(world);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    }
    sqlite3_close(db);
}

/* The total, or -1 when the index says that it is damaged. */
static int64_t ask_damaged(struct world *world, const char *text)
{
    struct search_query query = {.text = str_from_cstr(text), .limit = 5, .own_language_only = true, .exact = true};
    struct search_result result;
    struct err err = {0};
    if (search_run(world->search, &query, &world->arena, &result, &err) == 0) {
        return result.total;
    }
    assert_int_equal(err.code, ERR_BUSY);
    return -1;
}

/* A row that makes no sense is damage, not a document without the phrase; and the index is made anew. */
static void tells_damage(void **state)
{
    static const char *const damage[] = {"DELETE FROM place", "UPDATE place SET bytes = x''",
                                         "UPDATE list SET id = id + (1 << 38)",
                                         "UPDATE list SET id = 0 WHERE term = 'common'"};
    struct world here, *world = &here;
    (void)state;
    world_open(world);
    fill_world_many(world);
    int64_t right = ask_damaged(world, "\"common pump\"");
    assert_true(right > 0);
    for (size_t i = 0; i < sizeof damage / sizeof damage[0]; i++) {
        spoil(world, damage[i]);
        assert_int_equal(ask_damaged(world, "\"common pump\""), -1);
        catch_up(world);
        assert_int_equal(ask_damaged(world, "\"common pump\""), right);
    }
    world_close(world);
}

#define SPOILT 30
/* Of a blob: bytes overwritten at random, or its end lost. */
static void spoil_blob(sqlite3 *db, const char *table, const char *column, unsigned *seed, struct arena *arena)
{
    sqlite3_stmt *stmt = NULL;
    const char *read =
        arena_format(arena, "SELECT id, %s FROM %s ORDER BY id LIMIT 1 OFFSET ?1 %% (SELECT count(*) FROM %s)", column,
                     table, table)
            .ptr;
    assert_int_equal(sqlite3_prepare_v2(db, read, -1, &stmt, NULL), SQLITE_OK);
    sqlite3_bind_int64(stmt, 1, rand_r(seed));
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    int64_t id = sqlite3_column_int64(stmt, 0);
    size_t size = (size_t)sqlite3_column_bytes(stmt, 1);
    char *bytes = arena_alloc(arena, size + 1);
    memcpy(bytes, sqlite3_column_blob(stmt, 1), size);
    sqlite3_finalize(stmt);
    for (int i = rand_r(seed) % 8; i >= 0 && size > 0; i--) {
        bytes[(size_t)rand_r(seed) % size] = (char)rand_r(seed);
    }
    size = rand_r(seed) % 4 == 0 && size > 0 ? (size_t)rand_r(seed) % size : size;
    assert_int_equal(sqlite3_prepare_v2(db,
                                        arena_format(arena, "UPDATE %s SET %s = ?1 WHERE id = ?2", table, column).ptr,
                                        -1, &stmt, NULL),
                     SQLITE_OK);
    sqlite3_bind_blob64(stmt, 1, bytes, size, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 2, id);
    assert_int_equal(sqlite3_step(stmt), SQLITE_DONE);
    sqlite3_finalize(stmt);
}

/* Whatever the bytes of lists say, a search ends, with something or with the word that they are damaged. */
static void survives_random_bytes(void **state)
{
    static const char *const blobs[][2] = {{"list", "marks"}, {"list", "docs"}, {"place", "bytes"}};
    static const char *const asked[] = {"\"common pump\"", "\"common common\"", "\"common pump common\"",
                                        "common -engine",  "\"水素の水素\"",    "common"};
    struct world here, *world = &here;
    unsigned seed = 20260101;
    (void)state;
    world_open(world);
    fill_world_many(world);
    for (size_t i = 0; i < SPOILT; i++) {
        sqlite3 *db = open_file(world);
        for (int k = 0; k < 4; k++) {
            spoil_blob(db, blobs[i % 3][0], blobs[i % 3][1], &seed, &world->arena);
        }
        sqlite3_close(db);
        for (size_t k = 0; k < sizeof asked / sizeof asked[0]; k++) {
            assert_true(ask_damaged(world, asked[k]) <= 2 * MANY);
        }
    }
    world_close(world);
}

UNIT_TESTS(TEST(lists_say_the_same), TEST(gives_what_was_gathered), TEST(asks_for_what_has_no_list),
           TEST(makes_outgrown_lists_anew), TEST(tells_damage), TEST(survives_random_bytes))
