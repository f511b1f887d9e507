/* The thread that sends what waits. It wakes once a second and looks into the store only when something was written since, or
 * when a mail is due to be tried again. */
#include "desk/mail_queue.h"

#include "base/log.h"
#include "base/memory.h"
#include "model/record.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WAKE_MS 1000
#define ROUND_BYTES_MAX ((size_t)64 << 20)
#define FIRST_RETRY_MS 60000
#define LAST_RETRY_MS (6 * 3600 * 1000)
#define GIVEN_UP_AFTER_MS (INT64_C(5) * 24 * 3600 * 1000)

struct mailer {
    struct store *store;
    struct mailer_config config;
    struct arena arena; /* the config's texts */
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    bool stopping;
};

static bool is_stopping(void *context)
{
    struct mailer *mailer = context;
    bool stopping;

    pthread_mutex_lock(&mailer->mutex);
    stopping = mailer->stopping;
    pthread_mutex_unlock(&mailer->mutex);
    return stopping;
}

/* Waits a moment; false when it is to end. */
static bool rest(struct mailer *mailer)
{
    struct timespec until;
    bool goes_on;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += WAKE_MS / 1000;
    pthread_mutex_lock(&mailer->mutex);
    if (!mailer->stopping) {
        pthread_cond_timedwait(&mailer->wake, &mailer->mutex, &until);
    }
    goes_on = !mailer->stopping;
    pthread_mutex_unlock(&mailer->mutex);
    return goes_on;
}

/* ---- one mail ---- */

static int64_t retry_after_ms(const struct mailer *mailer, int tries)
{
    int64_t delay = mailer->config.first_retry_ms > 0 ? mailer->config.first_retry_ms : FIRST_RETRY_MS;

    for (int i = 1; i < tries && delay < LAST_RETRY_MS; i++) {
        delay *= 4;
    }
    return delay < LAST_RETRY_MS ? delay : LAST_RETRY_MS;
}

/* The body that is to answer: its name, and its own address when it has one. */
static int look_up_desk(struct mailer *mailer, struct reader *reader, struct mail_job *job, struct arena *arena,
                        struct err *err)
{
    const struct model *model = store_model(mailer->store);
    const struct field *field = reg_field(model_register(model, STR("enquiry")), STR("assigned_to"));
    struct str id = value_get_text(value_get(job->enquiry, STR("assigned_to")), STR("id"));
    struct found found;

    job->desk_email = job->settings->contact_email;
    if (field == NULL || field->reference == NULL || id.len == 0) {
        return 0;
    }
    if (store_get(reader, field->reference, id, arena, &found, NULL, err) != 0) {
        return err->code == ERR_NOT_FOUND ? 0 : -1;
    }
    job->desk_name = record_label(model, field->reference, found.record, arena);
    if (value_get_text(found.record, STR("contact_email")).len > 0) {
        job->desk_email = value_get_text(found.record, STR("contact_email"));
    }
    return 0;
}

static int compose(struct mailer *mailer, const struct waiting_mail *mail, struct arena *arena,
                   struct mail_message *ret_message, struct err *err)
{
    READER_AUTO *reader = NULL;
    struct desk_settings settings;
    struct mail_job job = {.kind = mail->kind, .settings = &settings};
    struct mail_message message = {.from = mailer->config.from, .id = mail->id, .date_ms = mail->created_ms};
    struct found found;

    if (desk_settings_read(mailer->store, mail->created_ms, arena, &settings, err) != 0 ||
        desk_read(mailer->store, &reader, err) != 0 ||
        store_get(reader, model_register(store_model(mailer->store), STR("enquiry")), mail->enquiry, arena, &found,
                  NULL, err) != 0) {
        return -1;
    }
    job.enquiry = found.record;
    if (look_up_desk(mailer, reader, &job, arena, err) != 0 ||
        mailer->config.compose(mailer->config.context, &job, arena, &message, err) != 0) {
        return -1;
    }
    *ret_message = message;
    return 0;
}

/* Tries a mail once: what became of it. */
static struct mail_result try_mail(struct mailer *mailer, const struct waiting_mail *mail, struct arena *arena)
{
    struct mail_result result = {.outcome = MAIL_SENT, .now_ms = time_now_ms(), .tries = mail->tries + 1};
    struct mail_message message = {0};
    bool for_good = false;
    struct err err = {0};

    if (result.now_ms - mail->created_ms > GIVEN_UP_AFTER_MS) {
        result.outcome = MAIL_GIVEN_UP;
        result.tries = mail->tries;
        result.trouble = STR("it could not be sent within five days");
        return result;
    }
    if (compose(mailer, mail, arena, &message, &err) == 0) {
        if (message.to.len == 0) {
            result.outcome = MAIL_GIVEN_UP;
            result.trouble = STR("there is no address to send it to");
            return result;
        }
        if (mail_send(&mailer->config.smtp, &message, &for_good, &err) == 0) {
            return result;
        }
    }
    if (is_stopping(mailer)) {
        result.tries = mail->tries; /* it was broken off by ourselves */
    }
    result.outcome = for_good ? MAIL_GIVEN_UP : MAIL_WAITS;
    result.next_try_ms = time_now_ms() + retry_after_ms(mailer, result.tries);
    result.trouble = arena_copy(arena, str_from_cstr(err.message));
    return result;
}

static void log_result(const struct waiting_mail *mail, const struct mail_result *result)
{
    static const char *const events[] = {
        [MAIL_WAITS] = "mail-failed", [MAIL_SENT] = "mail-sent", [MAIL_GIVEN_UP] = "mail-given-up"};

    log_write(result->outcome == MAIL_SENT ? LOG_INFO : LOG_WARN, events[result->outcome], 2, "mail", mail->id,
              "trouble", result->trouble);
}

/* ---- rounds ---- */

/* Sends what is due; *ret_next_ms: when to look again without anything written. */
static int send_round(struct mailer *mailer, struct arena *arena, int64_t *ret_next_ms, struct err *err)
{
    struct waiting_mail *mails;
    size_t count;

    *ret_next_ms = INT64_MAX;
    if (mail_waiting(mailer->store, arena, &mails, &count, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count && !is_stopping(mailer); i++) {
        struct mail_result result;
        int64_t next = mails[i].next_try_ms;
        if (next <= time_now_ms()) {
            result = try_mail(mailer, &mails[i], arena);
            log_result(&mails[i], &result);
            if (mail_note(mailer->store, mails[i].id, &result, err) != 0) {
                return -1;
            }
            next = result.outcome == MAIL_WAITS ? result.next_try_ms : INT64_MAX;
        }
        *ret_next_ms = next < *ret_next_ms ? next : *ret_next_ms;
    }
    return 0;
}

static void *run(void *context)
{
    struct mailer *mailer = context;
    int64_t seen_seq = -1, next_ms = 0;
    ARENA_AUTO arena;

    arena_init(&arena, ROUND_BYTES_MAX);
    do {
        int64_t seq = store_last_seq(mailer->store);
        struct err err = {0};
        if (seq == seen_seq && time_now_ms() < next_ms) {
            continue;
        }
        seen_seq = seq;
        if (send_round(mailer, &arena, &next_ms, &err) != 0) {
            log_write(LOG_ERROR, "mail-round-failed", 1, "message", str_from_cstr(err.message));
            next_ms = time_now_ms() + FIRST_RETRY_MS;
        }
        arena_reset(&arena);
    } while (rest(mailer));
    return NULL;
}

/* ---- beginning and end ---- */

static void mailer_free(struct mailer *mailer)
{
    arena_free(&mailer->arena);
    pthread_mutex_destroy(&mailer->mutex);
    pthread_cond_destroy(&mailer->wake);
    free(mailer);
}

int mailer_start(struct store *store, const struct mailer_config *config, struct mailer **ret_mailer, struct err *err)
{
    struct mailer *mailer;

    if (!mail_address_is_plain(config->from)) {
        return err_set(err, ERR_INVALID, "mail is sent from \"%.*s\", which is no address; allowed: name@example.org",
                       STR_ARG(config->from));
    }
    if (!str_starts_with(config->smtp.url, STR("smtp://")) && !str_starts_with(config->smtp.url, STR("smtps://"))) {
        return err_set(err, ERR_INVALID, "the mail server's address must begin with smtp:// or smtps://");
    }
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return err_set(err, ERR_INTERNAL, "curl cannot be started");
    }
    mailer = memory_alloc(sizeof *mailer);
    memset(mailer, 0, sizeof *mailer);
    arena_init(&mailer->arena, (size_t)1 << 20);
    mailer->store = store;
    mailer->config = *config;
    mailer->config.from = arena_copy(&mailer->arena, config->from);
    mailer->config.smtp.cancelled = is_stopping;
    mailer->config.smtp.cancel_context = mailer;
    mailer->config.smtp.url = arena_copy(&mailer->arena, config->smtp.url);
    mailer->config.smtp.user = arena_copy(&mailer->arena, config->smtp.user);
    mailer->config.smtp.password = arena_copy(&mailer->arena, config->smtp.password);
    pthread_mutex_init(&mailer->mutex, NULL);
    pthread_cond_init(&mailer->wake, NULL);
    if (pthread_create(&mailer->thread, NULL, run, mailer) != 0) {
        mailer_free(mailer);
        return err_set(err, ERR_INTERNAL, "no thread can be made for sending mail");
    }
    *ret_mailer = mailer;
    return 0;
}

void mailer_stop(struct mailer *mailer)
{
    if (mailer == NULL) {
        return;
    }
    pthread_mutex_lock(&mailer->mutex);
    mailer->stopping = true;
    pthread_cond_signal(&mailer->wake);
    pthread_mutex_unlock(&mailer->mutex);
    pthread_join(mailer->thread, NULL);
    mailer_free(mailer);
}
