/* The same records and queries in Groonga, by its C API: a peer for script/bench search, not part of the product.
 *
 *   search_groonga build FOLDER    FOLDER/thing.csv into FOLDER/groonga; its indexes made afterwards (static construction)
 *   search_groonga query FOLDER    answers FOLDER/queries.tsv; prints what bench_search prints
 *
 * cc -O2 search_groonga.c $(pkg-config --cflags --libs groonga). */
#include <groonga.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define COLUMNS 11
#define BEST 20
#define ROUNDS 3

static grn_ctx context;
static grn_ctx *ctx = &context;

static void fail(const char *what)
{
    fprintf(stderr, "search_groonga: %s: %s\n", what, ctx->errbuf);
    exit(1);
}

static double cpu(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* By Groonga's own command language where no speed is measured. */
static void command(const char *text)
{
    char *out;
    unsigned length;
    int flags;
    grn_ctx_send(ctx, text, (unsigned)strlen(text), 0);
    grn_ctx_recv(ctx, &out, &length, &flags);
    if (ctx->rc != GRN_SUCCESS)
        fail(text);
}

static const char *const names[COLUMNS] = {"id",  "kind",     "domain",   "area",    "year",   "lat",
                                           "lon", "title_ja", "title_en", "body_ja", "body_en"};

static size_t cut(char *line, char *cells[COLUMNS])
{
    size_t count = 0;
    cells[count++] = line;
    for (; *line && count < COLUMNS; line++) {
        if (*line == ',') {
            *line = 0;
            cells[count++] = line + 1;
        }
    }
    for (char *c = cells[count - 1]; *c; c++)
        if (*c == '\n')
            *c = 0;
    return count;
}

static void fill(const char *folder)
{
    char path[4000], *line = NULL, *cells[COLUMNS];
    size_t capacity = 0;
    grn_obj *table = grn_ctx_get(ctx, "Thing", -1), *columns[COLUMNS], value, point;
    snprintf(path, sizeof path, "%s/thing.csv", folder);
    FILE *file = fopen(path, "r");
    if (!file || getline(&line, &capacity, file) < 0)
        fail(path);
    for (int c = 1; c < COLUMNS; c++)
        columns[c] = c == 4 || c == 6 ? NULL
                                      : grn_obj_column(ctx, table, c == 5 ? "place" : names[c],
                                                       (unsigned)strlen(c == 5 ? "place" : names[c]));
    GRN_TEXT_INIT(&value, 0);
    GRN_WGS84_GEO_POINT_INIT(&point, 0);
    while (getline(&line, &capacity, file) > 0 && cut(line, cells) == COLUMNS) {
        grn_id id = grn_table_add(ctx, table, cells[0], (unsigned)strlen(cells[0]), NULL);
        for (int c = 1; c < COLUMNS; c++) {
            if (!columns[c])
                continue;
            if (c == 5) {
                GRN_GEO_POINT_SET(ctx, &point, (int)(strtod(cells[5], NULL) * 3600000),
                                  (int)(strtod(cells[6], NULL) * 3600000));
                grn_obj_set_value(ctx, columns[c], id, &point, GRN_OBJ_SET);
            } else {
                GRN_TEXT_SETS(ctx, &value, cells[c]);
                grn_obj_set_value(ctx, columns[c], id, &value, GRN_OBJ_SET);
            }
        }
    }
    fclose(file);
    free(line);
}

static void build(const char *folder)
{
    char path[4000];
    snprintf(path, sizeof path, "%s/groonga", folder);
    mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/groonga/db", folder);
    if (!grn_db_create(ctx, path, NULL))
        fail(path);
    command("table_create Kinds TABLE_HASH_KEY ShortText");
    command("table_create Domains TABLE_HASH_KEY ShortText");
    command("table_create Areas TABLE_HASH_KEY ShortText");
    command("table_create Thing TABLE_PAT_KEY ShortText");
    command("column_create Thing kind COLUMN_SCALAR Kinds");
    command("column_create Thing domain COLUMN_SCALAR Domains");
    command("column_create Thing area COLUMN_SCALAR Areas");
    command("column_create Thing place COLUMN_SCALAR WGS84GeoPoint");
    command("column_create Thing title_ja COLUMN_SCALAR ShortText");
    command("column_create Thing title_en COLUMN_SCALAR ShortText");
    command("column_create Thing body_ja COLUMN_SCALAR Text");
    command("column_create Thing body_en COLUMN_SCALAR Text");
    double began = cpu(CLOCK_PROCESS_CPUTIME_ID);
    fill(folder);
    double filled = cpu(CLOCK_PROCESS_CPUTIME_ID);
    command("table_create Terms TABLE_PAT_KEY ShortText --default_tokenizer TokenBigram --normalizer NormalizerAuto");
    command(
        "column_create Terms thing COLUMN_INDEX|WITH_POSITION|WITH_SECTION Thing title_ja,title_en,body_ja,body_en");
    command("table_create Places TABLE_PAT_KEY WGS84GeoPoint");
    command("column_create Places thing COLUMN_INDEX Thing place");
    command("table_create Titles TABLE_PAT_KEY ShortText --normalizer NormalizerAuto");
    command("column_create Titles thing COLUMN_INDEX Thing title_ja");
    printf("build %.2f %.2f\n", cpu(CLOCK_PROCESS_CPUTIME_ID) - began, cpu(CLOCK_PROCESS_CPUTIME_ID) - filled);
}

static grn_obj *table, *terms, *shown, *facets[3];

static void match(const char *text, grn_obj *found, grn_operator op)
{
    int weights[4] = {6, 6, 2, 2};
    grn_search_optarg how;
    grn_obj query;
    memset(&how, 0, sizeof how);
    how.mode = GRN_OP_EXACT;
    how.weight_vector = weights;
    how.vector_size = 4;
    GRN_TEXT_INIT(&query, GRN_OBJ_DO_SHALLOW_COPY);
    GRN_TEXT_SET(ctx, &query, text, strlen(text));
    grn_obj_search(ctx, terms, &query, found, op, &how);
    GRN_OBJ_FIN(ctx, &query);
}

/* By the function that uses the index of places. */
static void within(grn_obj *found)
{
    static const char condition[] = "geo_in_circle(place, \"35.69,139.69\", 10000)";
    grn_obj *expression, *record;
    GRN_EXPR_CREATE_FOR_QUERY(ctx, table, expression, record);
    (void)record;
    grn_expr_parse(ctx, expression, condition, sizeof condition - 1, NULL, GRN_OP_MATCH, GRN_OP_AND,
                   GRN_EXPR_SYNTAX_SCRIPT);
    if (!grn_table_select(ctx, table, expression, found, GRN_OP_AND))
        fail(condition);
    grn_obj_unlink(ctx, expression);
}

static void count_facets(grn_obj *found)
{
    for (int f = 0; f < 3; f++) {
        grn_table_sort_key key;
        grn_table_group_result counted;
        memset(&key, 0, sizeof key);
        memset(&counted, 0, sizeof counted);
        key.key = facets[f];
        counted.flags = GRN_TABLE_GROUP_CALC_COUNT;
        counted.op = GRN_OP_OR;
        counted.max_n_subrecs = 0;
        counted.key_begin = 0;
        counted.key_end = 0;
        counted.limit = 1;
        grn_table_group(ctx, found, &key, 1, &counted, 1);
        grn_obj_unlink(ctx, counted.table);
    }
}

static void read_best(grn_obj *found)
{
    grn_table_sort_key key;
    grn_obj *best = grn_table_create(ctx, NULL, 0, NULL, GRN_OBJ_TABLE_NO_KEY, NULL, found);
    memset(&key, 0, sizeof key);
    key.key = grn_obj_column(ctx, found, "_score", 6);
    key.flags = GRN_TABLE_SORT_DESC;
    grn_table_sort(ctx, found, 0, BEST, best, &key, 1);
    grn_table_cursor *cursor = grn_table_cursor_open(ctx, best, NULL, 0, NULL, 0, 0, -1, 0);
    grn_obj title;
    GRN_TEXT_INIT(&title, 0);
    for (grn_id id = grn_table_cursor_next(ctx, cursor); id != GRN_ID_NIL; id = grn_table_cursor_next(ctx, cursor)) {
        grn_id *of = NULL, in = GRN_ID_NIL;
        grn_table_cursor_get_value(ctx, cursor, (void **)&of);
        grn_table_get_key(ctx, found, *of, &in, sizeof in);
        GRN_BULK_REWIND(&title);
        grn_obj_get_value(ctx, shown, in, &title);
    }
    GRN_OBJ_FIN(ctx, &title);
    grn_table_cursor_close(ctx, cursor);
    grn_obj_unlink(ctx, key.key);
    grn_obj_unlink(ctx, best);
}

/* Titles that begin so. */
static long complete(const char *text)
{
    grn_table_cursor *cursor = grn_table_cursor_open(ctx, grn_ctx_get(ctx, "Titles", -1), text, (unsigned)strlen(text),
                                                     NULL, 0, 0, 10, GRN_CURSOR_PREFIX);
    long count = 0;
    while (cursor && grn_table_cursor_next(ctx, cursor) != GRN_ID_NIL) {
        void *key;
        count += grn_table_cursor_get_key(ctx, cursor, &key) > 0;
    }
    grn_table_cursor_close(ctx, cursor);
    return count;
}

static long ask(const char *kind, const char *first, const char *second)
{
    if (strcmp(kind, "suggestion") == 0)
        return complete(first);
    grn_obj *found = grn_table_create(ctx, NULL, 0, NULL, GRN_OBJ_TABLE_HASH_KEY | GRN_OBJ_WITH_SUBREC, table, NULL);
    match(first, found, GRN_OP_OR);
    if (second)
        match(second, found, GRN_OP_AND);
    if (strcmp(kind, "near") == 0)
        within(found);
    if (strcmp(kind, "facets") == 0)
        count_facets(found);
    long count = grn_table_size(ctx, found);
    read_best(found);
    grn_obj_unlink(ctx, found);
    return count;
}

static int by_size(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

static void answer(const char *folder)
{
    char path[4000], *line = NULL;
    size_t capacity = 0;
    snprintf(path, sizeof path, "%s/groonga/db", folder);
    if (!grn_db_open(ctx, path))
        fail(path);
    table = grn_ctx_get(ctx, "Thing", -1);
    terms = grn_ctx_get(ctx, "Terms.thing", -1);
    shown = grn_ctx_get(ctx, "Thing.title_ja", -1);
    facets[0] = grn_ctx_get(ctx, "Thing.kind", -1);
    facets[1] = grn_ctx_get(ctx, "Thing.domain", -1);
    facets[2] = grn_ctx_get(ctx, "Thing.area", -1);
    snprintf(path, sizeof path, "%s/queries.tsv", folder);
    FILE *file = fopen(path, "r");
    if (!file)
        fail(path);
    while (getline(&line, &capacity, file) > 0) {
        char *rest = line, *kind = strsep(&rest, "\t\n"), *first = strsep(&rest, "\t\n"),
             *second = strsep(&rest, "\t\n");
        double took[ROUNDS];
        if (second && !*second)
            second = NULL;
        long found = ask(kind, first, second);
        for (int r = 0; r < ROUNDS; r++) {
            double began = cpu(CLOCK_THREAD_CPUTIME_ID);
            ask(kind, first, second);
            took[r] = cpu(CLOCK_THREAD_CPUTIME_ID) - began;
        }
        qsort(took, ROUNDS, sizeof took[0], by_size);
        printf("%s %.1f %ld\n", kind, took[ROUNDS / 2] * 1e6, found);
    }
    fclose(file);
    free(line);
}

int main(int argc, char **argv)
{
    if (argc != 3 || grn_init() != GRN_SUCCESS || grn_ctx_init(ctx, 0) != GRN_SUCCESS)
        return 2;
    if (strcmp(argv[1], "build") == 0)
        build(argv[2]);
    else
        answer(argv[2]);
    grn_obj_close(ctx, grn_ctx_db(ctx));
    grn_ctx_fin(ctx);
    grn_fin();
    return 0;
}
