/* musubi translation mark: says what kind of translations a record's texts are, and that they fit their originals as these are now. */
#include "cli/commands.h"

#include "insight/edition_gaps.h"
#include "insight/translation.h"
#include "model/record.h"

const struct cli_option translation_mark_options[] = {
    {"lang", CLI_TEXT, "LANG", "en", "the language that was translated into: ja or en"},
    {"state", CLI_TEXT, "STATE", "checked", "official, checked, own or machine"},
    {"author", CLI_TEXT, "NAME", "secretariat", "who says so"},
    {0},
};

struct marking {
    struct cli *cli;
    const struct reg *statements; /* the register `translation` */
    const struct reg *reg;
    struct str id;
    enum lang lang;
    int64_t marked;
};

static bool is_named(const struct cli *cli, const struct field *field)
{
    for (size_t i = 2; i < cli->argument_count; i++) {
        if (str_eq(cli->arguments[i], field->name)) {
            return true;
        }
    }
    return cli->argument_count == 2;
}

static int put_statement(struct marking *marking, struct change_set *changes, const struct field *field,
                         const struct value *text, struct err *err)
{
    struct cli *cli = marking->cli;
    struct arena *arena = &cli->arena;
    struct value *given = value_object(arena), *record;

    value_set_text(arena, given, STR("of_register"), marking->reg->name);
    value_set_text(arena, given, STR("of_record"), marking->id);
    value_set_text(arena, given, STR("of_field"), field->name);
    value_set_text(arena, given, STR("language"), lang_codes[marking->lang]);
    value_set_text(arena, given, STR("state"), cli_option_value(cli, "state"));
    value_set_text(arena, given, STR("original"),
                   translation_digest(value_get_text(text, lang_codes[LANG_COUNT - 1 - marking->lang]), arena));
    if (record_make(cli->model, marking->statements, given, arena, &record, err) != 0) {
        return -1;
    }
    marking->marked++;
    return change_put(changes, marking->statements, record, SEQ_ANY, arena, err);
}

/* What is confirmed is the text as it is inside this very transaction. */
static int fill(void *context, struct change_set *changes, struct err *err)
{
    struct marking *marking = context;
    struct found found;

    if (change_current(changes, marking->reg, marking->id, &marking->cli->arena, &found, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < marking->reg->field_count; i++) {
        const struct field *field = &marking->reg->fields[i];
        const struct value *text = value_get(found.record, field->name);
        bool translated = field->bilingual && field->translation != NEED_NONE && text != NULL &&
                          !text_lacks(text, LANG_JA) && !text_lacks(text, LANG_EN);
        if (translated && is_named(marking->cli, field) && put_statement(marking, changes, field, text, err) != 0) {
            return -1;
        }
    }
    if (marking->marked == 0) {
        return err_set(err, ERR_INVALID, "%.*s \"%.*s\" has no text in both languages%s", STR_ARG(marking->reg->name),
                       STR_ARG(marking->id), marking->cli->argument_count > 2 ? " in these fields" : "");
    }
    return 0;
}

static int check_fields(struct cli *cli, const struct reg *reg, struct err *err)
{
    for (size_t i = 2; i < cli->argument_count; i++) {
        const struct field *field = reg_field(reg, cli->arguments[i]);
        if (field == NULL || !field->bilingual) {
            return err_set(err, ERR_INVALID, "%.*s has no field \"%.*s\" in two languages", STR_ARG(reg->name),
                           STR_ARG(str_slice(cli->arguments[i], 0, 100)));
        }
    }
    return 0;
}

static int begin(struct cli *cli, struct marking *marking, struct err *err)
{
    marking->reg = model_register(cli->model, cli->arguments[0]);
    if (marking->statements == NULL) {
        return err_set(err, ERR_NOT_FOUND,
                       "this model keeps no states of translations: it has no register \"translation\"");
    }
    if (marking->reg == NULL) {
        return err_set(err, ERR_NOT_FOUND, "there is no register \"%.*s\"",
                       STR_ARG(str_slice(cli->arguments[0], 0, 100)));
    }
    if (!lang_from_code(cli_option_value(cli, "lang"), &marking->lang)) {
        return err_set(err, ERR_INVALID, "--lang is \"%.*s\"; allowed: ja, en",
                       STR_ARG(str_slice(cli_option_value(cli, "lang"), 0, 100)));
    }
    return check_fields(cli, marking->reg, err);
}

int command_translation_mark(struct cli *cli)
{
    struct marking marking = {
        .cli = cli, .statements = model_role(cli->model, ROLE_TRANSLATION), .id = cli->arguments[1]};
    struct write_request request = {.author = cli_option_value(cli, "author"),
                                    .reason = STR("translations marked"),
                                    .kind = STR("edit"),
                                    .fill = fill,
                                    .context = &marking};
    struct write_outcome outcome;
    struct err err = {0};

    if (begin(cli, &marking, &err) != 0 || store_write(cli->store, &request, &outcome, &err) != 0) {
        return cli_fail(cli, &err);
    }
    cli_print(cli, "%lld texts marked\n", (long long)marking.marked);
    return CLI_DONE;
}
