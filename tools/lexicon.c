/* Makes the lexicon that the program carries (src/search/lexicon.h) out of EDICT files: lexicon OUT FILE...
 *
 * A line is "head [reading] /(grammar) gloss/gloss/(P)/". Each gloss of at most four words teaches both ways. Common entries
 * ("(P)") weigh three times as much, later glosses less, entries of a computing dictionary half as much again. Archaic, vulgar and
 * doubtful ones are left out. A head that is usually written in kana ("(uk)") is taught by its reading too. */
#include "search/lexicon.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/map.h"
#include "base/text.h"
#include "search/suggest.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_BYTES_MAX ((size_t)256 << 20)
#define ARENA_BYTES_MAX ((size_t)3 << 30)
#define SENSES_EACH 40
#define WORDS_MAX 4

struct lesson {
    struct str key, other;
    uint32_t weight;
};

struct lessons {
    struct arena *arena;
    struct analyser *analyser;
    struct lesson *items;
    size_t count, capacity;
};

static void add(struct lessons *lessons, struct str from, struct str to, double weight)
{
    char key[PAIR_KEY_MAX];
    size_t len = pair_key_of(lessons->analyser, from, key), words = 1;

    for (size_t i = 0; i < len; i++) {
        words += key[i] == ' ';
    }
    if (len == 0 || words > WORDS_MAX) {
        return;
    }
    if (lessons->count == lessons->capacity) {
        lessons->capacity = lessons->capacity == 0 ? 1 << 20 : lessons->capacity * 2;
        lessons->items = realloc(lessons->items, lessons->capacity * sizeof *lessons->items);
        if (lessons->items == NULL) {
            abort();
        }
    }
    weight = weight * 220 < 1 ? 1 : weight * 220 > 1000 ? 1000 : weight * 220;
    lessons->items[lessons->count++] =
        (struct lesson){arena_copy(lessons->arena, str_make(key, len)), to, (uint32_t)weight};
}

/* Without what stands in brackets. */
static struct str without_brackets(struct arena *arena, struct str gloss)
{
    struct str copy = arena_copy(arena, gloss);
    char *bytes = (char *)copy.ptr;
    size_t kept = 0;
    int depth = 0;

    for (size_t i = 0; i < copy.len; i++) {
        depth += bytes[i] == '(' || bytes[i] == '{' || bytes[i] == '[';
        if (depth == 0) {
            bytes[kept++] = bytes[i];
        }
        depth -= depth > 0 && (bytes[i] == ')' || bytes[i] == '}' || bytes[i] == ']');
    }
    return str_trim(str_make(bytes, kept));
}

static struct str without_article(struct str gloss)
{
    static const char *const heads[] = {"to be ", "to ", "a ", "an ", "the "};

    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        if (str_take(&gloss, str_from_cstr(heads[i]))) {
            return gloss;
        }
    }
    return gloss;
}

static bool is_left_out(struct str glosses)
{
    static const char *const marks[] = {"(arch)", "(obs)", "(vulg)", "(X)", "(derog)", "(ok)", "(oK)"};
    struct str head = str_slice(glosses, 0, 80);

    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (str_find(head, str_from_cstr(marks[i])) != SIZE_MAX) {
            return true;
        }
    }
    return false;
}

/* A word of one character says too little, and one in Latin letters nothing. */
static bool is_worth(struct str head)
{
    size_t letters = str_count_codepoints(head);

    return letters >= 2 && letters <= 20 && head.len > letters;
}

static void teach(struct lessons *lessons, struct str head, struct str reading, struct str glosses, double worth)
{
    struct str rest = glosses, gloss;
    bool common = str_find(glosses, STR("(P)")) != SIZE_MAX, kana = str_find(glosses, STR("(uk)")) != SIZE_MAX;
    bool done = false;
    int number = 0;

    while (!done && str_next_part(&rest, '/', &done, &gloss)) {
        struct str plain = without_article(without_brackets(lessons->arena, gloss));
        double weight;
        if (plain.len == 0 || plain.len > 60) {
            continue;
        }
        weight = (common ? 3.0 : 1.0) / sqrt(++number) * worth;
        add(lessons, plain, head, weight);
        add(lessons, head, plain, weight);
        if (kana && reading.len > 0) {
            add(lessons, plain, reading, weight);
            add(lessons, reading, plain, weight);
        }
    }
}

static void read_line(struct lessons *lessons, struct str line, double worth)
{
    size_t slash = str_find_byte(line, '/');
    struct str front = str_trim(str_slice(line, 0, slash)), glosses = str_slice(line, slash + 1, line.len);
    size_t bracket = str_find_byte(front, '[');
    struct str head = text_nfkc(lessons->arena, str_trim(str_slice(front, 0, bracket)));
    struct str reading = str_slice(front, bracket + 1, front.len > 0 ? front.len - 1 : 0);

    if (slash < line.len && is_worth(head) && !is_left_out(glosses) && !str_starts_with(line, STR("　"))) {
        reading = text_nfkc(lessons->arena, bracket < front.len ? reading : STR(""));
        teach(lessons, head, is_worth(reading) ? reading : STR(""), glosses, worth);
    }
}

static struct str decode(struct arena *arena, struct str bytes)
{
    struct text_decoder *decoder = NULL;
    struct err err = {0};
    char *out = arena_alloc(arena, bytes.len * 2 + 64);
    size_t used = 0, made = 0;

    if (text_decoder_open("euc-jp", &decoder, &err) != 0) {
        fprintf(stderr, "lexicon: %s\n", err.message);
        exit(1);
    }
    while (bytes.len > 0) {
        size_t some = 0;
        if (text_decoder_feed(decoder, bytes, true, out + made, bytes.len * 2 + 64, &used, &some, &err) != 0) {
            fprintf(stderr, "lexicon: %s\n", err.message);
            exit(1);
        }
        made += some;
        bytes = str_slice(bytes, used, bytes.len);
        if (used == 0 && some == 0) {
            break;
        }
    }
    text_decoder_close(decoder);
    return str_make(out, made);
}

static void read_file(struct lessons *lessons, const char *path)
{
    struct err err = {0};
    struct str bytes, rest, line;
    bool done = false;

    if (file_read(lessons->arena, path, FILE_BYTES_MAX, &bytes, &err) != 0) {
        fprintf(stderr, "lexicon: %s\n", err.message);
        exit(1);
    }
    rest = decode(lessons->arena, bytes);
    while (!done && str_next_part(&rest, '\n', &done, &line)) {
        read_line(lessons, line, strstr(path, "comp") != NULL ? 1.5 : 1.0);
    }
}

/* ---- writing ---- */

static int by_key(const void *a, const void *b)
{
    const struct lesson *left = a, *right = b;
    int order = str_cmp(left->key, right->key);

    if (order == 0) {
        order = str_cmp(left->other, right->other);
    }
    return order != 0 ? order : left->weight < right->weight ? 1 : left->weight > right->weight ? -1 : 0;
}

static int by_weight(const void *a, const void *b)
{
    const struct lesson *left = a, *right = b;

    if (left->weight != right->weight) {
        return left->weight < right->weight ? 1 : -1;
    }
    return str_cmp(left->other, right->other);
}

struct pool {
    struct buf bytes;
    struct map places;
    struct arena *arena;
};

static uint32_t place_of(struct pool *pool, struct str text)
{
    uintptr_t place = (uintptr_t)map_get(&pool->places, text);

    if (place == 0) {
        place = pool->bytes.len + 1;
        map_set(&pool->places, text, (void *)place);
        buf_add(&pool->bytes, text);
        buf_add_byte(&pool->bytes, '\0');
    }
    return (uint32_t)(place - 1);
}

static size_t drop_repeated(struct lesson *items, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || !str_eq(items[kept - 1].key, items[i].key) || !str_eq(items[kept - 1].other, items[i].other)) {
            items[kept++] = items[i];
        }
    }
    return kept;
}

static void add_number(struct buf *buf, uint32_t number)
{
    buf_add(buf, str_make((const char *)&number, sizeof number));
}

static void make(struct lessons *lessons, struct buf *out)
{
    struct pool pool = {.arena = lessons->arena};
    struct buf keys, senses;
    uint32_t key_count = 0, sense_count = 0;

    buf_init(&pool.bytes, FILE_BYTES_MAX);
    buf_init(&keys, FILE_BYTES_MAX);
    buf_init(&senses, FILE_BYTES_MAX);
    map_init(&pool.places, lessons->arena);
    for (size_t from = 0; from < lessons->count;) {
        size_t to = from;
        while (to < lessons->count && str_eq(lessons->items[to].key, lessons->items[from].key)) {
            to++;
        }
        add_number(&keys, place_of(&pool, lessons->items[from].key));
        add_number(&keys, sense_count);
        key_count++;
        qsort(lessons->items + from, to - from, sizeof lessons->items[0], by_weight);
        for (size_t i = from; i < to && i < from + SENSES_EACH; i++) {
            add_number(&senses, place_of(&pool, lessons->items[i].other));
            add_number(&senses, lessons->items[i].weight);
            sense_count++;
        }
        from = to;
    }
    add_number(&keys, 0);
    add_number(&keys, sense_count);
    const uint32_t head[8] = {LEXICON_MAGIC, key_count, sense_count, (uint32_t)pool.bytes.len};
    buf_add(out, str_make((const char *)head, sizeof head));
    buf_add(out, buf_str(&keys));
    buf_add(out, buf_str(&senses));
    buf_add(out, buf_str(&pool.bytes));
    buf_free(&pool.bytes);
    buf_free(&keys);
    buf_free(&senses);
}

int main(int argc, char **argv)
{
    struct arena arena;
    struct lessons lessons = {.arena = &arena};
    struct err err = {0};
    struct buf out;
    int result;

    if (argc < 2) {
        fprintf(stderr, "usage: lexicon OUT FILE...\n");
        return 2;
    }
    arena_init(&arena, ARENA_BYTES_MAX);
    lessons.analyser = analyser_new();
    for (int i = 2; i < argc; i++) {
        read_file(&lessons, argv[i]);
    }
    qsort(lessons.items, lessons.count, sizeof lessons.items[0], by_key);
    lessons.count = drop_repeated(lessons.items, lessons.count);
    buf_init(&out, FILE_BYTES_MAX);
    make(&lessons, &out);
    result = file_write_atomically(argv[1], buf_str(&out), &err);
    if (result != 0) {
        fprintf(stderr, "lexicon: %s\n", err.message);
    }
    buf_free(&out);
    analyser_free(lessons.analyser);
    free(lessons.items);
    arena_free(&arena);
    return result == 0 ? 0 : 1;
}
