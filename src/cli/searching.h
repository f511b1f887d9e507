/* The search index as commands use it. */
#ifndef MUSUBI_CLI_SEARCHING_H
#define MUSUBI_CLI_SEARCHING_H

#include "cli/cli.h"
#include "search/search.h"

/* site/search.json; NULL when it cannot be read. */
const struct value *cli_search_rules(struct cli *cli);
/* The server's, or one opened for this command, which must be closed when *ret_own. */
int cli_search(struct cli *cli, struct search **ret_search, bool *ret_own, struct err *err);

#endif
