/* The command line: a table of commands, and what each of them is given. A command may run in the process that was
 * started, or in the server that owns the data folder, on behalf of that process (cli/handover.h). So it reads and writes
 * only what `struct cli` gives it, takes relative paths from cli->cwd, and never uses stdio's streams, chdir or exit. */
#ifndef MUSUBI_CLI_CLI_H
#define MUSUBI_CLI_CLI_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/value.h"
#include "cli/settings.h"
#include "store/store.h"

/* Exit codes. */
enum { CLI_DONE = 0, CLI_REFUSED = 1, CLI_USAGE = 2 };

struct cli;

enum cli_kind {
    CLI_FLAG,   /* --name */
    CLI_TEXT,   /* --name VALUE or --name=VALUE */
    CLI_NUMBER, /* the same, a whole number from 0 on */
};

/* One option; a row of a command's table, which ends with a row without name. */
struct cli_option {
    const char *name; /* without the dashes */
    enum cli_kind kind;
    const char *value;     /* the word for its value in the help */
    const char *otherwise; /* the value when it is not given; NULL: none */
    const char *help;
};

enum cli_needs {
    CLI_NEEDS_NOTHING,
    CLI_NEEDS_MODEL,
    CLI_NEEDS_STORE,     /* runs in the server when the data folder is being served */
    CLI_NEEDS_OLD_STORE, /* the same, which must have been made before */
    CLI_OWNS_STORE,      /* only in its own process: refused while another one owns the folder */
};

struct cli_command {
    const char *name;      /* "load", "change list" */
    const char *arguments; /* "PACK..." for the help */
    const char *summary;   /* one line */
    const struct cli_option *options;
    int least_arguments;
    int most_arguments; /* -1: any number */
    enum cli_needs needs;
    int (*run)(struct cli *cli); /* returns an exit code */
};

extern const struct cli_command cli_commands[];
extern const size_t cli_command_count;
/* Options that every command has. */
extern const struct cli_option cli_common_options[];

#define CLI_OPTIONS_MAX 24

struct cli {
    /* Where it comes from and goes to. */
    int in, out, err;
    struct str cwd;                   /* absolute */
    bool (*cancelled)(void *context); /* true: whoever asked is gone; NULL: nobody can go */
    void *cancel_context;
    bool served; /* runs in the server */

    /* What was asked for. */
    const struct cli_command *command;
    struct str values[CLI_OPTIONS_MAX]; /* in the order of the command's options */
    bool given[CLI_OPTIONS_MAX];
    struct str common[CLI_OPTIONS_MAX]; /* in the order of cli_common_options */
    bool common_given[CLI_OPTIONS_MAX];
    struct str *arguments; /* NUL-terminated */
    size_t argument_count;

    /* What it works on; opened before run. */
    struct arena arena;
    const struct model *model;
    struct store *store;

    bool output_failed; /* something could not be written to `out` */
};

/* Value of an option of the command or of all commands; the otherwise-value when it was not given, empty when there is
 * none. NUL-terminated. Naming an option that is in no table is a bug. */
struct str cli_option_value(const struct cli *cli, const char *name);
bool cli_flag(const struct cli *cli, const char *name);
/* The value of a CLI_NUMBER, which the parser has checked. */
int64_t cli_number(const struct cli *cli, const char *name);
/* An absolute path. */
struct str cli_path(struct cli *cli, struct str path);
bool cli_wants_json(const struct cli *cli);

/* To standard output: results. */
void cli_print(struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));
void cli_write(struct cli *cli, struct str text);
/* A value as one line of JSON. */
void cli_print_json(struct cli *cli, const struct value *value);
/* To standard error: a line for a person; a line feed is added. */
void cli_say(struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Says the error, with --json also {"error": {"code", "field", "message"}} on standard output; returns CLI_REFUSED. */
int cli_fail(struct cli *cli, const struct err *err);

/* The data folder that was asked for, absolute. */
struct str cli_data_folder(struct cli *cli);
/* The settings of --config, MUSUBI_CONFIG or the data folder's musubi.conf. Mistakes are said; 0 or CLI_REFUSED. */
int cli_settings(struct cli *cli, struct settings *ret_settings);

/* The register of that name, or NULL after saying which there are. */
const struct reg *cli_register(struct cli *cli, struct str name);
/* The edition of that name; CLI_REFUSED after saying which there are. */
int cli_edition(struct cli *cli, struct str name, const struct edition **ret_edition);
/* A reader that sees everything, in the present; NULL after saying why. */
struct reader *cli_reader(struct cli *cli);
/* The day it is where the community is: "2026-04-01", in the command's arena. */
int cli_today(struct cli *cli, struct str *ret_day, struct err *err);
/* Adds "seq", "created", "updated", "deleted", "unchanged" to an object. */
void cli_set_outcome(struct cli *cli, struct value *object, const struct write_outcome *outcome);
/* Says the problems, one a line and how many there are beyond, and the error; with --json a list of them; CLI_REFUSED. */
int cli_fail_with_problems(struct cli *cli, const struct problems *problems, const struct err *err);

/* Understands argv (with the program's name) into *cli, whose streams and cwd are set. -1: run it; else the exit code of
 * what was done instead: help, version, a complaint. */
int cli_parse(struct cli *cli, int argc, const char *const *argv);
/* Opens what the command needs (unless the store is there), runs it, closes what it opened. */
int cli_run(struct cli *cli, int argc, const char *const *argv);
/* The whole program. */
int cli_main(int argc, char **argv);

/* Reads the model that was asked for or is built in. Problems are said. */
int cli_open_model(struct cli *cli, struct model **ret_model);

#endif
