#include "exchange/export.h"
#include "cli/commands.h"

const struct cli_option export_options[] = {
    {"out", CLI_TEXT, "DIR", NULL, "the folder to write; made when it is not there"},
    {"edition", CLI_TEXT, "NAME", NULL, "the records as they were in that edition"},
    {0},
};

int command_export(struct cli *cli)
{
    if (!cli_flag(cli, "out")) {
        cli_say(cli, "musubi: export needs --out DIR");
        return CLI_USAGE;
    }
    struct str folder = cli_path(cli, cli_option_value(cli, "out"));
    struct read_options options = {.viewer = {.sees = VISIBILITY_PUBLIC}, .lang = LANG_EN};
    READER_AUTO *reader = NULL;
    struct export_result result;
    struct err err = {0};
    const struct edition *edition = NULL;
    if (cli_flag(cli, "edition")) {
        if (cli_edition(cli, cli_option_value(cli, "edition"), &edition)) {
            return CLI_REFUSED;
        }
        options.as_of = edition->seq;
    }
    if (store_read(cli->store, &options, &reader, &err) ||
        package_export(cli->model, reader, folder.ptr, edition, &result, &err)) {
        return cli_fail(cli, &err);
    }
    if (cli_wants_json(cli)) {
        struct value *answer = value_object(&cli->arena);
        value_set(&cli->arena, answer, STR("registers"), value_int(&cli->arena, (int64_t)result.registers));
        value_set(&cli->arena, answer, STR("records"), value_int(&cli->arena, (int64_t)result.records));
        value_set(&cli->arena, answer, STR("seq"), value_int(&cli->arena, result.seq));
        cli_print_json(cli, answer);
        return CLI_DONE;
    }
    cli_print(cli, "%zu registers, %llu records\n", result.registers, (unsigned long long)result.records);
    return CLI_DONE;
}
