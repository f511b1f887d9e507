#include "cli/commands.h"

const struct cli_option config_options[] = {
    {"config", CLI_TEXT, "FILE", NULL, "the settings file; else MUSUBI_CONFIG, else musubi.conf in the data folder"},
    {"example", CLI_FLAG, NULL, NULL, "print a settings file that explains every setting"},
    {0},
};

static void print_table(struct cli *cli, const struct settings *settings)
{
    for (size_t i = 0; i < settings_count; i++) {
        cli_print(cli, "%-28s = %-20.*s # %.*s\n", settings_rows[i].name, STR_ARG(settings->values[i]),
                  STR_ARG(settings->from[i]));
    }
}

static void print_json(struct cli *cli, const struct settings *settings)
{
    struct value *list = value_list(&cli->arena);
    for (size_t i = 0; i < settings_count; i++) {
        struct value *row = value_object(&cli->arena);
        value_set_text(&cli->arena, row, STR("name"), str_from_cstr(settings_rows[i].name));
        value_set_text(&cli->arena, row, STR("value"), settings->values[i]);
        value_set_text(&cli->arena, row, STR("from"), settings->from[i]);
        value_set_text(&cli->arena, row, STR("default"), str_from_cstr(settings_rows[i].otherwise));
        value_set_text(&cli->arena, row, STR("help"), str_from_cstr(settings_rows[i].help));
        value_append(&cli->arena, list, row);
    }
    cli_print_json(cli, list);
}

int command_config(struct cli *cli)
{
    struct settings settings;
    if (cli_flag(cli, "example")) {
        cli_write(cli, settings_example(&cli->arena));
        return CLI_DONE;
    }
    if (cli_settings(cli, &settings)) {
        return CLI_REFUSED;
    }
    if (cli_wants_json(cli)) {
        print_json(cli, &settings);
    } else {
        print_table(cli, &settings);
    }
    return CLI_DONE;
}
