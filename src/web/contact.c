/* /{lang}/contact: writing to the community, and the page that says that it arrived. */
#include "web/page.h"

#include "base/intl.h"
#include "desk/enquiry.h"
#include "web/contact_form.h"
#include "web/guard.h"
#include "web/problem.h"
#include "web/route.h"

#define PAGE_BYTES_MAX (1u << 20)
#define FORM_BYTES_MAX (128u * 1024) /* 5,000 characters of nine bytes each when escaped, and the rest */
#define FORM_PAIRS_MAX 32

/* ---- sending pages that nobody keeps ---- */

static void send_unkept(struct call *call, const char *template_name, const struct value *view, int status)
{
    struct buf out;
    struct err err = {0};

    buf_init(&out, PAGE_BYTES_MAX);
    if (templates_render(call->site->templates, str_from_cstr(template_name), call->lang, view, &out, &err) != 0) {
        buf_free(&out);
        page_send_err(call, &err);
        return;
    }
    call->response->status = status;
    call->response->content_type = STR("text/html; charset=utf-8");
    call->response->owned = out;
    http_response_header(call->response, "Cache-Control", STR("no-store"));
    http_response_header(call->response, "Content-Language", lang_codes[call->lang]);
}

static void send_kind(struct call *call, enum problem_kind kind)
{
    struct problem problem = problem_of(kind);

    problem.value = call->request->path;
    problem_send(call, &problem);
}

/* ---- the form ---- */

static int frame_of(struct call *call, const char *title, struct value **ret_frame, struct community *ret_community)
{
    READER_AUTO *reader = NULL;
    struct read_options options = {.lang = call->lang};
    struct err err = {0};

    if (call_read(call, &options, &reader) != 0) {
        return -1;
    }
    if (community_read(call, reader, ret_community, &err) != 0) {
        page_send_err(call, &err);
        return -1;
    }
    *ret_frame = page_frame(call, ret_community, display_plain_text(call->arena, SAY(call, title)));
    return 0;
}

static void show_form(struct call *call, struct contact_form *form, int status)
{
    const struct reg *reg = enquiry_register(call->site->model);
    struct desk_settings settings;
    struct community community;
    struct value *frame;
    struct err err = {0};

    if (desk_settings_read(call->site->store, time_now_ms(), call->arena, &settings, &err) != 0) {
        page_send_err(call, &err);
        return;
    }
    if (frame_of(call, "contact-title", &frame, &community) != 0) {
        return;
    }
    if (form->typed[CONTACT_TOKEN].len == 0) {
        form->typed[CONTACT_TOKEN] = guard_token(call->site->guard, time_now_ms(), call->arena);
    }
    if (form->typed[CONTACT_LANGUAGE].len == 0) {
        form->typed[CONTACT_LANGUAGE] = lang_codes[call->lang];
    }
    value_set_text(call->arena, frame, STR("action"), page_href(call, STR("contact")));
    value_set_text(call->arena, frame, STR("answer_days"),
                   intl_integer(call->arena, lang_codes[call->lang], settings.answer_days));
    value_set_text(call->arena, frame, STR("keep_days"),
                   intl_integer(call->arena, lang_codes[call->lang], settings.keep_days));
    contact_form_view(call, form, reg, frame);
    send_unkept(call, "contact", frame, status);
}

/* Looks up the record that it is about; on failure the problem has been sent. */
static int find_about(struct call *call, struct contact_form *form)
{
    READER_AUTO *reader = NULL;
    struct read_options options = {.lang = call->lang};
    struct err err = {0};

    if (call_read(call, &options, &reader) != 0) {
        return -1;
    }
    if (contact_form_find_about(call, reader, form, &err) != 0) {
        page_send_err(call, &err);
        return -1;
    }
    return 0;
}

/* Only what a link may say beforehand: the topic and the record. */
static void show_contact(struct call *call)
{
    struct contact_form given = {0}, form = {0};

    if (enquiry_register(call->site->model) == NULL) {
        send_kind(call, PROBLEM_NOT_FOUND);
        return;
    }
    contact_form_take(&given, call->request->query, call->request->query_count);
    form.typed[CONTACT_TOPIC] = given.typed[CONTACT_TOPIC];
    form.typed[CONTACT_ABOUT] = given.typed[CONTACT_ABOUT];
    if (find_about(call, &form) == 0) {
        show_form(call, &form, 200);
    }
}

/* ---- what was sent ---- */

/* The host of an address, without its scheme: a proxy in front may have ended TLS. */
static struct str host_of(struct str url)
{
    size_t at = str_find(url, STR("://"));

    return at == SIZE_MAX ? url : str_slice(url, at + 3, url.len);
}

/* Browsers say where a form was: it must have been here. What says nothing is no browser, and has the token to show. */
static bool comes_from_here(struct call *call)
{
    struct str site = http_header(call->request, "Sec-Fetch-Site");
    struct str origin = http_header(call->request, "Origin");

    if (site.len > 0 && !str_eq(site, STR("same-origin")) && !str_eq(site, STR("none"))) {
        return false;
    }
    return origin.len == 0 || str_eq_ignoring_case(host_of(origin), host_of(call_site_url(call)));
}

/* Reads the body as a form; on failure the problem has been sent. */
static int read_form(struct call *call, struct contact_form *form)
{
    const struct http_request *request = call->request;
    struct str type = http_header(request, "Content-Type");
    struct http_pair *pairs;
    size_t count;
    struct err err = {0};

    type = str_trim(str_slice(type, 0, str_find_byte(type, ';')));
    if (!str_eq_ignoring_case(type, STR("application/x-www-form-urlencoded"))) {
        send_kind(call, PROBLEM_MEDIA_TYPE);
        return -1;
    }
    if (request->body.len > FORM_BYTES_MAX) {
        send_kind(call, PROBLEM_BODY_TOO_LARGE);
        return -1;
    }
    if (http_form_read(call->arena, request->body, FORM_PAIRS_MAX, &pairs, &count, &err) != 0) {
        page_send_err(call, &err);
        return -1;
    }
    contact_form_take(form, pairs, count);
    return find_about(call, form);
}

/* Notes what is wrong with the token. One that cannot be used again is replaced. */
static bool check_token(struct call *call, struct contact_form *form)
{
    static const char *const wrong[] = {
        [GUARD_FORGED] = "contact-token-old", [GUARD_OLD] = "contact-token-old", [GUARD_HASTY] = "contact-hasty"};
    enum guard_verdict verdict = guard_check_token(call->site->guard, form->typed[CONTACT_TOKEN], time_now_ms());

    if (verdict == GUARD_FORGED || verdict == GUARD_OLD) {
        form->typed[CONTACT_TOKEN] = STR("");
    }
    form->wrong_whole = wrong[verdict];
    return verdict == GUARD_GOOD;
}

/* ---- storing ---- */

static void move_on(struct call *call, struct str where)
{
    call->response->status = 303;
    http_response_header(call->response, "Location", where);
    http_response_header(call->response, "Cache-Control", STR("no-store"));
}

/* Where the number and the due day are shown: sealed, so that the page says only what was so. */
static struct str receipt_href(struct call *call, const struct enquiry_receipt *receipt)
{
    struct arena *arena = call->arena;
    char day[DATE_TEXT_MAX];
    struct str due = arena_copy(arena, str_make(day, date_format(receipt->due, day)));
    struct str sealed = arena_concat(arena, 3, receipt->number, STR(" "), due);

    return arena_concat(arena, 7, page_href(call, STR("contact/received?number=")), url_segment(arena, receipt->number),
                        STR("&due="), due, STR("&seal="), guard_seal(call->site->guard, sealed, time_now_ms(), arena),
                        STR(""));
}

static int store_form(struct call *call, const struct contact_form *form, struct enquiry_receipt *ret_receipt,
                      struct err *err)
{
    struct enquiry_given given = {
        .topic = form->typed[CONTACT_TOPIC],
        .body = form->typed[CONTACT_MESSAGE],
        .sender_name = form->typed[CONTACT_NAME],
        .sender_email = form->typed[CONTACT_EMAIL],
        .sender_organisation = form->typed[CONTACT_ORGANISATION],
        .country = form->typed[CONTACT_COUNTRY],
        .language = form->typed[CONTACT_LANGUAGE],
        .lang = call->lang,
        .about_reg = form->about_reg,
        .about_id = form->about_id,
        .received_ms = time_now_ms(),
    };

    return enquiry_receive(call->site->store, &given, call->arena, ret_receipt, err);
}

/* Within its turn: the address that it is answered with, or empty after the form was shown again or a problem sent. */
static struct str take_in(struct call *call, struct contact_form *form)
{
    struct guard *guard = call->site->guard;
    struct str peer = call->request->peer;
    struct enquiry_receipt receipt;
    struct err err = {0};
    int wait_s = 0;

    if (!guard_take(guard, peer, time_now_ms(), &wait_s)) {
        form->wrong_whole = "contact-too-many";
        http_response_header(call->response, "Retry-After", arena_format(call->arena, "%d", wait_s));
        show_form(call, form, 429);
        return STR("");
    }
    if (store_form(call, form, &receipt, &err) == 0) {
        return receipt_href(call, &receipt);
    }
    guard_give_back(guard, peer, time_now_ms());
    if (err.code == ERR_INVALID) {
        contact_form_refuse(form, str_from_cstr(err.field));
        show_form(call, form, 422);
    } else {
        page_send_err(call, &err);
    }
    return STR("");
}

static void send_contact(struct call *call)
{
    struct contact_form form = {0};
    struct str token, where;

    if (enquiry_register(call->site->model) == NULL) {
        send_kind(call, PROBLEM_NOT_FOUND);
        return;
    }
    if (!comes_from_here(call)) {
        send_kind(call, PROBLEM_ELSEWHERE);
        return;
    }
    if (read_form(call, &form) != 0) {
        return;
    }
    if (!contact_form_check(&form, enquiry_register(call->site->model)) || !check_token(call, &form)) {
        show_form(call, &form, 422);
        return;
    }
    token = form.typed[CONTACT_TOKEN];
    if (guard_begin(call->site->guard, token, call->arena, &where)) {
        guard_end(call->site->guard, token, STR(""));
    } else {
        where = take_in(call, &form);
        guard_end(call->site->guard, token, where);
    }
    if (where.len > 0) {
        move_on(call, where);
    }
}

/* ---- it arrived ---- */

static void show_received(struct call *call)
{
    struct arena *arena = call->arena;
    struct str number = STR(""), due = STR(""), seal = STR("");
    struct community community;
    struct value *frame;
    struct date date;

    http_query(call->request, "number", &number);
    http_query(call->request, "due", &due);
    http_query(call->request, "seal", &seal);
    if (!guard_seal_holds(call->site->guard, arena_concat(arena, 3, number, STR(" "), due), seal, time_now_ms()) ||
        !date_parse(due, &date)) {
        send_kind(call, PROBLEM_NOT_FOUND);
        return;
    }
    if (frame_of(call, "contact-received", &frame, &community) != 0) {
        return;
    }
    http_response_header(call->response, "X-Robots-Tag", STR("noindex"));
    value_set_text(arena, frame, STR("number"), number);
    value_set_text(arena, frame, STR("due"), intl_date(arena, lang_codes[call->lang], date));
    send_unkept(call, "contact_received", frame, 200);
}

const struct route contact_routes[] = {
    {"/{lang}/contact", show_contact, true},
    {"POST /{lang}/contact", send_contact, true},
    {"/{lang}/contact/received", show_received, true},
    {NULL, NULL, false},
};
