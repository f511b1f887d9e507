/* Outside sources: `musubi import KIND FILE…`. */
#include "exchange/import.h"
#include "cli/commands.h"

#include "base/file.h"
#include "base/message.h"

#define MAP_BYTES_MAX ((size_t)1 << 20)

const struct cli_option import_options[] = {
    {"dry-run", CLI_FLAG, NULL, NULL, "say what would change and change nothing"},
    {"map", CLI_TEXT, "FILE", NULL, "for sheet: which column fills which field (JSON)"},
    {"as", CLI_TEXT, "SENDER", NULL,
     "for sheet: whose it is; remembers the mapping given, else uses the one remembered"},
    {"author", CLI_TEXT, "NAME", NULL, "who imports; default: the kind"},
    {"reason", CLI_TEXT, "TEXT", NULL, "why; default: \"import of\" the kind"},
    {0},
};

static const char *note_name(enum import_note_kind kind)
{
    return kind == IMPORT_UNMATCHED ? "unmatched" : kind == IMPORT_SKIPPED ? "skipped" : "differs";
}

static void report_json(struct cli *cli, const struct import_result *result)
{
    struct arena *arena = &cli->arena;
    struct value *answer = value_object(arena);
    struct value *notes = value_list(arena);
    struct write_outcome outcome = {.change_set = result->change_set,
                                    .last_seq = store_last_seq(cli->store),
                                    .created = result->created,
                                    .updated = result->updated,
                                    .unchanged = result->unchanged};
    value_set(arena, answer, STR("read"), value_int(arena, result->read));
    cli_set_outcome(cli, answer, &outcome);
    value_set(arena, answer, STR("mapping_remembered"), value_bool(arena, result->remembered));
    value_set(arena, answer, STR("unmatched"), value_int(arena, result->unmatched));
    value_set(arena, answer, STR("skipped"), value_int(arena, result->skipped));
    value_set(arena, answer, STR("differs"), value_int(arena, result->differs));
    for (size_t i = 0; i < result->note_count; i++) {
        struct value *note = value_object(arena);
        value_set_text(arena, note, STR("kind"), str_from_cstr(note_name(result->notes[i].kind)));
        value_set_text(arena, note, STR("where"), result->notes[i].where);
        value_set_text(arena, note, STR("text"), result->notes[i].text);
        value_append(arena, notes, note);
    }
    value_set(arena, answer, STR("notes"), notes);
    cli_print_json(cli, answer);
}

static void report(struct cli *cli, const struct import_result *result)
{
    if (cli_wants_json(cli)) {
        report_json(cli, result);
        return;
    }
    for (size_t i = 0; i < result->note_count; i++) {
        cli_print(cli, "%s: %.*s: %.*s\n", note_name(result->notes[i].kind), STR_ARG(result->notes[i].where),
                  STR_ARG(result->notes[i].text));
    }
    if (result->remembered) {
        cli_print(cli, "%sthe mapping of %.*s is remembered\n",
                  cli_flag(cli, "dry-run") ? message_text("would be: ") : "",
                  STR_ARG(str_trim(cli_option_value(cli, "as"))));
    }
    cli_print(cli,
              "%s%lld read: %lld created, %lld updated, %lld unchanged; %lld unmatched, %lld skipped, %lld differ\n",
              cli_flag(cli, "dry-run") ? message_text("would be: ") : "", (long long)result->read,
              (long long)result->created, (long long)result->updated, (long long)result->unchanged,
              (long long)result->unmatched, (long long)result->skipped, (long long)result->differs);
}

static int read_map(struct cli *cli, struct import_options *options)
{
    struct err err = {0};
    options->map_shown = cli_option_value(cli, "map");
    if (options->map_shown.len == 0 && options->sender.len > 0) {
        return CLI_DONE;
    }
    if (options->map_shown.len == 0) {
        cli_say(
            cli,
            "musubi: import sheet needs --map FILE: which column fills which field; or --as SENDER whose mapping is remembered");
        return CLI_USAGE;
    }
    if (file_read(&cli->arena, cli_path(cli, options->map_shown).ptr, MAP_BYTES_MAX, &options->map, &err)) {
        return cli_fail(cli, &err);
    }
    return CLI_DONE;
}

int command_import(struct cli *cli)
{
    struct str kind = cli->arguments[0];
    size_t count = cli->argument_count - 1;
    struct import_file *files = ARENA_NEW_ARRAY(&cli->arena, count, struct import_file);
    struct import_options options = {
        .dry_run = cli_flag(cli, "dry-run"),
        .author = cli_option_value(cli, "author"),
        .reason = cli_option_value(cli, "reason"),
        .sender = str_trim(cli_option_value(cli, "as")),
    };
    struct import_result result = {0};
    struct err err = {0};
    if (!import_kind_is_known(kind)) {
        cli_say(cli, "musubi: \"%.*s\" is no kind of import; allowed: edinet, gbizinfo, corporate-number, sheet",
                STR_ARG(kind));
        return CLI_USAGE;
    }
    if (options.sender.len > 0 && !str_eq(kind, STR("sheet"))) {
        cli_say(cli, "musubi: --as is for sheet alone");
        return CLI_USAGE;
    }
    if (str_eq(kind, STR("sheet"))) {
        int code = read_map(cli, &options);
        if (code != CLI_DONE) {
            return code;
        }
    }
    for (size_t i = 0; i < count; i++) {
        files[i] = (struct import_file){.path = cli_path(cli, cli->arguments[i + 1]), .shown = cli->arguments[i + 1]};
    }
    if (import_run(cli->store, kind, files, count, &options, &cli->arena, &result, &err)) {
        return cli_fail(cli, &err);
    }
    report(cli, &result);
    return CLI_DONE;
}
