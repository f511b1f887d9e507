#include "desk/mail.h"

#include <sodium.h>
#include <string.h>
#include <time.h>

#define ADDRESS_MAX 254
#define LOCAL_MAX 64
#define WORD_BYTES_MAX 45 /* of text in one encoded word: 60 letters of base64, within 75 with what stands around */
#define LINE_BYTES 57     /* of text in one line of base64: 76 letters */

/* Letters, digits and those signs. */
static bool has_only(struct str text, const char *signs)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!alphanumeric && memchr(signs, c, strlen(signs)) == NULL) {
            return false;
        }
    }
    return text.len > 0;
}

static bool begins_or_ends_with(struct str text, char sign)
{
    return text.len > 0 && (text.ptr[0] == sign || text.ptr[text.len - 1] == sign);
}

bool mail_address_is_plain(struct str address)
{
    size_t at = str_find_byte(address, '@');
    struct str local = str_slice(address, 0, at);
    struct str host = str_slice(address, at + 1, address.len);

    return address.len <= ADDRESS_MAX && local.len <= LOCAL_MAX && has_only(local, "!#$%&'*+-/=?^_`{|}~.") &&
           has_only(host, "-.") && str_find_byte(host, '.') < host.len && !begins_or_ends_with(local, '.') &&
           local.ptr[0] != '-' && !begins_or_ends_with(host, '.') && !begins_or_ends_with(host, '-') &&
           str_find(address, STR("..")) == SIZE_MAX;
}

static void add_base64(struct buf *out, struct str bytes)
{
    char text[sodium_base64_ENCODED_LEN(LINE_BYTES, sodium_base64_VARIANT_ORIGINAL)];

    sodium_bin2base64(text, sizeof text, (const unsigned char *)bytes.ptr, bytes.len, sodium_base64_VARIANT_ORIGINAL);
    buf_add(out, str_from_cstr(text));
}

static bool is_plain_header(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < ' ' || text.ptr[i] > '~') {
            return false;
        }
    }
    return text.len <= 60 && str_find(text, STR("=?")) == SIZE_MAX;
}

/* As many bytes as one encoded word takes, not within a character. */
static size_t word_length(struct str text)
{
    size_t length = text.len < WORD_BYTES_MAX ? text.len : WORD_BYTES_MAX;

    while (length > 1 && length < text.len && ((unsigned char)text.ptr[length] & 0xC0) == 0x80) {
        length--;
    }
    return length;
}

static void add_encoded(struct buf *out, struct str text)
{
    while (text.len > 0) {
        size_t length = word_length(text);
        buf_add_literal(out, "=?UTF-8?B?");
        add_base64(out, str_slice(text, 0, length));
        buf_add(out, length < text.len ? STR("?=\r\n ") : STR("?="));
        text = str_slice(text, length, text.len);
    }
}

/* A text that anybody may have written, so that nothing in it ends the header. In a phrase (the name before an address) some
 * signs have a meaning: it is plain only without them. */
static void add_header_text(struct buf *out, struct str text, bool phrase)
{
    BUF_AUTO clean;

    buf_init(&clean, 4096);
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        buf_add_byte(&clean, c < ' ' || c == 0x7F ? ' ' : (char)c);
    }
    text = buf_str(&clean);
    if (is_plain_header(text) && (!phrase || has_only(text, " -"))) {
        buf_add(out, text);
    } else {
        add_encoded(out, text);
    }
}

static void add_date(struct buf *out, int64_t date_ms)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)(date_ms / 1000);
    struct tm parts;

    gmtime_r(&seconds, &parts);
    buf_add_format(out, "%s, %02d %s %04d %02d:%02d:%02d +0000", days[parts.tm_wday], parts.tm_mday,
                   months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

static void add_from(struct buf *out, const struct mail_message *message)
{
    buf_add_literal(out, "From: ");
    if (message->from_name.len > 0) {
        add_header_text(out, message->from_name, true);
        buf_add_byte(out, ' ');
    }
    buf_add_format(out, "<%.*s>\r\n", STR_ARG(message->from));
}

/* Lines end with CR LF before they are encoded: the text is what it is after decoding. */
static void add_body(struct buf *out, struct str body)
{
    BUF_AUTO text;

    buf_init(&text, (size_t)1 << 20);
    for (size_t i = 0; i < body.len; i++) {
        if (body.ptr[i] == '\n' && (i == 0 || body.ptr[i - 1] != '\r')) {
            buf_add_byte(&text, '\r');
        }
        buf_add_byte(&text, body.ptr[i]);
    }
    out->overflow = out->overflow || text.overflow;
    body = buf_str(&text);
    for (size_t at = 0; at < body.len; at += LINE_BYTES) {
        add_base64(out, str_slice(body, at, at + LINE_BYTES));
        buf_add_literal(out, "\r\n");
    }
}

int mail_message_write(const struct mail_message *message, struct buf *out, struct err *err)
{
    struct str host = str_slice(message->from, str_find_byte(message->from, '@') + 1, message->from.len);

    if (!mail_address_is_plain(message->from) || !mail_address_is_plain(message->to) ||
        (message->reply_to.len > 0 && !mail_address_is_plain(message->reply_to))) {
        return err_set(err, ERR_INVALID, "an address of the mail is none that mail can be sent to");
    }
    buf_add_literal(out, "Date: ");
    add_date(out, message->date_ms);
    buf_add_literal(out, "\r\n");
    add_from(out, message);
    buf_add_format(out, "To: <%.*s>\r\n", STR_ARG(message->to));
    if (message->reply_to.len > 0) {
        buf_add_format(out, "Reply-To: <%.*s>\r\n", STR_ARG(message->reply_to));
    }
    buf_add_literal(out, "Subject: ");
    add_header_text(out, message->subject, false);
    buf_add_format(out, "\r\nMessage-ID: <%.*s@%.*s>\r\n", STR_ARG(message->id), STR_ARG(host));
    if (message->automatic) {
        buf_add_literal(out, "Auto-Submitted: auto-generated\r\n");
    }
    buf_add_literal(out, "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                         "Content-Transfer-Encoding: base64\r\n\r\n");
    add_body(out, message->body);
    return out->overflow ? err_set(err, ERR_LIMIT, "the mail is too large") : 0;
}
