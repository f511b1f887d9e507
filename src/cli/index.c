#include "cli/commands.h"
#include "cli/searching.h"

#include "base/embed.h"
#include "base/message.h"

const struct cli_option index_options[] = {
    {"rebuild", CLI_FLAG, NULL, NULL, "make the index anew"},
    {0},
};

const struct value *cli_search_rules(struct cli *cli)
{
    const struct embedded_file *file = embed_find("site/search.json");
    struct value *rules = NULL;
    struct err err = {0};

    if (file == NULL ||
        json_read(&cli->arena, str_make((const char *)file->data, file->size), NULL, &rules, &err) != 0) {
        return NULL;
    }
    return rules;
}

int cli_search(struct cli *cli, struct search **ret_search, bool *ret_own, struct err *err)
{
    struct search_config config = {.store = cli->store, .rules = NULL, .follow = false};

    *ret_search = search_of(cli->store);
    *ret_own = *ret_search == NULL;
    if (!*ret_own) {
        return 0;
    }
    config.rules = cli_search_rules(cli);
    return search_open(&config, ret_search, err);
}

static const char *state_word(enum search_state state)
{
    return state == SEARCH_READY ? "ready" : state == SEARCH_BUILDING ? "building" : "failed"; /* also for machines */
}

static void print_status(struct cli *cli, const struct search_status *status)
{
    struct value *answer;

    if (!cli_wants_json(cli)) {
        cli_print(cli, "%s: %lld records, up to revision %lld of %lld, %.1f MB\n",
                  message_text(state_word(status->state)), (long long)status->records, (long long)status->seq,
                  (long long)status->store_seq, (double)status->bytes / 1e6);
        return;
    }
    answer = value_object(&cli->arena);
    value_set_text(&cli->arena, answer, STR("state"), str_from_cstr(state_word(status->state)));
    value_set(&cli->arena, answer, STR("records"), value_int(&cli->arena, status->records));
    value_set(&cli->arena, answer, STR("seq"), value_int(&cli->arena, status->seq));
    value_set(&cli->arena, answer, STR("store_seq"), value_int(&cli->arena, status->store_seq));
    value_set(&cli->arena, answer, STR("bytes"), value_int(&cli->arena, (int64_t)status->bytes));
    cli_print_json(cli, answer);
}

int command_index(struct cli *cli)
{
    struct search *search = NULL;
    struct search_status status;
    struct err err = {0};
    bool own = false;
    int result;

    if (cli_search(cli, &search, &own, &err) != 0) {
        return cli_fail(cli, &err);
    }
    /* In a server the rebuilding goes on in the background, and the old index answers until the new one is there. */
    result = cli_flag(cli, "rebuild") ? search_rebuild(search, &err) : 0;
    if (result == 0 && own) {
        result = search_catch_up(search, &err);
    }
    status = search_status(search);
    if (own) {
        search_close(search);
    }
    if (result != 0) {
        return cli_fail(cli, &err);
    }
    print_status(cli, &status);
    return CLI_DONE;
}
