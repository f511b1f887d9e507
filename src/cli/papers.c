/* The print set of a meeting, closed parts included: HTML for paper, on standard output. */
#include "cli/commands.h"
#include "web/serve.h"

const struct cli_option papers_options[] = {
    {"lang", CLI_TEXT, "LANG", "ja", "ja or en"},
    {"public-url", CLI_TEXT, "URL", NULL, "what links begin with, https://HOST; without it they lead nowhere on paper"},
    {"public", CLI_FLAG, NULL, NULL, "only what the public sees on the web"},
    {0},
};

int command_papers(struct cli *cli)
{
    struct str lang_code = cli_option_value(cli, "lang");
    struct str html;
    struct err err = {0};
    enum lang lang;
    if (!lang_from_code(lang_code, &lang)) {
        cli_say(cli, "musubi: \"%.*s\" is no language of the pages; allowed: ja, en", STR_ARG(lang_code));
        return CLI_USAGE;
    }
    if (!id_is_valid(cli->arguments[0])) {
        cli_say(cli, "musubi: \"%.*s\" is no id of a meeting", STR_ARG(cli->arguments[0]));
        return CLI_USAGE;
    }
    struct str target =
        arena_concat(&cli->arena, 4, STR("/"), lang_codes[lang], STR("/plan/meeting/"), cli->arguments[0]);
    if (serve_page(cli->store, target, cli_flag(cli, "public") ? VISIBILITY_PUBLIC : VISIBILITY_SECRETARIAT,
                   cli_option_value(cli, "public-url"), &cli->arena, &html, &err)) {
        err_prefix(&err, "meeting %.*s", STR_ARG(cli->arguments[0]));
        return cli_fail(cli, &err);
    }
    cli_write(cli, html);
    return CLI_DONE;
}
