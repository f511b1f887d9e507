#include "web/publish.h"
#include "cli/commands.h"

#include <string.h>

const struct cli_option publish_options[] = {
    {"out", CLI_TEXT, "DIR", NULL, "the folder to write: new, empty, or an earlier publish"},
    {"edition", CLI_TEXT, "NAME", NULL, "the site as it was in that edition"},
    {"url", CLI_TEXT, "URL", NULL, "where it will stand, with a path where it stands below one; else public_url"},
    {"live", CLI_TEXT, "URL", NULL,
     "a site with a server, for what needs one; else public_url where --url names another place"},
    {"config", CLI_TEXT, "FILE", NULL, "the settings file; else MUSUBI_CONFIG, else musubi.conf in the data folder"},
    {0},
};

static bool cancelled(void *context)
{
    struct cli *cli = context;
    return cli->cancelled != NULL && cli->cancelled(cli->cancel_context);
}

static void progress(void *context, uint64_t pages, uint64_t waiting)
{
    cli_say(context, "%llu pages, %llu more known", (unsigned long long)pages, (unsigned long long)waiting);
}

static void broken(void *context, struct str line)
{
    cli_say(context, "%.*s", STR_ARG(line));
}

/* A web address without a query, a fragment or anything that would have to be escaped. */
static bool is_plain_url(struct str url)
{
    struct str rest = url;
    if (url.len > 500 || (!str_take(&rest, STR("https://")) && !str_take(&rest, STR("http://"))) || rest.len == 0) {
        return false;
    }
    for (size_t i = 0; i < rest.len; i++) {
        char c = rest.ptr[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     memchr(".-:[]/_~", c, 8) != NULL;
        if (!plain) {
            return false;
        }
    }
    return true;
}

/* Without slashes at its end. */
static int read_url(struct cli *cli, const char *name, struct str otherwise, struct str *ret_url)
{
    struct str url = cli_flag(cli, name) ? cli_option_value(cli, name) : otherwise;
    struct err err;
    if (url.len > 0 && !is_plain_url(url)) {
        err_set(&err, ERR_INVALID,
                "--%s is \"%.*s\"; allowed: an address as https://example.org or "
                "https://example.org/2026",
                name, STR_ARG(str_slice(url, 0, 200)));
        return cli_fail(cli, &err);
    }
    while (str_ends_with(url, STR("/"))) {
        url = str_slice(url, 0, url.len - 1);
    }
    *ret_url = url;
    return 0;
}

static int configure(struct cli *cli, struct publish_config *config)
{
    struct settings settings;
    struct str own;
    if (cli_settings(cli, &settings)) {
        return CLI_REFUSED;
    }
    own = settings_text(&settings, "public_url");
    if (read_url(cli, "url", own, &config->url)) {
        return CLI_REFUSED;
    }
    if (read_url(cli, "live", str_eq(config->url, own) ? STR("") : own, &config->live)) {
        return CLI_REFUSED;
    }
    if (cli_flag(cli, "edition") && cli_edition(cli, cli_option_value(cli, "edition"), &config->edition)) {
        return CLI_REFUSED;
    }
    return 0;
}

static void print_result(struct cli *cli, const struct publish_result *result)
{
    cli_print(cli, "%llu pages, %llu files, %llu bytes; %llu written, %llu as they were, %llu removed; %llu titles\n",
              (unsigned long long)result->pages, (unsigned long long)result->files, (unsigned long long)result->bytes,
              (unsigned long long)result->written, (unsigned long long)result->unchanged,
              (unsigned long long)result->removed, (unsigned long long)result->titles);
    cli_say(cli, "%.1f seconds, %.0f pages a second", result->seconds, (double)result->pages / result->seconds);
    if (result->rate[0] > 0) {
        struct str rates = STR("");
        for (int i = 0; i < PUBLISH_TENTHS; i++) {
            rates = arena_format(&cli->arena, "%.*s %.0f", STR_ARG(rates), result->rate[i]);
        }
        cli_say(cli, "by tenths:%.*s", STR_ARG(rates));
    }
}

static void set_number(struct cli *cli, struct value *object, const char *name, uint64_t number)
{
    value_set(&cli->arena, object, str_from_cstr(name), value_int(&cli->arena, (int64_t)number));
}

static void print_json(struct cli *cli, const struct publish_result *result)
{
    struct value *answer = value_object(&cli->arena), *rates = value_list(&cli->arena);
    struct decimal number;
    set_number(cli, answer, "pages", result->pages);
    set_number(cli, answer, "files", result->files);
    set_number(cli, answer, "bytes", result->bytes);
    set_number(cli, answer, "written", result->written);
    set_number(cli, answer, "unchanged", result->unchanged);
    set_number(cli, answer, "removed", result->removed);
    set_number(cli, answer, "titles", result->titles);
    set_number(cli, answer, "broken", result->broken);
    set_number(cli, answer, "milliseconds", (uint64_t)(result->seconds * 1000));
    for (int i = 0; i < PUBLISH_TENTHS; i++) {
        if (decimal_from_double(result->rate[i], &number)) {
            value_append(&cli->arena, rates, value_number(&cli->arena, number));
        }
    }
    value_set(&cli->arena, answer, STR("pages_a_second_by_tenths"), rates);
    cli_print_json(cli, answer);
}

int command_publish(struct cli *cli)
{
    struct publish_config config = {.cancelled = cancelled, .progress = progress, .broken = broken, .context = cli};
    struct publish_result result = {0};
    struct err err = {0};
    if (!cli_flag(cli, "out")) {
        cli_say(cli, "musubi: publish needs --out DIR");
        return CLI_USAGE;
    }
    if (configure(cli, &config)) {
        return CLI_REFUSED;
    }
    config.folder = cli_path(cli, cli_option_value(cli, "out")).ptr;
    if (publish(cli->store, &config, &result, &err)) {
        return cli_fail(cli, &err);
    }
    if (cli_wants_json(cli)) {
        print_json(cli, &result);
    } else {
        print_result(cli, &result);
    }
    if (result.broken > 0) {
        err_set(&err, ERR_CONFLICT, "%llu links lead nowhere; everything else is written",
                (unsigned long long)result.broken);
        cli_say(cli, "musubi: %s", err.message);
        return CLI_REFUSED;
    }
    return CLI_DONE;
}
