#include "base/text.h"

#include "base/utf16.h"

#include <assert.h>
#include <pthread.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>

#define SLUG_MAX 80
/* Of a longer name only the beginning counts: it fills a slug more than once, and it bounds how long others wait. */
#define NAME_MAX_BYTES 480
/* Units that one unit of a name can become, with ample room: ICU's longest, U+FDFA, becomes 18 by NFKC. */
#define GROWTH_MAX 32

/* In ICU's rule language. An apostrophe of the name separates, as every other sign does; one that writing kana in Latin letters
 * puts after an n (しんいち → shin'ichi) goes away. */
static const char rules[] = "::NFKC; ::Null; "
                            "['\\u2019] > '-'; "
                            "::Hiragana-Latin; ::Katakana-Latin; "
                            "['\\u2019] > ; "
                            "::NFD; ::[:Mn:] Remove; ::Latin-ASCII;";

static pthread_once_t once = PTHREAD_ONCE_INIT;
/* ICU does not promise that two threads may use one transliterator; slugs are made seldom. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static UTransliterator *transliterator;

static void open_transliterator(void)
{
    static const UChar id[] = {'s', 'l', 'u', 'g', 0};
    UChar rules_units[sizeof(rules)];
    UParseError parse_error;
    UErrorCode status = U_ZERO_ERROR;
    u_charsToUChars(rules, rules_units, sizeof(rules));
    transliterator = utrans_openU(id, -1, UTRANS_FORWARD, rules_units, -1, &parse_error, &status);
    assert(U_SUCCESS(status)); /* the rules are constant */
}

/* The byte as it stands in a slug; 0 when it does not. */
static char slug_byte(char byte)
{
    if (byte >= 'A' && byte <= 'Z') {
        return (char)(byte - 'A' + 'a');
    }
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ? byte : '\0';
}

/* Keeps letters and digits, puts one hyphen for whatever stands between them, at most SLUG_MAX bytes. */
static struct str join(struct arena *arena, struct str latin)
{
    char slug[SLUG_MAX];
    size_t len = 0;
    bool gap = false;
    for (size_t i = 0; i < latin.len; i++) {
        char byte = slug_byte(latin.ptr[i]);
        if (!byte) {
            gap = len > 0;
            continue;
        }
        if (len + gap >= SLUG_MAX) {
            break;
        }
        if (gap) {
            slug[len++] = '-';
            gap = false;
        }
        slug[len++] = byte;
    }
    return arena_copy(arena, str_make(slug, len));
}

struct str text_slug(struct arena *arena, struct str name)
{
    name = str_slice(name, 0, NAME_MAX_BYTES);
    if (str_ascii_length(name) == name.len) {
        return join(arena, name);
    }
    pthread_once(&once, open_transliterator);
    UTF16_AUTO text;
    UTF16_AUTO units;
    utf16_init(&text);
    utf16_init(&units);
    utf16_set(&text, name);
    utf16_make_room(&units, text.len * GROWTH_MAX + 1);
    u_memcpy(units.ptr, text.ptr, text.len);
    int32_t len = text.len;
    int32_t limit = len;
    UErrorCode status = U_ZERO_ERROR;
    pthread_mutex_lock(&mutex);
    utrans_transUChars(transliterator, units.ptr, &len, units.capacity, 0, &limit, &status);
    pthread_mutex_unlock(&mutex);
    if (U_FAILURE(status)) {
        return STR("");
    }
    ARENA_AUTO scratch;
    arena_init(&scratch, (size_t)1024 * 1024);
    return join(arena, utf16_to_str(&scratch, units.ptr, len));
}
