#include "web/contact_mail.h"

#include "base/intl.h"
#include "model/record.h"
#include "web/site.h"

struct letter {
    const struct call *call; /* for its words */
    const struct mail_job *job;
    const struct reg *reg;
    struct arena *arena;
    struct str number;
};

static struct str text_of(const struct letter *letter, const char *name)
{
    return value_get_text(letter->job->enquiry, str_from_cstr(name));
}

/* A code in words. */
static struct str words_of(const struct letter *letter, const char *name)
{
    const struct field *field = reg_field(letter->reg, str_from_cstr(name));
    struct str code = text_of(letter, name);
    const struct term *term =
        field == NULL || field->vocabulary == NULL ? NULL : vocabulary_term(field->vocabulary, code);

    return term == NULL ? code : bilingual_best(term->label, letter->call->lang);
}

static struct str due_of(const struct letter *letter)
{
    struct date due;

    return date_parse(text_of(letter, "due"), &due) ? intl_date(letter->arena, lang_codes[letter->call->lang], due)
                                                    : STR("");
}

static struct str said(const struct letter *letter, const char *msgid)
{
    struct http_pair pairs[] = {
        {STR("number"), letter->number},
        {STR("due"), due_of(letter)},
        {STR("topic"), words_of(letter, "topic")},
        {STR("community"), bilingual_best(letter->job->settings->name, letter->call->lang)},
        {STR("subject"), text_of(letter, "subject")},
        {STR("desk"), bilingual_best(letter->job->desk_name, letter->call->lang)},
        {STR("name"), text_of(letter, "sender_name")},
        {STR("email"), text_of(letter, "sender_email")},
        {STR("organisation"), text_of(letter, "sender_organisation")},
        {STR("country"), words_of(letter, "country")},
        {STR("language"), words_of(letter, "language")},
        {STR("about"), text_of(letter, "about")},
        {STR("message"), text_of(letter, "body")},
        {STR("answer"), text_of(letter, "answer")},
    };

    return say(letter->call, msgid, pairs, sizeof pairs / sizeof pairs[0]);
}

static void write_letter(const struct letter *letter, struct mail_message *message)
{
    static const char *const subjects[MAIL_KINDS] = {[MAIL_NOTICE] = "mail-notice-subject",
                                                     [MAIL_RECEIPT] = "mail-receipt-subject",
                                                     [MAIL_ANSWER] = "mail-answer-subject"};
    static const char *const bodies[MAIL_KINDS] = {
        [MAIL_NOTICE] = "mail-notice", [MAIL_RECEIPT] = "mail-receipt", [MAIL_ANSWER] = "mail-answer"};
    const struct mail_job *job = letter->job;
    struct str sender = text_of(letter, "sender_email");

    message->from_name = bilingual_best(job->settings->name, letter->call->lang);
    message->subject = said(letter, subjects[job->kind]);
    message->body = said(letter, bodies[job->kind]);
    message->to = job->kind == MAIL_NOTICE ? job->desk_email : sender;
    message->automatic = job->kind != MAIL_ANSWER;
    if (job->kind == MAIL_NOTICE) {
        message->reply_to = mail_address_is_plain(sender) ? sender : STR("");
    } else if (mail_address_is_plain(job->settings->contact_email)) {
        message->reply_to = job->settings->contact_email;
    }
}

int contact_mail_compose(void *context, const struct mail_job *job, struct arena *arena, struct mail_message *message,
                         struct err *err)
{
    struct site *site = context;
    struct call call = {.site = site, .arena = arena, .lang = job->settings->lang};
    struct letter letter = {.call = &call,
                            .job = job,
                            .reg = model_role(site->model, ROLE_ENQUIRY),
                            .arena = arena,
                            .number = record_id(job->enquiry)};

    if (letter.reg == NULL) {
        return err_set(err, ERR_NOT_FOUND, "this model has no register for enquiries");
    }
    if (job->kind != MAIL_NOTICE && !lang_from_code(text_of(&letter, "language"), &call.lang)) {
        call.lang = LANG_EN;
    }
    write_letter(&letter, message);
    return 0;
}
