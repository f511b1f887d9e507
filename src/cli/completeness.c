/* musubi completeness: which public texts stand in both languages. */
#include "insight/completeness.h"
#include "cli/commands.h"

#include "model/record.h"

#define WORK_SAID_MAX 1000

const struct cli_option completeness_options[] = {
    {"worklist", CLI_FLAG, NULL, NULL, "also each text that misses a language, at most 1000 of them"},
    {0},
};

struct listing {
    struct cli *cli;
    struct value *items;
};

static int add_item(void *context, const struct wanted_text *wanted)
{
    struct listing *listing = context;
    struct arena *arena = &listing->cli->arena;
    struct value *item;

    if (value_count(listing->items) == WORK_SAID_MAX) {
        return 0;
    }
    item = value_object(arena);
    value_set_text(arena, item, STR("register"), wanted->reg->name);
    value_set_text(arena, item, STR("id"), arena_copy(arena, record_id(wanted->record)));
    value_set_text(arena, item, STR("field"), wanted->field->name);
    value_set_text(arena, item, STR("missing"), lang_codes[wanted->missing]);
    value_append(arena, listing->items, item);
    return 0;
}

/* ---- for machines ---- */

static struct value *count_value(struct cli *cli, const char *name, struct str id, const struct text_count *count)
{
    struct arena *arena = &cli->arena;
    struct value *value = value_object(arena), *missing = value_object(arena);

    if (name != NULL) {
        value_set_text(arena, value, str_from_cstr(name), id);
    }
    value_set(arena, value, STR("texts"), value_int(arena, count->texts));
    value_set(arena, value, STR("both"), value_int(arena, count->both));
    value_set(arena, value, STR("percent"), value_int(arena, text_count_percent(count)));
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        value_set(arena, missing, lang_codes[lang], value_int(arena, count->missing[lang]));
    }
    value_set(arena, value, STR("missing"), missing);
    return value;
}

static void print_machine(struct cli *cli, const struct completeness *completeness, struct value *items)
{
    struct arena *arena = &cli->arena;
    struct value *answer = count_value(cli, NULL, STR(""), &completeness->all);
    struct value *registers = value_list(arena), *owners = value_list(arena);

    for (size_t i = 0; i < cli->model->register_count; i++) {
        if (completeness->registers[i].texts > 0) {
            value_append(arena, registers,
                         count_value(cli, "register", cli->model->registers[i].name, &completeness->registers[i]));
        }
    }
    for (size_t i = 0; i < completeness->owner_count; i++) {
        value_append(arena, owners,
                     count_value(cli, "owner", completeness->owners[i]->owner, &completeness->owners[i]->count));
    }
    value_set(arena, answer, STR("registers"), registers);
    value_set(arena, answer, STR("owners"), owners);
    if (cli_flag(cli, "worklist")) {
        value_set(arena, answer, STR("worklist"), items);
    }
    cli_print_json(cli, answer);
}

/* ---- for people ---- */

static void print_count(struct cli *cli, struct str name, const struct text_count *count)
{
    cli_print(cli, "%-32.*s %8lld %8lld %4d%% %8lld %8lld\n", STR_ARG(name), (long long)count->texts,
              (long long)count->both, text_count_percent(count), (long long)count->missing[LANG_JA],
              (long long)count->missing[LANG_EN]);
}

static void print_head(struct cli *cli, const char *what)
{
    cli_print(cli, "\n%-32s %8s %8s %5s %8s %8s\n", what, "texts", "both", "share", "no ja", "no en");
}

static void print_items(struct cli *cli, const struct value *items, int64_t all)
{
    cli_print(cli, "\n");
    for (size_t i = 0; i < value_count(items); i++) {
        const struct value *item = value_at(items, i);
        cli_print(cli, "%.*s/%.*s:%.*s: is not there in %.*s\n", STR_ARG(value_get_text(item, STR("register"))),
                  STR_ARG(value_get_text(item, STR("id"))), STR_ARG(value_get_text(item, STR("field"))),
                  STR_ARG(value_get_text(item, STR("missing"))));
    }
    if (all > (int64_t)value_count(items)) {
        cli_print(cli, "and %lld more\n", (long long)(all - (int64_t)value_count(items)));
    }
}

static void print_people(struct cli *cli, const struct completeness *completeness, const struct value *items)
{
    int64_t lacking = completeness->all.texts - completeness->all.both;

    if (completeness->all.texts == 0) {
        cli_print(cli, "There is no public text yet.\n");
        return;
    }
    print_head(cli, "register");
    for (size_t i = 0; i < cli->model->register_count; i++) {
        if (completeness->registers[i].texts > 0) {
            print_count(cli, cli->model->registers[i].name, &completeness->registers[i]);
        }
    }
    print_count(cli, STR("all"), &completeness->all);
    print_head(cli, "owner");
    for (size_t i = 0; i < completeness->owner_count; i++) {
        struct str owner = completeness->owners[i]->owner;
        print_count(cli, owner.len == 0 ? STR("(nobody)") : owner, &completeness->owners[i]->count);
    }
    if (lacking == 0) {
        cli_print(cli, "\nEvery public text stands in both languages.\n");
    } else if (cli_flag(cli, "worklist")) {
        print_items(cli, items, lacking);
    }
}

int command_completeness(struct cli *cli)
{
    struct read_options options = {.viewer = {.sees = VISIBILITY_PUBLIC}, .lang = LANG_EN};
    struct listing listing = {.cli = cli, .items = value_list(&cli->arena)};
    struct completeness completeness;
    READER_AUTO *reader = NULL;
    struct err err = {0};

    if (store_read(cli->store, &options, &reader, &err) != 0 ||
        completeness_read(cli->model, reader, &cli->arena, add_item, &listing, &completeness, &err) != 0) {
        return cli_fail(cli, &err);
    }
    if (cli_wants_json(cli)) {
        print_machine(cli, &completeness, listing.items);
    } else {
        print_people(cli, &completeness, listing.items);
    }
    return CLI_DONE;
}
