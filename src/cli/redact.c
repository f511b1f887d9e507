#include "cli/commands.h"
#include "cli/edit.h"

const struct cli_option redact_options[] = {EDIT_REASON_OPTION, EDIT_AUTHOR_OPTION, {0}};

/* The fields that were named, or else those the model marks as personal. */
static int fill(void *context, struct change_set *changes, struct err *err)
{
    const struct edit *edit = context;
    struct cli *cli = edit->cli;
    size_t most = cli->argument_count > edit->reg->field_count ? cli->argument_count : edit->reg->field_count;
    const struct field **fields = (const struct field **)arena_alloc_array(&cli->arena, most, sizeof(*fields));
    size_t count = 0;
    for (size_t i = 2; i < cli->argument_count; i++) {
        fields[count] = reg_field(edit->reg, cli->arguments[i]);
        if (!fields[count++]) {
            return err_set(err, ERR_NOT_FOUND, "%.*s has no field \"%.*s\"", STR_ARG(edit->reg->name),
                           STR_ARG(cli->arguments[i]));
        }
    }
    for (size_t i = 0; cli->argument_count == 2 && i < edit->reg->field_count; i++) {
        if (edit->reg->fields[i].personal) {
            fields[count++] = &edit->reg->fields[i];
        }
    }
    if (count == 0) {
        return err_set(err, ERR_INVALID, "%.*s has no personal fields; name the fields to redact",
                       STR_ARG(edit->reg->name));
    }
    return change_redact(changes, edit->reg, cli->arguments[1], fields, count, err);
}

int command_redact(struct cli *cli)
{
    return cli_edit(cli, fill);
}
