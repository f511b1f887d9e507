#include "exchange/load.h"
#include "cli/commands.h"

#include "base/date.h"
#include "base/message.h"

#include <stdio.h>
#include <unistd.h>

const struct cli_option load_options[] = {
    {"dry-run", CLI_FLAG, NULL, NULL, "say what would change and change nothing"},
    {"if-empty", CLI_FLAG, NULL, NULL, "do nothing when the store has records"},
    {"prune", CLI_FLAG, NULL, NULL, "delete records that are gone from the pack and that nobody changed since"},
    {"sample", CLI_FLAG, NULL, NULL, "allow packs of invented records; every page will say so"},
    {"author", CLI_TEXT, "NAME", NULL, "who loads; default: the packs' names"},
    {"reason", CLI_TEXT, "TEXT", NULL, "why; default: \"load of\" the packs"},
    {0},
};

#define PROGRESS_EVERY_MS 200

/* On a terminal: one line that is written again and again. */
struct progress {
    struct cli *cli;
    bool shown;
    int64_t begun_ms;
    int64_t last_ms;
};

static void show_progress(void *context, const struct load_progress *at)
{
    struct progress *progress = context;
    int64_t now = time_now_ms();
    if (!isatty(progress->cli->err) || now - progress->last_ms < PROGRESS_EVERY_MS) {
        return;
    }
    progress->last_ms = now;
    progress->shown = true;
    int64_t ms = now > progress->begun_ms ? now - progress->begun_ms : 1;
    double share = at->total_bytes > 0 ? 100.0 * (double)at->bytes / (double)at->total_bytes : 100.0;
    dprintf(progress->cli->err, "\r%12llu rows %9.0f rows/s %5.1f %% ", (unsigned long long)at->rows,
            (double)at->rows * 1000.0 / (double)ms, share);
}

static void end_progress(struct progress *progress)
{
    if (progress->shown) {
        dprintf(progress->cli->err, "\r\033[K");
    }
}

static bool is_cancelled(void *context)
{
    struct progress *progress = context;
    struct cli *cli = progress->cli;
    return cli->cancelled && cli->cancelled(cli->cancel_context);
}

static void report(struct cli *cli, const struct load_result *result, bool dry_run)
{
    if (!cli_wants_json(cli)) {
        cli_print(cli, "%s%lld created, %lld updated, %lld deleted, %lld unchanged\n",
                  dry_run ? message_text("would be: ") : "", (long long)result->created, (long long)result->updated,
                  (long long)result->deleted, (long long)result->unchanged);
        if (result->gone > 0) {
            cli_print(cli, "%lld no longer in the pack stay; --prune would delete them\n", (long long)result->gone);
        }
        return;
    }
    struct value *answer = value_object(&cli->arena);
    struct write_outcome outcome = {.change_set = result->change_set,
                                    .last_seq = result->last_seq,
                                    .created = result->created,
                                    .updated = result->updated,
                                    .deleted = result->deleted,
                                    .unchanged = result->unchanged};
    value_set(&cli->arena, answer, STR("dry_run"), value_bool(&cli->arena, dry_run));
    value_set(&cli->arena, answer, STR("rows"), value_int(&cli->arena, (int64_t)result->rows));
    cli_set_outcome(cli, answer, &outcome);
    value_set(&cli->arena, answer, STR("gone"), value_int(&cli->arena, result->gone));
    cli_print_json(cli, answer);
}

static int load(struct cli *cli)
{
    struct load_source *sources = ARENA_NEW_ARRAY(&cli->arena, cli->argument_count, struct load_source);
    for (size_t i = 0; i < cli->argument_count; i++) {
        sources[i] = (struct load_source){.folder = cli_path(cli, cli->arguments[i]), .shown = cli->arguments[i]};
    }
    struct progress progress = {.cli = cli, .begun_ms = time_now_ms()};
    struct load_options options = {
        .dry_run = cli_flag(cli, "dry-run"),
        .prune = cli_flag(cli, "prune"),
        .sample = cli_flag(cli, "sample"),
        .author = cli_option_value(cli, "author"),
        .reason = cli_option_value(cli, "reason"),
        .progress = show_progress,
        .cancelled = is_cancelled,
        .context = &progress,
    };
    struct problems problems;
    problems_init(&problems, &cli->arena);
    struct load_result result;
    struct err err = {0};
    int failed = pack_load(cli->store, sources, cli->argument_count, &options, &problems, &result, &err);
    end_progress(&progress);
    if (failed) {
        return cli_fail_with_problems(cli, &problems, &err);
    }
    report(cli, &result, options.dry_run);
    return CLI_DONE;
}

int command_load(struct cli *cli)
{
    if (cli_flag(cli, "if-empty") && store_last_seq(cli->store) > 0) {
        if (cli_wants_json(cli)) {
            struct load_result nothing = {.last_seq = store_last_seq(cli->store)};
            report(cli, &nothing, false);
        }
        return CLI_DONE;
    }
    return load(cli);
}
