/* What an operator can set. Every setting is one row: name, kind, default, bounds, help; the file, the environment, the
 * command line, `musubi config` and docs/settings.md know no other list.
 *
 * A settings file has lines `name = value`; "#" begins a comment, a value may stand in double quotes. Later sources win: the
 * default, the file, the environment (MUSUBI_ and the name in capitals), the command line. */
#ifndef MUSUBI_CLI_SETTINGS_H
#define MUSUBI_CLI_SETTINGS_H

#include "base/arena.h"
#include "base/err.h"
#include "model/model.h"

enum setting_kind {
    SETTING_TEXT,
    SETTING_NUMBER, /* a whole number within bounds */
    SETTING_FLAG,   /* yes or no */
    SETTING_CHOICE, /* one of a few words */
};

struct setting {
    const char *name;
    enum setting_kind kind;
    const char *otherwise; /* the default; "" is none */
    int64_t least, most;   /* of a number */
    const char *choices;   /* "debug info warn error" */
    const char *help;
};

extern const struct setting settings_rows[];
extern const size_t settings_count;
#define SETTINGS_MAX 64

struct settings {
    struct str values[SETTINGS_MAX]; /* in the order of the rows; NUL-terminated */
    struct str from[SETTINGS_MAX];   /* "default", "FILE:LINE", "environment", "command line" */
};

/* Defaults, then the file (NULL: none), then the environment. Every mistake is a problem "FILE:LINE:COLUMN: what is wrong,
 * what is allowed"; -1 when there is any. What is returned lives in the arena. */
int settings_read(const char *path, struct arena *arena, struct problems *problems, struct settings *ret_settings,
                  struct err *err);
/* Sets one from the command line. */
int settings_set(struct settings *settings, const char *name, struct str value, struct arena *arena, struct err *err);
/* Naming a setting that is in no row is a bug. */
struct str settings_text(const struct settings *settings, const char *name);
int64_t settings_number(const struct settings *settings, const char *name);
bool settings_flag(const struct settings *settings, const char *name);
/* A whole settings file with every row's help and default, each commented out. */
struct str settings_example(struct arena *arena);

#endif
