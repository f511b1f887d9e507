/* Handing a message to a server of mail (libcurl). */
#include "desk/mail.h"

#include <curl/curl.h>
#include <string.h>

#define MESSAGE_MAX ((size_t)1 << 20)
#define TIMEOUT_MS 60000
#define CONNECT_TIMEOUT_MS 15000
#define REFUSED_FOR_GOOD 500

struct upload {
    struct str rest;
};

static size_t give(char *buffer, size_t size, size_t count, void *context)
{
    struct upload *upload = context;
    size_t room = size * count;
    size_t length = upload->rest.len < room ? upload->rest.len : room;

    memcpy(buffer, upload->rest.ptr, length);
    upload->rest = str_slice(upload->rest, length, upload->rest.len);
    return length;
}

static int may_go_on(void *context, curl_off_t down_total, curl_off_t down, curl_off_t up_total, curl_off_t up)
{
    const struct smtp_config *config = context;

    (void)down_total;
    (void)down;
    (void)up_total;
    (void)up;
    return config->cancelled != NULL && config->cancelled(config->cancel_context) ? 1 : 0;
}

/* On this machine nobody listens in. */
static bool is_local(struct str url)
{
    size_t at = str_find(url, STR("://"));
    struct str host = at == SIZE_MAX ? url : str_slice(url, at + 3, url.len);

    return str_starts_with(host, STR("127.")) || str_starts_with(host, STR("[::1]")) ||
           str_starts_with(host, STR("localhost:")) || str_eq(host, STR("localhost"));
}

static void set_server(CURL *curl, const struct smtp_config *config, struct arena *arena)
{
    bool needs_tls = config->user.len > 0 && !is_local(config->url);

    curl_easy_setopt(curl, CURLOPT_URL, arena_copy(arena, config->url).ptr);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)(needs_tls ? CURLUSESSL_ALL : CURLUSESSL_TRY));
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)(config->timeout_ms > 0 ? config->timeout_ms : TIMEOUT_MS));
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, may_go_on);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, (void *)config);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    if (config->ca_file.len > 0) {
        curl_easy_setopt(curl, CURLOPT_CAINFO, arena_copy(arena, config->ca_file).ptr);
    }
    if (config->user.len > 0) {
        curl_easy_setopt(curl, CURLOPT_USERNAME, arena_copy(arena, config->user).ptr);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, arena_copy(arena, config->password).ptr);
    }
}

static int perform(CURL *curl, bool *ret_for_good, struct err *err)
{
    CURLcode code = curl_easy_perform(curl);
    long answer = 0;

    if (code == CURLE_OK) {
        return 0;
    }
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer);
    /* A login that is refused says nothing of the mail: it waits until somebody has put the password right. */
    *ret_for_good = answer >= REFUSED_FOR_GOOD && answer < 600 && code != CURLE_LOGIN_DENIED;
    /* Neither the server's own words nor curl's details: they may repeat an address. */
    if (answer > 0) {
        return err_set(err, ERR_IO, "the mail server answered %ld (%s)", answer, curl_easy_strerror(code));
    }
    return err_set(err, ERR_IO, "the mail server was not reached (%s)", curl_easy_strerror(code));
}

int mail_send(const struct smtp_config *config, const struct mail_message *message, bool *ret_for_good, struct err *err)
{
    ARENA_AUTO arena;
    BUF_AUTO bytes;
    struct curl_slist *recipients;
    struct upload upload;
    CURL *curl;
    int result;

    *ret_for_good = false;
    arena_init(&arena, (size_t)1 << 20);
    buf_init(&bytes, MESSAGE_MAX);
    if (mail_message_write(message, &bytes, err) != 0) {
        *ret_for_good = true;
        return -1;
    }
    upload.rest = buf_str(&bytes);
    curl = curl_easy_init();
    if (curl == NULL) {
        return err_set(err, ERR_INTERNAL, "curl cannot be started");
    }
    recipients = curl_slist_append(NULL, arena_format(&arena, "<%.*s>", STR_ARG(message->to)).ptr);
    set_server(curl, config, &arena);
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, arena_format(&arena, "<%.*s>", STR_ARG(message->from)).ptr);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(curl, CURLOPT_READDATA, &upload);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    result = perform(curl, ret_for_good, err);
    curl_slist_free_all(recipients);
    curl_easy_cleanup(curl);
    return result;
}
