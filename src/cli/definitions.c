#include "cli/commands.h"

#define DEFINITIONS_MAX ((size_t)16 << 20)

int command_definitions(struct cli *cli)
{
    struct str dialect = cli->arguments[0];
    if (!str_eq(dialect, STR("sqlite")) && !str_eq(dialect, STR("postgresql"))) {
        cli_say(cli, "musubi: there is no dialect \"%.*s\"; allowed: sqlite, postgresql", STR_ARG(dialect));
        return CLI_USAGE;
    }
    BUF_AUTO out;
    buf_init(&out, DEFINITIONS_MAX);
    struct err err = {0};
    if (store_write_definitions(cli->model, dialect, &out, &err)) {
        return cli_fail(cli, &err);
    }
    cli_write(cli, buf_str(&out));
    return CLI_DONE;
}
