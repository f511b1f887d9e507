/* An erratum: what was found wrong in an edition, and what is right. It is a record like others, dated and attached to the edition by
 * its name; the edition stays as it was. */
#include "cli/commands.h"

#include "model/record.h"

const struct cli_option edition_erratum_options[] = {
    {"ja", CLI_TEXT, "TEXT", NULL, "the correction in Japanese"},
    {"en", CLI_TEXT, "TEXT", NULL, "the correction in English"},
    {"about", CLI_TEXT, "REGISTER/ID", NULL, "the record that it concerns"},
    {"day", CLI_TEXT, "DATE", NULL, "its date; else today"},
    {"author", CLI_TEXT, "NAME", "secretariat", "who does it"},
    {0},
};

struct erratum {
    struct cli *cli;
    const struct reg *reg;
    struct value *record;
};

static int fill(void *context, struct change_set *changes, struct err *err)
{
    const struct erratum *erratum = context;
    return change_put(changes, erratum->reg, erratum->record, SEQ_ANY, &erratum->cli->arena, err);
}

static struct value *given_record(struct cli *cli, const struct edition *edition, struct str day)
{
    struct arena *arena = &cli->arena;
    struct value *given = value_object(arena), *text = value_object(arena);
    for (size_t lang = 0; lang < LANG_COUNT; lang++) {
        value_set_text(arena, text, lang_codes[lang], cli_option_value(cli, lang == LANG_JA ? "ja" : "en"));
    }
    value_set_text(arena, given, STR("edition"), edition->name);
    value_set_text(arena, given, STR("day"), day);
    value_set_text(arena, given, STR("about"), cli_option_value(cli, "about"));
    value_set(arena, given, STR("text"), text);
    return given;
}

/* "REGISTER/ID" of a record that the edition has. */
static int check_about(struct cli *cli, const struct edition *edition, struct err *err)
{
    struct str about = cli_option_value(cli, "about");
    size_t slash = str_find_byte(about, '/');
    const struct reg *reg = model_register(cli->model, str_slice(about, 0, slash));
    struct read_options options = {.viewer = {.sees = VISIBILITY_PUBLIC}, .as_of = edition->seq};
    READER_AUTO *reader = NULL;
    struct found found;
    if (about.len == 0) {
        return 0;
    }
    if (!reg) {
        return err_set(err, ERR_INVALID, "--about is \"%.*s\"; allowed: REGISTER/ID of a record of the edition",
                       STR_ARG(str_slice(about, 0, 150)));
    }
    if (store_read(cli->store, &options, &reader, err)) {
        return -1;
    }
    return store_get(reader, reg, str_slice(about, slash + 1, about.len), &cli->arena, &found, NULL, err);
}

int command_edition_erratum(struct cli *cli)
{
    const struct edition *edition;
    struct erratum erratum = {.cli = cli, .reg = model_role(cli->model, ROLE_ERRATUM)};
    struct str day = cli_option_value(cli, "day");
    struct write_outcome outcome = {0};
    struct err err = {0};
    if (!cli_flag(cli, "ja") && !cli_flag(cli, "en")) {
        cli_say(cli, "musubi: edition erratum needs --ja TEXT or --en TEXT, better both");
        return CLI_USAGE;
    }
    if (cli_edition(cli, cli->arguments[0], &edition)) {
        return CLI_REFUSED;
    }
    if (!erratum.reg) {
        err_set(&err, ERR_NOT_FOUND, "this model keeps no errata: it has no register \"erratum\"");
        return cli_fail(cli, &err);
    }
    if (check_about(cli, edition, &err) || (day.len == 0 && cli_today(cli, &day, &err)) ||
        record_make(cli->model, erratum.reg, given_record(cli, edition, day), &cli->arena, &erratum.record, &err)) {
        return cli_fail(cli, &err);
    }
    struct write_request request = {.author = cli_option_value(cli, "author"),
                                    .reason =
                                        arena_format(&cli->arena, "erratum to edition %.*s", STR_ARG(edition->name)),
                                    .kind = STR("edit"),
                                    .fill = fill,
                                    .context = &erratum};
    if (store_write(cli->store, &request, &outcome, &err)) {
        return cli_fail(cli, &err);
    }
    if (outcome.change_set) {
        cli_print(cli, "erratum to edition %.*s: revision %lld\n", STR_ARG(edition->name), (long long)outcome.last_seq);
    } else {
        cli_print(cli, "nothing changed\n");
    }
    return CLI_DONE;
}
