/* `musubi change propose FILE`: changes as JSON, that wait for `change accept`.
 *
 *   {"author": NAME, "reason": TEXT, "sources": [...], "changes": [
 *      {"register": REGISTER, "id": ID, "set": {FIELD: VALUE, …}},   fields of a record that is there; null takes one away
 *      {"register": REGISTER, "record": {…}},                       a new record, as the API gives it
 *      {"register": REGISTER, "id": ID, "delete": true}]} */
#include "base/file.h"
#include "cli/commands.h"
#include "model/record.h"

#define FILE_BYTES_MAX ((size_t)16 << 20)
#define CHANGES_MAX 1000

const struct cli_option propose_options[] = {
    {"author", CLI_TEXT, "NAME", "secretariat", "who proposes; \"author\" in the file goes before"},
    {0},
};

struct proposing {
    struct cli *cli;
    struct reader *reader;
    struct proposed_change *changes;
    size_t count;
};

/* The record with the fields that are given in place of its own. */
static struct value *with_fields(struct arena *arena, const struct value *record, const struct value *set)
{
    struct value *whole = value_copy(arena, record);
    value_set(arena, whole, STR("redacted"), NULL);
    for (size_t i = 0; i < value_count(set); i++) {
        const struct value_member *member = &set->object.members[i];
        value_set(arena, whole, member->key, value_is_null(member->value) ? NULL : value_copy(arena, member->value));
    }
    return whole;
}

static int check_record(struct proposing *proposing, const struct reg *reg, const struct value *given,
                        struct value **ret_record, struct err *err)
{
    struct record_problems problems;
    record_problems_init(&problems, &proposing->cli->arena);
    if (record_from_value(proposing->cli->model, reg, given, &proposing->cli->arena, &problems, ret_record)) {
        return err_set(err, ERR_INVALID, "%.*s: %.*s", STR_ARG(problems.items[0].field),
                       STR_ARG(problems.items[0].message));
    }
    return 0;
}

static int add_to_present(struct proposing *proposing, const struct value *given, struct proposed_change *change,
                          struct err *err)
{
    struct found there;
    if (store_get(proposing->reader, change->reg, change->id, &proposing->cli->arena, &there, NULL, err)) {
        return -1;
    }
    change->base_seq = there.seq;
    if (value_get_bool(given, STR("delete"))) {
        change->kind = CHANGE_DELETE;
        return 0;
    }
    change->kind = CHANGE_UPDATE;
    return check_record(proposing, change->reg,
                        with_fields(&proposing->cli->arena, there.record, value_get(given, STR("set"))),
                        &change->record, err);
}

static int add_change(struct proposing *proposing, const struct value *given, struct err *err)
{
    struct proposed_change *change = &proposing->changes[proposing->count++];
    const struct value *record = value_get(given, STR("record"));
    struct str name = value_get_text(given, STR("register"));
    change->reg = model_register(proposing->cli->model, name);
    change->id = value_get_text(given, STR("id"));
    if (!change->reg) {
        return err_set(err, ERR_INVALID, "\"%.*s\" is no register", STR_ARG(name));
    }
    if (!record) {
        return add_to_present(proposing, given, change, err);
    }
    change->kind = CHANGE_CREATE;
    change->base_seq = SEQ_NONE;
    if (check_record(proposing, change->reg, record, &change->record, err)) {
        return -1;
    }
    change->id = record_id(change->record);
    return change->id.len ? 0 : err_set(err, ERR_INVALID, "the record needs an id");
}

static int read_file(struct proposing *proposing, struct value **ret_file, struct err *err)
{
    struct cli *cli = proposing->cli;
    struct str text;
    const struct value *changes;
    if (file_read(&cli->arena, cli_path(cli, cli->arguments[0]).ptr, FILE_BYTES_MAX, &text, err)) {
        return -1;
    }
    if (json_read(&cli->arena, text, NULL, ret_file, err)) {
        return err_prefix(err, "%.*s", STR_ARG(cli->arguments[0]));
    }
    changes = value_get(*ret_file, STR("changes"));
    if (value_count(changes) == 0 || value_count(changes) > CHANGES_MAX || changes->kind != VALUE_LIST) {
        return err_set(err, ERR_INVALID, "%.*s: \"changes\" has to list 1 to %d changes", STR_ARG(cli->arguments[0]),
                       CHANGES_MAX);
    }
    proposing->changes = ARENA_NEW_ARRAY(&cli->arena, value_count(changes), struct proposed_change);
    for (size_t i = 0; i < value_count(changes); i++) {
        if (add_change(proposing, value_at(changes, i), err)) {
            return err_prefix(err, "%.*s:%u: change %zu", STR_ARG(cli->arguments[0]), value_at(changes, i)->line,
                              i + 1);
        }
    }
    return 0;
}

int command_propose(struct cli *cli)
{
    READER_AUTO *reader = cli_reader(cli);
    struct proposing proposing = {.cli = cli, .reader = reader};
    struct value *file = NULL;
    struct err err = {0};
    int64_t number = 0;
    if (!reader) {
        return CLI_REFUSED;
    }
    if (read_file(&proposing, &file, &err)) {
        return cli_fail(cli, &err);
    }
    struct str author = value_get_text(file, STR("author"));
    struct write_request request = {
        .author = author.len ? author : cli_option_value(cli, "author"),
        .reason = value_get_text(file, STR("reason")),
        .sources = (struct value *)(uintptr_t)value_get(file, STR("sources")),
        .kind = STR("edit"),
    };
    if (request.reason.len == 0) {
        err_set(&err, ERR_INVALID, "%.*s: \"reason\" is missing: it stands in the records' history",
                STR_ARG(cli->arguments[0]));
        return cli_fail(cli, &err);
    }
    if (store_propose(cli->store, &request, proposing.changes, proposing.count, &number, &err)) {
        return cli_fail(cli, &err);
    }
    if (cli_wants_json(cli)) {
        struct value *answer = value_object(&cli->arena);
        value_set(&cli->arena, answer, STR("change_set"), value_int(&cli->arena, number));
        cli_print_json(cli, answer);
    } else {
        cli_print(cli, "proposed as %lld; `musubi change accept %lld` makes it so\n", (long long)number,
                  (long long)number);
    }
    return CLI_DONE;
}
