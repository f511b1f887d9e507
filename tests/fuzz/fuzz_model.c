/* Model files: whatever they say, they are read or refused with at least one problem; a model that is read can be used. The
 * input is the files one after the other, each after a line "=== PATH", as in tests/unit/model/refused. */
#include "fuzz.h"

#include "model/model.h"
#include "model/record.h"

#define ENOUGH_BYTES ((size_t)256 * 1024 * 1024)
#define FILES_MAX 16

static size_t split(struct str text, struct model_file files[FILES_MAX])
{
    static const struct str mark = STR("=== ");
    size_t count = 0;
    size_t at = str_find(text, mark);
    while (at != SIZE_MAX && count < FILES_MAX) {
        text = str_slice(text, at + mark.len, text.len);
        size_t line = str_find_byte(text, '\n');
        size_t next = str_find(text, STR("\n=== "));
        next = next == SIZE_MAX ? text.len : next + 1;
        struct str path = str_slice(text, 0, line);
        if (!str_eq(path, STR("expected"))) {
            files[count++] = (struct model_file){path, str_slice(text, line + 1, next)};
        }
        text = str_slice(text, next, text.len);
        at = text.len > 0 ? 0 : SIZE_MAX;
    }
    return count;
}

/* Every column has one name, by which it is found again. */
static void use(const struct model *model, const struct reg *reg, struct arena *arena)
{
    struct column *columns;
    size_t count = columns_of(reg, arena, &columns);
    for (size_t i = 0; i < count; i++) {
        struct column column = {0};
        bool found = column_from_name(reg, columns[i].name, &column);
        assert(found && column.field == columns[i].field && column.part == columns[i].part);
    }
    assert(value_count(value_get(reg_table_schema(model, reg, arena), STR("fields"))) == count);
    assert(reg->label_count > 0 && reg->sort);
    struct record_problems problems;
    record_problems_init(&problems, arena);
    struct value *record = NULL;
    record_from_value(model, reg, value_object(arena), arena, &problems, &record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ARENA_AUTO arena;
    arena_init(&arena, ENOUGH_BYTES);
    struct model_file files[FILES_MAX];
    size_t count = split(str_make((const char *)data, size), files);
    struct problems problems;
    problems_init(&problems, &arena);
    struct model *model = NULL;
    struct err err = {0};
    if (model_read(files, count, &problems, &model, &err) < 0) {
        assert(!model && err.message[0] && problems.count > 0 && problems.count <= MODEL_PROBLEMS_MAX);
        return 0;
    }
    assert(problems.count == 0);
    for (size_t i = 0; i < model->register_count; i++) {
        use(model, &model->registers[i], &arena);
    }
    model_free(model);
    return 0;
}
