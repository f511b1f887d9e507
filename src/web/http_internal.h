/* What the parts of the HTTP server share. Nothing outside src/web/http*.c and their tests includes this. */
#ifndef MUSUBI_WEB_HTTP_INTERNAL_H
#define MUSUBI_WEB_HTTP_INTERNAL_H

#include "web/http.h"

/* ---- characters (http_chars.c) ---- */

/* A set of bytes: bit (b & 63) of word (b >> 6). */
struct byte_set {
    uint64_t words[4];
};

extern const struct byte_set http_token_bytes; /* RFC 9110 5.6.2 tchar: methods and header names */
extern const struct byte_set http_value_bytes; /* RFC 9110 5.5: visible, space, tab, and bytes above 0x7f */
extern const struct byte_set http_host_bytes;  /* RFC 3986 host and port */
extern const struct byte_set http_path_bytes;  /* RFC 3986 pchar, '/', '%', and bytes above 0x7f (see http_url.c) */
extern const struct byte_set http_query_bytes; /* what browsers leave as it is in a query (WHATWG URL) */
extern const struct byte_set http_unreserved_bytes; /* RFC 3986 unreserved */

static inline bool byte_set_has(const struct byte_set *set, char byte)
{
    unsigned char b = (unsigned char)byte;
    return (set->words[b >> 6] >> (b & 63)) & 1;
}

/* Position of the first byte that is not in the set, or s.len. */
size_t byte_set_span(const struct byte_set *set, struct str s);
/* 0 … 15, or -1. */
int hex_digit(char c);

/* ---- targets and queries (http_url.c) ---- */

#define HTTP_MAX_QUERY_PAIRS 256

/* Takes the target of a request line apart: decoded path, decoded query. On failure *err says what a client did wrong. */
int http_target_read(struct arena *arena, struct str target, struct http_request *request, struct err *err);

/* ---- the header of a request (http_head.c) ---- */

#define HTTP_MAX_HEADERS 100

/* How far the search for the end of a header has come; zeroed at its beginning. */
struct http_head_scan {
    size_t next;       /* first byte not looked at */
    size_t line_start; /* of the line that `next` is in */
    size_t lines;      /* ended ones, the request line included */
};

struct http_head {
    struct http_request request; /* slices of the header's bytes or in the arena; body, peer and thread are not set */
    bool chunked;
    bool has_length;
    size_t content_length;
    bool http_1_0;
    bool keep_alive;
    bool expects_continue;
    struct str forwarded_for;   /* last element of X-Forwarded-For, or empty */
    struct str forwarded_proto; /* X-Forwarded-Proto, or empty */
};

struct http_head_limits {
    size_t max_lines; /* what http_head_scan counted */
    size_t max_target;
};

/* What the client is told: a status and, in err.message, what was wrong. */
struct http_refusal {
    int status;
    struct err err;
};

enum http_progress { HTTP_MORE, HTTP_DONE, HTTP_REFUSED };

/* Looks for the empty line that ends a header. HTTP_DONE sets *ret_length to the bytes up to and with it. HTTP_REFUSED: a
 * bare LF, or max_bytes without an end. */
enum http_progress http_head_find_end(struct str bytes, size_t max_bytes, struct http_head_scan *scan,
                                      size_t *ret_length, struct http_refusal *refusal);
/* Reads a whole header. -1: refused. */
int http_head_read(struct arena *arena, struct str bytes, const struct http_head_limits *limits,
                   struct http_head *ret_head, struct http_refusal *refusal);

/* ---- chunked bodies (http_chunked.c) ---- */

struct http_chunked {
    int state;         /* enum chunk_state; zeroed at the beginning */
    uint64_t left;     /* bytes of this chunk still to come */
    size_t digits;     /* of the size being read */
    size_t side_bytes; /* of extensions and trailers so far */
};

/* Feeds bytes; what they decode to is written to out, which may be the same memory or begin before `in`.
 * HTTP_DONE: *ret_used says where the body ended. HTTP_REFUSED fills *err (the status is 400). */
enum http_progress http_chunked_feed(struct http_chunked *chunked, struct str in, char *out, size_t *ret_used,
                                     size_t *ret_written, struct err *err);

/* ---- answers (http_answer.c) ---- */

struct http_answer_frame {
    bool http_1_0;
    bool keep_alive;
    bool without_body; /* the request was HEAD */
    struct str date;   /* as in the Date header */
};

/* Writes status line and headers. A response that must not go out (a control character in a header) becomes a plain 500
 * without body. Returns the body to send after them. */
struct str http_answer_write_head(struct buf *out, const struct http_answer_frame *frame,
                                  const struct http_response *response);
/* Status 200, no content, no headers: without clearing the places of those that may come. */
void http_response_init(struct http_response *response);
/* Fills *response with a problem document in the arena. */
void http_answer_problem(struct arena *arena, struct http_response *response, int status, const char *detail);
/* "Sun, 06 Nov 1994 08:49:37 GMT" */
#define HTTP_DATE_MAX 32
struct str http_date_format(int64_t unix_seconds, char text[HTTP_DATE_MAX]);
/* Frees what the response owns. */
void http_response_free(struct http_response *response);

#endif
