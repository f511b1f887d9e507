#include "cli/commands.h"

const struct cli_option cli_common_options[] = {
    {"data", CLI_TEXT, "DIR", NULL, "the data folder; else MUSUBI_DATA, else ./var"},
    {"store", CLI_TEXT, "URL", NULL, "the store, sqlite: in the data folder; else MUSUBI_STORE"},
    {"model", CLI_TEXT, "DIR", NULL, "registers and vocabularies instead of the built-in ones"},
    {"json", CLI_FLAG, NULL, NULL, "results for machines"},
    {"help", CLI_FLAG, NULL, NULL, "this text"},
    {"version", CLI_FLAG, NULL, NULL, "the version"},
    {0},
};

const struct cli_command cli_commands[] = {
    {"load", "PACK...", "Fills registers from data packages, all or nothing.", load_options, 1, -1, CLI_NEEDS_STORE,
     command_load},
    {"export", "", "Writes the public registers as a data package that can be loaded.", export_options, 0, 0,
     CLI_NEEDS_STORE, command_export},
    {"check", "", "Proves the store sound: database, references, revisions, past, counters.", NULL, 0, 0,
     CLI_NEEDS_STORE, command_check},
    {"backup", "FILE", "Writes a consistent copy of the store, also while it serves.", NULL, 1, 1, CLI_NEEDS_STORE,
     command_backup},
    {"history", "REGISTER ID", "Shows the revisions of a record, newest first.", history_options, 2, 2, CLI_NEEDS_STORE,
     command_history},
    {"rename", "REGISTER ID NEW-ID", "Gives a record another id; the old one leads to it for good.", rename_options, 3,
     3, CLI_NEEDS_STORE, command_rename},
    {"merge", "REGISTER ID INTO-ID", "Ends a record that is the same as another; its id leads there for good.",
     merge_options, 3, 3, CLI_NEEDS_STORE, command_merge},
    {"redact", "REGISTER ID [FIELD...]",
     "Takes personal fields (or those named) of a record out of the present and the past, for good.", redact_options, 2,
     -1, CLI_NEEDS_STORE, command_redact},
    {"change list", "", "Lists proposed changes, open ones first.", change_list_options, 0, 0, CLI_NEEDS_STORE,
     command_change_list},
    {"change show", "NUMBER", "Shows a proposal and what it would change.", NULL, 1, 1, CLI_NEEDS_STORE,
     command_change_show},
    {"change accept", "NUMBER", "Accepts a proposal, whole or in part.", change_accept_options, 1, 1, CLI_NEEDS_STORE,
     command_change_accept},
    {"change return", "NUMBER", "Sends a proposal back.", change_return_options, 1, 1, CLI_NEEDS_STORE,
     command_change_return},
    {"model check", "[DIR]", "Checks the built-in model, or one in a folder.", NULL, 0, 1, CLI_NEEDS_NOTHING,
     command_model_check},
    {"definitions", "sqlite|postgresql", "Prints the SQL that defines the tables of the model.", NULL, 1, 1,
     CLI_NEEDS_MODEL, command_definitions},
};
const size_t cli_command_count = sizeof(cli_commands) / sizeof(cli_commands[0]);
