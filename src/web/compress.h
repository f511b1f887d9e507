/* Compressed forms of a body (RFC 1952, RFC 7932), and who takes them. */
#ifndef MUSUBI_WEB_COMPRESS_H
#define MUSUBI_WEB_COMPRESS_H

#include "base/str.h"

/* 0 and new memory for the caller to free, or -1 when it failed or would not be smaller. Brotli at its slowest and smallest:
 * for what is sent often. */
int compress_gzip(struct str plain, char **ret_bytes, size_t *ret_length);
int compress_brotli(struct str plain, char **ret_bytes, size_t *ret_length);
/* What compress_gzip made of `length` bytes: 0 and new memory for the caller to free. */
int decompress_gzip(struct str packed, size_t length, char **ret_bytes);

/* Whether an Accept-Encoding header takes this coding: named, or by "*", and not with q=0 (RFC 9110, 12.5.3). */
bool encoding_accepted(struct str accept_encoding, struct str coding);

#endif
