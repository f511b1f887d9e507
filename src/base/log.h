/* The log: one JSON object a line on stderr, for machines and for people. Only main and the server write it. Never
 * hand it secrets or personal data: it escapes, it does not judge. */
#ifndef MUSUBI_BASE_LOG_H
#define MUSUBI_BASE_LOG_H

#include "base/str.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

void log_set_level(enum log_level level);
/* Pairs of (const char *key, struct str value) follow; `pairs` is their number.
 * log_write(LOG_INFO, "served", 2, "method", STR("GET"), "path", path); */
void log_write(enum log_level level, const char *event, int pairs, ...);

#endif
