/* What commands write, and how they fail. */
#include "cli/cli.h"

#include "base/file.h"
#include "base/message.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#define LINE_MAX_BYTES ((size_t)16 << 20)

/* False when it could not be written whole. The file may be a terminal or a pipe of somebody else's that does not wait. */
static bool write_all(int fd, struct str text)
{
    while (text.len > 0) {
        ssize_t wrote = write(fd, text.ptr, text.len);
        if (wrote >= 0) {
            text = str_slice(text, (size_t)wrote, text.len);
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            struct pollfd ready = {.fd = fd, .events = POLLOUT};
            poll(&ready, 1, 1000);
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

void cli_write(struct cli *cli, struct str text)
{
    if (!cli->output_failed && !write_all(cli->out, text)) {
        cli->output_failed = true;
    }
}

static void format_into(struct buf *buf, const char *format, va_list args)
{
    ARENA_AUTO arena;
    arena_init(&arena, LINE_MAX_BYTES);
    buf_add(buf, arena_vformat(&arena, message_text(format), args));
}

void cli_print(struct cli *cli, const char *format, ...)
{
    BUF_AUTO buf;
    buf_init(&buf, LINE_MAX_BYTES);
    va_list args;
    va_start(args, format);
    format_into(&buf, format, args);
    va_end(args);
    cli_write(cli, buf_str(&buf));
}

void cli_say(struct cli *cli, const char *format, ...)
{
    BUF_AUTO buf;
    buf_init(&buf, LINE_MAX_BYTES);
    va_list args;
    va_start(args, format);
    format_into(&buf, format, args);
    va_end(args);
    buf_add_byte(&buf, '\n');
    (void)write_all(cli->err, buf_str(&buf));
}

void cli_print_json(struct cli *cli, const struct value *value)
{
    BUF_AUTO buf;
    buf_init(&buf, (size_t)256 << 20);
    value_write_json(&buf, value);
    buf_add_byte(&buf, '\n');
    cli_write(cli, buf_str(&buf));
}

static struct value *error_value(struct cli *cli, const struct err *err)
{
    struct value *error = value_object(&cli->arena);
    value_set_text(&cli->arena, error, STR("code"), str_from_cstr(err_code_name(err->code)));
    if (err->field[0]) {
        value_set_text(&cli->arena, error, STR("field"), str_from_cstr(err->field));
    }
    value_set_text(&cli->arena, error, STR("message"), str_from_cstr(err->message));
    return error;
}

int cli_fail(struct cli *cli, const struct err *err)
{
    cli_say(cli, "musubi: %s", err->message);
    if (cli_wants_json(cli)) {
        struct value *answer = value_object(&cli->arena);
        value_set(&cli->arena, answer, STR("error"), error_value(cli, err));
        cli_print_json(cli, answer);
    }
    return CLI_REFUSED;
}

int cli_fail_with_problems(struct cli *cli, const struct problems *problems, const struct err *err)
{
    struct value *list = value_list(&cli->arena);
    for (size_t i = 0; i < problems->count; i++) {
        cli_say(cli, "%.*s", STR_ARG(problems->lines[i]));
        value_append(&cli->arena, list, value_text(&cli->arena, problems->lines[i]));
    }
    if (problems->dropped > 0) {
        cli_say(cli, "and %zu more", problems->dropped);
    }
    cli_say(cli, "musubi: %s", err->message);
    if (cli_wants_json(cli)) {
        struct value *answer = value_object(&cli->arena);
        value_set(&cli->arena, answer, STR("error"), error_value(cli, err));
        value_set(&cli->arena, answer, STR("problems"), list);
        value_set(&cli->arena, answer, STR("more_problems"), value_int(&cli->arena, (int64_t)problems->dropped));
        cli_print_json(cli, answer);
    }
    return CLI_REFUSED;
}

struct str cli_path(struct cli *cli, struct str path)
{
    return file_join(&cli->arena, cli->cwd, path);
}

const struct reg *cli_register(struct cli *cli, struct str name)
{
    const struct reg *reg = model_register(cli->model, name);
    if (reg) {
        return reg;
    }
    struct str names = STR("");
    for (size_t i = 0; i < cli->model->register_count; i++) {
        names = arena_concat(&cli->arena, 3, names, i ? STR(", ") : STR(""), cli->model->registers[i].name);
    }
    struct err err;
    err_set(&err, ERR_NOT_FOUND, "there is no register \"%.*s\"; allowed: %.*s", STR_ARG(name), STR_ARG(names));
    cli_fail(cli, &err);
    return NULL;
}

struct reader *cli_reader(struct cli *cli)
{
    struct read_options options = {.viewer = {.sees = VISIBILITY_SECRETARIAT}, .lang = LANG_EN};
    struct reader *reader = NULL;
    struct err err = {0};
    if (store_read(cli->store, &options, &reader, &err)) {
        cli_fail(cli, &err);
        return NULL;
    }
    return reader;
}

void cli_set_outcome(struct cli *cli, struct value *object, const struct write_outcome *outcome)
{
    const struct {
        struct str key;
        int64_t number;
    } members[] = {
        {STR("change_set"), outcome->change_set}, {STR("seq"), outcome->last_seq},
        {STR("created"), outcome->created},       {STR("updated"), outcome->updated},
        {STR("deleted"), outcome->deleted},       {STR("unchanged"), outcome->unchanged},
    };
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        value_set(&cli->arena, object, members[i].key, value_int(&cli->arena, members[i].number));
    }
}
