/* Mustache templates (https://mustache.github.io/mustache.5.html): variables, sections, inverted sections, partials, comments,
 * set delimiters. Precompiled at start; `{{x}}` escapes for HTML always; `{{{x}}}` and `{{&x}}` are refused except for
 * names that end in `_html`, which only the Markdown renderer and templates themselves fill. A template's mistake is reported as FILE:LINE:COLUMN.
 *
 * One addition: `{{_ words }}` is the interface text with that msgid in the page's language (locale/LANG.po), escaped;
 * `{{_ words|name }}` fills `%(name)` in it from the view; `|a|b.c` fills `%(a)` and `%(b.c)`. A msgid missing from a
 * language is a mistake at start, and so is a translation that does not use exactly the names given.
 *
 * Nothing to show, so that an inverted section shows instead: missing, null, false, an empty list, empty text (the number 0
 * is something). A variable right after ` name=` is refused: attributes stand in quotation marks. */
#ifndef MUSUBI_WEB_TEMPLATE_H
#define MUSUBI_WEB_TEMPLATE_H

#include "base/buf.h"
#include "base/value.h"
#include "model/model.h"

struct words; /* the interface's words in every language */

/* Reads the contents of PO files; lang_contents[l] is the file of lang l. On failure the message is
 * "locale/LANG.po:LINE:COLUMN: what is wrong". Fuzzy and empty translations count as missing. */
int words_read(const struct str lang_contents[LANG_COUNT], struct words **ret_words, struct err *err);
void words_free(struct words *words);
/* The text, or the msgid itself when there is none; borrowed. */
struct str words_get(const struct words *words, enum lang lang, struct str msgid);
struct str words_get_plural(const struct words *words, enum lang lang, struct str msgid, struct str msgid_plural,
                            int64_t count);

struct template_file {
    struct str name; /* "list.html" */
    struct str content;
};

struct templates;
/* Compiles all of them (`words` is no longer needed afterwards); partials are other templates by name without ".html". */
int templates_compile(const struct template_file *files, size_t count, const struct words *words,
                      struct templates **ret_templates, struct err *err);
void templates_free(struct templates *templates);
/* Renders `view` with the named template ("list") into out. An unknown name is a bug. Depth of sections and partials is
 * limited to 32; the output by out's maximum. */
int templates_render(const struct templates *templates, struct str name, enum lang lang, const struct value *view,
                     struct buf *out, struct err *err);

/* CommonMark, bare links and ~~deleted~~ to HTML (cmark-gfm, safe mode: no raw HTML, no unsafe links). Over 64 KiB it comes
 * out as plain text. */
struct str markdown_to_html(struct arena *arena, struct str markdown);
/* Its first paragraph without marks, on one line; longer than that many code points it ends at a space (or, where there is none,
 * anywhere) with "…". */
struct str markdown_summary(struct arena *arena, struct str markdown, size_t max_points);

#endif
