/* The check finds nothing in a store that was only ever written through change sets, and finds what was done behind its back. */
#include "fixture.h"

#include <sqlite3.h>

static struct fixture fixture;
static char findings[20000];

static int set_up(void **state)
{
    (void)state;
    fixture_open(&fixture);
    put(&fixture, "source", "{\"id\":\"s\",\"name\":{\"en\":\"S\"}}");
    put(&fixture, "organisation",
        "{\"id\":\"a\",\"name\":{\"en\":\"A\"},\"kind\":\"firm\",\"domains\":[\"d1\"],\"sources\":[{\"source\":\"s\"}]}");
    put(&fixture, "organisation",
        "{\"id\":\"b\",\"name\":{\"en\":\"B\"},\"parent\":\"a\",\"listed\":true,\"partners\":[\"a\"]}");
    put(&fixture, "organisation",
        "{\"id\":\"a\",\"name\":{\"en\":\"AA\"},\"kind\":\"city\",\"domains\":[\"d2\",\"d1\"]}");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fixture_close(&fixture);
    return 0;
}

static void collect(void *context, struct str line)
{
    (void)context;
    size_t length = strlen(findings);
    snprintf(findings + length, sizeof findings - length, "%.*s\n", STR_ARG(line));
}

static int64_t check(void)
{
    findings[0] = '\0';
    int64_t count = -1;
    struct err err = {0};
    if (store_check(fixture.store, collect, NULL, &count, &err))
        fail_msg("%s", err.message);
    return count;
}

/* Changes the file as no change set would. */
static void behind_its_back(const char *sql)
{
    store_close(fixture.store);
    char path[128];
    snprintf(path, sizeof path, "%s/store.db", fixture.folder);
    sqlite3 *handle;
    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    if (sqlite3_exec(handle, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(handle));
    sqlite3_close(handle);
    struct store_config config = {.url = "sqlite:", .folder = fixture.folder, .model = fixture.model};
    struct err err = {0};
    if (store_open(&config, &fixture.store, &err))
        fail_msg("%s", err.message);
}

static void finds(const char *sql, const char *words)
{
    behind_its_back(sql);
    int64_t count = check();
    if (count == 0 || !strstr(findings, words))
        fail_msg("after %s:\n%s", sql, findings);
}

static void a_store_as_written_is_sound(void **state)
{
    (void)state;
    if (check() != 0)
        fail_msg("%s", findings);
}

static void finds_a_gap_in_the_revisions(void **state)
{
    (void)state;
    finds("DELETE FROM revision WHERE seq=2", "have a gap");
}

static void finds_a_row_without_its_revision(void **state)
{
    (void)state;
    finds("UPDATE r_organisation SET seq_from=99 WHERE id='b'", "no revision of its register has");
}

static void finds_spans_that_overlap(void **state)
{
    (void)state;
    finds("UPDATE p_organisation SET seq_to=5 WHERE id='a'", "reaches into the present");
}

static void finds_a_reference_to_nothing(void **state)
{
    (void)state;
    finds("UPDATE r_organisation SET parent='ghost' WHERE id='b'", "refers to organisation \"ghost\"");
}

static void finds_a_link_that_is_missing_or_too_much(void **state)
{
    (void)state;
    finds("DELETE FROM l_organisation__domains WHERE value='d2'", "an entry has no link");
    finds("INSERT INTO l_organisation__partners VALUES ('b','a',4)", "stands for no entry");
}

static void finds_a_past_link_that_is_wrong(void **state)
{
    (void)state;
    finds("UPDATE lp_organisation__domains SET key_ja=X'00'", "ordered otherwise");
    finds("INSERT INTO lp_organisation__domains VALUES ('d1','zz',1,2,X'00',X'00')", "stands for no row");
    finds("DELETE FROM lp_organisation__domains WHERE id='a'", "an entry has no link");
}

static void finds_a_wrong_counter(void **state)
{
    (void)state;
    finds("UPDATE counter SET records=7 WHERE field='kind'", "counter is wrong");
    finds("DELETE FROM counter", "counter is wrong");
}

static void finds_a_value_the_model_refuses(void **state)
{
    (void)state;
    finds("UPDATE r_organisation SET kind='village' WHERE id='a'", "kind");
}

static void finds_a_redirect_to_nothing(void **state)
{
    (void)state;
    finds("INSERT INTO redirect VALUES ('organisation','old','nowhere',1,1)", "redirects to what never was");
}

#define STORE_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

UNIT_TESTS(STORE_TEST(a_store_as_written_is_sound), STORE_TEST(finds_a_gap_in_the_revisions),
           STORE_TEST(finds_a_row_without_its_revision), STORE_TEST(finds_spans_that_overlap),
           STORE_TEST(finds_a_reference_to_nothing), STORE_TEST(finds_a_link_that_is_missing_or_too_much),
           STORE_TEST(finds_a_past_link_that_is_wrong), STORE_TEST(finds_a_wrong_counter),
           STORE_TEST(finds_a_value_the_model_refuses), STORE_TEST(finds_a_redirect_to_nothing))
