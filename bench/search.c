/* What searching costs in an index of the records that bench/search_corpus.py invents.
 *
 *   bench_search build FOLDER          makes the index anew; prints seconds of processor time and bytes
 *   bench_search ours FOLDER           answers FOLDER's queries.tsv with search_run() and search_suggest()
 *   bench_search plain FOLDER          the same, without translations and without what is shown of each hit: as the peers do
 *   bench_search bm25 FOLDER           the same words with FTS5's own bm25() on the same index
 *   bench_search changes FOLDER        one changed record after another until each is found, while two readers ask
 *
 * FOLDER holds var (the store), model and queries.tsv. Every query is asked once to warm up and then ROUNDS times; printed are lines of
 * kind, microseconds of processor time (the median of the rounds) and how many were found; at the end "memory" and KiB of
 * private anonymous memory. */
#include "search/search.h"
#include "base/file.h"
#include "bench.h"
#include "model/record.h"
#include "search/index_file.h"
#include "search/plan.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROUNDS 3
#define BEST 20
#define QUERIES_MAX 4000
#define ARENA_MAX ((size_t)256 << 20)

/* The point from which "near" measures, and how far. */
#define LAT 35.69
#define LON 139.69
#define KM 10

static const char rules_json[] =
    "{\"facets\":[{\"name\":\"kind\",\"field\":\"kind\"},{\"name\":\"domain\",\"vocabulary\":\"domain\"},"
    "{\"name\":\"area\",\"vocabulary\":\"area\"}]}";

struct asked {
    struct str kind, first, second;
};

struct world {
    struct arena arena;
    const char *folder;
    struct model *model;
    struct store *store;
    struct search *search;
    struct asked *queries;
    size_t query_count;
};

static struct str beside(struct world *world, const char *name)
{
    return file_join(&world->arena, str_from_cstr(world->folder), str_from_cstr(name));
}

static void open_world(struct world *world, const char *folder, bool follow)
{
    struct problems problems;
    struct value *rules = NULL;
    struct err err = {0};
    arena_init(&world->arena, ARENA_MAX);
    world->folder = folder;
    problems_init(&problems, &world->arena);
    if (model_read_folder(beside(world, "model").ptr, &problems, &world->model, &err) ||
        json_read(&world->arena, str_from_cstr(rules_json), NULL, &rules, &err))
        bench_fail("%s", err.message);
    world->store = bench_store(beside(world, "var").ptr, world->model);
    struct search_config config = {.store = world->store, .rules = rules, .follow = follow};
    if (search_open(&config, &world->search, &err))
        bench_fail("%s", err.message);
}

static void read_queries(struct world *world)
{
    struct str text, line, part;
    struct err err = {0};
    if (file_read(&world->arena, beside(world, "queries.tsv").ptr, (size_t)16 << 20, &text, &err))
        bench_fail("%s", err.message);
    world->queries = ARENA_NEW_ARRAY(&world->arena, QUERIES_MAX, struct asked);
    bool done = false;
    while (!done && str_next_part(&text, '\n', &done, &line) && world->query_count < QUERIES_MAX) {
        struct asked *asked = &world->queries[world->query_count];
        bool end = false;
        if (line.len == 0)
            continue;
        str_next_part(&line, '\t', &end, &part);
        asked->kind = part;
        str_next_part(&line, '\t', &end, &asked->first);
        asked->second = end ? STR("") : line;
        world->query_count++;
    }
}

/* ---- the ways to ask ---- */

typedef int64_t ask(struct world *world, const struct asked *asked, struct arena *arena);

static bool is_kind(const struct asked *asked, const char *kind)
{
    return str_eq(asked->kind, str_from_cstr(kind));
}

static int64_t suggest(struct world *world, const struct asked *asked, struct arena *arena)
{
    struct viewer viewer = {.sees = VISIBILITY_PUBLIC};
    struct search_suggestion *items = NULL;
    struct err err = {0};
    size_t count = 0;
    if (search_suggest(world->search, &viewer, LANG_JA, asked->first, 10, arena, &items, &count, &err))
        bench_fail("%s", err.message);
    return (int64_t)count;
}

static int64_t ask_search(struct world *world, const struct asked *asked, bool plain, struct arena *arena)
{
    struct search_result result;
    struct err err = {0};
    const char *mark = is_kind(asked, "phrase") || plain ? "\"" : "";
    struct search_query query = {.lang = LANG_JA,
                                 .limit = BEST,
                                 .viewer = {.sees = VISIBILITY_PUBLIC},
                                 .no_facets = !is_kind(asked, "facets"),
                                 .own_language_only = plain,
                                 .no_snippets = plain,
                                 .exact = true,
                                 .has_point = is_kind(asked, "near"),
                                 .lat = LAT,
                                 .lon = LON,
                                 .radius_km = KM};
    if (is_kind(asked, "suggestion"))
        return suggest(world, asked, arena);
    query.text = asked->second.len == 0 ? arena_format(arena, "%s%.*s%s", mark, STR_ARG(asked->first), mark)
                                        : arena_format(arena, "%s%.*s%s %s%.*s%s", mark, STR_ARG(asked->first), mark,
                                                       mark, STR_ARG(asked->second), mark);
    if (search_run(world->search, &query, arena, &result, &err))
        bench_fail("%.*s: %s", STR_ARG(query.text), err.message);
    return result.total;
}

static int64_t ask_ours(struct world *world, const struct asked *asked, struct arena *arena)
{
    return ask_search(world, asked, false, arena);
}

static int64_t ask_plain(struct world *world, const struct asked *asked, struct arena *arena)
{
    return ask_search(world, asked, true, arena);
}

/* ---- FTS5 as it comes, with our terms ---- */

static struct index_db *bm25_db;
static struct rules bm25_rules;

static void open_bm25(struct world *world)
{
    struct value *rules = NULL;
    struct err err = {0};
    if (json_read(&world->arena, str_from_cstr(rules_json), NULL, &rules, &err))
        bench_fail("%s", err.message);
    rules_read(rules, world->model, &world->arena, &bm25_rules);
    if (index_open_reader(file_join(&world->arena, beside(world, "var"), STR("search.db")).ptr,
                          index_identity(&bm25_rules, &world->arena), &bm25_db, &err))
        bench_fail("%s", err.message);
}

static struct str expression_of(const struct asked *asked, struct arena *arena)
{
    struct str expression = STR("");
    for (int i = 0; i < 2; i++) {
        struct phrase phrase;
        struct str term = i == 0 ? asked->first : asked->second;
        if (term.len > 0 && phrase_of(bm25_db->analyser, term, arena, &phrase))
            expression = arena_format(arena, "%.*s%s\"%.*s\"%s", STR_ARG(expression), i == 0 ? "" : " AND ",
                                      STR_ARG(phrase.terms), phrase.prefix ? " *" : "");
    }
    return expression;
}

static int64_t ask_bm25(struct world *world, const struct asked *asked, struct arena *arena)
{
    sqlite3_stmt *stmt = NULL;
    struct str expression = expression_of(asked, arena);
    (void)world;
    double best[BEST];
    int64_t count = 0;
    if (is_kind(asked, "suggestion"))
        return 0;
    if (sqlite3_prepare_v2(bm25_db->db, "SELECT rowid, bm25(fts, 6, 3, 1.5, 1) FROM fts WHERE fts MATCH ?1", -1, &stmt,
                           NULL) != SQLITE_OK)
        bench_fail("%s", sqlite3_errmsg(bm25_db->db));
    sqlite3_bind_text(stmt, 1, expression.ptr, (int)expression.len, SQLITE_STATIC);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        double score = sqlite3_column_double(stmt, 1);
        size_t at = count < BEST ? (size_t)count : BEST - 1;
        if (count++ < BEST || score < best[BEST - 1]) {
            for (; at > 0 && best[at - 1] > score; at--)
                best[at] = best[at - 1];
            best[at] = score;
        }
    }
    sqlite3_finalize(stmt);
    return count;
}

/* ---- measuring ---- */

static int64_t anonymous_kib(void)
{
    FILE *file = fopen("/proc/self/smaps_rollup", "re");
    char line[256];
    long kib = 0;
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "Anonymous: %ld", &kib) == 1)
            break;
    if (file)
        fclose(file);
    return kib;
}

static void measure(struct world *world, ask *answer)
{
    ARENA_AUTO arena;
    arena_init(&arena, ARENA_MAX);
    for (size_t q = 0; q < world->query_count; q++) {
        const struct asked *asked = &world->queries[q];
        double took[ROUNDS];
        int64_t found = answer(world, asked, &arena);
        for (int r = 0; r < ROUNDS; r++) {
            arena_reset(&arena);
            double began = thread_cpu_now();
            answer(world, asked, &arena);
            took[r] = thread_cpu_now() - began;
        }
        printf("%.*s %.1f %lld\n", STR_ARG(asked->kind), percentile(took, ROUNDS, 0.5) * 1e6, (long long)found);
        arena_reset(&arena);
    }
    printf("memory %lld 0\n", (long long)anonymous_kib());
}

static void build(struct world *world)
{
    struct err err = {0};
    double began = process_cpu_now();
    if (search_rebuild(world->search, &err))
        bench_fail("%s", err.message);
    struct search_status status = search_status(world->search);
    printf("build %.2f %llu\n", process_cpu_now() - began, (unsigned long long)status.bytes);
}

/* ---- changes ---- */

static _Atomic bool over;

static void *keep_asking(void *context)
{
    struct world *world = context;
    ARENA_AUTO arena;
    arena_init(&arena, ARENA_MAX);
    for (size_t q = 0; !over; q = (q + 7) % world->query_count) {
        ask_plain(world, &world->queries[q], &arena);
        arena_reset(&arena);
    }
    return NULL;
}

struct changing {
    const struct reg *reg;
    struct value *record;
    struct arena *arena;
};

static int fill(void *context, struct change_set *changes, struct err *err)
{
    struct changing *changing = context;
    return change_put(changes, changing->reg, changing->record, SEQ_ANY, changing->arena, err);
}

static void change(struct world *world, struct str word, struct arena *arena)
{
    struct changing changing = {.reg = model_register(world->model, STR("thing")), .arena = arena};
    struct record_problems problems;
    struct value *given = NULL;
    struct write_outcome outcome;
    struct err err = {0};
    struct str json = arena_format(arena, "{\"id\":\"r0000001\",\"title\":{\"ja\":\"変更 %.*s\"}}", STR_ARG(word));
    record_problems_init(&problems, arena);
    if (json_read(arena, json, NULL, &given, &err) ||
        record_from_value(world->model, changing.reg, given, arena, &problems, &changing.record))
        bench_fail("the changed record is none");
    struct write_request request = {
        .author = STR("bench"), .reason = STR("bench"), .kind = STR("edit"), .fill = fill, .context = &changing};
    if (store_write(world->store, &request, &outcome, &err))
        bench_fail("%s", err.message);
}

#define CHANGES 30

/* Seconds from when a change is durable until it is found, while others ask. */
static void measure_changes(struct world *world)
{
    pthread_t readers[2];
    double waited[CHANGES];
    ARENA_AUTO arena;
    arena_init(&arena, ARENA_MAX);
    for (int i = 0; i < 2; i++)
        if (pthread_create(&readers[i], NULL, keep_asking, world))
            bench_fail("no thread");
    for (int i = 0; i < CHANGES; i++) {
        struct asked asked = {.kind = STR("word"), .first = arena_format(&arena, "changed%dx", i)};
        change(world, asked.first, &arena);
        double began = wall_now();
        while (ask_plain(world, &asked, &arena) != 1) {
            if (wall_now() - began > 60)
                bench_fail("a change was not found within a minute");
            usleep(2000);
        }
        waited[i] = wall_now() - began;
        usleep(100000);
    }
    over = true;
    for (int i = 0; i < 2; i++)
        pthread_join(readers[i], NULL);
    printf("changes %.3f %.3f\n", percentile(waited, CHANGES, 0.5), percentile(waited, CHANGES, 1));
}

int main(int argc, char **argv)
{
    struct world world = {0};
    const char *what = argc == 3 ? argv[1] : "";
    bool changes = strcmp(what, "changes") == 0;
    if (argc != 3)
        bench_fail("usage: bench_search build|ours|plain|bm25|changes FOLDER");
    open_world(&world, argv[2], changes);
    read_queries(&world);
    if (changes) {
        measure_changes(&world);
    } else if (strcmp(what, "build") == 0) {
        build(&world);
    } else if (strcmp(what, "bm25") == 0) {
        open_bm25(&world);
        measure(&world, ask_bm25);
        index_db_close(bm25_db);
    } else {
        measure(&world, strcmp(what, "ours") == 0 ? ask_ours : ask_plain);
    }
    search_close(world.search);
    store_close(world.store);
    model_free(world.model);
    arena_free(&world.arena);
    return 0;
}
