/* Arguments and help, by the tables. */
#include "cli/cli.h"

#include "base/message.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static size_t option_count(const struct cli_option *options)
{
    size_t count = 0;
    while (options && options[count].name) {
        count++;
    }
    return count;
}

/* Position of an option in a table, or its count. */
static size_t find_option(const struct cli_option *options, struct str name)
{
    size_t at = 0;
    while (options && options[at].name && !str_eq(str_from_cstr(options[at].name), name)) {
        at++;
    }
    return at;
}

/* The slot of an option that some table has. */
static const struct cli_option *locate(const struct cli *cli, const char *name, size_t *ret_index, bool *ret_common)
{
    struct str wanted = str_from_cstr(name);
    size_t at = find_option(cli->command->options, wanted);
    *ret_common = at == option_count(cli->command->options);
    *ret_index = *ret_common ? find_option(cli_common_options, wanted) : at;
    const struct cli_option *table = *ret_common ? cli_common_options : cli->command->options;
    assert(table && table[*ret_index].name);
    return &table[*ret_index];
}

struct str cli_option_value(const struct cli *cli, const char *name)
{
    size_t index;
    bool common;
    const struct cli_option *option = locate(cli, name, &index, &common);
    if (common ? cli->common_given[index] : cli->given[index]) {
        return common ? cli->common[index] : cli->values[index];
    }
    return str_from_cstr(option->otherwise);
}

bool cli_flag(const struct cli *cli, const char *name)
{
    size_t index;
    bool common;
    locate(cli, name, &index, &common);
    return common ? cli->common_given[index] : cli->given[index];
}

int64_t cli_number(const struct cli *cli, const char *name)
{
    int64_t number = 0;
    str_to_int64(cli_option_value(cli, name), &number);
    return number;
}

bool cli_wants_json(const struct cli *cli)
{
    return cli->command && cli_flag(cli, "json");
}

/* ---- help ---- */

static void print_options(struct cli *cli, const struct cli_option *options)
{
    for (size_t i = 0; i < option_count(options); i++) {
        char left[64];
        snprintf(left, sizeof(left), "--%s%s%s", options[i].name, options[i].value ? " " : "",
                 options[i].value ? options[i].value : "");
        const char *help = message_text(options[i].help);
        if (options[i].otherwise) {
            cli_print(cli, "  %-26s %s (default: %s)\n", left, help, options[i].otherwise);
        } else {
            cli_print(cli, "  %-26s %s\n", left, help);
        }
    }
}

static void print_usage(struct cli *cli, const struct cli_command *command)
{
    cli_print(cli, "usage: musubi %s%s%s [OPTION...]\n\n%s\n", command->name, command->arguments[0] ? " " : "",
              command->arguments, message_text(command->summary));
    if (option_count(command->options) > 0) {
        cli_print(cli, "\noptions:\n");
        print_options(cli, command->options);
    }
    cli_print(cli, "\noptions of every command:\n");
    print_options(cli, cli_common_options);
}

static void print_command_line(struct cli *cli, const struct cli_command *command)
{
    char left[64];
    snprintf(left, sizeof(left), "%s%s%s", command->name, command->arguments[0] ? " " : "", command->arguments);
    cli_print(cli, "  %-34s %s\n", left, message_text(command->summary));
}

static void print_overview(struct cli *cli)
{
    cli_print(cli, "usage: musubi COMMAND [ARGUMENT...] [OPTION...]\n\ncommands:\n");
    for (size_t i = 0; i < cli_command_count; i++) {
        print_command_line(cli, &cli_commands[i]);
    }
    cli_print(cli, "\noptions of every command:\n");
    print_options(cli, cli_common_options);
    cli_print(cli,
              "\nmusubi COMMAND --help says more about one. Exit codes: 0 done, 1 refused or failed, 2 wrong usage.\n");
}

/* ---- finding the command ---- */

/* Whether `word` is the whole name of a command (1), the first of its two words (2), or neither (0). */
static int match(const struct cli_command *command, struct str word)
{
    struct str name = str_from_cstr(command->name);
    if (str_eq(name, word)) {
        return 1;
    }
    return str_starts_with(name, word) && name.len > word.len && name.ptr[word.len] == ' ' ? 2 : 0;
}

static const struct cli_command *find_command(struct str name)
{
    for (size_t i = 0; i < cli_command_count; i++) {
        if (str_eq(str_from_cstr(cli_commands[i].name), name)) {
            return &cli_commands[i];
        }
    }
    return NULL;
}

static bool begins_some_command(struct str word)
{
    for (size_t i = 0; i < cli_command_count; i++) {
        if (match(&cli_commands[i], word) == 2) {
            return true;
        }
    }
    return false;
}

static int complain(struct cli *cli, const char *what, struct str about)
{
    cli_say(cli, "musubi: %s \"%.*s\"", message_text(what), STR_ARG(about));
    cli_say(cli, "try: musubi %s%s--help", cli->command ? cli->command->name : "", cli->command ? " " : "");
    return CLI_USAGE;
}

static int group_help(struct cli *cli, struct str word)
{
    cli_print(cli, "usage: musubi %.*s COMMAND\n\ncommands:\n", STR_ARG(word));
    for (size_t i = 0; i < cli_command_count; i++) {
        if (match(&cli_commands[i], word) == 2) {
            print_command_line(cli, &cli_commands[i]);
        }
    }
    return CLI_DONE;
}

/* ---- parsing ---- */

struct parse {
    struct cli *cli;
    struct str *words; /* what is left, NUL-terminated */
    size_t count;
    size_t at;
    bool help, version, options_ended;
};

/* Options of every command may stand before the command too, where only those are known. */
static int take_option(struct parse *parse, struct str word)
{
    struct cli *cli = parse->cli;
    struct str body = str_slice(word, 2, word.len);
    size_t equals = str_find_byte(body, '=');
    struct str name = str_slice(body, 0, equals);
    const struct cli_option *own = cli->command ? cli->command->options : NULL;
    bool common = find_option(own, name) == option_count(own);
    const struct cli_option *table = common ? cli_common_options : own;
    size_t at = find_option(table, name);
    if (!table || at == option_count(table)) {
        return complain(cli, "there is no option", word);
    }
    struct str value = str_slice(body, equals + 1, body.len);
    bool has_value = equals < body.len;
    if (table[at].kind == CLI_FLAG ? has_value : false) {
        return complain(cli, "this option takes no value:", word);
    }
    if (table[at].kind != CLI_FLAG && !has_value) {
        if (parse->at == parse->count) {
            return complain(cli, "a value must follow", word);
        }
        value = parse->words[parse->at++];
    }
    int64_t number;
    if (table[at].kind == CLI_NUMBER && (!str_to_int64(value, &number) || number < 0)) {
        return complain(cli, "a whole number from 0 on must follow this option, and not", value);
    }
    (common ? cli->common : cli->values)[at] = value;
    (common ? cli->common_given : cli->given)[at] = true;
    return -1;
}

static int take_word(struct parse *parse, struct str word)
{
    struct cli *cli = parse->cli;
    if (cli->command) {
        cli->arguments[cli->argument_count++] = word;
        return -1;
    }
    cli->command = find_command(word);
    if (!cli->command && begins_some_command(word)) {
        struct str second = parse->at < parse->count ? parse->words[parse->at] : STR("");
        struct str both = arena_concat(&cli->arena, 3, word, STR(" "), second);
        cli->command = find_command(both);
        if (!cli->command && (second.len == 0 || str_eq(second, STR("--help")))) {
            group_help(cli, word);
            return second.len == 0 ? CLI_USAGE : CLI_DONE;
        }
        word = both;
        parse->at++;
    }
    return cli->command ? -1 : complain(cli, "there is no command", word);
}

static int take_all(struct parse *parse)
{
    while (parse->at < parse->count) {
        struct str word = parse->words[parse->at++];
        int code;
        if (!parse->options_ended && str_eq(word, STR("--"))) {
            parse->options_ended = true;
            continue;
        }
        if (!parse->options_ended && (str_eq(word, STR("--help")) || str_eq(word, STR("-h")))) {
            parse->help = true;
            continue;
        }
        if (!parse->options_ended && str_eq(word, STR("--version"))) {
            parse->version = true;
            continue;
        }
        if (!parse->options_ended && str_starts_with(word, STR("--"))) {
            code = take_option(parse, word);
        } else if (!parse->options_ended && word.len > 1 && word.ptr[0] == '-') {
            code = complain(parse->cli, "there is no option", word);
        } else {
            code = take_word(parse, word);
        }
        if (code >= 0) {
            return code;
        }
    }
    return -1;
}

static int check_count(struct cli *cli)
{
    const struct cli_command *command = cli->command;
    bool few = cli->argument_count < (size_t)command->least_arguments;
    bool many = command->most_arguments >= 0 && cli->argument_count > (size_t)command->most_arguments;
    if (few || many) {
        cli_say(cli, "musubi: %s arguments; usage: musubi %s %s", message_text(few ? "too few" : "too many"),
                command->name, command->arguments);
        return CLI_USAGE;
    }
    return -1;
}

int cli_parse(struct cli *cli, int argc, const char *const *argv)
{
    struct parse parse = {.cli = cli, .count = argc > 0 ? (size_t)argc - 1 : 0};
    parse.words = ARENA_NEW_ARRAY(&cli->arena, parse.count, struct str);
    cli->arguments = ARENA_NEW_ARRAY(&cli->arena, parse.count, struct str);
    for (size_t i = 0; i < parse.count; i++) {
        parse.words[i] = str_from_cstr(argv[i + 1]);
    }
    int code = take_all(&parse);
    if (code >= 0) {
        return code;
    }
    if (parse.version) {
        cli_print(cli, "musubi %s\n", MUSUBI_VERSION);
        return CLI_DONE;
    }
    if (parse.help) {
        if (cli->command) {
            print_usage(cli, cli->command);
        } else {
            print_overview(cli);
        }
        return CLI_DONE;
    }
    if (!cli->command) {
        cli_say(cli, "usage: musubi COMMAND [ARGUMENT...] [OPTION...]\ntry: musubi --help");
        return CLI_USAGE;
    }
    return check_count(cli);
}
