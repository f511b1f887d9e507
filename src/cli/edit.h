/* What rename, merge and redact have in common: one change set with an author and a reason. */
#ifndef MUSUBI_CLI_EDIT_H
#define MUSUBI_CLI_EDIT_H

#include "cli/cli.h"

#define EDIT_AUTHOR_OPTION                                       \
    {                                                            \
        "author", CLI_TEXT, "NAME", "secretariat", "who does it" \
    }
#define EDIT_REASON_OPTION                                     \
    {                                                          \
        "reason", CLI_TEXT, "TEXT", NULL, "why; must be given" \
    }

struct edit {
    struct cli *cli;
    const struct reg *reg;
};

/* Runs `fill` (its context is a struct edit) with the register of the first argument; says what came of it. */
int cli_edit(struct cli *cli, int (*fill)(void *edit, struct change_set *changes, struct err *err));

#endif
