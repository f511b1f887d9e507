/* Vocabularies: reading one, finding a term in one. */
#include "base/text.h"
#include "model/names.h"
#include "model/reader.h"

#include <string.h>

/* Deepest chain of broader terms; a longer one goes in a circle or helps nobody. */
#define BROADER_MAX 20

struct vocabulary_given {
    struct str name;
    struct bilingual title;
    struct bilingual description;
    const struct value *terms;
};

static const struct key vocabulary_keys[] = {
    {.name = STR("name"), .kind = KEY_TEXT, .offset = offsetof(struct vocabulary_given, name), .required = true},
    {.name = STR("title"), .kind = KEY_WORDS, .offset = offsetof(struct vocabulary_given, title), .required = true},
    {.name = STR("description"), .kind = KEY_WORDS, .offset = offsetof(struct vocabulary_given, description)},
    {.name = STR("terms"), .kind = KEY_LIST, .offset = offsetof(struct vocabulary_given, terms), .required = true},
};

struct term_given {
    struct str code;
    struct str ja;
    struct str en;
    const struct value *also;
    struct str broader;
    bool retired;
};

static const struct key term_keys[] = {
    {.name = STR("code"), .kind = KEY_TEXT, .offset = offsetof(struct term_given, code), .required = true},
    {.name = STR("ja"), .kind = KEY_TEXT, .offset = offsetof(struct term_given, ja), .required = true},
    {.name = STR("en"), .kind = KEY_TEXT, .offset = offsetof(struct term_given, en), .required = true},
    {.name = STR("also"), .kind = KEY_TEXTS, .offset = offsetof(struct term_given, also)},
    {.name = STR("broader"), .kind = KEY_TEXT, .offset = offsetof(struct term_given, broader)},
    {.name = STR("retired"), .kind = KEY_BOOLEAN, .offset = offsetof(struct term_given, retired)},
};

/* How a spelling is compared: NFKC, trimmed, ASCII capitals made small. Texts that are so already are not copied. */
static struct str folded(struct arena *arena, struct str spelling)
{
    bool plain = true;
    for (size_t i = 0; i < spelling.len && plain; i++) {
        plain = (unsigned char)spelling.ptr[i] < 0x80 && !(spelling.ptr[i] >= 'A' && spelling.ptr[i] <= 'Z');
    }
    if (plain) {
        return str_trim(spelling);
    }
    struct str normal = arena_copy(arena, str_trim(text_nfkc(arena, spelling)));
    char *bytes = (char *)normal.ptr; /* the copy is ours */
    for (size_t i = 0; i < normal.len; i++) {
        if (bytes[i] >= 'A' && bytes[i] <= 'Z') {
            bytes[i] = (char)(bytes[i] - 'A' + 'a');
        }
    }
    return normal;
}

const struct term *vocabulary_term(const struct vocabulary *vocabulary, struct str code)
{
    return map_get(&vocabulary->by_code, code);
}

const struct term *vocabulary_find(const struct vocabulary *vocabulary, struct str spelling)
{
    const struct term *term = map_get(&vocabulary->by_code, spelling);
    if (!term) {
        term = map_get(&vocabulary->by_spelling, spelling);
    }
    if (term) {
        return term;
    }
    ARENA_AUTO scratch;
    arena_init(&scratch, 16 << 20);
    return map_get(&vocabulary->by_spelling, folded(&scratch, spelling));
}

/* ---- reading ---- */

static void spelling_add(const struct reader *reader, struct vocabulary *vocabulary, struct term *term,
                         struct str spelling, const struct value *at)
{
    if (spelling.len == 0) {
        return;
    }
    struct str key = folded(reader->arena, spelling);
    const struct term *other = map_get(&vocabulary->by_spelling, key);
    if (!other) {
        map_set(&vocabulary->by_spelling, key, term);
    } else if (other != term) {
        reader_problem(reader, at,
                       "%.*s already stands for the term %.*s, a spelling (code, word or \"also\", without regard to "
                       "width and case) may stand for one term only",
                       STR_ARG(quoted(reader->arena, spelling)), STR_ARG(other->code));
    }
}

static void term_read(const struct reader *reader, const struct value *tree, struct vocabulary *vocabulary,
                      struct term *term)
{
    struct term_given given = {0};
    if (!keys_read(reader, tree, "a term", term_keys, sizeof(term_keys) / sizeof(term_keys[0]), &given)) {
        return;
    }
    term->code = given.code;
    term->label.in[LANG_JA] = given.ja;
    term->label.in[LANG_EN] = given.en;
    term->broader = given.broader;
    term->retired = given.retired;
    if (given.code.len == 0) {
        return;
    }
    if (!name_is_code(given.code)) {
        reader_problem(reader, key_place(tree, "code"), "the code %.*s is not allowed, codes are " CODE_SHAPE,
                       STR_ARG(quoted(reader->arena, given.code)));
        return;
    }
    if (map_get(&vocabulary->by_code, given.code)) {
        reader_problem(reader, key_place(tree, "code"), "the code %.*s is there twice, once is allowed",
                       STR_ARG(quoted(reader->arena, given.code)));
        return;
    }
    map_set(&vocabulary->by_code, term->code, term);
    spelling_add(reader, vocabulary, term, given.code, key_place(tree, "code"));
    spelling_add(reader, vocabulary, term, given.ja, key_place(tree, "ja"));
    spelling_add(reader, vocabulary, term, given.en, key_place(tree, "en"));
    term->also_count = given.also ? given.also->list.count : 0;
    term->also = ARENA_NEW_ARRAY(reader->arena, term->also_count, struct str);
    for (size_t i = 0; i < term->also_count; i++) {
        term->also[i] = given.also->list.items[i]->text;
        spelling_add(reader, vocabulary, term, term->also[i], given.also->list.items[i]);
    }
}

static void broader_check(const struct reader *reader, const struct value *terms, const struct vocabulary *vocabulary)
{
    for (size_t i = 0; i < vocabulary->term_count; i++) {
        const struct term *term = &vocabulary->terms[i];
        if (term->broader.len == 0) {
            continue;
        }
        const struct value *place = key_place(terms->list.items[i], "broader");
        if (!vocabulary_term(vocabulary, term->broader)) {
            reader_problem(reader, place, "the broader term %.*s is not there, it must be a code of this vocabulary",
                           STR_ARG(quoted(reader->arena, term->broader)));
            continue;
        }
        const struct term *above = term;
        int steps = 0;
        while (above && above->broader.len > 0 && steps <= BROADER_MAX) {
            above = vocabulary_term(vocabulary, above->broader);
            steps++;
        }
        if (steps > BROADER_MAX) {
            reader_problem(reader, place,
                           "the broader terms of %.*s go in a circle or are more than %d, allowed is a tree of at most "
                           "%d levels",
                           STR_ARG(quoted(reader->arena, term->code)), BROADER_MAX, BROADER_MAX);
        }
    }
}

void vocabulary_read(const struct reader *reader, const struct value *tree, struct vocabulary *vocabulary)
{
    map_init(&vocabulary->by_code, reader->arena);
    map_init(&vocabulary->by_spelling, reader->arena);
    struct vocabulary_given given = {0};
    if (!keys_read(reader, tree, "a vocabulary", vocabulary_keys, sizeof(vocabulary_keys) / sizeof(vocabulary_keys[0]),
                   &given)) {
        return;
    }
    if (given.name.len > 0 && !str_eq(given.name, vocabulary->name)) {
        reader_problem(reader, key_place(tree, "name"), "the name is %.*s, must be the file's name \"%.*s\"",
                       STR_ARG(quoted(reader->arena, given.name)), STR_ARG(vocabulary->name));
    }
    vocabulary->title = given.title;
    vocabulary->description = given.description;
    if (!given.terms) {
        return;
    }
    if (given.terms->list.count > TERMS_MAX) {
        reader_problem(reader, given.terms, "the vocabulary has %zu terms, at most %d are allowed",
                       given.terms->list.count, TERMS_MAX);
        return;
    }
    vocabulary->term_count = given.terms->list.count;
    vocabulary->terms = ARENA_NEW_ARRAY(reader->arena, vocabulary->term_count, struct term);
    for (size_t i = 0; i < vocabulary->term_count; i++) {
        vocabulary->terms[i].position = i;
        term_read(reader, given.terms->list.items[i], vocabulary, &vocabulary->terms[i]);
    }
    broader_check(reader, given.terms, vocabulary);
}
