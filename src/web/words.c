/* The interface's words: PO files (GNU gettext manual, "The Format of PO Files"), read strictly.
 *
 * What is read: comments, msgid, msgid_plural, msgstr, msgstr[N], strings continued on following lines. Entries marked
 * fuzzy and entries without a translation count as missing; obsolete ones (#~) are comments. msgctxt is refused, as
 * templates have no way to ask for it. The plural rules are those of the languages there are: one form, or one and other. */
#include "base/map.h"
#include "base/memory.h"
#include "web/template_internal.h"

#include <stdlib.h>
#include <string.h>

#define MAX_FORMS 2

struct word {
    struct str forms[MAX_FORMS]; /* forms[0] is msgstr or msgstr[0] */
};

struct language_words {
    struct map by_msgid; /* struct word */
    size_t forms;        /* nplurals of the header */
};

struct words {
    struct arena arena;
    struct language_words languages[LANG_COUNT];
};

/* ---- reading ---- */

enum keyword { KEY_NONE, KEY_MSGID, KEY_MSGID_PLURAL, KEY_MSGSTR };

struct po_entry {
    struct str msgid;
    struct str msgid_plural;
    struct word word;
    bool has_msgid;
    bool has_plural;
    bool has_msgstr;
    bool fuzzy;
};

struct po_reader {
    struct words *words;
    enum lang lang;
    struct str rest;  /* of the content */
    struct str line;  /* the current one, not consumed yet */
    uint32_t number;  /* of the current line */
    struct str *slot; /* what a continuation line adds to */
    struct po_entry entry;
    struct err *err;
};

static int fail(struct po_reader *reader, size_t column, const char *message)
{
    struct str code = lang_codes[reader->lang];
    return err_set(reader->err, ERR_INVALID, "locale/%.*s.po:%u:%zu: %s", STR_ARG(code), (unsigned)reader->number,
                   column + 1, message);
}

static int unescape(struct po_reader *reader, struct str quoted, size_t column, struct str *ret_text)
{
    static const char from[] = "nt\"\\r";
    static const char to[] = "\n\t\"\\\r";
    char *out = arena_alloc(&reader->words->arena, quoted.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < quoted.len; i++) {
        char c = quoted.ptr[i];
        if (c == '"') {
            return fail(reader, column + i, "a quotation mark inside a string must be written as \\\"");
        }
        if (c == '\\') {
            const char *known = i + 1 < quoted.len ? strchr(from, quoted.ptr[i + 1]) : NULL;
            if (!known || *known == '\0') {
                return fail(reader, column + i, "after a backslash, only n, t, r, \" and \\ are allowed");
            }
            c = to[known - from];
            i++;
        }
        out[len++] = c;
    }
    *ret_text = str_make(out, len);
    return 0;
}

/* Adds the string that stands at `column` of the current line to *reader->slot. */
static int read_string(struct po_reader *reader, size_t column)
{
    struct str text = str_trim(str_slice(reader->line, column, reader->line.len));
    struct str unescaped;
    column = text.len > 0 ? (size_t)(text.ptr - reader->line.ptr) : column;
    if (text.len < 2 || text.ptr[0] != '"' || text.ptr[text.len - 1] != '"') {
        return fail(reader, column, "a string in quotation marks is expected here");
    }
    if (unescape(reader, str_slice(text, 1, text.len - 1), column + 1, &unescaped) < 0) {
        return -1;
    }
    *reader->slot = arena_concat(&reader->words->arena, 2, *reader->slot, unescaped);
    return 0;
}

/* The header is the translation of the empty msgid; only its plural rule matters here. */
static int read_header(struct po_reader *reader, struct str header)
{
    struct language_words *language = &reader->words->languages[reader->lang];
    if (str_find(header, STR("nplurals=1;")) != SIZE_MAX && str_find(header, STR("plural=0;")) != SIZE_MAX) {
        language->forms = 1;
    } else if (str_find(header, STR("nplurals=2;")) != SIZE_MAX &&
               (str_find(header, STR("plural=(n != 1);")) != SIZE_MAX ||
                str_find(header, STR("plural=n != 1;")) != SIZE_MAX)) {
        language->forms = 2;
    } else {
        return fail(reader, 0,
                    "the header's Plural-Forms must be 'nplurals=1; plural=0;' or 'nplurals=2; plural=(n != 1);'");
    }
    return 0;
}

static int end_entry(struct po_reader *reader)
{
    struct po_entry *entry = &reader->entry;
    struct language_words *language = &reader->words->languages[reader->lang];
    if (!entry->has_msgid) {
        *entry = (struct po_entry){0};
        return 0;
    }
    if (!entry->has_msgstr) {
        return fail(reader, 0, "the entry that ends here has no msgstr");
    }
    if (entry->msgid.len == 0) {
        if (read_header(reader, entry->word.forms[0]) < 0) {
            return -1;
        }
    } else {
        if (map_get(&language->by_msgid, entry->msgid)) {
            return fail(reader, 0, "the entry that ends here has a msgid that was given before");
        }
        bool complete = !entry->fuzzy && entry->word.forms[0].len > 0;
        if (entry->has_plural && language->forms > 1) {
            complete &= entry->word.forms[1].len > 0;
        }
        if (complete) {
            struct word *word = ARENA_NEW(&reader->words->arena, struct word);
            *word = entry->word;
            map_set(&language->by_msgid, entry->msgid, word);
        }
    }
    *entry = (struct po_entry){0};
    return 0;
}

static int read_msgstr(struct po_reader *reader)
{
    struct po_entry *entry = &reader->entry;
    struct str line = reader->line;
    size_t form = 0;
    size_t column = 6;
    if (!entry->has_msgid) {
        return fail(reader, 0, "msgstr stands before msgid");
    }
    if (line.len > 8 && line.ptr[6] == '[') {
        if (line.ptr[7] < '0' || line.ptr[7] >= '0' + MAX_FORMS || line.ptr[8] != ']' || !entry->has_plural) {
            return fail(reader, 6, "msgstr[0] and, in languages with two forms, msgstr[1] follow msgid_plural");
        }
        form = (size_t)(line.ptr[7] - '0');
        column = 9;
    } else if (entry->has_plural) {
        return fail(reader, 6, "after msgid_plural, msgstr[0] is expected");
    }
    if (entry->word.forms[form].ptr) {
        return fail(reader, 0, "this msgstr is given twice");
    }
    entry->has_msgstr = true;
    entry->word.forms[form] = STR("");
    reader->slot = &entry->word.forms[form];
    return read_string(reader, column);
}

static int read_msgid(struct po_reader *reader)
{
    bool fuzzy = reader->entry.fuzzy && !reader->entry.has_msgid;
    if (reader->entry.has_msgid && end_entry(reader) < 0) {
        return -1;
    }
    reader->entry.fuzzy = fuzzy;
    reader->entry.has_msgid = true;
    reader->entry.msgid = STR("");
    reader->slot = &reader->entry.msgid;
    return read_string(reader, 5);
}

static int read_msgid_plural(struct po_reader *reader)
{
    if (!reader->entry.has_msgid || reader->entry.has_plural || reader->entry.has_msgstr) {
        return fail(reader, 0, "msgid_plural must follow msgid");
    }
    reader->entry.has_plural = true;
    reader->entry.msgid_plural = STR("");
    reader->slot = &reader->entry.msgid_plural;
    return read_string(reader, 12);
}

static int read_line(struct po_reader *reader)
{
    struct str line = reader->line;
    if (str_trim(line).len == 0 || line.ptr[0] == '#') {
        /* A comment belongs to the entry that follows it. */
        if (reader->entry.has_msgstr && end_entry(reader) < 0) {
            return -1;
        }
        if (str_starts_with(line, STR("#,")) && str_find(line, STR("fuzzy")) != SIZE_MAX) {
            reader->entry.fuzzy = true;
        }
        reader->slot = NULL;
        return 0;
    }
    if (line.ptr[0] == '"') {
        return reader->slot ? read_string(reader, 0) : fail(reader, 0, "this string belongs to nothing");
    }
    if (str_starts_with(line, STR("msgid_plural"))) {
        return read_msgid_plural(reader);
    }
    if (str_starts_with(line, STR("msgid"))) {
        return read_msgid(reader);
    }
    if (str_starts_with(line, STR("msgstr"))) {
        return read_msgstr(reader);
    }
    return fail(reader, 0, "a line begins with msgid, msgid_plural, msgstr, a quotation mark or #");
}

static int read_language(struct words *words, enum lang lang, struct str content, struct err *err)
{
    struct po_reader reader = {.words = words, .lang = lang, .rest = content, .err = err};
    struct language_words *language = &words->languages[lang];
    bool done = false;
    map_init(&language->by_msgid, &words->arena);
    if (!str_is_utf8(content)) {
        reader.number = 1;
        return fail(&reader, 0, "the file is not UTF-8");
    }
    while (str_next_part(&reader.rest, '\n', &done, &reader.line)) {
        reader.number++;
        if (str_ends_with(reader.line, STR("\r"))) {
            reader.line.len--;
        }
        if (read_line(&reader) < 0) {
            return -1;
        }
    }
    if (end_entry(&reader) < 0) {
        return -1;
    }
    return language->forms > 0 ? 0 : fail(&reader, 0, "the file has no header (the entry with an empty msgid)");
}

int words_read(const struct str lang_contents[LANG_COUNT], struct words **ret_words, struct err *err)
{
    struct words *words = memory_alloc(sizeof *words);
    memset(words, 0, sizeof *words);
    arena_init(&words->arena, (size_t)64 * 1024 * 1024);
    for (enum lang lang = 0; lang < LANG_COUNT; lang++) {
        if (read_language(words, lang, arena_copy(&words->arena, lang_contents[lang]), err) < 0) {
            words_free(words);
            return -1;
        }
    }
    *ret_words = words;
    return 0;
}

void words_free(struct words *words)
{
    if (words) {
        arena_free(&words->arena);
        free(words);
    }
}

/* ---- asking ---- */

const struct str *words_find(const struct words *words, enum lang lang, struct str msgid)
{
    const struct word *word = words ? map_get(&words->languages[lang].by_msgid, msgid) : NULL;
    return word ? &word->forms[0] : NULL;
}

struct str words_get(const struct words *words, enum lang lang, struct str msgid)
{
    const struct str *text = words_find(words, lang, msgid);
    return text ? *text : msgid;
}

struct str words_get_plural(const struct words *words, enum lang lang, struct str msgid, struct str msgid_plural,
                            int64_t count)
{
    const struct word *word = words ? map_get(&words->languages[lang].by_msgid, msgid) : NULL;
    if (!word) {
        return count == 1 ? msgid : msgid_plural;
    }
    bool other = words->languages[lang].forms > 1 && count != 1 && word->forms[1].len > 0;
    return word->forms[other ? 1 : 0];
}
