#include "cli/desk_words.h"

#include "base/date.h"
#include "base/embed.h"
#include "desk/settings.h"
#include "web/template.h"

#include <stdio.h>

static int read_words(struct words **ret_words, struct err *err)
{
    struct str contents[LANG_COUNT];

    for (size_t l = 0; l < LANG_COUNT; l++) {
        char path[32];
        const struct embedded_file *file;
        snprintf(path, sizeof path, "locale/%.*s.po", STR_ARG(lang_codes[l]));
        file = embed_find(path);
        contents[l] = file == NULL ? STR("") : str_make((const char *)file->data, file->size);
    }
    return words_read(contents, ret_words, err);
}

int desk_words_open(struct cli *cli, struct desk_words *ret_words)
{
    struct desk_words words = {0};
    struct desk_settings settings;
    struct err err = {0};

    if (desk_settings_read(cli->store, time_now_ms(), &cli->arena, &settings, &err) != 0 ||
        read_words(&words.words, &err) != 0) {
        return cli_fail(cli, &err);
    }
    words.lang = settings.lang;
    words.today = date_in_zone(time_now_ms(), settings.zone);
    *ret_words = words;
    return 0;
}

void desk_words_close(struct desk_words *words)
{
    words_free(words->words);
    words->words = NULL;
}

struct str desk_word(const struct desk_words *words, const char *msgid)
{
    return words_get(words->words, words->lang, str_from_cstr(msgid));
}

struct str desk_term(const struct desk_words *words, const struct field *field, struct str code)
{
    const struct term *term =
        field == NULL || field->vocabulary == NULL ? NULL : vocabulary_term(field->vocabulary, code);

    return term == NULL ? code : bilingual_best(term->label, words->lang);
}
