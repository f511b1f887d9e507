/* Proposed change sets: list, show, accept, return. */
#include "cli/commands.h"

#include "base/date.h"

#define NOTE_OPTIONS                                                  \
    {"by", CLI_TEXT, "NAME", "secretariat", "who decides"},           \
    {                                                                 \
        "note", CLI_TEXT, "TEXT", NULL, "what the author should know" \
    }

const struct cli_option change_list_options[] = {
    {"limit", CLI_NUMBER, "N", "100", "how many, at most 1000"},
    {0},
};
const struct cli_option change_accept_options[] = {
    {"only", CLI_TEXT, "N,M", NULL, "only these changes, as `change show` numbers them"},
    NOTE_OPTIONS,
    {0},
};
const struct cli_option change_return_options[] = {NOTE_OPTIONS, {0}};

static const char *state_name(enum proposal_state state)
{
    switch (state) {
    case PROPOSAL_OPEN:
        return "open";
    case PROPOSAL_ACCEPTED:
        return "accepted";
    case PROPOSAL_ACCEPTED_IN_PART:
        return "accepted-in-part";
    case PROPOSAL_SENT_BACK:
        return "sent-back";
    }
    return "";
}

static void set_time(struct cli *cli, struct value *object, struct str key, int64_t time_ms)
{
    char text[TIME_TEXT_MAX];
    if (time_ms > 0) {
        time_format(time_ms, text);
        value_set_text(&cli->arena, object, key, arena_copy(&cli->arena, str_from_cstr(text)));
    }
}

static struct value *proposal_value(struct cli *cli, const struct proposal *proposal)
{
    struct arena *arena = &cli->arena;
    struct value *value = value_object(arena);
    value_set(arena, value, STR("change_set"), value_int(arena, proposal->change_set));
    value_set_text(arena, value, STR("state"), str_from_cstr(state_name(proposal->state)));
    value_set_text(arena, value, STR("author"), proposal->author);
    value_set_text(arena, value, STR("reason"), proposal->reason);
    set_time(cli, value, STR("created"), proposal->created_ms);
    set_time(cli, value, STR("decided"), proposal->decided_ms);
    if (proposal->decided_by.len > 0) {
        value_set_text(arena, value, STR("decided_by"), proposal->decided_by);
        value_set_text(arena, value, STR("note"), proposal->decision_note);
    }
    struct value *changes = value_list(arena);
    for (size_t i = 0; i < proposal->change_count; i++) {
        const struct proposed_change *change = &proposal->changes[i];
        struct value *item = value_object(arena);
        value_set_text(arena, item, STR("register"), change->reg->name);
        value_set_text(arena, item, STR("id"), change->id);
        value_set_text(arena, item, STR("kind"), change_kind_names[change->kind]);
        value_set(arena, item, STR("accepted"), value_bool(arena, change->accepted));
        if (change->record) {
            value_set(arena, item, STR("record"), value_copy(arena, change->record));
        }
        value_append(arena, changes, item);
    }
    value_set(arena, value, STR("changes"), changes);
    return value;
}

static void print_proposal(struct cli *cli, const struct proposal *proposal)
{
    char at[TIME_TEXT_MAX];
    time_format(proposal->created_ms, at);
    cli_print(cli, "%lld %s %s by %.*s: %.*s\n", (long long)proposal->change_set, state_name(proposal->state), at,
              STR_ARG(proposal->author), STR_ARG(proposal->reason));
}

int command_change_list(struct cli *cli)
{
    READER_AUTO *reader = cli_reader(cli);
    struct proposal *proposals;
    size_t count = 0;
    struct err err = {0};
    int64_t limit = cli_number(cli, "limit");
    limit = limit < 1 ? 1 : limit > 1000 ? 1000 : limit;
    if (!reader) {
        return CLI_REFUSED;
    }
    if (store_proposals(reader, (size_t)limit, &cli->arena, &proposals, &count, &err)) {
        return cli_fail(cli, &err);
    }
    struct value *list = value_list(&cli->arena);
    for (size_t i = 0; i < count; i++) {
        if (cli_wants_json(cli)) {
            value_append(&cli->arena, list, proposal_value(cli, &proposals[i]));
        } else {
            print_proposal(cli, &proposals[i]);
        }
    }
    if (cli_wants_json(cli)) {
        cli_print_json(cli, list);
    }
    return CLI_DONE;
}

/* The proposal that the first argument names; false after saying why not. */
static bool find_proposal(struct cli *cli, struct proposal *ret_proposal)
{
    READER_AUTO *reader = cli_reader(cli);
    struct err err = {0};
    int64_t number;
    if (!reader) {
        return false;
    }
    if (!str_to_int64(cli->arguments[0], &number)) {
        err_set(&err, ERR_INVALID, "\"%.*s\" is no number of a change set", STR_ARG(cli->arguments[0]));
        cli_fail(cli, &err);
        return false;
    }
    if (store_proposal(reader, number, &cli->arena, ret_proposal, &err)) {
        cli_fail(cli, &err);
        return false;
    }
    return true;
}

int command_change_show(struct cli *cli)
{
    struct proposal proposal;
    if (!find_proposal(cli, &proposal)) {
        return CLI_REFUSED;
    }
    if (cli_wants_json(cli)) {
        cli_print_json(cli, proposal_value(cli, &proposal));
        return CLI_DONE;
    }
    print_proposal(cli, &proposal);
    for (size_t i = 0; i < proposal.change_count; i++) {
        const struct proposed_change *change = &proposal.changes[i];
        cli_print(cli, "%zu. %.*s %.*s/%.*s%s\n", i + 1, STR_ARG(change_kind_names[change->kind]),
                  STR_ARG(change->reg->name), STR_ARG(change->id), change->accepted ? " (accepted)" : "");
        if (change->record) {
            BUF_AUTO json;
            buf_init(&json, (size_t)16 << 20);
            value_write_pretty_json(&json, change->record);
            cli_write(cli, buf_str(&json));
        }
    }
    return CLI_DONE;
}

/* Marks the changes that --only names; all without it. False when it names none of them. */
static bool choose(struct cli *cli, bool *accept, size_t count)
{
    struct str only = cli_option_value(cli, "only");
    if (!cli_flag(cli, "only")) {
        for (size_t i = 0; i < count; i++) {
            accept[i] = true;
        }
        return true;
    }
    bool done = false;
    struct str part;
    while (str_next_part(&only, ',', &done, &part)) {
        int64_t number;
        if (!str_to_int64(str_trim(part), &number) || number < 1 || (uint64_t)number > count) {
            cli_say(cli, "musubi: \"%.*s\" is no change of this proposal; allowed: 1 to %zu", STR_ARG(part), count);
            return false;
        }
        accept[number - 1] = true;
    }
    return true;
}

static int decide(struct cli *cli, const struct proposal *proposal, const bool *accept)
{
    struct write_outcome outcome = {0};
    struct err err = {0};
    if (store_decide(cli->store, proposal->change_set, accept, proposal->change_count, cli_option_value(cli, "by"),
                     cli_option_value(cli, "note"), &outcome, &err)) {
        return cli_fail(cli, &err);
    }
    if (cli_wants_json(cli)) {
        struct value *answer = value_object(&cli->arena);
        cli_set_outcome(cli, answer, &outcome);
        cli_print_json(cli, answer);
    } else {
        cli_print(cli, "%lld created, %lld updated, %lld deleted\n", (long long)outcome.created,
                  (long long)outcome.updated, (long long)outcome.deleted);
    }
    return CLI_DONE;
}

int command_change_accept(struct cli *cli)
{
    struct proposal proposal;
    if (!find_proposal(cli, &proposal)) {
        return CLI_REFUSED;
    }
    bool *accept = ARENA_NEW_ARRAY(&cli->arena, proposal.change_count, bool);
    return choose(cli, accept, proposal.change_count) ? decide(cli, &proposal, accept) : CLI_USAGE;
}

int command_change_return(struct cli *cli)
{
    struct proposal proposal;
    if (!find_proposal(cli, &proposal)) {
        return CLI_REFUSED;
    }
    bool *accept = ARENA_NEW_ARRAY(&cli->arena, proposal.change_count, bool);
    return decide(cli, &proposal, accept);
}
