/* Golden files of questions and answers: a line ">> QUESTION", then the lines of the answer up to the next such line. Lines
 * that begin with '#' are remarks. Set MUSUBI_GOLDEN_WRITE=1 to write what is answered now; then look at what changed. */
#ifndef MUSUBI_TESTS_UNIT_MODEL_GOLDEN_H
#define MUSUBI_TESTS_UNIT_MODEL_GOLDEN_H

#include "fixture.h"

#include "base/file.h"

#define GOLDEN_BYTES_MAX ((size_t)4 * 1024 * 1024)

/* The answer without a line end after it. */
typedef struct str (*golden_answer)(const struct model *model, struct str question, struct arena *arena);

/* Takes one line off the text. */
static inline struct str golden_line(struct str *text)
{
    size_t end = str_find_byte(*text, '\n');
    struct str line = str_slice(*text, 0, end);
    *text = str_slice(*text, end + 1, text->len);
    return line;
}

/* The lines that are an answer: up to the next question or remark. */
static inline struct str golden_expected(struct str *text)
{
    struct str begin = *text;
    while (text->len > 0 && !str_starts_with(*text, STR(">> ")) && !str_starts_with(*text, STR("#"))) {
        golden_line(text);
    }
    return str_slice(begin, 0, begin.len - text->len);
}

static inline void golden_run(const char *name, golden_answer answer)
{
    ARENA_AUTO arena;
    arena_init(&arena, FIXTURE_BYTES);
    const char *root = getenv("MUSUBI_SOURCE_ROOT");
    struct str path = arena_format(&arena, "%s/tests/unit/model/%s", root ? root : ".", name);
    struct str text;
    struct err err = {0};
    if (file_read(&arena, path.ptr, GOLDEN_BYTES_MAX, &text, &err) < 0) {
        fail_msg("%s", err.message);
    }
    struct model *model = fixture_model(&arena);
    BUF_AUTO said;
    buf_init(&said, GOLDEN_BYTES_MAX);
    bool writes = getenv("MUSUBI_GOLDEN_WRITE") != NULL;
    while (text.len > 0) {
        struct str line = golden_line(&text);
        buf_add(&said, line);
        buf_add_byte(&said, '\n');
        if (!str_starts_with(line, STR(">> "))) {
            continue;
        }
        struct str expected = golden_expected(&text);
        struct str answered = arena_concat(&arena, 2, answer(model, str_slice(line, 3, line.len), &arena), STR("\n"));
        buf_add(&said, answered);
        if (!writes) {
            fixture_compare(line, answered, expected);
        }
    }
    if (writes) {
        assert_int_equal(file_write_atomically(path.ptr, buf_str(&said), &err), 0);
    }
    model_free(model);
}

#endif
