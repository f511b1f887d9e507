/* musubi completeness: which public texts stand in both languages, and which translations are older than their original. */
#include "insight/completeness.h"
#include "cli/commands.h"

#include "base/message.h"
#include "model/record.h"

#define WORK_SAID_MAX 1000

const struct cli_option completeness_options[] = {
    {"worklist", CLI_FLAG, NULL, NULL, "also each text that misses a language or is out of date, at most 1000 of them"},
    {"record", CLI_FLAG, NULL, NULL, "also keep the counts as those of today, in the register translation-count"},
    {"author", CLI_TEXT, "NAME", "secretariat", "who keeps them"},
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
    if (wanted->missing != LANG_COUNT) {
        value_set_text(arena, item, STR("missing"), lang_codes[wanted->missing]);
    } else {
        value_set_text(arena, item, STR("stale"), lang_codes[wanted->translation.lang]);
        value_set(arena, item, STR("made_from"), value_int(arena, wanted->translation.made_from));
        value_set(arena, item, STR("original_since"), value_int(arena, wanted->translation.original_since));
    }
    value_append(arena, listing->items, item);
    return 0;
}

/* ---- for machines ---- */

static struct value *count_value(struct cli *cli, const char *name, struct str id, const struct text_count *count)
{
    struct arena *arena = &cli->arena;
    struct value *value = value_object(arena), *missing = value_object(arena), *states = value_object(arena);

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
    for (int state = 0; state < TRANSLATION_STATES; state++) {
        value_set(arena, states, translation_state_codes[state], value_int(arena, count->states[state]));
    }
    value_set(arena, value, STR("states"), states);
    value_set(arena, value, STR("stale"), value_int(arena, count->stale));
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
    cli_print(cli, "%-32.*s %8lld %8lld %4d%% %8lld %8lld %8lld\n", STR_ARG(name), (long long)count->texts,
              (long long)count->both, text_count_percent(count), (long long)count->missing[LANG_JA],
              (long long)count->missing[LANG_EN], (long long)count->stale);
}

/* One message a heading: its columns are as wide as the words of a language need. */
static void print_head(struct cli *cli, const char *heading)
{
    cli_print(cli, "\n%s\n", heading);
}

static void print_items(struct cli *cli, const struct value *items, int64_t all)
{
    cli_print(cli, "\n");
    for (size_t i = 0; i < value_count(items); i++) {
        const struct value *item = value_at(items, i);
        struct str missing = value_get_text(item, STR("missing")), stale = value_get_text(item, STR("stale"));
        cli_print(cli,
                  missing.len > 0 ? "%.*s/%.*s:%.*s: is not there in %.*s\n"
                                  : "%.*s/%.*s:%.*s: the original has changed since it was put into %.*s\n",
                  STR_ARG(value_get_text(item, STR("register"))), STR_ARG(value_get_text(item, STR("id"))),
                  STR_ARG(value_get_text(item, STR("field"))), STR_ARG(missing.len > 0 ? missing : stale));
    }
    if (all > (int64_t)value_count(items)) {
        cli_print(cli, "and %lld more\n", (long long)(all - (int64_t)value_count(items)));
    }
}

static void print_people(struct cli *cli, const struct completeness *completeness, const struct value *items)
{
    int64_t lacking = completeness->all.texts - completeness->all.both + completeness->all.stale;

    if (completeness->all.texts == 0) {
        cli_print(cli, "There is no public text yet.\n");
        return;
    }
    print_head(cli,
               message_text("register                            texts     both share    no ja    no en    stale"));
    for (size_t i = 0; i < cli->model->register_count; i++) {
        if (completeness->registers[i].texts > 0) {
            print_count(cli, cli->model->registers[i].name, &completeness->registers[i]);
        }
    }
    print_count(cli, str_from_cstr(message_text("all")), &completeness->all);
    print_head(cli,
               message_text("owner                               texts     both share    no ja    no en    stale"));
    for (size_t i = 0; i < completeness->owner_count; i++) {
        struct str owner = completeness->owners[i]->owner;
        print_count(cli, owner.len == 0 ? str_from_cstr(message_text("(nobody)")) : owner,
                    &completeness->owners[i]->count);
    }
    if (lacking == 0) {
        cli_print(cli, "\nEvery public text stands in both languages.\n");
    } else if (cli_flag(cli, "worklist")) {
        print_items(cli, items, lacking);
    }
}

/* ---- keeping them ---- */

struct recording {
    struct cli *cli;
    const struct reg *reg;
    const struct completeness *completeness;
    struct str day;
};

static int put_count(const struct recording *recording, struct change_set *changes, struct str of,
                     const struct text_count *count, struct err *err)
{
    struct cli *cli = recording->cli;
    struct arena *arena = &cli->arena;
    struct value *given = value_object(arena), *record;

    value_set_text(arena, given, STR("day"), recording->day);
    value_set_text(arena, given, STR("of_register"), of);
    value_set(arena, given, STR("texts"), value_int(arena, count->texts));
    value_set(arena, given, STR("both"), value_int(arena, count->both));
    value_set(arena, given, STR("missing_ja"), value_int(arena, count->missing[LANG_JA]));
    value_set(arena, given, STR("missing_en"), value_int(arena, count->missing[LANG_EN]));
    for (int state = 0; state < TRANSLATION_STATES; state++) {
        value_set(arena, given, translation_state_codes[state], value_int(arena, count->states[state]));
    }
    value_set(arena, given, STR("stale"), value_int(arena, count->stale));
    if (record_make(cli->model, recording->reg, given, arena, &record, err) != 0) {
        return -1;
    }
    return change_put(changes, recording->reg, record, SEQ_ANY, arena, err);
}

static int fill_counts(void *context, struct change_set *changes, struct err *err)
{
    const struct recording *recording = context;
    const struct model *model = recording->cli->model;

    if (put_count(recording, changes, STR(""), &recording->completeness->all, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < model->register_count; i++) {
        const struct text_count *count = &recording->completeness->registers[i];
        if (count->texts > 0 && put_count(recording, changes, model->registers[i].name, count, err) != 0) {
            return -1;
        }
    }
    return 0;
}

/* One record for all and one a register; counted again on the same day, they are those of the last time. */
static int record_counts(struct cli *cli, const struct completeness *completeness, struct err *err)
{
    struct recording recording = {
        .cli = cli, .reg = model_role(cli->model, ROLE_TRANSLATION_COUNT), .completeness = completeness};
    struct write_request request = {.author = cli_option_value(cli, "author"),
                                    .reason = STR("texts and translations counted"),
                                    .kind = STR("edit"),
                                    .fill = fill_counts,
                                    .context = &recording};
    struct write_outcome outcome;

    if (recording.reg == NULL) {
        return err_set(err, ERR_NOT_FOUND, "this model keeps no counts: it has no register \"translation-count\"");
    }
    if (cli_today(cli, &recording.day, err) != 0) {
        return -1;
    }
    return store_write(cli->store, &request, &outcome, err);
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
    reader_release(reader);
    reader = NULL;
    if (cli_flag(cli, "record") && record_counts(cli, &completeness, &err) != 0) {
        return cli_fail(cli, &err);
    }
    if (cli_wants_json(cli)) {
        print_machine(cli, &completeness, listing.items);
    } else {
        print_people(cli, &completeness, listing.items);
    }
    return CLI_DONE;
}
