#include "web/serve.h"
#include "cli/commands.h"
#include "cli/handover.h"
#include "cli/searching.h"

#include "base/file.h"
#include "base/log.h"

#include <stdlib.h>

const struct cli_option serve_options[] = {
    {"config", CLI_TEXT, "FILE", NULL, "the settings file; else MUSUBI_CONFIG, else musubi.conf in the data folder"},
    {"listen", CLI_TEXT, "ADDRESS", NULL, "where to listen; port 0 takes a free one"},
    {"public-url", CLI_TEXT, "URL", NULL, "how the outside names this server"},
    {"trusted-proxy", CLI_TEXT, "ADDRESS", NULL, "the proxy in front, whose X-Forwarded headers are believed"},
    {"threads", CLI_NUMBER, "N", NULL, "threads that answer; 0: as many as suit the machine"},
    {0},
};

#define COMMANDS_GRACE_MS 10000
#define PASSWORD_MAX 4096

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

/* ---- settings ---- */

/* The file that was named, or the one in the data folder if it is there. */
static const char *settings_path(struct cli *cli)
{
    const char *named = getenv("MUSUBI_CONFIG");
    if (cli_flag(cli, "config")) {
        return cli_path(cli, cli_option_value(cli, "config")).ptr;
    }
    if (named != NULL && *named) {
        return cli_path(cli, str_from_cstr(named)).ptr;
    }
    struct str usual = file_join(&cli->arena, cli_data_folder(cli), STR("musubi.conf"));
    return file_exists(usual.ptr) ? usual.ptr : NULL;
}

int cli_settings(struct cli *cli, struct settings *ret_settings)
{
    struct problems problems;
    struct err err = {0};
    problems_init(&problems, &cli->arena);
    if (settings_read(settings_path(cli), &cli->arena, &problems, ret_settings, &err) != 0) {
        return problems.count > 0 ? cli_fail_with_problems(cli, &problems, &err) : cli_fail(cli, &err);
    }
    return 0;
}

static int apply_options(struct cli *cli, struct settings *settings)
{
    static const char *const pairs[][2] = {
        {"listen", "listen"}, {"public-url", "public_url"}, {"trusted-proxy", "trusted_proxy"}, {"threads", "threads"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct err err = {0};
        if (cli_flag(cli, pairs[i][0]) &&
            settings_set(settings, pairs[i][1], cli_option_value(cli, pairs[i][0]), &cli->arena, &err) != 0) {
            return cli_fail(cli, &err);
        }
    }
    return 0;
}

static const char *text_or_null(const struct settings *settings, const char *name)
{
    struct str text = settings_text(settings, name);
    return text.len > 0 ? text.ptr : NULL;
}

static void configure(struct serve_config *config, const struct settings *settings)
{
    struct http_config *http = &config->http;
    http->listen = settings_text(settings, "listen").ptr;
    http->trusted_proxy = text_or_null(settings, "trusted_proxy");
    if (settings_number(settings, "threads") > 0) {
        http->threads = (int)settings_number(settings, "threads");
    }
    http->slow_threads = (int)settings_number(settings, "slow_threads");
    http->max_connections = (int)settings_number(settings, "max_connections");
    http->max_connections_per_address = (int)settings_number(settings, "max_connections_per_address");
    http->header_deadline_ms = (int)settings_number(settings, "header_deadline_ms");
    http->body_deadline_ms = (int)settings_number(settings, "body_deadline_ms");
    http->idle_timeout_ms = (int)settings_number(settings, "idle_timeout_ms");
    http->max_header_bytes = (size_t)settings_number(settings, "max_header_bytes");
    http->max_body_bytes = (size_t)settings_number(settings, "max_body_bytes");
    config->public_url = text_or_null(settings, "public_url");
    config->map_tiles = text_or_null(settings, "map_tiles");
    config->map_tiles_credit = text_or_null(settings, "map_tiles_credit");
    config->cache_bytes = (size_t)settings_number(settings, "cache_bytes");
    config->grace_ms = (int)settings_number(settings, "grace_ms");
    config->log_requests = settings_flag(settings, "log_requests");
}

/* The first line of the password's file. */
static int read_password(struct cli *cli, struct str path, struct str *ret_password)
{
    struct err err = {0};
    struct str content;
    if (path.len == 0) {
        return 0;
    }
    if (file_read(&cli->arena, cli_path(cli, path).ptr, PASSWORD_MAX, &content, &err) != 0) {
        return cli_fail(cli, &err);
    }
    *ret_password = str_trim(str_slice(content, 0, str_find_byte(content, '\n')));
    return 0;
}

static int configure_desk(struct cli *cli, struct serve_config *config, const struct settings *settings)
{
    config->guard.least_fill_ms = (int)settings_number(settings, "form_least_ms");
    config->guard.each_an_hour = (int)settings_number(settings, "enquiries_each_an_hour");
    config->guard.total_an_hour = (int)settings_number(settings, "enquiries_an_hour");
    config->desk.smtp.url = settings_text(settings, "smtp_url");
    config->desk.smtp.user = settings_text(settings, "smtp_user");
    config->desk.smtp.ca_file = settings_text(settings, "smtp_ca_file");
    config->desk.from = settings_text(settings, "mail_from");
    config->desk.first_retry_ms = (int)settings_number(settings, "mail_retry_ms");
    return read_password(cli, settings_text(settings, "smtp_password_file"), &config->desk.smtp.password);
}

static void set_log_level(struct str word)
{
    static const struct str words[] = {
        [LOG_DEBUG] = {"debug", 5}, [LOG_INFO] = {"info", 4}, [LOG_WARN] = {"warn", 4}, [LOG_ERROR] = {"error", 5}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (str_eq(words[i], word)) {
            log_set_level((enum log_level)i);
        }
    }
}

/* ---- serving ---- */

int command_serve(struct cli *cli)
{
    struct serving serving = {.cli = cli};
    struct serve_config config = serve_config_default();
    struct settings settings;
    if (cli_settings(cli, &settings) || apply_options(cli, &settings)) {
        return CLI_REFUSED;
    }
    configure(&config, &settings);
    if (configure_desk(cli, &config, &settings)) {
        return CLI_REFUSED;
    }
    set_log_level(settings_text(&settings, "log_level"));
    config.ready = ready;
    config.context = &serving;
    struct err err = {0};
    struct search_config searching = {.store = cli->store,
                                      .rules = cli_search_rules(cli),
                                      .follow = true,
                                      .budget_us = settings_number(&settings, "search_cpu_us")};
    struct search *search = NULL;
    if (search_open(&searching, &search, &err)) {
        return cli_fail(cli, &err);
    }
    config.search = search;
    int failed = serve_run(cli->store, &config, &err);
    handover_stop(serving.commands, COMMANDS_GRACE_MS);
    search_close(search);
    return failed ? cli_fail(cli, &err) : CLI_DONE;
}
