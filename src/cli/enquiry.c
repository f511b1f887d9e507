/* Enquiries at the desk: list, show, answer, forward, close, erase. */
#include "cli/commands.h"
#include "cli/desk_words.h"

#include "base/file.h"
#include "desk/enquiry.h"
#include "desk/mail_queue.h"
#include "model/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ANSWER_BYTES_MAX ((size_t)256 << 10)
#define LISTED_MAX 1000

#define BY_OPTION                                            \
    {                                                        \
        "by", CLI_TEXT, "NAME", "secretariat", "who does it" \
    }

const struct cli_option enquiry_list_options[] = {
    {"state", CLI_TEXT, "STATE", NULL,
     "only these: new, assigned, answered, case, closed, spam; else new and assigned"},
    {"for", CLI_TEXT, "ORGANISATION", NULL, "only what this organisation is to answer"},
    {"limit", CLI_NUMBER, "N", "100", "how many of each state, at most 1000"},
    {0},
};
const struct cli_option enquiry_answer_options[] = {
    {"text", CLI_TEXT, "TEXT", NULL, "the answer"},
    {"file", CLI_TEXT, "FILE", NULL, "file with the answer; - for standard input"},
    BY_OPTION,
    {0},
};
const struct cli_option enquiry_forward_options[] = {
    {"reason", CLI_TEXT, "TEXT", "forwarded", "why, for the history"}, BY_OPTION, {0}};
const struct cli_option enquiry_close_options[] = {
    {"reason", CLI_TEXT, "TEXT", "closed", "why, for the history"},
    {"spam", CLI_FLAG, NULL, NULL, "nobody has to answer it"},
    BY_OPTION,
    {0},
};
const struct cli_option enquiry_erase_options[] = {BY_OPTION, {0}};

static const struct reg *enquiries(struct cli *cli)
{
    const struct reg *reg = enquiry_register(cli->model);
    if (!reg) {
        cli_say(cli, "musubi: this model has no register for enquiries");
    }
    return reg;
}

/* ---- list ---- */

struct listing {
    struct cli *cli;
    const struct reg *reg;
    struct reader *reader;
    const struct value **records;
    size_t count;
};

static struct str desk_of(const struct value *record)
{
    return value_get_text(value_get(record, STR("assigned_to")), STR("id"));
}

static int add_state(struct listing *listing, struct str state, struct err *err)
{
    struct cli *cli = listing->cli;
    struct filter filters[2] = {{.field = reg_field(listing->reg, STR("state")), .name = STR("state"), .value = state}};
    struct list_query query = {
        .reg = listing->reg, .filters = filters, .filter_count = 1, .sort = reg_field(listing->reg, STR("due"))};
    struct page page = {0};
    int64_t limit = cli_number(cli, "limit");
    query.limit = (size_t)(limit < 1 ? 1 : limit > LISTED_MAX ? LISTED_MAX : limit);
    if (cli_flag(cli, "for")) {
        filters[1] = (struct filter){.field = reg_field(listing->reg, STR("assigned_to")),
                                     .name = STR("assigned_to"),
                                     .value = cli_option_value(cli, "for")};
        query.filter_count = filters[1].field ? 2 : 1;
    }
    if (store_list(listing->reader, &query, &cli->arena, &page, err)) {
        return -1;
    }
    for (size_t i = 0; i < page.count; i++) {
        listing->records[listing->count++] = page.items[i].record;
    }
    return 0;
}

static int by_due(const void *a, const void *b)
{
    const struct value *const *first = a;
    const struct value *const *second = b;
    int order = str_cmp(value_get_text(*first, STR("due")), value_get_text(*second, STR("due")));
    return order != 0 ? order : str_cmp(record_id(*first), record_id(*second));
}

/* Nothing of the sender: lists are read over shoulders. */
static void print_listed(struct cli *cli, const struct reg *reg, const struct desk_words *words,
                         const struct value *record)
{
    struct date due;
    struct str state = value_get_text(record, STR("state"));
    bool open = str_eq(state, STR("new")) || str_eq(state, STR("assigned"));
    bool late = open && date_parse(value_get_text(record, STR("due")), &due) && date_cmp(due, words->today) < 0;
    struct str desk = desk_of(record);
    cli_print(cli, "%.*s  %.*s  %.*s %.*s%s%.*s  %.*s  %.*s\n", STR_ARG(record_id(record)),
              STR_ARG(desk_term(words, reg_field(reg, STR("state")), state)), STR_ARG(desk_word(words, "desk-due")),
              STR_ARG(value_get_text(record, STR("due"))), late ? " " : "",
              STR_ARG(late ? desk_word(words, "desk-late") : STR("")), STR_ARG(desk.len > 0 ? desk : STR("-")),
              STR_ARG(value_get_text(record, STR("subject"))));
}

static int print_list(struct listing *listing)
{
    struct cli *cli = listing->cli;
    struct value *list = value_list(&cli->arena);
    DESK_WORDS_AUTO words = {0};
    qsort(listing->records, listing->count, sizeof listing->records[0], by_due);
    if (desk_words_open(cli, &words) != 0) {
        return CLI_REFUSED;
    }
    for (size_t i = 0; i < listing->count; i++) {
        if (cli_wants_json(cli)) {
            value_append(&cli->arena, list, value_copy(&cli->arena, listing->records[i]));
        } else {
            print_listed(cli, listing->reg, &words, listing->records[i]);
        }
    }
    if (cli_wants_json(cli)) {
        cli_print_json(cli, list);
    }
    return CLI_DONE;
}

int command_enquiry_list(struct cli *cli)
{
    struct listing listing = {.cli = cli, .reg = enquiries(cli)};
    READER_AUTO *reader = listing.reg ? cli_reader(cli) : NULL;
    struct err err = {0};
    if (!reader) {
        return CLI_REFUSED;
    }
    listing.reader = reader;
    listing.records = (const struct value **)arena_alloc_array(&cli->arena, 2 * LISTED_MAX, sizeof *listing.records);
    int failed = cli_flag(cli, "state")
                     ? add_state(&listing, cli_option_value(cli, "state"), &err)
                     : add_state(&listing, STR("new"), &err) || add_state(&listing, STR("assigned"), &err);
    return failed ? cli_fail(cli, &err) : print_list(&listing);
}

/* ---- show ---- */

/* A mail's record, or NULL when there is none of that number. */
static const struct value *mail_of(struct cli *cli, struct reader *reader, struct str number, enum mail_kind kind,
                                   int turn)
{
    const struct reg *reg = model_role(cli->model, ROLE_MAIL);
    struct str id = arena_format(&cli->arena, "%.*s.%.*s.%d", STR_ARG(number), STR_ARG(mail_kind_names[kind]), turn);
    struct found found;
    struct err err = {0};
    return reg && store_get(reader, reg, id, &cli->arena, &found, NULL, &err) == 0 ? found.record : NULL;
}

static struct value *mails_of(struct cli *cli, struct reader *reader, struct str number)
{
    struct value *list = value_list(&cli->arena);
    for (size_t kind = 0; kind < MAIL_KINDS; kind++) {
        const struct value *mail;
        for (int turn = 1; (mail = mail_of(cli, reader, number, (enum mail_kind)kind, turn)) != NULL; turn++) {
            value_append(&cli->arena, list, value_copy(&cli->arena, mail));
        }
    }
    return list;
}

/* A member with its title: one line, or the lines of a long text below it. */
static void print_member(struct cli *cli, const struct desk_words *words, const struct field *field,
                         const struct value *value)
{
    struct str text = desk_term(words, field, value_text_of(value));
    if (value->kind == VALUE_OBJECT) {
        text = value_get_text(value, STR("id"));
    }
    if (value->kind == VALUE_BOOL) {
        text = desk_word(words, value->boolean ? "yes" : "no");
    }
    bool lines = str_find_byte(text, '\n') < text.len || text.len > 100;
    cli_print(cli, "%.*s:%s%.*s\n", STR_ARG(bilingual_best(field->title, words->lang)), lines ? "\n" : " ",
              STR_ARG(text));
}

static void print_enquiry(struct cli *cli, const struct desk_words *words, const struct reg *reg,
                          const struct value *record, const struct value *mails)
{
    const struct reg *mail_reg = model_role(cli->model, ROLE_MAIL);
    cli_print(cli, "%.*s: %.*s\n", STR_ARG(desk_word(words, "desk-number")), STR_ARG(record_id(record)));
    for (size_t i = 0; i < reg->field_count; i++) {
        const struct value *value = value_get(record, reg->fields[i].name);
        if (value) {
            print_member(cli, words, &reg->fields[i], value);
        }
    }
    for (size_t i = 0; i < value_count(mails); i++) {
        const struct value *mail = value_at(mails, i);
        struct str trouble = value_get_text(mail, STR("trouble"));
        cli_print(cli, "%.*s %.*s: %.*s%s%.*s\n", STR_ARG(desk_word(words, "desk-mail")),
                  STR_ARG(desk_term(words, reg_field(mail_reg, STR("kind")), value_get_text(mail, STR("kind")))),
                  STR_ARG(desk_term(words, reg_field(mail_reg, STR("state")), value_get_text(mail, STR("state")))),
                  trouble.len > 0 ? ", " : "", STR_ARG(trouble));
    }
}

int command_enquiry_show(struct cli *cli)
{
    const struct reg *reg = enquiries(cli);
    READER_AUTO *reader = reg ? cli_reader(cli) : NULL;
    struct found found;
    struct err err = {0};
    if (!reader) {
        return CLI_REFUSED;
    }
    if (store_get(reader, reg, cli->arguments[0], &cli->arena, &found, NULL, &err)) {
        return cli_fail(cli, &err);
    }
    struct value *mails = mails_of(cli, reader, cli->arguments[0]);
    if (cli_wants_json(cli)) {
        struct value *whole = value_copy(&cli->arena, found.record);
        value_set(&cli->arena, whole, STR("mails"), mails);
        cli_print_json(cli, whole);
        return CLI_DONE;
    }
    DESK_WORDS_AUTO words = {0};
    if (desk_words_open(cli, &words) != 0) {
        return CLI_REFUSED;
    }
    print_enquiry(cli, &words, reg, found.record, mails);
    return CLI_DONE;
}

/* ---- steps ---- */

static int print_outcome(struct cli *cli, const struct write_outcome *outcome)
{
    if (cli_wants_json(cli)) {
        struct value *answer = value_object(&cli->arena);
        cli_set_outcome(cli, answer, outcome);
        cli_print_json(cli, answer);
        return CLI_DONE;
    }
    DESK_WORDS_AUTO words = {0};
    if (desk_words_open(cli, &words) != 0) {
        return CLI_REFUSED;
    }
    cli_print(cli, "%.*s\n", STR_ARG(desk_word(&words, outcome->change_set == 0 ? "desk-unchanged" : "desk-done")));
    return CLI_DONE;
}

static int take_step(struct cli *cli, struct enquiry_step *step)
{
    struct write_outcome outcome = {0};
    struct err err = {0};
    step->number = cli->arguments[0];
    step->author = cli_option_value(cli, "by");
    step->now_ms = time_now_ms();
    return enquiry_take_step(cli->store, step, &outcome, &err) ? cli_fail(cli, &err) : print_outcome(cli, &outcome);
}

static int read_input(struct cli *cli, struct str *ret_text, struct err *err)
{
    BUF_AUTO text;
    char part[4096];
    ssize_t length;
    buf_init(&text, ANSWER_BYTES_MAX);
    while ((length = read(cli->in, part, sizeof part)) != 0) {
        if (length < 0 && errno != EINTR) {
            return err_set(err, ERR_IO, "standard input: %s", strerror(errno));
        }
        if (length > 0) {
            buf_add(&text, str_make(part, (size_t)length));
        }
    }
    if (text.overflow) {
        return err_set(err, ERR_LIMIT, "the answer is longer than %zu bytes", ANSWER_BYTES_MAX);
    }
    *ret_text = arena_copy(&cli->arena, buf_str(&text));
    return 0;
}

static int read_answer(struct cli *cli, struct str *ret_text, struct err *err)
{
    struct str file = cli_option_value(cli, "file");
    if (cli_flag(cli, "text")) {
        *ret_text = cli_option_value(cli, "text");
        return 0;
    }
    if (str_eq(file, STR("-"))) {
        return read_input(cli, ret_text, err);
    }
    return file_read(&cli->arena, cli_path(cli, file).ptr, ANSWER_BYTES_MAX, ret_text, err);
}

int command_enquiry_answer(struct cli *cli)
{
    struct enquiry_step step = {.state = STR("answered"), .reason = STR("answered")};
    struct err err = {0};
    if (cli_flag(cli, "text") == cli_flag(cli, "file")) {
        cli_say(cli, "musubi: enquiry answer needs either --text TEXT or --file FILE");
        return CLI_USAGE;
    }
    if (read_answer(cli, &step.answer, &err)) {
        return cli_fail(cli, &err);
    }
    step.answer = str_trim(step.answer);
    if (step.answer.len == 0 || !str_is_utf8(step.answer)) {
        cli_say(cli, "musubi: the answer is empty, or no UTF-8");
        return CLI_USAGE;
    }
    return take_step(cli, &step);
}

int command_enquiry_forward(struct cli *cli)
{
    struct enquiry_step step = {
        .state = STR("assigned"), .reason = cli_option_value(cli, "reason"), .assigned_to = cli->arguments[1]};
    return take_step(cli, &step);
}

int command_enquiry_close(struct cli *cli)
{
    struct enquiry_step step = {.state = cli_flag(cli, "spam") ? STR("spam") : STR("closed"),
                                .reason = cli_option_value(cli, "reason")};
    return take_step(cli, &step);
}

int command_enquiry_erase(struct cli *cli)
{
    struct write_outcome outcome = {0};
    struct err err = {0};
    DESK_WORDS_AUTO words = {0};
    if (desk_words_open(cli, &words) != 0) {
        return CLI_REFUSED;
    }
    return enquiry_erase_due(cli->store, words.today, cli_option_value(cli, "by"), &outcome, &err)
               ? cli_fail(cli, &err)
               : print_outcome(cli, &outcome);
}
