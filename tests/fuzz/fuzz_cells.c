/* Rows of tables: refused with a problem, or a record that goes back into cells and comes out of them the same. The input is
 * cells, each COLUMN, a tab, its text, and the byte 1E. */
#include "boats.h"

#define CELLS_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct model *model = boats_model();
    const struct reg *reg = model_register(model, STR("boat"));
    ARENA_AUTO arena;
    arena_init(&arena, BOATS_BYTES);
    struct column columns[CELLS_MAX];
    struct str cells[CELLS_MAX];
    size_t count = 0;
    struct str rest = str_make((const char *)data, size);
    struct str part;
    bool done = false;
    while (count < CELLS_MAX && str_next_part(&rest, '\x1E', &done, &part)) {
        size_t tab = str_find_byte(part, '\t');
        cells[count] = str_slice(part, tab + 1, part.len);
        if (column_from_name(reg, str_slice(part, 0, tab), &columns[count])) {
            count++;
        }
    }
    struct record_problems problems;
    record_problems_init(&problems, &arena);
    struct value *given = NULL;
    struct value *record = NULL;
    if (record_from_cells(model, reg, columns, cells, count, &arena, &problems, &given) < 0 ||
        record_from_value(model, reg, given, &arena, &problems, &record) < 0) {
        assert(!record && problems.count > 0);
        for (size_t i = 0; i < problems.count; i++) {
            size_t column = 0;
            column_of_problem(columns, count, problems.items[i].field, &column);
            assert(column < CELLS_MAX);
        }
        return 0;
    }
    assert(problems.count == 0);
    boats_check(model, reg, record, &arena);
    return 0;
}
