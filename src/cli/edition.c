/* Editions: freezing one, listing them, telling what is different between two. */
#include "cli/commands.h"
#include "insight/edition_diff.h"
#include "insight/edition_gaps.h"

#include "base/date.h"
#include "base/message.h"

#define GAPS_SAID_MAX 100
#define TOUCHED_MAX 200000
#define FREEZE_TRIES 3

static struct str when(struct cli *cli, int64_t time_ms)
{
    char text[TIME_TEXT_MAX];
    size_t length = time_format(time_ms, text);
    return arena_copy(&cli->arena, str_make(text, length));
}

/* ---- freeze ---- */

const struct cli_option edition_freeze_options[] = {
    {"allow-gaps", CLI_FLAG, NULL, NULL, "freeze although required sources or translations are missing, and keep that"},
    {"author", CLI_TEXT, "NAME", "secretariat", "who does it"},
    {"note", CLI_TEXT, "TEXT", NULL, "a sentence about it, for everybody"},
    {0},
};

static void say_gap(struct cli *cli, const struct gap *gap)
{
    if (gap->kind == GAP_SOURCE) {
        cli_say(cli, "%.*s/%.*s:%.*s: has no source", STR_ARG(gap->reg->name), STR_ARG(gap->id),
                STR_ARG(gap->field->name));
    } else {
        cli_say(cli, "%.*s/%.*s:%.*s: is not there in %.*s", STR_ARG(gap->reg->name), STR_ARG(gap->id),
                STR_ARG(gap->field->name), STR_ARG(lang_codes[gap->missing]));
    }
}

static void say_gaps(struct cli *cli, const struct gaps *gaps)
{
    int64_t all = gaps->sources + gaps->translations;
    size_t said = gaps->count < GAPS_SAID_MAX ? gaps->count : GAPS_SAID_MAX;
    for (size_t i = 0; i < said; i++) {
        say_gap(cli, &gaps->items[i]);
    }
    if (all > (int64_t)said) {
        cli_say(cli, "and %lld more", (long long)(all - (int64_t)said));
    }
}

static int refuse_gaps(struct cli *cli, const struct gaps *gaps)
{
    struct err err;
    say_gaps(cli, gaps);
    err_set(&err, ERR_INVALID,
            "nothing was frozen: %lld sources and %lld translations are missing; allowed: bring them, or freeze with "
            "--allow-gaps, which is kept with the edition",
            (long long)gaps->sources, (long long)gaps->translations);
    cli_say(cli, "musubi: %s", err.message);
    if (cli_wants_json(cli)) {
        struct value *answer = value_object(&cli->arena), *error = value_object(&cli->arena);
        value_set_text(&cli->arena, error, STR("code"), str_from_cstr(err_code_name(err.code)));
        value_set_text(&cli->arena, error, STR("message"), str_from_cstr(err.message));
        value_set(&cli->arena, answer, STR("error"), error);
        value_set(&cli->arena, answer, STR("gaps"), gaps_value(gaps, &cli->arena));
        cli_print_json(cli, answer);
    }
    return CLI_REFUSED;
}

static struct value *edition_value(struct cli *cli, const struct edition *edition)
{
    struct arena *arena = &cli->arena;
    struct value *value = value_object(arena), *gaps = NULL;
    value_set_text(arena, value, STR("name"), edition->name);
    value_set(arena, value, STR("seq"), value_int(arena, edition->seq));
    value_set_text(arena, value, STR("frozen_at"), when(cli, edition->frozen_ms));
    value_set_text(arena, value, STR("frozen_by"), edition->frozen_by);
    if (edition->note.len > 0) {
        value_set_text(arena, value, STR("note"), edition->note);
    }
    if (edition->gaps.len > 0 && json_read(arena, edition->gaps, NULL, &gaps, NULL) == 0) {
        value_set(arena, value, STR("gaps"), gaps);
    }
    return value;
}

/* What is missing, and the seq at which it was looked for. */
static int look(struct cli *cli, struct gaps *ret_gaps, int64_t *ret_seq, struct err *err)
{
    struct read_options options = {.viewer = {.sees = VISIBILITY_PUBLIC}, .lang = LANG_EN};
    READER_AUTO *reader = NULL;
    if (store_read(cli->store, &options, &reader, err) || gaps_find(cli->model, reader, &cli->arena, ret_gaps, err)) {
        return -1;
    }
    *ret_seq = reader_seq(reader);
    return 0;
}

/* Somebody may write between looking and freezing: then it is looked again. */
static int freeze(struct cli *cli, struct gaps *ret_gaps, const struct edition **ret_edition, struct err *err)
{
    struct str name = cli->arguments[0];
    for (int i = 0; i < FREEZE_TRIES; i++) {
        BUF_AUTO json;
        struct freeze_request request = {
            .name = name, .frozen_by = cli_option_value(cli, "author"), .note = cli_option_value(cli, "note")};
        *err = (struct err){0};
        if (look(cli, ret_gaps, &request.seq, err)) {
            return -1;
        }
        bool lacks = ret_gaps->count > 0;
        buf_init(&json, (size_t)4 << 20);
        if (lacks && !cli_flag(cli, "allow-gaps")) {
            return -1;
        }
        if (lacks) {
            value_write_json(&json, gaps_value(ret_gaps, &cli->arena));
            request.gaps = buf_str(&json);
        }
        if (store_freeze(cli->store, &request, ret_edition, err) == 0) {
            return 0;
        }
        if (err->code != ERR_CONFLICT || err->field[0]) {
            return -1;
        }
    }
    return -1;
}

int command_edition_freeze(struct cli *cli)
{
    const struct edition *edition = NULL;
    struct gaps gaps = {0};
    struct err err = {0};
    if (freeze(cli, &gaps, &edition, &err)) {
        return err.code == ERR_NONE ? refuse_gaps(cli, &gaps) : cli_fail(cli, &err);
    }
    say_gaps(cli, &gaps);
    if (cli_wants_json(cli)) {
        cli_print_json(cli, edition_value(cli, edition));
    } else {
        cli_print(cli, "edition %.*s is frozen at revision %lld%s\n", STR_ARG(edition->name), (long long)edition->seq,
                  gaps.count > 0 ? message_text(", with gaps") : "");
    }
    return CLI_DONE;
}

/* ---- list ---- */

int command_edition_list(struct cli *cli)
{
    struct value *list = value_list(&cli->arena);
    for (const struct edition *edition = store_editions(cli->store); edition; edition = edition->older) {
        if (cli_wants_json(cli)) {
            value_append(&cli->arena, list, edition_value(cli, edition));
        } else {
            cli_print(cli, "%.*s  revision %lld  %.*s by %.*s%s%s%.*s\n", STR_ARG(edition->name),
                      (long long)edition->seq, STR_ARG(when(cli, edition->frozen_ms)), STR_ARG(edition->frozen_by),
                      edition->gaps.len > 0 ? message_text(", with gaps") : "", edition->note.len > 0 ? ": " : "",
                      STR_ARG(edition->note));
        }
    }
    if (cli_wants_json(cli)) {
        cli_print_json(cli, list);
    }
    return CLI_DONE;
}

int cli_edition(struct cli *cli, struct str name, const struct edition **ret_edition)
{
    struct str names = STR("");
    struct err err;
    *ret_edition = store_edition(cli->store, name);
    if (*ret_edition) {
        return 0;
    }
    for (const struct edition *edition = store_editions(cli->store); edition; edition = edition->older) {
        names = arena_concat(&cli->arena, 3, names, names.len ? STR(", ") : STR(""), edition->name);
    }
    err_set(&err, ERR_NOT_FOUND,
            names.len ? "there is no edition \"%.*s\"; there are: %.*s"
                      : "there is no edition \"%.*s\"; there is none yet%.*s",
            STR_ARG(str_slice(name, 0, 100)), STR_ARG(names));
    return cli_fail(cli, &err);
}

/* ---- diff ---- */

/* "present" or an edition. */
static int seq_of(struct cli *cli, struct str name, int64_t *ret_seq)
{
    const struct edition *edition;
    *ret_seq = store_last_seq(cli->store);
    if (str_eq(name, STR("present"))) {
        return 0;
    }
    if (cli_edition(cli, name, &edition)) {
        return CLI_REFUSED;
    }
    *ret_seq = edition->seq;
    return 0;
}

static void print_side(struct buf *line, const struct value *value)
{
    if (value) {
        value_write_json(line, value);
    } else {
        buf_add_literal(line, "nothing");
    }
}

static void print_field(struct cli *cli, const struct field_difference *field)
{
    BUF_AUTO line;
    buf_init(&line, (size_t)4 << 20);
    buf_add_format(&line, "    %.*s: ", STR_ARG(field->name));
    print_side(&line, field->before);
    buf_add_literal(&line, " -> ");
    print_side(&line, field->after);
    if (field->has_number) {
        char number[DECIMAL_TEXT_MAX];
        decimal_format(field->number, number);
        buf_add_format(&line, " (%s%s)", number[0] == '-' ? "" : "+", number);
    }
    buf_add_byte(&line, '\n');
    cli_write(cli, buf_str(&line));
}

static void print_difference(struct cli *cli, const struct difference *difference)
{
    static const char signs[] = {[DIFFERENCE_ADDED] = '+', [DIFFERENCE_LEFT] = '-', [DIFFERENCE_CHANGED] = '~'};
    cli_print(cli, "%c %.*s/%.*s%s%.*s  %.*s\n", signs[difference->kind], STR_ARG(difference->reg->name),
              STR_ARG(difference->id), difference->was.len > 0 ? ", was " : "", STR_ARG(difference->was),
              STR_ARG(bilingual_best(difference->label, LANG_EN)));
    for (size_t i = 0; i < difference->field_count; i++) {
        print_field(cli, &difference->fields[i]);
    }
}

static void print_diff(struct cli *cli, const struct edition_diff *diff)
{
    for (size_t i = 0; i < diff->count; i++) {
        print_difference(cli, &diff->items[i]);
    }
    for (size_t i = 0; i < diff->register_count; i++) {
        const struct register_differences *counts = &diff->registers[i];
        cli_print(cli, "%.*s: %lld added, %lld left, %lld changed\n", STR_ARG(counts->reg->name),
                  (long long)counts->count[DIFFERENCE_ADDED], (long long)counts->count[DIFFERENCE_LEFT],
                  (long long)counts->count[DIFFERENCE_CHANGED]);
    }
    if (diff->count == 0) {
        cli_print(cli, "nothing is different\n");
    }
}

int command_edition_diff(struct cli *cli)
{
    struct read_options options = {.viewer = {.sees = VISIBILITY_PUBLIC}, .lang = LANG_EN};
    struct edition_diff diff;
    struct err err = {0};
    int64_t from, to;
    if (seq_of(cli, cli->arguments[0], &from) || seq_of(cli, cli->arguments[1], &to)) {
        return CLI_REFUSED;
    }
    if (from > to) {
        err_set(&err, ERR_INVALID, "\"%.*s\" is younger than \"%.*s\"; allowed: the older one first",
                STR_ARG(cli->arguments[0]), STR_ARG(cli->arguments[1]));
        return cli_fail(cli, &err);
    }
    if (edition_diff(cli->store, &options, from, to, TOUCHED_MAX, &cli->arena, &diff, &err)) {
        return cli_fail(cli, &err);
    }
    if (!cli_wants_json(cli)) {
        print_diff(cli, &diff);
        return CLI_DONE;
    }
    struct value *list = value_list(&cli->arena);
    for (size_t i = 0; i < diff.count; i++) {
        value_append(&cli->arena, list, difference_value(&diff.items[i], &cli->arena));
    }
    cli_print_json(cli, list);
    return CLI_DONE;
}
