/* For the fuzzers of records: the model of tests/unit/model/boats.h, read once, and what must hold of every record. */
#ifndef MUSUBI_TESTS_FUZZ_BOATS_H
#define MUSUBI_TESTS_FUZZ_BOATS_H

#include "fuzz.h"

#include "../unit/model/boats.h"
#include "model/record.h"

#define BOATS_BYTES ((size_t)256 * 1024 * 1024)

/* Freed never: the process fuzzes until it ends. */
static inline const struct model *boats_model(void)
{
    static struct model *model;
    if (!model) {
        ARENA_AUTO arena;
        arena_init(&arena, BOATS_BYTES);
        struct model_file files[BOATS_FILES];
        boats_files(&arena, files);
        struct problems problems;
        problems_init(&problems, &arena);
        struct err err = {0};
        int result = model_read(files, BOATS_FILES, &problems, &model, &err);
        assert(result == 0);
    }
    return model;
}

static inline struct str boats_written(const struct value *value, struct arena *arena)
{
    BUF_AUTO buf;
    buf_init(&buf, BOATS_BYTES);
    value_write_json(&buf, value);
    return arena_copy(arena, buf_str(&buf));
}

/* A canonical record stays as it is when it is checked again, and when it goes through the cells of a table. */
static inline void boats_check(const struct model *model, const struct reg *reg, const struct value *record,
                               struct arena *arena)
{
    struct record_problems problems;
    record_problems_init(&problems, arena);
    struct value *again = NULL;
    int result = record_from_value(model, reg, record, arena, &problems, &again);
    assert(result == 0 && str_eq(boats_written(record, arena), boats_written(again, arena)));
    struct column *columns;
    size_t count = columns_of(reg, arena, &columns);
    struct str *cells = ARENA_NEW_ARRAY(arena, count, struct str);
    for (size_t i = 0; i < count; i++) {
        cells[i] = record_cell(reg, record, &columns[i], arena);
    }
    struct value *given = NULL;
    result = record_from_cells(model, reg, columns, cells, count, arena, &problems, &given);
    assert(result == 0);
    result = record_from_value(model, reg, given, arena, &problems, &again);
    assert(result == 0 && str_eq(boats_written(record, arena), boats_written(again, arena)));
}

#endif
