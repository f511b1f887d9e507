#include "cli/settings.h"

#include "base/file.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define FILE_BYTES_MAX ((size_t)1 << 20)
#define LINE_BYTES_MAX 4096

const struct setting settings_rows[] = {
    {"listen", SETTING_TEXT, "127.0.0.1:8080", 0, 0, NULL,
     "Address and port to listen on. Leave it on the loopback address behind nginx; port 0 takes a free one."},
    {"public_url", SETTING_TEXT, "", 0, 0, NULL,
     "How the outside names this site: https://example.org, without a slash at the end. When empty, what each request "
     "names."},
    {"trusted_proxy", SETTING_TEXT, "", 0, 0, NULL,
     "Address of the proxy in front, whose X-Forwarded-For and X-Forwarded-Proto are believed."},
    {"threads", SETTING_NUMBER, "0", 0, 256, NULL, "Threads that answer. 0: as many as there are processors."},
    {"slow_threads", SETTING_NUMBER, "4", 1, 64, NULL, "Threads for exports and forms, so that they hold up nobody."},
    {"max_connections", SETTING_NUMBER, "20000", 16, 1000000, NULL, "Connections at once."},
    {"max_connections_per_address", SETTING_NUMBER, "0", 0, 1000000, NULL,
     "Connections at once from one address (IPv6: one /64). 0: 256, and no limit when listening on loopback."},
    {"header_deadline_ms", SETTING_NUMBER, "10000", 100, 600000, NULL,
     "Time for a whole request header, from its first byte."},
    {"body_deadline_ms", SETTING_NUMBER, "60000", 100, 3600000, NULL,
     "Time for a whole request body; and for a reader to take the next 64 KiB of an answer."},
    {"idle_timeout_ms", SETTING_NUMBER, "75000", 100, 3600000, NULL,
     "Time a connection may stay open without a request."},
    {"max_header_bytes", SETTING_NUMBER, "16384", 1024, 1048576, NULL, "Size of a request header."},
    {"max_body_bytes", SETTING_NUMBER, "16777216", 1024, 1073741824, NULL, "Size of a request body."},
    {"map_tiles", SETTING_TEXT, "", 0, 0, NULL,
     "URL of an outside tile server behind the map: https://cyberjapandata.gsi.go.jp/xyz/pale/{z}/{x}/{y}.png. When empty, no "
     "browser asks anybody else."},
    {"map_tiles_credit", SETTING_TEXT, "", 0, 0, NULL, "Whose these tiles are, as shown beneath the map."},
    {"cache_bytes", SETTING_NUMBER, "8388608", 0, 17179869184, NULL,
     "Memory for pages that are kept until something they show changes, compressed forms included. 0: none are kept."},
    {"search_cpu_us", SETTING_NUMBER, "1500000", 1, 60000000, NULL,
     "Processor time that one search may take, in microseconds; then it is cut off, and says so."},
    {"grace_ms", SETTING_NUMBER, "10000", 0, 600000, NULL,
     "Time that requests which have begun may take after the signal to stop."},
    {"log_level", SETTING_CHOICE, "info", 0, 0, "debug info warn error", "How much the log on stderr says."},
    {"log_requests", SETTING_FLAG, "no", 0, 0, NULL,
     "One line in the log for each request: method, path without its query, status, time. Never the address."},
    {"form_least_ms", SETTING_NUMBER, "3000", 0, 60000, NULL,
     "An enquiry form that comes back sooner than this was not filled in by a person."},
    {"enquiries_each_an_hour", SETTING_NUMBER, "10", 0, 100000, NULL,
     "Enquiries an hour from one address (IPv6: one /64)."},
    {"enquiries_an_hour", SETTING_NUMBER, "120", 0, 1000000, NULL, "Enquiries an hour from all together."},
    {"smtp_url", SETTING_TEXT, "", 0, 0, NULL,
     "Server of mail: smtp://mail.example.org:587 (with STARTTLS where it is offered) or smtps://mail.example.org. No mail "
     "is sent when empty."},
    {"smtp_user", SETTING_TEXT, "", 0, 0, NULL,
     "Name to log in with at the server of mail; then TLS is required. No login when empty."},
    {"smtp_password_file", SETTING_TEXT, "", 0, 0, NULL,
     "File whose first line is the password, readable by the service only; never the password itself."},
    {"smtp_ca_file", SETTING_TEXT, "", 0, 0, NULL,
     "File with the certificates (PEM) by which the server of mail is known; the system's own when empty."},
    {"mail_from", SETTING_TEXT, "", 0, 0, NULL, "Address that mail comes from; must be given with smtp_url."},
    {"mail_retry_ms", SETTING_NUMBER, "60000", 100, 3600000, NULL,
     "Wait after the first failure to send a mail; four times as long after each further one, at most six hours. After "
     "five days a mail is given up."},
};
const size_t settings_count = sizeof settings_rows / sizeof settings_rows[0];
_Static_assert(sizeof settings_rows / sizeof settings_rows[0] <= SETTINGS_MAX, "more settings than room for them");

/* ---- rows ---- */

static size_t row_of(struct str name)
{
    for (size_t i = 0; i < settings_count; i++) {
        if (str_eq(str_from_cstr(settings_rows[i].name), name)) {
            return i;
        }
    }
    return SIZE_MAX;
}

static bool is_choice(const char *choices, struct str value)
{
    struct str rest = str_from_cstr(choices);
    struct str choice;
    bool done = false;
    while (str_next_part(&rest, ' ', &done, &choice)) {
        if (str_eq(choice, value)) {
            return true;
        }
    }
    return false;
}

/* What is wrong with a value, and what is allowed; NULL when it is fine. */
static const char *value_problem(const struct setting *row, struct str value, struct arena *arena)
{
    int64_t number;
    switch (row->kind) {
    case SETTING_NUMBER:
        if (str_to_int64(value, &number) && number >= row->least && number <= row->most) {
            return NULL;
        }
        return arena_format(arena, "\"%.*s\" is not allowed for %s; allowed is a whole number from %lld to %lld",
                            STR_ARG(value), row->name, (long long)row->least, (long long)row->most)
            .ptr;
    case SETTING_FLAG:
        if (str_eq(value, STR("yes")) || str_eq(value, STR("no"))) {
            return NULL;
        }
        return arena_format(arena, "\"%.*s\" is not allowed for %s; allowed are yes and no", STR_ARG(value), row->name)
            .ptr;
    case SETTING_CHOICE:
        if (is_choice(row->choices, value)) {
            return NULL;
        }
        return arena_format(arena, "\"%.*s\" is not allowed for %s; allowed is one of: %s", STR_ARG(value), row->name,
                            row->choices)
            .ptr;
    case SETTING_TEXT:
        break;
    }
    return NULL;
}

static struct str all_names(struct arena *arena)
{
    struct str names = STR("");
    for (size_t i = 0; i < settings_count; i++) {
        names = arena_format(arena, "%.*s%s%s", STR_ARG(names), i > 0 ? ", " : "", settings_rows[i].name);
    }
    return names;
}

/* ---- the file ---- */

struct reading {
    const char *path;
    struct arena *arena;
    struct problems *problems;
    struct settings *settings;
    bool seen[SETTINGS_MAX];
};

/* The value as it stands, or what stands between double quotes. False when the quotes do not close at the end. */
static bool unquote(struct str *value)
{
    if (value->len == 0 || value->ptr[0] != '"') {
        size_t comment = str_find(*value, STR(" #"));
        *value = comment == SIZE_MAX ? *value : str_trim(str_slice(*value, 0, comment));
        return true;
    }
    size_t end = str_find_byte(str_slice(*value, 1, value->len), '"');
    struct str after = str_trim(str_slice(*value, end + 2, value->len));
    bool closed = end + 1 < value->len && (after.len == 0 || after.ptr[0] == '#');
    *value = str_slice(*value, 1, end + 1);
    return closed;
}

static void read_line(struct reading *reading, struct str line, size_t number)
{
    struct str text = str_trim(line);
    size_t column = (size_t)(text.ptr - line.ptr) + 1;
    if (text.len == 0 || text.ptr[0] == '#') {
        return;
    }
    size_t equals = str_find_byte(text, '=');
    struct str name = str_trim(str_slice(text, 0, equals));
    struct str value = str_trim(str_slice(text, equals + 1, text.len));
    size_t row = row_of(name);
    if (equals == text.len || text.len > LINE_BYTES_MAX) {
        problems_add(reading->problems, "%s:%zu:%zu: not a setting; allowed are lines `name = value` and comments",
                     reading->path, number, column);
        return;
    }
    if (row == SIZE_MAX) {
        problems_add(reading->problems, "%s:%zu:%zu: there is no setting \"%.*s\"; allowed are %.*s", reading->path,
                     number, column, STR_ARG(str_slice(name, 0, 60)), STR_ARG(all_names(reading->arena)));
        return;
    }
    size_t value_column = (size_t)(value.ptr - line.ptr) + 1;
    const char *problem = !unquote(&value)     ? "a quote that opens must close, and nothing may follow it"
                          : reading->seen[row] ? "this setting stands here twice; allowed is once"
                                               : value_problem(&settings_rows[row], value, reading->arena);
    if (problem != NULL) {
        problems_add(reading->problems, "%s:%zu:%zu: %s", reading->path, number, value_column, problem);
        return;
    }
    reading->seen[row] = true;
    reading->settings->values[row] = arena_copy(reading->arena, value);
    reading->settings->from[row] = arena_format(reading->arena, "%s:%zu", reading->path, number);
}

static int read_file(struct reading *reading, struct err *err)
{
    struct str content;
    if (file_read(reading->arena, reading->path, FILE_BYTES_MAX, &content, err) != 0) {
        return -1;
    }
    if (!str_is_utf8(content)) {
        problems_add(reading->problems, "%s:1:1: the file is not UTF-8", reading->path);
        return 0;
    }
    struct str rest = content;
    struct str line;
    bool done = false;
    for (size_t number = 1; str_next_part(&rest, '\n', &done, &line); number++) {
        read_line(reading, line, number);
    }
    return 0;
}

/* ---- the environment ---- */

static void read_environment(struct settings *settings, struct arena *arena, struct problems *problems)
{
    for (size_t i = 0; i < settings_count; i++) {
        struct str variable = arena_format(arena, "MUSUBI_%s", settings_rows[i].name);
        for (size_t k = 0; k < variable.len; k++) {
            char *letter = (char *)variable.ptr + k;
            *letter = *letter >= 'a' && *letter <= 'z' ? (char)(*letter - 'a' + 'A') : *letter;
        }
        const char *value = getenv(variable.ptr);
        if (value == NULL) {
            continue;
        }
        const char *problem = value_problem(&settings_rows[i], str_from_cstr(value), arena);
        if (problem != NULL) {
            problems_add(problems, "%.*s: %s", STR_ARG(variable), problem);
            continue;
        }
        settings->values[i] = arena_copy(arena, str_from_cstr(value));
        settings->from[i] = STR("environment");
    }
}

/* ---- the whole ---- */

int settings_read(const char *path, struct arena *arena, struct problems *problems, struct settings *ret_settings,
                  struct err *err)
{
    struct settings settings;
    struct reading reading = {.path = path, .arena = arena, .problems = problems, .settings = &settings};
    for (size_t i = 0; i < settings_count; i++) {
        settings.values[i] = str_from_cstr(settings_rows[i].otherwise);
        settings.from[i] = STR("default");
    }
    if (path != NULL && read_file(&reading, err) != 0) {
        return -1;
    }
    read_environment(&settings, arena, problems);
    if (problems->count > 0) {
        return err_set(err, ERR_INVALID, "the settings have %zu mistakes", problems->count + problems->dropped);
    }
    *ret_settings = settings;
    return 0;
}

int settings_set(struct settings *settings, const char *name, struct str value, struct arena *arena, struct err *err)
{
    size_t row = row_of(str_from_cstr(name));
    assert(row != SIZE_MAX);
    const char *problem = value_problem(&settings_rows[row], value, arena);
    if (problem != NULL) {
        return err_set_field(err, ERR_INVALID, str_from_cstr(name), "%s", problem);
    }
    settings->values[row] = arena_copy(arena, value);
    settings->from[row] = STR("command line");
    return 0;
}

struct str settings_text(const struct settings *settings, const char *name)
{
    size_t row = row_of(str_from_cstr(name));
    assert(row != SIZE_MAX);
    return settings->values[row];
}

int64_t settings_number(const struct settings *settings, const char *name)
{
    int64_t number = 0;
    bool is_number = str_to_int64(settings_text(settings, name), &number);
    assert(is_number);
    (void)is_number;
    return number;
}

bool settings_flag(const struct settings *settings, const char *name)
{
    return str_eq(settings_text(settings, name), STR("yes"));
}

static struct str allowed_words(const struct setting *row, struct arena *arena)
{
    switch (row->kind) {
    case SETTING_NUMBER:
        return arena_format(arena, "a whole number from %lld to %lld", (long long)row->least, (long long)row->most);
    case SETTING_FLAG:
        return STR("yes or no");
    case SETTING_CHOICE:
        return arena_format(arena, "one of: %s", row->choices);
    case SETTING_TEXT:
        break;
    }
    return STR("text");
}

struct str settings_example(struct arena *arena)
{
    BUF_AUTO out;
    buf_init(&out, FILE_BYTES_MAX);
    buf_add_literal(&out, "# Settings of musubi. Take the # away before a line to change it.\n");
    for (size_t i = 0; i < settings_count; i++) {
        const struct setting *row = &settings_rows[i];
        buf_add_format(&out, "\n# %s\n# Allowed: %.*s.\n#%s = %s\n", row->help, STR_ARG(allowed_words(row, arena)),
                       row->name, row->otherwise);
    }
    return arena_copy(arena, buf_str(&out));
}
