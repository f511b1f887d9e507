/* Request targets, queries and forms: from what stands in the request to decoded text, or a refusal. */
#include "web/http_internal.h"

#include <string.h>

static bool is_control(unsigned char c)
{
    return c < 0x20 || c == 0x7f;
}

/* C1 controls, U+0080 … U+009F, are C2 80 … C2 9F in UTF-8. */
static bool has_c1_control(struct str s)
{
    for (size_t i = 0; i + 1 < s.len; i++) {
        if ((unsigned char)s.ptr[i] == 0xc2 && (unsigned char)s.ptr[i + 1] < 0xa0) {
            return true;
        }
    }
    return false;
}

static bool has_high_byte(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if ((unsigned char)s.ptr[i] >= 0x80) {
            return true;
        }
    }
    return false;
}

/* Decodes %XX (and '+' where plus_is_space). The result is s itself when there is nothing to decode. */
static int percent_decode(struct arena *arena, struct str s, bool plus_is_space, struct str *ret_decoded,
                          struct err *err)
{
    if (!memchr(s.ptr, '%', s.len) && !(plus_is_space && memchr(s.ptr, '+', s.len))) {
        *ret_decoded = s;
        return 0;
    }
    char *out = arena_alloc(arena, s.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c == '+' && plus_is_space) {
            c = ' ';
        } else if (c == '%') {
            int high = i + 2 < s.len ? hex_digit(s.ptr[i + 1]) : -1;
            int low = high >= 0 ? hex_digit(s.ptr[i + 2]) : -1;
            if (low < 0) {
                return err_set(err, ERR_INVALID, "a percent sign must be followed by two hexadecimal digits");
            }
            c = (char)(high * 16 + low);
            i += 2;
        }
        out[len++] = c;
    }
    *ret_decoded = str_make(out, len);
    return 0;
}

/* A decoded name or value of a query: text that a person could have typed into a form. */
static int check_text(struct str s, struct err *err)
{
    bool high = false;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (is_control(c) && c != '\t' && c != '\n' && c != '\r') {
            return err_set(err, ERR_INVALID, "the query or form contains a control character");
        }
        high |= c >= 0x80;
    }
    if (high && !str_is_utf8(s)) {
        return err_set(err, ERR_INVALID, "the query or form is not UTF-8");
    }
    return 0;
}

static int decode_text(struct arena *arena, struct str s, struct str *ret_text, struct err *err)
{
    struct str text;
    if (percent_decode(arena, s, true, &text, err) < 0 || check_text(text, err) < 0) {
        return -1;
    }
    *ret_text = text;
    return 0;
}

static int read_pair(struct arena *arena, struct str part, struct http_pair *pair, struct err *err)
{
    size_t equals = str_find_byte(part, '=');
    if (decode_text(arena, str_slice(part, 0, equals), &pair->name, err) < 0) {
        return -1;
    }
    return decode_text(arena, str_slice(part, equals + 1, part.len), &pair->value, err);
}

int http_form_read(struct arena *arena, struct str text, size_t max_pairs, struct http_pair **ret_pairs,
                   size_t *ret_count, struct err *err)
{
    size_t parts = 1;
    for (size_t i = 0; i < text.len; i++) {
        parts += text.ptr[i] == '&';
    }
    if (parts > max_pairs) {
        return err_set(err, ERR_LIMIT, "there are more than %zu parameters", max_pairs);
    }
    struct http_pair *pairs = ARENA_NEW_ARRAY(arena, parts, struct http_pair);
    size_t count = 0;
    while (text.len > 0) {
        size_t end = str_find_byte(text, '&');
        struct str part = str_slice(text, 0, end);
        text = str_slice(text, end + 1, text.len);
        if (part.len == 0) {
            continue;
        }
        if (read_pair(arena, part, &pairs[count], err) < 0) {
            return -1;
        }
        count++;
    }
    *ret_pairs = pairs;
    *ret_count = count;
    return 0;
}

/* A path is compared with what is on a disk or in a table somewhere behind us and before us: whatever two programs could
 * read in two ways is refused, encoded or not. */
static int check_path(struct str path, struct err *err)
{
    size_t start = 1;
    for (size_t i = 1; i <= path.len; i++) {
        if (i < path.len && path.ptr[i] != '/') {
            continue;
        }
        struct str segment = str_slice(path, start, i);
        if (segment.len == 0 && i < path.len) {
            return err_set(err, ERR_INVALID, "the path contains an empty segment");
        }
        if (str_eq(segment, STR(".")) || str_eq(segment, STR(".."))) {
            return err_set(err, ERR_INVALID, "the path contains a dot segment");
        }
        start = i + 1;
    }
    return 0;
}

static bool hides_separator(struct str raw)
{
    for (size_t i = 0; i + 2 < raw.len; i++) {
        if (raw.ptr[i] == '%' && ((raw.ptr[i + 1] == '2' && (raw.ptr[i + 2] | 0x20) == 'f') ||
                                  (raw.ptr[i + 1] == '5' && (raw.ptr[i + 2] | 0x20) == 'c'))) {
            return true;
        }
    }
    return false;
}

static int read_path(struct arena *arena, struct str raw, struct str *ret_path, struct err *err)
{
    struct str path;
    if (byte_set_span(&http_path_bytes, raw) < raw.len) {
        return err_set(err, ERR_INVALID, "the path contains a character that must be written as %%XX");
    }
    if (percent_decode(arena, raw, false, &path, err) < 0) {
        return -1;
    }
    if (path.ptr != raw.ptr) {
        if (hides_separator(raw)) {
            return err_set(err, ERR_INVALID, "the path contains an encoded slash or backslash");
        }
        for (size_t i = 0; i < path.len; i++) {
            if (is_control((unsigned char)path.ptr[i])) {
                return err_set(err, ERR_INVALID, "the path contains a control character");
            }
        }
    }
    if (has_high_byte(path) && !str_is_utf8(path)) {
        return err_set(err, ERR_INVALID, "the path is not UTF-8");
    }
    if (has_c1_control(path)) {
        return err_set(err, ERR_INVALID, "the path contains a control character");
    }
    if (check_path(path, err) < 0) {
        return -1;
    }
    *ret_path = path;
    return 0;
}

int http_target_read(struct arena *arena, struct str target, struct http_request *request, struct err *err)
{
    if (target.len == 0 || target.ptr[0] != '/') {
        return err_set(err, ERR_INVALID, "the request target must be a path that begins with '/'");
    }
    size_t question = str_find_byte(target, '?');
    struct str query = str_slice(target, question + 1, target.len);
    if (read_path(arena, str_slice(target, 0, question), &request->path, err) < 0) {
        return -1;
    }
    if (byte_set_span(&http_query_bytes, query) < query.len) {
        return err_set(err, ERR_INVALID, "the query contains a character that must be written as %%XX");
    }
    request->raw_target = target;
    request->query = NULL;
    request->query_count = 0;
    if (query.len == 0) {
        return 0;
    }
    return http_form_read(arena, query, HTTP_MAX_QUERY_PAIRS, &request->query, &request->query_count, err);
}

void http_percent_encode(struct buf *out, struct str text)
{
    static const char digits[] = "0123456789ABCDEF";
    while (text.len > 0) {
        size_t plain = byte_set_span(&http_unreserved_bytes, text);
        buf_add(out, str_slice(text, 0, plain));
        if (plain == text.len) {
            return;
        }
        unsigned char c = (unsigned char)text.ptr[plain];
        char encoded[3] = {'%', digits[c >> 4], digits[c & 15]};
        buf_add(out, str_make(encoded, sizeof encoded));
        text = str_slice(text, plain + 1, text.len);
    }
}
