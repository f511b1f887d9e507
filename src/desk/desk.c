/* It wakes once a second and looks for mails only when something was written since, or when one is due to be tried again. */
#include "desk/desk.h"

#include "desk/enquiry.h"
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
#define ERASE_EVERY_MS 3600000
#define FIRST_RETRY_MS 60000
#define LAST_RETRY_MS (6 * 3600 * 1000)
#define GIVEN_UP_AFTER_MS (INT64_C(5) * 24 * 3600 * 1000)

struct desk {
    struct store *store;
    struct desk_config config;
    struct arena arena; /* the config's texts */
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    bool stopping;
};

static bool is_stopping(void *context)
{
    struct desk *desk = context;
    bool stopping;

    pthread_mutex_lock(&desk->mutex);
    stopping = desk->stopping;
    pthread_mutex_unlock(&desk->mutex);
    return stopping;
}

/* Waits a moment; false when it is to end. */
static bool rest(struct desk *desk)
{
    struct timespec until;
    bool goes_on;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += WAKE_MS / 1000;
    pthread_mutex_lock(&desk->mutex);
    if (!desk->stopping) {
        pthread_cond_timedwait(&desk->wake, &desk->mutex, &until);
    }
    goes_on = !desk->stopping;
    pthread_mutex_unlock(&desk->mutex);
    return goes_on;
}

/* ---- one mail ---- */

static int64_t retry_after_ms(const struct desk *desk, int tries)
{
    int64_t delay = desk->config.first_retry_ms > 0 ? desk->config.first_retry_ms : FIRST_RETRY_MS;

    for (int i = 1; i < tries && delay < LAST_RETRY_MS; i++) {
        delay *= 4;
    }
    return delay < LAST_RETRY_MS ? delay : LAST_RETRY_MS;
}

/* The body that is to answer: its name, and its own address when it has one. */
static int look_up_desk(struct desk *desk, struct reader *reader, struct mail_job *job, struct arena *arena,
                        struct err *err)
{
    const struct model *model = store_model(desk->store);
    const struct field *field = reg_field(model_role(model, ROLE_ENQUIRY), STR("assigned_to"));
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

static int compose(struct desk *desk, const struct waiting_mail *mail, struct arena *arena,
                   struct mail_message *ret_message, struct err *err)
{
    READER_AUTO *reader = NULL;
    struct desk_settings settings;
    struct mail_job job = {.kind = mail->kind, .settings = &settings};
    struct mail_message message = {.from = desk->config.from, .id = mail->id, .date_ms = mail->created_ms};
    struct found found;

    if (desk_settings_read(desk->store, mail->created_ms, arena, &settings, err) != 0 ||
        desk_read(desk->store, &reader, err) != 0 ||
        store_get(reader, model_role(store_model(desk->store), ROLE_ENQUIRY), mail->enquiry, arena, &found, NULL,
                  err) != 0) {
        return -1;
    }
    job.enquiry = found.record;
    if (look_up_desk(desk, reader, &job, arena, err) != 0 ||
        desk->config.compose(desk->config.context, &job, arena, &message, err) != 0) {
        return -1;
    }
    *ret_message = message;
    return 0;
}

/* Tries a mail once: what became of it. */
static struct mail_result try_mail(struct desk *desk, const struct waiting_mail *mail, struct arena *arena)
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
    if (compose(desk, mail, arena, &message, &err) == 0) {
        if (message.to.len == 0) {
            result.outcome = MAIL_GIVEN_UP;
            result.trouble = STR("there is no address to send it to");
            return result;
        }
        if (mail_send(&desk->config.smtp, &message, &for_good, &err) == 0) {
            return result;
        }
    }
    if (is_stopping(desk)) {
        result.tries = mail->tries; /* it was broken off by ourselves */
    }
    result.outcome = for_good ? MAIL_GIVEN_UP : MAIL_WAITS;
    result.next_try_ms = time_now_ms() + retry_after_ms(desk, result.tries);
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
static int send_round(struct desk *desk, struct arena *arena, int64_t *ret_next_ms, struct err *err)
{
    struct waiting_mail *mails;
    size_t count;

    *ret_next_ms = INT64_MAX;
    if (mail_waiting(desk->store, arena, &mails, &count, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count && !is_stopping(desk); i++) {
        struct mail_result result;
        int64_t next = mails[i].next_try_ms;
        if (next <= time_now_ms()) {
            result = try_mail(desk, &mails[i], arena);
            log_result(&mails[i], &result);
            if (mail_note(desk->store, mails[i].id, &result, err) != 0) {
                return -1;
            }
            next = result.outcome == MAIL_WAITS ? result.next_try_ms : INT64_MAX;
        }
        *ret_next_ms = next < *ret_next_ms ? next : *ret_next_ms;
    }
    return 0;
}

/* Keeps the promise of the form, without anybody having to remember it. */
static int erase_due(struct desk *desk, struct arena *arena, struct err *err)
{
    struct desk_settings settings;
    struct write_outcome outcome = {0};
    int64_t now_ms = time_now_ms();

    if (desk_settings_read(desk->store, now_ms, arena, &settings, err) != 0 ||
        enquiry_erase_due(desk->store, date_in_zone(now_ms, settings.zone), STR("desk"), &outcome, err) != 0) {
        return -1;
    }
    if (outcome.change_set != 0) {
        log_write(LOG_INFO, "enquiries-erased", 1, "count",
                  arena_format(arena, "%lld", (long long)outcome.last_seq - (long long)outcome.first_seq + 1));
    }
    return 0;
}

/* When each kind of work is to be looked at again. */
struct plan {
    int64_t seen_seq;
    int64_t mail_ms, erase_ms;
};

static void work(struct desk *desk, struct plan *plan, struct arena *arena)
{
    int64_t seq = store_last_seq(desk->store), now_ms = time_now_ms();
    struct err err = {0};

    if (now_ms >= plan->erase_ms) {
        plan->erase_ms = now_ms + ERASE_EVERY_MS;
        if (erase_due(desk, arena, &err) != 0) {
            log_write(LOG_ERROR, "erasing-failed", 1, "message", str_from_cstr(err.message));
        }
    }
    if (desk->config.smtp.url.len > 0 && (seq != plan->seen_seq || now_ms >= plan->mail_ms)) {
        plan->seen_seq = seq;
        if (send_round(desk, arena, &plan->mail_ms, &err) != 0) {
            log_write(LOG_ERROR, "mail-round-failed", 1, "message", str_from_cstr(err.message));
            plan->mail_ms = now_ms + FIRST_RETRY_MS;
        }
    }
    arena_reset(arena);
}

static void *run(void *context)
{
    struct desk *desk = context;
    struct plan plan = {.seen_seq = -1};
    ARENA_AUTO arena;

    arena_init(&arena, ROUND_BYTES_MAX);
    do {
        work(desk, &plan, &arena);
    } while (rest(desk));
    return NULL;
}

/* ---- beginning and end ---- */

static void desk_free(struct desk *desk)
{
    arena_free(&desk->arena);
    pthread_mutex_destroy(&desk->mutex);
    pthread_cond_destroy(&desk->wake);
    free(desk);
}

static int check_config(const struct desk_config *config, struct err *err)
{
    struct str url = config->smtp.url;

    if (url.len == 0) {
        return 0;
    }
    if (!mail_address_is_plain(config->from)) {
        return err_set_field(err, ERR_INVALID, STR("mail_from"),
                             "mail is sent from \"%.*s\", which is no address; allowed: name@example.org",
                             STR_ARG(config->from));
    }
    if (!str_starts_with(url, STR("smtp://")) && !str_starts_with(url, STR("smtps://"))) {
        return err_set_field(err, ERR_INVALID, STR("smtp_url"),
                             "the mail server's address must begin with smtp:// or smtps://");
    }
    return 0;
}

int desk_start(struct store *store, const struct desk_config *config, struct desk **ret_desk, struct err *err)
{
    struct desk *desk;

    if (check_config(config, err) != 0) {
        return -1;
    }
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return err_set(err, ERR_INTERNAL, "curl cannot be started");
    }
    desk = memory_alloc(sizeof *desk);
    memset(desk, 0, sizeof *desk);
    arena_init(&desk->arena, (size_t)1 << 20);
    desk->store = store;
    desk->config = *config;
    desk->config.from = arena_copy(&desk->arena, config->from);
    desk->config.smtp.cancelled = is_stopping;
    desk->config.smtp.cancel_context = desk;
    desk->config.smtp.url = arena_copy(&desk->arena, config->smtp.url);
    desk->config.smtp.user = arena_copy(&desk->arena, config->smtp.user);
    desk->config.smtp.password = arena_copy(&desk->arena, config->smtp.password);
    pthread_mutex_init(&desk->mutex, NULL);
    pthread_cond_init(&desk->wake, NULL);
    if (pthread_create(&desk->thread, NULL, run, desk) != 0) {
        desk_free(desk);
        return err_set(err, ERR_INTERNAL, "no thread can be made for sending mail");
    }
    *ret_desk = desk;
    return 0;
}

void desk_stop(struct desk *desk)
{
    if (desk == NULL) {
        return;
    }
    pthread_mutex_lock(&desk->mutex);
    desk->stopping = true;
    pthread_cond_signal(&desk->wake);
    pthread_mutex_unlock(&desk->mutex);
    pthread_join(desk->thread, NULL);
    desk_free(desk);
}
