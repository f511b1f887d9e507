#include "web/site.h"

#include "base/checksum.h"
#include "base/memory.h"
#include "store/notes.h"
#include "web/problem.h"

#include <stdlib.h>
#include <string.h>

/* ---- words ---- */

static struct str pair_value(const struct http_pair *pairs, size_t count, struct str name)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(pairs[i].name, name)) {
            return pairs[i].value;
        }
    }
    return STR("");
}

struct str say(const struct call *call, const char *msgid, const struct http_pair *pairs, size_t count)
{
    struct str rest = words_get(call->site->words, call->lang, str_from_cstr(msgid));
    struct str said = STR("");
    size_t at = str_find(rest, STR("%("));

    if (at == SIZE_MAX) {
        return rest;
    }
    while (at != SIZE_MAX) {
        struct str name = str_slice(rest, at + 2, rest.len);
        size_t end = str_find_byte(name, ')');
        struct str value = pair_value(pairs, count, str_slice(name, 0, end));
        said = arena_concat(call->arena, 3, said, str_slice(rest, 0, at), value);
        rest = str_slice(name, end + 1, name.len);
        at = str_find(rest, STR("%("));
    }
    return arena_concat(call->arena, 2, said, rest);
}

/* ---- addresses ---- */

struct str url_segment(struct arena *arena, struct str text)
{
    BUF_AUTO buf;

    buf_init(&buf, text.len * 3 + 1);
    http_percent_encode(&buf, text);
    return arena_copy(arena, buf_str(&buf));
}

struct str call_raw_query(const struct call *call)
{
    struct str target = call->request->raw_target;

    return str_slice(target, str_find_byte(target, '?'), target.len);
}

/* A host and perhaps a port, nothing that could break out of an attribute or a header. */
static bool host_is_plain(struct str host)
{
    for (size_t i = 0; i < host.len; i++) {
        char c = host.ptr[i];
        bool plain =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || memchr(".-:[]", c, 5) != NULL;
        if (!plain) {
            return false;
        }
    }
    return host.len > 0 && host.len <= 255;
}

struct str call_site_url(struct call *call)
{
    struct str host = http_header(call->request, "Host");

    if (call->site->public_url.len > 0) {
        return call->site->public_url;
    }
    if (!host_is_plain(host)) {
        host = STR("localhost");
    }
    return arena_concat(call->arena, 2, call->request->https ? STR("https://") : STR("http://"), host);
}

struct str call_lasting_url(struct call *call)
{
    return str_eq(call->site->public_url, SITE_UNNAMED) ? STR("") : call_site_url(call);
}

struct str call_api_root(struct call *call)
{
    return arena_concat(call->arena, 2, STR("/api/v1/"), call->base);
}

void call_redirect(struct call *call, int status, struct str path)
{
    call->response->status = status;
    http_response_header(call->response, "Location", arena_concat(call->arena, 2, path, call_raw_query(call)));
    if (status != 302) {
        http_response_header(call->response, "Cache-Control", STR("no-cache"));
    }
}

/* ---- answers ---- */

/* "\"HEX\"", or "\"SEQ-HALF-OF-HEX\"". */
static struct str content_tag(struct arena *arena, struct str body, int64_t seq)
{
    char hex[CHECKSUM_HEX];
    char number[24];
    size_t length = 0;

    checksum_hex(checksum_of(body), hex);
    for (int64_t rest = seq; rest > 0; rest /= 10) {
        number[sizeof number - ++length] = (char)('0' + rest % 10);
    }
    return arena_concat(arena, 5, STR("\""), str_make(number + sizeof number - length, length),
                        seq > 0 ? STR("-") : STR(""), str_make(hex, seq > 0 ? CHECKSUM_HEX / 2 : CHECKSUM_HEX),
                        STR("\""));
}

/* Sets the ETag; true when the client has this content already and 304 has been answered. */
static bool answer_unchanged(struct call *call, struct str body, int64_t seq)
{
    struct str tag = content_tag(call->arena, body, seq);

    http_response_header(call->response, "ETag", tag);
    /* An answer that may be kept is made whole, whatever this client has: route.c compares. */
    if (call->notes == NULL && etag_matches(http_header(call->request, "If-None-Match"), tag)) {
        call->response->status = 304;
        return true;
    }
    return false;
}

void call_send(struct call *call, struct str content_type, struct str body)
{
    if (!answer_unchanged(call, body, 0)) {
        call->response->content_type = content_type;
        call->response->body = body;
    }
}

void call_send_buf(struct call *call, struct str content_type, struct buf *body, int64_t seq)
{
    if (answer_unchanged(call, buf_str(body), seq)) {
        buf_free(body);
    } else {
        call->response->content_type = content_type;
        call->response->owned = *body;
    }
    *body = (struct buf){0};
}

static void release_spool(void *context)
{
    spool_free(context);
    free(context);
}

void call_send_spool(struct call *call, struct str content_type, struct spool *spool, struct str bytes)
{
    if (spool_in_memory(spool)) {
        call_send_buf(call, content_type, &spool->buf, 0);
    } else if (answer_unchanged(call, bytes, 0)) {
        spool_free(spool);
    } else {
        struct spool *kept = memory_alloc(sizeof *kept);
        *kept = *spool;
        call->response->content_type = content_type;
        call->response->body = bytes;
        call->response->release = release_spool;
        call->response->release_context = kept;
    }
}

void call_send_json(struct call *call, const struct value *value, const char *content_type, int64_t seq)
{
    struct buf body;

    buf_init(&body, CALL_JSON_MAX);
    value_write_json(&body, value);
    call_send_json_buf(call, &body, content_type, seq);
}

void call_send_json_buf(struct call *call, struct buf *body, const char *content_type, int64_t seq)
{
    if (body->overflow) {
        struct problem problem = problem_of(PROBLEM_TOO_LARGE);
        buf_free(body);
        problem_send(call, &problem);
        return;
    }
    http_response_header(call->response, "Cache-Control", STR("no-cache"));
    call_send_buf(call, str_from_cstr(content_type), body, seq);
}

int call_read(struct call *call, const struct read_options *options, struct reader **ret_reader)
{
    struct read_options own = *options;
    struct err err = {0};

    if (own.as_of == 0 && call->edition != NULL) {
        own.as_of = call->edition->seq;
    }
    if (store_read(call->site->store, &own, ret_reader, &err) != 0) {
        struct problem problem = problem_from_err(&err);
        problem_send(call, &problem);
        return -1;
    }
    if (call->notes != NULL && call->readings++ == 0) {
        reader_note(*ret_reader, call->notes);
    }
    return 0;
}

void call_keep_until_commit(struct call *call, struct reader *first, struct str zone)
{
    if (call->notes != NULL) {
        reader_today(first, zone);
        call->notes->everything = true;
        call->readings = 1;
    }
}
