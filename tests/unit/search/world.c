#include "search/world.h"

#include "search/community.h"

#include "model/record.h"

#include <stdlib.h>
#include <unistd.h>

void open_search(struct world *world)
{
    struct search_config config = {.store = world->store, .rules = world->rules, .unlisted_min = world->unlisted_min};
    struct err err = {0};
    if (search_open(&config, &world->search, &err) != 0) {
        fail_msg("%s", err.message);
    }
}

void catch_up(struct world *world)
{
    struct err err = {0};
    if (search_catch_up(world->search, &err) != 0) {
        fail_msg("%s", err.message);
    }
}

void world_open(struct world *world)
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

void world_close(struct world *world)
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

void write_set(struct world *world, int (*fill)(void *, struct change_set *, struct err *), void *context)
{
    struct write_request request = {
        .author = STR("tests"), .reason = STR("testing"), .kind = STR("edit"), .fill = fill, .context = context};
    struct write_outcome outcome;
    struct err err = {0};
    if (store_write(world->store, &request, &outcome, &err) != 0) {
        fail_msg("%s", err.message);
    }
}

void put(struct world *world, const char *register_name, const char *json)
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

void change(struct world *world, enum change_kind kind, const char *register_name, const char *id, const char *other)
{
    struct naming naming = {model_register(world->model, str_from_cstr(register_name)), str_from_cstr(id),
                            str_from_cstr(other), kind};
    write_set(world, fill_naming, &naming);
}

struct search_result ask(struct world *world, struct search_query query)
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

const char *found(struct world *world, const char *text, enum visibility sees)
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

static void collect_line(void *context, struct str line)
{
    fail_msg("%.*s%s", STR_ARG(line), (const char *)context);
}

void check_sound(struct world *world)
{
    int64_t findings = -1;
    struct err err = {0};
    if (search_check(world->search, collect_line, "", &findings, &err) != 0) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(findings, 0);
}
