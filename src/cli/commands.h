/* What each command does: one function and one table of options a file, listed in table.c. */
#ifndef MUSUBI_CLI_COMMANDS_H
#define MUSUBI_CLI_COMMANDS_H

#include "cli/cli.h"

extern const struct cli_option load_options[];
extern const struct cli_option import_options[];
int command_load(struct cli *cli);
int command_import(struct cli *cli);
extern const struct cli_option papers_options[];
int command_papers(struct cli *cli);
extern const struct cli_option propose_options[];
int command_propose(struct cli *cli);
extern const struct cli_option export_options[];
int command_export(struct cli *cli);
int command_check(struct cli *cli);
extern const struct cli_option index_options[];
int command_index(struct cli *cli);
extern const struct cli_option find_options[];
int command_find(struct cli *cli);
int command_backup(struct cli *cli);
extern const struct cli_option serve_options[];
int command_serve(struct cli *cli);
extern const struct cli_option config_options[];
int command_config(struct cli *cli);
int command_model_check(struct cli *cli);
int command_definitions(struct cli *cli);
extern const struct cli_option history_options[];
extern const struct cli_option measure_options[];
int command_history(struct cli *cli);
extern const struct cli_option hub_index_options[];
int command_hub_index(struct cli *cli);
int command_measure(struct cli *cli);
extern const struct cli_option completeness_options[];
int command_completeness(struct cli *cli);
extern const struct cli_option redact_options[];
int command_redact(struct cli *cli);
extern const struct cli_option rename_options[];
int command_rename(struct cli *cli);
extern const struct cli_option merge_options[];
int command_merge(struct cli *cli);
extern const struct cli_option change_list_options[];
int command_change_list(struct cli *cli);
int command_change_show(struct cli *cli);
extern const struct cli_option change_accept_options[];
int command_change_accept(struct cli *cli);
extern const struct cli_option change_return_options[];
int command_change_return(struct cli *cli);

extern const struct cli_option edition_freeze_options[];
int command_edition_freeze(struct cli *cli);
extern const struct cli_option publish_options[];
int command_publish(struct cli *cli);
int command_edition_list(struct cli *cli);
int command_edition_diff(struct cli *cli);
extern const struct cli_option translation_mark_options[];
int command_translation_mark(struct cli *cli);
extern const struct cli_option edition_erratum_options[];
int command_edition_erratum(struct cli *cli);

extern const struct cli_option enquiry_list_options[];
int command_enquiry_list(struct cli *cli);
int command_enquiry_show(struct cli *cli);
extern const struct cli_option enquiry_answer_options[];
int command_enquiry_answer(struct cli *cli);
extern const struct cli_option enquiry_forward_options[];
int command_enquiry_forward(struct cli *cli);
extern const struct cli_option enquiry_close_options[];
int command_enquiry_close(struct cli *cli);
extern const struct cli_option enquiry_erase_options[];
int command_enquiry_erase(struct cli *cli);

#endif
