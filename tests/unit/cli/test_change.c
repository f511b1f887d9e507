/* Proposals on the command line, run as the server runs a command for somebody else: proposals come from the API, so the
 * golden cases have none. */
#include "../exchange/invented.h"

#include "cli/cli.h"
#include "model/record.h"

#include <fcntl.h>

#define ARGUMENTS_MAX 12

/* Runs a command with the open store; what it wrote to both streams is in *ret_text, in the arena. */
static int run(struct invented *invented, struct str *ret_text, const char *words)
{
    const char *argv[ARGUMENTS_MAX] = {"musubi"};
    int argc = 1;
    struct str rest = str_from_cstr(words);
    bool done = false;
    struct str word;
    while (str_next_part(&rest, ' ', &done, &word)) {
        assert_true(argc < ARGUMENTS_MAX);
        argv[argc++] = arena_copy(&invented->arena, word).ptr;
    }
    struct str path = invented_path(invented, "output");
    int fd = open(path.ptr, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    struct cli cli = {.in = -1,
                      .out = fd,
                      .err = fd,
                      .cwd = STR("/tmp"),
                      .served = true,
                      .store = invented->store,
                      .model = invented->model};
    int code = cli_run(&cli, argc, argv);
    close(fd);
    assert_int_equal(file_read(&invented->arena, path.ptr, 100000, ret_text, NULL), 0);
    (void)unlink(path.ptr);
    return code;
}

static void check(struct invented *invented, const char *words, int code, const char *expected)
{
    struct str text;
    int got = run(invented, &text, words);
    assert_string_equal(text.ptr, expected);
    assert_int_equal(got, code);
}

static struct value *record_of(struct invented *invented, const char *json)
{
    struct value *given;
    struct value *record;
    struct record_problems problems;
    record_problems_init(&problems, &invented->arena);
    const struct reg *reg = model_register(invented->model, STR("organisation"));
    assert_int_equal(json_read(&invented->arena, str_from_cstr(json), NULL, &given, NULL), 0);
    assert_int_equal(record_from_value(invented->model, reg, given, &invented->arena, &problems, &record), 0);
    return record;
}

static void propose(struct invented *invented)
{
    const struct reg *reg = model_register(invented->model, STR("organisation"));
    struct proposed_change changes[] = {
        {.reg = reg,
         .id = STR("one"),
         .kind = CHANGE_CREATE,
         .record = record_of(invented, "{\"id\":\"one\",\"name\":{\"en\":\"One\"}}")},
        {.reg = reg,
         .id = STR("two"),
         .kind = CHANGE_CREATE,
         .record = record_of(invented, "{\"id\":\"two\",\"name\":{\"en\":\"Two\"}}")},
    };
    struct write_request request = {.author = STR("somebody"), .reason = STR("two of ours"), .kind = STR("edit")};
    int64_t number;
    struct err err = {0};
    if (store_propose(invented->store, &request, changes, 2, &number, &err)) {
        fail_msg("%s", err.message);
    }
}

static void proposals_are_listed_shown_and_decided(void **state)
{
    (void)state;
    struct invented invented;
    setenv("MUSUBI_NOW", "2026-04-01T00:00:00Z", 1);
    invented_open(&invented);
    propose(&invented);
    propose(&invented);
    check(&invented, "change list", CLI_DONE,
          "2 open 2026-04-01T00:00:00.000Z by somebody: two of ours\n"
          "1 open 2026-04-01T00:00:00.000Z by somebody: two of ours\n");
    check(&invented, "change show 1", CLI_DONE,
          "1 open 2026-04-01T00:00:00.000Z by somebody: two of ours\n"
          "1. create organisation/one\n"
          "{\n  \"id\": \"one\",\n  \"visibility\": \"public\",\n  \"name\": {\n    \"en\": \"One\"\n  }\n}\n"
          "2. create organisation/two\n"
          "{\n  \"id\": \"two\",\n  \"visibility\": \"public\",\n  \"name\": {\n    \"en\": \"Two\"\n  }\n}\n");
    check(&invented, "change accept 1 --only 3", CLI_USAGE,
          "musubi: \"3\" is no change of this proposal; allowed: 1 to 2\n");
    check(&invented, "change accept 1 --only 2 --by them --note half", CLI_DONE, "1 created, 0 updated, 0 deleted\n");
    assert_int_equal(store_last_seq(invented.store), 1);
    struct str text;
    assert_int_equal(run(&invented, &text, "change accept 2"), CLI_REFUSED); /* two is there by now */
    assert_int_equal(store_last_seq(invented.store), 1);
    check(&invented, "change return 2 --note twice", CLI_DONE, "0 created, 0 updated, 0 deleted\n");
    check(&invented, "change list", CLI_DONE,
          "2 sent-back 2026-04-01T00:00:00.000Z by somebody: two of ours\n"
          "1 accepted-in-part 2026-04-01T00:00:00.000Z by somebody: two of ours\n");
    check(&invented, "history organisation two", CLI_DONE,
          "1 2026-04-01T00:00:00.000Z create by somebody: two of ours\n");
    invented_close(&invented);
}

static void the_server_does_not_serve_twice_or_change_its_model(void **state)
{
    (void)state;
    struct invented invented;
    invented_open(&invented);
    check(&invented, "serve", CLI_REFUSED, "musubi: the server cannot do this for somebody else\n");
    check(&invented, "check --model elsewhere", CLI_REFUSED, "musubi: the server cannot do this for somebody else\n");
    check(&invented, "nothing", CLI_USAGE, "musubi: there is no command \"nothing\"\ntry: musubi --help\n");
    invented_close(&invented);
}

UNIT_TESTS(TEST(proposals_are_listed_shown_and_decided), TEST(the_server_does_not_serve_twice_or_change_its_model))
