/* Messages to a person in his language.
 *
 * They stand in the code in English, as formats of printf. locale/messages/LANG.po translates them, and tools/messages.py
 * makes the table below of it, refusing a translation that does not take the same arguments in the same types. What is not in the
 * table stays English. err_set and those who write to a person look formats up by themselves, so that a message is written
 * once, in plain English, where the facts are known; words that go into one as an argument are looked up by whoever puts
 * them there. */
#ifndef MUSUBI_BASE_MESSAGE_H
#define MUSUBI_BASE_MESSAGE_H

#include <stddef.h>

/* One language's translations, sorted by the bytes of `english`. */
struct message_translation {
    const char *english;
    const char *translated;
};
struct message_catalogue {
    const char *lang; /* "ja" */
    const struct message_translation *messages;
    size_t count;
};

/* The generated table. Lives as long as the process. */
extern const struct message_catalogue message_catalogues[];
extern const size_t message_catalogue_count;

/* The catalogue of a language, or of a POSIX locale that begins with it ("ja_JP.UTF-8"); NULL, English, when there is none. */
const struct message_catalogue *message_catalogue(const char *locale);
/* The same by what the environment says (LC_ALL, LC_MESSAGES, LANG: the first that is not empty). */
const struct message_catalogue *message_catalogue_of_environment(void);

/* What this thread's messages are in from now on; NULL: the process's, which is English at first. */
void message_use(const struct message_catalogue *catalogue);
/* What this thread was told to use, or NULL: to hand it on to one that works for it. */
const struct message_catalogue *message_used(void);
/* What threads that were told nothing use; before any other thread runs. */
void message_use_everywhere(const struct message_catalogue *catalogue);

/* The format or words in the language in use, or what was given. Lives as long as the process, or as what was given. */
const char *message_text(const char *english) __attribute__((format_arg(1)));

#endif
