#include "cli/commands.h"

int command_model_check(struct cli *cli)
{
    struct model *model;
    if (cli->argument_count > 0) {
        struct problems problems;
        problems_init(&problems, &cli->arena);
        struct err err = {0};
        if (model_read_folder(cli_path(cli, cli->arguments[0]).ptr, &problems, &model, &err)) {
            return cli_fail_with_problems(cli, &problems, &err);
        }
    } else if (cli_open_model(cli, &model)) {
        return CLI_REFUSED;
    }
    if (cli_wants_json(cli)) {
        struct value *answer = value_object(&cli->arena);
        value_set(&cli->arena, answer, STR("registers"), value_int(&cli->arena, (int64_t)model->register_count));
        value_set(&cli->arena, answer, STR("vocabularies"), value_int(&cli->arena, (int64_t)model->vocabulary_count));
        cli_print_json(cli, answer);
    } else {
        cli_print(cli, "%zu registers, %zu vocabularies\n", model->register_count, model->vocabulary_count);
    }
    model_free(model);
    return CLI_DONE;
}
