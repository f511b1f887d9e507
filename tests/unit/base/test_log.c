#include "unit.h"

#include "base/log.h"
#include "base/value.h"

/* What `write` logs. Borrowed until the next call. */
static struct str logged(void (*write_log)(void))
{
    static char text[200000];
    FILE *file = tmpfile();
    assert_non_null(file);
    fflush(stderr);
    int saved = dup(STDERR_FILENO);
    dup2(fileno(file), STDERR_FILENO);
    write_log();
    dup2(saved, STDERR_FILENO);
    close(saved);
    rewind(file);
    size_t len = fread(text, 1, sizeof(text), file);
    fclose(file);
    return str_make(text, len);
}

static void write_awkward_values(void)
{
    log_write(LOG_WARN, "served", 3, "path", STR("/a\"\n\xff\xe3\x81 あ"), "empty", STR(""), "none", str_make(NULL, 0));
}

static void write_below_the_level(void)
{
    log_write(LOG_DEBUG, "hidden", 0);
    log_set_level(LOG_ERROR);
    log_write(LOG_WARN, "hidden", 0);
    log_set_level(LOG_INFO);
}

static void write_too_much(void)
{
    static char large[70000];
    memset(large, 'x', sizeof(large));
    log_write(LOG_ERROR, "large", 1, "value", str_make(large, sizeof(large)));
}

static void a_line_is_a_json_object(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)1024 * 1024);
    setenv("MUSUBI_NOW", "2022-02-21T01:02:03.004Z", 1);
    assert_str(logged(write_awkward_values),
               "{\"time\":\"2022-02-21T01:02:03.004Z\",\"level\":\"warn\",\"event\":\"served\","
               "\"path\":\"/a\\\"\\n\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd あ\",\"empty\":\"\",\"none\":\"\"}\n");
    unsetenv("MUSUBI_NOW");
}

static void lower_levels_are_silent(void **state)
{
    (void)state;
    assert_str(logged(write_below_the_level), "");
}

static void what_is_too_long_is_said_to_be(void **state)
{
    (void)state;
    ARENA_AUTO arena;
    arena_init(&arena, (size_t)1024 * 1024);
    struct value *value;
    struct err err;
    assert_int_equal(json_read(&arena, logged(write_too_much), NULL, &value, &err), 0);
    assert_str(value_get_text(value, STR("event")), "large");
    assert_str(value_get_text(value, STR("note")), "too long to be logged whole");
}

UNIT_TESTS(TEST(a_line_is_a_json_object), TEST(lower_levels_are_silent), TEST(what_is_too_long_is_said_to_be))
