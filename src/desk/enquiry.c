/* Receiving an enquiry. */
#include "desk/enquiry.h"

#include "desk/mail.h"
#include "model/record.h"

#include <stdio.h>

#define RECENT 20   /* records looked at to guess the next number */
#define ATTEMPTS 20 /* numbers that were used by something that is gone */

const struct reg *enquiry_register(const struct model *model)
{
    static const char *const needed[] = {"subject", "body",         "received",    "topic",
                                         "state",   "sender_email", "sender_name", "due"};
    const struct reg *reg = model_role(model, ROLE_ENQUIRY);

    for (size_t i = 0; reg != NULL && i < sizeof needed / sizeof needed[0]; i++) {
        if (reg_field(reg, str_from_cstr(needed[i])) == NULL) {
            return NULL;
        }
    }
    return reg;
}

/* ---- the number ---- */

static int64_t number_in_year(struct str id, int year)
{
    char beginning[16];
    int64_t number;
    int length = snprintf(beginning, sizeof beginning, "%04d-", year);

    if (!str_take(&id, str_make(beginning, (size_t)length)) || !str_to_int64(id, &number) || number < 0) {
        return 0;
    }
    return number;
}

/* The highest number of the year among the newest; the change set looks from there on for a free one. */
static int last_number(struct reader *reader, const struct reg *reg, int year, struct arena *arena, int64_t *ret_number,
                       struct err *err)
{
    struct list_query query = {
        .reg = reg, .sort = reg_field(reg, STR("received")), .descending = true, .limit = RECENT};
    struct page page = {0};

    *ret_number = 0;
    if (store_list(reader, &query, arena, &page, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < page.count; i++) {
        int64_t number = number_in_year(record_id(page.items[i].record), year);
        *ret_number = number > *ret_number ? number : *ret_number;
    }
    return 0;
}

/* ---- the record ---- */

struct receiving {
    const struct enquiry_given *given;
    const struct model *model;
    const struct reg *reg;
    const struct desk_settings *settings;
    struct bilingual about_label;
    struct str assigned_to;
    struct date today;
    int64_t next_number;
    struct arena *arena;
    struct enquiry_receipt *receipt;
};

/* Sets a text that is not empty, if the register has such a field. */
static void set(const struct receiving *receiving, struct value *record, const char *name, struct str text)
{
    if (text.len > 0 && reg_field(receiving->reg, str_from_cstr(name)) != NULL) {
        value_set_text(receiving->arena, record, str_from_cstr(name), text);
    }
}

static struct str date_text(struct arena *arena, struct date date)
{
    char text[DATE_TEXT_MAX];

    return arena_copy(arena, str_make(text, date_format(date, text)));
}

/* The topic's words, and what the record that it is about is called: nothing that the sender wrote, so that lists of
 * enquiries show nobody's details. */
static struct str subject_of(const struct receiving *receiving)
{
    const struct vocabulary *topics = reg_field(receiving->reg, STR("topic"))->vocabulary;
    const struct term *term = topics == NULL ? NULL : vocabulary_term(topics, receiving->given->topic);
    enum lang lang = receiving->given->lang;
    struct str topic = term == NULL ? receiving->given->topic : bilingual_best(term->label, lang);
    struct str about = bilingual_best(receiving->about_label, lang);

    return about.len == 0 ? topic
                          : arena_concat(receiving->arena, 3, topic, lang == LANG_JA ? STR("：") : STR(": "), about);
}

static struct value *record_of(const struct receiving *receiving)
{
    const struct enquiry_given *given = receiving->given;
    struct arena *arena = receiving->arena;
    struct value *record = value_object(arena);
    char at[TIME_TEXT_MAX];

    set(receiving, record, "subject", subject_of(receiving));
    set(receiving, record, "body", given->body);
    set(receiving, record, "received", arena_copy(arena, str_make(at, time_format(given->received_ms, at))));
    set(receiving, record, "topic", given->topic);
    if (given->about_reg != NULL) {
        set(receiving, record, "about", arena_concat(arena, 3, given->about_reg->name, STR("/"), given->about_id));
    }
    set(receiving, record, "state", STR("new"));
    set(receiving, record, "language", given->language);
    set(receiving, record, "sender_name", given->sender_name);
    set(receiving, record, "sender_email", given->sender_email);
    set(receiving, record, "sender_organisation", given->sender_organisation);
    set(receiving, record, "country", given->country);
    set(receiving, record, "due", date_text(arena, receiving->receipt->due));
    set(receiving, record, "erase_on",
        date_text(arena, date_after_days(receiving->today, receiving->settings->keep_days)));
    if (reg_field(receiving->reg, STR("consent")) != NULL) {
        value_set(arena, record, STR("consent"), value_bool(arena, true));
    }
    if (receiving->assigned_to.len > 0 && reg_field(receiving->reg, STR("assigned_to")) != NULL) {
        struct value *party = value_object(arena);
        value_set_text(arena, party, STR("id"), receiving->assigned_to);
        value_set(arena, record, STR("assigned_to"), party);
        value_set_text(arena, record, STR("owner"), receiving->assigned_to);
    }
    return record;
}

/* ---- who is to answer ---- */

/* What the public may not see is not told of by who answers, either. */
static int look_up_about(struct store *store, struct receiving *receiving, struct err *err)
{
    READER_AUTO *reader = NULL;
    const struct enquiry_given *given = receiving->given;
    struct read_options options = {.viewer = {.sees = VISIBILITY_PUBLIC}};
    struct found found = {0};

    receiving->assigned_to = receiving->settings->secretariat;
    if (given->about_reg == NULL) {
        return 0;
    }
    if (store_read(store, &options, &reader, err) != 0) {
        return -1;
    }
    if (store_get(reader, given->about_reg, given->about_id, receiving->arena, &found, NULL, err) != 0) {
        return err->code == ERR_NOT_FOUND ? 0 : -1;
    }
    receiving->about_label = record_label(receiving->model, given->about_reg, found.record, receiving->arena);
    if (value_get_text(found.record, STR("owner")).len > 0) {
        receiving->assigned_to = value_get_text(found.record, STR("owner"));
    }
    return 0;
}

/* ---- writing ---- */

static int fill(void *context, struct change_set *changes, struct err *err)
{
    struct receiving *receiving = context;
    struct arena *arena = receiving->arena;
    struct record_problems problems;
    struct value *given = record_of(receiving);
    struct value *record = NULL;
    struct found found;
    struct str id;
    int64_t number = receiving->next_number;

    do {
        id = arena_format(arena, "%04d-%05lld", receiving->today.year, (long long)number++);
    } while (change_current(changes, receiving->reg, id, arena, &found, err) == 0);
    if (err->code != ERR_NOT_FOUND) {
        return -1;
    }
    *err = (struct err){0};
    value_set_text(arena, given, STR("id"), id);
    record_problems_init(&problems, arena);
    if (record_from_value(receiving->model, receiving->reg, given, arena, &problems, &record) != 0) {
        return err_set_field(err, ERR_INVALID, problems.items[0].field, "%.*s", STR_ARG(problems.items[0].message));
    }
    if (change_put(changes, receiving->reg, record, SEQ_NONE, arena, err) != 0) {
        return -1;
    }
    receiving->receipt->number = id;
    if (mail_queue(changes, receiving->model, MAIL_NOTICE, id, receiving->given->received_ms, arena, err) != 0) {
        return -1;
    }
    return receiving->given->sender_email.len == 0
               ? 0
               : mail_queue(changes, receiving->model, MAIL_RECEIPT, id, receiving->given->received_ms, arena, err);
}

static int prepare(struct store *store, struct receiving *receiving, struct desk_settings *settings, struct err *err)
{
    READER_AUTO *reader = NULL;
    int64_t last = 0;

    if (desk_settings_read(store, receiving->given->received_ms, receiving->arena, settings, err) != 0) {
        return -1;
    }
    receiving->settings = settings;
    receiving->today = date_in_zone(receiving->given->received_ms, settings->zone);
    receiving->receipt->due = working_day_after(&settings->week, receiving->today, settings->answer_days);
    if (look_up_about(store, receiving, err) != 0 || desk_read(store, &reader, err) != 0 ||
        last_number(reader, receiving->reg, receiving->today.year, receiving->arena, &last, err) != 0) {
        return -1;
    }
    receiving->next_number = last + 1;
    return 0;
}

int enquiry_receive(struct store *store, const struct enquiry_given *given, struct arena *arena,
                    struct enquiry_receipt *ret_receipt, struct err *err)
{
    struct enquiry_receipt receipt = {0};
    struct desk_settings settings;
    struct receiving receiving = {
        .given = given,
        .model = store_model(store),
        .reg = enquiry_register(store_model(store)),
        .arena = arena,
        .receipt = &receipt,
    };
    struct write_request request = {.author = STR("enquiry form"),
                                    .reason = STR("an enquiry came"),
                                    .kind = STR("edit"),
                                    .fill = fill,
                                    .context = &receiving};
    struct write_outcome outcome;

    if (receiving.reg == NULL) {
        return err_set(err, ERR_NOT_FOUND, "this model has no register for enquiries");
    }
    if (prepare(store, &receiving, &settings, err) != 0) {
        return -1;
    }
    for (int attempt = 1; store_write(store, &request, &outcome, err) != 0; attempt++) {
        if (err->code != ERR_CONFLICT || attempt == ATTEMPTS) {
            return -1;
        }
        *err = (struct err){0};
    }
    *ret_receipt = receipt;
    return 0;
}
