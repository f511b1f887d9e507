/* Records as JSON: refused with a problem, or canonical. */
#include "boats.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct model *model = boats_model();
    const struct reg *reg = model_register(model, STR("boat"));
    ARENA_AUTO arena;
    arena_init(&arena, BOATS_BYTES);
    struct value *given = NULL;
    struct err err = {0};
    if (json_read(&arena, str_make((const char *)data, size), NULL, &given, &err) < 0) {
        return 0;
    }
    struct record_problems problems;
    record_problems_init(&problems, &arena);
    struct value *record = NULL;
    if (record_from_value(model, reg, given, &arena, &problems, &record) < 0) {
        assert(!record && problems.count > 0);
        return 0;
    }
    assert(problems.count == 0);
    record_label(model, reg, record, &arena);
    boats_check(model, reg, record, &arena);
    return 0;
}
