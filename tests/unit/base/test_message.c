#include "unit.h"

#include "base/err.h"
#include "base/message.h"

#include <pthread.h>
#include <stdlib.h>

static void locales_name_catalogues(void **state)
{
    (void)state;
    const struct message_catalogue *japanese = message_catalogue("ja");
    assert_non_null(japanese);
    assert_string_equal(japanese->lang, "ja");
    assert_ptr_equal(message_catalogue("ja_JP.UTF-8"), japanese);
    assert_ptr_equal(message_catalogue("ja@latin"), japanese);
    assert_null(message_catalogue("jam"));
    assert_null(message_catalogue("en_GB.UTF-8"));
    assert_null(message_catalogue(""));
    assert_null(message_catalogue(NULL));
}

static void the_first_variable_that_is_set_decides(void **state)
{
    (void)state;
    setenv("LANG", "ja_JP.UTF-8", 1);
    setenv("LC_MESSAGES", "", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    assert_null(message_catalogue_of_environment());
    setenv("LC_ALL", "", 1);
    assert_non_null(message_catalogue_of_environment());
    setenv("LC_MESSAGES", "en_US.UTF-8", 1);
    assert_null(message_catalogue_of_environment());
    unsetenv("LC_ALL");
    unsetenv("LC_MESSAGES");
    unsetenv("LANG");
    assert_null(message_catalogue_of_environment());
}

static void *refuse(void *context)
{
    err_set(context, ERR_CONFLICT, "%.*s \"%.*s\" exists already", STR_ARG(STR("hub")), STR_ARG(STR("one")));
    return NULL;
}

static void errors_speak_the_language_of_their_thread(void **state)
{
    (void)state;
    struct err ours = {0}, theirs = {0};
    pthread_t thread;
    message_use(message_catalogue("ja"));
    refuse(&ours);
    assert_string_equal(ours.message, "hub「one」はすでにあります");
    assert_ptr_equal(message_used(), message_catalogue("ja"));
    assert_int_equal(pthread_create(&thread, NULL, refuse, &theirs), 0);
    pthread_join(thread, NULL);
    assert_string_equal(theirs.message, "hub \"one\" exists already");
    message_use_everywhere(message_catalogue("ja"));
    assert_int_equal(pthread_create(&thread, NULL, refuse, &theirs), 0);
    pthread_join(thread, NULL);
    assert_string_equal(theirs.message, "hub「one」はすでにあります");
    message_use_everywhere(NULL);
    message_use(NULL);
    refuse(&ours);
    assert_string_equal(ours.message, "hub \"one\" exists already");
}

static void arguments_may_change_places(void **state)
{
    (void)state;
    struct err err = {0};
    message_use(message_catalogue("ja"));
    err_set(&err, ERR_CONFLICT, "somebody changed records meanwhile (revision %lld, not %lld)", 7LL, 5LL);
    assert_string_equal(err.message, "その間にだれかが記録を変更しました（版5のはずが7）");
    message_use(NULL);
}

static void what_is_not_translated_stays(void **state)
{
    (void)state;
    const char *text = "a text that no catalogue has";
    message_use(message_catalogue("ja"));
    assert_ptr_equal(message_text(text), text);
    message_use(NULL);
}

/* The table is searched by halves. */
static void catalogues_are_in_order(void **state)
{
    (void)state;
    for (size_t c = 0; c < message_catalogue_count; c++) {
        const struct message_catalogue *catalogue = &message_catalogues[c];
        assert_true(catalogue->count > 0);
        for (size_t i = 1; i < catalogue->count; i++) {
            assert_true(strcmp(catalogue->messages[i - 1].english, catalogue->messages[i].english) < 0);
        }
    }
}

UNIT_TESTS(TEST(locales_name_catalogues), TEST(the_first_variable_that_is_set_decides),
           TEST(errors_speak_the_language_of_their_thread), TEST(arguments_may_change_places),
           TEST(what_is_not_translated_stays), TEST(catalogues_are_in_order))
