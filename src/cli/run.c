/* From arguments to an exit code: opens what a command needs, or hands it to who owns it. */
#include "cli/handover.h"

#include "base/embed.h"
#include "base/message.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CLI_ARENA_MAX ((size_t)512 << 20)
#define EMBEDDED_MODEL "model"
/* How long a data folder may be owned by somebody who does not take commands: a server that is starting, or stopping. */
#define OWNER_PATIENCE_MS 3000
#define OWNER_RETRY_MS 50

/* ---- model ---- */

static struct model_file *embedded_model(struct arena *arena, size_t *ret_count)
{
    size_t count = 0;
    for (const struct embedded_file *f = embed_next(EMBEDDED_MODEL, NULL); f; f = embed_next(EMBEDDED_MODEL, f)) {
        count++;
    }
    struct model_file *files = ARENA_NEW_ARRAY(arena, count, struct model_file);
    size_t at = 0;
    for (const struct embedded_file *f = embed_next(EMBEDDED_MODEL, NULL); f; f = embed_next(EMBEDDED_MODEL, f)) {
        files[at++] = (struct model_file){.path = str_from_cstr(f->path + sizeof(EMBEDDED_MODEL)),
                                          .content = str_make((const char *)f->data, f->size)};
    }
    *ret_count = count;
    return files;
}

int cli_open_model(struct cli *cli, struct model **ret_model)
{
    struct problems problems;
    problems_init(&problems, &cli->arena);
    struct err err = {0};
    int failed;
    if (cli_flag(cli, "model")) {
        struct str folder = cli_path(cli, cli_option_value(cli, "model"));
        failed = model_read_folder(folder.ptr, &problems, ret_model, &err);
    } else {
        size_t count;
        struct model_file *files = embedded_model(&cli->arena, &count);
        failed = model_read(files, count, &problems, ret_model, &err);
    }
    return failed ? (cli_fail_with_problems(cli, &problems, &err), -1) : 0;
}

/* ---- store ---- */

struct str cli_data_folder(struct cli *cli)
{
    struct str given = cli_option_value(cli, "data");
    const char *environment = getenv("MUSUBI_DATA");
    if (given.len == 0 && environment) {
        given = str_from_cstr(environment);
    }
    return cli_path(cli, given.len > 0 ? given : STR("var"));
}

static struct str store_url(struct cli *cli)
{
    struct str given = cli_option_value(cli, "store");
    const char *environment = getenv("MUSUBI_STORE");
    if (given.len == 0 && environment) {
        given = str_from_cstr(environment);
    }
    return given.len > 0 ? given : STR("sqlite:");
}

static int run_with_store(struct cli *cli, struct store *store)
{
    cli->store = store;
    return cli->command->run(cli);
}

static bool is_late(const struct timespec *since, int64_t patience_ms)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - since->tv_sec) * 1000 + (now.tv_nsec - since->tv_nsec) / 1000000 > patience_ms;
}

/* What an owned folder makes of a command: its exit code, or -1 to try to open the store again. */
static int ask_owner(struct cli *cli, const char *folder, int argc, const char *const *argv, struct err *err)
{
    if (cli->command->needs == CLI_OWNS_STORE) {
        return cli_fail(cli, err);
    }
    if (cli_flag(cli, "model")) {
        err_set(err, ERR_BUSY,
                "%s is being served, with the server's model; allowed: without --model, or when it is not "
                "served",
                folder);
        return cli_fail(cli, err);
    }
    struct err cause = {0};
    int code = handover_run(cli, folder, argc, argv, &cause);
    if (code >= 0) {
        return code;
    }
    return cause.code == ERR_BUSY ? -1 : cli_fail(cli, &cause);
}

/* A wrong --data must not look like a sound store, or be kept as a backup. */
static bool store_is_missing(struct cli *cli, struct str folder)
{
    if (cli->command->needs != CLI_NEEDS_OLD_STORE || !str_starts_with(store_url(cli), STR("sqlite:")))
        return false;
    return access(arena_format(&cli->arena, "%.*s/store.db", STR_ARG(folder)).ptr, F_OK) != 0;
}

static int open_store_and_run(struct cli *cli, int argc, const char *const *argv)
{
    struct str folder = cli_data_folder(cli);
    struct store_config config = {.url = store_url(cli).ptr, .folder = folder.ptr, .model = cli->model};
    struct timespec begun;
    clock_gettime(CLOCK_MONOTONIC, &begun);
    if (store_is_missing(cli, folder)) {
        struct err err = {0};
        err_set(&err, ERR_NOT_FOUND,
                "there is no store in %s; allowed: the data folder of one, as --data or MUSUBI_DATA", folder.ptr);
        return cli_fail(cli, &err);
    }
    for (;;) {
        struct err err = {0};
        struct store *store;
        if (store_open(&config, &store, &err) == 0) {
            int code = run_with_store(cli, store);
            store_close(store);
            return code;
        }
        if (err.code != ERR_BUSY) {
            return cli_fail(cli, &err);
        }
        int code = ask_owner(cli, folder.ptr, argc, argv, &err);
        if (code >= 0) {
            return code;
        }
        if (is_late(&begun, OWNER_PATIENCE_MS)) {
            return cli_fail(cli, &err);
        }
        nanosleep(&(struct timespec){.tv_nsec = OWNER_RETRY_MS * 1000000L}, NULL);
    }
}

static int open_and_run(struct cli *cli, int argc, const char *const *argv)
{
    if (cli->served) {
        if (cli->command->needs == CLI_OWNS_STORE || cli_flag(cli, "model")) {
            struct err err;
            err_set(&err, ERR_INVALID, "the server cannot do this for somebody else");
            return cli_fail(cli, &err);
        }
        return cli->command->run(cli);
    }
    if (cli->command->needs == CLI_NEEDS_NOTHING) {
        return cli->command->run(cli);
    }
    struct model *model;
    if (cli_open_model(cli, &model)) {
        return CLI_REFUSED;
    }
    cli->model = model;
    /* Threads that work for the command speak as it does, but a server answers the whole world, in English. */
    if (cli->command->needs != CLI_OWNS_STORE) {
        message_use_everywhere(message_used());
    }
    int code = cli->command->needs == CLI_NEEDS_MODEL ? cli->command->run(cli) : open_store_and_run(cli, argc, argv);
    model_free(model);
    return code;
}

int cli_run(struct cli *cli, int argc, const char *const *argv)
{
    arena_init(&cli->arena, CLI_ARENA_MAX);
    int code = cli_parse(cli, argc, argv);
    if (code < 0) {
        code = open_and_run(cli, argc, argv);
    }
    if (cli->output_failed && code == CLI_DONE) {
        cli_say(cli, "musubi: the result could not be written");
        code = CLI_REFUSED;
    }
    arena_free(&cli->arena);
    return code;
}

int cli_main(int argc, char **argv)
{
    /* Writing to a pipe that nobody reads is a failed write, also for the server on behalf of others. */
    signal(SIGPIPE, SIG_IGN);
    message_use(message_catalogue_of_environment());
    char *cwd = getcwd(NULL, 0);
    if (!cwd) {
        struct cli cli = {.out = STDOUT_FILENO, .err = STDERR_FILENO};
        cli_say(&cli, "musubi: the working folder: %s", strerror(errno));
        return CLI_REFUSED;
    }
    struct cli cli = {.in = STDIN_FILENO, .out = STDOUT_FILENO, .err = STDERR_FILENO, .cwd = str_from_cstr(cwd)};
    int code = cli_run(&cli, argc, (const char *const *)argv);
    free(cwd);
    return code;
}
