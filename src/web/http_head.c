/* The request guard: request line and headers, read as RFC 9112 writes them and no more generously. Everything that two
 * programs in a row could understand differently is refused, so that nothing can be smuggled past the one in front. */
#include "web/http_internal.h"

#include <string.h>

static int refuse(struct http_refusal *refusal, int status, const char *detail)
{
    refusal->status = status;
    return err_set(&refusal->err, ERR_INVALID, "%s", detail);
}

enum http_progress http_head_find_end(struct str bytes, size_t max_bytes, struct http_head_scan *scan,
                                      size_t *ret_length, struct http_refusal *refusal)
{
    size_t limit = bytes.len < max_bytes ? bytes.len : max_bytes;
    while (scan->next < limit) {
        const char *lf = memchr(bytes.ptr + scan->next, '\n', limit - scan->next);
        if (!lf) {
            scan->next = limit;
            break;
        }
        size_t at = (size_t)(lf - bytes.ptr);
        if (at == scan->line_start || bytes.ptr[at - 1] != '\r') {
            refuse(refusal, 400, "a line ends with LF alone; lines end with CR LF");
            return HTTP_REFUSED;
        }
        bool empty = at == scan->line_start + 1;
        scan->next = scan->line_start = at + 1;
        scan->lines++;
        if (empty && scan->lines > 1) {
            *ret_length = at + 1;
            return HTTP_DONE;
        }
    }
    if (bytes.len < max_bytes) {
        return HTTP_MORE;
    }
    if (scan->lines == 0) {
        refuse(refusal, 414, "the request target is too long");
    } else {
        refuse(refusal, 431, "the header is too long");
    }
    return HTTP_REFUSED;
}

static const struct {
    struct str name;
    enum http_method method;
} methods[] = {
    {{"GET", 3}, HTTP_GET}, {{"HEAD", 4}, HTTP_HEAD},     {{"POST", 4}, HTTP_POST},
    {{"PUT", 3}, HTTP_PUT}, {{"DELETE", 6}, HTTP_DELETE}, {{"OPTIONS", 7}, HTTP_OPTIONS},
};

static int read_method(struct str name, struct http_request *request, struct http_refusal *refusal)
{
    if (name.len == 0 || byte_set_span(&http_token_bytes, name) < name.len) {
        return refuse(refusal, 400, "the request line does not begin with a method");
    }
    request->method_name = name;
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (str_eq(name, methods[i].name)) {
            request->method = methods[i].method;
            return 0;
        }
    }
    request->method = HTTP_OTHER;
    return refuse(refusal, 405, "this method is not served; GET, HEAD, POST, PUT, DELETE and OPTIONS are");
}

static int read_version(struct str version, struct http_head *head, struct http_refusal *refusal)
{
    if (str_eq(version, STR("HTTP/1.1"))) {
        return 0;
    }
    if (str_eq(version, STR("HTTP/1.0"))) {
        head->http_1_0 = true;
        return 0;
    }
    bool formed = version.len == 8 && str_starts_with(version, STR("HTTP/")) && version.ptr[6] == '.' &&
                  version.ptr[5] >= '0' && version.ptr[5] <= '9' && version.ptr[7] >= '0' && version.ptr[7] <= '9';
    if (formed && version.ptr[5] >= '2') {
        return refuse(refusal, 505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
    }
    return refuse(refusal, 400, "the request line does not end with HTTP/1.1 or HTTP/1.0");
}

static int read_request_line(struct arena *arena, struct str line, size_t max_target, struct http_head *head,
                             struct http_refusal *refusal)
{
    size_t first = str_find_byte(line, ' ');
    struct str rest = str_slice(line, first + 1, line.len);
    size_t second = str_find_byte(rest, ' ');
    struct str target = str_slice(rest, 0, second);
    if (second >= rest.len) {
        return refuse(refusal, 400, "the request line must be: method, space, target, space, version");
    }
    if (read_version(str_slice(rest, second + 1, rest.len), head, refusal) < 0) {
        return -1;
    }
    if (target.len > max_target) {
        return refuse(refusal, 414, "the request target is too long");
    }
    /* A method that is not served may have a target of another form, so it is the method that is told. */
    if (read_method(str_slice(line, 0, first), &head->request, refusal) < 0) {
        return -1;
    }
    refusal->status = 400;
    return http_target_read(arena, target, &head->request, &refusal->err);
}

/* Headers that decide how the request is framed and where it goes; each at most once. */
struct framing {
    struct str host;
    struct str length;
    struct str coding;
    struct str expect;
    bool closes;
    bool keeps;
    unsigned host_count;
    unsigned length_count;
    unsigned coding_count;
    unsigned expect_count;
};

static bool is_named(struct str name, struct str wanted)
{
    return name.len == wanted.len && str_eq_ignoring_case(name, wanted);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct str trim_blanks(struct str s)
{
    while (s.len > 0 && is_blank(s.ptr[0])) {
        s = str_slice(s, 1, s.len);
    }
    while (s.len > 0 && is_blank(s.ptr[s.len - 1])) {
        s.len--;
    }
    return s;
}

/* Whether a comma-separated list has this word in it. */
static bool list_has(struct str list, struct str word)
{
    while (list.len > 0) {
        size_t comma = str_find_byte(list, ',');
        if (str_eq_ignoring_case(trim_blanks(str_slice(list, 0, comma)), word)) {
            return true;
        }
        list = str_slice(list, comma + 1, list.len);
    }
    return false;
}

static void note_framing(const struct http_pair *pair, struct framing *framing, struct http_head *head)
{
    struct str name = pair->name;
    switch (name.len) {
    case 4:
        if (is_named(name, STR("host"))) {
            framing->host = pair->value;
            framing->host_count++;
        }
        break;
    case 6:
        if (is_named(name, STR("expect"))) {
            framing->expect = pair->value;
            framing->expect_count++;
        }
        break;
    case 10:
        if (is_named(name, STR("connection"))) {
            framing->closes |= list_has(pair->value, STR("close"));
            framing->keeps |= list_has(pair->value, STR("keep-alive"));
        }
        break;
    case 14:
        if (is_named(name, STR("content-length"))) {
            framing->length = pair->value;
            framing->length_count++;
        }
        break;
    case 15:
        if (is_named(name, STR("x-forwarded-for"))) {
            head->forwarded_for = pair->value;
        }
        break;
    case 17:
        if (is_named(name, STR("transfer-encoding"))) {
            framing->coding = pair->value;
            framing->coding_count++;
        } else if (is_named(name, STR("x-forwarded-proto"))) {
            head->forwarded_proto = pair->value;
        }
        break;
    default:
        break;
    }
}

static int read_header_line(struct str line, struct http_pair *pair, struct http_refusal *refusal)
{
    if (is_blank(line.ptr[0])) {
        return refuse(refusal, 400, "a header goes on in a second line (obsolete folding)");
    }
    size_t colon = byte_set_span(&http_token_bytes, line);
    if (colon == 0 || colon == line.len || line.ptr[colon] != ':') {
        return refuse(refusal, 400, "a header line must be: name, colon, value");
    }
    struct str value = str_slice(line, colon + 1, line.len);
    if (byte_set_span(&http_value_bytes, value) < value.len) {
        return refuse(refusal, 400, "a header contains a control character");
    }
    pair->name = str_slice(line, 0, colon);
    pair->value = trim_blanks(value);
    return 0;
}

static int read_length(struct str text, size_t *ret_length, struct http_refusal *refusal)
{
    size_t length = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return refuse(refusal, 400, "Content-Length must be a decimal number");
        }
        if (length > (SIZE_MAX / 2 - 9) / 10) {
            return refuse(refusal, 413, "the body is too large");
        }
        length = length * 10 + (size_t)(text.ptr[i] - '0');
    }
    if (text.len == 0) {
        return refuse(refusal, 400, "Content-Length must be a decimal number");
    }
    *ret_length = length;
    return 0;
}

static int check_body_framing(const struct framing *framing, struct http_head *head, struct http_refusal *refusal)
{
    if (framing->length_count > 1) {
        return refuse(refusal, 400, "Content-Length is given more than once");
    }
    if (framing->length_count > 0 && framing->coding_count > 0) {
        return refuse(refusal, 400, "Content-Length and Transfer-Encoding are both given");
    }
    if (framing->coding_count > 0) {
        if (framing->coding_count > 1 || head->http_1_0 || !str_eq_ignoring_case(framing->coding, STR("chunked"))) {
            return refuse(refusal, 400, "the only transfer coding is: chunked, once, in HTTP/1.1");
        }
        head->chunked = true;
    }
    if (framing->length_count > 0) {
        head->has_length = true;
        return read_length(framing->length, &head->content_length, refusal);
    }
    return 0;
}

static int check_framing(const struct framing *framing, struct http_head *head, struct http_refusal *refusal)
{
    if (framing->host_count != 1) {
        return refuse(refusal, 400, "there must be exactly one Host header");
    }
    if (framing->host.len == 0 || byte_set_span(&http_host_bytes, framing->host) < framing->host.len) {
        return refuse(refusal, 400, "the Host header is not the name of a host");
    }
    if (framing->expect_count > 0) {
        if (framing->expect_count > 1 || !str_eq_ignoring_case(framing->expect, STR("100-continue"))) {
            return refuse(refusal, 417, "the only expectation that can be met is: 100-continue");
        }
        head->expects_continue = !head->http_1_0;
    }
    return check_body_framing(framing, head, refusal);
}

static struct str last_of_list(struct str list)
{
    size_t start = list.len;
    while (start > 0 && list.ptr[start - 1] != ',') {
        start--;
    }
    return trim_blanks(str_slice(list, start, list.len));
}

/* Takes one line off *rest, which holds whole lines only. */
static struct str next_line(struct str *rest)
{
    const char *lf = memchr(rest->ptr, '\n', rest->len);
    size_t end = (size_t)(lf - rest->ptr);
    struct str line = str_slice(*rest, 0, end - 1);
    *rest = str_slice(*rest, end + 1, rest->len);
    return line;
}

int http_head_read(struct arena *arena, struct str bytes, const struct http_head_limits *limits,
                   struct http_head *ret_head, struct http_refusal *refusal)
{
    struct http_head *head = ret_head;
    struct framing framing = {0};
    struct str line = next_line(&bytes);
    memset(head, 0, sizeof *head);
    head->request.arena = arena;
    if (line.len == 0) {
        line = next_line(&bytes); /* RFC 9112 2.2: one empty line before the request is skipped */
    }
    if (read_request_line(arena, line, limits->max_target, head, refusal) < 0) {
        return -1;
    }
    head->request.headers = ARENA_NEW_ARRAY(arena, limits->max_lines, struct http_pair);
    for (line = next_line(&bytes); line.len > 0; line = next_line(&bytes)) {
        struct http_pair *pair = &head->request.headers[head->request.header_count];
        if (head->request.header_count == HTTP_MAX_HEADERS) {
            return refuse(refusal, 431, "there are too many headers");
        }
        if (read_header_line(line, pair, refusal) < 0) {
            return -1;
        }
        head->request.header_count++;
        note_framing(pair, &framing, head);
    }
    if (check_framing(&framing, head, refusal) < 0) {
        return -1;
    }
    head->keep_alive = !framing.closes && (!head->http_1_0 || framing.keeps);
    head->forwarded_for = last_of_list(head->forwarded_for);
    return 0;
}

struct str http_header(const struct http_request *request, const char *name)
{
    struct str wanted = str_from_cstr(name);
    for (size_t i = 0; i < request->header_count; i++) {
        if (is_named(request->headers[i].name, wanted)) {
            return request->headers[i].value;
        }
    }
    return STR("");
}

bool http_query(const struct http_request *request, const char *name, struct str *ret_value)
{
    struct str wanted = str_from_cstr(name);
    for (size_t i = 0; i < request->query_count; i++) {
        if (str_eq(request->query[i].name, wanted)) {
            *ret_value = request->query[i].value;
            return true;
        }
    }
    return false;
}
