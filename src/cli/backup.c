#include "cli/commands.h"

#include <stdio.h>
#include <unistd.h>

static void show_progress(void *context, double share)
{
    struct cli *cli = context;
    if (isatty(cli->err)) {
        dprintf(cli->err, "\r%5.1f %%%s", 100.0 * share, share >= 1 ? "\r\033[K" : "");
    }
}

int command_backup(struct cli *cli)
{
    struct str path = cli_path(cli, cli->arguments[0]);
    struct err err = {0};
    if (store_backup(cli->store, path.ptr, show_progress, cli, &err)) {
        return cli_fail(cli, &err);
    }
    if (cli_wants_json(cli)) {
        struct value *answer = value_object(&cli->arena);
        value_set_text(&cli->arena, answer, STR("file"), path);
        cli_print_json(cli, answer);
    }
    return CLI_DONE;
}
