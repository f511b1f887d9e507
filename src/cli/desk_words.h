/* The words in which the desk's commands speak: those of locale/, in the community's first language. */
#ifndef MUSUBI_CLI_DESK_WORDS_H
#define MUSUBI_CLI_DESK_WORDS_H

#include "cli/cli.h"

struct words;
struct desk_words {
    enum lang lang;
    struct words *words;
    struct date today; /* in the community's time zone */
};

/* 0, or CLI_REFUSED after saying why. */
int desk_words_open(struct cli *cli, struct desk_words *ret_words);
void desk_words_close(struct desk_words *words);
#define DESK_WORDS_AUTO __attribute__((cleanup(desk_words_close))) struct desk_words
/* The word; the msgid when there is none. */
struct str desk_word(const struct desk_words *words, const char *msgid);
/* A code as people read it: the vocabulary's word, or the code. */
struct str desk_term(const struct desk_words *words, const struct field *field, struct str code);

#endif
