/* Old, variant and printers' forms of kanji with the form in use today (joyo kanji's old forms and common forms in names). Sorted
 * by the old form. */
#ifndef MUSUBI_SEARCH_OLD_KANJI_H
#define MUSUBI_SEARCH_OLD_KANJI_H

#include <stddef.h>
#include <stdint.h>

struct old_kanji {
    uint32_t old, now;
};

extern const struct old_kanji old_kanji[];
extern const size_t old_kanji_count;

#endif
