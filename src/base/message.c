#include "base/message.h"

#include <stdlib.h>
#include <string.h>

static const struct message_catalogue *catalogue_of_process;
static _Thread_local const struct message_catalogue *catalogue_of_thread;

const struct message_catalogue *message_catalogue(const char *locale)
{
    for (size_t i = 0; locale && i < message_catalogue_count; i++) {
        size_t length = strlen(message_catalogues[i].lang);
        if (strncmp(locale, message_catalogues[i].lang, length) == 0 && strchr("_.@", locale[length])) {
            return &message_catalogues[i];
        }
    }
    return NULL;
}

const struct message_catalogue *message_catalogue_of_environment(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = getenv(names[i]);
        if (value && value[0]) {
            return message_catalogue(value);
        }
    }
    return NULL;
}

void message_use(const struct message_catalogue *catalogue)
{
    catalogue_of_thread = catalogue;
}

const struct message_catalogue *message_used(void)
{
    return catalogue_of_thread;
}

void message_use_everywhere(const struct message_catalogue *catalogue)
{
    catalogue_of_process = catalogue;
}

static int compare(const void *key, const void *entry)
{
    const struct message_translation *translation = entry;
    return strcmp(key, translation->english);
}

const char *message_text(const char *english)
{
    const struct message_catalogue *catalogue = catalogue_of_thread ? catalogue_of_thread : catalogue_of_process;
    const struct message_translation *found = NULL;
    if (catalogue && english) {
        found = bsearch(english, catalogue->messages, catalogue->count, sizeof(*found), compare);
    }
    return found ? found->translated : english;
}
