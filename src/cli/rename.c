#include "cli/commands.h"
#include "cli/edit.h"

const struct cli_option rename_options[] = {EDIT_REASON_OPTION, EDIT_AUTHOR_OPTION, {0}};

static int fill(void *context, struct change_set *changes, struct err *err)
{
    const struct edit *edit = context;
    return change_rename(changes, edit->reg, edit->cli->arguments[1], edit->cli->arguments[2], err);
}

int command_rename(struct cli *cli)
{
    return cli_edit(cli, fill);
}
