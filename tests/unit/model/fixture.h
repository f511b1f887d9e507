/* What the tests of records begin with: the model of boats.h, and words for what came out. */
#ifndef MUSUBI_TESTS_UNIT_MODEL_FIXTURE_H
#define MUSUBI_TESTS_UNIT_MODEL_FIXTURE_H

#include "unit.h"

#include "base/buf.h"
#include "model/model.h"
#include "model/record.h"

#include "boats.h"

#define FIXTURE_BYTES ((size_t)256 * 1024 * 1024)

static inline struct model *fixture_model(struct arena *arena)
{
    struct model_file files[BOATS_FILES];
    boats_files(arena, files);
    struct problems problems;
    problems_init(&problems, arena);
    struct model *model = NULL;
    struct err err = {0};
    if (model_read(files, BOATS_FILES, &problems, &model, &err) < 0) {
        fail_msg("%s: %.*s", err.message, STR_ARG(problems.lines[0]));
    }
    return model;
}

/* "field: message" for each problem, a line each. */
static inline struct str fixture_problems(const struct record_problems *problems, struct arena *arena)
{
    struct str lines = STR("");
    for (size_t i = 0; i < problems->count; i++) {
        lines = arena_format(arena, "%.*s%s%.*s: %.*s", STR_ARG(lines), i > 0 ? "\n" : "",
                             STR_ARG(problems->items[i].field), STR_ARG(problems->items[i].message));
    }
    return lines;
}

static inline struct str fixture_written(const struct value *value, struct arena *arena)
{
    BUF_AUTO buf;
    buf_init(&buf, FIXTURE_BYTES);
    value_write_json(&buf, value);
    return arena_copy(arena, buf_str(&buf));
}

static inline void fixture_compare(struct str given, struct str said, struct str expected)
{
    if (!str_eq(said, expected)) {
        fail_msg("%.*s\n--- expected\n%.*s\n--- said\n%.*s", STR_ARG(given), STR_ARG(expected), STR_ARG(said));
    }
}

#endif
