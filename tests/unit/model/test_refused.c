/* Every rule of docs/model.md has a model that breaks it: tests/unit/model/refused/NAME.case.
 *
 * A case is a remark (lines that begin with '#'), then parts. A part is a line "=== PATH" and the file of that path up to the
 * next such line; the last part, "=== expected", is what reading the model says. Set MUSUBI_GOLDEN_WRITE=1 to write what it
 * says now into the cases; then look at what changed. */
#include "unit.h"

#include "base/buf.h"
#include "base/file.h"
#include "model/model.h"

#define ENOUGH_BYTES ((size_t)256 * 1024 * 1024)
#define FILES_MAX 12
#define CASE_BYTES_MAX ((size_t)1024 * 1024)

struct golden {
    struct str before; /* the case up to and with the line "=== expected" */
    struct str expected;
    struct model_file files[FILES_MAX];
    size_t file_count;
};

static struct golden golden_parse(struct str text)
{
    static const struct str mark = STR("=== ");
    struct golden golden = {0};
    size_t at = str_find(text, mark);
    while (at != SIZE_MAX && at < text.len) {
        struct str rest = str_slice(text, at + mark.len, text.len);
        size_t line = str_find_byte(rest, '\n');
        struct str path = str_slice(rest, 0, line);
        struct str body = str_slice(rest, line + 1, rest.len);
        if (str_eq(path, STR("expected"))) {
            golden.before = str_slice(text, 0, text.len - body.len);
            golden.expected = body;
            return golden;
        }
        size_t next = str_find(body, STR("\n=== "));
        size_t length = next == SIZE_MAX ? body.len : next + 1;
        assert_true(golden.file_count < FILES_MAX);
        golden.files[golden.file_count++] = (struct model_file){path, str_slice(body, 0, length)};
        at = text.len - body.len + length;
    }
    fail_msg("a case needs a part \"=== expected\"");
    return golden;
}

/* What reading the case's model says: a line for each problem and the summary. */
static struct str outcome(const struct golden *golden, struct arena *arena)
{
    struct problems problems;
    problems_init(&problems, arena);
    struct model *model = NULL;
    struct err err = {0};
    int result = model_read(golden->files, golden->file_count, &problems, &model, &err);
    BUF_AUTO buf;
    buf_init(&buf, CASE_BYTES_MAX);
    for (size_t i = 0; i < problems.count; i++) {
        buf_add_format(&buf, "%.*s\n", STR_ARG(problems.lines[i]));
    }
    buf_add_format(&buf, "%s\n", result == 0 ? "accepted" : err.message);
    assert_true(result == 0 || (!model && err.code == ERR_INVALID));
    model_free(model);
    return arena_copy(arena, buf_str(&buf));
}

static void case_is_refused_as_expected(void **state)
{
    struct str path = *(const struct str *)*state;
    ARENA_AUTO arena;
    arena_init(&arena, ENOUGH_BYTES);
    struct str text;
    struct err err = {0};
    if (file_read(&arena, path.ptr, CASE_BYTES_MAX, &text, &err) < 0) {
        fail_msg("%s", err.message);
    }
    struct golden golden = golden_parse(text);
    struct str said = outcome(&golden, &arena);
    if (getenv("MUSUBI_GOLDEN_WRITE")) {
        assert_int_equal(file_write_atomically(path.ptr, arena_concat(&arena, 2, golden.before, said), &err), 0);
    } else if (!str_eq(said, golden.expected)) {
        fail_msg("%.*s:\n--- expected\n%.*s--- said\n%.*s", STR_ARG(path), STR_ARG(golden.expected), STR_ARG(said));
    }
}

int main(void)
{
    ARENA_AUTO arena;
    arena_init(&arena, ENOUGH_BYTES);
    const char *root = getenv("MUSUBI_SOURCE_ROOT");
    struct str folder = file_join(&arena, str_from_cstr(root ? root : "."), STR("tests/unit/model/refused"));
    struct str *names;
    size_t count;
    struct err err = {0};
    if (file_list(&arena, folder.ptr, STR(".case"), &names, &count, &err) < 0) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    struct CMUnitTest *tests = ARENA_NEW_ARRAY(&arena, count, struct CMUnitTest);
    struct str *paths = ARENA_NEW_ARRAY(&arena, count, struct str);
    for (size_t i = 0; i < count; i++) {
        paths[i] = file_join(&arena, folder, names[i]);
        tests[i] = (struct CMUnitTest){
            .name = names[i].ptr, .test_func = case_is_refused_as_expected, .initial_state = &paths[i]};
    }
    return _cmocka_run_group_tests("refused", tests, count, NULL, NULL);
}
