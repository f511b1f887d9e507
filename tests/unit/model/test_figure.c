/* figure_from_text by golden file (figure.golden: text in, JSON or the problem out). */
#include "golden.h"

static struct str figure_answer(const struct model *model, struct str question, struct arena *arena)
{
    struct value *figure = NULL;
    struct err err = {0};
    const struct field *field = reg_field(model_register(model, STR("boat")), STR("price"));
    if (figure_from_text(model, field, question, arena, &figure, &err) < 0) {
        assert_null(figure);
        return arena_format(arena, "! %s", err.message);
    }
    return fixture_written(figure, arena);
}

static void figures_by_golden_file(void **state)
{
    (void)state;
    golden_run("figure.golden", figure_answer);
}

UNIT_TESTS(TEST(figures_by_golden_file))
