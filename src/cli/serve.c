#include "web/serve.h"
#include "cli/commands.h"
#include "cli/handover.h"

#include "base/file.h"

const struct cli_option serve_options[] = {
    {"listen", CLI_TEXT, "ADDRESS", "127.0.0.1:8080", "where to listen; port 0 takes a free one"},
    {"public-url", CLI_TEXT, "URL", NULL, "how the outside names this server"},
    {"trusted-proxy", CLI_TEXT, "ADDRESS", NULL, "the proxy in front, whose X-Forwarded headers are believed"},
    {"threads", CLI_NUMBER, "N", "0", "threads that answer; 0: as many as suit the machine"},
    {0},
};

#define COMMANDS_GRACE_MS 10000

struct serving {
    struct cli *cli;
    struct handover_server *commands;
};

/* Commands are taken as soon as requests are, so that whoever waits for the address may send both. */
static int ready(void *context, struct str url, struct err *err)
{
    struct serving *serving = context;
    if (handover_start(serving->cli->store, &serving->commands, err)) {
        return -1;
    }
    cli_print(serving->cli, "%.*s\n", STR_ARG(url));
    return 0;
}

static bool has_sample(struct cli *cli)
{
    return file_exists(file_join(&cli->arena, str_from_cstr(store_folder(cli->store)), STR(SAMPLE_MARK)).ptr);
}

int command_serve(struct cli *cli)
{
    struct serving serving = {.cli = cli};
    struct serve_config config = serve_config_default();
    config.http.listen = cli_option_value(cli, "listen").ptr;
    if (cli_flag(cli, "trusted-proxy")) {
        config.http.trusted_proxy = cli_option_value(cli, "trusted-proxy").ptr;
    }
    if (cli_number(cli, "threads") > 0) {
        config.http.threads = (int)(cli_number(cli, "threads") > 256 ? 256 : cli_number(cli, "threads"));
    }
    if (cli_flag(cli, "public-url")) {
        config.public_url = cli_option_value(cli, "public-url").ptr;
    }
    config.sample = has_sample(cli);
    config.ready = ready;
    config.context = &serving;
    struct err err = {0};
    int failed = serve_run(cli->store, &config, &err);
    handover_stop(serving.commands, COMMANDS_GRACE_MS);
    return failed ? cli_fail(cli, &err) : CLI_DONE;
}
