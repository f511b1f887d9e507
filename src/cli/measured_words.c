#include "cli/measured_words.h"

#include "base/message.h"
#include "model/record.h"

/* A register's title in the language in which messages are. */
static struct str title_of(const struct reg *reg)
{
    const struct message_catalogue *words = message_used();
    enum lang lang = LANG_EN;

    if (words != NULL && !lang_from_code(str_from_cstr(words->lang), &lang)) {
        lang = LANG_EN;
    }
    return bilingual_best(reg->title, lang);
}

void cli_say_measured(struct cli *cli, const struct value *part, enum measured_problem problem, struct str indicator,
                      struct str measure)
{
    const struct reg *unit = roles_register(value_get(part, STR("unit")), cli->model);

    switch (problem) {
    case MEASURED_UNKNOWN:
        cli_say(cli, "musubi: the indicator \"%.*s\" cannot be computed: there is no measure \"%.*s\"",
                STR_ARG(indicator), STR_ARG(measure));
        break;
    case MEASURED_UNDIVIDED:
        cli_say(cli,
                "musubi: the indicator \"%.*s\" cannot be computed: the measure \"%.*s\" has no split by the register "
                "\"%.*s\"",
                STR_ARG(indicator), STR_ARG(measure), STR_ARG(unit == NULL ? STR("") : title_of(unit)));
        break;
    case MEASURED_NEEDS:
        cli_say(cli,
                "musubi: the indicator \"%.*s\" cannot be computed: the measure \"%.*s\" has parameters, which an "
                "indicator cannot give",
                STR_ARG(indicator), STR_ARG(measure));
        break;
    case MEASURED_FINE:
        break;
    }
}

int cli_say_all_measured(struct cli *cli, struct err *err)
{
    const struct value *roles = NULL;
    struct records indicators = {0};

    if (roles_read(&cli->arena, &roles, err) != 0) {
        return -1;
    }
    const struct value *part = value_get(roles, STR("index"));
    const struct value *indicator_part = value_get(part, STR("indicator"));
    const struct reg *reg = roles_register(indicator_part, cli->model);
    if (reg == NULL) {
        return 0;
    }
    struct read_options options = {.viewer = {.sees = VISIBILITY_SECRETARIAT}};
    READER_AUTO *reader = NULL;
    if (store_read(cli->store, &options, &reader, err) != 0 ||
        records_read(reader, reg, NULL, &cli->arena, &indicators, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < indicators.count; i++) {
        const struct value *record = indicators.items[i];
        const struct measure *measure;
        const struct measure_split *split;
        cli_say_measured(cli, part, measured_by(part, cli->model, record, &measure, &split), record_id(record),
                         value_get_text(record, value_get_text(indicator_part, STR("measure"))));
    }
    return 0;
}
