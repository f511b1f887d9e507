#include "cli/edit.h"

int cli_edit(struct cli *cli, int (*fill)(void *edit, struct change_set *changes, struct err *err))
{
    if (!cli_flag(cli, "reason") || cli_option_value(cli, "reason").len == 0) {
        cli_say(cli, "musubi: %s needs --reason TEXT: it stands in the record's history", cli->command->name);
        return CLI_USAGE;
    }
    struct edit edit = {.cli = cli, .reg = cli_register(cli, cli->arguments[0])};
    if (!edit.reg) {
        return CLI_REFUSED;
    }
    struct write_request request = {
        .author = cli_option_value(cli, "author"),
        .reason = cli_option_value(cli, "reason"),
        .kind = STR("edit"),
        .fill = fill,
        .context = &edit,
    };
    struct write_outcome outcome = {0};
    struct err err = {0};
    if (store_write(cli->store, &request, &outcome, &err)) {
        return cli_fail(cli, &err);
    }
    if (cli_wants_json(cli)) {
        struct value *answer = value_object(&cli->arena);
        cli_set_outcome(cli, answer, &outcome);
        cli_print_json(cli, answer);
    } else if (outcome.change_set == 0) {
        cli_print(cli, "nothing changed\n");
    } else {
        cli_print(cli, "done: revisions %lld to %lld\n", (long long)outcome.first_seq, (long long)outcome.last_seq);
    }
    return CLI_DONE;
}
