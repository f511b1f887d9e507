#include "cli/commands.h"
#include "cli/searching.h"

#include <stdlib.h>

const struct cli_option find_options[] = {
    {"lang", CLI_TEXT, "ja|en", "ja", "language of titles"},
    {"limit", CLI_NUMBER, "N", "20", "how many"},
    {"public", CLI_FLAG, NULL, NULL, "only what everybody may see"},
    {0},
};

static void print_hit(struct cli *cli, const struct search_hit *hit, enum lang lang)
{
    struct str title = bilingual_best(hit->title, lang);

    cli_print(cli, "%.*s/%.*s\t%.*s", STR_ARG(hit->reg->name), STR_ARG(hit->id), STR_ARG(title));
    for (size_t i = 0; i < hit->reason_count; i++) {
        cli_print(cli, "\t%.*s", STR_ARG(hit->reasons[i]));
    }
    cli_print(cli, "\n");
}

static void print_json(struct cli *cli, const struct search_result *result, enum lang lang)
{
    struct value *answer = value_object(&cli->arena), *items = value_list(&cli->arena);

    for (size_t i = 0; i < result->hit_count; i++) {
        struct value *item = value_object(&cli->arena);
        value_set_text(&cli->arena, item, STR("register"), result->hits[i].reg->name);
        value_set_text(&cli->arena, item, STR("id"), result->hits[i].id);
        value_set_text(&cli->arena, item, STR("title"), bilingual_best(result->hits[i].title, lang));
        value_append(&cli->arena, items, item);
    }
    value_set(&cli->arena, answer, STR("total"), value_int(&cli->arena, result->total));
    value_set(&cli->arena, answer, STR("items"), items);
    cli_print_json(cli, answer);
}

static struct str joined(struct cli *cli)
{
    struct str text = STR("");

    for (size_t i = 0; i < cli->argument_count; i++) {
        text = arena_concat(&cli->arena, 3, text, i == 0 ? STR("") : STR(" "), cli->arguments[i]);
    }
    return text;
}

int command_find(struct cli *cli)
{
    struct search_query query = {
        .viewer = {.sees = cli_flag(cli, "public") ? VISIBILITY_PUBLIC : VISIBILITY_SECRETARIAT},
        .text = joined(cli),
        .no_facets = true,
        .limit = (size_t)cli_number(cli, "limit")};
    struct search_result result;
    struct search *search = NULL;
    struct err err = {0};
    bool own = false;
    int failed;

    if (!lang_from_code(cli_option_value(cli, "lang"), &query.lang)) {
        err_set(&err, ERR_INVALID, "there is no such language; allowed: ja or en");
        return cli_fail(cli, &err);
    }
    if (cli_search(cli, &search, &own, &err) != 0) {
        return cli_fail(cli, &err);
    }
    failed = (own && search_catch_up(search, &err) != 0) || search_run(search, &query, &cli->arena, &result, &err) != 0;
    if (own) {
        search_close(search);
    }
    if (failed) {
        return cli_fail(cli, &err);
    }
    if (cli_wants_json(cli)) {
        print_json(cli, &result, query.lang);
    }
    for (size_t i = 0; !cli_wants_json(cli) && i < result.hit_count; i++) {
        print_hit(cli, &result.hits[i], query.lang);
    }
    return CLI_DONE;
}
