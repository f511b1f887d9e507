#include "base/text.h"

#include "base/memory.h"
#include "base/utf16.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/ucol.h>
#include <unicode/uiter.h>
#include <unicode/ustring.h>

/* Longest language name that is looked up; longer ones sort as the root of the collation data. */
#define LANG_MAX 16

/* Every character that counts gives at least one byte of the primary level, so what stands behind these units can not
 * show in a key's first TEXT_SORT_KEY_MAX bytes. (Only a text that begins with more than a hundred characters that
 * collation ignores would need more; it then sorts by what stands before.) */
#define UNITS_MAX 192

/* Room for a whole key of UNITS_MAX units but for rare scripts. ICU leaves open what stands in a buffer that was too small. */
#define WHOLE_KEY_MAX 1024

/* ---- collators: a few for each thread, because a collator may not be used by two at a time ---- */

#define COLLATORS_MAX 4

struct collator {
    char lang[LANG_MAX];
    size_t lang_len;
    UCollator *collator; /* NULL: free */
};

struct collators {
    struct collator items[COLLATORS_MAX];
    size_t next; /* the one that gives way next */
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t collators_key;
/* The same pointer as under the key, which is there to free it when the thread ends. */
static __thread struct collators *collators_of_thread;

static void free_collators(void *data)
{
    struct collators *collators = data;
    for (size_t i = 0; i < COLLATORS_MAX; i++) {
        if (collators->items[i].collator) {
            ucol_close(collators->items[i].collator);
        }
    }
    free(collators);
}

static void make_key(void)
{
    int result = pthread_key_create(&collators_key, free_collators);
    assert(result == 0);
    (void)result;
}

static struct collators *make_collators(void)
{
    pthread_once(&once, make_key);
    struct collators *collators = memory_alloc(sizeof(*collators));
    *collators = (struct collators){0};
    int result = pthread_setspecific(collators_key, collators);
    assert(result == 0);
    (void)result;
    collators_of_thread = collators;
    return collators;
}

static UCollator *open_collator(struct str lang)
{
    char locale[LANG_MAX];
    if (lang.len > 0) {
        memcpy(locale, lang.ptr, lang.len);
    }
    locale[lang.len] = '\0';
    UErrorCode status = U_ZERO_ERROR;
    UCollator *collator = ucol_open(lang.len > 0 ? locale : "root", &status);
    if (U_FAILURE(status)) {
        status = U_ZERO_ERROR;
        collator = ucol_open("root", &status);
    }
    assert(U_SUCCESS(status)); /* the root is part of the library's data */
    ucol_setStrength(collator, UCOL_TERTIARY);
    return collator;
}

/* Borrowed: until the thread has used COLLATORS_MAX others. */
static UCollator *collator_of(struct str lang)
{
    lang = lang.len < LANG_MAX ? lang : STR("");
    struct collators *collators = collators_of_thread ? collators_of_thread : make_collators();
    for (size_t i = 0; i < COLLATORS_MAX; i++) {
        struct collator *item = &collators->items[i];
        if (item->collator && str_eq(str_make(item->lang, item->lang_len), lang)) {
            return item->collator;
        }
    }
    struct collator *item = &collators->items[collators->next];
    collators->next = (collators->next + 1) % COLLATORS_MAX;
    if (item->collator) {
        ucol_close(item->collator);
    }
    item->collator = open_collator(lang);
    item->lang_len = lang.len;
    if (lang.len > 0) {
        memcpy(item->lang, lang.ptr, lang.len);
    }
    return item->collator;
}

/* ---- keys ---- */

/* The first units of s as UTF-16, cut between characters; their number. */
static int32_t first_units(struct str s, UChar units[UNITS_MAX])
{
    /* No unit takes more than three bytes. A character that is cut in two becomes U+FFFD beyond UNITS_MAX, or is the
     * remains of a text that was no UTF-8. */
    size_t bytes = s.len < 3 * UNITS_MAX ? s.len : 3 * UNITS_MAX;
    while (bytes < s.len && bytes > 0 && ((unsigned char)s.ptr[bytes] & 0xc0) == 0x80) {
        bytes--;
    }
    UErrorCode status = U_ZERO_ERROR;
    int32_t len = 0;
    u_strFromUTF8WithSub(units, UNITS_MAX, &len, s.ptr ? s.ptr : "", (int32_t)bytes, 0xfffd, NULL, &status);
    len = len > UNITS_MAX ? UNITS_MAX : len;
    return len > 0 && U16_IS_LEAD(units[len - 1]) ? len - 1 : len;
}

/* For keys that do not fit: slower, and cut at the right place by ICU. */
static size_t key_by_parts(const UCollator *collator, const UChar *units, int32_t len, unsigned char *key)
{
    UCharIterator iterator;
    uint32_t state[2] = {0, 0};
    UErrorCode status = U_ZERO_ERROR;
    uiter_setString(&iterator, units, len);
    int32_t key_len = ucol_nextSortKeyPart(collator, &iterator, state, key, TEXT_SORT_KEY_MAX, &status);
    return U_SUCCESS(status) ? (size_t)key_len : 0;
}

size_t text_sort_key(struct str lang, struct str s, unsigned char key[TEXT_SORT_KEY_MAX])
{
    UChar units[UNITS_MAX];
    unsigned char whole[WHOLE_KEY_MAX];
    const UCollator *collator = collator_of(lang);
    int32_t len = first_units(s, units);
    int32_t whole_len = ucol_getSortKey(collator, units, len, whole, WHOLE_KEY_MAX);
    if (whole_len > WHOLE_KEY_MAX) {
        return key_by_parts(collator, units, len, key);
    }
    /* The NUL that ends a whole key is left out: a key that is the beginning of another sorts first without it. */
    size_t key_len = whole_len > 0 ? (size_t)whole_len - 1 : 0;
    key_len = key_len < TEXT_SORT_KEY_MAX ? key_len : TEXT_SORT_KEY_MAX;
    memcpy(key, whole, key_len);
    return key_len;
}

/* ---- versions ---- */

/* Kept for the whole process, as the result promises. Languages come from a community's model, so they are few; beyond this
 * many, the root's version is given. */
#define VERSIONS_MAX 64

struct version {
    char lang[LANG_MAX];
    size_t lang_len;
    char text[U_MAX_VERSION_STRING_LENGTH];
};

static pthread_mutex_t versions_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct version versions[VERSIONS_MAX];
static size_t versions_count;

static struct version *find_version(struct str lang)
{
    for (size_t i = 0; i < versions_count; i++) {
        if (str_eq(str_make(versions[i].lang, versions[i].lang_len), lang)) {
            return &versions[i];
        }
    }
    return NULL;
}

static struct version *add_version(struct str lang)
{
    struct version *version = &versions[versions_count++];
    UVersionInfo numbers;
    ucol_getVersion(collator_of(lang), numbers);
    u_versionToString(numbers, version->text);
    if (lang.len > 0) {
        memcpy(version->lang, lang.ptr, lang.len);
    }
    version->lang_len = lang.len;
    return version;
}

struct str text_sort_key_version(struct str lang)
{
    lang = lang.len < LANG_MAX ? lang : STR("");
    pthread_mutex_lock(&versions_mutex);
    struct version *version = find_version(lang);
    if (!version && versions_count >= VERSIONS_MAX - 1) { /* the last place is the root's */
        lang = STR("");
        version = find_version(lang);
    }
    if (!version) {
        version = add_version(lang);
    }
    pthread_mutex_unlock(&versions_mutex);
    return str_from_cstr(version->text);
}
