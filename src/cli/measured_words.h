/* Why an indicator that names a measure cannot be computed, in the secretariat's words. */
#ifndef MUSUBI_CLI_MEASURED_WORDS_H
#define MUSUBI_CLI_MEASURED_WORDS_H

#include "cli/cli.h"
#include "insight/measured.h"

/* Says nothing where nothing is wrong. `part` is the role "index"; indicator and measure are their names. */
void cli_say_measured(struct cli *cli, const struct value *part, enum measured_problem problem, struct str indicator,
                      struct str measure);
/* The same of every indicator on record. A model without the role has none. */
int cli_say_all_measured(struct cli *cli, struct err *err);

#endif
