#include "cli/commands.h"
#include "cli/measured_words.h"
#include "cli/searching.h"

struct findings {
    struct cli *cli;
    struct value *list;
};

#define FINDINGS_KEPT 1000

static void add_finding(void *context, struct str line)
{
    struct findings *findings = context;
    struct cli *cli = findings->cli;
    if (!cli_wants_json(cli)) {
        cli_print(cli, "%.*s\n", STR_ARG(line));
    } else if (value_count(findings->list) < FINDINGS_KEPT) {
        value_append(&cli->arena, findings->list, value_text(&cli->arena, arena_copy(&cli->arena, line)));
    }
}

/* The search index beside the store. A store that was never searched has none, which is no fault: it is made and compared. */
static int check_index(struct cli *cli, struct findings *findings, int64_t *count, struct err *err)
{
    struct search *search = NULL;
    int64_t more = 0;
    bool own = false;
    int failed =
        cli_search(cli, &search, &own, err) != 0 || search_check(search, add_finding, findings, &more, err) != 0;
    if (own) {
        search_close(search);
    }
    *count += more;
    return failed ? -1 : 0;
}

int command_check(struct cli *cli)
{
    struct findings findings = {.cli = cli, .list = value_list(&cli->arena)};
    int64_t count = 0;
    struct err err = {0};
    if (store_check(cli->store, add_finding, &findings, &count, &err) || check_index(cli, &findings, &count, &err) ||
        cli_say_all_measured(cli, &err)) { /* which the store is none the less sound for */
        return cli_fail(cli, &err);
    }
    if (cli_wants_json(cli)) {
        struct value *answer = value_object(&cli->arena);
        value_set(&cli->arena, answer, STR("sound"), value_bool(&cli->arena, count == 0));
        value_set(&cli->arena, answer, STR("count"), value_int(&cli->arena, count));
        value_set(&cli->arena, answer, STR("findings"), findings.list);
        cli_print_json(cli, answer);
    } else if (count == 0) {
        cli_print(cli, "sound, up to revision %lld\n", (long long)store_last_seq(cli->store));
    } else {
        cli_say(cli, "musubi: %lld finding%s", (long long)count, count == 1 ? "" : "s");
    }
    return count == 0 ? CLI_DONE : CLI_REFUSED;
}
