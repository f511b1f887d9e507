#include "cli/commands.h"

#include "base/date.h"

const struct cli_option history_options[] = {
    {"limit", CLI_NUMBER, "N", "20", "how many revisions, at most 1000"},
    {0},
};

static struct value *optional(struct cli *cli, const struct value *value)
{
    return value ? value_copy(&cli->arena, value) : value_null(&cli->arena);
}

static struct value *revision_value(struct cli *cli, const struct revision *revision)
{
    struct arena *arena = &cli->arena;
    char at[TIME_TEXT_MAX];
    time_format(revision->at_ms, at);
    struct value *value = value_object(arena);
    value_set(arena, value, STR("seq"), value_int(arena, revision->seq));
    value_set_text(arena, value, STR("kind"), change_kind_names[revision->kind]);
    value_set_text(arena, value, STR("at"), arena_copy(arena, str_from_cstr(at)));
    value_set_text(arena, value, STR("author"), revision->author);
    value_set_text(arena, value, STR("reason"), revision->reason);
    value_set(arena, value, STR("change_set"), value_int(arena, revision->change_set));
    value_set(arena, value, STR("before"), optional(cli, revision->before));
    value_set(arena, value, STR("after"), optional(cli, revision->after));
    return value;
}

/* "name: {…} → {…}" for each member that differs. */
static void print_difference(struct cli *cli, const struct value *before, const struct value *after)
{
    const struct value *both[2] = {before, after};
    for (size_t side = 0; side < 2; side++) {
        if (!both[side]) {
            continue;
        }
        for (size_t i = 0; i < both[side]->object.count; i++) {
            struct str key = both[side]->object.members[i].key;
            const struct value *was = value_get(before, key);
            const struct value *is = value_get(after, key);
            if ((side == 1 && was) || (was && is && value_equal(was, is))) {
                continue;
            }
            BUF_AUTO line;
            buf_init(&line, (size_t)4 << 20);
            buf_add_format(&line, "    %.*s: ", STR_ARG(key));
            if (was) {
                value_write_json(&line, was);
            }
            buf_add(&line, was && is ? STR(" -> ") : is ? STR("+ ") : STR(" -"));
            if (is) {
                value_write_json(&line, is);
            }
            buf_add_byte(&line, '\n');
            cli_write(cli, buf_str(&line));
        }
    }
}

static void print_revision(struct cli *cli, const struct revision *revision)
{
    char at[TIME_TEXT_MAX];
    time_format(revision->at_ms, at);
    cli_print(cli, "%lld %s %.*s by %.*s: %.*s\n", (long long)revision->seq, at,
              STR_ARG(change_kind_names[revision->kind]), STR_ARG(revision->author), STR_ARG(revision->reason));
    if (revision->before && revision->after) {
        print_difference(cli, revision->before, revision->after);
    }
}

int command_history(struct cli *cli)
{
    const struct reg *reg = cli_register(cli, cli->arguments[0]);
    READER_AUTO *reader = reg ? cli_reader(cli) : NULL;
    if (!reader) {
        return CLI_REFUSED;
    }
    int64_t limit = cli_number(cli, "limit");
    limit = limit < 1 ? 1 : limit > 1000 ? 1000 : limit;
    struct revision *revisions;
    size_t count = 0;
    struct err err = {0};
    if (store_history(reader, reg, cli->arguments[1], (size_t)limit, 0, &cli->arena, &revisions, &count, &err)) {
        return cli_fail(cli, &err);
    }
    if (count == 0) {
        err_set(&err, ERR_NOT_FOUND, "there is no %.*s \"%.*s\", and never was", STR_ARG(reg->name),
                STR_ARG(cli->arguments[1]));
        return cli_fail(cli, &err);
    }
    struct value *list = value_list(&cli->arena);
    for (size_t i = 0; i < count; i++) {
        if (cli_wants_json(cli)) {
            value_append(&cli->arena, list, revision_value(cli, &revisions[i]));
        } else {
            print_revision(cli, &revisions[i]);
        }
    }
    if (cli_wants_json(cli)) {
        cli_print_json(cli, list);
    }
    return CLI_DONE;
}
